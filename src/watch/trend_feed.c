#include "watch/trend_priv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    DUMP_TIMES = 4, /* the most of a day of the last four weeks */
    DUMP_THREADS = 40,
    DUMP_KNOWN = 14, /* days with threads, to know what is usual */
    DUMP_ACCEPT = 5, /* so many days of a new level are no dump */
    USUAL_DAYS = 28,
    LATE_THREADS = 30,
    SHARE_HALF_LIFE = 28,
    ROAM_HALF_LIFE = 180,
    WEEKDAY_PRIOR = 50,
    ABREAST = 4,
};

static const double LEAST_WANDER = 0.002, WANDER_PRIOR = 2000;

enum err feed_at(struct trends *t, uint32_t id, struct feed **ret_feed)
{
    if (id >= t->options.max_sites)
        return ERR_LIMIT;
    if (id >= t->cap_feeds) {
        size_t cap = id + id / 2u + 16u;
        cap = cap > t->options.max_sites ? t->options.max_sites : cap;
        struct feed *p = realloc(t->feed, cap * sizeof *p);
        if (!p)
            return ERR_NOMEM;
        memset(p + t->cap_feeds, 0, (cap - t->cap_feeds) * sizeof *p);
        t->feed = p;
        t->cap_feeds = (uint32_t)cap;
    }
    if (t->n_feeds <= id)
        t->n_feeds = id + 1;
    *ret_feed = &t->feed[id];
    return OK;
}

/* ---- what came in ---- */

/* The days that leave the ring become a sum. */
static void feed_advance(struct feed *f, int32_t from, int32_t to)
{
    if (!f->day)
        return;
    for (int32_t d = from + 1; d <= to && d <= from + TREND_RING_DAYS; d++) {
        float *slot = &f->day[d % TREND_RING_DAYS];
        int32_t was = d - TREND_RING_DAYS;
        f->before += *slot;
        f->tail = f->tail * exp2(-(double)(was - f->tail_day) / 730) + *slot;
        f->tail_day = (uint16_t)(was > 0 ? was : 0);
        *slot = 0;
    }
}

static void advance(struct trends *t, int32_t day)
{
    if (t->day < 0) {
        t->first_day = day;
        return;
    }
    t->roamed *= exp2(-(double)(day - t->day) / ROAM_HALF_LIFE);
    t->could_roam *= exp2(-(double)(day - t->day) / ROAM_HALF_LIFE);
    for (uint32_t i = 0; i < t->n_feeds; i++) {
        feed_advance(&t->feed[i], t->day, day);
        t->feed[i].units *= exp2(-(double)(day - t->day) / SHARE_HALF_LIFE);
    }
    for (int32_t d = t->day + 1; d <= day && d <= t->day + TREND_RING_DAYS; d++)
        t->day_units[d % TREND_RING_DAYS] = 0;
}

static enum err take(struct trends *t, const struct exposure *x, int32_t day)
{
    struct feed *f;
    TRY(feed_at(t, x->site, &f));
    if (!f->day) {
        f->day = calloc(TREND_RING_DAYS, sizeof *f->day);
        if (!f->day)
            return ERR_NOMEM;
        f->first_day = (uint16_t)x->day;
    }
    f->first_day = x->day < f->first_day ? (uint16_t)x->day : f->first_day;
    f->last_day = x->day > f->last_day ? (uint16_t)x->day : f->last_day;
    t->first_day = x->day < t->first_day ? x->day : t->first_day;
    if (x->day > day - TREND_FRESH_DAYS)
        f->today_fresh += (float)x->threads;
    else
        f->today_late += (float)x->threads;
    if (x->day > day - TREND_RING_DAYS) {
        f->day[x->day % TREND_RING_DAYS] += (float)x->threads;
    } else {
        f->before += x->threads;
        f->tail += x->threads * exp2(-(double)(f->tail_day - x->day) / 730);
    }
    return OK;
}

/* An archive under today's date: its threads are no measure of today, and neither is what they
 * name. A level that stays is one. */
