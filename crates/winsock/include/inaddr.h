// An address of IPv4.
#include <overlapped/addresses.h>
