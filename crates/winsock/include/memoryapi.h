// Virtual memory.
#include <overlapped/memory.h>
