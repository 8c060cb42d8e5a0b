// An OVERLAPPED is used again, or freed, the moment the program can know that its operation has ended: by looking at it, by its
// result, by its event, by its packet, in its routine. Nothing of the operation before touches it or its event then.
#include "../extensions/sockets.h"

static std::atomic<bool> over;

// Sends a byte whenever it is asked to, so that the receives end on other threads.
struct Peer {
    SOCKET socket;
    std::atomic<int> wanted{0}, sent{0};
    std::thread thread;
    explicit Peer(SOCKET s) : socket(s), thread([this] {
        while (!over) {
            if (sent < wanted) {
                EQUAL(send(socket, "x", 1, 0), 1);
                ++sent;
            } else std::this_thread::yield();
        }
    }) {}
    ~Peer() { thread.join(); }
};

// Another thread drives what is pending: it waits for something that never comes.
static void drive(HANDLE never)
{
    while (!over) WaitForSingleObject(never, 1);
}

static const int TIMES = 700;

static void looked_at(SOCKET client, SOCKET server, int how)
{
    Peer peer(client);
    HANDLE kept = CreateEventA(NULL, TRUE, FALSE, NULL);
    for (int i = 0; i < TIMES; ++i) {
        OVERLAPPED *it = new OVERLAPPED();
        char *byte = new char;
        bool own = how == 2 || i % 4 == 0;
        it->hEvent = own ? CreateEventA(NULL, TRUE, FALSE, NULL) : kept;
        WSABUF buffer = {1, byte};
        DWORD flags = 0, bytes = 0;
        int issued = WSARecv(server, &buffer, 1, NULL, &flags, it, NULL);
        CHECK(issued == 0 || WSAGetLastError() == WSA_IO_PENDING);
        // The signal of the one before is not for this one.
        if (issued) EQUAL(WaitForSingleObject(it->hEvent, 0), WAIT_TIMEOUT);
        ++peer.wanted;
        if (how == 0) while (!HasOverlappedIoCompleted(it)) {}
        if (how == 1) CHECK(WSAGetOverlappedResult(server, it, &bytes, TRUE, &flags) && bytes == 1);
        if (how == 2) EQUAL(WaitForSingleObject(it->hEvent, 20000), WAIT_OBJECT_0);
        CHECK(*byte == 'x');
        HANDLE event = it->hEvent;
        memset((void *)it, 0x55, sizeof *it);
        delete it;
        delete byte;
        if (own) CloseHandle(event);
    }
    over = true;
    CloseHandle(kept);
}

struct Chain : OVERLAPPED {
    SOCKET socket;
    char byte;
    std::atomic<int> *left;
    Peer *peer;
};

static void CALLBACK again(DWORD error, DWORD bytes, OVERLAPPED *it, DWORD)
{
    Chain *old = (Chain *)it;
    EQUAL(error, 0);
    EQUAL(bytes, 1);
    Chain *next = old;
    if (*old->left % 3 == 0) {
        next = new Chain(*old);
        memset((void *)(OVERLAPPED *)old, 0x55, sizeof(OVERLAPPED));
        delete old;
    }
    if (--*next->left == 0) {
        delete next;
        return;
    }
    WSABUF buffer = {1, &next->byte};
    DWORD flags = 0;
    memset((OVERLAPPED *)next, 0, sizeof(OVERLAPPED));
    int issued = WSARecv(next->socket, &buffer, 1, NULL, &flags, next, again);
    CHECK(issued == 0 || WSAGetLastError() == WSA_IO_PENDING);
    ++next->peer->wanted;
}

static void in_routines(SOCKET client, SOCKET server)
{
    Peer peer(client);
    std::atomic<int> left(TIMES);
    Chain *first = new Chain();
    first->socket = server;
    first->left = &left;
    first->peer = &peer;
    WSABUF buffer = {1, &first->byte};
    DWORD flags = 0;
    FAILS(WSARecv(server, &buffer, 1, NULL, &flags, first, again) == 0, WSA_IO_PENDING);
    ++peer.wanted;
    while (left > 0) EQUAL(SleepEx(20000, TRUE), WAIT_IO_COMPLETION);
    over = true;
}

// Packets, taken by two threads; whoever takes one uses its OVERLAPPED again, or frees it for a new one.
static void packets(SOCKET client, SOCKET server)
{
    Peer peer(client);
    HANDLE port = CreateIoCompletionPort((HANDLE)server, NULL, 7, 0);
    std::atomic<int> left(TIMES);
    auto issue = [&](Chain *it) {
        WSABUF buffer = {1, &it->byte};
        DWORD flags = 0;
        memset((OVERLAPPED *)it, 0, sizeof(OVERLAPPED));
        int issued = WSARecv(server, &buffer, 1, NULL, &flags, it, NULL);
        CHECK(issued == 0 || WSAGetLastError() == WSA_IO_PENDING);
    };
    auto take = [&] {
        for (;;) {
            DWORD bytes;
            ULONG_PTR key;
            OVERLAPPED *done = NULL;
            BOOL good = GetQueuedCompletionStatus(port, &bytes, &key, &done, INFINITE);
            if (!done) return;
            CHECK(good);
            EQUAL(key, 7);
            EQUAL(bytes, 1);
            Chain *it = (Chain *)done;
            CHECK(it->byte == 'x');
            int now = --left;
            if (now <= 0) {
                delete it;
                PostQueuedCompletionStatus(port, 0, 0, NULL);
                PostQueuedCompletionStatus(port, 0, 0, NULL);
                continue;
            }
            if (now % 3 == 0) {
                memset((void *)(OVERLAPPED *)it, 0x55, sizeof(OVERLAPPED));
                delete it;
                it = new Chain();
            }
            issue(it);
            ++peer.wanted;
        }
    };
    issue(new Chain());
    ++peer.wanted;
    std::thread first(take), second(take);
    first.join();
    second.join();
    over = true;
    CloseHandle(port);
}

int main()
{
    begin();
    HANDLE never = CreateEventA(NULL, TRUE, FALSE, NULL);
    for (int how = 0; how < 5; ++how) {
        SOCKET client, server;
        pair(client, server);
        BOOL yes = TRUE;
        setsockopt(client, IPPROTO_TCP, TCP_NODELAY, (char *)&yes, sizeof yes);
        over = false;
        std::thread driver(drive, never);
        if (how < 3) looked_at(client, server, how);
        if (how == 3) in_routines(client, server);
        if (how == 4) packets(client, server);
        driver.join();
        closesocket(client);
        closesocket(server);
    }
    CloseHandle(never);
    return 0;
}
