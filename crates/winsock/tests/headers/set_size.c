// FD_SETSIZE is the program's, wherever it is defined before Winsock, or 64.
#if CASE == 1
#include <winsock2.h>
#define EXPECTED 64
#elif CASE == 2
#include <stdlib.h>
#include <winsock2.h>
#define EXPECTED 64
#elif CASE == 3
#define FD_SETSIZE 1024
#include <stdlib.h>
#include <winsock2.h>
#define EXPECTED 1024
#elif CASE == 4
#include <stdlib.h>
#undef FD_SETSIZE
#define FD_SETSIZE 1024
#include <winsock2.h>
#define EXPECTED 1024
#elif CASE == 5
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#define FD_SETSIZE 100
#include <winsock2.h>
#define EXPECTED 100
#elif CASE == 6
#define FD_SETSIZE 7
#include <windows.h>
#include <winsock2.h>
#define EXPECTED 7
#endif
_Static_assert(FD_SETSIZE == EXPECTED, "the program's");
_Static_assert(sizeof(((fd_set *)0)->fd_array) == EXPECTED * sizeof(SOCKET), "the set has that many");
_Static_assert(sizeof(fd_set) == 8 + EXPECTED * sizeof(SOCKET), "the set has that many");
