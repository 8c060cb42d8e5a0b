#include <winsdkver.h>
