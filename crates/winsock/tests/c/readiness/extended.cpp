// What was selected before a connection is accepted into the socket is told of that connection, and of the next one after a
// disconnect for reuse.
#include "../sockets/check.h"

int main()
{
    begin();
    sockaddr_in at;
    SOCKET from = listener(&at), into = made(AF_INET, SOCK_STREAM);
    WSAEVENT event = WSACreateEvent(), done = WSACreateEvent();
    DONE(WSAEventSelect(into, event, FD_READ));
    for (int round = 0; round < 3; ++round) {
        static char addresses[2 * (sizeof(sockaddr_in) + 16)];
        WSAOVERLAPPED overlapped;
        memset(&overlapped, 0, sizeof overlapped);
        overlapped.hEvent = done;
        DWORD bytes = 0, flags = 0;
        BOOL accepted = AcceptEx(from, into, addresses, 0, sizeof(sockaddr_in) + 16, sizeof(sockaddr_in) + 16, &bytes, &overlapped);
        CHECK(accepted || WSAGetLastError() == WSA_IO_PENDING);
        SOCKET client = made(AF_INET, SOCK_STREAM);
        DONE(connect(client, (sockaddr *)&at, sizeof at));
        CHECK(WSAGetOverlappedResult(from, &overlapped, &bytes, TRUE, &flags));
        EQUAL(send(client, "x", 1, 0), 1);
        EQUAL(WSAWaitForMultipleEvents(1, &event, FALSE, WSA_INFINITE, FALSE), WSA_WAIT_EVENT_0);
        WSANETWORKEVENTS recorded;
        DONE(WSAEnumNetworkEvents(into, event, &recorded));
        EQUAL(recorded.lNetworkEvents, FD_READ);
        char one;
        EQUAL(recv(into, &one, 1, 0), 1);
        // It does not block.
        REFUSED(recv(into, &one, 1, 0), WSAEWOULDBLOCK);
        DONE(closesocket(client));
        GUID name = WSAID_DISCONNECTEX;
        LPFN_DISCONNECTEX disconnect = NULL;
        DONE(WSAIoctl(into, SIO_GET_EXTENSION_FUNCTION_POINTER, &name, sizeof name, &disconnect, sizeof disconnect, &bytes, NULL, NULL));
        CHECK(disconnect(into, NULL, TF_REUSE_SOCKET, 0));
    }
    return 0;
}
