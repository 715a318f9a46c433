#include "scan/judge.h"

#include "dossier/load.h"

/* The words of a verdict. Names and titles are clipped: they come from rules and logs. */

/* What to copy when no log is wanted any more, by a path that shows the product. */
static const struct {
    const char *path, *listing;
} listings[] = {
    {"/_layouts/", "a listing with hashes of the web server extensions' LAYOUTS folder and of "
                   "Temporary ASP.NET Files"},
    {"/owa/", "a listing with hashes of FrontEnd\\HttpProxy and inetpub\\wwwroot\\aspnet_client"},
};

static void add_clip(struct buf *b, struct str s)
{
    s = str_trim(s);
    if (s.n > JUDGE_TITLE_BYTES) {
        s.n = JUDGE_TITLE_BYTES;
        while (s.n && ((unsigned char)s.p[s.n] & 0xc0) == 0x80)
            s.n--;
    }
    while (s.n && s.p[s.n - 1] == '.')
        s.n--;
    buf_str(b, s);
}

static void add_day(struct buf *b, int64_t time_us)
{
    char day[32];
    buf_puts(b, time_short(time_us, false, day));
}

static void add_moment(struct buf *b, int64_t time_us)
{
    char text[32];
    if (time_us == TIME_NONE) {
        buf_puts(b, "at an unknown time");
        return;
    }
    buf_puts(b, "on ");
    buf_puts(b, time_short(time_us, true, text));
    buf_puts(b, " UTC");
}

static void add_count(struct buf *b, size_t n, const char *one, const char *many)
{
    buf_u64(b, n);
    buf_putc(b, ' ');
    buf_puts(b, n == 1 ? one : many);
}

static void add_build(struct buf *b, const struct build *build)
{
    for (int i = 0; i < 4 && build->part[i] >= 0; i++) {
        if (i)
            buf_putc(b, '.');
        buf_i64(b, build->part[i]);
    }
}

static void add_list(struct buf *b, const struct str_list *list)
{
    for (size_t i = 0; i < list->n; i++) {
        if (i)
            buf_puts(b, ", ");
        add_clip(b, list->v[i]);
    }
}

/* The window's hours that no deciding log covers: the longest stretch, and whether it is the
 * window's beginning. */
static struct hour_span longest_hole(const struct matter *m, bool *ret_leading)
{
    struct hour_span best = {0, 0};
    *ret_leading = false;
    if (!m->in_window.n)
        return best;
    int64_t at = m->in_window.v[0].from, end = m->in_window.v[0].to;
    for (size_t i = 0; i <= m->covered.n && at < end; i++) {
        int64_t to = i < m->covered.n ? m->covered.v[i].from : end;
        if (to > end)
            to = end;
        if (to - at > best.to - best.from) {
            best = (struct hour_span){at, to};
            *ret_leading = at == m->in_window.v[0].from;
        }
        if (i < m->covered.n && m->covered.v[i].to > at)
            at = m->covered.v[i].to;
    }
    return best;
}

/* "9 of the 58 days"; hours for a short window. Never rounds a hole away. */
static void add_share(struct buf *b, const struct matter *m)
{
    int64_t whole = hours_count(&m->in_window), unit = whole > 48 ? 24 : 1;
    int64_t have = (int64_t)(m->share * (double)whole + 0.5);
    int64_t n = have / unit, of = (whole + unit - 1) / unit;
    if (have == whole)
        n = of;
    if (have)
        buf_i64(b, n);
    else
        buf_puts(b, "none");
    buf_printf(b, " of the %lld %s in which it %s open (", (long long)of,
               unit == 24 ? "days" : "hours", m->window.was_open ? "was" : "may have been");
    add_day(b, m->window.from_us);
    buf_puts(b, " to ");
    add_day(b, m->window.to_us - 1);
    buf_putc(b, ')');
}

/* "from 2021-02-27 10:00 to 2021-02-27 20:00" */
static void add_hours(struct buf *b, int64_t from_us, int64_t to_us)
{
    char text[32];
    buf_puts(b, "from ");
    buf_str(b, str_sub(str_of(time_short(from_us, true, text)), 0, 16));
    buf_puts(b, " to ");
    buf_str(b, str_sub(str_of(time_short(to_us, true, text)), 0, 16));
}

