// What extension functions say to arguments that are none: null pointers, closed and other handles, lengths that do not fit, sockets that
// cannot do it. None of them is told of later.
#include "sockets.h"

static char buffer[256];
static DWORD bytes;

static void accept_arguments()
{
    sockaddr_in address;
    SOCKET listener = listening(address), socket = tcp(), gone = tcp();
    closesocket(gone);
    HANDLE event = CreateEventA(NULL, TRUE, FALSE, NULL);
    Waited wait;
    FAILS(AcceptEx(listener, socket, buffer, 0, ROOM, ROOM, NULL, NULL), ERROR_INVALID_PARAMETER);
    FAILS(AcceptEx(listener, socket, buffer, 0, 0, 0, NULL, NULL), ERROR_INVALID_PARAMETER);
    FAILS(AcceptEx(listener, socket, NULL, 0, ROOM, ROOM, NULL, &wait), WSAEFAULT);
    FAILS(AcceptEx(listener, socket, NULL, 100, ROOM, ROOM, NULL, &wait), WSAEFAULT);
    FAILS(AcceptEx(listener, socket, buffer, 0, ROOM, 0, NULL, &wait), WSAEFAULT);
    for (SOCKET bad : {gone, INVALID_SOCKET, (SOCKET)0, (SOCKET)(ULONG_PTR)event, (SOCKET)1234567}) {
        FAILS(AcceptEx(bad, socket, buffer, 0, ROOM, ROOM, NULL, &wait), WSAENOTSOCK);
        FAILS(AcceptEx(listener, bad, buffer, 0, ROOM, ROOM, NULL, &wait), WSAENOTSOCK);
        FAILS(connect_ex(bad, (sockaddr *)&address, sizeof address, NULL, 0, NULL, &wait), WSAENOTSOCK);
        FAILS(disconnect_ex(bad, &wait, 0, 0), WSAENOTSOCK);
        FAILS(TransmitFile(bad, NULL, 0, 0, &wait, NULL, 0), WSAENOTSOCK);
        FAILS(transmit_packets(bad, NULL, 0, 0, &wait, 0), WSAENOTSOCK);
    }
    SOCKET other = bound(), datagrams = ::socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP), six = ::socket(AF_INET6, SOCK_STREAM, IPPROTO_TCP);
    for (SOCKET bad : {listener, other, datagrams, six})
        if (bad != INVALID_SOCKET) FAILS(AcceptEx(listener, bad, buffer, 0, ROOM, ROOM, NULL, &wait), WSAEINVAL);
    for (SOCKET bad : {socket, other, datagrams}) FAILS(AcceptEx(bad, tcp(), buffer, 0, ROOM, ROOM, NULL, &wait), WSAEINVAL);
    wait.hEvent = (HANDLE)(ULONG_PTR)12345676;
    FAILS(AcceptEx(listener, socket, buffer, 0, ROOM, ROOM, NULL, &wait), ERROR_INVALID_HANDLE);
    wait.hEvent = event;

    // In between it can do nothing else.
    PENDS(AcceptEx(listener, socket, buffer, 0, ROOM, ROOM, &bytes, &wait));
    FAILS(AcceptEx(listener, socket, buffer, 0, ROOM, ROOM, &bytes, &wait), WSAEINVAL);
    FAILS(connect_ex(socket, (sockaddr *)&address, sizeof address, NULL, 0, NULL, &wait), WSAEINVAL);
    FAILS(connect(socket, (sockaddr *)&address, sizeof address) == 0, WSAEINVAL);
    SOCKET client = connected(address);
    EQUAL(wait.end(listener, bytes), 0);
    closesocket(client);
    closesocket(socket);

    // The local address is not wanted.
    for (DWORD local : {0, 3}) {
        socket = tcp();
        PENDS(AcceptEx(listener, socket, buffer, 0, local, ROOM, NULL, &wait));
        client = connected(address);
        if (local) {
            EQUAL(WaitForSingleObject(wait.hEvent, 20000), WAIT_OBJECT_0);
            FAILS(GetOverlappedResult((HANDLE)listener, &wait, &bytes, FALSE), ERROR_INSUFFICIENT_BUFFER);
        } else {
            EQUAL(wait.end(listener, bytes), 0);
            sockaddr *first = (sockaddr *)buffer, *second = NULL;
            int one = 77, two = 0;
            GetAcceptExSockaddrs(buffer, 0, 0, ROOM, &first, &one, &second, &two);
            CHECK(first == (sockaddr *)buffer);
            EQUAL(one, 77);
            EQUAL(two, (int)sizeof(sockaddr_in));
            EQUAL(((sockaddr_in *)second)->sin_port, name_of(client).sin_port);
        }
        closesocket(client);
        closesocket(socket);
    }
    GetAcceptExSockaddrs(NULL, 0, ROOM, ROOM, NULL, NULL, NULL, NULL);
    memset(buffer, 0xFF, sizeof buffer);
    GetAcceptExSockaddrs(buffer, 0, ROOM, ROOM, NULL, NULL, NULL, NULL);
    closesocket(other);
    closesocket(datagrams);
    closesocket(listener);
}

