// The versions of Windows.
#include <overlapped/versions.h>
