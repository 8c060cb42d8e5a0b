// The Winsock half of a program that has a POSIX half too: each keeps its own functions.
#include <winsock2.h>
#include <windows.h>

#include <cstdio>
#include <cstring>
#include <thread>

// The POSIX half: an echo server for one client, and how many bytes it echoed.
int posix_listen(unsigned short *port);
int posix_echo(int listener);

int main()
{
    unsigned short port = 0;
    int listener = posix_listen(&port);
    if (listener < 0) return 1;
    int echoed = -1;
    std::thread server([&] { echoed = posix_echo(listener); });

    WSADATA data;
    if (WSAStartup(MAKEWORD(2, 2), &data) != 0) return 2;
    SOCKET socket = ::socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    SOCKADDR_IN address = {};
    address.sin_family = AF_INET;
    address.sin_addr.S_un.S_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    if (connect(socket, reinterpret_cast<SOCKADDR *>(&address), sizeof address) == SOCKET_ERROR) return 3;
    if (send(socket, "both", 4, 0) != 4) return 4;
    char back[4];
    fd_set reading;
    FD_ZERO(&reading);
    FD_SET(socket, &reading);
    if (select(0, &reading, NULL, NULL, NULL) != 1 || !FD_ISSET(socket, &reading)) return 5;
    if (recv(socket, back, 4, MSG_WAITALL) != 4 || memcmp(back, "both", 4) != 0) return 6;
    closesocket(socket);
    server.join();
    std::printf("%d\n", echoed);
    WSACleanup();
    return echoed == 4 ? 0 : 7;
}
