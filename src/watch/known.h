/* known.h — what is known of a CVE: how likely it is to be exploited, since when it is listed.
 *
 * What:   scores of EPSS (FIRST's CSV) and listings of known exploited vulnerabilities (CISA's JSON
 *         and CSV), or any table with a CVE and a date, looked up by CVE.
 * Input:  files of others, treated as hostile; what they are is told by their content.
 * Limits: KNOWN_FILE_BYTES a file once unpacked, KNOWN_MAX CVEs of 24 bytes each.
 * Owner:  known_done frees.
 * Spec:   docs/reference/known.md
 */
#ifndef WATCH_KNOWN_H
#define WATCH_KNOWN_H

#include "base/vec.h"
#include "model/alert.h"

enum { KNOWN_FILE_BYTES = 128 * 1024 * 1024, KNOWN_MAX = 2 * 1000 * 1000 };

struct known_cve {
    uint64_t cve;   /* year and number */
    double epss;    /* NAN: not known */
    int64_t kev_us; /* TIME_NONE: not listed */
};

struct known {
    VEC(struct known_cve) list; /* in order */
    size_t left_out;            /* rows that name no CVE, no date, or no score between 0 and 1 */
};

/* Adds a file's text; of two rows for the same CVE the later score and the earlier date count. name
 * is for messages and ends with a NUL. ERR_FORMAT if it is none of the forms. */
MUST_CHECK enum err known_add(struct known *k, struct str text, struct str name,
                              struct error *error);
/* The same for a file, also packed (gz, zst, xz). */
MUST_CHECK enum err known_load(struct known *k, struct str path, struct error *error);
void known_done(struct known *k);

/* NULL if nothing is known. */
const struct known_cve *known_find(const struct known *k, struct str cve);
/* Fills epss and kev_us of an alert about a CVE. */
void known_fill(const struct known *k, struct alert *alert);

#endif
