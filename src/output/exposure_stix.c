/* Objects are written as they come: a fleet of any size needs the memory of its vulnerabilities and
 * builds. */
#include "output/exposure_stix.h"

#include "output/exposure.h"

#include <stdlib.h>

/* An identifier made of others, or of names. */
static void id_of(struct exposure_stix *u, const char *type, struct str a, struct str b,
                  struct str c, char ret_id[STIX_ID_BYTES])
{
    buf_reset(&u->tmp);
    buf_str(&u->tmp, a);
    buf_putc(&u->tmp, '\n');
    buf_str(&u->tmp, b);
    buf_putc(&u->tmp, '\n');
    buf_str(&u->tmp, c);
    stix_id(u->x, type, buf_view(&u->tmp), ret_id);
}

void exposure_stix_open(struct exposure_stix *u, struct stix *x, int64_t as_of_us, bool remember)
{
    *u = (struct exposure_stix){.x = x, .as_of_us = as_of_us, .remember = remember};
    buf_init(&u->tmp, SINK_MAX_BYTES);
    buf_init(&u->host, SINK_MAX_BYTES);
    stix_id(x, "extension-definition", STR("tocsin exposure"), u->extension);
    stix_id(x, "bundle", STR("tocsin exposure"), u->name);
    if (!remember || stix_first(x, u->extension))
        stix_extension(x, u->extension, "tocsin exposure", "what an answer rests on",
                       "urn:tocsin:schema:exposure");
}

void exposure_stix_close(struct exposure_stix *u)
{
    buf_done(&u->tmp);
    buf_done(&u->host);
}

static bool fresh(struct exposure_stix *u, const char *id)
{
    return !u->remember || stix_first(u->x, id);
}

/* --- what there is --- */

static void infrastructure(struct exposure_stix *u, const struct exposure *e, struct str key)
{
    if (u->infrastructure[0] && str_eq(key, buf_view(&u->host)))
        return;
    buf_reset(&u->host);
    buf_str(&u->host, key);
    u->software[0] = 0;
    id_of(u, "infrastructure", STR("host"), key, STR_NONE, u->infrastructure);
    if (!fresh(u, u->infrastructure))
        return;
    stix_open(u->x, "infrastructure", u->infrastructure);
    json_str(&u->x->j, "name", e->host);
    stix_close(u->x);
}

static void relation(struct exposure_stix *u, const char *type, const char *target)
{
    json_text(&u->x->j, "relationship_type", type);
    json_text(&u->x->j, "source_ref", u->infrastructure);
    json_text(&u->x->j, "target_ref", target);
}

static int64_t time_of(const struct exposure_stix *u, const struct exposure *e)
{
    return time_printable(u->as_of_us) ? u->as_of_us : e->seen_us;
}

/* The product that the host at hand runs. */
static void software(struct exposure_stix *u, const struct exposure *e)
{
    char id[STIX_ID_BYTES], relationship[STIX_ID_BYTES];
    if (!stix_software_id(u->x, e->product, e->build, id) || !strcmp(id, u->software))
        return;
    memcpy(u->software, id, sizeof id);
    if (stix_first(u->x, id))
        stix_software(u->x, id, e->product, e->build);
    id_of(u, "relationship", str_of(u->infrastructure), str_of(id), STR_NONE, relationship);
    if (!fresh(u, relationship))
        return;
    stix_open_version(u->x, "relationship", relationship, time_of(u, e));
    relation(u, "consists-of", id);
    stix_close(u->x);
}

static void vulnerability(struct stix *x, const struct exposure *e, char ret_id[STIX_ID_BYTES])
{
    stix_id(x, "vulnerability", e->cve, ret_id);
    if (stix_first(x, ret_id))
        stix_vulnerability(x, ret_id, e->cve, true, STR_NONE);
}

/* --- what is said of it --- */

static void put_str(struct json *j, const char *key, struct str s)
{
    if (s.n)
        json_str(j, key, s);
}

static void put_accepted(struct stix *x, const struct exposure *e)
{
    if (!e->accepted_by.n && !e->accepted_why.n)
        return;
    put_str(&x->j, "accepted_by", e->accepted_by);
    put_str(&x->j, "accepted_because", e->accepted_why);
    stix_time(x, "accepted_until", e->accepted_until_us);
}

static void facts(struct exposure_stix *u, const struct exposure *e)
{
    struct json *j = &u->x->j;
    json_object(j, "extensions");
    json_object(j, u->extension);
    json_text(j, "extension_type", "property-extension");
    json_text(j, "state", exposure_state_name(e->state));
    put_str(j, "source", e->source);
    json_text(j, "precision", precision_name(e->precision));
    stix_time(u->x, "seen", e->seen_us);
    stix_time(u->x, "since", e->since_us);
    put_str(j, "fixed_by", e->fixed_by);
    put_str(j, "fixed_build", e->fixed_build);
    stix_time(u->x, "kev_added", e->kev_us);
    stix_time(u->x, "kev_due", e->due_us);
    json_bool(j, "ransomware", e->ransomware);
    put_accepted(u->x, e);
    json_end(j);
    json_end(j);
}

