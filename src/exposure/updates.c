#include "exposure/updates.h"

#include "base/time.h"

/* Lines get their updates on the same day, or within these days: in March 2021 the older ones had
 * to wait for two weeks. */
#define SAME_ROUND_US (21 * US_PER_DAY)

static int64_t last_release(const struct table_product *p)
{
    int64_t last = TIME_NONE;
    for (size_t i = 0; i < p->n_builds; i++)
        if (p->build[i]->released_us > last)
            last = p->build[i]->released_us;
    return last;
}

/* One without a date was out when all that have one were. */
static bool out_by(const struct table_product *p, const struct known_build *k, int64_t now_us)
{
    int64_t released = k->released_us != TIME_NONE ? k->released_us : last_release(p);
    return now_us == TIME_NONE || released <= now_us;
}

/* The newest build of a line, and of the whole product where line is NULL. */
static const struct known_build *newest(const struct table_product *p, const struct build *line,
                                        int64_t now_us)
{
    for (size_t i = p->n_builds; i > 0; i--)
        if (out_by(p, p->build[i - 1], now_us) &&
            (!line || line_cmp(p->facts, &p->build[i - 1]->build, line) == 0))
            return p->build[i - 1];
    return NULL;
}

static const struct known_build *first_of_line(const struct table_product *p,
                                               const struct build *line)
{
    for (size_t i = 0; i < p->n_builds; i++)
        if (line_cmp(p->facts, &p->build[i]->build, line) == 0)
            return p->build[i];
    return NULL;
}

/* When the product's last round of updates came out. */
static int64_t last_round(const struct table_product *p, int64_t now_us)
{
    int64_t last = TIME_NONE;
    for (size_t i = 0; i < p->n_builds; i++)
        if (out_by(p, p->build[i], now_us) && p->build[i]->released_us > last)
            last = p->build[i]->released_us;
    return last;
}

static void set_first(struct exposure_update *u, const struct known_build *k)
{
    u->first = k->update;
    u->first_build = k->build;
    u->first_us = k->released_us;
}

static void set_then(struct exposure_update *u, const struct known_build *k)
{
    u->then = k->update;
    u->then_build = k->build;
    u->then_us = k->released_us;
}

static bool ended(const struct table_product *p, int64_t now_us)
{
    return p->facts->end_of_support_us != TIME_NONE && now_us != TIME_NONE &&
           now_us > p->facts->end_of_support_us;
}

/* Is it kept up: does it get what the newest line gets? */
static bool is_current(const struct table_product *p, const struct known_build *own,
                       const struct known_build *best, int64_t now_us)
{
    return line_cmp(p->facts, &own->build, &best->build) == 0 ||
           (own->released_us != TIME_NONE &&
            own->released_us + SAME_ROUND_US >= last_round(p, now_us));
}

/* The way from b to the newest build; false if it is there. */
static bool find_path(const struct table_product *p, const struct build *b,
                      const struct known_build *best, int64_t now_us, struct exposure_update *ret)
{
    const struct known_build *own = b->part[2] >= 0 ? newest(p, b, now_us) : NULL;
    const struct known_build *line = first_of_line(p, &best->build);
    if (own && is_current(p, own, best, now_us)) {
        if (build_cmp(b, &own->build) >= 0)
            return false;
        set_then(ret, own);
        return true;
    }
    if (build_cmp(b, &best->build) >= 0)
        return false;
    set_first(ret, line);
    if (build_cmp(&line->build, &best->build) != 0)
        set_then(ret, best);
    return true;
}

void update_find(const struct table_product *p, const struct build *b, int64_t now_us,
                 struct exposure_update *ret)
{
    const struct known_build *best = p ? newest(p, NULL, now_us) : NULL;
    if (!best) {
        ret->advice = STR("the tables know no update of it: ask its maker");
        return;
    }
    bool path = find_path(p, b, best, now_us, ret);
    if (ended(p, now_us))
        ret->advice = STR("out of support: move to a later product; until then install the last "
                          "update and take it off the Internet");
    else if (!path)
        ret->advice = STR("it has the newest update: its answers say what else is needed");
}
