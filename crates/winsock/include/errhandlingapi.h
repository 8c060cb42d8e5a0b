// The last error.
#include <overlapped/errors.h>
