// `_tmain` gets its arguments in the kind of characters that the program is compiled for.
#include <windows.h>
#include <tchar.h>
#include "check.h"

int _tmain(int count, _TCHAR *arguments[])
{
    CHECK(count == 3 && _tcscmp(arguments[1], _T("one")) == 0 && arguments[3] == NULL);
    CHECK(_tcslen(arguments[2]) == (sizeof(TCHAR) == 1 ? 3 : 1));
    CHECK_END();
}
