// Code pages.
#include <windows.h>
#include "check.h"

int main()
{
    WCHAR wide[32];
    char narrow[64];
    const char hangul[] = "\xEA\xB0\x80";
    CHECK(MultiByteToWideChar(CP_UTF8, 0, hangul, -1, NULL, 0) == 2);
    CHECK(MultiByteToWideChar(CP_UTF8, 0, hangul, -1, wide, 32) == 2 && wide[0] == 0xAC00 && wide[1] == 0);
    CHECK(MultiByteToWideChar(CP_ACP, 0, hangul, 3, wide, 32) == 1);
    CHECK(MultiByteToWideChar(CP_UTF8, 0, "abc", -1, wide, 2) == 0 && GetLastError() == ERROR_INSUFFICIENT_BUFFER);
    CHECK(MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, "\xFF", -1, wide, 32) == 0 && GetLastError() == ERROR_NO_UNICODE_TRANSLATION);
    CHECK(MultiByteToWideChar(CP_UTF8, 0, "\xFF", -1, wide, 32) == 2 && wide[0] == 0xFFFD);
    CHECK(MultiByteToWideChar(949, 0, "\xB0\xA1", 2, wide, 32) == 1 && wide[0] == 0xAC00);
    CHECK(MultiByteToWideChar(1252, 0, "\xE9", 1, wide, 32) == 1 && wide[0] == 0xE9);
    CHECK(MultiByteToWideChar(949, MB_ERR_INVALID_CHARS, "a\xFF", 2, wide, 32) == 0 && GetLastError() == ERROR_NO_UNICODE_TRANSLATION);
    CHECK(MultiByteToWideChar(CP_UTF8, 0, NULL, 1, wide, 32) == 0 && GetLastError() == ERROR_INVALID_PARAMETER);
    CHECK(MultiByteToWideChar(CP_UTF8, 0, "a", 0, wide, 32) == 0 && GetLastError() == ERROR_INVALID_PARAMETER);
    CHECK(MultiByteToWideChar(54321, 0, "a", 1, wide, 32) == 0 && GetLastError() == ERROR_INVALID_PARAMETER);

    CHECK(WideCharToMultiByte(CP_UTF8, 0, L"\xAC00", -1, narrow, 64, NULL, NULL) == 4 && strcmp(narrow, hangul) == 0);
    CHECK(WideCharToMultiByte(949, 0, L"\xAC00", 1, narrow, 64, NULL, NULL) == 2 && memcmp(narrow, "\xB0\xA1", 2) == 0);
    BOOL used = FALSE;
    CHECK(WideCharToMultiByte(1252, 0, L"a\xAC00", 2, narrow, 64, NULL, &used) == 2 && used && narrow[1] == '?');
    CHECK(WideCharToMultiByte(1252, 0, L"a\xAC00", 2, narrow, 64, "!", &used) == 2 && narrow[1] == '!');
    CHECK(WideCharToMultiByte(CP_UTF8, 0, L"a", 1, narrow, 64, "!", NULL) == 0 && GetLastError() == ERROR_INVALID_PARAMETER);
    CHECK(WideCharToMultiByte(CP_UTF8, 0, L"abc", -1, narrow, 2, NULL, NULL) == 0 && GetLastError() == ERROR_INSUFFICIENT_BUFFER);
    CHECK(IsDBCSLeadByteEx(949, 0xB0) && !IsDBCSLeadByteEx(1252, 0xB0) && !IsDBCSLeadByte(0xB0));
    CHECK(GetACP() == CP_UTF8 && IsValidCodePage(949) && !IsValidCodePage(54321));
    CHECK(SetConsoleOutputCP(949) && GetConsoleOutputCP() == 949 && !SetConsoleOutputCP(54321));
    CHECK(lstrlenA("abc") == 3 && lstrlenW(L"abc") == 3 && lstrlenA(NULL) == 0 && lstrcmpiA("ABC", "abc") == 0);
    CHECK(wsprintfA(narrow, "%s %d %ld %x", "a", -1, (LONG)-2, 255) == 10 && strcmp(narrow, "a -1 -2 ff") == 0);
    CHECK(wsprintfW(wide, L"%s %S", L"w", "n") == 3 && wcscmp(wide, L"w n") == 0);
    CHECK_END();
}
