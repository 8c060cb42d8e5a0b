// The POSIX half: nothing of Winsock is included here, and every call is libc's.
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

int posix_listen(unsigned short *port)
{
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address = {};
    socklen_t length = sizeof address;
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = inet_addr("127.0.0.1");
    if (bind(listener, reinterpret_cast<sockaddr *>(&address), length) != 0 || listen(listener, 1) != 0) return -1;
    if (getsockname(listener, reinterpret_cast<sockaddr *>(&address), &length) != 0) return -1;
    *port = ntohs(address.sin_port);
    addrinfo *list = nullptr;
    if (getaddrinfo("127.0.0.1", nullptr, nullptr, &list) != 0) return -1;
    freeaddrinfo(list);
    return listener;
}

int posix_echo(int listener)
{
    int client = accept(listener, nullptr, nullptr), echoed = 0;
    for (;;) {
        fd_set reading;
        FD_ZERO(&reading);
        FD_SET(client, &reading);
        if (select(client + 1, &reading, nullptr, nullptr, nullptr) != 1) return -1;
        char bytes[16];
        ssize_t count = recv(client, bytes, sizeof bytes, 0);
        if (count <= 0) break;
        if (send(client, bytes, static_cast<size_t>(count), 0) != count) return -1;
        echoed += static_cast<int>(count);
    }
    close(client);
    close(listener);
    return echoed;
}
