// Many at once: threads on one listener, sockets that are opened and closed, urgent data among the rest.
#include "check.h"
#include <atomic>
#include <dirent.h>
#include <vector>

static SOCKET shared;
static std::atomic<int> served;

static DWORD WINAPI serve(LPVOID)
{
    for (;;) {
        SOCKET s = accept(shared, NULL, NULL);
        if (s == INVALID_SOCKET) return (DWORD)WSAGetLastError();
        char byte;
        EQUAL(recv(s, &byte, 1, 0), 1);
        EQUAL(send(s, &byte, 1, 0), 1);
        ++served;
        DONE(closesocket(s));
    }
}

static sockaddr_in to;
static DWORD WINAPI ask(LPVOID count)
{
    for (int i = 0; i < (int)(ULONG_PTR)count; ++i) {
        SOCKET c = made(AF_INET, SOCK_STREAM);
        char sent = (char)i, got = 0;
        DONE(connect(c, (sockaddr *)&to, sizeof to));
        EQUAL(send(c, &sent, 1, 0), 1);
        EQUAL(recv(c, &got, 1, 0), 1);
        EQUAL(got, sent);
        EQUAL(recv(c, &got, 1, 0), 0);
        DONE(closesocket(c));
    }
    return 0;
}

static void one_listener_many_threads()
{
    enum { SERVERS = 6, CLIENTS = 6, EACH = 25 };
    shared = listener(&to);
    std::vector<HANDLE> servers, clients;
    for (int i = 0; i < SERVERS; ++i) servers.push_back(start(serve, NULL));
    for (int i = 0; i < CLIENTS; ++i) clients.push_back(start(ask, (LPVOID)EACH));
    for (HANDLE client : clients) EQUAL(end(client), 0);
    while (served < CLIENTS * EACH) Sleep(1);
    DONE(closesocket(shared));
    // Who waits is told that it was closed, who comes later that there is none.
    for (HANDLE server : servers) {
        DWORD code = end(server);
        CHECK(code == WSAEINTR || code == WSAENOTSOCK);
    }
}

static int descriptors()
{
    int count = 0;
    DIR *folder = opendir("/proc/self/fd");
    while (readdir(folder)) ++count;
    closedir(folder);
    return count;
}

static void nothing_is_left()
{
    int before = 0;
    for (int round = 0; round < 40; ++round) {
        SOCKET c, s;
        sockaddr_in address;
        pair(&c, &s);
        SOCKET u = datagrams(&address);
        char byte;
        WSAOVERLAPPED pending;
        WSABUF place = { 1, &byte };
        DWORD flags = 0;
        memset(&pending, 0, sizeof pending);
        CHECK(WSARecv(s, &place, 1, NULL, &flags, &pending, NULL) == SOCKET_ERROR && WSAGetLastError() == WSA_IO_PENDING);
        for (SOCKET one : { c, s, u }) DONE(closesocket(one));
        while (!HasOverlappedIoCompleted(&pending)) Sleep(1);
        if (round == 10) before = descriptors();
    }
    // An operation that has ended is let go of soon after.
    for (int i = 0; i < 2000 && descriptors() > before; ++i) Sleep(1);
    CHECK(descriptors() <= before);
}

static void urgent()
{
    SOCKET c, s;
    pair(&c, &s);
    char got[8];
    REFUSED(recv(s, got, 1, MSG_OOB), WSAEINVAL);
    EQUAL(send(c, "ab", 2, 0), 2);
    EQUAL(send(c, "!", 1, MSG_OOB), 1);
    EQUAL(send(c, "cd", 2, 0), 2);
    u_long there = 0, mark = 1;
    while (there < 2 || mark) {
        DONE(ioctlsocket(s, FIONREAD, &there));
        DONE(ioctlsocket(s, SIOCATMARK, &mark));
    }
    EQUAL(recv(s, got, 8, 0), 2);
    EQUAL(recv(s, got, 1, MSG_OOB), 1);
    EQUAL(got[0], '!');
    EQUAL(recv(s, got, 2, MSG_WAITALL), 2);
    CHECK(!memcmp(got, "cd", 2));
    DONE(closesocket(c));
    DONE(closesocket(s));
}

// A thread's next sockets can be for calls that wait only: an OVERLAPPED is then not looked at.
static void open_type()
{
    DWORD type = SO_SYNCHRONOUS_NONALERT, flags = 0, bytes = 0;
    int size = sizeof type;
    DONE(setsockopt(INVALID_SOCKET, SOL_SOCKET, SO_OPENTYPE, (char *)&type, sizeof type));
    SOCKET c, s;
    pair(&c, &s);
    type = 0;
    DONE(getsockopt(INVALID_SOCKET, SOL_SOCKET, SO_OPENTYPE, (char *)&type, &size));
    EQUAL(type, SO_SYNCHRONOUS_NONALERT);
    type = 0;
    DONE(setsockopt(INVALID_SOCKET, SOL_SOCKET, SO_OPENTYPE, (char *)&type, sizeof type));
    EQUAL(send(c, "x", 1, 0), 1);
    char byte;
    WSABUF place = { 1, &byte };
    WSAOVERLAPPED unused;
    memset(&unused, 0, sizeof unused);
    DONE(WSARecv(s, &place, 1, &bytes, &flags, &unused, NULL));
    CHECK(bytes == 1 && unused.InternalHigh == 0);
    DONE(closesocket(c));
    DONE(closesocket(s));
}

int main()
{
    begin();
    one_listener_many_threads();
    nothing_is_left();
    urgent();
    open_type();
    return 0;
}
