/* signals.h — what is known of a subject on a day, as numbers with a name.
 *
 * What:   the table of signals: name, group, and what it says in words.
 * Input:  constants.
 * Limits: SIGNALS is at most WEIGH_COLUMNS.
 * Owner:  static.
 * Spec:   docs/explain/how-backtest-judges.md, "Signals"
 */
#ifndef WATCH_SIGNALS_H
#define WATCH_SIGNALS_H

#include "watch/weigh.h"

#include <stdint.h>

/* Kinds of voices, told by how they behave: see replay.h. */
enum voice_class { VOICE_REGULAR, VOICE_CROWD, VOICE_CLASSES };

enum signal {
    SIGNAL_ONE, /* the constant */
    SIGNAL_REGULAR_7,
    SIGNAL_REGULAR_90,
    SIGNAL_CROWD_7,
    SIGNAL_CROWD_90,
    SIGNAL_BOTH,
    SIGNAL_RECORD_BEST,
    SIGNAL_RECORD_MEAN,
    SIGNAL_WILD,
    SIGNAL_ZERO_DAY,
    SIGNAL_EXPLOIT,
    SIGNAL_TAKEOVER,
    SIGNAL_FIX,
    SIGNAL_ANALYSIS,
    SIGNAL_CRIME,
    SIGNAL_NEAR_LISTED,
    SIGNAL_NEAR_SHARE,
    SIGNAL_WORDS_SUM,
    SIGNAL_WORDS_BEST,
    SIGNALS
};

enum signal_group {
    GROUP_NONE,
    GROUP_COUNTS,
    GROUP_RECORD,
    GROUP_WORDING,
    GROUP_NEIGHBOURS,
    GROUP_WORDS,
    SIGNAL_GROUPS
};

struct signal_row {
    const char *name;
    enum signal_group group;
    const char *says;
};
extern const struct signal_row signal_table[SIGNALS];

const char *signal_group_name(enum signal_group group); /* "counts", ... */
/* Columns for weigh_rows.take: all but those of `without`, or only those of `alone`
 * (GROUP_NONE: not asked). */
void signal_columns(enum signal_group without, enum signal_group alone, bool take[SIGNALS]);

#endif
