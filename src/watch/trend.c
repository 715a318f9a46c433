#include "watch/trend_priv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { COOL_DAYS = 14, STRONGER_DAYS = 7, ELIGIBLE_DAYS = 365, CANDIDATES_MAX = 1 << 20 };
/* What chance gives once in fifty times is no evidence, however few subjects share the budget. */
static const double P_MOST = 0.02;
/* Of a strong trend p falls a hundredfold with each further thread: it speaks again when it has
 * grown by half as well. */
static const double GROWN = 1.5;

/* ---- life and input ---- */

enum err trends_new(const struct trend_options *options, struct trends **ret_trends)
{
    struct trends *t = calloc(1, sizeof *t);
    if (!t)
        return ERR_NOMEM;
    t->options = *options;
    struct trend_options *o = &t->options;
    if (!(o->budget[0] > 0) && !(o->budget[1] > 0) && !(o->budget[2] > 0)) {
        o->budget[LANE_BURST] = 1;
        o->budget[LANE_RISE] = o->budget[LANE_BREADTH] = 0.5;
    }
    o->max_subjects = o->max_subjects ? o->max_subjects : 1000 * 1000;
    o->max_sites = o->max_sites ? o->max_sites : 4096;
    o->max_sites = o->max_sites > UINT16_MAX ? UINT16_MAX : o->max_sites;
    o->max_voices = o->max_voices ? o->max_voices : 500 * 1000;
    o->max_bytes = o->max_bytes ? o->max_bytes : (size_t)80 << 20;
    o->max_interest = o->max_interest ? o->max_interest : 500 * 1000;
    o->alerts_a_day = o->alerts_a_day ? o->alerts_a_day : 5;
    t->day = t->ended_day = -1;
    t->named_free = UINT32_MAX;
    priors_init(&t->prior[0], LANE_BURST);
    priors_init(&t->prior[1], LANE_RISE);
    for (int i = 0; i < TREND_LANES; i++)
        for (int k = 0; k < STRATA; k++)
            t->calibration[i][k].g = t->stats.g[i] = 1;
    enum err rc = ledger_new(o->max_interest, &t->ledger);
    *ret_trends = rc ? trends_free(t) : t;
    return rc;
}

struct trends *trends_free(struct trends *t)
{
    if (!t)
        return NULL;
    for (uint32_t i = 0; i < t->n_subjects; i++)
        subject_forget(t, &t->subject[i]);
    for (uint32_t i = 0; i < t->n_feeds; i++)
        free(t->feed[i].day);
    seen_done(&t->seen);
    t->ledger = ledger_free(t->ledger);
    vec_done(&t->named);
    vec_done(&t->pending);
    vec_done(&t->exposure);
    vec_done(&t->touched);
    vec_done(&t->marked);
    free(t->subject);
    free(t->feed);
    free(t->voice);
    free(t);
    return NULL;
}

enum err trends_subject(struct trends *t, uint32_t subject, enum subject_kind kind, double weight)
{
    struct subject *s;
    TRY(subject_at(t, subject, &s));
    s->kind = (uint8_t)kind;
    s->weight = weight > 0 && weight < 1e6 ? (float)weight : 1;
    return OK;
}

enum err trends_site(struct trends *t, uint32_t site, unsigned site_class)
{
    struct feed *f;
    TRY(feed_at(t, site, &f));
    f->site_class = site_class & 31;
    return OK;
}

enum err trends_mark(struct trends *t, uint32_t subject, enum trend_mark mark)
{
    struct subject *s;
    TRY(subject_at(t, subject, &s));
    if (!s->marks)
        TRY(vec_push(&t->marked, subject, UINT32_MAX));
    s->marks |= (uint8_t)mark;
    return OK;
}

/* A full store of waiting units is counted at once, which only blurs what their order is. */
enum err trends_unit(struct trends *t, const struct unit *unit)
{
    struct unit u = *unit;
    if (u.subject >= t->options.max_subjects || u.site >= t->options.max_sites)
        return ERR_LIMIT;
    t->stats.units++;
    if (u.event_day > u.ingest_day + 1 || u.event_day < 0 || u.ingest_day > DAY_MAX - 1 ||
        u.ingest_day < TREND_RING_DAYS) {
        t->stats.future++;
        return OK;
    }
    u.intent = u.intent < INTENTS ? u.intent : INTENT_MENTION;
    u.weight = u.weight > 0 && u.weight < 1e6f ? u.weight : 0;
    u.event_day = u.event_day > u.ingest_day ? u.ingest_day : u.event_day;
    t->stats.history += u.event_day < u.ingest_day - TREND_LATE_DAYS;
    if (t->pending.n >= PENDING_MAX && u.ingest_day >= t->day) {
        TRY(feeds_take(t, u.ingest_day));
        TRY(count_units(t, u.ingest_day));
    }
    return vec_push(&t->pending, u, UINT32_MAX);
}

