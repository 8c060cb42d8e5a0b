// How a file is shared.
#include <overlapped/crt_files.h>
