/* Every header of the library, in C. */
#include <winsock2.h>
#include <ws2tcpip.h>
#include <mswsock.h>
#include <mstcpip.h>
#include <windows.h>
#include <process.h>
#include <tchar.h>
#include <conio.h>
#include <strsafe.h>
#include <crtdbg.h>
#include <mmsystem.h>
#include <psapi.h>
#include <dbghelp.h>
#include <io.h>
#include <direct.h>
#include <intrin.h>
