// A server on WSAAsyncSelect: a window, whose procedure is all of it, and a message loop; 40 clients.
#include "../sockets/check.h"
#include <map>
#include <string>
#include <vector>

static const int clients = 40, rounds = 50;
static const UINT WM_SOCKET = WM_USER + 1;
static sockaddr_in at;

static DWORD WINAPI client(void *number)
{
    SOCKET s = made(AF_INET, SOCK_STREAM);
    DONE(connect(s, (sockaddr *)&at, sizeof at));
    for (int i = 0; i < rounds; ++i) {
        std::string out((size_t)1 << (i % 18), (char)('a' + (i + (int)(INT_PTR)number) % 26)), in(out.size(), 0);
        EQUAL(send(s, out.data(), (int)out.size(), 0), (int)out.size());
        size_t got = 0;
        while (got < in.size()) {
            int n = recv(s, &in[got], (int)(in.size() - got), 0);
            if (n <= 0) break;
            got += n;
        }
        CHECK(in == out);
    }
    DONE(closesocket(s));
    return 0;
}

struct Server {
    SOCKET listener;
    std::map<SOCKET, std::string> unsent;
    int ended;
};

static void flush(SOCKET s, std::string &unsent)
{
    while (!unsent.empty()) {
        int n = send(s, unsent.data(), (int)unsent.size(), 0);
        if (n < 0) {
            EQUAL(WSAGetLastError(), WSAEWOULDBLOCK);
            return;
        }
        unsent.erase(0, n);
    }
}

static LRESULT CALLBACK procedure(HWND window, UINT message, WPARAM word, LPARAM parameter)
{
    static char buffer[65536];
    if (message == WM_NCCREATE) {
        // What the program passed goes with the window.
        SetWindowLongPtrA(window, GWLP_USERDATA, (LONG_PTR)((CREATESTRUCTA *)parameter)->lpCreateParams);
    }
    Server *server = (Server *)GetWindowLongPtrA(window, GWLP_USERDATA);
    if (message == WM_DESTROY) {
        PostQuitMessage(17);
        return 0;
    }
    if (message != WM_SOCKET) return DefWindowProcA(window, message, word, parameter);
    SOCKET s = (SOCKET)word;
    EQUAL(WSAGETSELECTERROR(parameter), 0);
    switch (WSAGETSELECTEVENT(parameter)) {
    case FD_ACCEPT: {
        SOCKET accepted = accept(s, NULL, NULL);
        CHECK(s == server->listener && accepted != INVALID_SOCKET);
        server->unsent[accepted];
        break;
    }
    case FD_READ: {
        int n = recv(s, buffer, sizeof buffer, 0);
        CHECK(n >= 0 || WSAGetLastError() == WSAEWOULDBLOCK);
        if (n > 0) server->unsent[s].append(buffer, n);
        flush(s, server->unsent[s]);
        break;
    }
    case FD_WRITE: flush(s, server->unsent[s]); break;
    case FD_CLOSE:
        EQUAL(recv(s, buffer, sizeof buffer, 0), 0);
        CHECK(server->unsent[s].empty());
        server->unsent.erase(s);
        DONE(closesocket(s));
        if (++server->ended == clients) DestroyWindow(window);
        break;
    default: CHECK(!"a network event that nobody has asked for");
    }
    return 0;
}

int main()
{
    begin();
    Server server = { listener(&at), std::map<SOCKET, std::string>(), 0 };
    WNDCLASSEXA description;
    memset(&description, 0, sizeof description);
    description.cbSize = sizeof description;
    description.lpfnWndProc = procedure;
    description.lpszClassName = "EchoServer";
    description.hCursor = LoadCursor(NULL, IDC_ARROW);
    CHECK(RegisterClassExA(&description));
    HWND window = CreateWindowExA(0, "EchoServer", "echo", WS_OVERLAPPEDWINDOW, CW_USEDEFAULT, CW_USEDEFAULT, 200, 100, NULL,
                                  NULL, NULL, &server);
    CHECK(window);
    DONE(WSAAsyncSelect(server.listener, window, WM_SOCKET, FD_ACCEPT | FD_READ | FD_WRITE | FD_CLOSE));
    std::vector<HANDLE> threads;
    for (INT_PTR i = 0; i < clients; ++i) threads.push_back(start(client, (void *)i));
    MSG message;
    while (GetMessageA(&message, NULL, 0, 0) > 0) {
        TranslateMessage(&message);
        DispatchMessageA(&message);
    }
    EQUAL(message.wParam, 17u);
    EQUAL(server.ended, clients);
    for (HANDLE thread : threads) EQUAL(end(thread), 0u);
    return 0;
}
