// Echo server in the three models of overlapped Winsock: `winsock ADDRESS BUFFER event|routine|port [WORKERS]`.
// The same source for Windows (Wine) and, by `overlapped cc`, for Linux.
#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
#include <winsock2.h>
#include <ws2tcpip.h>
#include <windows.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#pragma comment(lib, "ws2_32.lib")

static DWORD g_bufferSize;

// One connected client. At any time one operation of it is in flight: the receive, or the send of what was received.
struct Session
{
    WSAOVERLAPPED overlapped; // first, so that it leads to the session
    SOCKET socket;
    bool sending;
    DWORD received;
    DWORD sent;
    std::vector<char> buffer;

    explicit Session(SOCKET s) : socket(s), sending(false), received(0), sent(0), buffer(g_bufferSize)
    {
        ZeroMemory(&overlapped, sizeof(overlapped));
        BOOL on = TRUE;
        setsockopt(s, IPPROTO_TCP, TCP_NODELAY, reinterpret_cast<const char*>(&on), sizeof(on));
    }

    ~Session()
    {
        closesocket(socket);
    }

    // Starts the next operation. False: it could not be started, nothing will complete.
    bool Start(LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
    {
        WSAEVENT event = overlapped.hEvent;
        ZeroMemory(&overlapped, sizeof(overlapped));
        overlapped.hEvent = event;

        WSABUF wsaBuf;
        int result;
        if (sending)
        {
            wsaBuf.buf = buffer.data() + sent;
            wsaBuf.len = received - sent;
            result = WSASend(socket, &wsaBuf, 1, NULL, 0, &overlapped, routine);
        }
        else
        {
            DWORD flags = 0;
            wsaBuf.buf = buffer.data();
            wsaBuf.len = g_bufferSize;
            result = WSARecv(socket, &wsaBuf, 1, NULL, &flags, &overlapped, routine);
        }
        return result == 0 || WSAGetLastError() == WSA_IO_PENDING;
    }

    // An operation has completed with so many bytes. False: the client is gone.
    bool Completed(DWORD bytes, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
    {
        if (bytes == 0)
            return false;
        if (!sending)
        {
            sending = true;
            received = bytes;
            sent = 0;
        }
        else
        {
            sent += bytes;
            sending = sent < received;
        }
        return Start(routine);
    }
};

static void Die(const char* what)
{
    fprintf(stderr, "%s: error %d\n", what, WSAGetLastError());
    exit(1);
}

static SOCKET Listen(const char* address)
{
    std::string host(address);
    size_t colon = host.rfind(':');
    sockaddr_in name;
    ZeroMemory(&name, sizeof(name));
    name.sin_family = AF_INET;
    if (colon == std::string::npos || inet_pton(AF_INET, host.substr(0, colon).c_str(), &name.sin_addr) != 1)
    {
        fprintf(stderr, "no address: %s\n", address);
        exit(2);
    }
    name.sin_port = htons(static_cast<u_short>(atoi(host.c_str() + colon + 1)));

    SOCKET listener = WSASocketW(AF_INET, SOCK_STREAM, IPPROTO_TCP, NULL, 0, WSA_FLAG_OVERLAPPED);
    if (listener == INVALID_SOCKET)
        Die("WSASocket");
    if (bind(listener, reinterpret_cast<sockaddr*>(&name), sizeof(name)) == SOCKET_ERROR)
        Die("bind");
    if (listen(listener, SOMAXCONN) == SOCKET_ERROR)
        Die("listen");

    int length = sizeof(name);
    getsockname(listener, reinterpret_cast<sockaddr*>(&name), &length);
    printf("listening on %s:%d\n", host.substr(0, colon).c_str(), ntohs(name.sin_port));
    fflush(stdout);
    return listener;
}

// What is connected now; the listener tells by its event that somebody is. An accepted socket has the listener's event and
// does not block, which a session does not want.
static std::vector<SOCKET> AcceptAll(SOCKET listener, WSAEVENT event)
{
    std::vector<SOCKET> accepted;
    WSANETWORKEVENTS happened;
    WSAEnumNetworkEvents(listener, event, &happened);
    for (;;)
    {
        SOCKET socket = accept(listener, NULL, NULL);
        if (socket == INVALID_SOCKET)
            return accepted;
        WSAEventSelect(socket, NULL, 0);
        u_long off = 0;
        ioctlsocket(socket, FIONBIO, &off);
        accepted.push_back(socket);
    }
}

static WSAEVENT EventOf(SOCKET listener)
{
    WSAEVENT event = WSACreateEvent();
    if (WSAEventSelect(listener, event, FD_ACCEPT) == SOCKET_ERROR)
        Die("WSAEventSelect");
    return event;
}

// Event objects: one for the listener and one for each session, which is 63 sessions at most.
static void RunEvent(SOCKET listener)
{
    std::vector<WSAEVENT> events(1, EventOf(listener));
    std::vector<Session*> sessions(1, static_cast<Session*>(NULL));
    for (;;)
    {
        DWORD count = static_cast<DWORD>(events.size());
        DWORD result = WSAWaitForMultipleEvents(count, events.data(), FALSE, WSA_INFINITE, FALSE);
        if (result == WSA_WAIT_FAILED)
            Die("WSAWaitForMultipleEvents");

        // The lowest that is signalled, and whoever comes behind it: else the first sessions would starve the last.
        for (size_t i = result - WSA_WAIT_EVENT_0; i < events.size(); ++i)
        {
            if (WSAWaitForMultipleEvents(1, &events[i], TRUE, 0, FALSE) != WSA_WAIT_EVENT_0)
                continue;
            if (i == 0)
            {
                for (SOCKET socket : AcceptAll(listener, events[0]))
                {
                    if (events.size() == WSA_MAXIMUM_WAIT_EVENTS)
                    {
                        closesocket(socket);
                        continue;
                    }
                    Session* session = new Session(socket);
                    session->overlapped.hEvent = WSACreateEvent();
                    if (!session->Start(NULL))
                    {
                        WSACloseEvent(session->overlapped.hEvent);
                        delete session;
                        continue;
                    }
                    events.push_back(session->overlapped.hEvent);
                    sessions.push_back(session);
                }
                continue;
            }
            Session* session = sessions[i];
            WSAResetEvent(events[i]);
            DWORD bytes = 0, flags = 0;
            BOOL ok = WSAGetOverlappedResult(session->socket, &session->overlapped, &bytes, FALSE, &flags);
            if (!ok || !session->Completed(bytes, NULL))
            {
                WSACloseEvent(events[i]);
                delete session;
                events.erase(events.begin() + i);
                sessions.erase(sessions.begin() + i);
                --i;
            }
        }
    }
}

// Completion routines: they run in the alertable wait of the one thread.
static void CALLBACK OnCompleted(DWORD error, DWORD bytes, LPWSAOVERLAPPED overlapped, DWORD)
{
    Session* session = reinterpret_cast<Session*>(overlapped);
    if (error != 0 || !session->Completed(bytes, OnCompleted))
        delete session;
}

static void RunRoutine(SOCKET listener)
{
    WSAEVENT event = EventOf(listener);
    for (;;)
    {
        DWORD result = WSAWaitForMultipleEvents(1, &event, FALSE, WSA_INFINITE, TRUE);
        if (result == WSA_WAIT_FAILED)
            Die("WSAWaitForMultipleEvents");
        if (result != WSA_WAIT_EVENT_0)
            continue; // WSA_WAIT_IO_COMPLETION: routines have run
        for (SOCKET socket : AcceptAll(listener, event))
        {
            Session* session = new Session(socket);
            if (!session->Start(OnCompleted))
                delete session;
        }
    }
}

// A completion port: workers take from it, the main thread accepts.
static DWORD WINAPI Worker(LPVOID parameter)
{
    HANDLE port = parameter;
    for (;;)
    {
        DWORD bytes = 0;
        ULONG_PTR key = 0;
        LPOVERLAPPED overlapped = NULL;
        BOOL ok = GetQueuedCompletionStatus(port, &bytes, &key, &overlapped, INFINITE);
        if (overlapped == NULL)
            return 1; // the port itself has failed
        Session* session = reinterpret_cast<Session*>(key);
        if (!ok || !session->Completed(bytes, NULL))
            delete session;
    }
}

static void RunPort(SOCKET listener, int workers)
{
    HANDLE port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
    if (port == NULL)
        Die("CreateIoCompletionPort");
    for (int i = 0; i < workers; ++i)
    {
        HANDLE thread = CreateThread(NULL, 0, Worker, port, 0, NULL);
        if (thread == NULL)
            Die("CreateThread");
        CloseHandle(thread);
    }
    for (;;)
    {
        SOCKET socket = accept(listener, NULL, NULL);
        if (socket == INVALID_SOCKET)
            continue;
        Session* session = new Session(socket);
        if (CreateIoCompletionPort(reinterpret_cast<HANDLE>(socket), port, reinterpret_cast<ULONG_PTR>(session), 0) == NULL
            || !session->Start(NULL))
            delete session;
    }
}

int main(int argc, char* argv[])
{
    if (argc < 4)
    {
        fprintf(stderr, "usage: winsock ADDRESS BUFFER event|routine|port [WORKERS]\n");
        return 2;
    }
    WSADATA wsaData;
    if (WSAStartup(MAKEWORD(2, 2), &wsaData) != 0)
        return 1;
    g_bufferSize = static_cast<DWORD>(atoi(argv[2]));
    SOCKET listener = Listen(argv[1]);
    if (strcmp(argv[3], "event") == 0)
        RunEvent(listener);
    else if (strcmp(argv[3], "routine") == 0)
        RunRoutine(listener);
    else if (strcmp(argv[3], "port") == 0)
        RunPort(listener, argc > 4 ? atoi(argv[4]) : 1);
    fprintf(stderr, "no model: %s\n", argv[3]);
    return 2;
}
