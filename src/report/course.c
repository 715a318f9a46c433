#include "report/course.h"

#include "base/arena.h"
#include "codec/json.h"
#include "report/read.h"

enum { BODY_BYTES = 64 * 1024 * 1024 };

struct course {
    struct arena body; /* of the object at hand */
    enum err (*tell)(void *ctx, const struct exposure_share *share);
    void *ctx;
    struct error *error;
};

static enum err parse(struct course *c, struct str text, struct node **ret)
{
    *ret = NULL;
    return text.n ? json_parse(&c->body, text, STR("case"), ret, c->error) : OK;
}

static int64_t time_of(const struct node *body, const char *key)
{
    int64_t us;
    struct str text = body ? node_text(body, key) : STR_NONE;
    return text.p && time_parse(text, &us) ? us : TIME_NONE;
}

/* Shares of days within a run (`time`) are that run's own course. */
static enum err on_version(void *ctx, const struct case_item *item, const struct case_run *run)
{
    struct course *c = ctx;
    struct node *body, *summary;
    arena_reset(&c->body);
    TRY(parse(c, item->body, &body));
    TRY(parse(c, run->summary, &summary));
    struct exposure_share s;
    TRY(read_share(&c->body, body, &s));
    int64_t as_of_us = time_of(summary, "as_of");
    if (!s.part || !s.of.n || s.time_us != TIME_NONE)
        return OK;
    s.time_us = as_of_us != TIME_NONE ? as_of_us : run->started_us;
    return c->tell(c->ctx, &s);
}

enum err course_each(struct case_store *store,
                     enum err (*tell)(void *ctx, const struct exposure_share *share), void *ctx,
                     struct error *error)
{
    struct course c = {.tell = tell, .ctx = ctx, .error = error};
    arena_init(&c.body, BODY_BYTES);
    enum err rc = case_versions(store, "share", on_version, &c, error);
    arena_done(&c.body);
    return rc;
}
