#include "scan/correlate_window.h"

#include <math.h>

static const long double micro = 1000000;

void window_init(struct window *w, const struct sigma_correlation *def)
{
    memset(w, 0, sizeof *w);
    w->def = def;
    w->tie_us = TIME_NONE;
}

/* The number that an event has in the field that is counted, in millionths. */
static bool number_of(const struct event *e, long double *ret_micro)
{
    struct str list = e->value, text;
    double d;
    if (!values_next(&list, &text) || !str_double(text, &d) || !(d < 1e15 && d > -1e15))
        return false;
    *ret_micro = roundl((long double)d * micro);
    return true;
}

static void count_number(struct window *w, const struct event *e, bool in)
{
    long double v;
    uint64_t by = in ? 1 : UINT64_MAX; /* modulo 2^64 */
    if (w->def->type < SIGMA_VALUE_SUM || !number_of(e, &v))
        return;
    w->numbers += by;
    w->sum_micro += in ? (__int128)v : -(__int128)v;
    for (size_t i = 0; i < w->def->n_bounds; i++) {
        long double bound = sigma_bound_micro(&w->def->bound[i]);
        w->below[i] += v < bound ? by : 0;
        w->at_most[i] += v <= bound ? by : 0;
    }
}

/* Without any of the values that are counted an event has none. */
static bool has_value(const struct event *e)
{
    struct str list = e->value, value;
    while (values_next(&list, &value))
        if (value.p)
            return true;
    return false;
}

/* May an event of that rule, seen at the same time, come after one of that file and place? Between
 * files nobody knows. */
static bool may_follow(const struct window *w, size_t rule, uint32_t file, uint64_t offset)
{
    const struct window_tie *t = &w->tie[rule];
    return (w->tied >> rule & 1) && (t->several || t->file != file || t->last > offset);
}

static void note_tie(struct window *w, const struct event *e)
{
    struct window_tie *t = &w->tie[e->member];
    if (w->tie_us != e->time_us)
        w->tied = 0;
    w->tie_us = e->time_us;
    if (!(w->tied >> e->member & 1))
        *t = (struct window_tie){e->file, false, e->offset, e->offset};
    t->several |= t->file != e->file;
    t->last = e->offset;
    w->tied |= UINT64_C(1) << e->member;
}

/* The event prolongs what the rules before it began, and what follows it at the same time is
 * prolonged with it. */
static void chain_add(struct window *w, const struct event *e, uint64_t place)
{
    size_t k = e->member;
    uint64_t begin = k ? w->chain[k - 1] : place;
    note_tie(w, e);
    w->chain[k] = begin > w->chain[k] ? begin : w->chain[k];
    uint32_t file = e->file;
    uint64_t offset = e->offset;
    for (k++; k < w->def->n_rules && may_follow(w, k, file, offset); k++) {
        w->chain[k] = w->chain[k - 1] > w->chain[k] ? w->chain[k - 1] : w->chain[k];
        file = w->tie[k].file;
        offset = w->tie[k].first;
    }
}

void window_add(struct window *w, const struct event *e, uint64_t place, int64_t from_us)
{
    w->n++;
    w->of_rule[e->member]++;
    w->present |= UINT64_C(1) << e->member;
    w->distinct += has_value(e) && (e->prev_us == TIME_NONE || e->prev_us < from_us);
    count_number(w, e, true);
    if (w->def->type == SIGMA_TEMPORAL_ORDERED)
        chain_add(w, e, place);
}

void window_remove(struct window *w, const struct event *e, int64_t to_us)
{
    w->n--;
    if (--w->of_rule[e->member] == 0)
        w->present &= ~(UINT64_C(1) << e->member);
    w->distinct -= has_value(e) && (e->next_us == TIME_NONE || e->next_us > to_us);
    count_number(w, e, false);
}

/* By the nearest rank: the smallest number that at least that share of all do not exceed. It is
 * told from how many lie below a bound, so that none has to be kept. */
static bool percentile_holds(const struct window *w)
{
    uint64_t rank =
        (uint64_t)ceill((long double)w->def->percentile * (long double)w->numbers / 100);
    rank = rank ? rank : 1;
    for (size_t i = 0; i < w->def->n_bounds; i++) {
        bool lt = w->below[i] >= rank, lte = w->at_most[i] >= rank, holds = false;
        switch (w->def->bound[i].op) {
        case SIGMA_GT: holds = !lte; break;
        case SIGMA_GTE: holds = !lt; break;
        case SIGMA_LT: holds = lt; break;
        case SIGMA_LTE: holds = lte; break;
        case SIGMA_EQ: holds = lte && !lt; break;
        case SIGMA_NEQ: holds = lt || !lte; break;
        }
        if (!holds)
            return false;
    }
    return true;
}

bool window_value(const struct window *w, long double *ret_micro, uint64_t *ret_times)
{
    *ret_times = 1;
    switch (w->def->type) {
    case SIGMA_EVENT_COUNT: *ret_micro = (long double)w->n * micro; return true;
    case SIGMA_VALUE_COUNT: *ret_micro = (long double)w->distinct * micro; return true;
    case SIGMA_TEMPORAL:
        *ret_micro = (long double)__builtin_popcountll(w->present) * micro;
        return true;
    case SIGMA_VALUE_AVG: *ret_times = w->numbers; __attribute__((fallthrough));
    case SIGMA_VALUE_SUM: *ret_micro = (long double)w->sum_micro; return w->numbers > 0;
    case SIGMA_VALUE_PERCENTILE:
    case SIGMA_TEMPORAL_ORDERED: return false;
    }
    return false;
}

bool window_holds(const struct window *w, uint64_t first)
{
    long double value;
    uint64_t times;
    if (w->def->text && w->def->type == SIGMA_TEMPORAL)
        return sigma_correlation_text(w->def, w->present);
    if (w->def->type == SIGMA_TEMPORAL && !w->def->n_bounds)
        return (size_t)__builtin_popcountll(w->present) == w->def->n_rules;
    if (w->def->type == SIGMA_TEMPORAL_ORDERED)
        return w->chain[w->def->n_rules - 1] >= first;
    if (w->def->type == SIGMA_VALUE_PERCENTILE)
        return w->numbers && percentile_holds(w);
    return window_value(w, &value, &times) && sigma_correlation_bounds(w->def, value, times);
}
