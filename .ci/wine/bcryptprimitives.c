// The one function of bcryptprimitives.dll that Rust's standard library calls; Wine before 9 has no such library.
#include <windows.h>
#include <ntsecapi.h>

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T length)
{
    for (; length > MAXLONG; data += MAXLONG, length -= MAXLONG)
        if (!RtlGenRandom(data, MAXLONG)) return FALSE;
    return RtlGenRandom(data, (ULONG)length);
}
