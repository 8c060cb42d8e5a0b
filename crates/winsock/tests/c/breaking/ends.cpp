// The program ends in the middle of it all, from whichever thread: with the code it says, and at once.
#include "../extensions/sockets.h"

#include <sys/wait.h>
#include <unistd.h>

struct Op : OVERLAPPED {
    SOCKET socket;
    WSABUF buffer;
    char bytes[512];
};

static HANDLE port;

static void again(Op *op)
{
    memset((OVERLAPPED *)op, 0, sizeof(OVERLAPPED));
    op->buffer = {sizeof op->bytes, op->bytes};
    DWORD flags = 0;
    WSARecv(op->socket, &op->buffer, 1, NULL, &flags, op, NULL);
}

static void work()
{
    for (;;) {
        DWORD bytes;
        ULONG_PTR key;
        OVERLAPPED *done = NULL;
        if (!GetQueuedCompletionStatus(port, &bytes, &key, &done, INFINITE) || !done) return;
        Op *op = (Op *)done;
        send(op->socket, op->bytes, (int)bytes, 0);
        again(op);
    }
}

static void CALLBACK routine(DWORD error, DWORD bytes, OVERLAPPED *it, DWORD)
{
    Op *op = (Op *)it;
    if (error || bytes == 0) return;
    op->buffer = {sizeof op->bytes, op->bytes};
    DWORD flags = 0;
    WSARecv(op->socket, &op->buffer, 1, NULL, &flags, op, routine);
}

static void alertable(SOCKET s)
{
    Op op = {};
    op.socket = s;
    op.buffer = {sizeof op.bytes, op.bytes};
    DWORD flags = 0;
    WSARecv(s, &op.buffer, 1, NULL, &flags, &op, routine);
    for (;;) SleepEx(INFINITE, TRUE);
}

static unsigned __stdcall thread_that_ends(void *code)
{
    Sleep((DWORD)(ULONG_PTR)code % 7);
    exit((int)(ULONG_PTR)code);
}

// The life of one process.
static int life(int round, int code)
{
    begin();
    port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
    for (int i = 0; i < 3; ++i) std::thread(work).detach();
    sockaddr_in address;
    SOCKET listener = listening(address);
    for (int i = 0; i < 3; ++i) {
        SOCKET client, server;
        pair(client, server);
        CreateIoCompletionPort((HANDLE)server, port, 0, 0);
        Op *op = new Op();
        op->socket = server;
        again(op);
        std::thread([client] {
            char bytes[100] = {};
            for (;;) {
                if (send(client, bytes, sizeof bytes, 0) <= 0) return;
                if (recv(client, bytes, sizeof bytes, 0) <= 0) return;
            }
        }).detach();
    }
    SOCKET client, server;
    pair(client, server);
    std::thread(alertable, server).detach();
    std::thread([client] { for (;;) if (send(client, "abc", 3, 0) <= 0) return; }).detach();
    std::thread([listener] { accept(listener, NULL, NULL); }).detach();
    std::thread([listener] {
        fd_set set;
        FD_ZERO(&set);
        FD_SET(listener, &set);
        select(0, &set, NULL, NULL, NULL);
    }).detach();
    HANDLE timer = CreateWaitableTimerA(NULL, FALSE, NULL);
    LARGE_INTEGER due;
    due.QuadPart = -10000;
    SetWaitableTimer(timer, &due, 1, NULL, NULL, FALSE);
    SOCKET accepted = tcp();
    static Op accepts;
    AcceptEx(listener, accepted, accepts.bytes, 32, ROOM, ROOM, NULL, &accepts);
    Sleep(round % 5);
    switch (round % 5) {
    case 0: exit(code);
    case 1: return code;
    case 2:
        _beginthreadex(NULL, 0, thread_that_ends, (void *)(ULONG_PTR)code, 0, NULL);
        for (;;) SleepEx(INFINITE, TRUE);
    case 3:
        WSACleanup();
        return code;
    default: ExitProcess(code);
    }
}

int main(int count, char **arguments)
{
    if (count > 3) return life(atoi(arguments[2]), atoi(arguments[3]));
    int rounds = count > 2 ? atoi(arguments[2]) : 30;
    for (int round = 0; round < rounds; ++round) {
        int code = 1 + round % 100;
        pid_t child = fork();
        if (child == 0) {
            std::string first = std::to_string(round), second = std::to_string(code);
            alarm(20);
            execl("/proc/self/exe", arguments[0], ".", first.c_str(), second.c_str(), (char *)NULL);
            _exit(126);
        }
        int status = 0;
        EQUAL(waitpid(child, &status, 0), child);
        if (!WIFEXITED(status)) {
            fprintf(stderr, "round %d: signal %d\n", round, WTERMSIG(status));
            return 1;
        }
        EQUAL(WEXITSTATUS(status), code);
    }
    return 0;
}
