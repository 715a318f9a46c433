/* Text for people: verdicts, findings, coverage, what was not examined, one sentence at the end. */
#include "output/escape.h"
#include "output/json_writer.h"
#include "output/text_finding.h"
#include "output/writer.h"

#include <stdlib.h>

enum { GAPS_A_KIND = 5, LIST_LINES = 20, FINDINGS_A_HOST = 25 };

struct text {
    struct page page;
    const struct answer *answer;
    struct buf tmp;
};

static const char *state_text(enum verdict_state v)
{
    static const char *const names[] = {"no sign", "not enough evidence", "ATTEMPTED",
                                        "EXPLOITED, UNCONFIRMED", "COMPROMISED"};
    return names[v];
}

static enum style state_style(enum verdict_state v)
{
    static const enum style styles[] = {STYLE_GREEN, STYLE_BOLD, STYLE_YELLOW, STYLE_MAGENTA,
                                        STYLE_RED};
    return styles[v];
}

static int worst_first(const void *pa, const void *pb)
{
    const struct verdict *const *a = pa, *const *b = pb;
    if ((*a)->state != (*b)->state)
        return (*a)->state > (*b)->state ? -1 : 1;
    return (*a > *b) - (*a < *b);
}

/* "2021-03-01..2021-03-10"; out holds 64 bytes. */
static struct str period(int64_t first_us, int64_t last_us, char *out)
{
    char a[32], b[32];
    if (!time_printable(first_us) || !time_printable(last_us))
        return STR("nothing");
    (void)snprintf(out, 64, "%s..%s", time_short(first_us, false, a),
                   time_short(last_us, false, b));
    return str_of(out);
}

/* The small texts of one row of a table. */
struct cells {
    char text[TABLE_COLUMNS][64];
    struct str cell[TABLE_COLUMNS];
};

static void cell_grouped(struct cells *c, size_t i, uint64_t value)
{
    struct buf b;
    buf_init(&b, sizeof c->text[i]);
    text_grouped(&b, value);
    memcpy(c->text[i], b.p, b.n);
    c->cell[i] = str_make(c->text[i], b.n);
    buf_done(&b);
}

static void cell_share(struct cells *c, size_t i, double share)
{
    struct buf b;
    buf_init(&b, sizeof c->text[i]);
    text_share(&b, share);
    memcpy(c->text[i], b.p, b.n);
    c->cell[i] = str_make(c->text[i], b.n);
    buf_done(&b);
}

static void cell_date(struct cells *c, size_t i, int64_t time_us)
{
    c->cell[i] =
        time_printable(time_us) ? str_of(time_short(time_us, false, c->text[i])) : STR("-");
}

static void verdict_cells(struct cells *c, const struct verdict *v)
{
    c->cell[0] = v->host.n ? v->host : STR("(host not known)");
    c->cell[1] = str_of(state_text(v->state));
    c->cell[2] = period(v->first_us, v->last_us, c->text[2]);
    if (v->dossier.p)
        cell_share(c, 3, v->window_share);
    else
        c->cell[3] = STR("-");
}

static void add_date(struct buf *b, const char *what, int64_t time_us, bool seconds)
{
    char time[32];
    if (!time_printable(time_us))
        return;
    buf_puts(b, what);
    buf_puts(b, time_short(time_us, seconds, time));
}

static void add_list(struct buf *b, const struct str_list *list)
{
    for (size_t i = 0; i < list->n; i++) {
        buf_puts(b, i ? ", " : "");
        buf_str(b, list->v[i]);
    }
}

static void wrap_tmp(struct text *t, size_t indent, enum style style, const char *label)
{
    page_wrap(&t->page, indent, style, label, buf_view(&t->tmp));
    if (t->tmp.rc && !t->page.sink->rc)
        t->page.sink->rc = t->tmp.rc;
    buf_reset(&t->tmp);
}

