// Files.
#include <overlapped/files.h>
