// FD_SETSIZE: a program may define its own before it includes Winsock. The C library has one of the same name, which is not
// meant for Winsock.
#include <sys/select.h>

// The C library's is spelled by another macro; a program's is a number.
#pragma push_macro("__FD_SETSIZE")
#undef __FD_SETSIZE
#define __FD_SETSIZE -1
#if defined(FD_SETSIZE) && FD_SETSIZE == -1
#undef FD_SETSIZE
#ifdef OVERLAPPED_PROGRAM_SET_SIZE
#pragma pop_macro("FD_SETSIZE")
#endif
#endif
#undef __FD_SETSIZE
#pragma pop_macro("__FD_SETSIZE")
