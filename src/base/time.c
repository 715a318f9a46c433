#include "base/time.h"

static inline int64_t days_of(int y, int m, int d)
{
    y -= m <= 2;
    int era = (y >= 0 ? y : y - 399) / 400;
    unsigned yoe = (unsigned)(y - era * 400);
    unsigned doy = (unsigned)((153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1);
    unsigned doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return (int64_t)era * 146097 + (int64_t)doe - 719468;
}

static int days_in(int y, int m)
{
    static const int n[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
    return n[m - 1] + (m == 2 && leap);
}

static inline int64_t of_civil(const struct civil *c)
{
    if (c->year < 1601 || c->year > 9999 || c->month < 1 || c->month > 12 || c->day < 1 ||
        (c->day > 28 && c->day > days_in(c->year, c->month)) || c->hour < 0 || c->hour > 23 ||
        c->minute < 0 || c->minute > 59 || c->second < 0 || c->second > 60 || c->us < 0 ||
        c->us > 999999)
        return TIME_NONE;
    int64_t s =
        days_of(c->year, c->month, c->day) * 86400 + c->hour * 3600 + c->minute * 60 + c->second;
    return s * US_PER_S + c->us;
}

int64_t time_of_civil(const struct civil *c)
{
    return of_civil(c);
}

struct civil time_civil(int64_t time_us)
{
    int64_t days = time_us / US_PER_DAY, rest = time_us % US_PER_DAY;
    if (rest < 0) {
        rest += US_PER_DAY;
        days--;
    }
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    unsigned doe = (unsigned)(days - era * 146097);
    unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    unsigned mp = (5 * doy + 2) / 153;
    int month = (int)(mp < 10 ? mp + 3 : mp - 9);
    int64_t s = rest / US_PER_S;
    return (struct civil){
        .year = (int)((int64_t)yoe + era * 400 + (month <= 2)),
        .month = month,
        .day = (int)(doy - (153 * mp + 2) / 5 + 1),
        .hour = (int)(s / 3600),
        .minute = (int)(s / 60 % 60),
        .second = (int)(s % 60),
        .us = (int)(rest % US_PER_S),
    };
}

/* Exactly n digits at *s, taken off the front. */
static bool digits(struct str *s, size_t n, int *ret_value)
{
    int v = 0;
    if (s->n < n)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (!ascii_digit((unsigned char)s->p[i]))
            return false;
        v = v * 10 + (s->p[i] - '0');
    }
    *s = str_sub(*s, n, s->n);
    *ret_value = v;
    return true;
}

static bool sign(struct str *s, char c)
{
    if (s->n == 0 || s->p[0] != c)
        return false;
    *s = str_sub(*s, 1, s->n);
    return true;
}

/* Two digits at p; *bad becomes true if they are none. */
static inline int two(const char *p, bool *bad)
{
    unsigned tens = (unsigned)(unsigned char)p[0] - '0', ones = (unsigned)(unsigned char)p[1] - '0';
    *bad |= (tens > 9) | (ones > 9);
    return (int)(tens * 10 + ones);
}

static inline bool date_part(struct str *s, struct civil *c)
{
    const char *p = s->p;
    bool bad = false;
    if (s->n < 10)
        return false;
    c->year = two(p, &bad) * 100 + two(p + 2, &bad);
    c->month = two(p + 5, &bad);
    c->day = two(p + 8, &bad);
    *s = str_make(p + 10, s->n - 10);
    return !(bad | (p[4] != '-') | (p[7] != '-'));
}

static inline bool clock_part(struct str *s, struct civil *c)
{
    const char *p = s->p;
    bool bad = false;
    if (s->n < 8)
        return false;
    c->hour = two(p, &bad);
    c->minute = two(p + 3, &bad);
    c->second = two(p + 6, &bad);
    *s = str_make(p + 8, s->n - 8);
    return !(bad | (p[2] != ':') | (p[5] != ':'));
}

static inline void fraction_part(struct str *s, struct civil *c)
{
    if (s->n < 2 || (s->p[0] != '.' && s->p[0] != ',') || !ascii_digit((unsigned char)s->p[1]))
        return;
    int scale = 100000;
    size_t i = 1;
    for (; i < s->n && ascii_digit((unsigned char)s->p[i]); i++, scale /= 10)
        c->us += (s->p[i] - '0') * scale;
    *s = str_make(s->p + i, s->n - i);
}

static bool zone_part(struct str *s, int64_t *ret_us)
{
    int hour = 0, minute = 0;
    *ret_us = 0;
    if (s->n == 0 || (s->n == 1 && s->p[0] == 'Z'))
        return true;
    if (sign(s, 'Z') || sign(s, 'z'))
        return s->n == 0;
    bool west = s->p[0] == '-';
    if (!sign(s, '-') && !sign(s, '+'))
        return false;
    if (!digits(s, 2, &hour))
        return false;
    (void)sign(s, ':');
    if (!digits(s, 2, &minute) || hour > 23 || minute > 59 || s->n)
        return false;
    *ret_us = (west ? -1 : 1) * (hour * 3600 + minute * 60) * US_PER_S;
    return true;
}

bool time_parse(struct str s, int64_t *ret_us)
{
    struct civil c = {0};
    int64_t zone_us = 0;
    if (!date_part(&s, &c))
        return false;
    if (s.n) {
        if (s.p[0] != 'T' && s.p[0] != 't' && s.p[0] != ' ')
            return false;
        s = str_make(s.p + 1, s.n - 1);
        if (!clock_part(&s, &c))
            return false;
        fraction_part(&s, &c);
        if (!zone_part(&s, &zone_us))
            return false;
    }
    int64_t t = of_civil(&c);
    if (t == TIME_NONE)
        return false;
    *ret_us = t - zone_us;
    return true;
}

bool time_parse_date(struct str s, int64_t *ret_us)
{
    struct civil c = {0};
    if (!date_part(&s, &c) || s.n)
        return false;
    *ret_us = of_civil(&c);
    return *ret_us != TIME_NONE;
}

bool time_parse_clock(struct str s, int64_t *ret_us)
{
    struct civil c = {0};
    if (!clock_part(&s, &c))
        return false;
    fraction_part(&s, &c);
    if (s.n || c.hour > 23 || c.minute > 59 || c.second > 60)
        return false;
    *ret_us = (c.hour * 3600 + c.minute * 60 + c.second) * US_PER_S + c.us;
    return true;
}

int time_month(struct str s)
{
    static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";
    for (int m = 0; m < 12; m++)
        if (str_ieq(s, str_make(names + (ptrdiff_t)m * 3, 3)))
            return m + 1;
    return 0;
}

/* n digits of v, with zeros in front; snprintf's length would have to be argued about. */
static char *put(char *out, int v, int n)
{
    for (int i = n - 1; i >= 0; i--, v /= 10)
        out[i] = (char)('0' + v % 10);
    return out + n;
}

static char *put_date(char *out, const struct civil *c)
{
    out = put(out, c->year, 4);
    *out++ = '-';
    out = put(out, c->month, 2);
    *out++ = '-';
    return put(out, c->day, 2);
}

static char *put_clock(char *out, const struct civil *c)
{
    out = put(out, c->hour, 2);
    *out++ = ':';
    out = put(out, c->minute, 2);
    *out++ = ':';
    return put(out, c->second, 2);
}

char *time_text(int64_t time_us, char *out)
{
    struct civil c = time_civil(time_us);
    char *p = put_date(out, &c);
    *p++ = 'T';
    p = put_clock(p, &c);
    if (c.us) {
        *p++ = '.';
        p = c.us % 1000 ? put(p, c.us, 6) : put(p, c.us / 1000, 3);
    }
    *p++ = 'Z';
    *p = 0;
    return out;
}

char *time_short(int64_t time_us, bool seconds, char *out)
{
    struct civil c = time_civil(time_us);
    char *p = put_date(out, &c);
    if (seconds) {
        *p++ = ' ';
        p = put_clock(p, &c);
    }
    *p = 0;
    return out;
}

void time_add(struct buf *b, int64_t time_us)
{
    char tmp[32];
    buf_puts(b, time_text(time_us, tmp));
}
