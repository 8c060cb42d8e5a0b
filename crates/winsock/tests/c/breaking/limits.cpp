// As many sockets as there is room for, one more, and on again; a child of a program in the midst of its work; and memory that does
// not grow with the number of operations.
#include "../extensions/sockets.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static long resident()
{
    long pages = 0, now = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    CHECK(file && fscanf(file, "%ld %ld", &pages, &now) == 2);
    fclose(file);
    return now * 4096;
}

static void many()
{
    for (int i = 0; i < 20000; ++i) {
        SOCKET s = socket(AF_INET, i % 2 ? SOCK_STREAM : SOCK_DGRAM, 0);
        CHECK(s != INVALID_SOCKET);
        EQUAL(closesocket(s), 0);
        EQUAL(closesocket(s), SOCKET_ERROR);
        EQUAL(WSAGetLastError(), WSAENOTSOCK);
    }
}

struct Op : OVERLAPPED {
    WSABUF buffer;
    char bytes[16];
};

static void at_the_limit()
{
    SOCKET client, server;
    pair(client, server);
    sockaddr_in address;
    SOCKET listener = listening(address), waiting = tcp();
    HANDLE port = CreateIoCompletionPort((HANDLE)server, NULL, 0, 0);
    Waited accepts;
    char place[64];
    PENDS(AcceptEx(listener, waiting, place, 0, ROOM, ROOM, NULL, &accepts));
    // A port has needs of its own, with its first operation.
    Op op = {};
    op.buffer = {sizeof op.bytes, op.bytes};
    DWORD flags = 0, bytes;
    ULONG_PTR key;
    OVERLAPPED *done;
    PENDS(WSARecv(server, &op.buffer, 1, NULL, &flags, &op, NULL) == 0);
    EQUAL(send(client, "abc", 3, 0), 3);
    CHECK(GetQueuedCompletionStatus(port, &bytes, &key, &done, 20000) && done == &op && bytes == 3);
    // Connections that are there before there is no room for them.
    SOCKET early[2] = {connected(address), connected(address)};
    EQUAL(WaitForSingleObject(accepts.hEvent, 20000), WAIT_OBJECT_0);
    rlimit old, low;
    CHECK(getrlimit(RLIMIT_NOFILE, &old) == 0);
    low = old;
    low.rlim_cur = descriptors() + 40;
    CHECK(setrlimit(RLIMIT_NOFILE, &low) == 0);
    std::vector<SOCKET> all;
    for (;;) {
        SOCKET s = socket(AF_INET, SOCK_STREAM, 0);
        if (s == INVALID_SOCKET) break;
        all.push_back(s);
        CHECK(all.size() < 100);
    }
    EQUAL(WSAGetLastError(), WSAEMFILE);
    CHECK(accept(listener, NULL, NULL) == INVALID_SOCKET);
    EQUAL(WSAGetLastError(), WSAEMFILE);
    // What is there works as before.
    PENDS(WSARecv(server, &op.buffer, 1, NULL, &flags, &op, NULL) == 0);
    EQUAL(send(client, "abc", 3, 0), 3);
    CHECK(GetQueuedCompletionStatus(port, &bytes, &key, &done, 20000) && done == &op && bytes == 3);
    HANDLE event = CreateEventA(NULL, FALSE, TRUE, NULL);
    EQUAL(WaitForSingleObject(event, 0), WAIT_OBJECT_0);
    CloseHandle(event);
    fd_set set;
    FD_ZERO(&set);
    FD_SET(client, &set);
    EQUAL(select(0, NULL, &set, NULL, NULL), 1);
    // A thread, which has a need of its own, and ends well whatever it gets.
    std::thread other([&] {
        char byte;
        EQUAL(send(server, "z", 1, 0), 1);
        EQUAL(recv(client, &byte, 1, 0), 1);
        SleepEx(1, TRUE);
        HANDLE event = CreateEventA(NULL, FALSE, FALSE, NULL);
        EQUAL(WaitForSingleObject(event, 1), WAIT_TIMEOUT);
        CloseHandle(event);
    });
    other.join();
    HANDLE more = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
    if (more) CloseHandle(more);
    // And on.
    for (int i = 0; i < 8; ++i) {
        EQUAL(closesocket(all.back()), 0);
        all.pop_back();
    }
    SOCKET taken = accept(listener, NULL, NULL);
    CHECK(taken != INVALID_SOCKET);
    SOCKET s = connected(address);
    for (SOCKET each : {taken, s, early[0], early[1], client, server, listener, waiting}) closesocket(each);
    for (SOCKET each : all) EQUAL(closesocket(each), 0);
    CloseHandle(port);
    CHECK(setrlimit(RLIMIT_NOFILE, &old) == 0);
}

