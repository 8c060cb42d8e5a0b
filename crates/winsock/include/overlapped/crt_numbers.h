// Numbers as texts, and back.
#ifndef OVERLAPPED_CRT_NUMBERS_H
#define OVERLAPPED_CRT_NUMBERS_H

#include <overlapped/crt_base.h>
#include <overlapped/crt_text.h>

// Writes a number; the sign is written in base ten only, as there. ERANGE if it does not fit.
OVERLAPPED_INLINE errno_t overlapped_number_text(unsigned long long number, int negative, char *buffer, size_t size, int radix)
{
    char digits[66];
    size_t count = 0;
    if (!buffer || size == 0) return overlapped_error(EINVAL);
    buffer[0] = 0;
    if (radix < 2 || radix > 36) return overlapped_error(EINVAL);
    do {
        digits[count++] = "0123456789abcdefghijklmnopqrstuvwxyz"[number % (unsigned)radix];
        number /= (unsigned)radix;
    } while (number);
    if (negative) digits[count++] = '-';
    if (count >= size) return overlapped_error(ERANGE);
    for (size_t at = 0; at < count; ++at) buffer[at] = digits[count - 1 - at];
    buffer[count] = 0;
    return 0;
}
OVERLAPPED_INLINE errno_t _i64toa_s(long long number, char *buffer, size_t size, int radix)
{
    const int negative = number < 0 && radix == 10;
    return overlapped_number_text(negative ? 0 - (unsigned long long)number : (unsigned long long)number, negative, buffer, size, radix);
}
OVERLAPPED_INLINE errno_t _ui64toa_s(unsigned long long number, char *buffer, size_t size, int radix)
{
    return overlapped_number_text(number, 0, buffer, size, radix);
}
OVERLAPPED_INLINE errno_t _itoa_s(int number, char *buffer, size_t size, int radix)
{
    return number < 0 && radix != 10 ? _ui64toa_s((unsigned)number, buffer, size, radix) : _i64toa_s(number, buffer, size, radix);
}
OVERLAPPED_INLINE errno_t _ltoa_s(long number, char *buffer, size_t size, int radix) { return _itoa_s((int)number, buffer, size, radix); }
OVERLAPPED_INLINE errno_t _ultoa_s(unsigned long number, char *buffer, size_t size, int radix)
{
    return _ui64toa_s((unsigned)number, buffer, size, radix);
}
OVERLAPPED_INLINE char *_itoa(int number, char *buffer, int radix) { return _itoa_s(number, buffer, 66, radix), buffer; }
OVERLAPPED_INLINE char *_ltoa(long number, char *buffer, int radix) { return _ltoa_s(number, buffer, 66, radix), buffer; }
OVERLAPPED_INLINE char *_ultoa(unsigned long number, char *buffer, int radix) { return _ultoa_s(number, buffer, 66, radix), buffer; }
OVERLAPPED_INLINE char *_i64toa(long long number, char *buffer, int radix) { return _i64toa_s(number, buffer, 66, radix), buffer; }
OVERLAPPED_INLINE char *_ui64toa(unsigned long long number, char *buffer, int radix) { return _ui64toa_s(number, buffer, 66, radix), buffer; }
#define itoa _itoa
#define ltoa _ltoa

OVERLAPPED_INLINE errno_t _itow_s(int number, wchar_t *buffer, size_t size, int radix)
{
    char narrow[67];
    if (!buffer || size == 0) return overlapped_error(EINVAL);
    const errno_t error = _itoa_s(number, narrow, sizeof narrow, radix);
    buffer[0] = 0;
    if (error) return error;
    const size_t length = strlen(narrow);
    if (length >= size) return overlapped_error(ERANGE);
    for (size_t at = 0; at <= length; ++at) buffer[at] = (wchar_t)narrow[at];
    return 0;
}
OVERLAPPED_INLINE wchar_t *_itow(int number, wchar_t *buffer, int radix) { return _itow_s(number, buffer, 67, radix), buffer; }

OVERLAPPED_INLINE int _wtoi(const wchar_t *text) { return text ? (int)wcstol(text, NULL, 10) : 0; }
OVERLAPPED_INLINE long _wtol(const wchar_t *text) { return text ? wcstol(text, NULL, 10) : 0; }
OVERLAPPED_INLINE long long _wtoi64(const wchar_t *text) { return text ? wcstoll(text, NULL, 10) : 0; }
OVERLAPPED_INLINE double _wtof(const wchar_t *text) { return text ? wcstod(text, NULL) : 0; }
OVERLAPPED_INLINE long long _atoi64(const char *text) { return text ? strtoll(text, NULL, 10) : 0; }
#define _strtoi64 strtoll
#define _strtoui64 strtoull
#define _wcstoi64 wcstoll
#define _wcstoui64 wcstoull

#ifdef __cplusplus
extern "C++" {
template <size_t Size>
inline errno_t _itoa_s(int number, char (&buffer)[Size], int radix) { return _itoa_s(number, buffer, Size, radix); }
template <size_t Size>
inline errno_t _i64toa_s(long long number, char (&buffer)[Size], int radix) { return _i64toa_s(number, buffer, Size, radix); }
template <size_t Size>
inline errno_t _ui64toa_s(unsigned long long number, char (&buffer)[Size], int radix) { return _ui64toa_s(number, buffer, Size, radix); }
template <size_t Size>
inline errno_t _itow_s(int number, wchar_t (&buffer)[Size], int radix) { return _itow_s(number, buffer, Size, radix); }
}
#endif

OVERLAPPED_INLINE unsigned _rotl(unsigned number, int count) { return number << (count & 31) | number >> (-count & 31); }
OVERLAPPED_INLINE unsigned _rotr(unsigned number, int count) { return number >> (count & 31) | number << (-count & 31); }
OVERLAPPED_INLINE errno_t rand_s(unsigned *number)
{
    if (!number) return overlapped_error(EINVAL);
    FILE *source = fopen("/dev/urandom", "rb");
    const size_t got = source ? fread(number, sizeof *number, 1, source) : 0;
    if (source) fclose(source);
    return got == 1 ? 0 : overlapped_error(ENOMEM);
}

#endif
