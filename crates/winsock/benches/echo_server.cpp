// What the C face costs: an echo server, one buffer a session, in each of the overlapped models. It does what
// `overlapped serve --mode echo` does in Rust, and the same source is a program for Windows, so it is measured beside both:
//
//     cargo build --release
//     target/release/overlapped cc -O2 crates/winsock/benches/echo_server.cpp -o target/echo_server
//     x86_64-w64-mingw32-g++ -O2 -static crates/winsock/benches/echo_server.cpp -o target/echo_server.exe -lws2_32
//     target/release/overlapped bench --models callback,event,port --sessions 1,50 --size 100 --reference callback
//
// with, in the same command, each of the servers in question:
//
//     --server 'C routine=target/echo_server routine {port} {buffer}'
//     --server 'Wine routine=.ci/wine/run target/echo_server.exe routine {port} {buffer}' --beside 'Wine routine=wineserver'
//
// What counts is the CPU time per message, each against the model of the same name. Instructions, which other work on the machine
// does not change: the same program under `valgrind --tool=callgrind` with OVERLAPPED_DRIVER=epoll, once with few messages and
// once with many.
//
//     echo_server event|routine|port PORT BUFFER
//
// With the port 0 it takes a free one, and says which.
//
// event    an event object in each OVERLAPPED, WSAWaitForMultipleEvents: a thread for each 63 sessions, of which the first accepts
// routine  completion routines, in the alertable waits of the one thread
// port     GetQueuedCompletionStatus on the one thread

#include <winsock2.h>
#include <ws2tcpip.h>
#include <windows.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#pragma comment(lib, "ws2_32.lib")

struct Session
{
    // First, so that who is told of an OVERLAPPED has the session.
    WSAOVERLAPPED overlapped = {};
    SOCKET socket;
    bool sending = false;
    DWORD received = 0;
    DWORD sent = 0;
    std::vector<char> buffer;

    Session(SOCKET socket, size_t size) : socket(socket), buffer(size) {}

    ~Session()
    {
        ::closesocket(socket);
        if (overlapped.hEvent != NULL)
            ::WSACloseEvent(overlapped.hEvent);
    }
};

static size_t bufferSize = 1000;

// Issues what comes next. Done at once or pending: the end is told in any case.
static bool Issue(Session* session, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    WSABUF place;
    int result;
    if (session->sending)
    {
        place.buf = session->buffer.data() + session->sent;
        place.len = session->received - session->sent;
        result = ::WSASend(session->socket, &place, 1, NULL, 0, &session->overlapped, routine);
    }
    else
    {
        DWORD flags = 0;
        place.buf = session->buffer.data();
        place.len = static_cast<ULONG>(session->buffer.size());
        result = ::WSARecv(session->socket, &place, 1, NULL, &flags, &session->overlapped, routine);
    }
    return result == 0 || ::WSAGetLastError() == WSA_IO_PENDING;
}

// Goes on after the end of an operation; false if the session is over.
static bool Advance(Session* session, DWORD bytes, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    if (session->sending)
    {
        session->sent += bytes;
        session->sending = session->sent < session->received;
    }
    else
    {
        if (bytes == 0)
            return false;
        session->received = bytes;
        session->sent = 0;
        session->sending = true;
    }
    return Issue(session, routine);
}

static Session* Welcome(SOCKET socket)
{
    BOOL on = TRUE;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, reinterpret_cast<char*>(&on), sizeof(on));
    return new Session(socket, bufferSize);
}

static SOCKET Accept(SOCKET listener)
{
    SOCKET socket = ::accept(listener, NULL, NULL);
    if (socket != INVALID_SOCKET)
    {
        // It begins with the network events and the mode of its listener.
        u_long off = 0;
        ::WSAEventSelect(socket, NULL, 0);
        ::ioctlsocket(socket, FIONBIO, &off);
    }
    return socket;
}

// What a thread can wait for besides its news.
static const LONG PLACES = WSA_MAXIMUM_WAIT_EVENTS - 1;

// A thread of the event model. The first accepts; the others are handed their sessions one by one.
struct Team
{
    SOCKET listener = INVALID_SOCKET;
    LONG sessions = 0;
    SOCKET handed = INVALID_SOCKET;
    WSAEVENT news = ::WSACreateEvent();
    HANDLE taken = ::CreateEventW(NULL, FALSE, FALSE, NULL);
};

static void HandOver(SOCKET socket);

static DWORD WINAPI ServeTeam(void* argument)
{
    Team* team = static_cast<Team*>(argument);
    std::vector<WSAEVENT> events(1, team->news);
    std::vector<Session*> sessions(1, static_cast<Session*>(NULL));
    while (true)
    {
        DWORD first = ::WSAWaitForMultipleEvents(static_cast<DWORD>(events.size()), events.data(), FALSE, WSA_INFINITE, FALSE);
        if (first == WSA_WAIT_FAILED)
            return 1;
        size_t index = first - WSA_WAIT_EVENT_0;
        if (index == 0)
        {
            auto join = [&](SOCKET socket) {
                Session* session = Welcome(socket);
                session->overlapped.hEvent = ::WSACreateEvent();
                events.push_back(session->overlapped.hEvent);
                sessions.push_back(session);
                Issue(session, NULL);
            };
            if (team->listener == INVALID_SOCKET)
            {
                ::WSAResetEvent(team->news);
                join(team->handed);
                ::SetEvent(team->taken);
                continue;
            }
            WSANETWORKEVENTS happened;
            ::WSAEnumNetworkEvents(team->listener, team->news, &happened);
            for (SOCKET socket; (socket = Accept(team->listener)) != INVALID_SOCKET;)
            {
                if (team->sessions == PLACES)
                {
                    HandOver(socket);
                    continue;
                }
                ++team->sessions;
                join(socket);
            }
            continue;
        }
        // Those behind it may be signalled, too.
        for (; index < events.size(); ++index)
        {
            Session* session = sessions[index];
            DWORD bytes, flags;
            if (::WSAWaitForMultipleEvents(1, &events[index], FALSE, 0, FALSE) != WSA_WAIT_EVENT_0)
                continue;
            bool whole = ::WSAGetOverlappedResult(session->socket, &session->overlapped, &bytes, FALSE, &flags);
            if (!whole || !Advance(session, bytes, NULL))
            {
                events.erase(events.begin() + static_cast<long>(index));
                sessions.erase(sessions.begin() + static_cast<long>(index));
                delete session;
                ::InterlockedDecrement(&team->sessions);
                --index;
            }
        }
    }
}

