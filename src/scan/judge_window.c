#include "scan/judge.h"

#include "dossier/load.h"

#include <stdlib.h>

int build_fixed(const struct dossier *d, const struct build_seen *b)
{
    int fixed = d->fix_cves.n ? 1 : -1;
    for (size_t i = 0; i < d->fix_cves.n; i++) {
        int state = fix_state_logged(d, d->fix_cves.v[i], &b->build, b->first_us);
        if (state == 0)
            return 0;
        if (state < 0)
            fixed = -1;
    }
    return fixed;
}

static int by_build(const void *a, const void *b)
{
    const struct build_seen *x = a, *y = b;
    return build_cmp(&x->build, &y->build);
}

static int by_time(const void *a, const void *b)
{
    const struct build_seen *x = a, *y = b;
    if (x->first_us != y->first_us)
        return x->first_us < y->first_us ? -1 : 1;
    return build_cmp(&x->build, &y->build);
}

/* One entry per build, over all files, in order of first sight. */
static enum err merge_builds(struct trial *t, struct host *h)
{
    size_t n = 0, out = 0;
    for (size_t i = 0; i < h->n_files; i++)
        n += h->file[i]->n_builds;
    struct build_seen *v = arena_new_n(t->arena, struct build_seen, n + 1);
    if (!v)
        return ERR_NOMEM;
    n = 0;
    for (size_t i = 0; i < h->n_files; i++)
        for (size_t k = 0; k < h->file[i]->n_builds; k++)
            if (h->file[i]->build[k].first_us != TIME_NONE &&
                h->file[i]->build[k].last_us != TIME_NONE)
                v[n++] = h->file[i]->build[k];
    if (n)
        qsort(v, n, sizeof *v, by_build);
    for (size_t i = 0; i < n; i++) {
        if (!out || build_cmp(&v[out - 1].build, &v[i].build) != 0) {
            v[out++] = v[i];
            continue;
        }
        if (v[i].first_us < v[out - 1].first_us)
            v[out - 1].first_us = v[i].first_us;
        if (v[i].last_us > v[out - 1].last_us)
            v[out - 1].last_us = v[i].last_us;
    }
    if (out)
        qsort(v, out, sizeof *v, by_time);
    h->build = v;
    h->n_builds = out;
    return OK;
}

/* The fix holds from the first fixed build after the last one without it. Where both were seen
 * side by side it holds only once the unfixed one is gone for good. */
static void patch_timeline(const struct dossier *d, const struct host *h, struct window *w)
{
    int64_t last_open = TIME_NONE;
    w->fixed_since_us = TIME_NONE;
    for (size_t i = 0; i < h->n_builds; i++)
        if (build_fixed(d, &h->build[i]) == 0) {
            w->was_open = true;
            if (h->build[i].last_us > last_open)
                last_open = h->build[i].last_us;
        }
    for (size_t i = 0; i < h->n_builds; i++) {
        const struct build_seen *b = &h->build[i];
        if (build_fixed(d, b) != 1 || (last_open != TIME_NONE && b->last_us <= last_open))
            continue;
        int64_t since = b->first_us > last_open ? b->first_us : last_open;
        if (w->fixed_since_us == TIME_NONE || since < w->fixed_since_us)
            w->fixed_since_us = since;
    }
}

/* A server that was never seen fixed did not stop being open where its logs stop: at least the
 * weeks of the mass wave belong to its window. */
static int64_t wave_end(const struct dossier *d)
{
    return d->window_narrow_us == TIME_NONE ? TIME_NONE
                                            : d->window_narrow_us + WINDOW_WAVE_DAYS * US_PER_DAY;
}

/* A first build with the fix says nothing about the days before it was seen: only a fix that was in
 * when the affair began makes the window empty. */
