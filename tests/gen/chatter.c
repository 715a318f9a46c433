#include "gen/chatter.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Given: three classes of activity, a weekly cycle, twelve sites, 60 % of a subject's threads at
 * its home site, feeds that grow by half twice, drift, reply cascades, bursts of 6 and 2.5 times
 * for ten days, or of 4 to 7 threads on random sites over 90. Every number below is a choice of
 * ours; what the results owe to them stands in the Spec. */
static const struct {
    double share, median, sigma; /* of the subjects; threads a day */
} classes[CHATTER_CLASSES] = {{0.80, 0.0025, 0.5}, {0.18, 0.06, 0.5}, {0.02, 1.6, 0.4}};
static const double week[7] = {1.05, 0.60, 0.55, 1.10, 1.30, 1.25, 1.15}; /* day 0: a Friday */

enum {
    VOICES = 4000,   /* of a site */
    QUEUE = 32,      /* days that replies and copies may wait */
    OFF_TOPIC = 3,   /* threads that name nothing, for each that does */
    AGGREGATED = 60, /* subjects a day */
    BURST_DAYS = 10,
    SPARSE_DAYS = 90,
    STEPS = 2,
};
static const double HOME = 0.6, REPLIES = 3, VIRAL = 0.03, VIRAL_TIMES = 10, REPLY_DAYS = 0.7,
                    REPLY_NAMES = 0.5, COPIED = 0.04, DRIFT_KEEP = 0.98, DRIFT_SIGMA = 0.08,
                    GROWTH = 1.5;

struct topic {
    float rate, drift;
    uint8_t class, home;
    uint32_t burst; /* number + 1 */
};

struct units {
    struct unit *v;
    size_t n, cap;
};

struct chatter {
    struct chatter_options o;
    uint64_t state[2], spare[2]; /* spare: of what a doubled feed has more */
    struct topic *topic;
    double *share;
    uint32_t *step; /* [site * STEPS + i]: the day on which the feed grows */
    struct chatter_burst *burst;
    size_t n_bursts;
    struct units today, queue[QUEUE];
    struct chatter_day day;
    uint32_t now;
    uint64_t threads, posts;
};

/* ---- chance ---- */

static uint64_t next64(struct chatter *c)
{
    uint64_t a = c->state[0], b = c->state[1], sum = a + b;
    b ^= a;
    c->state[0] = (a << 24 | a >> 40) ^ b ^ b << 16;
    c->state[1] = b << 37 | b >> 27;
    return sum;
}

static uint64_t mix_seed(uint64_t seed, uint64_t i)
{
    uint64_t x = (seed + 1) * 0x9e3779b97f4a7c15u + (i + 1) * 0xbf58476d1ce4e5b9u;
    x ^= x >> 29;
    x *= 0x94d049bb133111ebu;
    return x ^ x >> 32;
}

static double uniform(struct chatter *c)
{
    return ((double)(next64(c) >> 11) + 0.5) * 0x1p-53;
}

static double normal(struct chatter *c)
{
    return sqrt(-2 * log(uniform(c))) * cos(2 * M_PI * uniform(c));
}

static uint32_t below(struct chatter *c, uint32_t n)
{
    return (uint32_t)(uniform(c) * n);
}

static uint32_t poisson(struct chatter *c, double mean)
{
    if (mean > 60) {
        double x = mean + sqrt(mean) * normal(c) + 0.5;
        return x > 0 ? (uint32_t)x : 0;
    }
    double p = exp(-mean), at = p, u = uniform(c);
    uint32_t k = 0;
    while (u > at && k < 400)
        at += p *= mean / ++k;
    return k;
}

static uint32_t geometric(struct chatter *c, double mean)
{
    return (uint32_t)(log(uniform(c)) / log(mean / (1 + mean)));
}

/* ---- the world ---- */

static uint32_t any_site(struct chatter *c)
{
    double u = uniform(c);
    uint32_t s = 0;
    while (s + 1 < c->o.sites && (u -= c->share[s]) > 0)
        s++;
    return s;
}

