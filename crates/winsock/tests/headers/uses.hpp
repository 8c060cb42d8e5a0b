// The same for what only C++ has.
#ifndef NOMINMAX
static_assert(min(1, 2) == 1 && max(1, 2u) == 2, "two arguments of any types");
USED DWORD least(DWORD a, int b)
{
    return min(a, (DWORD)b) + max<int>(1, 2);
}
#endif
static_assert((std::min)(1, 2) == 1 && std::max(1, 2) == 2, "the library's own");

// Beside `using namespace std`, these are Winsock's.
USED void not_the_library_s(SOCKET s, SOCKADDR_IN &in)
{
    static_assert(is_same<decltype(bind(s, (SOCKADDR *)&in, sizeof in)), int>::value, "bind is Winsock's");
    static_assert(is_same<decltype(::bind(s, (const SOCKADDR *)&in, (int)sizeof in)), int>::value, "bind is Winsock's");
    auto bound = std::bind(plus<int>(), 1, placeholders::_1);
    int number = (int)s;
    bind(number, (SOCKADDR *)&in, sizeof in);
    connect(number, (SOCKADDR *)&in, sizeof in);
    send(number, "text", bound(1), 0);
    in = SOCKADDR_IN();
}

// Methods that bear the names of functions.
struct connection {
    SOCKET socket;
    int bind(int port) { return port; }
    int send(const char *text) { return ::send(socket, text, (int)strlen(text), 0); }
    int recv(char *text, int length) { return ::recv(socket, text, length, 0); }
    int select(int a) { return a; }
    int accept() { return 0; }
    int min() { return 0; }
    int max() { return 1; }
};

// Numbers of 64 bits where Windows' have 32.
USED void long_numbers(SOCKET s, HANDLE port)
{
    WSABUF buffer = {0, nullptr};
    OVERLAPPED ov = {};
    unsigned long bytes = 0, flags = 0, on = 1;
    long before = 0;
    ULONG_PTR key = 0;
    LPOVERLAPPED packet = nullptr;
    WSARecv(s, &buffer, 1, &bytes, &flags, &ov, nullptr);
    WSARecv(s, &buffer, 1, NULL, &flags, &ov, NULL);
    WSASend(s, &buffer, 1, &bytes, 0, &ov, nullptr);
    WSAGetOverlappedResult(s, &ov, &bytes, FALSE, &flags);
    ioctlsocket(s, FIONBIO, &on);
    ReleaseSemaphore(port, 1, &before);
    GetQueuedCompletionStatus(port, &bytes, &key, &packet, 0);
    CreateThread(nullptr, 0, body, nullptr, 0, &bytes);
}

struct derived : OVERLAPPED {
    derived() { memset((OVERLAPPED *)this, 0, sizeof(OVERLAPPED)); }
    virtual ~derived() {}
    virtual void run() abstract;
    int kind = 0;
};
struct concrete : derived {
    void run() override {}
};
USED void selects()
{
    fd_set reads;
    timeval wait = {0, 0};
    FD_ZERO(&reads);
    select(0, nullptr, nullptr, nullptr, &wait);
    select(0, 0, 0, 0, 0);
    select(0, &reads, nullptr, nullptr, nullptr);
}
USED bool same(const GUID &a, const GUID &b)
{
    return a == b && !(a != b) && IsEqualGUID(a, b);
}
USED void lambdas()
{
    thread worker([] { SleepEx(0, FALSE); });
    worker.join();
    HANDLE handle = (HANDLE)_beginthreadex(NULL, 0, [](void *) -> unsigned { return 0; }, NULL, 0, NULL);
    CreateThread(NULL, 0, [](LPVOID) -> DWORD { return 0; }, NULL, 0, NULL);
    CloseHandle(handle);
    concrete one;
    one.run();
    unique_ptr<connection> made(new connection{INVALID_SOCKET});
    made->bind(made->select(made->min() + made->max()));
}
