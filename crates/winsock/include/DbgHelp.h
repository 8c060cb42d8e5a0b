#include <dbghelp.h>
