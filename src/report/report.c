#include "report/report.h"

#include "base/map.h"
#include "base/vec.h"
#include "codec/json.h"
#include "dossier/warning.h"
#include "report/advise.h"
#include "report/fleet.h"
#include "report/judge.h"
#include "report/marks.h"
#include "report/read.h"
#include "report/timeline.h"

#include <stdlib.h>

enum { ITEMS_MAX = 8 * 1000 * 1000, BODY_BYTES = 256 * 1024 * 1024 };

struct maker {
    struct arena *arena; /* of the report */
    const struct report_question *q;
    struct report *r;
    struct map spoken; /* ids of dossiers that the case speaks of */
    VEC(struct str_list) ids;
    struct marks *marks;
    struct error *error;
};

/* What a report asks while it is written. */
struct source {
    const struct report_question *q;
    struct marks marks;
};

/* ---- lists ---- */

static struct str kept(struct maker *m, struct str s)
{
    return s.p ? arena_str(m->arena, s) : STR_NONE;
}

static enum err list_add(struct maker *m, void *array, size_t *n, const void *item, size_t size)
{
    char *v;
    memcpy(&v, array, sizeof v);
    if ((*n & (*n - 1)) == 0) { /* full at 0, 1, 2, 4, 8, ... */
        char *more = arena_array(m->arena, *n ? *n * 2 : 1, size);
        if (!more)
            return ERR_NOMEM;
        if (*n)
            memcpy(more, v, *n * size);
        v = more;
        memcpy(array, &v, sizeof v);
    }
    memcpy(v + (*n)++ * size, item, size);
    return OK;
}
#define ADD(m, array, count, item) list_add(m, &(array), &(count), &(item), sizeof(item))

/* ---- objects by type ---- */

static enum err take_coverage(struct maker *m, const struct node *body)
{
    struct coverage c;
    TRY(read_coverage(m->arena, body, &c));
    return ADD(m, m->r->coverage, m->r->n_coverage, c);
}

static enum err take_gap(struct maker *m, const struct node *body)
{
    struct gap g;
    TRY(read_gap(m->arena, body, &g));
    return ADD(m, m->r->gap, m->r->n_gaps, g);
}

static enum err take_verdict(struct maker *m, const struct node *body)
{
    struct judgement j = {
        .window = {TIME_NONE, TIME_NONE}, .earliest_us = TIME_NONE, .latest_us = TIME_NONE};
    TRY(read_verdict(m->arena, body, &j.verdict));
    j.said = j.verdict.state;
    j.earliest_us = j.verdict.earliest_us;
    j.sentence = j.verdict.because;
    return ADD(m, m->r->judgement, m->r->n_judgements, j);
}

static enum err take_evidence(struct maker *m, const struct node *body)
{
    struct evidence_file e;
    TRY(read_evidence(m->arena, body, &e));
    return ADD(m, m->r->evidence, m->r->n_evidence, e);
}

static enum err take_episode(struct maker *m, const struct node *body)
{
    struct episode e;
    struct str_list ids;
    TRY(read_episode(m->arena, body, &e, &ids));
    TRY(vec_push(&m->ids, ids, ITEMS_MAX));
    return ADD(m, m->r->episode, m->r->n_episodes, e);
}

static enum err take_exposure(struct maker *m, const struct node *body)
{
    struct exposure e;
    TRY(read_exposure(m->arena, body, &e));
    return ADD(m, m->r->exposure, m->r->n_exposures, e);
}

static enum err take_window(struct maker *m, const struct node *body)
{
    struct exposure_window w;
    TRY(read_window(m->arena, body, &w));
    return ADD(m, m->r->window, m->r->n_windows, w);
}

static enum err take_update(struct maker *m, const struct node *body)
{
    struct exposure_update u;
    TRY(read_update(m->arena, body, &u));
    return ADD(m, m->r->update, m->r->n_updates, u);
}

static enum err take_alert(struct maker *m, const struct node *body)
{
    struct alert a;
    TRY(read_alert(m->arena, body, &a));
    return ADD(m, m->r->alert, m->r->n_alerts, a);
}

static enum err take_chatter(struct maker *m, const struct node *body)
{
    struct chatter_course c;
    TRY(read_chatter(m->arena, body, &c));
    return ADD(m, m->r->chatter, m->r->n_chatter, c);
}

