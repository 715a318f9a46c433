#include "output/text_finding.h"

#include "base/limits.h"
#include "base/map.h"
#include "base/vec.h"
#include "output/escape.h"
#include "output/json_writer.h"
#include "output/roles.h"

/* A finding in the order of the page. */
struct row {
    const struct finding *f;
    const struct episode *episode; /* NULL: outside any */
    size_t index;                  /* in the answer: decides between equals */
    uint32_t host;                 /* rank */
};

struct rows {
    struct row *v;
    size_t n;
};

const char *text_grade(enum grade g)
{
    static const char *const names[] = {"weak", "probe", "ATTEMPT", "PROGRESSED", "COMPROMISE"};
    return names[g];
}

enum style text_grade_style(enum grade g)
{
    static const enum style styles[] = {STYLE_DIM, STYLE_PLAIN, STYLE_YELLOW, STYLE_MAGENTA,
                                        STYLE_RED};
    return styles[g];
}

/* Unknown times come last. */
static int time_cmp(int64_t a, int64_t b)
{
    uint64_t x = (uint64_t)a - 1 - (uint64_t)INT64_MIN, y = (uint64_t)b - 1 - (uint64_t)INT64_MIN;
    return (x > y) - (x < y);
}

static int index_cmp(const struct row *a, const struct row *b)
{
    return (a->index > b->index) - (a->index < b->index);
}

static int by_weight(const void *pa, const void *pb)
{
    const struct row *a = pa, *b = pb;
    if (a->host != b->host)
        return a->host < b->host ? -1 : 1;
    if (a->f->grade != b->f->grade)
        return a->f->grade > b->f->grade ? -1 : 1;
    int c = time_cmp(a->f->time_us, b->f->time_us);
    return c ? c : index_cmp(a, b);
}

static int by_time(const void *pa, const void *pb)
{
    const struct row *a = pa, *b = pb;
    if (a->host != b->host)
        return a->host < b->host ? -1 : 1;
    if (a->episode != b->episode) {
        if (!a->episode || !b->episode)
            return a->episode ? -1 : 1;
        int c = time_cmp(a->episode->first_us, b->episode->first_us);
        return c ? c : a->episode < b->episode ? -1 : 1;
    }
    int c = time_cmp(a->f->time_us, b->f->time_us);
    return c ? c : index_cmp(a, b);
}

static int by_note(const void *pa, const void *pb)
{
    const struct row *a = pa, *b = pb;
    int c = str_cmp(a->f->note, b->f->note);
    if (!c)
        c = str_cmp(a->f->host, b->f->host);
    if (!c)
        c = str_cmp(a->f->title, b->f->title);
    return c ? c : index_cmp(a, b);
}

/* Which episode each finding of the answer is in; the first one that names it. */
static void episodes(const struct answer *a, const struct episode **of)
{
    uintptr_t first = (uintptr_t)a->finding, end = (uintptr_t)(a->finding + a->n_findings);
    for (size_t e = 0; e < a->n_episodes; e++)
        for (size_t i = 0; i < a->episode[e].n; i++) {
            uintptr_t at = (uintptr_t)a->episode[e].finding[i];
            if (at < first || at >= end)
                continue;
            size_t k = (size_t)(a->episode[e].finding[i] - a->finding);
            if (!of[k])
                of[k] = &a->episode[e];
        }
}

/* Fills rows with the findings that count, and aside with those that carry a note. */
static enum err sort_out(const struct answer *a, const struct verdict *const *order,
                         const struct episode **episode, struct rows *rows, struct rows *aside)
{
    struct arena arena;
    struct map hosts;
    enum err rc = OK;
    uint32_t rank;
    arena_init(&arena, LIMIT_ARENA_RULES_BYTES);
    map_init(&hosts, &arena, a->n_findings + a->n_verdicts);
    for (size_t i = 0; i < a->n_verdicts && !rc; i++)
        rc = map_intern(&hosts, order[i]->host, &rank, NULL);
    for (size_t i = 0; i < a->n_findings && !rc; i++) {
        const struct finding *f = &a->finding[i];
        struct rows *to = f->note.p ? aside : rows;
        rc = map_intern(&hosts, f->host, &rank, NULL);
        to->v[to->n++] = (struct row){f, episode[i], i, rank};
    }
    map_done(&hosts);
    arena_done(&arena);
    return rc;
}

static unsigned mark_at(const struct finding *f, size_t at)
{
    for (size_t i = 0; i < f->n_marks && i < ARRAY_LEN(f->mark); i++)
        if (at >= f->mark[i].from && at < f->mark[i].to)
            return 1;
    return 0;
}

