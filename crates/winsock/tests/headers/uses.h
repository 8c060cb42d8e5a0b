// Each family of names once, as programs use them.
#define USED __attribute__((__unused__)) static
#define ZERO(pointer) memset(pointer, 0, sizeof *(pointer))

USED void begin_and_end(void)
{
    WSADATA data;
    LPWSADATA pointer = &data;
    if (WSAStartup(MAKEWORD(2, 2), pointer) != 0 || LOBYTE(data.wVersion) != 2 || HIBYTE(data.wVersion) != 2) return;
    printf("%s %s %d\n", data.szDescription, data.szSystemStatus, WSAGetLastError());
    WSASetLastError(WSAEWOULDBLOCK);
    SetLastError(ERROR_SUCCESS);
    if (GetLastError() == ERROR_IO_PENDING || GetLastError() == WSA_IO_PENDING) WSACleanup();
}

USED void addresses(void)
{
    SOCKADDR_IN in;
    struct sockaddr_in other;
    SOCKADDR_IN6 in6;
    SOCKADDR_STORAGE any;
    IN_ADDR address;
    char text[INET6_ADDRSTRLEN];
    WCHAR wide[INET6_ADDRSTRLEN];
    struct sockaddr *plain = (struct sockaddr *)&in;
    ZERO(&in);
    ZERO(&other);
    in.sin_family = AF_INET;
    in.sin_port = htons(9000);
    in.sin_addr.s_addr = htonl(INADDR_ANY);
    in.sin_addr.S_un.S_addr = inet_addr("127.0.0.1");
    in.sin_addr.S_un.S_un_b.s_b1 = 127;
    other.sin_addr = in.sin_addr;
    address.s_addr = INADDR_NONE;
    in6.sin6_addr = in6addr_any;
    in6.sin6_scope_id = 0;
    any.ss_family = AF_INET6;
    memcpy(&in6, &any, sizeof in6);
    printf("%s %d %d\n", inet_ntoa(other.sin_addr), ntohs(in.sin_port), (int)plain->sa_family);
    inet_pton(AF_INET, "127.0.0.1", &address);
    inet_ntop(AF_INET6, &in6.sin6_addr, text, sizeof text);
    InetPtonA(AF_INET, "127.0.0.1", &address);
    InetPtonW(AF_INET, L"127.0.0.1", &address);
    InetNtopW(AF_INET, &address, wide, 46);
    InetPton(AF_INET, TEXT("127.0.0.1"), &address);
    if (IN6_IS_ADDR_LOOPBACK(&in6.sin6_addr) || IN6_ADDR_EQUAL(&in6.sin6_addr, &in6addr_loopback)) ntohl(htonl(1));
}

USED void names(void)
{
    struct addrinfo hints, *found = NULL;
    ADDRINFOW *wide = NULL;
    char host[NI_MAXHOST], service[NI_MAXSERV];
    HOSTENT *entry = gethostbyname("localhost");
    socklen_t length = sizeof(SOCKADDR_IN);
    ZERO(&hints);
    hints.ai_flags = AI_PASSIVE;
    if (getaddrinfo(NULL, "0", &hints, &found) == 0 && found)
        getnameinfo(found->ai_addr, length, host, sizeof host, service, sizeof service, NI_NUMERICHOST | NI_NUMERICSERV);
    freeaddrinfo(found);
    if (GetAddrInfoW(L"localhost", NULL, NULL, &wide) == 0) FreeAddrInfoW(wide);
    gethostname(host, sizeof host);
    gethostname(host, 10);
    if (entry && entry->h_addr) puts(entry->h_name);
}