static void add_hole(struct buf *b, const struct matter *m)
{
    bool leading;
    struct hour_span hole = longest_hole(m, &leading);
    if (hole.to <= hole.from || hours_count(&m->in_window) == hole.to - hole.from)
        return;
    int64_t from_us = hole.from * US_PER_HOUR, to_us = hole.to * US_PER_HOUR;
    if (leading) {
        buf_puts(b, "; the days before ");
        add_day(b, to_us);
    } else if (hole.to - hole.from < 48) { /* a whole day would say too much */
        buf_puts(b, "; the time ");
        add_hours(b, from_us, to_us);
    } else {
        buf_puts(b, "; the time from ");
        add_day(b, from_us);
        buf_puts(b, " to ");
        add_day(b, to_us - 1);
    }
    buf_puts(b, " cannot be judged");
}

/* Why the window is empty. */
static void add_never_open(struct buf *b, const struct window *w)
{
    if (w->fixed_since_us == TIME_NONE || w->fixed_since_us > w->from_us) {
        buf_puts(b, "never open");
        return;
    }
    buf_puts(b, "never open: fixed by ");
    add_day(b, w->fixed_since_us);
    buf_puts(b, ", before the first known attack on ");
    add_day(b, w->from_us);
}

/* Where no build without the fix was seen, the days before the first one with it are unknown. */
static void add_first_build(struct buf *b, const struct charge *c)
{
    const struct host *h = c->host;
    const struct window *w = &c->matter->window;
    for (size_t i = 0; i < h->n_builds && !w->was_open && w->fixed_since_us != TIME_NONE; i++)
        if (build_fixed(c->matter->dossier, &h->build[i]) == 1) {
            buf_puts(b, "; the first build that they show, ");
            add_build(b, &h->build[i].build);
            buf_puts(b, " on ");
            add_day(b, h->build[i].first_us);
            buf_puts(b, ", already had the fix: what ran before that day they do not tell");
            return;
        }
}

/* Why the builds that were seen do not tell whether the fix was in. */
static void add_coarse_build(struct buf *b, const struct charge *c)
{
    const struct host *h = c->host;
    const struct dossier *d = c->matter->dossier;
    const struct window *w = &c->matter->window;
    for (size_t i = 0; i < h->n_builds && !w->was_open && w->fixed_since_us == TIME_NONE; i++) {
        const struct product *product = product_of(d, &h->build[i].build);
        if (!product || !product->exact_to_cu || build_fixed(d, &h->build[i]) >= 0)
            continue;
        buf_puts(b, "; the logs of ");
        add_clip(b, product->name);
        buf_puts(b, " do not tell whether the fix was in: check the build on the server");
        return;
    }
}

static void add_lacks(struct buf *b, const struct matter *m)
{
    for (size_t i = 0; i < m->n_lacks; i++)
        if (m->lack[i].everywhere) {
            buf_puts(b, "; not tested: ");
            add_clip(b, m->lack[i].column);
            buf_puts(b, " was not logged");
        }
}

bool charge_ends_before(const struct charge *c)
{
    return c->matter && !c->matter->window.empty && c->host->last_us != TIME_NONE &&
           c->host->last_us < c->matter->dossier->window_from_us;
}

static void add_coverage(struct buf *b, const struct charge *c)
{
    const struct matter *m = c->matter;
    if (m->window.empty) {
        add_never_open(b, &m->window);
        return;
    }
    if (charge_ends_before(c)) {
        buf_puts(b, "the logs end on ");
        add_day(b, c->host->last_us);
        buf_puts(b, ", before this affair began on ");
        add_day(b, m->dossier->window_from_us);
        buf_puts(b, ": they say nothing about it");
        return;
    }
    buf_puts(b, "the logs cover ");
    add_share(b, m);
    if (m->missing.n) {
        buf_puts(b, "; not supplied: ");
        add_list(b, &m->missing);
    } else {
        add_hole(b, m);
    }
    add_first_build(b, c);
    add_coarse_build(b, c);
    add_lacks(b, m);
}

