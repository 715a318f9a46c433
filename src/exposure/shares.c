#include "exposure/shares.h"

#include "base/time.h"

#include <stdlib.h>

static struct exposure_share row_of_cve(const struct table_cve *c)
{
    return (struct exposure_share){.of = c->id,
                                   .part = "fleet",
                                   .time_us = TIME_NONE,
                                   .kev_us = c->kev_us,
                                   .ransomware = c->ransomware};
}

enum err shares_init(struct shares *s, const struct tables *tables, size_t max_bytes)
{
    *s = (struct shares){.tables = tables};
    arena_init(&s->arena, max_bytes);
    map_init(&s->by_key, &s->arena, SHARES_MAX);
    map_init(&s->by_day, &s->arena, SHARES_MAX);
    s->by_cve = arena_new_n(&s->arena, struct exposure_share, tables->n_cves + 1);
    for (size_t i = 0; s->by_cve && i < tables->n_cves; i++)
        s->by_cve[i] = row_of_cve(&tables->cve[i]);
    return s->by_cve ? OK : ERR_NOMEM;
}

void shares_done(struct shares *s)
{
    map_done(&s->by_key);
    vec_done(&s->row);
    map_done(&s->by_day);
    vec_done(&s->day);
    arena_done(&s->arena);
}

/* --- rows --- */

/* What a row is of, as far as counting needs it: an affair's number, and a part. */
struct share_key {
    uint32_t matter, word;
    uint8_t part, facing, unused[2];
};

enum part { PART_FLEET, PART_SITE, PART_OWNER, PART_FACING };
static const char *const part_names[] = {"fleet", "site", "owner", "facing"};

static struct str facing_name(uint8_t facing)
{
    static const char *const names[] = {"", "inside", "internet"};
    return str_of(names[facing]);
}

static struct exposure_share new_row(const struct shares *s, const struct fleet *f,
                                     const struct share_key *k)
{
    return (struct exposure_share){.part = part_names[k->part],
                                   .affair = true,
                                   .of = s->tables->matter[k->matter].dossier->id,
                                   .name = k->part == PART_FACING ? facing_name(k->facing)
                                                                  : fleet_word(f, k->word),
                                   .time_us = TIME_NONE,
                                   .kev_us = TIME_NONE};
}

static enum err count(struct shares *s, const struct fleet *f, const struct share_key *k,
                      enum exposure_state state, bool accepted)
{
    uint32_t id;
    bool is_new;
    TRY(map_intern(&s->by_key, str_make((const char *)k, sizeof *k), &id, &is_new));
    if (is_new) {
        struct exposure_share row = new_row(s, f, k);
        TRY(vec_push(&s->row, row, SHARES_MAX));
    }
    s->row.v[id].n[state]++;
    s->row.v[id].accepted += accepted && state == EXPOSURE_EXPOSED;
    return OK;
}

static enum err count_parts(struct shares *s, const struct fleet *f, const struct host *h,
                            struct share_key k, enum exposure_state state, bool accepted)
{
    k.part = PART_FLEET;
    k.word = FLEET_NONE;
    TRY(count(s, f, &k, state, accepted));
    if (h->facing != FACING_UNKNOWN) {
        k.part = PART_FACING;
        k.facing = h->facing;
        TRY(count(s, f, &k, state, accepted));
        k.facing = 0;
    }
    if (h->site != FLEET_NONE) {
        k.part = PART_SITE;
        k.word = h->site;
        TRY(count(s, f, &k, state, accepted));
    }
    if (h->owner == FLEET_NONE)
        return OK;
    k.part = PART_OWNER;
    k.word = h->owner;
    return count(s, f, &k, state, accepted);
}

void shares_add(struct shares *s, uint32_t cve, enum exposure_state state, bool accepted)
{
    s->by_cve[cve].n[state]++;
    s->by_cve[cve].accepted += accepted && state == EXPOSURE_EXPOSED;
}

enum err shares_add_matter(struct shares *s, const struct fleet *f, const struct host *host,
                           size_t matter, enum exposure_state state, bool accepted)
{
    struct share_key k = {.matter = (uint32_t)matter};
    return count_parts(s, f, host, k, state, accepted);
}

