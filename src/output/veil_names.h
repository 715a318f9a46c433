/* output/veil_names.h — does a text that is harmless by its kind name somebody of the victim?
 *
 * What:   a path, a user agent or a title may hold a mailbox, DOMAIN\user, a SID, an internal
 *         address, or the name of a host of the case or of its domain.
 * Input:  texts from hostile logs, percent-encoded perhaps more than once.
 * Limits: hosts that the veil has not met are not known to it.
 * Owner:  nothing is kept.
 * Spec:   docs/reference/report.md "What may leave the house"
 */
#ifndef OUTPUT_VEIL_NAMES_H
#define OUTPUT_VEIL_NAMES_H

#include "output/veil.h"

bool veil_names(struct veil *v, struct str text);
/* Of a title besides: a word of it looks like a domain. */
bool veil_names_in_title(struct veil *v, struct str title);
/* Of a path besides: it is no path of one's own, or a part of it looks like a domain. */
bool veil_names_in_path(struct veil *v, struct str path);

#endif
