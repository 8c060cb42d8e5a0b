// Texts in code pages and in wchar_t.
#include <overlapped/strings.h>
