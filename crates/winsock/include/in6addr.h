// An address of IPv6.
#include <overlapped/addresses.h>
