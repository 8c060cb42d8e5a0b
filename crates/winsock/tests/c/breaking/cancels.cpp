// Cancels against ends on other threads: by OVERLAPPED, by thread, by the end of the thread that issued. Each operation ends once.
#include "../extensions/sockets.h"

struct Op : OVERLAPPED {
    std::atomic<int> ended{0};
    WSABUF buffer;
    char byte;
    Op() { memset((OVERLAPPED *)this, 0, sizeof(OVERLAPPED)); buffer.len = 1; buffer.buf = &byte; }
};

static HANDLE port;
static std::atomic<int> left;

static void take()
{
    for (;;) {
        DWORD bytes;
        ULONG_PTR key;
        OVERLAPPED *done = NULL;
        BOOL good = GetQueuedCompletionStatus(port, &bytes, &key, &done, INFINITE);
        if (!done) return;
        CHECK(good ? bytes == 1 : GetLastError() == ERROR_OPERATION_ABORTED);
        Op *op = (Op *)done;
        EQUAL(op->ended.fetch_add(1), 0);
        --left;
    }
}

static void with_port(int round)
{
    port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
    SOCKET client, server;
    pair(client, server);
    CreateIoCompletionPort((HANDLE)server, port, 0, 0);
    static const int MANY = 200;
    std::vector<Op> ops(MANY);
    std::atomic<int> issued(0), sent(0), cancelled(0), received(0);
    left = MANY;
    std::vector<std::thread> threads;
    threads.emplace_back(take);
    threads.emplace_back(take);
    std::thread issuer([&] {
        for (auto &op : ops) {
            DWORD flags = 0;
            CHECK(WSARecv(server, &op.buffer, 1, NULL, &flags, &op, NULL) == 0 || WSAGetLastError() == WSA_IO_PENDING);
            ++issued;
        }
        // What belongs to a port outlives the thread.
    });
    std::thread sender([&] {
        for (int i = 0; i < MANY / 2; ++i) send(client, "x", 1, 0), ++sent;
    });
    std::thread canceller([&] {
        for (int i = 0; i < MANY; ++i) {
            while (issued <= i) std::this_thread::yield();
            if (i % 3 == round % 3 && CancelIoEx((HANDLE)server, &ops[i])) ++cancelled;
            else if (i % 3 == round % 3) EQUAL(GetLastError(), ERROR_NOT_FOUND);
        }
    });
    issuer.join();
    sender.join();
    canceller.join();
    for (int i = 0; i < 4; ++i) CancelIoEx((HANDLE)server, NULL);
    for (int i = 0; i < 4000 && left > 0; ++i) Sleep(1);
    EQUAL(left.load(), 0);
    int good = 0;
    for (auto &op : ops) good += op.Internal == 0;
    // Nothing that came is lost: what no operation has is in the socket still.
    u_long rest = 0;
    for (int i = 0; i < 2000; ++i) {
        ioctlsocket(server, FIONREAD, &rest);
        if (good + (int)rest == sent) break;
        Sleep(1);
    }
    EQUAL(good + (int)rest, sent.load());
    FAILS(CancelIoEx((HANDLE)server, NULL), ERROR_NOT_FOUND);
    CHECK(CancelIo((HANDLE)server));
    PostQueuedCompletionStatus(port, 0, 0, NULL);
    PostQueuedCompletionStatus(port, 0, 0, NULL);
    for (auto &thread : threads) thread.join();
    closesocket(client);
    closesocket(server);
    CloseHandle(port);
}

static std::atomic<int> told;

static void CALLBACK routine(DWORD, DWORD, OVERLAPPED *it, DWORD)
{
    EQUAL(((Op *)it)->ended.fetch_add(1), 0);
    ++told;
}

// With routines and events, of threads that end.
static void with_threads(int round)
{
    SOCKET client, server;
    pair(client, server);
    Op mine, event;
    event.hEvent = CreateEventA(NULL, TRUE, FALSE, NULL);
    Op theirs;
    theirs.hEvent = CreateEventA(NULL, TRUE, FALSE, NULL);
    DWORD flags = 0, bytes;
    told = 0;
    PENDS(WSARecv(server, &event.buffer, 1, NULL, &flags, &event, NULL) == 0);
    std::thread other([&] {
        DWORD none = 0;
        PENDS(WSARecv(server, &theirs.buffer, 1, NULL, &none, &theirs, NULL) == 0);
        // Only its own.
        if (round % 2) CHECK(CancelIo((HANDLE)server));
        if (round % 3 == 0) ExitThread(3);
    });
    other.join();
    EQUAL(WaitForSingleObject(theirs.hEvent, 20000), WAIT_OBJECT_0);
    CHECK(!WSAGetOverlappedResult(server, &theirs, &bytes, FALSE, &flags));
    EQUAL(WSAGetLastError(), WSA_OPERATION_ABORTED);
    EQUAL(WaitForSingleObject(event.hEvent, 0), WAIT_TIMEOUT);
    PENDS(WSARecv(server, &mine.buffer, 1, NULL, &flags, &mine, routine) == 0);
    std::thread sender([&] { send(client, "xy", 2, 0); });
    if (round % 2) CancelIo((HANDLE)server);
    EQUAL(WaitForSingleObject(event.hEvent, 20000), WAIT_OBJECT_0);
    while (told == 0) EQUAL(SleepEx(20000, TRUE), WAIT_IO_COMPLETION);
    sender.join();
    EQUAL(mine.ended.load(), 1);
    CloseHandle(event.hEvent);
    CloseHandle(theirs.hEvent);
    closesocket(client);
    closesocket(server);
}

int main()
{
    begin();
    for (int round = 0; round < 15; ++round) with_port(round);
    for (int round = 0; round < 60; ++round) with_threads(round);
    return 0;
}
