// Every function takes null, invented, closed and other handles, null pointers and bad lengths for what they are: the
// documented error, and never a crash.
#include "check.h"

static char buffer[64];
static WSABUF place = { sizeof buffer, buffer };

// Everything that takes a socket first. The arguments are good, so it is the socket that is refused.
static void no_socket(SOCKET s, int error)
{
    sockaddr_in address = loopback(htons(9));
    int length = sizeof address, value = 1, size = sizeof value;
    DWORD bytes = 0, flags = 0;
    u_long argument = 1;
    u_short small;
    WSAPROTOCOL_INFOA info;
    WSAPROTOCOL_INFOW wide;
    REFUSED(closesocket(s), error);
    REFUSED(bind(s, (sockaddr *)&address, length), error);
    REFUSED(listen(s, 1), error);
    NO_SOCKET(accept(s, NULL, NULL), error);
    NO_SOCKET(accept(s, (sockaddr *)&address, &length), error);
    NO_SOCKET(WSAAccept(s, NULL, NULL, NULL, 0), error);
    REFUSED(connect(s, (sockaddr *)&address, length), error);
    REFUSED(WSAConnect(s, (sockaddr *)&address, length, NULL, NULL, NULL, NULL), error);
    REFUSED(getsockname(s, (sockaddr *)&address, &length), error);
    REFUSED(getpeername(s, (sockaddr *)&address, &length), error);
    REFUSED(recv(s, buffer, sizeof buffer, 0), error);
    REFUSED(recvfrom(s, buffer, sizeof buffer, 0, NULL, NULL), error);
    REFUSED(send(s, buffer, sizeof buffer, 0), error);
    REFUSED(sendto(s, buffer, sizeof buffer, 0, (sockaddr *)&address, length), error);
    int recv_flags = 0;
    REFUSED(WSARecvEx(s, buffer, sizeof buffer, &recv_flags), error);
    REFUSED(WSARecv(s, &place, 1, &bytes, &flags, NULL, NULL), error);
    REFUSED(WSARecvFrom(s, &place, 1, &bytes, &flags, NULL, NULL, NULL, NULL), error);
    REFUSED(WSASend(s, &place, 1, &bytes, 0, NULL, NULL), error);
    REFUSED(WSASendTo(s, &place, 1, &bytes, 0, (sockaddr *)&address, length, NULL, NULL), error);
    REFUSED(WSARecvDisconnect(s, NULL), error);
    REFUSED(WSASendDisconnect(s, NULL), error);
    REFUSED(shutdown(s, SD_BOTH), error);
    REFUSED(getsockopt(s, SOL_SOCKET, SO_TYPE, (char *)&value, &size), error);
    REFUSED(setsockopt(s, SOL_SOCKET, SO_KEEPALIVE, (char *)&value, sizeof value), error);
    REFUSED(ioctlsocket(s, FIONBIO, &argument), error);
    REFUSED(WSAIoctl(s, FIONREAD, NULL, 0, &value, sizeof value, &bytes, NULL, NULL), error);
    REFUSED(WSADuplicateSocketA(s, GetCurrentProcessId(), &info), error);
    REFUSED(WSADuplicateSocketW(s, GetCurrentProcessId(), &wide), error);
    REFUSED(WSAHtonl(s, 1, &argument), error);
    REFUSED(WSANtohl(s, 1, &argument), error);
    REFUSED(WSAHtons(s, 1, &small), error);
    REFUSED(WSANtohs(s, 1, &small), error);
}

