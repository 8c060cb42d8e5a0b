// Winsock itself: beginning and ending, sockets, blocking and overlapped sending and receiving.
#ifndef OVERLAPPED_SOCKETS_H
#define OVERLAPPED_SOCKETS_H

#include <overlapped/addresses.h>
#include <overlapped/errors.h>
#include <overlapped/guid.h>
#include <overlapped/long_numbers.h>
#include <overlapped/overlapped_io.h>

#define WINSOCK_VERSION MAKEWORD(2, 2)
#define WSADESCRIPTION_LEN 256
#define WSASYS_STATUS_LEN 128
#define WSAPROTOCOL_LEN 255
#define MAX_PROTOCOL_CHAIN 7
#define BASE_PROTOCOL 1
#define LAYERED_PROTOCOL 0

#define INVALID_SOCKET ((SOCKET)~(SOCKET)0)
#define SOCKET_ERROR (-1)
#define FROM_PROTOCOL_INFO (-1)
#define SOMAXCONN 0x7FFFFFFF
#define SOMAXCONN_HINT(backlog) (-(backlog))

#define SOCK_STREAM 1
#define SOCK_DGRAM 2
#define SOCK_RAW 3
#define SOCK_RDM 4
#define SOCK_SEQPACKET 5

#define SD_RECEIVE 0
#define SD_SEND 1
#define SD_BOTH 2

#define MSG_OOB 0x1
#define MSG_PEEK 0x2
#define MSG_DONTROUTE 0x4
#define MSG_WAITALL 0x8
#define MSG_PUSH_IMMEDIATE 0x20
#define MSG_TRUNC 0x100
#define MSG_CTRUNC 0x200
#define MSG_BCAST 0x400
#define MSG_MCAST 0x800
#define MSG_INTERRUPT 0x10
#define MSG_PARTIAL 0x8000
#define MSG_MAXIOVLEN 16

#define WSA_FLAG_OVERLAPPED 0x01
#define WSA_FLAG_MULTIPOINT_C_ROOT 0x02
#define WSA_FLAG_MULTIPOINT_C_LEAF 0x04
#define WSA_FLAG_MULTIPOINT_D_ROOT 0x08
#define WSA_FLAG_MULTIPOINT_D_LEAF 0x10
#define WSA_FLAG_ACCESS_SYSTEM_SECURITY 0x40
#define WSA_FLAG_NO_HANDLE_INHERIT 0x80
#define WSA_FLAG_REGISTERED_IO 0x100

#define CF_ACCEPT 0
#define CF_REJECT 1
#define CF_DEFER 2
#define SG_UNCONSTRAINED_GROUP 1
#define SG_CONSTRAINED_GROUP 2

typedef unsigned int GROUP;
typedef OVERLAPPED WSAOVERLAPPED, *LPWSAOVERLAPPED;

typedef struct WSAData {
    WORD wVersion;
    WORD wHighVersion;
    unsigned short iMaxSockets;
    unsigned short iMaxUdpDg;
    char *lpVendorInfo;
    char szDescription[WSADESCRIPTION_LEN + 1];
    char szSystemStatus[WSASYS_STATUS_LEN + 1];
} WSADATA, *LPWSADATA;

typedef struct _WSABUF {
    ULONG len;
    CHAR *buf;
} WSABUF, *LPWSABUF;

typedef struct _WSAMSG {
    LPSOCKADDR name;
    INT namelen;
    LPWSABUF lpBuffers;
    ULONG dwBufferCount;
    WSABUF Control;
    ULONG dwFlags;
} WSAMSG, *PWSAMSG, *LPWSAMSG;

typedef struct _WSACMSGHDR {
    SIZE_T cmsg_len;
    INT cmsg_level;
    INT cmsg_type;
} WSACMSGHDR, *PWSACMSGHDR, *LPWSACMSGHDR, CMSGHDR, *PCMSGHDR;

