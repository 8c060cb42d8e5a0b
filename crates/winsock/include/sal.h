// Annotations of parameters.
#include <overlapped/keywords.h>
#include <overlapped/annotations.h>