// Hands a session to the first of the other threads that has a place.
static void HandOver(SOCKET socket)
{
    static std::vector<Team*> teams;
    size_t place = 0;
    while (place < teams.size() && ::InterlockedExchangeAdd(&teams[place]->sessions, 0) == PLACES)
        ++place;
    if (place == teams.size())
    {
        teams.push_back(new Team);
        ::CreateThread(NULL, 0, ServeTeam, teams[place], 0, NULL);
    }
    Team* team = teams[place];
    ::InterlockedIncrement(&team->sessions);
    team->handed = socket;
    ::WSASetEvent(team->news);
    ::WaitForSingleObject(team->taken, INFINITE);
}

static int ServeEvents(SOCKET listener)
{
    Team first;
    first.listener = listener;
    ::WSAEventSelect(listener, first.news, FD_ACCEPT);
    return static_cast<int>(ServeTeam(&first));
}

static void CALLBACK Ended(DWORD error, DWORD bytes, LPWSAOVERLAPPED overlapped, DWORD)
{
    Session* session = reinterpret_cast<Session*>(overlapped);
    if (error != 0 || !Advance(session, bytes, Ended))
        delete session;
}

static int ServeRoutines(SOCKET listener)
{
    WSAEVENT accepts = ::WSACreateEvent();
    ::WSAEventSelect(listener, accepts, FD_ACCEPT);
    while (true)
    {
        DWORD waited = ::WSAWaitForMultipleEvents(1, &accepts, FALSE, WSA_INFINITE, TRUE);
        if (waited == WSA_WAIT_FAILED)
            return 1;
        if (waited != WSA_WAIT_EVENT_0)
            continue;
        WSANETWORKEVENTS happened;
        ::WSAEnumNetworkEvents(listener, accepts, &happened);
        for (SOCKET socket; (socket = Accept(listener)) != INVALID_SOCKET;)
        {
            Session* session = Welcome(socket);
            if (!Issue(session, Ended))
                delete session;
        }
    }
}

struct Door
{
    SOCKET listener;
    HANDLE port;
};

// Accepts wait on a thread of their own.
static DWORD WINAPI AcceptForPort(void* argument)
{
    const Door* door = static_cast<const Door*>(argument);
    while (true)
    {
        SOCKET socket = ::accept(door->listener, NULL, NULL);
        if (socket == INVALID_SOCKET)
            return 1;
        Session* session = Welcome(socket);
        ::CreateIoCompletionPort(reinterpret_cast<HANDLE>(socket), door->port, reinterpret_cast<ULONG_PTR>(session), 0);
        if (!Issue(session, NULL))
            delete session;
    }
}

static int ServePort(SOCKET listener)
{
    Door door = {listener, ::CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 1)};
    ::CreateThread(NULL, 0, AcceptForPort, &door, 0, NULL);
    while (true)
    {
        DWORD bytes;
        ULONG_PTR key;
        LPOVERLAPPED overlapped;
        BOOL whole = ::GetQueuedCompletionStatus(door.port, &bytes, &key, &overlapped, INFINITE);
        if (overlapped == NULL)
            return 1;
        Session* session = reinterpret_cast<Session*>(key);
        if (!whole || !Advance(session, bytes, NULL))
            delete session;
    }
}

int main(int argc, char** argv)
{
    if (argc != 4)
    {
        std::fprintf(stderr, "usage: echo_server event|routine|port PORT BUFFER\n");
        return 2;
    }
    WSADATA data;
    if (::WSAStartup(MAKEWORD(2, 2), &data) != 0)
        return 1;
    bufferSize = static_cast<size_t>(std::atoi(argv[3]));

    SOCKET listener = ::WSASocketW(AF_INET, SOCK_STREAM, 0, NULL, 0, WSA_FLAG_OVERLAPPED);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = ::htonl(INADDR_ANY);
    address.sin_port = ::htons(static_cast<u_short>(std::atoi(argv[2])));
    if (::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == SOCKET_ERROR ||
        ::listen(listener, SOMAXCONN) == SOCKET_ERROR)
    {
        std::fprintf(stderr, "error %d\n", ::WSAGetLastError());
        return 1;
    }
    int length = sizeof(address);
    if (address.sin_port == 0 && ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length) == 0)
    {
        std::printf("%d\n", ::ntohs(address.sin_port));
        std::fflush(stdout);
    }
    if (std::strcmp(argv[1], "event") == 0)
        return ServeEvents(listener);
    return std::strcmp(argv[1], "port") == 0 ? ServePort(listener) : ServeRoutines(listener);
}
