// Players for the game server: each enters, moves, and checks that it is told of everybody's moves in their order; the last
// one tells the server to end. One thread for all, with select.
//
//     game_client PORT [PLAYERS [MOVES]]

#include <winsock2.h>
#include <windows.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <vector>

#pragma comment(lib, "ws2_32.lib")

#pragma pack(push, 1)
struct Packet {
    unsigned short size, id;
    int body[3];
};
#pragma pack(pop)

struct Player {
    SOCKET socket = INVALID_SOCKET;
    std::vector<char> received;
    int entered = 0, moved = 0, wrong = 0;
    std::map<int, int> where; // of each player
};

static void SendPacket(SOCKET socket, unsigned short id, int x = 0, int y = 0, bool body = false)
{
    Packet packet = {static_cast<unsigned short>(body ? 12 : 4), id, {x, y, 0}};
    if (send(socket, reinterpret_cast<const char *>(&packet), packet.size, 0) != packet.size) exit(1);
}

// Takes whole packets out of what has come.
static void Take(Player &player)
{
    Packet packet;
    while (player.received.size() >= 4) {
        memcpy(&packet, player.received.data(), 4);
        if (packet.size > sizeof packet || packet.size < 4) exit(1);
        if (player.received.size() < packet.size) return;
        memcpy(&packet, player.received.data(), packet.size);
        player.received.erase(player.received.begin(), player.received.begin() + packet.size);
        if (packet.id == 101) {
            ++player.entered;
        } else if (packet.id == 102) {
            // Each step is one to the right.
            if (++player.where[packet.body[0]] != packet.body[1] || packet.body[2] != 0) ++player.wrong;
            ++player.moved;
        } else {
            ++player.wrong;
        }
    }
}

// Receives until each is where `done` says.
template <typename Done>
static bool ReceiveUntil(std::vector<Player> &players, Done done)
{
    for (;;) {
        fd_set reading;
        FD_ZERO(&reading);
        bool all = true;
        for (Player &player : players) {
            if (!done(player)) {
                all = false;
                FD_SET(player.socket, &reading);
            }
        }
        if (all) return true;
        if (select(0, &reading, NULL, NULL, NULL) <= 0) return false;
        for (Player &player : players) {
            if (!FD_ISSET(player.socket, &reading)) continue;
            char buffer[4096];
            int bytes = recv(player.socket, buffer, sizeof buffer, 0);
            if (bytes <= 0) return false;
            player.received.insert(player.received.end(), buffer, buffer + bytes);
            Take(player);
        }
    }
}

int main(int argc, char **argv)
{
    WSADATA data;
    if (argc < 2 || WSAStartup(MAKEWORD(2, 2), &data) != 0) return 1;
    const int count = argc > 2 ? atoi(argv[2]) : 30;
    const int moves = argc > 3 ? atoi(argv[3]) : 20;
    std::vector<Player> players(static_cast<size_t>(count));
    SOCKADDR_IN address = {};
    address.sin_family = AF_INET;
    address.sin_addr.S_un.S_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<u_short>(atoi(argv[1])));
    int number = 0;
    for (Player &player : players) {
        player.socket = socket(AF_INET, SOCK_STREAM, 0);
        if (connect(player.socket, reinterpret_cast<SOCKADDR *>(&address), sizeof address) == SOCKET_ERROR) {
            printf("no connection: error %d\n", WSAGetLastError());
            return 1;
        }
        SendPacket(player.socket, 1);
        ++number;
        // One after the other, so that each knows how many enter after it.
        std::vector<Player> one(1, player);
        if (!ReceiveUntil(one, [](const Player &it) { return it.entered == 1; })) return 1;
        player = one[0];
    }
    int behind = count;
    for (Player &player : players) player.entered -= behind--;
    bool ok = ReceiveUntil(players, [](const Player &player) { return player.entered == 0; });
    for (int i = 0; i < moves; ++i) {
        for (Player &player : players) SendPacket(player.socket, 2, 1, 0, true);
    }
    ok = ok && ReceiveUntil(players, [=](const Player &player) { return player.moved == count * moves; });
    int moved = 0, wrong = 0;
    for (Player &player : players) {
        moved += player.moved;
        wrong += player.wrong;
    }
    printf("%d players, told of %d moves, %d wrong, %s\n", count, moved, wrong, ok ? "all well" : "cut off");
    SendPacket(players.back().socket, 9);
    for (Player &player : players) closesocket(player.socket);
    WSACleanup();
    return ok && wrong == 0 ? 0 : 1;
}
