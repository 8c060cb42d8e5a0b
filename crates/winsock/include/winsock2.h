// Winsock 2.
#include <overlapped/standard.h>
#ifndef _WINSOCK2API_
#define _WINSOCK2API_
#ifndef _WINSOCKAPI_
#define _WINSOCKAPI_
#endif
#include <windows.h>

#include <overlapped/addresses.h>
#include <overlapped/names.h>
#include <overlapped/network_events.h>
#include <overlapped/options.h>
#include <overlapped/readiness.h>
#include <overlapped/sockets.h>
#endif
