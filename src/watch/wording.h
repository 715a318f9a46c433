/* wording.h — which kinds of phrases a text has: "in the wild", "zero-day", ...
 *
 * What:   the phrases of data/wording.tsv, looked for all at once.
 * Input:  hostile texts; the phrases are this program's.
 * Limits: WORDING_GROUPS groups, WORDING_PHRASES phrases.
 * Owner:  wording_load/wording_done.
 * Spec:   docs/explain/how-backtest-judges.md, "Wording"
 */
#ifndef WATCH_WORDING_H
#define WATCH_WORDING_H

#include "base/arena.h"
#include "match/lit.h"

enum { WORDING_GROUPS = 12, WORDING_PHRASES = 1000 };

struct phrase {
    uint8_t group, bytes;
    bool whole; /* as a word of its own */
};

struct wording {
    struct lit_set *set;
    struct lit_spots spots;
    struct phrase *phrase;
    struct str group[WORDING_GROUPS];
    size_t n_groups;
};

/* text: "group TAB phrase" a line; names borrow from it. */
MUST_CHECK enum err wording_load(struct arena *arena, struct str text, struct wording *ret_wording,
                                 struct error *error);
void wording_done(struct wording *w);
/* Adds a bit for each group that the text has a phrase of. */
MUST_CHECK enum err wording_of(struct wording *w, struct str text, uint16_t *bits);

#endif
