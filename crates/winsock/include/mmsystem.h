// Of the multimedia functions, the clock.
#include <timeapi.h>
