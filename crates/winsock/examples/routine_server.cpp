// An echo server with completion routines, for a thousand clients on one thread: each routine issues the next operation, and
// one alertable wait runs all that have completed. The listener wakes the same wait by an event. The client that says "quit"
// ends the server.
//
//     routine_server [PORT]

#include <winsock2.h>
#include <windows.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#pragma comment(lib, "ws2_32.lib")

// One client. The OVERLAPPED is its first member, so that the pointer that a routine is given is one to the session.
struct Session {
    WSAOVERLAPPED overlapped;
    SOCKET socket;
    char buffer[1000];
};

static int g_sessions = 0, g_served = 0;
static long g_messages = 0, g_bytes = 0, g_errors = 0;
static bool g_quit = false;

static void CALLBACK Received(DWORD error, DWORD bytes, LPWSAOVERLAPPED overlapped, DWORD flags);
static void CALLBACK Sent(DWORD error, DWORD bytes, LPWSAOVERLAPPED overlapped, DWORD flags);

static void Close(Session *session)
{
    closesocket(session->socket);
    delete session;
    --g_sessions;
}

static void Receive(Session *session)
{
    WSABUF buffer = {sizeof session->buffer, session->buffer};
    DWORD flags = 0;
    memset(&session->overlapped, 0, sizeof session->overlapped);
    if (WSARecv(session->socket, &buffer, 1, NULL, &flags, &session->overlapped, Received) == SOCKET_ERROR &&
        WSAGetLastError() != WSA_IO_PENDING) {
        ++g_errors;
        Close(session);
    }
}

static void CALLBACK Received(DWORD error, DWORD bytes, LPWSAOVERLAPPED overlapped, DWORD)
{
    Session *session = reinterpret_cast<Session *>(overlapped);
    if (error != 0 || bytes == 0) {
        if (error != 0) ++g_errors;
        Close(session);
        return;
    }
    ++g_messages;
    g_bytes += static_cast<long>(bytes);
    if (bytes == 4 && memcmp(session->buffer, "quit", 4) == 0) g_quit = true;
    WSABUF buffer = {bytes, session->buffer};
    memset(&session->overlapped, 0, sizeof session->overlapped);
    if (WSASend(session->socket, &buffer, 1, NULL, 0, &session->overlapped, Sent) == SOCKET_ERROR &&
        WSAGetLastError() != WSA_IO_PENDING) {
        ++g_errors;
        Close(session);
    }
}

static void CALLBACK Sent(DWORD error, DWORD, LPWSAOVERLAPPED overlapped, DWORD)
{
    Session *session = reinterpret_cast<Session *>(overlapped);
    if (error != 0) {
        ++g_errors;
        Close(session);
        return;
    }
    Receive(session);
}

static void AcceptAll(SOCKET listener)
{
    for (;;) {
        SOCKET socket = accept(listener, NULL, NULL);
        if (socket == INVALID_SOCKET) return;
        // It has inherited the selection of the listener.
        WSAEventSelect(socket, NULL, 0);
        Session *session = new Session();
        session->socket = socket;
        ++g_served;
        ++g_sessions;
        Receive(session);
    }
}

int main(int argc, char **argv)
{
    WSADATA data;
    if (WSAStartup(MAKEWORD(2, 2), &data) != 0) return 1;
    SOCKET listener = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    WSAEVENT event = WSACreateEvent();
    SOCKADDR_IN address = {};
    int length = sizeof address;
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<u_short>(argc > 1 ? atoi(argv[1]) : 0));
    if (bind(listener, reinterpret_cast<SOCKADDR *>(&address), length) == SOCKET_ERROR ||
        listen(listener, SOMAXCONN) == SOCKET_ERROR || WSAEventSelect(listener, event, FD_ACCEPT) == SOCKET_ERROR ||
        getsockname(listener, reinterpret_cast<SOCKADDR *>(&address), &length) == SOCKET_ERROR) {
        printf("no listener: error %d\n", WSAGetLastError());
        return 1;
    }
    printf("listening on %d\n", ntohs(address.sin_port));
    fflush(stdout);

    while (!g_quit || g_sessions > 0) {
        // Not for ever: Wine's listener falls silent when clients come while others are accepted.
        DWORD got = WSAWaitForMultipleEvents(1, &event, FALSE, 100, TRUE);
        if (got == WSA_WAIT_EVENT_0 || got == WSA_WAIT_TIMEOUT) {
            WSANETWORKEVENTS events;
            WSAEnumNetworkEvents(listener, event, &events);
            AcceptAll(listener);
        } else if (got != WSA_WAIT_IO_COMPLETION) {
            printf("wait: error %d\n", WSAGetLastError());
            return 1;
        }
    }
    closesocket(listener);
    WSACloseEvent(event);
    printf("%d clients, %ld messages, %ld bytes, %ld errors\n", g_served, g_messages, g_bytes, g_errors);
    WSACleanup();
    return 0;
}
