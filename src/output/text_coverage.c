/* What was really read, which stretches are silent, and what was not examined. */
#include "output/text.h"

enum { KINDS_SORTED = 64 };

/* A stretch without rows, and the log kind that has it. */
struct stretch {
    const struct coverage *of;
    struct span_us span;
};

static struct str kind_text(const struct coverage *c)
{
    return c->kind.n ? c->kind : STR("(kind not known)");
}

/* "httpproxy-" of "httpproxy-owa"; empty if there is none. */
static struct str family(const struct coverage *c)
{
    ptrdiff_t dash = str_chr(c->kind, '-');
    return dash > 0 ? str_sub(c->kind, 0, (size_t)dash + 1) : STR("");
}

static void add_rows(struct text *t, const struct coverage *c)
{
    buf_putc(&t->tmp, ' ');
    text_grouped(&t->tmp, c->records);
    buf_puts(&t->tmp, c->sampled ? "*" : "");
    if (!c->unparsed)
        return;
    buf_puts(&t->tmp, " (");
    text_grouped(&t->tmp, c->unparsed);
    buf_puts(&t->tmp, " not understood)");
}

/* "iis, httpproxy-{ecp, owa}", each with its rows if asked for. */
static void add_kinds(struct text *t, const struct coverage *const *v, size_t n, bool rows)
{
    struct buf *b = &t->tmp;
    for (size_t i = 0, k; i < n; i = k) {
        struct str head = family(v[i]);
        for (k = i + 1; k < n && head.n && str_eq(family(v[k]), head);)
            k++;
        buf_puts(b, i ? ", " : "");
        if (k - i == 1) {
            buf_str(b, kind_text(v[i]));
            if (rows)
                add_rows(t, v[i]);
            continue;
        }
        buf_str(b, head);
        for (size_t j = i; j < k; j++) {
            buf_puts(b, j > i ? (rows ? ", " : ",") : "{");
            buf_str(b, str_sub(v[j]->kind, head.n, v[j]->kind.n));
            if (rows)
                add_rows(t, v[j]);
        }
        buf_putc(b, '}');
    }
}

static bool share_counts(struct text *t, const struct coverage *c, const struct window_share *s)
{
    if (s->share > 0)
        return true;
    struct buf key = t->tmp;
    buf_init(&t->tmp, SINK_MAX_BYTES);
    bool ended = map_get(&t->ended, text_pair(t, c->host, s->dossier)) != NULL;
    buf_done(&t->tmp);
    t->tmp = key;
    return !ended;
}

/* Period and shares: what several kinds may have in common. */
static void add_common(struct text *t, const struct coverage *c)
{
    char a[32], b[32];
    if (time_printable(c->first_us) && time_printable(c->last_us))
        buf_printf(&t->tmp, "%s..%s", time_short(c->first_us, false, a),
                   time_short(c->last_us, false, b));
    else
        buf_puts(&t->tmp, "nothing with a time");
    for (size_t i = 0; i < c->n_shares; i++) {
        if (!share_counts(t, c, &c->share[i]))
            continue;
        buf_puts(&t->tmp, ", ");
        buf_str(&t->tmp, c->share[i].dossier);
        buf_putc(&t->tmp, ' ');
        text_share(&t->tmp, c->share[i].share);
    }
    buf_puts(&t->tmp, ": ");
}

/* A new string in the arena with what c shares with others; absent if there is no memory. */
static struct str common(struct text *t, const struct coverage *c)
{
    add_common(t, c);
    struct str s = arena_str(&t->arena, buf_view(&t->tmp));
    if (!s.p)
        t->rc = ERR_NOMEM;
    buf_reset(&t->tmp);
    return s;
}

/* c[0 .. n): the kinds of one host, those with the same period and shares in one paragraph. */
static void host_coverage(struct text *t, const struct coverage *c, size_t n)
{
    const struct coverage *same[KINDS_SORTED];
    struct str text[KINDS_SORTED];
    for (size_t i = 0; i < n && !t->rc; i++)
        text[i] = common(t, &c[i]);
    for (size_t i = 0; i < n && !t->rc; i++) {
        size_t k = 0;
        if (!text[i].p)
            continue;
        for (size_t j = n; j-- > i;)
            if (text[j].p && str_eq(text[j], text[i])) {
                same[k++] = &c[j];
                text[j] = j > i ? STR_NONE : text[j];
            }
        for (size_t j = 0; j < k / 2; j++) {
            const struct coverage *swap = same[j];
            same[j] = same[k - 1 - j];
            same[k - 1 - j] = swap;
        }
        buf_str(&t->tmp, text_host(c->host));
        buf_puts(&t->tmp, ", ");
        buf_str(&t->tmp, text[i]);
        add_kinds(t, same, k, true);
        text_wrap(t, 2, STYLE_PLAIN, "- ");
    }
}