enum err trends_exposure(struct trends *t, uint32_t site, int32_t event_day, uint32_t threads)
{
    if (site >= t->options.max_sites)
        return ERR_LIMIT;
    if (event_day < 0 || event_day > DAY_MAX - 1 || !threads)
        return OK;
    if (t->exposure.n && t->exposure.v[t->exposure.n - 1].site == site &&
        t->exposure.v[t->exposure.n - 1].day == event_day) {
        t->exposure.v[t->exposure.n - 1].threads += threads;
        return OK;
    }
    return vec_push(&t->exposure, ((struct exposure){site, threads, event_day}), UINT32_MAX);
}

struct ledger_score trends_ledger(const struct trends *t, uint32_t subject, int32_t since_day,
                                  struct ledger_entry *ret_entry, size_t max, size_t *ret_n)
{
    *ret_n = ledger_of(t->ledger, subject, since_day, ret_entry, max);
    return ledger_score(t->ledger, subject, t->day);
}

enum err trends_site_weight(struct trends *t, uint32_t site, double weight)
{
    return ledger_site(t->ledger, site, weight);
}

void trends_stats(const struct trends *t, struct trend_stats *ret_stats)
{
    *ret_stats = t->stats;
    ret_stats->subjects = t->n_subjects;
    ret_stats->voices = t->n_voices;
    ret_stats->bytes = t->bytes + t->cap_subjects * sizeof *t->subject +
                       t->cap_voices * sizeof *t->voice + t->named.cap * sizeof *t->named.v +
                       (t->seen.cap[0] + t->seen.cap[1]) * sizeof(uint64_t);
}

/* ---- the end of a day ---- */

struct candidate {
    uint32_t subject;
    enum lane lane;
    enum trend_again again;
    double over; /* ln p - ln threshold */
    double alpha, g;
    struct lane_answer verdict;
};

struct day_work {
    struct trends *t;
    struct evening now, week_ago;
    double weights;    /* of eligible subjects */
    uint32_t eligible; /* their number */
    VEC(struct candidate) candidate;
    VEC(double) lp[TREND_LANES]; /* of all that were asked, for q */
};

static void count_eligible(struct day_work *w)
{
    double sum[TREND_LANES][STRATA] = {{0}};
    for (uint32_t i = 0; i < w->t->n_subjects; i++) {
        const struct subject *s = &w->t->subject[i];
        if (!s->last_day || s->last_day < w->t->day - ELIGIBLE_DAYS)
            continue;
        w->weights += (double)s->weight;
        w->eligible++;
        sum[LANE_BURST][SELDOM] += (double)s->weight;
        sum[LANE_RISE][s->stratum] += (double)s->weight;
    }
    memcpy(sum[LANE_BREADTH], sum[LANE_RISE], sizeof sum[0]);
    for (int lane = 0; lane < TREND_LANES; lane++)
        for (int i = 0; i < STRATA; i++)
            w->t->part[lane][i] = w->weights > 0 ? sum[lane][i] / w->weights : 0;
}

static uint32_t classes_of(const struct trends *t, const struct subject *s, unsigned window)
{
    uint32_t classes = 0;
    for (uint16_t i = 0; i < s->n_sites; i++)
        if (s->site[i].last_day > t->day - (int32_t)window)
            classes |= UINT32_C(1) << t->feed[s->site[i].site].site_class;
    return classes;
}

static uint8_t intent_of(const struct trends *t, const struct subject *s, unsigned window)
{
    uint8_t most = 0;
    for (uint16_t i = 0; i < s->n_evidence; i++)
        if (s->evidence[i].day > t->day - (int32_t)window && s->evidence[i].intent > most)
            most = s->evidence[i].intent;
    return most;
}

static bool two_voices(const struct subject *s, int32_t after)
{
    const struct evidence *first = NULL;
    for (uint16_t i = s->n_evidence; i > 0 && s->evidence[i - 1].day > after; i--) {
        const struct evidence *v = &s->evidence[i - 1];
        if (first && (v->voice != first->voice || (!v->voice && v->site != first->site)))
            return true;
        first = first ? first : v;
    }
    return false;
}

/* Asked for by few, and not on each day: made for the first of them. What is learned is as it was
 * when the day's evening was made. */
static enum err week_ago(struct day_work *w)
{
    if (w->week_ago.open)
        return OK;
    TRY(evening_make(w->t, w->t->day - TREND_FRESH_DAYS, &w->week_ago));
    memcpy(w->week_ago.wander, w->now.wander, sizeof w->now.wander);
    return OK;
}

