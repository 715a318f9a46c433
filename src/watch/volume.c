#include "watch/volume.h"

#include "os/table.h"

#include <string.h>

enum {
    SLOTS_START = 1 << 12,
    WAYS = 8, /* of half a cache line */
    BUCKET_SHIFT = 64 - 17,
};
_Static_assert((uint64_t)VOLUME_THREADS >> (64 - BUCKET_SHIFT) == WAYS, "every bucket is used");

enum err volume_init(struct volume *v)
{
    *v = (struct volume){.n_slots = SLOTS_START};
    v->thread = table_new(VOLUME_THREADS, sizeof *v->thread);
    v->slot = calloc(v->n_slots, sizeof *v->slot);
    return v->thread && v->slot ? OK : ERR_NOMEM;
}

void volume_done(struct volume *v)
{
    v->thread = table_free(v->thread, VOLUME_THREADS, sizeof *v->thread);
    free(v->slot);
    vec_done(&v->cells);
}

static uint64_t mix(uint64_t x)
{
    x ^= x >> 32;
    x *= 0x9E3779B97F4A7C15u;
    return x ^ x >> 29;
}

uint64_t volume_cell_hash(uint32_t site, int32_t event_day, int32_t ingest_day)
{
    uint64_t days = (uint64_t)(uint32_t)event_day << 32 | (uint32_t)ingest_day;
    return mix(mix(days) ^ site);
}

/* A thread that speaks on two days, or on two sites, is a thread of each. */
static uint64_t thread_hash(uint64_t cell, uint64_t thread)
{
    return mix(thread ^ cell) | 1;
}

static uint32_t *bucket_of(const struct volume *v, uint64_t h)
{
    return &v->thread[(h >> BUCKET_SHIFT) * WAYS];
}

/* The one that was heard last stands first; the last one of a full bucket goes. */
static bool thread_is_new(struct volume *v, uint64_t h)
{
    uint32_t *at = bucket_of(v, h), part = (uint32_t)h;
    int i = 0;
    while (i < WAYS - 1 && at[i] != part)
        i++;
    bool is_new = at[i] != part;
    memmove(at + 1, at, (size_t)i * sizeof *at);
    *at = part;
    return is_new;
}

static bool same_cell(const struct volume_cell *a, const struct volume_cell *b)
{
    return a->site == b->site && a->event_day == b->event_day && a->ingest_day == b->ingest_day;
}

static size_t find(const struct volume *v, const struct volume_cell *want, uint64_t h)
{
    size_t at = (size_t)h & (v->n_slots - 1);
    while (v->slot[at] && !same_cell(&v->cells.v[v->slot[at] - 1], want))
        at = (at + 1) & (v->n_slots - 1);
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
        v->slot[find(v, c, volume_cell_hash(c->site, c->event_day, c->ingest_day))] =
            (uint32_t)i + 1;
    }
    return OK;
}

static enum err put(struct volume *v, const struct volume_cell *cell, uint64_t h, uint32_t *ret_at)
{
    if (v->cells.n * 2 >= v->n_slots)
        TRY(grow(v));
    size_t slot = find(v, cell, h);
    if (v->slot[slot]) {
        *ret_at = v->slot[slot] - 1;
        v->cells.v[*ret_at].threads += cell->threads;
        return OK;
    }
    TRY(vec_push(&v->cells, *cell, VOLUME_CELLS));
    *ret_at = (uint32_t)v->cells.n - 1;
    v->slot[slot] = (uint32_t)v->cells.n;
    return OK;
}

void volume_soon(const struct volume *v, uint64_t thread, struct volume_place *place)
{
    place->thread = thread_hash(place->cell, thread);
    __builtin_prefetch(bucket_of(v, place->thread), 1);
}

enum err volume_add_at(struct volume *v, const struct volume_cell *cell, struct volume_place *place)
{
    if (!thread_is_new(v, place->thread))
        return OK;
    if (place->at < v->cells.n && same_cell(&v->cells.v[place->at], cell))
        return v->cells.v[place->at].threads++, OK;
    struct volume_cell one = *cell;
    one.threads = 1;
    return put(v, &one, place->cell, &place->at);
}

enum err volume_add(struct volume *v, uint32_t site, int32_t event_day, int32_t ingest_day,
                    uint64_t thread)
{
    struct volume_cell cell = {ingest_day, event_day, site, 1};
    struct volume_place place = {.cell = volume_cell_hash(site, event_day, ingest_day)};
    place.thread = thread_hash(place.cell, thread);
    return volume_add_at(v, &cell, &place);
}

enum err volume_put(struct volume *v, const struct volume_cell *cell)
{
    uint32_t at;
    return put(v, cell, volume_cell_hash(cell->site, cell->event_day, cell->ingest_day), &at);
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
