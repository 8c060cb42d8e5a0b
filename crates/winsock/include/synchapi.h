// Objects, waits and locks.
#include <overlapped/handles.h>
#include <overlapped/waits.h>
#if __has_include(<overlapped/sync.h>)
#include <overlapped/sync.h>
#endif
