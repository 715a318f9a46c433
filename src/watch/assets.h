/* assets.h — what the user runs, and whether a subject concerns it.
 *
 * What:   reads tables (CSV), lists of CPE names, lists of words and CycloneDX documents, told by
 *         their content; finds the assets of a product, a vendor or any name.
 * Input:  files of the user's, which other programs have filled: treated as hostile.
 * Limits: ASSETS_FILE_BYTES a file, ASSETS_MAX assets, ASSETS_MATCH_MAX told of one subject.
 * Owner:  the arena given to assets_init; texts of the files are copied.
 * Spec:   docs/reference/assets.md
 */
#ifndef WATCH_ASSETS_H
#define WATCH_ASSETS_H

#include "base/map.h"
#include "base/vec.h"
#include "model/answer.h"
#include "model/subject.h"
#include "watch/words.h"

enum {
    ASSETS_FILE_BYTES = 32 * 1024 * 1024,
    ASSETS_MAX = 500 * 1000,
    ASSETS_MATCH_MAX = 200,
};

struct asset {
    struct str customer; /* "" if none is named */
    struct str label;    /* as people know it: the host, else the product */
    struct str vendor, product, version;
};

struct asset_link;
struct assets {
    struct arena *arena;
    struct words words; /* data/product-words.txt */
    VEC(struct asset) asset;
    VEC(struct asset_link) link;
    struct map key;     /* what a name can be looked up by -> the last of its links + 1 */
    struct map vendors; /* their numbers */
    size_t left_out;    /* rows that named nothing */
};

/* The arena must outlive the assets. */
MUST_CHECK enum err assets_init(struct arena *arena, struct assets *ret_assets,
                                struct error *error);
void assets_done(struct assets *a);
/* Adds those of one file's text; name is for messages and ends with a NUL. ERR_FORMAT with the
 * reason if it is none of the forms; what was added before stays. */
MUST_CHECK enum err assets_add(struct assets *a, struct str text, struct str name,
                               struct error *error);
/* The same for a file. */
MUST_CHECK enum err assets_load(struct assets *a, struct str path, struct error *error);

/* What is asked. The other names count as much as the first: aliases of a product, or the products
 * that a CVE is in. */
struct asset_question {
    enum subject_kind kind;
    struct str name, vendor;       /* vendor may be absent */
    const struct str_list *others; /* may be NULL */
};

struct asset_match {
    struct str customer;    /* several are joined by ", "; p == NULL: no asset is concerned */
    struct str_list labels; /* each once, in the order of the files */
    size_t n;               /* assets concerned, labels beyond ASSETS_MATCH_MAX included */
};

/* Cheap: a few look-ups. */
bool assets_concerned(const struct assets *a, const struct asset_question *q);
/* Texts of the answer live in the arena given. */
MUST_CHECK enum err assets_match(const struct assets *a, const struct asset_question *q,
                                 struct arena *arena, struct asset_match *ret_match);

#endif
