#include "codec/evtx_held.h"

#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

void evtx_held_drop(struct evtx_held *h)
{
    for (size_t i = 0; i < h->chunk.n; i++)
        free(h->chunk.v[i].p);
    h->chunk.n = 0;
}

void evtx_held_clear(struct evtx_held *h)
{
    evtx_held_drop(h);
    free(h->seen);
    h->seen = NULL;
    h->n_seen = h->cap = 0;
    h->full = false;
}

void evtx_held_done(struct evtx_held *h)
{
    evtx_held_clear(h);
    vec_done(&h->chunk);
}

/* Where it is, or the empty place where it would be. cap > n_seen. */
static struct evtx_seen *place(const struct evtx_held *h, struct evtx_seen what)
{
    size_t at = hash64(str_make((const char *)&what, sizeof what), 0) & (h->cap - 1);
    while ((h->seen[at].id || h->seen[at].mark) &&
           (h->seen[at].id != what.id || h->seen[at].mark != what.mark))
        at = (at + 1) & (h->cap - 1);
    return &h->seen[at];
}

static enum err grow(struct evtx_held *h)
{
    struct evtx_held old = *h;
    h->cap = old.cap ? old.cap * 2 : 1024;
    h->seen = calloc(h->cap, sizeof *h->seen);
    if (!h->seen) {
        *h = old;
        return ERR_NOMEM;
    }
    for (size_t i = 0; i < old.cap; i++)
        if (old.seen[i].id || old.seen[i].mark)
            *place(h, old.seen[i]) = old.seen[i];
    free(old.seen);
    return OK;
}

bool evtx_held_has(const struct evtx_held *h, uint64_t id, uint64_t time)
{
    const struct evtx_seen *at = h->cap ? place(h, (struct evtx_seen){id, ~time}) : NULL;
    return at && (at->id || at->mark);
}

enum err evtx_held_add(struct evtx_held *h, uint64_t id, uint64_t time)
{
    struct evtx_seen what = {id, ~time};
    if (h->n_seen == EVTX_SEEN) {
        h->full = true;
        return OK;
    }
    if (h->n_seen * 2 >= h->cap)
        TRY(grow(h));
    h->n_seen += !evtx_held_has(h, id, time);
    *place(h, what) = what;
    return OK;
}

enum err evtx_held_keep(struct evtx_held *h, const unsigned char *p, uint32_t n, uint32_t at,
                        uint64_t offset)
{
    if (h->chunk.n == EVTX_HELD)
        return ERR_LIMIT;
    struct evtx_held_chunk chunk = {malloc(n + 1u), offset, n, at};
    if (!chunk.p)
        return ERR_NOMEM;
    memcpy(chunk.p, p, n);
    enum err rc = vec_push(&h->chunk, chunk, EVTX_HELD);
    if (rc)
        free(chunk.p);
    return rc;
}
