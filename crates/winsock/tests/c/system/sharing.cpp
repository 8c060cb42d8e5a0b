// What threads share without a lock, and what each has for itself.
#include <windows.h>
#include "check.h"
#include <thread>
#include <vector>

struct Job : SLIST_ENTRY {
    int number;
};

static void lists()
{
    static SLIST_HEADER list;
    InitializeSListHead(&list);
    CHECK(InterlockedPopEntrySList(&list) == NULL && QueryDepthSList(&list) == 0);
    // Entries are freed and made again all the time, often at the same address.
    std::vector<std::thread> threads;
    LONG popped = 0, sum = 0;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < 20000; ++i) {
                auto *job = new Job;
                job->number = 1;
                InterlockedPushEntrySList(&list, job);
                if (auto *entry = InterlockedPopEntrySList(&list)) {
                    auto *other = static_cast<Job *>(entry);
                    InterlockedAdd(&sum, other->number);
                    InterlockedIncrement(&popped);
                    other->number = 0;
                    delete other;
                }
            }
        });
    }
    for (auto &thread : threads) thread.join();
    CHECK(popped + QueryDepthSList(&list) == 80000 && sum == popped);
    for (auto *entry = InterlockedFlushSList(&list); entry;) {
        auto *next = entry->Next;
        delete static_cast<Job *>(entry);
        entry = next;
    }
    static Job one, two;
    CHECK(InterlockedPushEntrySList(&list, &one) == NULL && InterlockedPushEntrySList(&list, &two) == &one);
    CHECK(QueryDepthSList(&list) == 2 && RtlFirstEntrySList(&list) == &two);
    CHECK(InterlockedPopEntrySList(&list) == &two && InterlockedPopEntrySList(&list) == &one);
}

static void interlocked()
{
    long plain = 1;
    unsigned long unsigned_long = 1;
    DWORD dword = 1;
    volatile LONG number = 1;
    LONG64 wide = 1;
    int64_t standard = 1;
    short small = 1;
    char byte = 1;
    CHECK(InterlockedIncrement(&plain) == 2 && InterlockedIncrement(&unsigned_long) == 2 && InterlockedIncrement(&dword) == 2);
    CHECK(InterlockedIncrement(&number) == 2 && InterlockedIncrement64(&wide) == 2 && InterlockedIncrement64(&standard) == 2);
    CHECK(InterlockedIncrement16(&small) == 2 && InterlockedExchange8(&byte, 5) == 1 && byte == 5);
    CHECK(_InterlockedDecrement(&number) == 1 && InterlockedCompareExchange(&number, 7, 1) == 1 && number == 7);
    CHECK(InterlockedOr(&number, 8) == 7 && InterlockedAnd(&number, 12) == 15 && InterlockedXor(&number, 5) == 12 && number == 9);
    CHECK(InterlockedExchangeAdd64(&wide, 0x100000000ll) == 2 && wide == 0x100000002ll);
    CHECK(InterlockedBitTestAndSet(&number, 1) == 0 && InterlockedBitTestAndReset(&number, 1) == 1 && number == 9);
    PVOID pointer = &plain;
    CHECK(InterlockedCompareExchangePointer(&pointer, NULL, &plain) == &plain && pointer == NULL);
    CHECK(InterlockedExchangePointer(&pointer, &wide) == NULL && pointer == &wide);
#if defined(__x86_64__)
    alignas(16) LONG64 pair[2] = {1, 2};
    LONG64 compare[2] = {1, 3};
    CHECK(!InterlockedCompareExchange128(pair, 6, 5, compare) && compare[1] == 2);
    CHECK(InterlockedCompareExchange128(pair, 6, 5, compare) && pair[0] == 5 && pair[1] == 6);
#endif
}

static LONG freed;
static void WINAPI free_value(PVOID value) { InterlockedAdd(&freed, (LONG)(LONG_PTR)value); }

struct AtEnd {
    DWORD index;
    bool *kept;
    ~AtEnd() { *kept = TlsGetValue(index) == (PVOID)3; }
};

static void storage()
{
    DWORD index = TlsAlloc();
    CHECK(index != TLS_OUT_OF_INDEXES && TlsSetValue(index, (PVOID)1));
    bool kept = false;
    std::thread([&] {
        static thread_local AtEnd at_end{index, &kept};
        CHECK(TlsGetValue(index) == NULL && GetLastError() == 0);
        TlsSetValue(index, (PVOID)3);
        (void)at_end.index;
    }).join();
    CHECK(kept); // A thread's objects still have the values when they end.
    CHECK(TlsGetValue(index) == (PVOID)1);
    CHECK(TlsFree(index) && !TlsFree(index) && GetLastError() == ERROR_INVALID_PARAMETER);
    CHECK(TlsAlloc() == index && TlsGetValue(index) == NULL); // An index that is used anew is empty.
    CHECK(!TlsSetValue(5000, NULL) && GetLastError() == ERROR_INVALID_PARAMETER);
    SetLastError(0);
    CHECK(TlsGetValue(5000) == NULL && GetLastError() == ERROR_INVALID_PARAMETER);
    int count = 0;
    while (TlsAlloc() != TLS_OUT_OF_INDEXES) ++count;
    CHECK(count > TLS_MINIMUM_AVAILABLE);

    DWORD fiber = FlsAlloc(free_value);
    FlsSetValue(fiber, (PVOID)100);
    std::thread([&] { FlsSetValue(fiber, (PVOID)5); }).join();
    CHECK(freed == 5 && FlsGetValue(fiber) == (PVOID)100);
    CHECK(FlsFree(fiber) && freed == 105 && !FlsFree(fiber));
}

int main()
{
    static_assert(sizeof(SLIST_HEADER) == 16 && alignof(SLIST_ENTRY) == 16, "sizes");
    lists();
    interlocked();
    storage();
    CHECK_END();
}
