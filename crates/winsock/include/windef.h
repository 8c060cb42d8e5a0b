// The types.
#include <overlapped/types.h>
