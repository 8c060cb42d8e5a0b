// Registered I/O: servers whose completion queue is polled, or tells by an event or a port; datagrams with addresses; limits; the close of
// a socket; arguments that are none.
#include "sockets.h"

static RIO_EXTENSION_FUNCTION_TABLE rio;
static const int CLIENTS = 20;
static const int ROUNDS = 50;
static const ULONG SLOT = 64;

static SOCKET registered(int kind = SOCK_STREAM)
{
    SOCKET s = WSASocketW(AF_INET, kind, kind == SOCK_STREAM ? IPPROTO_TCP : IPPROTO_UDP, NULL, 0, WSA_FLAG_OVERLAPPED | WSA_FLAG_REGISTERED_IO);
    CHECK(s != INVALID_SOCKET);
    return s;
}

static void take(RIO_CQ queue, RIORESULT *results, ULONG count)
{
    for (ULONG done = 0; done < count;) {
        ULONG more = rio.RIODequeueCompletion(queue, results + done, count - done);
        CHECK(more != RIO_CORRUPT_CQ);
        done += more;
        if (!more) Sleep(1);
    }
}

enum Way { POLLED, EVENT, PORT };

// Echoes: what comes in a slot goes out of it.
static void serve(Way way)
{
    sockaddr_in address;
    SOCKET listener = listening(address);
    std::vector<char> memory(CLIENTS * SLOT);
    RIO_BUFFERID buffer = rio.RIORegisterBuffer(memory.data(), (DWORD)memory.size());
    CHECK(buffer != RIO_INVALID_BUFFERID);
    HANDLE event = CreateEventA(NULL, FALSE, FALSE, NULL), port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
    OVERLAPPED mark;
    RIO_NOTIFICATION_COMPLETION how;
    memset(&how, 0, sizeof how);
    if (way == EVENT) {
        how.Type = RIO_EVENT_COMPLETION;
        how.Event.EventHandle = event;
        how.Event.NotifyReset = TRUE;
    } else {
        how.Type = RIO_IOCP_COMPLETION;
        how.Iocp.IocpHandle = port;
        how.Iocp.CompletionKey = (PVOID)42;
        how.Iocp.Overlapped = &mark;
    }
    RIO_CQ queue = rio.RIOCreateCompletionQueue(CLIENTS * 4, way == POLLED ? NULL : &how);
    CHECK(queue != RIO_INVALID_CQ);

    std::thread clients([&] {
        std::vector<std::thread> all;
        for (int i = 0; i < CLIENTS; ++i)
            all.emplace_back([&address, i] {
                SOCKET s = connected(address);
                for (int round = 0; round < ROUNDS; ++round) {
                    char text[SLOT], back[SLOT];
                    int length = snprintf(text, sizeof text, "client %d in round %d", i, round);
                    send_all(s, text, length);
                    receive_all(s, back, length);
                    CHECK(!memcmp(text, back, length));
                }
                closesocket(s);
            });
        for (auto &each : all) each.join();
    });

    struct Session {
        SOCKET socket;
        RIO_RQ requests;
        ULONG slot;
        bool receives;
        char addresses[2 * (sizeof(sockaddr_in) + 16)];
    };
    std::vector<Session> sessions(CLIENTS);
    for (ULONG i = 0; i < CLIENTS; ++i) {
        Session &each = sessions[i];
        each.socket = registered();
        Waited wait;
        DWORD bytes;
        if (!AcceptEx(listener, each.socket, each.addresses, 0, ROOM, ROOM, NULL, &wait)) EQUAL(WSAGetLastError(), WSA_IO_PENDING);
        EQUAL(wait.end(listener, bytes), 0);
        each.slot = i;
        each.requests = rio.RIOCreateRequestQueue(each.socket, 2, 1, 2, 1, queue, queue, &each);
        CHECK(each.requests != RIO_INVALID_RQ);
        RIO_BUF part = {buffer, i * SLOT, SLOT};
        each.receives = true;
        CHECK(rio.RIOReceive(each.requests, &part, 1, 0, &each));
    }
    int open = CLIENTS;
    int empty = 0;
    while (open > 0) {
        if (way != POLLED) {
            EQUAL(rio.RIONotify(queue), ERROR_SUCCESS);
            if (way == EVENT) {
                EQUAL(WaitForSingleObject(event, 20000), WAIT_OBJECT_0);
            } else {
                DWORD bytes;
                ULONG_PTR key;
                OVERLAPPED *told = NULL;
                CHECK(GetQueuedCompletionStatus(port, &bytes, &key, &told, 20000));
                EQUAL(key, 42);
                CHECK(told == &mark);
            }
        }
        RIORESULT results[8];
        for (ULONG count; (count = rio.RIODequeueCompletion(queue, results, 8)) != 0;) {
            CHECK(count != RIO_CORRUPT_CQ);
            for (ULONG i = 0; i < count; ++i) {
                Session &each = *(Session *)(ULONG_PTR)results[i].RequestContext;
                CHECK((ULONG_PTR)results[i].SocketContext == (ULONG_PTR)&each);
                EQUAL(results[i].Status, 0);
                if (results[i].BytesTransferred == 0) {
                    closesocket(each.socket);
                    --open;
                    continue;
                }
                RIO_BUF part = {buffer, each.slot * SLOT, each.receives ? results[i].BytesTransferred : SLOT};
                each.receives = !each.receives;
                CHECK((each.receives ? rio.RIOReceive : rio.RIOSend)(each.requests, &part, 1, 0, &each));
            }
        }
        ++empty;
    }
    clients.join();
    rio.RIODeregisterBuffer(buffer);
    rio.RIOCloseCompletionQueue(queue);
    closesocket(listener);
    CloseHandle(event);
    CloseHandle(port);
}

