/* map.h — from text to a small number.
 *
 * What:   open addressing, grows by doubling; keys are copied into the map's arena.
 * Input:  hostile keys: the hash is seeded per process.
 * Limits: max_items, and the arena given.
 * Owner:  the caller owns the arena; map_done frees the table only.
 * Spec:   docs/internals/BASE.md
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include "base/arena.h"

struct map_slot {
    struct str key;
    uint64_t hash;
    uint32_t value;
};

struct map {
    struct arena *arena;
    struct map_slot *slot;
    size_t n, cap, max;
};

void map_init(struct map *m, struct arena *arena, size_t max_items);
void map_done(struct map *m);
/* NULL if absent. */
const uint32_t *map_get(const struct map *m, struct str key);
/* Sets a new key or overwrites an old one. */
MUST_CHECK enum err map_put(struct map *m, struct str key, uint32_t value);
/* The number of a key, given on first sight in order 0, 1, 2, ...; ret_new may be NULL. */
MUST_CHECK enum err map_intern(struct map *m, struct str key, uint32_t *ret_id, bool *ret_new);

#endif
