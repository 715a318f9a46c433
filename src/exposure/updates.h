/* exposure/updates.h — what to install: the cumulative update, then the security update.
 *
 * What:   from the builds that the tables know as of a day: if the host's own line got the newest
 *         update of its product, that; else the newest line first. A product that gets none any
 *         more has none to recommend.
 * Input:  tables that users may write.
 * Limits: none of its own.
 * Owner:  texts are those of the tables.
 * Spec:   docs/explain/how-exposure-decides.md
 */
#ifndef EXPOSURE_UPDATES_H
#define EXPOSURE_UPDATES_H

#include "exposure/tables.h"

/* Fills first, then and advice, which start absent; p may be NULL. now_us: of the question. */
void update_find(const struct table_product *p, const struct build *b, int64_t now_us,
                 struct exposure_update *ret);

#endif
