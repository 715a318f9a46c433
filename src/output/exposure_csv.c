/* CSV: one row a host and CVE. RFC 4180, UTF-8, CRLF; nothing in a cell can start a formula. */
#include "output/escape.h"
#include "output/exposure.h"

static void begin(struct exposure_writer *w, const struct exposure_summary *s)
{
    (void)s;
    buf_puts(
        &w->sink->out,
        "host,site,owner,facing,product,build,cve,title,state,since,fixed_by,fixed_build,"
        "source,precision,seen,kev,due,ransomware,cvss,accepted_by,accepted_until,because\r\n");
}

static void cell(struct exposure_writer *w, struct str text)
{
    escape_csv(&w->sink->out, text);
    buf_putc(&w->sink->out, ',');
}

static void cell_time(struct exposure_writer *w, int64_t time_us)
{
    if (time_printable(time_us))
        time_add(&w->sink->out, time_us);
    buf_putc(&w->sink->out, ',');
}

static void put_exposure(struct exposure_writer *w, const struct exposure *e)
{
    static const char *const facings[] = {"", "inside", "internet"};
    cell(w, e->host);
    cell(w, e->site);
    cell(w, e->owner);
    cell(w, str_of(facings[e->facing]));
    cell(w, e->product);
    cell(w, e->build);
    cell(w, e->cve);
    cell(w, e->title);
    cell(w, str_of(exposure_state_name(e->state)));
    cell_time(w, e->since_us);
    cell(w, e->fixed_by);
    cell(w, e->fixed_build);
    cell(w, e->source);
    cell(w, str_of(precision_name(e->precision)));
    cell_time(w, e->seen_us);
    cell_time(w, e->kev_us);
    cell_time(w, e->due_us);
    cell(w, e->ransomware ? STR("known") : STR(""));
    if (e->cvss > 0)
        buf_printf(&w->sink->out, "%.1f", e->cvss);
    buf_putc(&w->sink->out, ',');
    cell(w, e->accepted_by);
    cell_time(w, e->accepted_until_us);
    escape_csv(&w->sink->out, e->because);
    buf_puts(&w->sink->out, "\r\n");
    sink_pace(w->sink);
}

const struct exposure_format exposure_csv = {.name = "csv",
                                             .help = "a row a host and CVE",
                                             .head_first = true,
                                             .begin = begin,
                                             .exposure = put_exposure};
