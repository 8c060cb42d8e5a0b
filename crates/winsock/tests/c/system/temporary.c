// Names for temporary files.
#include <windows.h>

int main(void)
{
    char folder[MAX_PATH], name[MAX_PATH];
    WCHAR wide_folder[MAX_PATH], wide_name[MAX_PATH];
    if (!GetTempPathA(MAX_PATH, folder) || !GetTempPathW(MAX_PATH, wide_folder)) return 1;
    if (!GetTempFileNameA(folder, "test", 0, name) || GetFileAttributesA(name) == INVALID_FILE_ATTRIBUTES) return 2;
    if (!strstr(name, "/tes") || strstr(name, "/test")) return 3;
    if (!DeleteFileA(name)) return 4;
    if (!GetTempFileNameW(wide_folder, L"w", 0, wide_name) || !DeleteFileW(wide_name)) return 5;
    if (GetTempFileNameA(folder, "a", 0x12345, name) != 0x2345 || !strstr(name, "/a2345.TMP")) return 6;
    if (GetTempFileNameA("/nowhere/at/all", "a", 0, name) != 0 || GetLastError() != ERROR_DIRECTORY) return 7;
    if (GetTempFileNameA(folder, "a", 0, NULL) != 0 || GetTempFileNameA(NULL, NULL, 0, name) != 0) return 8;
    return 0;
}
