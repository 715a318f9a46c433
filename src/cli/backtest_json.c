#include "cli/backtest_answer.h"
#include "output/json_writer.h"

#include <math.h>

enum { DECIMALS = 4 };

static void start(struct json *j, struct sink *sink, const char *type)
{
    json_init(j, &sink->out);
    json_object(j, NULL);
    json_text(j, "type", type);
}

static void end(struct json *j, struct sink *sink)
{
    json_end(j);
    json_line(j);
    sink_pace(sink);
}

/* Rounded to the nearest, unlike shares of a window: an estimate is no promise. */
static void number(struct json *j, const char *key, double v)
{
    json_fixed(j, key, isfinite(v) ? round(v * 1e4) / 1e4 + copysign(1e-9, v) : v, DECIMALS);
}

static void count(struct json *j, const char *key, double v)
{
    json_u64(j, key, v > 0 ? (uint64_t)(v + 0.5) : 0);
}

static void day(struct json *j, const struct backtest_answer *a, const char *key, int32_t d)
{
    json_str(j, key, d == LABEL_NEVER ? STR_NONE : backtest_day(a, d));
}

static void shares(struct json *j, const struct tally *t)
{
    number(j, "alerts", t->of[TALLY_ALERTS]);
    number(j, "precision_ever", tally_share(t, TALLY_EVER, TALLY_ALERTS));
    number(j, "precision_90d", tally_share(t, TALLY_IN_90, TALLY_RIPE_90));
    number(j, "early", t->of[TALLY_EARLY]);
}

static void precisions(struct json *j, const struct tally *t)
{
    number(j, "precision_30d", tally_share(t, TALLY_IN_30, TALLY_RIPE_30));
    number(j, "precision_90d", tally_share(t, TALLY_IN_90, TALLY_RIPE_90));
    number(j, "precision_180d", tally_share(t, TALLY_IN_180, TALLY_RIPE_180));
    number(j, "precision_ever", tally_share(t, TALLY_EVER, TALLY_ALERTS));
}

static void verdict(struct json *j, const struct verdict_of *v)
{
    double alerts = v->tally.of[TALLY_ALERTS];
    count(j, "alerts", alerts);
    number(j, "alerts_per_week", v->alerts_per_week);
    precisions(j, &v->tally);
    count(j, "targets", v->targets);
    count(j, "targets_named", v->targets_named);
    count(j, "early", v->tally.of[TALLY_EARLY]);
    count(j, "caught", v->caught);
    number(j, "recall_before", v->targets > 0 ? v->caught / v->targets : (double)NAN);
    number(j, "recall_before_named",
           v->targets_named > 0 ? v->caught / v->targets_named : (double)NAN);
    number(j, "already_listed", alerts > 0 ? v->late / alerts : (double)NAN);
    json_object(j, "lead_days");
    number(j, "q1", v->lead.q1);
    number(j, "median", v->lead.median);
    number(j, "q3", v->lead.q3);
    json_end(j);
}

static void intervals(struct json *j, const struct backtest *b)
{
    static const char *const names[FIGURES] = {
        [FIGURE_RATE] = "alerts_per_week",
        [FIGURE_30] = "precision_30d",
        [FIGURE_90] = "precision_90d",
        [FIGURE_180] = "precision_180d",
        [FIGURE_EVER] = "precision_ever",
        [FIGURE_RECALL] = "recall_before",
        [FIGURE_RECALL_NAMED] = "recall_before_named",
    };
    json_object(j, "interval_95");
    for (int i = 0; i < FIGURES; i++) {
        json_array(j, names[i]);
        number(j, NULL, b->interval[i].low);
        number(j, NULL, b->interval[i].high);
        json_end(j);
    }
    json_end(j);
    json_object(j, "censored");
    json_u64(j, "30d", b->unripe[0]);
    json_u64(j, "90d", b->unripe[1]);
    json_u64(j, "180d", b->unripe[2]);
    json_end(j);
}

static void inputs(struct json *j, const struct backtest_answer *a)
{
    json_array(j, "inputs");
    for (size_t i = 0; i < a->n_inputs; i++) {
        const struct backtest_input *in = &a->input[i];
        json_object(j, NULL);
        json_str(j, "file", in->file);
        json_text(j, "kind", in->labels ? "labels" : "posts");
        json_u64(j, "bytes", in->bytes);
        json_text(j, "sha256", in->hashed ? in->sha256 : NULL);
        json_end(j);
    }
    json_end(j);
}

