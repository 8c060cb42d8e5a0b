// Databases are no part of this. Where unixODBC is installed, its header is taken.
#ifdef __GNUC__
#pragma GCC system_header
#endif
#if __has_include_next(<sqlext.h>)
#include_next <sqlext.h>
#else
#error "sqlext.h: ODBC is no part of Winsock for Linux; install unixodbc-dev, whose header has this name, and link -lodbc"
#endif
