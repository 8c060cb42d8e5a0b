// Interlocked numbers and lists.
#include <overlapped/interlocked.h>
