// Printing and scanning with the sizes of the buffers.
#ifndef OVERLAPPED_CRT_PRINT_H
#define OVERLAPPED_CRT_PRINT_H

#include <overlapped/crt_base.h>
#include <overlapped/formats.h>

// A function with any number of arguments over the one that takes a list.
#define OVERLAPPED_PASS(call)                                                                                                 \
    va_list arguments;                                                                                                        \
    va_start(arguments, format);                                                                                              \
    const int result = call;                                                                                                  \
    va_end(arguments);                                                                                                        \
    return result

OVERLAPPED_INLINE int vsprintf_s(char *buffer, size_t size, const char *format, va_list arguments)
{
    if (!buffer || size == 0 || !format) return overlapped_error(EINVAL), -1;
    const int length = overlapped_vsnprintf(buffer, size, format, arguments);
    if (length >= 0 && (size_t)length < size) return length;
    buffer[0] = 0;
    return overlapped_error(length < 0 ? EINVAL : ERANGE), -1;
}
OVERLAPPED_INLINE int sprintf_s(char *buffer, size_t size, const char *format, ...) { OVERLAPPED_PASS(vsprintf_s(buffer, size, format, arguments)); }

OVERLAPPED_INLINE int _vsnprintf_s(char *buffer, size_t size, size_t count, const char *format, va_list arguments)
{
    if (!buffer && size == 0 && count == 0) return 0;
    if (!buffer || size == 0 || !format) return overlapped_error(EINVAL), -1;
    // With a count, that many are written and it is no error if there would be more.
    const size_t room = count < size ? count + 1 : size;
    const int length = overlapped_vsnprintf(buffer, room, format, arguments);
    if (length >= 0 && (size_t)length < room) return length;
    if (length >= 0 && (count < size || count == _TRUNCATE)) return -1;
    buffer[0] = 0;
    return overlapped_error(length < 0 ? EINVAL : ERANGE), -1;
}
OVERLAPPED_INLINE int _snprintf_s(char *buffer, size_t size, size_t count, const char *format, ...)
{
    OVERLAPPED_PASS(_vsnprintf_s(buffer, size, count, format, arguments));
}
OVERLAPPED_INLINE int vsnprintf_s(char *buffer, size_t size, size_t count, const char *format, va_list arguments)
{
    return _vsnprintf_s(buffer, size, count, format, arguments);
}

// -1 if it does not fit. The text always ends, other than there.
OVERLAPPED_INLINE int _vsnprintf(char *buffer, size_t size, const char *format, va_list arguments)
{
    const int length = overlapped_vsnprintf(buffer, size, format, arguments);
    return length >= 0 && ((size_t)length < size || !buffer) ? length : -1;
}
OVERLAPPED_INLINE int _snprintf(char *buffer, size_t size, const char *format, ...) { OVERLAPPED_PASS(_vsnprintf(buffer, size, format, arguments)); }
OVERLAPPED_INLINE int _vscprintf(const char *format, va_list arguments) { return overlapped_vsnprintf(NULL, 0, format, arguments); }
OVERLAPPED_INLINE int _scprintf(const char *format, ...) { OVERLAPPED_PASS(_vscprintf(format, arguments)); }

OVERLAPPED_INLINE int vswprintf_s(wchar_t *buffer, size_t size, const wchar_t *format, va_list arguments)
{
    if (!buffer || size == 0 || !format) return overlapped_error(EINVAL), -1;
    const int length = overlapped_vswprintf(buffer, size, format, arguments);
    if (length >= 0) return length;
    buffer[0] = 0;
    return overlapped_error(ERANGE), -1;
}
OVERLAPPED_INLINE int swprintf_s(wchar_t *buffer, size_t size, const wchar_t *format, ...) { OVERLAPPED_PASS(vswprintf_s(buffer, size, format, arguments)); }

