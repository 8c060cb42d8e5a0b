// Sockets are closed by other threads while operations of every kind pend on them and threads block in them. Each operation ends
// once, each thread comes back, and what an operation had is freed as soon as it has ended.
#include "../extensions/sockets.h"

#include <fcntl.h>
#include <unistd.h>

struct Op : OVERLAPPED {
    std::atomic<int> *left;
    char *bytes;
};

static Op *made(std::atomic<int> &left)
{
    Op *op = new Op();
    op->left = &left;
    op->bytes = new char[256]();
    ++left;
    return op;
}

static void gone(OVERLAPPED *done)
{
    Op *op = (Op *)done;
    CHECK(op->Internal != STATUS_PENDING);
    std::atomic<int> *left = op->left;
    delete[] op->bytes;
    memset((void *)(OVERLAPPED *)op, 0x55, sizeof(OVERLAPPED));
    delete op;
    CHECK(--*left >= 0);
}

static void CALLBACK routine(DWORD, DWORD, OVERLAPPED *it, DWORD) { gone(it); }

static bool stands(BOOL result)
{
    if (result || WSAGetLastError() == WSA_IO_PENDING) return true;
    int error = WSAGetLastError();
    CHECK(error == WSAENOTSOCK || error == WSAENOTCONN || error == WSAECONNRESET || error == WSAESHUTDOWN || error == WSAECONNABORTED || error == WSAEINVAL ||
          error == WSA_OPERATION_ABORTED || error == WSAEISCONN || error == ERROR_INVALID_HANDLE);
    return false;
}

static void on_port(int round, HANDLE file)
{
    SOCKET client, server;
    pair(client, server);
    sockaddr_in address;
    SOCKET listener = listening(address), accepted = tcp(), connector = bound();
    // Nobody answers there: its queue of connections is full, or it does not listen.
    HANDLE port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
    for (SOCKET s : {client, server, listener, connector}) CHECK(CreateIoCompletionPort((HANDLE)s, port, s, 0));
    std::atomic<int> left(0);
    std::atomic<bool> issued(false);
    std::thread issuer([&] {
        auto take = [](bool good, Op *op) {
            if (!good) gone((op->Internal = 0, op));
        };
        for (int i = 0; i < 3; ++i) {
            Op *op = made(left);
            WSABUF buffer = {256, op->bytes};
            DWORD flags = 0;
            take(stands(WSARecv(server, &buffer, 1, NULL, &flags, op, NULL) == 0), op);
        }
        for (int i = 0; i < 3; ++i) {
            Op *op = made(left);
            WSABUF buffer = {256, op->bytes};
            take(stands(WSASend(client, &buffer, 1, NULL, 0, op, NULL) == 0), op);
        }
        Op *op = made(left);
        take(stands(AcceptEx(listener, accepted, op->bytes, round % 2 ? 32 : 0, ROOM, ROOM, NULL, op)), op);
        op = made(left);
        take(stands(connect_ex(connector, (sockaddr *)&address, sizeof address, op->bytes, round % 3 ? 16 : 0, NULL, op)), op);
        op = made(left);
        take(stands(TransmitFile(server, file, 0, 0, op, NULL, round % 2 ? TF_DISCONNECT : 0)), op);
        op = made(left);
        take(stands(disconnect_ex(client, op, round % 2 ? TF_REUSE_SOCKET : 0, 0)), op);
        issued = true;
    });
    std::thread closer([&] {
        if (round % 4) Sleep(round % 3);
        SOCKET all[] = {server, listener, accepted, client, connector};
        for (int i = 0; i < 5; ++i) EQUAL(closesocket(all[(i + round) % 5]), 0);
    });
    std::vector<std::thread> takers;
    for (int i = 0; i < 2; ++i)
        takers.emplace_back([&] {
            for (;;) {
                DWORD bytes;
                ULONG_PTR key;
                OVERLAPPED *done = NULL;
                GetQueuedCompletionStatus(port, &bytes, &key, &done, INFINITE);
                if (!done) return;
                gone(done);
            }
        });
    issuer.join();
    closer.join();
    for (int i = 0; i < 2000 && left > 0; ++i) Sleep(5);
    EQUAL(left.load(), 0);
    CloseHandle(port);
    for (auto &taker : takers) taker.join();
}

