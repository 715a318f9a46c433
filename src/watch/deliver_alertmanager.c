/* Prometheus' Alertmanager, API version 2: it groups, silences and routes what is sent to it. */
#include "output/alert.h"
#include "watch/deliver_priv.h"

/* So long an alert counts as open there if nothing more is heard of it: one that goes on is sent
 * again before, also by a run a day. */
#define OPEN_US (2 * US_PER_DAY)

static void labels(struct json *j, const struct alert *a)
{
    json_object(j, "labels");
    json_text(j, "alertname", "TocsinAlert");
    json_str(j, "subject", a->subject);
    json_text(j, "kind", subject_kind_name(a->kind));
    json_text(j, "lane", lane_name(a->lane));
    json_text(j, "severity", a->customer.p ? "critical" : "warning");
    if (a->customer.n)
        json_str(j, "customer", a->customer);
    json_end(j);
}

static void annotations(struct json *j, const struct alert *a)
{
    struct buf b;
    buf_init(&b, DELIVER_BODY_BYTES);
    json_object(j, "annotations");
    json_str(j, "summary", a->title.n ? a->title : a->subject);
    alert_explain(&b, a);
    json_str(j, "description", buf_view(&b));
    buf_reset(&b);
    alert_counts(&b, a);
    json_str(j, "counts", buf_view(&b));
    buf_reset(&b);
    for (size_t i = 0; i < a->asset.n; i++) {
        buf_puts(&b, i ? ", " : "");
        buf_str(&b, a->asset.v[i]);
    }
    if (b.n)
        json_str(j, "assets", buf_view(&b));
    json_text(j, "tocsin_id", a->id);
    json_end(j);
    if (b.rc && !j->rc)
        j->rc = b.rc;
    buf_done(&b);
}

/* All but the end, which is known when it is sent. */
enum err alertmanager_render(struct buf *b, const struct channel *c, const struct alert *a)
{
    struct json j;
    (void)c;
    json_init(&j, b);
    json_object(&j, NULL);
    labels(&j, a);
    annotations(&j, a);
    if (time_printable(a->time_us))
        json_time(&j, "startsAt", a->time_us);
    json_end(&j);
    return j.rc;
}

enum err alertmanager_send(const struct channel *c, const struct parcel *p, int64_t now_us,
                           struct error *error)
{
    char authorization[DELIVER_SECRET_BYTES + 64];
    const char *headers[4] = {"Content-Type: application/json", "Expect:"};
    struct buf url, body;
    buf_init(&url, 8192);
    buf_init(&body, (size_t)2 * DELIVER_BODY_BYTES);
    struct str base = str_of(c->url), object = str_trim(p->body);
    while (base.n && base.p[base.n - 1] == '/')
        base.n--;
    buf_str(&url, base);
    if (!str_ends(base, STR("/api/v2/alerts")))
        buf_puts(&url, "/api/v2/alerts");
    buf_putc(&url, 0);
    buf_putc(&body, '[');
    buf_str(&body, str_sub(object, 0, object.n ? object.n - 1 : 0));
    buf_puts(&body, ",\"endsAt\":\"");
    time_add(&body, p->over ? now_us : now_us + OPEN_US);
    buf_puts(&body, "\"}]");
    if (c->secret.p) {
        (void)snprintf(authorization, sizeof authorization, "Authorization: Bearer %.*s",
                       STR_FMT(c->secret));
        headers[2] = authorization;
    }
    enum err rc = url.rc || body.rc ? fail(error, ERR_NOMEM, "a request cannot be made")
                                    : http_post(c, url.p, headers, buf_view(&body), error);
    explicit_bzero(authorization, sizeof authorization);
    buf_done(&body);
    buf_done(&url);
    return rc;
}
