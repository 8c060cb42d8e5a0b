// What textbooks say of the models, as figures of the C face and of Wine from one source (docs/performance.md):
//
//     cargo build --release
//     target/release/overlapped cc -O2 crates/winsock/benches/claims.cpp -o target/claims
//     x86_64-w64-mingw32-g++ -O2 -static crates/winsock/benches/claims.cpp -o target/claims.exe -lws2_32
//     ulimit -Sn 8192; .ci/wine/run --end
//     taskset -c 0 target/claims
//     taskset -c 0 .ci/wine/run target/claims.exe
//
// Everything is on one processor, Wine's own server too, if the program starts it: so the time is what all of them use together. A
// line for each figure: nanoseconds, the median of many short rounds, and the lowest and the highest of them.
//
//     claims [MILLISECONDS [NAME]]   how long a round is, 30 if it is not said; only figures whose names begin so
//
//     select, 1 of 60 ready          one call; the set is a copy of another, or made anew with FD_SET
//     routine, 1 of 60               a message of 100 bytes to one of 60 sessions, sent and taken by the one thread
//     event, there and back, 500 on 8   one that is sent by another thread and comes back, where 8 threads have 500 sessions

#define FD_SETSIZE 1024
#include <winsock2.h>
#include <ws2tcpip.h>
#include <windows.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#pragma comment(lib, "ws2_32.lib")

static const int SESSIONS = 1000;
static const int LENGTH = 100;
// What a thread of the event model can wait for.
static const int EACH = WSA_MAXIMUM_WAIT_EVENTS - 1;
static const int ROUNDS = 15;

struct Session
{
    // First, so that who is told of an OVERLAPPED has the session.
    WSAOVERLAPPED overlapped;
    SOCKET server, client;
    WSAEVENT event;
    char buffer[LENGTH];
};

static Session sessions[SESSIONS];
static HANDLE port;
static double roundNs = 30e6;
static std::string only;

static void Fail(const char* what)
{
    fprintf(stderr, "%s: error %d\n", what, WSAGetLastError());
    exit(1);
}

// Everything that is asked for, in as many pieces as it comes.
static void ReadAll(SOCKET socket, char* buffer)
{
    for (int got = 0; got < LENGTH;)
    {
        int bytes = recv(socket, buffer + got, LENGTH - got, 0);
        if (bytes <= 0)
            Fail("recv");
        got += bytes;
    }
}

static void WriteAll(SOCKET socket, const char* buffer)
{
    if (send(socket, buffer, LENGTH, 0) != LENGTH)
        Fail("send");
}

static void ConnectAll()
{
    SOCKET listener = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int length = sizeof address, on = 1;
    if (bind(listener, (sockaddr*)&address, sizeof address) != 0 || listen(listener, 5) != 0 ||
        getsockname(listener, (sockaddr*)&address, &length) != 0)
        Fail("listen");
    for (Session& session : sessions)
    {
        session.client = socket(AF_INET, SOCK_STREAM, 0);
        if (session.client == INVALID_SOCKET || connect(session.client, (sockaddr*)&address, sizeof address) != 0)
            Fail("connect");
        session.server = accept(listener, NULL, NULL);
        if (session.server == INVALID_SOCKET)
            Fail("accept");
        setsockopt(session.client, IPPROTO_TCP, TCP_NODELAY, (char*)&on, sizeof on);
        setsockopt(session.server, IPPROTO_TCP, TCP_NODELAY, (char*)&on, sizeof on);
        session.event = WSACreateEvent();
    }
    closesocket(listener);
}

// Nanoseconds a turn, over rounds; a turn may be several of what is told of.
template <class Turn>
static void Figure(const std::string& name, double parts, Turn turn)
{
    using Clock = std::chrono::steady_clock;
    if (name.compare(0, only.size(), only) != 0)
        return;
    std::vector<double> costs;
    for (int round = 0; round <= ROUNDS; round++)
    {
        long turns = 0;
        double passed = 0;
        for (Clock::time_point begin = Clock::now(); passed < roundNs;)
        {
            // A look at the clock should not count.
            for (int i = 0; i < (parts > 1 ? 1 : 16); i++, turns++)
                turn();
            passed = std::chrono::duration<double, std::nano>(Clock::now() - begin).count();
        }
        // The first warms up.
        if (round > 0)
            costs.push_back(passed / turns / parts);
    }
    std::sort(costs.begin(), costs.end());
    printf("%-32s %9.0f ns (%.0f to %.0f)\n", name.c_str(), costs[costs.size() / 2], costs.front(), costs.back());
    fflush(stdout);
}

