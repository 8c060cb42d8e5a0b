// Who waits for a result without an event does nothing meanwhile, gets it when it is there, and of several each gets its own.
#include "../extensions/sockets.h"

#include <time.h>

static double used()
{
    timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return time.tv_sec + time.tv_nsec * 1e-9;
}

struct Op : OVERLAPPED {
    WSABUF buffer;
    char byte;
    Op() { memset((OVERLAPPED *)this, 0, sizeof(OVERLAPPED)); buffer.len = 1; buffer.buf = &byte; }
};

static void receive(SOCKET s, Op &op)
{
    DWORD flags = 0;
    int issued = WSARecv(s, &op.buffer, 1, NULL, &flags, &op, NULL);
    CHECK(issued == 0 || WSAGetLastError() == WSA_IO_PENDING);
}

static void result(SOCKET s, Op &op, char expected)
{
    DWORD bytes = 0, flags = 0;
    CHECK(WSAGetOverlappedResult(s, &op, &bytes, TRUE, &flags));
    EQUAL(bytes, 1);
    EQUAL(op.byte, expected);
}

int main()
{
    begin();
    SOCKET client, server;
    pair(client, server);
    // One has ended before, so whatever tells of ends on this socket has told.
    Op first, second, third;
    receive(server, first);
    send(client, "1", 1, 0);
    result(server, first, '1');
    receive(server, second);
    receive(server, third);
    double before = used();
    std::thread sender([&] {
        Sleep(600);
        EQUAL(send(client, "2", 1, 0), 1);
        Sleep(300);
        EQUAL(send(client, "3", 1, 0), 1);
    });
    std::thread other([&] { result(server, third, '3'); });
    result(server, second, '2');
    other.join();
    sender.join();
    double spent = used() - before;
    if (spent > 0.3) fprintf(stderr, "%g s of the processor\n", spent);
    CHECK(spent < 0.3);
    // Freed at once, while another waits.
    for (int i = 0; i < 500; ++i) {
        Op *one = new Op(), *two = new Op();
        receive(server, *one);
        receive(server, *two);
        std::thread thread([&] {
            result(server, *two, 'b');
            memset((void *)two, 0x55, sizeof *two);
            delete two;
        });
        EQUAL(send(client, "a", 1, 0), 1);
        result(server, *one, 'a');
        memset((void *)one, 0x55, sizeof *one);
        delete one;
        EQUAL(send(client, "b", 1, 0), 1);
        thread.join();
    }
    // Closed while somebody waits.
    Op last;
    receive(server, last);
    std::thread closer([&] {
        Sleep(20);
        closesocket(server);
    });
    DWORD bytes, flags;
    CHECK(!WSAGetOverlappedResult(server, &last, &bytes, TRUE, &flags));
    EQUAL(WSAGetLastError(), WSA_OPERATION_ABORTED);
    closer.join();
    closesocket(client);
    return 0;
}
