/* os/clock.h — the three clocks.
 *
 * What:   seconds for durations (never goes back), microseconds of the wall clock, nanoseconds
 *         that this thread ran.
 * Input:  none.
 * Limits: none.
 * Owner:  none.
 * Spec:   clock_gettime(2)
 */
#ifndef OS_CLOCK_H
#define OS_CLOCK_H

#include <stdint.h>

double clock_seconds(void);
int64_t clock_wall_us(void);
uint64_t clock_ns(void);     /* for durations, cheap to ask */
uint64_t clock_cpu_ns(void); /* what this thread ran: twenty times as dear */

#endif
