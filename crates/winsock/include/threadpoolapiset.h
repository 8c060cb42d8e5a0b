// The thread pool.
#include <overlapped/timers_pool.h>
