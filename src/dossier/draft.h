/* dossier/draft.h — a dossier to begin with, from what posts say.
 *
 * What:   writes dossier.yaml and indicators.csv of a folder from alerts: their CVEs, products,
 *         aliases and indicators. Both are accepted as they are by "dossier lint" and "scan";
 *         "draft: true" sees to it that nothing of them decides.
 * Input:  alerts made of posts, hostile: each text is cut, made plain and quoted.
 * Limits: DRAFT_FILE_BYTES a file, DRAFT_LIST items in a list, DRAFT_TEXT_BYTES of a text.
 * Owner:  borrows the alerts; the result's texts live in the arena given.
 * Spec:   docs/reference/draft.md
 */
#ifndef DOSSIER_DRAFT_H
#define DOSSIER_DRAFT_H

#include "dossier/warning.h"
#include "model/alert.h"

enum {
    DRAFT_FILE_BYTES = 900 * 1000, /* below LIMIT_RULE_FILE_BYTES, with room for the end */
    DRAFT_LIST = 300,
    DRAFT_TEXT_BYTES = 400,
    DRAFT_VALUE_BYTES = 1000,
};

struct draft_options {
    const struct warnings *warnings; /* the user's own values included */
    struct str id;                   /* of the dossier; absent: made from the first alert */
};

struct draft_told {
    struct str id;
    size_t cves, products, indicators;
    size_t left_out; /* indicators that everybody uses, are not public, or are the user's own */
    size_t unusable; /* of no type or form that a log could hold */
    size_t too_many; /* did not fit */
};

/* Makes the folder if need be. A dossier that is there and is no draft is left alone (ERR_USAGE);
 * a draft is replaced. n >= 1. */
MUST_CHECK enum err dossier_draft(const struct alert *alerts, size_t n,
                                  const struct draft_options *options, struct str folder,
                                  struct arena *arena, struct draft_told *ret_told,
                                  struct error *error);

#endif
