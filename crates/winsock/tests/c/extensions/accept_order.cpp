// Accepts that pend on one listener are completed in the order in which they were issued.
#include "sockets.h"

static const int MANY = 100;

struct Pending : OVERLAPPED {
    SOCKET socket;
    char buffer[2 * (sizeof(sockaddr_in) + 16)];
};

int main()
{
    begin();
    for (int with_port = 0; with_port < 2; ++with_port) {
        sockaddr_in address;
        SOCKET listener = listening(address);
        HANDLE port = NULL;
        if (with_port) {
            port = CreateIoCompletionPort((HANDLE)listener, NULL, 7, 0);
            CHECK(port != NULL);
        }
        std::vector<Pending> all(MANY);
        for (auto &each : all) {
            memset((OVERLAPPED *)&each, 0, sizeof(OVERLAPPED));
            if (!with_port) each.hEvent = CreateEventA(NULL, TRUE, FALSE, NULL);
            each.socket = tcp();
            PENDS(AcceptEx(listener, each.socket, each.buffer, 0, ROOM, ROOM, NULL, &each));
        }
        std::vector<SOCKET> clients;
        for (int i = 0; i < MANY; ++i) clients.push_back(connected(address));
        for (int i = 0; i < MANY; ++i) {
            Pending &each = all[i];
            if (with_port) {
                DWORD bytes = 1;
                ULONG_PTR key = 0;
                OVERLAPPED *done = NULL;
                CHECK(GetQueuedCompletionStatus(port, &bytes, &key, &done, 20000));
                EQUAL(key, 7);
                CHECK(done == &each);
            } else {
                EQUAL(WaitForSingleObject(each.hEvent, 20000), WAIT_OBJECT_0);
            }
            EQUAL(setsockopt(each.socket, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, (char *)&listener, sizeof listener), 0);
            sockaddr_in peer;
            int length = sizeof peer;
            EQUAL(getpeername(each.socket, (sockaddr *)&peer, &length), 0);
            EQUAL(peer.sin_port, name_of(clients[i]).sin_port);
        }
        for (int i = 0; i < MANY; ++i) {
            closesocket(all[i].socket);
            closesocket(clients[i]);
            if (all[i].hEvent) CloseHandle(all[i].hEvent);
        }
        closesocket(listener);
        if (port) CloseHandle(port);
    }
    return 0;
}
