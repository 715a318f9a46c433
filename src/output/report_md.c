/* Markdown: the report for a ticket. CommonMark with the tables of GitHub. Texts from outside are
 * defanged, in the terminal's form, and either code or escaped letter by letter: none of them can
 * start a heading, a row, a link or HTML. */
#include "output/defang.h"
#include "output/escape.h"
#include "output/json_writer.h"
#include "output/report.h"

#include <inttypes.h>

enum {
    FINDINGS = 100,
    ROWS = 200,
    EVENTS = 100,
    NAMES = 12,
    MADE = 5,
    CELL_BYTES = 400,
    TEXT_BYTES = 64 * 1024
};

struct md {
    struct sink *s;
    struct buf *b;
    struct buf plain, safe; /* a text on its way */
    const struct report *r;
};

/* ---- texts ---- */

static struct str shown(struct md *m, struct str text)
{
    buf_reset(&m->plain);
    buf_reset(&m->safe);
    defang(&m->plain, text);
    escape_terminal(&m->safe, buf_view(&m->plain), false);
    return buf_view(&m->safe);
}

/* Would the letter at s[i] mean something to Markdown? A number, a dash or blanks do so in front:
 * they would start a list or code within the item. */
static bool means_something(struct str s, size_t i)
{
    static const char special[] = "\\`*_{}[]<>()#+!|~&";
    size_t digits = 0;
    while (digits < s.n && ascii_digit((unsigned char)s.p[digits]))
        digits++;
    return (s.p[i] && strchr(special, s.p[i])) || (!i && s.p[i] == '-') ||
           (i && i == digits && s.p[i] == '.');
}

static void prose(struct md *m, struct str text)
{
    struct str s = str_trim(shown(m, str_sub(text, 0, TEXT_BYTES)));
    for (size_t i = 0; i < s.n; i++) {
        if (means_something(s, i))
            buf_putc(m->b, '\\');
        buf_putc(m->b, s.p[i]);
    }
    sink_pace(m->s);
}

