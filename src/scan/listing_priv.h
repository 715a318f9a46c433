/* scan/listing_priv.h — what the two sides of the listing share.
 *
 * What:   the records that the worker tells the coordinator, and what is put together from them.
 * Input:  records come from a worker that hostile input may have taken over.
 * Limits: LISTING_*
 * Owner:  private to scan/listing*.c; all texts live in the listing's arena.
 * Spec:   docs/internals/SCAN.md, "Listing"
 */
#ifndef SCAN_LISTING_PRIV_H
#define SCAN_LISTING_PRIV_H

#include "base/map.h"
#include "base/vec.h"
#include "codec/collection.h"
#include "codec/container.h"
#include "scan/listing.h"

enum {
    LISTING_TEXT_BYTES = 4096, /* of a path or reason in a record */
    LISTING_MEMBERS =
        150 * 1000,              /* of all archives of a run: each costs a kilobyte until its end */
    LISTING_FACTS = 1000 * 1000, /* what lists of collectors tell, of all files */
    LISTING_TOLD_SKIPS = 1000,   /* gaps of one list, one by one */
};

enum listing_record {
    LISTING_CONTAINER, /* the file is one */
    LISTING_MEMBER,
    LISTING_LIST, /* a collector's list; what it tells follows */
    LISTING_FACT,
    LISTING_GAP,
};
enum listing_flag { LISTING_HAS_MEMBERS = 1, LISTING_LINK = 2 };

/* In the worker. */
MUST_CHECK enum err listing_read(void *ctx, struct errand_out *out, struct str name, int file,
                                 struct error *error);

/* A folder with lists of a collector in it. */
struct listing_root {
    struct str folder;          /* "" or ending in a slash */
    struct str host;            /* p == NULL: not told */
    bool velociraptor, uploads; /* uploads: there is a list of what was copied */
};

struct listing_list {
    struct str path;
    uint32_t root;
    enum collection_file what;
};

struct listing_fact {
    uint32_t list;
    enum collection_tells tells;
    struct str original, why;
    bool twin, seen;
    int64_t created_us, modified_us, accessed_us;
};

/* One file that the worker is asked about, and its members among all of them. */
struct listing_asked {
    const struct io_entry *entry;
    size_t from, n;
    bool container;
};

struct listing_making {
    struct arena *arena;
    const struct io_tree *tree;
    const struct listing_calls *calls;
    struct listing_asked *asked; /* in the order of the tree */
    struct io_tree sub;          /* their entries */
    size_t at;                   /* which is being told about */
    VEC(struct listed) member;
    VEC(struct listing_list) list;
    VEC(struct listing_root) root;
    VEC(struct listing_fact) fact;
    struct map root_of;    /* by folder */
    struct map fact_of;    /* by root and path on the host, small letters: what was copied */
    bool full, facts_full; /* and told */
};

MUST_CHECK enum err listing_tell(struct listing_making *m, struct str file, uint64_t offset,
                                 struct str reason, struct str detail);
/* In the coordinator: one record (listing_take.c). */
MUST_CHECK enum err listing_take(void *ctx, struct str file, struct rd *r);
/* Which collection's files lie in which folder, and what was copied (listing_place.c). */
MUST_CHECK enum err listing_know(struct listing_making *m);
/* Fills in original path, host, times and whether it is a collector's own. own: where in its path
 * the evidence's part begins. */
MUST_CHECK enum err listing_place(struct listing_making *m, struct listed *f, size_t own);
/* What collectors did not copy, or say that they copied and is not there. */
MUST_CHECK enum err listing_missing(struct listing_making *m);

#endif
