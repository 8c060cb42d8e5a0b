// The debug heap of Microsoft's C library. There is none here: nothing is tracked, no leak is found, reports go to the standard
// error. AddressSanitizer (-fsanitize=address) does its work.
#ifndef _INC_CRTDBG
#define _INC_CRTDBG

#include <overlapped/crt_print.h>

typedef void *_HFILE;
typedef int (*_CRT_REPORT_HOOK)(int type, char *message, int *result);
typedef int (*_CRT_ALLOC_HOOK)(int, void *, size_t, int, long, const unsigned char *, int);
typedef struct _CrtMemState {
    size_t lSizes[5];
} _CrtMemState;

#define _CRT_WARN 0
#define _CRT_ERROR 1
#define _CRT_ASSERT 2
#define _CRT_ERRCNT 3
#define _CRTDBG_MODE_FILE 0x1
#define _CRTDBG_MODE_DEBUG 0x2
#define _CRTDBG_MODE_WNDW 0x4
#define _CRTDBG_REPORT_MODE (-1)
#define _CRTDBG_FILE_STDOUT ((_HFILE)-4)
#define _CRTDBG_FILE_STDERR ((_HFILE)-5)
#define _CRTDBG_ALLOC_MEM_DF 0x01
#define _CRTDBG_DELAY_FREE_MEM_DF 0x02
#define _CRTDBG_CHECK_ALWAYS_DF 0x04
#define _CRTDBG_CHECK_CRT_DF 0x10
#define _CRTDBG_LEAK_CHECK_DF 0x20
#define _CRTDBG_REPORT_FLAG (-1)
#define _FREE_BLOCK 0
#define _NORMAL_BLOCK 1
#define _CRT_BLOCK 2
#define _IGNORE_BLOCK 3
#define _CLIENT_BLOCK 4

OVERLAPPED_INLINE int _CrtSetDbgFlag(int flag) { return flag == _CRTDBG_REPORT_FLAG ? _CRTDBG_ALLOC_MEM_DF : 0; }
OVERLAPPED_INLINE int _CrtSetReportMode(int type, int mode) { return (void)type, (void)mode, _CRTDBG_MODE_FILE; }
OVERLAPPED_INLINE _HFILE _CrtSetReportFile(int type, _HFILE file) { return (void)type, (void)file, _CRTDBG_FILE_STDERR; }
OVERLAPPED_INLINE _CRT_REPORT_HOOK _CrtSetReportHook(_CRT_REPORT_HOOK hook) { return (void)hook, (_CRT_REPORT_HOOK)0; }
OVERLAPPED_INLINE long _CrtSetBreakAlloc(long number) { return (void)number, -1; }
OVERLAPPED_INLINE int _CrtDumpMemoryLeaks(void) { return 0; }
OVERLAPPED_INLINE int _CrtCheckMemory(void) { return 1; }
OVERLAPPED_INLINE void _CrtMemCheckpoint(_CrtMemState *state)
{
    if (state) memset(state, 0, sizeof *state);
}
OVERLAPPED_INLINE int _CrtMemDifference(_CrtMemState *difference, const _CrtMemState *before, const _CrtMemState *after)
{
    (void)before, (void)after;
    _CrtMemCheckpoint(difference);
    return 0;
}
OVERLAPPED_INLINE void _CrtMemDumpStatistics(const _CrtMemState *state) { (void)state; }
OVERLAPPED_INLINE void _CrtMemDumpAllObjectsSince(const _CrtMemState *state) { (void)state; }
OVERLAPPED_INLINE int _CrtIsValidHeapPointer(const void *block) { return block != NULL; }
OVERLAPPED_INLINE int _CrtDbgReport(int type, const char *file, int line, const char *module, const char *format, ...)
{
    (void)type, (void)module;
    va_list arguments;
    if (file) fprintf(stderr, "%s:%d: ", file, line);
    va_start(arguments, format);
    if (format) overlapped_vfprintf(stderr, format, arguments);
    va_end(arguments);
    return 0;
}

// As Microsoft's: they check in a debug build only.
#ifdef _DEBUG
#define _ASSERT(condition) ((condition) ? (void)0 : (void)(_CrtDbgReport(_CRT_ASSERT, __FILE__, __LINE__, NULL, "%s\n", #condition), abort()))
#define _RPT0(type, message) ((void)_CrtDbgReport(type, NULL, 0, NULL, "%s", message))
#define _RPTN(type, ...) ((void)_CrtDbgReport(type, NULL, 0, NULL, __VA_ARGS__))
#else
#define _ASSERT(condition) ((void)0)
#define _RPT0(type, message) ((void)0)
#define _RPTN(type, ...) ((void)0)
#endif
#define _ASSERTE(condition) _ASSERT(condition)
#define _ASSERT_EXPR(condition, message) _ASSERT(condition)
#define _RPT1(type, format, a) _RPTN(type, format, a)
#define _RPT2(type, format, a, b) _RPTN(type, format, a, b)
#define _RPT3(type, format, a, b, c) _RPTN(type, format, a, b, c)
#define _malloc_dbg(size, type, file, line) malloc(size)
#define _calloc_dbg(count, size, type, file, line) calloc(count, size)
#define _realloc_dbg(block, size, type, file, line) realloc(block, size)
#define _free_dbg(block, type) free(block)
#ifdef __cplusplus
// `#define new new(_NORMAL_BLOCK, __FILE__, __LINE__)` is customary.
#include <new>
inline void *operator new(size_t size, int, const char *, int) { return ::operator new(size); }
inline void *operator new[](size_t size, int, const char *, int) { return ::operator new[](size); }
inline void operator delete(void *block, int, const char *, int) noexcept { ::operator delete(block); }
inline void operator delete[](void *block, int, const char *, int) noexcept { ::operator delete[](block); }
#endif

#endif
