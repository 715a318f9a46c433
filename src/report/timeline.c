#include "report/timeline_priv.h"

#include "codec/json.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* How to add events of a kind: its name here, a function below, and a line in `types`. */
const char *const timeline_kinds[] = {"finding",       "alert",       "fixed",      "exposure",
                                      "note",          "public",      "logs-begin", "logs-end",
                                      "silence-begin", "silence-end", NULL};

bool timeline_has_kind(struct str kind)
{
    for (size_t i = 0; timeline_kinds[i]; i++)
        if (str_eq(kind, str_of(timeline_kinds[i])))
            return true;
    return false;
}

enum { ALERT_NAMES = 8 };

/* ---- events that are kept ---- */

static bool wanted(const struct timeline *t, const struct event *e)
{
    const struct timeline_query *q = t->query;
    return e->time_us != TIME_NONE && (q->since_us == TIME_NONE || e->time_us >= q->since_us) &&
           (q->until_us == TIME_NONE || e->time_us < q->until_us) &&
           (!q->kind.p || str_eq(q->kind, e->kind)) &&
           (!q->host.p || !e->host.p || str_ieq(q->host, e->host)) &&
           (!q->dossier.p || !e->dossier.p || str_eq(q->dossier, e->dossier));
}

static struct str kept(struct timeline *t, struct str s)
{
    return s.p ? arena_str(&t->beside, s) : STR_NONE;
}

enum err timeline_keep(struct timeline *t, const struct event *e)
{
    if (!wanted(t, e))
        return OK;
    struct event copy = {.time_us = e->time_us,
                         .host = kept(t, e->host),
                         .kind = e->kind,
                         .message = kept(t, e->message),
                         .source = kept(t, e->source),
                         .ref = kept(t, e->ref),
                         .dossier = kept(t, e->dossier),
                         .grade = kept(t, e->grade)};
    return copy.message.p ? vec_push(&t->event, copy, TIMELINE_EVENTS) : ERR_NOMEM;
}

int64_t timeline_time(const struct node *body, const char *key)
{
    int64_t us;
    struct str text = node_text(body, key);
    return text.p && time_parse(text, &us) ? us : TIME_NONE;
}

/* "httpproxy-ecp logs begin" */
static enum err keep_logs(struct timeline *t, const struct node *body, int64_t time_us,
                          const char *kind, const char *what)
{
    struct str logs = node_text(body, "kind");
    buf_reset(&t->said);
    buf_printf(&t->said, "%.*s %s", STR_FMT(logs), what);
    struct event e = {.time_us = time_us,
                      .host = node_text(body, "host"),
                      .kind = str_of(kind),
                      .message = buf_view(&t->said),
                      .source = logs};
    return t->said.rc ? t->said.rc : timeline_keep(t, &e);
}

static enum err take_coverage(struct timeline *t, const struct node *body)
{
    const struct node *gap;
    size_t n = node_items(node_get(body, "gaps"), &gap);
    TRY(keep_logs(t, body, timeline_time(body, "first"), "logs-begin", "logs begin"));
    TRY(keep_logs(t, body, timeline_time(body, "last"), "logs-end", "logs end"));
    for (size_t i = 0; i < n; i++) {
        TRY(keep_logs(t, body, timeline_time(&gap[i], "from"), "silence-begin",
                      "logs fall silent"));
        TRY(keep_logs(t, body, timeline_time(&gap[i], "to"), "silence-end", "logs speak again"));
    }
    return OK;
}

static enum err take_window(struct timeline *t, const struct node *body)
{
    struct str dossier = node_text(body, "dossier"), because = node_text(body, "because");
    buf_reset(&t->said);
    buf_printf(&t->said, "no longer open to %.*s", STR_FMT(dossier));
    if (because.n)
        buf_printf(&t->said, " (%.*s)", STR_FMT(because));
    struct event e = {.time_us = timeline_time(body, "until"),
                      .host = node_text(body, "host"),
                      .kind = STR("fixed"),
                      .message = buf_view(&t->said),
                      .source = STR("exposure"),
                      .dossier = dossier};
    return t->said.rc ? t->said.rc : timeline_keep(t, &e);
}

