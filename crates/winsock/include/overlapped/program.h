// `wmain`, which gets its arguments in wchar_t, and `_tmain`. The C library calls `main` only: a definition of `wmain` becomes one
// of a function of another name, with a `main` before it that calls that.
#ifndef OVERLAPPED_PROGRAM_H
#define OVERLAPPED_PROGRAM_H

#include <overlapped/types.h>

OVERLAPPED_BEGIN
wchar_t **overlapped_wide_arguments(int count, char **arguments);
OVERLAPPED_END

#ifdef __cplusplus
extern "C++" {
template <class Result, class... Parameters>
Result overlapped_result(Result (*)(Parameters...));

template <class Text>
inline int overlapped_start(int (*start)(int, Text *), int count, Text *all) { return start(count, all); }
template <class Text>
inline int overlapped_start(int (*start)(int, const Text *), int count, Text *all) { return start(count, all); }
template <class Text>
inline int overlapped_start(int (*start)(int, Text *, Text *), int count, Text *all) { return start(count, all, all + count); }
template <class Text>
inline int overlapped_start(int (*start)(), int, Text *) { return start(); }
template <class Text>
inline int overlapped_start(void (*start)(int, Text *), int count, Text *all) { return start(count, all), 0; }
template <class Text>
inline int overlapped_start(void (*start)(), int, Text *) { return start(), 0; }
// Arguments that the program does not change.
inline int overlapped_start(int (*start)(int, const wchar_t **), int count, wchar_t **all) { return start(count, (const wchar_t **)all); }
inline int overlapped_start(int (*start)(int, const char **), int count, char **all) { return start(count, (const char **)all); }
}
#define OVERLAPPED_START(start, count, all) overlapped_start(start, count, all)
#define OVERLAPPED_RESULT(start) decltype(overlapped_result(start))
#else
// More arguments than the function takes do no harm.
#define OVERLAPPED_START(start, count, all)                                                                                   \
    ((int (*)(int, __typeof__(all), __typeof__(all)))(void (*)(void))start)(count, all, all + count)
#define OVERLAPPED_RESULT(start) int
#endif

#define wmain(...)                                                                                                            \
    overlapped_wmain(__VA_ARGS__);                                                                                            \
    int main(int overlapped_count, char **overlapped_arguments)                                                               \
    {                                                                                                                         \
        wchar_t **overlapped_all = overlapped_wide_arguments(overlapped_count, overlapped_arguments);                         \
        return OVERLAPPED_START(overlapped_wmain, overlapped_count, overlapped_all);                                          \
    }                                                                                                                         \
    OVERLAPPED_RESULT(overlapped_wmain) overlapped_wmain(__VA_ARGS__)

#if defined(UNICODE) || defined(_UNICODE)
#define _tmain wmain
#else
#define _tmain(...)                                                                                                           \
    overlapped_tmain(__VA_ARGS__);                                                                                            \
    int main(int overlapped_count, char **overlapped_arguments)                                                               \
    {                                                                                                                         \
        return OVERLAPPED_START(overlapped_tmain, overlapped_count, overlapped_arguments);                                    \
    }                                                                                                                         \
    OVERLAPPED_RESULT(overlapped_tmain) overlapped_tmain(__VA_ARGS__)
#endif

#endif
