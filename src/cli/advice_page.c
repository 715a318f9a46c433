#include "cli/advice_page.h"

#include "cli/cmd.h"
#include "model/play.h"
#include "output/escape.h"
#include "report/facts.h"

enum { HOSTS_SHOWN = 12 };

bool advice_of_host(const struct advice_item *a, struct str host)
{
    for (size_t i = 0; i < a->host.n; i++)
        if (str_ieq(a->host.v[i], host))
            return true;
    return !host.p;
}

/* ---- the checklist ---- */

static void add_list(struct buf *b, const struct str_list *list, size_t most)
{
    for (size_t i = 0; i < list->n && i < most; i++) {
        buf_puts(b, i ? ", " : "");
        buf_str(b, list->v[i]);
    }
    if (list->n > most)
        buf_printf(b, " and %zu more", list->n - most);
}

static void put_list(struct buf *b, unsigned columns, const char *label,
                     const struct str_list *list, const struct str_list *more)
{
    struct buf line;
    if (!list->n && !(more && more->n))
        return;
    buf_init(&line, 64 * 1024);
    add_list(&line, list, HOSTS_SHOWN);
    if (more && more->n) {
        buf_puts(&line, line.n ? "; " : "");
        add_list(&line, more, HOSTS_SHOWN);
    }
    cli_wrap(b, columns, label, buf_view(&line));
    buf_done(&line);
}

static void put_text(struct buf *b, unsigned columns, const char *label, struct str text)
{
    if (text.n)
        cli_wrap(b, columns, label, text);
}

static void put_lines(struct buf *b, unsigned columns, struct str text)
{
    struct str line;
    bool first = true;
    while (text.n && str_cut(&text, '\n', &line)) {
        cli_wrap(b, columns, first ? "        how      " : "                 ", line);
        first = false;
    }
}

static void put_done(struct buf *b, unsigned columns, const struct note *done)
{
    struct buf line;
    char day[32];
    if (done->time_us == TIME_NONE)
        return;
    buf_init(&line, 64 * 1024);
    buf_printf(&line, "%s by ", time_short(done->time_us, false, day));
    buf_str(&line, done->who);
    if (done->why.n) {
        buf_puts(&line, ": ");
        buf_str(&line, done->why);
    }
    cli_wrap(b, columns, "        done     ", buf_view(&line));
    buf_done(&line);
}

static void put_item(struct buf *b, unsigned columns, const struct advice_item *a, size_t number)
{
    char label[64];
    (void)snprintf(label, sizeof label, "%3zu [%c] ", number,
                   a->done.time_us == TIME_NONE ? ' ' : 'x');
    cli_wrap(b, columns, label, a->step);
    put_list(b, columns, "        hosts    ", &a->host, NULL);
    put_text(b, columns, "        why      ", a->why);
    put_lines(b, columns, a->how);
    put_text(b, columns, "        because  ", a->because);
    put_text(b, columns, "        source   ", a->source);
    put_list(b, columns, "        ATT&CK   ", &a->technique, &a->d3fend);
    put_text(b, columns, "        for      ", a->audience);
    put_text(b, columns, "        id       ", a->id);
    put_done(b, columns, &a->done);
}

static void put_due(struct buf *b, struct str due)
{
    uint32_t hours;
    if (!due_parse(due, &hours))
        buf_puts(b, "\nWithout a date\n");
    else if (hours == 0)
        buf_puts(b, "\nNow\n");
    else if (hours < 48)
        buf_printf(b, "\nWithin %u hour%s\n", hours, hours == 1 ? "" : "s");
    else
        buf_printf(b, "\nWithin %u days\n", hours / 24);
}

