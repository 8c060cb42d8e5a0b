// Queues of messages: order and filters, sending between threads, timers, and how windows begin and end.
#include "../sockets/check.h"
#include <string>

static std::string said;
static HWND other_window, main_window;
static DWORD main_thread;
static HANDLE ready;

static LRESULT CALLBACK procedure(HWND window, UINT message, WPARAM word, LPARAM parameter)
{
    switch (message) {
    case WM_NCCREATE: said += 'n'; return ((CREATESTRUCTW *)parameter)->lpCreateParams != (void *)1;
    case WM_CREATE: said += 'c'; return ((CREATESTRUCTW *)parameter)->lpCreateParams == (void *)2 ? -1 : 0;
    case WM_DESTROY: said += 'd'; return 0;
    case WM_NCDESTROY: said += 'e'; return 0;
    case WM_USER: return (LRESULT)word + parameter;
    // Asks back, while the other one waits for the answer.
    case WM_USER + 1: return SendMessageW(main_window, WM_USER, word, parameter) + 1;
    case WM_USER + 2: PostQuitMessage(5); return 0;
    }
    return DefWindowProcW(window, message, word, parameter);
}

static HWND make(void *parameter = NULL)
{
    return CreateWindowExW(0, L"Class of messages.cpp", L"", 0, 0, 0, 0, 0, HWND_MESSAGE, NULL, NULL, parameter);
}

static DWORD WINAPI other(void *)
{
    other_window = make();
    CHECK(other_window);
    SetEvent(ready);
    MSG message;
    while (GetMessageW(&message, NULL, 0, 0) > 0) DispatchMessageW(&message);
    EQUAL(message.message, (UINT)WM_QUIT);
    return (DWORD)message.wParam;
}

static int timers;
static void CALLBACK timer(HWND, UINT message, UINT_PTR, DWORD)
{
    EQUAL(message, (UINT)WM_TIMER);
    ++timers;
}

