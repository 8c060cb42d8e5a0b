// The core that layered game servers have: a completion port with its workers, a listener, sessions with a receive buffer and
// shared send buffers, and a queue of jobs. Packets begin with their size and their id.

#pragma once

#include <winsock2.h>
#include <mswsock.h>
#include <ws2tcpip.h>
#include <windows.h>

#include <atomic>
#include <cstring>
#include <functional>
#include <memory>
#include <mutex>
#include <queue>
#include <thread>
#include <vector>

#pragma comment(lib, "ws2_32.lib")
#pragma comment(lib, "mswsock.lib")

using BYTE_T = unsigned char;

#pragma pack(push, 1)
struct PacketHeader {
    unsigned short size; // of the whole packet
    unsigned short id;
};
#pragma pack(pop)

// Bytes to send, shared by all sessions that they go to.
class SendBuffer {
public:
    template <typename Body>
    static std::shared_ptr<SendBuffer> Make(unsigned short id, const Body &body)
    {
        auto buffer = std::make_shared<SendBuffer>();
        PacketHeader header = {static_cast<unsigned short>(sizeof header + sizeof body), id};
        buffer->bytes_.resize(header.size);
        memcpy(buffer->bytes_.data(), &header, sizeof header);
        memcpy(buffer->bytes_.data() + sizeof header, &body, sizeof body);
        return buffer;
    }

    BYTE_T *Data() { return bytes_.data(); }
    ULONG Size() const { return static_cast<ULONG>(bytes_.size()); }

private:
    std::vector<BYTE_T> bytes_;
};

// Where what was received lies until it is a whole packet: a cursor to read, one to write; moved down when there is little room.
class RecvBuffer {
public:
    RecvBuffer() : bytes_(CAPACITY) {}

    BYTE_T *WritePosition() { return bytes_.data() + write_; }
    ULONG FreeSize() const { return static_cast<ULONG>(CAPACITY - write_); }
    BYTE_T *ReadPosition() { return bytes_.data() + read_; }
    size_t DataSize() const { return write_ - read_; }
    void Written(size_t bytes) { write_ += bytes; }

    void Read(size_t bytes)
    {
        read_ += bytes;
        if (read_ == write_) {
            read_ = write_ = 0;
        } else if (FreeSize() < CAPACITY / 4) {
            memmove(bytes_.data(), ReadPosition(), DataSize());
            write_ = DataSize();
            read_ = 0;
        }
    }

private:
    static const size_t CAPACITY = 0x4000;
    std::vector<BYTE_T> bytes_;
    size_t read_ = 0, write_ = 0;
};

// Jobs that run one after the other, on whichever worker comes; nobody else touches what they touch.
class JobQueue {
public:
    void Push(std::function<void()> job)
    {
        {
            std::lock_guard<std::mutex> guard(lock_);
            jobs_.push(std::move(job));
            if (running_) return;
            running_ = true;
        }
        Run();
    }

private:
    void Run()
    {
        for (;;) {
            std::function<void()> job;
            {
                std::lock_guard<std::mutex> guard(lock_);
                if (jobs_.empty()) {
                    running_ = false;
                    return;
                }
                job = std::move(jobs_.front());
                jobs_.pop();
            }
            job();
        }
    }

    std::mutex lock_;
    std::queue<std::function<void()>> jobs_;
    bool running_ = false;
};

class IocpObject;

// An operation in flight: it keeps its owner alive.
struct IocpEvent : OVERLAPPED {
    enum class Type { Accept, Recv, Send, Disconnect };

    explicit IocpEvent(Type type) : OVERLAPPED{}, type(type) {}

    // Before each issue: its owner stays until the packet has come.
    void Begin(std::shared_ptr<IocpObject> object)
    {
        static_cast<OVERLAPPED &>(*this) = OVERLAPPED{};
        owner = std::move(object);
        ++pending;
    }

    // It was refused: no packet will come.
    void Refused()
    {
        --pending;
        owner.reset();
    }

    Type type;
    std::shared_ptr<IocpObject> owner;

    static std::atomic<int> pending; // of all
};

std::atomic<int> IocpEvent::pending{0};

class IocpObject : public std::enable_shared_from_this<IocpObject> {
public:
    virtual ~IocpObject() = default;
    virtual HANDLE GetHandle() = 0;
    virtual void Dispatch(IocpEvent *event, bool ok, DWORD bytes) = 0;
};