static void look_for_dump(struct trends *t, struct feed *f, int32_t day)
{
    float most = 0, *today = &f->day[day % TREND_RING_DAYS];
    unsigned known = 0;
    for (int32_t d = day - USUAL_DAYS; d < day; d++) {
        float e = d > 0 ? f->day[d % TREND_RING_DAYS] : 0;
        most = fmaxf(most, e);
        known += e > 0;
    }
    if (f->n_dumps && day - f->dump_day > DUMP_ACCEPT)
        f->n_dumps = 0;
    if (!f->dump_today && (known < DUMP_KNOWN || *today < DUMP_THREADS ||
                           *today < most * DUMP_TIMES || f->n_dumps >= DUMP_ACCEPT))
        return;
    *today = 0;
    if (f->dump_today)
        return;
    f->n_dumps++;
    f->dump_day = (uint16_t)day;
    f->dump_today = 1;
    t->stats.dump_days++;
}

bool feed_dumps(const struct feed *f, int32_t event_day)
{
    return f->dump_today && f->dump_day == event_day;
}

enum err feeds_take(struct trends *t, int32_t day)
{
    if (day > t->day) {
        advance(t, day);
        for (uint32_t i = 0; i < t->n_feeds; i++) {
            struct feed *f = &t->feed[i];
            f->today_late = f->today_fresh = 0;
            f->late_today = f->dump_today = 0;
        }
        t->day = day;
    }
    for (size_t i = 0; i < t->exposure.n; i++) {
        struct exposure x = t->exposure.v[i];
        x.day = x.day > day ? day : x.day;
        TRY(take(t, &x, day));
    }
    t->exposure.n = 0;
    for (uint32_t i = 0; i < t->n_feeds; i++) {
        struct feed *f = &t->feed[i];
        if (!f->day)
            continue;
        f->late_today = f->today_late >= LATE_THREADS && f->today_late > f->today_fresh;
        look_for_dump(t, f, day);
    }
    return OK;
}

/* ---- a feed that says nothing ---- */

/* What it says on such days, and how much that varies, from its last eight weeks before. */
static void usual(const struct feed *f, int32_t since, double *ret_mean, double *ret_shape)
{
    double sum = 0, squares = 0;
    enum { DAYS = 56 };
    for (int32_t d = since - DAYS + 1; d <= since; d++) {
        double e = d > 0 ? f->day[d % TREND_RING_DAYS] : 0;
        sum += e;
        squares += e * e;
    }
    double mean = sum / DAYS, variance = squares / DAYS - mean * mean;
    *ret_mean = mean;
    *ret_shape = variance > mean ? mean * mean / (variance - mean) : 1e3;
}

enum err feeds_silent(struct trends *t, const struct trend_events *events)
{
    for (uint32_t i = 0; i < t->n_feeds; i++) {
        struct feed *f = &t->feed[i];
        double mean, shape;
        unsigned days = f->day ? (unsigned)(t->day - f->last_day) : 0;
        if (!days)
            f->silent = 0;
        if (!days || f->silent || days > 60 || f->last_day - f->first_day < USUAL_DAYS)
            continue;
        usual(f, f->last_day, &mean, &shape);
        double p = mean > 0 ? exp(-shape * days * log1p(mean / shape)) : 1;
        if (p > 1e-4)
            continue;
        f->silent = 1;
        struct trend_silence s = {i, f->last_day, days, mean * days, p};
        if (events->on_silence)
            TRY(events->on_silence(events->ctx, &s));
    }
    return OK;
}

/* ---- exposure, for all subjects ---- */

/* Threads are whole numbers, so their sums do not depend on the order: slot by slot, not by day. */
static void threads_by_weekday(const struct trends *t, double ret_threads[7])
{
    double slot[TREND_RING_DAYS] = {0};
    for (uint32_t i = 0; i < t->n_feeds; i++) {
        const float *day = t->feed[i].day;
        for (int k = 0; day && k < TREND_RING_DAYS; k++)
            slot[k] += (double)day[k];
    }
    for (int32_t d = t->day - TREND_RING_DAYS + 1; d <= t->day; d++)
        if (d >= t->first_day)
            ret_threads[d % 7] += slot[d % TREND_RING_DAYS];
}

