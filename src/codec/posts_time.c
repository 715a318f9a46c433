#include "codec/posts_priv.h"

/* Zones by name, in minutes. "MST" and its like are those of RFC 822; military letters mean
 * nothing reliable (RFC 2822 4.3) and count as UTC. */
static const struct {
    struct str name;
    int minutes;
} zones[] = {
    {{"utc", 3}, 0},    {{"gmt", 3}, 0},    {{"ut", 2}, 0},     {{"z", 1}, 0},
    {{"est", 3}, -300}, {{"edt", 3}, -240}, {{"cst", 3}, -360}, {{"cdt", 3}, -300},
    {{"mst", 3}, -420}, {{"mdt", 3}, -360}, {{"pst", 3}, -480}, {{"pdt", 3}, -420},
    {{"bst", 3}, 60},   {{"wet", 3}, 0},    {{"west", 4}, 60},  {{"cet", 3}, 60},
    {{"cest", 4}, 120}, {{"met", 3}, 60},   {{"mest", 4}, 120}, {{"eet", 3}, 120},
    {{"eest", 4}, 180}, {{"msk", 3}, 180},  {{"jst", 3}, 540},  {{"kst", 3}, 540},
    {{"aest", 4}, 600}, {{"aedt", 4}, 660},
};

/* What was told so far; -1 where nothing was. */
struct parts {
    int year, month, day, hour, minute, second, us;
    int zone_minutes;
    bool pm, am, zone;
};

static bool all_digits(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!ascii_digit((unsigned char)s.p[i]))
            return false;
    return s.n > 0;
}

static int small(struct str s)
{
    int v = 0;
    for (size_t i = 0; i < s.n && i < 4; i++)
        v = v * 10 + (s.p[i] - '0');
    return v;
}

/* "hh:mm[:ss[.fraction]]" with one or two digits each. */
static bool clock_word(struct str s, struct parts *t)
{
    int *const part[] = {&t->hour, &t->minute, &t->second};
    struct str rest = s, one;
    size_t n = 0;
    ptrdiff_t point = str_chr(s, '.');
    if (point >= 0) {
        struct str fraction = str_sub(s, (size_t)point + 1, s.n);
        if (!all_digits(fraction))
            return false;
        int scale = 100000;
        t->us = 0;
        for (size_t i = 0; i < fraction.n; i++, scale /= 10)
            t->us += (fraction.p[i] - '0') * scale;
        rest = str_sub(s, 0, (size_t)point);
    }
    while (rest.p && str_cut(&rest, ':', &one)) {
        if (n == ARRAY_LEN(part) || one.n > 2 || !all_digits(one))
            return false;
        *part[n++] = small(one);
    }
    return n >= 2;
}

/* "+hh[:]mm", "-hh", or a name. */
static bool zone_word(struct str s, struct parts *t)
{
    if (s.p[0] == '+' || s.p[0] == '-') {
        struct str digits = str_sub(s, 1, s.n);
        int minutes = 0;
        if (digits.n == 5 && digits.p[2] == ':')
            minutes = all_digits(str_sub(digits, 3, 5)) ? small(str_sub(digits, 3, 5)) : 99;
        else if (digits.n == 4)
            minutes = all_digits(digits) ? small(str_sub(digits, 2, 4)) : 99;
        else if (digits.n != 2)
            return false;
        if (!all_digits(str_sub(digits, 0, 2)) || minutes > 59 || small(str_sub(digits, 0, 2)) > 23)
            return false;
        t->zone_minutes = small(str_sub(digits, 0, 2)) * 60 + minutes;
        t->zone_minutes *= s.p[0] == '-' ? -1 : 1;
        return t->zone = true;
    }
    for (size_t i = 0; i < ARRAY_LEN(zones); i++)
        if (str_ieq(zones[i].name, s)) {
            t->zone_minutes = zones[i].minutes;
            return t->zone = true;
        }
    return s.n == 1 && ascii_alpha((unsigned char)s.p[0]);
}

/* By three letters, so that "March", "Mar." and "Sept" are months too. */
static bool month_word(struct str s, struct parts *t)
{
    int month = s.n >= 3 && s.n <= 9 ? time_month(str_sub(s, 0, 3)) : 0;
    if (month && t->month < 0)
        t->month = month;
    return month != 0;
}

