// A completion routine may throw, and end its thread: operations of the thread have ended with it, and no other is touched.
#include "check.h"
#include <string.h>
#include <stdexcept>

struct Session {
    WSAOVERLAPPED overlapped;
    SOCKET socket;
    char buffer[16];
    int calls;
};

static void pair(SOCKET &one, SOCKET &other)
{
    sockaddr_in address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int length = sizeof address;
    SOCKET listener = WSASocketW(AF_INET, SOCK_STREAM, IPPROTO_TCP, NULL, 0, WSA_FLAG_OVERLAPPED);
    EQUAL(bind(listener, (sockaddr *)&address, sizeof address), 0);
    EQUAL(listen(listener, 1), 0);
    EQUAL(getsockname(listener, (sockaddr *)&address, &length), 0);
    one = WSASocketW(AF_INET, SOCK_STREAM, IPPROTO_TCP, NULL, 0, WSA_FLAG_OVERLAPPED);
    EQUAL(connect(one, (sockaddr *)&address, sizeof address), 0);
    other = accept(listener, NULL, NULL);
    CHECK(other != INVALID_SOCKET);
    EQUAL(closesocket(listener), 0);
}

static void receive(Session *session, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    WSABUF buffer = { sizeof session->buffer, session->buffer };
    DWORD flags = 0;
    memset(&session->overlapped, 0, sizeof session->overlapped);
    if (WSARecv(session->socket, &buffer, 1, NULL, &flags, &session->overlapped, routine) != 0) EQUAL(WSAGetLastError(), WSA_IO_PENDING);
}

static void CALLBACK throws(DWORD error, DWORD bytes, LPWSAOVERLAPPED overlapped, DWORD)
{
    EQUAL(error, 0);
    EQUAL(bytes, 2);
    ++((Session *)overlapped)->calls;
    throw std::runtime_error("from a routine");
}
static void CALLBACK ends(DWORD, DWORD, LPWSAOVERLAPPED overlapped, DWORD) { ++((Session *)overlapped)->calls; ExitThread(4); }
static void CALLBACK never(DWORD, DWORD, LPWSAOVERLAPPED, DWORD) { CHECK(!"a routine of a thread that has ended"); }

static Session one, two;
static HANDLE ready;
static DWORD WINAPI ending(LPVOID)
{
    receive(&one, ends);
    receive(&two, never);
    SetEvent(ready);
    for (;;) SleepEx(INFINITE, TRUE);
}

int main()
{
    WSADATA data;
    EQUAL(WSAStartup(MAKEWORD(2, 2), &data), 0);
    SOCKET peers[2];
    pair(peers[0], one.socket);
    pair(peers[1], two.socket);
    for (int i = 1; i < 4; ++i) {
        receive(&one, throws);
        EQUAL(send(peers[0], "ab", 2, 0), 2);
        bool caught = false;
        try {
            EQUAL(SleepEx(INFINITE, TRUE), WAIT_IO_COMPLETION);
        } catch (const std::runtime_error &) {
            caught = true;
        }
        CHECK(caught);
        EQUAL(one.calls, i);
    }
    ready = CreateEventA(NULL, TRUE, FALSE, NULL);
    HANDLE thread = CreateThread(NULL, 0, ending, NULL, 0, NULL);
    EQUAL(WaitForSingleObject(ready, INFINITE), WAIT_OBJECT_0);
    EQUAL(send(peers[0], "ab", 2, 0), 2);
    EQUAL(WaitForSingleObject(thread, INFINITE), WAIT_OBJECT_0);
    DWORD code = 0;
    CHECK(GetExitCodeThread(thread, &code));
    EQUAL(code, 4);
    EQUAL(one.calls, 4);
    // What the thread had issued is over; what comes now is for others.
    CHECK(HasOverlappedIoCompleted(&two.overlapped));
    memset(&two.buffer, 0, sizeof two.buffer);
    EQUAL(send(peers[1], "xyz", 3, 0), 3);
    EQUAL(recv(two.socket, one.buffer, 16, 0), 3);
    EQUAL(two.buffer[0], 0);
    return 0;
}
