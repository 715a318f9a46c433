/* scan/listing.h — all files to be examined, with containers and collections taken apart.
 *
 * What:   from the files of a tree to a list in which the members of archives are files of their
 *         own, each with its path on the host it was taken from, where that can be told. Archives
 *         and the lists of collectors are read by a worker in the sandbox; the coordinator looks at
 *         the first bytes of a file and no further.
 * Input:  hostile files; records of the worker are read with base/rd.h.
 * Limits: LIMIT_WALK_FILES listed files in all, LISTING_MEMBERS of them in archives;
 *         codec/container.h.
 * Owner:  the list and its texts live in the arena given; entry points into the tree.
 * Spec:   docs/adr/0014-containers-are-listed-then-swept.md
 */
#ifndef SCAN_LISTING_H
#define SCAN_LISTING_H

#include "base/time.h"
#include "os/errand.h"

struct listed {
    const struct io_entry *entry; /* the file of the tree that it is or lies in */
    uint32_t member; /* 0: the file itself; else container_member.ordinal + 1 within it */
    bool container;  /* it is one, its members follow; its bytes are not evidence by themselves */
    bool about;      /* a collector's own file: uploads.json, CopyLog, ... no evidence of a host */
    bool twin;       /* another member before it has the same path */
    bool hides;      /* skip, and perhaps there are files in it */
    struct str path; /* shown: entry->path, and for a member + "/" + its path */
    struct str original; /* on the host it was taken from; p == NULL: not known */
    struct str host;     /* as its collection or archive is called; p == NULL: not known */
    struct str skip;     /* p != NULL: it cannot be read, and why */
    uint64_t size_bytes; /* UINT64_MAX: not known */
    /* On the host, TIME_NONE if not known. Of plain files modified_us alone, from the file system.
     */
    int64_t created_us, modified_us, changed_us, accessed_us;
};

/* As it was called on its host, if that is known. */
static inline struct str listed_path(const struct listed *f)
{
    return f->original.p ? f->original : f->path;
}

/* When it came to be, or else was last written; TIME_NONE. */
static inline int64_t listed_time(const struct listed *f)
{
    return f->created_us != TIME_NONE ? f->created_us : f->modified_us;
}

struct listing {
    struct listed *file; /* in the order of the tree, members behind their container in its order */
    size_t n;
};

struct listing_calls {
    /* reasons: "limit", "damaged", "not-examined", "not-collected", "worker-died". May be NULL. */
    enum err (*gap)(void *ctx, const struct errand_gap *gap);
    void *ctx;
    const volatile sig_atomic_t *interrupted; /* may be NULL */
};

/* Entries of the tree with skip are listed with it, folders of archives are not listed. Gaps tell
 * what of a container is missing in the list: the sweep meets the same end and need not tell it
 * again. END when it was interrupted: the list holds what was found until then. */
MUST_CHECK enum err listing_make(struct arena *arena, const struct io_tree *tree,
                                 const struct listing_calls *calls, struct listing *ret_listing,
                                 struct error *error);

#endif
