// What the programs here share beside what those of the kernel do.
#ifndef SOCKETS_CHECK_H
#define SOCKETS_CHECK_H

#include <winsock2.h>
#include <ws2tcpip.h>
#include <mswsock.h>
#include <mstcpip.h>
#include "../kernel/check.h"
#include <initializer_list>
#include <string.h>

// A Winsock call fails, and with this error.
#define REFUSED(what, error) \
    do { \
        WSASetLastError(0); \
        EQUAL(what, SOCKET_ERROR); \
        EQUAL(WSAGetLastError(), error); \
    } while (0)

// One that gives a socket.
#define NO_SOCKET(what, error) \
    do { \
        WSASetLastError(0); \
        CHECK((what) == INVALID_SOCKET); \
        EQUAL(WSAGetLastError(), error); \
    } while (0)

// One that gives a pointer.
#define NOTHING(what, error) \
    do { \
        WSASetLastError(0); \
        CHECK((what) == NULL); \
        EQUAL(WSAGetLastError(), error); \
    } while (0)

#define DONE(what) EQUAL(what, 0)

inline void begin()
{
    WSADATA data;
    DONE(WSAStartup(MAKEWORD(2, 2), &data));
}

inline sockaddr_in loopback(u_short port = 0)
{
    sockaddr_in address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = port;
    return address;
}

inline sockaddr_in6 loopback6(u_short port = 0)
{
    sockaddr_in6 address;
    memset(&address, 0, sizeof address);
    address.sin6_family = AF_INET6;
    address.sin6_addr = in6addr_loopback;
    address.sin6_port = port;
    return address;
}

template <class A> A name_of(SOCKET socket)
{
    A address;
    int length = sizeof address;
    DONE(getsockname(socket, (sockaddr *)&address, &length));
    EQUAL(length, sizeof address);
    return address;
}

inline SOCKET made(int family, int type)
{
    SOCKET socket = ::socket(family, type, 0);
    CHECK(socket != INVALID_SOCKET);
    return socket;
}

inline SOCKET listener(sockaddr_in *address)
{
    SOCKET socket = made(AF_INET, SOCK_STREAM);
    *address = loopback();
    DONE(bind(socket, (sockaddr *)address, sizeof *address));
    DONE(listen(socket, SOMAXCONN));
    *address = name_of<sockaddr_in>(socket);
    return socket;
}

// One end connects, the other was accepted.
inline void pair(SOCKET *client, SOCKET *server)
{
    sockaddr_in address;
    SOCKET from = listener(&address);
    *client = made(AF_INET, SOCK_STREAM);
    DONE(connect(*client, (sockaddr *)&address, sizeof address));
    *server = accept(from, NULL, NULL);
    CHECK(*server != INVALID_SOCKET);
    DONE(closesocket(from));
}

inline SOCKET datagrams(sockaddr_in *address)
{
    SOCKET socket = made(AF_INET, SOCK_DGRAM);
    *address = loopback();
    DONE(bind(socket, (sockaddr *)address, sizeof *address));
    *address = name_of<sockaddr_in>(socket);
    return socket;
}

inline HANDLE start(LPTHREAD_START_ROUTINE function, void *argument)
{
    HANDLE thread = CreateThread(NULL, 0, function, argument, 0, NULL);
    CHECK(thread);
    return thread;
}

inline DWORD end(HANDLE thread)
{
    DWORD code = 0;
    EQUAL(WaitForSingleObject(thread, INFINITE), WAIT_OBJECT_0);
    CHECK(GetExitCodeThread(thread, &code) && CloseHandle(thread));
    return code;
}

#endif
