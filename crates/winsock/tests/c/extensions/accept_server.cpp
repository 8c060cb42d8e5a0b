// A server on a port: 200 clients, of which each second one sends first, are accepted by 4 workers and answered in their turn. The thread
// that issued the first accepts has ended by then.
#include "sockets.h"

static const int CLIENTS = 200;
static const int AHEAD = 20;
static SOCKET listener;
static HANDLE port;
static std::atomic<int> accepted, with_data, issued;
static sockaddr_in address;

struct Connection : OVERLAPPED {
    SOCKET socket;
    bool accepting;
    DWORD room;
    char buffer[256];
};

static void issue(Connection *c)
{
    memset((OVERLAPPED *)c, 0, sizeof(OVERLAPPED));
    c->socket = tcp();
    c->accepting = true;
    DWORD bytes = 0;
    if (!AcceptEx(listener, c->socket, c->buffer, c->room, ROOM, ROOM, &bytes, c)) EQUAL(WSAGetLastError(), WSA_IO_PENDING);
}

static void next(Connection *c)
{
    if (issued.fetch_add(1) < CLIENTS) issue(c);
    else delete c;
}

static void receive(Connection *c)
{
    WSABUF place = {64, c->buffer};
    DWORD flags = 0;
    memset((OVERLAPPED *)c, 0, sizeof(OVERLAPPED));
    if (WSARecv(c->socket, &place, 1, NULL, &flags, c, NULL)) EQUAL(WSAGetLastError(), WSA_IO_PENDING);
}

static void worker()
{
    for (;;) {
        DWORD bytes = 0;
        ULONG_PTR key = 0;
        OVERLAPPED *done = NULL;
        BOOL good = GetQueuedCompletionStatus(port, &bytes, &key, &done, INFINITE);
        if (!done) return;
        Connection *c = (Connection *)done;
        CHECK(good);
        if (c->accepting) {
            EQUAL(key, 1);
            ++accepted;
            EQUAL(setsockopt(c->socket, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, (char *)&listener, sizeof listener), 0);
            sockaddr *local = NULL, *remote = NULL;
            int local_length = 0, remote_length = 0;
            GetAcceptExSockaddrs(c->buffer, c->room, ROOM, ROOM, &local, &local_length, &remote, &remote_length);
            EQUAL(local_length, (int)sizeof(sockaddr_in));
            EQUAL(((sockaddr_in *)local)->sin_port, address.sin_port);
            sockaddr_in peer;
            int length = sizeof peer;
            EQUAL(getpeername(c->socket, (sockaddr *)&peer, &length), 0);
            EQUAL(((sockaddr_in *)remote)->sin_port, peer.sin_port);
            CHECK(CreateIoCompletionPort((HANDLE)c->socket, port, 2, 0) == port);
            c->accepting = false;
            Connection *other = new Connection;
            other->room = c->room;
            next(other);
            if (bytes > 0) {
                ++with_data;
                EQUAL(bytes, 5);
                CHECK(!memcmp(c->buffer, "first", 5));
                send_all(c->socket, c->buffer, 5);
            }
            receive(c);
        } else if (bytes == 0) {
            EQUAL(key, 2);
            closesocket(c->socket);
            delete c;
        } else {
            EQUAL(key, 2);
            send_all(c->socket, c->buffer, (int)bytes);
            receive(c);
        }
    }
}

static void run(DWORD room)
{
    accepted = with_data = issued = 0;
    listener = listening(address);
    port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 4);
    CHECK(CreateIoCompletionPort((HANDLE)listener, port, 1, 0) == port);
    // Its accepts go on after it.
    std::thread([room] {
        for (int i = 0; i < AHEAD; ++i) {
            Connection *c = new Connection;
            c->room = room;
            next(c);
        }
    }).join();
    std::vector<std::thread> workers;
    for (int i = 0; i < 4; ++i) workers.emplace_back(worker);
    std::vector<std::thread> clients;
    for (int part = 0; part < 4; ++part)
        clients.emplace_back([part, room] {
            for (int i = part; i < CLIENTS; i += 4) {
                SOCKET s = connected(address);
                char answer[8];
                if (room > 0 || i % 2 == 0) {
                    send_all(s, "first", 5);
                    receive_all(s, answer, 5);
                    CHECK(!memcmp(answer, "first", 5));
                }
                send_all(s, "again", 5);
                receive_all(s, answer, 5);
                CHECK(!memcmp(answer, "again", 5));
                shutdown(s, SD_SEND);
                EQUAL(recv(s, answer, sizeof answer, 0), 0);
                closesocket(s);
            }
        });
    for (auto &client : clients) client.join();
    for (size_t i = 0; i < workers.size(); ++i) PostQueuedCompletionStatus(port, 0, 0, NULL);
    for (auto &worker : workers) worker.join();
    EQUAL(accepted.load(), CLIENTS);
    EQUAL(with_data.load(), room > 0 ? CLIENTS : 0);
    closesocket(listener);
    CloseHandle(port);
}

int main()
{
    begin();
    run(0);
    run(64);
    return 0;
}