static bool weekday_word(struct str s)
{
    static const char names[] = "montuewedthufrisatsun";
    for (size_t i = 0; s.n >= 3 && s.n <= 9 && i < 7; i++)
        if (str_ieq(str_sub(s, 0, 3), str_make(names + i * 3, 3)))
            return true;
    return false;
}

/* A year has four digits, or two behind day and month. */
static bool number_word(struct str s, struct parts *t)
{
    int v = small(s);
    if (s.n == 4 && t->year < 0) {
        t->year = v;
        return true;
    }
    if (s.n > 2)
        return false;
    if (t->day < 0) {
        t->day = v;
        return true;
    }
    if (t->year < 0 && t->month > 0) {
        t->year = v + (v < 70 ? 2000 : 1900);
        return true;
    }
    return false;
}

/* "2nd", "21st". */
static struct str without_ordinal(struct str s)
{
    static const struct str endings[] = {{"st", 2}, {"nd", 2}, {"rd", 2}, {"th", 2}};
    for (size_t i = 0; s.n > 2 && s.n <= 4 && i < ARRAY_LEN(endings); i++)
        if (str_iends(s, endings[i]) && all_digits(str_sub(s, 0, s.n - 2)))
            return str_sub(s, 0, s.n - 2);
    return s;
}

static bool word(struct str s, struct parts *t)
{
    unsigned char c = (unsigned char)s.p[0];
    s = without_ordinal(s);
    if (ascii_digit(c) && str_chr(s, ':') > 0)
        return t->hour < 0 && clock_word(s, t);
    if (all_digits(s))
        return number_word(s, t);
    if ((c == '+' || c == '-') && t->hour >= 0)
        return zone_word(s, t);
    if (str_ieq(s, STR("pm")) || str_ieq(s, STR("am"))) {
        t->pm = (c | 32) == 'p';
        t->am = !t->pm;
        return true;
    }
    if (str_ieq(s, STR("at")))
        return true;
    return month_word(s, t) || weekday_word(s) || (t->hour >= 0 && zone_word(s, t));
}

static bool finish(struct parts *t, int64_t *ret_us, bool *ret_day)
{
    if (t->year < 0 || t->month < 0 || t->day < 0)
        return false;
    *ret_day = t->hour < 0;
    if ((t->pm || t->am) && (t->hour < 1 || t->hour > 12))
        return false;
    if (t->pm || t->am)
        t->hour = t->hour % 12 + (t->pm ? 12 : 0);
    struct civil c = {.year = t->year, .month = t->month, .day = t->day, .us = t->us};
    c.hour = t->hour < 0 ? 0 : t->hour;
    c.minute = t->minute < 0 ? 0 : t->minute;
    c.second = t->second < 0 ? 0 : t->second;
    int64_t us = time_of_civil(&c);
    if (us == TIME_NONE)
        return false;
    *ret_us = us - t->zone_minutes * 60 * US_PER_S;
    return true;
}

static bool is_separator(char c)
{
    return ascii_space((unsigned char)c) || c == ',' || c == '(' || c == ')' || c == ';';
}

/* The next word; a sign within one ends it, as in "02-Mar-2021", one in front is a zone's. */
static bool next_word(struct str *rest, struct str *ret_word)
{
    size_t from = 0, to;
    while (from < rest->n && is_separator(rest->p[from]))
        from++;
    for (to = from; to < rest->n && !is_separator(rest->p[to]); to++)
        if (to > from && rest->p[to] == '-')
            break;
    *ret_word = str_sub(*rest, from, to);
    if (to < rest->n && rest->p[to] == '-')
        to++;
    *rest = str_sub(*rest, to, rest->n);
    if (ret_word->n > 1 && ret_word->p[ret_word->n - 1] == '.')
        ret_word->n--;
    return ret_word->n > 0;
}

/* Words in any order: RFC 822 and everything that looks like it. */
static bool by_words(struct str s, int64_t *ret_us, bool *ret_day)
{
    struct parts t = {-1, -1, -1, -1, -1, -1, 0, 0, false, false, false};
    struct str one;
    while (next_word(&s, &one))
        if (!word(one, &t))
            return false;
    return finish(&t, ret_us, ret_day);
}

/* ISO 8601 where time_parse is too strict: no seconds, "2021/03/02", a blank before the zone or
 * its name, "+01". */
