// Handles.
#include <overlapped/handles.h>