#define WSA_CMSG_ALIGN(length) (((length) + 7) & ~(SIZE_T)7)
#define WSA_CMSG_DATA(header) ((UCHAR *)(header) + WSA_CMSG_ALIGN(sizeof(WSACMSGHDR)))
#define WSA_CMSG_SPACE(length) (WSA_CMSG_ALIGN(sizeof(WSACMSGHDR)) + WSA_CMSG_ALIGN(length))
#define WSA_CMSG_LEN(length) (WSA_CMSG_ALIGN(sizeof(WSACMSGHDR)) + (length))
#define WSA_CMSG_FIRSTHDR(message)                                                                                            \
    ((message)->Control.len >= sizeof(WSACMSGHDR) ? (LPWSACMSGHDR)(void *)(message)->Control.buf : (LPWSACMSGHDR)NULL)
OVERLAPPED_INLINE LPWSACMSGHDR overlapped_next_header(const WSAMSG *message, const WSACMSGHDR *header)
{
    SIZE_T at = header ? (SIZE_T)((const CHAR *)header - message->Control.buf) + WSA_CMSG_ALIGN(header->cmsg_len) : 0;
    return at + sizeof(WSACMSGHDR) > message->Control.len ? (LPWSACMSGHDR)NULL : (LPWSACMSGHDR)(void *)(message->Control.buf + at);
}
#define WSA_CMSG_NXTHDR(message, header) overlapped_next_header(message, header)

typedef struct _WSAPROTOCOLCHAIN {
    int ChainLen;
    DWORD ChainEntries[MAX_PROTOCOL_CHAIN];
} WSAPROTOCOLCHAIN, *LPWSAPROTOCOLCHAIN;

#define OVERLAPPED_PROTOCOL_INFO(name, character)                                                                             \
    typedef struct _##name {                                                                                                  \
        DWORD dwServiceFlags1;                                                                                                \
        DWORD dwServiceFlags2;                                                                                                \
        DWORD dwServiceFlags3;                                                                                                \
        DWORD dwServiceFlags4;                                                                                                \
        DWORD dwProviderFlags;                                                                                                \
        GUID ProviderId;                                                                                                      \
        DWORD dwCatalogEntryId;                                                                                               \
        WSAPROTOCOLCHAIN ProtocolChain;                                                                                       \
        int iVersion;                                                                                                         \
        int iAddressFamily;                                                                                                   \
        int iMaxSockAddr;                                                                                                     \
        int iMinSockAddr;                                                                                                     \
        int iSocketType;                                                                                                      \
        int iProtocol;                                                                                                        \
        int iProtocolMaxOffset;                                                                                               \
        int iNetworkByteOrder;                                                                                                \
        int iSecurityScheme;                                                                                                  \
        DWORD dwMessageSize;                                                                                                  \
        DWORD dwProviderReserved;                                                                                             \
        character szProtocol[WSAPROTOCOL_LEN + 1];                                                                            \
    } name, *LP##name
OVERLAPPED_PROTOCOL_INFO(WSAPROTOCOL_INFOA, CHAR);
OVERLAPPED_PROTOCOL_INFO(WSAPROTOCOL_INFOW, WCHAR);

typedef struct _QualityOfService QOS, *LPQOS;

typedef int(CALLBACK *LPCONDITIONPROC)(LPWSABUF caller, LPWSABUF caller_data, LPQOS quality, LPQOS group_quality, LPWSABUF callee,
                                       LPWSABUF callee_data, GROUP *group, DWORD_PTR data);
typedef void(CALLBACK *LPWSAOVERLAPPED_COMPLETION_ROUTINE)(DWORD error, DWORD bytes, LPWSAOVERLAPPED overlapped, DWORD flags);

OVERLAPPED_BEGIN
int WSAStartup(WORD version, LPWSADATA data);
int WSACleanup(void);

SOCKET socket(int family, int type, int protocol) OVERLAPPED_NAMED(socket);
SOCKET WSASocketA(int family, int type, int protocol, LPWSAPROTOCOL_INFOA info, GROUP group, DWORD flags);
SOCKET WSASocketW(int family, int type, int protocol, LPWSAPROTOCOL_INFOW info, GROUP group, DWORD flags);
int WSADuplicateSocketA(SOCKET socket, DWORD process, LPWSAPROTOCOL_INFOA info);
int WSADuplicateSocketW(SOCKET socket, DWORD process, LPWSAPROTOCOL_INFOW info);
int WSAEnumProtocolsA(LPINT protocols, LPWSAPROTOCOL_INFOA buffer, LPDWORD length);
int WSAEnumProtocolsW(LPINT protocols, LPWSAPROTOCOL_INFOW buffer, LPDWORD length);
int closesocket(SOCKET socket);
int shutdown(SOCKET socket, int how) OVERLAPPED_NAMED(shutdown);

