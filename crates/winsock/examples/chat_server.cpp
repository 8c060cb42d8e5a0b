// A chat server on a completion port: sixteen AcceptEx in flight, several workers, one gathered send at a time for each
// client. What a client says in a line goes to all. The line "/shutdown" ends the server.
//
//     chat_server [PORT [WORKERS]]

#include <winsock2.h>
#include <mswsock.h>
#include <ws2tcpip.h>
#include <windows.h>
#include <process.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <unordered_set>
#include <vector>

#pragma comment(lib, "ws2_32.lib")
#pragma comment(lib, "mswsock.lib")

enum class Kind { Accept, Receive, Send };

// What goes with each operation: the OVERLAPPED first, so that the pointer that comes back is one of these.
struct Io : OVERLAPPED {
    explicit Io(Kind kind) : OVERLAPPED{}, kind(kind) {}

    void Reset() { static_cast<OVERLAPPED &>(*this) = OVERLAPPED{}; }

    Kind kind;
};

class Session;

struct Accept : Io {
    Accept() : Io(Kind::Accept) {}

    SOCKET socket = INVALID_SOCKET;
    char addresses[2 * (sizeof(SOCKADDR_IN) + 16)] = {};
};

struct SessionIo : Io {
    SessionIo(Kind kind, Session *session) : Io(kind), session(session) {}

    Session *session;
};

static HANDLE g_port = NULL;
static SOCKET g_listener = INVALID_SOCKET;
static HANDLE g_stop = NULL;
static LPFN_ACCEPTEX g_acceptEx = NULL;
static SRWLOCK g_lock = SRWLOCK_INIT;
static std::unordered_set<Session *> g_sessions;
static LONG g_stopping = 0, g_clients = 0, g_lines = 0, g_deliveries = 0;

static void Broadcast(const std::string &line);

// One client. Each operation in flight and the list of sessions hold a reference; the last one to go deletes it.
class Session {
public:
    explicit Session(SOCKET socket) : socket_(socket), receive_(Kind::Receive, this), send_(Kind::Send, this)
    {
        InitializeCriticalSection(&lock_);
    }

    ~Session()
    {
        closesocket(socket_);
        DeleteCriticalSection(&lock_);
    }

    void AddRef() { InterlockedIncrement(&references_); }

    void Release()
    {
        if (InterlockedDecrement(&references_) == 0) delete this;
    }

    bool Receive()
    {
        WSABUF buffer = {sizeof buffer_, buffer_};
        DWORD flags = 0;
        receive_.Reset();
        AddRef();
        if (WSARecv(socket_, &buffer, 1, NULL, &flags, &receive_, NULL) == SOCKET_ERROR &&
            WSAGetLastError() != WSA_IO_PENDING) {
            Release();
            return false;
        }
        // The server may have begun to end just before.
        if (InterlockedCompareExchange(&g_stopping, 0, 0) != 0) Disconnect();
        return true;
    }

    // Takes what has come apart into lines.
    void Received(DWORD bytes)
    {
        line_.append(buffer_, bytes);
        size_t end;
        while ((end = line_.find('\n')) != std::string::npos) {
            std::string line = line_.substr(0, end + 1);
            line_.erase(0, end + 1);
            if (line == "/shutdown\n") {
                SetEvent(g_stop);
                continue;
            }
            InterlockedIncrement(&g_lines);
            Broadcast(line);
        }
    }

    void Send(const std::string &text)
    {
        EnterCriticalSection(&lock_);
        waiting_ += text;
        if (sending_.empty()) Flush();
        LeaveCriticalSection(&lock_);
    }

    void Sent()
    {
        EnterCriticalSection(&lock_);
        sending_.clear();
        if (!waiting_.empty()) Flush();
        LeaveCriticalSection(&lock_);
    }

    // No more is received or sent: what is in flight ends.
    void Disconnect() { CancelIoEx(reinterpret_cast<HANDLE>(socket_), NULL); }

private:
    // Sends all that has been gathered. The lock is held.
    void Flush()
    {
        sending_.swap(waiting_);
        WSABUF buffer = {static_cast<ULONG>(sending_.size()), &sending_[0]};
        send_.Reset();
        AddRef();
        if (WSASend(socket_, &buffer, 1, NULL, 0, &send_, NULL) == SOCKET_ERROR && WSAGetLastError() != WSA_IO_PENDING) {
            // The receive tells that the client has gone.
            Release();
        }
    }

    SOCKET socket_;
    LONG references_ = 1;
    SessionIo receive_, send_;
    CRITICAL_SECTION lock_;
    char buffer_[4096];
    std::string line_, waiting_, sending_;
};

static void Broadcast(const std::string &line)
{
    AcquireSRWLockShared(&g_lock);
    for (Session *session : g_sessions) {
        session->Send(line);
        InterlockedIncrement(&g_deliveries);
    }
    ReleaseSRWLockShared(&g_lock);
}

static void Remove(Session *session)
{
    AcquireSRWLockExclusive(&g_lock);
    bool was = g_sessions.erase(session) == 1;
    ReleaseSRWLockExclusive(&g_lock);
    if (was) session->Release();
}

