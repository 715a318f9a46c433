/* Findings by host: the gravest in full and in order of time, all others counted by rule. */
#include "base/limits.h"
#include "output/escape.h"
#include "output/roles.h"
#include "output/text.h"
#include "output/text_group.h"

enum {
    EVIDENCE_LINES = 3,
    PLACES = 3,
    EVENTS = 4,
    TITLES = 6,
    TECHNIQUES = 3,
    GRADED_LINES = 4,
    LIGHT_LINES = 2,
    FINDINGS_A_HOST = 2,
    FINDINGS_BESIDE_STORY = 1
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

/* Mark i, kept within the evidence; false if nothing of it is there. */
static bool mark_of(const struct finding *f, size_t i, size_t *ret_from, size_t *ret_to)
{
    if (i >= f->n_marks || i >= ARRAY_LEN(f->mark))
        return false;
    *ret_from = f->mark[i].from;
    *ret_to = f->mark[i].to < f->evidence.n ? f->mark[i].to : f->evidence.n;
    return *ret_from < *ret_to;
}

static bool marked_at(const struct finding *f, size_t at)
{
    size_t from, to;
    for (size_t i = 0; i < ARRAY_LEN(f->mark); i++)
        if (mark_of(f, i, &from, &to) && at >= from && at < to)
            return true;
    return false;
}

static bool has(struct str text, struct str part)
{
    return str_ifind(text, part) >= 0;
}

/* Where the marks start and end that have not been told yet; both are 0 if there are none. */
static void marks_span(const struct finding *f, struct str told, size_t *ret_from, size_t *ret_to)
{
    size_t from, to, first = SIZE_MAX, last = 0;
    for (size_t i = 0; i < ARRAY_LEN(f->mark); i++)
        if (mark_of(f, i, &from, &to) && !has(told, str_sub(f->evidence, from, to))) {
            first = from < first ? from : first;
            last = to > last ? to : last;
        }
    *ret_from = last ? first : 0;
    *ret_to = last;
}

/* Byte offset at which the shown part of the evidence starts, so that the first mark is in it. */
static size_t window_start(const struct page *p, struct str e, size_t from, size_t to, size_t room)
{
    size_t before = escape_columns(str_sub(e, 0, from), p->ascii);
    size_t total = before + escape_columns(str_sub(e, from, e.n), p->ascii);
    if (total <= room || escape_columns(str_sub(e, 0, to), p->ascii) + 3 <= room)
        return 0;
    /* As much of the tail as fits, or the mark half into the first line: what shows more. */
    size_t skip = before > room / 2 ? before - room / 2 : 0, last = total - (room - 3);
    if (skip > last)
        skip = last;
    struct escape_unit u;
    size_t at = 0;
    for (size_t column = 0; at < from && column < skip; column += u.columns)
        at += escape_next(e, at, p->ascii, &u);
    return at;
}

/* Prints what fits into room columns from at on; returns where the rest starts. */
static size_t evidence_line(struct page *p, const struct finding *f, size_t at, size_t room)
{
    struct escape_unit u;
    bool marked = false;
    for (size_t used = 0; at < f->evidence.n;) {
        size_t n = escape_next(f->evidence, at, p->ascii, &u);
        if (used + u.columns > room)
            break;
        if (marked_at(f, at) != marked) {
            marked = !marked;
            page_style(p, marked ? STYLE_MATCH : STYLE_PLAIN);
        }
        buf_add(&p->sink->out, u.text, u.n);
        used += u.columns;
        at += n;
    }
    if (marked)
        page_style(p, STYLE_PLAIN);
    return at;
}

static size_t fits(const struct page *p, struct str s, size_t at, size_t room)
{
    struct escape_unit u;
    for (size_t used = 0; at < s.n;) {
        size_t n = escape_next(s, at, p->ascii, &u);
        used += u.columns;
        if (used > room)
            break;
        at += n;
    }
    return at;
}

/* The log line around those of its marks that have not been told: as many lines as they need. */
static void evidence(struct page *p, const struct row *r, struct str told, size_t most)
{
    const struct finding *f = r->f;
    struct str e = f->evidence;
    size_t width = p->width - 6, from, to, other_from, other_to;
    marks_span(f, told, &from, &to);
    for (const struct row *o = r->next; o; o = o->next) {
        if (!str_eq(o->f->evidence, e))
            continue;
        marks_span(o->f, told, &other_from, &other_to);
        from = other_to && (!to || other_from < from) ? other_from : from;
        to = other_to > to ? other_to : to;
    }
    size_t at = window_start(p, e, from, to, width);
    bool cut = at > 0, last = false;
    for (size_t line = 0; !last; line++, cut = false) {
        size_t room = width - (cut ? 3 : 0);
        bool whole = fits(p, e, at, room) == e.n;
        last = whole || line + 1 == most || fits(p, e, at, room - 3) >= to;
        page_puts(p, STYLE_DIM, cut ? "    | ..." : "    | ");
        at = evidence_line(p, f, at, last && !whole ? room - 3 : room);
        if (last && !whole)
            page_puts(p, STYLE_DIM, "...");
        page_newline(p);
    }
    if (f->line_bytes > e.n) {
        char why[80];
        (void)snprintf(why, sizeof why, "    | (of this line of %u bytes %zu are kept)",
                       f->line_bytes, e.n);
        page_puts(p, STYLE_DIM, why);
        page_newline(p);
    }
}

static void fact(struct text *t, const char *what, struct str value)
{
    if (!value.n)
        return;
    buf_puts(&t->tmp, t->tmp.n ? ", " : "");
    buf_puts(&t->tmp, what);
    buf_str(&t->tmp, text_head(value, 200));
}

/* Does the text show every part of the evidence that is marked? */
static bool shows_marks(struct str text, const struct finding *f)
{
    size_t from, to, n = 0;
    for (size_t i = 0; i < ARRAY_LEN(f->mark); i++)
        if (mark_of(f, i, &from, &to)) {
            n++;
            if (!has(text, str_sub(f->evidence, from, to)))
                return false;
        }
    return n > 0;
}

static void add_request(struct text *t, const struct finding *f, struct str path, bool query)
{
    struct str method = role_of(f, ROLE_METHOD), status = role_of(f, ROLE_STATUS);
    buf_reset(&t->tmp);
    buf_str(&t->tmp, text_head(method, 32));
    buf_puts(&t->tmp, method.n ? " " : "");
    if (query)
        (void)role_url(&t->tmp, f);
    else
        buf_str(&t->tmp, text_head(path, 600));
    if (status.n) {
        buf_puts(&t->tmp, " -> ");
        buf_str(&t->tmp, text_head(status, 32));
    }
}

/* "POST /owa/auth/x.aspx -> 200" into tmp, if the record has it; true if all that was marked is
 * in it, so that the log line would say nothing new. */
static bool request(struct text *t, const struct finding *f)
{
    enum { QUERY_BYTES = 160 };
    struct str path = finding_path(f), query = role_of(f, ROLE_QUERY);
    if (!path.n) {
        fact(t, "status ", role_of(f, ROLE_STATUS));
        return false;
    }
    add_request(t, f, path, false);
    if (shows_marks(buf_view(&t->tmp), f))
        return true;
    if (path.n + query.n <= QUERY_BYTES) {
        add_request(t, f, path, true);
        if (shows_marks(buf_view(&t->tmp), f))
            return true;
    }
    add_request(t, f, path, false);
    return false;
}

/* The request, how often, by whom, at whom; true if the log line has nothing to add. */
static bool facts(struct text *t, const struct finding *f, bool several)
{
    struct str client = role_of(f, ROLE_CLIENT), peer = role_of(f, ROLE_PEER);
    bool told = request(t, f);
    if (f->count > 1) {
        buf_puts(&t->tmp, t->tmp.n ? ", " : "");
        text_grouped(&t->tmp, f->count);
        buf_puts(&t->tmp, " times");
        if (f->last_us > f->time_us)
            text_date(t, " until ", f->last_us, true);
    }
    fact(t, "from ", several ? STR("several addresses") : client);
    if (!several && !str_eq(client, peer)) /* a forwarded address may be forged */
        fact(t, "through ", peer);
    fact(t, "user ", role_of(f, ROLE_USER));
    fact(t, "aimed at ", f->target_host);
    if (f->pivot > f->count) {
        buf_puts(&t->tmp, t->tmp.n ? ", " : "");
        text_grouped(&t->tmp, f->pivot);
        buf_puts(&t->tmp, " rows in all");
    }
    return told;
}

void text_title(struct text *t, const struct finding *f)
{
    buf_str(&t->tmp, f->title.n ? f->title : f->rule);
    for (size_t i = 0; i < f->technique.n && i < TECHNIQUES; i++) {
        buf_puts(&t->tmp, i ? " " : " [");
        buf_str(&t->tmp, text_head(f->technique.v[i], 16));
    }
    buf_puts(&t->tmp, f->technique.n > TECHNIQUES ? " ...]" : f->technique.n ? "]" : "");
}

void text_place(struct text *t, const struct finding *f)
{
    buf_str(&t->tmp, f->file);
    if (f->record)
        buf_printf(&t->tmp, "%s record %llu @%llu", f->carved ? " carved" : "",
                   (unsigned long long)f->record, (unsigned long long)f->offset);
    else if (f->line)
        buf_printf(&t->tmp, ":%llu @%llu", (unsigned long long)f->line,
                   (unsigned long long)f->offset);
    buf_printf(&t->tmp, "%sid:%.*s", t->tmp.n ? " " : "", TEXT_ID_DIGITS, f->id);
    if (f->tlp)
        buf_printf(&t->tmp, " %s", tlp_name(f->tlp));
}

/* The place, and the file for the list of hashes. */
static void place(struct text *t, const struct finding *f, const char *label)
{
    uint32_t id;
    bool fresh = false;
    text_place(t, f);
    text_wrap(t, 4, STYLE_DIM, label);
    if (!t->rc && f->file.n && f->sha256[0])
        t->rc = map_intern(&t->files, f->file, &id, &fresh);
    if (fresh && id < TEXT_LIST_LINES)
        t->file[id] = f;
}

void text_files(struct text *t)
{
    if (!t->files.n)
        return;
    page_title(&t->page, "EVIDENCE FILES (SHA-256 of those named in full above)");
    for (size_t i = 0; i < t->files.n && i < TEXT_LIST_LINES; i++) {
        page_wrap(&t->page, 2, STYLE_PLAIN, "- ", t->file[i]->file);
        page_wrap(&t->page, 4, STYLE_DIM, "", str_of(t->file[i]->sha256));
    }
    if (t->files.n > TEXT_LIST_LINES)
        text_more(t, 2, t->files.n - TEXT_LIST_LINES, " more files; --json shows all");
}

bool text_first_time(struct text *t, struct map *said, struct str sentence)
{
    bool fresh = false;
    uint32_t id;
    enum err rc = sentence.n ? map_intern(said, sentence, &id, &fresh) : OK;
    t->rc = t->rc ? t->rc : rc;
    return fresh;
}

/* The other rules that the same record met, and the other logs that have the same request. */
static void companions(struct text *t, const struct row *r)
{
    size_t places = 0, titles = 0;
    struct str before = r->f->title;
    place(t, r->f, "file   ");
    for (const struct row *o = r->next; o; o = o->next)
        if (o->role == ROW_SAME && places++ < PLACES)
            place(t, o->f, "");
    if (places > PLACES)
        text_more(t, 4, places - PLACES, " more places; --json shows all");
    for (const struct row *o = r->next; o; o = o->next) {
        if (o->role != ROW_WITH || str_eq(o->f->title, before))
            continue;
        before = o->f->title;
        if (titles++ < TITLES)
            fact(t, "", before);
    }
    if (titles > TITLES) {
        buf_puts(&t->tmp, " and ");
        text_grouped(&t->tmp, titles - TITLES);
        buf_puts(&t->tmp, " more");
    }
    if (t->tmp.n)
        text_prose(t, 4, STYLE_DIM, "also   ");
}

/* Does a verdict's reason quote what the finding means? */
static bool in_verdict(const struct text *t, const struct finding *f)
{
    enum { LOOK_AT = 64 }; /* the gravest verdicts */
    struct str meaning = f->meaning;
    meaning.n -= str_ends(meaning, STR("."));
    for (size_t i = 0; i < t->answer->n_verdicts && i < LOOK_AT; i++)
        if (meaning.n && str_eq(t->order[i]->host, f->host) && has(t->order[i]->because, meaning))
            return true;
    return false;
}

/* Of a correlation: what its events have in common, and the first and the last of them. */
static void made_of(struct text *t, const struct finding *f)
{
    char time[32];
    if (!f->n_made)
        return;
    for (size_t i = 0; i < f->n_fields; i++) {
        buf_puts(&t->tmp, i ? ", " : "");
        buf_str(&t->tmp, text_head(f->field[i].name, 100));
        buf_puts(&t->tmp, f->field[i].value.p ? " " : " absent");
        buf_str(&t->tmp, text_head(f->field[i].value, 200));
    }
    text_wrap(t, 4, STYLE_PLAIN, "where  ");
    for (size_t i = 0; i < f->n_made; i++) {
        if (i == EVENTS - 1 && f->n_made > EVENTS)
            i = f->n_made - 1;
        const struct finding_event *e = &f->made[i];
        buf_puts(&t->tmp, time_printable(e->time_us) ? time_short(e->time_us, true, time) : "");
        buf_putc(&t->tmp, ' ');
        buf_str(&t->tmp, text_head(e->title, 100));
        buf_puts(&t->tmp, ", ");
        buf_str(&t->tmp, e->file);
        if (e->record)
            buf_printf(&t->tmp, "%s record %llu", e->carved ? " carved" : "",
                       (unsigned long long)e->record);
        else if (e->line)
            buf_printf(&t->tmp, ":%llu", (unsigned long long)e->line);
        text_wrap(t, 4, STYLE_DIM, i == 0 ? "first  " : i + 1 == f->n_made ? "last   " : "       ");
    }
}

static void finding(struct text *t, const struct row *r, bool gravest, struct map *said)
{
    const struct finding *f = r->f;
    char label[64], time[32];
    bool dated = time_printable(f->time_us), several = f->several_clients;
    for (const struct row *o = r->next; o; o = o->next)
        several |= o->role == ROW_SAME && o->f->several_clients;
    (void)snprintf(label, sizeof label, "%-19s  %-10s  ",
                   dated ? time_short(f->time_us, true, time) : "no time", text_grade(f->grade));
    text_title(t, f);
    text_prose(t, 2, text_grade_style(f->grade), label);
    bool told = facts(t, f, several);
    if (t->tmp.n)
        page_wrap(&t->page, 4, STYLE_PLAIN, "", buf_view(&t->tmp));
    t->rc = t->rc ? t->rc : t->tmp.rc;
    if (f->evidence.n)
        evidence(&t->page, r, told ? STR_NONE : buf_view(&t->tmp), told ? 1 : EVIDENCE_LINES);
    buf_reset(&t->tmp);
    made_of(t, f);
    if (!in_verdict(t, f) && text_first_time(t, said, f->meaning))
        page_prose(&t->page, 4, STYLE_DIM, "means  ", f->meaning);
    if (gravest && text_first_time(t, said, f->next))
        page_prose(&t->page, 4, STYLE_BOLD, "next   ", f->next);
    companions(t, r);
}

static void episode_head(struct text *t, const struct episode *e)
{
    if (!e) {
        buf_puts(&t->tmp, "outside any episode");
    } else {
        text_date(t, "", e->first_us, true);
        text_date(t, " to ", e->last_us, true);
        buf_puts(&t->tmp, ", ");
        text_count(t, e->n, "finding");
    }
    text_wrap(t, 1, STYLE_BOLD, e ? "episode " : "");
}

/* The names of web shells, above all: different ones, a few. */
static void group_paths(struct text *t, struct row *const *v, size_t n)
{
    struct str seen[PLACES];
    size_t k = 0, i;
    for (i = 0; i < n && k < PLACES; i++) {
        struct str path = finding_place(v[i]->f);
        bool fresh = path.n > 0;
        for (size_t j = 0; j < k; j++)
            fresh &= !str_ieq(seen[j], path);
        if (!fresh)
            continue;
        buf_puts(&t->tmp, k ? " " : ": ");
        buf_str(&t->tmp, text_head(path, 200));
        seen[k++] = path;
    }
    buf_puts(&t->tmp, i < n ? " ..." : "");
}

/* One line for all findings v[0 .. n) of one rule and grade. */
static void group_line(struct text *t, struct row *const *v, size_t n)
{
    const struct finding *f = v[0]->f;
    uint64_t rows = 0, clients = 0;
    bool several = false;
    struct str before = STR_NONE;
    for (size_t i = 0; i < n; i++) {
        rows += v[i]->f->count;
        several |= v[i]->f->several_clients;
        clients += v[i]->client.n && !str_eq(v[i]->client, before);
        before = v[i]->client;
    }
    if (f->grade > GRADE_WEAK) {
        buf_puts(&t->tmp, text_grade(f->grade));
        buf_putc(&t->tmp, ' ');
    }
    buf_str(&t->tmp, text_head(f->title.n ? f->title : f->rule, 200));
    buf_puts(&t->tmp, ", ");
    text_count(t, rows, "row");
    if (several) {
        buf_puts(&t->tmp, ", several clients");
    } else if (clients > 1) {
        buf_puts(&t->tmp, ", ");
        text_count(t, clients, "client");
    }
    if (f->grade == GRADE_COMPROMISE || str_eq(f->kind, STR("file")))
        group_paths(t, v, n);
    text_prose(t, 2, STYLE_DIM, "also: ");
}

/* v[0 .. n) are those of a host that were not shown. */
static void groups(struct text *t, struct row **v, size_t n)
{
    size_t graded = 0, light = 0, left = 0;
    qsort(v, n, sizeof *v, row_by_rule);
    for (size_t i = 0, k; i < n; i = k) {
        for (k = i + 1; k < n && v[k]->rule == v[i]->rule && v[k]->f->grade == v[i]->f->grade;)
            k++;
        if (v[i]->f->grade >= GRADE_ATTEMPT ? graded++ < GRADED_LINES : light++ < LIGHT_LINES)
            group_line(t, v + i, k - i);
        else
            left += k - i;
    }
    text_more(t, 2, left, " more findings on this host; --json shows all");
}

/* v[0 .. n) are one host's findings, the gravest first. */
static void host_findings(struct text *t, struct row *v, size_t n, unsigned limit,
                          struct row **some, struct map *said)
{
    bool story = text_has_story(v, n);
    unsigned most = limit ? limit : story ? FINDINGS_BESIDE_STORY : FINDINGS_A_HOST;
    size_t shown = rows_choose(v, n, most, limit > 0, some), rest = 0;
    const struct row *gravest = shown ? some[0] : NULL;
    bool episodes = false; /* one needs no heading */
    for (size_t i = 1; i < shown; i++)
        episodes |= some[i]->episode != some[0]->episode;
    page_style(&t->page, STYLE_BOLD);
    (void)page_cut(&t->page, text_host(v[0].f->host), t->page.width);
    page_style(&t->page, STYLE_PLAIN);
    page_newline(&t->page);
    qsort(some, shown, sizeof *some, row_by_time);
    for (size_t i = 0; i < shown; i++) {
        if (episodes && (i == 0 || some[i]->episode != some[i - 1]->episode))
            episode_head(t, some[i]->episode);
        finding(t, some[i], some[i] == gravest, said);
    }
    if (story)
        text_story(t, v, n, said);
    text_touched(t, v, n);
    for (size_t i = 0; i < n; i++)
        if (!v[i].shown)
            some[rest++] = &v[i];
    groups(t, some, rest);
}

/* Those that do not decide, one line for all of one host, note and rule. */
static void aside_list(struct text *t, const struct rows *aside, size_t doubled)
{
    size_t lines = 0, left = 0;
    if (!aside->n && !doubled)
        return;
    page_title(&t->page, "SET ASIDE (rows that were seen, but do not decide)");
    for (size_t i = 0, k; i < aside->n; i = k) {
        const struct finding *f = aside->v[i].f;
        uint64_t rows = 0;
        for (k = i; k < aside->n && !row_by_note(&aside->v[k], &aside->v[i]); k++)
            rows += aside->v[k].f->count;
        if (lines++ >= TEXT_LIST_LINES) {
            left += k - i;
            continue;
        }
        fact(t, "", text_host(f->host));
        fact(t, "", f->note);
        fact(t, "", f->title.n ? f->title : f->rule);
        buf_puts(&t->tmp, ": ");
        text_grouped(&t->tmp, rows);
        text_prose(t, 2, STYLE_DIM, "- ");
    }
    text_more(t, 2, left, " more findings; --json shows all");
    text_more(t, 2, doubled, " set aside on records that count above; --json shows all");
}

static void print_rows(struct text *t, const struct rows *rows, unsigned limit, struct row **some)
{
    struct map said;
    map_init(&said, &t->arena, 2 * rows->n + 1);
    page_title(&t->page,
               rows->n ? "FINDINGS ([ATT&CK technique], file:line @byte offset, id as in --json)"
                       : "FINDINGS");
    if (!rows->n)
        page_wrap(&t->page, 2, STYLE_PLAIN, "", STR("none"));
    for (size_t i = 0, k; i < rows->n && !t->page.sink->rc && !t->rc; i = k) {
        for (k = i; k < rows->n && rows->v[k].host == rows->v[i].host;)
            k++;
        if (i)
            page_newline(&t->page);
        host_findings(t, rows->v + i, k - i, limit, some, &said);
    }
    map_done(&said);
}

void text_findings(struct text *t, unsigned limit)
{
    size_t n = t->answer->n_findings, doubled = 0;
    struct rows rows = {calloc(n + 1, sizeof *rows.v), 0};
    struct rows aside = {calloc(n + 1, sizeof *aside.v), 0};
    struct row **some = calloc(n + 1, sizeof *some);
    t->rc = rows.v && aside.v && some ? rows_sort_out(t, &rows, &aside, &doubled) : ERR_NOMEM;
    if (!t->rc) {
        print_rows(t, &rows, limit, some);
        text_pivots(t, &aside);
        aside_list(t, &aside, doubled);
    }
    free(rows.v);
    free(aside.v);
    free(some);
}
