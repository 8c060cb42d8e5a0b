// What the servers without a library share: the listener. Where a library has its own way, its server does not use this.
#pragma once
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static inline void fail(const char *what) {
    perror(what);
    exit(1);
}

// ADDRESS is `host:port` of IPv4. What is accepted inherits TCP_NODELAY. `flags` are those of socket(2).
static inline int listen_on(const char *address, int flags) {
    char host[INET_ADDRSTRLEN] = "";
    unsigned short port;
    struct sockaddr_in name = {.sin_family = AF_INET};
    if (sscanf(address, "%15[0-9.]:%hu", host, &port) != 2 || inet_pton(AF_INET, host, &name.sin_addr) != 1) {
        fprintf(stderr, "no address: %s\n", address);
        exit(2);
    }
    name.sin_port = htons(port);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
    int on = 1;
    if (listener < 0) fail("socket");
    if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on)) fail("SO_REUSEADDR");
    if (setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on)) fail("TCP_NODELAY");
    if (bind(listener, (struct sockaddr *)&name, sizeof name)) fail("bind");
    if (listen(listener, SOMAXCONN)) fail("listen");
    socklen_t length = sizeof name;
    if (getsockname(listener, (struct sockaddr *)&name, &length)) fail("getsockname");
    printf("listening on %s:%hu\n", host, ntohs(name.sin_port));
    fflush(stdout);
    return listener;
}