static size_t same_host(const struct answer *a, size_t from)
{
    size_t n = 1;
    while (from + n < a->n_coverage && str_eq(a->coverage[from + n].host, a->coverage[from].host))
        n++;
    return n;
}

static void read_list(struct text *t)
{
    const struct answer *a = t->answer;
    bool sampled = false;
    page_title(&t->page, "COVERAGE (rows really read, by kind of log)");
    if (!a->n_coverage)
        page_wrap(&t->page, 2, STYLE_PLAIN, "", STR("nothing with a time was read"));
    for (size_t i = 0, n; i < a->n_coverage && !t->page.sink->rc && !t->rc; i += n) {
        n = same_host(a, i);
        if (n > KINDS_SORTED)
            n = KINDS_SORTED;
        host_coverage(t, a->coverage + i, n);
        for (size_t k = 0; k < n; k++)
            sampled |= a->coverage[i + k].sampled;
    }
    if (sampled)
        page_wrap(&t->page, 2, STYLE_DIM, "* ",
                  STR("rows without a word of any rule were counted, not parsed; see --full"));
}

static int span_cmp(const struct span_us *a, const struct span_us *b)
{
    if (a->first_us != b->first_us)
        return a->first_us < b->first_us ? -1 : 1;
    return (b->last_us > a->last_us) - (b->last_us < a->last_us);
}

static int by_kind(const void *pa, const void *pb)
{
    const struct stretch *a = pa, *b = pb;
    if (a->of != b->of)
        return a->of < b->of ? -1 : 1;
    return span_cmp(&a->span, &b->span);
}

static int by_span(const void *pa, const void *pb)
{
    const struct stretch *a = pa, *b = pb;
    int c = span_cmp(&a->span, &b->span);
    return c ? c : (a->of > b->of) - (a->of < b->of);
}

/* Takes out the stretches of a kind that lie within another one of the same kind. */
static size_t without_inner(struct stretch *v, size_t n)
{
    size_t kept = 0;
    qsort(v, n, sizeof *v, by_kind);
    for (size_t i = 0; i < n; i++)
        if (!kept || v[kept - 1].of != v[i].of || v[i].span.last_us > v[kept - 1].span.last_us)
            v[kept++] = v[i];
    qsort(v, kept, sizeof *v, by_span);
    return kept;
}

/* "2021-02-20 to 2021-03-01, 10 days" */
static void add_span(struct text *t, const struct span_us *s)
{
    bool known =
        time_printable(s->first_us) && time_printable(s->last_us) && s->first_us < s->last_us;
    int64_t us = known ? s->last_us - s->first_us : 0;
    bool days = us && s->first_us % US_PER_DAY == 0 && s->last_us % US_PER_DAY == 0;
    text_date(t, ": ", s->first_us, !days);
    text_date(t, " to ", days ? s->last_us - 1 : s->last_us, !days);
    if (us < US_PER_HOUR)
        return;
    buf_puts(&t->tmp, ", ");
    if (us >= US_PER_DAY)
        text_count(t, (uint64_t)(us / US_PER_DAY), "day");
    else
        text_count(t, (uint64_t)(us / US_PER_HOUR), "hour");
}

/* v[0 .. n) are the stretches of one host; returns how many lines it made or would have made. */
static size_t host_stretches(struct text *t, struct stretch *v, size_t n, size_t lines)
{
    const struct coverage *kind[KINDS_SORTED];
    size_t before = lines;
    n = without_inner(v, n);
    for (size_t i = 0, k; i < n; i = k) {
        for (k = i; k < n && k - i < KINDS_SORTED && !span_cmp(&v[k].span, &v[i].span); k++)
            kind[k - i] = v[k].of;
        if (lines++ >= TEXT_LIST_LINES)
            continue;
        if (lines == 1)
            page_title(&t->page, "GAPS (nothing logged, not supplied, or not understood)");
        buf_str(&t->tmp, text_host(v[i].of->host));
        buf_puts(&t->tmp, ": ");
        add_kinds(t, kind, k - i, false);
        add_span(t, &v[i].span);
        text_wrap(t, 2, STYLE_PLAIN, "- ");
    }
    return lines - before;
}