/* Byte offset at which the shown part of the evidence starts, so that the first match is in it. */
static size_t window_start(const struct page *p, const struct finding *f, size_t room)
{
    struct str e = f->evidence;
    size_t from = e.n, to = 0;
    for (size_t i = 0; i < f->n_marks && i < ARRAY_LEN(f->mark); i++)
        if (f->mark[i].from < from && f->mark[i].from < f->mark[i].to) {
            from = f->mark[i].from;
            to = f->mark[i].to;
        }
    if (escape_columns(e, p->ascii) <= room || from >= e.n ||
        escape_columns(str_sub(e, 0, to), p->ascii) + 3 <= room)
        return 0;
    /* As much of the tail as fits, or the match a quarter into the line: what shows more. */
    size_t before = escape_columns(str_sub(e, 0, from), p->ascii), quarter = room / 4;
    size_t total = before + escape_columns(str_sub(e, from, e.n), p->ascii);
    size_t skip = before > quarter ? before - quarter : 0, last = total - (room - 3);
    if (skip > last)
        skip = last;
    struct escape_unit u;
    size_t at = 0;
    for (size_t column = 0; at < from && column < skip; column += u.columns)
        at += escape_next(e, at, p->ascii, &u);
    return at;
}

static void evidence(struct page *p, const struct finding *f)
{
    struct buf *out = &p->sink->out;
    struct str e = f->evidence;
    struct escape_unit u;
    size_t room = p->width - 6, at = window_start(p, f, room), used = 0;
    unsigned marked = 0;
    page_puts(p, STYLE_DIM, at ? "    | ..." : "    | ");
    used = at ? 3 : 0;
    bool whole = used + escape_columns(str_sub(e, at, e.n), p->ascii) <= room;
    while (at < e.n) {
        size_t n = escape_next(e, at, p->ascii, &u);
        if (used + u.columns > (whole ? room : room - 3))
            break;
        if (mark_at(f, at) != marked) {
            marked = !marked;
            page_style(p, marked ? STYLE_MATCH : STYLE_PLAIN);
        }
        buf_add(out, u.text, u.n);
        used += u.columns;
        at += n;
    }
    if (marked)
        page_style(p, STYLE_PLAIN);
    if (!whole)
        page_puts(p, STYLE_DIM, "...");
    page_newline(p);
}

static void fact(struct buf *b, const char *what, struct str value)
{
    if (!value.n)
        return;
    buf_puts(b, b->n ? ", " : "");
    buf_puts(b, what);
    buf_str(b, text_head(value, 200));
}

/* How often, by whom, with what answer, at whom. */
static void facts(struct buf *b, const struct finding *f)
{
    char time[32];
    struct str client = role_of(f, ROLE_CLIENT), peer = role_of(f, ROLE_PEER);
    if (f->count > 1) {
        text_grouped(b, f->count);
        buf_puts(b, " times");
        if (time_printable(f->last_us) && f->last_us > f->time_us) {
            buf_puts(b, " until ");
            buf_puts(b, time_short(f->last_us, true, time));
        }
    }
    fact(b, "from ", client);
    if (!str_eq(client, peer)) /* a forwarded address may be forged */
        fact(b, "through ", peer);
    fact(b, "user ", role_of(f, ROLE_USER));
    fact(b, "status ", role_of(f, ROLE_STATUS));
    fact(b, "aimed at ", f->target_host);
    if (f->pivot > f->count) {
        buf_puts(b, b->n ? ", " : "");
        text_grouped(b, f->pivot);
        buf_puts(b, " rows of this origin in all");
    }
}

static void place(struct page *p, const struct finding *f)
{
    char line[32] = "";
    if (!f->file.n)
        return;
    if (f->line)
        (void)snprintf(line, sizeof line, ":%llu", (unsigned long long)f->line);
    page_puts(p, STYLE_DIM, "    file   ");
    (void)page_cut_front(p, f->file, p->width - 11 - strlen(line));
    buf_puts(&p->sink->out, line);
    page_newline(p);
}

static void finding(struct page *p, struct buf *tmp, const struct finding *f, bool explain)
{
    char label[64], time[32];
    bool dated = time_printable(f->time_us);
    (void)snprintf(label, sizeof label, "%-19s  %-10s  ",
                   dated ? time_short(f->time_us, true, time) : "no time", text_grade(f->grade));
    page_prose(p, 2, text_grade_style(f->grade), label, f->title.n ? f->title : f->rule);
    buf_reset(tmp);
    facts(tmp, f);
    if (tmp->n)
        page_wrap(p, 4, STYLE_PLAIN, "", buf_view(tmp));
    if (f->evidence.n)
        evidence(p, f);
    if (explain && f->meaning.n)
        page_prose(p, 4, STYLE_DIM, "means  ", f->meaning);
    if (explain && f->next.n)
        page_prose(p, 4, STYLE_BOLD, "next   ", f->next);
    place(p, f);
}

