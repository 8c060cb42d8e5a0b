// The types of Windows, and the macros that every program uses with them. `long` has 64 bits here and 32 there: what has 32
// bits on Windows is made of `int`.
#ifndef OVERLAPPED_TYPES_H
#define OVERLAPPED_TYPES_H

#include <overlapped/keywords.h>
#include <overlapped/annotations.h>
#include <overlapped/versions.h>
#include <overlapped/standard.h>

#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// Scalars.
#ifndef VOID
#define VOID void
#endif
#ifndef CONST
#define CONST const
#endif
#define FAR
#define NEAR
typedef char CHAR, *PCHAR, *LPCH, *PCH, CCHAR;
typedef const char *LPCCH, *PCCH;
typedef signed char INT8, *PINT8;
typedef unsigned char UCHAR, *PUCHAR, BYTE, *PBYTE, *LPBYTE, BOOLEAN, *PBOOLEAN, UINT8, *PUINT8;
typedef short SHORT, *PSHORT, INT16, *PINT16, CSHORT;
typedef unsigned short USHORT, *PUSHORT, WORD, *PWORD, *LPWORD, UINT16, *PUINT16, ATOM, LANGID;
typedef int INT, *PINT, *LPINT, BOOL, *PBOOL, *LPBOOL, LONG, *PLONG, *LPLONG, INT32, *PINT32, LONG32, *PLONG32, HRESULT, NTSTATUS, *PNTSTATUS,
    HFILE;
typedef unsigned int UINT, *PUINT, *LPUINT, ULONG, *PULONG, DWORD, *PDWORD, *LPDWORD, UINT32, *PUINT32, ULONG32, *PULONG32, DWORD32, *PDWORD32,
    ACCESS_MASK, *PACCESS_MASK, LCID, *PLCID, COLORREF, SCODE;
typedef long long LONGLONG, *PLONGLONG, INT64, *PINT64, LONG64, *PLONG64, USN;
typedef unsigned long long ULONGLONG, *PULONGLONG, UINT64, *PUINT64, ULONG64, *PULONG64, DWORD64, *PDWORD64, DWORDLONG, *PDWORDLONG;
typedef float FLOAT, *PFLOAT;
typedef double DOUBLE;

// As wide as a pointer.
typedef int INT_HALF;
typedef long INT_PTR, *PINT_PTR, LONG_PTR, *PLONG_PTR, SSIZE_T, *PSSIZE_T, LPARAM, LRESULT;
typedef unsigned long UINT_PTR, *PUINT_PTR, ULONG_PTR, *PULONG_PTR, DWORD_PTR, *PDWORD_PTR, SIZE_T, *PSIZE_T, WPARAM, KAFFINITY, *PKAFFINITY;

// Pointers and texts. WCHAR is this system's wchar_t, of 32 bits.
typedef void *PVOID, *LPVOID, *PVOID64;
typedef const void *LPCVOID;
typedef wchar_t WCHAR, *PWCHAR, *LPWCH, *PWCH;
typedef const wchar_t *LPCWCH, *PCWCH;
typedef CHAR *NPSTR, *LPSTR, *PSTR;
typedef const CHAR *LPCSTR, *PCSTR, *PCZPSTR;
typedef PSTR *PZPSTR;
typedef WCHAR *NWPSTR, *LPWSTR, *PWSTR, *BSTR, OLECHAR, *LPOLESTR;
typedef const WCHAR *LPCWSTR, *PCWSTR;
typedef PWSTR *PZPWSTR;
#ifdef UNICODE
typedef WCHAR TCHAR, *PTCHAR, TBYTE, *PTBYTE;
typedef LPWSTR PTSTR, LPTSTR, LPTCH, PTCH;
typedef LPCWSTR PCTSTR, LPCTSTR, LPCTCH, PCTCH;
#define TEXT(text) OVERLAPPED_WIDE(text)
#define __TEXT(text) OVERLAPPED_WIDE(text)
#else
typedef CHAR TCHAR, *PTCHAR;
typedef UCHAR TBYTE, *PTBYTE;
typedef LPSTR PTSTR, LPTSTR, LPTCH, PTCH;
typedef LPCSTR PCTSTR, LPCTSTR, LPCTCH, PCTCH;
#define TEXT(text) text
#define __TEXT(text) text
#endif

// BSD's short names. The C library's u_long has 64 bits.
typedef unsigned char u_char;
typedef unsigned short u_short;
typedef unsigned int u_int, overlapped_u_long;
typedef unsigned long long u_int64;
#define u_long overlapped_u_long

// The C++ library has `byte` since C++17.
#if !defined(__cplusplus) || __cplusplus < 201703L
typedef unsigned char byte;
#endif

