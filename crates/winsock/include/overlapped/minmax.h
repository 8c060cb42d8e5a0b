// `min` and `max`, which Windows' headers define unless NOMINMAX is. In C++ they are functions: macros of these names would break
// the C++ library.
#if !defined(OVERLAPPED_MINMAX_H) && !defined(NOMINMAX)
#define OVERLAPPED_MINMAX_H

#ifdef __cplusplus
#include <type_traits>

// By value: a static member that is nowhere defined may be an argument of a macro.
namespace overlapped_minmax {
template <class First, class Second>
constexpr typename std::common_type<First, Second>::type min(First first, Second second)
{
    typedef typename std::common_type<First, Second>::type both;
    return static_cast<both>(second) < static_cast<both>(first) ? static_cast<both>(second) : static_cast<both>(first);
}
template <class First, class Second>
constexpr typename std::common_type<First, Second>::type max(First first, Second second)
{
    typedef typename std::common_type<First, Second>::type both;
    return static_cast<both>(first) < static_cast<both>(second) ? static_cast<both>(second) : static_cast<both>(first);
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
