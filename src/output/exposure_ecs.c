/* Elastic Common Schema: one state document a host and CVE, one a line. What holds the fix is left
 * out unless all is asked for: such an index is read for what is open. */
#include "output/ecs.h"
#include "output/exposure.h"

/* uuid5(URL namespace, "urn:tocsin:exposure") */
static const unsigned char namespace[UUID_BYTES] = {0x4f, 0x0d, 0xb6, 0x3d, 0x81, 0x29, 0x5b, 0x1b,
                                                    0x81, 0x21, 0xc6, 0xb5, 0x83, 0xd3, 0x98, 0x63};

enum err exposure_ecs_id(struct exposure_writer *w, const struct exposure *e,
                         char ret_id[UUID_TEXT_BYTES])
{
    buf_reset(&w->tmp);
    if (w->within.n) {
        buf_str(&w->tmp, w->within);
        buf_putc(&w->tmp, '\n');
    }
    exposure_host_key(&w->tmp, e->host);
    buf_putc(&w->tmp, '\n');
    buf_str(&w->tmp, e->cve);
    buf_putc(&w->tmp, '\n');
    buf_str(&w->tmp, e->product);
    return w->tmp.rc ? w->tmp.rc : uuid5(namespace, buf_view(&w->tmp), ret_id);
}

static void put_id(struct exposure_writer *w, struct json *j, const struct exposure *e)
{
    char uuid[UUID_TEXT_BYTES];
    enum err rc = exposure_ecs_id(w, e, uuid);
    if (rc)
        j->rc = rc;
    else
        json_text(j, "id", uuid);
}

static void event(struct exposure_writer *w, struct json *j, const struct exposure *e)
{
    json_object(j, "event");
    json_text(j, "kind", "state");
    json_array(j, "category");
    json_text(j, NULL, "vulnerability");
    json_end(j);
    json_array(j, "type");
    json_text(j, NULL, "info");
    json_end(j);
    json_text(j, "module", "tocsin");
    json_text(j, "dataset", "tocsin.exposure");
    put_id(w, j, e);
    ecs_time(j, "start", e->since_us);
    ecs_str(j, "reason", e->because);
    json_end(j);
}

/* As the National Vulnerability Database names them; NULL for a scale that is none of those. */
static const char *severity(double score, struct str version)
{
    bool second = str_starts(version, STR("2"));
    if (!second && !str_starts(version, STR("3")) && !str_starts(version, STR("4")))
        return NULL;
    return score >= 9 && !second ? "Critical" : score >= 7 ? "High" : score >= 4 ? "Medium" : "Low";
}

static void score(struct json *j, const struct exposure *e)
{
    const char *word = severity(e->cvss, e->cvss_version);
    if (!(e->cvss > 0))
        return;
    json_text(j, "classification", "CVSS");
    json_object(j, "score");
    json_fixed(j, "base", e->cvss, 1);
    ecs_str(j, "version", e->cvss_version);
    json_end(j);
    if (word)
        json_text(j, "severity", word);
}

static void vulnerability(struct exposure_writer *w, struct json *j, const struct exposure *e)
{
    json_object(j, "vulnerability");
    ecs_str(j, "id", e->cve);
    if (text_is_cve(e->cve)) {
        buf_reset(&w->tmp);
        buf_puts(&w->tmp, "https://www.cve.org/CVERecord?id=");
        buf_str(&w->tmp, e->cve);
        json_text(j, "enumeration", "CVE");
        json_str(j, "reference", buf_view(&w->tmp));
    }
    ecs_str(j, "description", e->title);
    score(j, e);
    json_object(j, "scanner");
    json_text(j, "vendor", "tocsin");
    json_end(j);
    json_end(j);
}

static void package(struct json *j, const struct exposure *e)
{
    if (!e->product.n && !e->build.n)
        return;
    json_object(j, "package");
    ecs_str(j, "name", e->product);
    ecs_str(j, "version", e->build);
    json_end(j);
}