USED void sockets(void)
{
    SOCKADDR_IN in;
    int length = sizeof in, on = 1;
    char buffer[16];
    LINGER linger_on = {1, 0};
    struct linger other = {1, 0};
    u_long argument = 1;
    BOOL yes = TRUE;
    SOCKET s = socket(PF_INET, SOCK_STREAM, IPPROTO_TCP), c;
    if (s == INVALID_SOCKET) return;
    ZERO(&in);
    if (bind(s, (SOCKADDR *)&in, sizeof(in)) == SOCKET_ERROR || listen(s, SOMAXCONN) == SOCKET_ERROR) closesocket(s);
    listen(s, SOMAXCONN_HINT(200));
    c = accept(s, (SOCKADDR *)&in, &length);
    c = WSAAccept(s, NULL, NULL, NULL, 0);
    connect(c, (struct sockaddr *)&in, length);
    WSAConnect(c, (SOCKADDR *)&in, length, NULL, NULL, NULL, NULL);
    recv(c, buffer, sizeof buffer, MSG_PEEK | MSG_WAITALL);
    send(c, buffer, (int)strlen(buffer), MSG_OOB);
    sendto(c, buffer, 1, 0, (SOCKADDR *)&in, sizeof in);
    recvfrom(c, buffer, 1, 0, (SOCKADDR *)&in, &length);
    setsockopt(c, SOL_SOCKET, SO_LINGER, (char *)&linger_on, sizeof linger_on);
    setsockopt(c, SOL_SOCKET, SO_LINGER, (const char *)&other, sizeof other);
    setsockopt(c, IPPROTO_TCP, TCP_NODELAY, (char *)&yes, sizeof yes);
    getsockopt(c, SOL_SOCKET, SO_ERROR, (char *)&on, &length);
    getpeername(c, (SOCKADDR *)&in, &length);
    getsockname(c, (SOCKADDR *)&in, &length);
    ioctlsocket(c, FIONBIO, &argument);
    shutdown(c, SD_BOTH);
}

USED void CALLBACK routine(DWORD error, DWORD bytes, LPWSAOVERLAPPED overlapped, DWORD flags)
{
    UNREFERENCED_PARAMETER(error);
    UNREFERENCED_PARAMETER(flags);
    (void)bytes;
    (void)overlapped;
}

USED void overlapped(void)
{
    WSAOVERLAPPED ov;
    WSABUF buffer = {0, NULL};
    DWORD bytes = 0, flags = 0;
    WSAEVENT events[WSA_MAXIMUM_WAIT_EVENTS];
    SOCKET s = WSASocket(AF_INET, SOCK_STREAM, 0, NULL, 0, WSA_FLAG_OVERLAPPED);
    SOCKET w = WSASocketW(AF_INET, SOCK_STREAM, 0, NULL, 0, WSA_FLAG_OVERLAPPED);
    ZERO(&ov);
    ov.hEvent = events[0] = WSACreateEvent();
    ov.Offset = ov.OffsetHigh = 0;
    ov.Pointer = NULL;
    if (WSARecv(s, &buffer, 1, &bytes, &flags, &ov, NULL) == SOCKET_ERROR && WSAGetLastError() != WSA_IO_PENDING) return;
    WSARecv(s, &buffer, 1, NULL, &flags, &ov, routine);
    WSASend(s, &buffer, 1, &bytes, 0, &ov, routine);
    WSARecvFrom(w, &buffer, 1, &bytes, &flags, NULL, NULL, &ov, NULL);
    WSASendTo(w, &buffer, 1, &bytes, 0, NULL, 0, &ov, NULL);
    if (WSAWaitForMultipleEvents(1, events, FALSE, WSA_INFINITE, FALSE) == WSA_WAIT_FAILED) WSAResetEvent(events[0]);
    WSAGetOverlappedResult(s, &ov, &bytes, FALSE, &flags);
    GetOverlappedResult((HANDLE)s, &ov, &bytes, FALSE);
    if (!HasOverlappedIoCompleted(&ov) && ov.Internal == STATUS_PENDING) CancelIoEx((HANDLE)s, &ov);
    WSASetEvent(events[0]);
    WSACloseEvent(events[0]);
}

USED void ready(void)
{
    fd_set reads, writes;
    FD_SET *pointer = &reads;
    struct timeval wait = {0, 0};
    TIMEVAL other = {1, 0};
    WSAPOLLFD polled = {0, POLLRDNORM | POLLWRNORM, 0};
    u_int i;
    SOCKET s = 0;
    FD_ZERO(&reads);
    FD_ZERO(&writes);
    FD_SET(s, &reads);
    FD_CLR(s, &writes);
    writes = reads;
    if (select(0, &reads, &writes, NULL, &wait) > 0 && FD_ISSET(s, &reads)) puts("ready");
    select(0, &reads, NULL, NULL, &other);
    select(0, NULL, NULL, NULL, NULL);
    for (i = 0; i < pointer->fd_count && i < FD_SETSIZE; ++i) closesocket(pointer->fd_array[i]);
    if (WSAPoll(&polled, 1, 0) > 0 && polled.revents & (POLLHUP | POLLERR | POLLNVAL | POLLIN)) puts("polled");
}