static void put_groups(struct buf *b, const struct report *r, unsigned columns)
{
    if (!r->n_actors)
        return;
    buf_puts(b,
             "\nKnown groups whose behaviour is consistent with this, the best fit first. Who it "
             "was does not follow.\n");
    for (size_t i = 0; i < r->n_actors; i++) {
        const struct actor_rank *a = &r->actor[i];
        struct buf line;
        char label[32];
        (void)snprintf(label, sizeof label, "  %.2f  ", a->score);
        buf_init(&line, 64 * 1024);
        buf_str(&line, a->name);
        if (a->attack_id.n)
            buf_printf(&line, " (%.*s)", STR_FMT(a->attack_id));
        for (size_t k = 0; k < a->reason.n; k++) {
            buf_puts(&line, k ? "; " : ": ");
            buf_str(&line, a->reason.v[k]);
        }
        buf_printf(&line, " [%.*s]", STR_FMT(a->source));
        cli_wrap(b, columns, label, buf_view(&line));
        buf_done(&line);
    }
}

static bool is_done(const struct advice_item *a)
{
    return a->done.time_us != TIME_NONE;
}

void advice_page(struct buf *b, const struct report *r, struct str host, unsigned columns)
{
    size_t shown = 0, done = 0;
    struct str due = STR_NONE;
    for (size_t i = 0; i < r->n_advice; i++) {
        shown += advice_of_host(&r->advice[i], host);
        done += advice_of_host(&r->advice[i], host) && is_done(&r->advice[i]);
    }
    buf_puts(b, "What to do next");
    if (host.p) {
        buf_puts(b, " on ");
        escape_terminal(b, host, false);
    }
    buf_printf(b, ": %zu step%s, %zu done\n", shown, shown == 1 ? "" : "s", done);
    for (size_t i = 0, said = 0; i < r->n_advice; i++) {
        const struct advice_item *a = &r->advice[i];
        if (!advice_of_host(a, host))
            continue;
        if (!said || !str_eq(a->due, due))
            put_due(b, a->due);
        due = a->due;
        said++;
        put_item(b, columns, a, i + 1);
    }
    if (!host.p)
        put_groups(b, r, columns);
}

/* ---- ED 21-02 ---- */

static const char directive_affair[] = "hafnium-exchange-2021";

static const struct note *note_of(const struct report *r, const char *id)
{
    for (size_t i = 0; i < r->n_advice; i++)
        if (str_eq(r->advice[i].id, str_of(id)) && is_done(&r->advice[i]))
            return &r->advice[i].done;
    return NULL;
}

static void put_row(struct buf *b, const char *label, struct str value)
{
    buf_printf(b, "%-22s ", label);
    escape_terminal(b, value.n ? value : STR("unknown"), false);
    buf_putc(b, '\n');
}

static void put_number(struct buf *b, const char *label, size_t n)
{
    char text[32];
    (void)snprintf(text, sizeof text, "%zu", n);
    put_row(b, label, str_of(text));
}

static void put_count(struct buf *b, const char *label, size_t n, size_t of)
{
    char text[64];
    (void)snprintf(text, sizeof text, "%zu of %zu", n, of);
    put_row(b, label, str_of(text));
}

static void put_note(struct buf *b, const char *label, const struct note *n)
{
    struct buf line;
    char day[32];
    buf_init(&line, 64 * 1024);
    if (n) {
        buf_printf(&line, "yes, %s by ", time_short(n->time_us, false, day));
        buf_str(&line, n->who);
    }
    put_row(b, label, buf_view(&line));
    buf_done(&line);
}

static bool examined(const struct subject_host *s)
{
    return s->judgement && s->judgement->verdict.state != VERDICT_NOT_ENOUGH_EVIDENCE;
}

static bool indicated(const struct subject_host *s)
{
    return s->judgement && s->judgement->verdict.state >= VERDICT_EXPLOITED_UNCONFIRMED;
}

static bool patched(const struct subject_host *s)
{
    return s->open == OPEN_FIXED || s->open == OPEN_NEVER;
}

