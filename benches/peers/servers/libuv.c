// Echo server on libuv, one loop: `libuv ADDRESS BUFFER`.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

struct session {
    uv_tcp_t stream; // first: its handle is the session
    uv_write_t writing;
    char buffer[];
};

static size_t size;

static void on_closed(uv_handle_t *handle) { free(handle); }

static void on_allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer) {
    (void)suggested;
    *buffer = uv_buf_init(((struct session *)handle)->buffer, (unsigned)size);
}

static void on_read(uv_stream_t *stream, ssize_t received, const uv_buf_t *buffer);

static void on_written(uv_write_t *writing, int status) {
    if (status < 0) uv_close((uv_handle_t *)writing->handle, on_closed);
    else uv_read_start(writing->handle, on_allocate, on_read);
}

// What is read is written before the buffer is read into again. Mostly it can be at once; if not, reading stops meanwhile.
static void on_read(uv_stream_t *stream, ssize_t received, const uv_buf_t *buffer) {
    if (received < 0) {
        uv_close((uv_handle_t *)stream, on_closed);
        return;
    }
    if (received == 0) return; // would block
    uv_buf_t rest = uv_buf_init(buffer->base, (unsigned)received);
    int written = uv_try_write(stream, &rest, 1);
    if (written == received) return;
    if (written > 0) {
        rest.base += written;
        rest.len -= (size_t)written;
    }
    uv_read_stop(stream);
    if (uv_write(&((struct session *)stream)->writing, stream, &rest, 1, on_written)) uv_close((uv_handle_t *)stream, on_closed);
}

static void on_connection(uv_stream_t *listener, int status) {
    if (status < 0) return;
    struct session *session = malloc(sizeof *session + size);
    uv_tcp_init(listener->loop, &session->stream);
    if (uv_accept(listener, (uv_stream_t *)session)) {
        uv_close((uv_handle_t *)session, on_closed);
        return;
    }
    uv_tcp_nodelay(&session->stream, 1);
    uv_read_start((uv_stream_t *)session, on_allocate, on_read);
}

static int failed(const char *what, int error) {
    fprintf(stderr, "%s: %s\n", what, uv_strerror(error));
    return 1;
}

int main(int count, char **arguments) {
    char *colon = count == 3 ? strrchr(arguments[1], ':') : NULL;
    if (!colon) {
        fprintf(stderr, "usage: libuv ADDRESS BUFFER\n");
        return 2;
    }
    *colon = '\0';
    size = strtoul(arguments[2], NULL, 10);
    signal(SIGPIPE, SIG_IGN);
    struct sockaddr_in name;
    int error = uv_ip4_addr(arguments[1], atoi(colon + 1), &name);
    if (error) return failed("address", error);
    uv_loop_t *loop = uv_default_loop();
    uv_tcp_t listener;
    uv_tcp_init(loop, &listener);
    error = uv_tcp_bind(&listener, (struct sockaddr *)&name, 0);
    if (!error) error = uv_listen((uv_stream_t *)&listener, 4096, on_connection);
    if (error) return failed("listen", error);
    int length = sizeof name;
    uv_tcp_getsockname(&listener, (struct sockaddr *)&name, &length);
    printf("listening on %s:%d\n", arguments[1], ntohs(name.sin_port));
    fflush(stdout);
    return uv_run(loop, UV_RUN_DEFAULT);
}
