// Clients of the chat server, a thread each, with sockets that block. All come in, then each says its lines and reads
// everybody's; then the server is told to end.
//
//     chat_client PORT [CLIENTS [LINES]]

#include <winsock2.h>
#include <windows.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#pragma comment(lib, "ws2_32.lib")

static u_short g_serverPort;
static int g_count, g_lines;
static HANDLE g_allIn;
static LONG g_in = 0, g_received = 0, g_wrong = 0;

// A line, or nothing at the end.
static std::string ReadLine(SOCKET socket, std::string &rest)
{
    for (;;) {
        size_t end = rest.find('\n');
        if (end != std::string::npos) {
            std::string line = rest.substr(0, end);
            rest.erase(0, end + 1);
            return line;
        }
        char buffer[1024];
        int bytes = recv(socket, buffer, sizeof buffer, 0);
        if (bytes <= 0) return std::string();
        rest.append(buffer, static_cast<size_t>(bytes));
    }
}

static void Chat(int number)
{
    SOCKET socket = ::socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    SOCKADDR_IN address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = inet_addr("127.0.0.1");
    address.sin_port = htons(g_serverPort);
    if (connect(socket, reinterpret_cast<SOCKADDR *>(&address), sizeof address) == SOCKET_ERROR) {
        printf("no connection: error %d\n", WSAGetLastError());
        exit(1);
    }
    std::string rest;
    if (ReadLine(socket, rest).compare(0, 8, "welcome ") != 0) InterlockedIncrement(&g_wrong);
    if (InterlockedIncrement(&g_in) == g_count) SetEvent(g_allIn);
    WaitForSingleObject(g_allIn, INFINITE);

    for (int i = 0; i < g_lines; ++i) {
        std::string line = "client " + std::to_string(number) + " line " + std::to_string(i) + "\n";
        if (send(socket, line.data(), static_cast<int>(line.size()), 0) != static_cast<int>(line.size())) {
            InterlockedIncrement(&g_wrong);
        }
    }
    // The lines of each come in their order.
    std::vector<int> next(static_cast<size_t>(g_count), 0);
    for (int i = 0; i < g_count * g_lines; ++i) {
        int from = -1, line = -1;
        std::string text = ReadLine(socket, rest);
        if (sscanf(text.c_str(), "client %d line %d", &from, &line) != 2 || from < 0 || from >= g_count ||
            next[static_cast<size_t>(from)]++ != line) {
            InterlockedIncrement(&g_wrong);
        }
        InterlockedIncrement(&g_received);
    }
    closesocket(socket);
}

int main(int argc, char **argv)
{
    WSADATA data;
    if (argc < 2 || WSAStartup(MAKEWORD(2, 2), &data) != 0) return 1;
    g_serverPort = static_cast<u_short>(atoi(argv[1]));
    g_count = argc > 2 ? atoi(argv[2]) : 20;
    g_lines = argc > 3 ? atoi(argv[3]) : 10;
    g_allIn = CreateEventW(NULL, TRUE, FALSE, NULL);
    std::vector<std::thread> threads;
    for (int i = 0; i < g_count; ++i) threads.emplace_back(Chat, i);
    for (std::thread &thread : threads) thread.join();
    printf("%d clients received %d lines, %d wrong\n", g_count, static_cast<int>(g_received), static_cast<int>(g_wrong));

    SOCKET socket = ::socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    SOCKADDR_IN address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = inet_addr("127.0.0.1");
    address.sin_port = htons(g_serverPort);
    std::string rest;
    if (connect(socket, reinterpret_cast<SOCKADDR *>(&address), sizeof address) == 0) {
        ReadLine(socket, rest);
        send(socket, "/shutdown\n", 10, 0);
        while (!ReadLine(socket, rest).empty()) {
        }
    }
    closesocket(socket);
    WSACleanup();
    return g_wrong == 0 ? 0 : 1;
}
