// Names: the lists of getaddrinfo and what is in them, the old functions, addresses as text, wide twins.
#include "check.h"
#include <set>
#include <string>
#include <wchar.h>

static addrinfo wanted(int family, int type, int flags = 0)
{
    addrinfo hints;
    memset(&hints, 0, sizeof hints);
    hints.ai_family = family;
    hints.ai_socktype = type;
    hints.ai_flags = flags;
    return hints;
}

// Every address once, with the type and protocol that were asked for, and none of another family.
static int count(const addrinfo *list, const addrinfo &hints, u_short port)
{
    std::set<std::string> seen;
    int count = 0;
    for (; list; list = list->ai_next, ++count) {
        char text[80];
        DWORD size = sizeof text;
        CHECK(list->ai_family == AF_INET || list->ai_family == AF_INET6);
        CHECK(hints.ai_family == AF_UNSPEC || list->ai_family == hints.ai_family);
        EQUAL(list->ai_socktype, hints.ai_socktype);
        EQUAL(list->ai_protocol, hints.ai_protocol);
        EQUAL(list->ai_addrlen, list->ai_family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6));
        EQUAL(list->ai_addr->sa_family, list->ai_family);
        EQUAL(SS_PORT(list->ai_addr), htons(port));
        DONE(WSAAddressToStringA(list->ai_addr, (DWORD)list->ai_addrlen, NULL, text, &size));
        CHECK(seen.insert(text).second);
    }
    return count;
}

static void lists()
{
    addrinfo *list;
    for (int type : { 0, SOCK_STREAM, SOCK_DGRAM }) {
        for (int family : { AF_UNSPEC, AF_INET }) {
            addrinfo hints = wanted(family, type);
            DONE(getaddrinfo("localhost", "8080", &hints, &list));
            int found = count(list, hints, 8080);
            CHECK(found == 1 || (family == AF_UNSPEC && found == 2));
            freeaddrinfo(list);
        }
    }
    // Protocols are given back as they were asked for.
    addrinfo hints = wanted(AF_INET, SOCK_STREAM);
    hints.ai_protocol = IPPROTO_TCP;
    DONE(getaddrinfo("127.0.0.1", "http", &hints, &list));
    EQUAL(count(list, hints, 80), 1);
    freeaddrinfo(list);
    // No hints, no service.
    DONE(getaddrinfo("1.2.3.4", NULL, NULL, &list));
    EQUAL(count(list, wanted(AF_UNSPEC, 0), 0), 1);
    CHECK(!list->ai_canonname);
    freeaddrinfo(list);
    // A service that only datagrams have.
    hints = wanted(AF_INET, 0);
    DONE(getaddrinfo("127.0.0.1", "tftp", &hints, &list));
    EQUAL(count(list, hints, 69), 1);
    freeaddrinfo(list);
    hints = wanted(AF_INET, SOCK_STREAM);
    EQUAL(getaddrinfo("127.0.0.1", "tftp", &hints, &list), WSATYPE_NOT_FOUND);
    // The first has the name.
    hints = wanted(AF_INET, SOCK_STREAM, AI_CANONNAME);
    DONE(getaddrinfo("127.0.0.1", NULL, &hints, &list));
    CHECK(list->ai_canonname && !strcmp(list->ai_canonname, "127.0.0.1"));
    freeaddrinfo(list);
    // IPv6 as text, with a scope.
    hints = wanted(AF_INET6, SOCK_STREAM, AI_NUMERICHOST);
    DONE(getaddrinfo("fe80::1%7", "1", &hints, &list));
    EQUAL(((sockaddr_in6 *)list->ai_addr)->sin6_scope_id, 7);
    freeaddrinfo(list);
    EQUAL(getaddrinfo("1.2.3.4", "1", &hints, &list), WSAHOST_NOT_FOUND);
    EQUAL(WSAGetLastError(), WSAHOST_NOT_FOUND);
    // This machine, by no name and by its own.
    char own[256];
    DONE(gethostname(own, sizeof own));
    for (const char *name : { "", "..localmachine", (const char *)own }) {
        hints = wanted(AF_INET, 0);
        DONE(getaddrinfo(name, NULL, &hints, &list));
        CHECK(count(list, hints, 0) >= 1);
        freeaddrinfo(list);
    }
}

static void wide()
{
    ADDRINFOW hints, *list;
    memset(&hints, 0, sizeof hints);
    hints.ai_family = AF_INET;
    hints.ai_flags = AI_CANONNAME;
    DONE(GetAddrInfoW(L"localhost", L"https", &hints, &list));
    CHECK(list->ai_canonname && !wcscmp(list->ai_canonname, L"localhost") && !list->ai_next);
    sockaddr_in address = *(sockaddr_in *)list->ai_addr;
    EQUAL(ntohs(address.sin_port), 443);
    FreeAddrInfoW(list);
    WCHAR host[64], service[64];
    DONE(GetNameInfoW((sockaddr *)&address, sizeof address, host, 64, service, 64, NI_NUMERICHOST | NI_NUMERICSERV));
    CHECK(!wcscmp(host, L"127.0.0.1") && !wcscmp(service, L"443"));
    DWORD size = 64;
    DONE(WSAAddressToStringW((sockaddr *)&address, sizeof address, NULL, host, &size));
    CHECK(!wcscmp(host, L"127.0.0.1:443") && size == 14);
    int length = sizeof address;
    DONE(WSAStringToAddressW(host, AF_INET, NULL, (sockaddr *)&address, &length));
    EQUAL(ntohs(address.sin_port), 443);
    in6_addr six;
    EQUAL(InetPtonW(AF_INET6, L"::ffff:1.2.3.4", &six), 1);
    CHECK(InetNtopW(AF_INET6, &six, host, 64) == host && !wcscmp(host, L"::ffff:1.2.3.4"));
    DONE(GetHostNameW(host, 64));
    char own[64];
    DONE(gethostname(own, sizeof own));
    EQUAL(wcslen(host), strlen(own));
}

