// Options and controls: values in one byte and in four, what belongs to which kind, addresses that are shared or not.
#include "check.h"

static DWORD get(SOCKET s, int level, int option)
{
    DWORD value = 0x55555555;
    int size = sizeof value;
    DONE(getsockopt(s, level, option, (char *)&value, &size));
    EQUAL(size, 4);
    return value;
}
static int set(SOCKET s, int level, int option, DWORD value) { return setsockopt(s, level, option, (char *)&value, sizeof value); }

static void flags_and_numbers()
{
    SOCKET s = made(AF_INET, SOCK_STREAM), u = made(AF_INET, SOCK_DGRAM);
    static const struct {
        int level, option;
    } flags[] = {
        { SOL_SOCKET, SO_DEBUG },
        { SOL_SOCKET, SO_KEEPALIVE },
        { SOL_SOCKET, SO_DONTROUTE },
        { SOL_SOCKET, SO_OOBINLINE },
        { SOL_SOCKET, SO_REUSEADDR },
        { IPPROTO_TCP, TCP_NODELAY },
        { IPPROTO_IP, IP_DONTFRAGMENT },
    };
    for (auto &one : flags) {
        DONE(set(s, one.level, one.option, 1));
        EQUAL(get(s, one.level, one.option), 1);
        char byte = 9;
        int size = 1;
        DONE(getsockopt(s, one.level, one.option, &byte, &size));
        CHECK(byte == 1 && size == 1);
        size = 0;
        REFUSED(getsockopt(s, one.level, one.option, &byte, &size), WSAEFAULT);
        byte = 0;
        DONE(setsockopt(s, one.level, one.option, &byte, 1));
        EQUAL(get(s, one.level, one.option), 0);
        // Any value but zero is on.
        DONE(set(s, one.level, one.option, 0x100));
        EQUAL(get(s, one.level, one.option), 1);
        DONE(set(s, one.level, one.option, 0));
    }
    static const struct {
        int level, option;
        DWORD value;
    } numbers[] = {
        { SOL_SOCKET, SO_RCVBUF, 12345 },
        { SOL_SOCKET, SO_SNDBUF, 1 },
        { SOL_SOCKET, SO_RCVTIMEO, 1 },
        { SOL_SOCKET, SO_SNDTIMEO, 123456789 },
        { IPPROTO_TCP, TCP_KEEPIDLE, 77 },
        { IPPROTO_TCP, TCP_KEEPINTVL, 7 },
        { IPPROTO_TCP, TCP_KEEPCNT, 5 },
        { IPPROTO_TCP, TCP_MAXRT, 60 },
        { IPPROTO_IP, IP_TTL, 33 },
        { IPPROTO_IP, IP_TOS, 8 },
    };
    for (auto &one : numbers) {
        DONE(set(s, one.level, one.option, one.value));
        EQUAL(get(s, one.level, one.option), one.value);
        char bytes[3];
        int size = sizeof bytes;
        REFUSED(getsockopt(s, one.level, one.option, bytes, &size), WSAEFAULT);
    }
    // What the other kind has.
    for (int option : { SO_BROADCAST, SO_MAX_MSG_SIZE }) {
        DWORD value;
        int size = sizeof value;
        REFUSED(getsockopt(s, SOL_SOCKET, option, (char *)&value, &size), WSAENOPROTOOPT);
        CHECK(get(u, SOL_SOCKET, option) != 0x55555555);
    }
    REFUSED(set(u, SOL_SOCKET, SO_KEEPALIVE, 1), WSAENOPROTOOPT);
    REFUSED(set(u, SOL_SOCKET, SO_LINGER, 1), WSAENOPROTOOPT);
    REFUSED(set(u, IPPROTO_TCP, TCP_NODELAY, 1), WSAENOPROTOOPT);
    REFUSED(set(s, IPPROTO_IP, IP_MULTICAST_LOOP, 1), WSAENOPROTOOPT);
    REFUSED(set(s, SOL_SOCKET, SO_CONDITIONAL_ACCEPT, 1), WSAENOPROTOOPT);
    for (int option : { SO_ERROR, SO_TYPE, SO_ACCEPTCONN, SO_CONNECT_TIME }) REFUSED(set(s, SOL_SOCKET, option, 1), WSAENOPROTOOPT);
    REFUSED(setsockopt(s, SOL_SOCKET, SO_UPDATE_CONNECT_CONTEXT, NULL, 0), WSAENOTCONN);
    REFUSED(setsockopt(s, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, (char *)&s, sizeof s), WSAENOTCONN);
    REFUSED(setsockopt(s, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, (char *)&s, 4), WSAEFAULT);
    SOCKET none = INVALID_SOCKET;
    REFUSED(setsockopt(s, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, (char *)&none, sizeof none), WSAENOTSOCK);
    DONE(closesocket(s));
    DONE(closesocket(u));
}

