// What programs know by this name is in <new>.
#ifdef __cplusplus
#include <new>
#endif
