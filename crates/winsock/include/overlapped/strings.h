// Texts: code pages, and the small functions of Windows for strings.
#ifndef OVERLAPPED_STRINGS_H
#define OVERLAPPED_STRINGS_H

#include <overlapped/crt_base.h>
#include <overlapped/formats.h>
#include <overlapped/program.h>
#include <overlapped/types.h>

#define CP_ACP 0
#define CP_OEMCP 1
#define CP_THREAD_ACP 3
#define CP_UTF7 65000
#define CP_UTF8 65001
#define MB_PRECOMPOSED 0x00000001
#define MB_ERR_INVALID_CHARS 0x00000008
#define WC_ERR_INVALID_CHARS 0x00000080
#define WC_COMPOSITECHECK 0x00000200
#define WC_NO_BEST_FIT_CHARS 0x00000400

OVERLAPPED_BEGIN
int MultiByteToWideChar(UINT page, DWORD flags, LPCSTR text, int count, LPWSTR buffer, int size);
int WideCharToMultiByte(UINT page, DWORD flags, LPCWSTR text, int count, LPSTR buffer, int size, LPCSTR instead, LPBOOL used);
BOOL IsDBCSLeadByte(BYTE byte);
BOOL IsDBCSLeadByteEx(UINT page, BYTE byte);
BOOL IsValidCodePage(UINT page);
UINT GetACP(void);
UINT GetOEMCP(void);
OVERLAPPED_END

OVERLAPPED_INLINE int lstrlenA(LPCSTR text) { return text ? (int)strlen(text) : 0; }
OVERLAPPED_INLINE int lstrlenW(LPCWSTR text) { return text ? (int)wcslen(text) : 0; }
OVERLAPPED_INLINE LPSTR lstrcpyA(LPSTR to, LPCSTR from) { return to && from ? strcpy(to, from) : NULL; }
OVERLAPPED_INLINE LPWSTR lstrcpyW(LPWSTR to, LPCWSTR from) { return to && from ? wcscpy(to, from) : NULL; }
OVERLAPPED_INLINE LPSTR lstrcatA(LPSTR to, LPCSTR from) { return to && from ? strcat(to, from) : NULL; }
OVERLAPPED_INLINE LPWSTR lstrcatW(LPWSTR to, LPCWSTR from) { return to && from ? wcscat(to, from) : NULL; }
OVERLAPPED_INLINE int lstrcmpA(LPCSTR one, LPCSTR other) { return strcoll(one ? one : "", other ? other : ""); }
OVERLAPPED_INLINE int lstrcmpW(LPCWSTR one, LPCWSTR other) { return wcscoll(one ? one : L"", other ? other : L""); }
OVERLAPPED_INLINE LPSTR lstrcpynA(LPSTR to, LPCSTR from, int size)
{
    if (!to || !from || size <= 0) return NULL;
    snprintf(to, (size_t)size, "%s", from);
    return to;
}
OVERLAPPED_INLINE LPWSTR lstrcpynW(LPWSTR to, LPCWSTR from, int size)
{
    if (!to || !from || size <= 0) return NULL;
    int at = 0;
    for (; at < size - 1 && from[at]; ++at) to[at] = from[at];
    to[at] = 0;
    return to;
}

// As on Windows, the text has room for 1024 characters, and no more are written.
OVERLAPPED_INLINE int wvsprintfA(LPSTR buffer, LPCSTR format, va_list arguments)
{
    const int length = overlapped_vsnprintf(buffer, 1025, format, arguments);
    return length > 1024 ? 1024 : length;
}
OVERLAPPED_INLINE int wvsprintfW(LPWSTR buffer, LPCWSTR format, va_list arguments)
{
    const int length = overlapped_vswprintf(buffer, 1025, format, arguments);
    return length < 0 ? (int)wcsnlen(buffer, 1024) : length;
}
OVERLAPPED_INLINE int wsprintfA(LPSTR buffer, LPCSTR format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const int length = wvsprintfA(buffer, format, arguments);
    va_end(arguments);
    return length;
}
OVERLAPPED_INLINE int wsprintfW(LPWSTR buffer, LPCWSTR format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const int length = wvsprintfW(buffer, format, arguments);
    va_end(arguments);
    return length;
}

#ifdef UNICODE
#define lstrlen lstrlenW
#define lstrcpy lstrcpyW
#define lstrcpyn lstrcpynW
#define lstrcat lstrcatW
#define lstrcmp lstrcmpW
#define wsprintf wsprintfW
#define wvsprintf wvsprintfW
#else
#define lstrlen lstrlenA
#define lstrcpy lstrcpyA
#define lstrcpyn lstrcpynA
#define lstrcat lstrcatA
#define lstrcmp lstrcmpA
#define wsprintf wsprintfA
#define wvsprintf wvsprintfA
#endif

#endif
