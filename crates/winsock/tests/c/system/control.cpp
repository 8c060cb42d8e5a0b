// Signals as console events. The argument says how it is to end.
#include <windows.h>
#include "check.h"
#include <csignal>
#include <string>
#include <unistd.h>

static HANDLE came;
static DWORD event_of_first = 99, event_of_second = 99, thread_of_handler;

static BOOL WINAPI first(DWORD event)
{
    event_of_first = event;
    thread_of_handler = GetCurrentThreadId();
    SetEvent(came);
    return TRUE;
}
static BOOL WINAPI second(DWORD event)
{
    event_of_second = event;
    return FALSE;
}
static BOOL WINAPI leave(DWORD)
{
    ExitProcess(7);
}
static BOOL WINAPI ends_its_thread(DWORD)
{
    SetEvent(came);
    ExitThread(0);
}

int main(int, char **arguments)
{
    const std::string how = arguments[1];
    came = CreateEvent(NULL, FALSE, FALSE, NULL);
    if (how == "handled") {
        CHECK(SetConsoleCtrlHandler(first, TRUE) && SetConsoleCtrlHandler(second, TRUE));
        kill(getpid(), SIGINT);
        CHECK(WaitForSingleObject(came, 20000) == WAIT_OBJECT_0);
        // The newest is asked first, on a thread of its own.
        CHECK(event_of_first == CTRL_C_EVENT && event_of_second == CTRL_C_EVENT && thread_of_handler != GetCurrentThreadId());
        CHECK(SetConsoleCtrlHandler(second, FALSE) && !SetConsoleCtrlHandler(second, FALSE) && GetLastError() == ERROR_INVALID_PARAMETER);
        CHECK(GenerateConsoleCtrlEvent(CTRL_BREAK_EVENT, 0) && WaitForSingleObject(came, 20000) == WAIT_OBJECT_0);
        CHECK(event_of_first == CTRL_BREAK_EVENT && event_of_second == CTRL_C_EVENT);
        CHECK(SetConsoleCtrlHandler(NULL, TRUE));
        kill(getpid(), SIGINT); // Ignored: the next event is the one that comes.
        kill(getpid(), SIGTERM);
        CHECK(WaitForSingleObject(came, 20000) == WAIT_OBJECT_0 && event_of_first == CTRL_CLOSE_EVENT);
        CHECK_END(); // Within the grace that the handler's TRUE has bought.
    }
    if (how == "thread") {
        CHECK(SetConsoleCtrlHandler(ends_its_thread, TRUE));
        kill(getpid(), SIGINT);
        CHECK(WaitForSingleObject(came, 20000) == WAIT_OBJECT_0);
        CHECK_END();
    }
    SetConsoleCtrlHandler(how == "leaves" ? leave : second, TRUE);
    kill(getpid(), how == "terminated" ? SIGTERM : SIGINT);
    Sleep(INFINITE);
}