static void before_startup()
{
    no_socket(INVALID_SOCKET, WSANOTINITIALISED);
    no_socket(0, WSANOTINITIALISED);
    NO_SOCKET(socket(AF_INET, SOCK_STREAM, 0), WSANOTINITIALISED);
    NO_SOCKET(WSASocketA(AF_INET, SOCK_STREAM, 0, NULL, 0, 0), WSANOTINITIALISED);
    NO_SOCKET(WSASocketW(AF_INET, SOCK_STREAM, 0, NULL, 0, 0), WSANOTINITIALISED);
    DWORD length = 0;
    REFUSED(WSAEnumProtocolsA(NULL, NULL, &length), WSANOTINITIALISED);
    REFUSED(WSAEnumProtocolsW(NULL, NULL, &length), WSANOTINITIALISED);
    REFUSED(gethostname(buffer, sizeof buffer), WSANOTINITIALISED);
    NOTHING(gethostbyname("localhost"), WSANOTINITIALISED);
    NOTHING(gethostbyaddr("\x7f\0\0\1", 4, AF_INET), WSANOTINITIALISED);
    NOTHING(getservbyname("http", NULL), WSANOTINITIALISED);
    NOTHING(getservbyport(htons(80), NULL), WSANOTINITIALISED);
    NOTHING(getprotobyname("tcp"), WSANOTINITIALISED);
    NOTHING(getprotobynumber(6), WSANOTINITIALISED);
    addrinfo *list = (addrinfo *)buffer;
    EQUAL(getaddrinfo("127.0.0.1", NULL, NULL, &list), WSANOTINITIALISED);
    CHECK(!list);
    sockaddr_in address = loopback();
    EQUAL(getnameinfo((sockaddr *)&address, sizeof address, buffer, sizeof buffer, NULL, 0, NI_NUMERICHOST), WSANOTINITIALISED);
    REFUSED(WSACleanup(), WSANOTINITIALISED);
    // These need no beginning.
    in_addr four;
    EQUAL(inet_pton(AF_INET, "127.0.0.1", &four), 1);
    EQUAL(inet_addr("127.0.0.1"), four.s_addr);
    EQUAL(htons(0x0102), 0x0201);
}

static void startup()
{
    WSADATA data;
    EQUAL(WSAStartup(MAKEWORD(2, 2), NULL), WSAEFAULT);
    EQUAL(WSAStartup(MAKEWORD(0, 1), &data), WSAVERNOTSUPPORTED);
    NO_SOCKET(socket(AF_INET, SOCK_STREAM, 0), WSANOTINITIALISED);
    DONE(WSAStartup(MAKEWORD(1, 1), &data));
    CHECK(data.wVersion == MAKEWORD(1, 1) && data.wHighVersion == MAKEWORD(2, 2));
    DONE(WSAStartup(MAKEWORD(9, 9), &data));
    CHECK(data.wVersion == MAKEWORD(2, 2) && strlen(data.szDescription) > 0 && strlen(data.szSystemStatus) > 0);
    DONE(WSACleanup());
    SOCKET s = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(s != INVALID_SOCKET);
    // The last one closes what is open.
    DONE(WSACleanup());
    REFUSED(closesocket(s), WSANOTINITIALISED);
    begin();
    REFUSED(closesocket(s), WSAENOTSOCK);
}

