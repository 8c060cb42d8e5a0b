// A `_tmain` without arguments and result.
#include <tchar.h>
#include <windows.h>

void _tmain()
{
    puts("started");
}
