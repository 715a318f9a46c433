#include "base/map.h"
#include "model/exposure.h"
#include "report/timeline_priv.h"

#include <inttypes.h>
#include <string.h>

/* Affairs are told one by one, by their window; of CVEs that belong to no affair those of one host
 * and product that changed in the same way with the same run are one event. */

enum { GROUPS = 1000 * 1000, CVES = 3 };

struct group {
    struct event event; /* without its message */
    struct str product, before, now;
    struct str cve[CVES];
    uint64_t n;
};

struct changes {
    struct timeline *t;
    struct buf item, before; /* whose version the last one was, and its state */
    struct buf key, now;     /* of the one at hand */
    struct map at;           /* in group */
    VEC(struct group) group;
};

static struct str kept(struct changes *c, struct str s)
{
    return s.p ? arena_str(&c->t->beside, s) : STR_NONE;
}

/* When the run looked: the day it was asked about, or when it was. */
static enum err time_of_run(struct changes *c, const struct case_run *run, int64_t *ret_us)
{
    struct node *summary;
    *ret_us = run->started_us;
    if (!run->summary.n)
        return OK;
    TRY(timeline_parse(c->t, run->summary, &summary));
    int64_t as_of_us = timeline_time(summary, "as_of");
    if (as_of_us != TIME_NONE)
        *ret_us = as_of_us;
    return OK;
}

/* The event that this change belongs to: c->key names it, "exposure, run 4" first. */
static enum err group_of(struct changes *c, const struct node *body, struct group **ret)
{
    const uint32_t *known = map_get(&c->at, buf_view(&c->key));
    uint32_t at = known ? *known : 0;
    if (!known) {
        struct str key = kept(c, buf_view(&c->key));
        struct group g = {.event = {.host = kept(c, node_text(body, "host")),
                                    .dossier = kept(c, node_text(body, "dossier")),
                                    .source = str_sub(key, 0, (size_t)str_chr(key, '\n')),
                                    .kind = STR("exposure")},
                          .product = kept(c, node_text(body, "product")),
                          .before = kept(c, buf_view(&c->before)),
                          .now = kept(c, buf_view(&c->now))};
        if (!key.p)
            return ERR_NOMEM;
        TRY(map_intern(&c->at, key, &at, NULL));
        TRY(vec_push(&c->group, g, GROUPS));
    }
    *ret = &c->group.v[at];
    return OK;
}

/* The state of one thing is another one since this run. */
static enum err changed(struct changes *c, const struct case_run *run, const struct node *body)
{
    struct group *g;
    const struct str parts[] = {node_text(body, "host"), node_text(body, "dossier"),
                                node_text(body, "product"), buf_view(&c->before),
                                buf_view(&c->now)};
    buf_reset(&c->key);
    buf_printf(&c->key, "exposure, run %" PRIu64, run->number);
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        buf_putc(&c->key, '\n');
        buf_str(&c->key, parts[i]);
    }
    if (c->key.rc)
        return c->key.rc;
    TRY(group_of(c, body, &g));
    if (g->n < CVES)
        g->cve[g->n] = kept(c, node_text(body, "cve"));
    return g->n++ ? OK : time_of_run(c, run, &g->event.time_us); /* body is gone with this */
}

static void set(struct buf *b, struct str s)
{
    buf_reset(b);
    buf_str(b, s);
}

static enum err on_version(void *ctx, const struct case_item *item, const struct case_run *run)
{
    struct changes *c = ctx;
    struct node *body;
    const struct node *affair;
    TRY(timeline_parse(c->t, item->body, &body));
    if (node_items(node_get(body, "dossiers"), &affair))
        return OK; /* its window tells it */
    buf_reset(&c->key);
    const struct str name[] = {item->type, item->host, item->dossier, node_text(body, "product"),
                               node_text(body, "cve")};
    for (size_t i = 0; i < ARRAY_LEN(name); i++) {
        buf_str(&c->key, name[i]);
        buf_putc(&c->key, '\n');
    }
    set(&c->now, node_text(body, "state"));
    enum err rc = c->key.rc ? c->key.rc : c->now.rc;
    if (!rc && str_eq(buf_view(&c->key), buf_view(&c->item)) &&
        !str_eq(buf_view(&c->now), buf_view(&c->before)))
        rc = changed(c, run, body);
    else
        set(&c->item, buf_view(&c->key));
    set(&c->before, buf_view(&c->now));
    return rc ? rc : c->item.rc ? c->item.rc : c->before.rc;
}

/* "was exposed, is fixed: hafnium-exchange-2021" */
static enum err keep_group(struct changes *c, struct group *g)
{
    struct buf *b = &c->t->said;
    buf_reset(b);
    buf_printf(b, "was %.*s, is %.*s: ", STR_FMT(g->before), STR_FMT(g->now));
    if (g->event.dossier.n) {
        buf_str(b, g->event.dossier);
    } else {
        timeline_list(b, g->cve, g->n < CVES ? g->n : CVES, g->n);
        buf_printf(b, " (%.*s)", STR_FMT(g->product));
    }
    g->event.message = buf_view(b);
    return b->rc ? b->rc : timeline_keep(c->t, &g->event);
}

static enum err gather(struct changes *c, struct case_store *store)
{
    TRY(case_revised(store, "window", on_version, c, c->t->error));
    TRY(case_revised(store, "exposure", on_version, c, c->t->error));
    for (size_t i = 0; i < c->group.n; i++)
        TRY(keep_group(c, &c->group.v[i]));
    return OK;
}

enum err timeline_changes(struct timeline *t, struct case_store *store)
{
    struct changes c = {.t = t};
    struct buf *const bufs[] = {&c.item, &c.before, &c.key, &c.now};
    for (size_t i = 0; i < ARRAY_LEN(bufs); i++)
        buf_init(bufs[i], TIMELINE_BODY_BYTES);
    map_init(&c.at, &t->beside, GROUPS);
    enum err rc = gather(&c, store);
    map_done(&c.at);
    vec_done(&c.group);
    for (size_t i = 0; i < ARRAY_LEN(bufs); i++)
        buf_done(bufs[i]);
    return rc;
}
