// Files and directories. The argument is a folder to do it in.
#include <windows.h>
#include <direct.h>
#include <io.h>
#include "check.h"
#include <string>

int main(int, char **arguments)
{
    CHECK(SetCurrentDirectoryA(arguments[1]));
    RemoveDirectoryA("folder");
    DeleteFileA("folder/a.txt"), DeleteFileA("folder/b.log"), DeleteFileA("folder/wide.txt"), DeleteFileA("folder/moved.txt"), DeleteFileA("folder/copy.txt"), RemoveDirectoryA("folder");
    CHECK(CreateDirectoryW(L"folder", NULL) && !CreateDirectoryA("folder", NULL) && GetLastError() == ERROR_ALREADY_EXISTS);
    CHECK(!CreateDirectoryA("no/such/folder", NULL) && GetLastError() == ERROR_PATH_NOT_FOUND);
    CHECK(GetFileAttributesA("folder") == FILE_ATTRIBUTE_DIRECTORY && GetFileAttributesW(L"nothing") == INVALID_FILE_ATTRIBUTES && GetLastError() == ERROR_FILE_NOT_FOUND);

    HANDLE file = CreateFileA("folder\\a.txt", GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ, NULL, CREATE_NEW, FILE_ATTRIBUTE_NORMAL, NULL);
    CHECK(file != INVALID_HANDLE_VALUE && GetLastError() == 0);
    CHECK(CreateFileA("folder/a.txt", GENERIC_WRITE, 0, NULL, CREATE_NEW, 0, NULL) == INVALID_HANDLE_VALUE && GetLastError() == ERROR_FILE_EXISTS);
    DWORD count = 7;
    CHECK(WriteFile(file, "hello world", 11, &count, NULL) && count == 11);
    unsigned long long_count = 7;
    CHECK(WriteFile(file, "!", 1, &long_count, NULL) && long_count == 1);
    CHECK(FlushFileBuffers(file) && GetFileSize(file, NULL) == 12 && GetFileType(file) == FILE_TYPE_DISK);
    CHECK(SetFilePointer(file, 6, NULL, FILE_BEGIN) == 6);
    char buffer[64] = {};
    CHECK(ReadFile(file, buffer, sizeof buffer, &count, NULL) && count == 6 && memcmp(buffer, "world!", 6) == 0);
    CHECK(ReadFile(file, buffer, sizeof buffer, &count, NULL) && count == 0); // The end is no error.
    CHECK(SetFilePointer(file, -100, NULL, FILE_CURRENT) == INVALID_SET_FILE_POINTER && GetLastError() == 131);
    LARGE_INTEGER distance, position;
    distance.QuadPart = -1;
    CHECK(SetFilePointerEx(file, distance, &position, FILE_END) && position.QuadPart == 11);
    OVERLAPPED at = {};
    at.Offset = 2;
    CHECK(ReadFile(file, buffer, 3, NULL, &at) && at.InternalHigh == 3 && memcmp(buffer, "llo", 3) == 0);
    at.Offset = 100;
    CHECK(!ReadFile(file, buffer, 3, &count, &at) && GetLastError() == ERROR_HANDLE_EOF);
    CHECK(SetFilePointer(file, 5, NULL, FILE_BEGIN) == 5 && SetEndOfFile(file) && GetFileSizeEx(file, &position) && position.QuadPart == 5);
    CHECK(!ReadFile(file, (PVOID)16, 5, &count, NULL) || count == 0);
    CHECK(CloseHandle(file) && !CloseHandle(file) && GetLastError() == ERROR_INVALID_HANDLE);
    CHECK(!WriteFile(file, "x", 1, &count, NULL) && GetLastError() == ERROR_INVALID_HANDLE);

    file = CreateFileW(L"folder/a.txt", GENERIC_READ, 0, NULL, OPEN_ALWAYS, 0, NULL);
    CHECK(file != INVALID_HANDLE_VALUE && GetLastError() == ERROR_ALREADY_EXISTS);
    CHECK(!WriteFile(file, "x", 1, &count, NULL) && GetLastError() == ERROR_ACCESS_DENIED);
    CHECK(WaitForSingleObject(file, 0) != WAIT_TIMEOUT || true);
    CloseHandle(file);
    file = CreateFileA("folder/a.txt", FILE_APPEND_DATA, 0, NULL, OPEN_EXISTING, 0, NULL);
    CHECK(WriteFile(file, "++", 2, &count, NULL) && GetFileSize(file, NULL) == 7);
    CloseHandle(file);
    file = CreateFileA("folder/a.txt", GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
    CHECK(GetLastError() == ERROR_ALREADY_EXISTS && GetFileSize(file, NULL) == 0);
    CloseHandle(file);
    CHECK(CreateFileA("nothing", GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL) == INVALID_HANDLE_VALUE && GetLastError() == ERROR_FILE_NOT_FOUND);
    CHECK(CreateFileA("no/thing", GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL) == INVALID_HANDLE_VALUE && GetLastError() == ERROR_PATH_NOT_FOUND);
    CHECK(CreateFileA("folder", GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL) == INVALID_HANDLE_VALUE && GetLastError() == ERROR_ACCESS_DENIED);
    CHECK(CreateFileA("x", GENERIC_READ, 0, NULL, OPEN_ALWAYS, FILE_FLAG_OVERLAPPED, NULL) == INVALID_HANDLE_VALUE && GetLastError() == ERROR_NOT_SUPPORTED);
    CHECK(CreateFileA(NULL, GENERIC_READ, 0, NULL, OPEN_ALWAYS, 0, NULL) == INVALID_HANDLE_VALUE);
    CHECK(CreateFileA("x", GENERIC_READ, 0, NULL, 9, 0, NULL) == INVALID_HANDLE_VALUE && GetLastError() == ERROR_INVALID_PARAMETER);
    HANDLE event = CreateEvent(NULL, TRUE, FALSE, NULL);
    CHECK(!ReadFile(event, buffer, 1, &count, NULL) && GetLastError() == ERROR_INVALID_HANDLE);
    CHECK(!ReadFile(GetStdHandle(STD_OUTPUT_HANDLE), buffer, 1, NULL, NULL));
    CloseHandle(event);

    FILE *stream = NULL;
    CHECK(fopen_s(&stream, "folder\\b.log", "wt") == 0 && stream && fprintf_s(stream, "%s %d\n", "line", 1) == 7);
    fclose(stream);
    CHECK(fopen_s(&stream, "no/such", "r") == ENOENT && stream == NULL);
    CHECK(_wfopen_s(&stream, L"folder\\wide.txt", L"wt, ccs=UTF-8") == 0 && fwprintf_s(stream, L"%s\n", L"\xAC00") == 2);
    fclose(stream);
    CHECK(_access("folder/wide.txt", 0) == 0 && _access("folder/none", 0) == -1 && _mkdir("folder") == -1 && errno == EEXIST);
    WIN32_FILE_ATTRIBUTE_DATA data;
    CHECK(GetFileAttributesExA("folder/wide.txt", GetFileExInfoStandard, &data) && data.nFileSizeLow == 4);

    WIN32_FIND_DATAA found;
    std::string names;
    HANDLE search = FindFirstFileA("folder\\*.*", &found);
    CHECK(search != INVALID_HANDLE_VALUE);
    do names += std::string(found.cFileName) + (found.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY ? "/ " : " ");
    while (FindNextFileA(search, &found));
    CHECK(GetLastError() == ERROR_NO_MORE_FILES && names == "./ ../ a.txt b.log wide.txt ");
    CHECK(FindClose(search) && !FindClose(search) && GetLastError() == ERROR_INVALID_HANDLE);
    WIN32_FIND_DATAW wide;
    search = FindFirstFileW(L"folder/*.TXT", &wide);
    CHECK(search != INVALID_HANDLE_VALUE && wcscmp(wide.cFileName, L"a.txt") == 0 && FindNextFileW(search, &wide) && !FindNextFileW(search, &wide));
    FindClose(search);
    CHECK(FindFirstFileA("folder/*.none", &found) == INVALID_HANDLE_VALUE && GetLastError() == ERROR_FILE_NOT_FOUND);
    CHECK(FindFirstFileA("none/*", &found) == INVALID_HANDLE_VALUE && GetLastError() == ERROR_PATH_NOT_FOUND);

    CHECK(CopyFileA("folder/wide.txt", "folder/copy.txt", TRUE) && !CopyFileA("folder/wide.txt", "folder/copy.txt", TRUE) && GetLastError() == ERROR_FILE_EXISTS);
    CHECK(!MoveFileA("folder/wide.txt", "folder/copy.txt") && GetLastError() == ERROR_ALREADY_EXISTS);
    CHECK(MoveFileExA("folder/wide.txt", "folder/copy.txt", MOVEFILE_REPLACE_EXISTING) && MoveFileW(L"folder/copy.txt", L"folder/moved.txt"));
    CHECK(!RemoveDirectoryA("folder") && GetLastError() == 145);
    file = CreateFileA("folder/gone", GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, FILE_FLAG_DELETE_ON_CLOSE, NULL);
    CHECK(CloseHandle(file) && GetFileAttributesA("folder/gone") == INVALID_FILE_ATTRIBUTES);
    CHECK(DeleteFileA("folder/a.txt") && DeleteFileA("folder/b.log") && DeleteFileW(L"folder/moved.txt") && !DeleteFileA("folder/a.txt"));
    CHECK(RemoveDirectoryA("folder"));
    char here[MAX_PATH];
    CHECK(GetCurrentDirectoryA(MAX_PATH, here) == strlen(here) && GetCurrentDirectoryA(1, here) > 1);
    CHECK_END();
}
