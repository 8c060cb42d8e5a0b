// A socket goes on after its connection, a thousand times: nothing grows, and it stays with its port.
#include "sockets.h"

static const int ROUNDS = 1000;
static char buffer[256];

static void take(HANDLE port, ULONG_PTR key, OVERLAPPED *expected, DWORD bytes)
{
    DWORD count = ~0u;
    ULONG_PTR its_key = 0;
    OVERLAPPED *done = NULL;
    CHECK(GetQueuedCompletionStatus(port, &count, &its_key, &done, 20000));
    CHECK(done == expected);
    EQUAL(its_key, key);
    EQUAL(count, bytes);
}

static void start(BOOL done)
{
    if (!done) EQUAL(WSAGetLastError(), WSA_IO_PENDING);
}

// Both sides go on: the one that is accepted into, and the one that connects.
static void both()
{
    sockaddr_in address;
    SOCKET listener = listening(address), server = tcp(), client = bound();
    HANDLE port = CreateIoCompletionPort((HANDLE)listener, NULL, 1, 0);
    CHECK(CreateIoCompletionPort((HANDLE)server, port, 2, 0) == port);
    CHECK(CreateIoCompletionPort((HANDLE)client, port, 3, 0) == port);
    BOOL on = TRUE;
    EQUAL(setsockopt(client, IPPROTO_TCP, TCP_NODELAY, (char *)&on, sizeof on), 0);
    OVERLAPPED accepting, connecting, receiving, disconnecting;
    int before = 0;
    for (int round = 0; round < ROUNDS; ++round) {
        if (round == 10) before = descriptors();
        memset(&accepting, 0, sizeof accepting);
        memset(&connecting, 0, sizeof connecting);
        memset(&receiving, 0, sizeof receiving);
        memset(&disconnecting, 0, sizeof disconnecting);
        PENDS(AcceptEx(listener, server, buffer, 0, ROOM, ROOM, NULL, &accepting));
        start(connect_ex(client, (sockaddr *)&address, sizeof address, NULL, 0, NULL, &connecting));
        // Either may be told first.
        OVERLAPPED *done[2];
        for (auto &each : done) {
            DWORD bytes;
            ULONG_PTR key;
            CHECK(GetQueuedCompletionStatus(port, &bytes, &key, &each, 20000));
            EQUAL(key, each == &accepting ? 1 : 3);
        }
        CHECK(done[0] != done[1]);
        EQUAL(setsockopt(server, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, (char *)&listener, sizeof listener), 0);
        EQUAL(setsockopt(client, SOL_SOCKET, SO_UPDATE_CONNECT_CONTEXT, NULL, 0), 0);
        int nodelay = 0, length = sizeof nodelay;
        EQUAL(getsockopt(client, IPPROTO_TCP, TCP_NODELAY, (char *)&nodelay, &length), 0);
        CHECK(nodelay);
        WSABUF place = {64, buffer};
        DWORD flags = 0;
        EQUAL(WSARecv(server, &place, 1, NULL, &flags, &receiving, NULL), SOCKET_ERROR);
        EQUAL(WSAGetLastError(), WSA_IO_PENDING);
        send_all(client, "hello", 5);
        take(port, 2, &receiving, 5);
        start(disconnect_ex(client, &disconnecting, TF_REUSE_SOCKET, 0));
        take(port, 3, &disconnecting, 0);
        EQUAL(recv(server, buffer, 64, 0), 0);
        start(disconnect_ex(server, &disconnecting, TF_REUSE_SOCKET, 0));
        take(port, 2, &disconnecting, 0);
        FAILS(send(server, "x", 1, 0) == 1, WSAENOTCONN);
    }
    EQUAL(descriptors(), before);
    closesocket(server);
    closesocket(client);
    closesocket(listener);
    CloseHandle(port);
}

// A receive that pends ends; what is being sent goes out, and only then the disconnect is told.
static void with_operations()
{
    SOCKET client, server;
    pair(client, server);
    Waited receiving, disconnecting;
    WSABUF place = {64, buffer};
    DWORD flags = 0, bytes = 0;
    EQUAL(WSARecv(server, &place, 1, NULL, &flags, &receiving, NULL), SOCKET_ERROR);
    start(disconnect_ex(server, &disconnecting, TF_REUSE_SOCKET, 0));
    EQUAL(disconnecting.end(server, bytes), 0);
    EQUAL(receiving.end(server, bytes), WSA_OPERATION_ABORTED);
    EQUAL(recv(client, buffer, 64, 0), 0);
    closesocket(client);
    closesocket(server);

    for (int reuse = 0; reuse < 2; ++reuse) {
        pair(client, server);
        std::vector<char> much(16 << 20, 'm'), back(much.size());
        Waited sending;
        WSABUF all = {(ULONG)much.size(), much.data()};
        EQUAL(WSASend(server, &all, 1, NULL, 0, &sending, NULL), SOCKET_ERROR);
        EQUAL(WSAGetLastError(), WSA_IO_PENDING);
        PENDS(disconnect_ex(server, &disconnecting, reuse ? TF_REUSE_SOCKET : 0, 0));
        FAILS(send(server, "x", 1, 0) == 1, WSAESHUTDOWN);
        CHECK(disconnecting.pends());
        receive_all(client, back.data(), (int)back.size());
        CHECK(back == much);
        EQUAL(sending.end(server, bytes), 0);
        EQUAL(bytes, much.size());
        EQUAL(disconnecting.end(server, bytes), 0);
        EQUAL(recv(client, buffer, 64, 0), 0);
        closesocket(client);
        closesocket(server);
    }
}

int main()
{
    begin();
    both();
    with_operations();

    // Without an OVERLAPPED it is done when it returns, also when the peer has reset.
    for (int round = 0; round < 3; ++round) {
        SOCKET client, server;
        pair(client, server);
        if (round) {
            linger hard = {1, 0};
            setsockopt(client, SOL_SOCKET, SO_LINGER, (char *)&hard, sizeof hard);
            closesocket(client);
            if (round == 2) FAILS(recv(server, buffer, 64, 0) == 0, WSAECONNRESET);
        }
        CHECK(disconnect_ex(server, NULL, TF_REUSE_SOCKET, 0));
        FAILS(disconnect_ex(server, NULL, TF_REUSE_SOCKET, 0), WSAENOTCONN);
        if (!round) closesocket(client);
        closesocket(server);
    }
    return 0;
}
