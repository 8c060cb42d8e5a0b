// A file of Winsock in a program that has a file of the C library's sockets too: they talk to each other.
#include <winsock2.h>
#include <ws2tcpip.h>

#include <thread>

int posix_listener(unsigned short *port);
int posix_echo(int listener);

static int fail(const char *what)
{
    printf("%s: %d\n", what, WSAGetLastError());
    return 1;
}

int main()
{
    WSADATA data;
    if (WSAStartup(MAKEWORD(2, 2), &data)) return fail("WSAStartup");
    unsigned short port = 0;
    int listener = posix_listener(&port), echoed = 0;
    std::thread echo([&] { echoed = posix_echo(listener); });
    SOCKET socket_of_winsock = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    SOCKADDR_IN to = {};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    char text[16] = {};
    if (connect(socket_of_winsock, (SOCKADDR *)&to, sizeof to)) return fail("connect");
    if (send(socket_of_winsock, "both", 4, 0) != 4) return fail("send");
    fd_set reads;
    FD_ZERO(&reads);
    FD_SET(socket_of_winsock, &reads);
    if (select(0, &reads, nullptr, nullptr, nullptr) != 1 || !FD_ISSET(socket_of_winsock, &reads)) return fail("select");
    int length = recv(socket_of_winsock, text, sizeof text, 0);
    echo.join();
    closesocket(socket_of_winsock);
    WSACleanup();
    return length == 4 && !strcmp(text, "both") && echoed == 4 ? 0 : fail("recv");
}
