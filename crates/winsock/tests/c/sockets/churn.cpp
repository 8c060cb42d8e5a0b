// Threads use, close and remake each other's sockets at random: every call succeeds or says why not, and all end.
#include "check.h"
#include <atomic>

enum { THREADS = 4, ROUNDS = 2500, SLOTS = 8 };
static std::atomic<SOCKET> slots[SLOTS];
static std::atomic<int> answers[11100];

static void note(long long result)
{
    if (result != SOCKET_ERROR) return;
    int code = WSAGetLastError();
    CHECK(code > 0 && code < 11100);
    ++answers[code];
}

static SOCKET limited(SOCKET s)
{
    DWORD milliseconds = 2;
    if (s == INVALID_SOCKET) return s;
    setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, (char *)&milliseconds, sizeof milliseconds);
    setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, (char *)&milliseconds, sizeof milliseconds);
    return s;
}

static void put(int slot, SOCKET s)
{
    SOCKET old = slots[slot].exchange(limited(s));
    note(closesocket(old));
}

static void use(unsigned *seed)
{
    char bytes[3000] = {};
    SOCKET s = slots[rand_r(seed) % SLOTS], c, a;
    sockaddr_in address = loopback();
    int length = sizeof address, value = 0, size = sizeof value, slot = rand_r(seed) % SLOTS, other = rand_r(seed) % SLOTS;
    u_long number = rand_r(seed) % 2;
    DWORD count, flags = 0;
    WSABUF place = { sizeof bytes, bytes };
    WSAPROTOCOL_INFOA info;
    switch (rand_r(seed) % 20) {
    case 0: return put(slot, listener(&address));
    case 1: pair(&c, &a); put(slot, c); return put(other, a);
    case 2: return put(slot, datagrams(&address));
    case 3: return put(slot, made(AF_INET, SOCK_STREAM));
    case 4: return put(slot, INVALID_SOCKET);
    case 5: case 6: return note(recv(s, bytes, sizeof bytes, 0));
    case 7: case 8: return note(send(s, bytes, sizeof bytes, 0));
    case 9: return note(ioctlsocket(s, FIONBIO, &number));
    case 10: return note(ioctlsocket(s, FIONREAD, &number));
    case 11: return note(shutdown(s, rand_r(seed) % 3));
    case 12: return note(getsockopt(s, SOL_SOCKET, SO_ERROR, (char *)&value, &size));
    case 13: return note(getsockname(s, (sockaddr *)&address, &length));
    case 14: return note(getpeername(s, (sockaddr *)&address, &length));
    case 15: return note(WSARecv(s, &place, 1, &count, &flags, NULL, NULL));
    case 16: return note(setsockopt(s, SOL_SOCKET, SO_LINGER, "\1\0\0\0", 4));
    case 17:
        // Only where it cannot wait for ever.
        if (!getsockname(s, (sockaddr *)&address, &length) && !ioctlsocket(s, FIONBIO, &(number = 1))) {
            a = accept(s, NULL, NULL);
            if (a != INVALID_SOCKET) return put(slot, a);
            note(SOCKET_ERROR);
        }
        return;
    case 18:
        if (WSADuplicateSocketA(s, GetCurrentProcessId(), &info)) return note(SOCKET_ERROR);
        a = WSASocketA(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, &info, 0, 0);
        CHECK(a != INVALID_SOCKET);
        return put(slot, a);
    case 19: return note(sendto(s, bytes, 10, 0, (sockaddr *)&address, sizeof address));
    }
}

static DWORD WINAPI run(LPVOID seed)
{
    unsigned state = (unsigned)(ULONG_PTR)seed;
    for (int i = 0; i < ROUNDS; ++i) use(&state);
    return 0;
}

int main()
{
    begin();
    for (auto &slot : slots) slot = INVALID_SOCKET;
    HANDLE threads[THREADS];
    for (int i = 0; i < THREADS; ++i) threads[i] = start(run, (LPVOID)(ULONG_PTR)(i + 1));
    for (HANDLE thread : threads) EQUAL(end(thread), 0);
    // Some of all of it happened.
    for (int code : { WSAENOTSOCK, WSAENOTCONN, WSAETIMEDOUT }) CHECK(answers[code] > 0);
    DONE(WSACleanup());
    return 0;
}
