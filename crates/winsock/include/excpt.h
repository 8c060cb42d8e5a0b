// The words of structured exceptions, which say what to do instead.
#include <overlapped/keywords.h>
