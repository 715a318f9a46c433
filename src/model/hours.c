#include "model/hours.h"

#include "base/time.h"

#include <stdlib.h>

bool kind_match(struct str pattern, struct str kind)
{
    bool open_front = pattern.n && pattern.p[0] == '*';
    bool open_back = pattern.n && pattern.p[pattern.n - 1] == '*';
    if (open_front && pattern.n == 1)
        return true;
    struct str core = str_sub(pattern, open_front, pattern.n - open_back);
    if (open_front && open_back)
        return str_ifind(kind, core) >= 0;
    if (open_front)
        return str_iends(kind, core);
    return open_back ? str_istarts(kind, core) : str_ieq(kind, core);
}

static int span_order(const void *a, const void *b)
{
    const struct hour_span *x = a, *y = b;
    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    return x->to < y->to ? -1 : x->to > y->to;
}

struct hour_set hours_normal(struct hour_span *v, size_t n)
{
    struct hour_set set = {v, 0};
    if (n)
        qsort(v, n, sizeof *v, span_order);
    for (size_t i = 0; i < n; i++) {
        if (v[i].to <= v[i].from)
            continue;
        if (set.n && v[i].from <= v[set.n - 1].to) {
            if (v[i].to > v[set.n - 1].to)
                v[set.n - 1].to = v[i].to;
        } else {
            v[set.n++] = v[i];
        }
    }
    return set;
}

enum err hours_intersect(struct arena *arena, const struct hour_set *a, const struct hour_set *b,
                         struct hour_set *ret_set)
{
    struct hour_set set = {arena_new_n(arena, struct hour_span, a->n + b->n + 1), 0};
    if (!set.v)
        return ERR_NOMEM;
    for (size_t i = 0, j = 0; i < a->n && j < b->n;) {
        int64_t from = a->v[i].from > b->v[j].from ? a->v[i].from : b->v[j].from;
        int64_t to = a->v[i].to < b->v[j].to ? a->v[i].to : b->v[j].to;
        if (from < to)
            set.v[set.n++] = (struct hour_span){from, to};
        if (a->v[i].to < b->v[j].to)
            i++;
        else
            j++;
    }
    *ret_set = set;
    return OK;
}

enum err hours_subtract(struct arena *arena, const struct hour_set *a, const struct hour_set *b,
                        struct hour_set *ret_set)
{
    struct hour_set set = {arena_new_n(arena, struct hour_span, a->n + b->n + 1), 0};
    if (!set.v)
        return ERR_NOMEM;
    size_t j = 0;
    for (size_t i = 0; i < a->n; i++) {
        int64_t from = a->v[i].from;
        while (j < b->n && b->v[j].to <= from)
            j++;
        for (size_t k = j; k < b->n && b->v[k].from < a->v[i].to; k++) {
            if (from < b->v[k].from)
                set.v[set.n++] = (struct hour_span){from, b->v[k].from};
            from = b->v[k].to;
            j = k;
        }
        if (from < a->v[i].to)
            set.v[set.n++] = (struct hour_span){from, a->v[i].to};
    }
    *ret_set = set;
    return OK;
}

int64_t hours_count(const struct hour_set *set)
{
    int64_t n = 0;
    for (size_t i = 0; i < set->n; i++)
        n += set->v[i].to - set->v[i].from;
    return n;
}

bool hours_has(const struct hour_set *set, int64_t time_us)
{
    int64_t hour = time_hour(time_us);
    size_t lo = 0, hi = set->n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (set->v[mid].to <= hour)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < set->n && set->v[lo].from <= hour;
}

struct hour_span hours_of(int64_t from_us, int64_t to_us)
{
    if (to_us <= from_us)
        return (struct hour_span){time_hour(from_us), time_hour(from_us)};
    return (struct hour_span){time_hour(from_us), time_hour(to_us - 1) + 1};
}
