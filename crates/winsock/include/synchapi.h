// Objects, waits and locks.
#include <overlapped/handles.h>
#include <overlapped/waits.h>
#include <overlapped/sync.h>
