// Calls that wait: what ends them, what runs meanwhile.
#include "check.h"
#include <atomic>
#include <string>

static std::atomic<int> waits;

// Another thread has begun its call when it has said so and then taken no processor for a while.
static void until_it_waits(int count)
{
    while (waits < count) Sleep(1);
    Sleep(30);
}

template <class Call> static DWORD WINAPI run(LPVOID argument)
{
    ++waits;
    return (*(Call *)argument)();
}
template <class Call> static HANDLE in_thread(Call &call) { return start(run<Call>, &call); }

static void closed_meanwhile()
{
    SOCKET c, s;
    sockaddr_in address;
    pair(&c, &s);
    waits = 0;
    char byte;
    auto receive = [&] { return recv(s, &byte, 1, 0) == SOCKET_ERROR ? (DWORD)WSAGetLastError() : 0; };
    HANDLE one = in_thread(receive), two = in_thread(receive);
    until_it_waits(2);
    DONE(closesocket(s));
    EQUAL(end(one), WSAEINTR);
    EQUAL(end(two), WSAEINTR);
    SOCKET l = listener(&address);
    auto take = [&] { return accept(l, NULL, NULL) == INVALID_SOCKET ? (DWORD)WSAGetLastError() : 0; };
    one = in_thread(take);
    until_it_waits(3);
    DONE(closesocket(l));
    EQUAL(end(one), WSAEINTR);
    SOCKET u = datagrams(&address);
    auto receive_from = [&] { return recvfrom(u, &byte, 1, 0, NULL, NULL) == SOCKET_ERROR ? (DWORD)WSAGetLastError() : 0; };
    one = in_thread(receive_from);
    until_it_waits(4);
    DONE(closesocket(u));
    EQUAL(end(one), WSAEINTR);
    closesocket(c);
    // A send that nobody takes.
    pair(&c, &s);
    std::string much(64 << 20, 'x');
    auto give = [&] { return send(c, much.data(), (int)much.size(), 0) == SOCKET_ERROR ? (DWORD)WSAGetLastError() : 0; };
    one = in_thread(give);
    until_it_waits(5);
    DONE(closesocket(c));
    EQUAL(end(one), WSAEINTR);
    closesocket(s);
}

static int calls;
static VOID CALLBACK apc(ULONG_PTR argument)
{
    ++calls;
    SOCKET peer = (SOCKET)argument;
    if (peer) CHECK(send(peer, "!", 1, 0) == 1);
}

static void alertable()
{
    SOCKET c, s;
    sockaddr_in address;
    pair(&c, &s);
    char byte;
    // What is there is taken, and no APC runs.
    EQUAL(send(c, "1", 1, 0), 1);
    u_long there = 0;
    while (there == 0) DONE(ioctlsocket(s, FIONREAD, &there));
    calls = 0;
    CHECK(QueueUserAPC(apc, GetCurrentThread(), 0));
    EQUAL(recv(s, &byte, 1, 0), 1);
    EQUAL(calls, 0);
    EQUAL(SleepEx(0, TRUE), WAIT_IO_COMPLETION);
    // What is not there is waited for, and the APC brings it.
    CHECK(QueueUserAPC(apc, GetCurrentThread(), c));
    EQUAL(recv(s, &byte, 1, 0), 1);
    EQUAL(calls, 2);
    // So are connections.
    SOCKET l = listener(&address);
    static sockaddr_in to;
    to = address;
    auto connects = [](ULONG_PTR socket) {
        ++calls;
        DONE(connect((SOCKET)socket, (sockaddr *)&to, sizeof to));
    };
    SOCKET client = made(AF_INET, SOCK_STREAM);
    CHECK(QueueUserAPC((PAPCFUNC)(void (*)(ULONG_PTR))connects, GetCurrentThread(), client));
    SOCKET accepted = accept(l, NULL, NULL);
    CHECK(accepted != INVALID_SOCKET);
    EQUAL(calls, 3);
    for (SOCKET one : { c, s, l, client, accepted }) DONE(closesocket(one));
}

