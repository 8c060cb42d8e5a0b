/* select and WSAPoll in C. */
#include <winsock2.h>
#include <stdio.h>

#define CHECK(what) if (!(what)) return printf("line %d: %s (%d)\n", __LINE__, #what, WSAGetLastError()), 1

int main(void)
{
    WSADATA data;
    SOCKET listener, client, server;
    struct sockaddr_in address = { 0 };
    int length = sizeof address;
    fd_set read;
    struct timeval soon = { 0, 1000 };
    WSAPOLLFD entry;
    CHECK(WSAStartup(MAKEWORD(2, 2), &data) == 0);
    CHECK((listener = socket(AF_INET, SOCK_STREAM, 0)) != INVALID_SOCKET);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(bind(listener, (struct sockaddr *)&address, sizeof address) == 0 && listen(listener, 5) == 0);
    CHECK(getsockname(listener, (struct sockaddr *)&address, &length) == 0);
    FD_ZERO(&read);
    FD_SET(listener, &read);
    CHECK(select(0, &read, NULL, NULL, &soon) == 0 && read.fd_count == 0);
    CHECK((client = socket(AF_INET, SOCK_STREAM, 0)) != INVALID_SOCKET);
    CHECK(connect(client, (struct sockaddr *)&address, sizeof address) == 0);
    FD_SET(listener, &read);
    CHECK(select(0, &read, NULL, NULL, NULL) == 1 && FD_ISSET(listener, &read));
    CHECK((server = accept(listener, NULL, NULL)) != INVALID_SOCKET);
    CHECK(select(0, NULL, NULL, NULL, &soon) == SOCKET_ERROR && WSAGetLastError() == WSAEINVAL);
    CHECK(send(client, "x", 1, 0) == 1);
    entry.fd = server;
    entry.events = POLLIN;
    CHECK(WSAPoll(&entry, 1, -1) == 1 && entry.revents == POLLRDNORM);
    WSACleanup();
    return 0;
}
