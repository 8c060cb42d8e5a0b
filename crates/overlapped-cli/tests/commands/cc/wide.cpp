#include <winsock2.h>
#include <stdio.h>
#include <wchar.h>

#ifdef _UNICODE
#define _tmain wmain
typedef wchar_t _TCHAR;
#else
#define _tmain main
typedef char _TCHAR;
#endif

int _tmain(int argc, _TCHAR *argv[])
{
    printf("%d bytes a character", static_cast<int>(sizeof argv[1][0]));
    for (int i = 1; i < argc; i++)
        printf(" %x", static_cast<unsigned>(argv[i][0]) & 0xffffffU);
    printf("\n");
    return argc;
}
