/* time.h — instants as microseconds since 1970-01-01 UTC.
 *
 * What:   civil dates to microseconds and back, the date forms of logs and of RFC 3339.
 * Input:  hostile; out-of-range parts are refused, never normalised.
 * Limits: years 1601 to 9999.
 * Owner:  none.
 * Spec:   RFC 3339; RFC 9110 5.6.7 for month names; Hinnant, "chrono-Compatible Low-Level Date
 *         Algorithms", for the day count.
 */
#ifndef BASE_TIME_H
#define BASE_TIME_H

#include "base/buf.h"
#include "base/str.h"

#define TIME_NONE INT64_MIN
#define US_PER_S INT64_C(1000000)
#define US_PER_HOUR (3600 * US_PER_S)
#define US_PER_DAY (24 * US_PER_HOUR)

struct civil {
    int year, month, day, hour, minute, second, us;
};

/* TIME_NONE if a part is out of range. */
int64_t time_of_civil(const struct civil *c);
struct civil time_civil(int64_t time_us);

/* "2021-03-02", "2021-03-02T01:02:03[.456][Z|+01:00]", blank for T; no zone means UTC.
 * false on anything else. */
bool time_parse(struct str s, int64_t *ret_us);
/* "YYYY-MM-DD" to the start of that day. */
bool time_parse_date(struct str s, int64_t *ret_us);
/* "HH:MM:SS" to microseconds since midnight. */
bool time_parse_clock(struct str s, int64_t *ret_us);
/* Three-letter English month name to 1..12, 0 if none. */
int time_month(struct str s);

/* RFC 3339 UTC, with fractions only if there are any: at most 27 characters. */
void time_add(struct buf *b, int64_t time_us);
/* As a C string for messages; out holds at least 32 bytes. Returns out. */
char *time_text(int64_t time_us, char *out);
/* "YYYY-MM-DD HH:MM:SS" (seconds == true) or "YYYY-MM-DD", same buffer rule. */
char *time_short(int64_t time_us, bool seconds, char *out);

/* Days since 1970, rounded down. */
static inline int64_t time_day(int64_t time_us)
{
    return time_us >= 0 ? time_us / US_PER_DAY : -((-time_us + US_PER_DAY - 1) / US_PER_DAY);
}

/* Hours since 1970, rounded down. */
static inline int64_t time_hour(int64_t time_us)
{
    return time_us >= 0 ? time_us / US_PER_HOUR : -((-time_us + US_PER_HOUR - 1) / US_PER_HOUR);
}

#endif
