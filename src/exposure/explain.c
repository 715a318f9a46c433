#include "exposure/exposure_priv.h"

#include "base/time.h"

#include <inttypes.h>
#include <stdlib.h>

/* The reasoning about one host and one CVE, in the order in which it is done. */

static void add_time(struct buf *out, int64_t time_us)
{
    char text[32];
    buf_puts(out, time_us == TIME_NONE ? "undated" : time_short(time_us, false, text));
}

static void add_place(struct buf *out, const struct fleet *f, const struct seen *s)
{
    buf_printf(out, "%.*s (%.*s", STR_FMT(fleet_word(f, s->source)),
               STR_FMT(fleet_word(f, s->file)));
    if (s->line)
        buf_printf(out, ":%" PRIu32, s->line);
    buf_puts(out, ")");
}

/* A build that many rows show without another one between them: the first and the last. */
static void add_stretch(struct buf *out, const struct fleet *f, const struct seen *const *s,
                        size_t n)
{
    buf_puts(out, "  ");
    add_time(out, s[0]->time_us);
    if (s[n - 1]->time_us != s[0]->time_us) {
        buf_puts(out, " to ");
        add_time(out, s[n - 1]->time_us);
    }
    buf_puts(out, "  ");
    build_add(out, &s[0]->build);
    if (s[0]->build.part[0] < 0)
        buf_puts(out, "no build");
    buf_printf(out, ", exact to the %s, by ", precision_name(s[0]->precision));
    add_place(out, f, s[0]);
    if (n > 1) {
        buf_printf(out, ", %zu times, the last by ", n);
        add_place(out, f, s[n - 1]);
    }
    buf_putc(out, '\n');
}

static int by_time(const void *a, const void *b)
{
    const struct seen *const *x = a, *const *y = b;
    int64_t i = (*x)->time_us == TIME_NONE ? INT64_MIN : (*x)->time_us;
    int64_t k = (*y)->time_us == TIME_NONE ? INT64_MIN : (*y)->time_us;
    return i != k ? (i < k ? -1 : 1) : *x < *y ? -1 : *x > *y; /* then as they came */
}

static bool same_build(const struct seen *a, const struct seen *b)
{
    return !build_cmp(&a->build, &b->build) && a->precision == b->precision &&
           (a->time_us == TIME_NONE) == (b->time_us == TIME_NONE);
}

static enum err add_observations(struct buf *out, const struct asked_host *h)
{
    const struct fleet *f = h->fleet;
    VEC(const struct seen *) all = {0};
    enum err rc = OK;
    for (uint32_t i = h->host->first; !rc && i != FLEET_NONE; i = f->seen.v[i].next)
        if (f->seen.v[i].kind == OBSERVED_BUILD)
            rc = vec_push(&all, &f->seen.v[i], FLEET_SEEN_MAX);
    if (all.n)
        qsort(all.v, all.n, sizeof(void *), by_time);
    buf_puts(out, "1. What was observed:\n");
    for (size_t from = 0, to; !rc && from < all.n; from = to) {
        to = from + 1;
        while (to < all.n && same_build(all.v[from], all.v[to]))
            to++;
        add_stretch(out, f, all.v + from, to - from);
    }
    vec_done(&all);
    return rc;
}

static void add_build(struct buf *out, const struct answer_of *r)
{
    buf_puts(out, "2. The build that holds: ");
    build_add(out, &r->by->build);
    buf_printf(out, ", exact to the %s", precision_name(r->by->precision));
    if (r->product)
        buf_printf(out, ", of %.*s", STR_FMT(r->product->name));
    buf_puts(out, r->against ? "; another source says otherwise\n" : "\n");
}

static void add_rows(struct buf *out, const struct tables *t, const struct answer_of *r)
{
    const struct fix_list *list = r->product ? tables_fixes(r->product, r->cve) : NULL;
    buf_printf(out, "3. Fixes of %.*s for it:\n", STR_FMT(t->cve[r->cve].id));
    for (size_t i = 0; list && i < list->n; i++) {
        buf_puts(out, "  ");
        build_add(out, &list->fix[i]->build);
        buf_printf(out, "  %.*s, ", STR_FMT(list->fix[i]->update));
        add_time(out, list->fix[i]->released_us);
        if (fix_needs(list->fix[i]).n)
            buf_printf(out, ", needs %.*s as well", STR_FMT(fix_needs(list->fix[i])));
        if (list->fix[i]->note.n)
            buf_printf(out, " (%.*s)", STR_FMT(list->fix[i]->note));
        buf_putc(out, '\n');
    }
    if (!list)
        buf_puts(out, "  none\n");
}

struct question {
    struct str host, cve;
    struct buf *out;
    bool host_found, answered;
};

static enum err visit(void *ctx, struct exposure_run *run, const struct asked_host *h)
{
    struct question *q = ctx;
    const uint32_t *cves = asker_cves(&run->asker, h);
    struct answer_of r;
    if (!str_ieq(h->host->name, q->host))
        return OK;
    q->host_found = true;
    for (uint32_t i = 0; cves && cves[i] != FLEET_NONE; i++) {
        if (!str_ieq(run->tables.cve[cves[i]].id, q->cve) || !asker_ask(&run->asker, h, i, &r))
            continue;
        q->answered = true;
        TRY(add_observations(q->out, h));
        add_build(q->out, &r);
        add_rows(q->out, &run->tables, &r);
        buf_puts(q->out, "4. By the build alone: ");
        decide_why(q->out, &run->tables, r.product, &r.by->build, r.by->precision, &r.decision);
        buf_printf(q->out,
                   ": %s\n5. With all that is known: %s: ", exposure_state_name(r.decision.state),
                   exposure_state_name(r.state));
        answer_because(q->out, &run->asker, &r);
        buf_puts(q->out, "\n");
    }
    return OK;
}

enum err exposure_explain(struct exposure_run *run, struct str host, struct str cve,
                          struct buf *out, struct error *error)
{
    struct question q = {.host = host, .cve = cve, .out = out};
    TRY(exposure_walk(run, visit, &q));
    if (!q.host_found)
        return fail(error, ERR_USAGE,
                    "no host '%.*s' in the inputs, or nothing of it until that day", STR_FMT(host));
    if (!q.answered)
        return fail(error, ERR_USAGE, "the tables have nothing to say of %.*s on %.*s",
                    STR_FMT(cve), STR_FMT(host));
    return OK;
}
