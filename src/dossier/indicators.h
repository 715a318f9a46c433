/* indicators.h — lists of indicators in the formats that people exchange them in.
 *
 * What:   CSV, plain lists, STIX 2.1 bundles and MISP events become struct indicator. The content
 *         decides which format it is, the file name does not.
 * Input:  hostile: feeds come from others. Spellings that keep links from working (hxxp, [.]) are
 *         undone. What cannot be used, or would match nearly everything, becomes a problem with
 *         its line and reason; nothing is dropped in silence.
 * Limits: INDICATORS_MAX indicators, INDICATORS_MAX_PROBLEMS problems (the rest is counted), the
 *         arena.
 * Owner:  everything lives in the arena given.
 * Spec:   docs/reference/indicators.md; STIX 2.1 part 9 (patterning), MISP core format.
 */
#ifndef DOSSIER_INDICATORS_H
#define DOSSIER_INDICATORS_H

#include "dossier/load.h"

enum { INDICATORS_MAX = 4 * 1000 * 1000, INDICATORS_MAX_PROBLEMS = 1000 };

/* name: of the file, for problems and as the source of indicators that name none. The order is
 * that of the text. Fails only when memory runs out or there are too many: an unreadable text is
 * a problem. *ret_format (may be NULL): "csv", "plain", "stix", "misp", or "" if none. */
MUST_CHECK enum err indicators_load(struct arena *arena, struct str text, struct str name,
                                    struct indicator **ret, size_t *ret_n,
                                    struct dossier_problem **ret_problems, size_t *ret_n_problems,
                                    const char **ret_format);

#endif
