// Names and addresses of TCP/IP.
#include <winsock2.h>
