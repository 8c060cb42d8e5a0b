// Datagrams: long ones, short places, senders, connections, groups.
#include "check.h"
#include <string>

static void lengths()
{
    sockaddr_in at, from;
    SOCKET u = datagrams(&at), v = datagrams(&from);
    int most = 0, size = sizeof most;
    DONE(getsockopt(u, SOL_SOCKET, SO_MAX_MSG_SIZE, (char *)&most, &size));
    EQUAL(most, 65507);
    std::string sent(most, 'd'), got(70000, 0);
    sent[0] = 'a';
    sent[most - 1] = 'z';
    EQUAL(sendto(v, sent.data(), most, 0, (sockaddr *)&at, sizeof at), most);
    sockaddr_in sender;
    int length = sizeof sender;
    EQUAL(recvfrom(u, &got[0], (int)got.size(), 0, (sockaddr *)&sender, &length), most);
    CHECK(got.substr(0, most) == sent && sender.sin_port == from.sin_port && length == sizeof sender);
    std::string too_long(most + 1, 'x');
    REFUSED(sendto(v, too_long.data(), (int)too_long.size(), 0, (sockaddr *)&at, sizeof at), WSAEMSGSIZE);
    // None at all is one as well.
    EQUAL(sendto(v, NULL, 0, 0, (sockaddr *)&at, sizeof at), 0);
    EQUAL(recv(u, &got[0], 10, 0), 0);
    // Too little room: the place is filled, the rest is lost, the sender told.
    for (bool blocks : { true, false }) {
        u_long on = !blocks;
        DONE(ioctlsocket(u, FIONBIO, &on));
        EQUAL(sendto(v, "0123456789", 10, 0, (sockaddr *)&at, sizeof at), 10);
        EQUAL(sendto(v, "next", 4, 0, (sockaddr *)&at, sizeof at), 4);
        u_long there = 0;
        while (there == 0) DONE(ioctlsocket(u, FIONREAD, &there));
        memset(&sender, 0, sizeof sender);
        memset(&got[0], 0, 20);
        length = sizeof sender;
        REFUSED(recvfrom(u, &got[0], 4, 0, (sockaddr *)&sender, &length), WSAEMSGSIZE);
        CHECK(!memcmp(&got[0], "0123\0\0", 6) && sender.sin_port == from.sin_port);
        EQUAL(recv(u, &got[0], 10, 0), 4);
    }
    u_long off = 0;
    DONE(ioctlsocket(u, FIONBIO, &off));
    // WSARecvEx calls it a part.
    int flags = 0;
    EQUAL(sendto(v, "0123456789", 10, 0, (sockaddr *)&at, sizeof at), 10);
    EQUAL(WSARecvEx(u, &got[0], 4, &flags), 4);
    EQUAL(flags, MSG_PARTIAL);
    EQUAL(sendto(v, "01", 2, 0, (sockaddr *)&at, sizeof at), 2);
    flags = 0;
    EQUAL(WSARecvEx(u, &got[0], 4, &flags), 2);
    EQUAL(flags, 0);
    // Looking leaves it.
    EQUAL(sendto(v, "look", 4, 0, (sockaddr *)&at, sizeof at), 4);
    EQUAL(recv(u, &got[0], 10, MSG_PEEK), 4);
    EQUAL(recv(u, &got[0], 10, 0), 4);
    DONE(closesocket(u));
    DONE(closesocket(v));
}