static void lingering()
{
    SOCKET c, s;
    pair(&c, &s);
    LINGER linger;
    int size = sizeof linger;
    EQUAL(get(s, SOL_SOCKET, SO_DONTLINGER), 1);
    linger.l_onoff = 1;
    linger.l_linger = 3;
    DONE(setsockopt(s, SOL_SOCKET, SO_LINGER, (char *)&linger, sizeof linger));
    EQUAL(get(s, SOL_SOCKET, SO_DONTLINGER), 0);
    DONE(set(s, SOL_SOCKET, SO_DONTLINGER, 1));
    DONE(getsockopt(s, SOL_SOCKET, SO_LINGER, (char *)&linger, &size));
    EQUAL(linger.l_onoff, 0);
    // With a time the close waits no longer than the data takes.
    linger.l_onoff = 1;
    linger.l_linger = 30;
    DONE(setsockopt(s, SOL_SOCKET, SO_LINGER, (char *)&linger, sizeof linger));
    EQUAL(send(s, "rest", 4, 0), 4);
    DONE(closesocket(s));
    char got[8];
    EQUAL(recv(c, got, 8, MSG_WAITALL), 4);
    DONE(closesocket(c));
    // Without one it resets.
    pair(&c, &s);
    linger.l_linger = 0;
    DONE(setsockopt(s, SOL_SOCKET, SO_LINGER, (char *)&linger, sizeof linger));
    DONE(closesocket(s));
    REFUSED(recv(c, got, 8, 0), WSAECONNRESET);
    DONE(closesocket(c));
    // So do the connections of a listener that has it.
    sockaddr_in address;
    SOCKET l = listener(&address);
    DONE(setsockopt(l, SOL_SOCKET, SO_LINGER, (char *)&linger, sizeof linger));
    c = made(AF_INET, SOCK_STREAM);
    DONE(connect(c, (sockaddr *)&address, sizeof address));
    s = accept(l, NULL, NULL);
    DONE(closesocket(s));
    REFUSED(recv(c, got, 8, 0), WSAECONNRESET);
    DONE(closesocket(c));
    DONE(closesocket(l));
}

enum Kind { PLAIN, REUSE, EXCLUSIVE };
static SOCKET of(Kind kind, int type)
{
    SOCKET s = made(AF_INET, type);
    if (kind == REUSE) DONE(set(s, SOL_SOCKET, SO_REUSEADDR, 1));
    if (kind == EXCLUSIVE) DONE(set(s, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, 1));
    return s;
}

static void sharing()
{
    static const struct {
        Kind first, second;
        int error;
    } pairs[] = {
        { PLAIN, PLAIN, WSAEADDRINUSE },     { PLAIN, REUSE, WSAEACCES },     { PLAIN, EXCLUSIVE, WSAEADDRINUSE },
        { REUSE, PLAIN, WSAEADDRINUSE },     { REUSE, REUSE, 0 },             { REUSE, EXCLUSIVE, WSAEADDRINUSE },
        { EXCLUSIVE, PLAIN, WSAEADDRINUSE }, { EXCLUSIVE, REUSE, WSAEACCES }, { EXCLUSIVE, EXCLUSIVE, WSAEADDRINUSE },
    };
    for (int type : { SOCK_STREAM, SOCK_DGRAM })
        for (auto &one : pairs)
            for (bool listens : { false, true }) {
                if (listens && type == SOCK_DGRAM) continue;
                SOCKET first = of(one.first, type), second = of(one.second, type);
                sockaddr_in address = loopback();
                DONE(bind(first, (sockaddr *)&address, sizeof address));
                if (listens) DONE(listen(first, 1));
                address = name_of<sockaddr_in>(first);
                WSASetLastError(0);
                int bound = bind(second, (sockaddr *)&address, sizeof address);
                EQUAL(bound ? WSAGetLastError() : 0, one.error);
                DONE(closesocket(first));
                DONE(closesocket(second));
            }
    // They exclude each other, and a bound socket is not made exclusive any more.
    SOCKET s = of(REUSE, SOCK_STREAM);
    REFUSED(set(s, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, 1), WSAEINVAL);
    DONE(closesocket(s));
    s = of(EXCLUSIVE, SOCK_STREAM);
    REFUSED(set(s, SOL_SOCKET, SO_REUSEADDR, 1), WSAEINVAL);
    sockaddr_in address = loopback();
    DONE(bind(s, (sockaddr *)&address, sizeof address));
    REFUSED(set(s, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, 1), WSAEINVAL);
    DONE(closesocket(s));
}

