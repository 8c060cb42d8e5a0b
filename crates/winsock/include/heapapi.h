// Heaps.
#include <overlapped/memory.h>
