// Microsoft's C library, as C++ programs use it: sizes of arrays are known.
#include <windows.h>
#include <crtdbg.h>
#include <strsafe.h>
#include <tchar.h>
#include "check.h"

static int list(char *buffer, size_t size, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int result = vsprintf_s(buffer, size, format, arguments);
    va_end(arguments);
    return result;
}

int main()
{
    char text[8];
    wchar_t wide[8];
    CHECK(strcpy_s(text, "abc") == 0 && strcat_s(text, "def") == 0 && strcmp(text, "abcdef") == 0);
    CHECK(strcat_s(text, "gh") == ERANGE && text[0] == 0 && errno == ERANGE);
    CHECK(strcpy_s(text, sizeof text, "12345678") == ERANGE && text[0] == 0 && strcpy_s(text, 8, NULL) == EINVAL && strcpy_s(NULL, 8, "a") == EINVAL);
    CHECK(strncpy_s(text, "123456789", _TRUNCATE) == STRUNCATE && strcmp(text, "1234567") == 0);
    CHECK(strncpy_s(text, "123456789", 3) == 0 && strcmp(text, "123") == 0 && strncat_s(text, 8, "abcdef", 2) == 0 && strcmp(text, "123ab") == 0);
    CHECK(wcscpy_s(wide, L"abc") == 0 && wcscat_s(wide, _countof(wide), L"def") == 0 && wcscmp(wide, L"abcdef") == 0 && wcscat_s(wide, L"gh") == ERANGE);
    CHECK(memcpy_s(text, 8, "1234", 5) == 0 && memcpy_s(text, 3, "1234", 5) == ERANGE && text[0] == 0);
    CHECK(sprintf_s(text, "%d-%s", 5, "x") == 3 && sprintf_s(text, sizeof text, "%s", "12345678") == -1 && text[0] == 0);
    CHECK(list(text, sizeof text, "%ld", (LONG)-3) == 2 && strcmp(text, "-3") == 0);
    CHECK(_snprintf_s(text, _TRUNCATE, "%s", "123456789") == -1 && strcmp(text, "1234567") == 0);
    CHECK(_snprintf_s(text, sizeof text, 3, "%s", "123456789") == -1 && strcmp(text, "123") == 0);
    CHECK(_snprintf(text, sizeof text, "%s", "123456789") == -1 && _scprintf("%s", "123456789") == 9);
    CHECK(swprintf_s(wide, L"%s%S", L"ab", "cd") == 4 && wcscmp(wide, L"abcd") == 0 && swprintf_s(wide, 8, L"%d", 123456789) == -1 && wide[0] == 0);
    CHECK(_snwprintf_s(wide, _TRUNCATE, L"%s", L"123456789") == -1 && wcscmp(wide, L"1234567") == 0);
    char large[2000], format[600];
    memset(format, 'x', sizeof format);
    strcpy(format + 500, "%I64d");
    CHECK(sprintf_s(large, format, 1ll << 40) == 513);

    int a = 0, b = 0;
    char word[4] = "", letter = 0;
    double number = 0;
    CHECK(sscanf_s("12 abcdef", "%d %3s", &a, word, (unsigned)sizeof word) == 2 && a == 12 && strcmp(word, "abc") == 0);
    CHECK(sscanf_s("abcdef", "%s", word, 4u) == 1 && strcmp(word, "abc") == 0);
    CHECK(sscanf_s("x 7 2.5 9", "%c %d %lf %*d %d", &letter, 1u, &a, &number, &b) == 3 && letter == 'x' && a == 7 && number == 2.5);
    CHECK(sscanf_s("5", NULL) == -1);

    char *rest = NULL, words[] = "a,b";
    CHECK(strcmp(strtok_s(words, ",", &rest), "a") == 0 && strcmp(strtok_s(NULL, ",", &rest), "b") == 0 && !strtok_s(NULL, ",", &rest));
    CHECK(_stricmp("ABC", "abd") < 0 && _strnicmp("ABC", "abd", 2) == 0 && _wcsicmp(L"ABC", L"abc") == 0 && _wcsicmp(L"a", L"B") < 0);
    CHECK(_itoa_s(-255, text, 10) == 0 && strcmp(text, "-255") == 0 && _itoa_s(255, text, 16) == 0 && strcmp(text, "ff") == 0 && _itoa_s(123456789, text, 10) == ERANGE);
    char digits[66];
    CHECK(strcmp(_itoa(-1, digits, 16), "ffffffff") == 0 && strcmp(_i64toa(-5, digits, 10), "-5") == 0 && _wtoi(L"42") == 42 && _atoi64("99") == 99);
    char *copy = _strdup("copy");
    CHECK(strcmp(_strupr(copy), "COPY") == 0 && strcmp(_strrev(copy), "YPOC") == 0);
    free(copy);
    char *home = NULL;
    size_t size = 0;
    CHECK(_dupenv_s(&home, &size, "OVERLAPPED_NO_SUCH") == 0 && home == NULL && size == 0);
    size_t converted = 0;
    CHECK(mbstowcs_s(&converted, wide, 8, "abc", _TRUNCATE) == 0 && converted == 4 && wcstombs_s(&converted, text, 8, L"0123456789", _TRUNCATE) == STRUNCATE && strcmp(text, "0123456") == 0);
    CHECK(wcstombs_s(&converted, text, 8, L"0123456789", 20) == ERANGE && text[0] == 0);

    CHECK(StringCchCopyA(text, 8, "12345678") == STRSAFE_E_INSUFFICIENT_BUFFER && strcmp(text, "1234567") == 0);
    CHECK(StringCchCopy(text, 0, "1") == STRSAFE_E_INVALID_PARAMETER && StringCchPrintfA(text, 8, "%d", 5) == S_OK && StringCchCatA(text, 8, "6") == S_OK);
    CHECK(strcmp(text, "56") == 0 && StringCbPrintfW(wide, sizeof wide, L"%s", L"123456789") == STRSAFE_E_INSUFFICIENT_BUFFER && wcscmp(wide, L"1234567") == 0);
    CHECK(StringCchLengthA("abc", 10, &size) == S_OK && size == 3 && StringCbCatW(wide, sizeof wide, L"8") == STRSAFE_E_INSUFFICIENT_BUFFER);

    CHECK(_CrtSetDbgFlag(_CRTDBG_ALLOC_MEM_DF | _CRTDBG_LEAK_CHECK_DF) == 0 && _CrtDumpMemoryLeaks() == 0);
    _CrtSetReportMode(_CRT_WARN, _CRTDBG_MODE_DEBUG);
    int *tracked = new (_NORMAL_BLOCK, __FILE__, __LINE__) int(5);
    delete tracked;
    CHECK(_tcslen(_T("abc")) == 3);
    printf_s("%s %ld %I64d %u\n", "printed", (LONG)-1, 5ll, (DWORD)7);
    fprintf_s(stdout, "%S\n", L"wide text");
    _tprintf(_T("%s\n"), _T("t"));
    // Narrow and wide texts come in the order in which they are printed, without any locale.
    wprintf(L"%s %S %ls %c\n", L"wide", "narrow", L"\xAC00", L'\xAC01');
    std::wprintf(L"%s\n", L"std");
    fputws(L"line\n", stdout);
    printf_s("%ls\n", L"\xAC00");
    CHECK(swprintf(wide, 8, L"%s", L"text") == 4 && wcscmp(wide, L"text") == 0 && _scwprintf(L"%s", L"four") == 4);
    CHECK_END();
}