static void connections()
{
    sockaddr_in at, from, third;
    SOCKET u = datagrams(&at), v = datagrams(&from), w = datagrams(&third);
    char got[16];
    int length = sizeof third;
    REFUSED(send(u, "x", 1, 0), WSAENOTCONN);
    REFUSED(getpeername(u, (sockaddr *)&third, &length), WSAENOTCONN);
    DONE(connect(u, (sockaddr *)&from, sizeof from));
    DONE(getpeername(u, (sockaddr *)&third, &length));
    EQUAL(third.sin_port, from.sin_port);
    EQUAL(send(u, "to v", 4, 0), 4);
    EQUAL(recv(v, got, 16, 0), 4);
    // From others it takes nothing now.
    EQUAL(sendto(w, "from w", 6, 0, (sockaddr *)&at, sizeof at), 6);
    EQUAL(sendto(v, "from v", 6, 0, (sockaddr *)&at, sizeof at), 6);
    EQUAL(recv(u, got, 16, 0), 6);
    CHECK(!memcmp(got, "from v", 6));
    // To nowhere: it is unconnected again.
    sockaddr_in nowhere;
    memset(&nowhere, 0, sizeof nowhere);
    nowhere.sin_family = AF_INET;
    DONE(connect(u, (sockaddr *)&nowhere, sizeof nowhere));
    REFUSED(send(u, "x", 1, 0), WSAENOTCONN);
    // A datagram binds the socket that it is sent from.
    SOCKET unbound = made(AF_INET, SOCK_DGRAM);
    REFUSED(getsockname(unbound, (sockaddr *)&third, &length), WSAEINVAL);
    REFUSED(recv(unbound, got, 16, 0), WSAEINVAL);
    EQUAL(sendto(unbound, "x", 1, 0, (sockaddr *)&from, sizeof from), 1);
    CHECK(name_of<sockaddr_in>(unbound).sin_port != 0);
    for (SOCKET one : { u, v, w, unbound }) DONE(closesocket(one));
    // Refused: a connected one is told, unless it does not want to know.
    SOCKET dead = datagrams(&at);
    DONE(closesocket(dead));
    u = datagrams(&from);
    DONE(connect(u, (sockaddr *)&at, sizeof at));
    DWORD milliseconds = 100, bytes;
    BOOL off = FALSE;
    DONE(setsockopt(u, SOL_SOCKET, SO_RCVTIMEO, (char *)&milliseconds, sizeof milliseconds));
    EQUAL(send(u, "x", 1, 0), 1);
    REFUSED(recv(u, got, 16, 0), WSAECONNRESET);
    DONE(WSAIoctl(u, SIO_UDP_CONNRESET, &off, sizeof off, NULL, 0, &bytes, NULL, NULL));
    EQUAL(send(u, "x", 1, 0), 1);
    REFUSED(recv(u, got, 16, 0), WSAETIMEDOUT);
    DONE(closesocket(u));
}

static void broadcasts_and_groups()
{
    sockaddr_in at;
    SOCKET u = datagrams(&at);
    sockaddr_in all = loopback(htons(9));
    all.sin_addr.s_addr = INADDR_BROADCAST;
    REFUSED(sendto(u, "x", 1, 0, (sockaddr *)&all, sizeof all), WSAEACCES);
    BOOL on = TRUE;
    DONE(setsockopt(u, SOL_SOCKET, SO_BROADCAST, (char *)&on, sizeof on));
    // Options of groups come back as they were set, in a byte as well as in four.
    DWORD hops = 5;
    int size = sizeof hops;
    DONE(setsockopt(u, IPPROTO_IP, IP_MULTICAST_TTL, (char *)&hops, sizeof hops));
    hops = 0;
    DONE(getsockopt(u, IPPROTO_IP, IP_MULTICAST_TTL, (char *)&hops, &size));
    EQUAL(hops, 5);
    char byte = 7;
    DONE(setsockopt(u, IPPROTO_IP, IP_TTL, &byte, 1));
    DONE(getsockopt(u, IPPROTO_IP, IP_TTL, (char *)&hops, &size));
    EQUAL(hops, 7);
    hops = 256;
    REFUSED(setsockopt(u, IPPROTO_IP, IP_TTL, (char *)&hops, sizeof hops), WSAEINVAL);
    DWORD loops = 0;
    DONE(setsockopt(u, IPPROTO_IP, IP_MULTICAST_LOOP, (char *)&loops, sizeof loops));
    loops = 77;
    DONE(getsockopt(u, IPPROTO_IP, IP_MULTICAST_LOOP, (char *)&loops, &size));
    EQUAL(loops, 0);
    ip_mreq group;
    group.imr_multiaddr.s_addr = inet_addr("10.1.2.3");
    group.imr_interface.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(setsockopt(u, IPPROTO_IP, IP_ADD_MEMBERSHIP, (char *)&group, sizeof group) == SOCKET_ERROR);
    REFUSED(setsockopt(u, IPPROTO_IP, IP_ADD_MEMBERSHIP, (char *)&group, 4), WSAEFAULT);
    // How long a datagram may be, and what the kernel makes of a long one.
    for (DWORD how : { 1, 2, 3, 0 }) {
        DWORD now = 77;
        DONE(setsockopt(u, IPPROTO_IP, IP_MTU_DISCOVER, (char *)&how, sizeof how));
        DONE(getsockopt(u, IPPROTO_IP, IP_MTU_DISCOVER, (char *)&now, &size));
        EQUAL(now, how);
    }
    DWORD odd = 4;
    REFUSED(setsockopt(u, IPPROTO_IP, IP_MTU_DISCOVER, (char *)&odd, sizeof odd), WSAEINVAL);
    DONE(setsockopt(u, IPPROTO_UDP, UDP_NOCHECKSUM, (char *)&on, sizeof on));
    DONE(getsockopt(u, IPPROTO_UDP, UDP_NOCHECKSUM, (char *)&odd, &size));
    EQUAL(odd, 1);
    REFUSED(getsockopt(u, IPPROTO_UDP, 99, (char *)&odd, &size), WSAENOPROTOOPT);
    DONE(closesocket(u));
}