// The side that closes first lingers in the system: nobody has to wait for that, whichever way the server was bound.
static void again_at_once()
{
    for (Kind kind : { PLAIN, REUSE, EXCLUSIVE }) {
        sockaddr_in address = loopback();
        for (int round = 0; round < 3; ++round) {
            SOCKET l = of(kind, SOCK_STREAM), c = made(AF_INET, SOCK_STREAM);
            DONE(bind(l, (sockaddr *)&address, sizeof address));
            DONE(listen(l, 1));
            address = name_of<sockaddr_in>(l);
            DONE(connect(c, (sockaddr *)&address, sizeof address));
            SOCKET s = accept(l, NULL, NULL);
            char byte;
            DONE(shutdown(s, SD_SEND));
            EQUAL(recv(c, &byte, 1, 0), 0);
            DONE(closesocket(c));
            EQUAL(recv(s, &byte, 1, 0), 0);
            DONE(closesocket(s));
            DONE(closesocket(l));
        }
    }
}

static int told;
static DWORD told_error, told_bytes;
static void CALLBACK routine(DWORD error, DWORD bytes, LPWSAOVERLAPPED, DWORD)
{
    ++told;
    told_error = error;
    told_bytes = bytes;
}

static void controls()
{
    SOCKET c, s;
    DWORD bytes, number = 0;
    pair(&c, &s);
    EQUAL(send(c, "12345", 5, 0), 5);
    while (number < 5) DONE(WSAIoctl(s, FIONREAD, NULL, 0, &number, sizeof number, &bytes, NULL, NULL));
    EQUAL(bytes, 4);
    // What has no urgent data is at its mark.
    u_long mark = 0;
    DONE(ioctlsocket(s, SIOCATMARK, &mark));
    EQUAL(mark, 1);
    // An overlapped call is told of, in each way.
    WSAOVERLAPPED overlapped;
    memset(&overlapped, 0, sizeof overlapped);
    overlapped.hEvent = WSACreateEvent();
    number = 0;
    DONE(WSAIoctl(s, FIONREAD, NULL, 0, &number, sizeof number, NULL, &overlapped, NULL));
    EQUAL(number, 5);
    EQUAL(WaitForSingleObject(overlapped.hEvent, 0), WAIT_OBJECT_0);
    DWORD flags;
    CHECK(WSAGetOverlappedResult(s, &overlapped, &bytes, FALSE, &flags));
    EQUAL(bytes, 4);
    DONE(WSAIoctl(s, FIONREAD, NULL, 0, &number, sizeof number, NULL, &overlapped, routine));
    EQUAL(told, 0);
    EQUAL(SleepEx(0, TRUE), WAIT_IO_COMPLETION);
    CHECK(told == 1 && told_error == 0 && told_bytes == 4);
    HANDLE port = CreateIoCompletionPort((HANDLE)s, NULL, 55, 0);
    DONE(WSAIoctl(s, FIONREAD, NULL, 0, &number, sizeof number, NULL, &overlapped, NULL));
    ULONG_PTR key;
    LPOVERLAPPED done;
    CHECK(GetQueuedCompletionStatus(port, &bytes, &key, &done, 0) && bytes == 4 && key == 55 && done == &overlapped);
    // Modes.
    number = 1;
    DONE(WSAIoctl(c, FIONBIO, &number, sizeof number, NULL, 0, &bytes, NULL, NULL));
    char byte;
    REFUSED(recv(c, &byte, 1, 0), WSAEWOULDBLOCK);
    SOCKET base = 0;
    DONE(WSAIoctl(s, SIO_BASE_HANDLE, NULL, 0, &base, sizeof base, &bytes, NULL, NULL));
    EQUAL(base, s);
    tcp_keepalive keep = { 1, 1500, 100 };
    DONE(WSAIoctl(s, SIO_KEEPALIVE_VALS, &keep, sizeof keep, NULL, 0, &bytes, NULL, NULL));
    CHECK(get(s, SOL_SOCKET, SO_KEEPALIVE) == 1 && get(s, IPPROTO_TCP, TCP_KEEPIDLE) == 2 && get(s, IPPROTO_TCP, TCP_KEEPINTVL) == 1);
    keep.onoff = 0;
    DONE(WSAIoctl(s, SIO_KEEPALIVE_VALS, &keep, sizeof keep, NULL, 0, &bytes, NULL, NULL));
    EQUAL(get(s, SOL_SOCKET, SO_KEEPALIVE), 0);
    DONE(WSAIoctl(s, SIO_LOOPBACK_FAST_PATH, &number, sizeof number, NULL, 0, &bytes, NULL, NULL));
    // Addresses of this machine.
    char room[4096];
    REFUSED(WSAIoctl(s, SIO_ADDRESS_LIST_QUERY, NULL, 0, NULL, 0, &bytes, NULL, NULL), WSAEFAULT);
    CHECK(bytes >= 8 && bytes <= sizeof room);
    DONE(WSAIoctl(s, SIO_ADDRESS_LIST_QUERY, NULL, 0, room, sizeof room, &bytes, NULL, NULL));
    LPSOCKET_ADDRESS_LIST list = (LPSOCKET_ADDRESS_LIST)room;
    for (int i = 0; i < list->iAddressCount; ++i) {
        CHECK(list->Address[i].iSockaddrLength == sizeof(sockaddr_in) && list->Address[i].lpSockaddr->sa_family == AF_INET);
        CHECK((char *)list->Address[i].lpSockaddr > room && (char *)list->Address[i].lpSockaddr < room + bytes);
    }
    sockaddr_in to = loopback(), from;
    DONE(WSAIoctl(s, SIO_ROUTING_INTERFACE_QUERY, &to, sizeof to, &from, sizeof from, &bytes, NULL, NULL));
    CHECK(from.sin_addr.s_addr == htonl(INADDR_LOOPBACK) && bytes == sizeof from);
    DONE(closesocket(c));
    DONE(closesocket(s));
}

