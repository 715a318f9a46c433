/* A STIX 2.1 bundle: for each alert a report with its subject, sightings by site, observables and
 * a note with the explanation. Identifiers are made from content, so that a bundle that is read
 * twice updates and adds nothing. The customer and the assets stay out: bundles are shared. */
#include "output/alert_stix.h"

/* uuid5(URL namespace, "urn:tocsin:stix") */
static const unsigned char namespace[UUID_BYTES] = {0xf4, 0x47, 0x82, 0x8d, 0x8a, 0x58, 0x54, 0xd5,
                                                    0x8c, 0xa7, 0x40, 0xdc, 0x16, 0x51, 0x90, 0xca};
static const char fixed_time[] = "2021-01-01T00:00:00.000Z";

void stix_id(struct stix *x, const char *type, struct str name, char ret_id[STIX_ID_BYTES])
{
    char uuid[UUID_TEXT_BYTES] = "";
    buf_reset(&x->tmp);
    buf_puts(&x->tmp, type);
    buf_putc(&x->tmp, '\n');
    buf_str(&x->tmp, name);
    enum err rc = x->tmp.rc ? x->tmp.rc : uuid5(namespace, buf_view(&x->tmp), uuid);
    if (rc && !x->rc)
        x->rc = rc;
    (void)snprintf(ret_id, STIX_ID_BYTES, "%s--%s", type, uuid);
}

static bool referred(const struct stix *x, const char *id)
{
    /* What an alert names twice it names in a row or in a short list. */
    size_t from = x->refs.n > 64 ? x->refs.n - 64 : 0;
    for (size_t i = from; i < x->refs.n; i++)
        if (str_eq(x->refs.v[i], str_of(id)))
            return true;
    return false;
}

bool stix_needed(struct stix *x, const char *id)
{
    uint32_t number;
    bool first = false;
    enum err rc = map_intern(&x->written, str_of(id), &number, &first);
    if (!rc && (first || !referred(x, id))) {
        struct str ref = arena_str(&x->arena, str_of(id));
        rc = ref.p ? vec_push(&x->refs, ref, STIX_OBJECTS_MAX) : ERR_NOMEM;
    }
    if (rc && !x->rc)
        x->rc = rc;
    return first && !rc;
}

void stix_time(struct stix *x, const char *key, int64_t time_us)
{
    char text[40];
    if (!time_printable(time_us))
        return;
    struct civil c = time_civil(time_us);
    (void)snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", c.year, c.month, c.day,
                   c.hour, c.minute, c.second, c.us / 1000);
    json_text(&x->j, key, text);
}

void stix_open_at(struct stix *x, const char *type, const char *id, int64_t time_us)
{
    struct json *j = &x->j;
    json_object(j, NULL);
    json_text(j, "type", type);
    json_text(j, "spec_version", "2.1");
    json_text(j, "id", id);
    if (strcmp(id, x->identity) != 0)
        json_text(j, "created_by_ref", x->identity);
    if (time_printable(time_us)) {
        stix_time(x, "created", time_us);
        stix_time(x, "modified", time_us);
    } else {
        json_text(j, "created", fixed_time);
        json_text(j, "modified", fixed_time);
    }
}

void stix_open(struct stix *x, const char *type, const char *id)
{
    stix_open_at(x, type, id, TIME_NONE);
}

void stix_close(struct stix *x)
{
    json_end(&x->j);
    buf_putc(&x->s->out, '\n');
    sink_pace(x->s);
}

static void external(struct json *j, const char *source, struct str id)
{
    json_array(j, "external_references");
    json_object(j, NULL);
    json_text(j, "source_name", source);
    json_str(j, "external_id", id);
    json_end(j);
    json_end(j);
}

/* "#" stands for one digit, "*" for one or more at the end. */
static bool shaped(struct str s, const char *shape)
{
    size_t i = 0;
    for (; *shape; shape++) {
        if (*shape == '*') {
            size_t from = i;
            while (i < s.n && ascii_digit((unsigned char)s.p[i]))
                i++;
            if (i == from)
                return false;
        } else if (i == s.n ||
                   (*shape == '#' ? !ascii_digit((unsigned char)s.p[i]) : s.p[i] != *shape)) {
            return false;
        } else {
            i++;
        }
    }
    return i == s.n;
}

void stix_vulnerability(struct stix *x, struct str name, bool cve, char ret_id[STIX_ID_BYTES])
{
    stix_id(x, "vulnerability", name, ret_id);
    if (!stix_needed(x, ret_id))
        return;
    stix_open(x, "vulnerability", ret_id);
    json_str(&x->j, "name", name);
    if (cve && (shaped(name, "CVE-####-####") || shaped(name, "CVE-####-####*")))
        external(&x->j, "cve", name);
    stix_close(x);
}

