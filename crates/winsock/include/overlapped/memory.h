// Memory: filling and copying, heaps, address space.
#ifndef OVERLAPPED_MEMORY_H
#define OVERLAPPED_MEMORY_H

#include <overlapped/long_numbers.h>
#include <overlapped/types.h>

#define RtlEqualMemory(one, other, size) (!memcmp((one), (other), (size)))
#define RtlMoveMemory(to, from, size) memmove((to), (from), (size))
#define RtlCopyMemory(to, from, size) memcpy((to), (from), (size))
#define RtlFillMemory(to, size, value) memset((to), (value), (size))
#define RtlZeroMemory(to, size) memset((to), 0, (size))
#define EqualMemory RtlEqualMemory
#define MoveMemory RtlMoveMemory
#define CopyMemory RtlCopyMemory
#define FillMemory RtlFillMemory
#define ZeroMemory RtlZeroMemory

// Is not left out, also when nobody reads the memory any more.
OVERLAPPED_INLINE PVOID RtlSecureZeroMemory(PVOID to, SIZE_T size)
{
    memset(to, 0, size);
    __asm__ __volatile__("" : : "r"(to) : "memory");
    return to;
}
#define SecureZeroMemory RtlSecureZeroMemory

#define HEAP_NO_SERIALIZE 0x00000001
#define HEAP_GROWABLE 0x00000002
#define HEAP_GENERATE_EXCEPTIONS 0x00000004
#define HEAP_ZERO_MEMORY 0x00000008
#define HEAP_REALLOC_IN_PLACE_ONLY 0x00000010
#define HEAP_CREATE_ENABLE_EXECUTE 0x00040000

#define GMEM_FIXED 0x0000
#define GMEM_MOVEABLE 0x0002
#define GMEM_ZEROINIT 0x0040
#define GMEM_MODIFY 0x0080
#define GMEM_SHARE 0x2000
#define GHND (GMEM_MOVEABLE | GMEM_ZEROINIT)
#define GPTR (GMEM_FIXED | GMEM_ZEROINIT)
#define LMEM_FIXED 0x0000
#define LMEM_MOVEABLE 0x0002
#define LMEM_ZEROINIT 0x0040
#define LMEM_MODIFY 0x0080
#define LHND (LMEM_MOVEABLE | LMEM_ZEROINIT)
#define LPTR (LMEM_FIXED | LMEM_ZEROINIT)
#define NONZEROLHND LMEM_MOVEABLE
#define NONZEROLPTR LMEM_FIXED

#define PAGE_NOACCESS 0x01
#define PAGE_READONLY 0x02
#define PAGE_READWRITE 0x04
#define PAGE_WRITECOPY 0x08
#define PAGE_EXECUTE 0x10
#define PAGE_EXECUTE_READ 0x20
#define PAGE_EXECUTE_READWRITE 0x40
#define PAGE_EXECUTE_WRITECOPY 0x80
#define PAGE_GUARD 0x100
#define PAGE_NOCACHE 0x200
#define PAGE_WRITECOMBINE 0x400
#define MEM_COMMIT 0x00001000
#define MEM_RESERVE 0x00002000
#define MEM_DECOMMIT 0x00004000
#define MEM_RELEASE 0x00008000
#define MEM_FREE 0x00010000
#define MEM_PRIVATE 0x00020000
#define MEM_MAPPED 0x00040000
#define MEM_RESET 0x00080000
#define MEM_TOP_DOWN 0x00100000
#define MEM_WRITE_WATCH 0x00200000
#define MEM_LARGE_PAGES 0x20000000
#define MEM_IMAGE 0x01000000

typedef struct _MEMORY_BASIC_INFORMATION {
    PVOID BaseAddress;
    PVOID AllocationBase;
    DWORD AllocationProtect;
    WORD PartitionId;
    SIZE_T RegionSize;
    DWORD State;
    DWORD Protect;
    DWORD Type;
} MEMORY_BASIC_INFORMATION, *PMEMORY_BASIC_INFORMATION;

typedef struct _MEMORYSTATUSEX {
    DWORD dwLength;
    DWORD dwMemoryLoad;
    DWORDLONG ullTotalPhys;
    DWORDLONG ullAvailPhys;
    DWORDLONG ullTotalPageFile;
    DWORDLONG ullAvailPageFile;
    DWORDLONG ullTotalVirtual;
    DWORDLONG ullAvailVirtual;
    DWORDLONG ullAvailExtendedVirtual;
} MEMORYSTATUSEX, *LPMEMORYSTATUSEX;