static void main_object(const struct backtest_answer *a, struct sink *sink)
{
    const struct backtest *b = a->backtest;
    struct json j;
    start(&j, sink, "backtest");
    verdict(&j, &b->verdict);
    number(&j, "base_rate", b->base_rate);
    number(&j, "lift", b->lift);
    intervals(&j, b);
    number(&j, "threshold", b->threshold);
    number(&j, "asked_alerts_per_week", b->options.alerts_per_week);
    day(&j, a, "train_until", b->options.train_until);
    day(&j, a, "calibrated_from", b->calibrated.from);
    day(&j, a, "test_from", b->test.from);
    day(&j, a, "test_until", b->test.to - 1);
    day(&j, a, "labels_until", b->judge.labels_end);
    json_bool(&j, "weights_frozen", b->options.frozen);
    json_bool(&j, "unlisted_only", b->options.unlisted);
    json_bool(&j, "any_age", b->options.any_age);
    json_u64(&j, "posts", b->corpus->posts);
    json_u64(&j, "posts_named", b->corpus->named);
    json_u64(&j, "subjects", b->subjects);
    json_u64(&j, "subjects_test", b->subjects_test);
    json_u64(&j, "labels", b->labels->label.n);
    json_u64(&j, "labels_bad", b->labels->bad);
    json_u64(&j, "bulk_targets", b->bulk_targets);
    json_u64(&j, "left_out", b->corpus->over + b->replay.capped);
    json_u64(&j, "too_old", b->replay.aged);
    json_u64(&j, "undated", a->undated);
    json_u64(&j, "future", a->future);
    json_u64(&j, "ancient", a->ancient);
    json_u64(&j, "seed", BACKTEST_SEED);
    json_text(&j, "config", a->config);
    json_text(&j, "tocsin", a->version);
    inputs(&j, a);
    end(&j, sink);
}

static void rival(struct json *j, const char *key, const char *name, const struct tally *t)
{
    json_object(j, key);
    json_text(j, "rule", name);
    shares(j, t);
    json_end(j);
}

static void rate_objects(const struct backtest_answer *a, struct sink *sink)
{
    for (int i = 0; i < BACKTEST_RATES; i++) {
        const struct rate_row *r = &a->backtest->rate[i];
        struct json j;
        start(&j, sink, "rate");
        number(&j, "alerts_per_week", r->rate);
        json_object(&j, "tocsin");
        shares(&j, &r->tocsin);
        json_end(&j);
        json_object(&j, "frozen_threshold");
        number(&j, "threshold", r->threshold);
        shares(&j, &r->frozen);
        json_end(&j);
        rival(&j, "best_precision", r->best_name, &r->best);
        rival(&j, "best_early_single", r->single_name, &r->single);
        rival(&j, "best_early_fused", r->fused_name, &r->fused);
        end(&j, sink);
    }
}

static void rule_objects(const struct backtest *b, struct sink *sink)
{
    for (size_t i = 0; i < b->n_rules; i++) {
        struct json j;
        start(&j, sink, "simple-rule");
        json_text(&j, "rule", b->rule[i].name);
        verdict(&j, &b->rule[i].verdict);
        end(&j, sink);
    }
}

static void signal_objects(const struct backtest *b, struct sink *sink)
{
    for (int i = SIGNAL_ONE + 1; i < SIGNALS; i++) {
        struct json j;
        start(&j, sink, "signal");
        json_text(&j, "signal", signal_table[i].name);
        json_text(&j, "group", signal_group_name(signal_table[i].group));
        json_text(&j, "says", signal_table[i].says);
        number(&j, "weight", b->scoring.weights[i]);
        end(&j, sink);
    }
}

static void without_objects(const struct backtest *b, struct sink *sink)
{
    for (size_t i = 0; i < b->without.n; i++) {
        const struct without_row *r = &b->without.v[i];
        struct json j;
        start(&j, sink, "without");
        json_str(&j, "kind", r->kind);
        json_str(&j, "name", r->name);
        json_u64(&j, "mentions", r->mentions);
        json_object(&j, "asked_rate");
        shares(&j, &r->tally);
        json_end(&j);
        json_object(&j, "rate_5");
        shares(&j, &r->tally_5);
        json_end(&j);
        end(&j, sink);
    }
}

static void hit_objects(const struct backtest_answer *a, struct sink *sink)
{
    const struct backtest *b = a->backtest;
    for (size_t i = 0; i < b->alerts.list.n; i++) {
        const struct alert_at *at = &b->alerts.list.v[i];
        int32_t listed = b->judge.listed[at->subject];
        struct json j;
        start(&j, sink, "backtest-alert");
        json_str(&j, "subject", b->corpus->subject.v[at->subject].name);
        day(&j, a, "day", at->day);
        day(&j, a, "listed", listed);
        number(&j, "score", b->score[at->sample]);
        if (listed == LABEL_NEVER)
            json_null(&j, "lead_days");
        else
            json_i64(&j, "lead_days", listed - at->day);
        end(&j, sink);
    }
}

/* How long it took would make no two answers the same: elapsed_s is 0. */
static void summary(const struct backtest_answer *a, struct sink *sink)
{
    struct json j;
    start(&j, sink, "summary");
    json_text(&j, "verb", "backtest");
    json_u64(&j, "records", a->backtest->corpus->posts);
    json_u64(&j, "bytes", a->bytes);
    json_u64(&j, "findings", a->backtest->alerts.list.n);
    json_u64(&j, "gaps", a->gaps);
    json_fixed(&j, "elapsed_s", 0, 3);
    json_text(&j, "tocsin", a->version);
    json_object(&j, "dossiers");
    json_end(&j);
    end(&j, sink);
}

void backtest_json(const struct backtest_answer *a, struct sink *sink)
{
    main_object(a, sink);
    rate_objects(a, sink);
    rule_objects(a->backtest, sink);
    signal_objects(a->backtest, sink);
    without_objects(a->backtest, sink);
    hit_objects(a, sink);
    summary(a, sink);
}