static void attack_pattern(struct stix *x, struct str name, bool attack, char ret_id[STIX_ID_BYTES])
{
    stix_id(x, "attack-pattern", name, ret_id);
    if (!stix_needed(x, ret_id))
        return;
    stix_open(x, "attack-pattern", ret_id);
    json_str(&x->j, "name", name);
    if (attack && (shaped(name, "T####") || shaped(name, "T####.###")))
        external(&x->j, "mitre-attack", name);
    stix_close(x);
}

static void identity(struct stix *x, struct str name, const char *class, char ret_id[STIX_ID_BYTES])
{
    stix_id(x, "identity", name, ret_id);
    if (!stix_needed(x, ret_id))
        return;
    stix_open(x, "identity", ret_id);
    json_str(&x->j, "name", name);
    json_text(&x->j, "identity_class", class);
    stix_close(x);
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
    if (!stix_needed(x, ret_id))
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
    case SUBJECT_ADVISORY: stix_vulnerability(x, a->subject, a->kind == SUBJECT_CVE, ret_id); break;
    case SUBJECT_TECHNIQUE:
    case SUBJECT_TOPIC: attack_pattern(x, a->subject, a->kind == SUBJECT_TECHNIQUE, ret_id); break;
    case SUBJECT_VENDOR: identity(x, a->subject, "organization", ret_id); break;
    default: other_subject(x, ret_id);
    }
    if (a->kind == SUBJECT_PRODUCT)
        stix_software(x, a->subject);
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
    if (!stix_needed(x, id))
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

static void extension(struct stix *x)
{
    char id[STIX_ID_BYTES];
    struct json *j = &x->j;
    extension_id(x, id);
    if (!stix_needed(x, id))
        return;
    stix_open(x, "extension-definition", id);
    json_text(j, "name", "tocsin alert");
    json_text(j, "description", "the numbers that an alert rests on");
    json_text(j, "schema", "urn:tocsin:schema:alert");
    json_text(j, "version", "1.0.0");
    json_array(j, "extension_types");
    json_text(j, NULL, "property-extension");
    json_end(j);
    stix_close(x);
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
    if (!stix_needed(x, id))
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
    if (!stix_needed(x, id))
        return;
    stix_open_at(x, "report", id, a->time_us);
    json_str(j, "name", a->title.n ? a->title : a->subject);
    if (a->why.n)
        json_str(j, "description", a->why);
    json_array(j, "report_types");
    json_text(j, NULL, types[a->kind]);
    json_end(j);
    if (time_printable(a->time_us))
        stix_time(x, "published", a->time_us);
    else
        json_text(j, "published", fixed_time);
    posts(x);
    json_array(j, "object_refs");
    for (size_t i = 0; i < n; i++) {
        json_str(j, NULL, x->refs.v[i]);
        sink_pace(x->s);
    }
    json_end(j);
    stix_close(x);
}

static void alert(struct stix *x)
{
    char of[STIX_ID_BYTES], technique[STIX_ID_BYTES];
    x->refs.n = 0;
    subject(x, of);
    for (size_t i = 0; i < x->a->technique.n; i++)
        attack_pattern(x, x->a->technique.v[i], true, technique);
    for (size_t i = 0; i < x->a->n_sites && !x->rc; i++)
        sighting(x, &x->a->site[i], of);
    stix_items(x);
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
    extension(x);
}

enum err alert_stix_write(struct sink *s, const struct alert *a, size_t n,
                          const struct print_options *options)
{
    struct stix x = {.s = s};
    (void)options;
    json_init(&x.j, &s->out);
    buf_init(&x.tmp, SINK_MAX_BYTES);
    arena_init(&x.arena, (size_t)512 << 20);
    map_init(&x.written, &x.arena, STIX_OBJECTS_MAX);
    stix_id(&x, "identity", STR("tocsin"), x.identity);
    bundle(&x, a, n);
    for (size_t i = 0; i < n && !s->rc && !x.rc; i++) {
        x.a = &a[i];
        alert(&x);
    }
    json_end(&x.j);
    json_end(&x.j);
    json_line(&x.j);
    x.rc = x.rc ? x.rc : x.j.rc ? x.j.rc : x.tmp.rc;
    if (x.rc && !s->rc)
        s->rc = x.rc;
    vec_done(&x.refs);
    map_done(&x.written);
    arena_done(&x.arena);
    buf_done(&x.tmp);
    return s->rc;
}
