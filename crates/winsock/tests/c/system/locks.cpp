// Locks: what they protect stays whole, and who waits goes on.
#include <windows.h>
#include "check.h"
#include <atomic>
#include <thread>
#include <vector>

static CRITICAL_SECTION section;
static SRWLOCK lock = SRWLOCK_INIT;
static CONDITION_VARIABLE more = CONDITION_VARIABLE_INIT, room = CONDITION_VARIABLE_INIT;

template <class Run>
static void together(int count, Run run)
{
    std::vector<std::thread> threads;
    for (int i = 0; i < count; ++i) threads.emplace_back([=] { run(i); });
    for (auto &thread : threads) thread.join();
}

static void sections()
{
    long counter = 0;
    CHECK(InitializeCriticalSectionAndSpinCount(&section, 4000));
    together(4, [&](int) {
        for (int i = 0; i < 20000; ++i) {
            EnterCriticalSection(&section);
            EnterCriticalSection(&section);
            ++counter;
            LeaveCriticalSection(&section);
            LeaveCriticalSection(&section);
        }
    });
    CHECK(counter == 80000);
    EnterCriticalSection(&section);
    BOOL other = TRUE;
    std::thread([&] { other = TryEnterCriticalSection(&section); }).join();
    CHECK(!other);
    LeaveCriticalSection(&section);
    LeaveCriticalSection(&section); // Once too often: it stays free.
    std::thread([&] { other = TryEnterCriticalSection(&section); LeaveCriticalSection(&section); }).join();
    CHECK(other);
    DeleteCriticalSection(&section);
    // A section may be freed by whoever gets it last.
    for (int round = 0; round < 200; ++round) {
        auto *heap = new CRITICAL_SECTION;
        InitializeCriticalSection(heap);
        std::atomic<int> left{2};
        together(2, [&](int) {
            EnterCriticalSection(heap);
            bool last = --left == 0;
            LeaveCriticalSection(heap);
            if (last) {
                DeleteCriticalSection(heap);
                delete heap;
            }
        });
    }
}

static void shared_and_exclusive()
{
    long a = 0, b = 0;
    std::atomic<int> torn{0}, readers{0}, most{0};
    together(6, [&](int i) {
        for (int n = 0; n < 5000; ++n) {
            if (i < 2) {
                AcquireSRWLockExclusive(&lock);
                ++a;
                ++b;
                ReleaseSRWLockExclusive(&lock);
            } else {
                AcquireSRWLockShared(&lock);
                int now = ++readers;
                if (now > most) most = now;
                if (a != b) ++torn;
                --readers;
                ReleaseSRWLockShared(&lock);
            }
        }
    });
    CHECK(a == 10000 && b == 10000);
    CHECK(torn == 0);
    ReleaseSRWLockExclusive(&lock); // Not held: nothing happens.
    ReleaseSRWLockShared(&lock);
    CHECK(TryAcquireSRWLockExclusive(&lock));
    CHECK(!TryAcquireSRWLockExclusive(&lock) && !TryAcquireSRWLockShared(&lock));
    ReleaseSRWLockExclusive(&lock);
    CHECK(TryAcquireSRWLockShared(&lock) && TryAcquireSRWLockShared(&lock) && !TryAcquireSRWLockExclusive(&lock));
    ReleaseSRWLockShared(&lock);
    ReleaseSRWLockShared(&lock);
    CHECK(lock.Ptr == NULL);
}

static void conditions()
{
    int queue = 0, taken = 0;
    together(4, [&](int i) {
        for (int n = 0; n < 3000; ++n) {
            AcquireSRWLockExclusive(&lock);
            if (i % 2) {
                while (queue == 8) SleepConditionVariableSRW(&room, &lock, INFINITE, 0);
                ++queue;
                WakeConditionVariable(&more);
            } else {
                while (queue == 0) SleepConditionVariableSRW(&more, &lock, INFINITE, 0);
                --queue;
                ++taken;
                WakeConditionVariable(&room);
            }
            ReleaseSRWLockExclusive(&lock);
        }
    });
    CHECK(queue == 0 && taken == 6000);
    AcquireSRWLockShared(&lock);
    SetLastError(0);
    CHECK(!SleepConditionVariableSRW(&more, &lock, 10, CONDITION_VARIABLE_LOCKMODE_SHARED) && GetLastError() == ERROR_TIMEOUT);
    CHECK(TryAcquireSRWLockShared(&lock)); // Shared again, not exclusive.
    ReleaseSRWLockShared(&lock);
    ReleaseSRWLockShared(&lock);
    CHECK(!SleepConditionVariableSRW(NULL, &lock, 0, 0) && GetLastError() == ERROR_INVALID_PARAMETER);
    // All are woken.
    bool go = false;
    std::atomic<int> waiting{0};
    std::thread waker([&] {
        while (waiting < 3) std::this_thread::yield();
        AcquireSRWLockExclusive(&lock);
        go = true;
        ReleaseSRWLockExclusive(&lock);
        WakeAllConditionVariable(&more);
    });
    together(3, [&](int) {
        AcquireSRWLockExclusive(&lock);
        ++waiting;
        while (!go) SleepConditionVariableSRW(&more, &lock, INFINITE, 0);
        ReleaseSRWLockExclusive(&lock);
    });
    waker.join();
}

