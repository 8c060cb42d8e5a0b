// Microsoft's extensions of Winsock, and registered I/O.
#include <winsock2.h>

#include <overlapped/extensions.h>
#include <overlapped/rio.h>
