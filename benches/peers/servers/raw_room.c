// Chat room on epoll(7) alone, one thread: what one session says goes to all, with a send(2) each: `raw-room ADDRESS BUFFER`.
#include "listener.h"
#include <sys/epoll.h>

enum { SESSIONS = 20000 };

static int sessions[SESSIONS], count;

static void accept_all(int epoll, int listener) {
    int socket;
    while (count < SESSIONS && (socket = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        struct epoll_event interest = {.events = EPOLLIN | EPOLLET, .data.fd = socket};
        if (epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &interest)) fail("epoll_ctl");
        sessions[count++] = socket;
    }
}

static void end(int socket) {
    for (int at = 0; at < count; at++) {
        if (sessions[at] == socket) sessions[at--] = sessions[--count];
    }
    close(socket);
}

int main(int argument_count, char **arguments) {
    if (argument_count != 3) {
        fprintf(stderr, "usage: raw-room ADDRESS BUFFER\n");
        return 2;
    }
    size_t size = strtoul(arguments[2], NULL, 10);
    char *buffer = malloc(size);
    int listener = listen_on(arguments[1], SOCK_NONBLOCK);
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event interest = {.events = EPOLLIN, .data.fd = listener}, events[512];
    if (!buffer || epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &interest)) fail("epoll");
    for (;;) {
        int found = epoll_wait(epoll, events, sizeof events / sizeof *events, -1);
        if (found < 0 && errno != EINTR) fail("epoll_wait");
        for (int at = 0; at < found; at++) {
            int socket = events[at].data.fd;
            if (socket == listener) {
                accept_all(epoll, listener);
                continue;
            }
            ssize_t received = recv(socket, buffer, size, 0);
            if (received == 0 || (received < 0 && errno != EAGAIN)) end(socket);
            for (int to = 0; received > 0 && to < count; to++) {
                // One that does not read, or has gone, misses it.
                send(sessions[to], buffer, (size_t)received, MSG_NOSIGNAL);
            }
        }
    }
}
