// A set of 200 sockets: its length is the program's affair. Those that are ready stay, in their order.
#define FD_SETSIZE 256
#include "../sockets/check.h"
#include <vector>

int main()
{
    begin();
    const int count = 200;
    std::vector<SOCKET> clients(count), servers(count);
    for (int i = 0; i < count; ++i) pair(&clients[i], &servers[i]);
    for (int i = 0; i < count; i += 7) EQUAL(send(clients[i], "x", 1, 0), 1);
    const u_int ready = (count + 6) / 7;
    fd_set read, write;
    do {
        FD_ZERO(&read);
        for (SOCKET s : servers) FD_SET(s, &read);
        EQUAL(read.fd_count, (u_int)count);
        CHECK(select(0, &read, NULL, NULL, NULL) > 0);
    } while (read.fd_count < ready);
    EQUAL(read.fd_count, ready);
    for (u_int i = 0; i < ready; ++i) CHECK(read.fd_array[i] == servers[7 * i]);
    for (int i = 0; i < count; ++i) CHECK(!FD_ISSET(servers[i], &read) == (i % 7 != 0));
    // Both sets count.
    FD_ZERO(&write);
    for (SOCKET s : servers) FD_SET(s, &write);
    EQUAL(select(0, &read, &write, NULL, NULL), (int)ready + count);
    CHECK(write.fd_count == (u_int)count && read.fd_count == ready);
    return 0;
}
