/* Formats of which a report is no more than the rows of what it holds: CSV, Timesketch. */
#include "output/event.h"
#include "output/parts.h"
#include "output/report.h"
#include "output/veiled.h"

struct rows {
    struct sink *s;
    struct veil veil;
    struct said said;
    struct buf tmp;
    void (*finding)(struct sink *s, struct buf *tmp, const struct finding *f);
    const struct event_format *event;
};

static enum err went_wrong(struct rows *o)
{
    if (o->veil.rc && !o->s->rc)
        o->s->rc = o->veil.rc;
    return o->s->rc;
}

static enum err put_finding(void *ctx, const struct finding *f)
{
    struct rows *o = ctx;
    struct finding told = veiled_finding(&o->veil, &o->said, f);
    o->finding(o->s, &o->tmp, &told);
    return went_wrong(o);
}

/* A finding tells more of itself than its event does. */
static enum err put_event(void *ctx, const struct event *from)
{
    static const struct print_options plain;
    struct rows *o = ctx;
    if (str_eq(from->kind, STR("finding")))
        return OK;
    struct event e = veiled_event(&o->veil, from);
    if (time_printable(e.time_us))
        o->event->event(o->s, &e, &plain);
    return went_wrong(o);
}

static enum err write_all(struct rows *o, const struct report *r, struct error *error)
{
    buf_init(&o->tmp, SINK_MAX_BYTES);
    enum err rc = veil_init(&o->veil, r), said = said_init(&o->said, r);
    rc = rc ? rc : said ? said : r->each_finding(r, put_finding, o, error);
    if (!rc && o->event)
        rc = r->each_event(r, put_event, o, error);
    said_done(&o->said);
    veil_done(&o->veil);
    buf_done(&o->tmp);
    return rc ? rc : o->s->rc;
}

enum err report_csv_write(struct sink *s, const struct report *r, struct error *error)
{
    struct rows o = {.s = s, .finding = csv_finding};
    csv_head(s);
    return write_all(&o, r, error);
}

enum err report_timesketch_write(struct sink *s, const struct report *r, struct error *error)
{
    struct rows o = {
        .s = s, .finding = timesketch_finding, .event = event_format_find(STR("timesketch"))};
    return write_all(&o, r, error);
}
