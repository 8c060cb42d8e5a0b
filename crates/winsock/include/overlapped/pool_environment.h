// Pools of the program's own, cleanup groups, and the environments that name them.
#ifndef OVERLAPPED_POOL_ENVIRONMENT_H
#define OVERLAPPED_POOL_ENVIRONMENT_H

#include <overlapped/timers_pool.h>

typedef DWORD TP_VERSION, *PTP_VERSION;
typedef void(NTAPI *PTP_CLEANUP_GROUP_CANCEL_CALLBACK)(PVOID object_context, PVOID cleanup_context);

typedef enum _TP_CALLBACK_PRIORITY {
    TP_CALLBACK_PRIORITY_HIGH,
    TP_CALLBACK_PRIORITY_NORMAL,
    TP_CALLBACK_PRIORITY_LOW,
    TP_CALLBACK_PRIORITY_INVALID,
    TP_CALLBACK_PRIORITY_COUNT = TP_CALLBACK_PRIORITY_INVALID
} TP_CALLBACK_PRIORITY;

struct _TP_CALLBACK_ENVIRON {
    TP_VERSION Version;
    PTP_POOL Pool;
    PTP_CLEANUP_GROUP CleanupGroup;
    PTP_CLEANUP_GROUP_CANCEL_CALLBACK CleanupGroupCancelCallback;
    PVOID RaceDll;
    PVOID ActivationContext;
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
};

OVERLAPPED_BEGIN
PTP_POOL CreateThreadpool(PVOID reserved);
void CloseThreadpool(PTP_POOL pool);
void SetThreadpoolThreadMaximum(PTP_POOL pool, DWORD most);
BOOL SetThreadpoolThreadMinimum(PTP_POOL pool, DWORD least);
PTP_CLEANUP_GROUP CreateThreadpoolCleanupGroup(void);
void CloseThreadpoolCleanupGroupMembers(PTP_CLEANUP_GROUP group, BOOL cancel, PVOID context);
void CloseThreadpoolCleanupGroup(PTP_CLEANUP_GROUP group);

BOOL CallbackMayRunLong(PTP_CALLBACK_INSTANCE instance);
void SetEventWhenCallbackReturns(PTP_CALLBACK_INSTANCE instance, HANDLE event);
void ReleaseSemaphoreWhenCallbackReturns(PTP_CALLBACK_INSTANCE instance, HANDLE semaphore, DWORD count);
void ReleaseMutexWhenCallbackReturns(PTP_CALLBACK_INSTANCE instance, HANDLE mutex);
OVERLAPPED_END

static inline void InitializeThreadpoolEnvironment(PTP_CALLBACK_ENVIRON environment)
{
    environment->Version = 3;
    environment->Pool = NULL;
    environment->CleanupGroup = NULL;
    environment->CleanupGroupCancelCallback = NULL;
    environment->RaceDll = NULL;
    environment->ActivationContext = NULL;
    environment->FinalizationCallback = NULL;
    environment->u.Flags = 0;
    environment->CallbackPriority = TP_CALLBACK_PRIORITY_NORMAL;
    environment->Size = sizeof *environment;
}

static inline void SetThreadpoolCallbackPool(PTP_CALLBACK_ENVIRON environment, PTP_POOL pool)
{
    environment->Pool = pool;
}

static inline void SetThreadpoolCallbackCleanupGroup(PTP_CALLBACK_ENVIRON environment, PTP_CLEANUP_GROUP group,
                                                     PTP_CLEANUP_GROUP_CANCEL_CALLBACK cancelled)
{
    environment->CleanupGroup = group;
    environment->CleanupGroupCancelCallback = cancelled;
}

static inline void SetThreadpoolCallbackPriority(PTP_CALLBACK_ENVIRON environment, TP_CALLBACK_PRIORITY priority)
{
    environment->CallbackPriority = priority;
}

static inline void SetThreadpoolCallbackRunsLong(PTP_CALLBACK_ENVIRON environment)
{
    environment->u.s.LongFunction = 1;
}

static inline void SetThreadpoolCallbackPersistent(PTP_CALLBACK_ENVIRON environment)
{
    environment->u.s.Persistent = 1;
}

static inline void DestroyThreadpoolEnvironment(PTP_CALLBACK_ENVIRON environment)
{
    (void)environment;
}

#endif