OVERLAPPED_BEGIN
HANDLE GetProcessHeap(void);
HANDLE HeapCreate(DWORD options, SIZE_T initial, SIZE_T greatest);
BOOL HeapDestroy(HANDLE heap);
LPVOID HeapAlloc(HANDLE heap, DWORD flags, SIZE_T size);
LPVOID HeapReAlloc(HANDLE heap, DWORD flags, LPVOID block, SIZE_T size);
BOOL HeapFree(HANDLE heap, DWORD flags, LPVOID block);
SIZE_T HeapSize(HANDLE heap, DWORD flags, LPCVOID block);
BOOL HeapValidate(HANDLE heap, DWORD flags, LPCVOID block);

HGLOBAL GlobalAlloc(UINT flags, SIZE_T size);
HGLOBAL GlobalReAlloc(HGLOBAL block, SIZE_T size, UINT flags);
HGLOBAL GlobalFree(HGLOBAL block);
SIZE_T GlobalSize(HGLOBAL block);
LPVOID GlobalLock(HGLOBAL block);
BOOL GlobalUnlock(HGLOBAL block);
HLOCAL LocalAlloc(UINT flags, SIZE_T size);
HLOCAL LocalReAlloc(HLOCAL block, SIZE_T size, UINT flags);
HLOCAL LocalFree(HLOCAL block);
SIZE_T LocalSize(HLOCAL block);
LPVOID LocalLock(HLOCAL block);
BOOL LocalUnlock(HLOCAL block);

LPVOID VirtualAlloc(LPVOID address, SIZE_T size, DWORD type, DWORD protect);
LPVOID VirtualAllocEx(HANDLE process, LPVOID address, SIZE_T size, DWORD type, DWORD protect);
BOOL VirtualFree(LPVOID address, SIZE_T size, DWORD type);
BOOL VirtualFreeEx(HANDLE process, LPVOID address, SIZE_T size, DWORD type);
BOOL VirtualProtect(LPVOID address, SIZE_T size, DWORD protect, PDWORD old);
SIZE_T VirtualQuery(LPCVOID address, PMEMORY_BASIC_INFORMATION information, SIZE_T size);
BOOL VirtualLock(LPVOID address, SIZE_T size);
BOOL VirtualUnlock(LPVOID address, SIZE_T size);
BOOL GlobalMemoryStatusEx(LPMEMORYSTATUSEX status);
OVERLAPPED_END

#ifdef __cplusplus
template <class Old>
inline typename overlapped_if_long<BOOL, Old>::type VirtualProtect(LPVOID address, SIZE_T size, DWORD protect, Old old)
{
    return VirtualProtect(address, size, protect, (PDWORD)overlapped_number<Old, DWORD>(old));
}
#endif

// Aligned blocks. One that is to grow has to be known with its beginning, so it is in front.
OVERLAPPED_INLINE void *_aligned_offset_malloc(size_t size, size_t alignment, size_t offset)
{
    if (alignment == 0 || (alignment & (alignment - 1)) != 0) {
        errno = EINVAL;
        return NULL;
    }
    if (alignment < sizeof(void *)) alignment = sizeof(void *);
    const size_t room = size + alignment + 2 * sizeof(size_t);
    char *begin = room < size ? NULL : (char *)malloc(room);
    if (!begin) {
        errno = ENOMEM;
        return NULL;
    }
    const uintptr_t first = (uintptr_t)begin + 2 * sizeof(size_t) + offset;
    char *block = (char *)begin + (((first + alignment - 1) & ~(uintptr_t)(alignment - 1)) - offset - (uintptr_t)begin);
    memcpy(block - sizeof(size_t), &begin, sizeof begin);
    memcpy(block - 2 * sizeof(size_t), &size, sizeof size);
    return block;
}
OVERLAPPED_INLINE void *_aligned_malloc(size_t size, size_t alignment) { return _aligned_offset_malloc(size, alignment, 0); }
OVERLAPPED_INLINE void _aligned_free(void *block)
{
    if (block) {
        void *begin;
        memcpy(&begin, (char *)block - sizeof(size_t), sizeof begin);
        free(begin);
    }
}
OVERLAPPED_INLINE size_t _aligned_msize(void *block, size_t alignment, size_t offset)
{
    size_t size = 0;
    (void)alignment;
    (void)offset;
    if (block) memcpy(&size, (char *)block - 2 * sizeof(size_t), sizeof size);
    return size;
}
OVERLAPPED_INLINE void *_aligned_realloc(void *block, size_t size, size_t alignment)
{
    if (block && size == 0) {
        _aligned_free(block);
        return NULL;
    }
    void *larger = _aligned_malloc(size, alignment);
    if (larger && block) {
        const size_t before = _aligned_msize(block, alignment, 0);
        memcpy(larger, block, before < size ? before : size);
        _aligned_free(block);
    }
    return larger;
}
#define _alloca(size) __builtin_alloca(size)
#define _malloca(size) malloc(size)
#define _freea(block) free(block)

#endif
