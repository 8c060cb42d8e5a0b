// Many threads use, share, close and wait for the same few handles, whatever becomes of them: calls may fail, nothing breaks,
// and in the end everybody comes home.
#include "check.h"
#include <atomic>
#include <random>
#include <stdexcept>

static const int THREADS = 6, SLOTS = 12;
static std::atomic<HANDLE> slots[SLOTS];
static std::atomic<int> apcs, ticks;
static std::atomic<bool> over;
static unsigned seed;

static void CALLBACK apc(ULONG_PTR) { ++apcs; }
static void CALLBACK throwing(ULONG_PTR) { throw 1; }
static void CALLBACK leaving(ULONG_PTR) { ExitThread(1); }
static void CALLBACK tick(LPVOID, DWORD, DWORD) { ++ticks; }
static VOID CALLBACK pool_tick(PVOID, BOOLEAN) { ++ticks; SetEvent(slots[ticks % SLOTS]); }
static DWORD WINAPI item(LPVOID) { WaitForSingleObject(slots[ticks % SLOTS], 1); ++ticks; return 0; }
static DWORD WINAPI brief(LPVOID) { SleepEx(1, TRUE); return 5; }

static HANDLE make(unsigned kind)
{
    switch (kind % 7) {
    case 0: return CreateEventA(NULL, TRUE, FALSE, NULL);
    case 1: return CreateEventA(NULL, FALSE, TRUE, kind & 64 ? "storm" : NULL);
    case 2: return CreateSemaphoreA(NULL, 1, 3, NULL);
    case 3: return CreateMutexA(NULL, kind & 64 ? TRUE : FALSE, NULL);
    case 4: return CreateWaitableTimerA(NULL, kind & 64 ? TRUE : FALSE, NULL);
    case 5: return CreateThread(NULL, 0, brief, NULL, kind & 64 ? CREATE_SUSPENDED : 0, NULL);
    default: return CreateEventA(NULL, TRUE, TRUE, NULL);
    }
}

static void close(HANDLE handle)
{
    // A thread that has not begun begins, so that it ends.
    ResumeThread(handle);
    CloseHandle(handle);
}

static void act(std::mt19937 &random)
{
    HANDLE handle = slots[random() % SLOTS], other = slots[random() % SLOTS], made = NULL;
    LARGE_INTEGER due;
    due.QuadPart = -(LONGLONG)(random() % 20000);
    switch (random() % 24) {
    case 0: close(slots[random() % SLOTS].exchange(make(random()))); break;
    case 1: SetEvent(handle); break;
    case 2: ResetEvent(handle); break;
    case 3: PulseEvent(handle); break;
    case 4: ReleaseSemaphore(handle, 1, NULL); break;
    case 5: if (WaitForSingleObject(handle, random() % 2) != WAIT_TIMEOUT) ReleaseMutex(handle); break;
    case 6: WaitForSingleObjectEx(handle, random() % 3, TRUE); break;
    case 7: {
        HANDLE all[8];
        for (HANDLE &one : all) one = slots[random() % SLOTS];
        WaitForMultipleObjectsEx(1 + random() % 8, all, random() % 2, random() % 3, random() % 2);
        for (HANDLE one : all) while (ReleaseMutex(one)) {}
        break;
    }
    case 8: SignalObjectAndWait(handle, other, 1, random() % 2); while (ReleaseMutex(other)) {} break;
    case 9: SetWaitableTimer(handle, &due, random() % 3, random() % 2 ? tick : NULL, NULL, FALSE); break;
    case 10: CancelWaitableTimer(handle); break;
    case 11: QueueUserAPC(apc, handle, 0); break;
    case 12: QueueUserAPC(random() % 2 ? throwing : leaving, GetCurrentThread(), 0); break;
    case 13: SleepEx(random() % 2, TRUE); break;
    case 14: if (DuplicateHandle(GetCurrentProcess(), handle, GetCurrentProcess(), &made, 0, FALSE, DUPLICATE_SAME_ACCESS)) CloseHandle(made); break;
    case 15: if (RegisterWaitForSingleObject(&made, handle, pool_tick, NULL, random() % 5, WT_EXECUTEONLYONCE)) UnregisterWaitEx(made, INVALID_HANDLE_VALUE); break;
    case 16: if (CreateTimerQueueTimer(&made, NULL, pool_tick, NULL, random() % 3, random() % 3, 0)) DeleteTimerQueueTimer(NULL, made, random() % 2 ? INVALID_HANDLE_VALUE : NULL); break;
    case 17: QueueUserWorkItem(item, NULL, random() % 2); break;
    case 18: GetThreadId(handle); break;
    case 19: ResumeThread(handle); break;
    case 20: TerminateThread(handle, 3); break;
    case 21: CloseHandle(OpenEventA(EVENT_ALL_ACCESS, FALSE, "storm")); break;
    case 22: CompareObjectHandles(handle, other); break;
    default: SwitchToThread();
    }
}

static DWORD WINAPI storm(LPVOID number)
{
    std::mt19937 random(seed + (unsigned)(ULONG_PTR)number);
    while (!over) {
        try {
            act(random);
        } catch (int) {
        }
    }
    return 0;
}

int main(int count, char **arguments)
{
    int rounds = count > 1 ? atoi(arguments[1]) : 1000;
    seed = count > 2 ? (unsigned)atoi(arguments[2]) : GetCurrentProcessId();
    for (auto &slot : slots) slot = make(0);
    HANDLE threads[THREADS];
    unsigned number = 0;
    for (HANDLE &thread : threads) thread = CreateThread(NULL, 0, storm, (LPVOID)(ULONG_PTR)++number, 0, NULL);
    for (int round = 0; round < rounds; ++round) {
        // Those that have ended themselves are followed by others.
        DWORD ended = WaitForMultipleObjects(THREADS, threads, FALSE, 50);
        if (ended == WAIT_TIMEOUT) continue;
        CHECK(ended < THREADS && CloseHandle(threads[ended]));
        threads[ended] = CreateThread(NULL, 0, storm, (LPVOID)(ULONG_PTR)++number, 0, NULL);
        CHECK(threads[ended] != NULL);
    }
    over = true;
    // Whoever waits for an object that nobody sets does so with a time.
    EQUAL(WaitForMultipleObjects(THREADS, threads, TRUE, INFINITE), WAIT_OBJECT_0);
    printf("seed %u: %u threads, %d APCs, %d ticks\n", seed, number, apcs.load(), ticks.load());
    return 0;
}
