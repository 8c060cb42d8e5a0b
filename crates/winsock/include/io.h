// Files by their names and by their descriptors.
#ifndef _INC_IO
#define _INC_IO

#include <overlapped/crt_files.h>

#include <fcntl.h>
#include <unistd.h>

OVERLAPPED_INLINE int _access(const char *name, int mode)
{
    char path[OVERLAPPED_PATH];
    // 0 is whether it is there, 2 and 4 are as here.
    return overlapped_path(path, name) == 0 ? access(path, mode & (R_OK | W_OK)) : -1;
}
OVERLAPPED_INLINE int _waccess(const wchar_t *name, int mode)
{
    char path[OVERLAPPED_PATH];
    return overlapped_wide_path(path, name) == 0 ? access(path, mode & (R_OK | W_OK)) : -1;
}
OVERLAPPED_INLINE errno_t _access_s(const char *name, int mode) { return _access(name, mode) == 0 ? 0 : errno; }
OVERLAPPED_INLINE int _unlink(const char *name)
{
    char path[OVERLAPPED_PATH];
    return overlapped_path(path, name) == 0 ? unlink(path) : -1;
}
OVERLAPPED_INLINE int _wremove(const wchar_t *name)
{
    char path[OVERLAPPED_PATH];
    return overlapped_wide_path(path, name) == 0 ? remove(path) : -1;
}

#define _O_RDONLY O_RDONLY
#define _O_WRONLY O_WRONLY
#define _O_RDWR O_RDWR
#define _O_APPEND O_APPEND
#define _O_CREAT O_CREAT
#define _O_TRUNC O_TRUNC
#define _O_EXCL O_EXCL
// Text and binary are one here.
#define _O_TEXT 0
#define _O_BINARY 0
#define _O_U16TEXT 0x20000
#define _O_U8TEXT 0x40000
#define _S_IREAD 0400
#define _S_IWRITE 0200

OVERLAPPED_INLINE int _open(const char *name, int flags, ...)
{
    char path[OVERLAPPED_PATH];
    if (overlapped_path(path, name) != 0) return -1;
    // What _S_IREAD and _S_IWRITE give to the owner, all get there.
    return open(path, flags & ~(_O_U16TEXT | _O_U8TEXT), 0666);
}
OVERLAPPED_INLINE int _close(int file) { return close(file); }
OVERLAPPED_INLINE int _read(int file, void *buffer, unsigned size) { return (int)read(file, buffer, size); }
OVERLAPPED_INLINE int _write(int file, const void *buffer, unsigned size) { return (int)write(file, buffer, size); }
OVERLAPPED_INLINE long _lseek(int file, long distance, int from) { return (long)lseek(file, distance, from); }
OVERLAPPED_INLINE int _isatty(int file) { return isatty(file); }
// Texts are written in the locale's characters, whatever a program asks for: what was set before is binary, as all is.
OVERLAPPED_INLINE int _setmode(int file, int mode)
{
    (void)mode;
    return lseek(file, 0, SEEK_CUR) == -1 && errno == EBADF ? -1 : _O_TEXT;
}

#endif
