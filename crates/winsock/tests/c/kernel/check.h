// What the programs here share: an expectation that does not hold ends the program, and says where.
#ifndef KERNEL_CHECK_H
#define KERNEL_CHECK_H

#include <winsock2.h>
#include <windows.h>
#include <process.h>
#include <stdio.h>
#include <stdlib.h>

#define CHECK(what) \
    do { \
        if (!(what)) { \
            fprintf(stderr, "%s:%d: not so: %s (last error %u)\n", __FILE__, __LINE__, #what, (unsigned)GetLastError()); \
            _Exit(1); \
        } \
    } while (0)

#define EQUAL(what, expected) \
    do { \
        long long is = (long long)(what), wanted = (long long)(expected); \
        if (is != wanted) { \
            fprintf(stderr, "%s:%d: %s is %lld, not %lld (last error %u)\n", __FILE__, __LINE__, #what, is, wanted, (unsigned)GetLastError()); \
            _Exit(1); \
        } \
    } while (0)

// A call fails, and with this error.
#define FAILS(what, error) \
    do { \
        SetLastError(0); \
        CHECK(!(what)); \
        EQUAL(GetLastError(), error); \
    } while (0)

// A wait fails, and with this error.
#define WAIT_FAILS(what, error) \
    do { \
        SetLastError(0); \
        EQUAL(what, WAIT_FAILED); \
        EQUAL(GetLastError(), error); \
    } while (0)

#endif
