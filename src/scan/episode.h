/* episode.h — the stages of one attack on one host, put together.
 *
 * What:   findings of one host and dossier that belong together, in order of time, and those of no
 *         dossier of the same days.
 * Input:  weighed signs; names in them come from hostile logs.
 * Limits: EPISODE_*; work is that of sorting.
 * Owner:  everything lives in the arena given; findings are borrowed.
 * Spec:   docs/internals/VERDICT.md, "Episodes"
 */
#ifndef SCAN_EPISODE_H
#define SCAN_EPISODE_H

#include "scan/judge.h"

enum {
    EPISODE_NAMES = 32,        /* of each sort, in one episode */
    EPISODE_GAP_HOURS = 24,    /* between two stages that share nothing but the host */
    EPISODE_IDENTITY_DAYS = 30 /* between two stages of the same client, user, session or target */
};

/* sign[i] is what finding[i] was made of; both in the order in which findings are printed. */
MUST_CHECK enum err episodes_find(struct arena *arena, struct sign *const *sign,
                                  const struct finding *finding, size_t n,
                                  struct episode **ret_episodes, size_t *ret_n);

#endif
