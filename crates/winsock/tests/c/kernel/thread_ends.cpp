// A thread may end, and an exception fly, from anywhere: objects on the stack are destroyed, and the library stays whole.
#include "check.h"
#include <atomic>
#include <stdexcept>
#include <thread>

static std::atomic<int> destroyed;
struct Object {
    ~Object() { ++destroyed; }
};
struct Local {
    int used = 0;
    ~Local() { destroyed += 100; }
};
static thread_local Local local;
static HANDLE mutex;

static volatile bool leave = true;

static int deep(int depth)
{
    Object object;
    if (depth > 0) return deep(depth - 1) + 1;
    if (leave) ExitThread(77);
    return 0;
}
static DWORD WINAPI exits_deep(LPVOID) { local.used = 1; return (DWORD)deep(20); }

static void CALLBACK exit_apc(ULONG_PTR code) { Object object; ExitThread((DWORD)code); }
static void CALLBACK throw_apc(ULONG_PTR) { throw std::runtime_error("from an APC"); }
static void CALLBACK count_apc(ULONG_PTR counter) { ++*(std::atomic<int> *)counter; }
static void CALLBACK throw_timer(LPVOID, DWORD, DWORD) { throw 5; }
static DWORD WINAPI exits_in_apc(LPVOID)
{
    Object object;
    QueueUserAPC(exit_apc, GetCurrentThread(), 5);
    QueueUserAPC(exit_apc, GetCurrentThread(), 6);
    SleepEx(INFINITE, TRUE);
    return 1;
}
static DWORD WINAPI ends_with_mutex(LPVOID)
{
    EQUAL(WaitForSingleObject(mutex, INFINITE), WAIT_OBJECT_0);
    EQUAL(WaitForSingleObject(mutex, INFINITE), WAIT_OBJECT_0);
    deep(3);
    return 0;
}
static DWORD WINAPI catches_everything(LPVOID)
{
    Object first;
    for (int i = 0; i < 3; ++i) {
        try {
            Object second;
            try {
                Object third;
                deep(3);
            } catch (...) {
                Object fourth;
                ++destroyed;
            }
            CHECK(!"the end was kept from coming");
        } catch (const std::exception &) {
            CHECK(!"it is no exception of the program's");
        } catch (...) {
            ++destroyed;
            throw;
        }
    }
    return 1;
}
static void CALLBACK catching_apc(ULONG_PTR) { catches_everything(NULL); }
static DWORD WINAPI catches_around_a_wait(LPVOID)
{
    QueueUserAPC(catching_apc, GetCurrentThread(), 0);
    try {
        SleepEx(INFINITE, TRUE);
    } catch (...) {
    }
    CHECK(!"the end was kept from coming");
    return 1;
}
static unsigned __stdcall ends_by_endthreadex(void *) { Object object; _endthreadex(9); return 0; }
static HANDLE begun;
static void ends_by_endthread(void *) { Object object; SetEvent(begun); _endthread(); }
static void returns(void *) { SetEvent(begun); }

static DWORD code_of(HANDLE thread)
{
    DWORD code = 0;
    EQUAL(WaitForSingleObject(thread, INFINITE), WAIT_OBJECT_0);
    CHECK(GetExitCodeThread(thread, &code));
    CHECK(CloseHandle(thread));
    return code;
}

