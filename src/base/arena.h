/* arena.h — memory for one unit of work, given back all at once.
 *
 * What:   bump allocation in blocks, with a ceiling that hostile input cannot pass.
 * Input:  sizes may come from hostile input; overflow and ceiling are checked here.
 * Limits: the ceiling given to arena_init, in bytes.
 * Owner:  the arena owns what it hands out, until arena_reset or arena_done.
 * Spec:   docs/internals/BASE.md
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/err.h"
#include "base/str.h"

struct arena_block;
struct arena {
    struct arena_block *head;
    size_t used_bytes;
    size_t max_bytes;
    bool small; /* begins with small blocks */
};

void arena_init(struct arena *a, size_t max_bytes);
/* For memory of which there are thousands: blocks are as large as what is in use already. */
void arena_init_small(struct arena *a, size_t max_bytes);
/* Zeroed, aligned to 16; NULL when the ceiling or the machine's memory is reached. */
void *arena_alloc(struct arena *a, size_t size);
void *arena_array(struct arena *a, size_t count, size_t size);
/* A copy with a NUL behind it (not counted in n). p == NULL when out of memory. */
struct str arena_str(struct arena *a, struct str s);
/* Where it stands, and back to there: what was handed out since is given back. */
struct arena_mark {
    struct arena_block *head;
    size_t used, used_bytes;
};
struct arena_mark arena_mark(const struct arena *a);
void arena_back(struct arena *a, struct arena_mark mark);
/* Keeps the first block for the next unit of work. */
void arena_reset(struct arena *a);
void arena_done(struct arena *a);
/* What `from` handed out now belongs to `to`, whose ceiling grows by it; `from` is empty again. */
void arena_adopt(struct arena *to, struct arena *from);

#define arena_new(a, type) ((type *)arena_alloc((a), sizeof(type)))
#define arena_new_n(a, type, n) ((type *)arena_array((a), (n), sizeof(type)))

#endif
