// Threads of the C library.
#include <overlapped/standard.h>
#include <overlapped/threads.h>
#if __has_include(<overlapped/secure_crt.h>)
#include <overlapped/secure_crt.h>
#endif
