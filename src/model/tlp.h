/* model/tlp.h — how far something may be passed on: the Traffic Light Protocol.
 *
 * What:   the five marks of TLP 2.0, and their names.
 * Input:  words of lists that others made; those of TLP 1.0 are read, too.
 * Limits: none.
 * Owner:  nothing to own.
 * Spec:   FIRST, Traffic Light Protocol 2.0; docs/reference/report.md "Who may see it"
 */
#ifndef MODEL_TLP_H
#define MODEL_TLP_H

#include "base/str.h"

/* Rising: of two marks the greater one is the stricter. */
enum tlp { TLP_UNKNOWN, TLP_CLEAR, TLP_GREEN, TLP_AMBER, TLP_AMBER_STRICT, TLP_RED };
enum { TLP_MARKS = TLP_RED + 1 };

/* "TLP:AMBER"; NULL for TLP_UNKNOWN. */
const char *tlp_name(enum tlp t);
/* "tlp:amber", as MISP and others tag; NULL as well. */
const char *tlp_tag(enum tlp t);
/* "amber", "TLP:AMBER", "tlp:white" (TLP 1.0's word for clear); false if it is none. */
bool tlp_parse(struct str s, enum tlp *ret);

static inline enum tlp tlp_stricter(enum tlp a, enum tlp b)
{
    return a > b ? a : b;
}

#endif
