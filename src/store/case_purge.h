/* store/case_purge.h — what may not be kept any longer goes, and the case says so.
 *
 * What:   takes bodies out of a case, or a person's name out of all bodies, in every version. The
 *         chain still holds: what was purged is listed, and an object of the case says how much,
 *         when, by whom and why, with a digest of that list. The bytes are gone from the file.
 * Input:  what the user asks for.
 * Limits: those of store/case.h. What a later scan tells again comes back.
 * Owner:  texts are borrowed.
 * Spec:   docs/reference/case.md "Purging"
 */
#ifndef STORE_CASE_PURGE_H
#define STORE_CASE_PURGE_H

#include "base/buf.h"
#include "model/answer.h"
#include "store/case.h"

struct case_purged {
    uint64_t versions, items, runs; /* runs: whose arguments held the name */
    char digest[2 * SHA256_BYTES + 1];
};

struct case_purge {
    int64_t before_us;      /* findings, episodes, alerts and evidence older than this; TIME_NONE */
    struct str source;      /* what was found in the file of that SHA-256, and the file; absent */
    struct str_list person; /* spellings of a name, to be masked everywhere */
    struct case_run run;    /* as which it is kept; what is purged must not stand in it */
    /* Writes the object that says so; NULL: it is only counted. */
    void (*say)(void *ctx, const struct case_purged *purged, struct buf *line);
    void *ctx;
};

/* ERR_AGAIN: it is done, but others have the file open, and its log holds the bytes until they
 * close it and it is called again. */
MUST_CHECK enum err case_purge(struct case_store *c, const struct case_purge *what,
                               struct case_purged *ret, struct error *error);

#endif
