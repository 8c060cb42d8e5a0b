// The same in C.
#if ORDER == 1
#include "standard.h"
#include "standard_posix.h"

#include "ours.h"
#elif ORDER == 2
#include "ours.h"

#include "standard.h"
#include "standard_posix.h"
#else
#include <stdlib.h>

#include "ours.h"
#include "standard.h"
#endif

#include "uses.h"