// With routines: their thread takes them while others close.
static void with_routines(int round)
{
    SOCKET client, server;
    pair(client, server);
    std::atomic<int> left(0);
    for (int i = 0; i < 4; ++i) {
        Op *op = made(left);
        WSABUF buffer = {256, op->bytes};
        DWORD flags = 0;
        FAILS(WSARecv(server, &buffer, 1, NULL, &flags, op, routine) == 0, WSA_IO_PENDING);
    }
    std::thread closer([&] {
        if (round % 2) send(client, "x", 1, 0);
        closesocket(round % 3 ? server : client);
    });
    while (left > 0) EQUAL(SleepEx(20000, TRUE), WAIT_IO_COMPLETION);
    closer.join();
    closesocket(round % 3 ? client : server);
}

// Threads that block.
static void blocked(int round)
{
    SOCKET client, server;
    pair(client, server);
    sockaddr_in address;
    SOCKET listener = listening(address);
    std::vector<std::thread> threads;
    std::atomic<int> inside(0), back(0);
    auto run = [&](auto call) {
        threads.emplace_back([&, call] {
            ++inside;
            call();
            ++back;
        });
    };
    auto failed = [](bool what) {
        if (what) {
            int error = WSAGetLastError();
            CHECK(error == WSAEINTR || error == WSAENOTSOCK || error == WSAECONNABORTED || error == WSAECONNRESET || error == WSAESHUTDOWN);
        }
    };
    for (int i = 0; i < 2; ++i) run([&] {
        char byte;
        int count = recv(server, &byte, 1, 0);
        failed(count < 0);
    });
    run([&] { failed(accept(listener, NULL, NULL) == INVALID_SOCKET); });
    run([&] {
        fd_set set;
        FD_ZERO(&set);
        FD_SET(server, &set);
        FD_SET(listener, &set);
        int count = select(0, &set, NULL, NULL, NULL);
        failed(count < 0);
    });
    run([&] {
        std::vector<char> much(8 << 20);
        failed(send(client, much.data(), (int)much.size(), 0) < 0);
    });
    run([&] {
        WSABUF buffer;
        char byte;
        buffer.buf = &byte;
        buffer.len = 1;
        DWORD bytes, flags = 0;
        failed(WSARecv(client, &buffer, 1, &bytes, &flags, NULL, NULL) != 0);
    });
    while (inside < 6) Sleep(0);
    if (round % 3) Sleep(round % 3 * 5);
    closesocket(server);
    closesocket(listener);
    closesocket(client);
    for (int i = 0; i < 2000 && back < 6; ++i) Sleep(5);
    EQUAL(back.load(), 6);
    for (auto &thread : threads) thread.join();
}

int main(int count, char **arguments)
{
    std::string name = (count > 1 ? std::string(arguments[1]) : ".") + "/close_storm_file";
    int file = open(name.c_str(), O_CREAT | O_WRONLY | O_TRUNC, 0600);
    std::vector<char> much(3 << 20, 'f');
    EQUAL(write(file, much.data(), much.size()), much.size());
    close(file);
    begin();
    HANDLE handle = CreateFileA(name.c_str(), GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    CHECK(handle != INVALID_HANDLE_VALUE);
    int before = 0;
    for (int round = 0; round < 60; ++round) {
        if (round == 10) before = descriptors();
        on_port(round, handle);
        with_routines(round);
        if (round % 3 == 0) blocked(round / 3);
    }
    CloseHandle(handle);
    CHECK(descriptors() <= before + 4);
    return 0;
}
