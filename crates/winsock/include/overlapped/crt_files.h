// Files and the environment of Microsoft's C library. Both bars divide paths.
#ifndef OVERLAPPED_CRT_FILES_H
#define OVERLAPPED_CRT_FILES_H

#include <overlapped/crt_base.h>
#include <overlapped/strings.h>
#include <overlapped/threads.h>

#define OVERLAPPED_PATH 4096

// A path of this system; -1, and errno, if it is too long.
OVERLAPPED_INLINE int overlapped_path(char *to, const char *from)
{
    size_t at = 0;
    to[0] = 0;
    for (; from && from[at] && at < OVERLAPPED_PATH - 1; ++at) to[at] = from[at] == '\\' ? '/' : from[at];
    to[at] = 0;
    if (!from || from[at]) {
        errno = from ? ENAMETOOLONG : EINVAL;
        return -1;
    }
    return 0;
}
OVERLAPPED_INLINE int overlapped_wide_path(char *to, const wchar_t *from)
{
    char narrow[OVERLAPPED_PATH];
    if (!from || WideCharToMultiByte(CP_UTF8, 0, from, -1, narrow, sizeof narrow, NULL, NULL) == 0) {
        errno = from ? ENAMETOOLONG : EINVAL;
        return -1;
    }
    return overlapped_path(to, narrow);
}

// The C library knows no text mode, and no blanks before `ccs=`.
OVERLAPPED_INLINE FILE *overlapped_open(const char *path, const char *mode)
{
    char own[64];
    size_t length = 0;
    int options = 0;
    if (!mode || !*mode) {
        errno = EINVAL;
        return NULL;
    }
    for (; *mode && length < sizeof own - 1; ++mode) {
        if (*mode == ',') options = 1;
        if (*mode == ' ' || (!options && strchr("tSRTDNc", *mode))) continue;
        own[length++] = *mode;
    }
    own[length] = 0;
    return fopen(path, own);
}
OVERLAPPED_INLINE FILE *_wfopen(const wchar_t *name, const wchar_t *mode)
{
    char path[OVERLAPPED_PATH], own[64];
    if (overlapped_wide_path(path, name) != 0 || !mode) return NULL;
    snprintf(own, sizeof own, "%ls", mode);
    return overlapped_open(path, own);
}
OVERLAPPED_INLINE errno_t fopen_s(FILE **file, const char *name, const char *mode)
{
    char path[OVERLAPPED_PATH];
    if (!file || !name || !mode) return overlapped_error(EINVAL);
    *file = overlapped_path(path, name) == 0 ? overlapped_open(path, mode) : NULL;
    return *file ? 0 : errno;
}
OVERLAPPED_INLINE errno_t _wfopen_s(FILE **file, const wchar_t *name, const wchar_t *mode)
{
    if (!file || !name || !mode) return overlapped_error(EINVAL);
    *file = _wfopen(name, mode);
    return *file ? 0 : errno;
}
OVERLAPPED_INLINE FILE *_fsopen(const char *name, const char *mode, int share)
{
    FILE *file = NULL;
    (void)share;
    return fopen_s(&file, name, mode) == 0 ? file : NULL;
}
OVERLAPPED_INLINE errno_t freopen_s(FILE **file, const char *name, const char *mode, FILE *old)
{
    char path[OVERLAPPED_PATH];
    if (!file || !mode || !old || overlapped_path(path, name) != 0) return overlapped_error(EINVAL);
    // The console is the terminal, which is there already.
    *file = strcmp(path, "CONOUT$") == 0 || strcmp(path, "CONIN$") == 0 || strcmp(path, "CON") == 0 ? old : freopen(path, mode, old);
    return *file ? 0 : errno;
}
#define _SH_DENYNO 0x40
#define _SH_DENYRW 0x10
#define _SH_DENYWR 0x20
#define _SH_DENYRD 0x30
#define _fileno fileno
#define _fdopen fdopen
#define _popen popen
#define _pclose pclose
#define _fseeki64 fseeko
#define _ftelli64 ftello

#define _getpid() ((int)GetCurrentProcessId())

OVERLAPPED_INLINE errno_t getenv_s(size_t *needed, char *buffer, size_t size, const char *name)
{
    if (!needed || !name || (!buffer && size)) return overlapped_error(EINVAL);
    const char *value = getenv(name);
    *needed = value ? strlen(value) + 1 : 0;
    if (buffer && size) buffer[0] = 0;
    if (!value || size == 0) return 0;
    if (size < *needed) return overlapped_error(ERANGE);
    memcpy(buffer, value, *needed);
    return 0;
}
OVERLAPPED_INLINE errno_t _dupenv_s(char **buffer, size_t *length, const char *name)
{
    if (!buffer || !name) return overlapped_error(EINVAL);
    const char *value = getenv(name);
    *buffer = value ? strdup(value) : NULL;
    if (length) *length = *buffer ? strlen(*buffer) + 1 : 0;
    return value && !*buffer ? overlapped_error(ENOMEM) : 0;
}
OVERLAPPED_INLINE errno_t _putenv_s(const char *name, const char *value)
{
    if (!name || !value) return overlapped_error(EINVAL);
    return (*value ? setenv(name, value, 1) : unsetenv(name)) == 0 ? 0 : errno;
}

#endif