static void make_topics(struct chatter *c)
{
    for (uint32_t i = 0; i < c->o.subjects; i++) {
        struct topic *t = &c->topic[i];
        double u = (i + 0.5) / c->o.subjects;
        t->class = u < classes[0].share ? 0 : u < classes[0].share + classes[1].share ? 1 : 2;
        double median = t->class == CHATTER_SPARSE && c->o.sparse_rate > 0
                            ? c->o.sparse_rate
                            : classes[t->class].median;
        t->rate = (float)(median * exp(classes[t->class].sigma * normal(c)));
        double drift = DRIFT_SIGMA / sqrt(1 - DRIFT_KEEP * DRIFT_KEEP) * normal(c);
        t->drift = c->o.steady ? 0 : (float)drift;
        t->home = (uint8_t)any_site(c);
    }
}

static void make_sites(struct chatter *c)
{
    double sum = 0;
    for (uint32_t s = 0; s < c->o.sites; s++)
        sum += c->share[s] = 1.0 / (s + 3);
    for (uint32_t s = 0; s < c->o.sites; s++) {
        c->share[s] /= sum;
        for (uint32_t i = 0; i < STEPS; i++)
            c->step[s * STEPS + i] = c->o.steady ? UINT32_MAX : below(c, c->o.days);
    }
}

/* Each half of the days has its bursts; a subject has one at most. */
static void make_bursts(struct chatter *c)
{
    uint32_t half = c->o.days / 2;
    for (uint32_t part = 0; part < 2; part++)
        for (uint32_t k = 0; k < c->o.bursts * CHATTER_CLASSES; k++) {
            enum chatter_class class = (enum chatter_class)(k % CHATTER_CLASSES);
            uint32_t days = class == CHATTER_SPARSE ? SPARSE_DAYS : BURST_DAYS, i;
            do
                i = below(c, c->o.subjects);
            while (c->topic[i].class != class || c->topic[i].burst);
            c->burst[c->n_bursts] =
                (struct chatter_burst){i, class, part * half + below(c, half - days), days};
            c->topic[i].burst = (uint32_t)++c->n_bursts;
        }
}

struct chatter *chatter_new(const struct chatter_options *options)
{
    struct chatter *c = calloc(1, sizeof *c);
    c->o = *options;
    c->state[0] = options->seed * 0x9e3779b97f4a7c15u + 1;
    c->state[1] = options->seed ^ 0xd6e8feb86659fd93u;
    for (int i = 0; i < 16; i++)
        (void)next64(c);
    c->spare[0] = mix_seed(options->seed, 1);
    c->spare[1] = mix_seed(options->seed, 2) | 1;
    c->topic = calloc(options->subjects, sizeof *c->topic);
    c->share = calloc(options->sites, sizeof *c->share);
    c->step = calloc((size_t)options->sites * STEPS, sizeof *c->step);
    c->burst = calloc((size_t)options->bursts * 2 * CHATTER_CLASSES + 1, sizeof *c->burst);
    c->day.threads = calloc(options->sites, sizeof *c->day.threads);
    make_sites(c);
    make_topics(c);
    make_bursts(c);
    return c;
}

void chatter_free(struct chatter *c)
{
    for (int i = 0; i < QUEUE; i++)
        free(c->queue[i].v);
    free(c->today.v);
    free(c->topic);
    free(c->share);
    free(c->step);
    free(c->burst);
    free(c->day.threads);
    free(c);
}

/* ---- a day ---- */

static void push(struct units *q, const struct unit *u)
{
    if (q->n == q->cap) {
        q->cap = q->cap ? q->cap * 2 : 256;
        q->v = realloc(q->v, q->cap * sizeof *q->v);
    }
    q->v[q->n++] = *u;
}