static void times()
{
    SOCKET c, s;
    pair(&c, &s);
    DWORD milliseconds = 50;
    char byte;
    DONE(setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, (char *)&milliseconds, sizeof milliseconds));
    REFUSED(recv(s, &byte, 1, 0), WSAETIMEDOUT);
    REFUSED(recv(s, &byte, 1, MSG_WAITALL), WSAETIMEDOUT);
    // The socket can be used on.
    EQUAL(send(c, "2", 1, 0), 1);
    EQUAL(recv(s, &byte, 1, MSG_WAITALL), 1);
    DONE(setsockopt(c, SOL_SOCKET, SO_SNDTIMEO, (char *)&milliseconds, sizeof milliseconds));
    std::string much(64 << 20, 'x');
    REFUSED(send(c, much.data(), (int)much.size(), 0), WSAETIMEDOUT);
    closesocket(c);
    closesocket(s);
    // A listener's times do not end its accepts, but its connections begin with them.
    sockaddr_in address;
    SOCKET l = listener(&address);
    DONE(setsockopt(l, SOL_SOCKET, SO_RCVTIMEO, (char *)&milliseconds, sizeof milliseconds));
    c = made(AF_INET, SOCK_STREAM);
    DONE(connect(c, (sockaddr *)&address, sizeof address));
    s = accept(l, NULL, NULL);
    REFUSED(recv(s, &byte, 1, 0), WSAETIMEDOUT);
    for (SOCKET one : { c, s, l }) DONE(closesocket(one));
}

// A blocking send gives all of it, and a receive with MSG_WAITALL takes all of it.
static void all_of_it()
{
    SOCKET c, s;
    pair(&c, &s);
    std::string much(8 << 20, 0), got(much.size(), 0);
    for (size_t i = 0; i < much.size(); ++i) much[i] = (char)(i * 31 >> 7);
    auto give = [&] { return (DWORD)send(c, much.data(), (int)much.size(), 0); };
    HANDLE sender = in_thread(give);
    EQUAL(recv(s, &got[0], (int)got.size(), MSG_WAITALL), got.size());
    EQUAL(end(sender), much.size());
    CHECK(got == much);
    // In parts, too.
    WSABUF parts[] = { { 3, &got[0] }, { 0, NULL }, { 4, &got[3] } };
    DWORD bytes, flags = 0;
    EQUAL(send(c, "abcdefg", 7, 0), 7);
    DONE(WSARecv(s, parts, 3, &bytes, &flags, NULL, NULL));
    CHECK(bytes == 7 && !memcmp(got.data(), "abcdefg", 7));
    DONE(WSASend(s, parts, 3, &bytes, 0, NULL, NULL));
    EQUAL(bytes, 7);
    EQUAL(recv(c, &got[100], 7, MSG_WAITALL), 7);
    // Looking takes nothing.
    EQUAL(send(s, "xy", 2, 0), 2);
    EQUAL(recv(c, &got[0], 1, MSG_PEEK), 1);
    EQUAL(recv(c, &got[0], 2, MSG_WAITALL), 2);
    CHECK(got[0] == 'x' && got[1] == 'y');
    // Nothing is nothing, also when it is waited for.
    EQUAL(send(s, "z", 1, 0), 1);
    EQUAL(recv(c, &got[0], 0, 0), 0);
    EQUAL(recv(c, &got[0], 10, 0), 1);
    // The end.
    DONE(shutdown(s, SD_SEND));
    EQUAL(recv(c, &got[0], 10, 0), 0);
    EQUAL(recv(c, &got[0], 10, MSG_WAITALL), 0);
    DONE(closesocket(s));
    DONE(closesocket(c));
}