static void datagrams()
{
    SOCKET one = registered(SOCK_DGRAM), other = registered(SOCK_DGRAM);
    sockaddr_in address = loopback();
    EQUAL(bind(one, (sockaddr *)&address, sizeof address), 0);
    EQUAL(bind(other, (sockaddr *)&address, sizeof address), 0);
    static char memory[256];
    RIO_BUFFERID buffer = rio.RIORegisterBuffer(memory, sizeof memory);
    RIO_CQ queue = rio.RIOCreateCompletionQueue(8, NULL);
    int context_one, context_other, wants;
    RIO_RQ receives = rio.RIOCreateRequestQueue(one, 2, 1, 2, 1, queue, queue, &context_one);
    RIO_RQ sends = rio.RIOCreateRequestQueue(other, 2, 1, 2, 1, queue, queue, &context_other);
    RIO_BUF data = {buffer, 0, 8}, from = {buffer, 32, sizeof(SOCKADDR_INET)}, out = {buffer, 96, 5}, to = {buffer, 128, sizeof(SOCKADDR_INET)};
    RIO_BUF flags = {buffer, 200, 4};
    address = name_of(one);
    memcpy(memory + 128, &address, sizeof address);
    memcpy(memory + 96, "hello and more", 14);
    for (int cut = 0; cut < 2; ++cut) {
        out.Length = cut ? 14 : 5;
        CHECK(rio.RIOReceiveEx(receives, &data, 1, NULL, &from, NULL, &flags, 0, &wants));
        CHECK(rio.RIOSendEx(sends, &out, 1, NULL, &to, NULL, NULL, 0, NULL));
        RIORESULT results[2];
        take(queue, results, 2);
        for (RIORESULT &result : results) {
            bool received = (ULONG_PTR)result.SocketContext == (ULONG_PTR)&context_one;
            EQUAL(result.Status, received && cut ? WSAEMSGSIZE : 0);
            EQUAL(result.BytesTransferred, received && cut ? 8 : out.Length);
        }
        CHECK(!memcmp(memory, "hello and more", cut ? 8 : 5));
        EQUAL(((sockaddr_in *)(memory + 32))->sin_port, name_of(other).sin_port);
        EQUAL(*(DWORD *)(memory + 200), cut ? 0x100 : 0);
    }
    from.Length = 4;
    FAILS(rio.RIOReceiveEx(receives, &data, 1, NULL, &from, NULL, NULL, 0, &wants), WSAEFAULT);
    closesocket(one);
    closesocket(other);
    rio.RIOCloseCompletionQueue(queue);
    rio.RIODeregisterBuffer(buffer);
}

