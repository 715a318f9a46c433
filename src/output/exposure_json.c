/* JSON Lines: one object a row. docs/reference/schema/exposure.json */
#include "output/exposure.h"

#include <math.h>

static const char *facing_text(enum facing f)
{
    return f == FACING_INTERNET ? "internet" : f == FACING_INSIDE ? "inside" : NULL;
}

static void begin(struct json *j, const char *type)
{
    json_object(j, NULL);
    json_text(j, "type", type);
}

static void end_line(struct exposure_writer *w, struct json *j)
{
    json_line(j);
    if (j->rc && !w->sink->rc)
        w->sink->rc = j->rc;
    sink_pace(w->sink);
}

static void put_build(struct json *j, const char *key, const struct build *b)
{
    struct buf text;
    buf_init(&text, 64);
    build_add(&text, b);
    json_str(j, key, text.n ? buf_view(&text) : STR_NONE);
    buf_done(&text);
}

/* An empty text is null. */
static void put_str(struct json *j, const char *key, struct str s)
{
    json_str(j, key, s.n ? s : STR_NONE);
}

static void put_states(struct json *j, const uint64_t n[EXPOSURE_STATES])
{
    for (int i = 0; i < EXPOSURE_STATES; i++)
        json_u64(j, exposure_state_name(i), n[i]);
}

static void put_accepted(struct json *j, const struct exposure *e)
{
    if (!e->accepted_by.n && !e->accepted_why.n) {
        json_null(j, "accepted");
        return;
    }
    json_object(j, "accepted");
    json_str(j, "owner", e->accepted_by);
    json_str(j, "reason", e->accepted_why);
    json_time(j, "until", e->accepted_until_us);
    json_end(j);
}

static void put_where(struct json *j, const struct exposure *e)
{
    put_str(j, "source", e->source);
    json_text(j, "precision", precision_name(e->precision));
    put_str(j, "file", e->file);
    json_u64(j, "line", e->line);
    json_time(j, "seen", e->seen_us);
}

void json_exposure(struct json *j, const struct exposure *e)
{
    begin(j, "exposure");
    json_str(j, "host", e->host);
    put_str(j, "site", e->site);
    put_str(j, "owner", e->owner);
    json_text(j, "facing", facing_text(e->facing));
    put_str(j, "product", e->product);
    put_str(j, "build", e->build);
    json_str(j, "cve", e->cve);
    put_str(j, "title", e->title);
    json_text(j, "state", exposure_state_name(e->state));
    put_str(j, "fixed_by", e->fixed_by);
    put_str(j, "fixed_build", e->fixed_build);
    json_time(j, "since", e->since_us);
    json_time(j, "other_until", e->other_until_us);
    put_where(j, e);
    json_time(j, "kev", e->kev_us);
    json_time(j, "due", e->due_us);
    json_bool(j, "ransomware", e->ransomware);
    json_fixed(j, "cvss", e->cvss > 0 ? e->cvss : (double)NAN, 1);
    put_str(j, "cvss_version", e->cvss_version);
    json_array(j, "dossiers");
    for (size_t i = 0; i < e->matters.n; i++)
        json_str(j, NULL, e->matters.v[i]);
    json_end(j);
    put_accepted(j, e);
    json_str(j, "because", e->because);
    json_end(j);
}

void json_share(struct json *j, const struct exposure_share *s)
{
    begin(j, "share");
    json_str(j, s->affair ? "dossier" : "cve", s->of);
    json_text(j, "part", s->part);
    put_str(j, "name", s->name);
    json_time(j, "time", s->time_us);
    json_fixed(j, "open", exposure_share_open(s), 4);
    put_states(j, s->n);
    json_u64(j, "accepted", s->accepted);
    if (!s->affair) {
        json_time(j, "kev", s->kev_us);
        json_bool(j, "ransomware", s->ransomware);
    }
    json_end(j);
}

void json_window(struct json *j, const struct exposure_window *x)
{
    begin(j, "window");
    json_str(j, "host", x->host);
    json_str(j, "dossier", x->matter);
    json_text(j, "state", exposure_state_name(x->state));
    json_time(j, "from", x->from_us);
    json_time(j, "until", x->until_us);
    json_time(j, "open", x->open_us);
    put_str(j, "because", x->because);
    json_end(j);
}

void json_update(struct json *j, const struct exposure_update *u)
{
    begin(j, "update");
    json_str(j, "host", u->host);
    put_str(j, "site", u->site);
    put_str(j, "owner", u->owner);
    json_text(j, "facing", facing_text(u->facing));
    put_str(j, "product", u->product);
    put_build(j, "build", &u->build);
    json_u64(j, "open", u->open);
    json_u64(j, "open_kev", u->open_kev);
    json_u64(j, "open_ransomware", u->open_ransomware);
    put_str(j, "first", u->first);
    put_build(j, "first_build", &u->first_build);
    json_time(j, "first_released", u->first_us);
    put_str(j, "then", u->then);
    put_build(j, "then_build", &u->then_build);
    json_time(j, "then_released", u->then_us);
    put_str(j, "advice", u->advice);
    json_end(j);
}

static void put_share(struct exposure_writer *w, const struct exposure_share *s)
{
    struct json j;
    json_init(&j, &w->sink->out);
    json_share(&j, s);
    end_line(w, &j);
}

static void put_window(struct exposure_writer *w, const struct exposure_window *x)
{
    struct json j;
    json_init(&j, &w->sink->out);
    json_window(&j, x);
    end_line(w, &j);
}

static void put_update(struct exposure_writer *w, const struct exposure_update *u)
{
    struct json j;
    json_init(&j, &w->sink->out);
    json_update(&j, u);
    end_line(w, &j);
}

static void put_exposure(struct exposure_writer *w, const struct exposure *e)
{
    struct json j;
    json_init(&j, &w->sink->out);
    json_exposure(&j, e);
    end_line(w, &j);
}

static void put_summary(struct exposure_writer *w, const struct exposure_summary *s)
{
    struct json j;
    json_init(&j, &w->sink->out);
    begin(&j, "summary");
    json_text(&j, "verb", "exposure");
    json_u64(&j, "records", s->observations);
    json_u64(&j, "bytes", s->bytes);
    json_u64(&j, "findings", s->findings);
    json_u64(&j, "gaps", s->gaps);
    json_u64(&j, "hosts", s->hosts);
    json_u64(&j, "open_hosts", s->open_hosts);
    json_u64(&j, "unknown_hosts", s->unknown_hosts);
    json_u64(&j, "sign_hosts", s->sign_hosts);
    put_states(&j, s->n);
    json_u64(&j, "accepted", s->accepted);
    json_time(&j, "as_of", s->as_of_us);
    json_time(&j, "tables", s->tables_us);
    json_fixed(&j, "elapsed_s", s->elapsed_s, 3);
    json_text(&j, "tocsin", s->version);
    json_object(&j, "dossiers");
    for (size_t i = 0; i < s->n_dossiers; i++) {
        json_key(&j, s->dossier[i].id);
        json_str(&j, NULL, s->dossier[i].sha256);
    }
    json_end(&j);
    json_end(&j);
    end_line(w, &j);
}

const struct exposure_format exposure_json = {.name = "json",
                                              .help = "JSON Lines, all that is known",
                                              .share = put_share,
                                              .window = put_window,
                                              .update = put_update,
                                              .exposure = put_exposure,
                                              .end = put_summary};