static void connecting()
{
    sockaddr_in address, nobody;
    SOCKET l = listener(&nobody);
    DONE(closesocket(l));
    // Refused, and then not.
    SOCKET c = made(AF_INET, SOCK_STREAM);
    REFUSED(connect(c, (sockaddr *)&nobody, sizeof nobody), WSAECONNREFUSED);
    l = listener(&address);
    DONE(connect(c, (sockaddr *)&address, sizeof address));
    REFUSED(connect(c, (sockaddr *)&address, sizeof address), WSAEISCONN);
    SOCKET s = accept(l, (sockaddr *)&nobody, NULL);
    CHECK(s == INVALID_SOCKET);
    s = accept(l, NULL, NULL);
    CHECK(s != INVALID_SOCKET);
    // Without blocking.
    u_long on = 1;
    SOCKET n = made(AF_INET, SOCK_STREAM);
    DONE(ioctlsocket(n, FIONBIO, &on));
    REFUSED(connect(n, (sockaddr *)&address, sizeof address), WSAEWOULDBLOCK);
    int error;
    do {
        WSASetLastError(0);
        CHECK(connect(n, (sockaddr *)&address, sizeof address) == SOCKET_ERROR);
        error = WSAGetLastError();
    } while (error == WSAEALREADY);
    EQUAL(error, WSAEISCONN);
    // A listener that does not block gives sockets that do not.
    DONE(ioctlsocket(l, FIONBIO, &on));
    SOCKET a = accept(l, NULL, NULL);
    CHECK(a != INVALID_SOCKET);
    char byte;
    REFUSED(recv(a, &byte, 1, 0), WSAEWOULDBLOCK);
    NO_SOCKET(accept(l, NULL, NULL), WSAEWOULDBLOCK);
    u_long off = 0;
    DONE(ioctlsocket(a, FIONBIO, &off));
    EQUAL(send(n, "3", 1, 0), 1);
    EQUAL(recv(a, &byte, 1, 0), 1);
    for (SOCKET one : { c, s, n, a, l }) DONE(closesocket(one));
}

static int answer;
static int CALLBACK condition(LPWSABUF caller, LPWSABUF data, LPQOS, LPQOS, LPWSABUF callee, LPWSABUF, GROUP *, DWORD_PTR to)
{
    CHECK(caller->len == sizeof(sockaddr_in) && callee->len == sizeof(sockaddr_in) && (!data || !data->len));
    CHECK(((sockaddr_in *)callee->buf)->sin_port == ((sockaddr_in *)to)->sin_port);
    CHECK(((sockaddr_in *)caller->buf)->sin_addr.s_addr == htonl(INADDR_LOOPBACK));
    return answer;
}

static void conditions()
{
    sockaddr_in address;
    SOCKET l = listener(&address), c = made(AF_INET, SOCK_STREAM);
    DONE(connect(c, (sockaddr *)&address, sizeof address));
    answer = CF_DEFER;
    NO_SOCKET(WSAAccept(l, NULL, NULL, condition, (DWORD_PTR)&address), WSATRY_AGAIN);
    answer = CF_ACCEPT;
    SOCKET s = WSAAccept(l, NULL, NULL, condition, (DWORD_PTR)&address);
    CHECK(s != INVALID_SOCKET);
    EQUAL(send(s, "4", 1, 0), 1);
    char byte;
    EQUAL(recv(c, &byte, 1, 0), 1);
    DONE(closesocket(c));
    c = made(AF_INET, SOCK_STREAM);
    DONE(connect(c, (sockaddr *)&address, sizeof address));
    answer = CF_REJECT;
    NO_SOCKET(WSAAccept(l, NULL, NULL, condition, (DWORD_PTR)&address), WSAECONNREFUSED);
    REFUSED(recv(c, &byte, 1, 0), WSAECONNRESET);
    for (SOCKET one : { c, s, l }) DONE(closesocket(one));
}

int main()
{
    begin();
    closed_meanwhile();
    alertable();
    times();
    all_of_it();
    connecting();
    conditions();
    return 0;
}