/* By weekday: what subjects have beyond what the number of threads lets expect. */
static void make_weekdays(struct trends *t)
{
    double units[7] = {0}, threads[7] = {0}, all_units = 0, all_threads = 0;
    for (int32_t d = t->day - TREND_RING_DAYS + 1; d <= t->day; d++)
        if (d >= t->first_day)
            units[d % 7] += t->day_units[d % TREND_RING_DAYS];
    threads_by_weekday(t, threads);
    for (int i = 0; i < 7; i++) {
        all_units += units[i];
        all_threads += threads[i];
    }
    for (int i = 0; i < 7; i++) {
        double expected = all_threads > 0 ? threads[i] * all_units / all_threads : 0;
        t->weekday[i] = (units[i] + WEEKDAY_PRIOR) / (expected + WEEKDAY_PRIOR);
    }
}

/* Of the days with threads: the ring holds a year, whichever day it begins with. */
static double mean_of(const struct feed *f)
{
    double sum[ABREAST] = {0}, all = 0;
    unsigned n = 0;
    int k = 0;
    for (; k + ABREAST <= TREND_RING_DAYS; k += ABREAST)
        for (int i = 0; i < ABREAST; i++) {
            sum[i] += (double)f->day[k + i];
            n += f->day[k + i] > 0;
        }
    for (; k < TREND_RING_DAYS; k++) {
        all += (double)f->day[k];
        n += f->day[k] > 0;
    }
    for (int i = 0; i < ABREAST; i++)
        all += sum[i];
    return n ? all / n : 1;
}

/* Some sites side by side: each of these sums waits for the one before it, and the processor adds
 * up those of other sites meanwhile. Each site's own order of adding stays that of its days. */
struct abreast {
    size_t site[ABREAST];
    int n, days, at; /* sites; days up to the evening, and how many of them are summed */
    double a[ABREAST], b[ABREAST], all[ABREAST];
    double x[TREND_RING_DAYS][ABREAST]; /* standard days: 1 is the mean of the site's days */
};

static void abreast_add(const struct trends *t, const struct evening *e, size_t site,
                        struct abreast *r)
{
    const struct feed *f = &t->feed[site];
    int32_t first = t->day - TREND_RING_DAYS + 1;
    double mean = mean_of(f);
    /* Days before 1970 have no threads, but a place as others have. */
    int slot = (first % TREND_RING_DAYS + TREND_RING_DAYS) % TREND_RING_DAYS;
    int weekday = (first % 7 + 7) % 7, i = r->n++;
    r->site[i] = site;
    r->days = e->day - first + 1;
    r->at = 0;
    r->a[i] = 0;
    r->all[i] = f->before / mean;
    r->b[i] = f->tail / mean * exp2(-(double)(first - 1 - f->tail_day) / 730);
    for (int d = 0; d < r->days; d++) {
        float threads = f->day[slot];
        r->x[d][i] = threads > 0 ? threads * t->weekday[weekday] / mean : 0;
        slot = slot + 1 < TREND_RING_DAYS ? slot + 1 : 0;
        weekday = weekday < 6 ? weekday + 1 : 0;
    }
}

static void abreast_until(struct abreast *r, int days)
{
    const double phi_a = exp2(-1.0 / 56), phi_b = exp2(-1.0 / 730);
    for (; r->at < days; r->at++)
        for (int i = 0; i < ABREAST; i++) {
            double x = r->x[r->at][i];
            r->a[i] = r->a[i] * phi_a + x;
            r->b[i] = r->b[i] * phi_b + x;
            r->all[i] += x;
        }
}

static void abreast_window(const struct abreast *r, int days, double ret_sum[ABREAST])
{
    double sum[ABREAST] = {0};
    for (int d = r->days > days ? r->days - days : 0; d < r->days; d++)
        for (int i = 0; i < ABREAST; i++)
            sum[i] += r->x[d][i];
    memcpy(ret_sum, sum, sizeof sum);
}

