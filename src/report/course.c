#include "report/course.h"

#include "base/arena.h"
#include "codec/json.h"

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

static uint64_t number_of(const struct node *body, const char *key)
{
    uint64_t n;
    return str_u64(node_text(body, key), &n) ? n : 0;
}

static const char *part_of(struct str text)
{
    static const char *const parts[] = {"fleet", "site", "owner", "facing"};
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        if (str_eq(text, str_of(parts[i])))
            return parts[i];
    return NULL;
}

static struct exposure_share share_of(const struct node *body)
{
    bool known;
    struct str dossier = node_text(body, "dossier");
    const struct node *ransomware = node_get(body, "ransomware");
    struct exposure_share s = {.of = dossier.n ? dossier : node_text(body, "cve"),
                               .affair = dossier.n > 0,
                               .part = part_of(node_text(body, "part")),
                               .name = node_text(body, "name"),
                               .accepted = number_of(body, "accepted"),
                               .kev_us = time_of(body, "kev")};
    s.ransomware = ransomware && node_bool(ransomware, &known) && known;
    for (int i = 0; i < EXPOSURE_STATES; i++)
        s.n[i] = number_of(body, exposure_state_name((enum exposure_state)i));
    return s;
}

/* Shares of days within a run (`time`) are that run's own course. */
static enum err on_version(void *ctx, const struct case_item *item, const struct case_run *run)
{
    struct course *c = ctx;
    struct node *body, *summary;
    arena_reset(&c->body);
    TRY(parse(c, item->body, &body));
    TRY(parse(c, run->summary, &summary));
    struct exposure_share s = share_of(body);
    int64_t as_of_us = time_of(summary, "as_of");
    if (!s.part || !s.of.n || time_of(body, "time") != TIME_NONE)
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