void timeline_list(struct buf *b, const struct str *v, size_t n, uint64_t all)
{
    for (size_t i = 0; i < n; i++)
        buf_printf(b, "%s%.*s", i ? ", " : "", STR_FMT(v[i]));
    if (all > n)
        buf_printf(b, " and %" PRIu64 " more", all - n);
}

/* The first few items of a list of texts, or of a member of each. */
static size_t few(const struct node *list, const char *key, struct str v[ALERT_NAMES],
                  size_t *ret_n)
{
    const struct node *item;
    size_t n = node_items(list, &item), told = n < ALERT_NAMES ? n : ALERT_NAMES;
    for (size_t i = 0; i < told; i++)
        v[i] = key ? node_text(&item[i], key) : item[i].text;
    *ret_n = n;
    return told;
}

/* Its title, and which assets are concerned. */
static enum err take_alert(struct timeline *t, const struct node *body)
{
    struct str v[ALERT_NAMES];
    size_t all, n = few(node_get(body, "assets"), NULL, v, &all);
    buf_reset(&t->said);
    buf_reset(&t->place);
    buf_str(&t->said, node_text(body, "title"));
    if (n) {
        buf_puts(&t->said, "; concerns ");
        timeline_list(&t->said, v, n, all);
    }
    n = few(node_get(body, "sites"), "site", v, &all);
    timeline_list(&t->place, v, n, all);
    struct event e = {.time_us = timeline_time(body, "time"),
                      .kind = STR("alert"),
                      .message = buf_view(&t->said),
                      .source = buf_view(&t->place),
                      .ref = node_text(body, "id")};
    enum err rc = t->said.rc ? t->said.rc : t->place.rc;
    return rc ? rc : timeline_keep(t, &e);
}

/* "false-positive: our own test", by whom. */
static enum err take_note(struct timeline *t, const struct node *body)
{
    struct str state = node_text(body, "state"), about = node_text(body, "about");
    bool of_host = str_eq(node_text(body, "of"), STR("host"));
    buf_reset(&t->said);
    buf_printf(&t->said, "%.*s%s%.*s", STR_FMT(state), state.n ? ": " : "",
               STR_FMT(node_text(body, "why")));
    struct event e = {.time_us = timeline_time(body, "time"),
                      .host = of_host ? about : STR_NONE,
                      .kind = STR("note"),
                      .message = buf_view(&t->said),
                      .source = node_text(body, "who"),
                      .ref = about};
    return t->said.rc ? t->said.rc : timeline_keep(t, &e);
}

enum err timeline_parse(struct timeline *t, struct str text, struct node **ret)
{
    arena_reset(&t->body);
    return json_parse(&t->body, text, STR("case"), ret, t->error);
}

static void speaks_of(struct timeline *t, struct str id)
{
    for (size_t i = 0; i < t->n_spoken; i++)
        if (str_eq(t->spoken[i]->id, id))
            return;
    for (size_t i = 0; i < t->query->n_known && t->n_spoken < TIMELINE_DOSSIERS; i++)
        if (str_eq(t->query->known[i].id, id))
            t->spoken[t->n_spoken++] = &t->query->known[i];
}

static const struct {
    const char *type;
    enum err (*take)(struct timeline *t, const struct node *body); /* NULL: its dossier alone */
} types[] = {{"coverage", take_coverage},
             {"window", take_window},
             {"alert", take_alert},
             {"note", take_note},
             {"verdict", NULL}};

struct taking {
    struct timeline *t;
    enum err (*take)(struct timeline *t, const struct node *body);
};

static enum err on_beside(void *ctx, const struct case_item *item)
{
    const struct taking *taking = ctx;
    struct timeline *t = taking->t;
    struct node *body;
    if (item->dossier.n)
        speaks_of(t, item->dossier);
    if (!taking->take)
        return OK;
    TRY(timeline_parse(t, item->body, &body));
    return taking->take(t, body);
}

