// Null pointers, invented, closed and other handles, and calls before the start: the documented error, and never a crash.
#include "../sockets/check.h"

static LRESULT CALLBACK procedure(HWND window, UINT message, WPARAM word, LPARAM parameter)
{
    return DefWindowProcW(window, message, word, parameter);
}

static void no_socket(SOCKET s, int error)
{
    fd_set set;
    timeval now = { 0, 0 };
    HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL);
    WSANETWORKEVENTS recorded;
    for (int place = 0; place < 3; ++place) {
        FD_ZERO(&set);
        FD_SET(s, &set);
        fd_set *sets[3] = { NULL, NULL, NULL };
        sets[place] = &set;
        REFUSED(select(0, sets[0], sets[1], sets[2], &now), error);
        REFUSED(select(0, sets[0], sets[1], sets[2], NULL), error);
        // It is left as it was.
        CHECK(set.fd_count == 1 && FD_ISSET(s, &set));
    }
    WSAPOLLFD entry = { s, POLLRDNORM, 77 };
    REFUSED(WSAPoll(&entry, 1, 0), error);
    REFUSED(WSAPoll(&entry, 1, -1), error);
    REFUSED(WSAEventSelect(s, event, FD_READ), error);
    REFUSED(WSAEventSelect(s, NULL, 0), error);
    REFUSED(WSAEnumNetworkEvents(s, event, &recorded), error);
    REFUSED(WSAAsyncSelect(s, NULL, WM_APP, FD_READ), error);
    REFUSED(WSAAsyncSelect(s, NULL, 0, 0), error);
    CloseHandle(event);
}

