// Codes of errors.
#include <overlapped/errors.h>
