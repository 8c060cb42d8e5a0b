// GUID.
#include <overlapped/guid.h>
