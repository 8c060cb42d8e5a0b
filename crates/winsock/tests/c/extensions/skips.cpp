// With FILE_SKIP_COMPLETION_PORT_ON_SUCCESS what a call has done when it returns is not told by a packet, and all else is, once.
#include "sockets.h"

static HANDLE port;
static char buffer[256];

static void quiet()
{
    DWORD bytes;
    ULONG_PTR key;
    OVERLAPPED *done = NULL;
    FAILS(GetQueuedCompletionStatus(port, &bytes, &key, &done, 0), WAIT_TIMEOUT);
}

// Either the call has done it, or one packet comes.
static void once(BOOL at_once, OVERLAPPED *expected, DWORD bytes)
{
    if (!at_once) {
        EQUAL(WSAGetLastError(), WSA_IO_PENDING);
        DWORD count;
        ULONG_PTR key;
        OVERLAPPED *done = NULL;
        CHECK(GetQueuedCompletionStatus(port, &count, &key, &done, 20000));
        CHECK(done == expected);
    }
    EQUAL(expected->Internal, 0);
    EQUAL(expected->InternalHigh, bytes);
    quiet();
    memset(expected, 0, sizeof *expected);
}

static SOCKET belongs(SOCKET s)
{
    CHECK(CreateIoCompletionPort((HANDLE)s, port, 1, 0) == port);
    CHECK(SetFileCompletionNotificationModes((HANDLE)s, FILE_SKIP_COMPLETION_PORT_ON_SUCCESS));
    return s;
}

int main()
{
    begin();
    port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
    sockaddr_in address;
    SOCKET listener = belongs(listening(address)), server = belongs(tcp()), client = belongs(bound());
    OVERLAPPED accepting, other;
    memset(&accepting, 0, sizeof accepting);
    memset(&other, 0, sizeof other);
    TRANSMIT_FILE_BUFFERS two = {(void *)"one", 3, (void *)"two", 3};
    WSABUF text = {5, (char *)"hello"};
    for (int round = 0; round < 20; ++round) {
        PENDS(AcceptEx(listener, server, buffer, 16, ROOM, ROOM, NULL, &accepting));
        BOOL connected = connect_ex(client, (sockaddr *)&address, sizeof address, (void *)"data", 4, NULL, &other);
        OVERLAPPED *done[2] = {NULL, NULL};
        for (int i = connected ? 1 : 0; i < 2; ++i) {
            DWORD bytes;
            ULONG_PTR key;
            CHECK(GetQueuedCompletionStatus(port, &bytes, &key, &done[i], 20000));
            EQUAL(bytes, 4);
        }
        CHECK(done[0] != done[1]);
        quiet();
        memset(&accepting, 0, sizeof accepting);
        memset(&other, 0, sizeof other);
        // The socket is another one by now, and skips as before.
        CHECK(!WSASend(server, &text, 1, NULL, 0, &other, NULL));
        once(TRUE, &other, 5);
        receive_all(client, buffer, 5);
        BOOL ended = TransmitFile(server, NULL, 0, 0, &other, &two, 0);
        once(ended, &other, 6);
        receive_all(client, buffer, 6);
        CHECK(!memcmp(buffer, "onetwo", 6));
        ended = TransmitFile(client, NULL, 0, 0, &other, NULL, TF_DISCONNECT | TF_REUSE_SOCKET);
        once(ended, &other, 0);
        EQUAL(recv(server, buffer, 16, 0), 0);
        ended = disconnect_ex(server, &other, TF_REUSE_SOCKET, 0);
        once(ended, &other, 0);
    }
    closesocket(client);
    closesocket(server);
    closesocket(listener);
    CloseHandle(port);
    return 0;
}