static void episode_head(struct page *p, struct buf *tmp, const struct episode *e)
{
    char time[32];
    buf_reset(tmp);
    if (!e) {
        buf_puts(tmp, "outside any episode");
    } else {
        if (time_printable(e->first_us))
            buf_puts(tmp, time_short(e->first_us, true, time));
        if (time_printable(e->last_us)) {
            buf_puts(tmp, " to ");
            buf_puts(tmp, time_short(e->last_us, true, time));
        }
        buf_puts(tmp, ", ");
        text_grouped(tmp, e->n);
        buf_puts(tmp, e->n == 1 ? " finding" : " findings");
        fact(tmp, "", e->dossier);
    }
    page_wrap(p, 1, STYLE_BOLD, e ? "episode " : "", buf_view(tmp));
}

/* v[0 .. n) are one host's findings, the gravest first. */
static void host_findings(struct page *p, struct buf *tmp, struct row *v, size_t n, unsigned limit,
                          bool has_episodes)
{
    size_t shown = n < limit ? n : limit;
    page_newline(p);
    page_style(p, STYLE_BOLD);
    (void)page_cut(p, v[0].f->host.n ? v[0].f->host : STR("(host not known)"), p->width);
    page_style(p, STYLE_PLAIN);
    page_newline(p);
    qsort(v, shown, sizeof *v, by_time);
    for (size_t i = 0; i < shown; i++) {
        bool first = i == 0 || v[i].episode != v[i - 1].episode;
        if (first && has_episodes)
            episode_head(p, tmp, v[i].episode);
        finding(p, tmp, v[i].f, first || !str_eq(v[i].f->rule, v[i - 1].f->rule));
    }
    if (shown == n)
        return;
    buf_reset(tmp);
    text_grouped(tmp, n - shown);
    buf_puts(tmp, " more on this host, none graver than those above; --json shows all");
    page_wrap(p, 2, STYLE_DIM, "and ", buf_view(tmp));
}

/* Those that do not decide, one line for all of one note, host and title. */
static void aside_list(struct page *p, struct buf *tmp, const struct rows *aside)
{
    enum { LINES = 12 };
    size_t lines = 0, left = 0;
    if (!aside->n)
        return;
    page_title(p, "SET ASIDE (seen, but they do not decide)");
    for (size_t i = 0, k; i < aside->n; i = k) {
        const struct finding *f = aside->v[i].f;
        uint64_t rows = 0;
        for (k = i; k < aside->n && str_eq(aside->v[k].f->note, f->note) &&
                    str_eq(aside->v[k].f->host, f->host) && str_eq(aside->v[k].f->title, f->title);
             k++)
            rows += aside->v[k].f->count;
        if (lines++ >= LINES) {
            left += k - i;
            continue;
        }
        buf_reset(tmp);
        fact(tmp, "", f->note);
        fact(tmp, "", f->host);
        fact(tmp, "", f->title);
        buf_puts(tmp, ": ");
        text_grouped(tmp, rows);
        buf_puts(tmp, rows == 1 ? " row" : " rows");
        page_wrap(p, 2, STYLE_DIM, "- ", buf_view(tmp));
    }
    if (left) {
        buf_reset(tmp);
        text_grouped(tmp, left);
        buf_puts(tmp, " more findings; --json shows all");
        page_wrap(p, 2, STYLE_DIM, "and ", buf_view(tmp));
    }
}

static void print_rows(struct page *p, struct buf *tmp, const struct rows *rows, unsigned limit)
{
    page_title(p, "FINDINGS");
    if (!rows->n)
        page_wrap(p, 2, STYLE_PLAIN, "", STR("none"));
    for (size_t i = 0, k; i < rows->n && !p->sink->rc; i = k) {
        bool has_episodes = false;
        for (k = i; k < rows->n && rows->v[k].host == rows->v[i].host; k++)
            has_episodes |= rows->v[k].episode != NULL;
        host_findings(p, tmp, rows->v + i, k - i, limit, has_episodes);
    }
}

enum err text_findings(struct page *p, const struct answer *a, const struct verdict *const *order,
                       unsigned limit)
{
    size_t n = a->n_findings;
    struct rows rows = {calloc(n + 1, sizeof *rows.v), 0};
    struct rows aside = {calloc(n + 1, sizeof *aside.v), 0};
    const struct episode **episode = calloc(n + 1, sizeof *episode);
    enum err rc = rows.v && aside.v && episode ? OK : ERR_NOMEM;
    struct buf tmp;
    buf_init(&tmp, SINK_MAX_BYTES);
    if (!rc) {
        episodes(a, episode);
        rc = sort_out(a, order, episode, &rows, &aside);
    }
    if (!rc) {
        qsort(rows.v, rows.n, sizeof *rows.v, by_weight);
        qsort(aside.v, aside.n, sizeof *aside.v, by_note);
        print_rows(p, &tmp, &rows, limit);
        aside_list(p, &tmp, &aside);
        rc = tmp.rc;
    }
    buf_done(&tmp);
    free(rows.v);
    free(aside.v);
    free(episode);
    return rc;
}
