// Every function of sockets, operations, ports and waits, called with what comes: null pointers, invented, closed and foreign
// handles, and good ones. It returns, whatever it returns.
#include "../extensions/sockets.h"

#include <random>
#include <unistd.h>

static std::mt19937_64 chance(1);
static ULONG_PTR good[7];
static ULONG_PTR closed_one;
alignas(64) static char rooms[12][4096];
static int room;
static const char *current;

static unsigned below(unsigned limit) { return (unsigned)(chance() % limit); }

static void CALLBACK nothing(ULONG_PTR) {}

static void keep_good()
{
    DWORD flags;
    for (int i = 0; i < 7; ++i) {
        if (good[i] && GetHandleInformation((HANDLE)good[i], &flags)) {
            // Whatever was made of it, no call blocks.
            u_long yes = 1;
            if (i < 4) ioctlsocket(good[i], FIONBIO, &yes);
            continue;
        }
        closed_one = good[i];
        switch (i) {
        case 0: good[i] = tcp(); break;
        case 1: good[i] = bound(); break;
        case 2: good[i] = WSASocketW(AF_INET, SOCK_DGRAM, 0, NULL, 0, WSA_FLAG_OVERLAPPED); break;
        case 3: {
            SOCKET client, server;
            pair(client, server);
            good[i] = server;
            closesocket(client);
            break;
        }
        case 4: good[i] = (ULONG_PTR)CreateEventA(NULL, TRUE, FALSE, NULL); break;
        case 5: good[i] = (ULONG_PTR)CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0); break;
        case 6: good[i] = (ULONG_PTR)CreateSemaphoreA(NULL, 0, 10, NULL); break;
        }
        CHECK(good[i] && good[i] != INVALID_SOCKET);
        u_long yes = 1;
        if (i < 4) EQUAL(ioctlsocket(good[i], FIONBIO, &yes), 0);
    }
}

static ULONG_PTR some_handle()
{
    switch (below(8)) {
    case 0: return 0;
    case 1: return (ULONG_PTR)chance();
    case 2: return closed_one;
    case 3: return good[below(7)] + below(4);
    case 4: return (ULONG_PTR)-(LONG_PTR)below(4);
    default: return good[below(7)];
    }
}

static char *some_room(bool zero)
{
    if (below(4) == 0) return NULL;
    char *place = rooms[room++ % 12];
    if (zero) memset(place, 0, sizeof rooms[0]);
    return place;
}

// A value for each type of parameter. A pointer has room behind it, or is null.
template <class T> struct Some {
    static T value()
    {
        static const long numbers[] = {0, 1, 2, 8, 16, 28};
        return (T)numbers[below(6)];
    }
};
template <> struct Some<ULONG_PTR> {
    static ULONG_PTR value() { return some_handle(); }
};
template <class T> struct Some<T *> {
    static T *value() { return (T *)some_room(true); }
};
template <class R, class... A> struct Some<R (*)(A...)> {
    static R (*value())(A...) { return NULL; }
};
template <> struct Some<PAPCFUNC> {
    static PAPCFUNC value() { return below(2) ? nothing : NULL; }
};
template <> struct Some<void *> {
    static void *value() { return below(2) ? (void *)some_handle() : some_room(true); }
};
template <> struct Some<const sockaddr *> {
    static const sockaddr *value()
    {
        char *place = some_room(true);
        sockaddr_in address = loopback();
        address.sin_port = htons((u_short)(below(2) ? 9 : 0));
        if (place && below(4)) memcpy(place, &address, sizeof address);
        return (const sockaddr *)place;
    }
};
template <> struct Some<DWORD *> {
    static DWORD *value()
    {
        static const DWORD numbers[] = {0, 1, 16, 128, 0xFFFFFFFF};
        DWORD *place = (DWORD *)some_room(true);
        if (place) *place = numbers[below(5)];
        return place;
    }
};
template <> struct Some<int *> {
    static int *value() { return (int *)Some<DWORD *>::value(); }
};
template <> struct Some<const HANDLE *> {
    static const HANDLE *value()
    {
        HANDLE *place = (HANDLE *)some_room(true);
        for (int i = 0; place && i < 28; ++i) place[i] = (HANDLE)some_handle();
        return place;
    }
};
template <> struct Some<WSABUF *> {
    static WSABUF *value()
    {
        WSABUF *place = (WSABUF *)some_room(true);
        for (int i = 0; place && i < 28; ++i) {
            place[i].len = below(2) ? 0 : below(64);
            place[i].buf = below(6) ? rooms[below(12)] : NULL;
        }
        return place;
    }
};
// What pends has an OVERLAPPED of its own, which stays.
template <> struct Some<OVERLAPPED *> {
    static OVERLAPPED *value()
    {
        if (below(3) == 0) return NULL;
        static std::vector<OVERLAPPED *> &all = *new std::vector<OVERLAPPED *>();
        OVERLAPPED *made = (OVERLAPPED *)calloc(1, sizeof(OVERLAPPED));
        all.push_back(made);
        if (below(2)) made->hEvent = (HANDLE)(some_handle() | below(2));
        return made;
    }
};

