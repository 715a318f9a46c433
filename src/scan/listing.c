#include "scan/listing.h"
#include "base/time.h"
enum err listing_make(struct arena *arena, const struct io_tree *tree,
                      const struct listing_calls *calls, struct listing *l, struct error *error)
{
    (void)calls;
    (void)error;
    l->file = arena_new_n(arena, struct listed, tree->n + 1);
    for (size_t i = 0; i < tree->n; i++) {
        const struct io_entry *e = &tree->entry[i];
        l->file[l->n++] = (struct listed){.entry = e,
                                          .path = e->path,
                                          .skip = e->skip,
                                          .hides = e->hides,
                                          .size_bytes = e->size_bytes,
                                          .created_us = TIME_NONE,
                                          .changed_us = TIME_NONE,
                                          .accessed_us = TIME_NONE,
                                          .modified_us = (int64_t)(e->mtime_ns / 1000)};
    }
    return OK;
}