// A group on the loopback interface, joined in both ways.
static void group()
{
    sockaddr_in at;
    SOCKET sender = datagrams(&at), u = made(AF_INET, SOCK_DGRAM);
    sockaddr_in any;
    memset(&any, 0, sizeof any);
    any.sin_family = AF_INET;
    DONE(bind(u, (sockaddr *)&any, sizeof any));
    ip_mreq group;
    group.imr_multiaddr.s_addr = inet_addr("239.255.7.7");
    group.imr_interface.s_addr = htonl(INADDR_LOOPBACK);
    in_addr by;
    by.s_addr = htonl(INADDR_LOOPBACK);
    if (setsockopt(u, IPPROTO_IP, IP_ADD_MEMBERSHIP, (char *)&group, sizeof group)) {
        // A machine whose loopback has no groups.
        CHECK(WSAGetLastError() == WSAEADDRNOTAVAIL || WSAGetLastError() == WSAENETUNREACH);
    } else {
        REFUSED(setsockopt(u, IPPROTO_IP, IP_ADD_MEMBERSHIP, (char *)&group, sizeof group), WSAEADDRINUSE);
        DONE(setsockopt(sender, IPPROTO_IP, IP_MULTICAST_IF, (char *)&by, sizeof by));
        int size = sizeof by;
        by.s_addr = 0;
        DONE(getsockopt(sender, IPPROTO_IP, IP_MULTICAST_IF, (char *)&by, &size));
        EQUAL(by.s_addr, htonl(INADDR_LOOPBACK));
        sockaddr_in to = name_of<sockaddr_in>(u);
        to.sin_addr = group.imr_multiaddr;
        EQUAL(sendto(sender, "all", 3, 0, (sockaddr *)&to, sizeof to), 3);
        char got[8];
        EQUAL(recv(u, got, 8, 0), 3);
        DONE(setsockopt(u, IPPROTO_IP, IP_DROP_MEMBERSHIP, (char *)&group, sizeof group));
        REFUSED(setsockopt(u, IPPROTO_IP, IP_DROP_MEMBERSHIP, (char *)&group, sizeof group), WSAEADDRNOTAVAIL);
        // The loopback interface is the first.
        group_req request;
        memset(&request, 0, sizeof request);
        request.gr_interface = 1;
        *(sockaddr_in *)&request.gr_group = to;
        DONE(setsockopt(u, IPPROTO_IP, MCAST_JOIN_GROUP, (char *)&request, sizeof request));
        EQUAL(sendto(sender, "all", 3, 0, (sockaddr *)&to, sizeof to), 3);
        EQUAL(recv(u, got, 8, 0), 3);
        DONE(setsockopt(u, IPPROTO_IP, MCAST_LEAVE_GROUP, (char *)&request, sizeof request));
        REFUSED(setsockopt(u, IPPROTO_IP, MCAST_JOIN_GROUP, (char *)&request, 12), WSAEFAULT);
    }
    DONE(closesocket(u));
    DONE(closesocket(sender));
}

int main()
{
    begin();
    lengths();
    connections();
    broadcasts_and_groups();
    group();
    return 0;
}
