// Echo server on io_uring(7) alone, one thread: `raw-uring ADDRESS BUFFER`. A receive is one operation of the ring; what it
// brought is sent at once by send(2), and by the ring only if that would block. Needs Linux 6.1 (IORING_SETUP_DEFER_TASKRUN).
#include "listener.h"
#include <liburing.h>

enum { ENTRIES = 4096, COMPLETIONS = 4 * ENTRIES };

struct session {
    int socket;
    unsigned sent, received;
    char buffer[];
};

static struct io_uring ring;
static unsigned size;

// The low bit of the word that comes back tells a send of a session from its receive; nothing stands for the listener.
static void *sending(struct session *session) { return (char *)session + 1; }

static struct io_uring_sqe *entry(void) {
    struct io_uring_sqe *entry = io_uring_get_sqe(&ring);
    if (!entry) { // full: what is there goes to the kernel
        io_uring_submit(&ring);
        entry = io_uring_get_sqe(&ring);
    }
    return entry;
}

static void start_accept(int listener) {
    struct io_uring_sqe *accept = entry();
    io_uring_prep_multishot_accept(accept, listener, NULL, NULL, SOCK_CLOEXEC);
    io_uring_sqe_set_data(accept, NULL);
}

static void start_receive(struct session *session) {
    struct io_uring_sqe *receive = entry();
    io_uring_prep_recv(receive, session->socket, session->buffer, size, 0);
    io_uring_sqe_set_data(receive, session);
}

static void start_send(struct session *session) {
    struct io_uring_sqe *send = entry();
    io_uring_prep_send(send, session->socket, session->buffer + session->sent, session->received - session->sent, MSG_NOSIGNAL);
    io_uring_sqe_set_data(send, sending(session));
}

static void end(struct session *session) {
    close(session->socket);
    free(session);
}

static void accepted(int socket) {
    struct session *session = malloc(sizeof *session + size);
    if (!session) fail("malloc");
    session->socket = socket;
    start_receive(session);
}

static void sent(struct session *session, int result) {
    if (result < 0) {
        end(session);
        return;
    }
    session->sent += (unsigned)result;
    if (session->sent < session->received) start_send(session);
    else start_receive(session);
}

static void received(struct session *session, int result) {
    if (result <= 0) {
        end(session);
        return;
    }
    session->received = (unsigned)result;
    session->sent = 0;
    ssize_t at_once = send(session->socket, session->buffer, session->received, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (at_once < 0 && errno == EAGAIN) at_once = 0;
    sent(session, (int)at_once);
}

int main(int count, char **arguments) {
    if (count != 3) {
        fprintf(stderr, "usage: raw-uring ADDRESS BUFFER\n");
        return 2;
    }
    size = (unsigned)strtoul(arguments[2], NULL, 10);
    int listener = listen_on(arguments[1], 0);
    struct io_uring_params parameters = {
        .flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_CQSIZE,
        .cq_entries = COMPLETIONS,
    };
    int result = io_uring_queue_init_params(ENTRIES, &ring, &parameters);
    if (result < 0) {
        fprintf(stderr, "io_uring: %s\n", strerror(-result));
        return 1;
    }
    io_uring_register_ring_fd(&ring);
    start_accept(listener);
    for (;;) {
        result = io_uring_submit_and_wait(&ring, 1);
        if (result < 0 && result != -EINTR && result != -EBUSY && result != -EAGAIN) {
            fprintf(stderr, "io_uring: %s\n", strerror(-result));
            return 1;
        }
        struct io_uring_cqe *completion;
        unsigned head, seen = 0;
        io_uring_for_each_cqe(&ring, head, completion) {
            uintptr_t word = (uintptr_t)io_uring_cqe_get_data(completion);
            int done = completion->res;
            unsigned flags = completion->flags;
            seen++;
            if (word == 0) {
                if (done >= 0) accepted(done);
                if (!(flags & IORING_CQE_F_MORE)) start_accept(listener);
            } else if (word & 1) {
                sent((struct session *)(word - 1), done);
            } else {
                received((struct session *)word, done);
            }
        }
        io_uring_cq_advance(&ring, seen);
    }
}
