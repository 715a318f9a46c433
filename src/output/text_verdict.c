/* The verdicts, worst first, and one paragraph for affairs of which the logs cannot know. */
#include "output/text.h"

static const double WHOLE_SHARE = 0.9995; /* reads 99.9 % */

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

struct cells {
    char period[64], share[64];
    struct str cell[TABLE_COLUMNS];
};

static void verdict_cells(struct cells *c, const struct verdict *v)
{
    char a[32], b[32];
    c->cell[0] = text_host(v->host);
    c->cell[1] = str_of(state_text(v->state));
    c->cell[2] = STR("nothing");
    c->cell[3] = STR("-");
    if (time_printable(v->first_us) && time_printable(v->last_us)) {
        (void)snprintf(c->period, sizeof c->period, "%s..%s", time_short(v->first_us, false, a),
                       time_short(v->last_us, false, b));
        c->cell[2] = str_of(c->period);
    }
    if (v->dossier.p) {
        struct buf share;
        buf_init(&share, sizeof c->share);
        text_share(&share, v->window_share);
        memcpy(c->share, share.p, share.n);
        c->cell[3] = str_make(c->share, share.n);
        buf_done(&share);
    }
}

static void add_list(struct buf *b, const struct str_list *list)
{
    for (size_t i = 0; i < list->n; i++) {
        buf_puts(b, i ? ", " : "");
        buf_str(b, list->v[i]);
    }
}

static struct str first_clause(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == ';' ||
            (s.p[i] == '.' && (i + 1 == s.n || ascii_space((unsigned char)s.p[i + 1]))))
            return str_sub(s, 0, i);
    return s;
}

static struct str first_sentence(struct str s)
{
    for (size_t i = 0; i + 1 < s.n; i++)
        if (s.p[i] == '.' && ascii_space((unsigned char)s.p[i + 1]))
            return str_sub(s, 0, i);
    return s;
}

/* Not the whole window was read: a negative that says so, and what would fill it. */
static bool has_hole(const struct verdict *v)
{
    return v->dossier.p && v->window_share < WHOLE_SHARE;
}

static void dossier_line(struct text *t, const struct verdict *v)
{
    bool clear = v->state == VERDICT_NO_SIGN;
    struct str reason = !clear        ? STR_NONE
                        : has_hole(v) ? first_sentence(v->because)
                                      : first_clause(v->because);
    buf_str(&t->tmp, v->dossier.p ? v->dossier : STR("outside the known affairs"));
    if (v->build.n && !clear) {
        buf_puts(&t->tmp, ", build ");
        buf_str(&t->tmp, v->build);
    }
    if (!clear)
        text_date(t, ", fixed since ", v->fixed_since_us, false);
    text_date(t, ", earliest sign ", v->earliest_us, true);
    if (reason.n) {
        buf_puts(&t->tmp, ": ");
        buf_str(&t->tmp, reason);
    }
    if (v->missing.n) {
        buf_puts(&t->tmp, "; not supplied: ");
        add_list(&t->tmp, &v->missing);
    }
    text_prose(t, 4, STYLE_PLAIN, "");
}

/* What to do; a sentence that stands there for another host is not repeated. */
static void next_step(struct text *t, const struct verdict *const *v, size_t at, struct map *said)
{
    const struct verdict *it = v[at];
    bool attempts = !it->dossier.p && it->state == VERDICT_ATTEMPTED;
    bool says_so = attempts || str_istarts(it->next, STR("isolate"));
    uint32_t first = (uint32_t)at;
    buf_puts(&t->tmp, it->isolate && !says_so ? "Isolate this host. " : "");
    buf_str(&t->tmp, it->next);
    const uint32_t *found = map_get(said, buf_view(&t->tmp));
    if (found)
        first = *found;
    else if (!t->rc)
        t->rc = map_put(said, buf_view(&t->tmp), first);
    if (found && !str_eq(v[first]->host, it->host)) {
        buf_reset(&t->tmp);
        buf_puts(&t->tmp, it->isolate ? "isolate, as for " : "as for ");
        buf_str(&t->tmp, text_host(v[first]->host));
    }
    text_prose(t, 4, STYLE_BOLD, "next     ");
}