int main()
{
    no_socket(0, WSANOTINITIALISED);
    begin();
    SOCKET client, server;
    pair(&client, &server);
    SOCKET closed = made(AF_INET, SOCK_STREAM);
    DONE(closesocket(closed));
    HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL);
    for (SOCKET s : { (SOCKET)0, INVALID_SOCKET, closed, (SOCKET)event, (SOCKET)0x7ffffff1 }) no_socket(s, WSAENOTSOCK);

    // select
    fd_set read, write;
    timeval now = { 0, 0 }, before = { -1, 0 };
    FD_ZERO(&read);
    FD_ZERO(&write);
    REFUSED(select(0, NULL, NULL, NULL, NULL), WSAEINVAL);
    REFUSED(select(0, &read, &write, NULL, NULL), WSAEINVAL);
    FD_SET(server, &read);
    REFUSED(select(0, &read, NULL, NULL, &before), WSAEINVAL);
    EQUAL(select(0, &read, &write, NULL, &now), 0);
    EQUAL(read.fd_count, 0);
    CHECK(!__WSAFDIsSet(server, &read));
    // Twice in a set that the program filled by itself.
    read.fd_array[0] = read.fd_array[1] = server;
    read.fd_count = 2;
    EQUAL(send(client, "x", 1, 0), 1);
    CHECK(select(0, &read, NULL, NULL, NULL) >= 1);
    CHECK(FD_ISSET(server, &read));

    // A count that nobody has set.
    read.fd_array[0] = closed;
    read.fd_count = 0xcccccccc;
    REFUSED(select(0, &read, NULL, NULL, &now), WSAENOTSOCK);

    // WSAPoll
    REFUSED(WSAPoll(NULL, 0, 0), WSAEINVAL);
    WSAPOLLFD entries[3] = { { server, POLLRDNORM, 0 }, { closed, POLLRDNORM, 0 }, { server, POLLWRNORM, 0 } };
    EQUAL(WSAPoll(entries, 3, -1), 2);
    EQUAL(entries[0].revents, POLLRDNORM);
    EQUAL(entries[1].revents, POLLNVAL);
    EQUAL(entries[2].revents, POLLWRNORM);
    // What is told unasked must not be asked.
    for (int events : { POLLERR, POLLHUP, POLLNVAL, POLLRDNORM | POLLERR }) {
        entries[0].events = (SHORT)events;
        REFUSED(WSAPoll(entries, 1, 0), WSAEINVAL);
        REFUSED(WSAPoll(entries, 0xcccccccc, 0), WSAEINVAL);
    }

    // WSAEventSelect
    REFUSED(WSAEventSelect(server, NULL, FD_READ), WSAEINVAL);
    REFUSED(WSAEventSelect(server, event, 0x10000), WSAEINVAL);
    DONE(WSAEventSelect(server, NULL, 0));
    DONE(WSAEventSelect(server, event, 0));
    for (long mask : { 0, FD_READ }) REFUSED(WSAEventSelect(server, (WSAEVENT)(ULONG_PTR)0x7ffffff1, (LONG)mask), WSAEINVAL);
    REFUSED(WSAEnumNetworkEvents(server, NULL, NULL), WSAEFAULT);
    WSANETWORKEVENTS recorded;
    DONE(WSAEnumNetworkEvents(server, NULL, &recorded));
    EQUAL(recorded.lNetworkEvents, 0);

    // WSAAsyncSelect
    REFUSED(WSAAsyncSelect(server, NULL, WM_APP, FD_READ), WSAEINVAL);
    REFUSED(WSAAsyncSelect(server, (HWND)event, WM_APP, FD_READ), WSAEINVAL);
    DONE(WSAAsyncSelect(server, NULL, 0, 0));

    // Windows.
    HWND none = (HWND)(ULONG_PTR)0x7ffffff0;
    MSG message;
    CHECK(!PostMessageW(none, WM_APP, 0, 0) && GetLastError() == ERROR_INVALID_WINDOW_HANDLE);
    CHECK(!SendMessageW(none, WM_APP, 0, 0) && GetLastError() == ERROR_INVALID_WINDOW_HANDLE);
    CHECK(!DestroyWindow(none) && GetLastError() == ERROR_INVALID_WINDOW_HANDLE);
    CHECK(!IsWindow(none));
    CHECK(!GetWindowLongPtrW(none, GWLP_USERDATA) && GetLastError() == ERROR_INVALID_WINDOW_HANDLE);
    CHECK(!SetTimer(none, 1, 1000, NULL) && GetLastError() == ERROR_INVALID_WINDOW_HANDLE);
    EQUAL(GetMessageW(&message, none, 0, 0), -1);
    EQUAL(GetLastError(), (DWORD)ERROR_INVALID_WINDOW_HANDLE);
    CHECK(!PeekMessageW(&message, none, 0, 0, PM_REMOVE) && GetLastError() == ERROR_INVALID_WINDOW_HANDLE);
    CHECK(!CreateWindowW(L"no such class", L"", 0, 0, 0, 0, 0, HWND_MESSAGE, NULL, NULL, NULL));
    EQUAL(GetLastError(), 1407u);
    CHECK(!CreateWindowW(L"STATIC", L"", 0, 0, 0, 0, 0, none, NULL, NULL, NULL) && GetLastError() == ERROR_INVALID_WINDOW_HANDLE);
    CHECK(!UnregisterClassW(L"no such class", NULL) && GetLastError() == 1411);
    WNDCLASSEXW extended;
    memset(&extended, 0, sizeof extended);
    extended.lpfnWndProc = procedure;
    extended.lpszClassName = L"of the wrong size";
    CHECK(!RegisterClassExW(&extended) && GetLastError() == ERROR_INVALID_PARAMETER);
    WNDCLASSW plain;
    memset(&plain, 0, sizeof plain);
    plain.lpfnWndProc = procedure;
    plain.lpszClassName = L"registered once";
    CHECK(RegisterClassW(&plain));
    CHECK(!RegisterClassW(&plain) && GetLastError() == 1410);
    HWND window = CreateWindowW(L"REGISTERED once", L"", 0, 0, 0, 0, 0, HWND_MESSAGE, NULL, NULL, NULL);
    CHECK(window && IsWindow(window));
    CHECK(!UnregisterClassW(L"registered once", NULL) && GetLastError() == 1412);
    CHECK(!GetWindowLongPtrW(window, 0) && GetLastError() == 1413);
    CHECK(!KillTimer(window, 7));
    CHECK(DestroyWindow(window) && !IsWindow(window));
    REFUSED(WSAAsyncSelect(server, window, WM_APP, FD_READ), WSAEINVAL);
    CHECK(UnregisterClassW(L"registered once", NULL));

    // Waits for messages.
    HANDLE handles[64];
    for (HANDLE &handle : handles) handle = event;
    EQUAL(MsgWaitForMultipleObjectsEx(64, handles, 0, QS_ALLINPUT, 0), WAIT_FAILED);
    EQUAL(GetLastError(), (DWORD)ERROR_INVALID_PARAMETER);
    EQUAL(MsgWaitForMultipleObjectsEx(63, handles, 0, QS_ALLINPUT, 0), (DWORD)WAIT_TIMEOUT);
    handles[1] = (HANDLE)(ULONG_PTR)0x7ffffff0;
    EQUAL(MsgWaitForMultipleObjectsEx(2, handles, 0, QS_ALLINPUT, 0), WAIT_FAILED);
    EQUAL(GetLastError(), (DWORD)ERROR_INVALID_HANDLE);
    return 0;
}
