// Which sockets are ready: select and WSAPoll.
//
// The C library has an fd_set and a select of its own, of other types. Its headers come first, then Winsock's names are laid
// over them.
#ifndef OVERLAPPED_READINESS_H
#define OVERLAPPED_READINESS_H

#include <overlapped/set_size.h>
#include <overlapped/sockets.h>

#include <poll.h>

#ifndef FD_SETSIZE
#define FD_SETSIZE 64
#endif
#undef FD_CLR
#undef FD_ISSET
#undef FD_SET
#undef FD_ZERO

#define fd_set overlapped_fd_set
typedef struct fd_set {
    u_int fd_count;
    SOCKET fd_array[FD_SETSIZE];
} fd_set, FD_SET, *PFD_SET, *LPFD_SET;

typedef struct timeval TIMEVAL, *PTIMEVAL, *LPTIMEVAL;

OVERLAPPED_BEGIN
int __WSAFDIsSet(SOCKET socket, fd_set *set);
OVERLAPPED_END

OVERLAPPED_INLINE void overlapped_set_add(SOCKET socket, fd_set *set)
{
    u_int at = 0;
    while (at < set->fd_count && set->fd_array[at] != socket) ++at;
    if (at == set->fd_count && at < FD_SETSIZE) set->fd_array[set->fd_count++] = socket;
}
OVERLAPPED_INLINE void overlapped_set_remove(SOCKET socket, fd_set *set)
{
    u_int at = 0;
    while (at < set->fd_count && set->fd_array[at] != socket) ++at;
    if (at == set->fd_count) return;
    for (--set->fd_count; at < set->fd_count; ++at) set->fd_array[at] = set->fd_array[at + 1];
}
#define FD_CLR(socket, set) overlapped_set_remove((SOCKET)(socket), (fd_set *)(set))
#define FD_SET(socket, set) overlapped_set_add((SOCKET)(socket), (fd_set *)(set))
#define FD_ZERO(set) ((void)(((fd_set *)(set))->fd_count = 0))
#define FD_ISSET(socket, set) __WSAFDIsSet((SOCKET)(socket), (fd_set *)(set))

#ifndef timerisset
#define timerisset(time) ((time)->tv_sec || (time)->tv_usec)
#define timercmp(a, b, compare)                                                                                               \
    ((a)->tv_sec compare(b)->tv_sec || ((a)->tv_sec == (b)->tv_sec && (a)->tv_usec compare(b)->tv_usec))
#define timerclear(time) ((time)->tv_sec = (time)->tv_usec = 0)
#endif

#ifdef __cplusplus
// An overload beside the C library's.
int select(int ignored, fd_set *read, fd_set *write, fd_set *except, const struct timeval *timeout) OVERLAPPED_NAMED(select);

// A call without any set would fit both as well: this one takes it.
template <class Timeout>
struct overlapped_null_set {
};
template <>
struct overlapped_null_set<int> {
    typedef int type;
};
template <>
struct overlapped_null_set<long> {
    typedef int type;
};
template <>
struct overlapped_null_set<decltype(nullptr)> {
    typedef int type;
};
inline const struct timeval *overlapped_timeout(const struct timeval *timeout) { return timeout; }
inline const struct timeval *overlapped_timeout(long) { return nullptr; }
inline const struct timeval *overlapped_timeout(int) { return nullptr; }
inline const struct timeval *overlapped_timeout(decltype(nullptr)) { return nullptr; }
template <class Reads, class Writes, class Excepts, class Timeout>
inline typename overlapped_null_set<Reads>::type select(int ignored, Reads, Writes, Excepts, Timeout timeout,
                                                    typename overlapped_null_set<Writes>::type = 0,
                                                    typename overlapped_null_set<Excepts>::type = 0)
{
    fd_set *const none = nullptr;
    return select(ignored, none, none, none, overlapped_timeout(timeout));
}
#else
int overlapped_select(int ignored, fd_set *read, fd_set *write, fd_set *except, const struct timeval *timeout);
#define select(ignored, read, write, except, timeout) overlapped_select(ignored, read, write, except, timeout)
#endif

#undef POLLIN
#undef POLLPRI
#undef POLLOUT
#undef POLLRDNORM
#undef POLLRDBAND
#undef POLLWRNORM
#undef POLLWRBAND
#undef POLLERR
#undef POLLHUP
#undef POLLNVAL
#define POLLRDNORM 0x0100
#define POLLRDBAND 0x0200
#define POLLIN (POLLRDNORM | POLLRDBAND)
#define POLLPRI 0x0400
#define POLLWRNORM 0x0010
#define POLLOUT POLLWRNORM
#define POLLWRBAND 0x0020
#define POLLERR 0x0001
#define POLLHUP 0x0002
#define POLLNVAL 0x0004

#define pollfd overlapped_pollfd
typedef struct pollfd {
    SOCKET fd;
    SHORT events;
    SHORT revents;
} WSAPOLLFD, *PWSAPOLLFD, *LPWSAPOLLFD;

OVERLAPPED_BEGIN
int WSAPoll(LPWSAPOLLFD sockets, ULONG count, INT milliseconds);
OVERLAPPED_END

#endif