/* --- over time --- */

enum err shares_change(struct shares *s, size_t matter, int64_t time_us, enum exposure_state from,
                       enum exposure_state to)
{
    int64_t key[2] = {time_us == TIME_NONE ? INT64_MIN : time_day(time_us), (int64_t)matter};
    uint32_t id;
    bool is_new;
    TRY(map_intern(&s->by_day, str_make((const char *)key, sizeof key), &id, &is_new));
    if (is_new) {
        struct share_day day = {.day = key[0], .matter = (uint32_t)matter};
        TRY(vec_push(&s->day, day, SHARES_MAX));
    }
    if (from < EXPOSURE_STATES)
        s->day.v[id].change[from]--;
    s->day.v[id].change[to]++;
    return OK;
}

static int by_matter_and_day(const void *a, const void *b)
{
    const struct share_day *x = a, *y = b;
    if (x->matter != y->matter)
        return x->matter < y->matter ? -1 : 1;
    return x->day < y->day ? -1 : x->day > y->day;
}

/* The course of one affair: a row a day on which something changed. A single day is no course. */
static enum err add_days(struct shares *s, const struct share_day *from, size_t n)
{
    struct exposure_share row = {.of = s->tables->matter[from->matter].dossier->id,
                                 .affair = true,
                                 .part = "fleet",
                                 .kev_us = TIME_NONE};
    for (size_t i = 0; n > 1 && i < n; i++) {
        for (int k = 0; k < EXPOSURE_STATES; k++)
            row.n[k] += (uint64_t)from[i].change[k];
        if (from[i].day == INT64_MIN)
            continue;
        row.time_us = from[i].day * US_PER_DAY;
        TRY(vec_push(&s->row, row, SHARES_MAX));
    }
    return OK;
}

/* --- order --- */

static int part_rank(const struct exposure_share *s)
{
    int rank = 0;
    while (strcmp(part_names[rank], s->part) != 0)
        rank++;
    return s->time_us != TIME_NONE ? 10 : rank;
}

static int by_urgency(const void *a, const void *b)
{
    const struct exposure_share *x = a, *y = b;
    if (part_rank(x) != part_rank(y))
        return part_rank(x) - part_rank(y);
    if (x->affair != y->affair)
        return x->affair ? -1 : 1;
    if (x->affair && str_cmp(x->of, y->of))
        return str_cmp(x->of, y->of);
    if (x->time_us != y->time_us)
        return x->time_us < y->time_us ? -1 : 1;
    bool listed = x->kev_us != TIME_NONE, other = y->kev_us != TIME_NONE;
    if (listed != other)
        return listed ? -1 : 1;
    if (x->n[EXPOSURE_EXPOSED] != y->n[EXPOSURE_EXPOSED])
        return x->n[EXPOSURE_EXPOSED] > y->n[EXPOSURE_EXPOSED] ? -1 : 1;
    int by = str_cmp(x->of, y->of);
    return by ? by : str_cmp(x->name, y->name);
}

enum err shares_end(struct shares *s)
{
    if (s->day.n)
        qsort(s->day.v, s->day.n, sizeof *s->day.v, by_matter_and_day);
    for (size_t from = 0, to; from < s->day.n; from = to) {
        to = from + 1;
        while (to < s->day.n && s->day.v[to].matter == s->day.v[from].matter)
            to++;
        TRY(add_days(s, s->day.v + from, to - from));
    }
    for (size_t i = 0; i < s->tables->n_cves; i++) {
        const struct exposure_share *row = &s->by_cve[i];
        uint64_t named = 0;
        for (int k = 0; k < EXPOSURE_STATES; k++)
            named += row->n[k];
        if (named)
            TRY(vec_push(&s->row, *row, SHARES_MAX));
    }
    map_done(&s->by_key); /* rows move from here on */
    if (s->row.n)
        qsort(s->row.v, s->row.n, sizeof *s->row.v, by_urgency);
    return OK;
}
