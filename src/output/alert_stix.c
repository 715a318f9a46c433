/* A STIX 2.1 bundle: for each alert a report with its subject, sightings by site, observables and
 * a note with the explanation. Identifiers are made from content, so that a bundle that is read
 * twice updates and adds nothing. The customer and the assets stay out: bundles are shared. */
#include "output/alert_stix.h"

static bool referred(const struct stix *x, const char *id)
{
    /* What an alert names twice it names in a row or in a short list. */
    size_t from = x->refs.n > 64 ? x->refs.n - 64 : 0;
    for (size_t i = from; i < x->refs.n; i++)
        if (str_eq(x->refs.v[i], str_of(id)))
            return true;
    return false;
}

bool alert_stix_needed(struct stix *x, const char *id)
{
    bool first = stix_first(x, id);
    if (x->rc || (!first && referred(x, id)))
        return false;
    struct str ref = arena_str(&x->arena, str_of(id));
    enum err rc = ref.p ? vec_push(&x->refs, ref, STIX_OBJECTS_MAX) : ERR_NOMEM;
    if (rc)
        x->rc = rc;
    return first && !rc;
}

void alert_stix_vulnerability(struct stix *x, struct str name, bool cve, char ret_id[STIX_ID_BYTES])
{
    stix_id(x, "vulnerability", name, ret_id);
    if (alert_stix_needed(x, ret_id))
        stix_vulnerability(x, ret_id, name, cve, STR_NONE);
}

static void attack_pattern(struct stix *x, struct str name, char ret_id[STIX_ID_BYTES])
{
    stix_id(x, "attack-pattern", name, ret_id);
    if (alert_stix_needed(x, ret_id))
        stix_attack_pattern(x, ret_id, name);
}

static void identity(struct stix *x, struct str name, const char *class, char ret_id[STIX_ID_BYTES])
{
    stix_id(x, "identity", name, ret_id);
    if (alert_stix_needed(x, ret_id))
        stix_identity(x, ret_id, name, class);
}

/* What can be sighted must be a domain object: a product is infrastructure here, a word that
 * nobody listed a grouping of what it stands for, us. */
static void other_subject(struct stix *x, char ret_id[STIX_ID_BYTES])
{
    static const char *const types[SUBJECT_KINDS] = {
        [SUBJECT_PRODUCT] = "infrastructure",
        [SUBJECT_ACTOR] = "intrusion-set",
        [SUBJECT_MALWARE] = "malware",
        [SUBJECT_TERM] = "grouping",
    };
    const struct alert *a = x->a;
    struct json *j = &x->j;
    const char *type = types[a->kind] ? types[a->kind] : "grouping";
    stix_id(x, type, a->subject, ret_id);
    if (!alert_stix_needed(x, ret_id))
        return;
    stix_open(x, type, ret_id);
    json_str(j, "name", a->subject);
    if (a->kind == SUBJECT_MALWARE)
        json_bool(j, "is_family", true);
    if (strcmp(type, "grouping") == 0) {
        json_text(j, "context", "suspicious-activity");
        json_array(j, "object_refs");
        json_text(j, NULL, x->identity);
        json_end(j);
    }
    stix_close(x);
}

static void subject(struct stix *x, char ret_id[STIX_ID_BYTES])
{
    const struct alert *a = x->a;
    switch (a->kind) {
    case SUBJECT_CVE:
    case SUBJECT_ADVISORY:
        alert_stix_vulnerability(x, a->subject, a->kind == SUBJECT_CVE, ret_id);
        break;
    case SUBJECT_TECHNIQUE:
    case SUBJECT_TOPIC: attack_pattern(x, a->subject, ret_id); break;
    case SUBJECT_VENDOR: identity(x, a->subject, "organization", ret_id); break;
    default: other_subject(x, ret_id);
    }
    if (a->kind == SUBJECT_PRODUCT)
        alert_stix_software(x, a->subject);
}

