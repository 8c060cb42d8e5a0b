// Two hundred threads at once, and then as many again and again.
#include "check.h"
#include <atomic>
#include <set>

static std::atomic<int> running, most;
static HANDLE go;

static unsigned __stdcall run(void *argument)
{
    int now = ++running;
    if (now > most) most = now;
    if (go) CHECK(WaitForSingleObject(go, INFINITE) == WAIT_OBJECT_0);
    --running;
    return (unsigned)(ULONG_PTR)argument;
}

static void together(unsigned count)
{
    HANDLE threads[200];
    std::set<unsigned> ids;
    for (unsigned i = 0; i < count; ++i) {
        unsigned id = 0;
        threads[i] = (HANDLE)_beginthreadex(NULL, i % 2 ? 64 * 1024 : 0, run, (void *)(ULONG_PTR)i, i % 2 ? STACK_SIZE_PARAM_IS_A_RESERVATION : 0, &id);
        CHECK(threads[i] != NULL && id != 0);
        EQUAL(GetThreadId(threads[i]), id);
        ids.insert(id);
    }
    EQUAL(ids.size(), count);
    while (running < (int)count) Sleep(1);
    DWORD code = 0;
    CHECK(GetExitCodeThread(threads[0], &code));
    EQUAL(code, STILL_ACTIVE);
    SetEvent(go);
    for (unsigned i = 0; i < count; i += 50) EQUAL(WaitForMultipleObjects(50, threads + i, TRUE, INFINITE), WAIT_OBJECT_0);
    for (unsigned i = 0; i < count; ++i) {
        CHECK(GetExitCodeThread(threads[i], &code));
        EQUAL(code, i);
        CHECK(CloseHandle(threads[i]));
    }
}

int main()
{
    go = CreateEventA(NULL, TRUE, FALSE, NULL);
    together(200);
    HANDLE set = go;
    go = NULL;
    for (unsigned i = 0; i < 500; ++i) {
        HANDLE thread = (HANDLE)_beginthreadex(NULL, 0, run, (void *)(ULONG_PTR)i, 0, NULL);
        DWORD code = 0;
        EQUAL(WaitForSingleObject(thread, INFINITE), WAIT_OBJECT_0);
        CHECK(GetExitCodeThread(thread, &code));
        EQUAL(code, i);
        CHECK(CloseHandle(thread));
    }
    CHECK(CloseHandle(set));
    return 0;
}
