#include "output/misp.h"

/* uuid5(URL namespace, "urn:tocsin:misp") */
static const unsigned char namespace[UUID_BYTES] = {0x53, 0xc9, 0xdc, 0xd3, 0x2b, 0x70, 0x56, 0x1e,
                                                    0xbd, 0x1a, 0xc2, 0xd6, 0xab, 0x6e, 0x2b, 0xfb};

static const struct misp_type types[] = {
    {"cve", "vulnerability", "External analysis"},
    {"ipv4", "ip-dst", "Network activity"},
    {"ipv6", "ip-dst", "Network activity"},
    {"cidr", "ip-dst", "Network activity"},
    {"domain", "domain", "Network activity"},
    {"url", "url", "Network activity"},
    {"email", "email", "Network activity"},
    {"md5", "md5", "Payload delivery"},
    {"sha1", "sha1", "Payload delivery"},
    {"sha224", "sha224", "Payload delivery"},
    {"sha256", "sha256", "Payload delivery"},
    {"sha384", "sha384", "Payload delivery"},
    {"sha512", "sha512", "Payload delivery"},
    {"ssdeep", "ssdeep", "Payload delivery"},
    {"tlsh", "tlsh", "Payload delivery"},
    {"file", "filename", "Payload delivery"},
    {"registry", "regkey", "Persistence mechanism"},
    {"mac", "mac-address", "Network activity"},
    {"asn", "AS", "Network activity"},
    {"btc", "btc", "Financial fraud"},
    {"xmr", "xmr", "Financial fraud"},
};

const struct misp_type *misp_type_of(struct str kind)
{
    static const struct misp_type other = {"", "text", "Other"};
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (str_eq(kind, str_of(types[i].kind)))
            return &types[i];
    return &other;
}

void misp_init(struct misp *m, struct sink *s, struct arena *arena)
{
    *m = (struct misp){.s = s, .arena = arena};
    json_init(&m->j, &s->out);
    buf_init(&m->tmp, SINK_MAX_BYTES);
    if (arena)
        map_init(&m->values, arena, MISP_ATTRIBUTES_MAX);
}

void misp_done(struct misp *m)
{
    enum err rc = m->rc ? m->rc : m->j.rc ? m->j.rc : m->tmp.rc;
    if (rc && !m->s->rc)
        m->s->rc = rc;
    if (m->arena)
        map_done(&m->values);
    buf_done(&m->tmp);
}

void misp_uuid_of(struct misp *m, const char *what, struct str name, char ret_uuid[UUID_TEXT_BYTES])
{
    struct buf b;
    buf_init(&b, SINK_MAX_BYTES);
    buf_puts(&b, what);
    buf_putc(&b, '\n');
    buf_str(&b, name);
    ret_uuid[0] = 0;
    enum err rc = b.rc ? b.rc : uuid5(namespace, buf_view(&b), ret_uuid);
    m->rc = m->rc ? m->rc : rc;
    buf_done(&b);
}

void misp_uuid(struct misp *m, const char *what, struct str name)
{
    char uuid[UUID_TEXT_BYTES];
    misp_uuid_of(m, what, name, uuid);
    json_text(&m->j, "uuid", uuid);
}

void misp_seconds(struct misp *m, const char *key, int64_t time_us)
{
    char text[24];
    (void)snprintf(text, sizeof text, "%lld",
                   time_us == TIME_NONE ? 0LL : (long long)(time_us / US_PER_S));
    json_text(&m->j, key, text);
}

void misp_tag(struct misp *m, struct str name)
{
    json_object(&m->j, NULL);
    json_str(&m->j, "name", name);
    json_text(&m->j, "colour", "#ffc000");
    json_bool(&m->j, "exportable", true);
    json_end(&m->j);
}

void misp_org(struct misp *m, const char *key)
{
    json_object(&m->j, key);
    json_text(&m->j, "id", "0");
    json_text(&m->j, "name", "tocsin");
    misp_uuid(m, "organisation", STR("tocsin"));
    json_end(&m->j);
}

/* Identifiers of an instance are 0: the one that reads it gives its own. */
void misp_event(struct misp *m, const struct misp_event *e)
{
    struct json *j = &m->j;
    char day[32];
    m->n_attributes = 0;
    json_object(j, "Event");
    json_text(j, "uuid", e->uuid);
    json_text(j, "id", "0");
    json_text(j, "date",
              time_printable(e->day_us) ? time_short(e->day_us, false, day) : "1970-01-01");
    misp_seconds(m, "timestamp", e->time_us);
    json_str(j, "info", e->info);
    json_text(j, "threat_level_id", e->threat_level);
    json_text(j, "analysis", e->analysis);
    json_text(j, "distribution", "0");
    json_text(j, "sharing_group_id", "0");
    json_bool(j, "published", e->published);
    misp_seconds(m, "publish_timestamp", e->published ? e->time_us : TIME_NONE);
    json_text(j, "org_id", "0");
    json_text(j, "orgc_id", "0");
    json_text(j, "extends_uuid", "");
    json_bool(j, "locked", false);
    misp_org(m, "Org");
    misp_org(m, "Orgc");
}

bool misp_first(struct misp *m, struct str what)
{
    uint32_t id;
    bool is_new = true;
    enum err rc = m->arena ? map_intern(&m->values, what, &id, &is_new) : OK;
    m->rc = m->rc ? m->rc : rc;
    return !rc && is_new;
}

/* Parts of objects may repeat what others say. */
static bool fresh(struct misp *m, const struct misp_attribute *a)
{
    if (!m->arena || a->relation)
        return true;
    buf_reset(&m->tmp);
    buf_puts(&m->tmp, a->category);
    buf_putc(&m->tmp, '\n');
    buf_puts(&m->tmp, a->type);
    buf_putc(&m->tmp, '\n');
    buf_str(&m->tmp, a->value);
    m->rc = m->rc ? m->rc : m->tmp.rc;
    return misp_first(m, buf_view(&m->tmp)) && misp_first(m, str_of(a->uuid));
}

bool misp_attribute_open(struct misp *m, const struct misp_attribute *a)
{
    struct json *j = &m->j;
    if (!a->value.n || m->rc || !fresh(m, a))
        return false;
    m->n_attributes++;
    if (m->value)
        m->value(m->ctx, a->value);
    json_object(j, NULL);
    json_text(j, "uuid", a->uuid);
    if (a->relation)
        json_text(j, "object_relation", a->relation);
    json_text(j, "type", a->type);
    json_text(j, "category", a->category);
    json_str(j, "value", a->value);
    json_bool(j, "to_ids", a->to_ids);
    json_text(j, "event_id", "0");
    json_text(j, "distribution", "5");
    json_text(j, "sharing_group_id", "0");
    misp_seconds(m, "timestamp", m->time_us);
    json_bool(j, "deleted", false);
    json_str(j, "comment", a->comment.p ? a->comment : STR(""));
    if (time_printable(a->first_us))
        json_time(j, "first_seen", a->first_us);
    if (time_printable(a->last_us) && time_printable(a->first_us) && a->last_us >= a->first_us)
        json_time(j, "last_seen", a->last_us);
    enum tlp tlp = a->tlp ? a->tlp : m->tlp;
    if (tlp) {
        json_array(j, "Tag");
        misp_tag(m, str_of(tlp_tag(tlp)));
        json_end(j);
    }
    return true;
}

void misp_attribute(struct misp *m, const struct misp_attribute *a)
{
    if (misp_attribute_open(m, a))
        json_end(&m->j);
    sink_pace(m->s);
}
