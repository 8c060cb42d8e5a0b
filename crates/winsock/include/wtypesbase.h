// The types.
#include <overlapped/types.h>
#include <overlapped/guid.h>
