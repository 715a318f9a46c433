#include "codec/evtx_ids.h"

void evtx_ids_done(struct evtx_ids *ids)
{
    vec_done(&ids->run);
}

void evtx_ids_clear(struct evtx_ids *ids)
{
    ids->run.n = 0;
}

enum err evtx_ids_add(struct evtx_ids *ids, uint64_t id)
{
    struct evtx_run *run = ids->run.n ? &ids->run.v[ids->run.n - 1] : NULL;
    if (run && id && run->last == id - 1) {
        run->last = id;
        run->n++;
        return OK;
    }
    if (ids->run.n < EVTX_RUNS)
        return vec_push(&ids->run, ((struct evtx_run){id, id, 1}), EVTX_RUNS);
    run->first = run->first < id ? run->first : id;
    run->last = run->last > id ? run->last : id;
    run->n++;
    return OK;
}

static int by_first(const void *a, const void *b)
{
    const struct evtx_run *x = a, *y = b;
    return (x->first > y->first) - (x->first < y->first);
}

/* Runs that overlap are counted together: what they span against what they hold. */
void evtx_ids_count(struct evtx_ids *ids, uint64_t *ret_missing, uint64_t *ret_twice)
{
    const struct evtx_run *run = ids->run.v, *end = run + ids->run.n;
    bool any = false;
    uint64_t reached = 0;
    *ret_missing = *ret_twice = 0;
    if (ids->run.n)
        qsort(ids->run.v, ids->run.n, sizeof *ids->run.v, by_first);
    while (run < end) {
        uint64_t first = run->first, last = run->last, n = 0;
        *ret_missing += any ? first - reached - 1 : 0;
        for (; run < end && run->first <= last; run++) {
            last = run->last > last ? run->last : last;
            n += run->n;
        }
        if (last - first >= n)
            *ret_missing += last - first - n + 1;
        else
            *ret_twice += n - 1 - (last - first);
        reached = last;
        any = true;
    }
}
