// Addresses and options of IP.
#include <winsock2.h>
