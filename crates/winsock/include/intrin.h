// What the compiler has as functions of its own.
#ifndef __INTRIN_H_
#define __INTRIN_H_

#include <overlapped/interlocked.h>
#include <overlapped/types.h>
#if defined(__x86_64__) || defined(__i386__)
#include <x86intrin.h>
#endif

#ifndef _mm_pause
#if defined(__aarch64__)
#define _mm_pause() __asm__ __volatile__("yield")
#endif
#endif

OVERLAPPED_INLINE unsigned char _BitScanForward(DWORD *index, DWORD mask)
{
    if (mask == 0) return 0;
    *index = (DWORD)__builtin_ctz(mask);
    return 1;
}
OVERLAPPED_INLINE unsigned char _BitScanReverse(DWORD *index, DWORD mask)
{
    if (mask == 0) return 0;
    *index = 31u - (DWORD)__builtin_clz(mask);
    return 1;
}
OVERLAPPED_INLINE unsigned char _BitScanForward64(DWORD *index, unsigned long long mask)
{
    if (mask == 0) return 0;
    *index = (DWORD)__builtin_ctzll(mask);
    return 1;
}
OVERLAPPED_INLINE unsigned char _BitScanReverse64(DWORD *index, unsigned long long mask)
{
    if (mask == 0) return 0;
    *index = 63u - (DWORD)__builtin_clzll(mask);
    return 1;
}
#ifdef __cplusplus
// `unsigned long` is what their declarations say on Windows.
inline unsigned char _BitScanForward(unsigned long *index, unsigned long mask)
{
    DWORD at = 0;
    const unsigned char found = _BitScanForward(&at, (DWORD)mask);
    if (found) *index = at;
    return found;
}
inline unsigned char _BitScanReverse(unsigned long *index, unsigned long mask)
{
    DWORD at = 0;
    const unsigned char found = _BitScanReverse(&at, (DWORD)mask);
    if (found) *index = at;
    return found;
}
inline unsigned char _BitScanForward64(unsigned long *index, unsigned long long mask)
{
    DWORD at = 0;
    const unsigned char found = _BitScanForward64(&at, mask);
    if (found) *index = at;
    return found;
}
inline unsigned char _BitScanReverse64(unsigned long *index, unsigned long long mask)
{
    DWORD at = 0;
    const unsigned char found = _BitScanReverse64(&at, mask);
    if (found) *index = at;
    return found;
}
#endif
#define __popcnt(number) ((unsigned)__builtin_popcount(number))
#define __popcnt64(number) ((unsigned long long)__builtin_popcountll(number))
#define _byteswap_ushort(number) __builtin_bswap16(number)
#define _byteswap_ulong(number) __builtin_bswap32((DWORD)(number))
#define _byteswap_uint64(number) __builtin_bswap64(number)
#define _ReturnAddress() __builtin_return_address(0)
#define __nop() __asm__ __volatile__("nop")

#if defined(__x86_64__) || defined(__i386__)
OVERLAPPED_INLINE void overlapped_cpuid(int answer[4], int leaf, int part)
{
    __asm__ __volatile__("cpuid" : "=a"(answer[0]), "=b"(answer[1]), "=c"(answer[2]), "=d"(answer[3]) : "a"(leaf), "c"(part));
}
// A macro, since <cpuid.h> has another of this name.
#ifndef __cpuid
#define __cpuid(answer, leaf) overlapped_cpuid(answer, leaf, 0)
#define __cpuidex(answer, leaf, part) overlapped_cpuid(answer, leaf, part)
#endif
#endif

#endif
