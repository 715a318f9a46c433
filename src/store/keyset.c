#include "store/keyset.h"

#include <stdlib.h>
#include <string.h>

enum { START = 1 << 12 };

void keyset_done(struct keyset *s)
{
    free(s->slot);
    *s = (struct keyset){0};
}

/* Keys are hashes already: their lowest bits are as good as any. */
static size_t find(const struct keyset *s, uint64_t key)
{
    size_t at = (size_t)key & (s->cap - 1);
    while (s->slot[at].used && s->slot[at].key != key)
        at = (at + 1) & (s->cap - 1);
    return at;
}

bool keyset_has(const struct keyset *s, uint64_t key)
{
    return s->n && s->slot[find(s, key)].used;
}

static enum err grow(struct keyset *s)
{
    struct keyset old = *s;
    s->cap = old.cap ? 2 * old.cap : START;
    s->slot = calloc(s->cap, sizeof *s->slot);
    if (!s->slot) {
        *s = old;
        return ERR_NOMEM;
    }
    for (size_t i = 0; i < old.cap; i++)
        if (old.slot[i].used)
            s->slot[find(s, old.slot[i].key)] = old.slot[i];
    free(old.slot);
    return OK;
}

enum err keyset_add(struct keyset *s, uint64_t key, int32_t day)
{
    if (s->n == KEYSET_MAX)
        return ERR_LIMIT;
    if (2 * s->n >= s->cap)
        TRY(grow(s));
    s->slot[find(s, key)] = (struct keyset_item){key, day, true};
    s->n++;
    return OK;
}

static int in_order(const void *a, const void *b)
{
    int64_t x = (int64_t)((const struct keyset_item *)a)->key;
    int64_t y = (int64_t)((const struct keyset_item *)b)->key;
    return x < y ? -1 : x > y;
}

const struct keyset_item *keyset_sorted(struct keyset *s)
{
    size_t n = 0;
    for (size_t i = 0; i < s->cap; i++)
        if (s->slot[i].used)
            s->slot[n++] = s->slot[i];
    if (n)
        qsort(s->slot, n, sizeof *s->slot, in_order);
    return s->slot;
}

void keyset_clear(struct keyset *s)
{
    if (s->cap)
        memset(s->slot, 0, s->cap * sizeof *s->slot);
    s->n = 0;
}
