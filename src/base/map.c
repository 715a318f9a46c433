#include "base/map.h"

#include "base/hash.h"

#include <stdlib.h>
#include <sys/random.h>

static uint64_t seed(void)
{
    static uint64_t s;
    if (!s && getrandom(&s, sizeof s, GRND_NONBLOCK) != sizeof s)
        s = 0x51ed270b7a1c3f27u;
    return s | 1;
}

void map_init(struct map *m, struct arena *arena, size_t max_items)
{
    *m = (struct map){.arena = arena, .max = max_items};
}

void map_done(struct map *m)
{
    free(m->slot);
    m->slot = NULL;
    m->n = m->cap = 0;
}

static struct map_slot *find(const struct map *m, struct str key, uint64_t hash)
{
    size_t mask = m->cap - 1;
    for (size_t i = hash & mask;; i = (i + 1) & mask) {
        struct map_slot *s = &m->slot[i];
        if (!s->key.p || (s->hash == hash && str_eq(s->key, key)))
            return s;
    }
}

const uint32_t *map_get(const struct map *m, struct str key)
{
    if (!m->cap)
        return NULL;
    struct map_slot *s = find(m, key, hash64(key, seed()));
    return s->key.p ? &s->value : NULL;
}

static enum err rehash(struct map *m)
{
    struct map old = *m;
    m->cap = old.cap ? old.cap * 2 : 64;
    m->slot = calloc(m->cap, sizeof *m->slot);
    if (!m->slot) {
        *m = old;
        return ERR_NOMEM;
    }
    for (size_t i = 0; i < old.cap; i++)
        if (old.slot[i].key.p)
            *find(m, old.slot[i].key, old.slot[i].hash) = old.slot[i];
    free(old.slot);
    return OK;
}

static enum err slot_for(struct map *m, struct str key, struct map_slot **ret_slot, bool *ret_new)
{
    if (m->n * 4 >= m->cap * 3)
        TRY(rehash(m));
    uint64_t hash = hash64(key, seed());
    struct map_slot *s = find(m, key, hash);
    *ret_slot = s;
    *ret_new = !s->key.p;
    if (s->key.p)
        return OK;
    if (m->n >= m->max)
        return ERR_LIMIT;
    struct str copy = arena_str(m->arena, key);
    if (!copy.p)
        return ERR_NOMEM;
    *s = (struct map_slot){.key = copy, .hash = hash};
    m->n++;
    return OK;
}

enum err map_put(struct map *m, struct str key, uint32_t value)
{
    struct map_slot *s;
    bool is_new;
    TRY(slot_for(m, key, &s, &is_new));
    s->value = value;
    return OK;
}

enum err map_intern(struct map *m, struct str key, uint32_t *ret_id, bool *ret_new)
{
    struct map_slot *s;
    bool is_new;
    TRY(slot_for(m, key, &s, &is_new));
    if (is_new)
        s->value = (uint32_t)(m->n - 1);
    *ret_id = s->value;
    if (ret_new)
        *ret_new = is_new;
    return OK;
}
