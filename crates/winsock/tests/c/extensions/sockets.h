// What the programs here share: checks, sockets on loopback, and the extension functions.
#ifndef SOCKETS_H
#define SOCKETS_H

#include <winsock2.h>
#include <ws2tcpip.h>
#include <mswsock.h>
#include <windows.h>

#include "../kernel/check.h"
#include <atomic>
#include <cstring>
#include <dirent.h>
#include <string>
#include <thread>
#include <vector>

static const DWORD ROOM = sizeof(sockaddr_in) + 16;

static LPFN_CONNECTEX connect_ex;
static LPFN_DISCONNECTEX disconnect_ex;
static LPFN_TRANSMITPACKETS transmit_packets;
static LPFN_WSARECVMSG receive_message;

inline SOCKET tcp()
{
    SOCKET s = WSASocketW(AF_INET, SOCK_STREAM, IPPROTO_TCP, NULL, 0, WSA_FLAG_OVERLAPPED);
    CHECK(s != INVALID_SOCKET);
    return s;
}

inline sockaddr_in loopback()
{
    sockaddr_in address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

inline SOCKET bound()
{
    SOCKET s = tcp();
    sockaddr_in address = loopback();
    EQUAL(bind(s, (sockaddr *)&address, sizeof address), 0);
    return s;
}

inline sockaddr_in name_of(SOCKET s)
{
    sockaddr_in address;
    int length = sizeof address;
    EQUAL(getsockname(s, (sockaddr *)&address, &length), 0);
    return address;
}

inline SOCKET listening(sockaddr_in &address)
{
    SOCKET s = bound();
    EQUAL(listen(s, SOMAXCONN), 0);
    address = name_of(s);
    return s;
}

inline SOCKET connected(const sockaddr_in &address)
{
    SOCKET s = tcp();
    EQUAL(connect(s, (const sockaddr *)&address, sizeof address), 0);
    return s;
}

inline void pair(SOCKET &client, SOCKET &server)
{
    sockaddr_in address;
    SOCKET listener = listening(address);
    client = connected(address);
    server = accept(listener, NULL, NULL);
    CHECK(server != INVALID_SOCKET);
    closesocket(listener);
}

inline void receive_all(SOCKET s, char *place, int length)
{
    int done = 0;
    while (done < length) {
        int count = recv(s, place + done, length - done, 0);
        CHECK(count > 0);
        if (count <= 0) return;
        done += count;
    }
}

inline void send_all(SOCKET s, const void *bytes, int length) { EQUAL(send(s, (const char *)bytes, length, 0), length); }

template <class F> static void load(SOCKET s, GUID name, F &function)
{
    DWORD bytes = 0;
    EQUAL(WSAIoctl(s, SIO_GET_EXTENSION_FUNCTION_POINTER, &name, sizeof name, &function, sizeof function, &bytes, NULL, NULL), 0);
    EQUAL(bytes, sizeof function);
}

inline void begin()
{
    WSADATA data;
    EQUAL(WSAStartup(MAKEWORD(2, 2), &data), 0);
    SOCKET s = tcp();
    load(s, WSAID_CONNECTEX, connect_ex);
    load(s, WSAID_DISCONNECTEX, disconnect_ex);
    load(s, WSAID_TRANSMITPACKETS, transmit_packets);
    load(s, WSAID_WSARECVMSG, receive_message);
    closesocket(s);
}

inline int descriptors()
{
    int count = 0;
    DIR *folder = opendir("/proc/self/fd");
    while (readdir(folder)) ++count;
    closedir(folder);
    return count;
}

// An OVERLAPPED with an event.
struct Waited : OVERLAPPED {
    Waited()
    {
        memset((OVERLAPPED *)this, 0, sizeof(OVERLAPPED));
        hEvent = CreateEventA(NULL, TRUE, FALSE, NULL);
    }
    ~Waited() { CloseHandle(hEvent); }
    // The code with which it ended, as Winsock knows it, and the bytes.
    DWORD end(SOCKET s, DWORD &bytes)
    {
        DWORD flags = 0;
        EQUAL(WaitForSingleObject(hEvent, 20000), WAIT_OBJECT_0);
        return WSAGetOverlappedResult(s, this, &bytes, FALSE, &flags) ? 0 : (DWORD)WSAGetLastError();
    }
    bool pends() { return WaitForSingleObject(hEvent, 0) == WAIT_TIMEOUT && !HasOverlappedIoCompleted(this); }
};

// A call begins something that goes on.
#define PENDS(what) FAILS(what, WSA_IO_PENDING)

#endif