static enum err take_note(struct maker *m, const struct node *body)
{
    struct note n;
    TRY(read_note(m->arena, body, &n));
    return ADD(m, m->r->note, m->r->n_notes, n);
}

/* How to add a type: a function above, a reader in read.c, a list in model/report.h, a line here.
 * Findings are too many for this: see below. */
static const struct {
    const char *type;
    enum err (*take)(struct maker *m, const struct node *body);
} types[] = {
    {"evidence", take_evidence}, {"episode", take_episode}, {"coverage", take_coverage},
    {"gap", take_gap},           {"verdict", take_verdict}, {"exposure", take_exposure},
    {"window", take_window},     {"update", take_update},   {"alert", take_alert},
    {"chatter", take_chatter},   {"note", take_note},
};

struct taking {
    struct maker *m;
    enum err (*take)(struct maker *m, const struct node *body);
};

static enum err speaks_of(struct maker *m, struct str dossier)
{
    uint32_t id;
    struct str kept = dossier.n ? arena_str(m->arena, dossier) : STR_NONE;
    return !dossier.n ? OK : !kept.p ? ERR_NOMEM : map_intern(&m->spoken, kept, &id, NULL);
}

static enum err on_item(void *ctx, const struct case_item *item)
{
    struct taking *t = ctx;
    struct node *body;
    TRY(speaks_of(t->m, item->dossier));
    TRY(json_parse(t->m->arena, item->body, item->type, &body, t->m->error));
    return t->take(t->m, body);
}

static enum err take_all(struct maker *m)
{
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        struct case_query query = {
            .type = types[i].type, .since_us = TIME_NONE, .until_us = TIME_NONE};
        struct taking t = {m, types[i].take};
        TRY(case_each(m->q->store, &query, on_item, &t, m->error));
    }
    return OK;
}

/* ---- what an earlier run knew ---- */

/* The last run that spoke of a host may have read other logs of it. What it did not read it does
 * not take back: the worst that is known counts, and what that run knew of the window stays. */
static enum err on_outweighed(void *ctx, const struct case_item *item)
{
    struct maker *m = ctx;
    struct node *body;
    struct verdict then;
    TRY(json_parse(m->arena, item->body, item->type, &body, m->error));
    TRY(read_verdict(m->arena, body, &then));
    for (size_t i = 0; i < m->r->n_judgements; i++) {
        struct judgement *j = &m->r->judgement[i];
        struct verdict *v = &j->verdict;
        if (!str_eq(v->host, then.host) || !str_eq(v->dossier, then.dossier) ||
            then.state <= v->state)
            continue;
        v->state = j->said = then.state;
        v->because = j->sentence = then.because;
        v->next = then.next;
        v->isolate = then.isolate;
        if (then.earliest_us != TIME_NONE)
            v->earliest_us = j->earliest_us = then.earliest_us;
    }
    return OK;
}

static enum err on_purged(void *ctx, const struct case_item *item)
{
    struct maker *m = ctx;
    for (size_t i = 0; i < m->r->n_judgements; i++) {
        struct judgement *j = &m->r->judgement[i];
        j->purged |= str_ieq(j->verdict.host, item->host) &&
                     (!item->dossier.n || str_eq(j->verdict.dossier, item->dossier));
    }
    return OK;
}

/* ---- findings ---- */

struct telling {
    struct arena body;
    const struct marks *marks;
    enum err (*tell)(void *ctx, const struct finding *f);
    void *ctx;
    struct error *error;
};

static enum err on_finding(void *ctx, const struct case_item *item)
{
    struct telling *t = ctx;
    struct node *body;
    struct finding f;
    arena_reset(&t->body);
    TRY(json_parse(&t->body, item->body, item->type, &body, t->error));
    TRY(read_finding(&t->body, body, &f));
    return marks_tell(t->marks, &f) ? t->tell(t->ctx, &f) : OK;
}

static enum err each_finding(const struct report *r,
                             enum err (*tell)(void *ctx, const struct finding *f), void *ctx,
                             struct error *error)
{
    const struct source *from = r->ctx;
    struct case_query query = {.type = "finding", .since_us = TIME_NONE, .until_us = TIME_NONE};
    struct telling t = {.marks = &from->marks, .tell = tell, .ctx = ctx, .error = error};
    arena_init(&t.body, BODY_BYTES);
    enum err rc = case_each(from->q->store, &query, on_finding, &t, error);
    arena_done(&t.body);
    return rc;
}