static void kinds_of_sockets()
{
    static const struct {
        int family, type, protocol, error;
    } wanted[] = {
        { 0, 0, 0, WSAEINVAL },
        { 99, SOCK_STREAM, 0, WSAEAFNOSUPPORT },
        { AF_UNIX, SOCK_STREAM, 0, WSAEAFNOSUPPORT },
        { -1, SOCK_STREAM, IPPROTO_TCP, WSAEAFNOSUPPORT },
        { AF_INET, 99, 0, WSAESOCKTNOSUPPORT },
        { AF_INET, SOCK_RAW, IPPROTO_ICMP, WSAESOCKTNOSUPPORT },
        { AF_INET, SOCK_STREAM, IPPROTO_UDP, WSAEPROTONOSUPPORT },
        { AF_INET6, SOCK_DGRAM, IPPROTO_TCP, WSAEPROTONOSUPPORT },
        { AF_INET, SOCK_STREAM, 12345, WSAEPROTONOSUPPORT },
        { AF_INET, 0, 12345, WSAEPROTONOSUPPORT },
        { AF_INET, SOCK_STREAM, IPPROTO_TCP, 0 },
        { AF_INET6, SOCK_STREAM, 0, 0 },
        { AF_INET, 0, IPPROTO_UDP, 0 },
        { AF_INET, 0, 0, 0 },
        { AF_UNSPEC, SOCK_DGRAM, 0, 0 },
    };
    for (auto &one : wanted) {
        if (one.error) {
            NO_SOCKET(socket(one.family, one.type, one.protocol), one.error);
            continue;
        }
        SOCKET s = WSASocketA(one.family, one.type, one.protocol, NULL, 0, WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
        CHECK(s != INVALID_SOCKET);
        int type, size = sizeof type;
        DONE(getsockopt(s, SOL_SOCKET, SO_TYPE, (char *)&type, &size));
        EQUAL(type, one.type ? one.type : one.protocol == IPPROTO_UDP ? SOCK_DGRAM : SOCK_STREAM);
        DONE(closesocket(s));
    }
    NO_SOCKET(WSASocketW(AF_INET, SOCK_STREAM, 0, NULL, 0, WSA_FLAG_MULTIPOINT_C_LEAF), WSAEINVAL);
    NO_SOCKET(WSASocketW(AF_INET, SOCK_STREAM, 0, NULL, 0, 0x80000000), WSAEINVAL);
}

// A connected socket: now it is the pointers and lengths that are refused.
static void bad_pointers(SOCKET s, SOCKET unbound, SOCKET u)
{
    sockaddr_in address = loopback();
    int length = sizeof address, value = 1, size = sizeof value;
    DWORD bytes = 0, flags = 0;
    REFUSED(bind(unbound, NULL, sizeof address), WSAEFAULT);
    REFUSED(bind(unbound, (sockaddr *)&address, 0), WSAEFAULT);
    REFUSED(bind(unbound, (sockaddr *)&address, -1), WSAEFAULT);
    REFUSED(bind(unbound, (sockaddr *)&address, 15), WSAEFAULT);
    address.sin_family = 77;
    REFUSED(connect(unbound, (sockaddr *)&address, sizeof address), WSAEAFNOSUPPORT);
    address.sin_family = AF_INET6;
    REFUSED(bind(unbound, (sockaddr *)&address, sizeof address), WSAEFAULT);
    sockaddr_in6 six = loopback6(htons(9));
    REFUSED(bind(unbound, (sockaddr *)&six, sizeof six), WSAEFAULT);
    REFUSED(connect(unbound, (sockaddr *)&six, sizeof six), WSAEAFNOSUPPORT);
    REFUSED(sendto(u, buffer, 1, 0, (sockaddr *)&six, sizeof six), WSAEAFNOSUPPORT);
    REFUSED(WSASendTo(u, &place, 1, &bytes, 0, (sockaddr *)&six, sizeof six, NULL, NULL), WSAEAFNOSUPPORT);
    REFUSED(WSASendTo(u, &place, 1, &bytes, 0, (sockaddr *)&six, 3, NULL, NULL), WSAEFAULT);
    REFUSED(connect(unbound, NULL, sizeof address), WSAEFAULT);
    REFUSED(connect(unbound, NULL, 0), WSAEFAULT);
    address = loopback();
    REFUSED(connect(unbound, (sockaddr *)&address, 3), WSAEFAULT);
    REFUSED(getsockname(s, NULL, &length), WSAEFAULT);
    REFUSED(getsockname(s, (sockaddr *)&address, NULL), WSAEFAULT);
    REFUSED(getpeername(s, NULL, &length), WSAEFAULT);
    REFUSED(getpeername(s, (sockaddr *)&address, NULL), WSAEFAULT);
    for (int bad : { -1, 0, 15 }) {
        length = bad;
        REFUSED(getsockname(s, (sockaddr *)&address, &length), WSAEFAULT);
        length = bad;
        REFUSED(getpeername(s, (sockaddr *)&address, &length), WSAEFAULT);
    }
    REFUSED(recv(s, NULL, 1, 0), WSAEFAULT);
    REFUSED(recv(s, buffer, -1, 0), WSAEFAULT);
    REFUSED(send(s, NULL, 1, 0), WSAEFAULT);
    REFUSED(send(s, buffer, -1, 0), WSAEFAULT);
    REFUSED(send(s, buffer, 1, 0x40000000), WSAEOPNOTSUPP);
    REFUSED(recv(s, buffer, 1, 0x40000000), WSAEOPNOTSUPP);
    EQUAL(send(s, NULL, 0, 0), 0);
    length = sizeof address;
    REFUSED(recvfrom(u, buffer, 1, 0, (sockaddr *)&address, NULL), WSAEFAULT);
    length = 15;
    REFUSED(recvfrom(u, buffer, 1, 0, (sockaddr *)&address, &length), WSAEFAULT);
    REFUSED(sendto(u, buffer, 1, 0, (sockaddr *)&address, 3), WSAEFAULT);
    REFUSED(sendto(u, buffer, 1, 0, NULL, 0), WSAENOTCONN);
    REFUSED(WSARecvEx(s, buffer, 1, NULL), WSAEFAULT);
    REFUSED(WSARecv(s, NULL, 1, &bytes, &flags, NULL, NULL), WSAEFAULT);
    REFUSED(WSARecv(s, &place, 0, &bytes, &flags, NULL, NULL), WSAEINVAL);
    REFUSED(WSARecv(s, &place, 1, &bytes, NULL, NULL, NULL), WSAEFAULT);
    WSABUF nowhere = { 1, NULL };
    REFUSED(WSASend(s, &nowhere, 1, &bytes, 0, NULL, NULL), WSAEFAULT);
    REFUSED(WSASend(s, NULL, 1, &bytes, 0, NULL, NULL), WSAEFAULT);
    REFUSED(shutdown(s, 3), WSAEINVAL);
    REFUSED(shutdown(s, -1), WSAEINVAL);
    REFUSED(getsockopt(s, SOL_SOCKET, SO_TYPE, NULL, &size), WSAEFAULT);
    REFUSED(getsockopt(s, SOL_SOCKET, SO_TYPE, (char *)&value, NULL), WSAEFAULT);
    REFUSED(setsockopt(s, SOL_SOCKET, SO_KEEPALIVE, NULL, sizeof value), WSAEFAULT);
    REFUSED(setsockopt(s, SOL_SOCKET, SO_KEEPALIVE, (char *)&value, 0), WSAEFAULT);
    REFUSED(setsockopt(s, SOL_SOCKET, SO_KEEPALIVE, (char *)&value, -1), WSAEFAULT);
    REFUSED(setsockopt(s, SOL_SOCKET, SO_LINGER, (char *)&value, 3), WSAEFAULT);
    REFUSED(setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, (char *)&value, 2), WSAEFAULT);
    REFUSED(setsockopt(s, 1234, 1, (char *)&value, sizeof value), WSAEINVAL);
    REFUSED(setsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, (char *)&value, sizeof value), WSAEINVAL);
    for (int level : { SOL_SOCKET, (int)IPPROTO_TCP, (int)IPPROTO_IP }) {
        REFUSED(setsockopt(s, level, 0x6789, (char *)&value, sizeof value), WSAENOPROTOOPT);
        REFUSED(getsockopt(s, level, 0x6789, (char *)&value, &size), WSAENOPROTOOPT);
    }
    REFUSED(ioctlsocket(s, FIONBIO, NULL), WSAEFAULT);
    u_long argument = 0;
    REFUSED(ioctlsocket(s, 12345, &argument), WSAEINVAL);
    REFUSED(WSAIoctl(s, FIONREAD, NULL, 0, &value, sizeof value, NULL, NULL, NULL), WSAEFAULT);
    REFUSED(WSAIoctl(s, FIONREAD, NULL, 0, NULL, 0, &bytes, NULL, NULL), WSAEFAULT);
    REFUSED(WSAIoctl(s, FIONREAD, NULL, 0, &value, 3, &bytes, NULL, NULL), WSAEFAULT);
    REFUSED(WSAIoctl(s, FIONBIO, NULL, 0, NULL, 0, &bytes, NULL, NULL), WSAEFAULT);
    REFUSED(WSAIoctl(s, SIO_KEEPALIVE_VALS, &value, sizeof value, NULL, 0, &bytes, NULL, NULL), WSAEFAULT);
    REFUSED(WSAIoctl(s, SIO_GET_EXTENSION_FUNCTION_POINTER, &value, 4, buffer, sizeof buffer, &bytes, NULL, NULL), WSAEFAULT);
    REFUSED(WSAIoctl(s, 0x12345678, NULL, 0, NULL, 0, &bytes, NULL, NULL), WSAEOPNOTSUPP);
    REFUSED(WSADuplicateSocketA(s, GetCurrentProcessId(), NULL), WSAEFAULT);
    REFUSED(WSADuplicateSocketW(s, GetCurrentProcessId(), NULL), WSAEFAULT);
    WSAPROTOCOL_INFOW info;
    REFUSED(WSADuplicateSocketW(s, 1, &info), WSAEINVAL);
    REFUSED(WSAHtons(s, 1, NULL), WSAEFAULT);
    REFUSED(WSANtohl(s, 1, NULL), WSAEFAULT);
    REFUSED(WSAEnumProtocolsW(NULL, NULL, NULL), WSAEFAULT);
}

