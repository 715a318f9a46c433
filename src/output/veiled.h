/* output/veiled.h — the parts of a report as they may leave the house.
 *
 * What:   copies under the veil (output/veil.h): hosts by number; files, sentences, people, sites
 *         and owners absent; products, builds, times, counts and what is public as they are.
 * Input:  parts of a report whose texts come from hostile logs and posts.
 * Limits: as many notes as the report has.
 * Owner:  said_init/said_done. Texts live as long as the veil and the report; those of a finding
 *         and lists of an alert or an episode until the next part.
 * Spec:   docs/reference/report.md "What may leave the house"
 */
#ifndef OUTPUT_VEILED_H
#define OUTPUT_VEILED_H

#include "output/veil.h"

/* What analysts said of findings: of each the last note that has a state. */
struct said {
    const struct report *report;
    struct arena arena;
    struct map at;
};
MUST_CHECK enum err said_init(struct said *s, const struct report *report);
void said_done(struct said *s);
/* NULL if nothing was said. */
const struct note *said_of(const struct said *s, const struct finding *f);

/* As veil_finding, and its note is what an analyst said last: "false-positive". */
struct finding veiled_finding(struct veil *v, const struct said *s, const struct finding *f);
struct verdict veiled_verdict(struct veil *v, const struct verdict *x);
struct coverage veiled_coverage(struct veil *v, const struct coverage *c);
struct gap veiled_gap(struct veil *v, const struct gap *g);
struct evidence_file veiled_evidence(struct veil *v, const struct evidence_file *e);
struct episode veiled_episode(struct veil *v, const struct episode *e);
struct exposure veiled_exposure(struct veil *v, const struct exposure *e);
/* Of a site or an owner: no name is left, so that there is nothing to tell. */
bool veiled_share(const struct veil *v, const struct exposure_share *s);
struct exposure_window veiled_window(struct veil *v, const struct exposure_window *x);
struct exposure_update veiled_update(struct veil *v, const struct exposure_update *u);
struct alert veiled_alert(struct veil *v, const struct alert *a);
/* The message of a kind that this program does not compose of harmless words is its kind. */
struct event veiled_event(struct veil *v, const struct event *e);
/* Who and why are absent; so is what it is about where that is neither an id nor a host. */
struct note veiled_note(struct veil *v, const struct note *n);

#endif