// A child does other things: it runs a program, or ends. If no other thread is in the midst of something, it may close what it has.
static void child(bool alone)
{
    SOCKET client, server;
    pair(client, server);
    HANDLE port = CreateIoCompletionPort((HANDLE)server, NULL, 0, 0);
    static Op op;
    op.buffer = {sizeof op.bytes, op.bytes};
    DWORD flags = 0, bytes;
    ULONG_PTR key;
    OVERLAPPED *done;
    std::atomic<bool> over(false);
    std::thread busy([&] {
        while (!over && !alone) {
            SOCKET one, other;
            pair(one, other);
            closesocket(one);
            closesocket(other);
        }
    });
    if (alone) busy.join();
    for (int i = 0; i < 40; ++i) {
        PENDS(WSARecv(server, &op.buffer, 1, NULL, &flags, &op, NULL) == 0);
        pid_t pid = fork();
        CHECK(pid >= 0);
        if (pid == 0) {
            alarm(5);
            if (alone && i % 2) {
                // What it has inherited is its parent's.
                closesocket(server);
                CloseHandle(port);
            }
            if (i % 4 < 2) _exit(5);
            execl("/bin/sh", "sh", "-c", "exit 5", (char *)NULL);
            _exit(6);
        }
        int status = 0;
        EQUAL(waitpid(pid, &status, 0), pid);
        if (!WIFEXITED(status)) fprintf(stderr, "child %d: signal %d\n", i, WTERMSIG(status));
        CHECK(WIFEXITED(status));
        EQUAL(WEXITSTATUS(status), 5);
        EQUAL(send(client, "abc", 3, 0), 3);
        CHECK(GetQueuedCompletionStatus(port, &bytes, &key, &done, 20000) && done == &op && bytes == 3);
    }
    over = true;
    if (!alone) busy.join();
    closesocket(client);
    closesocket(server);
    CloseHandle(port);
}

static int routines;
static void CALLBACK routine(DWORD, DWORD, OVERLAPPED *, DWORD) { ++routines; }

static void operations(int times)
{
    SOCKET client, server;
    pair(client, server);
    SOCKET on_port, peer;
    pair(on_port, peer);
    HANDLE port = CreateIoCompletionPort((HANDLE)on_port, NULL, 0, 0);
    Waited with_event;
    for (int i = 0; i < times; ++i) {
        Op op = {};
        op.buffer = {1, op.bytes};
        DWORD flags = 0, bytes = 0;
        ULONG_PTR key;
        OVERLAPPED *done;
        switch (i % 4) {
        case 0:
            PENDS(WSARecv(server, &op.buffer, 1, NULL, &flags, &op, routine) == 0);
            send(client, "x", 1, 0);
            EQUAL(SleepEx(20000, TRUE), WAIT_IO_COMPLETION);
            break;
        case 1:
            PENDS(WSARecv(server, &op.buffer, 1, NULL, &flags, &with_event, NULL) == 0);
            send(client, "x", 1, 0);
            EQUAL(WaitForSingleObject(with_event.hEvent, 20000), WAIT_OBJECT_0);
            break;
        case 2:
            PENDS(WSARecv(on_port, &op.buffer, 1, NULL, &flags, &op, NULL) == 0);
            send(peer, "x", 1, 0);
            CHECK(GetQueuedCompletionStatus(port, &bytes, &key, &done, 20000));
            break;
        default:
            PENDS(WSARecv(on_port, &op.buffer, 1, NULL, &flags, &op, NULL) == 0);
            CHECK(CancelIoEx((HANDLE)on_port, &op));
            CHECK(!GetQueuedCompletionStatus(port, &bytes, &key, &done, 20000) && done == &op);
        }
    }
    closesocket(client);
    closesocket(server);
    closesocket(on_port);
    closesocket(peer);
    CloseHandle(port);
}

int main(int count, char **arguments)
{
    int times = count > 2 ? atoi(arguments[2]) : 8000;
    begin();
    many();
    long before = resident();
    many();
    CHECK(resident() - before < 2 << 20);
    at_the_limit();
    child(false);
    child(true);
    operations(2000);
    before = resident();
    operations(times);
    CHECK(resident() - before < 2 << 20);
    return 0;
}
