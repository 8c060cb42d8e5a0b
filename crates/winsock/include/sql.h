// Databases are no part of this. Where unixODBC is installed, its header is taken.
#ifdef __GNUC__
#pragma GCC system_header
#endif
#if __has_include_next(<sql.h>)
#include_next <sql.h>
#else
#error "sql.h: ODBC is no part of Winsock for Linux; install unixodbc-dev, whose header has this name, and link -lodbc"
#endif
