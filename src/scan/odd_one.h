/* odd_one.h — of servers that should be alike, the one that has another file.
 *
 * What:   compares scripts and programs below web folders between hosts of the same build (where a
 *         build is not known: all those without one that have the same folder), and tells those
 *         that one host alone has, or that differ where the others agree.
 * Input:  facts about hostile files; paths in any case, with "/" or "\".
 * Limits: none but the arena. n log n in the number of files; of one path, its files times its
 *         hosts.
 * Owner:  the result lives in the arena given.
 * Spec:   docs/reference/baseline.md
 */
#ifndef SCAN_ODD_ONE_H
#define SCAN_ODD_ONE_H

#include "model/dossier.h"

/* Only files that are to be compared: scripts and programs below web roots. */
struct odd_file {
    struct str tail; /* the part of the path that all hosts share: baseline_tail() */
    unsigned char sha256[32];
    uint32_t host; /* index */
};

struct odd_host {
    struct str name;
    struct build build; /* parts of -1: not known */
};

enum odd_kind {
    ODD_ALONE,   /* others have the folder, and not the file */
    ODD_DIFFERS, /* others have the file, and agree on other bytes */
};

enum { ODD_LISTED = 16 };

struct odd_one {
    enum odd_kind kind;
    bool weak;             /* one other host says so, or the others do not clearly outnumber it */
    uint32_t file;         /* index into the files given */
    uint32_t host;         /* its host */
    uint32_t twins;        /* other hosts that have the same bytes at that path */
    uint32_t n_agree;      /* hosts without the file, or those that agree on other bytes */
    const uint32_t *agree; /* the first of them by index, ODD_LISTED at most */
    size_t n_listed;
    unsigned char agreed[32]; /* SHA-256 that they agree on; ODD_DIFFERS only */
};

/* In order of host, then path. A host that has a path several times (copies, snapshots) counts
 * with all of its hashes: it differs if none of them is what the others agree on. Where all of
 * three or more differ from each other (a file that each server makes for itself), nobody does. */
MUST_CHECK enum err odd_one_find(struct arena *arena, const struct odd_host *host, size_t n_hosts,
                                 const struct odd_file *file, size_t n_files,
                                 struct odd_one **ret_odd, size_t *ret_n);

#endif