// ---- select: sockets of which some have something to read, which nobody takes

static void Select(int count, int ready)
{
    char message[LENGTH] = {};
    for (int i = count - ready; i < count; i++)
        WriteAll(sessions[i].client, message);
    std::string name = "select, " + std::to_string(ready) + " of " + std::to_string(count) + " ready";
    static fd_set all, set;
    FD_ZERO(&all);
    for (int i = 0; i < count; i++)
        FD_SET(sessions[i].server, &all);
    auto call = [&] {
        if (select(0, &set, NULL, NULL, NULL) != ready || !FD_ISSET(sessions[count - 1].server, &set))
            Fail("select");
    };
    Figure(name + ", set copied", 1, [&] {
        set = all;
        call();
    });
    Figure(name + ", set anew", 1, [&] {
        FD_ZERO(&set);
        for (int i = 0; i < count; i++)
            FD_SET(sessions[i].server, &set);
        call();
    });
    for (int i = count - ready; i < count; i++)
        ReadAll(sessions[i].server, message);
}

// ---- messages: taken by each model, and answered if they ask for it

// What a message begins with; after the last one of a session nothing is received on it.
static const char TELL = 't', ASK = 'a', LAST = 'l';

// Of the thread: sessions that go on, and messages so far.
static thread_local int left, taken;
static thread_local std::vector<WSAEVENT> events;
static thread_local std::vector<Session*> of;

// Whether the session goes on.
static bool Take(Session& session)
{
    taken++;
    if (session.buffer[0] == ASK)
        WriteAll(session.server, session.buffer);
    if (session.buffer[0] != LAST)
        return true;
    left--;
    return false;
}

static void Receive(Session& session, WSAEVENT event, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    WSABUF buffer = {LENGTH, session.buffer};
    DWORD flags = 0;
    session.overlapped = {};
    session.overlapped.hEvent = event;
    if (WSARecv(session.server, &buffer, 1, NULL, &flags, &session.overlapped, routine) != 0 &&
        WSAGetLastError() != WSA_IO_PENDING)
        Fail("WSARecv");
}

// A model: how a session begins, and one wait with what comes of it.
struct Model
{
    const char* name;
    void (*begin)(Session&);
    void (*wait)();
};

static void CALLBACK Received(DWORD error, DWORD bytes, LPWSAOVERLAPPED overlapped, DWORD)
{
    Session& session = *(Session*)overlapped;
    if (error != 0 || bytes != LENGTH)
        Fail("a routine");
    if (Take(session))
        Receive(session, NULL, Received);
}

static const Model ROUTINE = {
    "routine",
    [](Session& session) { Receive(session, NULL, Received); },
    [] { SleepEx(INFINITE, TRUE); },
};

static const Model EVENT = {
    "event",
    [](Session& session) {
        Receive(session, session.event, NULL);
        events.push_back(session.event);
        of.push_back(&session);
    },
    [] {
        DWORD at = WSAWaitForMultipleEvents((DWORD)events.size(), events.data(), FALSE, WSA_INFINITE, FALSE);
        if (at >= events.size())
            Fail("WSAWaitForMultipleEvents");
        Session& session = *of[at];
        DWORD bytes = 0, flags = 0;
        WSAResetEvent(session.event);
        if (!WSAGetOverlappedResult(session.server, &session.overlapped, &bytes, FALSE, &flags) || bytes != LENGTH)
            Fail("WSAGetOverlappedResult");
        if (Take(session))
            Receive(session, session.event, NULL);
        else
        {
            events.erase(events.begin() + at);
            of.erase(of.begin() + at);
        }
    },
};