/* What stands below a verdict's row. */
static void verdict_notes(struct text *t, const struct verdict *v)
{
    struct page *p = &t->page;
    buf_str(&t->tmp, v->dossier.p ? v->dossier : STR("rules outside any dossier"));
    if (v->build.n) {
        buf_puts(&t->tmp, ", build ");
        buf_str(&t->tmp, v->build);
    }
    add_date(&t->tmp, ", fixed since ", v->fixed_since_us, false);
    add_date(&t->tmp, ", earliest sign ", v->earliest_us, true);
    wrap_tmp(t, 4, STYLE_PLAIN, "");
    if (v->missing.n) {
        add_list(&t->tmp, &v->missing);
        wrap_tmp(t, 4, STYLE_DIM, "not supplied: ");
    }
    if (v->state == VERDICT_NO_SIGN)
        return;
    if (v->because.n)
        page_prose(p, 4, STYLE_DIM, "because  ", v->because);
    if (v->next.n || v->isolate) {
        buf_puts(&t->tmp, v->isolate ? "Isolate this host. " : "");
        buf_str(&t->tmp, v->next);
        page_prose(p, 4, STYLE_BOLD, "next     ", buf_view(&t->tmp));
        buf_reset(&t->tmp);
    }
    if (v->next_evidence.n)
        page_prose(p, 4, STYLE_DIM, "supply   ", v->next_evidence);
}

static void verdicts(struct text *t, const struct verdict *const *order)
{
    struct table table = {.n = 4,
                          .column = {{.title = "HOST", .min = 8},
                                     {.title = "VERDICT"},
                                     {.title = "COVERED"},
                                     {.title = "OF WINDOW", .right = true}}};
    struct cells c;
    size_t n = t->answer->n_verdicts;
    page_puts(&t->page, STYLE_BOLD, "VERDICTS");
    page_newline(&t->page);
    if (!n) {
        page_wrap(&t->page, 2, STYLE_PLAIN, "",
                  STR("none: no host was seen that a loaded dossier is about"));
        return;
    }
    for (size_t i = 0; i < n; i++) {
        verdict_cells(&c, order[i]);
        table_see(&table, &t->page, c.cell);
    }
    table_fit(&table, &t->page);
    table_head(&table, &t->page);
    for (size_t i = 0; i < n && !t->page.sink->rc; i++) {
        verdict_cells(&c, order[i]);
        table_row(&table, &t->page, c.cell, 1, state_style(order[i]->state));
        verdict_notes(t, order[i]);
        if (order[i]->state != VERDICT_NO_SIGN && i + 1 < n)
            page_newline(&t->page);
    }
}

static void coverage_cells(struct cells *c, const struct coverage *v)
{
    c->cell[0] = v->kind.n ? v->kind : STR("(kind not known)");
    cell_date(c, 1, v->first_us);
    cell_date(c, 2, v->last_us);
    cell_grouped(c, 3, v->records);
    cell_grouped(c, 4, v->unparsed);
    cell_grouped(c, 5, v->n_gaps);
    c->cell[6] = v->n_shares ? STR("below") : STR("-");
    if (v->n_shares == 1)
        cell_share(c, 6, v->share[0].share);
}

static void coverage_shares(struct text *t, const struct coverage *v)
{
    for (size_t i = 0; i < v->n_shares; i++) {
        buf_puts(&t->tmp, i ? ", " : "");
        buf_str(&t->tmp, v->share[i].dossier);
        buf_putc(&t->tmp, ' ');
        text_share(&t->tmp, v->share[i].share);
    }
    wrap_tmp(t, 6, STYLE_DIM, "of windows: ");
}

