// FD_SETSIZE: a program may define its own before it includes Winsock, and the C library has one of the same name, which its
// headers define over the program's. Included before any of them, this keeps the program's.
#ifndef _SYS_SELECT_H
#pragma push_macro("FD_SETSIZE")
#undef FD_SETSIZE
#include <sys/select.h>
#undef FD_SETSIZE
#pragma pop_macro("FD_SETSIZE")
#else
// The C library's is spelled by another macro; a program's is a number.
#pragma push_macro("__FD_SETSIZE")
#undef __FD_SETSIZE
#define __FD_SETSIZE -1
#if defined(FD_SETSIZE) && FD_SETSIZE == -1
#undef FD_SETSIZE
#endif
#undef __FD_SETSIZE
#pragma pop_macro("__FD_SETSIZE")
#endif