static enum err keep_public(struct timeline *t)
{
    for (size_t i = 0; i < t->n_spoken; i++)
        for (size_t k = 0; k < t->spoken[i]->n_events; k++) {
            const struct public_event *p = &t->spoken[i]->event[k];
            TRY(timeline_keep(t, &(struct event){.time_us = p->time_us,
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

/* Members of a finding that are told; a tree of all of them takes most of the time. */
enum member { ID, HOST, TITLE, DOSSIER, GRADE, COUNT, FILE_, LINE, MEMBERS };

static enum err read_finding(struct timeline *t, struct str body, struct str ret[MEMBERS])
{
    static const char *const names[MEMBERS] = {"id",    "host",  "title", "dossier",
                                               "grade", "count", "file",  "line"};
    struct json_reader j;
    struct json_token token;
    struct str ignored;
    enum err rc;
    arena_reset(&t->body);
    memset(ret, 0, MEMBERS * sizeof *ret);
    json_open(&j, body, false);
    rc = json_next(&j, &token);
    while (!rc && !(rc = json_next(&j, &token))) {
        for (size_t i = 0; i < MEMBERS; i++)
            if (str_eq(token.key, str_of(names[i])) && token.type != JSON_NULL)
                ret[i] = json_unescape(&t->body, token.text, token.escaped);
        if (token.type != JSON_OBJECT_END)
            rc = json_skip(&j, &token, &ignored);
    }
    return rc == END ? OK : fail(t->error, rc, "case: a finding that is no object");
}

static enum err finding_event(struct timeline *t, const struct case_item *item, struct event *ret)
{
    struct str m[MEMBERS];
    TRY(read_finding(t, item->body, m));
    buf_reset(&t->said);
    buf_reset(&t->place);
    buf_str(&t->said, m[TITLE]);
    if (!str_eq(m[COUNT], STR("1"))) {
        buf_puts(&t->said, ", ");
        buf_str(&t->said, m[COUNT]);
        buf_puts(&t->said, " times");
    }
    buf_str(&t->place, m[FILE_]);
    buf_puts(&t->place, m[LINE].n ? ":" : ""); /* of a file as a whole there is no line */
    buf_str(&t->place, m[LINE]);
    *ret = (struct event){.time_us = item->time_us,
                          .host = m[HOST],
                          .kind = STR("finding"),
                          .message = buf_view(&t->said),
                          .source = buf_view(&t->place),
                          .ref = m[ID],
                          .dossier = m[DOSSIER],
                          .grade = m[GRADE]};
    return t->said.rc ? t->said.rc : t->place.rc;
}

static enum err tell_finding(void *ctx, const struct case_item *item)
{
    struct timeline *t = ctx;
    struct event e;
    if (item->time_us == TIME_NONE)
        return OK;
    TRY(finding_event(t, item, &e));
    enum err rc = tell_until(t, item->time_us);
    return rc ? rc : t->tell(t->ctx, &e);
}

static enum err keep_finding(void *ctx, const struct case_item *item)
{
    struct timeline *t = ctx;
    struct event e;
    TRY(finding_event(t, item, &e));
    return timeline_keep(t, &e);
}

/* ---- what to tell ---- */

static enum err gather_beside(struct timeline *t, struct case_store *c)
{
    struct case_query q = {.since_us = TIME_NONE, .until_us = TIME_NONE};
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        struct taking taking = {t, types[i].take};
        q.type = types[i].type;
        TRY(case_each(c, &q, on_beside, &taking, t->error));
    }
    TRY(timeline_changes(t, c));
    return keep_public(t);
}

static bool no_findings(const struct timeline *t)
{
    return t->query->kind.p && !str_eq(t->query->kind, STR("finding"));
}

static struct case_query findings_of(const struct timeline_query *q)
{
    return (struct case_query){.type = "finding",
                               .host = q->host,
                               .dossier = q->dossier,
                               .least = q->least,
                               .since_us = q->since_us == TIME_NONE ? INT64_MIN + 1 : q->since_us,
                               .until_us = q->until_us == TIME_NONE ? TIME_NONE : q->until_us - 1};
}

static void sort_by(struct timeline *t, int (*order)(const void *a, const void *b))
{
    if (t->event.n)
        qsort(t->event.v, t->event.n, sizeof *t->event.v, order);
}

static enum err tell_all(struct timeline *t, struct case_store *c)
{
    struct case_query findings = findings_of(t->query);
    TRY(gather_beside(t, c));
    sort_by(t, in_order);
    enum err rc = no_findings(t) ? OK : case_each(c, &findings, tell_finding, t, t->error);
    return rc ? rc : tell_until(t, INT64_MAX);
}

static int dull_last(const void *a, const void *b)
{
    const struct event *x = a, *y = b;
    bool dull_x = str_starts(x->kind, STR("logs-")) || str_starts(x->kind, STR("silence-"));
    bool dull_y = str_starts(y->kind, STR("logs-")) || str_starts(y->kind, STR("silence-"));
    return dull_x != dull_y ? dull_x - dull_y : in_order(a, b);
}

static enum err tell_gravest(struct timeline *t, struct case_store *c, uint64_t most,
                             uint64_t *ret_all)
{
    struct case_query findings = findings_of(t->query);
    uint64_t n_findings = 0;
    TRY(gather_beside(t, c));
    size_t beside = t->event.n;
    if (!no_findings(t))
        TRY(case_count(c, &findings, &n_findings, t->error));
    *ret_all = beside + n_findings;
    uint64_t room = most - (beside < most / 2 ? beside : most / 2);
    findings.most = room < n_findings ? room : n_findings;
    if (beside > most - findings.most) {
        sort_by(t, dull_last);
        t->event.n = most - findings.most;
    }
    if (findings.most)
        TRY(case_gravest(c, &findings, keep_finding, t, t->error));
    sort_by(t, in_order);
    return tell_until(t, INT64_MAX);
}

static void open_timeline(struct timeline *t)
{
    arena_init(&t->beside, TIMELINE_BESIDE_BYTES);
    arena_init(&t->body, TIMELINE_BODY_BYTES);
    buf_init(&t->said, TIMELINE_BODY_BYTES);
    buf_init(&t->place, TIMELINE_BODY_BYTES);
}

static void close_timeline(struct timeline *t)
{
    vec_done(&t->event);
    arena_done(&t->beside);
    arena_done(&t->body);
    buf_done(&t->said);
    buf_done(&t->place);
}

enum err timeline_each(struct case_store *c, const struct timeline_query *query,
                       enum err (*tell)(void *ctx, const struct event *event), void *ctx,
                       struct error *error)
{
    struct timeline t = {.query = query, .tell = tell, .ctx = ctx, .error = error};
    open_timeline(&t);
    enum err rc = tell_all(&t, c);
    close_timeline(&t);
    return rc;
}

enum err timeline_gravest(struct case_store *c, const struct timeline_query *query, uint64_t most,
                          enum err (*tell)(void *ctx, const struct event *event), void *ctx,
                          uint64_t *ret_all, struct error *error)
{
    struct timeline t = {.query = query, .tell = tell, .ctx = ctx, .error = error};
    open_timeline(&t);
    enum err rc = tell_gravest(&t, c, most, ret_all);
    close_timeline(&t);
    return rc;
}

enum err timeline_timeless(struct case_store *c, const struct timeline_query *query,
                           uint64_t *ret_n, struct error *error)
{
    struct timeline t = {.query = query};
    struct case_query q = findings_of(query);
    uint64_t timed;
    *ret_n = 0;
    if (no_findings(&t))
        return OK;
    q.since_us = INT64_MIN + 1;
    q.until_us = TIME_NONE;
    TRY(case_count(c, &q, &timed, error));
    q.since_us = TIME_NONE;
    TRY(case_count(c, &q, ret_n, error));
    *ret_n -= timed;
    return OK;
}
