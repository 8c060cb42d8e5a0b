// Directories.
#ifndef _INC_DIRECT
#define _INC_DIRECT

#include <overlapped/crt_files.h>

#include <sys/stat.h>
#include <unistd.h>

OVERLAPPED_INLINE int _mkdir(const char *name)
{
    char path[OVERLAPPED_PATH];
    return overlapped_path(path, name) == 0 ? mkdir(path, 0777) : -1;
}
OVERLAPPED_INLINE int _wmkdir(const wchar_t *name)
{
    char path[OVERLAPPED_PATH];
    return overlapped_wide_path(path, name) == 0 ? mkdir(path, 0777) : -1;
}
OVERLAPPED_INLINE int _rmdir(const char *name)
{
    char path[OVERLAPPED_PATH];
    return overlapped_path(path, name) == 0 ? rmdir(path) : -1;
}
OVERLAPPED_INLINE int _chdir(const char *name)
{
    char path[OVERLAPPED_PATH];
    return overlapped_path(path, name) == 0 ? chdir(path) : -1;
}
OVERLAPPED_INLINE char *_getcwd(char *buffer, int size) { return getcwd(buffer, (size_t)(size > 0 ? size : 0)); }

#endif
