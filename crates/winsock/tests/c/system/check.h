// What a test program is made of: it says what does not hold, and its exit code tells whether all did.
#include <stdio.h>

static int check_failures;
#define CHECK(condition)                                                                                                      \
    do {                                                                                                                      \
        if (!(condition)) {                                                                                                   \
            ++check_failures;                                                                                                 \
            fprintf(stderr, "%s:%d: does not hold: %s (last error %u)\n", __FILE__, __LINE__, #condition, GetLastError());       \
        }                                                                                                                     \
    } while (0)
#define CHECK_END() return check_failures == 0 ? 0 : 1
