/* Text for people: verdicts, findings, coverage, what was not examined, one sentence at the end. */
#include "output/text.h"

#include "base/limits.h"
#include "output/writer.h"

#include <stdlib.h>

static void empty_tmp(struct text *t)
{
    if (t->tmp.rc && !t->rc)
        t->rc = t->tmp.rc;
    buf_reset(&t->tmp);
}

void text_wrap(struct text *t, size_t indent, enum style style, const char *label)
{
    page_wrap(&t->page, indent, style, label, buf_view(&t->tmp));
    empty_tmp(t);
}

void text_prose(struct text *t, size_t indent, enum style style, const char *label)
{
    page_prose(&t->page, indent, style, label, buf_view(&t->tmp));
    empty_tmp(t);
}

void text_more(struct text *t, size_t indent, size_t left, const char *what)
{
    if (!left)
        return;
    text_grouped(&t->tmp, left);
    buf_puts(&t->tmp, what);
    text_wrap(t, indent, STYLE_DIM, "and ");
}

void text_count(struct text *t, uint64_t n, const char *what)
{
    text_grouped(&t->tmp, n);
    buf_putc(&t->tmp, ' ');
    buf_puts(&t->tmp, what);
    buf_puts(&t->tmp, n == 1 ? "" : "s");
}

void text_date(struct text *t, const char *what, int64_t time_us, bool seconds)
{
    char time[32];
    if (!time_printable(time_us))
        return;
    buf_puts(&t->tmp, what);
    buf_puts(&t->tmp, time_short(time_us, seconds, time));
}

struct str text_host(struct str host)
{
    return host.n ? host : STR("(host not known)");
}

struct str text_pair(struct text *t, struct str a, struct str b)
{
    buf_u64(&t->tmp, a.n);
    buf_putc(&t->tmp, ' ');
    buf_str(&t->tmp, a);
    buf_str(&t->tmp, b);
    return buf_view(&t->tmp);
}

static int worst_first(const void *pa, const void *pb)
{
    const struct verdict *const *a = pa, *const *b = pb;
    if ((*a)->state != (*b)->state)
        return (*a)->state > (*b)->state ? -1 : 1;
    return (*a > *b) - (*a < *b);
}

static void add_tenths(struct buf *b, double value)
{
    uint64_t tenths = value > 0 && value < 1e15 ? (uint64_t)(value * 10 + 0.5) : 0;
    text_grouped(b, tenths / 10);
    buf_putc(b, '.');
    buf_u64(b, tenths % 10);
}

static void summary(struct text *t)
{
    const struct summary *m = &t->answer->summary;
    struct buf *b = &t->tmp;
    page_newline(&t->page);
    buf_puts(b, m->interrupted ? "interrupted after " : "read ");
    text_count(t, m->records, "row");
    buf_puts(b, ", ");
    add_tenths(b, (double)m->bytes / 1e6);
    buf_puts(b, " MB in ");
    add_tenths(b, m->elapsed_s);
    buf_puts(b, " s (");
    add_tenths(b, m->elapsed_s > 0 ? (double)m->bytes / 1e6 / m->elapsed_s : 0);
    buf_puts(b, " MB/s): ");
    text_count(t, m->findings, "finding");
    buf_puts(b, ", ");
    text_count(t, m->gaps, "gap");
    buf_puts(b, "; sandbox: ");
    buf_str(b, m->sandbox.n ? m->sandbox : STR("none"));
    text_wrap(t, 0, STYLE_PLAIN, "");
}

static unsigned page_width(unsigned wanted)
{
    unsigned width = wanted ? wanted : PAGE_DEFAULT;
    return width < PAGE_MIN ? PAGE_MIN : width > PAGE_MAX ? PAGE_MAX : width;
}

static void whole_page(struct text *t, unsigned findings_per_host)
{
    if (t->answer->summary.interrupted)
        page_wrap(&t->page, 0, STYLE_YELLOW,
                  "interrupted: ", STR("what follows rests on what had been read until then"));
    text_verdicts(t);
    if (!t->rc)
        text_findings(t, findings_per_host);
    if (!t->rc)
        text_files(t);
    if (!t->rc)
        text_coverage(t);
    if (!t->rc)
        summary(t);
}

enum err text_write(struct sink *s, const struct answer *a, const struct print_options *o)
{
    struct text t = {.page = {s, page_width(o->width), o->colour, o->ascii}, .answer = a};
    t.order = calloc(a->n_verdicts + 1, sizeof *t.order);
    if (!t.order)
        return ERR_NOMEM;
    buf_init(&t.tmp, SINK_MAX_BYTES);
    arena_init(&t.arena, LIMIT_ARENA_RULES_BYTES);
    map_init(&t.ended, &t.arena, a->n_verdicts + 1);
    map_init(&t.files, &t.arena, a->n_findings + 1);
    for (size_t i = 0; i < a->n_verdicts; i++)
        t.order[i] = &a->verdict[i];
    qsort(t.order, a->n_verdicts, sizeof *t.order, worst_first);
    whole_page(&t, o->findings_per_host);
    map_done(&t.files);
    map_done(&t.ended);
    arena_done(&t.arena);
    buf_done(&t.tmp);
    free(t.order);
    if (t.rc && !s->rc)
        s->rc = t.rc;
    return s->rc;
}
