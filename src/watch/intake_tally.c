#include "base/hash.h"
#include "watch/intake_priv.h"

#include <string.h>

enum {
    ARENA_BYTES = 256 * 1024 * 1024,
    SITES = 1000 * 1000,
    RECENT = 256,             /* sites looked up without a map */
    TALLY_CELLS = 256 * 1024, /* then they are told */
};

struct recent {
    uint64_t hash;
    uint32_t number;
    struct volume_cell cell; /* of its last post, if place.cell is set */
    struct volume_place place;
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
    intake_put_site(r->out, seen->number, name, intake_cut(source, SIGHTING_FIELD_BYTES));
    return OK;
}

/* Of a few sites that take turns the map would have to be asked for each post. */
static enum err recent_of(struct intake_reader *r, const struct post *post, uint64_t hash,
                          struct recent **ret_recent)
{
    struct str name = intake_cut(post->site, SIGHTING_FIELD_BYTES);
    struct intake_tally *t = r->intake->tally;
    struct recent *seen = &t->recent[hash % RECENT];
    if (seen->hash && seen->hash != hash)
        seen = &t->recent[hash % RECENT ^ 1];
    *ret_recent = seen;
    if (seen->hash == hash && seen->number < t->names.n && str_eq(t->names.v[seen->number], name))
        return OK;
    *seen = (struct recent){.hash = hash};
    return look_up(r, name, post->source, seen);
}

enum err intake_tally_soon(struct intake_reader *r, const struct post *post, uint64_t site_hash,
                           uint64_t thread, struct tallied *item)
{
    struct intake_tally *t = r->intake->tally;
    struct recent *seen;
    TRY(recent_of(r, post, site_hash, &seen));
    item->cell.site = seen->number;
    item->cell.event_day = intake_day(post->time_us);
    item->cell.ingest_day = intake_day(post->ingest_us);
    if (!seen->place.cell || seen->cell.event_day != item->cell.event_day ||
        seen->cell.ingest_day != item->cell.ingest_day) {
        seen->cell = item->cell;
        seen->place.cell =
            volume_cell_hash(seen->number, item->cell.event_day, item->cell.ingest_day);
    }
    volume_soon(&t->volume, thread, &seen->place);
    item->place = seen->place;
    item->recent = (uint32_t)(seen - t->recent);
    return OK;
}

enum err intake_tally_add(struct intake_reader *r, const struct tallied *item)
{
    struct intake_tally *t = r->intake->tally;
    struct volume_place place = item->place;
    uint32_t *at = &t->recent[item->recent].place.at;
    place.at = *at;
    TRY(volume_add_at(&t->volume, &item->cell, &place));
    *at = place.at;
    return t->volume.cells.n >= TALLY_CELLS ? intake_tally_tell(r) : OK;
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