/* An identifier of something that belongs to this alert as it was raised at this time. */
static void own_id(struct stix *x, const char *type, struct str more, char ret_id[STIX_ID_BYTES])
{
    struct buf b;
    buf_init(&b, SINK_MAX_BYTES);
    buf_puts(&b, x->a->id);
    buf_putc(&b, ' ');
    buf_i64(&b, x->a->time_us);
    buf_putc(&b, ' ');
    buf_str(&b, more);
    if (b.rc && !x->rc)
        x->rc = b.rc;
    stix_id(x, type, buf_view(&b), ret_id);
    buf_done(&b);
}

static void sighting(struct stix *x, const struct alert_site *s, const char *of)
{
    char id[STIX_ID_BYTES], where[STIX_ID_BYTES];
    struct json *j = &x->j;
    identity(x, s->site.n ? s->site : STR("unknown site"), "system", where);
    own_id(x, "sighting", s->site, id);
    if (!alert_stix_needed(x, id))
        return;
    stix_open_at(x, "sighting", id, x->a->time_us);
    stix_time(x, "first_seen", s->first_us);
    if (s->last_us >= s->first_us)
        stix_time(x, "last_seen", s->last_us);
    json_u64(j, "count", s->threads > 999999999 ? 999999999 : s->threads);
    json_text(j, "sighting_of_ref", of);
    json_array(j, "where_sighted_refs");
    json_text(j, NULL, where);
    json_end(j);
    stix_close(x);
}

static void extension_id(struct stix *x, char ret_id[STIX_ID_BYTES])
{
    stix_id(x, "extension-definition", STR("tocsin alert"), ret_id);
}

void alert_stix_open(struct stix *x)
{
    char id[STIX_ID_BYTES];
    extension_id(x, id);
    if (alert_stix_needed(x, id))
        stix_extension(x, id, "tocsin alert", "the numbers that an alert rests on",
                       "urn:tocsin:schema:alert");
}

static void numbers(struct stix *x)
{
    const struct alert *a = x->a;
    struct json *j = &x->j;
    char id[STIX_ID_BYTES];
    extension_id(x, id);
    json_object(j, "extensions");
    json_object(j, id);
    json_text(j, "extension_type", "property-extension");
    json_text(j, "lane", lane_name(a->lane));
    json_u64(j, "window_days", a->window_days);
    json_u64(j, "observed", a->observed);
    json_real(j, "expected", a->expected, 4);
    json_real(j, "p_value", a->p, 4);
    json_real(j, "threshold", a->threshold, 4);
    json_u64(j, "voices", a->voices);
    json_u64(j, "threads", a->threads);
    json_u64(j, "texts", a->clusters);
    json_end(j);
    json_end(j);
}

static void note(struct stix *x, const char *of)
{
    char id[STIX_ID_BYTES];
    struct json *j = &x->j;
    struct buf b;
    own_id(x, "note", STR(""), id);
    if (!alert_stix_needed(x, id))
        return;
    buf_init(&b, SINK_MAX_BYTES);
    alert_counts(&b, x->a);
    stix_open_at(x, "note", id, x->a->time_us);
    json_str(j, "abstract", buf_view(&b));
    buf_reset(&b);
    alert_explain(&b, x->a);
    json_str(j, "content", b.n ? buf_view(&b) : x->a->title.n ? x->a->title : x->a->subject);
    json_array(j, "object_refs");
    json_text(j, NULL, of);
    json_end(j);
    numbers(x);
    stix_close(x);
    if (b.rc && !x->rc)
        x->rc = b.rc;
    buf_done(&b);
}