static void limits()
{
    SOCKET client, server;
    pair(client, server);
    static char memory[4096];
    RIO_BUFFERID buffer = rio.RIORegisterBuffer(memory, sizeof memory);
    RIO_CQ queue = rio.RIOCreateCompletionQueue(4, NULL);
    FAILS(rio.RIOCreateRequestQueue(server, 3, 1, 2, 1, queue, queue, NULL) != RIO_INVALID_RQ, WSAENOBUFS);
    FAILS(rio.RIOCreateRequestQueue(server, 2, 2, 2, 1, queue, queue, NULL) != RIO_INVALID_RQ, WSAEINVAL);
    FAILS(rio.RIOCreateRequestQueue(server, 2, 1, 2, 1, queue, (RIO_CQ)3, NULL) != RIO_INVALID_RQ, WSAEINVAL);
    FAILS(rio.RIOCreateRequestQueue(INVALID_SOCKET, 2, 1, 2, 1, queue, queue, NULL) != RIO_INVALID_RQ, WSAENOTSOCK);
    RIO_RQ requests = rio.RIOCreateRequestQueue(server, 2, 1, 2, 1, queue, queue, NULL);
    CHECK(requests != RIO_INVALID_RQ);
    FAILS(rio.RIOCreateRequestQueue(client, 1, 1, 1, 1, queue, queue, NULL) != RIO_INVALID_RQ, WSAENOBUFS);
    FAILS(rio.RIOResizeCompletionQueue(queue, 3), WSAEINVAL);
    CHECK(rio.RIOResizeCompletionQueue(queue, 16));
    FAILS(rio.RIOCreateRequestQueue(server, 1, 1, 1, 1, queue, queue, NULL) != RIO_INVALID_RQ, WSAEINVAL);

    RIO_BUF part = {buffer, 0, 16}, outside = {buffer, 4090, 7}, none = {RIO_INVALID_BUFFERID, 0, 1}, wraps = {buffer, 0xFFFFFFF0u, 0x20};
    FAILS(rio.RIOReceive(RIO_INVALID_RQ, &part, 1, 0, NULL), WSAEINVAL);
    FAILS(rio.RIOReceive(requests, NULL, 1, 0, NULL), WSAEFAULT);
    FAILS(rio.RIOReceive(requests, &part, 2, 0, NULL), WSAEINVAL);
    FAILS(rio.RIOReceive(requests, &outside, 1, 0, NULL), WSAEINVAL);
    FAILS(rio.RIOReceive(requests, &wraps, 1, 0, NULL), WSAEINVAL);
    FAILS(rio.RIOReceive(requests, &none, 1, 0, NULL), WSAEINVAL);
    FAILS(rio.RIOReceive(requests, &part, 1, 0x100, NULL), WSAEINVAL);
    FAILS(rio.RIOSend(requests, &part, 1, RIO_MSG_WAITALL, NULL), WSAEINVAL);
    FAILS(rio.RIOSend(requests, &part, 1, RIO_MSG_COMMIT_ONLY, NULL), WSAEINVAL);

    // Two at a time; one of them put off, and not begun when the socket goes.
    int first, second;
    CHECK(rio.RIOReceive(requests, &part, 1, RIO_MSG_WAITALL, &first));
    CHECK(rio.RIOReceive(requests, &part, 1, RIO_MSG_DEFER, &second));
    FAILS(rio.RIOReceive(requests, &part, 1, 0, NULL), WSAENOBUFS);
    FAILS(rio.RIOResizeRequestQueue(requests, 1, 2), WSAEINVAL);
    CHECK(rio.RIOResizeRequestQueue(requests, 3, 3));
    RIORESULT results[4];
    send_all(client, "half of ", 8);
    EQUAL(rio.RIODequeueCompletion(queue, results, 4), 0);
    send_all(client, "sixteen.", 8);
    take(queue, results, 1);
    EQUAL(results[0].BytesTransferred, 16);
    CHECK(!memcmp(memory, "half of sixteen.", 16));
    CHECK(rio.RIOReceive(requests, NULL, 0, RIO_MSG_COMMIT_ONLY, NULL));
    CHECK(rio.RIOReceive(requests, &part, 1, RIO_MSG_DEFER, &first));
    closesocket(server);
    take(queue, results, 2);
    for (int i = 0; i < 2; ++i) EQUAL(results[i].Status, WSA_OPERATION_ABORTED);
    FAILS(rio.RIOReceive(requests, &part, 1, 0, NULL), WSAEINVAL);

    // What the peer's reset does, to a request in flight and to the next.
    pair(server, client);
    requests = rio.RIOCreateRequestQueue(server, 2, 1, 2, 1, queue, queue, NULL);
    CHECK(rio.RIOReceive(requests, &part, 1, 0, &first));
    linger hard = {1, 0};
    setsockopt(client, SOL_SOCKET, SO_LINGER, (char *)&hard, sizeof hard);
    closesocket(client);
    take(queue, results, 1);
    EQUAL(results[0].Status, WSAECONNRESET);
    EQUAL(results[0].BytesTransferred, 0);
    FAILS(rio.RIOReceive(requests, &part, 1, 0, &first), WSAECONNRESET);
    closesocket(server);

    FAILS(rio.RIORegisterBuffer(NULL, 10) != RIO_INVALID_BUFFERID, WSAEFAULT);
    FAILS(rio.RIORegisterBuffer(memory, 0) != RIO_INVALID_BUFFERID, WSAEINVAL);
    FAILS(rio.RIOCreateCompletionQueue(0, NULL) != RIO_INVALID_CQ, WSAEINVAL);
    RIO_NOTIFICATION_COMPLETION how;
    memset(&how, 0, sizeof how);
    FAILS(rio.RIOCreateCompletionQueue(4, &how) != RIO_INVALID_CQ, WSAEINVAL);
    how.Type = RIO_EVENT_COMPLETION;
    FAILS(rio.RIOCreateCompletionQueue(4, &how) != RIO_INVALID_CQ, WSAEINVAL);
    EQUAL(rio.RIONotify(queue), WSAEINVAL);
    EQUAL(rio.RIONotify(RIO_INVALID_CQ), WSAEINVAL);
    EQUAL(rio.RIODequeueCompletion(RIO_INVALID_CQ, results, 4), RIO_CORRUPT_CQ);
    EQUAL(rio.RIODequeueCompletion(queue, NULL, 4), RIO_CORRUPT_CQ);
    rio.RIOCloseCompletionQueue(queue);
    rio.RIOCloseCompletionQueue(queue);
    rio.RIODeregisterBuffer(buffer);
    rio.RIODeregisterBuffer(RIO_INVALID_BUFFERID);
}

int main()
{
    begin();
    SOCKET s = registered();
    GUID name = WSAID_MULTIPLE_RIO, wrong = WSAID_ACCEPTEX;
    DWORD bytes = 0;
    rio.cbSize = sizeof rio;
    const DWORD code = SIO_GET_MULTIPLE_EXTENSION_FUNCTION_POINTER;
    FAILS(WSAIoctl(s, code, &wrong, sizeof wrong, &rio, sizeof rio, &bytes, NULL, NULL) == 0, WSAEINVAL);
    FAILS(WSAIoctl(s, code, &name, sizeof name, &rio, sizeof rio - 8, &bytes, NULL, NULL) == 0, WSAEFAULT);
    EQUAL(WSAIoctl(s, code, &name, sizeof name, &rio, sizeof rio, &bytes, NULL, NULL), 0);
    EQUAL(bytes, sizeof rio);
    closesocket(s);
    serve(POLLED);
    serve(EVENT);
    serve(PORT);
    datagrams();
    limits();
    return 0;
}