static void accepted(struct json *j, const struct exposure *e)
{
    if (!e->accepted_by.n && !e->accepted_why.n)
        return;
    json_object(j, "accepted");
    ecs_str(j, "owner", e->accepted_by);
    ecs_str(j, "reason", e->accepted_why);
    ecs_time(j, "until", e->accepted_until_us);
    json_end(j);
}

/* What ECS has no name for. */
static void own(struct json *j, const struct exposure *e)
{
    static const char *const facings[] = {"", "inside", "internet"};
    json_object(j, "tocsin");
    json_text(j, "state", exposure_state_name(e->state));
    json_text(j, "precision", precision_name(e->precision));
    ecs_str(j, "source", e->source);
    ecs_str(j, "file", e->file);
    if (e->line)
        json_u64(j, "line", e->line);
    ecs_time(j, "seen", e->seen_us);
    ecs_time(j, "since", e->since_us);
    ecs_time(j, "other_until", e->other_until_us);
    ecs_str(j, "fixed_by", e->fixed_by);
    ecs_str(j, "fixed_build", e->fixed_build);
    json_bool(j, "kev", e->kev_us != TIME_NONE);
    ecs_time(j, "kev_added", e->kev_us);
    ecs_time(j, "kev_due", e->due_us);
    json_bool(j, "ransomware", e->ransomware);
    json_array(j, "dossiers");
    for (size_t i = 0; i < e->matters.n; i++)
        json_str(j, NULL, text_head(e->matters.v[i], ECS_KEYWORD_BYTES));
    json_end(j);
    ecs_str(j, "site", e->site);
    ecs_str(j, "owner", e->owner);
    ecs_str(j, "facing", str_of(facings[e->facing]));
    accepted(j, e);
    json_end(j);
}

static void host(struct json *j, const struct exposure *e)
{
    if (!e->host.n)
        return;
    json_object(j, "host");
    ecs_str(j, "name", e->host);
    json_end(j);
    json_object(j, "related");
    json_array(j, "hosts");
    json_str(j, NULL, text_head(e->host, ECS_KEYWORD_BYTES));
    json_end(j);
    json_end(j);
}

static void head(struct exposure_writer *w, struct json *j, const struct exposure *e)
{
    /* A state is one of the day that was asked about; else of the day on which it was seen. */
    int64_t time_us = time_printable(w->as_of_us) ? w->as_of_us : e->seen_us;
    ecs_open(j, time_us);
    buf_reset(&w->tmp);
    buf_str(&w->tmp, e->host);
    buf_puts(&w->tmp, ", ");
    buf_str(&w->tmp, e->cve);
    buf_puts(&w->tmp, ": ");
    buf_puts(&w->tmp, exposure_state_name(e->state));
    json_str(j, "message", text_head(buf_view(&w->tmp), ECS_KEYWORD_BYTES));
    json_array(j, "tags");
    json_text(j, NULL, "tocsin");
    json_text(j, NULL, exposure_state_name(e->state));
    if (!time_printable(time_us))
        json_text(j, NULL, "no-time");
    json_end(j);
}

static void put_exposure(struct exposure_writer *w, const struct exposure *e)
{
    struct json j;
    if (e->state == EXPOSURE_FIXED && !w->all)
        return;
    json_init(&j, &w->sink->out);
    head(w, &j, e);
    event(w, &j, e);
    host(&j, e);
    vulnerability(w, &j, e);
    package(&j, e);
    own(&j, e);
    json_end(&j);
    json_line(&j);
    if ((j.rc || w->tmp.rc) && !w->sink->rc)
        w->sink->rc = j.rc ? j.rc : w->tmp.rc;
    sink_pace(w->sink);
}

const struct exposure_format exposure_ecs = {.name = "ecs",
                                             .help = "state documents of the Elastic Common Schema",
                                             .exposure = put_exposure};