static bool title_before(const struct charge *c, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (c->sign[k]->decides && str_eq(c->sign[k]->f.title, c->sign[i]->f.title))
            return true;
    return false;
}

/* "3 tries (first title; second title)". */
static void add_tries(struct buf *b, const struct charge *c, enum grade at_least)
{
    size_t n = 0, titles = 0;
    for (int g = (int)at_least; g <= GRADE_COMPROMISE; g++)
        n += c->count[g];
    add_count(b, n, "sign", "signs");
    for (size_t i = 0; i < c->n && i < 1000 && titles < JUDGE_TITLES; i++) {
        const struct sign *s = c->sign[i];
        if (!s->decides || s->f.grade < at_least || title_before(c, i))
            continue;
        buf_puts(b, titles++ ? "; " : " of an attack (");
        add_clip(b, s->f.title);
    }
    buf_puts(b, titles ? ")" : "");
}

static void add_probes(struct buf *b, const struct charge *c)
{
    if (!c->count[GRADE_PROBE])
        return;
    buf_puts(b, "; ");
    add_count(b, c->count[GRADE_PROBE], "probe", "probes");
    buf_puts(b, " met it");
}

static uint64_t files_looked_at(const struct host *h)
{
    uint64_t n = 0;
    for (size_t i = 0; i < h->n_files; i++)
        n += str_eq(h->file[i]->kind, STR(KIND_FILE)) && !h->file[i]->copy && h->file[i]->records;
    return n;
}

/* Nothing was seen; if some was not looked at, that is said in one breath. */
static void add_no_sign(struct buf *b, const struct charge *c)
{
    uint64_t n = c->host->unread, files = files_looked_at(c->host);
    buf_puts(b, n ? "no sign in what could be read of the logs" : "no sign in logs");
    if (files) {
        buf_puts(b, " and in ");
        add_count(b, files, "file", "files");
    }
    buf_puts(b, n ? ", " : "");
    if (n)
        add_count(b, n, "gap may hide one", "gaps may hide one");
}

static void add_after_fix(struct buf *b, const struct charge *c)
{
    for (size_t i = 0; i < c->n; i++)
        if (c->sign[i]->after_fix && c->sign[i]->decides) {
            buf_puts(b, "; requests that came when the fix was already in count as tries");
            return;
        }
}

static bool mailbox_access(const struct sign *s)
{
    return s->rule->meta.stage == STAGE_POST &&
           (kind_match(STR("*ews"), s->f.kind) || s->hit->role[ROLE_MAILBOX].n);
}

static void say_worst(struct buf *b, const struct charge *c)
{
    const struct sign *s = c->worst;
    if (c->state == VERDICT_COMPROMISED && mailbox_access(s))
        buf_puts(b, "mailbox access: ");
    add_clip(b, s->f.title);
    buf_putc(b, ' ');
    add_moment(b, s->f.time_us);
    if (s->f.meaning.n) {
        buf_puts(b, ": ");
        add_clip(b, s->f.meaning);
    }
    if (s->f.note.n) {
        buf_puts(b, " (");
        add_clip(b, s->f.note);
        buf_putc(b, ')');
    }
    if (c->count[s->f.grade] > 1)
        buf_printf(b, "; %zu findings of this grade", c->count[s->f.grade]);
    if (s->target != NO_HOST && c->host == &c->trial->host[s->target]) {
        buf_puts(b, "; logged by ");
        add_clip(b, s->f.host);
    }
    if (c->matter && c->matter->window.fixed_since_us != TIME_NONE && s->f.time_us != TIME_NONE &&
        s->f.time_us < c->matter->window.fixed_since_us) {
        buf_puts(b, "; the fix, seen from ");
        add_day(b, c->matter->window.fixed_since_us);
        buf_puts(b, " on, came after it");
    }
}

static void say_exploited(struct buf *b, const struct charge *c)
{
    say_worst(b, c);
    if (c->unseen_stage && c->unseen_kind.n) {
        buf_puts(b, "; a later stage would show in ");
        add_clip(b, c->unseen_kind);
        buf_puts(b, ", which does not cover that time, so that none was found proves nothing");
    } else {
        buf_puts(b, "; no later stage was found");
    }
}

