/* MISP events, one an alert, as its "import from JSON" takes them. All attributes are for reading
 * (to_ids false): posts can be planted. The customer and the assets stay out, because events are
 * made to be shared. */
#include "output/misp.h"

/* One of the alert at hand, by its place among them. */
struct telling {
    struct misp *m;
    const struct alert *a;
    uint64_t n;
};

static void attribute(struct telling *t, const struct misp_type *type, struct str value,
                      const char *comment, struct str more, int64_t first_us)
{
    char number[40];
    struct misp_attribute a = {.type = type->type,
                               .category = type->category,
                               .value = value,
                               .first_us = first_us,
                               .last_us = TIME_NONE};
    struct buf b;
    if (!value.n)
        return;
    (void)snprintf(number, sizeof number, "attribute %llu %lld", (unsigned long long)t->n,
                   (long long)t->a->time_us);
    t->n++;
    misp_uuid_of(t->m, number, str_of(t->a->id), a.uuid);
    buf_init(&b, SINK_MAX_BYTES);
    buf_puts(&b, comment);
    buf_str(&b, more);
    a.comment = buf_view(&b);
    if (b.rc && !t->m->rc)
        t->m->rc = b.rc;
    misp_attribute(t->m, &a);
    buf_done(&b);
}

void misp_alert(struct misp *m, const struct alert *a)
{
    static const struct misp_type vulnerability = {"", "vulnerability", "External analysis"},
                                  text = {"", "text", "External analysis"},
                                  comment = {"", "comment", "External analysis"},
                                  link = {"", "link", "External analysis"};
    struct telling t = {m, a, 0};
    char counts[160];
    struct buf b;
    buf_init(&b, SINK_MAX_BYTES);
    alert_counts(&b, a);
    (void)snprintf(counts, sizeof counts, "%.*s", STR_FMT(buf_view(&b)));
    attribute(&t, a->kind == SUBJECT_CVE ? &vulnerability : &text, a->subject, counts, STR(""),
              a->since_us);
    buf_reset(&b);
    alert_explain(&b, a);
    attribute(&t, &comment, buf_view(&b), "why", STR(""), TIME_NONE);
    for (size_t i = 0; i < a->technique.n; i++)
        attribute(&t, &text, a->technique.v[i], "ATT&CK technique", STR(""), TIME_NONE);
    for (size_t i = 0; i < a->n_posts; i++) {
        if (alert_url_ok(a->post[i].url))
            attribute(&t, &link, a->post[i].url, "post, ", a->post[i].site, a->post[i].time_us);
        attribute(&t, &comment, a->post[i].snippet, "post, ", a->post[i].site, a->post[i].time_us);
    }
    for (size_t i = 0; i < a->n_items; i++)
        attribute(&t, misp_type_of(a->item[i].kind), a->item[i].value,
                  "named in posts: ", a->item[i].kind, a->item[i].first_us);
    if (b.rc && !m->rc)
        m->rc = b.rc;
    buf_done(&b);
}

static void event(struct misp *m, const struct alert *a)
{
    struct json *j = &m->j;
    char version[32];
    struct misp_event e = {.day_us = a->time_us,
                           .time_us = a->time_us,
                           .info = a->title.n ? a->title : a->subject,
                           .threat_level = "4",
                           .analysis = "0"};
    (void)snprintf(version, sizeof version, "event %lld", (long long)a->time_us);
    misp_uuid_of(m, version, str_of(a->id), e.uuid);
    m->time_us = a->time_us;
    json_object(j, NULL);
    misp_event(m, &e);
    json_array(j, "Tag");
    misp_tag(m, STR("tlp:amber"));
    misp_tag(m, STR("admiralty-scale:source-reliability=\"f\""));
    misp_tag(m, STR("admiralty-scale:information-credibility=\"6\""));
    misp_tag(m, STR("type:OSINT"));
    json_end(j);
    json_array(j, "Attribute");
    misp_alert(m, a);
    json_end(j);
    json_end(j);
    json_end(j);
}

enum err alert_misp_write(struct sink *s, const struct alert *a, size_t n,
                          const struct print_options *options)
{
    struct misp m;
    (void)options;
    misp_init(&m, s, NULL);
    json_object(&m.j, NULL);
    json_array(&m.j, "response");
    for (size_t i = 0; i < n && !s->rc && !m.rc; i++) {
        event(&m, &a[i]);
        buf_puts(&s->out, "\n");
        sink_pace(s);
    }
    json_end(&m.j);
    json_end(&m.j);
    json_line(&m.j);
    misp_done(&m);
    return s->rc;
}
