/* watch/trend_priv.h — the state of the trend engine; for trend*.c only.
 *
 * What:   what is kept of subjects, sites and voices, and the steps of the end of a day.
 * Input:  checked by trend.c.
 * Limits: days are 16 bits (until 2149); MAX_* below.
 * Owner:  struct trends.
 * Spec:   docs/internals/WATCH.md, "Trends"
 */
#ifndef WATCH_TREND_PRIV_H
#define WATCH_TREND_PRIV_H

#include "base/vec.h"
#include "watch/trend.h"

enum {
    WINDOWS_A = 5,
    WINDOWS_B = 4,
    WINDOWS_C = 3,
    WINDOWS = WINDOWS_A + WINDOWS_B, /* of both lanes, A's first */
    EVIDENCE_MAX = 512,              /* of a subject; older ones are forgotten */
    SITES_OF_SUBJECT_MAX = 1024,
    DAY_MAX = 65535,
    Y_ONE = 8, /* a thread of weight 1 */
    AGGREGATOR_CVES = 10,
    AGGREGATOR_DAYS = 30,
    PENDING_MAX = 131072,
    SEEN_MAX = 1350 * 1000, /* of a generation: 16 MiB */
    LEVELS = 24,            /* of p against alpha, powers of two: calibration */
};

struct cell {        /* one day of a subject */
    uint16_t day, y; /* y in 1/Y_ONE */
};

struct site_count { /* one site of a subject, over all time */
    uint16_t site;
    uint16_t first_day, last_day;
    uint16_t spare;
    float n; /* threads, weighed */
};

struct evidence { /* one thread-day, or a further voice in one */
    uint16_t day, site;
    uint32_t voice, cluster; /* folded; 0: none */
    uint32_t post_lo;
    uint16_t post_hi;
    uint8_t intent;
    uint8_t weight; /* in 1/Y_ONE; 0: further voice or copy */
};

struct lane_state {
    uint16_t first_day, alert_day, evidence_day; /* of the episode; alert_day 0: never alerted */
    uint16_t record_day;                         /* calibration: when the record was set */
    float alert_p;                               /* ln */
    uint32_t classes;                            /* of sites, in the episode */
    uint16_t episodes;
    uint8_t open, intent;
    uint8_t record;   /* level; LEVELS: none */
    uint8_t stratum;  /* of the record */
    uint16_t alert_y; /* threads, or sites, that it was told with */
};

struct subject {
    struct cell *cell;
    struct site_count *site;
    struct evidence *evidence;
    uint16_t n_cells, cap_cells, n_sites, cap_sites, n_evidence, cap_evidence;
    uint16_t last_day;  /* of any evidence; 0: none */
    uint16_t fresh_day; /* ingest day of the last fresh evidence */
    uint16_t tail_day;
    uint16_t told_day; /* of its last alert, in any lane; 0: none */
    uint8_t kind, marks, truncated;
    uint8_t stratum; /* when last looked at */
    float weight;
    float tail; /* lane B's sum of forgotten cells, as of tail_day */
    struct lane_state lane[TREND_LANES];
};

struct feed {      /* a site */
    float *day;    /* threads, ring by day % TREND_RING_DAYS; NULL: never exposed */
    double before; /* threads before the ring */
    double tail;   /* lane B's decayed sum of them, as of tail_day */
    double units;  /* threads with a subject, over all time */
    float today_fresh, today_late;
    float share; /* as of the last evening */
    uint16_t tail_day, first_day, last_day, dump_day, n_dumps;
    uint8_t site_class, silent, late_today, dump_today;
};

struct voice {
    uint64_t hash; /* 0: empty slot */
    uint32_t head; /* named CVEs */
    uint16_t first_day, last_day;
    uint16_t until_day; /* aggregator until then */
    uint16_t n;
};

struct named { /* a CVE that a voice named */
    uint32_t subject, next;
    uint16_t day;
};

struct seen {          /* a set of hashes in two generations */
    uint64_t *slot[2]; /* [0]: the present one */
    size_t n[2], cap[2];
    uint16_t since_day;
};

/* What holds for all subjects on one evening: exposure of each site by window, and before it. */
struct evening {
    int32_t day;
    size_t n_sites;
    double *open;   /* [site * WINDOWS + w]: standard days in the window */
    double *past;   /* [site * WINDOWS + w]: decayed standard days before it */
    double *total;  /* [site * WINDOWS_C + i]: plain standard days before the window */
    double *within; /* [site * WINDOWS_C + i]: in it */
    double *now;    /* [site * 2 + i]: decayed standard days, of A and B */
    double *share;  /* of all threads with a subject */
    float phi_a[TREND_RING_DAYS + 8], phi_b[TREND_RING_DAYS + 8]; /* decay by age */
    double sum_now[2]; /* weighed by share: decayed days up to now, of A and B */
    const struct priors *prior;
    double wander[WINDOWS];
    double roam; /* of a subject's threads, the part that goes to sites as all threads do */
    double sum_open[WINDOWS], sum_past[WINDOWS]; /* weighed by share */
    double sum_total[WINDOWS_C];
    size_t n_active;
    int32_t first_day; /* of any exposure */
};

struct exposure { /* as trends_exposure was told */
    uint32_t site, threads;
    int32_t day;
};

enum { COMPONENTS = 19 };

struct prior { /* how often subjects are named: trend_prior.c */
    double weight[COMPONENTS];
    double days[COMPONENTS], log[COMPONENTS]; /* follow from it */
};

