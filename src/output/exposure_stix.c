/* A STIX 2.1 bundle: each host, its product and each vulnerability once; a host *has* the
 * vulnerability that it is exposed to. Of what is mitigated or not known no more than a note is
 * said. Objects are written as they come: a fleet of any size needs the memory of its
 * vulnerabilities and builds. */
#include "output/exposure.h"
#include "output/stix.h"

#include <stdlib.h>

struct bundle {
    struct stix x;
    struct buf host; /* the one at hand, by its key */
    char extension[STIX_ID_BYTES], infrastructure[STIX_ID_BYTES], software[STIX_ID_BYTES];
    char name[STIX_ID_BYTES]; /* of the bundle, made from all that is in it so far */
};

/* An identifier made of others, or of names. */
static void id_of(struct exposure_writer *w, const char *type, struct str a, struct str b,
                  struct str c, char ret_id[STIX_ID_BYTES])
{
    struct bundle *u = w->state;
    buf_reset(&w->tmp);
    buf_str(&w->tmp, a);
    buf_putc(&w->tmp, '\n');
    buf_str(&w->tmp, b);
    buf_putc(&w->tmp, '\n');
    buf_str(&w->tmp, c);
    stix_id(&u->x, type, buf_view(&w->tmp), ret_id);
}

static void begin(struct exposure_writer *w, const struct exposure_summary *s)
{
    struct bundle *u = calloc(1, sizeof *u);
    (void)s;
    if (!u) {
        w->sink->rc = ERR_NOMEM;
        return;
    }
    w->state = u;
    struct stix *x = &u->x;
    stix_init(x, w->sink);
    buf_init(&u->host, SINK_MAX_BYTES);
    stix_id(x, "extension-definition", STR("tocsin exposure"), u->extension);
    stix_id(x, "bundle", STR("tocsin exposure"), u->name);
    json_object(&x->j, NULL);
    json_text(&x->j, "type", "bundle");
    json_array(&x->j, "objects");
    stix_identity(x, x->identity, STR("tocsin"), "system");
    stix_extension(x, u->extension, "tocsin exposure", "what an answer rests on",
                   "urn:tocsin:schema:exposure");
}

/* --- what there is --- */

static void infrastructure(struct exposure_writer *w, const struct exposure *e)
{
    struct bundle *u = w->state;
    buf_reset(&w->tmp);
    exposure_host_key(&w->tmp, e->host);
    if (u->infrastructure[0] && str_eq(buf_view(&w->tmp), buf_view(&u->host)))
        return;
    buf_reset(&u->host);
    buf_str(&u->host, buf_view(&w->tmp));
    u->software[0] = 0;
    id_of(w, "infrastructure", STR("host"), buf_view(&u->host), STR_NONE, u->infrastructure);
    stix_open(&u->x, "infrastructure", u->infrastructure);
    json_str(&u->x.j, "name", e->host);
    stix_close(&u->x);
}

static void relation(struct exposure_writer *w, const char *type, const char *target)
{
    struct bundle *u = w->state;
    json_text(&u->x.j, "relationship_type", type);
    json_text(&u->x.j, "source_ref", u->infrastructure);
    json_text(&u->x.j, "target_ref", target);
}

static int64_t time_of(const struct exposure_writer *w, const struct exposure *e)
{
    return time_printable(w->as_of_us) ? w->as_of_us : e->seen_us;
}

/* The product that the host at hand runs. */
static void software(struct exposure_writer *w, const struct exposure *e)
{
    struct bundle *u = w->state;
    char id[STIX_ID_BYTES], relationship[STIX_ID_BYTES];
    if (!stix_software_id(&u->x, e->product, e->build, id) || !strcmp(id, u->software))
        return;
    memcpy(u->software, id, sizeof id);
    if (stix_first(&u->x, id))
        stix_software(&u->x, id, e->product, e->build);
    id_of(w, "relationship", str_of(u->infrastructure), str_of(id), STR_NONE, relationship);
    stix_open_version(&u->x, "relationship", relationship, time_of(w, e));
    relation(w, "consists-of", id);
    stix_close(&u->x);
}

