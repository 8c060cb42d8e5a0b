// The C library's header of this name, which defines FD_SETSIZE over what a program has defined. The program's is kept for
// Winsock.
#ifdef __GNUC__
#pragma GCC system_header
#endif
#if !defined(_SYS_SELECT_H) && defined(FD_SETSIZE)
#pragma push_macro("FD_SETSIZE")
#undef FD_SETSIZE
#define OVERLAPPED_PROGRAM_SET_SIZE
#endif
#include_next <sys/select.h>
