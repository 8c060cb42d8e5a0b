// What programs use of Windows beside Winsock.
#include <overlapped/standard.h>
#ifndef _WINDOWS_
#define _WINDOWS_
#include <overlapped/errors.h>
#include <overlapped/guid.h>
#include <overlapped/handles.h>
#include <overlapped/messages.h>
#include <overlapped/overlapped_io.h>
#include <overlapped/ports.h>
#include <overlapped/threads.h>
#include <overlapped/timers_pool.h>
#include <overlapped/types.h>
#include <overlapped/waits.h>
#if __has_include(<overlapped/interlocked.h>)
#include <overlapped/interlocked.h>
#endif
#if __has_include(<overlapped/sync.h>)
#include <overlapped/sync.h>
#endif
#if __has_include(<overlapped/system.h>)
#include <overlapped/system.h>
#endif
#if __has_include(<overlapped/memory.h>)
#include <overlapped/memory.h>
#endif
#if __has_include(<overlapped/files.h>)
#include <overlapped/files.h>
#endif
#if __has_include(<overlapped/console.h>)
#include <overlapped/console.h>
#endif
#if __has_include(<overlapped/strings.h>)
#include <overlapped/strings.h>
#endif
#if __has_include(<overlapped/secure_crt.h>)
#include <overlapped/secure_crt.h>
#endif

// As there: whoever does not ask for less gets sockets too.
#if !defined(WIN32_LEAN_AND_MEAN) && !defined(_WINSOCKAPI_)
#include <winsock2.h>
#endif
#if !defined(WIN32_LEAN_AND_MEAN) && __has_include(<mmsystem.h>)
#include <mmsystem.h>
#endif
#endif
