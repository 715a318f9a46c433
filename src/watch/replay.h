/* replay.h — posts and labels day by day: what could be known of a subject on each day, and what it
 *            was worth by what was known then.
 *
 * What:   replay_run walks over the mentions in order of their ingest time and leaves a sample for
 *         each subject and day on which it was named: its signals as of that day. What a voice, a
 *         kind of voice, a word or a neighbour's number is worth is its record up to the day
 *         before. replay_score weighs the signals, with weights learnt on the days before.
 * Input:  a corpus in order of days; labels.
 * Limits: REPLAY_SAMPLES samples; SUBJECT_VOICES voices and SUBJECT_WORDS words of a subject, the
 *         first ones.
 * Owner:  replay_run/replay_done; the corpus outlives it.
 * Spec:   docs/explain/how-backtest-judges.md
 */
#ifndef WATCH_REPLAY_H
#define WATCH_REPLAY_H

#include "watch/corpus.h"
#include "watch/labels.h"
#include "watch/signals.h"

enum {
    REPLAY_SAMPLES = 8 * 1024 * 1024,
    SUBJECT_VOICES = 2048,
    SUBJECT_WORDS = 256,
    /* Posts after which a voice is a regular one: an editor, a feed, a bot. Below it is one of a
     * crowd, as are all authors of a place where code is published. */
    REGULAR_POSTS = 20,
};

/* What a replay does without: to see what it is worth. */
enum leave { LEAVE_NOTHING, LEAVE_SITE, LEAVE_FILE, LEAVE_CLASS };

/* Voices of a subject in a window, by kind; for the simple rules, which count and no more. */
enum { WINDOW_7, WINDOW_14, WINDOW_30, RULE_WINDOWS };
struct counts {
    uint16_t voices[VOICE_CLASSES][RULE_WINDOWS];
    uint16_t posts_30, posts_7, posts_before_7; /* before: the 7 days before the last 7 */
};

struct sample {
    int32_t day;
    uint32_t subject;
    struct counts counts;
};

struct replay {
    const struct corpus *corpus;
    const struct labels *labels;
    bool any_age;
    bool unlisted; /* only what is not listed yet: learnt from, and told */
    enum leave leave;
    uint32_t left; /* the site, file or class */

    VEC(struct sample) sample;
    VEC(float) signal;     /* SIGNALS a sample */
    int32_t *listed;       /* per subject: the day, or LABEL_NEVER */
    uint64_t aged, capped; /* mentions left out: too old a CVE; voices beyond the limit */
};

/* The fields before the empty line are the caller's. */
MUST_CHECK enum err replay_run(struct replay *r);
void replay_done(struct replay *r);

struct scoring {
    int32_t from;   /* the first day that is judged by what was learnt before it: others get none */
    int32_t freeze; /* no weight is learnt after it; INT32_MAX: learning goes on */
    int32_t anchor; /* a day on which weights are learnt anew, as every REFIT_DAYS around it */
    int32_t end;    /* the day behind the last one */
    const bool *take;
    uint64_t fits;                 /* out: how often weights were learnt */
    int32_t first;                 /* out: the first day with learnt weights; LABEL_NEVER: none */
    double weights[WEIGH_COLUMNS]; /* out: those of the anchor */
    bool learnt;                   /* out: there are such */
};

enum { REFIT_DAYS = 30, FIT_SUBJECTS = 10 /* listed ones, without which nothing is learnt */ };

#define SCORE_NONE (-1e9) /* of samples before the first fit */
/* ret_score has one number a sample. */
MUST_CHECK enum err replay_score(const struct replay *r, struct scoring *s, double *ret_score);

#endif