static void hosts()
{
    hostent *host = gethostbyname("127.0.0.1");
    CHECK(host && host->h_addrtype == AF_INET && host->h_length == 4 && !host->h_aliases[0] && !host->h_addr_list[1]);
    CHECK(!memcmp(host->h_addr, "\x7f\0\0\1", 4));
    char own[256];
    DONE(gethostname(own, sizeof own));
    for (const char *name : { (const char *)own, "", (const char *)NULL }) {
        host = gethostbyname(name);
        CHECK(host && host->h_addr_list[0] && host->h_name[0]);
    }
    host = gethostbyaddr("\x7f\0\0\1", 4, AF_INET);
    CHECK(host && host->h_name[0] && !memcmp(host->h_addr, "\x7f\0\0\1", 4));
    servent *service = getservbyname("http", "tcp");
    CHECK(service && !strcmp(service->s_name, "http") && !strcmp(service->s_proto, "tcp") && service->s_port == htons(80));
    service = getservbyport(htons(443), NULL);
    CHECK(service && !strcmp(service->s_name, "https") && service->s_aliases);
    CHECK(getservbyname("domain", "udp") && !getservbyname("ssh", "quic"));
    protoent *protocol = getprotobyname("UDP");
    CHECK(protocol && protocol->p_proto == 17 && !strcmp(protocol->p_name, "udp") && !strcmp(protocol->p_aliases[0], "UDP") && !protocol->p_aliases[1]);
    CHECK((protocol = getprotobynumber(6)) && !strcmp(protocol->p_name, "tcp"));
    sockaddr_in address = loopback(htons(80));
    char name[NI_MAXHOST], port[NI_MAXSERV];
    DONE(getnameinfo((sockaddr *)&address, sizeof address, name, sizeof name, port, sizeof port, 0));
    CHECK(name[0] && !strcmp(port, "http"));
    DONE(getnameinfo((sockaddr *)&address, sizeof address, NULL, 0, port, sizeof port, NI_NUMERICSERV));
    CHECK(!strcmp(port, "80"));
}

// What one thread was given another does not overwrite.
static DWORD WINAPI other(LPVOID)
{
    CHECK(gethostbyname("127.0.0.9") && getservbyname("ssh", "tcp") && getprotobyname("icmp"));
    in_addr four;
    four.s_addr = inet_addr("9.9.9.9");
    CHECK(!strcmp(inet_ntoa(four), "9.9.9.9"));
    return 0;
}

static void threads()
{
    hostent *host = gethostbyname("127.0.0.1");
    servent *service = getservbyname("http", "tcp");
    protoent *protocol = getprotobyname("tcp");
    in_addr four;
    four.s_addr = inet_addr("1.2.3.4");
    char *text = inet_ntoa(four);
    end(start(other, NULL));
    CHECK(!memcmp(host->h_addr, "\x7f\0\0\1", 4) && service->s_port == htons(80) && protocol->p_proto == 6 && !strcmp(text, "1.2.3.4"));
}

static void protocols()
{
    DWORD size = 0;
    REFUSED(WSAEnumProtocolsW(NULL, NULL, &size), WSAENOBUFS);
    EQUAL(size, 4 * sizeof(WSAPROTOCOL_INFOW));
    WSAPROTOCOL_INFOW all[4];
    EQUAL(WSAEnumProtocolsW(NULL, all, &size), 4);
    for (auto &one : all) CHECK(one.szProtocol[0] && one.iVersion == 2 && one.ProtocolChain.ChainLen == BASE_PROTOCOL);
    int only[] = { IPPROTO_UDP, 0 };
    WSAPROTOCOL_INFOA udp[2];
    size = sizeof udp;
    EQUAL(WSAEnumProtocolsA(only, udp, &size), 2);
    CHECK(udp[0].iSocketType == SOCK_DGRAM && udp[1].iAddressFamily == AF_INET6 && !strcmp(udp[0].szProtocol, "MSAFD Tcpip [UDP/IP]"));
    // A socket of what the structure says.
    SOCKET s = WSASocketA(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, &udp[1], 0, WSA_FLAG_OVERLAPPED);
    CHECK(s != INVALID_SOCKET);
    WSAPROTOCOL_INFOW its;
    int length = sizeof its;
    DONE(getsockopt(s, SOL_SOCKET, SO_PROTOCOL_INFOW, (char *)&its, &length));
    CHECK(length == sizeof its && its.iAddressFamily == AF_INET6 && its.iProtocol == IPPROTO_UDP);
    length = sizeof its - 1;
    REFUSED(getsockopt(s, SOL_SOCKET, SO_PROTOCOL_INFOW, (char *)&its, &length), WSAEFAULT);
}

int main()
{
    begin();
    lists();
    wide();
    hosts();
    threads();
    protocols();
    return 0;
}