static void vulnerability(struct stix *x, const struct exposure *e, char ret_id[STIX_ID_BYTES])
{
    stix_id(x, "vulnerability", e->cve, ret_id);
    if (stix_first(x, ret_id))
        stix_vulnerability(x, ret_id, e->cve, true);
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

static void facts(struct bundle *u, const struct exposure *e)
{
    struct json *j = &u->x.j;
    json_object(j, "extensions");
    json_object(j, u->extension);
    json_text(j, "extension_type", "property-extension");
    json_text(j, "state", exposure_state_name(e->state));
    put_str(j, "source", e->source);
    json_text(j, "precision", precision_name(e->precision));
    stix_time(&u->x, "seen", e->seen_us);
    stix_time(&u->x, "since", e->since_us);
    put_str(j, "fixed_by", e->fixed_by);
    put_str(j, "fixed_build", e->fixed_build);
    stix_time(&u->x, "kev_added", e->kev_us);
    stix_time(&u->x, "kev_due", e->due_us);
    json_bool(j, "ransomware", e->ransomware);
    put_accepted(&u->x, e);
    json_end(j);
    json_end(j);
}

static void has(struct exposure_writer *w, const struct exposure *e, const char *id, const char *of)
{
    struct bundle *u = w->state;
    stix_open_version(&u->x, "relationship", id, time_of(w, e));
    relation(w, "has", of);
    put_str(&u->x.j, "description", e->because);
    stix_time(&u->x, "start_time", e->since_us);
    facts(u, e);
    stix_close(&u->x);
}

static void note(struct exposure_writer *w, const struct exposure *e, const char *id,
                 const char *of)
{
    struct bundle *u = w->state;
    struct json *j = &u->x.j;
    stix_open_version(&u->x, "note", id, time_of(w, e));
    json_text(j, "abstract", exposure_state_name(e->state));
    json_str(j, "content", e->because.n ? e->because : str_of(exposure_state_name(e->state)));
    json_array(j, "object_refs");
    json_text(j, NULL, u->infrastructure);
    json_text(j, NULL, of);
    json_end(j);
    facts(u, e);
    stix_close(&u->x);
}

/* The bundle is named by what is in it. */
static void add_to_name(struct exposure_writer *w, const struct exposure *e, const char *id)
{
    struct bundle *u = w->state;
    char before[STIX_ID_BYTES];
    memcpy(before, u->name, sizeof before);
    buf_reset(&w->tmp);
    buf_puts(&w->tmp, id);
    buf_putc(&w->tmp, ' ');
    buf_i64(&w->tmp, time_of(w, e));
    buf_putc(&w->tmp, ' ');
    buf_str(&w->tmp, e->because);
    buf_putc(&w->tmp, ' ');
    buf_puts(&w->tmp, before);
    stix_id(&u->x, "bundle", buf_view(&w->tmp), u->name);
}

static void put_exposure(struct exposure_writer *w, const struct exposure *e)
{
    struct bundle *u = w->state;
    char of[STIX_ID_BYTES], id[STIX_ID_BYTES];
    bool open = e->state == EXPOSURE_EXPOSED;
    if (!u || u->x.rc || (e->state == EXPOSURE_FIXED && !w->all))
        return;
    infrastructure(w, e);
    software(w, e);
    vulnerability(&u->x, e, of);
    id_of(w, open ? "relationship" : "note", str_of(u->infrastructure), str_of(of), e->product, id);
    if (open)
        has(w, e, id, of);
    else
        note(w, e, id, of);
    add_to_name(w, e, id);
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
    json_text(&u->x.j, "id", u->name);
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
    stix_done(&u->x);
    buf_done(&u->host);
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
