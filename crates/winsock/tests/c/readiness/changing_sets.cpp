// Threads that wait for sockets which others make, renew and close meanwhile: each call is answered, or refused because a socket is
// gone. One in several sets, and twice in one, counts each time.
#define FD_SETSIZE 256
#include "../sockets/check.h"
#include <atomic>

static const int PLACES = 40;
static std::atomic<SOCKET> places[PLACES];
static std::atomic<int> changing;
// Has something to read, which nobody takes.
static SOCKET full;

static DWORD WINAPI change(void *)
{
    for (int turn = 0; turn < 300; ++turn) {
        SOCKET client, server;
        pair(&client, &server);
        if (turn % 4 == 0) {
            // The number goes on to name it, with another socket of the system.
            DONE(closesocket(server));
            CHECK(TransmitFile(client, NULL, 0, 0, NULL, NULL, TF_DISCONNECT | TF_REUSE_SOCKET));
            server = made(AF_INET, SOCK_DGRAM);
        }
        SOCKET before = places[turn % PLACES].exchange(client);
        DONE(closesocket(before));
        before = places[(turn + 7) % PLACES].exchange(server);
        DONE(closesocket(before));
    }
    --changing;
    return 0;
}

static int look(bool waits)
{
    fd_set read, write;
    FD_ZERO(&read);
    FD_ZERO(&write);
    for (auto &place : places) {
        SOCKET s = place;
        FD_SET(s, &read);
        FD_SET(s, &write);
    }
    // Twice, and last.
    read.fd_array[read.fd_count++] = full;
    read.fd_array[read.fd_count++] = full;
    FD_SET(full, &write);
    timeval now = { 0, 0 };
    int ready = select(0, &read, &write, NULL, waits ? NULL : &now);
    if (ready == SOCKET_ERROR) {
        EQUAL(WSAGetLastError(), WSAENOTSOCK);
        return 0;
    }
    CHECK(read.fd_count >= 2 && read.fd_array[read.fd_count - 1] == full && read.fd_array[read.fd_count - 2] == full);
    CHECK(FD_ISSET(full, &write));
    EQUAL(ready, (int)(read.fd_count + write.fd_count));
    return 1;
}

static DWORD WINAPI select_all(void *)
{
    for (int turn = 0; changing > 0; ++turn) look(turn % 2);
    CHECK(look(true));
    return 0;
}

static DWORD WINAPI poll_all(void *)
{
    do {
        WSAPOLLFD entries[PLACES + 1];
        for (int i = 0; i < PLACES; ++i) entries[i] = { places[i], POLLRDNORM | POLLWRNORM, 0 };
        entries[PLACES] = { full, POLLRDNORM, 0 };
        CHECK(WSAPoll(entries, PLACES + 1, -1) >= 1);
        EQUAL(entries[PLACES].revents, POLLRDNORM);
    } while (changing > 0);
    return 0;
}

int main()
{
    begin();
    SOCKET peer;
    pair(&peer, &full);
    EQUAL(send(peer, "x", 1, 0), 1);
    fd_set read;
    FD_ZERO(&read);
    FD_SET(full, &read);
    EQUAL(select(0, &read, NULL, NULL, NULL), 1);
    for (auto &place : places) place = made(AF_INET, SOCK_DGRAM);
    changing = 2;
    HANDLE threads[5];
    LPTHREAD_START_ROUTINE what[5] = { change, change, select_all, select_all, poll_all };
    for (int i = 0; i < 5; ++i) threads[i] = start(what[i], NULL);
    for (HANDLE thread : threads) EQUAL(end(thread), 0u);
    return 0;
}
