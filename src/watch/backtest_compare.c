#include "watch/backtest_priv.h"
#include "watch/rules.h"

#include <stdlib.h>

static void score_rule(const struct backtest *b, const struct simple_count *c, double *score)
{
    for (size_t i = 0; i < b->replay.sample.n; i++) {
        const struct sample *s = &b->replay.sample.v[i];
        bool told = b->options.unlisted && b->replay.listed[s->subject] <= s->day;
        score[i] = told ? SCORE_NONE : simple_score(c, &s->counts);
    }
}

static enum err judge_rules(struct backtest *b, double *score)
{
    for (const struct simple_rule *r = simple_rules; r->name && b->n_rules < BACKTEST_RULES; r++) {
        struct rule_row *row = &b->rule[b->n_rules++];
        *row = (struct rule_row){.name = r->name, .least = r->least};
        score_rule(b, &simple_counts[r->count], score);
        TRY(backtest_judge(b, score, r->least, &row->verdict));
    }
    return OK;
}

/* Of the alerts asked for; the rest is what no threshold gives exactly. */
static const double reached = 0.95;

static double share(const struct tally *t)
{
    double alerts = t->of[TALLY_ALERTS] > 1 ? t->of[TALLY_ALERTS] : 1;
    return t->of[TALLY_EVER] / alerts;
}

/* Each simple rule may choose its number so that it alerts as often as asked for. */
static void compare_rule(struct backtest *b, const struct thresholds *s,
                         const struct simple_count *c)
{
    for (int i = 0; i < BACKTEST_RATES; i++) {
        struct rate_row *row = &b->rate[i];
        struct tally t = thresholds_at(s, backtest_rates[i] * b->weeks);
        if (t.of[TALLY_ALERTS] < reached * backtest_rates[i] * b->weeks)
            continue; /* does not alert as often at any number */
        bool single = c->whose == WHOSE_REGULAR || c->whose == WHOSE_CROWD;
        const char **name = single ? &row->single_name : &row->fused_name;
        struct tally *most = single ? &row->single : &row->fused;
        if (!row->best_name || share(&t) > share(&row->best)) {
            row->best_name = c->name;
            row->best = t;
        }
        if (!*name || t.of[TALLY_EARLY] > most->of[TALLY_EARLY]) {
            *name = c->name;
            *most = t;
        }
    }
}

static enum err rates_of_tocsin(struct backtest *b)
{
    struct thresholds s;
    enum err rc = thresholds_make(&b->replay, &b->judge, b->score, b->test, &s);
    for (int i = 0; !rc && i < BACKTEST_RATES; i++) {
        struct rate_row *row = &b->rate[i];
        struct verdict_of frozen;
        row->rate = backtest_rates[i];
        row->tocsin = thresholds_at(&s, row->rate * b->weeks);
        row->threshold = backtest_threshold(b, row->rate);
        rc = backtest_judge(b, b->score, row->threshold, &frozen);
        row->frozen = frozen.tally;
    }
    thresholds_done(&s);
    return rc;
}

enum err backtest_compare(struct backtest *b)
{
    double *score = calloc(b->replay.sample.n + 1, sizeof *score);
    enum err rc = score ? rates_of_tocsin(b) : ERR_NOMEM;
    if (!rc)
        rc = judge_rules(b, score);
    for (size_t i = 0; !rc && i < SIMPLE_COUNTS; i++) {
        struct thresholds s;
        score_rule(b, &simple_counts[i], score);
        rc = thresholds_make(&b->replay, &b->judge, score, b->test, &s);
        if (!rc)
            compare_rule(b, &s, &simple_counts[i]);
        thresholds_done(&s);
    }
    free(score);
    return rc;
}
