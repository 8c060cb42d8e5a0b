// Our headers, in the order in which programs include them, or in the other one.
#ifdef BACKWARDS
#include <process.h>
#include <windows.h>

#include <mswsock.h>

#include <mstcpip.h>
#include <ws2tcpip.h>

#include <winsock2.h>
#else
#include <WinSock2.h>
#include <WS2tcpip.h>
#include <MSWSock.h>
#include <Mstcpip.h>
#include <Windows.h>
#include <process.h>
#endif