static void say_not_enough(struct buf *b, const struct charge *c)
{
    size_t tries = c->count[GRADE_ATTEMPT];
    if (tries)
        add_tries(b, c, GRADE_ATTEMPT);
    else
        buf_puts(b, "nothing found");
    buf_puts(b, ", but ");
    if (c->unseen_stage && c->enough) {
        buf_puts(b, "what followed the one ");
        add_moment(b, c->unseen_us);
        buf_puts(
            b,
            c->unanswered ? " cannot be seen: its row does not hold the answer of the server; "
            : c->row_missing
                ? " cannot be seen: its row is missing in a HttpProxy log that covers that time; "
                : " cannot be seen: not every deciding log covers that time; ");
    }
    add_coverage(b, c);
    add_probes(b, c);
}

static void say_named(struct buf *b, const struct charge *c)
{
    buf_puts(b, "named in the logs, not supplied: ");
    add_tries(b, c, GRADE_PROBE);
    if (c->worst) {
        buf_puts(b, ", the furthest ");
        add_moment(b, c->worst->f.time_us);
        buf_puts(b, ", logged by ");
        add_clip(b, c->worst->f.host);
    }
}

/* Rules outside any dossier, or no product that a dossier knows. */
static void say_general(struct buf *b, const struct charge *c)
{
    const struct facts *f = c->trial->facts;
    const struct host *h = c->host;
    if (c->state == VERDICT_ATTEMPTED)
        add_tries(b, c, GRADE_ATTEMPT);
    else if (c->state == VERDICT_NO_SIGN)
        add_no_sign(b, c);
    else
        buf_puts(b, h->n_covers ? "nothing found in the logs" : "no file of a known kind of log");
    if (h->first_us != TIME_NONE) {
        buf_puts(b, "; they run from ");
        add_day(b, h->first_us);
        buf_puts(b, " to ");
        add_day(b, h->last_us);
    } else if (h->n_covers) {
        buf_puts(b, ", but no record has a time");
    }
    size_t listed = 0;
    for (size_t i = 0; i < f->n_dossiers; i++) {
        if (h->matter[i].seen)
            continue;
        buf_puts(b, listed++ ? ", " : "; looked for and not seen here, the products of: ");
        add_clip(b, f->dossier[i].id);
    }
    add_probes(b, c);
}

static void say_negative(struct buf *b, const struct charge *c)
{
    if (c->alone == VERDICT_ATTEMPTED) {
        add_tries(b, c, GRADE_ATTEMPT);
        buf_puts(b, ", none went further");
        if (c->host->unread) {
            buf_puts(b, " in what could be read, ");
            add_count(b, c->host->unread, "gap may hide one", "gaps may hide one");
        }
        buf_puts(b, "; ");
    } else if (!c->matter->window.empty) {
        add_no_sign(b, c);
        buf_puts(b, "; ");
    }
    add_coverage(b, c);
    if (c->alone == VERDICT_NO_SIGN && c->matter->window.empty) {
        buf_puts(b, "; ");
        add_no_sign(b, c);
    }
    add_after_fix(b, c);
    add_probes(b, c);
    if (c->matter->dossier->window_note.n) {
        buf_puts(b, ". ");
        buf_str(b, str_sub(str_trim(c->matter->dossier->window_note), 0, JUDGE_NOTE_BYTES));
    }
}

/* What another host with the same product lost is lost here as well, if they share it. */
static void add_shared(struct buf *b, const struct charge *c)
{
    const struct sign *s = c->shared;
    buf_puts(b, b->n && b->p[b->n - 1] == '.' ? " On " : ". On ");
    add_clip(b, c->trial->host[s->host].name);
    buf_puts(b, ": ");
    add_clip(b, s->f.title);
    buf_putc(b, ' ');
    add_moment(b, s->f.time_us);
    buf_puts(b, "; if both hosts share ");
    add_clip(b, c->matter->dossier->shared_what);
    buf_puts(b, s->f.grade == GRADE_COMPROMISE ? ", these are known to the attacker"
                                               : ", these may be known to the attacker");
}