OVERLAPPED_INLINE int _vsnwprintf_s(wchar_t *buffer, size_t size, size_t count, const wchar_t *format, va_list arguments)
{
    if (!buffer && size == 0 && count == 0) return 0;
    if (!buffer || size == 0 || !format) return overlapped_error(EINVAL), -1;
    const size_t room = count < size ? count + 1 : size;
    const int length = overlapped_vswprintf(buffer, room, format, arguments);
    if (length >= 0) return length;
    if (count < size || count == _TRUNCATE) {
        buffer[room - 1] = 0;
        return -1;
    }
    buffer[0] = 0;
    return overlapped_error(ERANGE), -1;
}
OVERLAPPED_INLINE int _snwprintf_s(wchar_t *buffer, size_t size, size_t count, const wchar_t *format, ...)
{
    OVERLAPPED_PASS(_vsnwprintf_s(buffer, size, count, format, arguments));
}
OVERLAPPED_INLINE int _vsnwprintf(wchar_t *buffer, size_t size, const wchar_t *format, va_list arguments)
{
    return overlapped_vswprintf(buffer, size, format, arguments);
}
OVERLAPPED_INLINE int _snwprintf(wchar_t *buffer, size_t size, const wchar_t *format, ...) { OVERLAPPED_PASS(_vsnwprintf(buffer, size, format, arguments)); }
OVERLAPPED_INLINE int _vscwprintf(const wchar_t *format, va_list arguments) { return overlapped_wide_length(format, arguments); }
OVERLAPPED_INLINE int _scwprintf(const wchar_t *format, ...) { OVERLAPPED_PASS(_vscwprintf(format, arguments)); }

OVERLAPPED_INLINE int vfprintf_s(FILE *file, const char *format, va_list arguments)
{
    if (!file || !format) return overlapped_error(EINVAL), -1;
    return overlapped_vfprintf(file, format, arguments);
}
OVERLAPPED_INLINE int vprintf_s(const char *format, va_list arguments) { return vfprintf_s(stdout, format, arguments); }
OVERLAPPED_INLINE int fprintf_s(FILE *file, const char *format, ...) { OVERLAPPED_PASS(vfprintf_s(file, format, arguments)); }
OVERLAPPED_INLINE int printf_s(const char *format, ...) { OVERLAPPED_PASS(vfprintf_s(stdout, format, arguments)); }
OVERLAPPED_INLINE int vfwprintf_s(FILE *file, const wchar_t *format, va_list arguments)
{
    if (!file || !format) return overlapped_error(EINVAL), -1;
    return overlapped_vfwprintf(file, format, arguments);
}
OVERLAPPED_INLINE int vwprintf_s(const wchar_t *format, va_list arguments) { return vfwprintf_s(stdout, format, arguments); }
OVERLAPPED_INLINE int fwprintf_s(FILE *file, const wchar_t *format, ...) { OVERLAPPED_PASS(vfwprintf_s(file, format, arguments)); }
OVERLAPPED_INLINE int wprintf_s(const wchar_t *format, ...) { OVERLAPPED_PASS(vfwprintf_s(stdout, format, arguments)); }

// A size follows each text that is read.
OVERLAPPED_INLINE int sscanf_s(const char *text, const char *format, ...) { OVERLAPPED_PASS(overlapped_vscan(text, NULL, format, arguments)); }
OVERLAPPED_INLINE int fscanf_s(FILE *file, const char *format, ...) { OVERLAPPED_PASS(overlapped_vscan(NULL, file, format, arguments)); }
OVERLAPPED_INLINE int scanf_s(const char *format, ...) { OVERLAPPED_PASS(overlapped_vscan(NULL, stdin, format, arguments)); }

OVERLAPPED_INLINE char *gets_s(char *buffer, size_t size)
{
    if (!buffer || size == 0 || !fgets(buffer, (int)size, stdin)) {
        if (buffer && size) buffer[0] = 0;
        return NULL;
    }
    const size_t length = strlen(buffer);
    if (length > 0 && buffer[length - 1] == '\n') buffer[length - 1] = 0;
    return buffer;
}

