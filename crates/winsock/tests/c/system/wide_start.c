// `wmain` in C, without tchar.h.
#include <winsock2.h>
#include "check.h"

int wmain(int count, wchar_t **arguments)
{
    CHECK(count == 3 && wcscmp(arguments[1], L"one") == 0 && arguments[2][0] == 0xAC00);
    CHECK_END();
}