// Handles.
typedef void *HANDLE, **PHANDLE, **LPHANDLE;
typedef HANDLE HGLOBAL, HLOCAL, GLOBALHANDLE, LOCALHANDLE;
#define DECLARE_HANDLE(name)                                                                                                  \
    struct name##__ {                                                                                                         \
        int unused;                                                                                                           \
    };                                                                                                                        \
    typedef struct name##__ *name
DECLARE_HANDLE(HINSTANCE);
typedef HINSTANCE HMODULE;
DECLARE_HANDLE(HWND);
DECLARE_HANDLE(HMENU);
DECLARE_HANDLE(HICON);
typedef HICON HCURSOR;
DECLARE_HANDLE(HBRUSH);
DECLARE_HANDLE(HDC);
DECLARE_HANDLE(HFONT);
DECLARE_HANDLE(HBITMAP);
DECLARE_HANDLE(HKEY);
DECLARE_HANDLE(HHOOK);
DECLARE_HANDLE(HTASK);
DECLARE_HANDLE(HRGN);
DECLARE_HANDLE(HPEN);
DECLARE_HANDLE(HMONITOR);
DECLARE_HANDLE(HDESK);
typedef void *HGDIOBJ;
typedef HKEY *PHKEY;
#define INVALID_HANDLE_VALUE ((HANDLE)(LONG_PTR)-1)

typedef INT_PTR (*FARPROC)();
typedef INT_PTR (*NEARPROC)();
typedef INT_PTR (*PROC)();

// Times, numbers in parts, names of interfaces.
typedef struct _FILETIME {
    DWORD dwLowDateTime;
    DWORD dwHighDateTime;
} FILETIME, *PFILETIME, *LPFILETIME;

typedef struct _SYSTEMTIME {
    WORD wYear, wMonth, wDayOfWeek, wDay, wHour, wMinute, wSecond, wMilliseconds;
} SYSTEMTIME, *PSYSTEMTIME, *LPSYSTEMTIME;

typedef union _LARGE_INTEGER {
    __extension__ struct {
        DWORD LowPart;
        LONG HighPart;
    };
    struct {
        DWORD LowPart;
        LONG HighPart;
    } u;
    LONGLONG QuadPart;
} LARGE_INTEGER, *PLARGE_INTEGER;

typedef union _ULARGE_INTEGER {
    __extension__ struct {
        DWORD LowPart;
        DWORD HighPart;
    };
    struct {
        DWORD LowPart;
        DWORD HighPart;
    } u;
    ULONGLONG QuadPart;
} ULARGE_INTEGER, *PULARGE_INTEGER;

typedef struct _LUID {
    DWORD LowPart;
    LONG HighPart;
} LUID, *PLUID;

typedef struct _SECURITY_ATTRIBUTES {
    DWORD nLength;
    LPVOID lpSecurityDescriptor;
    BOOL bInheritHandle;
} SECURITY_ATTRIBUTES, *PSECURITY_ATTRIBUTES, *LPSECURITY_ATTRIBUTES;
typedef PVOID PSECURITY_DESCRIPTOR;

typedef struct _LIST_ENTRY {
    struct _LIST_ENTRY *Flink;
    struct _LIST_ENTRY *Blink;
} LIST_ENTRY, *PLIST_ENTRY;

typedef struct tagPOINT {
    LONG x;
    LONG y;
} POINT, *PPOINT, *LPPOINT;

typedef struct tagSIZE {
    LONG cx;
    LONG cy;
} SIZE, *PSIZE, *LPSIZE;

typedef struct tagRECT {
    LONG left;
    LONG top;
    LONG right;
    LONG bottom;
} RECT, *PRECT, *LPRECT;
typedef const RECT *LPCRECT;

// Common values.
#ifndef NULL
#define NULL 0
#endif
#define FALSE 0
#define TRUE 1
#define MAX_PATH 260
#define INFINITE 0xFFFFFFFF
#define MAXCHAR 0x7F
#define MAXBYTE 0xFF
#define MAXSHORT 0x7FFF
#define MAXWORD 0xFFFF
#define MAXLONG 0x7FFFFFFF
#define MAXINT 0x7FFFFFFF
#define MAXUINT 0xFFFFFFFFu
#define MAXDWORD 0xFFFFFFFFu
#define MAXULONG 0xFFFFFFFFu
#define MAXLONGLONG 0x7FFFFFFFFFFFFFFFll
#define MAXDWORD64 0xFFFFFFFFFFFFFFFFull
#define MINCHAR 0x80
#define MINSHORT 0x8000
#define MINLONG 0x80000000
#define ANYSIZE_ARRAY 1