enum err charge_because(const struct charge *c, struct arena *arena, struct str *ret_text)
{
    struct buf b;
    buf_init(&b, JUDGE_TEXT_BYTES);
    if (!c->host->supplied && c->n)
        say_named(&b, c);
    else if (c->state == VERDICT_COMPROMISED)
        say_worst(&b, c);
    else if (c->state == VERDICT_EXPLOITED_UNCONFIRMED)
        say_exploited(&b, c);
    else if (!c->matter)
        say_general(&b, c);
    else if (c->alone == VERDICT_NOT_ENOUGH_EVIDENCE)
        say_not_enough(&b, c);
    else
        say_negative(&b, c);
    if (c->shared)
        add_shared(&b, c);
    *ret_text = arena_str(arena, buf_view(&b));
    buf_done(&b);
    return ret_text->p ? OK : ERR_NOMEM;
}

static void add_logs_of(struct buf *b, struct str kind, struct str host)
{
    buf_puts(b, "the ");
    add_clip(b, kind);
    buf_puts(b, " logs of ");
    add_clip(b, host);
}

static bool same_day(int64_t from_us, int64_t to_us)
{
    char from[32], to[32];
    return strcmp(time_short(from_us, false, from), time_short(to_us - 1, false, to)) == 0;
}

static void add_between(struct buf *b, int64_t from_us, int64_t to_us)
{
    bool one = same_day(from_us, to_us);
    buf_puts(b, one ? " of " : " from ");
    add_day(b, from_us);
    if (one)
        return;
    buf_puts(b, " to ");
    add_day(b, to_us - 1);
}

static int64_t hours_covered(const struct host *h, struct str kind, struct hour_span span)
{
    int64_t have = 0;
    for (size_t k = 0; k < h->n_covers; k++) {
        const struct hour_set *set = &h->cover[k].covered;
        for (size_t j = 0; kind_match(kind, h->cover[k].kind) && j < set->n; j++) {
            int64_t from = set->v[j].from > span.from ? set->v[j].from : span.from;
            int64_t to = set->v[j].to < span.to ? set->v[j].to : span.to;
            have += to > from ? to - from : 0;
        }
    }
    return have;
}

/* The logs of all deciding kinds that do not cover a stretch of the window. */
static void add_uncovered(struct buf *b, const struct charge *c, struct hour_span hole)
{
    const struct str_list *deciding = &c->matter->dossier->deciding;
    size_t n = 0;
    buf_puts(b, "the ");
    for (size_t i = 0; i < deciding->n; i++) {
        if (hours_covered(c->host, deciding->v[i], hole) >= hole.to - hole.from)
            continue;
        buf_puts(b, n++ ? ", " : "");
        add_clip(b, deciding->v[i]);
    }
    if (!n) /* all were read, but not the columns that are needed */
        add_list(b, deciding);
    buf_puts(b, " logs of ");
    add_clip(b, c->host->name);
}

/* A missing kind, then missing days, then a column that was not logged. */
static bool ask_window(struct buf *b, const struct charge *c)
{
    const struct matter *m = c->matter;
    bool leading;
    if (!m || m->window.empty || c->state == VERDICT_COMPROMISED)
        return false;
    if (charge_ends_before(c) && m->dossier->deciding.n) {
        add_logs_of(b, m->dossier->deciding.v[0], c->host->name);
        buf_puts(b, " from ");
        add_day(b, m->dossier->window_from_us);
        buf_puts(b, " on");
        return true;
    }
    struct hour_span hole = longest_hole(m, &leading);
    if (m->missing.n) {
        add_logs_of(b, m->missing.v[0], c->host->name);
        add_between(b, m->window.from_us, m->window.to_us);
        return true;
    }
    if (hole.to > hole.from && m->dossier->deciding.n &&
        (!c->enough || hole.to - hole.from >= JUDGE_HOLE_HOURS)) {
        add_uncovered(b, c, hole);
        add_between(b, hole.from * US_PER_HOUR, hole.to * US_PER_HOUR);
        return true;
    }
    for (size_t i = 0; i < m->n_lacks; i++)
        if (m->lack[i].everywhere) {
            buf_puts(b, "logs of the same requests that hold ");
            add_clip(b, m->lack[i].column);
            buf_puts(b, ", from a proxy or balancer in front of ");
            add_clip(b, c->host->name);
            return true;
        }
    return false;
}

