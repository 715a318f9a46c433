#include "exposure/history.h"

#include "base/time.h"

#include <stdlib.h>

static const struct table_product *product(const struct fleet *f, const struct seen *s)
{
    return s->product ? &f->tables->product[s->product - 1] : NULL;
}

/* A build that no table has, and nothing says that it is of another product: it may be one of ours,
 * newer than the tables. */
static bool may_be_ours(const struct seen *s)
{
    return !s->product && s->what == FLEET_NONE && s->build.part[0] >= 0;
}

static bool same_line(const struct fleet *f, const struct seen *a, const struct seen *b)
{
    const struct table_product *x = product(f, a), *y = product(f, b);
    if (!x || !y)
        return !x && !y && may_be_ours(a) == may_be_ours(b);
    return x == y || (x->facts->cpe.n && str_eq(x->facts->cpe, y->facts->cpe));
}

size_t history_products(const struct fleet *f, const struct host *h,
                        const struct seen *ret_one[HISTORY_PRODUCTS])
{
    const struct seen *other = NULL;
    size_t n = 0;
    for (uint32_t i = h->first; i != FLEET_NONE; i = f->seen.v[i].next) {
        const struct seen *s = &f->seen.v[i];
        size_t k = 0;
        if (s->kind != OBSERVED_BUILD)
            continue;
        if (!s->product && !may_be_ours(s)) {
            other = s;
            continue;
        }
        while (k < n && !same_line(f, ret_one[k], s))
            k++;
        if (k == n && n < HISTORY_PRODUCTS)
            ret_one[n++] = s;
    }
    if (n == 0 && other)
        ret_one[n++] = other;
    return n;
}

static int64_t day_of(const struct seen *s)
{
    return s->time_us == TIME_NONE ? TIME_NONE : time_day(s->time_us);
}

/* As far as both are known. */
static int shared_cmp(const struct seen *a, const struct seen *b)
{
    for (int i = 0; i < 4; i++) {
        if (a->build.part[i] < 0 || b->build.part[i] < 0)
            return 0;
        if (i == 3 && (a->precision < PRECISION_SU || b->precision < PRECISION_SU))
            return 0;
        if (a->build.part[i] != b->build.part[i])
            return a->build.part[i] < b->build.part[i] ? -1 : 1;
    }
    return 0;
}

/* By day, then by how exact, then by time; of one time the higher build first: the last decides. */
static int by_time(const void *a, const void *b)
{
    const struct step *p = a, *q = b;
    const struct seen *x = p->by, *y = q->by;
    int64_t day = day_of(x), other = day_of(y);
    if (day != other)
        return day < other ? -1 : 1;
    if (x->precision != y->precision)
        return x->precision < y->precision ? -1 : 1;
    if (x->time_us != y->time_us)
        return x->time_us < y->time_us ? -1 : 1;
    return build_cmp(&y->build, &x->build);
}

/* Another product of the line, known by name alone, is another build. */
static bool agree(const struct seen *a, const struct seen *b)
{
    return (a->product == b->product || !a->product || !b->product) && shared_cmp(a, b) == 0;
}

/* One file may show the build before and after an update, but not two at one time. */
static bool contradicts(const struct seen *a, const struct seen *b)
{
    bool same_file = a->source == b->source && a->file == b->file;
    if (agree(a, b) || (same_file && a->time_us != b->time_us))
        return false;
    return a->time_us == TIME_NONE || b->time_us == TIME_NONE || day_of(a) == day_of(b);
}

/* What agrees with a more exact source of the same day is no step of its own. */
static void drop_coarse(struct history *h)
{
    size_t n = 0;
    for (size_t i = 0; i < h->n; i++) {
        const struct seen *s = h->step[i].by, *next = i + 1 < h->n ? h->step[i + 1].by : NULL;
        bool coarse = next && day_of(s) == day_of(next) && s->precision < next->precision;
        if (!coarse || !agree(s, next))
            h->step[n++] = h->step[i];
    }
    h->n = n;
}

/* From what came to what holds: each step knows the one before. */
static void decide(struct history *h)
{
    const struct seen *undated = NULL;
    for (size_t i = 0; i < h->n; i++) {
        struct step *s = &h->step[i];
        s->time_us = s->by->time_us;
        if (i == 0)
            continue;
        const struct step *before = s - 1;
        if (before->by->time_us == TIME_NONE)
            undated = before->by;
        const struct seen *held = before->by, *now = s->by;
        if (agree(held, now) && now->precision < held->precision)
            s->by = held;
        if (before->against && contradicts(before->against, s->by))
            s->against = before->against;
        if (contradicts(held, s->by))
            s->against = held;
        if (undated && !s->against && !agree(undated, s->by))
            s->against = undated; /* nobody knows that it is older */
    }
}

void history_done(struct history *h)
{
    free(h->step);
    *h = (struct history){0};
}

static enum err add_step(struct history *h, const struct seen *s)
{
    if (h->n == h->cap)
        TRY(vec_grow((void **)&h->step, h->n, &h->cap, sizeof *h->step, FLEET_SEEN_MAX));
    h->step[h->n++] = (struct step){.by = s};
    return OK;
}

enum err history_make(const struct fleet *f, const struct host *h, const struct seen *one,
                      int64_t until_us, struct history *ret)
{
    ret->n = 0;
    for (uint32_t i = h->first; i != FLEET_NONE; i = f->seen.v[i].next) {
        const struct seen *s = &f->seen.v[i];
        bool later = until_us != TIME_NONE && s->time_us != TIME_NONE && s->time_us > until_us;
        if (s->kind == OBSERVED_BUILD && !later && same_line(f, one, s))
            TRY(add_step(ret, s));
    }
    if (ret->n > 1)
        qsort(ret->step, ret->n, sizeof *ret->step, by_time);
    drop_coarse(ret);
    decide(ret);
    return OK;
}
