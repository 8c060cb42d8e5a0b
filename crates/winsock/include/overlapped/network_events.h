// Network events: what a socket tells an event (WSAEventSelect) or a window (WSAAsyncSelect), and Winsock's names for events
// and waits.
#ifndef OVERLAPPED_NETWORK_EVENTS_H
#define OVERLAPPED_NETWORK_EVENTS_H

#include <overlapped/handles.h>
#include <overlapped/sockets.h>
#include <overlapped/waits.h>

#define FD_READ_BIT 0
#define FD_READ 0x001
#define FD_WRITE_BIT 1
#define FD_WRITE 0x002
#define FD_OOB_BIT 2
#define FD_OOB 0x004
#define FD_ACCEPT_BIT 3
#define FD_ACCEPT 0x008
#define FD_CONNECT_BIT 4
#define FD_CONNECT 0x010
#define FD_CLOSE_BIT 5
#define FD_CLOSE 0x020
#define FD_QOS_BIT 6
#define FD_QOS 0x040
#define FD_GROUP_QOS_BIT 7
#define FD_GROUP_QOS 0x080
#define FD_ROUTING_INTERFACE_CHANGE_BIT 8
#define FD_ROUTING_INTERFACE_CHANGE 0x100
#define FD_ADDRESS_LIST_CHANGE_BIT 9
#define FD_ADDRESS_LIST_CHANGE 0x200
#define FD_MAX_EVENTS 10
#define FD_ALL_EVENTS 0x3FF

typedef HANDLE WSAEVENT, *LPWSAEVENT;
#define WSA_INVALID_EVENT ((WSAEVENT)NULL)
#define WSA_MAXIMUM_WAIT_EVENTS MAXIMUM_WAIT_OBJECTS
#define WSA_WAIT_FAILED WAIT_FAILED
#define WSA_WAIT_EVENT_0 WAIT_OBJECT_0
#define WSA_WAIT_IO_COMPLETION WAIT_IO_COMPLETION
#define WSA_WAIT_TIMEOUT WAIT_TIMEOUT
#define WSA_INFINITE INFINITE

typedef struct _WSANETWORKEVENTS {
    LONG lNetworkEvents;
    int iErrorCode[FD_MAX_EVENTS];
} WSANETWORKEVENTS, *LPWSANETWORKEVENTS;

OVERLAPPED_BEGIN
WSAEVENT WSACreateEvent(void);
BOOL WSACloseEvent(WSAEVENT event);
BOOL WSASetEvent(WSAEVENT event);
BOOL WSAResetEvent(WSAEVENT event);
DWORD WSAWaitForMultipleEvents(DWORD count, const WSAEVENT *events, BOOL all, DWORD milliseconds, BOOL alertable);

int WSAEventSelect(SOCKET socket, WSAEVENT event, LONG events);
int WSAEnumNetworkEvents(SOCKET socket, WSAEVENT event, LPWSANETWORKEVENTS events);
int WSAAsyncSelect(SOCKET socket, HWND window, u_int message, LONG events);
OVERLAPPED_END

// What a message of WSAAsyncSelect carries.
#define WSAMAKEASYNCREPLY(length, error) MAKELONG(length, error)
#define WSAMAKESELECTREPLY(event, error) MAKELONG(event, error)
#define WSAGETASYNCBUFLEN(parameter) LOWORD(parameter)
#define WSAGETASYNCERROR(parameter) HIWORD(parameter)
#define WSAGETSELECTEVENT(parameter) LOWORD(parameter)
#define WSAGETSELECTERROR(parameter) HIWORD(parameter)

#endif
