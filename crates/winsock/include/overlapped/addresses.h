// Addresses: families, structures, byte order and text.
#ifndef OVERLAPPED_ADDRESSES_H
#define OVERLAPPED_ADDRESSES_H

#include <overlapped/types.h>

#if defined(_SYS_SOCKET_H) || defined(_NETINET_IN_H) || defined(_ARPA_INET_H) || defined(_NETDB_H)
#error "this file includes the C library's sockets and Winsock's, which have the same names: use each in a file of its own"
#endif

typedef UINT_PTR SOCKET;

#define AF_UNSPEC 0
#define AF_UNIX 1
#define AF_INET 2
#define AF_IMPLINK 3
#define AF_PUP 4
#define AF_CHAOS 5
#define AF_NS 6
#define AF_IPX AF_NS
#define AF_ISO 7
#define AF_OSI AF_ISO
#define AF_ECMA 8
#define AF_DATAKIT 9
#define AF_CCITT 10
#define AF_SNA 11
#define AF_DECnet 12
#define AF_DLI 13
#define AF_LAT 14
#define AF_HYLINK 15
#define AF_APPLETALK 16
#define AF_NETBIOS 17
#define AF_VOICEVIEW 18
#define AF_FIREFOX 19
#define AF_BAN 21
#define AF_ATM 22
#define AF_INET6 23
#define AF_IRDA 26
#define AF_BTH 32
#define AF_HYPERV 34
#define PF_UNSPEC AF_UNSPEC
#define PF_UNIX AF_UNIX
#define PF_INET AF_INET
#define PF_NS AF_NS
#define PF_IPX AF_IPX
#define PF_APPLETALK AF_APPLETALK
#define PF_INET6 AF_INET6
#define PF_IRDA AF_IRDA
#define PF_BTH AF_BTH

typedef USHORT ADDRESS_FAMILY;

typedef struct sockaddr {
    ADDRESS_FAMILY sa_family;
    CHAR sa_data[14];
} SOCKADDR, *PSOCKADDR, *LPSOCKADDR;

typedef struct in_addr {
    union {
        struct {
            UCHAR s_b1, s_b2, s_b3, s_b4;
        } S_un_b;
        struct {
            USHORT s_w1, s_w2;
        } S_un_w;
        ULONG S_addr;
    } S_un;
} IN_ADDR, *PIN_ADDR, *LPIN_ADDR;
#define s_addr S_un.S_addr
#define s_host S_un.S_un_b.s_b2
#define s_net S_un.S_un_b.s_b1
#define s_imp S_un.S_un_w.s_w2
#define s_impno S_un.S_un_b.s_b4
#define s_lh S_un.S_un_b.s_b3

typedef struct sockaddr_in {
    ADDRESS_FAMILY sin_family;
    USHORT sin_port;
    IN_ADDR sin_addr;
    CHAR sin_zero[8];
} SOCKADDR_IN, *PSOCKADDR_IN, *LPSOCKADDR_IN;

typedef struct in6_addr {
    union {
        UCHAR Byte[16];
        USHORT Word[8];
    } u;
} IN6_ADDR, *PIN6_ADDR, *LPIN6_ADDR;
#define in_addr6 in6_addr
#define _S6_un u
#define _S6_u8 Byte
#define s6_addr u.Byte
#define s6_bytes u.Byte
#define s6_words u.Word

typedef struct {
    __extension__ union {
        __extension__ struct {
            ULONG Zone : 28;
            ULONG Level : 4;
        };
        ULONG Value;
    };
} SCOPE_ID, *PSCOPE_ID;

typedef struct sockaddr_in6 {
    ADDRESS_FAMILY sin6_family;
    USHORT sin6_port;
    ULONG sin6_flowinfo;
    IN6_ADDR sin6_addr;
    __extension__ union {
        ULONG sin6_scope_id;
        SCOPE_ID sin6_scope_struct;
    };
} SOCKADDR_IN6, *PSOCKADDR_IN6, *LPSOCKADDR_IN6, SOCKADDR_IN6_LH, *PSOCKADDR_IN6_LH;