static void coverage(struct text *t)
{
    const struct answer *a = t->answer;
    struct table table = {.n = 7,
                          .indent = 2,
                          .column = {{.title = "KIND", .min = 8},
                                     {.title = "FIRST"},
                                     {.title = "LAST"},
                                     {.title = "ROWS", .right = true, .min = 11},
                                     {.title = "UNPARSED", .right = true, .min = 9},
                                     {.title = "GAPS", .right = true, .min = 6},
                                     {.title = "OF WINDOW", .right = true}}};
    struct cells c;
    page_title(&t->page, "COVERAGE (what was really read)");
    if (!a->n_coverage)
        page_wrap(&t->page, 2, STYLE_PLAIN, "", STR("nothing with a time was read"));
    for (size_t i = 0; i < a->n_coverage; i++) {
        coverage_cells(&c, &a->coverage[i]);
        table_see(&table, &t->page, c.cell);
    }
    table_fit(&table, &t->page);
    if (a->n_coverage)
        table_head(&table, &t->page);
    for (size_t i = 0; i < a->n_coverage && !t->page.sink->rc; i++) {
        const struct coverage *v = &a->coverage[i];
        if (i == 0 || !str_eq(v->host, a->coverage[i - 1].host)) {
            (void)page_cut(&t->page, v->host.n ? v->host : STR("(host not known)"), t->page.width);
            page_newline(&t->page);
        }
        coverage_cells(&c, v);
        table_row(&table, &t->page, c.cell, SIZE_MAX, STYLE_PLAIN);
        if (v->n_shares > 1)
            coverage_shares(t, v);
    }
}

static void and_more(struct text *t, size_t left, const char *what)
{
    if (!left)
        return;
    buf_puts(&t->tmp, "and ");
    text_grouped(&t->tmp, left);
    buf_puts(&t->tmp, what);
    wrap_tmp(t, 2, STYLE_DIM, "");
}

static void silent_span(struct text *t, const struct coverage *c, const struct span_us *g)
{
    buf_str(&t->tmp, c->host.n ? c->host : STR("(host not known)"));
    buf_putc(&t->tmp, ' ');
    buf_str(&t->tmp, c->kind);
    add_date(&t->tmp, ": ", g->first_us, true);
    add_date(&t->tmp, " to ", g->last_us, true);
    wrap_tmp(t, 2, STYLE_PLAIN, "- ");
}

static void silent_spans(struct text *t)
{
    const struct answer *a = t->answer;
    size_t lines = 0, left = 0;
    for (size_t i = 0; i < a->n_coverage; i++)
        for (size_t k = 0; k < a->coverage[i].n_gaps; k++) {
            if (k >= GAPS_A_KIND || lines >= LIST_LINES) {
                left++;
                continue;
            }
            if (lines++ == 0)
                page_title(&t->page, "GAPS (nothing logged, or not supplied)");
            silent_span(t, &a->coverage[i], &a->coverage[i].gap[k]);
        }
    and_more(t, left, " more; --json shows all");
}

static void gap_line(struct text *t, const struct gap *g)
{
    buf_str(&t->tmp, g->reason);
    buf_putc(&t->tmp, ':');
    if (g->host.n) {
        buf_putc(&t->tmp, ' ');
        buf_str(&t->tmp, g->host);
    }
    if (g->file.n) {
        buf_putc(&t->tmp, ' ');
        buf_str(&t->tmp, g->file);
    }
    if (g->offset) {
        buf_puts(&t->tmp, " from byte ");
        text_grouped(&t->tmp, g->offset);
    }
    if (g->detail.n) {
        buf_puts(&t->tmp, g->host.n || g->file.n ? ", " : " ");
        buf_str(&t->tmp, g->detail);
    }
    wrap_tmp(t, 2, STYLE_PLAIN, "- ");
}