static void wrong_places(SOCKET s, SOCKET u)
{
    sockaddr_in address = loopback(htons(9));
    int length = sizeof address;
    REFUSED(listen(u, 1), WSAEOPNOTSUPP);
    NO_SOCKET(accept(u, NULL, NULL), WSAEOPNOTSUPP);
    NO_SOCKET(accept(s, NULL, NULL), WSAEINVAL);
    REFUSED(listen(s, 1), WSAEISCONN);
    REFUSED(connect(s, (sockaddr *)&address, sizeof address), WSAEISCONN);
    SOCKET l = listener(&address);
    REFUSED(connect(l, (sockaddr *)&address, sizeof address), WSAEINVAL);
    REFUSED(recv(l, buffer, 1, 0), WSAENOTCONN);
    REFUSED(send(l, buffer, 1, 0), WSAENOTCONN);
    REFUSED(getpeername(l, (sockaddr *)&address, &length), WSAENOTCONN);
    // Too little room for a name takes no connection.
    SOCKET c = made(AF_INET, SOCK_STREAM);
    address = name_of<sockaddr_in>(l);
    DONE(connect(c, (sockaddr *)&address, sizeof address));
    length = 4;
    NO_SOCKET(accept(l, (sockaddr *)&address, &length), WSAEFAULT);
    NO_SOCKET(accept(l, (sockaddr *)&address, NULL), WSAEFAULT);
    length = sizeof address;
    SOCKET a = accept(l, (sockaddr *)&address, &length);
    CHECK(a != INVALID_SOCKET && length == sizeof address && address.sin_port == name_of<sockaddr_in>(c).sin_port);
    SOCKET unbound = made(AF_INET, SOCK_STREAM);
    address = loopback();
    address.sin_addr.s_addr = INADDR_ANY;
    address.sin_port = htons(9);
    REFUSED(connect(unbound, (sockaddr *)&address, sizeof address), WSAEADDRNOTAVAIL);
    for (SOCKET one : { l, c, a, unbound }) DONE(closesocket(one));
}