static bool by_iso(struct str s, int64_t *ret_us, bool *ret_day)
{
    struct parts t = {-1, -1, -1, -1, -1, -1, 0, 0, false, false, false};
    char sign = s.n >= 8 ? s.p[4] : 0;
    struct str day, rest;
    if ((sign != '-' && sign != '/' && sign != '.') || !all_digits(str_sub(s, 0, 4)))
        return false;
    rest = str_sub(s, 5, s.n);
    ptrdiff_t second = str_chr(str_sub(rest, 0, 3), sign);
    if (second < 1 || !all_digits(str_sub(rest, 0, (size_t)second)))
        return false;
    t.year = small(str_sub(s, 0, 4));
    t.month = small(str_sub(rest, 0, (size_t)second));
    rest = str_sub(rest, (size_t)second + 1, rest.n);
    day = str_sub(rest, 0, rest.n > 1 && ascii_digit((unsigned char)rest.p[1]) ? 2 : 1);
    if (!all_digits(day))
        return false;
    t.day = small(day);
    rest = str_sub(rest, day.n, rest.n);
    if (rest.n && rest.p[0] != 'T' && rest.p[0] != 't' && rest.p[0] != ' ')
        return false;
    rest = str_trim(str_sub(rest, 1, rest.n));
    if (!rest.n)
        return finish(&t, ret_us, ret_day);
    size_t n = 0;
    while (n < rest.n && (ascii_digit((unsigned char)rest.p[n]) || rest.p[n] == ':' ||
                          rest.p[n] == '.' || rest.p[n] == ','))
        n++;
    if (!clock_word(str_sub(rest, 0, n), &t))
        return false;
    struct str one;
    for (rest = str_sub(rest, n, rest.n); next_word(&rest, &one);)
        if (!word(one, &t))
            return false;
    return finish(&t, ret_us, ret_day);
}

bool post_time_unix(double value, int64_t *ret_us)
{
    /* Until the year 5138 seconds have at most eleven digits; from 1973 on milliseconds have
     * more, and so on. */
    double scale = value < 1e11 ? 1e6 : value < 1e14 ? 1e3 : value < 1e17 ? 1 : 1e-3;
    if (!(value > 0) || value >= 1e20)
        return false;
    *ret_us = (int64_t)(value * scale + 0.5);
    return true;
}

/* YYYYMMDD and YYYYMMDDhhmmss of this century and the last. */
static bool compact(struct str s, int64_t *ret_us, bool *ret_day)
{
    int century = small(str_sub(s, 0, 2));
    if ((s.n != 8 && s.n != 14) || (century != 19 && century != 20))
        return false;
    struct civil c = {.year = small(str_sub(s, 0, 4)),
                      .month = small(str_sub(s, 4, 6)),
                      .day = small(str_sub(s, 6, 8)),
                      .hour = small(str_sub(s, 8, 10)),
                      .minute = small(str_sub(s, 10, 12)),
                      .second = small(str_sub(s, 12, 14))};
    *ret_us = time_of_civil(&c);
    *ret_day = s.n == 8;
    return *ret_us != TIME_NONE;
}

static bool by_digits(struct str s, int64_t *ret_us, bool *ret_day)
{
    uint64_t whole;
    double value;
    if (compact(s, ret_us, ret_day))
        return true;
    if (str_u64(s, &whole)) { /* to the microsecond, which a double would lose */
        if (whole >= UINT64_C(100000000000000) && whole < UINT64_C(100000000000000000)) {
            *ret_us = (int64_t)whole;
            return true;
        }
        return post_time_unix((double)whole, ret_us);
    }
    return str_double(s, &value) && post_time_unix(value, ret_us);
}

static bool other_forms(struct str s, int64_t *ret_us, bool *ret_day)
{
    struct str whole = str_sub(s, 0, str_chr(s, '.') > 0 ? (size_t)str_chr(s, '.') : s.n);
    if (all_digits(whole))
        return by_digits(s, ret_us, ret_day);
    return by_iso(s, ret_us, ret_day) || by_words(s, ret_us, ret_day);
}

bool post_time(struct str s, int64_t *ret_us, bool *ret_day)
{
    enum { LONGEST = 64 };
    s = str_trim(s);
    *ret_day = false;
    if (s.n < 6 || s.n > LONGEST)
        return false;
    if (time_parse(s, ret_us)) {
        *ret_day = s.n == 10;
        return true;
    }
    bool known = other_forms(s, ret_us, ret_day);
    *ret_day = known && *ret_day;
    return known;
}
