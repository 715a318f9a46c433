#include "scan/cover.h"

#include "base/limits.h"
#include "scan/sequence.h"

#include <stdlib.h>

/* Of text logs; the first pattern that fits decides. What event logs write only now and then stands
 * in data/events.yaml. */
static const struct kind_policy policies[] = {
    {"*-error", SILENCE_NATURAL, false, false, 0},
    {"httperr*", SILENCE_NATURAL, true, true, 0},
    {"iis*", SILENCE_SIBLINGS, true, true, 0},
    {"httpproxy*", SILENCE_SIBLINGS, true, true, 30},
    {"access*", SILENCE_DAY, false, true, 0},
    {"*-access", SILENCE_DAY, false, true, 0},
    {"ecp-*", SILENCE_NATURAL, true, false, 0},
    {"rps-*", SILENCE_NATURAL, true, false, 0},
    {"ews*", SILENCE_NATURAL, true, false, 0},
    {"autodiscover*", SILENCE_NATURAL, true, false, 0},
    {"oabgenerator*", SILENCE_NATURAL, true, false, 0},
    {"msgtrk*", SILENCE_NATURAL, true, false, 0},
    {"smtp-*", SILENCE_NATURAL, true, false, 0},
    {"agent*", SILENCE_NATURAL, true, false, 0},
    {"audit*", SILENCE_NATURAL, true, false, 0},
    {"*", SILENCE_DAY, false, false, 0},
};

const struct kind_policy *kind_policy(struct str kind)
{
    size_t i = 0;
    while (i + 1 < ARRAY_LEN(policies) && !kind_match(str_of(policies[i].pattern), kind))
        i++;
    return &policies[i];
}

/* Silence of a kind of log, by the data of event logs first: their names are no text log's. */
static void judge_kind(const struct facts *facts, struct cover *c)
{
    const struct kind_policy *policy = kind_policy(c->kind);
    c->silence = policy->silence;
    c->family = policy->family;
    for (size_t i = 0; i < facts->natural.n; i++)
        if (str_eq(facts->natural.v[i], c->kind)) {
            c->silence = SILENCE_NATURAL;
            c->family = false;
        }
}

