// What runs in select and WSAPoll while they block, and that they go on: APCs of other threads, routines, timers; exceptions
// pass through them.
#include "../sockets/check.h"

static SOCKET client, server;
static int ran;

static int wait_with(int which, int milliseconds)
{
    if (which) {
        WSAPOLLFD entry = { server, POLLRDNORM, 0 };
        return WSAPoll(&entry, 1, milliseconds);
    }
    fd_set read;
    FD_ZERO(&read);
    FD_SET(server, &read);
    timeval time = { milliseconds / 1000, milliseconds % 1000 * 1000 };
    return select(0, &read, NULL, NULL, milliseconds < 0 ? NULL : &time);
}

static void CALLBACK counts(ULONG_PTR) { ++ran; }
static void CALLBACK sends(ULONG_PTR) { EQUAL(send(client, "x", 1, 0), 1); }
static void CALLBACK throws(ULONG_PTR) { throw 5; }
static void CALLBACK due(LPVOID, DWORD, DWORD) { EQUAL(send(client, "x", 1, 0), 1); }

static DWORD WINAPI queues(void *thread)
{
    Sleep(20);
    CHECK(QueueUserAPC(counts, (HANDLE)thread, 0));
    CHECK(QueueUserAPC(sends, (HANDLE)thread, 0));
    return 0;
}

static WSAOVERLAPPED overlapped;
static char got[8];
static void CALLBACK received(DWORD error, DWORD bytes, LPWSAOVERLAPPED, DWORD)
{
    CHECK(error == 0 && bytes == 2);
    EQUAL(send(client, "x", 1, 0), 1);
}
static DWORD WINAPI feeds(void *socket)
{
    Sleep(20);
    EQUAL(send((SOCKET)socket, "ab", 2, 0), 2);
    return 0;
}

static void take()
{
    char one;
    EQUAL(recv(server, &one, 1, 0), 1);
}

int main()
{
    begin();
    pair(&client, &server);
    HANDLE self;
    CHECK(DuplicateHandle(GetCurrentProcess(), GetCurrentThread(), GetCurrentProcess(), &self, 0, FALSE, DUPLICATE_SAME_ACCESS));
    SOCKET feeder, fed;
    pair(&feeder, &fed);
    for (int which = 0; which < 2; ++which) {
        HANDLE thread = start(queues, self);
        ran = 0;
        EQUAL(wait_with(which, -1), 1);
        EQUAL(ran, 1);
        take();
        end(thread);

        WSABUF buffer = { sizeof got, got };
        DWORD flags = 0;
        memset(&overlapped, 0, sizeof overlapped);
        REFUSED(WSARecv(fed, &buffer, 1, NULL, &flags, &overlapped, received), WSA_IO_PENDING);
        thread = start(feeds, (void *)feeder);
        EQUAL(wait_with(which, -1), 1);
        take();
        end(thread);

        HANDLE timer = CreateWaitableTimerW(NULL, FALSE, NULL);
        LARGE_INTEGER time;
        time.QuadPart = -200000;
        CHECK(SetWaitableTimer(timer, &time, 0, due, NULL, FALSE));
        EQUAL(wait_with(which, -1), 1);
        take();
        CHECK(CloseHandle(timer));

        // The time is over all the same.
        CHECK(QueueUserAPC(counts, self, 0));
        EQUAL(wait_with(which, 20), 0);
        EQUAL(ran, 2);

        int caught = 0;
        CHECK(QueueUserAPC(throws, self, 0));
        try {
            wait_with(which, -1);
        } catch (int number) {
            caught = number;
        }
        EQUAL(caught, 5);
        EQUAL(send(client, "x", 1, 0), 1);
        EQUAL(wait_with(which, -1), 1);
        take();
    }
    return 0;
}
