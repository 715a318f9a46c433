/* output/veiled.h — what stands in a report beside findings, as it may leave the house.
 *
 * What:   copies under the veil (output/veil.h): hosts by number; files, sentences, people, sites
 *         and owners absent; products, builds, times, counts and what is public as they are.
 * Input:  parts of a report whose texts come from hostile logs and posts.
 * Limits: none of its own.
 * Owner:  texts live as long as the veil and the report; lists of an alert until the next part.
 * Spec:   docs/reference/report.md "What may leave the house"
 */
#ifndef OUTPUT_VEILED_H
#define OUTPUT_VEILED_H

#include "output/veil.h"

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
