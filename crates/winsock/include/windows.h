// What programs use of Windows beside Winsock.
#include <overlapped/standard.h>
#ifndef _WINDOWS_
#define _WINDOWS_
#include <overlapped/console.h>
#include <overlapped/errors.h>
#include <overlapped/files.h>
#include <overlapped/guid.h>
#include <overlapped/handles.h>
#include <overlapped/interlocked.h>
#include <overlapped/memory.h>
#include <overlapped/messages.h>
#include <overlapped/overlapped_io.h>
#include <overlapped/ports.h>
#include <overlapped/secure_crt.h>
#include <overlapped/strings.h>
#include <overlapped/sync.h>
#include <overlapped/system.h>
#include <overlapped/threads.h>
#include <overlapped/timers_pool.h>
#include <overlapped/types.h>
#include <overlapped/waits.h>

// As there: whoever does not ask for less gets sockets and timers too.
#ifndef WIN32_LEAN_AND_MEAN
#include <mmsystem.h>
#ifndef _WINSOCKAPI_
#include <winsock2.h>
#endif
#endif
#endif
