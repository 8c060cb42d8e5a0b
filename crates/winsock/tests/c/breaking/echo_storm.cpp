// A server of the usual style, eight workers on one port, and clients that send random lengths, shut down, reset and vanish as it
// comes. Each call that returned 0 or WSA_IO_PENDING makes exactly one packet, any other none; every byte comes back; and what
// belongs to an operation is freed the moment its packet is taken.
#include "../extensions/sockets.h"

#include <mutex>
#include <random>
#include <set>

static const int WORKERS = 8;
static const int PEERS = 4;

struct Session;

// All of an operation in one piece of memory.
struct Op : OVERLAPPED {
    Session *session;
    bool sends;
    WSABUF buffer;
    char bytes[4096];
};

struct Session {
    SOCKET socket;
    std::atomic<int> owners{1};
    bool closed = false;
    std::mutex lock;
};

static HANDLE port;
static std::atomic<long> issued, refused, taken, sessions, served;
static std::mutex lock;
static std::set<OVERLAPPED *> pending;
static std::atomic<bool> over;
// What is done at once makes no packet.
static bool skips;

static void let_go(Session *session)
{
    if (--session->owners) return;
    delete session;
    --sessions;
}

static void close_it(Session *session, bool reset)
{
    std::lock_guard<std::mutex> guard(session->lock);
    if (session->closed) return;
    session->closed = true;
    if (reset) {
        linger how = {1, 0};
        setsockopt(session->socket, SOL_SOCKET, SO_LINGER, (char *)&how, sizeof how);
    }
    EQUAL(closesocket(session->socket), 0);
}

static void ended(Op *op, bool good, DWORD bytes);

static bool issue(Session *session, bool sends, const char *bytes, DWORD length)
{
    Op *op = new Op();
    op->session = session;
    op->sends = sends;
    op->buffer.buf = op->bytes;
    op->buffer.len = sends ? length : (DWORD)sizeof op->bytes;
    if (sends) memcpy(op->bytes, bytes, length);
    ++session->owners;
    {
        std::lock_guard<std::mutex> guard(lock);
        CHECK(pending.insert(op).second);
    }
    DWORD flags = 0, count = 0;
    // The list of buffers is not kept.
    WSABUF *list = new WSABUF(op->buffer);
    int result = sends ? WSASend(session->socket, list, 1, &count, 0, op, NULL)
                       : WSARecv(session->socket, list, 1, &count, &flags, op, NULL);
    int error = result ? WSAGetLastError() : 0;
    list->buf = NULL;
    delete list;
    if (result == 0 && skips) {
        {
            std::lock_guard<std::mutex> guard(lock);
            EQUAL(pending.erase(op), 1);
        }
        ended(op, true, count);
        return true;
    }
    if (result == 0 || error == WSA_IO_PENDING) {
        ++issued;
        return true;
    }
    ++refused;
    CHECK(error == WSAENOTSOCK || error == WSAECONNRESET || error == WSAECONNABORTED || error == WSAESHUTDOWN);
    {
        std::lock_guard<std::mutex> guard(lock);
        EQUAL(pending.erase(op), 1);
    }
    delete op;
    let_go(session);
    return false;
}

static void ended(Op *op, bool good, DWORD bytes)
{
    thread_local std::mt19937 random(1);
    Session *session = op->session;
    EQUAL(op->InternalHigh, bytes);
    CHECK((op->Internal == 0) == good);
    bool sends = op->sends, whole = bytes == op->buffer.len;
    char copy[sizeof op->bytes];
    memcpy(copy, op->bytes, bytes);
    memset((void *)op, 0x55, sizeof *op);
    delete op;
    if (!good || (!sends && bytes == 0)) {
        close_it(session, false);
    } else if (sends) {
        CHECK(whole);
    } else {
        ++served;
        if (random() % 400 == 0) close_it(session, random() % 2);
        else if (!issue(session, true, copy, bytes) || !issue(session, false, NULL, 0)) close_it(session, false);
    }
    let_go(session);
}

