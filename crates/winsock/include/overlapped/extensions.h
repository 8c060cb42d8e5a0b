// Microsoft's extensions of Winsock: AcceptEx and its kin, their names for WSAIoctl, and TransmitFile.
#ifndef OVERLAPPED_EXTENSIONS_H
#define OVERLAPPED_EXTENSIONS_H

#include <overlapped/options.h>
#include <overlapped/readiness.h>
#include <overlapped/sockets.h>

#define TF_DISCONNECT 0x01
#define TF_REUSE_SOCKET 0x02
#define TF_WRITE_BEHIND 0x04
#define TF_USE_DEFAULT_WORKER 0x00
#define TF_USE_SYSTEM_THREAD 0x10
#define TF_USE_KERNEL_APC 0x20
#define TP_DISCONNECT TF_DISCONNECT
#define TP_REUSE_SOCKET TF_REUSE_SOCKET
#define TP_USE_DEFAULT_WORKER TF_USE_DEFAULT_WORKER
#define TP_USE_SYSTEM_THREAD TF_USE_SYSTEM_THREAD
#define TP_USE_KERNEL_APC TF_USE_KERNEL_APC
#define TP_ELEMENT_MEMORY 1
#define TP_ELEMENT_FILE 2
#define TP_ELEMENT_EOP 4
#define DE_REUSE_SOCKET TF_REUSE_SOCKET

typedef struct _TRANSMIT_FILE_BUFFERS {
    LPVOID Head;
    DWORD HeadLength;
    LPVOID Tail;
    DWORD TailLength;
} TRANSMIT_FILE_BUFFERS, *PTRANSMIT_FILE_BUFFERS, *LPTRANSMIT_FILE_BUFFERS;

typedef struct _TRANSMIT_PACKETS_ELEMENT {
    ULONG dwElFlags;
    ULONG cLength;
    __extension__ union {
        __extension__ struct {
            LARGE_INTEGER nFileOffset;
            HANDLE hFile;
        };
        PVOID pBuffer;
    };
} TRANSMIT_PACKETS_ELEMENT, *PTRANSMIT_PACKETS_ELEMENT, *LPTRANSMIT_PACKETS_ELEMENT;

#define WSAID_ACCEPTEX {0xB5367DF1, 0xCBAC, 0x11CF, {0x95, 0xCA, 0x00, 0x80, 0x5F, 0x48, 0xA1, 0x92}}
#define WSAID_GETACCEPTEXSOCKADDRS {0xB5367DF2, 0xCBAC, 0x11CF, {0x95, 0xCA, 0x00, 0x80, 0x5F, 0x48, 0xA1, 0x92}}
#define WSAID_TRANSMITFILE {0xB5367DF0, 0xCBAC, 0x11CF, {0x95, 0xCA, 0x00, 0x80, 0x5F, 0x48, 0xA1, 0x92}}
#define WSAID_CONNECTEX {0x25A207B9, 0xDDF3, 0x4660, {0x8E, 0xE9, 0x76, 0xE5, 0x8C, 0x74, 0x06, 0x3E}}
#define WSAID_DISCONNECTEX {0x7FDA2E11, 0x8630, 0x436F, {0xA0, 0x31, 0xF5, 0x36, 0xA6, 0xEE, 0xC1, 0x57}}
#define WSAID_TRANSMITPACKETS {0xD9689DA0, 0x1F90, 0x11D3, {0x99, 0x71, 0x00, 0xC0, 0x4F, 0x68, 0xC8, 0x76}}
#define WSAID_WSARECVMSG {0xF689D7C8, 0x6F1F, 0x436B, {0x8A, 0x53, 0xE5, 0x4F, 0xE3, 0x51, 0xC3, 0x22}}
#define WSAID_WSASENDMSG {0xA441E712, 0x754F, 0x43CA, {0x84, 0xA7, 0x0D, 0xEE, 0x44, 0xCF, 0x60, 0x6D}}
#define WSAID_WSAPOLL {0x18C76F85, 0xDC66, 0x4964, {0x97, 0x2E, 0x23, 0xC2, 0x72, 0x38, 0x31, 0x2B}}

typedef BOOL(PASCAL *LPFN_ACCEPTEX)(SOCKET listener, SOCKET socket, PVOID buffer, DWORD data, DWORD local, DWORD remote, LPDWORD bytes,
                                    LPOVERLAPPED overlapped);
typedef void(PASCAL *LPFN_GETACCEPTEXSOCKADDRS)(PVOID buffer, DWORD data, DWORD local, DWORD remote, struct sockaddr **local_address,
                                                LPINT local_length, struct sockaddr **remote_address, LPINT remote_length);
typedef BOOL(PASCAL *LPFN_CONNECTEX)(SOCKET socket, const struct sockaddr *address, int length, PVOID data, DWORD data_length,
                                     LPDWORD bytes, LPOVERLAPPED overlapped);
typedef BOOL(PASCAL *LPFN_DISCONNECTEX)(SOCKET socket, LPOVERLAPPED overlapped, DWORD flags, DWORD reserved);
typedef BOOL(PASCAL *LPFN_TRANSMITFILE)(SOCKET socket, HANDLE file, DWORD bytes, DWORD bytes_per_send, LPOVERLAPPED overlapped,
                                        LPTRANSMIT_FILE_BUFFERS buffers, DWORD flags);
typedef BOOL(PASCAL *LPFN_TRANSMITPACKETS)(SOCKET socket, LPTRANSMIT_PACKETS_ELEMENT elements, DWORD count, DWORD send_size,
                                           LPOVERLAPPED overlapped, DWORD flags);
typedef INT(PASCAL *LPFN_WSARECVMSG)(SOCKET socket, LPWSAMSG message, LPDWORD bytes, LPWSAOVERLAPPED overlapped,
                                     LPWSAOVERLAPPED_COMPLETION_ROUTINE routine);
typedef INT(PASCAL *LPFN_WSASENDMSG)(SOCKET socket, LPWSAMSG message, DWORD flags, LPDWORD bytes, LPWSAOVERLAPPED overlapped,
                                     LPWSAOVERLAPPED_COMPLETION_ROUTINE routine);
typedef INT(WSAAPI *LPFN_WSAPOLL)(LPWSAPOLLFD sockets, ULONG count, INT milliseconds);

OVERLAPPED_BEGIN
int WSARecvEx(SOCKET socket, char *buffer, int length, int *flags);
BOOL AcceptEx(SOCKET listener, SOCKET socket, PVOID buffer, DWORD data, DWORD local, DWORD remote, LPDWORD bytes,
              LPOVERLAPPED overlapped);
void GetAcceptExSockaddrs(PVOID buffer, DWORD data, DWORD local, DWORD remote, struct sockaddr **local_address, LPINT local_length,
                          struct sockaddr **remote_address, LPINT remote_length);
BOOL TransmitFile(SOCKET socket, HANDLE file, DWORD bytes, DWORD bytes_per_send, LPOVERLAPPED overlapped,
                  LPTRANSMIT_FILE_BUFFERS buffers, DWORD flags);
OVERLAPPED_END

#endif
