// A server on WSAEventSelect, one thread, an event for each socket; 40 clients, each with a thread that checks what comes back.
#include "../sockets/check.h"
#include <string>
#include <vector>

static const int clients = 40, rounds = 50;
static sockaddr_in at;

static DWORD WINAPI client(void *number)
{
    SOCKET s = made(AF_INET, SOCK_STREAM);
    DONE(connect(s, (sockaddr *)&at, sizeof at));
    for (int i = 0; i < rounds; ++i) {
        // Of many lengths, up to one that no buffer takes at once.
        std::string out((size_t)1 << (i % 18), (char)('a' + (i + (int)(INT_PTR)number) % 26)), in(out.size(), 0);
        EQUAL(send(s, out.data(), (int)out.size(), 0), (int)out.size());
        size_t got = 0;
        while (got < in.size()) {
            int n = recv(s, &in[got], (int)(in.size() - got), 0);
            if (n <= 0) break;
            got += n;
        }
        CHECK(in == out);
    }
    DONE(closesocket(s));
    return 0;
}

struct Session {
    SOCKET socket;
    std::string unsent;
};

static std::vector<WSAEVENT> events;
static std::vector<Session> sessions;

static void add(SOCKET s, long mask)
{
    WSAEVENT event = WSACreateEvent();
    CHECK(event != WSA_INVALID_EVENT);
    DONE(WSAEventSelect(s, event, mask));
    events.push_back(event);
    sessions.push_back(Session{ s, std::string() });
}

static void flush(Session &session)
{
    while (!session.unsent.empty()) {
        int n = send(session.socket, session.unsent.data(), (int)session.unsent.size(), 0);
        if (n < 0) {
            EQUAL(WSAGetLastError(), WSAEWOULDBLOCK);
            return;
        }
        session.unsent.erase(0, n);
    }
}

int main()
{
    begin();
    add(listener(&at), FD_ACCEPT);
    std::vector<HANDLE> threads;
    for (INT_PTR i = 0; i < clients; ++i) threads.push_back(start(client, (void *)i));
    int accepted = 0;
    static char buffer[65536];
    while (accepted < clients || sessions.size() > 1) {
        DWORD waited = WSAWaitForMultipleEvents((DWORD)events.size(), events.data(), FALSE, WSA_INFINITE, FALSE);
        CHECK(waited < events.size());
        if (waited >= events.size()) break;
        size_t place = waited - WSA_WAIT_EVENT_0;
        WSANETWORKEVENTS recorded;
        DONE(WSAEnumNetworkEvents(sessions[place].socket, events[place], &recorded));
        if (recorded.lNetworkEvents & FD_ACCEPT) {
            EQUAL(recorded.iErrorCode[FD_ACCEPT_BIT], 0);
            SOCKET s = accept(sessions[place].socket, NULL, NULL);
            CHECK(s != INVALID_SOCKET);
            add(s, FD_READ | FD_WRITE | FD_CLOSE);
            ++accepted;
        }
        if (recorded.lNetworkEvents & FD_READ) {
            int n = recv(sessions[place].socket, buffer, sizeof buffer, 0);
            if (n > 0) {
                sessions[place].unsent.append(buffer, n);
                flush(sessions[place]);
            } else {
                CHECK(n == 0 || WSAGetLastError() == WSAEWOULDBLOCK);
            }
        }
        if (recorded.lNetworkEvents & FD_WRITE) flush(sessions[place]);
        if (recorded.lNetworkEvents & FD_CLOSE) {
            EQUAL(recv(sessions[place].socket, buffer, sizeof buffer, 0), 0);
            CHECK(sessions[place].unsent.empty());
            DONE(closesocket(sessions[place].socket));
            CHECK(WSACloseEvent(events[place]));
            sessions.erase(sessions.begin() + (long)place);
            events.erase(events.begin() + (long)place);
        }
    }
    for (HANDLE thread : threads) EQUAL(end(thread), 0u);
    return 0;
}