static void has(struct exposure_stix *u, const struct exposure *e, const char *id, const char *of)
{
    stix_open_version(u->x, "relationship", id, time_of(u, e));
    relation(u, "has", of);
    put_str(&u->x->j, "description", e->because);
    stix_time(u->x, "start_time", e->since_us);
    facts(u, e);
    stix_close(u->x);
}

static void note(struct exposure_stix *u, const struct exposure *e, const char *id, const char *of)
{
    struct json *j = &u->x->j;
    stix_open_version(u->x, "note", id, time_of(u, e));
    json_text(j, "abstract", exposure_state_name(e->state));
    json_str(j, "content", e->because.n ? e->because : str_of(exposure_state_name(e->state)));
    json_array(j, "object_refs");
    json_text(j, NULL, u->infrastructure);
    json_text(j, NULL, of);
    json_end(j);
    facts(u, e);
    stix_close(u->x);
}

/* The bundle is named by what is in it. */
static void add_to_name(struct exposure_stix *u, const struct exposure *e, const char *id)
{
    char before[STIX_ID_BYTES];
    memcpy(before, u->name, sizeof before);
    buf_reset(&u->tmp);
    buf_puts(&u->tmp, id);
    buf_putc(&u->tmp, ' ');
    buf_i64(&u->tmp, time_of(u, e));
    buf_putc(&u->tmp, ' ');
    buf_str(&u->tmp, e->because);
    buf_putc(&u->tmp, ' ');
    buf_puts(&u->tmp, before);
    stix_id(u->x, "bundle", buf_view(&u->tmp), u->name);
}

void exposure_stix_add(struct exposure_stix *u, const struct exposure *e, struct str key)
{
    char of[STIX_ID_BYTES], id[STIX_ID_BYTES];
    bool open = e->state == EXPOSURE_EXPOSED;
    infrastructure(u, e, key);
    software(u, e);
    vulnerability(u->x, e, of);
    id_of(u, open ? "relationship" : "note", str_of(u->infrastructure), str_of(of), e->product, id);
    if (fresh(u, id)) {
        if (open)
            has(u, e, id, of);
        else
            note(u, e, id, of);
    }
    add_to_name(u, e, id);
    if ((u->tmp.rc || u->host.rc) && !u->x->rc)
        u->x->rc = u->tmp.rc ? u->tmp.rc : u->host.rc;
}

/* --- the format: a bundle of nothing else --- */

struct bundle {
    struct stix x;
    struct exposure_stix rows;
};

static void begin(struct exposure_writer *w, const struct exposure_summary *s)
{
    struct bundle *u = calloc(1, sizeof *u);
    (void)s;
    if (!u) {
        w->sink->rc = ERR_NOMEM;
        return;
    }
    w->state = u;
    stix_init(&u->x, w->sink);
    json_object(&u->x.j, NULL);
    json_text(&u->x.j, "type", "bundle");
    json_array(&u->x.j, "objects");
    stix_identity(&u->x, u->x.identity, STR("tocsin"), "system");
    exposure_stix_open(&u->rows, &u->x, w->as_of_us, false);
}

static void put_exposure(struct exposure_writer *w, const struct exposure *e)
{
    struct bundle *u = w->state;
    if (!u || u->x.rc || (e->state == EXPOSURE_FIXED && !w->all))
        return;
    buf_reset(&w->tmp);
    exposure_host_key(&w->tmp, e->host);
    exposure_stix_add(&u->rows, e, buf_view(&w->tmp));
    if (w->tmp.rc && !u->x.rc)
        u->x.rc = w->tmp.rc;
}

static void end(struct exposure_writer *w, const struct exposure_summary *s)
{
    struct bundle *u = w->state;
    (void)s;
    if (!u)
        return;
    json_end(&u->x.j);
    json_text(&u->x.j, "id", u->rows.name);
    json_end(&u->x.j);
    json_line(&u->x.j);
    if (u->x.rc && !w->sink->rc)
        w->sink->rc = u->x.rc;
    sink_pace(w->sink);
}

static void close(struct exposure_writer *w)
{
    struct bundle *u = w->state;
    if (!u)
        return;
    exposure_stix_close(&u->rows);
    stix_done(&u->x);
    free(u);
    w->state = NULL;
}

const struct exposure_format exposure_stix = {.name = "stix",
                                              .help = "a STIX 2.1 bundle",
                                              .head_first = true,
                                              .begin = begin,
                                              .exposure = put_exposure,
                                              .end = end,
                                              .close = close};