/* Some speak often, most seldom. */
static uint64_t a_voice(struct chatter *c, uint32_t site)
{
    double u = uniform(c);
    return ((uint64_t)site << 32 | (uint32_t)(VOICES * u * sqrt(u))) * 0x9e3779b97f4a7c15u + 1;
}

static void later(struct chatter *c, const struct unit *u, uint32_t days)
{
    if (days < QUEUE)
        push(days ? &c->queue[(c->now + days) % QUEUE] : &c->today, u);
}

static void replies(struct chatter *c, const struct unit *first)
{
    uint32_t n = geometric(c, REPLIES * (uniform(c) < VIRAL ? VIRAL_TIMES : 1));
    for (uint32_t i = 0; i < n; i++) {
        struct unit u = *first;
        u.voice = a_voice(c, u.site);
        u.cluster = next64(c) | 1;
        u.intent = INTENT_MENTION;
        uint32_t days = (uint32_t)(-log(uniform(c)) * REPLY_DAYS);
        if (uniform(c) < REPLY_NAMES)
            later(c, &u, days);
    }
}

static void a_thread(struct chatter *c, uint32_t subject, uint32_t site)
{
    struct unit u = {.subject = subject,
                     .site = site,
                     .thread = ++c->threads * 0xd6e8feb86659fd93u,
                     .voice = a_voice(c, site),
                     .cluster = next64(c) | 1,
                     .intent = (uint8_t)(INTENT_MENTION + below(c, 3)),
                     .weight = 1};
    push(&c->today, &u);
    replies(c, &u);
    if (!c->o.copies || uniform(c) >= COPIED)
        return;
    for (uint32_t i = 0, n = 1 + below(c, 3); i < n; i++) {
        struct unit copy = u;
        copy.site = below(c, c->o.sites);
        copy.thread = ++c->threads * 0xd6e8feb86659fd93u;
        copy.voice = uniform(c) < 0.5 ? u.voice : a_voice(c, copy.site);
        later(c, &copy, below(c, 3));
    }
}

static double feed_level(const struct chatter *c, uint32_t site)
{
    double level = week[c->now % 7];
    for (uint32_t i = 0; i < STEPS; i++)
        level *= c->now >= c->step[site * STEPS + i] ? GROWTH : 1;
    return level;
}

static double site_mix(const struct chatter *c, const struct topic *t, uint32_t site)
{
    return (1 - HOME) * c->share[site] + (site == t->home ? HOME : 0);
}

static void threads_of(struct chatter *c, uint32_t subject, const double *level)
{
    struct topic *t = &c->topic[subject];
    const struct chatter_burst *b = t->burst ? &c->burst[t->burst - 1] : NULL;
    bool on = b && c->now >= b->start && c->now < b->start + b->days;
    double times = !on ? 1 : b->class == CHATTER_MID ? 6 : b->class == CHATTER_DENSE ? 2.5 : 1;
    double rate = (double)t->rate * exp((double)t->drift) * times, sum = 0;
    for (uint32_t s = 0; s < c->o.sites; s++)
        sum += site_mix(c, t, s) * level[s];
    for (uint32_t n = poisson(c, rate * sum); n > 0; n--) {
        double u = uniform(c) * sum;
        uint32_t s = 0;
        while (s + 1 < c->o.sites && (u -= site_mix(c, t, s) * level[s]) > 0)
            s++;
        a_thread(c, subject, s);
    }
}

/* Four to seven threads, each on a day and a site by chance. */
static void sparse_bursts(struct chatter *c)
{
    for (size_t i = 0; i < c->n_bursts; i++) {
        const struct chatter_burst *b = &c->burst[i];
        uint64_t h = mix_seed(c->o.seed, i);
        if (b->class != CHATTER_SPARSE || c->now < b->start || c->now >= b->start + b->days)
            continue;
        for (uint32_t k = 0, n = 4 + (uint32_t)(h % 4); k < n; k++)
            if (b->start + mix_seed(h, k) % SPARSE_DAYS == c->now)
                a_thread(c, b->subject, below(c, c->o.sites));
    }
}