static bool ask_later(struct buf *b, const struct charge *c)
{
    struct str kind = c->unseen_kind;
    if (!c->unseen_stage || (!kind.n && !c->unanswered))
        return false;
    if (c->unanswered) {
        kind = c->unseen->f.kind;
        buf_puts(b, "whole, with the status of every request, ");
    }
    add_logs_of(b, kind, c->host->name);
    buf_puts(b, " around ");
    if (c->unseen_us != TIME_NONE)
        add_day(b, c->unseen_us);
    else
        buf_puts(b, "that time");
    return true;
}

static bool has_logs(const struct host *h)
{
    for (size_t i = 0; i < h->n_covers; i++)
        if (!str_eq(h->cover[i].kind, STR(KIND_FILE)))
            return true;
    return false;
}

static void ask_listing(struct buf *b, const struct charge *c)
{
    const struct str_list *paths = c->matter ? &c->matter->dossier->seen_paths : NULL;
    for (size_t i = 0; i < ARRAY_LEN(listings); i++)
        for (size_t k = 0; paths && k < paths->n; k++)
            if (str_ifind(paths->v[k], str_of(listings[i].path)) >= 0) {
                buf_puts(b, listings[i].listing);
                buf_puts(b, " of ");
                add_clip(b, c->host->name);
                return;
            }
    if (!has_logs(c->host))
        buf_puts(b, "the logs of ");
    else if (files_looked_at(c->host))
        buf_puts(b, "another kind of log of ");
    else
        buf_puts(b, "another kind of log, or a listing with hashes of the web folders, of ");
    add_clip(b, c->host->name);
}

/* When the oldest row of a log goes by itself, as seen from the host's newest record: the log of
 * which rows go first. */
static void add_rotation(struct buf *b, const struct charge *c)
{
    const struct cover *first = NULL;
    int64_t first_gone = 0;
    int first_days = 0;
    for (size_t i = 0; i < c->host->n_covers; i++) {
        const struct cover *k = &c->host->cover[i];
        int days = kind_policy(k->kind)->keep_days;
        int64_t gone = k->first_us + days * US_PER_DAY;
        if (!days || k->first_us == TIME_NONE || gone <= c->host->last_us)
            continue;
        if (!first || gone < first_gone) {
            first = k;
            first_gone = gone;
            first_days = days;
        }
    }
    if (!first)
        return;
    buf_printf(b, "; %.*s is kept %d days by default: its oldest row, of ",
               STR_FMT(str_sub(first->kind, 0, COVER_TEXT_BYTES)), first_days);
    add_day(b, first->first_us);
    buf_puts(b, ", goes on ");
    add_day(b, first_gone);
}

enum err charge_next_evidence(const struct charge *c, struct arena *arena, struct str *ret_text)
{
    struct buf b;
    buf_init(&b, JUDGE_TEXT_BYTES);
    if (!c->host->supplied) {
        buf_puts(&b, "the logs of ");
        add_clip(&b, c->host->name);
        if (c->matter && c->matter->dossier->deciding.n) {
            buf_puts(&b, " (");
            add_list(&b, &c->matter->dossier->deciding);
            buf_puts(&b, ")");
        }
        if (c->worst && c->worst->f.time_us != TIME_NONE) {
            buf_puts(&b, ", first those of ");
            add_day(&b, c->worst->f.time_us);
        }
    } else {
        /* What followed one finding is worth more than a hole that the whole can spare. */
        bool later = c->enough && c->unseen_stage && ask_later(&b, c);
        if (!later && !ask_window(&b, c) && !ask_later(&b, c))
            ask_listing(&b, c);
        add_rotation(&b, c);
    }
    *ret_text = arena_str(arena, buf_view(&b));
    buf_done(&b);
    return ret_text->p ? OK : ERR_NOMEM;
}