/* The posts, as far as they can be found again. */
static void posts(struct stix *x)
{
    const struct alert *a = x->a;
    bool any = false;
    for (size_t i = 0; i < a->n_posts; i++) {
        const struct alert_post *p = &a->post[i];
        bool url = alert_url_ok(p->url);
        if (!url && !p->id.n)
            continue;
        if (!any)
            json_array(&x->j, "external_references");
        any = true;
        json_object(&x->j, NULL);
        json_str(&x->j, "source_name", p->site.n ? p->site : STR("post"));
        if (p->id.n)
            json_str(&x->j, "external_id", p->id);
        if (url)
            json_str(&x->j, "url", p->url);
        json_end(&x->j);
        sink_pace(x->s);
    }
    if (any)
        json_end(&x->j);
}

static void report(struct stix *x)
{
    static const char *const types[SUBJECT_KINDS] = {
        [SUBJECT_CVE] = "vulnerability",     [SUBJECT_ADVISORY] = "vulnerability",
        [SUBJECT_ACTOR] = "threat-actor",    [SUBJECT_MALWARE] = "malware",
        [SUBJECT_TOPIC] = "attack-pattern",  [SUBJECT_TECHNIQUE] = "attack-pattern",
        [SUBJECT_PRODUCT] = "threat-report", [SUBJECT_VENDOR] = "threat-report",
        [SUBJECT_TERM] = "threat-report",
    };
    const struct alert *a = x->a;
    struct json *j = &x->j;
    char id[STIX_ID_BYTES];
    size_t n = x->refs.n;
    own_id(x, "report", STR(""), id);
    if (!alert_stix_needed(x, id))
        return;
    stix_open_at(x, "report", id, a->time_us);
    json_str(j, "name", a->title.n ? a->title : a->subject);
    if (a->why.n)
        json_str(j, "description", a->why);
    json_array(j, "report_types");
    json_text(j, NULL, types[a->kind]);
    json_end(j);
    stix_time(x, "published", time_printable(a->time_us) ? a->time_us : STIX_FIXED_US);
    posts(x);
    json_array(j, "object_refs");
    for (size_t i = 0; i < n; i++) {
        json_str(j, NULL, x->refs.v[i]);
        sink_pace(x->s);
    }
    json_end(j);
    stix_close(x);
}

void alert_stix_add(struct stix *x, const struct alert *a)
{
    char of[STIX_ID_BYTES], technique[STIX_ID_BYTES];
    x->a = a;
    x->refs.n = 0;
    subject(x, of);
    for (size_t i = 0; i < x->a->technique.n; i++)
        attack_pattern(x, x->a->technique.v[i], technique);
    for (size_t i = 0; i < x->a->n_sites && !x->rc; i++)
        sighting(x, &x->a->site[i], of);
    alert_stix_items(x);
    note(x, of);
    report(x);
}

/* Named by its alerts: an empty one has a name, too. */
static void bundle(struct stix *x, const struct alert *a, size_t n)
{
    char id[STIX_ID_BYTES];
    struct buf b;
    buf_init(&b, SINK_MAX_BYTES);
    for (size_t i = 0; i < n; i++) {
        buf_puts(&b, a[i].id);
        buf_i64(&b, a[i].time_us);
    }
    if (b.rc && !x->rc)
        x->rc = b.rc;
    stix_id(x, "bundle", buf_view(&b), id);
    buf_done(&b);
    json_object(&x->j, NULL);
    json_text(&x->j, "type", "bundle");
    json_text(&x->j, "id", id);
    json_array(&x->j, "objects");
    identity(x, STR("tocsin"), "system", x->identity);
    alert_stix_open(x);
}

enum err alert_stix_write(struct sink *s, const struct alert *a, size_t n,
                          const struct print_options *options)
{
    struct stix x;
    (void)options;
    stix_init(&x, s);
    bundle(&x, a, n);
    for (size_t i = 0; i < n && !s->rc && !x.rc; i++)
        alert_stix_add(&x, &a[i]);
    json_end(&x.j);
    json_end(&x.j);
    json_line(&x.j);
    stix_done(&x);
    return s->rc;
}