typedef union _SOCKADDR_INET {
    SOCKADDR_IN Ipv4;
    SOCKADDR_IN6 Ipv6;
    ADDRESS_FAMILY si_family;
} SOCKADDR_INET, *PSOCKADDR_INET;

#define _SS_MAXSIZE 128
#define _SS_ALIGNSIZE 8
typedef struct sockaddr_storage {
    ADDRESS_FAMILY ss_family;
    CHAR __ss_pad1[6];
    LONGLONG __ss_align;
    CHAR __ss_pad2[112];
} SOCKADDR_STORAGE, *PSOCKADDR_STORAGE, *LPSOCKADDR_STORAGE, SOCKADDR_STORAGE_LH, *PSOCKADDR_STORAGE_LH;

#define UNIX_PATH_MAX 108
typedef struct sockaddr_un {
    ADDRESS_FAMILY sun_family;
    char sun_path[UNIX_PATH_MAX];
} SOCKADDR_UN, *PSOCKADDR_UN;

typedef struct _SOCKET_ADDRESS {
    LPSOCKADDR lpSockaddr;
    INT iSockaddrLength;
} SOCKET_ADDRESS, *PSOCKET_ADDRESS, *LPSOCKET_ADDRESS;

typedef struct _SOCKET_ADDRESS_LIST {
    INT iAddressCount;
    SOCKET_ADDRESS Address[1];
} SOCKET_ADDRESS_LIST, *PSOCKET_ADDRESS_LIST, *LPSOCKET_ADDRESS_LIST;

typedef struct _CSADDR_INFO {
    SOCKET_ADDRESS LocalAddr;
    SOCKET_ADDRESS RemoteAddr;
    INT iSocketType;
    INT iProtocol;
} CSADDR_INFO, *PCSADDR_INFO, *LPCSADDR_INFO;

#define ADDR_ANY INADDR_ANY
#define INADDR_ANY ((ULONG)0x00000000)
#define INADDR_LOOPBACK 0x7F000001
#define INADDR_BROADCAST ((ULONG)0xFFFFFFFF)
#define INADDR_NONE 0xFFFFFFFFu
#define INADDR_UNSPEC_GROUP ((ULONG)0xE0000000)
#define INADDR_ALLHOSTS_GROUP ((ULONG)0xE0000001)
#define INADDR_ALLRTRS_GROUP ((ULONG)0xE0000002)
#define INADDR_MAX_LOCAL_GROUP ((ULONG)0xE00000FF)
#define IN_CLASSA(address) (((LONG)(address) & 0x80000000) == 0)
#define IN_CLASSA_NET 0xFF000000
#define IN_CLASSB(address) (((LONG)(address) & 0xC0000000) == 0x80000000)
#define IN_CLASSB_NET 0xFFFF0000
#define IN_CLASSC(address) (((LONG)(address) & 0xE0000000) == 0xC0000000)
#define IN_CLASSC_NET 0xFFFFFF00
#define IN_CLASSD(address) (((LONG)(address) & 0xF0000000) == 0xE0000000)
#define IN_MULTICAST(address) IN_CLASSD(address)

#define INET_ADDRSTRLEN 22
#define INET6_ADDRSTRLEN 65
#define IN6ADDR_ANY_INIT {{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}}}
#define IN6ADDR_LOOPBACK_INIT {{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}}}

static const IN6_ADDR overlapped_in6addr_any __attribute__((__unused__)) = IN6ADDR_ANY_INIT;
static const IN6_ADDR overlapped_in6addr_loopback __attribute__((__unused__)) = IN6ADDR_LOOPBACK_INIT;
#define in6addr_any overlapped_in6addr_any
#define in6addr_loopback overlapped_in6addr_loopback

OVERLAPPED_BEGIN
u_short htons(u_short number) OVERLAPPED_NAMED(htons);
u_short ntohs(u_short number) OVERLAPPED_NAMED(ntohs);
u_long htonl(u_long number) OVERLAPPED_NAMED(htonl);
u_long ntohl(u_long number) OVERLAPPED_NAMED(ntohl);
u_long inet_addr(const char *text) OVERLAPPED_NAMED(inet_addr);
char *inet_ntoa(struct in_addr address) OVERLAPPED_NAMED(inet_ntoa);
INT inet_pton(INT family, PCSTR text, PVOID address) OVERLAPPED_NAMED(inet_pton);
PCSTR inet_ntop(INT family, const VOID *address, PSTR text, size_t size) OVERLAPPED_NAMED(inet_ntop);
INT InetPtonW(INT family, PCWSTR text, PVOID address);
PCWSTR InetNtopW(INT family, const VOID *address, PWSTR text, size_t size);