/* Longest window first: what is summed when it opens is its past. */
static void abreast_tell(struct abreast *r, struct evening *e)
{
    double open[ABREAST];
    for (int w = WINDOWS - 1, c = WINDOWS_C - 1; w >= 0; w--) {
        int days = (int)(w < WINDOWS_A ? windows_a[w] : windows_b[w - WINDOWS_A]);
        bool of_c = w >= WINDOWS_A && c >= 0 && days == (int)windows_c[c];
        abreast_until(r, r->days - days);
        abreast_window(r, days, open);
        for (int i = 0; i < r->n; i++) {
            size_t site = r->site[i];
            e->open[site * WINDOWS + (size_t)w] = open[i];
            if (r->days > days)
                e->past[site * WINDOWS + (size_t)w] = w < WINDOWS_A ? r->a[i] : r->b[i];
            if (!of_c)
                continue;
            e->within[site * WINDOWS_C + (size_t)c] = open[i];
            if (r->days > days)
                e->total[site * WINDOWS_C + (size_t)c] = r->all[i];
        }
        c -= of_c;
    }
    abreast_until(r, r->days);
    for (int i = 0; i < r->n; i++) {
        e->now[r->site[i] * 2] = r->a[i];
        e->now[r->site[i] * 2 + 1] = r->b[i];
    }
    r->n = 0;
}

static void evening_sum(struct trends *t, struct evening *e)
{
    double all = 0;
    for (size_t s = 0; s < e->n_sites; s++)
        all += t->feed[s].day ? t->feed[s].units : 0;
    for (size_t s = 0; s < e->n_sites; s++) {
        if (!t->feed[s].day)
            continue;
        e->share[s] = all > 0 ? t->feed[s].units / all : 0;
        t->feed[s].share = (float)e->share[s];
        for (int i = 0; i < WINDOWS; i++) {
            e->sum_open[i] += e->share[s] * e->open[s * WINDOWS + i];
            e->sum_past[i] += e->share[s] * e->past[s * WINDOWS + i];
        }
        for (int i = 0; i < 2; i++)
            e->sum_now[i] += e->share[s] * e->now[s * 2 + i];
        for (int i = 0; i < WINDOWS_C; i++)
            e->sum_total[i] += e->share[s] * e->total[s * WINDOWS_C + (size_t)i];
        e->n_active++;
    }
}

enum err evening_make(struct trends *t, int32_t day, struct evening *e)
{
    size_t n = t->n_feeds;
    *e = (struct evening){.day = day, .n_sites = n};
    e->open = calloc(n * (2 * WINDOWS + 2 * WINDOWS_C + 3) + 1, sizeof *e->open);
    if (!e->open)
        return ERR_NOMEM;
    e->past = e->open + n * WINDOWS;
    e->total = e->past + n * WINDOWS;
    e->within = e->total + n * WINDOWS_C;
    e->share = e->within + n * WINDOWS_C;
    e->now = e->share + n;
    e->prior = t->prior;
    for (int i = 0; i < WINDOWS; i++)
        e->wander[i] = fmax(LEAST_WANDER, (t->wander.over[i] + WANDER_PRIOR * lane_wander(i)) /
                                              (t->wander.base[i] + WANDER_PRIOR));
    e->roam = fmin(1, (t->roamed + 5) / (t->could_roam + 10));
    e->first_day = t->first_day;
    for (int i = 0; i < TREND_RING_DAYS + 8; i++) {
        e->phi_a[i] = (float)exp2(-i / 56.0);
        e->phi_b[i] = (float)exp2(-i / 730.0);
    }
    make_weekdays(t);
    struct abreast r = {0};
    for (size_t s = 0; s < n; s++) {
        if (t->feed[s].day)
            abreast_add(t, e, s, &r);
        if (r.n == ABREAST || (r.n && s + 1 == n))
            abreast_tell(&r, e);
    }
    evening_sum(t, e);
    return OK;
}

void evening_done(struct evening *e)
{
    free(e->open);
    *e = (struct evening){0};
}