static void work()
{
    for (;;) {
        DWORD bytes = 0;
        ULONG_PTR key = 0;
        OVERLAPPED *done = NULL;
        BOOL good = GetQueuedCompletionStatus(port, &bytes, &key, &done, INFINITE);
        if (!done) {
            CHECK(good && key == 99);
            return;
        }
        ++taken;
        {
            std::lock_guard<std::mutex> guard(lock);
            EQUAL(pending.erase(done), 1);
        }
        EQUAL(key, (ULONG_PTR)((Op *)done)->session);
        ended((Op *)done, good != 0, bytes);
    }
}

static void listens(SOCKET listener)
{
    for (;;) {
        SOCKET s = accept(listener, NULL, NULL);
        if (s == INVALID_SOCKET) {
            int error = WSAGetLastError();
            if (error == WSAECONNRESET || error == WSAECONNABORTED) continue;
            CHECK(over);
            return;
        }
        Session *session = new Session();
        session->socket = s;
        ++sessions;
        CHECK(CreateIoCompletionPort((HANDLE)s, port, (ULONG_PTR)session, 0) == port);
        if (skips) CHECK(SetFileCompletionNotificationModes((HANDLE)s, FILE_SKIP_COMPLETION_PORT_ON_SUCCESS));
        if (!issue(session, false, NULL, 0)) close_it(session, false);
        let_go(session);
    }
}

static void peer(sockaddr_in address, unsigned seed, int count)
{
    std::mt19937 random(seed);
    std::vector<char> out(20000), back(20000);
    for (int i = 0; i < count; ++i) {
        SOCKET s = tcp();
        if (connect(s, (sockaddr *)&address, sizeof address)) {
            closesocket(s);
            continue;
        }
        int rounds = random() % 12;
        bool broken = false;
        for (int round = 0; round < rounds && !broken; ++round) {
            int length = 1 + random() % (random() % 4 ? 600 : 20000);
            for (int at = 0; at < length; ++at) out[at] = (char)(at * 7 + round + i);
            if (send(s, out.data(), length, 0) != length) break;
            if (random() % 30 == 0) break;
            int got = 0;
            while (got < length) {
                int now = recv(s, back.data() + got, length - got, 0);
                if (now <= 0) {
                    broken = true;
                    break;
                }
                got += now;
            }
            CHECK(memcmp(out.data(), back.data(), got) == 0);
        }
        unsigned how = random() % 3;
        if (how == 0) {
            linger reset = {1, 0};
            setsockopt(s, SOL_SOCKET, SO_LINGER, (char *)&reset, sizeof reset);
        }
        if (how == 1 && !broken) {
            shutdown(s, SD_SEND);
            while (recv(s, back.data(), (int)back.size(), 0) > 0) {}
        }
        closesocket(s);
    }
}

static void all(int each)
{
    over = false;
    served = 0;
    sockaddr_in address;
    SOCKET listener = listening(address);
    port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
    std::vector<std::thread> workers, peers;
    for (int i = 0; i < WORKERS; ++i) workers.emplace_back(work);
    std::thread acceptor(listens, listener);
    for (int i = 0; i < PEERS; ++i) peers.emplace_back(peer, address, 100 + i, each);
    for (auto &thread : peers) thread.join();
    over = true;
    closesocket(listener);
    acceptor.join();
    // Sessions end by themselves, as all of their peers have gone.
    for (int i = 0; i < 2000 && sessions > 0; ++i) Sleep(10);
    EQUAL(sessions.load(), 0);
    EQUAL(taken.load(), issued.load());
    EQUAL(pending.size(), 0);
    for (int i = 0; i < WORKERS; ++i) CHECK(PostQueuedCompletionStatus(port, 0, 99, NULL));
    for (auto &thread : workers) thread.join();
    DWORD bytes;
    ULONG_PTR key;
    OVERLAPPED *none;
    FAILS(GetQueuedCompletionStatus(port, &bytes, &key, &none, 0), WAIT_TIMEOUT);
    CloseHandle(port);
    CHECK(served > each);
}

int main(int count, char **arguments)
{
    int each = count > 2 ? atoi(arguments[2]) : 40;
    begin();
    all(each);
    skips = true;
    all(each);
    return 0;
}
