#include "cli/backtest_answer.h"
#include "output/escape.h"
#include "output/grid.h"

#include <inttypes.h>
#include <math.h>

struct page_out {
    const struct backtest_answer *a;
    const struct backtest *b;
    struct sink *sink;
    struct buf *out;
    bool markdown;
};

static void title(struct page_out *p, const char *text)
{
    buf_printf(p->out, p->markdown ? "\n## %s\n\n" : "\n%s\n", text);
}

static void heads(struct grid *g, const char *const *names)
{
    for (; *names; names++)
        grid_puts(g, *names);
}

static void percent(struct grid *g, double share)
{
    grid_number(g, 100 * share, 1);
}

static void print(struct page_out *p, struct grid *g)
{
    grid_print(g, p->out, p->markdown, p->a->ascii);
    sink_pace(p->sink);
}

/* "46.5 % (34.1 to 66.0)" */
static void figure(struct page_out *p, struct grid *g, const char *name, double share,
                   const struct interval *i)
{
    char text[96];
    (void)snprintf(text, sizeof text, "%.1f to %.1f", 100 * i->low, 100 * i->high);
    grid_puts(g, name);
    percent(g, share);
    grid_puts(g, isfinite(i->low) ? text : "-");
    (void)p;
}

static double part(double a, double b)
{
    return b > 0 ? a / b : (double)NAN;
}

static void main_table(struct page_out *p)
{
    const struct verdict_of *v = &p->b->verdict;
    const struct interval *i = p->b->interval;
    struct grid g;
    char text[96];
    grid_start(&g, p->a->arena, 3, 1);
    heads(&g, (const char *const[]){"figure", "value", "95 % interval", NULL});
    grid_puts(&g, "alerts a week");
    grid_number(&g, v->alerts_per_week, 2);
    (void)snprintf(text, sizeof text, "%.2f to %.2f", i[FIGURE_RATE].low, i[FIGURE_RATE].high);
    grid_puts(&g, text);
    figure(p, &g, "listed within 30 days, %", tally_share(&v->tally, TALLY_IN_30, TALLY_RIPE_30),
           &i[FIGURE_30]);
    figure(p, &g, "listed within 90 days, %", tally_share(&v->tally, TALLY_IN_90, TALLY_RIPE_90),
           &i[FIGURE_90]);
    figure(p, &g, "listed within 180 days, %", tally_share(&v->tally, TALLY_IN_180, TALLY_RIPE_180),
           &i[FIGURE_180]);
    figure(p, &g, "listed ever, before or after, %",
           tally_share(&v->tally, TALLY_EVER, TALLY_ALERTS), &i[FIGURE_EVER]);
    figure(p, &g, "targets that had an alert before, %", part(v->caught, v->targets),
           &i[FIGURE_RECALL]);
    figure(p, &g, "... of those named before at all, %", part(v->caught, v->targets_named),
           &i[FIGURE_RECALL_NAMED]);
    print(p, &g);
}

static void main_part(struct page_out *p)
{
    const struct backtest *b = p->b;
    const struct verdict_of *v = &b->verdict;
    const struct backtest_answer *a = p->a;
    buf_puts(p->out, p->markdown ? "# Backtest\n\n" : "Backtest\n\n");
    buf_printf(p->out, "Trained until %.*s", STR_FMT(backtest_day(a, b->options.train_until)));
    if (b->thresholded)
        buf_printf(p->out, " (threshold from %.*s on)",
                   STR_FMT(backtest_day(a, b->calibrated.from)));
    buf_printf(p->out,
               ", tested until %.*s: %.0f weeks, %" PRIu64 " posts, %" PRIu64 " subjects.\n",
               STR_FMT(backtest_day(a, b->test.to - 1)), b->weeks, b->corpus->posts, b->subjects);
    if (!b->thresholded)
        buf_puts(p->out, "There is no threshold, and so no alert: the part to train on is too "
                         "short.\n");
    buf_printf(p->out,
               "%.0f alerts, %.0f of them before the listing, %.0f on what was listed already. "
               "Of %.0f targets %.0f had been named before by anybody.\n",
               v->tally.of[TALLY_ALERTS], v->tally.of[TALLY_EARLY], v->late, v->targets,
               v->targets_named);
    if (isfinite(v->lead.median))
        buf_printf(p->out, "Days between alert and listing: %.0f (quartiles %.0f and %.0f).\n",
                   v->lead.median, v->lead.q1, v->lead.q3);
    buf_printf(p->out,
               "%.2f %% of the subjects that came up in the test were listed; lift %.1f. Too young "
               "to tell: %" PRIu64 ", %" PRIu64 " and %" PRIu64
               " alerts for 30, 90 and 180 days.\n\n",
               100 * b->base_rate, isfinite(b->lift) ? b->lift : 0, b->unripe[0], b->unripe[1],
               b->unripe[2]);
    main_table(p);
}