/* What stands below a verdict's row. */
static void verdict_notes(struct text *t, const struct verdict *const *all, size_t at,
                          struct map *said)
{
    const struct verdict *v = all[at];
    dossier_line(t, v);
    if (v->state == VERDICT_NO_SIGN && has_hole(v) && v->next_evidence.n)
        page_prose(&t->page, 4, STYLE_DIM, "supply   ", v->next_evidence);
    if (v->state == VERDICT_NO_SIGN)
        return;
    if (v->because.n)
        page_prose(&t->page, 4, STYLE_DIM, "because  ", v->because);
    if (v->next.n || v->isolate)
        next_step(t, all, at, said);
    if (v->next_evidence.n)
        page_prose(&t->page, 4, STYLE_DIM, "supply   ", v->next_evidence);
}

static int by_dossier(const void *pa, const void *pb)
{
    const struct verdict *const *a = pa, *const *b = pb;
    int c = str_cmp((*a)->dossier, (*b)->dossier);
    return c ? c : (*a > *b) - (*a < *b);
}

/* v[0 .. n): the affairs of which the logs say nothing. */
static void ended_list(struct text *t, const struct verdict **v, size_t n)
{
    if (!n)
        return;
    qsort(v, n, sizeof *v, by_dossier);
    buf_puts(&t->tmp, "The logs end before these affairs began and say nothing about them: ");
    for (size_t i = 0, k; i < n; i = k) {
        buf_puts(&t->tmp, i ? "; " : "");
        buf_str(&t->tmp, v[i]->dossier);
        buf_puts(&t->tmp, " (");
        for (k = i; k < n && str_eq(v[k]->dossier, v[i]->dossier); k++)
            if (k - i < TEXT_LIST_LINES) {
                buf_puts(&t->tmp, k > i ? ", " : "");
                buf_str(&t->tmp, text_host(v[k]->host));
            }
        if (k - i > TEXT_LIST_LINES) {
            buf_puts(&t->tmp, " and ");
            text_grouped(&t->tmp, k - i - TEXT_LIST_LINES);
            buf_puts(&t->tmp, " more");
        }
        buf_putc(&t->tmp, ')');
    }
    page_newline(&t->page);
    text_wrap(t, 0, STYLE_PLAIN, "");
}

static void table(struct text *t, const struct verdict *const *v, size_t n)
{
    struct table table = {.n = 4,
                          .column = {{.title = "HOST", .min = 8},
                                     {.title = "VERDICT"},
                                     {.title = "COVERED"},
                                     {.title = "OF WINDOW", .right = true}}};
    struct cells c;
    struct map said;
    map_init(&said, &t->arena, n + 1);
    for (size_t i = 0; i < n; i++) {
        verdict_cells(&c, v[i]);
        table_see(&table, &t->page, c.cell);
    }
    table_fit(&table, &t->page);
    if (n)
        table_head(&table, &t->page);
    for (size_t i = 0; i < n && !t->page.sink->rc; i++) {
        verdict_cells(&c, v[i]);
        table_row(&table, &t->page, c.cell, 1, state_style(v[i]->state));
        verdict_notes(t, v, i, &said);
        if (v[i]->state != VERDICT_NO_SIGN && i + 1 < n)
            page_newline(&t->page);
    }
    map_done(&said);
}

void text_verdicts(struct text *t)
{
    size_t n = t->answer->n_verdicts, shown = 0, ended = n;
    const struct verdict **v = calloc(n + 1, sizeof *v);
    if (!v) {
        t->rc = ERR_NOMEM;
        return;
    }
    page_puts(&t->page, STYLE_BOLD, "VERDICTS");
    page_newline(&t->page);
    if (!n)
        page_wrap(&t->page, 2, STYLE_PLAIN, "",
                  STR("none: no host was seen that a loaded dossier is about"));
    for (size_t i = 0; i < n && !t->rc; i++) {
        if (!t->order[i]->ended_before) {
            v[shown++] = t->order[i];
            continue;
        }
        v[--ended] = t->order[i];
        struct str key = text_pair(t, t->order[i]->host, t->order[i]->dossier);
        t->rc = t->tmp.rc ? t->tmp.rc : map_put(&t->ended, key, 1);
        buf_reset(&t->tmp);
    }
    table(t, (const struct verdict *const *)v, shown);
    ended_list(t, v + ended, n - ended);
    free(v);
}