/* A code span: more backticks around it than are in a row within; a bar would end a cell. */
static void code(struct md *m, struct str text)
{
    struct str s = shown(m, str_sub(text, 0, CELL_BYTES));
    size_t run = 0, longest = 0;
    for (size_t i = 0; i < s.n; i++) {
        run = s.p[i] == '`' ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    for (size_t i = 0; i <= longest; i++)
        buf_putc(m->b, '`');
    buf_putc(m->b, ' ');
    for (size_t i = 0; i < s.n; i++) {
        buf_puts(m->b, s.p[i] == '|' ? "\\" : "");
        buf_putc(m->b, s.p[i]);
    }
    buf_puts(m->b, text.n > CELL_BYTES ? "... " : " ");
    for (size_t i = 0; i <= longest; i++)
        buf_putc(m->b, '`');
    sink_pace(m->s);
}

static void day(struct md *m, int64_t time_us, bool seconds)
{
    char text[32];
    buf_puts(m->b, time_printable(time_us) ? time_short(time_us, seconds, text) : "-");
}

static void bar(struct md *m)
{
    buf_puts(m->b, m->b->n && m->b->p[m->b->n - 1] == '\n' ? "| " : " | ");
}

static void cell(struct md *m, struct str text)
{
    bar(m);
    if (text.n)
        prose(m, text);
    else
        buf_putc(m->b, '-');
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static void list(struct md *m, const struct str_list *l)
{
    for (size_t i = 0; i < least(l->n, NAMES); i++) {
        buf_puts(m->b, i ? ", " : "");
        prose(m, l->v[i]);
    }
    if (l->n > NAMES)
        buf_printf(m->b, " and %zu more", l->n - NAMES);
}

static void more(struct md *m, size_t shown_n, uint64_t all, const char *what)
{
    if (all > shown_n)
        buf_printf(m->b, "\n... and %" PRIu64 " more %s.\n", all - shown_n, what);
}

/* ---- verdict ---- */

static void put_judgement(struct md *m, const struct judgement *j)
{
    cell(m, j->verdict.host);
    cell(m, j->verdict.dossier.p ? j->verdict.dossier : STR("other rules"));
    buf_printf(m->b, " | **%s**%s | %s", verdict_name(j->verdict.state),
               j->lowered ? " (by the analyst's decision)" : "", open_side_name(j->open));
    bar(m);
    day(m, j->earliest_us, true);
    buf_printf(m->b, " | %u of %u |\n", j->covered_days, j->window_days);
}

/* Affairs that began when the logs had ended: one line each, not one a host. */
static void put_ended(struct md *m)
{
    const struct report *r = m->r;
    for (size_t k = 0; k < r->n_dossiers; k++) {
        size_t hosts = 0;
        for (size_t i = 0; i < r->n_judgements; i++) {
            const struct verdict *v = &r->judgement[i].verdict;
            if (!v->ended_before || !str_eq(v->dossier, r->dossier[k].id))
                continue;
            buf_puts(m->b, hosts++ ? ", " : "- Of ");
            if (hosts == 1) {
                prose(m, v->dossier);
                buf_puts(m->b, " the logs of these hosts say nothing, they end before it began: ");
            }
            prose(m, v->host);
        }
        buf_puts(m->b, hosts ? "\n" : "");
    }
}

static void put_verdicts(struct md *m)
{
    const struct report *r = m->r;
    size_t n = least(r->n_judgements, ROWS);
    buf_puts(m->b, "\n## Verdict\n\n");
    if (!n) {
        buf_puts(m->b, "No host was judged: the case holds no scan.\n");
        return;
    }
    buf_puts(m->b, "| host | affair | verdict | open | earliest sign (UTC) | days covered |\n"
                   "|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < n; i++)
        put_judgement(m, &r->judgement[i]);
    more(m, n, r->n_judgements, "hosts");
    buf_putc(m->b, '\n');
    for (size_t i = 0; i < n; i++)
        if (r->judgement[i].sentence.n && !r->judgement[i].verdict.ended_before) {
            buf_puts(m->b, "- ");
            prose(m, r->judgement[i].sentence);
            buf_putc(m->b, '\n');
        }
    put_ended(m);
}

/* ---- the first hour ---- */

static void put_touched(struct md *m, const char *what, const struct touched *t, size_t n)
{
    if (!n)
        return;
    buf_printf(m->b, "  - %s: ", what);
    for (size_t i = 0; i < least(n, ROWS); i++) {
        buf_puts(m->b, i ? ", " : "");
        code(m, t[i].name);
        buf_printf(m->b, " (%" PRIu64 " records", t[i].records);
        if (t[i].bytes)
            buf_printf(m->b, ", %" PRIu64 " bytes", t[i].bytes);
        buf_putc(m->b, ')');
    }
    buf_putc(m->b, '\n');
}

static void put_host_hour(struct md *m, const struct judgement *j)
{
    if (j->earliest_us == TIME_NONE && !j->isolate_why.n)
        return;
    buf_puts(m->b, "- ");
    prose(m, j->verdict.host);
    buf_puts(m->b, ": signs from ");
    day(m, j->earliest_us, true);
    buf_puts(m->b, " to ");
    day(m, j->latest_us, true);
    buf_printf(m->b, ", %u days in all; ", j->dwell_days);
    buf_puts(m->b, j->isolate_why.n ? "**isolate**: " : "no need to isolate");
    prose(m, j->isolate_why);
    buf_putc(m->b, '\n');
    put_touched(m, "accounts", j->account, j->n_accounts);
    put_touched(m, "mailboxes", j->mailbox, j->n_mailboxes);
}

static void put_rotating(struct md *m)
{
    const struct report *r = m->r;
    if (r->n_rotating)
        buf_puts(m->b,
                 "\nEvidence that its server deletes by itself; copy now:\n\n"
                 "| host | logs | oldest row held | gone by | path |\n|---|---|---|---|---|\n");
    for (size_t i = 0; i < least(r->n_rotating, ROWS); i++) {
        const struct rotating *x = &r->rotating[i];
        cell(m, x->host);
        cell(m, x->kind);
        bar(m);
        day(m, x->oldest_us, false);
        bar(m);
        day(m, x->gone_us, false);
        bar(m);
        code(m, x->path);
        buf_puts(m->b, " |\n");
    }
    if (r->n_named)
        buf_puts(m->b, "\nNamed in the logs, not supplied:\n\n");
    for (size_t i = 0; i < least(r->n_named, ROWS); i++) {
        buf_puts(m->b, "- ");
        prose(m, r->named[i].host);
        buf_printf(m->b, ": %" PRIu64 " findings, up to %s, in logs of ", r->named[i].findings,
                   grade_name(r->named[i].worst));
        list(m, &r->named[i].by);
        buf_putc(m->b, '\n');
    }
}

static void put_first_hour(struct md *m)
{
    const struct report *r = m->r;
    if (!r->n_judgements && !r->n_rotating && !r->n_named)
        return;
    buf_puts(m->b, "\n## First hour\n\n");
    for (size_t i = 0; i < least(r->n_judgements, ROWS); i++)
        put_host_hour(m, &r->judgement[i]);
    put_rotating(m);
}

/* ---- next steps ---- */

static void put_under(struct md *m, const char *what, struct str text)
{
    if (!text.n)
        return;
    buf_printf(m->b, "  - %s: ", what);
    prose(m, text);
    buf_putc(m->b, '\n');
}

/* Lines that a person follows: one item each. */
static void put_lines(struct md *m, const char *what, struct str text)
{
    struct str line;
    if (!text.n)
        return;
    buf_printf(m->b, "  - %s:\n", what);
    while (str_cut(&text, '\n', &line)) {
        buf_puts(m->b, "    - ");
        prose(m, line);
        buf_putc(m->b, '\n');
    }
}

static void put_techniques(struct md *m, const struct advice_item *a)
{
    if (!a->technique.n && !a->d3fend.n)
        return;
    buf_puts(m->b, "  - ");
    list(m, &a->technique);
    buf_puts(m->b, a->technique.n && a->d3fend.n ? "; " : "");
    list(m, &a->d3fend);
    buf_putc(m->b, '\n');
}

static void put_step(struct md *m, const struct advice_item *a)
{
    bool done = a->done.time_us != TIME_NONE;
    buf_printf(m->b, "- [%c] ", done ? 'x' : ' ');
    prose(m, a->step);
    if (a->host.n) {
        buf_puts(m->b, " (");
        list(m, &a->host);
        buf_putc(m->b, ')');
    }
    buf_putc(m->b, '\n');
    put_under(m, "why", a->why);
    put_lines(m, "how", a->how);
    put_under(m, "because", a->because);
    put_under(m, "source", a->source);
    put_techniques(m, a);
    if (done) {
        put_under(m, "done by", a->done.who);
        put_under(m, "remark", a->done.why);
    }
}

static void put_advice(struct md *m)
{
    if (m->r->n_advice)
        buf_puts(m->b, "\n## Next steps\n\n");
    for (size_t i = 0; i < m->r->n_advice; i++)
        put_step(m, &m->r->advice[i]);
}

/* ---- exposure ---- */

static void put_share(struct md *m, const struct exposure_share *s)
{
    double open = exposure_share_open(s);
    cell(m, s->of);
    bar(m);
    if (open >= 0)
        buf_printf(m->b, "%.1f %%", (double)(int64_t)(open * 1000) / 10);
    else
        buf_puts(m->b, "not known");
    for (int i = 0; i < EXPOSURE_STATES; i++)
        buf_printf(m->b, " | %" PRIu64, s->n[i]);
    buf_puts(m->b, " |\n");
}

static void put_exposure(struct md *m)
{
    const struct report *r = m->r;
    size_t n = 0, closed = 0;
    for (size_t i = 0; i < r->n_shares && n < ROWS; i++) {
        const struct exposure_share *s = &r->share[i];
        if (!s->affair && !s->n[EXPOSURE_EXPOSED] && !s->n[EXPOSURE_UNKNOWN]) {
            closed++;
            continue;
        }
        if (!n++)
            buf_puts(m->b,
                     "\n## Exposure\n\n| CVE or affair | open | exposed | mitigated | fixed if "
                     "configured | unknown | fixed |\n|---|---|---|---|---|---|---|\n");
        put_share(m, s);
    }
    if (closed)
        buf_printf(m->b, "\n%zu more CVEs, to which no host is open.\n", closed);
}

/* ---- chatter ---- */

static void put_alerts(struct md *m)
{
    const struct report *r = m->r;
    if (r->n_alerts)
        buf_puts(m->b, "\n## Chatter\n\n| when | subject | lane | threads | expected | assets | "
                       "alert |\n|---|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < least(r->n_alerts, ROWS); i++) {
        const struct alert *a = &r->alert[i];
        bar(m);
        day(m, a->time_us, false);
        cell(m, a->subject);
        buf_printf(m->b, " | %s | %" PRIu64 " | %.1f | ", lane_name(a->lane), a->observed,
                   a->expected);
        list(m, &a->asset);
        cell(m, a->title);
        buf_puts(m->b, " |\n");
    }
    more(m, least(r->n_alerts, ROWS), r->n_alerts, "alerts");
}

/* ---- findings, timeline ---- */

/* Of a correlation, in the place of a raw line: the first events that made it, on all hosts. */
static void put_made(struct md *m, const struct finding *f)
{
    uint64_t all = f->count > f->n_made ? f->count : f->n_made;
    for (size_t i = 0; i < f->n_made && i < MADE; i++) {
        const struct finding_event *e = &f->made[i];
        buf_puts(m->b, i ? "; " : "");
        day(m, e->time_us, true);
        buf_putc(m->b, ' ');
        code(m, e->rule);
        buf_puts(m->b, e->host.n ? " on " : "");
        prose(m, str_sub(e->host, 0, CELL_BYTES));
        buf_putc(m->b, ' ');
        code(m, e->file);
        if (e->record)
            buf_printf(m->b, "%s record %" PRIu64, e->carved ? " carved" : "", e->record);
        else if (e->line)
            buf_printf(m->b, ":%" PRIu64, e->line);
    }
    if (all > MADE)
        buf_printf(m->b, "; and %" PRIu64 " more", all - MADE);
}

static void put_finding(struct md *m, const struct finding *f)
{
    bar(m);
    day(m, f->time_us, true);
    cell(m, f->host);
    buf_printf(m->b, " | %s", grade_name(f->grade));
    cell(m, f->title.n ? f->title : f->rule);
    if (f->tlp)
        buf_printf(m->b, " (%s)", tlp_name(f->tlp));
    buf_printf(m->b, " | %" PRIu64 " | ", f->count);
    if (f->evidence.n || !f->n_made)
        code(m, f->evidence);
    put_made(m, f);
    bar(m);
    code(m, f->file);
    if (f->record)
        buf_printf(m->b, "%s record %" PRIu64, f->carved ? " carved" : "", f->record);
    else
        buf_printf(m->b, ":%" PRIu64, f->line);
    buf_printf(m->b, " %.12s |\n", f->id);
}

static void put_findings(struct md *m)
{
    const struct report *r = m->r;
    size_t n = least(r->n_findings, FINDINGS);
    if (n)
        buf_puts(m->b,
                 "\n## Findings\n\n| time (UTC) | host | grade | finding | times | evidence | "
                 "place, id |\n|---|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < n; i++)
        put_finding(m, &r->finding[i]);
    more(m, n, r->all_findings, "findings, less grave ones");
}

static void put_events(struct md *m)
{
    const struct report *r = m->r;
    size_t n = least(r->n_events, EVENTS);
    if (n)
        buf_puts(m->b, "\n## Timeline\n\n| time (UTC) | host | what | event | source |\n"
                       "|---|---|---|---|---|\n");
    for (size_t i = 0; i < n; i++) {
        const struct event *e = &r->event[i];
        bar(m);
        day(m, e->time_us, true);
        cell(m, e->host);
        cell(m, e->grade.n ? e->grade : e->kind);
        cell(m, e->message);
        cell(m, e->source);
        buf_puts(m->b, " |\n");
    }
    more(m, n, r->all_events, "events: tocsin timeline --case FILE");
}

/* ---- what was not examined, how it was made ---- */

static void put_coverage(struct md *m)
{
    const struct report *r = m->r;
    buf_puts(m->b, "\n## What was examined, and what was not\n\n");
    if (r->n_coverage)
        buf_puts(m->b, "| host | logs | from | to | records | not understood | silent stretches |\n"
                       "|---|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < least(r->n_coverage, ROWS); i++) {
        const struct coverage *c = &r->coverage[i];
        cell(m, c->host);
        cell(m, c->kind);
        bar(m);
        day(m, c->first_us, false);
        bar(m);
        day(m, c->last_us, false);
        buf_printf(m->b, " | %" PRIu64 " | %" PRIu64 " | %zu |\n", c->records, c->unparsed,
                   c->n_gaps);
    }
    buf_putc(m->b, '\n');
    for (size_t i = 0; i < least(r->n_gaps, ROWS); i++) {
        const struct gap *g = &r->gap[i];
        buf_puts(m->b, "- ");
        prose(m, g->reason);
        buf_puts(m->b, ": ");
        prose(m, g->file.n ? g->file : g->host);
        buf_puts(m->b, g->detail.n ? ", " : "");
        prose(m, g->detail);
        buf_putc(m->b, '\n');
    }
    more(m, least(r->n_gaps, ROWS), r->n_gaps, "gaps");
}

static void put_making(struct md *m)
{
    const struct report *r = m->r;
    buf_puts(m->b, "\n## How it was made\n\n");
    for (size_t i = 0; i < r->n_runs; i++) {
        buf_printf(m->b, "- run %" PRIu64 ": ", r->run[i].number);
        code(m, r->run[i].verb);
        buf_puts(m->b, " of tocsin ");
        prose(m, r->run[i].program);
        buf_puts(m->b, ", ");
        day(m, r->run[i].started_us, true);
        buf_putc(m->b, '\n');
    }
    for (size_t i = 0; i < r->n_dossier_hashes; i++) {
        buf_puts(m->b, "- dossier ");
        prose(m, r->dossier_hash[i].id);
        buf_putc(m->b, ' ');
        code(m, r->dossier_hash[i].sha256);
        buf_putc(m->b, '\n');
    }
    buf_printf(m->b, "- %zu files of evidence, each with its SHA-256 in the case\n", r->n_evidence);
}

enum err report_md_write(struct sink *s, const struct report *r, struct error *error)
{
    struct md m = {.s = s, .b = &s->out, .r = r};
    (void)error;
    buf_init(&m.plain, SINK_MAX_BYTES);
    buf_init(&m.safe, SINK_MAX_BYTES);
    buf_puts(m.b, "# ");
    prose(&m, r->name);
    buf_printf(m.b, "\n\n%s, made ", tlp_name(report_mark(r)));
    day(&m, r->made_us, true);
    buf_printf(m.b, " UTC by tocsin %s. All times are UTC. URLs and addresses are defanged.\n",
               r->version);
    put_verdicts(&m);
    put_first_hour(&m);
    put_advice(&m);
    put_exposure(&m);
    put_alerts(&m);
    put_findings(&m);
    put_events(&m);
    put_coverage(&m);
    put_making(&m);
    if ((m.plain.rc || m.safe.rc) && !s->rc)
        s->rc = m.plain.rc ? m.plain.rc : m.safe.rc;
    buf_done(&m.plain);
    buf_done(&m.safe);
    return s->rc;
}
