// Messages.
#include <overlapped/messages.h>
