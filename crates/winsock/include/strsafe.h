// Texts with the sizes of their buffers, in characters (StringCch...) or bytes (StringCb...). What does not fit is cut off, the
// text always ends, and the result says so.
#ifndef _STRSAFE_H_INCLUDED_
#define _STRSAFE_H_INCLUDED_

#include <overlapped/crt_base.h>
#include <overlapped/formats.h>
#include <overlapped/results.h>

#define STRSAFE_MAX_CCH 2147483647
#define STRSAFE_E_INSUFFICIENT_BUFFER ((HRESULT)0x8007007A)
#define STRSAFE_E_INVALID_PARAMETER ((HRESULT)0x80070057)
#define STRSAFE_E_END_OF_FILE ((HRESULT)0x80070026)

// For one kind of characters.
#define OVERLAPPED_SAFE(Letter, Char, length_up_to, print)                                                                    \
    OVERLAPPED_INLINE HRESULT StringCchLength##Letter(const Char *text, size_t most, size_t *length)                          \
    {                                                                                                                         \
        if (length) *length = 0;                                                                                              \
        if (!text || most > STRSAFE_MAX_CCH) return STRSAFE_E_INVALID_PARAMETER;                                              \
        const size_t count = length_up_to(text, most);                                                                        \
        if (count == most) return STRSAFE_E_INVALID_PARAMETER;                                                                \
        if (length) *length = count;                                                                                          \
        return S_OK;                                                                                                          \
    }                                                                                                                         \
    OVERLAPPED_INLINE HRESULT StringCchCopyN##Letter(Char *to, size_t size, const Char *from, size_t most)                    \
    {                                                                                                                         \
        if (!to || size == 0 || size > STRSAFE_MAX_CCH || most > STRSAFE_MAX_CCH) return STRSAFE_E_INVALID_PARAMETER;         \
        const size_t count = from ? length_up_to(from, most) : 0;                                                             \
        const size_t fits = count < size ? count : size - 1;                                                                  \
        if (fits) memmove(to, from, fits * sizeof(Char));                                                                     \
        to[fits] = 0;                                                                                                         \
        return fits < count ? STRSAFE_E_INSUFFICIENT_BUFFER : S_OK;                                                           \
    }                                                                                                                         \
    OVERLAPPED_INLINE HRESULT StringCchCopy##Letter(Char *to, size_t size, const Char *from)                                  \
    {                                                                                                                         \
        return StringCchCopyN##Letter(to, size, from, STRSAFE_MAX_CCH);                                                       \
    }                                                                                                                         \
    OVERLAPPED_INLINE HRESULT StringCchCatN##Letter(Char *to, size_t size, const Char *from, size_t most)                     \
    {                                                                                                                         \
        if (!to || size == 0 || size > STRSAFE_MAX_CCH) return STRSAFE_E_INVALID_PARAMETER;                                   \
        const size_t before = length_up_to(to, size);                                                                         \
        if (before == size) return STRSAFE_E_INVALID_PARAMETER;                                                               \
        return StringCchCopyN##Letter(to + before, size - before, from, most);                                                \
    }                                                                                                                         \
    OVERLAPPED_INLINE HRESULT StringCchCat##Letter(Char *to, size_t size, const Char *from)                                   \
    {                                                                                                                         \
        return StringCchCatN##Letter(to, size, from, STRSAFE_MAX_CCH);                                                        \
    }                                                                                                                         \
    OVERLAPPED_INLINE HRESULT StringCchVPrintf##Letter(Char *to, size_t size, const Char *format, va_list arguments)          \
    {                                                                                                                         \
        if (!to || size == 0 || size > STRSAFE_MAX_CCH || !format) return STRSAFE_E_INVALID_PARAMETER;                        \
        to[size - 1] = 0;                                                                                                     \
        const int length = print(to, size, format, arguments);                                                                \
        if (length >= 0 && (size_t)length < size) return S_OK;                                                                \
        to[size - 1] = 0;                                                                                                     \
        return STRSAFE_E_INSUFFICIENT_BUFFER;                                                                                 \
    }                                                                                                                         \
    OVERLAPPED_INLINE HRESULT StringCchPrintf##Letter(Char *to, size_t size, const Char *format, ...)                         \
    {                                                                                                                         \
        va_list arguments;                                                                                                    \
        va_start(arguments, format);                                                                                          \
        const HRESULT result = StringCchVPrintf##Letter(to, size, format, arguments);                                         \
        va_end(arguments);                                                                                                    \
        return result;                                                                                                        \
    }                                                                                                                         \
    OVERLAPPED_INLINE HRESULT StringCchPrintfEx##Letter(Char *to, size_t size, Char **end, size_t *left, DWORD flags,         \
                                                        const Char *format, ...)                                              \
    {                                                                                                                         \
        if (flags) return STRSAFE_E_INVALID_PARAMETER;                                                                        \
        va_list arguments;                                                                                                    \
        va_start(arguments, format);                                                                                          \
        const HRESULT result = StringCchVPrintf##Letter(to, size, format, arguments);                                         \
        va_end(arguments);                                                                                                    \
        if (result == STRSAFE_E_INVALID_PARAMETER) return result;                                                             \
        const size_t count = length_up_to(to, size);                                                                          \
        if (end) *end = to + count;                                                                                           \
        if (left) *left = size - count;                                                                                       \
        return result;                                                                                                        \
    }                                                                                                                         \
    OVERLAPPED_INLINE HRESULT StringCbLength##Letter(const Char *text, size_t most, size_t *length)                           \
    {                                                                                                                         \
        const HRESULT result = StringCchLength##Letter(text, most / sizeof(Char), length);                                    \
        if (length) *length *= sizeof(Char);                                                                                  \
        return result;                                                                                                        \
    }                                                                                                                         \
    OVERLAPPED_INLINE HRESULT StringCbCopy##Letter(Char *to, size_t size, const Char *from)                                   \
    {                                                                                                                         \
        return StringCchCopy##Letter(to, size / sizeof(Char), from);                                                          \
    }                                                                                                                         \
    OVERLAPPED_INLINE HRESULT StringCbCopyN##Letter(Char *to, size_t size, const Char *from, size_t most)                     \
    {                                                                                                                         \
        return StringCchCopyN##Letter(to, size / sizeof(Char), from, most / sizeof(Char));                                    \
    }                                                                                                                         \
    OVERLAPPED_INLINE HRESULT StringCbCat##Letter(Char *to, size_t size, const Char *from)                                    \
    {                                                                                                                         \
        return StringCchCat##Letter(to, size / sizeof(Char), from);                                                           \
    }                                                                                                                         \
    OVERLAPPED_INLINE HRESULT StringCbCatN##Letter(Char *to, size_t size, const Char *from, size_t most)                      \
    {                                                                                                                         \
        return StringCchCatN##Letter(to, size / sizeof(Char), from, most / sizeof(Char));                                     \
    }                                                                                                                         \
    OVERLAPPED_INLINE HRESULT StringCbVPrintf##Letter(Char *to, size_t size, const Char *format, va_list arguments)           \
    {                                                                                                                         \
        return StringCchVPrintf##Letter(to, size / sizeof(Char), format, arguments);                                          \
    }                                                                                                                         \
    OVERLAPPED_INLINE HRESULT StringCbPrintf##Letter(Char *to, size_t size, const Char *format, ...)                          \
    {                                                                                                                         \
        va_list arguments;                                                                                                    \
        va_start(arguments, format);                                                                                          \
        const HRESULT result = StringCbVPrintf##Letter(to, size, format, arguments);                                          \
        va_end(arguments);                                                                                                    \
        return result;                                                                                                        \
    }
