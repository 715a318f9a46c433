/* replay_priv.h — what a replay knows at the beginning of a day.
 *
 * What:   records, subjects and their voices, and how the parts of the replay call each other.
 * Input:  numbers of a corpus.
 * Limits: those of replay.h.
 * Owner:  struct state, made and freed by replay_run.
 * Spec:   docs/explain/how-backtest-judges.md
 */
#ifndef WATCH_REPLAY_PRIV_H
#define WATCH_REPLAY_PRIV_H

#include "watch/record.h"
#include "watch/replay.h"

enum { YEAR_FIRST = 1990, YEARS = 128 };

/* A voice that named a subject. */
struct heard {
    uint32_t voice;
    int32_t first, last;
    uint8_t class;
};

struct day_posts {
    int32_t day;
    uint32_t posts;
};

/* What was told of a subject so far. What came in today is not in the records yet: those count
 * the first `entered_*` items. */
struct told {
    VEC(struct heard) heard;
    VEC(uint32_t) word;
    VEC(struct day_posts) posts;
    size_t entered_voices, entered_words;
    uint16_t wording;
    bool entered, known; /* named before today; listed before today */
};

/* Numbers of one year's CVEs, in order. */
struct numbers {
    VEC(uint32_t) list;
};

struct listing {
    int32_t day;
    uint32_t subject; /* UINT32_MAX: nobody named it */
    uint32_t year, number;
};

struct state {
    struct replay *r;
    int32_t day, year;
    struct told *told;                       /* per subject */
    struct record all, class[VOICE_CLASSES]; /* .. and below per voice, site, word */
    struct record *voice, *site, *word;
    uint32_t *voice_posts, *site_voices; /* before today */
    struct numbers listed[YEARS], named[YEARS];
    struct listing *listing;
    size_t next_listing, next_volume;
    VEC(uint32_t) today; /* subjects */
};

/* The numbers of a sample as of today. */
void sample_counts(const struct told *t, int32_t day, struct counts *ret_counts);
void sample_signals(const struct state *s, uint32_t subject, float *x);

#endif