template <class R, class... A> static void call(const char *name, R (*function)(A...))
{
    current = name;
    function(Some<A>::value()...);
}

static DWORD code()
{
    static const DWORD codes[] = {FIONREAD, (DWORD)SIOCATMARK, SIO_GET_EXTENSION_FUNCTION_POINTER, (DWORD)SIO_KEEPALIVE_VALS, (DWORD)SIO_UDP_CONNRESET,
                                  SIO_ROUTING_INTERFACE_QUERY, SIO_ADDRESS_LIST_QUERY, SIO_GET_BROADCAST_ADDRESS, SIO_FLUSH, 0, 0xFFFFFFFF};
    return codes[below(sizeof codes / sizeof *codes)];
}

static int control(SOCKET s, void *in, DWORD in_length, void *out, DWORD out_length, DWORD *bytes, OVERLAPPED *overlapped)
{
    // Both are pointers here.
    return WSAIoctl(s, code(), in == NULL ? NULL : rooms[0], in_length, out == NULL ? NULL : rooms[1], out_length, bytes, overlapped, NULL);
}

static int level()
{
    static const int levels[] = {SOL_SOCKET, IPPROTO_TCP, IPPROTO_IP, IPPROTO_IPV6, IPPROTO_UDP, 77};
    return levels[below(6)];
}

static int option() { return below(3) ? (int)below(64) : below(2) ? (int)(0x1000 + below(16)) : (int)(0x7000 + below(0x40)); }

static int get_option(SOCKET s, char *place, int *length) { return getsockopt(s, level(), option(), place, length); }

static int set_option(SOCKET s, const char *place, int length) { return setsockopt(s, level(), option(), place, length); }

// What has more than one form, in one of them.
static int bind_(SOCKET s, const sockaddr *name, int length) { return bind(s, name, length); }

static int WSARecvFrom_(SOCKET s, WSABUF *buffers, DWORD count, DWORD *bytes, DWORD *flags, sockaddr *from, int *room, OVERLAPPED *it)
{
    return WSARecvFrom(s, buffers, count, bytes, flags, from, room, it, NULL);
}

static int WSASend_(SOCKET s, WSABUF *buffers, DWORD count, DWORD *bytes, DWORD flags, OVERLAPPED *it) { return WSASend(s, buffers, count, bytes, flags, it, NULL); }

static int WSASendTo_(SOCKET s, WSABUF *buffers, DWORD count, DWORD *bytes, DWORD flags, const sockaddr *to, int length, OVERLAPPED *it)
{
    return WSASendTo(s, buffers, count, bytes, flags, to, length, it, NULL);
}

static int WSARecv_(SOCKET s, WSABUF *buffers, DWORD count, DWORD *bytes, DWORD *flags, OVERLAPPED *it) { return WSARecv(s, buffers, count, bytes, flags, it, NULL); }

static BOOL accepts(SOCKET listener, SOCKET s, char *buffer, DWORD data, DWORD local, DWORD remote, DWORD *bytes, OVERLAPPED *it)
{
    return AcceptEx(listener, s, buffer, data, local, remote, bytes, it);
}

static HANDLE associates(ULONG_PTR file, ULONG_PTR port, ULONG_PTR key, DWORD count) { return CreateIoCompletionPort((HANDLE)file, (HANDLE)port, key, count); }

static BOOL cancels(ULONG_PTR file, OVERLAPPED *it) { return CancelIoEx((HANDLE)file, it); }

static int connects(SOCKET s, const sockaddr *name, int length, char *data, DWORD data_length, DWORD *sent, OVERLAPPED *it)
{
    return connect_ex(s, name, length, data, data_length, sent, it);
}

static BOOL disconnect_ex_(SOCKET s, OVERLAPPED *it, DWORD flags, DWORD reserved) { return disconnect_ex(s, it, flags, reserved); }

