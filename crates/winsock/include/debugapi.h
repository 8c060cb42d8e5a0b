// Texts for a debugger.
#include <overlapped/system.h>
