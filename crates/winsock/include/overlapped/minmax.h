// `min` and `max`, which Windows' headers define unless NOMINMAX is. In C++ they are functions: macros of these names would break
// the C++ library.
#if !defined(OVERLAPPED_MINMAX_H) && !defined(NOMINMAX)
#define OVERLAPPED_MINMAX_H

#ifdef __cplusplus
#include <type_traits>

namespace overlapped_minmax {
template <class A, class B>
constexpr typename std::common_type<A, B>::type min(const A &a, const B &b)
{
    typedef typename std::common_type<A, B>::type both;
    return static_cast<both>(b) < static_cast<both>(a) ? static_cast<both>(b) : static_cast<both>(a);
}
template <class A, class B>
constexpr typename std::common_type<A, B>::type max(const A &a, const B &b)
{
    typedef typename std::common_type<A, B>::type both;
    return static_cast<both>(a) < static_cast<both>(b) ? static_cast<both>(b) : static_cast<both>(a);
}
}
// Beside `using namespace std`, two arguments of one type are still std::min's: it is the more special one.
using namespace overlapped_minmax;
#else
#ifndef min
#define min(a, b) ((a) < (b) ? (a) : (b))
#endif
#ifndef max
#define max(a, b) ((a) > (b) ? (a) : (b))
#endif
#endif

#endif