static int receive_message_(SOCKET s, WSAMSG *message, DWORD *bytes, OVERLAPPED *it) { return receive_message(s, message, bytes, it, NULL); }

static BOOL transmit_packets_(SOCKET s, TRANSMIT_PACKETS_ELEMENT *elements, DWORD number, DWORD size, OVERLAPPED *it, DWORD flags)
{
    return transmit_packets(s, elements, number, size, it, flags);
}

// Not for ever.
static BOOL result(SOCKET s, OVERLAPPED *it, DWORD *bytes, DWORD *flags) { return WSAGetOverlappedResult(s, it, bytes, FALSE, flags); }

static BOOL win32_result(ULONG_PTR file, OVERLAPPED *it, DWORD *bytes) { return GetOverlappedResult((HANDLE)file, it, bytes, FALSE); }

static BOOL taken(ULONG_PTR port, DWORD *bytes, ULONG_PTR *key, OVERLAPPED **it, DWORD time) { return GetQueuedCompletionStatus((HANDLE)port, bytes, key, it, time); }

static int selected(fd_set *reads, fd_set *writes, fd_set *fails)
{
    for (fd_set *set : {reads, writes, fails})
        for (int i = below(4); set && i > 0; --i) FD_SET(some_handle(), set);
    timeval time = {0, 1000};
    return select(0, reads, writes, fails, &time);
}

static void sockaddrs(char *place, DWORD data, DWORD local, DWORD remote, sockaddr **one, int *room_of_one, sockaddr **other, int *room_of_other)
{
    GetAcceptExSockaddrs(place, data, local, remote, one, room_of_one, other, room_of_other);
}

#define CALL(name) [] { call(#name, &name); },

static void (*const calls[])() = {
    CALL(accept)
    CALL(WSAAccept)
    CALL(closesocket)
    CALL(connect)
    CALL(WSAConnect)
    CALL(bind_)
    CALL(listen)
    CALL(shutdown)
    CALL(getsockname)
    CALL(getpeername)
    CALL(recv)
    CALL(recvfrom)
    CALL(send)
    CALL(sendto)
    CALL(socket)
    CALL(WSARecvEx)
    CALL(WSARecv_)
    CALL(WSARecvFrom_)
    CALL(WSASend_)
    CALL(WSASendTo_)
    CALL(WSASendMsg)
    CALL(WSARecvDisconnect)
    CALL(WSASendDisconnect)
    CALL(WSAHtonl)
    CALL(WSAHtons)
    CALL(WSANtohl)
    CALL(WSANtohs)
    CALL(WSAEnumNetworkEvents)
    CALL(WSAEventSelect)
    CALL(WSAAsyncSelect)
    CALL(WSAPoll)
    CALL(result)
    CALL(win32_result)
    CALL(GetOverlappedResultEx)
    CALL(CancelIo)
    CALL(PostQueuedCompletionStatus)
    CALL(GetQueuedCompletionStatusEx)
    CALL(SetFileCompletionNotificationModes)
    CALL(WSAResetEvent)
    CALL(WSASetEvent)
    CALL(WSACloseEvent)
    CALL(SetEvent)
    CALL(ResetEvent)
    CALL(CloseHandle)
    CALL(WSAWaitForMultipleEvents)
    CALL(WaitForSingleObject)
    CALL(WaitForSingleObjectEx)
    CALL(WaitForMultipleObjects)
    CALL(WaitForMultipleObjectsEx)
    CALL(SignalObjectAndWait)
    CALL(QueueUserAPC)
    CALL(SleepEx)
    CALL(TransmitFile)
    CALL(sockaddrs)
    CALL(DuplicateHandle)
    CALL(SetHandleInformation)
    CALL(GetHandleInformation)
    CALL(CompareObjectHandles)
    CALL(disconnect_ex_)
    CALL(receive_message_)
    CALL(transmit_packets_)
    CALL(control)
    CALL(get_option)
    CALL(set_option)
    CALL(accepts)
    CALL(associates)
    CALL(cancels)
    CALL(connects)
    CALL(taken)
    CALL(selected)
};

int main(int count, char **arguments)
{
    begin();
    int times = count > 2 ? atoi(arguments[2]) : 12000;
    if (count > 3) chance.seed(atoi(arguments[3]));
    for (int i = 0; i < times; ++i) {
        keep_good();
        calls[below(sizeof calls / sizeof *calls)]();
    }
    return 0;
}
