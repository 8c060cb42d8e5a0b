// Names: of hosts, services and addresses as text.
#ifndef OVERLAPPED_NAMES_H
#define OVERLAPPED_NAMES_H

#include <overlapped/sockets.h>

// The C library's has no sign, and its headers may have defined it.
#ifdef __socklen_t_defined
#define socklen_t overlapped_socklen_t
#else
#define __socklen_t_defined
#endif
typedef int socklen_t;

#define NI_NOFQDN 0x01
#define NI_NUMERICHOST 0x02
#define NI_NAMEREQD 0x04
#define NI_NUMERICSERV 0x08
#define NI_DGRAM 0x10
#define NI_MAXHOST 1025
#define NI_MAXSERV 32

#define AI_PASSIVE 0x00000001
#define AI_CANONNAME 0x00000002
#define AI_NUMERICHOST 0x00000004
#define AI_NUMERICSERV 0x00000008
#define AI_DNS_ONLY 0x00000010
#define AI_ALL 0x00000100
#define AI_ADDRCONFIG 0x00000400
#define AI_V4MAPPED 0x00000800
#define AI_NON_AUTHORITATIVE 0x00004000
#define AI_SECURE 0x00008000
#define AI_RETURN_PREFERRED_NAMES 0x00010000
#define AI_FQDN 0x00020000
#define AI_FILESERVER 0x00040000

#define EAI_AGAIN WSATRY_AGAIN
#define EAI_BADFLAGS WSAEINVAL
#define EAI_FAIL WSANO_RECOVERY
#define EAI_FAMILY WSAEAFNOSUPPORT
#define EAI_MEMORY WSA_NOT_ENOUGH_MEMORY
#define EAI_NODATA EAI_NONAME
#define EAI_NONAME WSAHOST_NOT_FOUND
#define EAI_SERVICE WSATYPE_NOT_FOUND
#define EAI_SOCKTYPE WSAESOCKTNOSUPPORT
#define GAI_STRERROR_BUFFER_SIZE 1024

struct hostent {
    char *h_name;
    char **h_aliases;
    short h_addrtype;
    short h_length;
    char **h_addr_list;
};
#define h_addr h_addr_list[0]
typedef struct hostent HOSTENT, *PHOSTENT, *LPHOSTENT;

struct servent {
    char *s_name;
    char **s_aliases;
    char *s_proto;
    short s_port;
};
typedef struct servent SERVENT, *PSERVENT, *LPSERVENT;

struct protoent {
    char *p_name;
    char **p_aliases;
    short p_proto;
};
typedef struct protoent PROTOENT, *PPROTOENT, *LPPROTOENT;

typedef struct addrinfo {
    int ai_flags;
    int ai_family;
    int ai_socktype;
    int ai_protocol;
    size_t ai_addrlen;
    char *ai_canonname;
    struct sockaddr *ai_addr;
    struct addrinfo *ai_next;
} ADDRINFOA, *PADDRINFOA;

typedef struct addrinfoW {
    int ai_flags;
    int ai_family;
    int ai_socktype;
    int ai_protocol;
    size_t ai_addrlen;
    PWSTR ai_canonname;
    struct sockaddr *ai_addr;
    struct addrinfoW *ai_next;
} ADDRINFOW, *PADDRINFOW;

OVERLAPPED_BEGIN
// Declared just as the C library declares it, so that its header may stand in the same file.
int gethostname(char *name, size_t length)
#ifdef __cplusplus
    noexcept(true)
#endif
        OVERLAPPED_NAMED(gethostname);
int GetHostNameW(PWSTR name, int length);
struct hostent *gethostbyname(const char *name) OVERLAPPED_NAMED(gethostbyname);
struct hostent *gethostbyaddr(const char *address, int length, int family) OVERLAPPED_NAMED(gethostbyaddr);
struct servent *getservbyname(const char *name, const char *protocol) OVERLAPPED_NAMED(getservbyname);
struct servent *getservbyport(int port, const char *protocol) OVERLAPPED_NAMED(getservbyport);
struct protoent *getprotobyname(const char *name) OVERLAPPED_NAMED(getprotobyname);
struct protoent *getprotobynumber(int number) OVERLAPPED_NAMED(getprotobynumber);

INT getaddrinfo(PCSTR node, PCSTR service, const ADDRINFOA *hints, PADDRINFOA *result) OVERLAPPED_NAMED(getaddrinfo);
void freeaddrinfo(PADDRINFOA list) OVERLAPPED_NAMED(freeaddrinfo);
INT getnameinfo(const SOCKADDR *address, socklen_t length, PCHAR host, DWORD host_size, PCHAR service, DWORD service_size, INT flags)
    OVERLAPPED_NAMED(getnameinfo);
INT GetAddrInfoW(PCWSTR node, PCWSTR service, const ADDRINFOW *hints, PADDRINFOW *result);
void FreeAddrInfoW(PADDRINFOW list);
INT GetNameInfoW(const SOCKADDR *address, socklen_t length, PWCHAR host, DWORD host_size, PWCHAR service, DWORD service_size, INT flags);
char *gai_strerrorA(int code);
WCHAR *gai_strerrorW(int code);

INT WSAAddressToStringA(LPSOCKADDR address, DWORD length, LPWSAPROTOCOL_INFOA info, LPSTR text, LPDWORD size);
INT WSAAddressToStringW(LPSOCKADDR address, DWORD length, LPWSAPROTOCOL_INFOW info, LPWSTR text, LPDWORD size);
INT WSAStringToAddressA(LPSTR text, INT family, LPWSAPROTOCOL_INFOA info, LPSOCKADDR address, LPINT length);
INT WSAStringToAddressW(LPWSTR text, INT family, LPWSAPROTOCOL_INFOW info, LPSOCKADDR address, LPINT length);
OVERLAPPED_END

#define GetAddrInfoA getaddrinfo
#define FreeAddrInfoA freeaddrinfo
#define GetNameInfoA getnameinfo
#ifdef UNICODE
typedef ADDRINFOW ADDRINFO, *PADDRINFO, ADDRINFOT, *PADDRINFOT, *LPADDRINFO;
#define GetAddrInfo GetAddrInfoW
#define FreeAddrInfo FreeAddrInfoW
#define GetNameInfo GetNameInfoW
#define gai_strerror gai_strerrorW
#define WSAAddressToString WSAAddressToStringW
#define WSAStringToAddress WSAStringToAddressW
#else
typedef ADDRINFOA ADDRINFO, *PADDRINFO, ADDRINFOT, *PADDRINFOT, *LPADDRINFO;
#define GetAddrInfo GetAddrInfoA
#define FreeAddrInfo FreeAddrInfoA
#define GetNameInfo GetNameInfoA
#define gai_strerror gai_strerrorA
#define WSAAddressToString WSAAddressToStringA
#define WSAStringToAddress WSAStringToAddressA
#endif

#endif
