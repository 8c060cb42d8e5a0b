// The library can still be called when the program ends: by objects that are destroyed then, on the main thread and on others.
#include "check.h"
#include <string.h>

static void CALLBACK apc(ULONG_PTR ran) { *(bool *)ran = true; }
static DWORD WINAPI seven(LPVOID) { return 7; }

struct Last {
    const char *name;
    HANDLE event;
    explicit Last(const char *name) : name(name), event(CreateEventA(NULL, TRUE, FALSE, NULL)) {}
    ~Last()
    {
        CHECK(SetEvent(event) && WaitForSingleObject(event, INFINITE) == WAIT_OBJECT_0);
        CHECK(ResetEvent(event) && WaitForSingleObject(event, 1) == WAIT_TIMEOUT);
        HANDLE mutex = CreateMutexA(NULL, FALSE, NULL), thread = CreateThread(NULL, 0, seven, NULL, 0, NULL);
        HANDLE both[2] = { mutex, thread };
        EQUAL(WaitForMultipleObjects(2, both, TRUE, INFINITE), WAIT_OBJECT_0);
        // Its routines are over, or run still: never a crash.
        bool ran = false;
        bool queued = QueueUserAPC(apc, GetCurrentThread(), (ULONG_PTR)&ran) != 0;
        DWORD slept = SleepEx(1, TRUE);
        EQUAL(ran, queued);
        EQUAL(slept, queued ? WAIT_IO_COMPLETION : 0);
        Sleep(1);
        CHECK(GetCurrentThreadId() != 0 && CloseHandle(event) && CloseHandle(thread) && CloseHandle(mutex));
        printf("%s\n", name);
    }
};

static Last early("static");
static thread_local Last local("thread's");
static DWORD WINAPI uses(LPVOID) { return local.event != NULL; }

int main()
{
    CHECK(local.event != NULL);
    HANDLE thread = CreateThread(NULL, 0, uses, NULL, 0, NULL);
    EQUAL(WaitForSingleObject(thread, INFINITE), WAIT_OBJECT_0);
    bool ran = false;
    QueueUserAPC(apc, GetCurrentThread(), (ULONG_PTR)&ran);
    EQUAL(SleepEx(0, TRUE), WAIT_IO_COMPLETION);
    return 0;
}