static bool StartAccept(Accept *accept)
{
    accept->Reset();
    accept->socket = WSASocketW(AF_INET, SOCK_STREAM, IPPROTO_TCP, NULL, 0, WSA_FLAG_OVERLAPPED);
    DWORD bytes = 0;
    const DWORD length = sizeof(SOCKADDR_IN) + 16;
    return g_acceptEx(g_listener, accept->socket, accept->addresses, 0, length, length, &bytes, accept) ||
           WSAGetLastError() == ERROR_IO_PENDING;
}

static void Accepted(Accept *accept, bool ok)
{
    SOCKET socket = accept->socket;
    if (!ok) {
        closesocket(socket);
        return;
    }
    setsockopt(socket, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, reinterpret_cast<char *>(&g_listener), sizeof g_listener);
    BOOL on = TRUE;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, reinterpret_cast<char *>(&on), sizeof on);
    Session *session = new Session(socket);
    CreateIoCompletionPort(reinterpret_cast<HANDLE>(socket), g_port, 0, 0);
    AcquireSRWLockExclusive(&g_lock);
    g_sessions.insert(session);
    ReleaseSRWLockExclusive(&g_lock);
    char welcome[64];
    sprintf_s(welcome, "welcome %ld\n", static_cast<long>(InterlockedIncrement(&g_clients)));
    session->Send(welcome);
    if (!session->Receive()) Remove(session);
    if (!StartAccept(accept)) closesocket(accept->socket);
}

static unsigned WINAPI Work(void *)
{
    for (;;) {
        DWORD bytes = 0;
        ULONG_PTR key = 0;
        OVERLAPPED *overlapped = NULL;
        BOOL ok = GetQueuedCompletionStatus(g_port, &bytes, &key, &overlapped, INFINITE);
        if (overlapped == NULL) return 0; // told to end
        Io *io = static_cast<Io *>(overlapped);
        if (io->kind == Kind::Accept) {
            Accepted(static_cast<Accept *>(io), ok != FALSE);
            continue;
        }
        Session *session = static_cast<SessionIo *>(io)->session;
        if (io->kind == Kind::Send) {
            if (ok) session->Sent();
        } else if (ok && bytes > 0) {
            session->Received(bytes);
            if (!session->Receive()) Remove(session);
        } else {
            Remove(session);
        }
        session->Release();
    }
}

int main(int argc, char **argv)
{
    WSADATA data;
    if (WSAStartup(MAKEWORD(2, 2), &data) != 0) return 1;
    const int workers = argc > 2 ? atoi(argv[2]) : 4;
    g_port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
    g_stop = CreateEvent(NULL, TRUE, FALSE, NULL);
    g_listener = WSASocketW(AF_INET, SOCK_STREAM, IPPROTO_TCP, NULL, 0, WSA_FLAG_OVERLAPPED);
    SOCKADDR_IN address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<u_short>(argc > 1 ? atoi(argv[1]) : 0));
    int length = sizeof address;
    if (bind(g_listener, reinterpret_cast<SOCKADDR *>(&address), length) == SOCKET_ERROR ||
        listen(g_listener, SOMAXCONN) == SOCKET_ERROR ||
        getsockname(g_listener, reinterpret_cast<SOCKADDR *>(&address), &length) == SOCKET_ERROR) {
        printf("no listener: error %d\n", WSAGetLastError());
        return 1;
    }
    GUID guid = WSAID_ACCEPTEX;
    DWORD bytes = 0;
    WSAIoctl(g_listener, SIO_GET_EXTENSION_FUNCTION_POINTER, &guid, sizeof guid, &g_acceptEx, sizeof g_acceptEx, &bytes, NULL,
             NULL);
    CreateIoCompletionPort(reinterpret_cast<HANDLE>(g_listener), g_port, 0, 0);

    std::vector<Accept> accepts(16);
    for (Accept &accept : accepts) {
        if (!StartAccept(&accept)) return 1;
    }
    std::vector<HANDLE> threads;
    for (int i = 0; i < workers; ++i) {
        threads.push_back(reinterpret_cast<HANDLE>(_beginthreadex(NULL, 0, Work, NULL, 0, NULL)));
    }
    printf("listening on %d\n", ntohs(address.sin_port));
    fflush(stdout);

    WaitForSingleObject(g_stop, INFINITE);
    closesocket(g_listener);
    InterlockedExchange(&g_stopping, 1);
    AcquireSRWLockShared(&g_lock);
    for (Session *session : g_sessions) session->Disconnect();
    ReleaseSRWLockShared(&g_lock);
    for (;;) { // each session goes when its last operation has ended
        AcquireSRWLockShared(&g_lock);
        bool empty = g_sessions.empty();
        ReleaseSRWLockShared(&g_lock);
        if (empty) break;
        Sleep(1);
    }
    for (int i = 0; i < workers; ++i) PostQueuedCompletionStatus(g_port, 0, 0, NULL);
    WaitForMultipleObjects(static_cast<DWORD>(threads.size()), threads.data(), TRUE, INFINITE);
    for (HANDLE thread : threads) CloseHandle(thread);
    CloseHandle(g_port);
    CloseHandle(g_stop);
    printf("%d clients, %d lines, %d deliveries\n", static_cast<int>(g_clients), static_cast<int>(g_lines),
           static_cast<int>(g_deliveries));
    WSACleanup();
    return 0;
}
