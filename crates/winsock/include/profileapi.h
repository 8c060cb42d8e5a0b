// The performance counter.
#include <overlapped/system.h>
