/* exposure/kev.h — CISA's list of known exploited vulnerabilities, laid beside the tables.
 *
 * What:   when a CVE was listed, until when agencies had to act, whether blackmailers use it.
 * Input:  the list as JSON; treated as hostile.
 * Limits: KEV_BYTES.
 * Owner:  what is kept of the text lives in the arena given.
 * Spec:   https://www.cisa.gov/known-exploited-vulnerabilities-catalog
 */
#ifndef EXPOSURE_KEV_H
#define EXPOSURE_KEV_H

#include "exposure/tables.h"

enum { KEV_BYTES = 64 * 1024 * 1024 };

/* An exploited CVE of a product that a catalogue knows, in no table: nobody answers for it. */
struct kev_lack {
    struct str cve, name; /* of the product, as the list calls it */
    const struct table_product *product;
    int64_t added_us;
};

struct kev_told {
    size_t entries;
    size_t left_out; /* without a CVE or a date */
    size_t foreign;  /* of products that no catalogue knows */
    struct kev_lack *lack;
    size_t n_lacks;
};

/* Its entries replace what the dossiers say. name is for messages and ends with a NUL. ERR_FORMAT
 * if it is no such list. */
MUST_CHECK enum err kev_add(struct tables *t, struct str text, struct str name, struct arena *arena,
                            struct kev_told *ret_told, struct error *error);

#endif
