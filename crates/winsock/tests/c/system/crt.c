// The same from C.
#include <windows.h>
#include <conio.h>
#include <crtdbg.h>
#include <direct.h>
#include <intrin.h>
#include <io.h>
#include <strsafe.h>
#include <tchar.h>
#include "check.h"

static CRITICAL_SECTION section;
static SRWLOCK lock = SRWLOCK_INIT;

int main(void)
{
    char text[8];
    long plain = 1;
    LONG number = 1;
    LONG64 wide = 1;
    SYSTEMTIME now;
    InitializeCriticalSection(&section);
    EnterCriticalSection(&section);
    LeaveCriticalSection(&section);
    DeleteCriticalSection(&section);
    AcquireSRWLockShared(&lock);
    ReleaseSRWLockShared(&lock);
    CHECK(InterlockedIncrement(&plain) == 2 && InterlockedIncrement(&number) == 2 && InterlockedExchangeAdd64(&wide, 4) == 1);
    CHECK(InterlockedCompareExchange(&number, 9, 2) == 2 && number == 9 && InterlockedBitTestAndSet(&number, 1) == 0 && number == 11);
    CHECK(strcpy_s(text, sizeof text, "abc") == 0 && sprintf_s(text, sizeof text, "%d", 5) == 1 && _countof(text) == 8);
    CHECK(StringCchCopyA(text, 8, "abcdefgh") == STRSAFE_E_INSUFFICIENT_BUFFER);
    CHECK(HeapFree(GetProcessHeap(), 0, HeapAlloc(GetProcessHeap(), 0, 5)));
    GetLocalTime(&now);
    CHECK(now.wYear > 2000 && _strdup(NULL) == NULL);
    CHECK(_getcwd(NULL, 0) == NULL || 1);
    CHECK_END();
}
