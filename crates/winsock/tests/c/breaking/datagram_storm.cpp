// Datagrams on one socket, with receives pending from several threads: each comes once, whole or as much as there was room for,
// with its sender; what a receive had is freed the moment its packet is taken.
#include "../extensions/sockets.h"

struct Op : OVERLAPPED {
    bool sends;
    WSABUF *buffers;
    sockaddr_storage *from;
    int *room;
};

static HANDLE port;
static SOCKET server;
static std::atomic<int> pending, echoed, cut;
static std::atomic<bool> over;

static void gone(Op *op)
{
    for (int i = 0; i < 2; ++i) delete[] op->buffers[i].buf;
    delete[] op->buffers;
    delete op->from;
    delete op->room;
    memset((void *)op, 0x55, sizeof *op);
    delete op;
    --pending;
}

static Op *made(bool sends)
{
    Op *op = new Op();
    op->sends = sends;
    op->buffers = new WSABUF[2];
    for (int i = 0; i < 2; ++i) op->buffers[i] = {(ULONG)(i ? 1000 : 8), new char[i ? 1000 : 8]()};
    op->from = new sockaddr_storage();
    op->room = new int(sizeof *op->from);
    ++pending;
    return op;
}

static void receive()
{
    for (;;) {
        Op *op = made(false);
        DWORD flags = 0;
        int issued = WSARecvFrom(server, op->buffers, 2, NULL, &flags, (sockaddr *)op->from, op->room, op, NULL);
        if (issued == 0 || WSAGetLastError() == WSA_IO_PENDING) return;
        // It is told of here, and nowhere else.
        int error = WSAGetLastError();
        gone(op);
        if (error != WSAEMSGSIZE) {
            CHECK(over);
            return;
        }
        ++cut;
    }
}

static void work()
{
    for (;;) {
        DWORD bytes = 0;
        ULONG_PTR key;
        OVERLAPPED *done = NULL;
        BOOL good = GetQueuedCompletionStatus(port, &bytes, &key, &done, INFINITE);
        DWORD error = good ? 0 : GetLastError();
        if (!done) return;
        Op *op = (Op *)done;
        if (op->sends) {
            CHECK(good || over);
            gone(op);
            continue;
        }
        if (good) {
            EQUAL(*op->room, sizeof(sockaddr_in));
            EQUAL(op->from->ss_family, AF_INET);
            unsigned length;
            memcpy(&length, op->buffers[0].buf, sizeof length);
            EQUAL(bytes, length);
            Op *answer = made(true);
            memcpy(answer->buffers[0].buf, op->buffers[0].buf, 8);
            memcpy(answer->buffers[1].buf, op->buffers[1].buf, bytes - 8);
            answer->buffers[1].len = bytes - 8;
            int sent = WSASendTo(server, answer->buffers, 2, NULL, 0, (sockaddr *)op->from, *op->room, answer, NULL);
            if (sent && WSAGetLastError() != WSA_IO_PENDING) gone(answer);
            else ++echoed;
        } else if (error == ERROR_MORE_DATA) {
            EQUAL(bytes, 1008);
            EQUAL(*op->room, sizeof(sockaddr_in));
            ++cut;
        } else CHECK(over || error == ERROR_PORT_UNREACHABLE || error == ERROR_NETNAME_DELETED);
        gone(op);
        if (!over) receive();
    }
}

static void client(const sockaddr_in &address, int number, int each)
{
    SOCKET s = socket(AF_INET, SOCK_DGRAM, 0);
    DWORD limit = 2000;
    setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, (char *)&limit, sizeof limit);
    EQUAL(connect(s, (sockaddr *)&address, sizeof address), 0);
    char out[2000], back[2000];
    for (int i = 0; i < each; ++i) {
        unsigned length = 8 + (i * 37 + number * 11) % 1000;
        bool large = i % 9 == 8;
        if (large) length = 1500;
        memset(out, i, sizeof out);
        memcpy(out, &length, sizeof length);
        memcpy(out + 4, &i, sizeof i);
        EQUAL(send(s, out, (int)length, 0), (int)length);
        if (large) continue;
        int count = recv(s, back, sizeof back, 0);
        EQUAL(count, (int)length);
        CHECK(memcmp(out, back, length) == 0);
    }
    closesocket(s);
}

int main(int count, char **arguments)
{
    int each = count > 2 ? atoi(arguments[2]) : 600;
    begin();
    server = WSASocketW(AF_INET, SOCK_DGRAM, 0, NULL, 0, WSA_FLAG_OVERLAPPED);
    sockaddr_in address = loopback();
    EQUAL(bind(server, (sockaddr *)&address, sizeof address), 0);
    address = name_of(server);
    port = CreateIoCompletionPort((HANDLE)server, NULL, 0, 4);
    std::vector<std::thread> workers, clients;
    for (int i = 0; i < 16; ++i) receive();
    for (int i = 0; i < 4; ++i) workers.emplace_back(work);
    for (int i = 0; i < 4; ++i) clients.emplace_back([&, i] { client(address, i, each); });
    for (auto &thread : clients) thread.join();
    over = true;
    closesocket(server);
    for (int i = 0; i < 4000 && pending > 0; ++i) Sleep(5);
    EQUAL(pending.load(), 0);
    for (int i = 0; i < 4; ++i) PostQueuedCompletionStatus(port, 0, 0, NULL);
    for (auto &thread : workers) thread.join();
    EQUAL(echoed.load(), 4 * (each - each / 9));
    EQUAL(cut.load(), 4 * (each / 9));
    CloseHandle(port);
    return 0;
}
