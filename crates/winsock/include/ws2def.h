// The parts of Winsock without its functions.
#include <winsock2.h>