static struct window host_window(const struct dossier *d, const struct host *h)
{
    struct window w = {.from_us = d->window_from_us, .to_us = d->window_until_us};
    patch_timeline(d, h, &w);
    if (w.from_us == TIME_NONE)
        w.from_us = h->first_us != TIME_NONE ? h->first_us : 0;
    if (w.fixed_since_us != TIME_NONE && (w.to_us == TIME_NONE || w.fixed_since_us < w.to_us))
        w.to_us = w.fixed_since_us;
    if (w.to_us == TIME_NONE) {
        w.to_us = w.from_us + WINDOW_MIN_HOURS * US_PER_HOUR;
        if (h->last_us != TIME_NONE && h->last_us >= w.to_us)
            w.to_us = h->last_us + 1;
        if (w.was_open && w.to_us < wave_end(d))
            w.to_us = wave_end(d);
    }
    w.empty = w.to_us <= w.from_us;
    if (w.empty)
        w.to_us = w.from_us;
    return w;
}

bool host_has_kind(const struct host *h, struct str pattern)
{
    for (size_t i = 0; i < h->n_covers; i++)
        if (kind_match(pattern, h->cover[i].kind))
            return true;
    return false;
}

static bool product_seen(const struct trial *t, const struct host *h, size_t dossier)
{
    const struct dossier *d = &t->facts->dossier[dossier];
    for (size_t i = 0; i < h->n_files && dossier < 64; i++)
        if (h->file[i]->seen_dossiers >> dossier & 1)
            return true;
    for (size_t i = 0; i < d->seen_kinds.n; i++)
        if (host_has_kind(h, d->seen_kinds.v[i]))
            return true;
    return false;
}

static bool has_column(const struct file_fact *f, struct str column)
{
    for (size_t i = 0; i < f->column.n; i++)
        if (str_ieq(f->column.v[i], column))
            return true;
    return false;
}

static enum err lacking_text(struct arena *arena, const struct dossier *d, struct str column,
                             size_t lacking, size_t files, struct str *ret_text)
{
    struct buf b;
    buf_init(&b, JUDGE_TEXT_BYTES);
    buf_str(&b, str_sub(d->title, 0, JUDGE_TITLE_BYTES));
    buf_puts(&b, ": ");
    buf_str(&b, str_sub(column, 0, JUDGE_TITLE_BYTES));
    buf_puts(&b, " was not logged");
    if (lacking < files)
        buf_printf(&b, " in %zu of %zu files", lacking, files);
    *ret_text = arena_str(arena, buf_view(&b));
    buf_done(&b);
    return ret_text->p ? OK : ERR_NOMEM;
}

/* One needed field ("iis: cs(Referer)"): in which files was it not logged? Their hours go to hole.
 */
static enum err check_field(struct trial *t, const struct host *h, struct matter *m,
                            struct str needed, struct hour_span *hole, size_t *n_holes)
{
    struct str kind, column = needed, text;
    size_t files = 0, lacking = 0, from = *n_holes;
    if (!str_cut(&column, ':', &kind) || !column.p)
        return OK;
    kind = str_trim(kind);
    column = str_trim(column);
    for (size_t i = 0; i < h->n_files; i++) {
        const struct file_fact *f = h->file[i];
        if (!f->records || !kind_match(kind, f->kind))
            continue;
        files++;
        if (has_column(f, column))
            continue;
        lacking++;
        for (size_t k = 0; k < f->n_hours; k++)
            hole[(*n_holes)++] = (struct hour_span){f->hour[k].hour, f->hour[k].hour + 1};
    }
    if (!lacking)
        return OK;
    TRY(lacking_text(t->arena, m->dossier, column, lacking, files, &text));
    if (lacking == files) {
        *n_holes = from;
        m->untested = true;
    }
    m->lack[m->n_lacks++] = (struct lack){kind, column, text, lacking == files};
    return OK;
}

