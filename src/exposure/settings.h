/* exposure/settings.h — what the configuration of a host makes of it: settings that fixes need, and
 * mitigations.
 *
 * What:   compares what stands in configuration (OBSERVED_CONFIG) with the rows of settings.csv,
 *         and adds what follows to the host as OBSERVED_SETTING and OBSERVED_MITIGATION.
 * Input:  observations from hostile files. `what` of each is one of the words below and its
 *         parts, with '|' between them; the last part may hold any byte.
 *           token-checking|PATH|VALUE     extended protection of a virtual directory: None, Allow,
 *                                         Require; what it inherits if it has none of its own
 *           rules|SITE                    the file says which rewrite rules the site has
 *           block|SITE|NAME|INPUT PATTERN one that turns requests away
 *           clear|PATH, remove|PATH|NAME  a directory below does not inherit them, or that one
 *           pool|NAME|auto, pool|NAME|off an application pool, and whether it starts by itself
 * Limits: those of the fleet.
 * Owner:  the fleet's.
 * Spec:   docs/explain/how-exposure-decides.md, "What comes on top"
 */
#ifndef EXPOSURE_SETTINGS_H
#define EXPOSURE_SETTINGS_H

#include "exposure/fleet.h"

/* Of one host, after its last observation. */
MUST_CHECK enum err settings_settle(struct fleet *f, struct host *h);

#endif