/* Was it so a week ago already, by what is known now? Then it is history that came late. */
static enum err is_history(struct day_work *w, const struct subject *s, const struct candidate *c,
                           unsigned longest, bool *ret_history)
{
    TRY(week_ago(w));
    double lp = lane_ask(&w->week_ago, s, c->lane, longest, UINT32_MAX).lp;
    *ret_history = lp - c->verdict.lp + c->over <= 0 && c->verdict.lp > lp - log(100);
    return OK;
}

static bool told_within(const struct trends *t, const struct subject *s, int32_t days)
{
    return s->told_day && t->day - s->told_day < days;
}

static enum trend_again why_again(const struct day_work *w, const struct subject *s,
                                  const struct lane_state *l, const struct candidate *c,
                                  bool *ret_speak)
{
    *ret_speak = true;
    if (s->marks & TREND_MARK_KEV)
        return TREND_KEV;
    if (s->marks & TREND_MARK_ASSET)
        return TREND_ASSET;
    *ret_speak = c->over <= 0;
    if (c->verdict.lp <= (double)l->alert_p - log(100) &&
        c->verdict.observed >= GROWN * l->alert_y && !told_within(w->t, s, STRONGER_DAYS))
        return TREND_STRONGER;
    unsigned window = c->verdict.window;
    if (intent_of(w->t, s, window) > l->intent)
        return TREND_INTENT;
    if (classes_of(w->t, s, window) & ~l->classes)
        return TREND_CLASS;
    *ret_speak = false;
    return TREND_FIRST;
}

static void open_episode(struct trends *t, const struct subject *s, struct lane_state *l,
                         const struct candidate *c)
{
    if (!l->open) {
        l->open = 1;
        l->first_day = (uint16_t)t->day;
        l->episodes++;
        l->intent = 0;
        l->classes = 0;
    }
    l->alert_day = (uint16_t)t->day;
    l->alert_p = (float)c->verdict.lp;
    l->alert_y = (uint16_t)fmin(c->verdict.observed, UINT16_MAX);
    l->intent = intent_of(t, s, c->verdict.window);
    l->classes |= classes_of(t, s, c->verdict.window);
}

/* One lane of one subject. */
static enum err decide(struct day_work *w, uint32_t id, enum lane lane)
{
    struct trends *t = w->t;
    struct subject *s = &t->subject[id];
    struct lane_state *l = &s->lane[lane];
    bool fresh = s->fresh_day == t->day, speak = true;
    if (l->open && t->day - l->evidence_day > COOL_DAYS)
        l->open = 0;
    if (fresh)
        l->evidence_day = (uint16_t)t->day;
    /* What an alert rested on does not make another one. */
    unsigned longest =
        l->open || !l->alert_day ? TREND_RING_DAYS : (unsigned)(t->day - l->alert_day);
    struct candidate c = {.subject = id, .lane = lane, .again = TREND_FIRST};
    c.verdict = lane_ask(&w->now, s, lane, longest, UINT32_MAX);
    if (!c.verdict.window)
        return OK;
    c.alpha = t->options.budget[lane] / 7 * (double)s->weight / w->weights;
    struct calibration *k = &t->calibration[lane][lane == LANE_BURST ? SELDOM : s->stratum];
    c.g = fmax(k->g, c.alpha / P_MOST);
    c.over = c.verdict.lp - log(c.alpha / c.g);
    TRY(vec_push(&w->lp[lane], c.verdict.lp, CANDIDATES_MAX));
    if (!l->open)
        calibrate_note(t, l, k, lane, c.verdict.lp - log(c.alpha));
    if (l->open)
        c.again = why_again(w, s, l, &c, &speak);
    else if (c.over > 0 || !fresh || !two_voices(s, t->day - (int32_t)c.verdict.window))
        return OK;
    if (!speak)
        return OK;
    /* What another lane told lately is not told again by this one. */
    bool silent = !l->open && told_within(t, s, COOL_DAYS);
    if (!l->open && !silent)
        TRY(is_history(w, s, &c, longest, &silent));
    open_episode(t, s, l, &c);
    if (silent)
        return OK;
    s->told_day = (uint16_t)t->day;
    return vec_push(&w->candidate, c, CANDIDATES_MAX);
}

