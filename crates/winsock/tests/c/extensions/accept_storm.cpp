// Accepts, connects, closes and cancels on several threads at once, in any order: each accept is told exactly once, and nothing is left.
#include "sockets.h"

static const int ROUNDS = 60;
static const int MANY = 16;

struct Pending : OVERLAPPED {
    SOCKET socket;
    std::atomic<int> told;
    char buffer[128];
};

static void round(int number)
{
    sockaddr_in address;
    SOCKET listener = listening(address);
    HANDLE port = CreateIoCompletionPort((HANDLE)listener, NULL, 1, 0);
    std::vector<Pending> all(MANY);
    std::atomic<int> pending(0), told(0);
    std::atomic<bool> issued(false);
    for (auto &each : all) {
        memset((OVERLAPPED *)&each, 0, sizeof(OVERLAPPED));
        each.socket = tcp();
        each.told = 0;
    }
    std::vector<std::thread> threads;
    threads.emplace_back([&] {
        for (int i = 0; i < MANY; ++i) {
            Pending &each = all[i];
            if (AcceptEx(listener, each.socket, each.buffer, i % 2 ? 32 : 0, ROOM, ROOM, NULL, &each) || WSAGetLastError() == WSA_IO_PENDING) ++pending;
            else CHECK(WSAGetLastError() == WSAENOTSOCK);
        }
        issued = true;
    });
    threads.emplace_back([&] {
        for (int i = 0; i < MANY; ++i) {
            SOCKET client = tcp();
            if (!connect(client, (sockaddr *)&address, sizeof address)) {
                if (i % 3 == 0) send(client, "data", 4, 0);
                if (i % 3 == 1) Sleep(1);
            }
            closesocket(client);
        }
    });
    threads.emplace_back([&] {
        for (int i = 0; i < MANY; ++i) {
            if ((i + number) % 3 == 0) closesocket(all[i].socket);
            if ((i + number) % 3 == 1) CancelIoEx((HANDLE)listener, &all[i]);
        }
    });
    for (int i = 0; i < 2; ++i)
        threads.emplace_back([&] {
            for (;;) {
                DWORD bytes;
                ULONG_PTR key;
                OVERLAPPED *done = NULL;
                GetQueuedCompletionStatus(port, &bytes, &key, &done, INFINITE);
                if (!done) return;
                EQUAL(((Pending *)done)->told.fetch_add(1), 0);
                ++told;
            }
        });
    if (number % 2) {
        // In the middle of it all.
        Sleep(number % 5);
        closesocket(listener);
    }
    threads[0].join();
    threads[1].join();
    threads[2].join();
    if (number % 2 == 0) closesocket(listener);
    CHECK(issued);
    while (told < pending) Sleep(1);
    PostQueuedCompletionStatus(port, 0, 0, NULL);
    PostQueuedCompletionStatus(port, 0, 0, NULL);
    threads[3].join();
    threads[4].join();
    EQUAL(told.load(), pending.load());
    for (int i = 0; i < MANY; ++i)
        if ((i + number) % 3 != 0) closesocket(all[i].socket);
    CloseHandle(port);
}

int main()
{
    begin();
    int before = 0;
    for (int number = 0; number < ROUNDS; ++number) {
        if (number == 10) before = descriptors();
        round(number);
    }
    CHECK(descriptors() <= before + 4);
    return 0;
}