// Parts of numbers.
#define MAKEWORD(low, high) ((WORD)(((BYTE)((DWORD_PTR)(low) & 0xFF)) | ((WORD)((BYTE)((DWORD_PTR)(high) & 0xFF))) << 8))
#define MAKELONG(low, high) ((LONG)(((WORD)((DWORD_PTR)(low) & 0xFFFF)) | ((DWORD)((WORD)((DWORD_PTR)(high) & 0xFFFF))) << 16))
#define LOBYTE(word) ((BYTE)((DWORD_PTR)(word) & 0xFF))
#define HIBYTE(word) ((BYTE)((DWORD_PTR)(word) >> 8 & 0xFF))
#define LOWORD(number) ((WORD)((DWORD_PTR)(number) & 0xFFFF))
#define HIWORD(number) ((WORD)((DWORD_PTR)(number) >> 16 & 0xFFFF))
#define MAKEWPARAM(low, high) ((WPARAM)(DWORD)MAKELONG(low, high))
#define MAKELPARAM(low, high) ((LPARAM)(DWORD)MAKELONG(low, high))
#define MAKELRESULT(low, high) ((LRESULT)(DWORD)MAKELONG(low, high))
#define Int32x32To64(a, b) ((LONGLONG)(LONG)(a) * (LONGLONG)(LONG)(b))
#define UInt32x32To64(a, b) ((ULONGLONG)(DWORD)(a) * (ULONGLONG)(DWORD)(b))
#define Int64ShllMod32(number, count) ((ULONGLONG)(number) << (count))
#define Int64ShraMod32(number, count) ((LONGLONG)(number) >> (count))
#define Int64ShrlMod32(number, count) ((ULONGLONG)(number) >> (count))

// Between handles, pointers and numbers.
#define HandleToULong(handle) ((ULONG)(ULONG_PTR)(handle))
#define HandleToUlong(handle) ((ULONG)(ULONG_PTR)(handle))
#define HandleToLong(handle) ((LONG)(LONG_PTR)(handle))
#define ULongToHandle(number) ((HANDLE)(ULONG_PTR)(ULONG)(number))
#define UlongToHandle(number) ((HANDLE)(ULONG_PTR)(ULONG)(number))
#define LongToHandle(number) ((HANDLE)(LONG_PTR)(LONG)(number))
#define PtrToUlong(pointer) ((ULONG)(ULONG_PTR)(pointer))
#define PtrToUint(pointer) ((UINT)(UINT_PTR)(pointer))
#define PtrToLong(pointer) ((LONG)(LONG_PTR)(pointer))
#define PtrToInt(pointer) ((INT)(INT_PTR)(pointer))
#define UlongToPtr(number) ((PVOID)(ULONG_PTR)(ULONG)(number))
#define UIntToPtr(number) ((PVOID)(UINT_PTR)(UINT)(number))
#define LongToPtr(number) ((PVOID)(LONG_PTR)(LONG)(number))
#define IntToPtr(number) ((PVOID)(INT_PTR)(INT)(number))

#define FIELD_OFFSET(type, field) ((LONG)__builtin_offsetof(type, field))
#define UFIELD_OFFSET(type, field) ((DWORD)__builtin_offsetof(type, field))
#define RTL_FIELD_SIZE(type, field) (sizeof(((type *)0)->field))
#define RTL_NUMBER_OF(array) (sizeof(array) / sizeof((array)[0]))
#define ARRAYSIZE(array) RTL_NUMBER_OF(array)
#define CONTAINING_RECORD(address, type, field) ((type *)(void *)((PCHAR)(address) - __builtin_offsetof(type, field)))
#define UNREFERENCED_PARAMETER(parameter) ((void)(parameter))
#define DBG_UNREFERENCED_PARAMETER(parameter) ((void)(parameter))
#define DBG_UNREFERENCED_LOCAL_VARIABLE(variable) ((void)(variable))

// Flags of an enumeration.
#ifdef __cplusplus
#define DEFINE_ENUM_FLAG_OPERATORS(type)                                                                                      \
    inline constexpr type operator|(type a, type b) { return type(int(a) | int(b)); }                                         \
    inline constexpr type operator&(type a, type b) { return type(int(a) & int(b)); }                                         \
    inline constexpr type operator^(type a, type b) { return type(int(a) ^ int(b)); }                                         \
    inline constexpr type operator~(type a) { return type(~int(a)); }                                                         \
    inline type &operator|=(type &a, type b) { return a = a | b; }                                                            \
    inline type &operator&=(type &a, type b) { return a = a & b; }                                                            \
    inline type &operator^=(type &a, type b) { return a = a ^ b; }
#else
#define DEFINE_ENUM_FLAG_OPERATORS(type)
#endif

#include <overlapped/minmax.h>

#endif
