// Texts that are wide in a program that is compiled with UNICODE, and narrow in others.
#ifndef _INC_TCHAR
#define _INC_TCHAR

#include <overlapped/program.h>
#include <overlapped/secure_crt.h>

#if defined(UNICODE) && !defined(_UNICODE)
#define _UNICODE
#endif
#ifndef _TCHAR_DEFINED
#define _TCHAR_DEFINED
#endif
#ifdef _UNICODE
typedef wchar_t _TCHAR, _TSCHAR, _TUCHAR, _TXCHAR;
typedef wint_t _TINT;
#define _T(text) OVERLAPPED_WIDE(text)
#define _TEXT(text) OVERLAPPED_WIDE(text)
#define __T(text) OVERLAPPED_WIDE(text)
#define _TEOF WEOF
#else
typedef char _TCHAR, _TXCHAR;
typedef signed char _TSCHAR;
typedef unsigned char _TUCHAR;
typedef int _TINT;
#define _T(text) text
#define _TEXT(text) text
#define __T(text) text
#define _TEOF EOF
#endif

#ifdef _UNICODE
#define _tWinMain wWinMain
#define _tcslen wcslen
#define _tcsnlen wcsnlen
#define _tcscpy wcscpy
#define _tcsncpy wcsncpy
#define _tcscat wcscat
#define _tcsncat wcsncat
#define _tcscmp wcscmp
#define _tcsncmp wcsncmp
#define _tcsicmp _wcsicmp
#define _tcsnicmp _wcsnicmp
#define _tcschr wcschr
#define _tcsrchr wcsrchr
#define _tcsstr wcsstr
#define _tcsspn wcsspn
#define _tcscspn wcscspn
#define _tcspbrk wcspbrk
#define _tcsdup _wcsdup
#define _tcslwr _wcslwr
#define _tcsupr _wcsupr
#define _tcstok_s wcstok_s
#define _tcscpy_s wcscpy_s
#define _tcsncpy_s wcsncpy_s
#define _tcscat_s wcscat_s
#define _tcsncat_s wcsncat_s
#define _tcstol wcstol
#define _tcstoul wcstoul
#define _tcstod wcstod
#define _ttoi _wtoi
#define _tstoi _wtoi
#define _ttol _wtol
#define _tstol _wtol
#define _ttoi64 _wtoi64
#define _ttof _wtof
#define _tstof _wtof
#define _itot _itow
#define _itot_s _itow_s
#define _tprintf wprintf_s
#define _tprintf_s wprintf_s
#define _ftprintf fwprintf_s
#define _ftprintf_s fwprintf_s
#define _vtprintf vwprintf_s
#define _vtprintf_s vwprintf_s
#define _vftprintf vfwprintf_s
#define _vftprintf_s vfwprintf_s
#define _stprintf_s swprintf_s
#define _vstprintf_s vswprintf_s
#define _sntprintf _snwprintf
#define _sntprintf_s _snwprintf_s
#define _vsntprintf _vsnwprintf
#define _vsntprintf_s _vsnwprintf_s
#define _sctprintf _scwprintf
#define _vsctprintf _vscwprintf
#define _fputts fputws
#define _fgetts fgetws
#define _puttc putwc
#define _puttchar putwchar
#define _gettchar getwchar
#define _fgettc fgetwc
#define _fputtc fputwc
#define _tfopen _wfopen
#define _tfopen_s _wfopen_s
#define _istdigit iswdigit
#define _istalpha iswalpha
#define _istalnum iswalnum
#define _istspace iswspace
#define _istupper iswupper
#define _istlower iswlower
#define _totupper towupper
#define _totlower towlower
#define _tcsftime wcsftime
#define _tsetlocale _wsetlocale
#else
#define _tWinMain WinMain
#define _tcslen strlen
#define _tcsnlen strnlen
#define _tcscpy strcpy
#define _tcsncpy strncpy
#define _tcscat strcat
#define _tcsncat strncat
#define _tcscmp strcmp
#define _tcsncmp strncmp
#define _tcsicmp _stricmp
#define _tcsnicmp _strnicmp
#define _tcschr strchr
#define _tcsrchr strrchr
#define _tcsstr strstr
#define _tcsspn strspn
#define _tcscspn strcspn
#define _tcspbrk strpbrk
#define _tcsdup _strdup
#define _tcslwr _strlwr
#define _tcsupr _strupr
#define _tcstok_s strtok_s
#define _tcscpy_s strcpy_s
#define _tcsncpy_s strncpy_s
#define _tcscat_s strcat_s
#define _tcsncat_s strncat_s
#define _tcstol strtol
#define _tcstoul strtoul
#define _tcstod strtod
#define _ttoi atoi
#define _tstoi atoi
#define _ttol atol
#define _tstol atol
#define _ttoi64 _atoi64
#define _ttof atof
#define _tstof atof
#define _itot _itoa
#define _itot_s _itoa_s
#define _tprintf printf_s
#define _tprintf_s printf_s
#define _ftprintf fprintf_s
#define _ftprintf_s fprintf_s
#define _vtprintf vprintf_s
#define _vtprintf_s vprintf_s
#define _vftprintf vfprintf_s
#define _vftprintf_s vfprintf_s
#define _stprintf_s sprintf_s
#define _vstprintf_s vsprintf_s
#define _sntprintf _snprintf
#define _sntprintf_s _snprintf_s
#define _vsntprintf _vsnprintf
#define _vsntprintf_s _vsnprintf_s
#define _sctprintf _scprintf
#define _vsctprintf _vscprintf
#define _fputts fputs
#define _fgetts fgets
#define _puttc putc
#define _puttchar putchar
#define _gettchar getchar
#define _fgettc fgetc
#define _fputtc fputc
#define _tfopen overlapped_open
#define _tfopen_s fopen_s
#define _istdigit isdigit
#define _istalpha isalpha
#define _istalnum isalnum
#define _istspace isspace
#define _istupper isupper
#define _istlower islower
#define _totupper toupper
#define _totlower tolower
#define _tcsftime strftime
#define _tsetlocale setlocale
#endif

// Without a size there is no telling what fits.
#ifdef _UNICODE
OVERLAPPED_INLINE int overlapped_wide_print(wchar_t *buffer, const wchar_t *format, ...)
{
    OVERLAPPED_PASS(overlapped_vswprintf(buffer, 0x7FFFFFFF / sizeof(wchar_t), format, arguments));
}
#define _stprintf overlapped_wide_print
#define _vstprintf(buffer, format, arguments) overlapped_vswprintf(buffer, 0x7FFFFFFF / sizeof(wchar_t), format, arguments)
#define _putts _putws
#else
#define _stprintf sprintf
#define _vstprintf vsprintf
#define _putts puts
#endif

#endif