USED void network_events(void)
{
    WSANETWORKEVENTS happened;
    SOCKET s = 0;
    WSAEVENT event = WSACreateEvent();
    if (event == WSA_INVALID_EVENT) return;
    WSAEventSelect(s, event, FD_READ | FD_WRITE | FD_ACCEPT | FD_CLOSE | FD_CONNECT);
    WSAEnumNetworkEvents(s, event, &happened);
    if (happened.lNetworkEvents & FD_ACCEPT && happened.iErrorCode[FD_ACCEPT_BIT]) puts("accepted");
    WSAAsyncSelect(s, NULL, WM_USER + 1, FD_READ);
    if (WSAGETSELECTEVENT(0) == FD_READ) printf("%d\n", WSAGETSELECTERROR(0));
}

USED void ports(void)
{
    HANDLE port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
    DWORD bytes = 0;
    ULONG_PTR key = 0;
    ULONG taken = 0;
    LPOVERLAPPED overlapped_of_packet = NULL;
    OVERLAPPED_ENTRY entries[4];
    SOCKET s = 0;
    CreateIoCompletionPort((HANDLE)s, port, (ULONG_PTR)s, 0);
    GetQueuedCompletionStatus(port, &bytes, &key, &overlapped_of_packet, INFINITE);
    GetQueuedCompletionStatus(port, &bytes, (PULONG_PTR)&key, (LPOVERLAPPED *)&overlapped_of_packet, INFINITE);
    GetQueuedCompletionStatusEx(port, entries, ARRAYSIZE(entries), &taken, 0, FALSE);
    PostQueuedCompletionStatus(port, 0, 0, NULL);
    CloseHandle(port);
}

USED void extensions(void)
{
    GUID guid = WSAID_ACCEPTEX, connects = WSAID_CONNECTEX, disconnects = WSAID_DISCONNECTEX, addresses_of = WSAID_GETACCEPTEXSOCKADDRS;
    LPFN_ACCEPTEX accepts = NULL;
    LPFN_CONNECTEX connect_ex = NULL;
    LPFN_DISCONNECTEX disconnect = NULL;
    DWORD bytes = 0;
    SOCKET s = 0;
    struct tcp_keepalive keep = {1, 1000, 1000};
    TRANSMIT_FILE_BUFFERS buffers;
    OVERLAPPED ov;
    ZERO(&ov);
    ZERO(&buffers);
    WSAIoctl(s, SIO_GET_EXTENSION_FUNCTION_POINTER, &guid, sizeof guid, &accepts, sizeof accepts, &bytes, NULL, NULL);
    WSAIoctl(s, SIO_KEEPALIVE_VALS, &keep, sizeof keep, NULL, 0, &bytes, NULL, NULL);
    if (accepts) accepts(s, s, NULL, 0, 0, 0, &bytes, &ov);
    if (connect_ex && disconnect) disconnect(s, &ov, TF_REUSE_SOCKET, 0);
    AcceptEx(s, s, NULL, 0, sizeof(SOCKADDR_IN) + 16, sizeof(SOCKADDR_IN) + 16, &bytes, &ov);
    TransmitFile(s, NULL, 0, 0, &ov, &buffers, TF_DISCONNECT);
    setsockopt(s, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, (char *)&s, sizeof s);
    memcpy(&guid, &connects, sizeof guid);
    memcpy(&guid, &disconnects, sizeof guid);
    memcpy(&guid, &addresses_of, sizeof guid);
}

USED DWORD WINAPI body(LPVOID parameter)
{
    return PtrToUlong(parameter);
}
USED unsigned __stdcall other_body(void *parameter)
{
    (void)parameter;
    return 0;
}
USED void CALLBACK apc(ULONG_PTR parameter)
{
    (void)parameter;
}

