// Programs that say `unsigned long` or `long` where Windows' declarations say DWORD and LONG. There these are the same; here
// they have 64 bits, and a pointer to one does not fit. In C++, the functions that take such pointers have a second form: it
// takes the number in and gives it back.
#ifndef OVERLAPPED_LONG_NUMBERS_H
#define OVERLAPPED_LONG_NUMBERS_H

#ifdef __cplusplus
#include <overlapped/types.h>

#include <type_traits>

// What stands for a pointer to a number of 32 bits: such a pointer, or a null.
template <class Given, class Number>
class overlapped_number {
    Given given;

public:
    explicit overlapped_number(Given given) : given(given) {}
    operator Number *() const { return pointer(given); }

private:
    static Number *pointer(Number *given) { return given; }
    static Number *pointer(decltype(nullptr)) { return nullptr; }
    static Number *pointer(long) { return nullptr; }
    static Number *pointer(int) { return nullptr; }
};

// A pointer to a longer number: the call has a number of its own, which is copied back when it is over.
template <class Long, class Number>
class overlapped_number<Long *, Number> {
    Long *given;
    mutable Number number;

public:
    explicit overlapped_number(Long *given) : given(given), number(given ? static_cast<Number>(*given) : 0) {}
    overlapped_number(const overlapped_number &) = delete;
    ~overlapped_number()
    {
        if (given) *given = static_cast<Long>(number);
    }
    operator Number *() const { return given ? &number : nullptr; }
};
template <class Number>
class overlapped_number<Number *, Number> {
    Number *given;

public:
    explicit overlapped_number(Number *given) : given(given) {}
    operator Number *() const { return given; }
};

template <class Given>
struct overlapped_is_long : std::integral_constant<bool, std::is_same<Given, unsigned long *>::value || std::is_same<Given, long *>::value> {
};
// The result of a second form, which exists when one of the pointers is to a longer number.
template <class Result, class First, class Second = void>
struct overlapped_if_long : std::enable_if<overlapped_is_long<First>::value || overlapped_is_long<Second>::value, Result> {
};
#endif

#endif