class IocpCore {
public:
    IocpCore() : port_(CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0)) {}
    ~IocpCore() { CloseHandle(port_); }

    bool Register(IocpObject *object) { return CreateIoCompletionPort(object->GetHandle(), port_, 0, 0) != NULL; }

    // Works one completion off; false when told to end.
    bool Dispatch()
    {
        DWORD bytes = 0;
        ULONG_PTR key = 0;
        OVERLAPPED *overlapped = NULL;
        BOOL ok = GetQueuedCompletionStatus(port_, &bytes, &key, &overlapped, INFINITE);
        if (overlapped == NULL) return false;
        IocpEvent *event = static_cast<IocpEvent *>(overlapped);
        std::shared_ptr<IocpObject> owner = std::move(event->owner);
        owner->Dispatch(event, ok != FALSE, bytes);
        owner.reset();
        --IocpEvent::pending;
        return true;
    }

    // When everything that is closed has ended, the workers end.
    void Stop(size_t workers)
    {
        while (IocpEvent::pending > 0) Sleep(1);
        for (size_t i = 0; i < workers; ++i) PostQueuedCompletionStatus(port_, 0, 0, NULL);
    }

private:
    HANDLE port_;
};

class SocketUtils {
public:
    static bool Init()
    {
        WSADATA data;
        if (WSAStartup(MAKEWORD(2, 2), &data) != 0) return false;
        SOCKET dummy = CreateSocket();
        bool ok = Bind(dummy, WSAID_ACCEPTEX, &AcceptEx) && Bind(dummy, WSAID_DISCONNECTEX, &DisconnectEx);
        closesocket(dummy);
        return ok;
    }

    static SOCKET CreateSocket() { return WSASocketW(AF_INET, SOCK_STREAM, IPPROTO_TCP, NULL, 0, WSA_FLAG_OVERLAPPED); }

    static LPFN_ACCEPTEX AcceptEx;
    static LPFN_DISCONNECTEX DisconnectEx;

private:
    template <typename Function>
    static bool Bind(SOCKET socket, GUID guid, Function *function)
    {
        DWORD bytes = 0;
        return WSAIoctl(socket, SIO_GET_EXTENSION_FUNCTION_POINTER, &guid, sizeof guid, function, sizeof *function, &bytes,
                        NULL, NULL) == 0;
    }
};

LPFN_ACCEPTEX SocketUtils::AcceptEx = nullptr;
LPFN_DISCONNECTEX SocketUtils::DisconnectEx = nullptr;

// A connection. Its user overrides what happens on it.
class Session : public IocpObject {
public:
    Session() : socket_(SocketUtils::CreateSocket()) {}
    ~Session() override { closesocket(socket_); }

    HANDLE GetHandle() override { return reinterpret_cast<HANDLE>(GetSocket()); }
    SOCKET GetSocket() const { return socket_; }
    std::shared_ptr<Session> Shared() { return std::static_pointer_cast<Session>(shared_from_this()); }

    void Start()
    {
        connected_ = true;
        OnConnected();
        RegisterRecv();
    }

    void Send(std::shared_ptr<SendBuffer> buffer)
    {
        if (!connected_) return;
        {
            std::lock_guard<std::mutex> guard(lock_);
            waiting_.push_back(std::move(buffer));
            if (!sending_.empty()) return;
            sending_.swap(waiting_);
        }
        RegisterSend();
    }

    void Disconnect()
    {
        if (!connected_.exchange(false)) return;
        disconnect_.Begin(shared_from_this());
        if (!SocketUtils::DisconnectEx(socket_, &disconnect_, 0, 0) && WSAGetLastError() != WSA_IO_PENDING) {
            disconnect_.Refused();
        }
        CancelIoEx(GetHandle(), &recv_);
        OnDisconnected();
    }

protected:
    virtual void OnConnected() {}
    virtual void OnDisconnected() {}
    virtual bool OnPacket(unsigned short id, const BYTE_T *body, size_t size) = 0;

private:
    void Dispatch(IocpEvent *event, bool ok, DWORD bytes) override
    {
        switch (event->type) {
        case IocpEvent::Type::Recv:
            if (ok && bytes > 0 && ProcessRecv(bytes)) {
                RegisterRecv();
            } else {
                Disconnect();
            }
            break;
        case IocpEvent::Type::Send:
            if (ok) {
                ProcessSend();
            } else {
                Disconnect();
            }
            break;
        default:
            break;
        }
    }

    void RegisterRecv()
    {
        if (!connected_) return;
        WSABUF buffer = {received_.FreeSize(), reinterpret_cast<char *>(received_.WritePosition())};
        DWORD flags = 0;
        recv_.Begin(shared_from_this());
        if (WSARecv(socket_, &buffer, 1, NULL, &flags, &recv_, NULL) == SOCKET_ERROR && WSAGetLastError() != WSA_IO_PENDING) {
            recv_.Refused();
            Disconnect();
        }
    }

