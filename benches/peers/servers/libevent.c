// Echo server on libevent, one thread: `libevent ADDRESS BUFFER`. Its events tell of readiness, the buffer is the session's.
#include <errno.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct session {
    evutil_socket_t socket;
    struct event *readable, *writable;
    size_t sent, received;
    char buffer[];
};

static struct event_base *base;
static size_t size;

static void end(struct session *session) {
    event_free(session->readable);
    event_free(session->writable);
    evutil_closesocket(session->socket);
    free(session);
}

// Sends what is left. If the socket takes no more, the session waits for that, and receives again when all is sent.
static void on_writable(evutil_socket_t socket, short what, void *argument) {
    (void)what;
    struct session *session = argument;
    while (session->sent < session->received) {
        ssize_t sent = send(socket, session->buffer + session->sent, session->received - session->sent, 0);
        if (sent < 0 && EVUTIL_SOCKET_ERROR() == EAGAIN) {
            event_del(session->readable);
            event_add(session->writable, NULL);
            return;
        }
        if (sent < 0) {
            end(session);
            return;
        }
        session->sent += (size_t)sent;
    }
    if (event_pending(session->writable, EV_WRITE, NULL)) {
        event_del(session->writable);
        event_add(session->readable, NULL);
    }
}

static void on_readable(evutil_socket_t socket, short what, void *argument) {
    struct session *session = argument;
    ssize_t received = recv(socket, session->buffer, size, 0);
    if (received < 0 && EVUTIL_SOCKET_ERROR() == EAGAIN) return;
    if (received <= 0) {
        end(session);
        return;
    }
    session->sent = 0;
    session->received = (size_t)received;
    on_writable(socket, what, argument);
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t socket, struct sockaddr *peer, int length, void *argument) {
    (void)listener, (void)peer, (void)length, (void)argument;
    int on = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct session *session = calloc(1, sizeof *session + size);
    session->socket = socket;
    session->readable = event_new(base, socket, EV_READ | EV_PERSIST, on_readable, session);
    session->writable = event_new(base, socket, EV_WRITE | EV_PERSIST, on_writable, session);
    event_add(session->readable, NULL);
}

int main(int count, char **arguments) {
    struct sockaddr_in name;
    int length = sizeof name;
    char *colon = count == 3 ? strrchr(arguments[1], ':') : NULL;
    if (colon) *colon = '\0'; // port 0 is no port to the parser, so it gets the host alone
    if (!colon || evutil_parse_sockaddr_port(arguments[1], (struct sockaddr *)&name, &length)) {
        fprintf(stderr, "usage: libevent ADDRESS BUFFER\n");
        return 2;
    }
    name.sin_port = htons((uint16_t)atoi(colon + 1));
    size = strtoul(arguments[2], NULL, 10);
    signal(SIGPIPE, SIG_IGN);
    base = event_base_new();
    struct evconnlistener *listener = evconnlistener_new_bind(base, on_accept, NULL,
        LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE, SOMAXCONN, (struct sockaddr *)&name, length);
    if (!listener) {
        perror("listen");
        return 1;
    }
    socklen_t space = sizeof name;
    getsockname(evconnlistener_get_fd(listener), (struct sockaddr *)&name, &space);
    char host[INET6_ADDRSTRLEN];
    evutil_inet_ntop(AF_INET, &name.sin_addr, host, sizeof host);
    printf("listening on %s:%d\n", host, ntohs(name.sin_port));
    fflush(stdout);
    return event_base_dispatch(base);
}