static int made;
static BOOL CALLBACK make(PINIT_ONCE, PVOID parameter, PVOID *context)
{
    ++made;
    *context = parameter;
    return parameter != NULL;
}

static void once()
{
    static INIT_ONCE it = INIT_ONCE_STATIC_INIT;
    PVOID context = NULL;
    CHECK(!InitOnceExecuteOnce(&it, make, NULL, &context)); // Failed: the next one tries again.
    made = 0;
    together(4, [&](int) {
        PVOID mine = NULL;
        CHECK(InitOnceExecuteOnce(&it, make, (PVOID)8, &mine) && mine == (PVOID)8);
    });
    CHECK(made == 1);
    static INIT_ONCE two = INIT_ONCE_STATIC_INIT;
    BOOL pending = FALSE;
    CHECK(InitOnceBeginInitialize(&two, 0, &pending, NULL) && pending);
    CHECK(!InitOnceComplete(&two, 0, (PVOID)1)); // The lower bits are not free.
    CHECK(InitOnceComplete(&two, 0, (PVOID)16));
    CHECK(InitOnceBeginInitialize(&two, INIT_ONCE_CHECK_ONLY, &pending, &context) && !pending && context == (PVOID)16);
    static INIT_ONCE three = INIT_ONCE_STATIC_INIT;
    try {
        InitOnceExecuteOnce(&three, [](PINIT_ONCE, PVOID, PVOID *) -> BOOL { throw 5; }, NULL, NULL);
        CHECK(!"thrown through");
    } catch (int) {
    }
    CHECK(InitOnceExecuteOnce(&three, make, (PVOID)4, NULL));
}

static void barriers_and_addresses()
{
    static SYNCHRONIZATION_BARRIER barrier;
    CHECK(!InitializeSynchronizationBarrier(&barrier, 0, -1));
    CHECK(InitializeSynchronizationBarrier(&barrier, 3, -1));
    std::atomic<int> last{0}, in_step{0};
    std::atomic<int> came[50] = {};
    together(3, [&](int) {
        for (int round = 0; round < 50; ++round) {
            ++came[round];
            if (EnterSynchronizationBarrier(&barrier, 0)) ++last;
            if (came[round] == 3) ++in_step;
        }
    });
    CHECK(last == 50 && in_step == 150);
    CHECK(DeleteSynchronizationBarrier(&barrier));

    volatile LONG value = 0;
    LONG zero = 0;
    SetLastError(0);
    CHECK(!WaitOnAddress(&value, &zero, sizeof value, 10) && GetLastError() == ERROR_TIMEOUT);
    CHECK(!WaitOnAddress(&value, &zero, 3, 10) && GetLastError() == ERROR_INVALID_PARAMETER);
    std::thread changer([&] {
        InterlockedIncrement(&value);
        WakeByAddressAll((PVOID)&value);
    });
    while (value == 0) WaitOnAddress(&value, &zero, sizeof value, INFINITE);
    changer.join();
}

int main()
{
    static_assert(sizeof(CRITICAL_SECTION) == 40 && sizeof(SRWLOCK) == 8 && sizeof(CONDITION_VARIABLE) == 8 && sizeof(INIT_ONCE) == 8, "sizes");
    static_assert(sizeof(SYNCHRONIZATION_BARRIER) == 32, "sizes");
    sections();
    shared_and_exclusive();
    conditions();
    once();
    barriers_and_addresses();
    CHECK_END();
}