struct priors {
    struct prior all, kind[SUBJECT_KINDS];
};

struct wander { /* by window: how much rates vary beyond chance, learned */
    double over[WINDOWS], base[WINDOWS];
};

/* Lanes B and C keep a threshold for each: else the many changes of often-named subjects use up the
 * budget of those that are seldom named. */
enum stratum { SELDOM, OFTEN, ALWAYS, STRATA }; /* lane A has one threshold, SELDOM's */

struct calibration {
    double at[LEVELS]; /* subjects whose record is at that level, decayed */
    double weeks;      /* decayed */
    double g;
};

struct trends {
    struct trend_options options;
    struct subject *subject;
    uint32_t n_subjects, cap_subjects;
    struct feed *feed;
    uint32_t n_feeds, cap_feeds;
    struct voice *voice;
    size_t n_voices, cap_voices;
    VEC(struct named) named;
    uint32_t named_free;
    struct seen seen;
    struct ledger *ledger;
    VEC(struct unit) pending;
    VEC(struct exposure) exposure;
    VEC(uint32_t) touched, marked;
    float day_units[TREND_RING_DAYS];
    double weekday[7];
    struct priors prior[2]; /* of lane A, and of B and C */
    struct wander wander;
    uint16_t prior_day;
    double roamed, could_roam; /* threads on sites where the subject was not; their share, summed */
    struct calibration calibration[TREND_LANES][STRATA];
    double part[TREND_LANES][STRATA]; /* of the weights of eligible subjects */
    int32_t day;                      /* the latest of ingest; -1: none */
    int32_t ended_day;                /* the last that ended; -1: none */
    int32_t first_day;
    struct trend_stats stats;
    size_t bytes; /* in lists of subjects */
};

static inline uint64_t mix64(uint64_t x)
{
    x ^= x >> 32;
    x *= 0xd6e8feb86659fd93u;
    x ^= x >> 32;
    x *= 0xd6e8feb86659fd93u;
    return x ^ x >> 32;
}
static inline uint32_t fold32(uint64_t hash)
{
    uint32_t folded = (uint32_t)mix64(hash);
    return hash && !folded ? 1 : folded;
}

/* trend_voice.c */
MUST_CHECK enum err seen_add(struct seen *seen, uint64_t key, bool *ret_new);
void seen_end_day(struct seen *seen, int32_t day);
MUST_CHECK enum err seen_put(struct seen *seen, uint64_t key, bool *ret_new);
void seen_turn(struct seen *seen);
void seen_fetch(const struct seen *seen, uint64_t key);
void seen_done(struct seen *seen);
/* The voice spoke that day, of that CVE (UINT32_MAX: of none). */
MUST_CHECK enum err voice_speak(struct trends *t, uint64_t hash, int32_t day, uint32_t cve);
/* One that was saved. */
MUST_CHECK enum err voice_put(struct trends *t, const struct voice *v);
void voice_fetch(const struct trends *t, uint64_t hash);
const struct voice *voice_find(const struct trends *t, uint64_t hash);

/* trend_count.c */
MUST_CHECK enum err count_units(struct trends *t, int32_t day);
void subject_forget(struct trends *t, struct subject *s);
MUST_CHECK enum err subject_at(struct trends *t, uint32_t id, struct subject **ret_subject);

/* trend_feed.c */
MUST_CHECK enum err feed_at(struct trends *t, uint32_t id, struct feed **ret_feed);
MUST_CHECK enum err feeds_take(struct trends *t, int32_t day);
bool feed_dumps(const struct feed *f, int32_t event_day);
MUST_CHECK enum err feeds_silent(struct trends *t, const struct trend_events *events);
MUST_CHECK enum err evening_make(struct trends *t, int32_t day, struct evening *ret_evening);
void evening_done(struct evening *e);

/* trend_lane.c */
struct lane_answer {
    double lp; /* ln p, times the number of windows; 0: nothing to say */
    unsigned window;
    double observed, expected;
};
extern const unsigned windows_a[WINDOWS_A], windows_b[WINDOWS_B], windows_c[WINDOWS_C];
/* without: a site to leave out, UINT32_MAX: none; longest: windows up to it. */
struct lane_answer lane_ask(const struct evening *e, const struct subject *s, enum lane lane,
                            unsigned longest, uint32_t without);

double lane_wander(int window); /* to begin with */
void lane_learn(const struct evening *e, const struct subject *s, struct wander *ret);
double lane_past(const struct evening *e, const struct subject *s, enum lane lane);
double lane_drift(enum lane lane);

/* trend_prior.c */
double prior_width(enum lane lane);
void priors_init(struct priors *p, enum lane lane);
void priors_ready(struct priors *p, enum lane lane, bool fresh);
void prior_posterior(const struct prior *p, double n, double exposure, double width,
                     double ret_weight[COMPONENTS]);
void priors_end_day(struct trends *t, const struct evening *e);

/* trend_calibrate.c */
enum stratum stratum_of(const struct trends *t, const struct subject *s);
void calibrate_note(struct trends *t, struct lane_state *l, struct calibration *c, enum lane lane,
                    double lp_over_alpha);
void calibrate_end_day(struct trends *t, int32_t days);

/* trend_alert.c */
void trend_explain(struct trends *t, const struct evening *e, struct subject *s,
                   struct trend_alert *a);

#endif
