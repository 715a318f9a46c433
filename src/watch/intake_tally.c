#include "base/hash.h"
#include "watch/intake_priv.h"

#include <string.h>

enum {
    ARENA_BYTES = 256 * 1024 * 1024,
    SITES = 1000 * 1000,
    SITE_BYTES = 64 * 1024 - 2, /* what names.c keeps of one */
    RECENT = 256,               /* sites looked up without a map */
    TALLY_CELLS = 256 * 1024,   /* then they are told */
};

struct recent {
    uint64_t hash;
    uint32_t number;
};

struct intake_tally {
    struct arena arena;
    struct map sites;
    VEC(struct str) names; /* by number */
    struct recent recent[RECENT];
    struct volume volume;
};

enum err intake_tally_begin(struct intake *in)
{
    struct intake_tally *t = in->tally;
    if (t || !in->volume)
        return OK;
    t = calloc(1, sizeof *t);
    if (!t)
        return ERR_NOMEM;
    arena_init(&t->arena, ARENA_BYTES);
    map_init(&t->sites, &t->arena, SITES);
    in->tally = t;
    return volume_init(&t->volume);
}

static enum err look_up(struct intake_reader *r, struct str name, struct str source,
                        struct recent *seen)
{
    struct intake_tally *t = r->intake->tally;
    bool is_new;
    TRY(map_intern(&t->sites, name, &seen->number, &is_new));
    if (!is_new)
        return OK;
    struct str copy = arena_str(&t->arena, name);
    TRY(copy.p ? vec_push(&t->names, copy, SITES) : ERR_NOMEM);
    intake_put_site(r->out, seen->number, name, str_sub(source, 0, INTAKE_SOURCE_BYTES));
    return OK;
}

/* Of a few sites that take turns the map would have to be asked for each post. */
static enum err number_of(struct intake_reader *r, const struct post *post, uint64_t hash,
                          uint32_t *ret_number)
{
    struct str name = str_sub(post->site, 0, SITE_BYTES);
    struct intake_tally *t = r->intake->tally;
    struct recent *seen = &t->recent[hash % RECENT];
    if (seen->hash != hash || seen->number >= t->names.n ||
        !str_eq(t->names.v[seen->number], name)) {
        TRY(look_up(r, name, post->source, seen));
        seen->hash = hash;
    }
    *ret_number = seen->number;
    return OK;
}

enum err intake_tally_soon(struct intake_reader *r, const struct post *post, uint64_t site_hash,
                           struct tallied *item)
{
    TRY(number_of(r, post, site_hash, &item->site));
    item->event_day = intake_day(post->time_us);
    item->ingest_day = intake_day(post->ingest_us);
    volume_soon(&r->intake->tally->volume, item->site, item->event_day, item->ingest_day,
                item->thread);
    return OK;
}

enum err intake_tally_add(struct intake_reader *r, const struct tallied *item)
{
    struct volume *v = &r->intake->tally->volume;
    TRY(volume_add(v, item->site, item->event_day, item->ingest_day, item->thread));
    return v->cells.n >= TALLY_CELLS ? intake_tally_tell(r) : OK;
}

enum err intake_tally_tell(struct intake_reader *r)
{
    struct volume *v = r->intake->tally ? &r->intake->tally->volume : NULL;
    for (size_t i = 0; v && i < v->cells.n; i++) {
        intake_put_cell(r->out, &v->cells.v[i]);
        TRY(errand_pace(r->out));
    }
    if (v && v->cells.n)
        volume_clear(v);
    return OK;
}
