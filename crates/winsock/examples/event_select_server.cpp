// An echo server with WSAEventSelect: one thread, one event for each socket, 63 clients at most since a wait takes 64 objects.
// What a client does not read waits in its buffer until FD_WRITE. The client that says "quit" ends the server.
//
//     event_select_server [PORT]

#include <winsock2.h>
#include <ws2tcpip.h>
#include <windows.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#pragma comment(lib, "ws2_32.lib")

struct Client {
    SOCKET socket;
    std::string waiting; // to be sent
};

static std::vector<WSAEVENT> g_events; // of the listener, then of each client
static std::vector<Client> g_clients;  // the first one is no client
static long g_served = 0, g_bytes = 0, g_resets = 0;
static bool g_quit = false;

static bool Add(SOCKET socket, long events)
{
    WSAEVENT event = WSACreateEvent();
    if (event == WSA_INVALID_EVENT || WSAEventSelect(socket, event, events) == SOCKET_ERROR) return false;
    g_events.push_back(event);
    g_clients.push_back({socket, std::string()});
    return true;
}

static void Remove(size_t index)
{
    closesocket(g_clients[index].socket);
    WSACloseEvent(g_events[index]);
    g_clients.erase(g_clients.begin() + static_cast<std::ptrdiff_t>(index));
    g_events.erase(g_events.begin() + static_cast<std::ptrdiff_t>(index));
}

// Sends what the system takes; the rest waits for FD_WRITE. False when the connection is gone.
static bool Flush(Client &client)
{
    while (!client.waiting.empty()) {
        int sent = send(client.socket, client.waiting.data(), static_cast<int>(client.waiting.size()), 0);
        if (sent == SOCKET_ERROR) return WSAGetLastError() == WSAEWOULDBLOCK;
        client.waiting.erase(0, static_cast<size_t>(sent));
    }
    return true;
}

static bool Read(Client &client)
{
    char buffer[2048];
    int bytes = recv(client.socket, buffer, sizeof buffer, 0);
    if (bytes == SOCKET_ERROR) return WSAGetLastError() == WSAEWOULDBLOCK;
    g_bytes += bytes;
    if (bytes == 4 && std::string(buffer, 4) == "quit") g_quit = true;
    client.waiting.append(buffer, static_cast<size_t>(bytes));
    return Flush(client);
}

static void AcceptAll(SOCKET listener)
{
    for (;;) {
        SOCKADDR_IN address;
        int length = sizeof address;
        SOCKET socket = accept(listener, reinterpret_cast<SOCKADDR *>(&address), &length);
        if (socket == INVALID_SOCKET) return;
        if (g_events.size() == WSA_MAXIMUM_WAIT_EVENTS || !Add(socket, FD_READ | FD_WRITE | FD_CLOSE)) {
            closesocket(socket);
            return;
        }
        ++g_served;
    }
}

int main(int argc, char **argv)
{
    WSADATA data;
    if (WSAStartup(MAKEWORD(2, 2), &data) != 0) return 1;
    SOCKET listener = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    SOCKADDR_IN address = {};
    int length = sizeof address;
    address.sin_family = AF_INET;
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    address.sin_port = htons(static_cast<u_short>(argc > 1 ? atoi(argv[1]) : 0));
    if (bind(listener, reinterpret_cast<SOCKADDR *>(&address), length) == SOCKET_ERROR ||
        listen(listener, SOMAXCONN) == SOCKET_ERROR || !Add(listener, FD_ACCEPT) ||
        getsockname(listener, reinterpret_cast<SOCKADDR *>(&address), &length) == SOCKET_ERROR) {
        printf("no listener: error %d\n", WSAGetLastError());
        return 1;
    }
    printf("listening on %d\n", ntohs(address.sin_port));
    fflush(stdout);

    while (!g_quit || g_clients.size() > 1) {
        // Not for ever: Wine's listener falls silent when clients come while others are accepted.
        DWORD got = WSAWaitForMultipleEvents(static_cast<DWORD>(g_events.size()), g_events.data(), FALSE, 100, FALSE);
        if (got == WSA_WAIT_FAILED) {
            printf("wait: error %d\n", WSAGetLastError());
            return 1;
        }
        if (got == WSA_WAIT_TIMEOUT) {
            AcceptAll(listener);
            continue;
        }
        size_t first = got - WSA_WAIT_EVENT_0;
        // Whoever is behind it may be signalled too, and must not wait for ever.
        for (size_t i = first; i < g_events.size(); ++i) {
            WSANETWORKEVENTS events;
            if (WSAEnumNetworkEvents(g_clients[i].socket, g_events[i], &events) == SOCKET_ERROR) continue;
            if (events.lNetworkEvents & FD_ACCEPT) AcceptAll(listener);
            bool alive = true;
            if (events.lNetworkEvents & FD_READ) alive = Read(g_clients[i]);
            if (alive && (events.lNetworkEvents & FD_WRITE)) alive = Flush(g_clients[i]);
            if (events.lNetworkEvents & FD_CLOSE) {
                if (events.iErrorCode[FD_CLOSE_BIT] != 0) ++g_resets;
                while (alive && recv(g_clients[i].socket, NULL, 0, MSG_PEEK) == 0 && Read(g_clients[i])) {
                    char byte;
                    if (recv(g_clients[i].socket, &byte, 1, MSG_PEEK) <= 0) break;
                }
                alive = false;
            }
            if (!alive) Remove(i--);
        }
    }
    closesocket(listener);
    WSACloseEvent(g_events[0]);
    printf("%ld clients, %ld bytes, %ld resets\n", g_served, g_bytes, g_resets);
    WSACleanup();
    return 0;
}
