// Texts with the sizes of their buffers.
#ifndef OVERLAPPED_CRT_TEXT_H
#define OVERLAPPED_CRT_TEXT_H

#include <overlapped/crt_base.h>
#include <locale.h>
#include <strings.h>

// For both kinds of characters: copying and joining. `_TRUNCATE` as the count takes what fits.
#define OVERLAPPED_TEXT(Char, copy, copy_some, join, join_some, length, length_up_to)                                         \
    OVERLAPPED_INLINE errno_t copy##_at(Char *to, rsize_t size, rsize_t at, const Char *from, rsize_t count, int cut)         \
    {                                                                                                                         \
        if (!to || size == 0) return overlapped_error(EINVAL);                                                                \
        if (!from) {                                                                                                          \
            to[0] = 0;                                                                                                        \
            return count == 0 && cut ? 0 : overlapped_error(EINVAL);                                                          \
        }                                                                                                                     \
        const size_t long_as = count == _TRUNCATE ? length(from) : length_up_to(from, count);                                 \
        if (at < size && long_as < size - at) {                                                                               \
            memmove(to + at, from, long_as * sizeof(Char));                                                                   \
            to[at + long_as] = 0;                                                                                             \
            return 0;                                                                                                         \
        }                                                                                                                     \
        if (cut && count == _TRUNCATE && at < size) {                                                                         \
            memmove(to + at, from, (size - at - 1) * sizeof(Char));                                                           \
            to[size - 1] = 0;                                                                                                 \
            return STRUNCATE;                                                                                                 \
        }                                                                                                                     \
        to[0] = 0;                                                                                                            \
        return overlapped_error(at < size ? ERANGE : EINVAL);                                                                 \
    }                                                                                                                         \
    OVERLAPPED_INLINE errno_t copy(Char *to, rsize_t size, const Char *from)                                                  \
    {                                                                                                                         \
        return copy##_at(to, size, 0, from, _TRUNCATE, 0);                                                                    \
    }                                                                                                                         \
    OVERLAPPED_INLINE errno_t copy_some(Char *to, rsize_t size, const Char *from, rsize_t count)                              \
    {                                                                                                                         \
        return copy##_at(to, size, 0, from, count, 1);                                                                        \
    }                                                                                                                         \
    OVERLAPPED_INLINE errno_t join(Char *to, rsize_t size, const Char *from)                                                  \
    {                                                                                                                         \
        return copy##_at(to, size, to ? length_up_to(to, size) : 0, from, _TRUNCATE, 0);                                      \
    }                                                                                                                         \
    OVERLAPPED_INLINE errno_t join_some(Char *to, rsize_t size, const Char *from, rsize_t count)                              \
    {                                                                                                                         \
        return copy##_at(to, size, to ? length_up_to(to, size) : 0, from, count, 1);                                          \
    }
OVERLAPPED_TEXT(char, strcpy_s, strncpy_s, strcat_s, strncat_s, strlen, strnlen)
OVERLAPPED_TEXT(wchar_t, wcscpy_s, wcsncpy_s, wcscat_s, wcsncat_s, wcslen, wcsnlen)
#undef OVERLAPPED_TEXT

#ifdef __cplusplus
extern "C++" {
#define OVERLAPPED_ARRAY(Char, copy, copy_some, join, join_some)                                                              \
    template <size_t Size>                                                                                                    \
    inline errno_t copy(Char (&to)[Size], const Char *from) { return copy(to, Size, from); }                                  \
    template <size_t Size>                                                                                                    \
    inline errno_t copy_some(Char (&to)[Size], const Char *from, size_t count) { return copy_some(to, Size, from, count); }   \
    template <size_t Size>                                                                                                    \
    inline errno_t join(Char (&to)[Size], const Char *from) { return join(to, Size, from); }                                  \
    template <size_t Size>                                                                                                    \
    inline errno_t join_some(Char (&to)[Size], const Char *from, size_t count) { return join_some(to, Size, from, count); }
OVERLAPPED_ARRAY(char, strcpy_s, strncpy_s, strcat_s, strncat_s)
OVERLAPPED_ARRAY(wchar_t, wcscpy_s, wcsncpy_s, wcscat_s, wcsncat_s)
#undef OVERLAPPED_ARRAY
}
#endif

