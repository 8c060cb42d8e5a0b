// What is selected of a socket holds for the connection that it is accepted into, and for the next one.
#include "sockets.h"

int main()
{
    begin();
    sockaddr_in address;
    char buffer[256];
    DWORD bytes;
    SOCKET listener = listening(address), socket = tcp();
    WSAEVENT event = WSACreateEvent();
    EQUAL(WSAEventSelect(socket, event, FD_READ | FD_CLOSE), 0);
    for (int round = 0; round < 3; ++round) {
        Waited wait;
        PENDS(AcceptEx(listener, socket, buffer, 0, ROOM, ROOM, NULL, &wait));
        SOCKET client = connected(address);
        EQUAL(wait.end(listener, bytes), 0);
        EQUAL(setsockopt(socket, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, (char *)&listener, sizeof listener), 0);
        send_all(client, "hello", 5);
        WSANETWORKEVENTS told;
        EQUAL(WSAWaitForMultipleEvents(1, &event, FALSE, 20000, FALSE), WSA_WAIT_EVENT_0);
        EQUAL(WSAEnumNetworkEvents(socket, event, &told), 0);
        EQUAL(told.lNetworkEvents, FD_READ);
        EQUAL(recv(socket, buffer, sizeof buffer, 0), 5);
        FAILS(recv(socket, buffer, sizeof buffer, 0) == 0, WSAEWOULDBLOCK);
        closesocket(client);
        EQUAL(WSAWaitForMultipleEvents(1, &event, FALSE, 20000, FALSE), WSA_WAIT_EVENT_0);
        EQUAL(WSAEnumNetworkEvents(socket, event, &told), 0);
        EQUAL(told.lNetworkEvents, FD_CLOSE);
        CHECK(disconnect_ex(socket, NULL, TF_REUSE_SOCKET, 0));
    }
    closesocket(socket);
    closesocket(listener);
    WSACloseEvent(event);
    return 0;
}
