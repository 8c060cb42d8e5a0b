#include <synchapi.h>