static enum err take_finding(struct maker *m, const struct node *body)
{
    struct finding f;
    TRY(read_finding(m->arena, body, &f));
    if (!marks_tell(m->marks, &f) || m->r->n_findings == REPORT_FINDINGS)
        return OK;
    return ADD(m, m->r->finding, m->r->n_findings, f);
}

static enum err on_alike(void *ctx, const struct case_alike *alike)
{
    struct maker *m = ctx;
    struct finding_count c = {kept(m, alike->host), kept(m, alike->dossier),
                              kept(m, alike->rule), kept(m, alike->title),
                              alike->grade,         alike->n};
    m->r->all_findings += alike->n;
    return ADD(m, m->r->count, m->r->n_counts, c);
}

static enum err take_findings(struct maker *m)
{
    struct case_query gravest = {.since_us = TIME_NONE, .until_us = TIME_NONE};
    struct taking t = {m, take_finding};
    TRY(case_alike(m->q->store, on_alike, m, m->error));
    TRY(marks_find(m->marks, m->arena, m->q->store, m->r->count, m->r->n_counts, m->q->sharing,
                   m->error));
    m->r->strictest = m->marks->strictest;
    m->r->left_out = m->marks->left_out;
    gravest.most = REPORT_FINDINGS + m->marks->left_out;
    return case_gravest(m->q->store, &gravest, on_item, &t, m->error);
}

/* ---- timeline ---- */

struct telling_events {
    const struct marks *marks;
    enum err (*tell)(void *ctx, const struct event *e);
    void *ctx;
};

static enum err tell_event(void *ctx, const struct event *e)
{
    const struct telling_events *t = ctx;
    return marks_tell_event(t->marks, e) ? t->tell(t->ctx, e) : OK;
}

static enum err each_event(const struct report *r,
                           enum err (*tell)(void *ctx, const struct event *e), void *ctx,
                           struct error *error)
{
    const struct source *from = r->ctx;
    const struct report_question *q = from->q;
    struct telling_events t = {&from->marks, tell, ctx};
    struct timeline_query query = {
        .since_us = TIME_NONE, .until_us = TIME_NONE, .known = q->known, .n_known = q->n_known};
    return timeline_each(q->store, &query, tell_event, &t, error);
}

static enum err on_event(void *ctx, const struct event *e)
{
    struct maker *m = ctx;
    if (!marks_tell_event(m->marks, e) || m->r->n_events == REPORT_EVENTS)
        return OK;
    struct event copy = {.time_us = e->time_us,
                         .host = kept(m, e->host),
                         .kind = kept(m, e->kind),
                         .message = kept(m, e->message),
                         .source = kept(m, e->source),
                         .ref = kept(m, e->ref),
                         .dossier = kept(m, e->dossier),
                         .grade = kept(m, e->grade)};
    return ADD(m, m->r->event, m->r->n_events, copy);
}

static enum err take_events(struct maker *m)
{
    struct timeline_query q = {.since_us = TIME_NONE,
                               .until_us = TIME_NONE,
                               .known = m->q->known,
                               .n_known = m->q->n_known};
    return timeline_gravest(m->q->store, &q, REPORT_EVENTS + m->marks->timed, on_event, m,
                            &m->r->all_events, m->error);
}

/* ---- runs ---- */

static enum err take_hashes(struct maker *m, struct str summary)
{
    struct node *body;
    if (!summary.n)
        return OK;
    TRY(json_parse(m->arena, summary, STR("case"), &body, m->error));
    const struct node *map = node_get(body, "dossiers");
    for (size_t i = 0; map && map->type == NODE_MAP && i < map->n; i++) {
        struct dossier_hash h = {map->key[i], map->item[i].text};
        size_t at = 0;
        while (at < m->r->n_dossier_hashes && !str_eq(m->r->dossier_hash[at].id, h.id))
            at++;
        if (at < m->r->n_dossier_hashes)
            m->r->dossier_hash[at] = h;
        else
            TRY(ADD(m, m->r->dossier_hash, m->r->n_dossier_hashes, h));
    }
    return OK;
}

