// Every function takes null, invented, closed and other handles for what they are: an error, and never a crash.
#include "check.h"

static DWORD WINAPI nothing(LPVOID) { return 0; }
static void CALLBACK apc(ULONG_PTR) {}
static void CALLBACK timer(LPVOID, DWORD, DWORD) {}
static void CALLBACK tick(PVOID, BOOLEAN) {}

static void kinds(HANDLE handle, DWORD error)
{
    LONG before;
    DWORD code;
    LARGE_INTEGER due;
    due.QuadPart = -1;
    FAILS(SetEvent(handle), error);
    FAILS(ResetEvent(handle), error);
    FAILS(PulseEvent(handle), error);
    FAILS(ReleaseSemaphore(handle, 1, &before), error);
    FAILS(ReleaseMutex(handle), error);
    FAILS(SetWaitableTimer(handle, &due, 0, NULL, NULL, FALSE), error);
    FAILS(CancelWaitableTimer(handle), error);
    FAILS(GetExitCodeThread(handle, &code), error);
    FAILS(QueueUserAPC(apc, handle, 0), error);
    FAILS(ResumeThread(handle) != (DWORD)-1, error);
    FAILS(SuspendThread(handle) != (DWORD)-1, error);
    FAILS(TerminateThread(handle, 0), error);
    FAILS(GetThreadId(handle), error);
    FAILS(SetThreadPriority(handle, 0), error);
    FAILS(GetThreadPriority(handle) != THREAD_PRIORITY_ERROR_RETURN, error);
    FAILS(SetThreadAffinityMask(handle, 1), error);
    FAILS(UnregisterWait(handle), error);
    FAILS(DeleteTimerQueueTimer(NULL, handle, NULL), error);
    FAILS(DeleteTimerQueueEx(handle, NULL), error);
}

static void no_handle(HANDLE handle)
{
    DWORD flags;
    HANDLE made, both[2] = { CreateEventA(NULL, TRUE, TRUE, NULL), handle };
    kinds(handle, ERROR_INVALID_HANDLE);
    WAIT_FAILS(WaitForSingleObject(handle, 0), ERROR_INVALID_HANDLE);
    WAIT_FAILS(WaitForSingleObjectEx(handle, 0, TRUE), ERROR_INVALID_HANDLE);
    WAIT_FAILS(WaitForMultipleObjects(2, both, FALSE, 0), ERROR_INVALID_HANDLE);
    WAIT_FAILS(WaitForMultipleObjects(2, both, TRUE, 0), ERROR_INVALID_HANDLE);
    WAIT_FAILS(WSAWaitForMultipleEvents(2, both, FALSE, 0, FALSE), ERROR_INVALID_HANDLE);
    WAIT_FAILS(SignalObjectAndWait(both[0], handle, 0, FALSE), ERROR_INVALID_HANDLE);
    WAIT_FAILS(SignalObjectAndWait(handle, both[0], 0, FALSE), ERROR_INVALID_HANDLE);
    FAILS(CloseHandle(handle), ERROR_INVALID_HANDLE);
    FAILS(WSACloseEvent(handle), ERROR_INVALID_HANDLE);
    FAILS(WSASetEvent(handle), ERROR_INVALID_HANDLE);
    FAILS(WSAResetEvent(handle), ERROR_INVALID_HANDLE);
    FAILS(GetHandleInformation(handle, &flags), ERROR_INVALID_HANDLE);
    FAILS(SetHandleInformation(handle, HANDLE_FLAG_INHERIT, 0), ERROR_INVALID_HANDLE);
    FAILS(DuplicateHandle(GetCurrentProcess(), handle, GetCurrentProcess(), &made, 0, FALSE, DUPLICATE_SAME_ACCESS), ERROR_INVALID_HANDLE);
    FAILS(RegisterWaitForSingleObject(&made, handle, tick, NULL, 0, 0), ERROR_INVALID_HANDLE);
    CHECK(CloseHandle(both[0]));
}

