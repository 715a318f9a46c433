/* report/read.h — objects of a case, back in the form in which they were printed.
 *
 * What:   the JSON object of a finding, a verdict, an alert and so on becomes the struct that its
 *         writer was given: what a report works with.
 * Input:  a parsed object; one of another version may lack members, which then are absent, zero or
 *         TIME_NONE, as the struct says; a word that is not known becomes the first of its kind.
 * Limits: those of the arena.
 * Owner:  everything points into the arena of the tree or into the one given.
 * Spec:   docs/reference/schema/
 */
#ifndef REPORT_READ_H
#define REPORT_READ_H

#include "base/arena.h"
#include "model/node.h"
#include "model/report.h"

/* All return OK or ERR_NOMEM. */
MUST_CHECK enum err read_finding(struct arena *a, const struct node *body, struct finding *ret);
MUST_CHECK enum err read_coverage(struct arena *a, const struct node *body, struct coverage *ret);
MUST_CHECK enum err read_gap(struct arena *a, const struct node *body, struct gap *ret);
MUST_CHECK enum err read_verdict(struct arena *a, const struct node *body, struct verdict *ret);
MUST_CHECK enum err read_evidence(struct arena *a, const struct node *body,
                                  struct evidence_file *ret);
MUST_CHECK enum err read_exposure(struct arena *a, const struct node *body, struct exposure *ret);
MUST_CHECK enum err read_window(struct arena *a, const struct node *body,
                                struct exposure_window *ret);
/* part: NULL if it is none that is known. */
MUST_CHECK enum err read_share(struct arena *a, const struct node *body,
                               struct exposure_share *ret);
MUST_CHECK enum err read_update(struct arena *a, const struct node *body,
                                struct exposure_update *ret);
MUST_CHECK enum err read_alert(struct arena *a, const struct node *body, struct alert *ret);
MUST_CHECK enum err read_chatter(struct arena *a, const struct node *body,
                                 struct chatter_course *ret);
MUST_CHECK enum err read_note(struct arena *a, const struct node *body, struct note *ret);
/* An episode without its findings; ret_ids: theirs, in order. */
MUST_CHECK enum err read_episode(struct arena *a, const struct node *body, struct episode *ret,
                                 struct str_list *ret_ids);

#endif
