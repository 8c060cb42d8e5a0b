// What all of Microsoft's C library uses.
#ifndef OVERLAPPED_CRT_BASE_H
#define OVERLAPPED_CRT_BASE_H

#include <overlapped/types.h>
#include <wctype.h>

typedef int errno_t;
#ifndef __STDC_LIB_EXT1__
typedef size_t rsize_t;
#endif
#define _TRUNCATE ((size_t)-1)
#define STRUNCATE 80
#define _MAX_PATH 260
#define _MAX_DRIVE 3
#define _MAX_DIR 256
#define _MAX_FNAME 256
#define _MAX_EXT 256
#define _CRT_STRINGIZE_(text) #text
#define _CRT_STRINGIZE(text) _CRT_STRINGIZE_(text)
#define _CRT_WIDE(text) OVERLAPPED_WIDE(text)

// What the C library hides when a program is compiled for the C standard alone.
#if !defined(__cplusplus) && !defined(__USE_MISC)
char *strdup(const char *text);
char *strtok_r(char *text, const char *separators, char **rest);
size_t strnlen(const char *text, size_t most);
size_t wcsnlen(const wchar_t *text, size_t most);
struct tm *localtime_r(const time_t *time, struct tm *result);
struct tm *gmtime_r(const time_t *time, struct tm *result);
char *asctime_r(const struct tm *time, char *buffer);
int setenv(const char *name, const char *value, int over);
int unsetenv(const char *name);
#endif

#ifdef __cplusplus
extern "C++" template <class Type, size_t Count>
char (&overlapped_counted(Type (&array)[Count]))[Count];
#define _countof(array) (sizeof(overlapped_counted(array)))
#else
#define _countof(array) (sizeof(array) / sizeof((array)[0]))
#endif

OVERLAPPED_INLINE errno_t overlapped_error(errno_t error)
{
    errno = error;
    return error;
}

#endif
