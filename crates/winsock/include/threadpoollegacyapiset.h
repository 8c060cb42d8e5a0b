// The thread pool and timer queues.
#include <overlapped/timers_pool.h>
