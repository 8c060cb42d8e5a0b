// The keyboard without lines.
#ifndef _INC_CONIO
#define _INC_CONIO

#include <overlapped/crt_print.h>

OVERLAPPED_BEGIN
int _kbhit(void);
int _getch(void);
int _getche(void);
wint_t _getwch(void);
OVERLAPPED_END

OVERLAPPED_INLINE int _putch(int character)
{
    const int result = putchar(character);
    fflush(stdout);
    return result;
}
OVERLAPPED_INLINE int _cputs(const char *text) { return fputs(text, stdout) < 0 || fflush(stdout) != 0 ? -1 : 0; }
OVERLAPPED_INLINE int _cprintf(const char *format, ...) { OVERLAPPED_PASS(vfprintf_s(stdout, format, arguments)); }
#define kbhit _kbhit
#define getch _getch
#define getche _getche
#define putch _putch

#endif