static void silent_list(struct text *t)
{
    const struct answer *a = t->answer;
    size_t lines = 0, total = 0;
    for (size_t i = 0; i < a->n_coverage; i++)
        total += a->coverage[i].n_gaps;
    struct stretch *v = calloc(total + 1, sizeof *v);
    if (!v) {
        t->rc = ERR_NOMEM;
        return;
    }
    for (size_t i = 0, n; i < a->n_coverage; i += n) {
        size_t m = 0;
        n = same_host(a, i);
        for (size_t c = i; c < i + n; c++)
            for (size_t g = 0; g < a->coverage[c].n_gaps; g++)
                v[m++] = (struct stretch){&a->coverage[c], a->coverage[c].gap[g]};
        lines += host_stretches(t, v, m, lines);
    }
    if (lines > TEXT_LIST_LINES)
        text_more(t, 2, lines - TEXT_LIST_LINES, " more; --json shows all");
    free(v);
}

static void gap_text(struct text *t, const struct gap *g)
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
}

/* Is it a stretch of time that the list of gaps has shown? */
static bool is_stretch(const struct map *silent, const struct gap *g)
{
    return !g->file.p && g->host.n && map_get(silent, g->host) &&
           (str_eq(g->reason, STR("silent")) || str_eq(g->reason, STR("missing-file")));
}

static enum err silent_hosts(struct text *t, struct map *ret_hosts)
{
    enum err rc = OK;
    map_init(ret_hosts, &t->arena, t->answer->n_coverage + 1);
    for (size_t i = 0; i < t->answer->n_coverage && !rc; i++)
        if (t->answer->coverage[i].n_gaps)
            rc = map_put(ret_hosts, t->answer->coverage[i].host, 1);
    return rc;
}

/* Returns how many parts there are beside the gaps shown above. */
static size_t part_list(struct text *t)
{
    const struct answer *a = t->answer;
    struct map silent, seen;
    size_t lines = 0;
    enum err rc = silent_hosts(t, &silent);
    map_init(&seen, &t->arena, a->n_gaps + 1);
    for (size_t i = 0; i < a->n_gaps && !rc; i++) {
        bool fresh;
        uint32_t id;
        if (is_stretch(&silent, &a->gap[i]))
            continue;
        gap_text(t, &a->gap[i]);
        rc = t->tmp.rc ? t->tmp.rc : map_intern(&seen, buf_view(&t->tmp), &id, &fresh);
        if (!rc && fresh && lines++ < TEXT_LIST_LINES)
            text_wrap(t, 2, STYLE_PLAIN, "- ");
        buf_reset(&t->tmp);
    }
    map_done(&seen);
    map_done(&silent);
    t->rc = t->rc ? t->rc : rc;
    if (lines > TEXT_LIST_LINES)
        text_more(t, 2, lines - TEXT_LIST_LINES, " more parts; --json shows all");
    return lines;
}

static size_t test_list(struct text *t)
{
    const struct answer *a = t->answer;
    size_t lines = 0;
    for (size_t i = 0; i < a->n_coverage; i++)
        for (size_t k = 0; k < a->coverage[i].not_tested.n; k++) {
            if (lines++ >= TEXT_LIST_LINES)
                continue;
            buf_str(&t->tmp, text_host(a->coverage[i].host));
            buf_putc(&t->tmp, ' ');
            buf_str(&t->tmp, a->coverage[i].kind);
            buf_puts(&t->tmp, ": ");
            buf_str(&t->tmp, a->coverage[i].not_tested.v[k]);
            text_wrap(t, 2, STYLE_PLAIN, "- not tested on ");
        }
    if (lines > TEXT_LIST_LINES)
        text_more(t, 2, lines - TEXT_LIST_LINES, " more tests; --json shows all");
    return lines;
}

void text_coverage(struct text *t)
{
    read_list(t);
    silent_list(t);
    page_title(&t->page, "NOT EXAMINED");
    size_t lines = part_list(t);
    lines += test_list(t);
    if (!lines)
        page_wrap(&t->page, 2, STYLE_PLAIN, "",
                  t->answer->n_gaps ? STR("nothing but the gaps above")
                                    : STR("nothing: all that was given was read"));
}
