// FormatMessage, modules, names and what is for debugging.
#include <winsock2.h>
#include <windows.h>
#include <dbghelp.h>
#include "check.h"
#include <initializer_list>

static LONG WINAPI filter(PEXCEPTION_POINTERS) { return EXCEPTION_EXECUTE_HANDLER; }

int main()
{
    const DWORD from_system = FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS;
    LPSTR text = NULL;
    DWORD length = FormatMessageA(from_system | FORMAT_MESSAGE_ALLOCATE_BUFFER, NULL, WSAECONNREFUSED,
                                  MAKELANGID(LANG_NEUTRAL, SUBLANG_DEFAULT), (LPSTR)&text, 0, NULL);
    CHECK(length > 10 && text && strlen(text) == length && strcmp(text + length - 3, ".\r\n") == 0);
    CHECK(LocalFree(text) == NULL);
    LPWSTR wide = NULL;
    length = FormatMessageW(from_system | FORMAT_MESSAGE_ALLOCATE_BUFFER, NULL, ERROR_NETNAME_DELETED, 0, (LPWSTR)&wide, 0, NULL);
    CHECK(length > 10 && wcslen(wide) == length);
    LocalFree(wide);
    char buffer[300];
    CHECK(FormatMessageA(from_system | FORMAT_MESSAGE_MAX_WIDTH_MASK, NULL, ERROR_SUCCESS, 0, buffer, sizeof buffer, NULL) > 0);
    CHECK(!strchr(buffer, '\n') && !strchr(buffer, '\r'));
    CHECK(FormatMessageA(from_system, NULL, ERROR_SUCCESS, 0, buffer, 5, NULL) == 0 && GetLastError() == ERROR_INSUFFICIENT_BUFFER);
    CHECK(FormatMessageA(from_system, NULL, 987654, 0, buffer, sizeof buffer, NULL) == 0 && GetLastError() == ERROR_MR_MID_NOT_FOUND);
    CHECK(FormatMessageA(from_system, NULL, 5, 0, NULL, 0, NULL) == 0 && GetLastError() == ERROR_INVALID_PARAMETER);
    CHECK(FormatMessageA(0, NULL, 5, 0, buffer, sizeof buffer, NULL) == 0);
    // Every code that Winsock has says something.
    for (DWORD code : {10004, 10013, 10014, 10022, 10024, 10035, 10038, 10048, 10049, 10050, 10051, 10053, 10054, 10055, 10057, 10060, 10061, 10093, 11001})
        CHECK(FormatMessageA(from_system, NULL, code, 0, buffer, sizeof buffer, NULL) > 0);
    DWORD_PTR arguments[] = {(DWORD_PTR)"port", (DWORD_PTR)-5, (DWORD_PTR)255};
    CHECK(FormatMessageA(FORMAT_MESSAGE_FROM_STRING | FORMAT_MESSAGE_ARGUMENT_ARRAY, "%1 %2!d! %3!04x!%% %1!8s!|%n%0 cut", 0, 0, buffer,
                         sizeof buffer, (va_list *)arguments) > 0);
    CHECK(strcmp(buffer, "port -5 00ff%     port|\r\n") == 0);
    CHECK(FormatMessageA(FORMAT_MESSAGE_FROM_STRING | FORMAT_MESSAGE_IGNORE_INSERTS, "a %1 b", 0, 0, buffer, sizeof buffer, NULL) == 6);
    CHECK(FormatMessageA(FORMAT_MESSAGE_FROM_STRING, "a %1 b", 0, 0, buffer, sizeof buffer, NULL) == 0 && GetLastError() == ERROR_INVALID_PARAMETER);
    WCHAR wide_buffer[300];
    DWORD_PTR wide_arguments[] = {(DWORD_PTR)L"wide", (DWORD_PTR)"narrow"};
    CHECK(FormatMessageW(FORMAT_MESSAGE_FROM_STRING | FORMAT_MESSAGE_ARGUMENT_ARRAY, L"%1 %2!S!", 0, 0, wide_buffer, 300, (va_list *)wide_arguments) == 11);
    CHECK(wcscmp(wide_buffer, L"wide narrow") == 0);

    CHECK(GetModuleFileNameA(NULL, buffer, sizeof buffer) == strlen(buffer) && buffer[0] == '/');
    CHECK(GetModuleFileNameW(NULL, wide_buffer, 300) == strlen(buffer) && wide_buffer[0] == '/');
    CHECK(GetModuleFileNameA(NULL, buffer, 4) == 4 && strlen(buffer) == 3 && GetLastError() == ERROR_INSUFFICIENT_BUFFER);
    CHECK(GetModuleHandle(NULL) != NULL && GetModuleHandleA("no such module") == NULL && GetLastError() == 126);
    CHECK(strstr(GetCommandLineA(), "messages") && wcsstr(GetCommandLineW(), L"messages"));
    CHECK(SetEnvironmentVariableA("OVERLAPPED_TEST_NAME", "value") && GetEnvironmentVariableA("OVERLAPPED_TEST_NAME", buffer, sizeof buffer) == 5);
    CHECK(strcmp(buffer, "value") == 0 && GetEnvironmentVariableW(L"OVERLAPPED_TEST_NAME", NULL, 0) == 6 && strcmp(getenv("OVERLAPPED_TEST_NAME"), "value") == 0);
    CHECK(SetEnvironmentVariableA("OVERLAPPED_TEST_NAME", NULL) && GetEnvironmentVariableA("OVERLAPPED_TEST_NAME", buffer, 300) == 0 && GetLastError() == 203);
    DWORD size = 1;
    CHECK(!GetComputerNameA(buffer, &size) && GetLastError() == ERROR_BUFFER_OVERFLOW && size > 1);
    CHECK(GetComputerNameA(buffer, &size) && strlen(buffer) == size);
    size = sizeof buffer;
    CHECK(GetUserNameA(buffer, &size) && strlen(buffer) + 1 == size);

    CHECK(SetUnhandledExceptionFilter(filter) == NULL && SetUnhandledExceptionFilter(NULL) == filter);
    CHECK(!IsDebuggerPresent());
    CHECK(!MiniDumpWriteDump(GetCurrentProcess(), 0, NULL, MiniDumpNormal, NULL, NULL, NULL) && GetLastError() == ERROR_CALL_NOT_IMPLEMENTED);
    OutputDebugStringA("to the debugger\n");
    OutputDebugStringW(L"to the debugger too\n");
    CHECK(MessageBoxA(NULL, "text", "title", MB_OK | MB_ICONERROR) == IDOK);
    CHECK(MessageBoxW(NULL, L"text", NULL, MB_OKCANCEL) == IDCANCEL);
    CHECK_END();
}
