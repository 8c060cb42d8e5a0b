// Echo server on epoll(7) alone, edge-triggered, one thread: `raw-epoll ADDRESS BUFFER`.
#include "listener.h"
#include <stdbool.h>
#include <sys/epoll.h>

struct session {
    int socket;
    size_t sent, received; // what was received and not yet sent back lies between
    char buffer[];
};

static size_t size;

// Sends what is there, receives, and so on until the socket has no more to give or to take. A receive that did not fill the
// buffer has emptied the socket, as epoll(7) says, so another one need not ask; unless the peer has ended, which is no data
// and tells of itself only once. False: the session is over.
static bool ready(struct session *session, bool ended) {
    for (;;) {
        while (session->sent < session->received) {
            ssize_t sent = send(session->socket, session->buffer + session->sent, session->received - session->sent, MSG_NOSIGNAL);
            if (sent < 0) return errno == EAGAIN;
            session->sent += (size_t)sent;
        }
        if (session->received > 0 && session->received < size && !ended) {
            session->sent = session->received = 0;
            return true;
        }
        ssize_t received = recv(session->socket, session->buffer, size, 0);
        if (received <= 0) {
            session->sent = session->received = 0;
            return received < 0 && errno == EAGAIN;
        }
        session->sent = 0;
        session->received = (size_t)received;
    }
}

static void accept_all(int epoll, int listener) {
    int socket;
    while ((socket = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        struct session *session = malloc(sizeof *session + size);
        if (!session) fail("malloc");
        session->socket = socket;
        session->sent = session->received = 0;
        struct epoll_event interest = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = session};
        if (epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &interest)) fail("epoll_ctl");
    }
}

int main(int count, char **arguments) {
    if (count != 3) {
        fprintf(stderr, "usage: raw-epoll ADDRESS BUFFER\n");
        return 2;
    }
    size = strtoul(arguments[2], NULL, 10);
    int listener = listen_on(arguments[1], SOCK_NONBLOCK);
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event interest = {.events = EPOLLIN}, events[512];
    if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &interest)) fail("epoll");
    for (;;) {
        int found = epoll_wait(epoll, events, sizeof events / sizeof *events, -1);
        if (found < 0 && errno != EINTR) fail("epoll_wait");
        for (int at = 0; at < found; at++) {
            struct session *session = events[at].data.ptr;
            if (!session) {
                accept_all(epoll, listener);
            } else if (!ready(session, events[at].events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))) {
                close(session->socket);
                free(session);
            }
        }
    }
}
