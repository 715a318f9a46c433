#include "os/clock.h"

#include <time.h>

static int64_t ns_of(clockid_t id)
{
    struct timespec t = {0};
    (void)clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

double clock_seconds(void)
{
    return (double)ns_of(CLOCK_MONOTONIC) / 1e9;
}

int64_t clock_wall_us(void)
{
    return ns_of(CLOCK_REALTIME) / 1000;
}

uint64_t clock_ns(void)
{
    return (uint64_t)ns_of(CLOCK_MONOTONIC);
}

uint64_t clock_cpu_ns(void)
{
    return (uint64_t)ns_of(CLOCK_THREAD_CPUTIME_ID);
}
