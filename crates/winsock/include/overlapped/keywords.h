// What Visual C++ has as keywords and g++ and clang++ do not.
#ifndef OVERLAPPED_KEYWORDS_H
#define OVERLAPPED_KEYWORDS_H

// Calling conventions: on 64-bit Linux there is one.
#define WINAPI
#define WINAPIV
#define APIENTRY
#define APIPRIVATE
#define CALLBACK
#define WSAAPI
#define PASCAL
#define NTAPI
#define CDECL
#define STDAPICALLTYPE
#define STDMETHODCALLTYPE
#if !defined(__clang__) || !defined(_MSC_EXTENSIONS)
#ifdef __clang__
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wkeyword-macro"
#endif
#define __stdcall
#define __cdecl
#define __fastcall
#define __thiscall
#define __vectorcall
#define __pascal
#define _stdcall
#define _cdecl
#define _fastcall

// Integers by their width. Macros, so that `unsigned __int64` is a type.
#define __int8 char
#define __int16 short
#define __int32 int
#define __int64 long long
#define _int64 long long
#ifdef __clang__
#pragma clang diagnostic pop
#endif
#endif

#define FORCEINLINE __inline__ __attribute__((__always_inline__))
#define __forceinline __inline__ __attribute__((__always_inline__))
#define _inline __inline__
#ifndef __unaligned
#define __unaligned
#endif
#ifndef __w64
#define __w64
#endif
#define __ptr32
#define __ptr64
#define UNALIGNED

#define __debugbreak() __builtin_trap()
#define __assume(condition) ((condition) ? (void)0 : __builtin_unreachable())
#define __noop(...) ((void)0)
#define __analysis_assume(condition) ((void)0)
#define _Analysis_assume_(condition) ((void)0)

#ifdef __cplusplus
#define OVERLAPPED_INLINE inline
#define OVERLAPPED_THREAD_LOCAL thread_local
#else
#define OVERLAPPED_INLINE static __inline__ __attribute__((__unused__))
#define OVERLAPPED_THREAD_LOCAL _Thread_local
#endif

// `__declspec(x)` becomes a macro of the name of x. A compiler that knows the keyword keeps it (clang with -fdeclspec).
#ifdef __is_identifier
#if !__is_identifier(__declspec)
#define OVERLAPPED_HAS_DECLSPEC
#endif
#endif
#if !defined(OVERLAPPED_HAS_DECLSPEC) && !defined(__declspec)
#define __declspec(x) OVERLAPPED_DECLSPEC_##x
#define _declspec(x) OVERLAPPED_DECLSPEC_##x
#endif
#define OVERLAPPED_DECLSPEC_align(bytes) __attribute__((__aligned__(bytes)))
#define OVERLAPPED_DECLSPEC_allocate(segment) __attribute__((__section__(segment)))
#define OVERLAPPED_DECLSPEC_allocator
#define OVERLAPPED_DECLSPEC_code_seg(name)
#define OVERLAPPED_DECLSPEC_deprecated __attribute__((__deprecated__))
#define OVERLAPPED_DECLSPEC_dllexport __attribute__((__visibility__("default")))
#define OVERLAPPED_DECLSPEC_dllimport
#define OVERLAPPED_DECLSPEC_empty_bases
#define OVERLAPPED_DECLSPEC_naked __attribute__((__naked__))
#define OVERLAPPED_DECLSPEC_noalias
#define OVERLAPPED_DECLSPEC_noinline __attribute__((__noinline__))
#define OVERLAPPED_DECLSPEC_noreturn __attribute__((__noreturn__))
#define OVERLAPPED_DECLSPEC_nothrow __attribute__((__nothrow__))
#define OVERLAPPED_DECLSPEC_novtable
#define OVERLAPPED_DECLSPEC_restrict __attribute__((__malloc__))
#define OVERLAPPED_DECLSPEC_safebuffers
#define OVERLAPPED_DECLSPEC_selectany __attribute__((__weak__))
#define OVERLAPPED_DECLSPEC_spectre(x)
#define OVERLAPPED_DECLSPEC_thread OVERLAPPED_THREAD_LOCAL
#define OVERLAPPED_DECLSPEC_uuid(text)

#define DECLSPEC_ALIGN(bytes) __attribute__((__aligned__(bytes)))
#define DECLSPEC_CACHEALIGN __attribute__((__aligned__(64)))
#define DECLSPEC_DEPRECATED __attribute__((__deprecated__))
#define DECLSPEC_IMPORT
#define DECLSPEC_NOINLINE __attribute__((__noinline__))
#define DECLSPEC_NORETURN __attribute__((__noreturn__))
#define DECLSPEC_NOTHROW __attribute__((__nothrow__))
#define DECLSPEC_NOVTABLE
#define DECLSPEC_SELECTANY __attribute__((__weak__))
#define DECLSPEC_THREAD OVERLAPPED_THREAD_LOCAL
#define DECLSPEC_UUID(text)
#define SYSTEM_CACHE_ALIGNMENT_SIZE 64

#ifdef __cplusplus
#define EXTERN_C extern "C"
#define EXTERN_C_START extern "C" {
#define EXTERN_C_END }
#else
#define EXTERN_C extern
#define EXTERN_C_START
#define EXTERN_C_END
#endif
#define STDAPI EXTERN_C HRESULT
#define STDAPI_(type) EXTERN_C type

// The short prologue and epilogue of our own declarations.
#ifdef __cplusplus
#define OVERLAPPED_BEGIN extern "C" {
#define OVERLAPPED_END }
#else
#define OVERLAPPED_BEGIN
#define OVERLAPPED_END
#endif
// A function that libc has too is in the library under a name of its own.
#define OVERLAPPED_NAMED(name) __asm__("overlapped_" #name)

// `virtual void F() abstract;`
#if defined(__cplusplus) && !defined(OVERLAPPED_NO_ABSTRACT) && !defined(abstract)
#define abstract = 0
#endif

// Structured exceptions do not exist here. The C++ library has `__try` as a macro for `try`; the rest says what to do.
#define OVERLAPPED_PRAGMA(text) _Pragma(#text)
#ifdef __cplusplus
#if !defined(__try) && defined(__cpp_exceptions)
#define __try try
#endif
#define __except(filter)                                                                                                      \
    OVERLAPPED_PRAGMA(GCC error "structured exceptions (__try, __except) do not exist on Linux: use try and catch") catch (...)
#define __finally                                                                                                             \
    OVERLAPPED_PRAGMA(GCC error "structured exceptions (__try, __finally) do not exist on Linux: use a destructor") catch (...)
#else
#define __try if (1)
#define __except(filter)                                                                                                      \
    OVERLAPPED_PRAGMA(GCC error "structured exceptions (__try, __except) do not exist on Linux: test before the call") else
#define __finally                                                                                                             \
    OVERLAPPED_PRAGMA(GCC error "structured exceptions (__try, __finally) do not exist on Linux: use goto to one end") else
#endif
#define __leave OVERLAPPED_PRAGMA(GCC error "structured exceptions (__leave) do not exist on Linux") (void)0
#define GetExceptionCode() 0
#define EXCEPTION_EXECUTE_HANDLER 1
#define EXCEPTION_CONTINUE_SEARCH 0
#define EXCEPTION_CONTINUE_EXECUTION (-1)

// Texts of source places as wide literals.
#define OVERLAPPED_WIDE_(text) L##text
#define OVERLAPPED_WIDE(text) OVERLAPPED_WIDE_(text)
#define __FILEW__ OVERLAPPED_WIDE(__FILE__)

#endif
