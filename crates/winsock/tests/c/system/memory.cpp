// Heaps and address space.
#include <windows.h>
#include "check.h"

static void heaps()
{
    HANDLE heap = GetProcessHeap();
    char *block = (char *)HeapAlloc(heap, HEAP_ZERO_MEMORY, 100);
    CHECK(block && block[99] == 0 && HeapSize(heap, 0, block) == 100 && (ULONG_PTR)block % 16 == 0);
    block[0] = 'x';
    block = (char *)HeapReAlloc(heap, HEAP_ZERO_MEMORY, block, 5000);
    CHECK(block && block[0] == 'x' && block[4999] == 0 && HeapSize(heap, 0, block) == 5000);
    CHECK(HeapReAlloc(heap, HEAP_REALLOC_IN_PLACE_ONLY, block, 100000) == NULL);
    CHECK(HeapReAlloc(heap, HEAP_REALLOC_IN_PLACE_ONLY, block, 10) == block && HeapSize(heap, 0, block) == 10);
    CHECK(HeapFree(heap, 0, block) && HeapFree(heap, 0, NULL));
    CHECK(HeapAlloc((HANDLE)3, 0, 10) == NULL && GetLastError() == ERROR_INVALID_HANDLE);
    CHECK(HeapAlloc(heap, 0, (SIZE_T)-1) == NULL);
    HANDLE own = HeapCreate(0, 0, 0);
    CHECK(own && own != heap);
    void *inside = HeapAlloc(own, 0, 10);
    HeapAlloc(own, 0, 20);
    CHECK(!HeapFree(heap, 0, inside) && HeapSize(heap, 0, inside) == (SIZE_T)-1 && HeapValidate(own, 0, inside));
    CHECK(HeapDestroy(own) && !HeapDestroy(own) && !HeapDestroy(heap));
    HLOCAL local = LocalAlloc(LPTR, 10);
    CHECK(local && LocalSize(local) == 10 && LocalFree(local) == NULL && LocalFree(NULL) == NULL);
    HGLOBAL global = GlobalAlloc(GHND, 10);
    CHECK(GlobalLock(global) != NULL && !GlobalUnlock(global) && GlobalFree(global) == NULL);
    void *aligned = _aligned_malloc(100, 256);
    CHECK(aligned && (ULONG_PTR)aligned % 256 == 0 && _aligned_msize(aligned, 256, 0) == 100);
    memset(aligned, 7, 100);
    aligned = _aligned_realloc(aligned, 1000, 256);
    CHECK((ULONG_PTR)aligned % 256 == 0 && ((char *)aligned)[99] == 7);
    _aligned_free(aligned);
    _aligned_free(NULL);
    CHECK(_aligned_malloc(10, 3) == NULL && errno == EINVAL);
}

static void space()
{
    const SIZE_T page = 4096, size = 16 * page;
    char *base = (char *)VirtualAlloc(NULL, size, MEM_RESERVE, PAGE_READWRITE);
    CHECK(base && (ULONG_PTR)base % 65536 == 0);
    MEMORY_BASIC_INFORMATION info;
    CHECK(VirtualQuery(base + page, &info, sizeof info) == sizeof info && info.State == MEM_RESERVE && info.AllocationBase == base);
    CHECK(VirtualAlloc(base + page, 2 * page, MEM_COMMIT, PAGE_READWRITE) == base + page);
    base[page] = 1;
    base[3 * page - 1] = 2;
    CHECK(VirtualQuery(base + page, &info, sizeof info) && info.State == MEM_COMMIT && info.RegionSize == 2 * page && info.Protect == PAGE_READWRITE);
    CHECK(VirtualQuery(base, &info, sizeof info) && info.RegionSize == page);
    DWORD old = 0;
    CHECK(VirtualProtect(base + page, page, PAGE_READONLY, &old) && old == PAGE_READWRITE);
    unsigned long old_long = 0;
    CHECK(VirtualProtect(base + page, page, PAGE_READWRITE, &old_long) && old_long == PAGE_READONLY);
    CHECK(!VirtualProtect(base, page, PAGE_READONLY, &old) && GetLastError() == ERROR_INVALID_ADDRESS);
    CHECK(VirtualFree(base + page, page, MEM_DECOMMIT));
    CHECK(VirtualAlloc(base + page, page, MEM_COMMIT, PAGE_READWRITE) && base[page] == 0 && base[3 * page - 1] == 2);
    CHECK(!VirtualFree(base, size, MEM_RELEASE) && GetLastError() == ERROR_INVALID_PARAMETER);
    CHECK(!VirtualFree(base + page, 0, MEM_RELEASE) && GetLastError() == ERROR_INVALID_ADDRESS);
    CHECK(VirtualAlloc(base, size, MEM_RESERVE, PAGE_READWRITE) == NULL && GetLastError() == ERROR_INVALID_ADDRESS);
    CHECK(VirtualFree(base, 0, MEM_RELEASE) && !VirtualFree(base, 0, MEM_RELEASE));
    CHECK(VirtualQuery(base, &info, sizeof info) && info.State == MEM_FREE);
    char *at = (char *)VirtualAlloc(base, page, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    CHECK(at == base);
    VirtualFree(at, 0, MEM_RELEASE);
    char *large = (char *)VirtualAlloc(NULL, 1ull << 36, MEM_RESERVE, PAGE_NOACCESS);
    CHECK(large && VirtualFree(large, 0, MEM_RELEASE));
    CHECK(VirtualAlloc(NULL, 0, MEM_COMMIT, PAGE_READWRITE) == NULL && GetLastError() == ERROR_INVALID_PARAMETER);
    CHECK(VirtualAlloc(NULL, page, MEM_COMMIT, 0x77) == NULL && GetLastError() == ERROR_INVALID_PARAMETER);
    CHECK(VirtualAlloc((PVOID)0x10000000000, page, MEM_COMMIT, PAGE_READWRITE) == NULL && GetLastError() == ERROR_INVALID_ADDRESS);
    CHECK(VirtualQuery((PVOID)space, &info, sizeof info) && info.State == MEM_COMMIT && info.Protect == PAGE_EXECUTE_READ);
    char *ex = (char *)VirtualAllocEx(GetCurrentProcess(), NULL, page, MEM_COMMIT, PAGE_READWRITE);
    CHECK(ex && (ex[page - 1] = 1) && VirtualFreeEx(GetCurrentProcess(), ex, 0, MEM_RELEASE));
    char secret[8] = "secret";
    SecureZeroMemory(secret, sizeof secret);
    CHECK(secret[0] == 0);
}

int main()
{
    heaps();
    space();
    CHECK_END();
}