static void before_startup()
{
    HANDLE event = CreateEventW(NULL, TRUE, TRUE, NULL);
    FAILS(WSACreateEvent() != WSA_INVALID_EVENT, WSANOTINITIALISED);
    FAILS(WSASetEvent(event), WSANOTINITIALISED);
    FAILS(WSAResetEvent(event), WSANOTINITIALISED);
    FAILS(WSACloseEvent(event), WSANOTINITIALISED);
    WAIT_FAILS(WSAWaitForMultipleEvents(1, &event, FALSE, 0, FALSE), WSANOTINITIALISED);
    EQUAL(WaitForSingleObject(event, 0), WAIT_OBJECT_0);
    CHECK(CloseHandle(event));
}

int main()
{
    before_startup();
    WSADATA data;
    EQUAL(WSAStartup(MAKEWORD(2, 2), &data), 0);

    no_handle(NULL);
    no_handle((HANDLE)(ULONG_PTR)0x7ffffff0);
    no_handle((HANDLE)(ULONG_PTR)3);
    HANDLE closed = CreateEventA(NULL, TRUE, TRUE, NULL);
    CHECK(CloseHandle(closed));
    no_handle(closed);

    // Of another kind.
    HANDLE event = CreateEventA(NULL, FALSE, FALSE, NULL), semaphore = CreateSemaphoreA(NULL, 0, 1, NULL);
    HANDLE mutex = CreateMutexA(NULL, FALSE, NULL), clock = CreateWaitableTimerA(NULL, FALSE, NULL);
    HANDLE thread = CreateThread(NULL, 0, nothing, NULL, 0, NULL);
    FAILS(SetEvent(semaphore), ERROR_INVALID_HANDLE);
    FAILS(SetEvent(GetCurrentProcess()), ERROR_INVALID_HANDLE);
    FAILS(ReleaseMutex(event), ERROR_INVALID_HANDLE);
    FAILS(ReleaseSemaphore(mutex, 1, NULL), ERROR_INVALID_HANDLE);
    FAILS(CancelWaitableTimer(thread), ERROR_INVALID_HANDLE);
    FAILS(ResumeThread(clock) != (DWORD)-1, ERROR_INVALID_HANDLE);
    WAIT_FAILS(SignalObjectAndWait(thread, event, 0, FALSE), ERROR_INVALID_HANDLE);
    WAIT_FAILS(SignalObjectAndWait(clock, event, 0, FALSE), ERROR_INVALID_HANDLE);
    WAIT_FAILS(SignalObjectAndWait(mutex, event, 0, FALSE), ERROR_NOT_OWNER);

    // Wrong numbers.
    FAILS(CreateSemaphoreA(NULL, 2, 1, NULL), ERROR_INVALID_PARAMETER);
    FAILS(CreateSemaphoreA(NULL, -1, 1, NULL), ERROR_INVALID_PARAMETER);
    FAILS(CreateSemaphoreA(NULL, 0, 0, NULL), ERROR_INVALID_PARAMETER);
    FAILS(ReleaseSemaphore(semaphore, 0, NULL), ERROR_INVALID_PARAMETER);
    FAILS(ReleaseSemaphore(semaphore, -1, NULL), ERROR_INVALID_PARAMETER);
    FAILS(ReleaseSemaphore(semaphore, 2, NULL), ERROR_TOO_MANY_POSTS);
    FAILS(CreateEventExA(NULL, NULL, 4, 0), ERROR_INVALID_PARAMETER);
    FAILS(CreateMutexExA(NULL, NULL, 2, 0), ERROR_INVALID_PARAMETER);
    LARGE_INTEGER due;
    due.QuadPart = -1;
    FAILS(SetWaitableTimer(clock, &due, -1, NULL, NULL, FALSE), ERROR_INVALID_PARAMETER);
    FAILS(SetWaitableTimer(clock, NULL, 0, timer, NULL, FALSE), ERROR_NOACCESS);
    FAILS(CreateThread(NULL, 0, NULL, NULL, 0, NULL), ERROR_INVALID_PARAMETER);
    FAILS(CreateThread(NULL, 0, nothing, NULL, 0x80, NULL), ERROR_INVALID_PARAMETER);
    EQUAL(_beginthreadex(NULL, 0, NULL, NULL, 0, NULL), 0);
    EQUAL(_beginthread(NULL, 0, NULL), (uintptr_t)-1);
    FAILS(QueueUserAPC(NULL, GetCurrentThread(), 0), ERROR_INVALID_PARAMETER);
    FAILS(OpenThread(THREAD_ALL_ACCESS, FALSE, 0), ERROR_INVALID_PARAMETER);
    FAILS(GetExitCodeThread(thread, NULL), ERROR_NOACCESS);
    FAILS(GetHandleInformation(event, NULL), ERROR_NOACCESS);
    FAILS(SetHandleInformation(event, 4, 4), ERROR_INVALID_PARAMETER);
    FAILS(SetThreadPriority(thread, 77), ERROR_INVALID_PARAMETER);
    FAILS(SetThreadAffinityMask(GetCurrentThread(), 0), ERROR_INVALID_PARAMETER);
    WAIT_FAILS(WaitForMultipleObjects(2, NULL, FALSE, 0), ERROR_NOACCESS);
    WAIT_FAILS(WaitForMultipleObjects(0xFFFFFFFF, &event, FALSE, 0), ERROR_INVALID_PARAMETER);
    HANDLE twice[2] = { mutex, mutex };
    WAIT_FAILS(WaitForMultipleObjects(2, twice, TRUE, 0), ERROR_INVALID_PARAMETER);
    EQUAL(WaitForMultipleObjects(2, twice, FALSE, 0), WAIT_OBJECT_0);
    CHECK(ReleaseMutex(mutex));
    FAILS(DuplicateHandle(event, event, GetCurrentProcess(), &closed, 0, FALSE, 0), ERROR_INVALID_HANDLE);
    FAILS(DuplicateHandle(GetCurrentProcess(), event, event, &closed, 0, FALSE, 0), ERROR_INVALID_HANDLE);
    FAILS(DuplicateHandle(GetCurrentProcess(), event, GetCurrentProcess(), NULL, 0, FALSE, 0), ERROR_INVALID_PARAMETER);
    FAILS(QueueUserWorkItem(NULL, NULL, 0), ERROR_INVALID_PARAMETER);
    FAILS(CreateTimerQueueTimer(NULL, NULL, tick, NULL, 0, 0, 0), ERROR_INVALID_PARAMETER);
    FAILS(CreateTimerQueueTimer(&closed, NULL, NULL, NULL, 0, 0, 0), ERROR_INVALID_PARAMETER);
    FAILS(CreateTimerQueueTimer(&closed, event, tick, NULL, 0, 0, 0), ERROR_INVALID_HANDLE);
    FAILS(CreateThreadpoolWork(NULL, NULL, NULL), ERROR_INVALID_PARAMETER);
    SubmitThreadpoolWork(NULL);
    WaitForThreadpoolWorkCallbacks((PTP_WORK)event, TRUE);
    CloseThreadpoolTimer((PTP_TIMER)event);
    SetThreadpoolWait(NULL, event, NULL);

    // Pseudo handles.
    EQUAL(WaitForSingleObject(GetCurrentProcess(), 0), WAIT_TIMEOUT);
    EQUAL(WaitForSingleObject(GetCurrentThread(), 0), WAIT_TIMEOUT);
    CHECK(CloseHandle(GetCurrentProcess()) && CloseHandle(GetCurrentThread()));
    // What belongs to the pool is no handle to close.
    HANDLE queue = CreateTimerQueue();
    FAILS(CloseHandle(queue), ERROR_INVALID_HANDLE);
    CHECK(DeleteTimerQueue(queue));
    EQUAL(WaitForSingleObject(thread, INFINITE), WAIT_OBJECT_0);
    return 0;
}