int bind(SOCKET socket, const struct sockaddr *address, int length) OVERLAPPED_NAMED(bind);
int listen(SOCKET socket, int backlog) OVERLAPPED_NAMED(listen);
SOCKET accept(SOCKET socket, struct sockaddr *address, int *length) OVERLAPPED_NAMED(accept);
SOCKET WSAAccept(SOCKET socket, struct sockaddr *address, LPINT length, LPCONDITIONPROC condition, DWORD_PTR data);
int connect(SOCKET socket, const struct sockaddr *address, int length) OVERLAPPED_NAMED(connect);
int WSAConnect(SOCKET socket, const struct sockaddr *address, int length, LPWSABUF caller, LPWSABUF callee, LPQOS quality,
               LPQOS group_quality);
int getsockname(SOCKET socket, struct sockaddr *address, int *length) OVERLAPPED_NAMED(getsockname);
int getpeername(SOCKET socket, struct sockaddr *address, int *length) OVERLAPPED_NAMED(getpeername);

int recv(SOCKET socket, char *buffer, int length, int flags) OVERLAPPED_NAMED(recv);
int recvfrom(SOCKET socket, char *buffer, int length, int flags, struct sockaddr *from, int *from_length)
    OVERLAPPED_NAMED(recvfrom);
int send(SOCKET socket, const char *buffer, int length, int flags) OVERLAPPED_NAMED(send);
int sendto(SOCKET socket, const char *buffer, int length, int flags, const struct sockaddr *to, int to_length)
    OVERLAPPED_NAMED(sendto);

int WSARecv(SOCKET socket, LPWSABUF buffers, DWORD count, LPDWORD bytes, LPDWORD flags, LPWSAOVERLAPPED overlapped,
            LPWSAOVERLAPPED_COMPLETION_ROUTINE routine);
int WSARecvFrom(SOCKET socket, LPWSABUF buffers, DWORD count, LPDWORD bytes, LPDWORD flags, struct sockaddr *from, LPINT from_length,
                LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine);
int WSASend(SOCKET socket, LPWSABUF buffers, DWORD count, LPDWORD bytes, DWORD flags, LPWSAOVERLAPPED overlapped,
            LPWSAOVERLAPPED_COMPLETION_ROUTINE routine);
int WSASendTo(SOCKET socket, LPWSABUF buffers, DWORD count, LPDWORD bytes, DWORD flags, const struct sockaddr *to, int to_length,
              LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine);
int WSASendMsg(SOCKET socket, LPWSAMSG message, DWORD flags, LPDWORD bytes, LPWSAOVERLAPPED overlapped,
               LPWSAOVERLAPPED_COMPLETION_ROUTINE routine);
int WSASendDisconnect(SOCKET socket, LPWSABUF data);
int WSARecvDisconnect(SOCKET socket, LPWSABUF data);
BOOL WSAGetOverlappedResult(SOCKET socket, LPWSAOVERLAPPED overlapped, LPDWORD bytes, BOOL wait, LPDWORD flags);

int ioctlsocket(SOCKET socket, int command, u_long *argument);
int WSAIoctl(SOCKET socket, DWORD code, LPVOID in, DWORD in_size, LPVOID out, DWORD out_size, LPDWORD bytes, LPWSAOVERLAPPED overlapped,
             LPWSAOVERLAPPED_COMPLETION_ROUTINE routine);
int getsockopt(SOCKET socket, int level, int option, char *value, int *length) OVERLAPPED_NAMED(getsockopt);
int setsockopt(SOCKET socket, int level, int option, const char *value, int length) OVERLAPPED_NAMED(setsockopt);

BOOL WSAIsBlocking(void);
int WSACancelBlockingCall(void);
OVERLAPPED_END

