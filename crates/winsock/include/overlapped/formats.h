// Printing and scanning as Microsoft's C library reads formats: `%s` of a wide format is a wide text, `%I64d` is known, and `%ld`
// is a number of 32 bits. The library puts the format into this C library's words.
#ifndef OVERLAPPED_FORMATS_H
#define OVERLAPPED_FORMATS_H

#include <overlapped/types.h>

#define OVERLAPPED_FORMAT_ROOM 256
#define OVERLAPPED_SCANS 24

OVERLAPPED_BEGIN
size_t overlapped_print_format(const char *format, char *buffer, size_t room);
size_t overlapped_wide_print_format(const wchar_t *format, wchar_t *buffer, size_t room);
size_t overlapped_scan_format(const char *format, const unsigned *sizes, unsigned char *texts, size_t most, char *buffer, size_t room);
void *overlapped_locale_begin(void);
void overlapped_locale_end(void *before);
int overlapped_put_wide(FILE *file, const wchar_t *text, size_t length);
OVERLAPPED_END

// A format in the C library's words, in the room or in memory that is to be freed; null if there is none.
OVERLAPPED_INLINE char *overlapped_format(const char *format, char *room)
{
    const size_t length = overlapped_print_format(format, room, OVERLAPPED_FORMAT_ROOM);
    char *own = length < OVERLAPPED_FORMAT_ROOM ? room : (char *)malloc(length + 1);
    if (own && own != room) overlapped_print_format(format, own, length + 1);
    return own;
}
OVERLAPPED_INLINE wchar_t *overlapped_wide_format(const wchar_t *format, wchar_t *room)
{
    const size_t length = overlapped_wide_print_format(format, room, OVERLAPPED_FORMAT_ROOM);
    wchar_t *own = length < OVERLAPPED_FORMAT_ROOM ? room : (wchar_t *)malloc((length + 1) * sizeof(wchar_t));
    if (own && own != room) overlapped_wide_print_format(format, own, length + 1);
    return own;
}

// As vsnprintf: the length that the whole text has.
OVERLAPPED_INLINE int overlapped_vsnprintf(char *buffer, size_t size, const char *format, va_list arguments)
{
    char room[OVERLAPPED_FORMAT_ROOM], *own = overlapped_format(format, room);
    if (!own) return -1;
    void *before = overlapped_locale_begin();
    const int result = vsnprintf(buffer, size, own, arguments);
    overlapped_locale_end(before);
    if (own != room) free(own);
    return result;
}

OVERLAPPED_INLINE int overlapped_vfprintf(FILE *file, const char *format, va_list arguments)
{
    char room[OVERLAPPED_FORMAT_ROOM], *own = overlapped_format(format, room);
    if (!own) return -1;
    void *before = overlapped_locale_begin();
    const int result = vfprintf(file, own, arguments);
    overlapped_locale_end(before);
    if (own != room) free(own);
    return result;
}

// As vswprintf: -1 if it does not fit.
OVERLAPPED_INLINE int overlapped_vswprintf(wchar_t *buffer, size_t size, const wchar_t *format, va_list arguments)
{
    wchar_t room[OVERLAPPED_FORMAT_ROOM], *own = overlapped_wide_format(format, room);
    if (!own) return -1;
    void *before = overlapped_locale_begin();
    const int result = vswprintf(buffer, size, own, arguments);
    overlapped_locale_end(before);
    if (own != room) free(own);
    return result;
}

// The whole text, in memory that is to be freed; null for an error. The C library tells the length of what fits only.
OVERLAPPED_INLINE wchar_t *overlapped_wide_text(const wchar_t *format, va_list arguments, int *length)
{
    size_t size = 512;
    for (;;) {
        wchar_t *buffer = (wchar_t *)malloc(size * sizeof(wchar_t));
        if (!buffer) return NULL;
        va_list again;
        va_copy(again, arguments);
        *length = overlapped_vswprintf(buffer, size, format, again);
        va_end(again);
        if (*length >= 0) return buffer;
        free(buffer);
        if (size > 0x1000000) return NULL;
        size *= 4;
    }
}
OVERLAPPED_INLINE int overlapped_wide_length(const wchar_t *format, va_list arguments)
{
    int length = -1;
    free(overlapped_wide_text(format, arguments, &length));
    return length;
}

// A stream takes either bytes or wide characters here, and both there: one that takes bytes gets the text in UTF-8.
OVERLAPPED_INLINE int overlapped_vfwprintf(FILE *file, const wchar_t *format, va_list arguments)
{
    int length = -1;
    wchar_t *text = overlapped_wide_text(format, arguments, &length);
    if (!text) return -1;
    if (overlapped_put_wide(file, text, (size_t)length) != 0) length = -1;
    free(text);
    return length;
}

// Either a text or a stream is read.
OVERLAPPED_INLINE int overlapped_vscan(const char *text, FILE *file, const char *format, va_list arguments)
{
    unsigned char texts[OVERLAPPED_SCANS];
    unsigned sizes[OVERLAPPED_SCANS];
    void *to[OVERLAPPED_SCANS];
    char own[4 * OVERLAPPED_FORMAT_ROOM];
    if (!format || (!text && !file)) {
        errno = EINVAL;
        return -1;
    }
    const size_t count = overlapped_scan_format(format, NULL, texts, OVERLAPPED_SCANS, own, sizeof own);
    if (count > OVERLAPPED_SCANS) {
        errno = EINVAL;
        return -1;
    }
    for (size_t at = 0; at < OVERLAPPED_SCANS; ++at) {
        to[at] = NULL;
        sizes[at] = 0;
    }
    for (size_t at = 0; at < count; ++at) {
        to[at] = va_arg(arguments, void *);
        if (texts[at]) sizes[at] = va_arg(arguments, unsigned);
    }
    overlapped_scan_format(format, sizes, texts, OVERLAPPED_SCANS, own, sizeof own);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#define OVERLAPPED_TO                                                                                                         \
    to[0], to[1], to[2], to[3], to[4], to[5], to[6], to[7], to[8], to[9], to[10], to[11], to[12], to[13], to[14], to[15], to[16],      \
        to[17], to[18], to[19], to[20], to[21], to[22], to[23]
    const int result = text ? sscanf(text, own, OVERLAPPED_TO) : fscanf(file, own, OVERLAPPED_TO);
#undef OVERLAPPED_TO
#pragma GCC diagnostic pop
    return result;
}

#endif
