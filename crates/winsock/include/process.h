// Threads of the C library.
#include <overlapped/standard.h>
#include <overlapped/threads.h>
#include <overlapped/secure_crt.h>