static void names()
{
    addrinfo hints, *list;
    memset(&hints, 0, sizeof hints);
    EQUAL(getaddrinfo("127.0.0.1", NULL, NULL, NULL), WSAEFAULT);
    hints.ai_family = 77;
    EQUAL(getaddrinfo("127.0.0.1", NULL, &hints, &list), WSAEAFNOSUPPORT);
    hints.ai_family = AF_INET;
    hints.ai_socktype = 77;
    EQUAL(getaddrinfo("127.0.0.1", NULL, &hints, &list), WSAESOCKTNOSUPPORT);
    hints.ai_socktype = 0;
    hints.ai_addrlen = 1;
    EQUAL(getaddrinfo("127.0.0.1", NULL, &hints, &list), WSANO_RECOVERY);
    hints.ai_addrlen = 0;
    hints.ai_flags = AI_CANONNAME;
    EQUAL(getaddrinfo(NULL, "80", &hints, &list), WSAEINVAL);
    EQUAL(getaddrinfo("127.0.0.1", "no such service", NULL, &list), WSATYPE_NOT_FOUND);
    EQUAL(getaddrinfo("127.0.0.1", "65536", NULL, &list), WSATYPE_NOT_FOUND);
    freeaddrinfo(NULL);
    FreeAddrInfoW(NULL);
    sockaddr_in address = loopback(htons(80));
    EQUAL(getnameinfo(NULL, sizeof address, buffer, sizeof buffer, NULL, 0, 0), WSAEFAULT);
    EQUAL(getnameinfo((sockaddr *)&address, 3, buffer, sizeof buffer, NULL, 0, 0), WSAEFAULT);
    EQUAL(getnameinfo((sockaddr *)&address, sizeof address, NULL, 0, NULL, 0, 0), WSAHOST_NOT_FOUND);
    EQUAL(getnameinfo((sockaddr *)&address, sizeof address, buffer, 9, NULL, 0, NI_NUMERICHOST), ERROR_INSUFFICIENT_BUFFER);
    address.sin_family = 77;
    EQUAL(getnameinfo((sockaddr *)&address, sizeof address, buffer, sizeof buffer, NULL, 0, 0), WSAEAFNOSUPPORT);
    REFUSED(gethostname(NULL, 10), WSAEFAULT);
    REFUSED(gethostname(buffer, 1), WSAEFAULT);
    REFUSED(gethostname(buffer, (size_t)-1), WSAEFAULT);
    REFUSED(GetHostNameW(NULL, 10), WSAEFAULT);
    NOTHING(gethostbyaddr(NULL, 4, AF_INET), WSAEFAULT);
    NOTHING(gethostbyaddr("\x7f\0\0\1", 3, AF_INET), WSAEFAULT);
    NOTHING(gethostbyaddr("\x7f\0\0\1", 4, 77), WSAEAFNOSUPPORT);
    NOTHING(getservbyname(NULL, NULL), WSAEFAULT);
    NOTHING(getservbyname("no such service", NULL), WSANO_DATA);
    NOTHING(getservbyport(htons(65432), "tcp"), WSANO_DATA);
    NOTHING(getprotobyname(NULL), WSAEFAULT);
    NOTHING(getprotobyname("no such protocol"), WSANO_DATA);
    NOTHING(getprotobynumber(250), WSANO_DATA);
    CHECK(strlen(gai_strerrorA(WSAHOST_NOT_FOUND)) > 0 && strlen(gai_strerrorA(123456)) > 0 && gai_strerrorW(EAI_FAIL)[0]);
}

