/* report/groups.h — known groups, ranked by how far the case and the user fit what is known of
 * them.
 *
 * What:   five questions (product, techniques, sector, country, how recent), each with a value from
 * 0 to 1, its weight and its reason. What is not known counts as neither for nor against. The
 *         result says "behaviour consistent with", never who it was.
 * Input:  own data and dossiers; the facts of a report; the user's profile.
 * Limits: GROUPS_SHOWN.
 * Owner:  everything lives in the arena given.
 * Spec:   docs/reference/advice.md "Groups"
 */
#ifndef REPORT_GROUPS_H
#define REPORT_GROUPS_H

#include "base/arena.h"
#include "model/actor.h"
#include "model/report.h"
#include "report/facts.h"

enum { GROUPS_SHOWN = 10 };

/* What the case and the user say; an empty list, and a year of 0, is not known. */
struct group_case {
    struct str_list tried;    /* CVEs that were tried, stand open, or are talked about */
    struct str_list cves;     /* all of the affairs whose product is there */
    struct str_list products; /* "Exchange Server 2016" */
    struct str_list techniques;
    struct str_list sectors;
    struct str country;
    unsigned year;
};

MUST_CHECK enum err group_weigh(struct arena *arena, const struct actor_profile *actor,
                                const struct group_case *c, struct actor_rank *ret);
/* Fills r->actor, the best fit first. */
MUST_CHECK enum err groups_rank(struct report *r, const struct facts *f, struct arena *arena,
                                struct error *error);

#endif
