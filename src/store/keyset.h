/* keyset.h — keys that are to be kept, gathered before they are written.
 *
 * What:   a set of keys, each with a day. Written in order they cost a fraction of what they do one
 *         by one as they come: a key is a hash, and each would go to another page of the file.
 * Input:  hashes of posts.
 * Limits: KEYSET_MAX; then the caller writes them and clears the set.
 * Owner:  keyset_done frees it; zeroed memory is an empty set.
 * Spec:   docs/internals/STORE.md
 */
#ifndef STORE_KEYSET_H
#define STORE_KEYSET_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { KEYSET_MAX = 1 << 20 };

struct keyset_item {
    uint64_t key;
    int32_t day;
    bool used;
};

struct keyset {
    struct keyset_item *slot;
    size_t n, cap;
};

void keyset_done(struct keyset *s);
bool keyset_has(const struct keyset *s, uint64_t key);
/* A key that it does not have yet. */
MUST_CHECK enum err keyset_add(struct keyset *s, uint64_t key, int32_t day);
/* The keys in their order as signed numbers, until the next call but keyset_clear: what is kept
 * moves to the front. */
const struct keyset_item *keyset_sorted(struct keyset *s);
void keyset_clear(struct keyset *s);

#endif
