/* exposure/decide.h — is a build open to a CVE?
 *
 * What:   one build, as exactly as its source shows it, against the fixes of one CVE. Nothing else
 *         is looked at: settings, mitigations and other sources come on top (host.h).
 * Input:  builds as hostile files tell them.
 * Limits: none of its own.
 * Owner:  answers point into the tables.
 * Spec:   docs/explain/how-exposure-decides.md
 */
#ifndef EXPOSURE_DECIDE_H
#define EXPOSURE_DECIDE_H

#include "exposure/tables.h"

/* Why an answer is what it is; decide_why says it in words. */
enum why {
    WHY_NOT_NAMED,     /* the product has no row of the CVE and was in support: no answer at all */
    WHY_UNSUPPORTED,   /* out of support when the CVE was published: nobody looked */
    WHY_UNKNOWN_BUILD, /* no product has it */
    WHY_NO_BUILD,      /* only the product is known */
    WHY_NO_RELEASE,    /* three numbers that no release has: a date, or one that the tables lack */
    WHY_COARSE,        /* the update decides, and the source does not show it */
    WHY_BORN_FIXED,    /* the product was released with it */
    WHY_NOT_YET,       /* the hole came with a later version */
    WHY_LATER_LINE,    /* later than the newest fix */
    WHY_INHERITED,     /* its line began after an earlier line got the fix */
    WHY_HAS_FIX,       /* at or above the first fixed build of its line */
    WHY_BELOW_FIX,     /* below it */
    WHY_LINE_NO_FIX,   /* its line never got one */
    WHYS,
};

struct decision {
    enum exposure_state state; /* EXPOSED, UNKNOWN, FIXED or FIXED_IF_CONFIGURED */
    enum why why;
    const struct fix *fix; /* that holds, or is lacking; may be NULL */
};

/* p: as tables_by_build or tables_by_name found it; NULL if neither did. */
struct decision decide_build(const struct tables *t, const struct table_product *p,
                             const struct build *b, enum precision precision, uint32_t cve);
/* A sentence without full stop, for `because`. */
void decide_why(struct buf *out, const struct tables *t, const struct table_product *p,
                const struct build *b, enum precision precision, const struct decision *d);
/* The setting that must be right besides the build; p == NULL: none. */
struct str fix_needs(const struct fix *fix);

#endif