OVERLAPPED_INLINE int overlapped_fputws(const wchar_t *text, FILE *file) { return overlapped_put_wide(file, text, text ? wcslen(text) : 0); }
OVERLAPPED_INLINE wint_t overlapped_fputwc(wchar_t character, FILE *file)
{
    return overlapped_put_wide(file, &character, 1) == 0 ? (wint_t)character : WEOF;
}
OVERLAPPED_INLINE int overlapped_swprintf(wchar_t *buffer, size_t size, const wchar_t *format, ...)
{
    OVERLAPPED_PASS(overlapped_vswprintf(buffer, size, format, arguments));
}

// The standard's functions for wide texts mean something else by `%s` here, and print nothing once narrow texts have been printed.
// So that programs get what they know, the names are those of ours; who has the C library's in mind undefines them.
#ifndef OVERLAPPED_NO_WIDE_PRINT
#undef wprintf
#undef fwprintf
#undef swprintf
#undef vwprintf
#undef vfwprintf
#undef vswprintf
#undef fputws
#undef fputwc
#undef putwc
#undef putwchar
#define wprintf wprintf_s
#define fwprintf fwprintf_s
#define swprintf overlapped_swprintf
#define vwprintf vwprintf_s
#define vfwprintf vfwprintf_s
#define vswprintf overlapped_vswprintf
#define fputws overlapped_fputws
#define fputwc overlapped_fputwc
#define putwc overlapped_fputwc
#define putwchar(character) overlapped_fputwc(character, stdout)
#define _putws(text) overlapped_wide_line(text)
OVERLAPPED_INLINE int overlapped_wide_line(const wchar_t *text)
{
    return overlapped_fputws(text, stdout) == 0 && overlapped_fputwc(L'\n', stdout) != WEOF ? 0 : -1;
}
#ifdef __cplusplus
namespace std {
using ::fwprintf_s;
using ::overlapped_fputwc;
using ::overlapped_fputws;
using ::overlapped_swprintf;
using ::overlapped_vswprintf;
using ::vfwprintf_s;
using ::vwprintf_s;
using ::wprintf_s;
}
#endif
#endif

#ifdef __cplusplus
extern "C++" {
template <size_t Size>
inline int sprintf_s(char (&buffer)[Size], const char *format, ...) { OVERLAPPED_PASS(vsprintf_s(buffer, Size, format, arguments)); }
template <size_t Size>
inline int vsprintf_s(char (&buffer)[Size], const char *format, va_list arguments) { return vsprintf_s(buffer, Size, format, arguments); }
template <size_t Size>
inline int _snprintf_s(char (&buffer)[Size], size_t count, const char *format, ...)
{
    OVERLAPPED_PASS(_vsnprintf_s(buffer, Size, count, format, arguments));
}
template <size_t Size>
inline int _vsnprintf_s(char (&buffer)[Size], size_t count, const char *format, va_list arguments)
{
    return _vsnprintf_s(buffer, Size, count, format, arguments);
}
template <size_t Size>
inline int swprintf_s(wchar_t (&buffer)[Size], const wchar_t *format, ...) { OVERLAPPED_PASS(vswprintf_s(buffer, Size, format, arguments)); }
template <size_t Size>
inline int vswprintf_s(wchar_t (&buffer)[Size], const wchar_t *format, va_list arguments) { return vswprintf_s(buffer, Size, format, arguments); }
template <size_t Size>
inline int _snwprintf_s(wchar_t (&buffer)[Size], size_t count, const wchar_t *format, ...)
{
    OVERLAPPED_PASS(_vsnwprintf_s(buffer, Size, count, format, arguments));
}
template <size_t Size>
inline int _vsnwprintf_s(wchar_t (&buffer)[Size], size_t count, const wchar_t *format, va_list arguments)
{
    return _vsnwprintf_s(buffer, Size, count, format, arguments);
}
template <size_t Size>
inline char *gets_s(char (&buffer)[Size]) { return gets_s(buffer, Size); }
}
#endif

#endif
