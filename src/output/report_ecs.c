/* Elastic Common Schema: what was found as alerts, what is open as states, what was told of chatter
 * as alerts of their own; one document a line. In the bulk form each has its action before it, as
 * the _bulk API of Elasticsearch and OpenSearch reads it. */
#include "output/ecs.h"
#include "output/exposure.h"
#include "output/parts.h"
#include "output/report.h"
#include "output/veiled.h"

struct out {
    struct sink *s;
    struct veil veil;
    struct said said;
    struct exposure_writer exposure;
    struct buf tmp;
    bool bulk;
};

static enum err went_wrong(struct out *o, enum err rc)
{
    rc = rc ? rc : o->veil.rc ? o->veil.rc : o->tmp.rc;
    if (rc && !o->s->rc)
        o->s->rc = rc;
    return o->s->rc;
}

/* create: what is there already stays, and to send it twice adds nothing. index: takes the place of
 * what is there. */
static void action(struct out *o, const char *verb, const char *index, const char *id)
{
    struct json j;
    if (!o->bulk)
        return;
    json_init(&j, &o->s->out);
    json_object(&j, NULL);
    json_object(&j, verb);
    json_text(&j, "_index", index);
    json_text(&j, "_id", id);
    json_end(&j);
    json_end(&j);
    json_line(&j);
    (void)went_wrong(o, j.rc);
}

static enum err put_finding(void *ctx, const struct finding *f)
{
    struct out *o = ctx;
    struct finding told = veiled_finding(&o->veil, &o->said, f);
    action(o, "create", "tocsin-findings", told.id);
    ecs_finding(o->s, &o->tmp, &told);
    return went_wrong(o, OK);
}

static void put_exposure(struct out *o, const struct exposure *from)
{
    char id[UUID_TEXT_BYTES];
    struct exposure e = veiled_exposure(&o->veil, from);
    if (e.state == EXPOSURE_FIXED) /* such an index is read for what is open */
        return;
    enum err rc = o->bulk ? exposure_ecs_id(&o->exposure, &e, id) : OK;
    if (went_wrong(o, rc))
        return;
    action(o, "index", "tocsin-exposures", id);
    exposure_ecs.exposure(&o->exposure, &e);
    (void)went_wrong(o, o->exposure.tmp.rc);
}

/* ---- an alert of chatter ---- */

static void alert_event(struct json *j, const struct alert *a)
{
    json_object(j, "event");
    json_text(j, "kind", "alert");
    json_array(j, "category");
    json_text(j, NULL, "threat");
    json_end(j);
    json_array(j, "type");
    json_text(j, NULL, "indicator");
    json_end(j);
    json_text(j, "module", "tocsin");
    json_text(j, "dataset", "tocsin.alert");
    json_text(j, "id", a->id);
    ecs_time(j, "start", a->since_us);
    ecs_time(j, "end", a->time_us);
    ecs_str(j, "reason", a->why);
    json_end(j);
}

static void keywords(struct json *j, const char *key, const struct str_list *list)
{
    json_array(j, key);
    for (size_t i = 0; i < list->n; i++)
        ecs_str(j, NULL, list->v[i]);
    json_end(j);
}

static void alert_own(struct out *o, struct json *j, const struct alert *a)
{
    json_object(j, "tocsin");
    ecs_str(j, "subject", a->subject);
    json_text(j, "subject_kind", subject_kind_name(a->kind));
    json_text(j, "lane", lane_name(a->lane));
    json_u64(j, "observed", a->observed);
    ecs_real(j, "expected", a->expected);
    ecs_real(j, "p", a->p);
    ecs_real(j, "threshold", a->threshold);
    json_u64(j, "window_days", a->window_days);
    json_u64(j, "voices", a->voices);
    json_u64(j, "threads", a->threads);
    json_array(j, "sites");
    for (size_t i = 0; i < a->n_sites; i++) {
        ecs_str(j, NULL, a->site[i].site);
        sink_pace(o->s);
    }
    json_end(j);
    json_bool(j, "kev", a->kev_us != TIME_NONE);
    ecs_time(j, "kev_added", a->kev_us);
    ecs_str(j, "customer", a->customer);
    keywords(j, "assets", &a->asset);
    json_end(j);
}

static void put_alert(struct out *o, const struct alert *from)
{
    struct json j;
    struct alert a = veiled_alert(&o->veil, from);
    action(o, "create", "tocsin-alerts", a.id);
    json_init(&j, &o->s->out);
    ecs_open(&j, a.time_us);
    json_str(&j, "message", text_head(a.title.n ? a.title : STR("alert"), ECS_KEYWORD_BYTES));
    json_array(&j, "tags");
    json_text(&j, NULL, "tocsin");
    json_text(&j, NULL, "chatter");
    json_end(&j);
    alert_event(&j, &a);
    ecs_threat(&j, &a.technique, TLP_UNKNOWN);
    if (text_is_cve(a.subject)) {
        json_object(&j, "vulnerability");
        json_str(&j, "id", a.subject);
        json_text(&j, "enumeration", "CVE");
        json_end(&j);
    }
    alert_own(o, &j, &a);
    json_end(&j);
    json_line(&j);
    (void)went_wrong(o, j.rc);
    sink_pace(o->s);
}

static enum err put_all(struct out *o, const struct report *r, struct error *error)
{
    TRY(r->each_finding(r, put_finding, o, error));
    for (size_t i = 0; i < r->n_exposures && !o->s->rc; i++)
        put_exposure(o, &r->exposure[i]);
    for (size_t i = 0; i < r->n_alerts && !o->s->rc; i++)
        put_alert(o, &r->alert[i]);
    return o->s->rc;
}

static enum err write_all(struct sink *s, const struct report *r, bool bulk, struct error *error)
{
    struct out o = {.s = s, .bulk = bulk};
    buf_init(&o.tmp, SINK_MAX_BYTES);
    exposure_writer_open(&o.exposure, &exposure_ecs);
    o.exposure.sink = s;
    if (!r->sharing.victim_data) /* "host-1" is another one in each case */
        o.exposure.within = r->key;
    enum err rc = veil_init(&o.veil, r), said = said_init(&o.said, r);
    rc = rc ? rc : said ? said : put_all(&o, r, error);
    said_done(&o.said);
    veil_done(&o.veil);
    exposure_writer_close(&o.exposure);
    buf_done(&o.tmp);
    return rc;
}

enum err report_ecs_write(struct sink *s, const struct report *r, struct error *error)
{
    return write_all(s, r, false, error);
}

enum err report_ecs_bulk_write(struct sink *s, const struct report *r, struct error *error)
{
    return write_all(s, r, true, error);
}
