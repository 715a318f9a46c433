/* Alerts for people: one block an alert, readable in 80 columns. */
#include "output/alert.h"
#include "output/table.h"

enum { LIST_SITES = 8, LIST_ITEMS = 12, COLUMNS = 5 };

struct view {
    struct page page;
    struct buf tmp; /* a paragraph that is being made; empty between two */
    const struct alert *a;
    enum err rc;
};

/* Prints tmp behind its label and empties it; nothing if it is empty. */
static void line(struct view *v, enum style style, const char *label)
{
    if (v->tmp.n)
        page_prose(&v->page, 2, style, label, buf_view(&v->tmp));
    if (v->tmp.rc && !v->rc)
        v->rc = v->tmp.rc;
    buf_reset(&v->tmp);
}

static void text(struct view *v, const char *label, struct str s)
{
    buf_str(&v->tmp, s);
    line(v, STYLE_DIM, label);
}

static void count(struct buf *b, uint64_t n, const char *what)
{
    text_grouped(b, n);
    buf_putc(b, ' ');
    buf_puts(b, what);
    buf_puts(b, n == 1 ? "" : "s");
}

static void date(struct buf *b, const char *before, int64_t time_us)
{
    char day[32];
    if (!time_printable(time_us))
        return;
    buf_puts(b, before);
    buf_puts(b, time_short(time_us, false, day));
}

static void list(struct buf *b, const struct str_list *l, size_t max)
{
    for (size_t i = 0; i < l->n && i < max; i++) {
        buf_puts(b, i ? ", " : "");
        buf_str(b, l->v[i]);
    }
    if (l->n > max) {
        buf_puts(b, " and ");
        text_grouped(b, l->n - max);
        buf_puts(b, " more");
    }
}

static void subject(struct view *v)
{
    struct buf *b = &v->tmp;
    buf_str(b, v->a->subject);
    buf_printf(b, " (%s)", subject_kind_name(v->a->kind));
    line(v, STYLE_DIM, "subject     ");
}

static void together(struct view *v)
{
    struct buf *b = &v->tmp;
    for (size_t i = 0; i < v->a->n_with && i < LIST_ITEMS; i++) {
        buf_puts(b, i ? ", " : "");
        alert_with_text(b, &v->a->with[i]);
    }
    if (v->a->n_with > LIST_ITEMS) {
        buf_puts(b, " and ");
        text_grouped(b, v->a->n_with - LIST_ITEMS);
        buf_puts(b, " more; --json shows all");
    }
    line(v, STYLE_DIM, "rose with   ");
}

static void counts(struct view *v)
{
    struct buf *b = &v->tmp;
    buf_printf(b, "%c, ", lane_letter(v->a->lane));
    alert_counts(b, v->a);
    date(b, ", until ", v->a->time_us > 0 ? v->a->time_us - 1 : v->a->time_us);
    line(v, STYLE_DIM, "lane        ");
}

static void chance(struct view *v)
{
    const struct alert *a = v->a;
    struct buf *b = &v->tmp;
    buf_puts(b, "p ");
    real_add(b, a->p, 2);
    buf_puts(b, ", raised at or below ");
    real_add(b, a->threshold, 2);
    if (a->q == a->q) {
        buf_puts(b, "; q ");
        real_add(b, a->q, 2);
    }
    if (a->calibration == a->calibration && a->calibration != 1) {
        buf_puts(b, "; calibration ");
        real_add(b, a->calibration, 2);
    }
    line(v, STYLE_DIM, "chance      ");
}

static void evidence(struct view *v)
{
    const struct alert *a = v->a;
    struct buf *b = &v->tmp;
    count(b, a->voices, "voice");
    buf_puts(b, ", ");
    count(b, a->threads, "thread");
    buf_puts(b, ", ");
    count(b, a->clusters, "text");
    buf_puts(b, " on ");
    count(b, a->n_sites, "site");
    date(b, " since ", a->since_us);
    line(v, STYLE_DIM, "evidence    ");
}

static void mix(struct view *v)
{
    struct buf *b = &v->tmp;
    for (size_t i = INTENTS; i-- > 0;) { /* the gravest first */
        if (!v->a->intent[i])
            continue;
        buf_puts(b, b->n ? ", " : "");
        buf_printf(b, "%s ", intent_name((enum intent)i));
        text_grouped(b, v->a->intent[i]);
    }
    line(v, STYLE_DIM, "intent      ");
    list(b, &v->a->technique, LIST_ITEMS);
    line(v, STYLE_DIM, "techniques  ");
}

static void concerns(struct view *v)
{
    struct buf *b = &v->tmp;
    if (!v->a->customer.p)
        return;
    buf_str(b, v->a->customer.n ? v->a->customer : STR("you"));
    if (v->a->asset.n)
        buf_puts(b, ": ");
    list(b, &v->a->asset, LIST_ITEMS);
    line(v, STYLE_RED, "concerns    ");
}

