// OVERLAPPED, and what can be asked of an operation that is in flight.
#ifndef OVERLAPPED_OVERLAPPED_IO_H
#define OVERLAPPED_OVERLAPPED_IO_H

#include <overlapped/long_numbers.h>
#include <overlapped/types.h>

typedef struct _OVERLAPPED {
    ULONG_PTR Internal;
    ULONG_PTR InternalHigh;
    __extension__ union {
        __extension__ struct {
            DWORD Offset;
            DWORD OffsetHigh;
        };
        PVOID Pointer;
    };
    HANDLE hEvent;
} OVERLAPPED, *LPOVERLAPPED;

typedef void(CALLBACK *LPOVERLAPPED_COMPLETION_ROUTINE)(DWORD error, DWORD bytes, LPOVERLAPPED overlapped);

OVERLAPPED_BEGIN
BOOL GetOverlappedResult(HANDLE file, LPOVERLAPPED overlapped, LPDWORD bytes, BOOL wait);
BOOL GetOverlappedResultEx(HANDLE file, LPOVERLAPPED overlapped, LPDWORD bytes, DWORD milliseconds, BOOL alertable);
BOOL CancelIo(HANDLE file);
BOOL CancelIoEx(HANDLE file, LPOVERLAPPED overlapped);

// A program that asks in a loop makes no other call: asking is one that lets the operation go on.
BOOL overlapped_HasOverlappedIoCompleted(const OVERLAPPED *overlapped);
OVERLAPPED_END

#define HasOverlappedIoCompleted(overlapped) overlapped_HasOverlappedIoCompleted(overlapped)

#ifdef __cplusplus
template <class Bytes>
inline typename overlapped_if_long<BOOL, Bytes>::type GetOverlappedResult(HANDLE file, LPOVERLAPPED overlapped, Bytes bytes, BOOL wait)
{
    return GetOverlappedResult(file, overlapped, (LPDWORD)overlapped_number<Bytes, DWORD>(bytes), wait);
}
#endif

#endif
