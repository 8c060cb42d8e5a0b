// What routines do: close their own socket, free their session, issue on others, wait alertably inside, and throw, out of every
// kind of wait.
#include "../extensions/sockets.h"

struct Session : OVERLAPPED {
    SOCKET socket;
    WSABUF buffer;
    char bytes[64];
    void (*does)(Session *, DWORD error, DWORD bytes);
};

static int ran, depth, deepest;

static void CALLBACK routine(DWORD error, DWORD bytes, OVERLAPPED *it, DWORD)
{
    ++ran;
    ((Session *)it)->does((Session *)it, error, bytes);
}

static Session *receiving(SOCKET s, void (*does)(Session *, DWORD, DWORD))
{
    Session *session = new Session();
    session->socket = s;
    session->buffer = {sizeof session->bytes, session->bytes};
    session->does = does;
    DWORD flags = 0;
    int issued = WSARecv(s, &session->buffer, 1, NULL, &flags, session, routine);
    CHECK(issued == 0 || WSAGetLastError() == WSA_IO_PENDING);
    return session;
}

static void frees(Session *session, DWORD, DWORD)
{
    memset((void *)session, 0x55, sizeof *session);
    delete session;
}

static void closes(Session *session, DWORD, DWORD)
{
    EQUAL(closesocket(session->socket), 0);
    frees(session, 0, 0);
}

// With more of the same socket pending, the routines of which run in turn.
static void closing()
{
    for (int round = 0; round < 50; ++round) {
        SOCKET client, server;
        pair(client, server);
        receiving(server, closes);
        for (int i = 0; i < 4; ++i) receiving(server, frees);
        ran = 0;
        EQUAL(send(client, "x", 1, 0), 1);
        while (ran < 5) EQUAL(SleepEx(20000, TRUE), WAIT_IO_COMPLETION);
        EQUAL(SleepEx(0, TRUE), 0);
        closesocket(client);
    }
}

static SOCKET elsewhere;

static void nests(Session *session, DWORD, DWORD)
{
    deepest = ++depth > deepest ? depth : deepest;
    frees(session, 0, 0);
    receiving(elsewhere, frees);
    if (depth < 12) SleepEx(0, TRUE);
    --depth;
}

static void nesting()
{
    SOCKET client, server, other;
    pair(client, server);
    pair(elsewhere, other);
    for (int i = 0; i < 30; ++i) receiving(server, nests);
    std::vector<char> bytes(64 * 30);
    EQUAL(send(client, bytes.data(), (int)bytes.size(), 0), (int)bytes.size());
    EQUAL(send(other, bytes.data(), (int)bytes.size(), 0), (int)bytes.size());
    ran = 0;
    // Whatever is left ends with the sockets.
    while (ran < 30) EQUAL(SleepEx(20000, TRUE), WAIT_IO_COMPLETION);
    closesocket(client);
    closesocket(other);
    closesocket(server);
    closesocket(elsewhere);
    while (ran < 60) EQUAL(SleepEx(20000, TRUE), WAIT_IO_COMPLETION);
    EQUAL(SleepEx(0, TRUE), 0);
}

static void throws(Session *session, DWORD, DWORD)
{
    closesocket(session->socket);
    frees(session, 0, 0);
    throw 9;
}

template <class W> static void thrown(W wait)
{
    SOCKET client, server;
    pair(client, server);
    receiving(server, throws);
    receiving(server, frees);
    std::thread sender([client] {
        Sleep(5);
        EQUAL(send(client, "x", 1, 0), 1);
    });
    bool caught = false;
    ran = 0;
    try {
        wait();
    } catch (int value) {
        caught = value == 9;
    }
    CHECK(caught);
    sender.join();
    while (ran < 2) EQUAL(SleepEx(20000, TRUE), WAIT_IO_COMPLETION);
    closesocket(client);
}

static void throwing()
{
    HANDLE event = CreateEventA(NULL, TRUE, FALSE, NULL), port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
    SOCKET client, server;
    sockaddr_in address;
    SOCKET listener = listening(address);
    pair(client, server);
    static char much[32 << 20];
    for (int round = 0; round < 5; ++round) {
        thrown([&] { SleepEx(20000, TRUE); });
        thrown([&] { WaitForSingleObjectEx(event, 20000, TRUE); });
        thrown([&] { WSAWaitForMultipleEvents(1, &event, FALSE, 20000, TRUE); });
        thrown([&] {
            HANDLE both[2] = {event, port};
            WaitForMultipleObjectsEx(1, both, TRUE, 20000, TRUE);
        });
        thrown([&] {
            OVERLAPPED_ENTRY entry;
            ULONG count;
            GetQueuedCompletionStatusEx(port, &entry, 1, &count, 20000, TRUE);
        });
        thrown([&] {
            char byte;
            recv(server, &byte, 1, 0);
        });
        thrown([&] { accept(listener, NULL, NULL); });
        thrown([&] {
            fd_set set;
            FD_ZERO(&set);
            FD_SET(server, &set);
            select(0, &set, NULL, NULL, NULL);
        });
        thrown([&] {
            WSAPOLLFD entry = {server, POLLRDNORM, 0};
            WSAPoll(&entry, 1, 20000);
        });
    }
    thrown([&] { send(client, much, sizeof much, 0); });
    // All of them are as before.
    EQUAL(send(server, "y", 1, 0), 1);
    char byte = 0;
    EQUAL(recv(client, &byte, 1, 0), 1);
    EQUAL(byte, 'y');
    SOCKET another = connected(address);
    CHECK(accept(listener, NULL, NULL) != INVALID_SOCKET);
    closesocket(another);
    CHECK(PostQueuedCompletionStatus(port, 1, 2, NULL));
    DWORD bytes;
    ULONG_PTR key;
    OVERLAPPED *none;
    CHECK(GetQueuedCompletionStatus(port, &bytes, &key, &none, 20000) && key == 2);
    closesocket(client);
    closesocket(server);
    closesocket(listener);
    CloseHandle(port);
    CloseHandle(event);
}

int main()
{
    begin();
    closing();
    nesting();
    throwing();
    WSACleanup();
    return 0;
}
