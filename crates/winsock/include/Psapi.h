#include <psapi.h>
