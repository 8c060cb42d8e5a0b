// Time, the machine and the process.
#include <windows.h>
#include <mmsystem.h>
#include <psapi.h>
#include <intrin.h>
#include "check.h"

int main()
{
    ULONGLONG before = GetTickCount64();
    LARGE_INTEGER frequency, from, to;
    CHECK(QueryPerformanceFrequency(&frequency) && QueryPerformanceCounter(&from));
    CHECK(timeBeginPeriod(1) == TIMERR_NOERROR && timeBeginPeriod(0) == TIMERR_NOCANDO);
    Sleep(30);
    CHECK(timeEndPeriod(1) == TIMERR_NOERROR);
    QueryPerformanceCounter(&to);
    CHECK((to.QuadPart - from.QuadPart) * 1000 / frequency.QuadPart >= 25);
    CHECK(GetTickCount64() - before >= 25 && GetTickCount() - timeGetTime() + 1 <= 100);
    CHECK(!QueryPerformanceCounter(NULL));
    CHECK(__rdtsc() != 0);

    SYSTEMTIME system = {}, local = {}, again = {};
    FILETIME file = {}, shifted = {}, back = {};
    GetSystemTime(&system);
    GetLocalTime(&local);
    CHECK(system.wYear >= 2024 && system.wMonth >= 1 && system.wMonth <= 12 && local.wYear >= 2024);
    GetSystemTimeAsFileTime(&file);
    CHECK(FileTimeToSystemTime(&file, &again) && again.wYear == system.wYear);
    CHECK(SystemTimeToFileTime(&again, &back) && CompareFileTime(&back, &file) <= 0);
    CHECK(FileTimeToLocalFileTime(&file, &shifted) && LocalFileTimeToFileTime(&shifted, &back) && CompareFileTime(&back, &file) == 0);
    system.wMonth = 13;
    CHECK(!SystemTimeToFileTime(&system, &file) && GetLastError() == ERROR_INVALID_PARAMETER);
    CHECK(!FileTimeToSystemTime(NULL, &again));

    time_t now = time(NULL);
    struct tm broken, utc;
    CHECK(localtime_s(&broken, &now) == 0 && broken.tm_year >= 124);
    CHECK(gmtime_s(&utc, &now) == 0 && localtime_s(NULL, &now) == EINVAL);
    char text[32];
    CHECK(ctime_s(text, sizeof text, &now) == 0 && strlen(text) == 25);
    struct _timeb parts;
    _ftime(&parts);
    CHECK(parts.time >= now && parts.millitm < 1000 && parts.timezone == (short)(-broken.tm_gmtoff / 60));

    SYSTEM_INFO info;
    GetSystemInfo(&info);
    CHECK(info.dwNumberOfProcessors >= 1 && info.dwPageSize == 4096 && info.dwAllocationGranularity == 65536);
    FILETIME idle, kernel, user, created, ended;
    CHECK(GetSystemTimes(&idle, &kernel, &user));
    CHECK(GetProcessTimes(GetCurrentProcess(), &created, &ended, &kernel, &user));
    GetSystemTimeAsFileTime(&file);
    CHECK(CompareFileTime(&created, &file) < 0);
    CHECK(!GetProcessTimes((HANDLE)4, &created, &ended, &kernel, &user) && GetLastError() == ERROR_INVALID_HANDLE);
    HANDLE self = OpenProcess(PROCESS_QUERY_INFORMATION | PROCESS_VM_READ, FALSE, GetCurrentProcessId());
    PROCESS_MEMORY_COUNTERS_EX counters;
    CHECK(self && GetProcessMemoryInfo(self, (PPROCESS_MEMORY_COUNTERS)&counters, sizeof counters));
    CHECK(counters.WorkingSetSize > 100000 && counters.PeakWorkingSetSize >= counters.WorkingSetSize && counters.PrivateUsage > 0);
    CHECK(!GetProcessMemoryInfo(self, (PPROCESS_MEMORY_COUNTERS)&counters, 8));
    CHECK(CloseHandle(self));
    CHECK(OpenProcess(PROCESS_ALL_ACCESS, FALSE, 0) == NULL && GetLastError() == ERROR_INVALID_PARAMETER);
    MEMORYSTATUSEX memory = {};
    memory.dwLength = sizeof memory;
    CHECK(GlobalMemoryStatusEx(&memory) && memory.ullTotalPhys > memory.ullAvailPhys && memory.dwMemoryLoad <= 100);
    DWORD index = 0;
    CHECK(_BitScanReverse(&index, 0x10) && index == 4 && !_BitScanForward(&index, 0));
    CHECK_END();
}
