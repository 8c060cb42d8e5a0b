// Standard headers that Visual C++'s own headers bring along, and that programs therefore forget to include.
#ifndef OVERLAPPED_STANDARD_H
#define OVERLAPPED_STANDARD_H

#include <overlapped/set_size.h>

#ifdef __cplusplus
#include <cctype>
#include <cerrno>
#include <cmath>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <cwchar>
#endif
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wchar.h>

#endif

// Of the C++ library: what Visual C++'s headers include beyond those of this system. Looked at each time, for what has been
// included since; nothing comes in that the program has no part of.
#ifdef __cplusplus
#if defined(_GLIBCXX_THREAD) || defined(_GLIBCXX_MUTEX) || defined(_GLIBCXX_FUTURE) || defined(_GLIBCXX_CONDITION_VARIABLE)
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#endif
#if defined(_GLIBCXX_UNORDERED_MAP) || defined(_GLIBCXX_UNORDERED_SET)
#include <list>
#include <vector>
#endif
#if defined(_GLIBCXX_QUEUE) || defined(_GLIBCXX_FUNCTIONAL)
#include <memory>
#include <vector>
#endif
#endif