static bool isolated(const struct report *r, struct str host)
{
    for (size_t i = 0; i < r->n_advice; i++) {
        const struct advice_item *a = &r->advice[i];
        if (a->phase && !strcmp(a->phase, "isolate") && is_done(a) && a->host.n &&
            advice_of_host(a, host))
            return true;
    }
    return false;
}

static void put_examined(struct buf *b, const struct subject_host *s)
{
    const struct verdict *v = s->judgement ? &s->judgement->verdict : NULL;
    char first[32], last[32], text[160] = "no";
    if (v && !examined(s))
        (void)snprintf(text, sizeof text, "not enough evidence");
    else if (v && v->first_us != TIME_NONE && v->last_us != TIME_NONE)
        (void)snprintf(text, sizeof text, "logs %s to %s, %d %% of the window",
                       time_short(v->first_us, false, first), time_short(v->last_us, false, last),
                       (int)(v->window_share * 100));
    else if (v)
        (void)snprintf(text, sizeof text, "logs");
    put_row(b, "  examined", str_of(text));
}

static void put_server(struct buf *b, const struct report *r, const struct subject_host *s)
{
    const struct verdict *v = s->judgement ? &s->judgement->verdict : NULL;
    char day[32];
    bool dated = v && v->fixed_since_us != TIME_NONE;
    buf_puts(b, "\nserver ");
    escape_terminal(b, s->host, false);
    buf_putc(b, '\n');
    put_row(b, "  build", v && v->build.n ? v->build : s->build);
    put_examined(b, s);
    put_row(b, "  memory and disk", STR_NONE);
    put_row(b, "  indicators found",
            indicated(s)  ? str_of(verdict_name(v->state))
            : examined(s) ? STR("none in what was examined")
                          : STR_NONE);
    put_row(b, "  state of the hole",
            s->open == OPEN_UNKNOWN ? STR_NONE : str_of(open_side_name(s->open)));
    put_row(b, "  patched since",
            dated ? str_of(time_short(v->fixed_since_us, false, day)) : STR_NONE);
    put_row(b, "  disconnected", isolated(r, s->host) ? STR("yes") : STR_NONE);
}

static void put_totals(struct buf *b, const struct report *r, const struct facts *f)
{
    size_t found = 0, looked = 0, signs = 0, fixed = 0, off = 0;
    for (size_t i = 0; i < f->n; i++) {
        const struct subject_host *s = &f->v[i];
        if (!str_eq(s->dossier, str_of(directive_affair)))
            continue;
        found++;
        looked += examined(s);
        signs += indicated(s);
        fixed += patched(s);
        off += isolated(r, s->host);
    }
    put_number(b, "servers found", found);
    put_number(b, "named, not supplied", r->n_named);
    put_count(b, "examined", looked, found);
    if (looked)
        put_count(b, "indicators found", signs, looked);
    else
        put_row(b, "indicators found", STR_NONE);
    put_count(b, "patched", fixed, found);
    if (off)
        put_count(b, "disconnected", off, found);
    else
        put_row(b, "disconnected", STR_NONE);
    put_note(b, "reported to the team", note_of(r, "P-09.team"));
}

enum err advice_ed_21_02(struct buf *b, const struct report *r, struct arena *arena,
                         struct error *error)
{
    struct facts f;
    char day[32];
    TRY(facts_make(&f, r, arena, error));
    buf_puts(b, "Report after the template of CISA ED 21-02. What the case does not say is "
                "\"unknown\".\n\n");
    put_row(b, "case", r->name);
    put_row(b, "as of",
            r->made_us == TIME_NONE ? STR_NONE : str_of(time_short(r->made_us, false, day)));
    put_row(b, "contact", r->profile.contact);
    put_totals(b, r, &f);
    for (size_t i = 0; i < f.n; i++)
        if (str_eq(f.v[i].dossier, str_of(directive_affair)))
            put_server(b, r, &f.v[i]);
    return b->rc;
}