/* Hours whose rows lack a needed field are not covered. */
static enum err check_fields(struct trial *t, const struct host *h, struct matter *m)
{
    size_t hours = 0, n_holes = 0, fields = m->dossier->needed_fields.n;
    for (size_t i = 0; i < h->n_files; i++)
        hours += h->file[i]->n_hours;
    if (!fields)
        return OK;
    struct hour_span *hole = arena_array(t->arena, hours + 1, fields * sizeof *hole);
    m->lack = arena_new_n(t->arena, struct lack, fields + 1);
    if (!hole || !m->lack)
        return ERR_NOMEM;
    for (size_t i = 0; i < fields; i++)
        TRY(check_field(t, h, m, m->dossier->needed_fields.v[i], hole, &n_holes));
    struct hour_set holes = hours_normal(hole, n_holes);
    struct hour_set whole = m->covered;
    return hours_subtract(t->arena, &whole, &holes, &m->covered);
}

/* The hours of a deciding kind; several kinds that fit one pattern stand in for each other. */
static enum err kind_hours(struct trial *t, const struct host *h, struct str pattern,
                           struct hour_set *ret_set)
{
    size_t n = 0;
    for (size_t i = 0; i < h->n_covers; i++)
        n += h->cover[i].covered.n;
    struct hour_span *v = arena_new_n(t->arena, struct hour_span, n + 1);
    if (!v)
        return ERR_NOMEM;
    n = 0;
    for (size_t i = 0; i < h->n_covers; i++)
        if (kind_match(pattern, h->cover[i].kind))
            for (size_t k = 0; k < h->cover[i].covered.n; k++)
                v[n++] = h->cover[i].covered.v[k];
    *ret_set = hours_normal(v, n);
    return OK;
}

static enum err deciding_hours(struct trial *t, const struct host *h, struct matter *m)
{
    const struct str_list *deciding = &m->dossier->deciding;
    m->missing.v = arena_new_n(t->arena, struct str, deciding->n + 1);
    if (!m->missing.v)
        return ERR_NOMEM;
    for (size_t i = 0; i < deciding->n; i++) {
        struct hour_set one, both;
        if (!host_has_kind(h, deciding->v[i]))
            m->missing.v[m->missing.n++] = deciding->v[i];
        TRY(kind_hours(t, h, deciding->v[i], &one));
        if (!i) {
            m->covered = one;
            continue;
        }
        TRY(hours_intersect(t->arena, &m->covered, &one, &both));
        m->covered = both;
    }
    if (!deciding->n) /* nothing is called deciding: whatever was read counts */
        return kind_hours(t, h, STR("*"), &m->covered);
    return OK;
}

static enum err weigh_window(struct trial *t, const struct host *h, struct matter *m)
{
    struct hour_set both;
    struct hour_span *span = arena_new(t->arena, struct hour_span);
    if (!span)
        return ERR_NOMEM;
    *span = hours_of(m->window.from_us, m->window.to_us);
    m->in_window = (struct hour_set){span, !m->window.empty};
    TRY(deciding_hours(t, h, m));
    TRY(check_fields(t, h, m));
    TRY(hours_intersect(t->arena, &m->covered, &m->in_window, &both));
    int64_t whole = hours_count(&m->in_window);
    m->share = whole ? (double)hours_count(&both) / (double)whole : 1.0;
    return OK;
}

enum err trial_windows(struct trial *t)
{
    for (size_t i = 0; i < t->n_hosts; i++) {
        struct host *h = &t->host[i];
        TRY(merge_builds(t, h));
        h->matter = arena_new_n(t->arena, struct matter, t->facts->n_dossiers + 1);
        if (!h->matter)
            return ERR_NOMEM;
        for (size_t k = 0; k < t->facts->n_dossiers; k++) {
            struct matter *m = &h->matter[k];
            m->dossier = &t->facts->dossier[k];
            m->seen = product_seen(t, h, k);
            m->window = host_window(m->dossier, h);
            TRY(weigh_window(t, h, m));
        }
    }
    return OK;
}