static void known(struct view *v)
{
    const struct alert *a = v->a;
    struct buf *b = &v->tmp;
    if (a->epss == a->epss) {
        buf_puts(b, "EPSS ");
        real_add(b, a->epss, 3);
    }
    date(b, b->n ? "; listed as exploited (KEV) on " : "listed as exploited (KEV) on ", a->kev_us);
    line(v, STYLE_DIM, "known       ");
}

static void items(struct view *v)
{
    struct buf *b = &v->tmp;
    for (size_t i = 0; i < v->a->n_items && i < LIST_ITEMS; i++) {
        buf_puts(b, i ? ", " : "");
        buf_str(b, v->a->item[i].value);
    }
    if (v->a->n_items > LIST_ITEMS) {
        buf_puts(b, " and ");
        text_grouped(b, v->a->n_items - LIST_ITEMS);
        buf_puts(b, " more; --json shows all");
    }
    line(v, STYLE_DIM, "beside it   ");
}

/* One row of the sites in room for its texts. */
struct site_row {
    struct str cell[COLUMNS];
    char first[32], last[32];
    struct buf number;
};

static void site_row(struct site_row *r, const struct alert_site *s)
{
    size_t at;
    buf_init(&r->number, 256);
    text_grouped(&r->number, s->threads);
    at = r->number.n;
    if (s->p_without == s->p_without)
        real_add(&r->number, s->p_without, 2);
    else
        buf_putc(&r->number, '-');
    bool first = time_printable(s->first_us), last = time_printable(s->last_us);
    r->cell[0] = s->site;
    r->cell[1] = first ? str_of(time_short(s->first_us, false, r->first)) : STR("-");
    r->cell[2] = last ? str_of(time_short(s->last_us, false, r->last)) : STR("-");
    r->cell[3] = str_sub(buf_view(&r->number), 0, at);
    r->cell[4] = str_sub(buf_view(&r->number), at, r->number.n);
}

static void sites(struct view *v)
{
    struct table t = {.n = COLUMNS,
                      .indent = 2,
                      .column = {{"SITE", false, 16, 0},
                                 {"FIRST", false, 0, 0},
                                 {"LAST", false, 0, 0},
                                 {"THREADS", true, 0, 0},
                                 {"P WITHOUT IT", true, 0, 0}}};
    size_t n = v->a->n_sites < LIST_SITES ? v->a->n_sites : LIST_SITES;
    struct site_row row[LIST_SITES];
    if (!n)
        return;
    for (size_t i = 0; i < n; i++) {
        site_row(&row[i], &v->a->site[i]);
        table_see(&t, &v->page, row[i].cell);
    }
    table_fit(&t, &v->page);
    table_head(&t, &v->page);
    for (size_t i = 0; i < n; i++) {
        table_row(&t, &v->page, row[i].cell, SIZE_MAX, STYLE_PLAIN);
        buf_done(&row[i].number);
    }
    if (v->a->n_sites > n) {
        text_grouped(&v->tmp, v->a->n_sites - n);
        buf_puts(&v->tmp, " more; --json shows all");
        line(v, STYLE_DIM, "and ");
    }
}

static void snippets(struct view *v)
{
    size_t shown = 0;
    for (size_t i = 0; i < v->a->n_posts && shown < ALERT_SNIPPETS; i++) {
        const struct alert_post *p = &v->a->post[i];
        if (!p->snippet.p)
            continue;
        shown++;
        date(&v->tmp, "", p->time_us);
        buf_puts(&v->tmp, v->tmp.n ? " " : "");
        buf_puts(&v->tmp, intent_name(p->intent));
        buf_puts(&v->tmp, " ");
        buf_str(&v->tmp, p->site);
        line(v, STYLE_DIM, "- ");
        page_prose(&v->page, 4, STYLE_DIM, "| ", p->snippet);
    }
}

static void block(struct view *v)
{
    const struct alert *a = v->a;
    page_newline(&v->page);
    buf_str(&v->tmp, a->title.n ? a->title : a->subject);
    page_prose(&v->page, 0, a->customer.p ? STYLE_RED : STYLE_BOLD, "ALERT  ", buf_view(&v->tmp));
    buf_reset(&v->tmp);
    subject(v);
    together(v);
    concerns(v);
    counts(v);
    chance(v);
    evidence(v);
    mix(v);
    known(v);
    items(v);
    text(v, "why         ", a->why);
    text(v, "silenced    ", a->silenced);
    text(v, "again       ", a->again);
    sites(v);
    snippets(v);
    page_prose(&v->page, 2, STYLE_DIM, "id ", str_of(a->id));
}

enum err alert_text_write(struct sink *s, const struct alert *a, size_t n,
                          const struct print_options *o)
{
    unsigned width = o->width ? o->width : PAGE_DEFAULT;
    width = width < PAGE_MIN ? PAGE_MIN : width > PAGE_MAX ? PAGE_MAX : width;
    struct view v = {.page = {s, width, o->colour, o->ascii}};
    buf_init(&v.tmp, SINK_MAX_BYTES);
    for (size_t i = 0; i < n && !s->rc; i++) {
        v.a = &a[i];
        block(&v);
        sink_pace(s);
    }
    buf_done(&v.tmp);
    if (v.rc && !s->rc)
        s->rc = v.rc;
    return s->rc;
}
