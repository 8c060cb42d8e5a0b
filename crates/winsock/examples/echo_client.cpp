// Many clients of an echo server on one thread: all are connected at once, each sends its messages one after the other and
// checks what comes back. The last one says "quit".
//
//     echo_client PORT [CLIENTS [MESSAGES]]

#include <winsock2.h>
#include <windows.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#pragma comment(lib, "ws2_32.lib")

static SOCKET Connect(const char *port)
{
    SOCKET socket = ::socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    SOCKADDR_IN address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<u_short>(atoi(port)));
    if (connect(socket, reinterpret_cast<SOCKADDR *>(&address), sizeof address) == SOCKET_ERROR) {
        printf("no connection: error %d\n", WSAGetLastError());
        exit(1);
    }
    return socket;
}

static bool SendAll(SOCKET socket, const char *bytes, int length)
{
    return send(socket, bytes, length, 0) == length;
}

static bool ReceiveAll(SOCKET socket, char *bytes, int length)
{
    for (int got = 0; got < length;) {
        int more = recv(socket, bytes + got, length - got, 0);
        if (more <= 0) return false;
        got += more;
    }
    return true;
}

int main(int argc, char **argv)
{
    WSADATA data;
    if (argc < 2 || WSAStartup(MAKEWORD(2, 2), &data) != 0) return 1;
    const int count = argc > 2 ? atoi(argv[2]) : 50;
    const int messages = argc > 3 ? atoi(argv[3]) : 3;
    std::vector<SOCKET> sockets;
    for (int i = 0; i < count; ++i) sockets.push_back(Connect(argv[1]));

    int echoed = 0, wrong = 0;
    for (int message = 0; message < messages; ++message) {
        char text[100], back[100];
        for (int i = 0; i < count; ++i) {
            memset(text, 0, sizeof text);
            snprintf(text, sizeof text, "client %d message %d", i, message);
            if (!SendAll(sockets[static_cast<size_t>(i)], text, sizeof text)) ++wrong;
        }
        for (int i = 0; i < count; ++i) {
            memset(text, 0, sizeof text);
            snprintf(text, sizeof text, "client %d message %d", i, message);
            if (!ReceiveAll(sockets[static_cast<size_t>(i)], back, sizeof back) || memcmp(text, back, sizeof text) != 0) {
                ++wrong;
            } else {
                ++echoed;
            }
        }
    }
    for (SOCKET socket : sockets) closesocket(socket);
    printf("%d clients, %d messages echoed, %d wrong\n", count, echoed, wrong);

    SOCKET last = Connect(argv[1]);
    char quit[4];
    SendAll(last, "quit", 4);
    ReceiveAll(last, quit, 4);
    closesocket(last);
    WSACleanup();
    return wrong == 0 ? 0 : 1;
}
