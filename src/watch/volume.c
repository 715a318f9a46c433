#include "watch/volume.h"

#include <string.h>

enum { SLOTS_START = 1 << 12 };

enum err volume_init(struct volume *v)
{
    *v = (struct volume){.n_slots = SLOTS_START};
    v->thread = calloc(VOLUME_THREADS, sizeof *v->thread);
    v->slot = calloc(v->n_slots, sizeof *v->slot);
    return v->thread && v->slot ? OK : ERR_NOMEM;
}

void volume_done(struct volume *v)
{
    free(v->thread);
    free(v->slot);
    vec_done(&v->cells);
}

static uint64_t mix(uint64_t x)
{
    x ^= x >> 32;
    x *= 0x9E3779B97F4A7C15u;
    return x ^ x >> 29;
}

static uint64_t cell_hash(uint32_t site, int32_t event_day, int32_t ingest_day)
{
    uint64_t days = (uint64_t)(uint32_t)event_day << 32 | (uint32_t)ingest_day;
    return mix(mix(days) ^ site);
}

/* A thread that speaks on two days, or on two sites, is a thread of each. */
static uint64_t thread_hash(uint64_t cell, uint64_t thread)
{
    return mix(thread ^ cell) | 1;
}

static bool thread_is_new(struct volume *v, uint64_t h)
{
    uint32_t *at = &v->thread[h >> 44], part = (uint32_t)h;
    bool is_new = *at != part;
    *at = part;
    return is_new;
}

static size_t find(const struct volume *v, const struct volume_cell *want, uint64_t h)
{
    size_t at = (size_t)h & (v->n_slots - 1);
    for (; v->slot[at]; at = (at + 1) & (v->n_slots - 1)) {
        const struct volume_cell *c = &v->cells.v[v->slot[at] - 1];
        if (c->site == want->site && c->event_day == want->event_day &&
            c->ingest_day == want->ingest_day)
            break;
    }
    return at;
}

static enum err grow(struct volume *v)
{
    size_t n = v->n_slots * 2;
    uint32_t *slot = calloc(n, sizeof *slot);
    if (!slot)
        return ERR_NOMEM;
    free(v->slot);
    v->slot = slot;
    v->n_slots = n;
    for (size_t i = 0; i < v->cells.n; i++) {
        const struct volume_cell *c = &v->cells.v[i];
        v->slot[find(v, c, cell_hash(c->site, c->event_day, c->ingest_day))] = (uint32_t)i + 1;
    }
    return OK;
}

static enum err put(struct volume *v, const struct volume_cell *cell, uint64_t h)
{
    if (v->cells.n * 2 >= v->n_slots)
        TRY(grow(v));
    size_t at = find(v, cell, h);
    if (v->slot[at])
        return v->cells.v[v->slot[at] - 1].threads += cell->threads, OK;
    TRY(vec_push(&v->cells, *cell, VOLUME_CELLS));
    v->slot[at] = (uint32_t)v->cells.n;
    return OK;
}

enum err volume_add(struct volume *v, uint32_t site, int32_t event_day, int32_t ingest_day,
                    uint64_t thread)
{
    struct volume_cell cell = {ingest_day, event_day, site, 1};
    uint64_t h = cell_hash(site, event_day, ingest_day);
    return thread_is_new(v, thread_hash(h, thread)) ? put(v, &cell, h) : OK;
}

void volume_soon(const struct volume *v, uint32_t site, int32_t event_day, int32_t ingest_day,
                 uint64_t thread)
{
    uint64_t h = thread_hash(cell_hash(site, event_day, ingest_day), thread);
    __builtin_prefetch(&v->thread[h >> 44], 1);
}

enum err volume_put(struct volume *v, const struct volume_cell *cell)
{
    return put(v, cell, cell_hash(cell->site, cell->event_day, cell->ingest_day));
}

static int in_order(const void *a, const void *b)
{
    const struct volume_cell *x = a, *y = b;
    if (x->ingest_day != y->ingest_day)
        return x->ingest_day < y->ingest_day ? -1 : 1;
    if (x->event_day != y->event_day)
        return x->event_day < y->event_day ? -1 : 1;
    return x->site < y->site ? -1 : x->site > y->site;
}

void volume_sort(struct volume *v)
{
    if (v->cells.n)
        qsort(v->cells.v, v->cells.n, sizeof *v->cells.v, in_order);
    v->next = 0;
}

const struct volume_cell *volume_next(struct volume *v, int32_t ingest_day)
{
    if (v->next == v->cells.n || v->cells.v[v->next].ingest_day > ingest_day)
        return NULL;
    return &v->cells.v[v->next++];
}

int32_t volume_last(const struct volume *v)
{
    return v->cells.n ? v->cells.v[v->cells.n - 1].ingest_day : INT32_MIN;
}

void volume_clear(struct volume *v)
{
    v->cells.n = v->next = 0;
    memset(v->slot, 0, v->n_slots * sizeof *v->slot);
}
