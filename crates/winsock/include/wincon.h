// The console.
#include <overlapped/console.h>