static int int64_order(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

static size_t unique_hours(int64_t *v, size_t n)
{
    size_t out = 0;
    if (n)
        qsort(v, n, sizeof *v, int64_order);
    for (size_t i = 0; i < n; i++)
        if (!out || v[out - 1] != v[i])
            v[out++] = v[i];
    return out;
}

/* The first index whose hour is not below the given one. */
static size_t hour_at(const int64_t *v, size_t n, int64_t hour)
{
    size_t lo = 0, hi = n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (v[mid] < hour)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

size_t cover_hours_between(const struct cover *c, int64_t from_hour, int64_t to_hour)
{
    return hour_at(c->hour, c->n_hours, to_hour) - hour_at(c->hour, c->n_hours, from_hour);
}

static void add_hour(const struct facts *facts, struct cover *c, int64_t hour)
{
    if (facts->since_us != TIME_NONE && hour < time_hour(facts->since_us))
        return;
    if (facts->until_us != TIME_NONE && hour > time_hour(facts->until_us))
        return;
    c->hour[c->n_hours++] = hour;
}

static void add_period(const struct facts *facts, struct cover *c, int64_t first, int64_t last)
{
    if (first == TIME_NONE || last == TIME_NONE)
        return;
    if (facts->since_us != TIME_NONE && first < facts->since_us)
        first = facts->since_us;
    if (facts->until_us != TIME_NONE && last > facts->until_us)
        last = facts->until_us;
    if (first > last)
        return;
    if (c->first_us == TIME_NONE || first < c->first_us)
        c->first_us = first;
    if (c->last_us == TIME_NONE || last > c->last_us)
        c->last_us = last;
}

/* Counts and hours of one kind. The same file supplied twice counts once. */
static enum err sum_files(struct arena *arena, const struct facts *facts, struct cover *c)
{
    size_t n = 0;
    for (size_t i = 0; i < c->files; i++)
        n += c->file[i]->n_hours + 2;
    c->hour = arena_new_n(arena, int64_t, n + 1);
    if (!c->hour)
        return ERR_NOMEM;
    for (size_t i = 0; i < c->files; i++) {
        const struct file_fact *f = c->file[i];
        c->records += f->records;
        c->unparsed += f->unparsed;
        c->sampled |= f->sampled;
        for (size_t k = 0; k < f->n_hours; k++)
            if (f->hour[k].records)
                add_hour(facts, c, f->hour[k].hour);
        if (f->first_us != TIME_NONE && f->last_us != TIME_NONE) {
            add_hour(facts, c, time_hour(f->first_us));
            add_hour(facts, c, time_hour(f->last_us));
        }
        add_period(facts, c, f->first_us, f->last_us);
    }
    c->n_hours = unique_hours(c->hour, c->n_hours);
    return OK;
}

/* What the siblings of all kinds say about the host. */
struct pulse {
    int64_t *hour;
    size_t n;
};

static enum err take_pulse(struct arena *arena, const struct cover *c, size_t n,
                           struct pulse *ret_pulse)
{
    size_t total = 0;
    for (size_t i = 0; i < n; i++)
        total += c[i].family ? c[i].n_hours : 0;
    struct pulse p = {arena_new_n(arena, int64_t, total + 1), 0};
    if (!p.hour)
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++)
        if (c[i].family)
            for (size_t k = 0; k < c[i].n_hours; k++)
                p.hour[p.n++] = c[i].hour[k];
    p.n = unique_hours(p.hour, p.n);
    *ret_pulse = p;
    return OK;
}

static struct str silent_text(struct arena *arena, const struct cover *c, int64_t from_hour,
                              int64_t to_hour, const char *why)
{
    struct buf b;
    char from[32], to[32];
    buf_init(&b, 512);
    buf_printf(&b, "%.*s silent from %s to %s%s", STR_FMT(str_sub(c->kind, 0, COVER_TEXT_BYTES)),
               time_short(from_hour * US_PER_HOUR, true, from),
               time_short(to_hour * US_PER_HOUR, true, to), why);
    struct str text = arena_str(arena, buf_view(&b));
    buf_done(&b);
    return text;
}

static enum err add_silence(struct arena *arena, struct cover *c, int64_t from_hour,
                            int64_t to_hour, const char *why)
{
    struct str text = silent_text(arena, c, from_hour, to_hour, why);
    if (!text.p)
        return ERR_NOMEM;
    c->gap[c->n_gaps++] = (struct cover_gap){
        .from_us = from_hour * US_PER_HOUR, .to_us = to_hour * US_PER_HOUR, .detail = text};
    return OK;
}

/* A run of hours without a record of this kind, both ends exclusive of records. */
static enum err judge_silence(struct arena *arena, struct cover *c, const struct pulse *pulse,
                              int64_t from, int64_t to, bool inside)
{
    enum silence how = c->silence;
    if (from >= to || how == SILENCE_NATURAL)
        return OK;
    if (inside && to - from >= COVER_SILENT_HOURS)
        return add_silence(arena, c, from, to, "");
    if (how != SILENCE_SIBLINGS || !pulse->n)
        return OK;
    /* The host's very first and last hour are partial ones. */
    if (from <= pulse->hour[0])
        from = pulse->hour[0] + 1;
    if (to > pulse->hour[pulse->n - 1])
        to = pulse->hour[pulse->n - 1];
    size_t lo = hour_at(pulse->hour, pulse->n, from), hi = hour_at(pulse->hour, pulse->n, to);
    if (lo >= hi && inside && to - from >= COVER_PROBED_HOURS &&
        kind_match(STR("httpproxy*"), c->kind))
        return add_silence(
            arena, c, from, to,
            ", like every other log of the host: it was off, or its logs are missing");
    if (lo >= hi)
        return OK;
    return add_silence(arena, c, pulse->hour[lo], pulse->hour[hi - 1] + 1,
                       " while other logs of the host went on");
}

static enum err find_silence(struct arena *arena, struct cover *c, const struct pulse *pulse)
{
    if (!c->n_hours || c->silence == SILENCE_NATURAL)
        return OK;
    if (pulse->n)
        TRY(judge_silence(arena, c, pulse, pulse->hour[0], c->hour[0], false));
    for (size_t i = 1; i < c->n_hours; i++)
        TRY(judge_silence(arena, c, pulse, c->hour[i - 1] + 1, c->hour[i], true));
    if (pulse->n)
        TRY(judge_silence(arena, c, pulse, c->hour[c->n_hours - 1] + 1,
                          pulse->hour[pulse->n - 1] + 1, false));
    return OK;
}

/* Rows of which little was left, or that another program wrote, would have shown nothing: too many
 * of them, and the file's hours were not read. A single one is the cut end of a file. Where rows
 * were sampled, those that were tried in each block speak for it. */
static uint64_t not_understood(const struct file_fact *f)
{
    return f->unparsed > f->about_unparsed ? f->unparsed : f->about_unparsed;
}

static bool misread(const struct file_fact *f)
{
    uint64_t bad = not_understood(f);
    if (bad < 2 || kind_match(STR("*-error"), f->kind)) /* of several lines a message */
        return false;
    return bad * 100 > f->records * COVER_MISREAD_PERCENT;
}

static enum err misread_gaps(struct arena *arena, struct cover *c)
{
    for (size_t i = 0; i < c->files; i++) {
        const struct file_fact *f = c->file[i];
        struct buf b;
        if (!f->n_hours || !misread(f))
            continue;
        buf_init(&b, 512);
        buf_puts(&b, f->sampled ? "about " : "");
        buf_u64(&b, not_understood(f));
        buf_puts(&b, " of ");
        buf_u64(&b, f->records);
        buf_puts(&b, " rows were not understood: their time counts as not read");
        struct str text = arena_str(arena, buf_view(&b));
        buf_done(&b);
        if (!text.p)
            return ERR_NOMEM;
        c->gap[c->n_gaps++] = (struct cover_gap){
            .from_us = f->hour[0].hour * US_PER_HOUR,
            .to_us = (f->hour[f->n_hours - 1].hour + 1) * US_PER_HOUR,
            .file = f->path,
            .detail = text,
        };
    }
    return OK;
}

static int gap_order(const void *a, const void *b)
{
    const struct cover_gap *x = a, *y = b;
    if (x->from_us != y->from_us)
        return x->from_us < y->from_us ? -1 : 1;
    if (x->to_us != y->to_us)
        return x->to_us > y->to_us ? -1 : 1;
    if (x->missing_file != y->missing_file)
        return x->missing_file ? -1 : 1;
    return str_cmp(x->detail, y->detail);
}

/* A missing file names the cause of the silence that it leaves: one entry for both. */
static void drop_explained(struct cover *c)
{
    size_t out = 0;
    int64_t from = INT64_MAX, to = INT64_MIN;
    if (c->n_gaps)
        qsort(c->gap, c->n_gaps, sizeof *c->gap, gap_order);
    for (size_t i = 0; i < c->n_gaps; i++) {
        const struct cover_gap *g = &c->gap[i];
        if (!g->missing_file && !g->file.p && g->from_us >= from && g->to_us <= to)
            continue;
        if (g->missing_file && g->to_us > to) {
            from = g->from_us;
            to = g->to_us;
        }
        c->gap[out++] = *g;
    }
    c->n_gaps = out;
}

static enum err set_covered(struct arena *arena, struct cover *c)
{
    struct hour_span whole = {0, 0};
    struct hour_set all = {&whole, 0};
    struct hour_span *hole = arena_new_n(arena, struct hour_span, c->n_gaps + 1);
    if (!hole)
        return ERR_NOMEM;
    if (c->n_hours) {
        whole = (struct hour_span){c->hour[0], c->hour[c->n_hours - 1] + 1};
        all.n = 1;
    }
    for (size_t i = 0; i < c->n_gaps; i++)
        hole[i] = hours_of(c->gap[i].from_us, c->gap[i].to_us);
    struct hour_set holes = hours_normal(hole, c->n_gaps);
    return hours_subtract(arena, &all, &holes, &c->covered);
}

static enum err find_gaps(struct arena *arena, struct cover *c, const struct pulse *pulse)
{
    c->gap = arena_new_n(arena, struct cover_gap, c->n_hours + 2 + COVER_MISSING_MAX + c->files);
    if (!c->gap)
        return ERR_NOMEM;
    TRY(find_silence(arena, c, pulse));
    if (c->family)
        TRY(sequence_gaps(arena, c));
    TRY(misread_gaps(arena, c));
    drop_explained(c);
    return set_covered(arena, c);
}

static int kind_order(const void *a, const void *b)
{
    const struct file_fact *x = *(const struct file_fact *const *)a;
    const struct file_fact *y = *(const struct file_fact *const *)b;
    int c = str_cmp(x->kind, y->kind);
    return c ? c : str_cmp(x->path, y->path);
}

static int copy_order(const void *a, const void *b)
{
    const struct file_fact *x = *(const struct file_fact *const *)a;
    const struct file_fact *y = *(const struct file_fact *const *)b;
    int c = strcmp(x->sha256, y->sha256);
    return c ? c : str_cmp(x->path, y->path);
}

/* Of logs with the same content the first path stays. n > 0. */
static size_t without_copies(const struct file_fact **file, size_t n)
{
    size_t out = 0;
    qsort(file, n, sizeof(struct file_fact *), copy_order);
    for (size_t i = 0; i < n; i++)
        if (!out || !file[i]->sha256[0] || kind_is_state(file[i]->kind) ||
            strcmp(file[out - 1]->sha256, file[i]->sha256) != 0)
            file[out++] = file[i];
    qsort(file, out, sizeof(struct file_fact *), kind_order);
    return out;
}

enum err cover_host(struct arena *arena, const struct facts *facts,
                    const struct file_fact *const *file, size_t n_files, struct cover **ret_cover,
                    size_t *ret_n)
{
    const struct file_fact **sorted = arena_new_n(arena, const struct file_fact *, n_files + 1);
    struct pulse pulse;
    size_t n = 0, kinds = 0;
    if (!sorted)
        return ERR_NOMEM;
    for (size_t i = 0; i < n_files; i++)
        if (file[i]->kind.n && !file[i]->copy)
            sorted[n++] = file[i];
    if (n)
        qsort(sorted, n, sizeof(struct file_fact *), kind_order);
    for (size_t i = 0; i < n; i++)
        kinds += !i || !str_eq(sorted[i - 1]->kind, sorted[i]->kind);
    struct cover *c = arena_new_n(arena, struct cover, kinds + 1);
    if (!c)
        return ERR_NOMEM;
    kinds = 0;
    for (size_t i = 0, to; i < n; i = to) {
        for (to = i + 1; to < n && str_eq(sorted[i]->kind, sorted[to]->kind);)
            to++;
        struct cover *k = &c[kinds++];
        *k = (struct cover){.kind = sorted[i]->kind,
                            .first_us = TIME_NONE,
                            .last_us = TIME_NONE,
                            .file = sorted + i,
                            .files = without_copies(sorted + i, to - i)};
        judge_kind(facts, k);
        TRY(sum_files(arena, facts, k));
    }
    TRY(take_pulse(arena, c, kinds, &pulse));
    for (size_t i = 0; i < kinds; i++)
        TRY(find_gaps(arena, &c[i], &pulse));
    *ret_cover = c;
    *ret_n = kinds;
    return OK;
}
