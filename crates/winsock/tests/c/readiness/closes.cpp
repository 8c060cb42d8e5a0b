// Sockets that another thread closes while somebody waits for them.
#include "../sockets/check.h"

static DWORD WINAPI close_soon(void *socket)
{
    Sleep(30);
    DONE(closesocket((SOCKET)socket));
    return 0;
}

int main()
{
    begin();
    for (bool polls : { false, true }) {
        SOCKET client, server, other, idle;
        pair(&client, &server);
        pair(&other, &idle);
        HANDLE thread = start(close_soon, (void *)server);
        if (polls) {
            WSAPOLLFD entries[2] = { { server, POLLRDNORM, 0 }, { idle, POLLRDNORM, 0 } };
            EQUAL(WSAPoll(entries, 2, -1), 1);
            CHECK(entries[0].revents & (POLLNVAL | POLLHUP));
            EQUAL(entries[1].revents, 0);
        } else {
            fd_set read;
            FD_ZERO(&read);
            FD_SET(server, &read);
            FD_SET(idle, &read);
            REFUSED(select(0, &read, NULL, NULL, NULL), WSAENOTSOCK);
        }
        end(thread);
        for (SOCKET s : { client, other, idle }) DONE(closesocket(s));
    }
    return 0;
}
