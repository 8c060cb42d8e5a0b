// Ports themselves: what is posted from eight threads is taken by four, each packet once and those of a poster in order; a port
// that is closed with packets queued, with threads that wait and with operations pending; more handles for one port.
#include "../extensions/sockets.h"

static const int POSTERS = 8, TAKERS = 4, EACH = 20000;

static void storm(bool many)
{
    HANDLE port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, TAKERS), same = NULL;
    CHECK(DuplicateHandle(GetCurrentProcess(), port, GetCurrentProcess(), &same, 0, FALSE, DUPLICATE_SAME_ACCESS) && same != port);
    std::vector<std::thread> threads, posters;
    std::vector<std::vector<std::pair<int, int>>> got(TAKERS);
    std::atomic<int> left(POSTERS * EACH);
    for (int t = 0; t < TAKERS; ++t)
        threads.emplace_back([&, t] {
            OVERLAPPED_ENTRY entries[16];
            for (;;) {
                ULONG count = 1;
                if (many) CHECK(GetQueuedCompletionStatusEx(t % 2 ? port : same, entries, 16, &count, INFINITE, t == 1));
                else CHECK(GetQueuedCompletionStatus(t % 2 ? port : same, &entries[0].dwNumberOfBytesTransferred, &entries[0].lpCompletionKey, &entries[0].lpOverlapped, INFINITE));
                CHECK(count >= 1 && count <= 16);
                for (ULONG i = 0; i < count; ++i) {
                    if (entries[i].lpCompletionKey == 1000) {
                        // What else was taken along counts; the last word is for the others, too.
                        for (ULONG rest = i + 1; rest < count; ++rest)
                            CHECK(PostQueuedCompletionStatus(port, 0, 1000, NULL) && entries[rest].lpCompletionKey == 1000);
                        return;
                    }
                    CHECK((ULONG_PTR)entries[i].lpOverlapped == entries[i].lpCompletionKey * 7);
                    got[t].emplace_back((int)entries[i].lpCompletionKey, (int)entries[i].dwNumberOfBytesTransferred);
                    --left;
                }
            }
        });
    for (int p = 0; p < POSTERS; ++p)
        posters.emplace_back([&, p] {
            for (int i = 0; i < EACH; ++i) CHECK(PostQueuedCompletionStatus(p % 2 ? port : same, i, p, (OVERLAPPED *)(ULONG_PTR)(p * 7)));
        });
    for (auto &poster : posters) poster.join();
    while (left > 0) Sleep(1);
    for (int t = 0; t < TAKERS; ++t) PostQueuedCompletionStatus(same, 0, 1000, NULL);
    for (auto &thread : threads) thread.join();
    std::vector<std::vector<char>> seen(POSTERS, std::vector<char>(EACH));
    for (auto &mine : got) {
        std::vector<int> last(POSTERS, -1);
        for (auto &[poster, number] : mine) {
            CHECK(!seen[poster][number]);
            seen[poster][number] = 1;
            // In order for whoever takes them.
            CHECK(last[poster] < number);
            last[poster] = number;
        }
    }
    CHECK(CloseHandle(port));
    // The other handle keeps it.
    CHECK(PostQueuedCompletionStatus(same, 1, 2, NULL));
    FAILS(PostQueuedCompletionStatus(port, 1, 2, NULL), ERROR_INVALID_HANDLE);
    CHECK(CloseHandle(same));
    FAILS(CloseHandle(same), ERROR_INVALID_HANDLE);
}

static void closed(int round)
{
    HANDLE port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
    SOCKET client, server;
    pair(client, server);
    CHECK(CreateIoCompletionPort((HANDLE)server, port, 3, 0) == port);
    // One more than there is room for is pending; its memory lives on.
    static char bytes[64];
    static WSABUF buffer = {sizeof bytes, bytes};
    Waited one, other;
    DWORD flags = 0;
    PENDS(WSARecv(server, &buffer, 1, NULL, &flags, &one, NULL) == 0);
    PENDS(WSARecv(server, &buffer, 1, NULL, &flags, &other, NULL) == 0);
    std::atomic<int> back(0);
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i)
        threads.emplace_back([&] {
            OVERLAPPED_ENTRY entries[4];
            ULONG count;
            while (GetQueuedCompletionStatusEx(port, entries, 4, &count, INFINITE, TRUE)) {}
            CHECK(GetLastError() == ERROR_ABANDONED_WAIT_0 || GetLastError() == ERROR_INVALID_HANDLE);
            ++back;
        });
    if (round % 2) Sleep(5);
    for (int i = 0; i < 10; ++i) PostQueuedCompletionStatus(port, 0, i, NULL);
    CHECK(CloseHandle(port));
    for (auto &thread : threads) thread.join();
    DWORD count = 0;
    FAILS(GetQueuedCompletionStatus(port, &count, (ULONG_PTR *)&one.Pointer, (OVERLAPPED **)&one.Pointer, 0), ERROR_INVALID_HANDLE);
    // Nobody is told by packets any more, but the operations end, for who looks at them.
    closesocket(server);
    EQUAL(WaitForSingleObject(one.hEvent, 20000), WAIT_OBJECT_0);
    EQUAL(WaitForSingleObject(other.hEvent, 20000), WAIT_OBJECT_0);
    CHECK(HasOverlappedIoCompleted(&one) && HasOverlappedIoCompleted(&other));
    closesocket(client);
}

// A socket whose port is closed goes on: what is issued on it ends, for who looks at it.
static void goes_on()
{
    HANDLE port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
    SOCKET client, server;
    pair(client, server);
    CHECK(CreateIoCompletionPort((HANDLE)server, port, 3, 0) == port);
    CHECK(CloseHandle(port));
    char bytes[4] = {};
    WSABUF buffer = {4, bytes};
    DWORD flags = 0, count = 0;
    for (int i = 0; i < 2; ++i) {
        Waited op;
        if (i == 1) EQUAL(send(client, "abcd", 4, 0), 4);
        int issued = WSARecv(server, &buffer, 1, NULL, &flags, &op, NULL);
        CHECK(issued == 0 || WSAGetLastError() == WSA_IO_PENDING);
        if (i == 0) EQUAL(send(client, "abcd", 4, 0), 4);
        EQUAL(op.end(server, count), 0);
        EQUAL(count, 4);
    }
    Waited op;
    int issued = WSASend(server, &buffer, 1, NULL, 0, &op, NULL);
    CHECK(issued == 0 || WSAGetLastError() == WSA_IO_PENDING);
    EQUAL(op.end(server, count), 0);
    EQUAL(count, 4);
    closesocket(client);
    closesocket(server);
}

int main()
{
    begin();
    storm(false);
    storm(true);
    for (int round = 0; round < 20; ++round) closed(round);
    goes_on();
    return 0;
}
