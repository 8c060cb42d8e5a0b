// The thread pool: callbacks on timers, on waits, on completions, and as work; and timer queues.
#ifndef OVERLAPPED_TIMERS_POOL_H
#define OVERLAPPED_TIMERS_POOL_H

#include <overlapped/overlapped_io.h>
#include <overlapped/sync.h>
#include <overlapped/threads.h>

#define WT_EXECUTEDEFAULT 0x00000000
#define WT_EXECUTEINIOTHREAD 0x00000001
#define WT_EXECUTEINUITHREAD 0x00000002
#define WT_EXECUTEINWAITTHREAD 0x00000004
#define WT_EXECUTEONLYONCE 0x00000008
#define WT_EXECUTELONGFUNCTION 0x00000010
#define WT_EXECUTEINTIMERTHREAD 0x00000020
#define WT_EXECUTEINPERSISTENTTHREAD 0x00000080
#define WT_TRANSFER_IMPERSONATION 0x00000100

typedef void(CALLBACK *WAITORTIMERCALLBACK)(PVOID context, BOOLEAN fired);
typedef WAITORTIMERCALLBACK WAITORTIMERCALLBACKFUNC;

typedef DWORD TP_WAIT_RESULT;
typedef struct _TP_CALLBACK_INSTANCE TP_CALLBACK_INSTANCE, *PTP_CALLBACK_INSTANCE;
typedef struct _TP_POOL TP_POOL, *PTP_POOL;
typedef struct _TP_CLEANUP_GROUP TP_CLEANUP_GROUP, *PTP_CLEANUP_GROUP;
typedef struct _TP_WORK TP_WORK, *PTP_WORK;
typedef struct _TP_TIMER TP_TIMER, *PTP_TIMER;
typedef struct _TP_WAIT TP_WAIT, *PTP_WAIT;
typedef struct _TP_IO TP_IO, *PTP_IO;

typedef void(NTAPI *PTP_SIMPLE_CALLBACK)(PTP_CALLBACK_INSTANCE instance, PVOID context);
typedef void(NTAPI *PTP_CLEANUP_GROUP_CANCEL_CALLBACK)(PVOID context, PVOID cleanup);
typedef void(NTAPI *PTP_WORK_CALLBACK)(PTP_CALLBACK_INSTANCE instance, PVOID context, PTP_WORK work);
typedef void(NTAPI *PTP_TIMER_CALLBACK)(PTP_CALLBACK_INSTANCE instance, PVOID context, PTP_TIMER timer);
typedef void(NTAPI *PTP_WAIT_CALLBACK)(PTP_CALLBACK_INSTANCE instance, PVOID context, PTP_WAIT wait, TP_WAIT_RESULT result);
typedef void(WINAPI *PTP_WIN32_IO_CALLBACK)(PTP_CALLBACK_INSTANCE instance, PVOID context, PVOID overlapped, ULONG result,
                                            ULONG_PTR bytes, PTP_IO io);

typedef enum _TP_CALLBACK_PRIORITY {
    TP_CALLBACK_PRIORITY_HIGH,
    TP_CALLBACK_PRIORITY_NORMAL,
    TP_CALLBACK_PRIORITY_LOW,
    TP_CALLBACK_PRIORITY_INVALID,
    TP_CALLBACK_PRIORITY_COUNT = TP_CALLBACK_PRIORITY_INVALID
} TP_CALLBACK_PRIORITY;

typedef DWORD TP_VERSION, *PTP_VERSION;

// Where a callback runs, and what belongs to it.
typedef struct _TP_CALLBACK_ENVIRON_V3 {
    TP_VERSION Version;
    PTP_POOL Pool;
    PTP_CLEANUP_GROUP CleanupGroup;
    PTP_CLEANUP_GROUP_CANCEL_CALLBACK CleanupGroupCancelCallback;
    PVOID RaceDll;
    struct _ACTIVATION_CONTEXT *ActivationContext;
    PTP_SIMPLE_CALLBACK FinalizationCallback;
    union {
        DWORD Flags;
        struct {
            DWORD LongFunction : 1;
            DWORD Persistent : 1;
            DWORD Private : 30;
        } s;
    } u;
    TP_CALLBACK_PRIORITY CallbackPriority;
    DWORD Size;
} TP_CALLBACK_ENVIRON_V3, TP_CALLBACK_ENVIRON, *PTP_CALLBACK_ENVIRON;

OVERLAPPED_INLINE void InitializeThreadpoolEnvironment(PTP_CALLBACK_ENVIRON environment)
{
    memset(environment, 0, sizeof *environment);
    environment->Version = 3;
    environment->CallbackPriority = TP_CALLBACK_PRIORITY_NORMAL;
    environment->Size = sizeof *environment;
}
OVERLAPPED_INLINE void DestroyThreadpoolEnvironment(PTP_CALLBACK_ENVIRON environment) { (void)environment; }
OVERLAPPED_INLINE void SetThreadpoolCallbackPool(PTP_CALLBACK_ENVIRON environment, PTP_POOL pool) { environment->Pool = pool; }
OVERLAPPED_INLINE void SetThreadpoolCallbackCleanupGroup(PTP_CALLBACK_ENVIRON environment, PTP_CLEANUP_GROUP group,
                                                         PTP_CLEANUP_GROUP_CANCEL_CALLBACK routine)
{
    environment->CleanupGroup = group;
    environment->CleanupGroupCancelCallback = routine;
}
OVERLAPPED_INLINE void SetThreadpoolCallbackRunsLong(PTP_CALLBACK_ENVIRON environment) { environment->u.s.LongFunction = 1; }
OVERLAPPED_INLINE void SetThreadpoolCallbackPersistent(PTP_CALLBACK_ENVIRON environment) { environment->u.s.Persistent = 1; }
OVERLAPPED_INLINE void SetThreadpoolCallbackPriority(PTP_CALLBACK_ENVIRON environment, TP_CALLBACK_PRIORITY priority)
{
    environment->CallbackPriority = priority;
}