static void exceptions()
{
    HANDLE unset = CreateEventA(NULL, TRUE, FALSE, NULL);
    std::atomic<int> ran(0);
    for (int i = 0; i < 6; ++i) {
        QueueUserAPC(throw_apc, GetCurrentThread(), 0);
        QueueUserAPC(count_apc, GetCurrentThread(), (ULONG_PTR)&ran);
        bool caught = false;
        try {
            Object object;
            switch (i) {
            case 0: SleepEx(INFINITE, TRUE); break;
            case 1: WaitForSingleObjectEx(unset, INFINITE, TRUE); break;
            case 2: WaitForMultipleObjectsEx(1, &unset, FALSE, INFINITE, TRUE); break;
            case 3: WSAWaitForMultipleEvents(1, &unset, TRUE, INFINITE, TRUE); break;
            case 4: SignalObjectAndWait(CreateEventA(NULL, TRUE, FALSE, NULL), unset, INFINITE, TRUE); break;
            default: SleepEx(0, TRUE);
            }
        } catch (const std::runtime_error &) {
            caught = true;
        }
        CHECK(caught);
        EQUAL(ran.load(), i);
        // What was still queued runs in the next wait.
        EQUAL(SleepEx(0, TRUE), WAIT_IO_COMPLETION);
        EQUAL(ran.load(), i + 1);
    }
    HANDLE timer = CreateWaitableTimerA(NULL, TRUE, NULL);
    LARGE_INTEGER due;
    due.QuadPart = 0;
    CHECK(SetWaitableTimer(timer, &due, 0, throw_timer, NULL, FALSE));
    int value = 0;
    try {
        SleepEx(INFINITE, TRUE);
    } catch (int thrown) {
        value = thrown;
    }
    EQUAL(value, 5);
    EQUAL(SleepEx(0, TRUE), 0);
}

int main()
{
    WSADATA data;
    EQUAL(WSAStartup(MAKEWORD(2, 2), &data), 0);
    EQUAL(code_of(CreateThread(NULL, 0, exits_deep, NULL, 0, NULL)), 77);
    EQUAL(destroyed.load(), 21 + 100);
    destroyed = 0;
    EQUAL(code_of(CreateThread(NULL, 0, exits_in_apc, NULL, 0, NULL)), 5);
    EQUAL(destroyed.load(), 2);

    // A program that catches everything does not keep it from ending.
    for (LPTHREAD_START_ROUTINE function : { catches_everything, catches_around_a_wait }) {
        destroyed = 0;
        EQUAL(code_of(CreateThread(NULL, 0, function, NULL, 0, NULL)), 77);
        EQUAL(destroyed.load(), 10);
    }

    // From an APC before the thread's function.
    HANDLE suspended = CreateThread(NULL, 0, exits_deep, NULL, CREATE_SUSPENDED, NULL);
    CHECK(QueueUserAPC(exit_apc, suspended, 8));
    EQUAL(ResumeThread(suspended), 1);
    EQUAL(code_of(suspended), 8);

    mutex = CreateMutexA(NULL, FALSE, NULL);
    EQUAL(code_of(CreateThread(NULL, 0, ends_with_mutex, NULL, 0, NULL)), 77);
    EQUAL(WaitForSingleObject(mutex, INFINITE), WAIT_ABANDONED);
    EQUAL(WaitForSingleObject(mutex, INFINITE), WAIT_OBJECT_0);
    CHECK(ReleaseMutex(mutex) && ReleaseMutex(mutex) && !ReleaseMutex(mutex));

    destroyed = 0;
    EQUAL(code_of((HANDLE)_beginthreadex(NULL, 0, ends_by_endthreadex, NULL, 0, NULL)), 9);
    EQUAL(destroyed.load(), 1);
    begun = CreateEventA(NULL, FALSE, FALSE, NULL);
    for (int i = 0; i < 2; ++i) {
        HANDLE own = (HANDLE)_beginthread(i ? ends_by_endthread : returns, 0, NULL);
        CHECK(own != (HANDLE)-1);
        EQUAL(WaitForSingleObject(begun, INFINITE), WAIT_OBJECT_0);
        // The thread closes its handle itself.
        while (WaitForSingleObject(own, 1) != WAIT_FAILED) {}
        FAILS(CloseHandle(own), ERROR_INVALID_HANDLE);
    }
    exceptions();

    // One of C++'s own threads.
    destroyed = 0;
    HANDLE other = NULL;
    std::thread plain([&] {
        Object object;
        CHECK(DuplicateHandle(GetCurrentProcess(), GetCurrentThread(), GetCurrentProcess(), &other, 0, FALSE, DUPLICATE_SAME_ACCESS));
        deep(2);
    });
    plain.join();
    EQUAL(code_of(other), 77);
    EQUAL(destroyed.load(), 4);
    return 0;
}