static void duplicates()
{
    SOCKET c, s;
    pair(&c, &s);
    WSAPROTOCOL_INFOA info;
    DONE(WSADuplicateSocketA(s, GetCurrentProcessId(), &info));
    // The first may be closed before the second is taken.
    DONE(closesocket(s));
    SOCKET d = WSASocketA(AF_INET, SOCK_STREAM, 0, &info, 0, 0);
    CHECK(d != INVALID_SOCKET && d != s);
    NO_SOCKET(WSASocketA(AF_INET, SOCK_STREAM, 0, &info, 0, 0), WSAEINVAL);
    // Modes and options are those of one socket.
    DONE(WSADuplicateSocketA(d, GetCurrentProcessId(), &info));
    SOCKET e = WSASocketA(AF_INET, SOCK_STREAM, 0, &info, 0, 0);
    u_long on = 1;
    char byte;
    DONE(ioctlsocket(d, FIONBIO, &on));
    REFUSED(recv(e, &byte, 1, 0), WSAEWOULDBLOCK);
    // So is a handle that was made as any other.
    HANDLE f;
    CHECK(DuplicateHandle(GetCurrentProcess(), (HANDLE)e, GetCurrentProcess(), &f, 0, FALSE, DUPLICATE_SAME_ACCESS));
    DONE(closesocket(d));
    CHECK(CloseHandle((HANDLE)e));
    EQUAL(send((SOCKET)f, "f", 1, 0), 1);
    EQUAL(recv(c, &byte, 1, 0), 1);
    CHECK(CloseHandle(f));
    EQUAL(recv(c, &byte, 1, 0), 0);
    DONE(closesocket(c));
    // One that nobody came for goes with the rest, and its structure names nothing then.
    pair(&c, &s);
    DONE(WSADuplicateSocketA(s, GetCurrentProcessId(), &info));
    DONE(WSACleanup());
    begin();
    NO_SOCKET(WSASocketA(AF_INET, SOCK_STREAM, 0, &info, 0, 0), WSAEINVAL);
    REFUSED(closesocket(c), WSAENOTSOCK);
}

int main()
{
    begin();
    flags_and_numbers();
    lingering();
    sharing();
    again_at_once();
    controls();
    duplicates();
    return 0;
}