    // False for what is no packet.
    bool ProcessRecv(DWORD bytes)
    {
        received_.Written(bytes);
        while (received_.DataSize() >= sizeof(PacketHeader)) {
            PacketHeader header;
            memcpy(&header, received_.ReadPosition(), sizeof header);
            if (header.size < sizeof header || header.size > 0x1000) return false;
            if (received_.DataSize() < header.size) break;
            if (!OnPacket(header.id, received_.ReadPosition() + sizeof header, header.size - sizeof header)) return false;
            received_.Read(header.size);
        }
        return true;
    }

    // Gathers all that waits into one send.
    void RegisterSend()
    {
        std::vector<WSABUF> buffers;
        for (auto &buffer : sending_) buffers.push_back({buffer->Size(), reinterpret_cast<char *>(buffer->Data())});
        send_.Begin(shared_from_this());
        if (WSASend(socket_, buffers.data(), static_cast<DWORD>(buffers.size()), NULL, 0, &send_, NULL) == SOCKET_ERROR &&
            WSAGetLastError() != WSA_IO_PENDING) {
            send_.Refused();
            Disconnect();
        }
    }

    void ProcessSend()
    {
        {
            std::lock_guard<std::mutex> guard(lock_);
            sending_.clear();
            if (waiting_.empty()) return;
            sending_.swap(waiting_);
        }
        RegisterSend();
    }

    SOCKET socket_;
    std::atomic<bool> connected_{false};
    RecvBuffer received_;
    std::mutex lock_;
    std::vector<std::shared_ptr<SendBuffer>> sending_, waiting_;
    IocpEvent recv_{IocpEvent::Type::Recv}, send_{IocpEvent::Type::Send}, disconnect_{IocpEvent::Type::Disconnect};
};

class Listener : public IocpObject {
public:
    using Factory = std::function<std::shared_ptr<Session>()>;

    Listener(IocpCore &core, Factory factory) : core_(core), factory_(std::move(factory)), socket_(SocketUtils::CreateSocket()) {}
    ~Listener() override { Close(); }

    HANDLE GetHandle() override { return reinterpret_cast<HANDLE>(GetSocket()); }

    SOCKET GetSocket() const { return socket_.load(); }

    // The port that it listens on, or 0.
    u_short Start(u_short port, size_t accepts)
    {
        SOCKADDR_IN address = {};
        int length = sizeof address;
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(port);
        LINGER linger = {0, 0};
        ::setsockopt(GetSocket(), SOL_SOCKET, SO_LINGER, reinterpret_cast<char *>(&linger), sizeof linger);
        if (!core_.Register(this) || ::bind(GetSocket(), reinterpret_cast<SOCKADDR *>(&address), length) == SOCKET_ERROR ||
            ::listen(GetSocket(), SOMAXCONN) == SOCKET_ERROR ||
            ::getsockname(GetSocket(), reinterpret_cast<SOCKADDR *>(&address), &length) == SOCKET_ERROR) {
            return 0;
        }
        for (size_t i = 0; i < accepts; ++i) {
            accepts_.push_back(std::make_unique<AcceptEvent>());
            RegisterAccept(accepts_.back().get());
        }
        return ntohs(address.sin_port);
    }

    void Close()
    {
        SOCKET socket = socket_.exchange(INVALID_SOCKET);
        if (socket != INVALID_SOCKET) closesocket(socket);
    }

private:
    struct AcceptEvent : IocpEvent {
        AcceptEvent() : IocpEvent(Type::Accept) {}

        std::shared_ptr<Session> session;
        char addresses[2 * (sizeof(SOCKADDR_IN) + 16)] = {};
    };

    void RegisterAccept(AcceptEvent *event)
    {
        const DWORD length = sizeof(SOCKADDR_IN) + 16;
        DWORD bytes = 0;
        event->session = factory_();
        event->Begin(shared_from_this());
        if (!SocketUtils::AcceptEx(GetSocket(), event->session->GetSocket(), event->addresses, 0, length, length, &bytes, event) &&
            WSAGetLastError() != WSA_IO_PENDING) {
            event->session.reset();
            event->Refused();
        }
    }

    void Dispatch(IocpEvent *given, bool ok, DWORD) override
    {
        AcceptEvent *event = static_cast<AcceptEvent *>(given);
        std::shared_ptr<Session> session = std::move(event->session);
        SOCKET listener = socket_;
        if (!ok || listener == INVALID_SOCKET) return;
        if (setsockopt(session->GetSocket(), SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, reinterpret_cast<char *>(&listener),
                       sizeof listener) == 0 &&
            core_.Register(session.get())) {
            session->Start();
        }
        RegisterAccept(event);
    }

    IocpCore &core_;
    Factory factory_;
    std::atomic<SOCKET> socket_;
    std::vector<std::unique_ptr<AcceptEvent>> accepts_;
};
