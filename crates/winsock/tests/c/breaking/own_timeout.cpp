// Of threads that block on one socket each ends by what happens to itself: a time limit, or an exception out of an APC, ends
// no other.
#include "../extensions/sockets.h"

// One receives with no limit, another sends with one and is late.
static void late_send()
{
    SOCKET client, server;
    pair(client, server);
    std::atomic<int> received(-2);
    std::thread receiver([&] {
        char byte = 0;
        received = recv(server, &byte, 1, 0);
    });
    Sleep(50);
    DWORD limit = 100;
    EQUAL(setsockopt(server, SOL_SOCKET, SO_SNDTIMEO, (char *)&limit, sizeof limit), 0);
    std::vector<char> much(64 << 20);
    EQUAL(send(server, much.data(), (int)much.size(), 0), SOCKET_ERROR);
    EQUAL(WSAGetLastError(), WSAETIMEDOUT);
    Sleep(50);
    EQUAL(received.load(), -2);
    EQUAL(send(client, "x", 1, 0), 1);
    receiver.join();
    EQUAL(received.load(), 1);
    closesocket(client);
    closesocket(server);
}

// Two receive; the one that came first has no limit.
static void late_receive()
{
    SOCKET client, server;
    pair(client, server);
    std::atomic<int> received(-2);
    std::thread receiver([&] {
        char byte = 0;
        received = recv(server, &byte, 1, 0);
    });
    Sleep(50);
    DWORD limit = 100;
    EQUAL(setsockopt(server, SOL_SOCKET, SO_RCVTIMEO, (char *)&limit, sizeof limit), 0);
    char byte;
    EQUAL(recv(server, &byte, 1, 0), SOCKET_ERROR);
    EQUAL(WSAGetLastError(), WSAETIMEDOUT);
    EQUAL(received.load(), -2);
    EQUAL(send(client, "x", 1, 0), 1);
    receiver.join();
    EQUAL(received.load(), 1);
    closesocket(client);
    closesocket(server);
}

static void CALLBACK throws(ULONG_PTR) { throw 5; }

// An exception leaves a receive while another waits.
static void thrown()
{
    SOCKET client, server;
    pair(client, server);
    std::atomic<int> received(-2);
    std::thread receiver([&] {
        char byte = 0;
        received = recv(server, &byte, 1, 0);
    });
    Sleep(50);
    QueueUserAPC(throws, GetCurrentThread(), 0);
    bool caught = false;
    try {
        char byte;
        recv(server, &byte, 1, 0);
    } catch (int value) {
        caught = value == 5;
    }
    CHECK(caught);
    EQUAL(received.load(), -2);
    EQUAL(send(client, "x", 1, 0), 1);
    receiver.join();
    EQUAL(received.load(), 1);
    closesocket(client);
    closesocket(server);
}

int main()
{
    begin();
    late_send();
    late_receive();
    thrown();
    return 0;
}