int main()
{
    begin();
    MSG message;
    main_thread = GetCurrentThreadId();
    WNDCLASSW description;
    memset(&description, 0, sizeof description);
    description.lpfnWndProc = procedure;
    description.cbWndExtra = 2 * sizeof(LONG_PTR);
    description.lpszClassName = L"Class of messages.cpp";
    CHECK(RegisterClassW(&description));

    // How windows begin and end.
    CHECK(!make((void *)1));
    CHECK(said == "ne");
    said.clear();
    CHECK(!make((void *)2));
    CHECK(said == "nce");
    said.clear();
    HWND window = make();
    CHECK(window && IsWindow(window) && said == "nc");
    DWORD process = 0;
    CHECK(GetWindowThreadProcessId(window, &process) == main_thread && process == GetCurrentProcessId());
    EQUAL(SetWindowLongPtrW(window, GWLP_USERDATA, 42), 0);
    EQUAL(SetWindowLongPtrW(window, sizeof(LONG_PTR), 43), 0);
    EQUAL(GetWindowLongPtrW(window, GWLP_USERDATA), 42);
    EQUAL(GetWindowLongPtrW(window, sizeof(LONG_PTR)), 43);
    EQUAL(GetWindowLongPtrW(window, 0), 0);
    // What was posted to it goes with it.
    CHECK(PostMessageW(window, WM_USER, 1, 2) && DestroyWindow(window));
    CHECK(said == "ncde");
    CHECK(!PeekMessageW(&message, NULL, 0, 0, PM_REMOVE));
    CHECK(!PostMessageW(window, WM_USER, 1, 2));

    // Order and filters.
    main_window = make();
    for (UINT i = 0; i < 3; ++i) {
        CHECK(PostMessageW(main_window, WM_USER + i, i, 0));
        CHECK(PostThreadMessageW(main_thread, WM_APP + i, i, 0));
    }
    CHECK(PeekMessageW(&message, NULL, WM_APP + 1, WM_APP + 9, PM_NOREMOVE) && message.message == WM_APP + 1);
    CHECK(PeekMessageW(&message, NULL, WM_APP + 1, WM_APP + 9, PM_REMOVE) && message.message == WM_APP + 1);
    CHECK(PeekMessageW(&message, main_window, WM_USER + 1, WM_APP + 9, PM_REMOVE) && message.message == WM_USER + 1);
    CHECK(!PeekMessageW(&message, main_window, WM_APP, WM_APP + 9, PM_REMOVE));
    CHECK(PeekMessageW(&message, (HWND)-1, 0, 0, PM_REMOVE) && message.message == WM_APP && !message.hwnd);
    CHECK(GetMessageW(&message, NULL, 0, 0) == TRUE && message.message == WM_USER && message.hwnd == main_window);
    CHECK(GetMessageW(&message, NULL, 0, 0) == TRUE && message.message == WM_USER + 2);
    PostQuitMessage(9);
    CHECK(PeekMessageW(&message, NULL, 0, 0, PM_REMOVE) && message.message == WM_APP + 2);
    CHECK(GetMessageW(&message, NULL, WM_APP, WM_APP) == FALSE && message.wParam == 9);
    CHECK(!PeekMessageW(&message, NULL, 0, 0, PM_REMOVE));

    // What has been looked at is nothing new.
    HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL);
    CHECK(PostMessageW(main_window, WM_USER, 0, 0));
    EQUAL(MsgWaitForMultipleObjects(1, &event, FALSE, INFINITE, QS_ALLINPUT), (DWORD)WAIT_OBJECT_0 + 1);
    CHECK(PeekMessageW(&message, NULL, 0, 0, PM_NOREMOVE));
    EQUAL(MsgWaitForMultipleObjects(1, &event, FALSE, 20, QS_ALLINPUT), (DWORD)WAIT_TIMEOUT);
    EQUAL(MsgWaitForMultipleObjectsEx(1, &event, INFINITE, QS_ALLINPUT, MWMO_INPUTAVAILABLE), (DWORD)WAIT_OBJECT_0 + 1);
    CHECK(HIWORD(GetQueueStatus(QS_ALLINPUT)) & QS_POSTMESSAGE);
    // What is not asked for ends no wait.
    CHECK(PostMessageW(main_window, WM_USER, 0, 0));
    EQUAL(MsgWaitForMultipleObjects(1, &event, FALSE, 20, QS_TIMER), (DWORD)WAIT_TIMEOUT);
    // An object comes first.
    SetEvent(event);
    EQUAL(MsgWaitForMultipleObjects(1, &event, FALSE, INFINITE, QS_ALLINPUT), (DWORD)WAIT_OBJECT_0);
    while (PeekMessageW(&message, NULL, 0, 0, PM_REMOVE)) { }

    // Between threads.
    ready = CreateEventW(NULL, TRUE, FALSE, NULL);
    HANDLE thread = start(other, NULL);
    EQUAL(WaitForSingleObject(ready, INFINITE), (DWORD)WAIT_OBJECT_0);
    EQUAL(SendMessageW(other_window, WM_USER, 3, 4), 7);
    EQUAL(SendMessageW(other_window, WM_USER + 1, 5, 6), 12);
    CHECK(!DestroyWindow(other_window) && GetLastError() == ERROR_ACCESS_DENIED);
    CHECK(PostMessageW(other_window, WM_USER + 2, 0, 0));
    EQUAL(end(thread), 5u);
    CHECK(!IsWindow(other_window));
    CHECK(!SendMessageW(other_window, WM_USER, 3, 4));

    // Timers.
    CHECK(SetTimer(main_window, 11, 10, NULL));
    CHECK(GetMessageW(&message, NULL, 0, 0) == TRUE && message.message == WM_TIMER && message.wParam == 11);
    EQUAL(MsgWaitForMultipleObjects(0, NULL, FALSE, INFINITE, QS_TIMER), (DWORD)WAIT_OBJECT_0);
    CHECK(PeekMessageW(&message, NULL, 0, 0, PM_REMOVE) && message.hwnd == main_window);
    CHECK(KillTimer(main_window, 11) && !KillTimer(main_window, 11));
    UINT_PTR own = SetTimer(NULL, 0, 10, timer);
    CHECK(own);
    while (timers < 3 && GetMessageW(&message, NULL, 0, 0) > 0) DispatchMessageW(&message);
    CHECK(KillTimer(NULL, own));

    // Names of messages.
    UINT number = RegisterWindowMessageW(L"a message of messages.cpp");
    CHECK(number >= 0xC000 && number == RegisterWindowMessageA("A Message of messages.cpp"));
    return 0;
}
