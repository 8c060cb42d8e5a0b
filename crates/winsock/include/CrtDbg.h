#include <crtdbg.h>
