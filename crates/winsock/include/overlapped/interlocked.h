// Interlocked operations: what the compiler has as atomic operations, each in one total order.
//
// `long` has 64 bits here, and programs give plain `long` variables where Windows has LONG: in C++ there is an overload for each
// type that such a variable can have, in C the operations take any.
#ifndef OVERLAPPED_INTERLOCKED_H
#define OVERLAPPED_INTERLOCKED_H

#include <overlapped/types.h>

#ifdef __cplusplus
extern "C++" {

#define OVERLAPPED_UNARY(name, type, run)                                                                                     \
    inline type name(type volatile *target) { return run(target, (type)1); }                                                  \
    inline type _##name(type volatile *target) { return run(target, (type)1); }
#define OVERLAPPED_BINARY(name, type, run)                                                                                    \
    inline type name(type volatile *target, type value) { return run(target, value); }                                        \
    inline type _##name(type volatile *target, type value) { return run(target, value); }
#define OVERLAPPED_EXCHANGE(name, type)                                                                                       \
    inline type name(type volatile *target, type value) { return __atomic_exchange_n(target, value, __ATOMIC_SEQ_CST); }      \
    inline type _##name(type volatile *target, type value) { return name(target, value); }
#define OVERLAPPED_COMPARE(name, type)                                                                                        \
    inline type name(type volatile *target, type value, type compare)                                                         \
    {                                                                                                                         \
        return __sync_val_compare_and_swap(target, compare, value);                                                           \
    }                                                                                                                         \
    inline type _##name(type volatile *target, type value, type compare) { return name(target, value, compare); }

// The operations whose names end like this, for one type.
#define OVERLAPPED_INTERLOCKED(end, type)                                                                                     \
    OVERLAPPED_UNARY(InterlockedIncrement##end, type, __sync_add_and_fetch)                                                   \
    OVERLAPPED_UNARY(InterlockedDecrement##end, type, __sync_sub_and_fetch)                                                   \
    OVERLAPPED_UNARY(InterlockedIncrementAcquire##end, type, __sync_add_and_fetch)                                            \
    OVERLAPPED_UNARY(InterlockedIncrementRelease##end, type, __sync_add_and_fetch)                                            \
    OVERLAPPED_UNARY(InterlockedIncrementNoFence##end, type, __sync_add_and_fetch)                                            \
    OVERLAPPED_UNARY(InterlockedDecrementAcquire##end, type, __sync_sub_and_fetch)                                            \
    OVERLAPPED_UNARY(InterlockedDecrementRelease##end, type, __sync_sub_and_fetch)                                            \
    OVERLAPPED_UNARY(InterlockedDecrementNoFence##end, type, __sync_sub_and_fetch)                                            \
    OVERLAPPED_BINARY(InterlockedExchangeAdd##end, type, __sync_fetch_and_add)                                                \
    OVERLAPPED_BINARY(InterlockedExchangeAddAcquire##end, type, __sync_fetch_and_add)                                         \
    OVERLAPPED_BINARY(InterlockedExchangeAddRelease##end, type, __sync_fetch_and_add)                                         \
    OVERLAPPED_BINARY(InterlockedExchangeAddNoFence##end, type, __sync_fetch_and_add)                                         \
    OVERLAPPED_BINARY(InterlockedExchangeSubtract##end, type, __sync_fetch_and_sub)                                           \
    OVERLAPPED_BINARY(InterlockedAdd##end, type, __sync_add_and_fetch)                                                        \
    OVERLAPPED_BINARY(InterlockedAnd##end, type, __sync_fetch_and_and)                                                        \
    OVERLAPPED_BINARY(InterlockedOr##end, type, __sync_fetch_and_or)                                                          \
    OVERLAPPED_BINARY(InterlockedXor##end, type, __sync_fetch_and_xor)                                                        \
    OVERLAPPED_EXCHANGE(InterlockedExchange##end, type)                                                                       \
    OVERLAPPED_EXCHANGE(InterlockedExchangeAcquire##end, type)                                                                \
    OVERLAPPED_EXCHANGE(InterlockedExchangeNoFence##end, type)                                                                \
    OVERLAPPED_COMPARE(InterlockedCompareExchange##end, type)                                                                 \
    OVERLAPPED_COMPARE(InterlockedCompareExchangeAcquire##end, type)                                                          \
    OVERLAPPED_COMPARE(InterlockedCompareExchangeRelease##end, type)                                                          \
    OVERLAPPED_COMPARE(InterlockedCompareExchangeNoFence##end, type)                                                          \
    inline BOOLEAN InterlockedBitTestAndSet##end(type volatile *target, type bit)                                             \
    {                                                                                                                         \
        const type mask = (type)((type)1 << (bit & (type)(sizeof(type) * 8 - 1)));                                            \
        return (__sync_fetch_and_or(target, mask) & mask) != 0;                                                               \
    }                                                                                                                         \
    inline BOOLEAN InterlockedBitTestAndReset##end(type volatile *target, type bit)                                           \
    {                                                                                                                         \
        const type mask = (type)((type)1 << (bit & (type)(sizeof(type) * 8 - 1)));                                            \
        return (__sync_fetch_and_and(target, (type)~mask) & mask) != 0;                                                       \
    }

OVERLAPPED_INTERLOCKED(, int)
OVERLAPPED_INTERLOCKED(, unsigned)
OVERLAPPED_INTERLOCKED(, long)
OVERLAPPED_INTERLOCKED(, unsigned long)
OVERLAPPED_INTERLOCKED(64, long long)
OVERLAPPED_INTERLOCKED(64, unsigned long long)
OVERLAPPED_INTERLOCKED(64, long)
OVERLAPPED_INTERLOCKED(64, unsigned long)
OVERLAPPED_INTERLOCKED(16, short)
OVERLAPPED_INTERLOCKED(16, unsigned short)
OVERLAPPED_INTERLOCKED(8, char)
OVERLAPPED_INTERLOCKED(8, signed char)
OVERLAPPED_INTERLOCKED(8, unsigned char)

#undef OVERLAPPED_UNARY
#undef OVERLAPPED_BINARY
#undef OVERLAPPED_EXCHANGE
#undef OVERLAPPED_COMPARE
#undef OVERLAPPED_INTERLOCKED
}
#else

// In C they are macros: an operation takes any type of number.
#define OVERLAPPED_BIT(target, bit) ((__typeof__(*(target)))((__typeof__(*(target)))1 << ((bit) & (sizeof(*(target)) * 8 - 1))))
#define InterlockedIncrement(target) __sync_add_and_fetch((target), 1)
#define InterlockedDecrement(target) __sync_sub_and_fetch((target), 1)
#define InterlockedExchangeAdd(target, value) __sync_fetch_and_add((target), (value))
#define InterlockedExchangeSubtract(target, value) __sync_fetch_and_sub((target), (value))
#define InterlockedAdd(target, value) __sync_add_and_fetch((target), (value))
#define InterlockedAnd(target, value) __sync_fetch_and_and((target), (value))
#define InterlockedOr(target, value) __sync_fetch_and_or((target), (value))
#define InterlockedXor(target, value) __sync_fetch_and_xor((target), (value))
#define InterlockedExchange(target, value) __atomic_exchange_n((target), (value), __ATOMIC_SEQ_CST)
#define InterlockedCompareExchange(target, value, compare) __sync_val_compare_and_swap((target), (compare), (value))
#define InterlockedBitTestAndSet(target, bit)                                                                                 \
    ((BOOLEAN)((__sync_fetch_and_or((target), OVERLAPPED_BIT(target, bit)) & OVERLAPPED_BIT(target, bit)) != 0))
#define InterlockedBitTestAndReset(target, bit)                                                                               \
    ((BOOLEAN)((__sync_fetch_and_and((target), ~OVERLAPPED_BIT(target, bit)) & OVERLAPPED_BIT(target, bit)) != 0))

#define InterlockedIncrement64 InterlockedIncrement
#define InterlockedDecrement64 InterlockedDecrement
#define InterlockedExchangeAdd64 InterlockedExchangeAdd
#define InterlockedAdd64 InterlockedAdd
#define InterlockedAnd64 InterlockedAnd
#define InterlockedOr64 InterlockedOr
#define InterlockedXor64 InterlockedXor
#define InterlockedExchange64 InterlockedExchange
#define InterlockedCompareExchange64 InterlockedCompareExchange
#define InterlockedBitTestAndSet64 InterlockedBitTestAndSet
#define InterlockedBitTestAndReset64 InterlockedBitTestAndReset
#define InterlockedIncrement16 InterlockedIncrement
#define InterlockedDecrement16 InterlockedDecrement
#define InterlockedExchange16 InterlockedExchange
#define InterlockedCompareExchange16 InterlockedCompareExchange
#define InterlockedAnd16 InterlockedAnd
#define InterlockedOr16 InterlockedOr
#define InterlockedXor16 InterlockedXor
#define InterlockedExchange8 InterlockedExchange
#define InterlockedExchangeAdd8 InterlockedExchangeAdd
#define InterlockedAnd8 InterlockedAnd
#define InterlockedOr8 InterlockedOr
#define InterlockedXor8 InterlockedXor

#define _InterlockedIncrement InterlockedIncrement
#define _InterlockedDecrement InterlockedDecrement
#define _InterlockedExchangeAdd InterlockedExchangeAdd
#define _InterlockedAnd InterlockedAnd
#define _InterlockedOr InterlockedOr
#define _InterlockedXor InterlockedXor
#define _InterlockedExchange InterlockedExchange
#define _InterlockedCompareExchange InterlockedCompareExchange
#define _InterlockedIncrement64 InterlockedIncrement
#define _InterlockedDecrement64 InterlockedDecrement
#define _InterlockedExchangeAdd64 InterlockedExchangeAdd
#define _InterlockedExchange64 InterlockedExchange
#define _InterlockedCompareExchange64 InterlockedCompareExchange
#endif

OVERLAPPED_INLINE PVOID InterlockedExchangePointer(PVOID volatile *target, PVOID value)
{
    return __atomic_exchange_n(target, value, __ATOMIC_SEQ_CST);
}
OVERLAPPED_INLINE PVOID InterlockedCompareExchangePointer(PVOID volatile *target, PVOID value, PVOID compare)
{
    return __sync_val_compare_and_swap(target, compare, value);
}
#define InterlockedExchangePointerAcquire InterlockedExchangePointer
#define InterlockedExchangePointerNoFence InterlockedExchangePointer
#define InterlockedCompareExchangePointerAcquire InterlockedCompareExchangePointer
#define InterlockedCompareExchangePointerRelease InterlockedCompareExchangePointer
#define InterlockedCompareExchangePointerNoFence InterlockedCompareExchangePointer
#define _InterlockedExchangePointer InterlockedExchangePointer
#define _InterlockedCompareExchangePointer InterlockedCompareExchangePointer

#if defined(__x86_64__)
// Of two words at once, at an address that is a multiple of 16: not 0 if they were the ones to compare with, which get what
// was there.
OVERLAPPED_INLINE BOOLEAN InterlockedCompareExchange128(LONG64 volatile *target, LONG64 high, LONG64 low, LONG64 *compare)
{
    unsigned char done;
    __asm__ __volatile__("lock cmpxchg16b %1"
                         : "=@ccz"(done), "+m"(*(volatile LONG64(*)[2])target), "+d"(compare[1]), "+a"(compare[0])
                         : "c"(high), "b"(low)
                         : "memory");
    return done;
}
#define _InterlockedCompareExchange128 InterlockedCompareExchange128
#endif

#define MemoryBarrier() __sync_synchronize()
#define _ReadWriteBarrier() __atomic_signal_fence(__ATOMIC_SEQ_CST)
#define _ReadBarrier() __atomic_signal_fence(__ATOMIC_SEQ_CST)
#define _WriteBarrier() __atomic_signal_fence(__ATOMIC_SEQ_CST)
#if defined(__x86_64__) || defined(__i386__)
#define YieldProcessor() __builtin_ia32_pause()
#elif defined(__aarch64__)
#define YieldProcessor() __asm__ __volatile__("yield")
#else
#define YieldProcessor() ((void)0)
#endif

// Interlocked lists.
typedef struct DECLSPEC_ALIGN(16) _SLIST_ENTRY {
    struct _SLIST_ENTRY *Next;
} SLIST_ENTRY, *PSLIST_ENTRY;

typedef union DECLSPEC_ALIGN(16) _SLIST_HEADER {
    __extension__ struct {
        ULONGLONG Alignment;
        ULONGLONG Region;
    };
} SLIST_HEADER, *PSLIST_HEADER;
#define MEMORY_ALLOCATION_ALIGNMENT 16

OVERLAPPED_BEGIN
void InitializeSListHead(PSLIST_HEADER list);
PSLIST_ENTRY InterlockedPushEntrySList(PSLIST_HEADER list, PSLIST_ENTRY entry);
PSLIST_ENTRY InterlockedPushListSListEx(PSLIST_HEADER list, PSLIST_ENTRY first, PSLIST_ENTRY last, ULONG count);
PSLIST_ENTRY InterlockedPopEntrySList(PSLIST_HEADER list);
PSLIST_ENTRY InterlockedFlushSList(PSLIST_HEADER list);
USHORT QueryDepthSList(PSLIST_HEADER list);
PSLIST_ENTRY RtlFirstEntrySList(const SLIST_HEADER *list);
OVERLAPPED_END

#endif