int WSAHtonl(SOCKET socket, u_long number, u_long *result);
int WSAHtons(SOCKET socket, u_short number, u_short *result);
int WSANtohl(SOCKET socket, u_long number, u_long *result);
int WSANtohs(SOCKET socket, u_short number, u_short *result);
OVERLAPPED_END

#define InetPtonA inet_pton
#define InetNtopA inet_ntop
#ifdef UNICODE
#define InetPton InetPtonW
#define InetNtop InetNtopW
#else
#define InetPton InetPtonA
#define InetNtop InetNtopA
#endif

OVERLAPPED_INLINE unsigned long long htonll(unsigned long long number) { return __builtin_bswap64(number); }
OVERLAPPED_INLINE unsigned long long ntohll(unsigned long long number) { return __builtin_bswap64(number); }

OVERLAPPED_INLINE BOOLEAN IN6_ADDR_EQUAL(const IN6_ADDR *a, const IN6_ADDR *b) { return memcmp(a, b, sizeof *a) == 0; }
OVERLAPPED_INLINE BOOLEAN IN4_ADDR_EQUAL(const IN_ADDR *a, const IN_ADDR *b) { return a->s_addr == b->s_addr; }
OVERLAPPED_INLINE BOOLEAN IN6_IS_ADDR_UNSPECIFIED(const IN6_ADDR *a) { return IN6_ADDR_EQUAL(a, &in6addr_any); }
OVERLAPPED_INLINE BOOLEAN IN6_IS_ADDR_LOOPBACK(const IN6_ADDR *a) { return IN6_ADDR_EQUAL(a, &in6addr_loopback); }
OVERLAPPED_INLINE BOOLEAN IN6_IS_ADDR_MULTICAST(const IN6_ADDR *a) { return a->s6_bytes[0] == 0xFF; }
OVERLAPPED_INLINE BOOLEAN IN6_IS_ADDR_LINKLOCAL(const IN6_ADDR *a) { return a->s6_bytes[0] == 0xFE && (a->s6_bytes[1] & 0xC0) == 0x80; }
OVERLAPPED_INLINE BOOLEAN IN6_IS_ADDR_SITELOCAL(const IN6_ADDR *a) { return a->s6_bytes[0] == 0xFE && (a->s6_bytes[1] & 0xC0) == 0xC0; }
OVERLAPPED_INLINE BOOLEAN IN6_IS_ADDR_V4MAPPED(const IN6_ADDR *a)
{
    return !memcmp(a, &in6addr_any, 10) && a->s6_bytes[10] == 0xFF && a->s6_bytes[11] == 0xFF;
}
#define IN6_IS_ADDR_V4COMPAT(a)                                                                                               \
    (!memcmp(a, &in6addr_any, 12) && !IN6_IS_ADDR_UNSPECIFIED(a) && !IN6_IS_ADDR_LOOPBACK(a))
OVERLAPPED_INLINE void IN6ADDR_SETANY(PSOCKADDR_IN6 a)
{
    memset(a, 0, sizeof *a);
    a->sin6_family = AF_INET6;
}
OVERLAPPED_INLINE void IN6ADDR_SETLOOPBACK(PSOCKADDR_IN6 a)
{
    IN6ADDR_SETANY(a);
    a->sin6_addr = in6addr_loopback;
}
OVERLAPPED_INLINE BOOLEAN IN6ADDR_ISANY(const SOCKADDR_IN6 *a) { return IN6_IS_ADDR_UNSPECIFIED(&a->sin6_addr); }
OVERLAPPED_INLINE BOOLEAN IN6ADDR_ISLOOPBACK(const SOCKADDR_IN6 *a) { return IN6_IS_ADDR_LOOPBACK(&a->sin6_addr); }
#define SS_PORT(address) (((PSOCKADDR_IN)(address))->sin_port)

#endif
