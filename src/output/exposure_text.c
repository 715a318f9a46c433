/* For people: how much of the fleet is open, then what to install first. */
#include "output/escape.h"
#include "output/exposure.h"

#include <inttypes.h>
#include <math.h>

enum { ROWS = 20, NAME_COLUMNS = 34 };

static void end_section(struct exposure_writer *w)
{
    if (w->section && w->n > ROWS && !w->all)
        buf_printf(&w->sink->out, "  ... and %" PRIu64 " more: --all shows them\n", w->n - ROWS);
}

/* A section with its title and head before the first row; false if the row is left out. */
static bool in_section(struct exposure_writer *w, const char *title, const char *head)
{
    struct buf *b = &w->sink->out;
    if (w->section != title) {
        end_section(w);
        buf_printf(b, "\n%s\n%s", title, head);
        w->section = title;
        w->n = 0;
    }
    return w->n++ < ROWS || w->all;
}

static void pad(struct exposure_writer *w, struct str s, size_t columns)
{
    struct buf *b = &w->sink->out;
    size_t used = escape_columns(s, w->options->ascii);
    escape_terminal(b, s, w->options->ascii);
    for (; used < columns; used++)
        buf_putc(b, ' ');
    buf_puts(b, "  ");
}

static void add_day(struct buf *b, int64_t time_us)
{
    char day[32];
    buf_puts(b, time_printable(time_us) ? time_short(time_us, false, day) : "?");
}

static void begin(struct exposure_writer *w, const struct exposure_summary *s)
{
    struct buf *b = &w->sink->out;
    buf_printf(b, "%" PRIu64 " %s, %" PRIu64 " with something open", s->hosts,
               s->hosts == 1 ? "host" : "hosts", s->open_hosts);
    if (s->as_of_us != TIME_NONE) {
        buf_puts(b, ", as of ");
        add_day(b, s->as_of_us);
    }
    if (s->tables_us != TIME_NONE) {
        buf_puts(b, " (fixes known until ");
        add_day(b, s->tables_us);
        buf_puts(b, ")");
    }
    buf_putc(b, '\n');
    if (s->unknown_hosts)
        buf_printf(b, "%" PRIu64 " of them are not known to run anything that the tables know\n",
                   s->unknown_hosts);
    if (s->sign_hosts)
        buf_printf(b,
                   "%" PRIu64 " of them with signs of an attack that another tool found: no fix "
                   "undoes it\n",
                   s->sign_hosts);
}

static void share_row(struct exposure_writer *w, const struct exposure_share *s, struct str name)
{
    struct buf *b = &w->sink->out;
    double open = exposure_share_open(s);
    buf_puts(b, "  ");
    pad(w, name, NAME_COLUMNS);
    if (isfinite(open))
        buf_printf(b, "%5.1f %%", open * 100);
    else
        buf_puts(b, "      -");
    for (int i = 0; i < EXPOSURE_STATES; i++)
        buf_printf(b, "  %9" PRIu64, s->n[i]);
    if (s->accepted)
        buf_printf(b, "  (%" PRIu64 " accepted)", s->accepted);
    if (!s->affair && s->kev_us != TIME_NONE)
        buf_puts(b, s->ransomware ? "  KEV, ransomware" : "  KEV");
    buf_putc(b, '\n');
    sink_pace(w->sink);
}

static const char share_head[] =
    "                                       open    exposed  mitigated  "
    "if config    unknown      fixed\n";

static void put_share(struct exposure_writer *w, const struct exposure_share *s)
{
    static const char affairs[] = "Affairs", cves[] = "CVEs", parts[] = "Parts of the fleet",
                      course[] = "Over time";
    struct buf name;
    bool whole = str_eq(str_of(s->part), STR("fleet"));
    const char *title = s->time_us != TIME_NONE ? course
                        : !whole                ? parts
                        : s->affair             ? affairs
                                                : cves;
    if (!s->affair && !s->n[EXPOSURE_EXPOSED] && !w->all)
        return;
    if (!in_section(w, title, share_head))
        return;
    buf_init(&name, 512);
    if (s->time_us != TIME_NONE) {
        add_day(&name, s->time_us);
        buf_putc(&name, ' ');
    }
    if (!whole) {
        buf_str(&name, s->name);
        buf_puts(&name, ": ");
    }
    buf_str(&name, s->of);
    share_row(w, s, buf_view(&name));
    buf_done(&name);
}

static void add_update(struct exposure_writer *w, struct str update, const struct build *build,
                       int64_t released_us)
{
    struct buf *b = &w->sink->out;
    escape_terminal(b, update, w->options->ascii);
    buf_puts(b, " (");
    build_add(b, build);
    buf_puts(b, ", ");
    add_day(b, released_us);
    buf_putc(b, ')');
}

static void put_update(struct exposure_writer *w, const struct exposure_update *u)
{
    struct buf *b = &w->sink->out;
    struct buf build;
    if (!in_section(w, "What to install first",
                    "  host                  build          open  KEV  install\n"))
        return;
    buf_init(&build, 64);
    build_add(&build, &u->build);
    buf_puts(b, "  ");
    pad(w, u->host, 20);
    pad(w, buf_view(&build), 13);
    buf_done(&build);
    buf_printf(b, "%4" PRIu32 " %4" PRIu32 "  ", u->open, u->open_kev);
    if (u->facing == FACING_INTERNET)
        buf_puts(b, "[on the Internet] ");
    if (u->first.n)
        add_update(w, u->first, &u->first_build, u->first_us);
    if (u->first.n && u->then.n)
        buf_puts(b, ", then ");
    if (u->then.n)
        add_update(w, u->then, &u->then_build, u->then_us);
    if (u->advice.n) {
        buf_puts(b, u->first.n || u->then.n ? "; " : "");
        escape_terminal(b, u->advice, w->options->ascii);
    }
    buf_putc(b, '\n');
    sink_pace(w->sink);
}

static void end(struct exposure_writer *w, const struct exposure_summary *s)
{
    struct buf *b = &w->sink->out;
    end_section(w);
    if (s->gaps)
        buf_printf(b, "%" PRIu64 " inputs or rows were not examined, see above\n", s->gaps);
    sink_pace(w->sink);
}

const struct exposure_format exposure_text = {.name = "text",
                                              .help = "for people",
                                              .begin = begin,
                                              .share = put_share,
                                              .update = put_update,
                                              .end = end};
