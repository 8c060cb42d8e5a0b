// The file of the C library's sockets.
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

int posix_listener(unsigned short *port)
{
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in at = {};
    socklen_t length = sizeof at;
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener, reinterpret_cast<sockaddr *>(&at), sizeof at) || listen(listener, 1)) return -1;
    if (getsockname(listener, reinterpret_cast<sockaddr *>(&at), &length)) return -1;
    *port = ntohs(at.sin_port);
    return listener;
}

int posix_echo(int listener)
{
    char text[16];
    int one = accept(listener, nullptr, nullptr);
    fd_set reads;
    FD_ZERO(&reads);
    FD_SET(one, &reads);
    pollfd polled = {one, POLLIN, 0};
    if (select(one + 1, &reads, nullptr, nullptr, nullptr) != 1 || poll(&polled, 1, -1) != 1) return -1;
    ssize_t length = recv(one, text, sizeof text, 0);
    if (send(one, text, static_cast<size_t>(length), 0) != length) return -1;
    close(one);
    close(listener);
    return static_cast<int>(length);
}
