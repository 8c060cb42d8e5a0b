// The last WSACleanup while everything goes on: what pends ends, who blocks comes back, and it all begins again.
#include "../extensions/sockets.h"

struct Op : OVERLAPPED {
    WSABUF buffer;
    char bytes[64];
    Op() { memset((OVERLAPPED *)this, 0, sizeof(OVERLAPPED)); buffer.len = 16; buffer.buf = bytes; }
};

static int routines;
static void CALLBACK routine(DWORD error, DWORD, OVERLAPPED *, DWORD)
{
    // Its peer may have gone first.
    CHECK(error == WSA_OPERATION_ABORTED || error == 0);
    ++routines;
}

int main()
{
    for (int round = 0; round < 20; ++round) {
        begin();
        SOCKET client, server, on_port, peer;
        pair(client, server);
        pair(on_port, peer);
        sockaddr_in address;
        SOCKET listener = listening(address), other = listening(address);
        HANDLE port = CreateIoCompletionPort((HANDLE)on_port, NULL, 0, 0);
        Op with_port, with_routine, accepts;
        Op with_event;
        with_event.hEvent = CreateEventA(NULL, TRUE, FALSE, NULL);
        accepts.hEvent = CreateEventA(NULL, TRUE, FALSE, NULL);
        DWORD flags = 0;
        PENDS(WSARecv(on_port, &with_port.buffer, 1, NULL, &flags, &with_port, NULL) == 0);
        PENDS(WSARecv(server, &with_routine.buffer, 1, NULL, &flags, &with_routine, routine) == 0);
        PENDS(WSARecv(server, &with_event.buffer, 1, NULL, &flags, &with_event, NULL) == 0);
        PENDS(AcceptEx(listener, tcp(), accepts.bytes, 0, ROOM, ROOM, NULL, &accepts));
        std::atomic<int> inside(0);
        std::vector<std::thread> threads;
        auto run = [&](auto call) {
            threads.emplace_back([&, call] {
                ++inside;
                call();
            });
        };
        run([&] { char byte; CHECK(recv(client, &byte, 1, 0) <= 0); });
        run([&] { CHECK(accept(other, NULL, NULL) == INVALID_SOCKET); });
        run([&] {
            fd_set set;
            FD_ZERO(&set);
            FD_SET(other, &set);
            select(0, &set, NULL, NULL, NULL);
        });
        run([&] {
            DWORD bytes;
            ULONG_PTR key;
            OVERLAPPED *done = NULL;
            BOOL good = GetQueuedCompletionStatus(port, &bytes, &key, &done, INFINITE);
            CHECK(good ? bytes == 0 : GetLastError() == ERROR_OPERATION_ABORTED);
            CHECK(done == &with_port);
        });
        while (inside < 4) Sleep(0);
        if (round % 2) Sleep(5);
        EQUAL(WSACleanup(), 0);
        for (auto &thread : threads) thread.join();
        EQUAL(WaitForSingleObject(with_event.hEvent, 20000), WAIT_OBJECT_0);
        EQUAL(WaitForSingleObject(accepts.hEvent, 20000), WAIT_OBJECT_0);
        routines = 0;
        EQUAL(SleepEx(20000, TRUE), WAIT_IO_COMPLETION);
        EQUAL(routines, 1);
        EQUAL(closesocket(server), SOCKET_ERROR);
        EQUAL(WSAGetLastError(), WSANOTINITIALISED);
        CloseHandle(with_event.hEvent);
        CloseHandle(accepts.hEvent);
        CloseHandle(port);
        EQUAL(WSACleanup(), SOCKET_ERROR);
    }
    return 0;
}