OVERLAPPED_BEGIN
PTP_POOL CreateThreadpool(PVOID reserved);
void SetThreadpoolThreadMaximum(PTP_POOL pool, DWORD most);
BOOL SetThreadpoolThreadMinimum(PTP_POOL pool, DWORD least);
void CloseThreadpool(PTP_POOL pool);
PTP_CLEANUP_GROUP CreateThreadpoolCleanupGroup(void);
void CloseThreadpoolCleanupGroupMembers(PTP_CLEANUP_GROUP group, BOOL cancel, PVOID context);
void CloseThreadpoolCleanupGroup(PTP_CLEANUP_GROUP group);
BOOL CallbackMayRunLong(PTP_CALLBACK_INSTANCE instance);
void SetEventWhenCallbackReturns(PTP_CALLBACK_INSTANCE instance, HANDLE event);
void ReleaseSemaphoreWhenCallbackReturns(PTP_CALLBACK_INSTANCE instance, HANDLE semaphore, DWORD count);
void ReleaseMutexWhenCallbackReturns(PTP_CALLBACK_INSTANCE instance, HANDLE mutex);
void LeaveCriticalSectionWhenCallbackReturns(PTP_CALLBACK_INSTANCE instance, PCRITICAL_SECTION section);

BOOL QueueUserWorkItem(LPTHREAD_START_ROUTINE routine, PVOID context, ULONG flags);
BOOL BindIoCompletionCallback(HANDLE file, LPOVERLAPPED_COMPLETION_ROUTINE routine, ULONG flags);
BOOL RegisterWaitForSingleObject(PHANDLE wait, HANDLE object, WAITORTIMERCALLBACK routine, PVOID context, ULONG milliseconds, ULONG flags);
BOOL UnregisterWait(HANDLE wait);
BOOL UnregisterWaitEx(HANDLE wait, HANDLE event);

HANDLE CreateTimerQueue(void);
BOOL CreateTimerQueueTimer(PHANDLE timer, HANDLE queue, WAITORTIMERCALLBACK routine, PVOID context, DWORD due, DWORD period, ULONG flags);
BOOL ChangeTimerQueueTimer(HANDLE queue, HANDLE timer, ULONG due, ULONG period);
BOOL DeleteTimerQueueTimer(HANDLE queue, HANDLE timer, HANDLE event);
BOOL DeleteTimerQueue(HANDLE queue);
BOOL DeleteTimerQueueEx(HANDLE queue, HANDLE event);

BOOL TrySubmitThreadpoolCallback(PTP_SIMPLE_CALLBACK routine, PVOID context, PTP_CALLBACK_ENVIRON environment);
PTP_WORK CreateThreadpoolWork(PTP_WORK_CALLBACK routine, PVOID context, PTP_CALLBACK_ENVIRON environment);
void SubmitThreadpoolWork(PTP_WORK work);
void WaitForThreadpoolWorkCallbacks(PTP_WORK work, BOOL cancel);
void CloseThreadpoolWork(PTP_WORK work);
PTP_TIMER CreateThreadpoolTimer(PTP_TIMER_CALLBACK routine, PVOID context, PTP_CALLBACK_ENVIRON environment);
void SetThreadpoolTimer(PTP_TIMER timer, PFILETIME due, DWORD period, DWORD window);
BOOL IsThreadpoolTimerSet(PTP_TIMER timer);
void WaitForThreadpoolTimerCallbacks(PTP_TIMER timer, BOOL cancel);
void CloseThreadpoolTimer(PTP_TIMER timer);
PTP_WAIT CreateThreadpoolWait(PTP_WAIT_CALLBACK routine, PVOID context, PTP_CALLBACK_ENVIRON environment);
void SetThreadpoolWait(PTP_WAIT wait, HANDLE object, PFILETIME timeout);
void WaitForThreadpoolWaitCallbacks(PTP_WAIT wait, BOOL cancel);
void CloseThreadpoolWait(PTP_WAIT wait);
PTP_IO CreateThreadpoolIo(HANDLE file, PTP_WIN32_IO_CALLBACK routine, PVOID context, PTP_CALLBACK_ENVIRON environment);
void StartThreadpoolIo(PTP_IO io);
void CancelThreadpoolIo(PTP_IO io);
void WaitForThreadpoolIoCallbacks(PTP_IO io, BOOL cancel);
void CloseThreadpoolIo(PTP_IO io);
OVERLAPPED_END

#endif
