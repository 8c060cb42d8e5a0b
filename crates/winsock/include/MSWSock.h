#include <mswsock.h>
