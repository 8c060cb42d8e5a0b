// Overlapped operations and ports.
#include <overlapped/overlapped_io.h>
#include <overlapped/ports.h>
