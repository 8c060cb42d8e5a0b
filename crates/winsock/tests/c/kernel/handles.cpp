// Handles: duplicates, names, flags.
#include "check.h"

static HANDLE duplicate(HANDLE handle, DWORD options = DUPLICATE_SAME_ACCESS)
{
    HANDLE made = NULL;
    CHECK(DuplicateHandle(GetCurrentProcess(), handle, GetCurrentProcess(), &made, 0, FALSE, options));
    return made;
}
static bool set(HANDLE handle) { return WaitForSingleObject(handle, 0) == WAIT_OBJECT_0; }
static DWORD WINAPI wait(LPVOID handle) { return WaitForSingleObject((HANDLE)handle, INFINITE); }

static void duplicates()
{
    HANDLE event = CreateEventA(NULL, TRUE, FALSE, NULL), other = duplicate(event);
    CHECK(event != other && CompareObjectHandles(event, other));
    CHECK(CloseHandle(event) && SetEvent(other) && set(other));
    HANDLE third = duplicate(other, DUPLICATE_CLOSE_SOURCE | DUPLICATE_SAME_ACCESS);
    FAILS(SetEvent(other), ERROR_INVALID_HANDLE);
    CHECK(set(third) && CloseHandle(third));
    // A number is never used again.
    for (int i = 0; i < 1000; ++i) {
        HANDLE next = CreateEventA(NULL, TRUE, FALSE, NULL);
        CHECK(next != event && next != other && next != third);
        CHECK(CloseHandle(next));
    }
    // Closing the last handle does not end a wait that another thread is in; whoever has another one can still end it.
    HANDLE waited = CreateEventA(NULL, TRUE, FALSE, NULL), again = duplicate(waited);
    HANDLE thread = CreateThread(NULL, 0, wait, waited, 0, NULL);
    Sleep(20);
    CHECK(CloseHandle(waited) && SetEvent(again));
    EQUAL(WaitForSingleObject(thread, INFINITE), WAIT_OBJECT_0);
    // The pseudo handle becomes a real one.
    HANDLE self = duplicate(GetCurrentThread());
    EQUAL(GetThreadId(self), GetCurrentThreadId());
    CHECK(CompareObjectHandles(self, GetCurrentThread()) && CloseHandle(self));
    HANDLE process = duplicate(GetCurrentProcess());
    EQUAL(WaitForSingleObject(process, 0), WAIT_TIMEOUT);
    CHECK(CloseHandle(process));
}

static void names()
{
    HANDLE one = CreateEventA(NULL, TRUE, FALSE, "kernel test");
    EQUAL(GetLastError(), 0);
    HANDLE two = CreateEventW(NULL, FALSE, TRUE, L"Local\\kernel test");
    EQUAL(GetLastError(), ERROR_ALREADY_EXISTS);
    CHECK(one != two && CompareObjectHandles(one, two) && !set(two));
    HANDLE three = OpenEventA(EVENT_ALL_ACCESS, FALSE, "kernel test");
    CHECK(three && SetEvent(three) && set(one));
    FAILS(OpenEventA(EVENT_ALL_ACCESS, FALSE, "Kernel Test"), ERROR_FILE_NOT_FOUND);
    FAILS(OpenMutexA(MUTEX_ALL_ACCESS, FALSE, "kernel test"), ERROR_INVALID_HANDLE);
    FAILS(CreateSemaphoreA(NULL, 0, 1, "kernel test"), ERROR_INVALID_HANDLE);
    FAILS(OpenEventA(EVENT_ALL_ACCESS, FALSE, NULL), ERROR_INVALID_PARAMETER);
    FAILS(CreateEventA(NULL, TRUE, TRUE, "a\\b"), ERROR_PATH_NOT_FOUND);
    char longest[400];
    for (char &letter : longest) letter = 'x';
    longest[399] = 0;
    HANDLE none = CreateEventA(NULL, TRUE, TRUE, "");
    EQUAL(GetLastError(), 0);
    CHECK(none && CloseHandle(none));
    HANDLE fourth = duplicate(three);
    CHECK(CloseHandle(one) && CloseHandle(two) && CloseHandle(three));
    three = OpenEventW(EVENT_ALL_ACCESS, FALSE, L"kernel test");
    CHECK(three && set(three) && CloseHandle(three) && CloseHandle(fourth));
    FAILS(OpenEventA(EVENT_ALL_ACCESS, FALSE, "kernel test"), ERROR_FILE_NOT_FOUND);
    HANDLE mutex = CreateMutexA(NULL, TRUE, "kernel test"), same = CreateMutexA(NULL, TRUE, "kernel test");
    EQUAL(GetLastError(), ERROR_ALREADY_EXISTS);
    CHECK(ReleaseMutex(same));
    FAILS(ReleaseMutex(mutex), ERROR_NOT_OWNER);
    HANDLE semaphore = CreateSemaphoreA(NULL, 1, 5, "kernel semaphore"), timer = CreateWaitableTimerA(NULL, TRUE, "kernel timer");
    CHECK(set(semaphore) && ReleaseSemaphore(OpenSemaphoreA(SEMAPHORE_ALL_ACCESS, FALSE, "kernel semaphore"), 1, NULL) && set(semaphore));
    CHECK(CompareObjectHandles(timer, OpenWaitableTimerW(TIMER_ALL_ACCESS, FALSE, L"kernel timer")));
}

static void flags()
{
    DWORD flags = 99;
    HANDLE event = CreateEventA(NULL, TRUE, FALSE, NULL);
    CHECK(GetHandleInformation(event, &flags));
    EQUAL(flags, 0);
    CHECK(SetHandleInformation(event, HANDLE_FLAG_INHERIT | HANDLE_FLAG_PROTECT_FROM_CLOSE, HANDLE_FLAG_PROTECT_FROM_CLOSE));
    CHECK(GetHandleInformation(event, &flags));
    EQUAL(flags, HANDLE_FLAG_PROTECT_FROM_CLOSE);
    FAILS(CloseHandle(event), ERROR_INVALID_HANDLE);
    CHECK(SetEvent(event) && SetHandleInformation(event, HANDLE_FLAG_PROTECT_FROM_CLOSE, 0) && CloseHandle(event));
}

int main()
{
    duplicates();
    names();
    flags();
    // A pulse lets those go who wait, and leaves nothing behind.
    HANDLE event = CreateEventA(NULL, TRUE, FALSE, NULL), thread = CreateThread(NULL, 0, wait, event, 0, NULL);
    while (WaitForSingleObject(thread, 1) != WAIT_OBJECT_0) CHECK(PulseEvent(event));
    CHECK(!set(event));
    return 0;
}
