// The system and its time.
#include <overlapped/system.h>
