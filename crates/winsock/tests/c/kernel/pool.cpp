// The thread pool where the probes do not look.
#include "check.h"
#include <atomic>

static std::atomic<int> calls, blocked;
static HANDLE gate, done;
static CRITICAL_SECTION section;
static DWORD WINAPI block(LPVOID) { ++blocked; WaitForSingleObject(gate, INFINITE); ++calls; return 0; }
static DWORD WINAPI count(LPVOID) { ++calls; return 0; }
static DWORD WINAPI exits(LPVOID) { ++calls; ExitThread(1); }
static DWORD WINAPI sleeps_alertably(LPVOID) { ++calls; return 0; }
static VOID CALLBACK work(PTP_CALLBACK_INSTANCE, PVOID, PTP_WORK) { WaitForSingleObject(gate, INFINITE); ++calls; }
static VOID CALLBACK tick(PVOID, BOOLEAN fired) { CHECK(fired); ++calls; }
static VOID CALLBACK slow_tick(PVOID, BOOLEAN) { ++blocked; WaitForSingleObject(gate, INFINITE); ++calls; }
static VOID CALLBACK waited(PVOID, BOOLEAN fired) { CHECK(!fired); ++calls; }
static VOID CALLBACK pool_timer(PTP_CALLBACK_INSTANCE, PVOID context, PTP_TIMER timer) { CHECK(*(PTP_TIMER *)context == timer); ++calls; }
static VOID CALLBACK pool_wait(PTP_CALLBACK_INSTANCE, PVOID, PTP_WAIT, TP_WAIT_RESULT result) { calls += result == WAIT_OBJECT_0 ? 1 : 100; }
static VOID CALLBACK sets(PTP_CALLBACK_INSTANCE instance, PVOID event) { EnterCriticalSection(&section); LeaveCriticalSectionWhenCallbackReturns(instance, &section); SetEventWhenCallbackReturns(instance, (HANDLE)event); CHECK(CallbackMayRunLong(instance)); ++calls; }
static VOID CALLBACK counts(PTP_CALLBACK_INSTANCE, PVOID) { Sleep(1); ++calls; }
static VOID CALLBACK alone(PTP_CALLBACK_INSTANCE, PVOID) { EQUAL(++blocked, 1); Sleep(1); --blocked; ++calls; }
static VOID CALLBACK cancelled(PVOID object, PVOID context) { *(int *)context += *(int *)object; }
static void until(std::atomic<int> &value, int wanted) { while (value < wanted) Sleep(1); }

static void clear() { calls = blocked = 0; ResetEvent(gate); }

