/* technique.h — what techniques of ATT&CK are called.
 *
 * What:   the names of those that the shipped rules and the known actors of their affairs use.
 * Input:  ids from rules and posts.
 * Limits: the table; a technique that is not in it is called by its id.
 * Owner:  constants.
 * Spec:   ATT&CK, Enterprise, version 18. Names (c) The MITRE Corporation, reproduced and
 *         distributed with its permission.
 */
#ifndef OUTPUT_TECHNIQUE_H
#define OUTPUT_TECHNIQUE_H

#include "base/buf.h"

/* "Web Shell" for "T1505.003"; NULL if it is not in the table. */
const char *technique_name(struct str id);
/* Is it written as ATT&CK numbers them? */
bool technique_ok(struct str id);
/* Its page: "https://attack.mitre.org/techniques/T1505/003/". */
void technique_url(struct buf *b, struct str id);

#endif
