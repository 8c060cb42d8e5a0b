// IPv6: streams and datagrams, sockets of both families.
#include "check.h"

static void streams()
{
    SOCKET l = made(AF_INET6, SOCK_STREAM), c = made(AF_INET6, SOCK_STREAM);
    sockaddr_in6 address = loopback6(), peer;
    REFUSED(bind(l, (sockaddr *)&address, sizeof(sockaddr_in)), WSAEFAULT);
    DONE(bind(l, (sockaddr *)&address, sizeof address));
    DONE(listen(l, 5));
    address = name_of<sockaddr_in6>(l);
    CHECK(address.sin6_family == AF_INET6 && address.sin6_port);
    sockaddr_in four = loopback(address.sin6_port);
    REFUSED(connect(c, (sockaddr *)&four, sizeof four), WSAEAFNOSUPPORT);
    DONE(connect(c, (sockaddr *)&address, sizeof address));
    int length = sizeof four;
    NO_SOCKET(accept(l, (sockaddr *)&four, &length), WSAEFAULT);
    length = sizeof peer;
    SOCKET s = accept(l, (sockaddr *)&peer, &length);
    CHECK(s != INVALID_SOCKET && length == sizeof peer && peer.sin6_port == name_of<sockaddr_in6>(c).sin6_port);
    CHECK(IN6_IS_ADDR_LOOPBACK(&peer.sin6_addr));
    length = sizeof peer;
    DONE(getpeername(c, (sockaddr *)&peer, &length));
    EQUAL(peer.sin6_port, address.sin6_port);
    char byte = '6';
    EQUAL(send(c, &byte, 1, 0), 1);
    EQUAL(recv(s, &byte, 1, 0), 1);
    for (SOCKET one : { l, c, s }) DONE(closesocket(one));
}

static void datagrams_of_six()
{
    SOCKET u = made(AF_INET6, SOCK_DGRAM), v = made(AF_INET6, SOCK_DGRAM);
    sockaddr_in6 at = loopback6(), from = loopback6(), sender;
    DONE(bind(u, (sockaddr *)&at, sizeof at));
    DONE(bind(v, (sockaddr *)&from, sizeof from));
    at = name_of<sockaddr_in6>(u);
    from = name_of<sockaddr_in6>(v);
    EQUAL(sendto(v, "six", 3, 0, (sockaddr *)&at, sizeof at), 3);
    char got[16];
    int length = sizeof(sockaddr_in);
    REFUSED(recvfrom(u, got, 16, 0, (sockaddr *)&sender, &length), WSAEFAULT);
    length = sizeof sender;
    EQUAL(recvfrom(u, got, 16, 0, (sockaddr *)&sender, &length), 3);
    CHECK(sender.sin6_port == from.sin6_port && length == sizeof sender);
    // The options of this family, and not those of the other.
    DWORD hops = 9, on = 0;
    int size = sizeof hops;
    DONE(setsockopt(u, IPPROTO_IPV6, IPV6_UNICAST_HOPS, (char *)&hops, sizeof hops));
    DONE(setsockopt(u, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, (char *)&on, sizeof on));
    hops = 0;
    DONE(getsockopt(u, IPPROTO_IPV6, IPV6_UNICAST_HOPS, (char *)&hops, &size));
    EQUAL(hops, 9);
    REFUSED(setsockopt(u, IPPROTO_IP, IP_TTL, (char *)&hops, sizeof hops), WSAEINVAL);
    ipv6_mreq group;
    memset(&group, 0, sizeof group);
    REFUSED(setsockopt(u, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, (char *)&group, 16), WSAEFAULT);
    CHECK(setsockopt(u, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, (char *)&group, sizeof group) == SOCKET_ERROR);
    DONE(closesocket(u));
    DONE(closesocket(v));
}

static void both_families()
{
    // With its option off it serves IPv4 too, whose addresses are mapped.
    SOCKET l = made(AF_INET6, SOCK_STREAM), c = made(AF_INET, SOCK_STREAM);
    DWORD off = 0;
    DONE(setsockopt(l, IPPROTO_IPV6, IPV6_V6ONLY, (char *)&off, sizeof off));
    sockaddr_in6 any, peer;
    IN6ADDR_SETANY(&any);
    DONE(bind(l, (sockaddr *)&any, sizeof any));
    DONE(listen(l, 5));
    sockaddr_in to = loopback(name_of<sockaddr_in6>(l).sin6_port);
    DONE(connect(c, (sockaddr *)&to, sizeof to));
    int length = sizeof peer;
    SOCKET s = accept(l, (sockaddr *)&peer, &length);
    CHECK(s != INVALID_SOCKET && IN6_IS_ADDR_V4MAPPED(&peer.sin6_addr));
    char text[80];
    DWORD size = sizeof text;
    DONE(WSAAddressToStringA((sockaddr *)&peer, sizeof peer, NULL, text, &size));
    CHECK(!strncmp(text, "[::ffff:127.0.0.1]:", 19));
    for (SOCKET one : { l, c, s }) DONE(closesocket(one));
    // With it on it does not.
    SOCKET only = made(AF_INET6, SOCK_STREAM);
    c = made(AF_INET, SOCK_STREAM);
    DONE(bind(only, (sockaddr *)&any, sizeof any));
    DONE(listen(only, 5));
    to.sin_port = name_of<sockaddr_in6>(only).sin6_port;
    REFUSED(connect(c, (sockaddr *)&to, sizeof to), WSAECONNREFUSED);
    DONE(closesocket(only));
    DONE(closesocket(c));
}

int main()
{
    begin();
    // Where the machine has no IPv6 there is nothing to see.
    SOCKET probe = socket(AF_INET6, SOCK_DGRAM, 0);
    sockaddr_in6 address = loopback6();
    if (probe == INVALID_SOCKET || bind(probe, (sockaddr *)&address, sizeof address)) {
        CHECK(WSAGetLastError() == WSAEAFNOSUPPORT || WSAGetLastError() == WSAEADDRNOTAVAIL);
        puts("no IPv6 here");
        return 0;
    }
    streams();
    datagrams_of_six();
    both_families();
    return 0;
}
