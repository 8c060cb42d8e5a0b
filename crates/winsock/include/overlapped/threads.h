// Threads, and as much of processes as programs ask of their own.
#ifndef OVERLAPPED_THREADS_H
#define OVERLAPPED_THREADS_H

#include <overlapped/long_numbers.h>
#include <overlapped/types.h>

#define DEBUG_PROCESS 0x00000001
#define CREATE_SUSPENDED 0x00000004
#define DETACHED_PROCESS 0x00000008
#define CREATE_NEW_CONSOLE 0x00000010
#define NORMAL_PRIORITY_CLASS 0x00000020
#define IDLE_PRIORITY_CLASS 0x00000040
#define HIGH_PRIORITY_CLASS 0x00000080
#define REALTIME_PRIORITY_CLASS 0x00000100
#define BELOW_NORMAL_PRIORITY_CLASS 0x00004000
#define ABOVE_NORMAL_PRIORITY_CLASS 0x00008000
#define STACK_SIZE_PARAM_IS_A_RESERVATION 0x00010000
#define STILL_ACTIVE 0x103

#define THREAD_TERMINATE 0x0001
#define THREAD_SUSPEND_RESUME 0x0002
#define THREAD_GET_CONTEXT 0x0008
#define THREAD_SET_CONTEXT 0x0010
#define THREAD_SET_INFORMATION 0x0020
#define THREAD_QUERY_INFORMATION 0x0040
#define THREAD_QUERY_LIMITED_INFORMATION 0x0800
#define THREAD_ALL_ACCESS 0x1FFFFF
#define PROCESS_TERMINATE 0x0001
#define PROCESS_CREATE_THREAD 0x0002
#define PROCESS_VM_OPERATION 0x0008
#define PROCESS_VM_READ 0x0010
#define PROCESS_VM_WRITE 0x0020
#define PROCESS_DUP_HANDLE 0x0040
#define PROCESS_SET_INFORMATION 0x0200
#define PROCESS_QUERY_INFORMATION 0x0400
#define PROCESS_QUERY_LIMITED_INFORMATION 0x1000
#define PROCESS_ALL_ACCESS 0x1FFFFF

#define THREAD_BASE_PRIORITY_LOWRT 15
#define THREAD_BASE_PRIORITY_MAX 2
#define THREAD_BASE_PRIORITY_MIN (-2)
#define THREAD_BASE_PRIORITY_IDLE (-15)
#define THREAD_PRIORITY_LOWEST (-2)
#define THREAD_PRIORITY_BELOW_NORMAL (-1)
#define THREAD_PRIORITY_NORMAL 0
#define THREAD_PRIORITY_ABOVE_NORMAL 1
#define THREAD_PRIORITY_HIGHEST 2
#define THREAD_PRIORITY_TIME_CRITICAL 15
#define THREAD_PRIORITY_IDLE (-15)
#define THREAD_PRIORITY_ERROR_RETURN 0x7FFFFFFF

typedef DWORD(WINAPI *PTHREAD_START_ROUTINE)(LPVOID parameter);
typedef PTHREAD_START_ROUTINE LPTHREAD_START_ROUTINE;
typedef unsigned(__stdcall *_beginthreadex_proc_type)(void *);
typedef void(__cdecl *_beginthread_proc_type)(void *);

OVERLAPPED_BEGIN
HANDLE CreateThread(LPSECURITY_ATTRIBUTES security, SIZE_T stack, LPTHREAD_START_ROUTINE routine, LPVOID parameter, DWORD flags,
                    LPDWORD identifier);
DECLSPEC_NORETURN void ExitThread(DWORD code);
BOOL TerminateThread(HANDLE thread, DWORD code);
DWORD ResumeThread(HANDLE thread);
DWORD SuspendThread(HANDLE thread);
BOOL GetExitCodeThread(HANDLE thread, LPDWORD code);
HANDLE OpenThread(DWORD access, BOOL inherit, DWORD identifier);
HANDLE GetCurrentThread(void);
DWORD GetCurrentThreadId(void);
DWORD GetThreadId(HANDLE thread);
DWORD GetProcessIdOfThread(HANDLE thread);
BOOL SetThreadPriority(HANDLE thread, int priority);
int GetThreadPriority(HANDLE thread);
DWORD_PTR SetThreadAffinityMask(HANDLE thread, DWORD_PTR mask);
DWORD SetThreadIdealProcessor(HANDLE thread, DWORD processor);
DWORD GetCurrentProcessorNumber(void);
HRESULT SetThreadDescription(HANDLE thread, PCWSTR description);
HRESULT GetThreadDescription(HANDLE thread, PWSTR *description);
BOOL SwitchToThread(void);

uintptr_t _beginthreadex(void *security, unsigned stack, _beginthreadex_proc_type routine, void *parameter, unsigned flags,
                         unsigned *identifier);
uintptr_t _beginthread(_beginthread_proc_type routine, unsigned stack, void *parameter);
DECLSPEC_NORETURN void _endthreadex(unsigned code);
DECLSPEC_NORETURN void _endthread(void);

HANDLE GetCurrentProcess(void);
DWORD GetCurrentProcessId(void);
DWORD GetProcessId(HANDLE process);
HANDLE OpenProcess(DWORD access, BOOL inherit, DWORD identifier);
BOOL GetExitCodeProcess(HANDLE process, LPDWORD code);
BOOL TerminateProcess(HANDLE process, UINT code);
DECLSPEC_NORETURN void ExitProcess(UINT code);
BOOL SetPriorityClass(HANDLE process, DWORD priority);
DWORD GetPriorityClass(HANDLE process);
BOOL SetProcessAffinityMask(HANDLE process, DWORD_PTR mask);
BOOL GetProcessAffinityMask(HANDLE process, PDWORD_PTR mask, PDWORD_PTR system);
OVERLAPPED_END

#ifdef __cplusplus
template <class Number>
inline typename overlapped_if_long<HANDLE, Number>::type CreateThread(LPSECURITY_ATTRIBUTES security, SIZE_T stack,
                                                                      LPTHREAD_START_ROUTINE routine, LPVOID parameter, DWORD flags,
                                                                      Number identifier)
{
    return CreateThread(security, stack, routine, parameter, flags, (LPDWORD)overlapped_number<Number, DWORD>(identifier));
}
template <class Code>
inline typename overlapped_if_long<BOOL, Code>::type GetExitCodeThread(HANDLE thread, Code code)
{
    return GetExitCodeThread(thread, (LPDWORD)overlapped_number<Code, DWORD>(code));
}
#endif

#endif