static void not_examined(struct text *t)
{
    const struct answer *a = t->answer;
    size_t lines = 0, left = 0;
    page_title(&t->page, "NOT EXAMINED");
    for (size_t i = 0; i < a->n_gaps; i++) {
        if (lines++ < LIST_LINES)
            gap_line(t, &a->gap[i]);
        else
            left++;
    }
    and_more(t, left, " more parts; --json shows all");
    left = 0;
    for (size_t i = 0, tests = 0; i < a->n_coverage; i++)
        for (size_t k = 0; k < a->coverage[i].not_tested.n; k++, lines++) {
            if (tests++ >= LIST_LINES) {
                left++;
                continue;
            }
            buf_str(&t->tmp, a->coverage[i].host);
            buf_putc(&t->tmp, ' ');
            buf_str(&t->tmp, a->coverage[i].kind);
            buf_puts(&t->tmp, ": ");
            buf_str(&t->tmp, a->coverage[i].not_tested.v[k]);
            wrap_tmp(t, 2, STYLE_PLAIN, "- not tested on ");
        }
    and_more(t, left, " more tests; --json shows all");
    if (!lines)
        page_wrap(&t->page, 2, STYLE_PLAIN, "", STR("nothing: all that was given was read"));
}

static void add_tenths(struct buf *b, double value)
{
    uint64_t tenths = value > 0 && value < 1e15 ? (uint64_t)(value * 10 + 0.5) : 0;
    text_grouped(b, tenths / 10);
    buf_putc(b, '.');
    buf_u64(b, tenths % 10);
}

static void add_count(struct buf *b, uint64_t n, const char *what)
{
    text_grouped(b, n);
    buf_putc(b, ' ');
    buf_puts(b, what);
    buf_puts(b, n == 1 ? "" : "s");
}

static void summary(struct text *t)
{
    const struct summary *m = &t->answer->summary;
    struct buf *b = &t->tmp;
    page_newline(&t->page);
    buf_puts(b, m->interrupted ? "interrupted after " : "read ");
    add_count(b, m->records, "row");
    buf_puts(b, ", ");
    add_tenths(b, (double)m->bytes / 1e6);
    buf_puts(b, " MB in ");
    add_tenths(b, m->elapsed_s);
    buf_puts(b, " s (");
    add_tenths(b, m->elapsed_s > 0 ? (double)m->bytes / 1e6 / m->elapsed_s : 0);
    buf_puts(b, " MB/s): ");
    add_count(b, m->findings, "finding");
    buf_puts(b, ", ");
    add_count(b, m->gaps, "gap");
    buf_puts(b, "; sandbox: ");
    buf_str(b, m->sandbox.n ? m->sandbox : STR("none"));
    wrap_tmp(t, 0, STYLE_PLAIN, "");
}

static unsigned page_width(unsigned wanted)
{
    unsigned width = wanted ? wanted : PAGE_DEFAULT;
    return width < PAGE_MIN ? PAGE_MIN : width > PAGE_MAX ? PAGE_MAX : width;
}

enum err text_write(struct sink *s, const struct answer *a, const struct print_options *o)
{
    struct text t = {.page = {s, page_width(o->width), o->colour, o->ascii}, .answer = a};
    const struct verdict **order = calloc(a->n_verdicts + 1, sizeof *order);
    if (!order)
        return ERR_NOMEM;
    buf_init(&t.tmp, SINK_MAX_BYTES);
    for (size_t i = 0; i < a->n_verdicts; i++)
        order[i] = &a->verdict[i];
    qsort(order, a->n_verdicts, sizeof *order, worst_first);
    if (a->summary.interrupted)
        page_wrap(&t.page, 0, STYLE_YELLOW,
                  "interrupted: ", STR("what follows rests on what had been read until then"));
    verdicts(&t, order);
    enum err rc = text_findings(&t.page, a, order,
                                o->findings_per_host ? o->findings_per_host : FINDINGS_A_HOST);
    if (!rc) {
        coverage(&t);
        silent_spans(&t);
        not_examined(&t);
        summary(&t);
    }
    buf_done(&t.tmp);
    free(order);
    if (rc && !s->rc)
        s->rc = rc;
    return s->rc;
}
