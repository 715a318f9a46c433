#include "report/timeline.h"

#include "base/vec.h"
#include "codec/json.h"

#include <inttypes.h>
#include <stdlib.h>

enum { EVENTS_MAX = 4 * 1000 * 1000, BODY_BYTES = 256 * 1024 * 1024, DOSSIERS = 64 };

struct timeline {
    const struct timeline_query *query;
    struct arena beside, body; /* of events that are kept; of the object at hand */
    VEC(struct event) event;
    size_t at; /* told so far */
    const struct dossier *spoken[DOSSIERS];
    size_t n_spoken;
    enum err (*tell)(void *ctx, const struct event *event);
    void *ctx;
    struct error *error;
};

/* ---- events that are kept ---- */

static bool wanted(const struct timeline *t, const struct event *e)
{
    const struct timeline_query *q = t->query;
    return e->time_us != TIME_NONE && (q->since_us == TIME_NONE || e->time_us >= q->since_us) &&
           (q->until_us == TIME_NONE || e->time_us < q->until_us) &&
           (!q->host.p || !e->host.p || str_ieq(q->host, e->host)) &&
           (!q->dossier.p || !e->dossier.p || str_eq(q->dossier, e->dossier));
}

static struct str kept(struct timeline *t, struct str s)
{
    return s.p ? arena_str(&t->beside, s) : STR_NONE;
}

static enum err keep(struct timeline *t, const struct event *e)
{
    if (!wanted(t, e))
        return OK;
    struct event copy = {.time_us = e->time_us,
                         .host = kept(t, e->host),
                         .kind = e->kind,
                         .message = kept(t, e->message),
                         .source = kept(t, e->source),
                         .ref = kept(t, e->ref),
                         .dossier = kept(t, e->dossier)};
    return copy.message.p ? vec_push(&t->event, copy, EVENTS_MAX) : ERR_NOMEM;
}

static int64_t time_of(const struct node *body, const char *key)
{
    int64_t us;
    struct str text = node_text(body, key);
    return text.p && time_parse(text, &us) ? us : TIME_NONE;
}

/* "httpproxy-ecp logs begin" */
static enum err keep_logs(struct timeline *t, const struct node *body, int64_t time_us,
                          const char *kind, const char *what)
{
    struct buf b;
    struct str logs = node_text(body, "kind");
    buf_init(&b, BODY_BYTES);
    buf_printf(&b, "%.*s %s", STR_FMT(logs), what);
    struct event e = {.time_us = time_us,
                      .host = node_text(body, "host"),
                      .kind = str_of(kind),
                      .message = buf_view(&b),
                      .source = logs};
    enum err rc = b.rc ? b.rc : keep(t, &e);
    buf_done(&b);
    return rc;
}

static enum err take_coverage(struct timeline *t, const struct node *body)
{
    const struct node *gap;
    size_t n = node_items(node_get(body, "gaps"), &gap);
    TRY(keep_logs(t, body, time_of(body, "first"), "logs-begin", "logs begin"));
    TRY(keep_logs(t, body, time_of(body, "last"), "logs-end", "logs end"));
    for (size_t i = 0; i < n; i++) {
        TRY(keep_logs(t, body, time_of(&gap[i], "from"), "silence-begin", "logs fall silent"));
        TRY(keep_logs(t, body, time_of(&gap[i], "to"), "silence-end", "logs speak again"));
    }
    return OK;
}

static enum err take_window(struct timeline *t, const struct node *body)
{
    struct buf b;
    struct str dossier = node_text(body, "dossier"), because = node_text(body, "because");
    buf_init(&b, BODY_BYTES);
    buf_printf(&b, "no longer open to %.*s", STR_FMT(dossier));
    if (because.n)
        buf_printf(&b, " (%.*s)", STR_FMT(because));
    struct event e = {.time_us = time_of(body, "until"),
                      .host = node_text(body, "host"),
                      .kind = STR("fixed"),
                      .message = buf_view(&b),
                      .source = STR("exposure"),
                      .dossier = dossier};
    enum err rc = b.rc ? b.rc : keep(t, &e);
    buf_done(&b);
    return rc;
}

static enum err take_alert(struct timeline *t, const struct node *body)
{
    const struct node *site;
    struct buf b;
    size_t n = node_items(node_get(body, "sites"), &site);
    buf_init(&b, BODY_BYTES);
    for (size_t i = 0; i < n; i++)
        buf_printf(&b, "%s%.*s", i ? ", " : "", STR_FMT(node_text(&site[i], "site")));
    struct event e = {.time_us = time_of(body, "time"),
                      .kind = STR("alert"),
                      .message = node_text(body, "title"),
                      .source = buf_view(&b),
                      .ref = node_text(body, "id")};
    enum err rc = b.rc ? b.rc : keep(t, &e);
    buf_done(&b);
    return rc;
}

static enum err parse(struct timeline *t, const struct case_item *item, struct node **ret)
{
    arena_reset(&t->body);
    return json_parse(&t->body, item->body, item->type, ret, t->error);
}