static void texts()
{
    in_addr four;
    in6_addr six;
    sockaddr_in address = loopback();
    DWORD size = sizeof buffer;
    int length = sizeof address;
    char good[] = "1.2.3.4";
    REFUSED(inet_pton(AF_INET, NULL, &four), WSAEFAULT);
    REFUSED(inet_pton(AF_INET, good, NULL), WSAEFAULT);
    REFUSED(InetPtonW(77, L"1.2.3.4", &four), WSAEAFNOSUPPORT);
    for (const char *bad : { "", "1", "1.2.3", "1.2.3.4.5", "1.2.3.4 ", " 1.2.3.4", "0x1.2.3.4", "::1" }) EQUAL(inet_pton(AF_INET, bad, &four), 0);
    for (const char *bad : { "", "1.2.3.4", ":", ":::", "1:2:3:4:5:6:7", "::1%1", "g::" }) EQUAL(inet_pton(AF_INET6, bad, &six), 0);
    NOTHING(inet_ntop(77, &four, buffer, sizeof buffer), WSAEAFNOSUPPORT);
    NOTHING(inet_ntop(AF_INET, &address.sin_addr, buffer, 9), ERROR_INVALID_PARAMETER);
    NOTHING(inet_ntop(AF_INET, &address.sin_addr, NULL, 100), ERROR_INVALID_PARAMETER);
    NOTHING(inet_ntop(AF_INET, NULL, buffer, 100), WSAEFAULT);
    CHECK(inet_ntop(AF_INET, &address.sin_addr, buffer, 10) == buffer && !strcmp(buffer, "127.0.0.1"));
    EQUAL(inet_addr(NULL), INADDR_NONE);
    REFUSED(WSAAddressToStringA(NULL, sizeof address, NULL, buffer, &size), WSAEFAULT);
    REFUSED(WSAAddressToStringA((sockaddr *)&address, sizeof address, NULL, buffer, NULL), WSAEFAULT);
    REFUSED(WSAAddressToStringA((sockaddr *)&address, 3, NULL, buffer, &size), WSAEINVAL);
    REFUSED(WSAAddressToStringA((sockaddr *)&address, sizeof address, NULL, NULL, &size), WSAEFAULT);
    EQUAL(size, sizeof "127.0.0.1");
    address.sin_family = 77;
    REFUSED(WSAAddressToStringA((sockaddr *)&address, sizeof address, NULL, buffer, &size), WSAEINVAL);
    REFUSED(WSAStringToAddressA(NULL, AF_INET, NULL, (sockaddr *)&address, &length), WSAEINVAL);
    REFUSED(WSAStringToAddressA(good, 77, NULL, (sockaddr *)&address, &length), WSAEINVAL);
    REFUSED(WSAStringToAddressA(good, AF_INET, NULL, NULL, &length), WSAEFAULT);
    REFUSED(WSAStringToAddressA(good, AF_INET, NULL, (sockaddr *)&address, NULL), WSAEFAULT);
    length = 3;
    REFUSED(WSAStringToAddressA(good, AF_INET, NULL, (sockaddr *)&address, &length), WSAEFAULT);
    EQUAL(length, sizeof address);
}

int main()
{
    before_startup();
    startup();
    HANDLE event = CreateEventA(NULL, TRUE, FALSE, NULL), port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
    SOCKET closed = made(AF_INET, SOCK_STREAM);
    DONE(closesocket(closed));
    for (SOCKET s : { INVALID_SOCKET, (SOCKET)0, (SOCKET)1, (SOCKET)0x7FFFFFF0, closed, (SOCKET)event, (SOCKET)port }) no_socket(s, WSAENOTSOCK);
    // It was not closed as a socket.
    CHECK(SetEvent(event));
    kinds_of_sockets();
    SOCKET c, s, unbound = made(AF_INET, SOCK_STREAM);
    sockaddr_in address;
    pair(&c, &s);
    SOCKET u = datagrams(&address);
    bad_pointers(s, unbound, u);
    wrong_places(s, u);
    names();
    texts();
    // After all that the connection is as it was.
    EQUAL(send(c, "ok", 2, 0), 2);
    EQUAL(recv(s, buffer, 2, MSG_WAITALL), 2);
    return 0;
}
