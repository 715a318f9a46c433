/* trend.h — which subjects are talked about more than they should be.
 *
 * What:   counts evidence by subject, site and day, expects from the past, and calls back once for
 *         each trend in lanes A (burst), B (rise) and C (breadth). Numbers only: names, texts and
 *         input are the caller's.
 * Input:  numbers that follow hostile posts; ids and days out of bounds are refused or counted.
 * Limits: those of trend_options; memory is held below max_bytes by forgetting the least recent.
 * Owner:  trends_free frees all; an alert lives until its callback returns.
 * Spec:   docs/explain/how-watch-decides.md, docs/internals/WATCH.md
 */
#ifndef WATCH_TREND_H
#define WATCH_TREND_H

#include "base/buf.h"
#include "model/alert.h"
#include "watch/ledger.h"

enum {
    TREND_LANES = 3,       /* LANE_BURST, LANE_RISE, LANE_BREADTH */
    TREND_RING_DAYS = 400, /* what is older is a sum */
    TREND_LATE_DAYS = 35,  /* later than that is history */
    TREND_FRESH_DAYS = 7,  /* an alert needs evidence of these days */
    TREND_SITES = 32,      /* of an alert, told one by one */
    TREND_UNITS = 64,      /* of an alert: numbers of its posts */
    TREND_EVIDENCE = 512,  /* pieces that are kept of a subject */
};

struct trend_options {
    double budget[TREND_LANES]; /* false alarms a week; all 0: 1.0, 0.5, 0.5 */
    uint32_t max_subjects;      /* 0: a million */
    uint32_t max_sites;         /* 0: 4096 */
    uint32_t max_voices;        /* 0: half a million */
    uint32_t max_interest;      /* entries of the ledger; 0: half a million */
    size_t max_bytes;           /* of lists of subjects; 0: 80 MiB */
    unsigned alerts_a_day;      /* those above it are for the digest; 0: 5 */
};

/* One naming of a subject in a post. */
struct unit {
    uint32_t subject, site;
    uint64_t thread;
    uint64_t voice;   /* 0: not known */
    uint64_t cluster; /* of near-identical texts; 0: has none */
    int32_t event_day, ingest_day;
    uint8_t intent; /* enum intent */
    float weight;   /* 1 for a post with one subject; 0: counts for nothing */
    uint64_t post;  /* ascending as they come in; told in alerts */
};

/* Why an episode speaks again. */
enum trend_again {
    TREND_FIRST,
    TREND_STRONGER, /* p is a hundredth of what it was, or less */
    TREND_INTENT,   /* of a higher class */
    TREND_CLASS,    /* a kind of site that did not speak of it */
    TREND_ASSET,    /* trends_mark */
    TREND_KEV,      /* trends_mark */
};

enum trend_mark { TREND_MARK_ASSET = 1, TREND_MARK_KEV = 2 };

struct trend_site {
    uint32_t site, threads;
    int32_t first_day, last_day;
    double p_without; /* as p of the alert, had the site not been */
};

struct trend_alert {
    uint32_t subject;
    enum lane lane;
    enum trend_again again;
    bool page;            /* among the first of that day */
    bool corroborated;    /* without any one site p stays below ten times the threshold */
    int32_t day;          /* of ingest */
    unsigned window_days; /* ends with that day */
    double observed;      /* threads, weighed; sites in lane C */
    double expected;
    double p, alpha; /* p times the number of windows looked at; alpha of this subject */
    double g;        /* alerts when p <= alpha / g */
    double q;        /* Benjamini-Hochberg among the subjects of that day and lane */
    double exposure; /* threads that the sites had in the window */
    uint32_t voices, threads, clusters;
    uint32_t n_sites, n_listed; /* in order of the first day */
    struct trend_site site[TREND_SITES];
    uint32_t intent[INTENTS];
    uint32_t n_units; /* the latest ones, ascending */
    uint64_t unit[TREND_UNITS];
    uint32_t episode;  /* counted from 1, for this subject and lane */
    int32_t first_day; /* of the episode */
    int32_t since_day; /* the first evidence in the window */
};

/* A site that should have spoken. */
struct trend_silence {
    uint32_t site;
    int32_t since_day; /* the last day with threads */
    unsigned days;
    double expected; /* threads in these days */
    double p;
};

struct trend_events {
    enum err (*on_alert)(void *ctx, const struct trend_alert *alert);
    enum err (*on_silence)(void *ctx, const struct trend_silence *silence); /* NULL: not asked */
    void *ctx;
};

struct trend_stats {
    uint64_t units, counted; /* of all units, those that opened a thread-day */
    uint64_t aggregated, copied, capped, future, history, unweighed;
    uint64_t dump_days; /* site-days set aside, as the site dumped its archive */
    uint64_t subjects, voices, evicted, bytes;
    double g[TREND_LANES];
};

struct trends;
MUST_CHECK enum err trends_new(const struct trend_options *options, struct trends **ret_trends);
struct trends *trends_free(struct trends *t); /* NULL */

/* Subjects start as SUBJECT_TOPIC of weight 1; assets have 5. */
MUST_CHECK enum err trends_subject(struct trends *t, uint32_t subject, enum subject_kind kind,
                                   double weight);
/* The kind of site (chat, forum, news, ...), 0 to 31; an open episode speaks again on a new one. */
MUST_CHECK enum err trends_site(struct trends *t, uint32_t site, unsigned site_class);
/* A new match with an asset, an entry in KEV: an open episode speaks again at the end of the day.
 */
MUST_CHECK enum err trends_mark(struct trends *t, uint32_t subject, enum trend_mark mark);

MUST_CHECK enum err trends_unit(struct trends *t, const struct unit *unit);
/* So many threads of that site and event day were accepted since the last call. */
MUST_CHECK enum err trends_exposure(struct trends *t, uint32_t site, int32_t event_day,
                                    uint32_t threads);
/* Counts what came in and tells what follows from it. Days must not go backwards. */
MUST_CHECK enum err trends_end_day(struct trends *t, int32_t ingest_day,
                                   const struct trend_events *events);
/* Lane D: who named the subject with which intent first, since a day, and the score of all of it as
 * of now. Fills up to max entries in order of first_day; ret_n: how many there are. */
struct ledger_score trends_ledger(const struct trends *t, uint32_t subject, int32_t since_day,
                                  struct ledger_entry *ret_entry, size_t max, size_t *ret_n);
/* How much interest shown on that site is worth in it; 1 if never told. */
MUST_CHECK enum err trends_site_weight(struct trends *t, uint32_t site, double weight);
void trends_stats(const struct trends *t, struct trend_stats *ret_stats);
/* Is that episode of the subject and lane still going on, as of the last day that ended? */
bool trends_open(const struct trends *t, uint32_t subject, enum lane lane, uint32_t episode);
/* Numbers of the posts that opened the threads which count for the subject, of these days: the
 * latest TREND_EVIDENCE at most. ret_post has room for as many; returns how many there are. */
size_t trends_evidence(const struct trends *t, uint32_t subject, int32_t since_day,
                       int32_t until_day, uint64_t *ret_post);

/* The whole state, of the same bytes for the same history. */
MUST_CHECK enum err trends_save(struct trends *t, struct buf *b);
/* Hostile bytes are refused (ERR_FORMAT, ERR_LIMIT), never believed. */
MUST_CHECK enum err trends_load(const struct trend_options *options, struct str bytes,
                                struct trends **ret_trends);

#endif
