/* names.h — numbers for sites and subjects, the same in every run on one state.
 *
 * What:   from a name to its number and back; new names are added to the store.
 * Input:  names from hostile posts.
 * Limits: CHATTER_NAMES of each; a further one is ERR_LIMIT.
 * Owner:  names_init/names_done; names live as long as the arena given.
 * Spec:   docs/internals/WATCH.md
 */
#ifndef WATCH_NAMES_H
#define WATCH_NAMES_H

#include "base/buf.h"
#include "base/map.h"
#include "base/vec.h"
#include "store/chatter.h"

struct name {
    struct str text;
    enum subject_kind kind; /* of a subject */
    bool introduced;        /* to the detectors, in this run */
};

struct names {
    struct chatter *store;
    struct arena *arena;
    bool subjects; /* else sites */
    struct map map;
    VEC(struct name) list;
    struct buf key;
};

/* Loads what the store has. */
MUST_CHECK enum err names_init(struct names *n, struct chatter *store, struct arena *arena,
                               bool subjects, struct error *error);
void names_done(struct names *n);
/* Does it have a number? kind is ignored for sites. */
bool names_has(struct names *n, enum subject_kind kind, struct str name);
MUST_CHECK enum err names_number(struct names *n, enum subject_kind kind, struct str name,
                                 uint32_t *ret_number, bool *ret_new, struct error *error);

#endif