OVERLAPPED_INLINE errno_t memcpy_s(void *to, rsize_t size, const void *from, rsize_t count)
{
    if (count == 0) return 0;
    if (!to) return overlapped_error(EINVAL);
    if (!from || size < count) {
        memset(to, 0, size);
        return overlapped_error(from ? ERANGE : EINVAL);
    }
    memcpy(to, from, count);
    return 0;
}
OVERLAPPED_INLINE errno_t memmove_s(void *to, rsize_t size, const void *from, rsize_t count)
{
    if (count == 0) return 0;
    if (!to || !from) return overlapped_error(EINVAL);
    if (size < count) return overlapped_error(ERANGE);
    memmove(to, from, count);
    return 0;
}
OVERLAPPED_INLINE errno_t wmemcpy_s(wchar_t *to, rsize_t size, const wchar_t *from, rsize_t count)
{
    return memcpy_s(to, size * sizeof(wchar_t), from, count * sizeof(wchar_t));
}

OVERLAPPED_INLINE char *strtok_s(char *text, const char *separators, char **rest)
{
    if (!separators || !rest || (!text && !*rest)) {
        errno = EINVAL;
        return NULL;
    }
    return strtok_r(text, separators, rest);
}
OVERLAPPED_INLINE wchar_t *wcstok_s(wchar_t *text, const wchar_t *separators, wchar_t **rest)
{
    if (!separators || !rest || (!text && !*rest)) {
        errno = EINVAL;
        return NULL;
    }
    return wcstok(text, separators, rest);
}
OVERLAPPED_INLINE size_t strnlen_s(const char *text, size_t most) { return text ? strnlen(text, most) : 0; }
OVERLAPPED_INLINE size_t wcsnlen_s(const wchar_t *text, size_t most) { return text ? wcsnlen(text, most) : 0; }

OVERLAPPED_INLINE char *_strdup(const char *text) { return text ? strdup(text) : NULL; }
OVERLAPPED_INLINE wchar_t *_wcsdup(const wchar_t *text)
{
    if (!text) return NULL;
    const size_t size = (wcslen(text) + 1) * sizeof(wchar_t);
    wchar_t *copy = (wchar_t *)malloc(size);
    return copy ? (wchar_t *)memcpy(copy, text, size) : NULL;
}

OVERLAPPED_INLINE int _stricmp(const char *one, const char *other) { return strcasecmp(one, other); }
OVERLAPPED_INLINE int _strnicmp(const char *one, const char *other, size_t count) { return strncasecmp(one, other, count); }
OVERLAPPED_INLINE int _wcsnicmp(const wchar_t *one, const wchar_t *other, size_t count)
{
    for (; count > 0; ++one, ++other, --count) {
        const wint_t a = towlower((wint_t)*one), b = towlower((wint_t)*other);
        if (a != b) return a < b ? -1 : 1;
        if (!a) break;
    }
    return 0;
}
OVERLAPPED_INLINE int _wcsicmp(const wchar_t *one, const wchar_t *other) { return _wcsnicmp(one, other, (size_t)-1); }
OVERLAPPED_INLINE int _memicmp(const void *one, const void *other, size_t count)
{
    const unsigned char *a = (const unsigned char *)one, *b = (const unsigned char *)other;
    for (; count > 0; ++a, ++b, --count) {
        const int difference = tolower(*a) - tolower(*b);
        if (difference) return difference;
    }
    return 0;
}
#define _stricoll _stricmp
#define stricmp _stricmp
#define strcmpi _stricmp
#define strnicmp _strnicmp
#define wcsicmp _wcsicmp
#define wcsnicmp _wcsnicmp
#define lstrcmpiA _stricmp
#define lstrcmpiW _wcsicmp
#ifdef UNICODE
#define lstrcmpi lstrcmpiW
#else
#define lstrcmpi lstrcmpiA
#endif