static void rates_part(struct page_out *p)
{
    struct grid g;
    title(p, "At equal alerts a week, beside the best of the simple rules");
    grid_start(&g, p->a->arena, 11, 0);
    heads(&g, (const char *const[]){"a week", "ever %", "best simple %", "in 90 d %", "early",
                                    "best single", "best fused", "ratio to single", "frozen a week",
                                    "frozen ever %", "frozen early", NULL});
    for (int i = 0; i < BACKTEST_RATES; i++) {
        const struct rate_row *r = &p->b->rate[i];
        grid_number(&g, r->rate, 1);
        percent(&g, tally_share(&r->tocsin, TALLY_EVER, TALLY_ALERTS));
        percent(&g, tally_share(&r->best, TALLY_EVER, TALLY_ALERTS));
        percent(&g, tally_share(&r->tocsin, TALLY_IN_90, TALLY_RIPE_90));
        grid_number(&g, r->tocsin.of[TALLY_EARLY], 1);
        grid_number(&g, r->single.of[TALLY_EARLY], 1);
        grid_number(&g, r->fused.of[TALLY_EARLY], 1);
        grid_number(&g, part(r->tocsin.of[TALLY_EARLY], r->single.of[TALLY_EARLY]), 2);
        grid_number(&g, r->frozen.of[TALLY_ALERTS] / p->b->weeks, 2);
        percent(&g, tally_share(&r->frozen, TALLY_EVER, TALLY_ALERTS));
        grid_number(&g, r->frozen.of[TALLY_EARLY], 0);
    }
    print(p, &g);
}

static void rules_part(struct page_out *p)
{
    struct grid g;
    title(p, "Simple rules as they are used");
    grid_start(&g, p->a->arena, 7, 1);
    heads(&g, (const char *const[]){"rule", "alerts", "a week", "ever %", "in 90 d %", "early",
                                    "median lead", NULL});
    for (size_t i = 0; i < p->b->n_rules; i++) {
        const struct verdict_of *v = &p->b->rule[i].verdict;
        grid_puts(&g, p->b->rule[i].name);
        grid_number(&g, v->tally.of[TALLY_ALERTS], 0);
        grid_number(&g, v->alerts_per_week, 2);
        percent(&g, tally_share(&v->tally, TALLY_EVER, TALLY_ALERTS));
        percent(&g, tally_share(&v->tally, TALLY_IN_90, TALLY_RIPE_90));
        grid_number(&g, v->tally.of[TALLY_EARLY], 0);
        grid_number(&g, v->lead.median, 0);
    }
    print(p, &g);
}

static void without_part(struct page_out *p)
{
    struct grid g;
    if (p->b->without.n == 0)
        return;
    title(p, "Without a group of signals or a source, or with one group alone");
    grid_start(&g, p->a->arena, 6, 2);
    heads(&g, (const char *const[]){"what", "which", "ever %", "early", "ever % at 5 a week",
                                    "early at 5 a week", NULL});
    for (size_t i = 0; i < p->b->without.n; i++) {
        const struct without_row *r = &p->b->without.v[i];
        grid_text(&g, r->kind);
        grid_text(&g, r->name);
        percent(&g, tally_share(&r->tally, TALLY_EVER, TALLY_ALERTS));
        grid_number(&g, r->tally.of[TALLY_EARLY], 1);
        percent(&g, tally_share(&r->tally_5, TALLY_EVER, TALLY_ALERTS));
        grid_number(&g, r->tally_5.of[TALLY_EARLY], 1);
    }
    print(p, &g);
}

static void signals_part(struct page_out *p)
{
    struct grid g;
    title(p, "What the signals weigh at the start of the test");
    grid_start(&g, p->a->arena, 4, 3);
    heads(&g, (const char *const[]){"signal", "group", "says", "weight", NULL});
    for (int i = SIGNAL_ONE + 1; i < SIGNALS; i++) {
        grid_puts(&g, signal_table[i].name);
        grid_puts(&g, signal_group_name(signal_table[i].group));
        grid_puts(&g, signal_table[i].says);
        grid_number(&g, p->b->scoring.weights[i], 3);
    }
    print(p, &g);
}

static void inputs_part(struct page_out *p)
{
    struct grid g;
    title(p, "Inputs");
    grid_start(&g, p->a->arena, 4, 3);
    heads(&g, (const char *const[]){"file", "kind", "SHA-256", "bytes", NULL});
    for (size_t i = 0; i < p->a->n_inputs && i < GRID_ROWS - 1; i++) {
        const struct backtest_input *in = &p->a->input[i];
        grid_text(&g, in->file);
        grid_puts(&g, in->labels ? "labels" : "posts");
        grid_puts(&g, in->hashed ? in->sha256 : "-");
        grid_number(&g, (double)in->bytes, 0);
    }
    print(p, &g);
    buf_printf(p->out, "\ntocsin %s, configuration %s, seed %d, threshold %.4f\n", p->a->version,
               p->a->config, BACKTEST_SEED, p->b->threshold);
}

void backtest_page(const struct backtest_answer *a, struct sink *sink, bool markdown)
{
    struct page_out p = {a, a->backtest, sink, &sink->out, markdown};
    main_part(&p);
    rates_part(&p);
    rules_part(&p);
    without_part(&p);
    signals_part(&p);
    inputs_part(&p);
}
