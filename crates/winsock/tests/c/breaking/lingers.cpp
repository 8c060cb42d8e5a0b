// A close that lingers holds up nobody but who may have to wait for it; and a connect that is never answered ends with its socket.
#include "../extensions/sockets.h"

#include <sys/resource.h>
#include <time.h>

static double now()
{
    timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec * 1e-9;
}

struct Op : OVERLAPPED {
    WSABUF buffer;
    Op() { memset((OVERLAPPED *)this, 0, sizeof(OVERLAPPED)); }
};

static std::vector<char> much(16 << 20);
static std::atomic<bool> over;

// Others work on, with events, on a port and with blocking calls.
static void others(double &longest)
{
    SOCKET client, server, on_port, peer;
    pair(client, server);
    pair(on_port, peer);
    HANDLE port = CreateIoCompletionPort((HANDLE)on_port, NULL, 0, 0);
    longest = 0;
    while (!over) {
        double start = now();
        Waited with_event;
        char byte;
        WSABUF buffer = {1, &byte};
        DWORD flags = 0, bytes;
        ULONG_PTR key;
        OVERLAPPED *done;
        PENDS(WSARecv(server, &buffer, 1, NULL, &flags, &with_event, NULL) == 0);
        send(client, "x", 1, 0);
        EQUAL(with_event.end(server, bytes), 0);
        Op op;
        PENDS(WSARecv(on_port, &buffer, 1, NULL, &flags, &op, NULL) == 0);
        send(peer, "x", 1, 0);
        CHECK(GetQueuedCompletionStatus(port, &bytes, &key, &done, 20000));
        SOCKET one, other;
        pair(one, other);
        send(one, "x", 1, 0);
        EQUAL(recv(other, &byte, 1, 0), 1);
        closesocket(one);
        closesocket(other);
        double took = now() - start;
        if (took > longest) longest = took;
    }
    for (SOCKET s : {client, server, on_port, peer}) closesocket(s);
    CloseHandle(port);
}

static void lingering(int how)
{
    SOCKET client, server;
    pair(client, server);
    linger seconds = {1, 30};
    EQUAL(setsockopt(server, SOL_SOCKET, SO_LINGER, (char *)&seconds, sizeof seconds), 0);
    HANDLE port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
    if (how == 1) CreateIoCompletionPort((HANDLE)server, port, 0, 0);
    static Op sends, receives;
    static char byte;
    sends = receives = Op();
    HANDLE event = CreateEventA(NULL, TRUE, FALSE, NULL);
    sends.hEvent = event;
    sends.buffer = {(ULONG)much.size(), much.data()};
    receives.buffer = {1, &byte};
    DWORD flags = 0;
    PENDS(WSASend(server, &sends.buffer, 1, NULL, 0, &sends, NULL) == 0);
    PENDS(WSARecv(server, &receives.buffer, 1, NULL, &flags, &receives, NULL) == 0);
    over = false;
    double longest;
    std::thread other([&] { others(longest); });
    Sleep(30);
    std::thread closer([&] { EQUAL(closesocket(server), 0); });
    Sleep(1200);
    over = true;
    other.join();
    // Not for as long as the close may take.
    if (longest > 15) fprintf(stderr, "%d: others waited for %g s\n", how, longest);
    CHECK(longest < 15);
    // The peer reads, or goes: the close is over.
    closesocket(client);
    closer.join();
    for (int i = 0; how == 1 && i < 2; ++i) {
        DWORD bytes;
        ULONG_PTR key;
        OVERLAPPED *done = NULL;
        GetQueuedCompletionStatus(port, &bytes, &key, &done, 20000);
        CHECK(done == &sends || done == &receives);
    }
    EQUAL(WaitForSingleObject(event, 20000), WAIT_OBJECT_0);
    while (!HasOverlappedIoCompleted(&receives)) Sleep(1);
    CloseHandle(event);
    CloseHandle(port);
}

// The queue of connections of a listener is full.
static void unanswered()
{
    SOCKET listener = bound();
    EQUAL(listen(listener, 0), 0);
    sockaddr_in address = name_of(listener);
    std::vector<SOCKET> fill;
    for (;;) {
        SOCKET s = tcp();
        u_long yes = 1;
        ioctlsocket(s, FIONBIO, &yes);
        connect(s, (sockaddr *)&address, sizeof address);
        fill.push_back(s);
        WSAPOLLFD entry = {s, POLLWRNORM, 0};
        if (WSAPoll(&entry, 1, 200) == 0) break;
        CHECK(fill.size() < 9000);
    }
    SOCKET blocked = tcp();
    std::atomic<int> result(5), error(0);
    std::thread caller([&] {
        result = connect(blocked, (sockaddr *)&address, sizeof address);
        error = WSAGetLastError();
    });
    SOCKET pending = bound(), cancelled = bound();
    Waited closed, taken_back;
    PENDS(connect_ex(pending, (sockaddr *)&address, sizeof address, NULL, 0, NULL, &closed));
    PENDS(connect_ex(cancelled, (sockaddr *)&address, sizeof address, (void *)"data", 4, NULL, &taken_back));
    Sleep(50);
    EQUAL(result.load(), 5);
    CHECK(closed.pends() && taken_back.pends());
    DWORD bytes;
    CHECK(CancelIoEx((HANDLE)cancelled, &taken_back));
    EQUAL(taken_back.end(cancelled, bytes), WSA_OPERATION_ABORTED);
    EQUAL(closesocket(pending), 0);
    EQUAL(WaitForSingleObject(closed.hEvent, 20000), WAIT_OBJECT_0);
    EQUAL(closesocket(blocked), 0);
    caller.join();
    EQUAL(result.load(), SOCKET_ERROR);
    CHECK(error == WSAEINTR || error == WSAENOTSOCK || error == WSAECONNABORTED);
    closesocket(cancelled);
    for (SOCKET s : fill) closesocket(s);
    closesocket(listener);
}

int main()
{
    begin();
    // A queue of connections is longer than the descriptors that some systems give at first.
    rlimit files;
    CHECK(getrlimit(RLIMIT_NOFILE, &files) == 0);
    files.rlim_cur = files.rlim_max;
    CHECK(setrlimit(RLIMIT_NOFILE, &files) == 0);
    unanswered();
    for (int how = 0; how < 2; ++how) lingering(how);
    return 0;
}