OVERLAPPED_INLINE char *_strlwr(char *text)
{
    for (char *at = text; at && *at; ++at) *at = (char)tolower((unsigned char)*at);
    return text;
}
OVERLAPPED_INLINE char *_strupr(char *text)
{
    for (char *at = text; at && *at; ++at) *at = (char)toupper((unsigned char)*at);
    return text;
}
OVERLAPPED_INLINE wchar_t *_wcslwr(wchar_t *text)
{
    for (wchar_t *at = text; at && *at; ++at) *at = (wchar_t)towlower((wint_t)*at);
    return text;
}
OVERLAPPED_INLINE wchar_t *_wcsupr(wchar_t *text)
{
    for (wchar_t *at = text; at && *at; ++at) *at = (wchar_t)towupper((wint_t)*at);
    return text;
}
OVERLAPPED_INLINE char *_strrev(char *text)
{
    if (text && *text) {
        for (char *from = text, *to = text + strlen(text) - 1; from < to; ++from, --to) {
            const char kept = *from;
            *from = *to;
            *to = kept;
        }
    }
    return text;
}
OVERLAPPED_INLINE errno_t _strlwr_s(char *text, size_t size) { return text && strnlen(text, size) < size ? (_strlwr(text), 0) : overlapped_error(EINVAL); }
OVERLAPPED_INLINE errno_t _strupr_s(char *text, size_t size) { return text && strnlen(text, size) < size ? (_strupr(text), 0) : overlapped_error(EINVAL); }

OVERLAPPED_INLINE errno_t strerror_s(char *buffer, size_t size, int error)
{
    if (!buffer || size == 0) return overlapped_error(EINVAL);
    snprintf(buffer, size, "%s", strerror(error));
    return 0;
}
#ifdef __cplusplus
extern "C++" template <size_t Size>
inline errno_t strerror_s(char (&buffer)[Size], int error)
{
    return strerror_s(buffer, Size, error);
}
#endif

OVERLAPPED_INLINE wchar_t *_wsetlocale(int category, const wchar_t *name)
{
    static OVERLAPPED_THREAD_LOCAL wchar_t answer[128];
    char narrow[128];
    if (name && snprintf(narrow, sizeof narrow, "%ls", name) < 0) return NULL;
    const char *set = setlocale(category, name ? narrow : NULL);
    return set && swprintf(answer, 128, L"%s", set) >= 0 ? answer : NULL;
}

// Between the two kinds of characters, as the locale has them.
OVERLAPPED_INLINE errno_t mbstowcs_s(size_t *converted, wchar_t *to, size_t size, const char *from, size_t count)
{
    if (converted) *converted = 0;
    if (!from || (!to && size) || (to && !size)) return overlapped_error(EINVAL);
    const size_t most = count < size ? count : size ? size - 1 : 0;
    const size_t result = mbstowcs(to, from, most);
    if (result == (size_t)-1) {
        if (to) to[0] = 0;
        return overlapped_error(EILSEQ);
    }
    if (to) {
        const int whole = result < most || mbstowcs(NULL, from, 0) <= most;
        to[result] = 0;
        if (!whole && count != _TRUNCATE && count > most) {
            to[0] = 0;
            return overlapped_error(ERANGE);
        }
        if (converted) *converted = result + 1;
        return whole || count != _TRUNCATE ? 0 : STRUNCATE;
    }
    if (converted) *converted = result + 1;
    return 0;
}
OVERLAPPED_INLINE errno_t wcstombs_s(size_t *converted, char *to, size_t size, const wchar_t *from, size_t count)
{
    if (converted) *converted = 0;
    if (!from || (!to && size) || (to && !size)) return overlapped_error(EINVAL);
    const size_t most = count < size ? count : size ? size - 1 : 0;
    const size_t result = wcstombs(to, from, most);
    if (result == (size_t)-1) {
        if (to) to[0] = 0;
        return overlapped_error(EILSEQ);
    }
    if (to) {
        const int whole = result < most || wcstombs(NULL, from, 0) <= most;
        to[result] = 0;
        if (!whole && count != _TRUNCATE && count > most) {
            to[0] = 0;
            return overlapped_error(ERANGE);
        }
        if (converted) *converted = result + 1;
        return whole || count != _TRUNCATE ? 0 : STRUNCATE;
    }
    if (converted) *converted = result + 1;
    return 0;
}

#endif