OVERLAPPED_SAFE(A, char, strnlen, overlapped_vsnprintf)
OVERLAPPED_SAFE(W, wchar_t, wcsnlen, overlapped_vswprintf)
#undef OVERLAPPED_SAFE

#ifdef UNICODE
#define StringCchLength StringCchLengthW
#define StringCchCopy StringCchCopyW
#define StringCchCopyN StringCchCopyNW
#define StringCchCat StringCchCatW
#define StringCchCatN StringCchCatNW
#define StringCchPrintf StringCchPrintfW
#define StringCchPrintfEx StringCchPrintfExW
#define StringCchVPrintf StringCchVPrintfW
#define StringCbLength StringCbLengthW
#define StringCbCopy StringCbCopyW
#define StringCbCopyN StringCbCopyNW
#define StringCbCat StringCbCatW
#define StringCbCatN StringCbCatNW
#define StringCbPrintf StringCbPrintfW
#define StringCbVPrintf StringCbVPrintfW
#else
#define StringCchLength StringCchLengthA
#define StringCchCopy StringCchCopyA
#define StringCchCopyN StringCchCopyNA
#define StringCchCat StringCchCatA
#define StringCchCatN StringCchCatNA
#define StringCchPrintf StringCchPrintfA
#define StringCchPrintfEx StringCchPrintfExA
#define StringCchVPrintf StringCchVPrintfA
#define StringCbLength StringCbLengthA
#define StringCbCopy StringCbCopyA
#define StringCbCopyN StringCbCopyNA
#define StringCbCat StringCbCatA
#define StringCbCatN StringCbCatNA
#define StringCbPrintf StringCbPrintfA
#define StringCbVPrintf StringCbVPrintfA
#endif

#endif