static const Model PORT = {
    "port",
    [](Session& session) { Receive(session, NULL, NULL); },
    [] {
        DWORD bytes;
        ULONG_PTR key;
        LPOVERLAPPED overlapped;
        if (!GetQueuedCompletionStatus(port, &bytes, &key, &overlapped, INFINITE) || bytes != LENGTH)
            Fail("GetQueuedCompletionStatus");
        Session& session = *(Session*)overlapped;
        if (Take(session))
            Receive(session, NULL, NULL);
    },
};

// To each of so many sessions, from one on.
static void Send(char kind, int from, int many, int count)
{
    char message[LENGTH] = {kind};
    for (int i = 0; i < many; i++)
        WriteAll(sessions[(from + i) % count].client, message);
}

// One thread sends and takes.
static void OneThread(const Model& model, int count, int atOnce)
{
    int next = 0;
    left = count;
    taken = 0;
    for (int i = 0; i < count; i++)
        model.begin(sessions[i]);
    std::string name = std::string(model.name) + ", " + std::to_string(atOnce) + " of " + std::to_string(count);
    Figure(name, atOnce, [&] {
        int goal = taken + atOnce;
        Send(TELL, next, atOnce, count);
        while (taken < goal)
            model.wait();
        next = (next + 7) % count;
    });
    Send(LAST, 0, count, count);
    while (left > 0)
        model.wait();
}

struct Part
{
    const Model& model;
    Session* sessions;
    int count;
};

static DWORD WINAPI Serve(void* argument)
{
    Part& part = *(Part*)argument;
    left = part.count;
    for (int i = 0; i < part.count; i++)
        part.model.begin(part.sessions[i]);
    while (left > 0)
        part.model.wait();
    return 0;
}

// So many threads take and answer, another one sends and waits for the answer.
static void Threads(const Model& model, int count, int threads)
{
    std::vector<Part> parts;
    std::vector<HANDLE> running;
    for (int i = 0, begin = 0; i < threads; i++)
    {
        int many = count / threads + (i < count % threads);
        parts.push_back({model, sessions + begin, many});
        begin += many;
    }
    for (Part& part : parts)
        running.push_back(CreateThread(NULL, 0, Serve, &part, 0, NULL));
    int next = 0;
    char back[LENGTH];
    Figure(std::string(model.name) + ", there and back, " + std::to_string(count) + " on " + std::to_string(threads), 1, [&] {
        Send(ASK, next, 1, count);
        ReadAll(sessions[next].client, back);
        // Mostly a session of another thread.
        next = (next + 67) % count;
    });
    Send(LAST, 0, count, count);
    for (HANDLE thread : running)
    {
        WaitForSingleObject(thread, INFINITE);
        CloseHandle(thread);
    }
}

static void Messages(const Model& model)
{
    // First: who has taken from a port belongs to it, also while it waits for an answer.
    for (int count : {1, 60, 500})
        Threads(model, count, &model == &EVENT ? (count + EACH - 1) / EACH : 1);
    for (int count : {1, 60, 500})
    {
        if (&model == &EVENT && count > EACH)
            continue;
        OneThread(model, count, 1);
        if (count > 1)
            OneThread(model, count, count);
    }
}

int main(int argc, char** argv)
{
    if (argc > 1)
        roundNs = atof(argv[1]) * 1e6;
    if (argc > 2)
        only = argv[2];
    WSADATA data;
    if (WSAStartup(MAKEWORD(2, 2), &data) != 0)
        return 1;
    ConnectAll();
    left = 1;
    ROUTINE.begin(sessions[0]);
    Figure("an alertable wait for nothing", 1, [] { SleepEx(0, TRUE); });
    Send(LAST, 0, 1, 1);
    while (left > 0)
        ROUTINE.wait();
    for (int count : {10, 60, SESSIONS})
    {
        Select(count, 1);
        Select(count, count);
    }
    Messages(ROUTINE);
    Messages(EVENT);
    // A socket stays with its port.
    port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 1);
    for (Session& session : sessions)
        CreateIoCompletionPort((HANDLE)session.server, port, 0, 0);
    Messages(PORT);
    return 0;
}
