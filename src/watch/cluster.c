#include "watch/cluster.h"

#include <stdlib.h>

#define NOBODY UINT32_MAX

/* Chains of texts with the same hash, or the same band, from the youngest to the oldest. A link to
 * a text that has made room leads to a younger one: there the chain ends. */
struct link {
    uint32_t next[SKETCH_BANDS + 1];
};

struct clusters {
    size_t max;
    uint64_t n; /* ever put; text i stands at i % max */
    struct cluster_text *text;
    struct link *link;
    uint32_t *band[SKETCH_BANDS]; /* youngest text by key */
    uint32_t *hash;
    size_t mask; /* of keys */
};

static uint32_t *heads_new(size_t n)
{
    uint32_t *heads = malloc(n * sizeof *heads);
    if (heads)
        memset(heads, 0xff, n * sizeof *heads);
    return heads;
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
    c->text = calloc(c->max, sizeof *c->text);
    c->link = calloc(c->max, sizeof *c->link);
    c->hash = heads_new(c->mask + 1);
    bool whole = c->text && c->link && c->hash && c->max < NOBODY;
    for (size_t b = 0; b < SKETCH_BANDS; b++) {
        c->band[b] = heads_new(c->mask + 1);
        whole = whole && c->band[b];
    }
    if (!whole)
        *ret_clusters = cluster_free(c);
    return whole ? OK : ERR_NOMEM;
}

struct clusters *cluster_free(struct clusters *c)
{
    if (c) {
        free(c->text);
        free(c->link);
        free(c->hash);
        for (size_t b = 0; b < SKETCH_BANDS; b++)
            free(c->band[b]);
        free(c);
    }
    return NULL;
}

/* How long ago the text at a place was put; larger than any for a place that is free. */
static uint64_t age(const struct clusters *c, uint32_t at)
{
    uint64_t newest = c->n % c->max;
    uint64_t back = newest > at ? newest - at : newest + c->max - at;
    return back <= c->n ? back : UINT64_MAX;
}

/* The next text of a chain; NOBODY at its end. */
static uint32_t next_of(const struct clusters *c, uint32_t at, size_t chain)
{
    uint32_t next = c->link[at].next[chain];
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
    uint32_t at = c->hash[s->hash & c->mask];
    for (int looks = 0; at != NOBODY && looks < CLUSTER_LOOKS; looks++) {
        if (c->text[at].sketch.hash == s->hash && in_time(&c->text[at], day))
            return c->text[at].id;
        at = next_of(c, at, SKETCH_BANDS);
    }
    return 0;
}

/* The heads of a text's bands. They lie far apart: all are asked for before one is needed. */
struct heads {
    uint32_t *at[SKETCH_BANDS];
};

static struct heads heads_of(const struct clusters *c, const struct sketch *s)
{
    struct heads h = {0};
    for (unsigned b = 0; b < SKETCH_BANDS && s->filled; b++) {
        h.at[b] = &c->band[b][sketch_band(s, b) & c->mask];
        __builtin_prefetch(h.at[b], 1);
    }
    for (unsigned b = 0; b < SKETCH_BANDS && s->filled; b++)
        if (*h.at[b] != NOBODY)
            __builtin_prefetch(&c->text[*h.at[b]]);
    return h;
}

static uint64_t alike_text(const struct clusters *c, const struct sketch *s, const struct heads *h,
                           int32_t day)
{
    int looks = 0;
    for (unsigned b = 0; b < SKETCH_BANDS && s->filled; b++)
        for (uint32_t at = *h->at[b]; at != NOBODY && looks < CLUSTER_LOOKS;
             at = next_of(c, at, b), looks++)
            if (in_time(&c->text[at], day) && sketch_alike(&c->text[at].sketch, s) >= CLUSTER_ALIKE)
                return c->text[at].id;
    return 0;
}

static void put(struct clusters *c, const struct cluster_text *text, const struct heads *h)
{
    uint32_t at = (uint32_t)(c->n % c->max);
    uint32_t *head = &c->hash[text->sketch.hash & c->mask];
    c->text[at] = *text;
    c->link[at].next[SKETCH_BANDS] = *head != at ? *head : NOBODY;
    *head = at;
    for (unsigned b = 0; b < SKETCH_BANDS; b++) {
        c->link[at].next[b] = NOBODY;
        if (!h->at[b])
            continue;
        c->link[at].next[b] = *h->at[b] != at ? *h->at[b] : NOBODY;
        *h->at[b] = at;
    }
    c->n++;
}

void cluster_put(struct clusters *c, const struct cluster_text *text)
{
    struct heads h = heads_of(c, &text->sketch);
    put(c, text, &h);
}

uint64_t cluster_of(struct clusters *c, const struct sketch *sketch, int32_t day, bool *ret_new)
{
    uint64_t id = same_text(c, sketch, day);
    *ret_new = false;
    /* The same words again need no second place, as long as the first one lasts. */
    if (id)
        return id;
    struct heads h = heads_of(c, sketch);
    id = alike_text(c, sketch, &h, day);
    *ret_new = !id;
    id = id ? id : sketch->hash;
    put(c, &(struct cluster_text){*sketch, id, day}, &h);
    return id;
}

size_t cluster_count(const struct clusters *c)
{
    return c->n < c->max ? (size_t)c->n : c->max;
}

struct cluster_text cluster_at(const struct clusters *c, size_t i)
{
    uint64_t first = c->n < c->max ? 0 : c->n % c->max;
    return c->text[(first + i) % c->max];
}
