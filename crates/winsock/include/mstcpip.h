// Options of TCP/IP that are Microsoft's own.
#include <winsock2.h>
