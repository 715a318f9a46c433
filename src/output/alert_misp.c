/* MISP events, one an alert, as its "import from JSON" takes them. All attributes are for reading
 * (to_ids false): posts can be planted. The customer and the assets stay out, because events are
 * made to be shared. */
#include "base/uuid.h"
#include "output/alert.h"

/* uuid5(URL namespace, "urn:tocsin:misp") */
static const unsigned char namespace[UUID_BYTES] = {0x53, 0xc9, 0xdc, 0xd3, 0x2b, 0x70, 0x56, 0x1e,
                                                    0xbd, 0x1a, 0xc2, 0xd6, 0xab, 0x6e, 0x2b, 0xfb};

struct misp {
    struct sink *s;
    struct json j;
    struct buf tmp;
    const struct alert *a;
    uint64_t n_attributes;
    enum err rc;
};

/* The MISP type and category of an item's kind; text for what MISP has no type of. */
struct misp_type {
    const char *kind, *type, *category;
};
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

static const struct misp_type *type_of(struct str kind)
{
    static const struct misp_type other = {"", "text", "Other"};
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (str_eq(kind, str_of(types[i].kind)))
            return &types[i];
    return &other;
}

static void misp_uuid(struct misp *m, const char *what, struct str name)
{
    char uuid[UUID_TEXT_BYTES];
    buf_reset(&m->tmp);
    buf_puts(&m->tmp, what);
    buf_putc(&m->tmp, '\n');
    buf_str(&m->tmp, name);
    enum err rc = m->tmp.rc ? m->tmp.rc : uuid5(namespace, buf_view(&m->tmp), uuid);
    if (rc && !m->rc)
        m->rc = rc;
    json_text(&m->j, "uuid", rc ? NULL : uuid);
}

static void seconds(struct misp *m, const char *key, int64_t time_us)
{
    char text[24];
    (void)snprintf(text, sizeof text, "%lld",
                   time_us == TIME_NONE ? 0LL : (long long)(time_us / US_PER_S));
    json_text(&m->j, key, text);
}

static void attribute(struct misp *m, const struct misp_type *type, struct str value,
                      const char *comment, struct str more, int64_t first_us)
{
    char number[40];
    struct json *j = &m->j;
    if (!value.n)
        return;
    json_object(j, NULL);
    (void)snprintf(number, sizeof number, "attribute %llu %lld",
                   (unsigned long long)m->n_attributes, (long long)m->a->time_us);
    m->n_attributes++;
    misp_uuid(m, number, str_of(m->a->id));
    json_text(j, "type", type->type);
    json_text(j, "category", type->category);
    json_str(j, "value", value);
    json_bool(j, "to_ids", false);
    json_text(j, "distribution", "5");
    seconds(m, "timestamp", m->a->time_us);
    buf_reset(&m->tmp);
    buf_puts(&m->tmp, comment);
    buf_str(&m->tmp, more);
    json_str(j, "comment", buf_view(&m->tmp));
    if (time_printable(first_us))
        json_time(j, "first_seen", first_us);
    json_end(j);
    sink_pace(m->s);
}

static void attributes(struct misp *m)
{
    static const struct misp_type vulnerability = {"", "vulnerability", "External analysis"},
                                  text = {"", "text", "External analysis"},
                                  comment = {"", "comment", "External analysis"},
                                  link = {"", "link", "External analysis"};
    const struct alert *a = m->a;
    char counts[160];
    struct buf b;
    buf_init(&b, SINK_MAX_BYTES);
    json_array(&m->j, "Attribute");
    alert_counts(&b, a);
    (void)snprintf(counts, sizeof counts, "%.*s", STR_FMT(buf_view(&b)));
    attribute(m, a->kind == SUBJECT_CVE ? &vulnerability : &text, a->subject, counts, STR(""),
              a->since_us);
    buf_reset(&b);
    alert_explain(&b, a);
    attribute(m, &comment, buf_view(&b), "why", STR(""), TIME_NONE);
    for (size_t i = 0; i < a->technique.n; i++)
        attribute(m, &text, a->technique.v[i], "ATT&CK technique", STR(""), TIME_NONE);
    for (size_t i = 0; i < a->n_posts; i++) {
        if (alert_url_ok(a->post[i].url))
            attribute(m, &link, a->post[i].url, "post, ", a->post[i].site, a->post[i].time_us);
        attribute(m, &comment, a->post[i].snippet, "post, ", a->post[i].site, a->post[i].time_us);
    }
    for (size_t i = 0; i < a->n_items; i++)
        attribute(m, type_of(a->item[i].kind), a->item[i].value,
                  "named in posts: ", a->item[i].kind, a->item[i].first_us);
    json_end(&m->j);
    if (b.rc && !m->rc)
        m->rc = b.rc;
    buf_done(&b);
}

static void tag(struct json *j, const char *name)
{
    json_object(j, NULL);
    json_text(j, "name", name);
    json_end(j);
}

static void event(struct misp *m)
{
    struct json *j = &m->j;
    char date[32], version[32];
    m->n_attributes = 0;
    json_object(j, NULL);
    json_object(j, "Event");
    (void)snprintf(version, sizeof version, "event %lld", (long long)m->a->time_us);
    misp_uuid(m, version, str_of(m->a->id));
    json_text(j, "date",
              time_printable(m->a->time_us) ? time_short(m->a->time_us, false, date) : NULL);
    seconds(m, "timestamp", m->a->time_us);
    json_str(j, "info", m->a->title.n ? m->a->title : m->a->subject);
    json_text(j, "threat_level_id", "4");
    json_text(j, "analysis", "0");
    json_text(j, "distribution", "0");
    json_bool(j, "published", false);
    json_object(j, "Orgc");
    json_text(j, "name", "tocsin");
    misp_uuid(m, "organisation", STR("tocsin"));
    json_end(j);
    json_array(j, "Tag");
    tag(j, "tlp:amber");
    tag(j, "admiralty-scale:source-reliability=\"f\"");
    tag(j, "admiralty-scale:information-credibility=\"6\"");
    tag(j, "type:OSINT");
    json_end(j);
    attributes(m);
    json_end(j);
    json_end(j);
}

enum err alert_misp_write(struct sink *s, const struct alert *a, size_t n,
                          const struct print_options *options)
{
    struct misp m = {.s = s};
    (void)options;
    json_init(&m.j, &s->out);
    buf_init(&m.tmp, SINK_MAX_BYTES);
    json_object(&m.j, NULL);
    json_array(&m.j, "response");
    for (size_t i = 0; i < n && !s->rc; i++) {
        m.a = &a[i];
        event(&m);
        buf_puts(&s->out, "\n");
        if (m.rc && !s->rc)
            s->rc = m.rc;
        sink_pace(s);
    }
    json_end(&m.j);
    json_end(&m.j);
    json_line(&m.j);
    if (m.j.rc && !s->rc)
        s->rc = m.j.rc;
    buf_done(&m.tmp);
    return s->rc;
}
