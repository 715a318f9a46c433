#include "watch/cluster.h"

#include "os/table.h"

#include <stdlib.h>

#define NOBODY 0

enum { CHAINS = SKETCH_BANDS + 1, HASHES = SKETCH_BANDS };

/* Chains of texts with the same band, or the same hash, from the youngest to the oldest. A link to
 * a text that has made room leads to a younger one: there the chain ends. Places are numbered from
 * 1. The links of one chain lie close together, apart from the texts: where a chain leads is known
 * long before its texts are, so that many of them are fetched at once. */
struct clusters {
    size_t max;
    uint64_t n;    /* ever put; text i stands at i % max + 1 */
    uint32_t free; /* where the next one will stand */
    struct cluster_text *text;
    uint32_t *older;    /* by chain, then by place */
    uint32_t *youngest; /* by chain, then by key */
    size_t mask;        /* of keys */
};

static uint32_t *older_of(const struct clusters *c, size_t chain, uint32_t at)
{
    return &c->older[chain * (c->max + 1) + at];
}

static uint32_t *head_of(const struct clusters *c, size_t chain, uint64_t key)
{
    return &c->youngest[chain * (c->mask + 1) + (key & c->mask)];
}

enum err cluster_new(size_t max_texts, struct clusters **ret_clusters)
{
    struct clusters *c = calloc(1, sizeof *c);
    *ret_clusters = c;
    if (!c)
        return ERR_NOMEM;
    c->max = max_texts ? max_texts : 1;
    for (c->mask = 1; c->mask < c->max; c->mask = 2 * c->mask + 1)
        ;
    c->free = 1;
    c->text = table_new(c->max + 1, sizeof *c->text);
    c->older = table_new(CHAINS * (c->max + 1), sizeof *c->older);
    c->youngest = table_new(CHAINS * (c->mask + 1), sizeof *c->youngest);
    if (c->text && c->older && c->youngest && c->max < UINT32_MAX)
        return OK;
    *ret_clusters = cluster_free(c);
    return ERR_NOMEM;
}

struct clusters *cluster_free(struct clusters *c)
{
    if (c) {
        table_free(c->text, c->max + 1, sizeof *c->text);
        table_free(c->older, CHAINS * (c->max + 1), sizeof *c->older);
        table_free(c->youngest, CHAINS * (c->mask + 1), sizeof *c->youngest);
        free(c);
    }
    return NULL;
}

/* How long ago the text at a place was put; larger than any for a place that is free. */
static uint64_t age(const struct clusters *c, uint32_t at)
{
    uint64_t back = c->free > at ? c->free - at : c->free + c->max - at;
    return back <= c->n ? back : UINT64_MAX;
}

/* The next text of a chain; NOBODY at its end. */
static uint32_t next_of(const struct clusters *c, uint32_t at, size_t chain)
{
    uint32_t next = *older_of(c, chain, at);
    return next != NOBODY && age(c, next) != UINT64_MAX && age(c, next) > age(c, at) ? next
                                                                                     : NOBODY;
}

static bool in_time(const struct cluster_text *text, int32_t day)
{
    int64_t apart = (int64_t)text->day - day;
    return apart <= CLUSTER_DAYS && apart >= -CLUSTER_DAYS;
}

static uint64_t same_text(const struct clusters *c, const struct sketch *s, int32_t day)
{
    uint32_t at = *head_of(c, HASHES, s->hash);
    for (int looks = 0; at != NOBODY && looks < CLUSTER_LOOKS; looks++) {
        if (c->text[at].sketch.hash == s->hash && in_time(&c->text[at], day))
            return c->text[at].id;
        at = next_of(c, at, HASHES);
    }
    return 0;
}

void cluster_soon(const struct clusters *c, const struct sketch *s, struct cluster_heads *ret_heads)
{
    *ret_heads = (struct cluster_heads){0};
    for (unsigned b = 0; b < SKETCH_BANDS && s->filled; b++) {
        ret_heads->at[b] = head_of(c, b, sketch_band(s, b));
        __builtin_prefetch(ret_heads->at[b], 1);
    }
    __builtin_prefetch(head_of(c, HASHES, s->hash), 1);
}

static uint64_t alike_text(const struct clusters *c, const struct sketch *s,
                           const struct cluster_heads *h, int32_t day)
{
    int looks = 0;
    for (unsigned b = 0; b < SKETCH_BANDS && s->filled; b++)
        if (*h->at[b] != NOBODY)
            __builtin_prefetch(&c->text[*h->at[b]]);
    for (unsigned b = 0; b < SKETCH_BANDS && s->filled; b++)
        for (uint32_t at = *h->at[b]; at != NOBODY && looks < CLUSTER_LOOKS;
             at = next_of(c, at, b), looks++)
            if (in_time(&c->text[at], day) && sketch_alike(&c->text[at].sketch, s) >= CLUSTER_ALIKE)
                return c->text[at].id;
    return 0;
}

static void put(struct clusters *c, const struct cluster_text *text, const struct cluster_heads *h)
{
    uint32_t at = c->free;
    uint32_t *head = head_of(c, HASHES, text->sketch.hash);
    c->text[at] = *text;
    *older_of(c, HASHES, at) = *head != at ? *head : NOBODY;
    *head = at;
    for (unsigned b = 0; b < SKETCH_BANDS; b++) {
        *older_of(c, b, at) = h->at[b] && *h->at[b] != at ? *h->at[b] : NOBODY;
        if (h->at[b])
            *h->at[b] = at;
    }
    c->free = at < c->max ? at + 1 : 1;
    c->n++;
}

void cluster_put(struct clusters *c, const struct cluster_text *text)
{
    struct cluster_heads h;
    cluster_soon(c, &text->sketch, &h);
    put(c, text, &h);
}

uint64_t cluster_of_at(struct clusters *c, const struct sketch *sketch,
                       const struct cluster_heads *h, int32_t day, bool *ret_new)
{
    uint64_t id = same_text(c, sketch, day);
    *ret_new = false;
    /* The same words again need no second place, as long as the first one lasts. */
    if (id)
        return id;
    id = alike_text(c, sketch, h, day);
    *ret_new = !id;
    id = id ? id : sketch->hash;
    put(c, &(struct cluster_text){*sketch, id, day}, h);
    return id;
}

uint64_t cluster_of(struct clusters *c, const struct sketch *sketch, int32_t day, bool *ret_new)
{
    struct cluster_heads h;
    cluster_soon(c, sketch, &h);
    return cluster_of_at(c, sketch, &h, day, ret_new);
}

size_t cluster_count(const struct clusters *c)
{
    return c->n < c->max ? (size_t)c->n : c->max;
}

struct cluster_text cluster_at(const struct clusters *c, size_t i)
{
    uint64_t first = c->n < c->max ? 0 : c->n % c->max;
    return c->text[(first + i) % c->max + 1];
}