/* What the first run says of itself, down to the microsecond: it stays, and is told nowhere. */
static struct str case_key(struct maker *m, const struct case_run *run)
{
    unsigned char digest[SHA256_BYTES];
    char hex[SHA256_HEX + 1];
    struct sha256 h;
    if (sha256_init(&h))
        return STR_NONE;
    sha256_add(&h, run->arguments.p, run->arguments.n);
    sha256_add(&h, &run->started_us, sizeof run->started_us);
    sha256_add(&h, run->summary.p, run->summary.n);
    sha256_end(&h, digest);
    sha256_done(&h);
    hex_of(digest, sizeof digest, hex);
    return kept(m, str_of(hex));
}

static enum err on_run(void *ctx, const struct case_run *run)
{
    struct maker *m = ctx;
    if (!m->r->key.n)
        m->r->key = case_key(m, run);
    struct report_run copy = {.number = run->number,
                              .verb = kept(m, run->verb),
                              .arguments = kept(m, run->arguments),
                              .program = kept(m, run->program),
                              .started_us = run->started_us,
                              .ended_us = run->ended_us};
    TRY(take_hashes(m, run->summary));
    return ADD(m, m->r->run, m->r->n_runs, copy);
}

/* ---- what follows ---- */

static struct str warning(const struct report *r, struct str kind, struct str value)
{
    const struct source *from = r->ctx;
    return warning_of(from->q->warnings, kind, value);
}

static enum err find_dossiers(struct maker *m)
{
    struct dossier *d = arena_new_n(m->arena, struct dossier, m->q->n_known + 1);
    if (!d)
        return ERR_NOMEM;
    for (size_t i = 0; i < m->q->n_known; i++)
        if (map_get(&m->spoken, m->q->known[i].id))
            d[m->r->n_dossiers++] = m->q->known[i];
    m->r->dossier = d;
    return OK;
}

/* An episode's findings: those of the list. */
static enum err link_episodes(struct maker *m)
{
    struct report *r = m->r;
    struct map at;
    enum err rc = OK;
    map_init(&at, m->arena, REPORT_FINDINGS + 1);
    for (size_t i = 0; !rc && i < r->n_findings; i++)
        rc = map_put(&at, str_of(r->finding[i].id), (uint32_t)i);
    for (size_t i = 0; !rc && i < r->n_episodes; i++) {
        struct episode *e = &r->episode[i];
        e->finding = arena_new_n(m->arena, const struct finding *, m->ids.v[i].n + 1);
        if (!e->finding)
            rc = ERR_NOMEM;
        for (size_t k = 0; !rc && k < m->ids.v[i].n; k++) {
            const uint32_t *which = map_get(&at, m->ids.v[i].v[k]);
            if (which)
                e->finding[e->n++] = &r->finding[*which];
        }
    }
    map_done(&at);
    return rc;
}

static enum err conclude(struct maker *m)
{
    TRY(find_dossiers(m));
    TRY(link_episodes(m));
    TRY(report_fleet(m->r, m->arena));
    struct parts parts = parts_of_case(m->q->store);
    TRY(report_judge(m->r, &parts, m->arena, m->error));
    TRY(report_advise(m->r, m->arena, m->error));
    marks_leave_out(m->marks, m->r);
    return OK;
}

static enum err make(struct maker *m)
{
    TRY(case_runs(m->q->store, on_run, m, m->error));
    TRY(take_all(m));
    TRY(case_outweighed(m->q->store, on_outweighed, m, m->error));
    TRY(case_purged_of(m->q->store, on_purged, m, m->error));
    TRY(take_findings(m));
    TRY(take_events(m));
    return conclude(m);
}

enum err report_make(struct arena *arena, const struct report_question *q, struct report *ret,
                     struct error *error)
{
    struct source *from = arena_new(arena, struct source);
    if (!from)
        return fail(error, ERR_NOMEM, "out of memory");
    from->q = q;
    struct maker m = {.arena = arena, .q = q, .r = ret, .marks = &from->marks, .error = error};
    *ret = (struct report){.name = q->name,
                           .made_us = q->now_us,
                           .version = q->version,
                           .sharing = q->sharing,
                           .profile = q->profile,
                           .each_finding = each_finding,
                           .each_event = each_event,
                           .warning = q->warnings ? warning : NULL,
                           .ctx = from};
    map_init(&m.spoken, arena, ITEMS_MAX);
    enum err rc = make(&m);
    map_done(&m.spoken);
    vec_done(&m.ids);
    if (rc < 0 && !error->code)
        return fail(error, rc, "cannot work out the case: %s", err_name(rc));
    return rc;
}