USED void objects(void)
{
    DWORD identifier = 0;
    unsigned number = 0;
    LONG before = 0;
    LARGE_INTEGER due;
    HANDLE handles[MAXIMUM_WAIT_OBJECTS];
    handles[0] = CreateThread(NULL, 0, body, NULL, CREATE_SUSPENDED, &identifier);
    handles[1] = (HANDLE)_beginthreadex(NULL, 0, other_body, NULL, 0, &number);
    handles[2] = CreateEvent(NULL, TRUE, FALSE, NULL);
    handles[3] = CreateEvent(NULL, FALSE, FALSE, TEXT("name"));
    handles[4] = CreateSemaphore(NULL, 0, 1, NULL);
    handles[5] = CreateMutex(NULL, FALSE, NULL);
    handles[6] = CreateWaitableTimer(NULL, FALSE, NULL);
    due.QuadPart = -10;
    due.LowPart = due.u.LowPart;
    SetWaitableTimer(handles[6], &due, 0, NULL, NULL, FALSE);
    ResumeThread(handles[0]);
    QueueUserAPC(apc, GetCurrentThread(), 0);
    if (WaitForMultipleObjects(7, handles, FALSE, INFINITE) == WAIT_OBJECT_0 + 1) SetEvent(handles[2]);
    if (WaitForSingleObjectEx(handles[2], 10, TRUE) == WAIT_IO_COMPLETION || SleepEx(0, TRUE) == WAIT_IO_COMPLETION) Sleep(1);
    if (WaitForSingleObject(handles[2], 0) == WAIT_TIMEOUT) ResetEvent(handles[2]);
    ReleaseSemaphore(handles[4], 1, &before);
    ReleaseMutex(handles[5]);
    GetExitCodeThread(handles[0], &identifier);
    DuplicateHandle(GetCurrentProcess(), handles[2], GetCurrentProcess(), &handles[7], 0, FALSE, DUPLICATE_SAME_ACCESS);
    printf("%u %u\n", (unsigned)GetCurrentThreadId(), (unsigned)GetCurrentProcessId());
}

USED LRESULT CALLBACK window(HWND handle, UINT message, WPARAM word, LPARAM parameter)
{
    if (message == WM_DESTROY) PostQuitMessage(0);
    return DefWindowProc(handle, message, word, parameter);
}

USED void messages(void)
{
    MSG message;
    WNDCLASS description;
    WNDCLASSEX extended;
    HWND handle;
    ZERO(&description);
    ZERO(&extended);
    description.style = CS_HREDRAW | CS_VREDRAW;
    description.lpfnWndProc = window;
    description.lpszClassName = TEXT("name");
    extended.cbSize = sizeof extended;
    RegisterClass(&description);
    RegisterClassEx(&extended);
    handle = CreateWindow(TEXT("name"), TEXT("title"), WS_OVERLAPPEDWINDOW, CW_USEDEFAULT, 0, 0, 0, NULL, NULL, NULL, NULL);
    handle = CreateWindowEx(0, TEXT("name"), TEXT("title"), 0, 0, 0, 0, 0, HWND_MESSAGE, NULL, NULL, NULL);
    while (GetMessage(&message, NULL, 0, 0) > 0) {
        TranslateMessage(&message);
        DispatchMessage(&message);
    }
    PeekMessage(&message, handle, 0, 0, PM_REMOVE);
    PostThreadMessage(GetCurrentThreadId(), WM_QUIT, 0, 0);
    MsgWaitForMultipleObjectsEx(0, NULL, INFINITE, QS_ALLPOSTMESSAGE, MWMO_ALERTABLE);
}

// Types and keywords.
typedef struct session {
    int id;
    OVERLAPPED ov;
} session;
struct __declspec(align(16)) wide_value {
    unsigned __int64 value;
};
__declspec(thread) static int of_thread __attribute__((__unused__));
static __forceinline int forced(void)
{
    return 1;
}
USED __declspec(noinline) DWORD annotated(_In_ LPVOID in, _Out_opt_ PDWORD out, IN int a, OUT int *b, _In_reads_bytes_(4) const void *c)
{
    __assume(a > 0);
    __analysis_assume(a > 0);
    if (!out || !in || !b || !c) __debugbreak();
    return 0;
}
USED void conversions(session *s)
{
    BYTE a = 1;
    WORD b = MAKEWORD(1, 2);
    DWORD c = MAKELONG(b, b);
    LONGLONG d = 1;
    ULONGLONG e = 2;
    __int64 f = d;
    __int32 g = 1;
    HRESULT h = E_FAIL;
    LPCTSTR text = TEXT("text");
    PULONG_PTR pointer = NULL;
    u_short port = 1;
    u_long number = 1;
    session *back = CONTAINING_RECORD(&s->ov, session, ov);
    if (FAILED(h) || SUCCEEDED(S_OK) || HRESULT_FROM_WIN32(ERROR_ACCESS_DENIED) == E_ACCESSDENIED) back->id = 1;
    back->id += (int)(a + c + e + (ULONGLONG)f) + g + port + (int)number + (text != NULL) + (pointer != NULL) + MAX_PATH + LOWORD(c) + HIWORD(c);
}