static int by_strength(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    if (x->over != y->over)
        return x->over < y->over ? -1 : 1;
    if (x->subject != y->subject)
        return x->subject < y->subject ? -1 : 1;
    return (int)x->lane - (int)y->lane;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int by_id(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Benjamini and Hochberg: the least m p(i) / i from this p upwards. */
static double q_of(const struct day_work *w, const struct candidate *c)
{
    double q = 1;
    for (size_t i = 0; i < w->lp[c->lane].n; i++)
        if (w->lp[c->lane].v[i] >= c->verdict.lp)
            q = fmin(q, exp(w->lp[c->lane].v[i]) * w->eligible / (double)(i + 1));
    return q;
}

static enum err tell(struct day_work *w, const struct trend_events *events)
{
    struct trends *t = w->t;
    for (int i = 0; i < TREND_LANES; i++)
        if (w->lp[i].n)
            qsort(w->lp[i].v, w->lp[i].n, sizeof *w->lp[i].v, by_value);
    if (w->candidate.n)
        qsort(w->candidate.v, w->candidate.n, sizeof *w->candidate.v, by_strength);
    for (size_t i = 0; i < w->candidate.n && events->on_alert; i++) {
        const struct candidate *c = &w->candidate.v[i];
        struct subject *s = &t->subject[c->subject];
        struct trend_alert a = {.subject = c->subject,
                                .lane = c->lane,
                                .again = c->again,
                                .page = i < t->options.alerts_a_day,
                                .day = t->day,
                                .window_days = c->verdict.window,
                                .observed = c->verdict.observed,
                                .expected = c->verdict.expected,
                                .p = exp(c->verdict.lp),
                                .alpha = c->alpha,
                                .g = c->g,
                                .q = q_of(w, c),
                                .episode = s->lane[c->lane].episodes,
                                .first_day = s->lane[c->lane].first_day};
        trend_explain(t, &w->now, s, &a);
        TRY(events->on_alert(events->ctx, &a));
    }
    return OK;
}

static enum err judge(struct day_work *w, const struct trend_events *events)
{
    struct trends *t = w->t;
    for (size_t i = 0; i < t->marked.n; i++)
        if (t->subject[t->marked.v[i]].fresh_day != t->day)
            TRY(vec_push(&t->touched, t->marked.v[i], UINT32_MAX));
    t->marked.n = 0;
    if (t->touched.n)
        qsort(t->touched.v, t->touched.n, sizeof *t->touched.v, by_id);
    for (size_t i = 0; i < t->touched.n; i++) {
        struct subject *s = &t->subject[t->touched.v[i]];
        s->stratum = (uint8_t)stratum_of(t, s);
        for (int lane = 0; lane < TREND_LANES; lane++)
            TRY(decide(w, t->touched.v[i], (enum lane)lane));
        s->marks = 0;
    }
    t->touched.n = 0;
    return tell(w, events);
}

/* Too much memory: the subjects that were not named for longest are forgotten. */
static void evict(struct trends *t)
{
    for (int32_t keep = TREND_RING_DAYS; t->bytes > t->options.max_bytes && keep >= 0; keep -= 10)
        for (uint32_t i = 0; i < t->n_subjects; i++)
            if (t->subject[i].last_day && t->subject[i].last_day < t->day - keep) {
                subject_forget(t, &t->subject[i]);
                t->stats.evicted++;
            }
}

static enum err end_day(struct day_work *w, int32_t days, const struct trend_events *events)
{
    struct trends *t = w->t;
    TRY(count_units(t, t->day));
    TRY(evening_make(t, t->day, &w->now));
    count_eligible(w);
    priors_end_day(t, &w->now);
    calibrate_end_day(t, days);
    TRY(judge(w, events));
    TRY(feeds_silent(t, events));
    seen_end_day(&t->seen, t->day);
    evict(t);
    return OK;
}

enum err trends_end_day(struct trends *t, int32_t ingest_day, const struct trend_events *events)
{
    if (ingest_day < t->day || ingest_day < TREND_RING_DAYS || ingest_day > DAY_MAX - 1)
        return ERR_USAGE;
    struct day_work w = {.t = t};
    int32_t days = t->ended_day < 0 ? 1 : ingest_day - t->ended_day;
    t->ended_day = ingest_day;
    enum err rc = feeds_take(t, ingest_day);
    if (!rc)
        rc = end_day(&w, days, events);
    evening_done(&w.now);
    evening_done(&w.week_ago);
    vec_done(&w.candidate);
    for (int i = 0; i < TREND_LANES; i++)
        vec_done(&w.lp[i]);
    return rc;
}

bool trends_open(const struct trends *t, uint32_t subject, enum lane lane, uint32_t episode)
{
    if (subject >= t->n_subjects || (unsigned)lane >= TREND_LANES)
        return false;
    const struct lane_state *l = &t->subject[subject].lane[lane];
    return l->open && l->episodes == episode && t->day - l->evidence_day <= COOL_DAYS;
}
