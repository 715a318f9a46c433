/* Identifiers are made from content, so that a bundle that is read twice updates and adds
 * nothing. */
#include "output/stix.h"

#include "output/roles.h"
#include "output/technique.h"

/* uuid5(URL namespace, "urn:tocsin:stix") */
static const unsigned char namespace[UUID_BYTES] = {0xf4, 0x47, 0x82, 0x8d, 0x8a, 0x58, 0x54, 0xd5,
                                                    0x8c, 0xa7, 0x40, 0xdc, 0x16, 0x51, 0x90, 0xca};
/* The namespace that STIX 2.1 gives to cyber observables (section 2.9). */
static const unsigned char observables[UUID_BYTES] = {
    0x00, 0xab, 0xed, 0xb4, 0xaa, 0x42, 0x46, 0x6c, 0x9c, 0x01, 0xfe, 0xd2, 0x33, 0x15, 0xa9, 0xb7};

/* The identifiers are published by OASIS (cti-stix-common-objects, tlp-2.0): receivers know the
 * markings by them. */
static const struct {
    const char *id, *level;
} markings[TLP_MARKS] = {
    [TLP_CLEAR] = {"marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487", "clear"},
    [TLP_GREEN] = {"marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb", "green"},
    [TLP_AMBER] = {"marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421", "amber"},
    [TLP_AMBER_STRICT] = {"marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
                          "amber+strict"},
    [TLP_RED] = {"marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1", "red"},
};

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

void stix_open_observable(struct stix *x, const char *type, const char *id)
{
    struct json *j = &x->j;
    json_object(j, NULL);
    json_text(j, "type", type);
    json_text(j, "spec_version", "2.1");
    json_text(j, "id", id);
    if (x->marking) {
        json_array(j, "object_marking_refs");
        json_text(j, NULL, markings[x->marking].id);
        json_end(j);
    }
}

static void head(struct stix *x, const char *type, const char *id)
{
    stix_open_observable(x, type, id);
    if (strcmp(id, x->identity) != 0)
        json_text(&x->j, "created_by_ref", x->identity);
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

void stix_refs(struct stix *x, const char *key)
{
    const char **id = arena_new_n(&x->arena, const char *, x->written.n + 1);
    if (!id) {
        x->rc = x->rc ? x->rc : ERR_NOMEM;
        return;
    }
    for (size_t i = 0; i < x->written.cap; i++)
        if (x->written.slot[i].key.p)
            id[x->written.slot[i].value] = x->written.slot[i].key.p;
    json_array(&x->j, key);
    for (size_t i = 0; i < x->written.n; i++) {
        json_text(&x->j, NULL, id[i]);
        sink_pace(x->s);
    }
    json_end(&x->j);
}

/* --- objects --- */

void stix_tlp(struct stix *x, enum tlp tlp)
{
    struct json *j = &x->j;
    const enum tlp before = stix_mark(x, TLP_UNKNOWN);
    if (tlp) {
        stix_open_observable(x, "marking-definition", markings[tlp].id);
        json_text(j, "created", "2022-10-01T00:00:00.000Z");
        json_text(j, "name", tlp_name(tlp));
        json_object(j, "extensions");
        json_object(j, "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d");
        json_text(j, "extension_type", "property-extension");
        json_text(j, "tlp_2_0", markings[tlp].level);
        json_end(j);
        json_end(j);
        stix_close(x);
    }
    stix_mark(x, before);
}

enum tlp stix_mark(struct stix *x, enum tlp tlp)
{
    const enum tlp before = x->marking;
    x->marking = tlp;
    return before;
}

void stix_relationship(struct stix *x, const char *source, const char *type, const char *target,
                       int64_t time_us)
{
    char name[3 * STIX_ID_BYTES], id[STIX_ID_BYTES];
    (void)snprintf(name, sizeof name, "%s %s %s", source, type, target);
    stix_id(x, "relationship", str_of(name), id);
    if (!stix_first(x, id))
        return;
    stix_open_version(x, "relationship", id, time_us);
    json_text(&x->j, "relationship_type", type);
    json_text(&x->j, "source_ref", source);
    json_text(&x->j, "target_ref", target);
    stix_close(x);
}

void stix_identity(struct stix *x, const char *id, struct str name, const char *class)
{
    stix_open(x, "identity", id);
    json_str(&x->j, "name", name);
    json_text(&x->j, "identity_class", class);
    stix_close(x);
}

void stix_attack_pattern(struct stix *x, const char *id, struct str technique_or_name)
{
    struct json *j = &x->j;
    struct str t = technique_or_name;
    const char *name = technique_name(t);
    stix_open(x, "attack-pattern", id);
    if (name)
        json_text(j, "name", name);
    else
        json_str(j, "name", t);
    if (technique_ok(t)) {
        buf_reset(&x->tmp);
        technique_url(&x->tmp, t);
        json_array(j, "external_references");
        json_object(j, NULL);
        json_text(j, "source_name", "mitre-attack");
        json_str(j, "url", buf_view(&x->tmp));
        json_str(j, "external_id", t);
        json_end(j);
        json_end(j);
    }
    stix_close(x);
}

void stix_vulnerability(struct stix *x, const char *id, struct str name, bool cve,
                        struct str description)
{
    stix_open(x, "vulnerability", id);
    json_str(&x->j, "name", name);
    if (description.n)
        json_str(&x->j, "description", description);
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
    stix_open_observable(x, "software", id);
    json_str(j, "name", name);
    if (version.n)
        json_str(j, "version", version);
    stix_close(x);
}
