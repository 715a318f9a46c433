#include "watch/replay_priv.h"

#include <math.h>
#include <stdlib.h>

/* How many subjects a rate leans on its parent with: few for voices, more for words, of which
 * there are many more. */
static const double voice_weight = 2, word_weight = 8;

enum { NEAR = 300, NEAR_PRIOR = 10, WORDS_TOLD = 8, WORD_NAMED = 3 };

/* --- counting --- */

static uint16_t small(uint32_t n)
{
    return (uint16_t)(n < UINT16_MAX ? n : UINT16_MAX);
}

/* Voices whose last word was after that day. */
static uint32_t heard_since(const struct told *t, enum voice_class class, int32_t day)
{
    uint32_t n = 0;
    for (size_t i = 0; i < t->heard.n; i++)
        n += t->heard.v[i].last > day && t->heard.v[i].class == class;
    return n;
}

static uint32_t posts_since(const struct told *t, int32_t day)
{
    uint32_t n = 0;
    for (size_t i = t->posts.n; i-- > 0 && t->posts.v[i].day > day;)
        n += t->posts.v[i].posts;
    return n;
}

void sample_counts(const struct told *t, int32_t day, struct counts *ret_counts)
{
    static const int32_t windows[RULE_WINDOWS] = {7, 14, 30};
    for (int k = 0; k < VOICE_CLASSES; k++)
        for (int w = 0; w < RULE_WINDOWS; w++)
            ret_counts->voices[k][w] = small(heard_since(t, (enum voice_class)k, day - windows[w]));
    uint32_t week = posts_since(t, day - 7);
    ret_counts->posts_7 = small(week);
    ret_counts->posts_before_7 = small(posts_since(t, day - 14) - week);
    ret_counts->posts_30 = small(posts_since(t, day - 30));
}

/* --- records --- */

/* Over (or under) what any subject has, in log odds. */
static double voice_odds(const struct state *s, const struct heard *h, double base)
{
    uint32_t site = s->r->corpus->voice.v[h->voice].site;
    double rate = record_rate(s->class[h->class], base, voice_weight);
    if (s->site_voices[site] > 1)
        rate = record_rate(s->site[site], rate, voice_weight);
    rate = record_rate(s->voice[h->voice], rate, voice_weight);
    return record_logit(rate) - record_logit(base);
}

static void sign_records(const struct state *s, const struct told *t, double base, float *x)
{
    double best = -INFINITY, all = 0;
    for (size_t i = 0; i < t->heard.n; i++) {
        double o = voice_odds(s, &t->heard.v[i], base);
        best = fmax(best, o);
        all += o;
    }
    if (t->heard.n == 0)
        return;
    x[SIGNAL_RECORD_BEST] = (float)best;
    x[SIGNAL_RECORD_MEAN] = (float)(all / (double)t->heard.n);
}

/* Keeps the WORDS_TOLD values furthest from zero, in order. */
static void keep_strong(double *kept, size_t *n, double v)
{
    size_t i = *n < WORDS_TOLD ? (*n)++ : WORDS_TOLD;
    if (i == WORDS_TOLD) {
        if (fabs(v) <= fabs(kept[WORDS_TOLD - 1]))
            return;
        i = WORDS_TOLD - 1;
    }
    for (; i > 0 && fabs(kept[i - 1]) < fabs(v); i--)
        kept[i] = kept[i - 1];
    kept[i] = v;
}

static void sign_words(const struct state *s, const struct told *t, double base, float *x)
{
    double kept[WORDS_TOLD + 1], sum = 0, best = -INFINITY;
    size_t n = 0;
    for (size_t i = 0; i < t->word.n; i++) {
        struct record r = s->word[t->word.v[i]];
        if (r.named < WORD_NAMED)
            continue;
        double o = record_logit(record_rate(r, base, word_weight)) - record_logit(base);
        best = fmax(best, o);
        keep_strong(kept, &n, o);
    }
    for (size_t i = 0; i < n; i++)
        sum += kept[i];
    x[SIGNAL_WORDS_SUM] = (float)sum;
    x[SIGNAL_WORDS_BEST] = (float)(n ? best : 0);
}

/* --- neighbours --- */

static size_t lower_bound(const struct numbers *n, uint32_t number)
{
    size_t lo = 0, hi = n->list.n;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (n->list.v[mid] < number)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static size_t near(const struct numbers *n, uint32_t number)
{
    uint32_t from = number > NEAR ? number - NEAR : 0;
    uint32_t to = number < UINT32_MAX - NEAR ? number + NEAR + 1 : UINT32_MAX;
    return lower_bound(n, to) - lower_bound(n, from);
}

/* Numbers are given in blocks, to vendors: what was exploited has neighbours that were. */
static void sign_neighbours(const struct state *s, uint32_t subject, float *x)
{
    const struct subject_name *name = &s->r->corpus->subject.v[subject];
    if (name->year < YEAR_FIRST || name->year >= YEAR_FIRST + YEARS)
        return;
    const struct numbers *listed = &s->listed[name->year - YEAR_FIRST];
    size_t k = near(listed, name->number), at = lower_bound(listed, name->number);
    size_t named = near(&s->named[name->year - YEAR_FIRST], name->number);
    if (at < listed->list.n && listed->list.v[at] == name->number)
        k--; /* itself */
    x[SIGNAL_NEAR_LISTED] = (float)log1p((double)k);
    x[SIGNAL_NEAR_SHARE] = (float)log(((double)k + 0.5) / ((double)named + NEAR_PRIOR));
}

/* --- all of them --- */

static void sign_wording(const struct state *s, const struct told *t, float *x)
{
    const struct wording *w = &s->r->corpus->wording;
    for (int i = SIGNAL_WILD; i <= SIGNAL_CRIME; i++)
        for (size_t g = 0; g < w->n_groups; g++)
            if (str_eq(w->group[g], str_of(signal_table[i].name)))
                x[i] = (float)(t->wording >> g & 1);
}

static void sign_counts(const struct state *s, const struct told *t, float *x)
{
    uint32_t month[VOICE_CLASSES];
    for (int k = 0; k < VOICE_CLASSES; k++)
        month[k] = heard_since(t, (enum voice_class)k, s->day - 30);
    x[SIGNAL_REGULAR_7] = (float)log1p(heard_since(t, VOICE_REGULAR, s->day - 7));
    x[SIGNAL_REGULAR_90] = (float)log1p(heard_since(t, VOICE_REGULAR, s->day - 90));
    x[SIGNAL_CROWD_7] = (float)log1p(heard_since(t, VOICE_CROWD, s->day - 7));
    x[SIGNAL_CROWD_90] = (float)log1p(heard_since(t, VOICE_CROWD, s->day - 90));
    x[SIGNAL_BOTH] = (float)(log1p(month[VOICE_REGULAR]) * log1p(month[VOICE_CROWD]));
}

void sample_signals(const struct state *s, uint32_t subject, float *x)
{
    const struct told *t = &s->told[subject];
    double base = record_base(s->all);
    x[SIGNAL_ONE] = 1;
    sign_counts(s, t, x);
    sign_records(s, t, base, x);
    sign_wording(s, t, x);
    sign_neighbours(s, subject, x);
    sign_words(s, t, base, x);
}