static bool is_doubled(const struct chatter *c)
{
    return c->o.double_day && c->now >= c->o.double_day;
}

static void other_chance(struct chatter *c)
{
    for (int i = 0; i < 2; i++) {
        uint64_t x = c->state[i];
        c->state[i] = c->spare[i];
        c->spare[i] = x;
    }
}

/* By chance of its own, so that all the rest is the same as without. */
static void doubled_feed(struct chatter *c, const double *level)
{
    uint32_t site = c->o.double_site;
    other_chance(c);
    for (uint32_t i = 0; i < c->o.subjects; i++) {
        const struct topic *t = &c->topic[i];
        double mean = (double)t->rate * exp((double)t->drift) * site_mix(c, t, site) * level[site];
        for (uint32_t n = poisson(c, mean); n > 0; n--)
            a_thread(c, i, site);
    }
    other_chance(c);
}

static void aggregate(struct chatter *c)
{
    for (int i = 0; i < AGGREGATED; i++) {
        struct unit u = {.subject = below(c, c->o.subjects),
                         .thread = ++c->threads * 0xd6e8feb86659fd93u,
                         .voice = 0xa66e6a70,
                         .cluster = next64(c) | 1,
                         .intent = INTENT_SHARE,
                         .weight = 1};
        push(&c->today, &u);
    }
}

static int by_thread(const void *a, const void *b)
{
    const struct unit *x = a, *y = b;
    return x->thread < y->thread ? -1 : x->thread > y->thread;
}

/* Units get their numbers in an order of its own; each thread counts once for its site. */
static void finish(struct chatter *c, const double *level, double topical)
{
    struct chatter_day *d = &c->day;
    qsort(c->today.v, c->today.n, sizeof *c->today.v, by_thread);
    for (uint32_t s = 0; s < c->o.sites; s++)
        d->threads[s] = poisson(c, OFF_TOPIC * topical * c->share[s] * level[s]);
    if (is_doubled(c)) {
        uint32_t s = c->o.double_site;
        other_chance(c);
        d->threads[s] += poisson(c, OFF_TOPIC * topical * c->share[s] * level[s]);
        other_chance(c);
    }
    for (size_t i = 0; i < c->today.n; i++) {
        struct unit *u = &c->today.v[i];
        d->threads[u->site] += !i || u[-1].thread != u->thread;
        u->event_day = u->ingest_day = (int32_t)(CHATTER_FIRST_DAY + c->now);
        u->post = ++c->posts;
    }
    d->unit = c->today.v;
    d->n = c->today.n;
}

const struct chatter_day *chatter_next(struct chatter *c)
{
    double level[256], topical = 0;
    struct units *due = &c->queue[c->now % QUEUE];
    c->today.n = 0;
    for (size_t i = 0; i < due->n; i++)
        push(&c->today, &due->v[i]);
    due->n = 0;
    for (uint32_t s = 0; s < c->o.sites; s++)
        level[s] = feed_level(c, s);
    for (uint32_t i = 0; i < c->o.subjects; i++) {
        struct topic *t = &c->topic[i];
        topical += (double)t->rate;
        if (c->now % 7 == 0 && !c->o.steady)
            t->drift = (float)(DRIFT_KEEP * (double)t->drift + DRIFT_SIGMA * normal(c));
        threads_of(c, i, level);
    }
    sparse_bursts(c);
    if (is_doubled(c))
        doubled_feed(c, level);
    if (c->o.aggregator)
        aggregate(c);
    finish(c, level, topical);
    c->now++;
    return &c->day;
}

const struct chatter_burst *chatter_bursts(const struct chatter *c, size_t *ret_n)
{
    *ret_n = c->n_bursts;
    return c->burst;
}

enum chatter_class chatter_class(const struct chatter *c, uint32_t subject)
{
    return (enum chatter_class)c->topic[subject].class;
}

uint32_t chatter_home(const struct chatter *c, uint32_t subject)
{
    return c->topic[subject].home;
}
