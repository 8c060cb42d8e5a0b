// Completion ports.
#ifndef OVERLAPPED_PORTS_H
#define OVERLAPPED_PORTS_H

#include <overlapped/overlapped_io.h>
#include <overlapped/long_numbers.h>

#define FILE_SKIP_COMPLETION_PORT_ON_SUCCESS 0x1
#define FILE_SKIP_SET_EVENT_ON_HANDLE 0x2

typedef struct _OVERLAPPED_ENTRY {
    ULONG_PTR lpCompletionKey;
    LPOVERLAPPED lpOverlapped;
    ULONG_PTR Internal;
    DWORD dwNumberOfBytesTransferred;
} OVERLAPPED_ENTRY, *LPOVERLAPPED_ENTRY;

OVERLAPPED_BEGIN
HANDLE CreateIoCompletionPort(HANDLE file, HANDLE port, ULONG_PTR key, DWORD concurrency);
BOOL GetQueuedCompletionStatus(HANDLE port, LPDWORD bytes, PULONG_PTR key, LPOVERLAPPED *overlapped, DWORD milliseconds);
BOOL GetQueuedCompletionStatusEx(HANDLE port, LPOVERLAPPED_ENTRY entries, ULONG count, PULONG taken, DWORD milliseconds, BOOL alertable);
BOOL PostQueuedCompletionStatus(HANDLE port, DWORD bytes, ULONG_PTR key, LPOVERLAPPED overlapped);
BOOL SetFileCompletionNotificationModes(HANDLE file, UCHAR flags);
OVERLAPPED_END

#ifdef __cplusplus
template <class Bytes>
inline typename overlapped_if_long<BOOL, Bytes>::type GetQueuedCompletionStatus(HANDLE port, Bytes bytes, PULONG_PTR key,
                                                                                LPOVERLAPPED *overlapped, DWORD milliseconds)
{
    return GetQueuedCompletionStatus(port, (LPDWORD)overlapped_number<Bytes, DWORD>(bytes), key, overlapped, milliseconds);
}
// Programs for 32 bits give a pointer to a DWORD for the key. That would leave half of it unwritten.
template <class Bytes, class Key>
inline typename std::enable_if<std::is_same<Key, DWORD>::value, BOOL>::type GetQueuedCompletionStatus(HANDLE, Bytes, Key *,
                                                                                                      LPOVERLAPPED *, DWORD)
{
    static_assert(!std::is_same<Key, DWORD>::value,
                  "a completion key has 64 bits: declare it ULONG_PTR, and give its address as PULONG_PTR");
    return FALSE;
}
#endif

#endif