static void six()
{
    sockaddr_in6 address, peer;
    memset(&address, 0, sizeof address);
    address.sin6_family = AF_INET6;
    address.sin6_addr = in6addr_loopback;
    SOCKET listener = socket(AF_INET6, SOCK_STREAM, IPPROTO_TCP);
    if (listener == INVALID_SOCKET || bind(listener, (sockaddr *)&address, sizeof address)) return;
    int length = sizeof address;
    EQUAL(listen(listener, 5), 0);
    EQUAL(getsockname(listener, (sockaddr *)&address, &length), 0);
    SOCKET s = socket(AF_INET6, SOCK_STREAM, IPPROTO_TCP), client = socket(AF_INET6, SOCK_STREAM, IPPROTO_TCP);
    Waited wait;
    const DWORD room = sizeof(sockaddr_in6) + 16;
    PENDS(AcceptEx(listener, s, buffer, 10, room, room, NULL, &wait));
    EQUAL(connect(client, (sockaddr *)&address, sizeof address), 0);
    send_all(client, "six", 3);
    EQUAL(wait.end(listener, bytes), 0);
    EQUAL(bytes, 3);
    EQUAL(getsockname(client, (sockaddr *)&peer, &length), 0);
    sockaddr *local, *remote;
    int local_length, remote_length;
    GetAcceptExSockaddrs(buffer, 10, room, room, &local, &local_length, &remote, &remote_length);
    EQUAL(local_length, (int)sizeof address);
    EQUAL(remote_length, (int)sizeof address);
    CHECK(!memcmp(local, &address, sizeof address));
    CHECK(!memcmp(remote, &peer, sizeof peer));
    closesocket(s);
    closesocket(client);
    closesocket(listener);
}

static void connection_arguments()
{
    sockaddr_in address, nowhere = loopback();
    SOCKET listener = listening(address), free = bound(), client, server, datagrams = socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP);
    pair(client, server);
    Waited wait;
    FAILS(connect_ex(free, NULL, sizeof address, NULL, 0, NULL, &wait), WSAEFAULT);
    FAILS(connect_ex(free, (sockaddr *)&address, 3, NULL, 0, NULL, &wait), WSAEFAULT);
    FAILS(connect_ex(free, (sockaddr *)&address, sizeof address, NULL, 10, NULL, &wait), WSAEFAULT);
    FAILS(connect_ex(free, (sockaddr *)&address, sizeof address, NULL, 0, NULL, NULL), ERROR_INVALID_PARAMETER);
    FAILS(connect_ex(free, (sockaddr *)&nowhere, sizeof nowhere, NULL, 0, NULL, &wait), WSAEADDRNOTAVAIL);
    FAILS(connect_ex(datagrams, (sockaddr *)&address, sizeof address, NULL, 0, NULL, &wait), WSAEINVAL);

    FAILS(disconnect_ex(free, &wait, 0, 0), WSAENOTCONN);
    FAILS(disconnect_ex(listener, &wait, TF_REUSE_SOCKET, 0), WSAENOTCONN);
    FAILS(disconnect_ex(datagrams, &wait, 0, 0), WSAENOTCONN);
    FAILS(disconnect_ex(client, &wait, 0x40, 0), WSAEINVAL);
    FAILS(disconnect_ex(client, &wait, 0, 1), WSAEINVAL);

    FAILS(TransmitFile(free, NULL, 0, 0, &wait, NULL, 0), WSAENOTCONN);
    FAILS(TransmitFile(listener, NULL, 0, 0, &wait, NULL, 0), WSAENOTCONN);
    FAILS(TransmitFile(datagrams, NULL, 0, 0, &wait, NULL, 0), WSAENOTCONN);
    FAILS(TransmitFile(client, (HANDLE)client, 0, 0, &wait, NULL, 0), ERROR_INVALID_HANDLE);
    FAILS(TransmitFile(client, INVALID_HANDLE_VALUE, 0, 0, &wait, NULL, 0), ERROR_INVALID_HANDLE);
    FAILS(TransmitFile(client, NULL, 0, 0, &wait, NULL, TF_REUSE_SOCKET), WSAEINVAL);
    FAILS(TransmitFile(client, NULL, 0, 0, &wait, NULL, 0x800), WSAEINVAL);
    TRANSMIT_FILE_BUFFERS around = {NULL, 10, NULL, 0};
    FAILS(TransmitFile(client, NULL, 0, 0, &wait, &around, 0), WSAEFAULT);
    around = {NULL, 0, NULL, 10};
    FAILS(TransmitFile(client, NULL, 0, 0, NULL, &around, 0), WSAEFAULT);
    FAILS(transmit_packets(client, NULL, 1, 0, &wait, 0), WSAEFAULT);
    TRANSMIT_PACKETS_ELEMENT element;
    memset(&element, 0, sizeof element);
    FAILS(transmit_packets(client, &element, 1, 0, &wait, 0), WSAEINVAL);
    element.dwElFlags = TP_ELEMENT_MEMORY;
    element.cLength = 4;
    FAILS(transmit_packets(client, &element, 1, 0, &wait, 0), WSAEFAULT);
    element.dwElFlags = TP_ELEMENT_FILE;
    FAILS(transmit_packets(client, &element, 1, 0, &wait, 0), ERROR_INVALID_HANDLE);

    // Nothing of that was sent.
    send_all(client, "x", 1);
    char one = 0;
    receive_all(server, &one, 1);
    EQUAL(one, 'x');
    EQUAL(shutdown(client, SD_SEND), 0);
    FAILS(TransmitFile(client, NULL, 0, 0, &wait, NULL, 0), WSAESHUTDOWN);
    closesocket(free);
    closesocket(client);
    closesocket(server);
    closesocket(datagrams);
    closesocket(listener);
}

