// What ends an accept before its time, while it waits for a connection and while it waits for the first data: a cancel, the close of
// either socket, the end of the thread that issued it.
#include "sockets.h"
#include <functional>

static char buffer[256];
static DWORD bytes;

// With a client, the accept waits for data, else for a connection.
static void ends(bool client, const std::function<void(SOCKET listener, SOCKET socket, Waited &)> &end, bool closes_listener = false)
{
    sockaddr_in address;
    SOCKET listener = listening(address), socket = tcp(), c = INVALID_SOCKET;
    Waited wait;
    PENDS(AcceptEx(listener, socket, buffer, 16, ROOM, ROOM, NULL, &wait));
    if (client) {
        c = connected(address);
        // The connection is in the socket when it knows since when.
        for (;;) {
            DWORD seconds = ~0u;
            int length = sizeof seconds;
            CHECK(wait.pends());
            if (!getsockopt(socket, SOL_SOCKET, SO_CONNECT_TIME, (char *)&seconds, &length) && seconds != ~0u) break;
        }
    }
    end(listener, socket, wait);
    if (closes_listener) {
        EQUAL(WaitForSingleObject(wait.hEvent, 20000), WAIT_OBJECT_0);
        EQUAL(wait.Internal, 0xC0000120u);
    } else {
        EQUAL(wait.end(listener, bytes), WSA_OPERATION_ABORTED);
        closesocket(listener);
    }
    closesocket(socket);
    if (c != INVALID_SOCKET) closesocket(c);
}

static void ends_with_its_thread(bool client)
{
    sockaddr_in address;
    SOCKET listener = listening(address), socket = tcp();
    Waited wait;
    std::atomic<bool> issued(false), go(false);
    std::thread issuer([&] {
        PENDS(AcceptEx(listener, socket, buffer, 16, ROOM, ROOM, NULL, &wait));
        issued = true;
        while (!go) Sleep(1);
    });
    while (!issued) Sleep(1);
    SOCKET c = INVALID_SOCKET;
    if (client) {
        c = connected(address);
        for (;;) {
            DWORD seconds = ~0u;
            int length = sizeof seconds;
            CHECK(wait.pends());
            if (!getsockopt(socket, SOL_SOCKET, SO_CONNECT_TIME, (char *)&seconds, &length) && seconds != ~0u) break;
        }
    }
    go = true;
    issuer.join();
    EQUAL(wait.end(listener, bytes), WSA_OPERATION_ABORTED);
    closesocket(listener);
    closesocket(socket);
    if (c != INVALID_SOCKET) closesocket(c);
}

int main()
{
    begin();
    for (int client = 0; client < 2; ++client) {
        ends(client, [](SOCKET listener, SOCKET, Waited &wait) { CHECK(CancelIoEx((HANDLE)listener, &wait)); });
        ends(client, [](SOCKET listener, SOCKET, Waited &) { CHECK(CancelIoEx((HANDLE)listener, NULL)); });
        ends(client, [](SOCKET listener, SOCKET, Waited &) { CHECK(CancelIo((HANDLE)listener)); });
        ends(client, [](SOCKET, SOCKET socket, Waited &wait) {
            // It is none of the socket that is accepted into.
            CHECK(!CancelIoEx((HANDLE)socket, NULL));
            EQUAL(GetLastError(), ERROR_NOT_FOUND);
            CHECK(wait.pends());
            EQUAL(closesocket(socket), 0);
        });
        ends(client, [](SOCKET listener, SOCKET, Waited &) { EQUAL(closesocket(listener), 0); }, true);
        ends_with_its_thread(client);
    }

    // A socket whose accept was cancelled can be accepted into, and the connection that nobody took is the next one's.
    sockaddr_in address;
    SOCKET listener = listening(address), socket = tcp(), other = tcp();
    Waited first, second;
    PENDS(AcceptEx(listener, socket, buffer, 0, ROOM, ROOM, NULL, &first));
    CHECK(CancelIoEx((HANDLE)listener, &first));
    EQUAL(first.end(listener, bytes), WSA_OPERATION_ABORTED);
    PENDS(AcceptEx(listener, other, buffer, 0, ROOM, ROOM, NULL, &first));
    PENDS(AcceptEx(listener, socket, buffer, 0, ROOM, ROOM, NULL, &second));
    closesocket(other);
    EQUAL(first.end(listener, bytes), WSA_OPERATION_ABORTED);
    SOCKET c = connected(address);
    EQUAL(second.end(listener, bytes), 0);
    send_all(c, "here", 4);
    EQUAL(recv(socket, buffer, 16, 0), 4);
    closesocket(c);
    closesocket(socket);

    // One that goes in the middle of its first data brings what there was; one that resets, an error.
    socket = tcp();
    PENDS(AcceptEx(listener, socket, buffer, 16, ROOM, ROOM, NULL, &first));
    c = connected(address);
    linger hard = {1, 0};
    setsockopt(c, SOL_SOCKET, SO_LINGER, (char *)&hard, sizeof hard);
    closesocket(c);
    DWORD code = first.end(listener, bytes);
    CHECK(code == WSAECONNRESET || code == WSAECONNABORTED);
    closesocket(socket);
    closesocket(listener);
    return 0;
}
