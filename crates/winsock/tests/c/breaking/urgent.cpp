// Urgent data neither blocks a call that must not, nor ends the program, whatever the socket is.
#include "../extensions/sockets.h"

int main()
{
    begin();
    char byte = 0;
    // Datagrams have none.
    SOCKET datagrams = socket(AF_INET, SOCK_DGRAM, 0);
    sockaddr_in address = loopback();
    EQUAL(bind(datagrams, (sockaddr *)&address, sizeof address), 0);
    EQUAL(recv(datagrams, &byte, 1, MSG_OOB), SOCKET_ERROR);
    EQUAL(WSAGetLastError(), WSAEOPNOTSUPP);
    EQUAL(send(datagrams, &byte, 1, MSG_OOB), SOCKET_ERROR);
    EQUAL(WSAGetLastError(), WSAEOPNOTSUPP);
    closesocket(datagrams);

    SOCKET client, server;
    pair(client, server);
    EQUAL(recv(server, &byte, 1, MSG_OOB), SOCKET_ERROR);
    EQUAL(WSAGetLastError(), WSAEINVAL);
    EQUAL(send(client, "!", 1, MSG_OOB), 1);
    while (recv(server, &byte, 1, MSG_OOB) != 1) CHECK(WSAGetLastError() == WSAEINVAL || WSAGetLastError() == WSAEWOULDBLOCK);
    EQUAL(byte, '!');
    // Nobody reads: what does not block says so.
    u_long yes = 1, no = 0;
    EQUAL(ioctlsocket(client, FIONBIO, &yes), 0);
    std::vector<char> much(1 << 20);
    while (send(client, much.data(), (int)much.size(), MSG_OOB) > 0) {}
    EQUAL(WSAGetLastError(), WSAEWOULDBLOCK);
    // What blocks ends with its time, and with its socket.
    EQUAL(ioctlsocket(client, FIONBIO, &no), 0);
    DWORD limit = 60;
    EQUAL(setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, (char *)&limit, sizeof limit), 0);
    EQUAL(send(client, much.data(), (int)much.size(), MSG_OOB), SOCKET_ERROR);
    EQUAL(WSAGetLastError(), WSAETIMEDOUT);
    limit = 0;
    EQUAL(setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, (char *)&limit, sizeof limit), 0);
    std::atomic<int> sent(1), error(0);
    std::thread sender([&] {
        sent = send(client, much.data(), (int)much.size(), MSG_OOB);
        error = WSAGetLastError();
    });
    Sleep(20);
    closesocket(client);
    sender.join();
    EQUAL(sent.load(), SOCKET_ERROR);
    CHECK(error == WSAEINTR || error == WSAENOTSOCK || error == WSAESHUTDOWN || error == WSAECONNABORTED);
    closesocket(server);

    // After the end of what is sent, and of the connection.
    pair(client, server);
    EQUAL(shutdown(client, SD_SEND), 0);
    EQUAL(send(client, "!", 1, MSG_OOB), SOCKET_ERROR);
    EQUAL(WSAGetLastError(), WSAESHUTDOWN);
    linger reset = {1, 0};
    setsockopt(client, SOL_SOCKET, SO_LINGER, (char *)&reset, sizeof reset);
    closesocket(client);
    while (recv(server, &byte, 1, 0) > 0) {}
    for (int i = 0; i < 3; ++i) EQUAL(send(server, "!", 1, MSG_OOB), SOCKET_ERROR);
    closesocket(server);
    return 0;
}
