// NTSTATUS.
#include <overlapped/status.h>
