/* exposure_stix.h — exposures in a STIX bundle.
 *
 * What:   each host, its product and each vulnerability once; a host *has* the vulnerability that
 *         it is exposed to. Of what is mitigated or not known no more than a note is said.
 * Input:  hostile texts; JSON is written by output/json_writer.h only.
 * Limits: those of output/stix.h.
 * Owner:  exposure_stix_open/exposure_stix_close; the bundle is the caller's.
 * Spec:   STIX 2.1; docs/reference/exposure.md "STIX"
 */
#ifndef OUTPUT_EXPOSURE_STIX_H
#define OUTPUT_EXPOSURE_STIX_H

#include "model/exposure.h"
#include "output/stix.h"

struct exposure_stix {
    struct stix *x;
    int64_t as_of_us; /* TIME_NONE: when the build was seen */
    bool remember;    /* hosts come in any order: all that is written is remembered */
    /* Its own: */
    struct buf tmp, host; /* host: the one at hand, by its key */
    char extension[STIX_ID_BYTES], infrastructure[STIX_ID_BYTES], software[STIX_ID_BYTES];
    char name[STIX_ID_BYTES]; /* of a bundle, made from all that was added so far */
};

/* Writes the extension that holds what an answer rests on. */
void exposure_stix_open(struct exposure_stix *u, struct stix *x, int64_t as_of_us, bool remember);
/* key: what the identifiers of its host are made of. */
void exposure_stix_add(struct exposure_stix *u, const struct exposure *e, struct str key);
void exposure_stix_close(struct exposure_stix *u);

#endif