static void speaks_of(struct timeline *t, struct str id)
{
    for (size_t i = 0; i < t->n_spoken; i++)
        if (str_eq(t->spoken[i]->id, id))
            return;
    for (size_t i = 0; i < t->query->n_known && t->n_spoken < DOSSIERS; i++)
        if (str_eq(t->query->known[i].id, id))
            t->spoken[t->n_spoken++] = &t->query->known[i];
}

/* How to add events of a type: a function above, and a line here. */
static enum err on_beside(void *ctx, const struct case_item *item)
{
    static const struct {
        const char *type;
        enum err (*take)(struct timeline *t, const struct node *body);
    } types[] = {{"coverage", take_coverage}, {"window", take_window}, {"alert", take_alert}};
    struct timeline *t = ctx;
    struct node *body;
    if (item->dossier.n)
        speaks_of(t, item->dossier);
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (str_eq(item->type, str_of(types[i].type))) {
            TRY(parse(t, item, &body));
            return types[i].take(t, body);
        }
    return OK;
}

static enum err keep_public(struct timeline *t)
{
    for (size_t i = 0; i < t->n_spoken; i++)
        for (size_t k = 0; k < t->spoken[i]->n_events; k++) {
            const struct public_event *p = &t->spoken[i]->event[k];
            TRY(keep(t, &(struct event){.time_us = p->time_us,
                                        .kind = STR("public"),
                                        .message = p->text,
                                        .source = p->source,
                                        .dossier = t->spoken[i]->id}));
        }
    return OK;
}

/* ---- telling ---- */

static int in_order(const void *a, const void *b)
{
    const struct event *x = a, *y = b;
    if (x->time_us != y->time_us)
        return x->time_us < y->time_us ? -1 : 1;
    int by = str_cmp(x->host, y->host);
    by = by ? by : str_cmp(x->kind, y->kind);
    return by ? by : str_cmp(x->message, y->message);
}

static enum err tell_until(struct timeline *t, int64_t time_us)
{
    for (; t->at < t->event.n && t->event.v[t->at].time_us <= time_us; t->at++) {
        enum err rc = t->tell(t->ctx, &t->event.v[t->at]);
        if (rc)
            return rc;
    }
    return OK;
}

static enum err tell_finding(struct timeline *t, const struct node *body, int64_t time_us)
{
    struct buf said, place;
    struct str count = node_text(body, "count");
    buf_init(&said, BODY_BYTES);
    buf_init(&place, BODY_BYTES);
    buf_str(&said, node_text(body, "title"));
    if (!str_eq(count, STR("1")))
        buf_printf(&said, ", %.*s times", STR_FMT(count));
    buf_printf(&place, "%.*s:%.*s", STR_FMT(node_text(body, "file")),
               STR_FMT(node_text(body, "line")));
    struct event e = {.time_us = time_us,
                      .host = node_text(body, "host"),
                      .kind = STR("finding"),
                      .message = buf_view(&said),
                      .source = buf_view(&place),
                      .ref = node_text(body, "id"),
                      .dossier = node_text(body, "dossier"),
                      .grade = node_text(body, "grade")};
    enum err rc = said.rc ? said.rc : place.rc;
    if (!rc)
        rc = tell_until(t, time_us);
    if (!rc)
        rc = t->tell(t->ctx, &e);
    buf_done(&said);
    buf_done(&place);
    return rc;
}

static enum err on_finding(void *ctx, const struct case_item *item)
{
    struct timeline *t = ctx;
    struct node *body;
    enum grade grade;
    if (item->time_us == TIME_NONE)
        return OK;
    TRY(parse(t, item, &body));
    bool enough = !grade_parse(node_text(body, "grade"), &grade) || grade >= t->query->least;
    return enough ? tell_finding(t, body, item->time_us) : OK;
}

static enum err tell_all(struct timeline *t, struct case_store *c)
{
    static const char *const beside[] = {"coverage", "window", "alert", "verdict"};
    const struct timeline_query *q = t->query;
    struct case_query all = {.since_us = TIME_NONE, .until_us = TIME_NONE};
    struct case_query findings = {.type = "finding",
                                  .host = q->host,
                                  .dossier = q->dossier,
                                  .since_us = q->since_us,
                                  .until_us =
                                      q->until_us == TIME_NONE ? TIME_NONE : q->until_us - 1};
    for (size_t i = 0; i < ARRAY_LEN(beside); i++) {
        all.type = beside[i];
        TRY(case_each(c, &all, on_beside, t, t->error));
    }
    TRY(keep_public(t));
    if (t->event.n)
        qsort(t->event.v, t->event.n, sizeof *t->event.v, in_order);
    enum err rc = case_each(c, &findings, on_finding, t, t->error);
    return rc ? rc : tell_until(t, INT64_MAX);
}

enum err timeline_each(struct case_store *c, const struct timeline_query *query,
                       enum err (*tell)(void *ctx, const struct event *event), void *ctx,
                       struct error *error)
{
    struct timeline t = {.query = query, .tell = tell, .ctx = ctx, .error = error};
    arena_init(&t.beside, TIMELINE_BESIDE_BYTES);
    arena_init(&t.body, BODY_BYTES);
    enum err rc = tell_all(&t, c);
    vec_done(&t.event);
    arena_done(&t.beside);
    arena_done(&t.body);
    return rc;
}
