// Connects as operations: with data that does not fit at once, refused, cancelled, and where they cannot begin.
#include "sockets.h"

static DWORD bytes;

static void with_data(bool with_port, size_t length)
{
    sockaddr_in address;
    SOCKET listener = listening(address), client = bound();
    HANDLE port = with_port ? CreateIoCompletionPort((HANDLE)client, NULL, 9, 0) : NULL;
    std::vector<char> data(length), back(length);
    for (size_t i = 0; i < length; ++i) data[i] = (char)(i * 7 + i / 256);
    Waited wait;
    HANDLE event = wait.hEvent;
    if (with_port) wait.hEvent = NULL;
    if (!connect_ex(client, (sockaddr *)&address, sizeof address, data.data(), (DWORD)length, &bytes, &wait))
        EQUAL(WSAGetLastError(), WSA_IO_PENDING);
    SOCKET server = accept(listener, NULL, NULL);
    std::thread reader([&] { receive_all(server, back.data(), (int)length); });
    if (with_port) {
        ULONG_PTR key = 0;
        OVERLAPPED *done = NULL;
        CHECK(GetQueuedCompletionStatus(port, &bytes, &key, &done, 20000));
        EQUAL(key, 9);
        CHECK(done == &wait);
    } else {
        EQUAL(wait.end(client, bytes), 0);
    }
    EQUAL(bytes, length);
    reader.join();
    CHECK(back == data);
    FAILS(connect_ex(client, (sockaddr *)&address, sizeof address, NULL, 0, NULL, &wait), WSAEISCONN);
    FAILS(connect_ex(server, (sockaddr *)&address, sizeof address, NULL, 0, NULL, &wait), WSAEISCONN);
    FAILS(connect_ex(listener, (sockaddr *)&address, sizeof address, NULL, 0, NULL, &wait), WSAEINVAL);
    wait.hEvent = event;
    closesocket(client);
    closesocket(server);
    closesocket(listener);
    if (port) CloseHandle(port);
}

// The peer goes before it has read: the error is that of the send, told as the connect's.
static void send_fails(bool with_port)
{
    sockaddr_in address;
    SOCKET listener = listening(address), client = bound();
    HANDLE port = with_port ? CreateIoCompletionPort((HANDLE)client, NULL, 9, 0) : NULL;
    std::vector<char> data(32 << 20);
    Waited wait;
    HANDLE event = wait.hEvent;
    if (with_port) wait.hEvent = NULL;
    PENDS(connect_ex(client, (sockaddr *)&address, sizeof address, data.data(), (DWORD)data.size(), &bytes, &wait));
    SOCKET server = accept(listener, NULL, NULL);
    linger hard = {1, 0};
    setsockopt(server, SOL_SOCKET, SO_LINGER, (char *)&hard, sizeof hard);
    closesocket(server);
    if (with_port) {
        ULONG_PTR key = 0;
        OVERLAPPED *done = NULL;
        CHECK(!GetQueuedCompletionStatus(port, &bytes, &key, &done, 20000));
        CHECK(done == &wait);
    } else {
        CHECK(wait.end(client, bytes) != 0);
    }
    wait.hEvent = event;
    closesocket(client);
    closesocket(listener);
    if (port) CloseHandle(port);
}

int main()
{
    begin();
    for (int with_port = 0; with_port < 2; ++with_port) {
        with_data(with_port, 3);
        with_data(with_port, 8 << 20);
        send_fails(with_port);
    }

    // Refused: the socket is bound still, and can be used again.
    sockaddr_in address;
    SOCKET listener = listening(address), client = bound();
    closesocket(listener);
    for (int round = 0; round < 2; ++round) {
        Waited wait;
        if (!connect_ex(client, (sockaddr *)&address, sizeof address, (void *)"data", 4, NULL, &wait))
            EQUAL(WSAGetLastError(), WSA_IO_PENDING);
        EQUAL(wait.end(client, bytes), WSAECONNREFUSED);
        FAILS(GetOverlappedResult((HANDLE)client, &wait, &bytes, FALSE), ERROR_CONNECTION_REFUSED);
    }
    CHECK(name_of(client).sin_port != 0);
    closesocket(client);

    // The end of the socket, with data to be sent and without.
    for (int data = 0; data < 2; ++data) {
        listener = listening(address);
        client = bound();
        std::vector<char> much(32 << 20);
        Waited wait;
        PENDS(connect_ex(client, (sockaddr *)&address, sizeof address, much.data(), (DWORD)much.size(), NULL, &wait));
        if (data) {
            char first;
            SOCKET server = accept(listener, NULL, NULL);
            receive_all(server, &first, 1);
            CHECK(wait.pends());
            CHECK(CancelIoEx((HANDLE)client, &wait));
            EQUAL(WaitForSingleObject(wait.hEvent, 20000), WAIT_OBJECT_0);
            closesocket(server);
        }
        closesocket(client);
        EQUAL(WaitForSingleObject(wait.hEvent, 20000), WAIT_OBJECT_0);
        EQUAL(wait.Internal, 0xC0000120u);
        closesocket(listener);
    }
    return 0;
}
