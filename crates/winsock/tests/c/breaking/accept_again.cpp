// Accepts with the same few OVERLAPPEDs, used again by whichever thread took the packet, which has closed the connection: none is
// ended by what has become of the socket of the one before.
#include "../extensions/sockets.h"

struct Op : OVERLAPPED {
    SOCKET socket;
    char place[64];
};

static SOCKET listener;
static HANDLE port;
static std::atomic<int> accepted, aborted;
static std::atomic<bool> over;

static void issue(Op *op)
{
    memset((OVERLAPPED *)op, 0, sizeof(OVERLAPPED));
    SOCKET s = op->socket = tcp();
    if (!AcceptEx(listener, s, op->place, 0, ROOM, ROOM, NULL, op)) CHECK(WSAGetLastError() == WSA_IO_PENDING || over);
}

static void work()
{
    for (;;) {
        DWORD bytes;
        ULONG_PTR key;
        OVERLAPPED *done = NULL;
        BOOL good = GetQueuedCompletionStatus(port, &bytes, &key, &done, INFINITE);
        if (!done) return;
        Op *op = (Op *)done;
        closesocket(op->socket);
        if (over) continue;
        ++(good ? accepted : aborted);
        issue(op);
    }
}

int main(int count, char **arguments)
{
    int each = count > 2 ? atoi(arguments[2]) : 1000;
    begin();
    sockaddr_in address;
    listener = listening(address);
    port = CreateIoCompletionPort((HANDLE)listener, NULL, 0, 8);
    static Op ops[4];
    std::vector<std::thread> workers, clients;
    for (int i = 0; i < 4; ++i) workers.emplace_back(work);
    for (auto &op : ops) issue(&op);
    for (int i = 0; i < 3; ++i)
        clients.emplace_back([&] {
            for (int n = 0; n < each; ++n) {
                SOCKET s = tcp();
                linger reset = {1, 0};
                setsockopt(s, SOL_SOCKET, SO_LINGER, (char *)&reset, sizeof reset);
                connect(s, (sockaddr *)&address, sizeof address);
                char byte;
                recv(s, &byte, 1, 0);
                closesocket(s);
            }
        });
    for (auto &client : clients) client.join();
    over = true;
    closesocket(listener);
    for (int i = 0; i < 4; ++i) PostQueuedCompletionStatus(port, 0, 0, NULL);
    for (auto &worker : workers) worker.join();
    CHECK(accepted > 0);
    EQUAL(aborted.load(), 0);
    CloseHandle(port);
    return 0;
}