int main()
{
    gate = CreateEventA(NULL, TRUE, FALSE, NULL);
    done = CreateEventA(NULL, TRUE, FALSE, NULL);
    InitializeCriticalSection(&section);

    // Those that block hold up no other.
    for (int i = 0; i < 20; ++i) CHECK(QueueUserWorkItem(block, NULL, WT_EXECUTEDEFAULT));
    until(blocked, 20);
    for (int i = 0; i < 100; ++i) CHECK(QueueUserWorkItem(count, NULL, WT_EXECUTELONGFUNCTION));
    until(calls, 100);
    SetEvent(gate);
    until(calls, 120);

    // A thread that the program ends is replaced.
    clear();
    for (int i = 0; i < 30; ++i) CHECK(QueueUserWorkItem(i % 3 ? count : exits, NULL, 0));
    until(calls, 30);
    CHECK(QueueUserWorkItem(sleeps_alertably, NULL, WT_EXECUTEINIOTHREAD));
    until(calls, 31);

    // Work that has not begun is cancelled.
    clear();
    PTP_WORK some = CreateThreadpoolWork(work, NULL, NULL);
    CHECK(some != NULL);
    for (int i = 0; i < 50; ++i) SubmitThreadpoolWork(some);
    SetEvent(gate);
    WaitForThreadpoolWorkCallbacks(some, TRUE);
    int after = calls;
    CHECK(after <= 50);
    SubmitThreadpoolWork(some);
    WaitForThreadpoolWorkCallbacks(some, FALSE);
    EQUAL(calls.load(), after + 1);
    CloseThreadpoolWork(some);
    SubmitThreadpoolWork(some);
    EQUAL(GetLastError(), ERROR_INVALID_HANDLE);

    // A timer that is deleted while it calls.
    clear();
    HANDLE timer = NULL;
    CHECK(CreateTimerQueueTimer(&timer, NULL, slow_tick, NULL, 0, 0, WT_EXECUTEONLYONCE));
    until(blocked, 1);
    FAILS(DeleteTimerQueueTimer(NULL, timer, NULL), ERROR_IO_PENDING);
    FAILS(DeleteTimerQueueTimer(NULL, timer, NULL), ERROR_INVALID_HANDLE);
    SetEvent(gate);
    until(calls, 1);
    clear();
    CHECK(CreateTimerQueueTimer(&timer, NULL, slow_tick, NULL, 0, 0, WT_EXECUTEONLYONCE));
    until(blocked, 1);
    CHECK(DeleteTimerQueueTimer(NULL, timer, done));
    EQUAL(WaitForSingleObject(done, 10), WAIT_TIMEOUT);
    SetEvent(gate);
    EQUAL(WaitForSingleObject(done, INFINITE), WAIT_OBJECT_0);
    EQUAL(calls.load(), 1);

    // A timer is changed; a queue ends with its timers.
    clear();
    HANDLE queue = CreateTimerQueue(), other = NULL;
    CHECK(CreateTimerQueueTimer(&timer, queue, tick, NULL, 100000000, 0, 0));
    CHECK(ChangeTimerQueueTimer(queue, timer, 1, 1));
    until(calls, 3);
    CHECK(CreateTimerQueueTimer(&other, queue, tick, NULL, 1, 0, WT_EXECUTEINTIMERTHREAD));
    FAILS(DeleteTimerQueueTimer(NULL, timer, NULL), ERROR_INVALID_HANDLE);
    ResetEvent(done);
    CHECK(DeleteTimerQueueEx(queue, done));
    EQUAL(WaitForSingleObject(done, INFINITE), WAIT_OBJECT_0);
    FAILS(CreateTimerQueueTimer(&timer, queue, tick, NULL, 1, 0, 0), ERROR_INVALID_HANDLE);
    after = calls;
    Sleep(20);
    EQUAL(calls.load(), after);

    // An object that stays signalled is told again and again, until the wait is over.
    clear();
    HANDLE wait = NULL;
    CHECK(RegisterWaitForSingleObject(&wait, done, waited, NULL, INFINITE, WT_EXECUTEDEFAULT));
    until(calls, 5);
    CHECK(UnregisterWaitEx(wait, INVALID_HANDLE_VALUE));
    after = calls;
    Sleep(20);
    EQUAL(calls.load(), after);
    FAILS(UnregisterWait(wait), ERROR_INVALID_HANDLE);

    // Many waits at once: there is no limit of 64.
    clear();
    HANDLE events[100], waits[100];
    for (int i = 0; i < 100; ++i) {
        events[i] = CreateEventA(NULL, FALSE, FALSE, NULL);
        CHECK(RegisterWaitForSingleObject(&waits[i], events[i], waited, NULL, INFINITE, i % 2 ? WT_EXECUTEONLYONCE : WT_EXECUTEINWAITTHREAD | WT_EXECUTEONLYONCE));
    }
    for (HANDLE event : events) SetEvent(event);
    until(calls, 100);
    for (HANDLE one : waits) CHECK(UnregisterWaitEx(one, INVALID_HANDLE_VALUE));

    clear();
    PTP_TIMER clock = NULL;
    clock = CreateThreadpoolTimer(pool_timer, &clock, NULL);
    CHECK(clock != NULL && !IsThreadpoolTimerSet(clock));
    ULARGE_INTEGER due;
    due.QuadPart = (ULONGLONG)-10000;
    FILETIME when = { due.LowPart, due.HighPart };
    SetThreadpoolTimer(clock, &when, 1, 0);
    CHECK(IsThreadpoolTimerSet(clock));
    until(calls, 3);
    SetThreadpoolTimer(clock, NULL, 0, 0);
    WaitForThreadpoolTimerCallbacks(clock, TRUE);
    after = calls;
    Sleep(10);
    EQUAL(calls.load(), after);
    CloseThreadpoolTimer(clock);

    clear();
    PTP_WAIT watch = CreateThreadpoolWait(pool_wait, NULL, NULL);
    SetThreadpoolWait(watch, done, NULL);
    until(calls, 1);
    SetThreadpoolWait(watch, gate, &when);
    until(calls, 101);
    WaitForThreadpoolWaitCallbacks(watch, TRUE);
    CloseThreadpoolWait(watch);

    // A pool of one thread does one thing after the other; a group closes its members.
    clear();
    TP_CALLBACK_ENVIRON environment;
    InitializeThreadpoolEnvironment(&environment);
    PTP_POOL pool = CreateThreadpool(NULL);
    SetThreadpoolThreadMaximum(pool, 1);
    CHECK(SetThreadpoolThreadMinimum(pool, 1));
    SetThreadpoolCallbackPool(&environment, pool);
    for (int i = 0; i < 20; ++i) CHECK(TrySubmitThreadpoolCallback(alone, NULL, &environment));
    until(calls, 20);
    ResetEvent(done);
    CHECK(TrySubmitThreadpoolCallback(sets, done, &environment));
    EQUAL(WaitForSingleObject(done, INFINITE), WAIT_OBJECT_0);
    CHECK(TryEnterCriticalSection(&section));
    LeaveCriticalSection(&section);
    DeleteCriticalSection(&section);
    clear();
    PTP_CLEANUP_GROUP group = CreateThreadpoolCleanupGroup();
    SetThreadpoolCallbackCleanupGroup(&environment, group, cancelled);
    int three = 3, four = 4, sum = 0;
    PTP_WORK member = CreateThreadpoolWork(work, &three, &environment);
    PTP_TIMER another = CreateThreadpoolTimer(pool_timer, &four, &environment);
    for (int i = 0; i < 5; ++i) SubmitThreadpoolWork(member);
    for (int i = 0; i < 5; ++i) CHECK(TrySubmitThreadpoolCallback(counts, NULL, &environment));
    SetEvent(gate);
    CloseThreadpoolCleanupGroupMembers(group, FALSE, NULL);
    EQUAL(calls.load(), 10);
    SubmitThreadpoolWork(member);
    EQUAL(GetLastError(), ERROR_INVALID_HANDLE);
    SetThreadpoolTimer(another, &when, 0, 0);
    member = CreateThreadpoolWork(work, &three, &environment);
    another = CreateThreadpoolTimer(pool_timer, &four, &environment);
    CloseThreadpoolCleanupGroupMembers(group, TRUE, &sum);
    EQUAL(sum, 7);
    CloseThreadpoolCleanupGroup(group);
    CHECK(!CreateThreadpoolWork(work, NULL, &environment));
    EQUAL(GetLastError(), ERROR_INVALID_PARAMETER);
    DestroyThreadpoolEnvironment(&environment);
    CloseThreadpool(pool);
    return 0;
}
