// Threads and processes.
#include <overlapped/threads.h>
