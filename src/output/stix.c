/* Identifiers are made from content, so that a bundle that is read twice updates and adds
 * nothing. */
#include "output/stix.h"

#include "output/roles.h"

/* uuid5(URL namespace, "urn:tocsin:stix") */
static const unsigned char namespace[UUID_BYTES] = {0xf4, 0x47, 0x82, 0x8d, 0x8a, 0x58, 0x54, 0xd5,
                                                    0x8c, 0xa7, 0x40, 0xdc, 0x16, 0x51, 0x90, 0xca};
/* The namespace that STIX 2.1 gives to cyber observables (section 2.9). */
static const unsigned char observables[UUID_BYTES] = {
    0x00, 0xab, 0xed, 0xb4, 0xaa, 0x42, 0x46, 0x6c, 0x9c, 0x01, 0xfe, 0xd2, 0x33, 0x15, 0xa9, 0xb7};

void stix_init(struct stix *x, struct sink *s)
{
    *x = (struct stix){.s = s};
    json_init(&x->j, &s->out);
    buf_init(&x->tmp, SINK_MAX_BYTES);
    arena_init(&x->arena, (size_t)512 << 20);
    map_init(&x->written, &x->arena, STIX_OBJECTS_MAX);
    stix_id(x, "identity", STR("tocsin"), x->identity);
}

void stix_done(struct stix *x)
{
    x->rc = x->rc ? x->rc : x->j.rc ? x->j.rc : x->tmp.rc;
    if (x->rc && !x->s->rc)
        x->s->rc = x->rc;
    vec_done(&x->refs);
    map_done(&x->written);
    arena_done(&x->arena);
    buf_done(&x->tmp);
}

static bool make_id(struct stix *x, const char *type, const unsigned char of[UUID_BYTES],
                    struct str name, char ret_id[STIX_ID_BYTES])
{
    char uuid[UUID_TEXT_BYTES] = "";
    enum err rc = x->tmp.rc ? x->tmp.rc : uuid5(of, name, uuid);
    if (rc && !x->rc)
        x->rc = rc;
    (void)snprintf(ret_id, STIX_ID_BYTES, "%s--%s", type, uuid);
    return !rc;
}

void stix_id(struct stix *x, const char *type, struct str name, char ret_id[STIX_ID_BYTES])
{
    buf_reset(&x->tmp);
    buf_puts(&x->tmp, type);
    buf_putc(&x->tmp, '\n');
    buf_str(&x->tmp, name);
    (void)make_id(x, type, namespace, buf_view(&x->tmp), ret_id);
}

bool stix_observable_id(struct stix *x, const char *type, struct str canonical,
                        char ret_id[STIX_ID_BYTES])
{
    return make_id(x, type, observables, canonical, ret_id);
}

bool stix_first(struct stix *x, const char *id)
{
    uint32_t number;
    bool first = false;
    enum err rc = map_intern(&x->written, str_of(id), &number, &first);
    if (rc && !x->rc)
        x->rc = rc;
    return first && !rc;
}

/* --- properties --- */

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

static void head(struct stix *x, const char *type, const char *id)
{
    struct json *j = &x->j;
    json_object(j, NULL);
    json_text(j, "type", type);
    json_text(j, "spec_version", "2.1");
    json_text(j, "id", id);
    if (strcmp(id, x->identity) != 0)
        json_text(j, "created_by_ref", x->identity);
}

void stix_open_at(struct stix *x, const char *type, const char *id, int64_t time_us)
{
    head(x, type, id);
    time_us = time_printable(time_us) ? time_us : STIX_FIXED_US;
    stix_time(x, "created", time_us);
    stix_time(x, "modified", time_us);
}

void stix_open(struct stix *x, const char *type, const char *id)
{
    stix_open_at(x, type, id, TIME_NONE);
}

void stix_open_version(struct stix *x, const char *type, const char *id, int64_t time_us)
{
    head(x, type, id);
    bool later = time_printable(time_us) && time_us > STIX_FIXED_US;
    stix_time(x, "created", STIX_FIXED_US);
    stix_time(x, "modified", later ? time_us : STIX_FIXED_US); /* never before it was made */
}

void stix_close(struct stix *x)
{
    json_end(&x->j);
    buf_putc(&x->s->out, '\n');
    sink_pace(x->s);
}

void stix_external(struct stix *x, const char *source, struct str id)
{
    struct json *j = &x->j;
    json_array(j, "external_references");
    json_object(j, NULL);
    json_text(j, "source_name", source);
    json_str(j, "external_id", id);
    json_end(j);
    json_end(j);
}

/* --- objects --- */

void stix_identity(struct stix *x, const char *id, struct str name, const char *class)
{
    stix_open(x, "identity", id);
    json_str(&x->j, "name", name);
    json_text(&x->j, "identity_class", class);
    stix_close(x);
}

void stix_vulnerability(struct stix *x, const char *id, struct str name, bool cve)
{
    stix_open(x, "vulnerability", id);
    json_str(&x->j, "name", name);
    if (cve && text_is_cve(name))
        stix_external(x, "cve", name);
    stix_close(x);
}

void stix_extension(struct stix *x, const char *id, const char *name, const char *description,
                    const char *schema)
{
    struct json *j = &x->j;
    stix_open(x, "extension-definition", id);
    json_text(j, "name", name);
    json_text(j, "description", description);
    json_text(j, "schema", schema);
    json_text(j, "version", "1.0.0");
    json_array(j, "extension_types");
    json_text(j, NULL, "property-extension");
    json_end(j);
    stix_close(x);
}

bool stix_printable(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < 0x20 || s.p[i] > 0x7e)
            return false;
    return s.n > 0 && s.n <= 4096;
}

void stix_canonical(struct buf *b, struct str s)
{
    buf_putc(b, '"');
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"' || s.p[i] == '\\')
            buf_putc(b, '\\');
        buf_putc(b, s.p[i]);
    }
    buf_putc(b, '"');
}

bool stix_software_id(struct stix *x, struct str name, struct str version,
                      char ret_id[STIX_ID_BYTES])
{
    struct buf *b = &x->tmp;
    if (!stix_printable(name) || (version.n && !stix_printable(version)))
        return false;
    buf_reset(b);
    buf_puts(b, "{\"name\":");
    stix_canonical(b, name);
    if (version.n) {
        buf_puts(b, ",\"version\":");
        stix_canonical(b, version);
    }
    buf_putc(b, '}');
    return stix_observable_id(x, "software", buf_view(b), ret_id);
}

void stix_software(struct stix *x, const char *id, struct str name, struct str version)
{
    struct json *j = &x->j;
    json_object(j, NULL);
    json_text(j, "type", "software");
    json_text(j, "spec_version", "2.1");
    json_text(j, "id", id);
    json_str(j, "name", name);
    if (version.n)
        json_str(j, "version", version);
    stix_close(x);
}
