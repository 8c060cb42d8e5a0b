// HRESULT: a result with a severity, a facility and a code.
#ifndef OVERLAPPED_RESULTS_H
#define OVERLAPPED_RESULTS_H

#include <overlapped/types.h>

#define SEVERITY_SUCCESS 0
#define SEVERITY_ERROR 1
#define FACILITY_NULL 0
#define FACILITY_RPC 1
#define FACILITY_ITF 4
#define FACILITY_WIN32 7
#define FACILITY_WINDOWS 8

#define SUCCEEDED(result) ((HRESULT)(result) >= 0)
#define FAILED(result) ((HRESULT)(result) < 0)
#define IS_ERROR(result) ((ULONG)(result) >> 31 == SEVERITY_ERROR)
#define HRESULT_CODE(result) ((result) & 0xFFFF)
#define HRESULT_FACILITY(result) ((result) >> 16 & 0x1FFF)
#define HRESULT_SEVERITY(result) ((result) >> 31 & 1)
#define MAKE_HRESULT(severity, facility, code) ((HRESULT)((ULONG)(severity) << 31 | (ULONG)(facility) << 16 | (ULONG)(code)))

#define S_OK ((HRESULT)0)
#define S_FALSE ((HRESULT)1)
#define NOERROR 0
#define E_NOTIMPL ((HRESULT)0x80004001)
#define E_NOINTERFACE ((HRESULT)0x80004002)
#define E_POINTER ((HRESULT)0x80004003)
#define E_ABORT ((HRESULT)0x80004004)
#define E_FAIL ((HRESULT)0x80004005)
#define E_UNEXPECTED ((HRESULT)0x8000FFFF)
#define E_PENDING ((HRESULT)0x8000000A)
#define E_ACCESSDENIED ((HRESULT)0x80070005)
#define E_HANDLE ((HRESULT)0x80070006)
#define E_OUTOFMEMORY ((HRESULT)0x8007000E)
#define E_INVALIDARG ((HRESULT)0x80070057)

OVERLAPPED_INLINE HRESULT HRESULT_FROM_WIN32(DWORD code)
{
    return (HRESULT)code <= 0 ? (HRESULT)code : (HRESULT)((code & 0xFFFF) | FACILITY_WIN32 << 16 | 0x80000000);
}
#define __HRESULT_FROM_WIN32(code) HRESULT_FROM_WIN32(code)

#endif
