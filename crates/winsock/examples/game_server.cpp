// A game server on the core of game_core.h: players enter one room, move, and are told of each other. What happens in the room
// is a job of its queue, so that the room needs no lock.
//
//     game_server [PORT [WORKERS]]

#include "game_core.h"

#include <cstdio>
#include <cstdlib>
#include <map>

enum : unsigned short { C_ENTER = 1, C_MOVE = 2, C_CLOSE = 9, S_ENTERED = 101, S_MOVED = 102 };

#pragma pack(push, 1)
struct Entered {
    unsigned int player;
    unsigned int players;
};
struct Move {
    int x, y;
};
struct Moved {
    unsigned int player;
    int x, y;
};
#pragma pack(pop)

static HANDLE g_stop;

class Player : public Session {
public:
    unsigned int id = 0; // given by the room
    int x = 0, y = 0;

private:
    bool OnPacket(unsigned short id, const BYTE_T *body, size_t size) override;
    void OnDisconnected() override;
};

class Room {
public:
    void Enter(std::shared_ptr<Player> player)
    {
        player->id = ++lastId_;
        players_[player->id] = player;
        Entered entered = {player->id, static_cast<unsigned int>(players_.size())};
        Broadcast(SendBuffer::Make(S_ENTERED, entered));
    }

    void Go(std::shared_ptr<Player> player, Move move)
    {
        ++moves_;
        player->x += move.x;
        player->y += move.y;
        Moved moved = {player->id, player->x, player->y};
        Broadcast(SendBuffer::Make(S_MOVED, moved));
    }

    void Leave(std::shared_ptr<Player> player) { players_.erase(player->id); }

    void Close()
    {
        auto players = players_; // disconnecting takes them out
        for (auto &entry : players) entry.second->Disconnect();
    }

    void Report() const { printf("%u players, %u moves, %u still there\n", lastId_, moves_, static_cast<unsigned>(players_.size())); }

    JobQueue jobs;

private:
    void Broadcast(std::shared_ptr<SendBuffer> buffer)
    {
        for (auto &entry : players_) entry.second->Send(buffer);
    }

    std::map<unsigned int, std::shared_ptr<Player>> players_;
    unsigned int lastId_ = 0, moves_ = 0;
};

static Room g_room;

bool Player::OnPacket(unsigned short id, const BYTE_T *body, size_t size)
{
    auto self = std::static_pointer_cast<Player>(Shared());
    switch (id) {
    case C_ENTER:
        g_room.jobs.Push([self] { g_room.Enter(self); });
        return true;
    case C_MOVE: {
        Move move;
        if (size != sizeof move) return false;
        memcpy(&move, body, sizeof move);
        g_room.jobs.Push([self, move] { g_room.Go(self, move); });
        return true;
    }
    case C_CLOSE:
        SetEvent(g_stop);
        return true;
    default:
        return false;
    }
}

void Player::OnDisconnected()
{
    auto self = std::static_pointer_cast<Player>(Shared());
    g_room.jobs.Push([self] { g_room.Leave(self); });
}

int main(int argc, char **argv)
{
    if (!SocketUtils::Init()) return 1;
    g_stop = CreateEventW(NULL, TRUE, FALSE, NULL);
    const size_t workers = argc > 2 ? static_cast<size_t>(atoi(argv[2])) : 4;
    {
        IocpCore core;
        auto listener = std::make_shared<Listener>(core, [] { return std::make_shared<Player>(); });
        u_short port = listener->Start(static_cast<u_short>(argc > 1 ? atoi(argv[1]) : 0), 16);
        if (port == 0) {
            printf("no listener: error %d\n", WSAGetLastError());
            return 1;
        }
        std::vector<std::thread> threads;
        for (size_t i = 0; i < workers; ++i) {
            threads.emplace_back([&core] {
                while (core.Dispatch()) {
                }
            });
        }
        printf("listening on %d\n", port);
        fflush(stdout);

        WaitForSingleObject(g_stop, INFINITE);
        listener->Close();
        g_room.jobs.Push([] { g_room.Close(); });
        core.Stop(workers);
        for (std::thread &thread : threads) thread.join();
        g_room.Report();
    }
    CloseHandle(g_stop);
    WSACleanup();
    return 0;
}