static void names()
{
    SOCKET s = tcp();
    GUID name = WSAID_ACCEPTEX;
    void *function = NULL;
    const DWORD code = SIO_GET_EXTENSION_FUNCTION_POINTER;
    FAILS(WSAIoctl(s, code, NULL, 0, &function, sizeof function, &bytes, NULL, NULL) == 0, WSAEFAULT);
    FAILS(WSAIoctl(s, code, &name, 3, &function, sizeof function, &bytes, NULL, NULL) == 0, WSAEFAULT);
    FAILS(WSAIoctl(s, code, &name, sizeof name, NULL, 0, &bytes, NULL, NULL) == 0, WSAEFAULT);
    FAILS(WSAIoctl(s, code, &name, sizeof name, &function, 3, &bytes, NULL, NULL) == 0, WSAEFAULT);
    FAILS(WSAIoctl(s, code, &name, sizeof name, &function, sizeof function, NULL, NULL, NULL) == 0, WSAEFAULT);
    CHECK(!function);
    EQUAL(WSAIoctl(s, code, &name, sizeof name, &function, sizeof function, &bytes, NULL, NULL), 0);
    CHECK(function == (void *)AcceptEx);
    closesocket(s);
}

static void messages()
{
    sockaddr_in address = loopback(), from;
    SOCKET s = socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP), other = socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP), stream = tcp();
    EQUAL(bind(s, (sockaddr *)&address, sizeof address), 0);
    address = name_of(s);
    char place[8], text[] = "hello, message";
    WSABUF buf = {sizeof place, place}, out = {5, text};
    char control[64];
    WSAMSG message = {(sockaddr *)&from, sizeof from, &buf, 1, {sizeof control, control}, 0};
    WSAMSG sent = {(sockaddr *)&address, sizeof address, &out, 1, {0, NULL}, 0};
    FAILS(receive_message(s, NULL, &bytes, NULL, NULL) == 0, WSAEFAULT);
    FAILS(receive_message(stream, &message, &bytes, NULL, NULL) == 0, WSAEOPNOTSUPP);
    FAILS(WSASendMsg(other, NULL, 0, &bytes, NULL, NULL) == 0, WSAEFAULT);
    for (int overlapped = 0; overlapped < 2; ++overlapped) {
        for (int cut = 0; cut < 2; ++cut) {
            Waited wait;
            message.namelen = sizeof from;
            message.Control.len = sizeof control;
            message.dwFlags = 0;
            memset(&from, 0, sizeof from);
            out.len = cut ? sizeof text : 5;
            if (overlapped) FAILS(receive_message(s, &message, NULL, &wait, NULL) == 0, WSA_IO_PENDING);
            EQUAL(WSASendMsg(other, &sent, 0, &bytes, NULL, NULL), 0);
            EQUAL(bytes, out.len);
            if (overlapped) EQUAL(wait.end(s, bytes), cut ? WSAEMSGSIZE : 0);
            else if (cut) FAILS(receive_message(s, &message, &bytes, NULL, NULL) == 0, WSAEMSGSIZE);
            else EQUAL(receive_message(s, &message, &bytes, NULL, NULL), 0);
            if (!cut) EQUAL(bytes, 5);
            CHECK(!memcmp(place, text, cut ? sizeof place : 5));
            EQUAL(from.sin_port, name_of(other).sin_port);
            EQUAL(message.namelen, (int)sizeof from);
            EQUAL(message.Control.len, 0);
            EQUAL(message.dwFlags, cut ? 0x100 : 0);
        }
    }
    closesocket(s);
    closesocket(other);
    closesocket(stream);
}

int main()
{
    DWORD none = 0;
    FAILS(AcceptEx(256, 260, buffer, 0, ROOM, ROOM, &none, (OVERLAPPED *)buffer), WSANOTINITIALISED);
    begin();
    accept_arguments();
    six();
    connection_arguments();
    names();
    messages();
    return 0;
}
