// Threads that the program starts in other ways, and what one thread may ask of another.
#include "check.h"
#include <atomic>
#include <thread>
#include <wchar.h>

static std::atomic<int> ran;
static void CALLBACK apc(ULONG_PTR) { ++ran; }
static DWORD WINAPI sleeps(LPVOID) { while (!ran) SleepEx(INFINITE, TRUE); return 3; }
static DWORD WINAPI counts(LPVOID) { ++ran; return 4; }
static DWORD WINAPI suspends_itself(LPVOID) { DWORD before = SuspendThread(GetCurrentThread()); ++ran; return before; }

int main()
{
    // By its number, and through a duplicate of the pseudo handle.
    std::atomic<DWORD> id(0);
    HANDLE real = NULL;
    std::thread plain([&] {
        CHECK(DuplicateHandle(GetCurrentProcess(), GetCurrentThread(), GetCurrentProcess(), &real, 0, FALSE, DUPLICATE_SAME_ACCESS));
        id = GetCurrentThreadId();
        while (ran < 2) SleepEx(INFINITE, TRUE);
    });
    while (id == 0) Sleep(1);
    HANDLE opened = OpenThread(THREAD_ALL_ACCESS, FALSE, id);
    CHECK(opened && CompareObjectHandles(opened, real));
    CHECK(QueueUserAPC(apc, opened, 0) && QueueUserAPC(apc, real, 0));
    EQUAL(WaitForSingleObject(opened, INFINITE), WAIT_OBJECT_0);
    DWORD code = 9;
    CHECK(GetExitCodeThread(opened, &code));
    EQUAL(code, 0);
    FAILS(QueueUserAPC(apc, real, 0), ERROR_GEN_FAILURE);
    plain.join();
    FAILS(OpenThread(THREAD_ALL_ACCESS, FALSE, id), ERROR_INVALID_PARAMETER);

    // Suspended as often as it is resumed.
    ran = 0;
    DWORD number = 0;
    HANDLE thread = CreateThread(NULL, 0, counts, NULL, CREATE_SUSPENDED, &number);
    CHECK(number != 0 && number == GetThreadId(thread));
    EQUAL(SuspendThread(thread), 1);
    EQUAL(ResumeThread(thread), 2);
    EQUAL(WaitForSingleObject(thread, 20), WAIT_TIMEOUT);
    CHECK(GetExitCodeThread(thread, &code));
    EQUAL(code, STILL_ACTIVE);
    EQUAL(ran.load(), 0);
    EQUAL(ResumeThread(thread), 1);
    EQUAL(WaitForSingleObject(thread, INFINITE), WAIT_OBJECT_0);
    EQUAL(ResumeThread(thread), 0);
    EQUAL(ran.load(), 1);

    // One that has not begun can be ended; its APCs do not run.
    ran = 0;
    thread = CreateThread(NULL, 0, counts, NULL, CREATE_SUSPENDED, NULL);
    CHECK(QueueUserAPC(apc, thread, 0) && TerminateThread(thread, 12));
    EQUAL(WaitForSingleObject(thread, INFINITE), WAIT_OBJECT_0);
    CHECK(GetExitCodeThread(thread, &code));
    EQUAL(code, 12);
    EQUAL(ran.load(), 0);

    // Of one that runs neither is done.
    thread = CreateThread(NULL, 0, sleeps, NULL, 0, NULL);
    FAILS(TerminateThread(thread, 0), ERROR_CALL_NOT_IMPLEMENTED);
    FAILS(SuspendThread(thread) != (DWORD)-1, ERROR_CALL_NOT_IMPLEMENTED);
    CHECK(QueueUserAPC(apc, thread, 0));
    EQUAL(WaitForSingleObject(thread, INFINITE), WAIT_OBJECT_0);
    CHECK(TerminateThread(thread, 0) && GetExitCodeThread(thread, &code));
    EQUAL(code, 3);

    // A thread suspends itself.
    ran = 0;
    thread = CreateThread(NULL, 0, suspends_itself, NULL, 0, NULL);
    while (ResumeThread(thread) == 0) Sleep(1);
    EQUAL(WaitForSingleObject(thread, INFINITE), WAIT_OBJECT_0);
    EQUAL(ran.load(), 1);

    CHECK(SetThreadPriority(GetCurrentThread(), THREAD_PRIORITY_HIGHEST));
    EQUAL(GetThreadPriority(GetCurrentThread()), THREAD_PRIORITY_HIGHEST);
    DWORD_PTR mask = SetThreadAffinityMask(GetCurrentThread(), 1);
    CHECK(mask & 1);
    EQUAL(SetThreadAffinityMask(GetCurrentThread(), mask), 1);
    EQUAL(SetThreadDescription(GetCurrentThread(), L"a thread with a long name"), 0);
    PWSTR description = NULL;
    EQUAL(GetThreadDescription(GetCurrentThread(), &description), 0);
    EQUAL(wcscmp(description, L"a thread with a long name"), 0);
    EQUAL(LocalFree(description), 0);
    CHECK(SetThreadDescription(NULL, L"") < 0 && GetThreadDescription(NULL, &description) < 0);
    DWORD_PTR all = 0;
    CHECK(GetProcessAffinityMask(GetCurrentProcess(), &mask, &all) && mask && (mask & all) == mask);
    CHECK(SetProcessAffinityMask(GetCurrentProcess(), mask));
    FAILS(SetProcessAffinityMask(GetCurrentProcess(), 0), ERROR_INVALID_PARAMETER);
    CHECK(GetCurrentProcessorNumber() < 1024);
    EQUAL(GetProcessIdOfThread(GetCurrentThread()), GetCurrentProcessId());
    CHECK(SetThreadIdealProcessor(GetCurrentThread(), 0) != (DWORD)-1 && SetThreadIdealProcessor(GetCurrentThread(), 65) == (DWORD)-1);
    EQUAL(GetPriorityClass(GetCurrentProcess()), NORMAL_PRIORITY_CLASS);
    CHECK(SetPriorityClass(GetCurrentProcess(), HIGH_PRIORITY_CLASS));
    EQUAL(GetPriorityClass(GetCurrentProcess()), HIGH_PRIORITY_CLASS);
    FAILS(SetPriorityClass(GetCurrentProcess(), 3), ERROR_INVALID_PARAMETER);
    return 0;
}
