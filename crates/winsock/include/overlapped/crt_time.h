// Time of Microsoft's C library. The arguments of localtime_s stand the other way round than in the C standard.
#ifndef OVERLAPPED_CRT_TIME_H
#define OVERLAPPED_CRT_TIME_H

#include <overlapped/crt_base.h>

typedef long long __time64_t;

OVERLAPPED_INLINE errno_t localtime_s(struct tm *result, const time_t *time)
{
    if (!result || !time) return overlapped_error(EINVAL);
    return localtime_r(time, result) ? 0 : overlapped_error(EINVAL);
}
OVERLAPPED_INLINE errno_t gmtime_s(struct tm *result, const time_t *time)
{
    if (!result || !time) return overlapped_error(EINVAL);
    return gmtime_r(time, result) ? 0 : overlapped_error(EINVAL);
}
OVERLAPPED_INLINE errno_t asctime_s(char *buffer, size_t size, const struct tm *time)
{
    char room[64];
    if (!buffer || size == 0 || !time) return overlapped_error(EINVAL);
    buffer[0] = 0;
    if (size < 26 || !asctime_r(time, room)) return overlapped_error(EINVAL);
    snprintf(buffer, size, "%s", room);
    return 0;
}
OVERLAPPED_INLINE errno_t ctime_s(char *buffer, size_t size, const time_t *time)
{
    struct tm local;
    const errno_t error = localtime_s(&local, time);
    return error ? error : asctime_s(buffer, size, &local);
}
OVERLAPPED_INLINE __time64_t _time64(__time64_t *to)
{
    const time_t now = time(NULL);
    if (to) *to = now;
    return now;
}
OVERLAPPED_INLINE errno_t _localtime64_s(struct tm *result, const __time64_t *from)
{
    if (!from) return overlapped_error(EINVAL);
    const time_t moment = (time_t)*from;
    return localtime_s(result, &moment);
}
#ifdef __cplusplus
extern "C++" {
template <size_t Size>
inline errno_t asctime_s(char (&buffer)[Size], const struct tm *time) { return asctime_s(buffer, Size, time); }
template <size_t Size>
inline errno_t ctime_s(char (&buffer)[Size], const time_t *time) { return ctime_s(buffer, Size, time); }
}
#endif

struct _timeb {
    time_t time;
    unsigned short millitm;
    short timezone;
    short dstflag;
};
#define __timeb64 _timeb
OVERLAPPED_INLINE errno_t _ftime_s(struct _timeb *result)
{
    struct timespec now;
    struct tm local, universal;
    if (!result) return overlapped_error(EINVAL);
    timespec_get(&now, TIME_UTC);
    localtime_r(&now.tv_sec, &local);
    gmtime_r(&now.tv_sec, &universal);
    // The universal time taken for the local one is off by how far they differ.
    universal.tm_isdst = local.tm_isdst;
    result->time = now.tv_sec;
    result->millitm = (unsigned short)(now.tv_nsec / 1000000);
    result->timezone = (short)((mktime(&universal) - now.tv_sec) / 60);
    result->dstflag = (short)(local.tm_isdst > 0);
    return 0;
}
OVERLAPPED_INLINE void _ftime(struct _timeb *result) { _ftime_s(result); }
#define _ftime64 _ftime
#define _ftime64_s _ftime_s

#endif