#ifdef UNICODE
typedef WSAPROTOCOL_INFOW WSAPROTOCOL_INFO, *LPWSAPROTOCOL_INFO;
#define WSASocket WSASocketW
#define WSADuplicateSocket WSADuplicateSocketW
#define WSAEnumProtocols WSAEnumProtocolsW
#else
typedef WSAPROTOCOL_INFOA WSAPROTOCOL_INFO, *LPWSAPROTOCOL_INFO;
#define WSASocket WSASocketA
#define WSADuplicateSocket WSADuplicateSocketA
#define WSAEnumProtocols WSAEnumProtocolsA
#endif

#ifdef __cplusplus
// Beside `using namespace std`, std::bind would take a call whose arguments fit bind only when they are converted, and the
// socket would not be bound. This form fits as well as std::bind and is the more special one.
template <class Socket, class Address, class Length>
inline typename std::enable_if<std::is_integral<Socket>::value && std::is_integral<Length>::value &&
                                   std::is_same<typename std::remove_cv<Address>::type, struct sockaddr>::value,
                               int>::type
bind(Socket socket, Address *address, Length length)
{
    const struct sockaddr *constant = address;
    return ::bind(static_cast<SOCKET>(socket), constant, static_cast<int>(length));
}

template <class Bytes, class Flags>
inline typename overlapped_if_long<int, Bytes, Flags>::type WSARecv(SOCKET socket, LPWSABUF buffers, DWORD count, Bytes bytes, Flags flags,
                                                                    LPWSAOVERLAPPED overlapped,
                                                                    LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    return WSARecv(socket, buffers, count, (LPDWORD)overlapped_number<Bytes, DWORD>(bytes), (LPDWORD)overlapped_number<Flags, DWORD>(flags),
                   overlapped, routine);
}
template <class Bytes, class Flags>
inline typename overlapped_if_long<int, Bytes, Flags>::type WSARecvFrom(SOCKET socket, LPWSABUF buffers, DWORD count, Bytes bytes,
                                                                        Flags flags, struct sockaddr *from, LPINT from_length,
                                                                        LPWSAOVERLAPPED overlapped,
                                                                        LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    return WSARecvFrom(socket, buffers, count, (LPDWORD)overlapped_number<Bytes, DWORD>(bytes),
                       (LPDWORD)overlapped_number<Flags, DWORD>(flags), from, from_length, overlapped, routine);
}
template <class Bytes>
inline typename overlapped_if_long<int, Bytes>::type WSASend(SOCKET socket, LPWSABUF buffers, DWORD count, Bytes bytes, DWORD flags,
                                                             LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    return WSASend(socket, buffers, count, (LPDWORD)overlapped_number<Bytes, DWORD>(bytes), flags, overlapped, routine);
}
template <class Bytes>
inline typename overlapped_if_long<int, Bytes>::type WSASendTo(SOCKET socket, LPWSABUF buffers, DWORD count, Bytes bytes, DWORD flags,
                                                               const struct sockaddr *to, int to_length, LPWSAOVERLAPPED overlapped,
                                                               LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    return WSASendTo(socket, buffers, count, (LPDWORD)overlapped_number<Bytes, DWORD>(bytes), flags, to, to_length, overlapped, routine);
}
template <class Bytes, class Flags>
inline typename overlapped_if_long<BOOL, Bytes, Flags>::type WSAGetOverlappedResult(SOCKET socket, LPWSAOVERLAPPED overlapped, Bytes bytes,
                                                                                    BOOL wait, Flags flags)
{
    return WSAGetOverlappedResult(socket, overlapped, (LPDWORD)overlapped_number<Bytes, DWORD>(bytes), wait,
                                  (LPDWORD)overlapped_number<Flags, DWORD>(flags));
}
template <class Bytes>
inline typename overlapped_if_long<int, Bytes>::type WSAIoctl(SOCKET socket, DWORD code, LPVOID in, DWORD in_size, LPVOID out,
                                                              DWORD out_size, Bytes bytes, LPWSAOVERLAPPED overlapped,
                                                              LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    return WSAIoctl(socket, code, in, in_size, out, out_size, (LPDWORD)overlapped_number<Bytes, DWORD>(bytes), overlapped, routine);
}
template <class Argument>
inline typename overlapped_if_long<int, Argument>::type ioctlsocket(SOCKET socket, int command, Argument argument)
{
    return ioctlsocket(socket, command, (u_long *)overlapped_number<Argument, u_long>(argument));
}
#endif

#endif
