// GUID: the names of extension functions.
#ifndef OVERLAPPED_GUID_H
#define OVERLAPPED_GUID_H

#include <overlapped/types.h>

typedef struct _GUID {
    ULONG Data1;
    USHORT Data2;
    USHORT Data3;
    UCHAR Data4[8];
} GUID, *LPGUID, IID, *LPIID, CLSID, *LPCLSID, UUID;
typedef const GUID *LPCGUID;

#ifdef __cplusplus
#define REFGUID const GUID &
#define REFIID const IID &
#define REFCLSID const CLSID &
inline bool IsEqualGUID(const GUID &a, const GUID &b) { return !memcmp(&a, &b, sizeof(GUID)); }
inline bool InlineIsEqualGUID(const GUID &a, const GUID &b) { return IsEqualGUID(a, b); }
inline bool operator==(const GUID &a, const GUID &b) { return IsEqualGUID(a, b); }
inline bool operator!=(const GUID &a, const GUID &b) { return !IsEqualGUID(a, b); }
#else
#define REFGUID const GUID *
#define REFIID const IID *
#define REFCLSID const CLSID *
#define IsEqualGUID(a, b) (!memcmp(a, b, sizeof(GUID)))
#define InlineIsEqualGUID(a, b) IsEqualGUID(a, b)
#endif
#define IsEqualIID(a, b) IsEqualGUID(a, b)
#define IsEqualCLSID(a, b) IsEqualGUID(a, b)

#define DEFINE_GUID(name, l, w1, w2, b1, b2, b3, b4, b5, b6, b7, b8)                                                          \
    EXTERN_C __attribute__((__weak__)) const GUID name;                                                                           \
    EXTERN_C __attribute__((__weak__)) const GUID name = {l, w1, w2, {b1, b2, b3, b4, b5, b6, b7, b8}}

#endif
