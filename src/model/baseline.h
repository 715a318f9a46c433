/* model/baseline.h — is this file one that the product ships?
 *
 * What:   paths and SHA-256 of shipped files, and the folders in which no other script may lie;
 *         one question a file. A path is known by its tail, whatever stands before it.
 * Input:  rows of baseline.csv and folders.csv, which users write as well; paths of evidence, hence
 *         hostile, with "/" or "\", in any case.
 * Limits: BASELINE_DEPTH names of a path are looked at, counted from its end.
 * Owner:  lives in the arena given, and keeps the texts of the rows.
 * Spec:   docs/reference/baseline.md
 */
#ifndef MODEL_BASELINE_H
#define MODEL_BASELINE_H

#include "model/dossier.h"

enum { BASELINE_DEPTH = 24 };

enum baseline_state {
    BASELINE_NOT_COVERED,   /* neither the path nor its folder is known */
    BASELINE_SHIPPED,       /* path and hash are known, see other_build */
    BASELINE_ALTERED,       /* the path is known, and its hash is none of the known ones */
    BASELINE_UNKNOWN_BUILD, /* the same, but nothing is known of the host's build (it is newer than
                             * all that is): compare among servers (scan/odd_one.h) */
    BASELINE_UNLISTED_NAME, /* nothing of that name is shipped in that folder */
};
/* "not-covered", "shipped", "altered", "unknown-build", "unlisted-name" */
const char *baseline_state_name(enum baseline_state state);

struct baseline_answer {
    enum baseline_state state;
    bool other_build;  /* shipped, but not with the host's build: see first and last */
    bool newer_build;  /* the host's build is newer than any that the baseline knows, or of another
                        * line: an unlisted name may be new, and needs a second sign */
    bool no_build;     /* altered, but the host's build is not known: it may be a newer one */
    size_t n_hashes;   /* that are known for the path */
    struct str path;   /* as the baseline writes it, or the folder's; p == NULL: not covered */
    struct str source; /* who says so */
    struct build first, last; /* the builds with that hash, or of all hashes of the path; parts of
                               * -1: not said */
    struct str elsewhere;     /* altered or unlisted: the same bytes are shipped as this path */
};

struct baseline;

/* Rows of dossiers first, then the user's own; later ones add to earlier ones. */
struct baseline_rows {
    const struct shipped_file *file;
    size_t n_files;
    const struct covered_folder *folder;
    size_t n_folders;
};
MUST_CHECK enum err baseline_build(struct arena *arena, const struct baseline_rows *rows, size_t n,
                                   struct baseline **ret_baseline);
/* build may be NULL or partly unknown (parts of -1). sha256: 32 bytes; NULL: only the name is
 * asked about, and a known one is "shipped". */
void baseline_ask(const struct baseline *b, struct str path, const unsigned char *sha256,
                  const struct build *build, struct baseline_answer *ret_answer);
/* The part of a path from the first folder on that the baseline knows something below
 * ("FrontEnd\HttpProxy\owa\auth\x.aspx"), as a slice of it; p == NULL if there is none. */
struct str baseline_tail(const struct baseline *b, struct str path);
size_t baseline_count(const struct baseline *b);

#endif
