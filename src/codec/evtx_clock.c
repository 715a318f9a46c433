#include "codec/evtx_clock.h"

static int64_t width(const struct evtx_step *s)
{
    return s->before.time_us - s->after.time_us;
}

static bool same_day(const struct evtx_step *a, const struct evtx_step *b)
{
    return a->source.hash == b->source.hash &&
           a->after.time_us / US_PER_DAY == b->after.time_us / US_PER_DAY;
}

/* The one of its day takes its place if it is wider; then the least of all. */
static void add_step(struct evtx_clock *c, const struct evtx_step *new)
{
    struct evtx_step *at = c->step;
    for (size_t i = 0; i < c->n_steps; i++) {
        if (same_day(&c->step[i], new)) {
            at = &c->step[i];
            break;
        }
        at = width(&c->step[i]) < width(at) ? &c->step[i] : at;
    }
    if (c->n_steps < EVTX_STEPS && !(c->n_steps && same_day(at, new)))
        c->step[c->n_steps++] = *new;
    else if (width(new) > width(at))
        *at = *new;
}

/* A machine that is renamed does not get its old name back in between; a log that others send to
 * has them by turns. */
static void turn_to(struct evtx_clock *c, uint64_t source)
{
    bool met = c->n_sources == EVTX_SOURCES;
    for (size_t i = 0; i < c->n_sources; i++)
        met |= c->source[i] == source;
    c->collected |= met;
    if (!met)
        c->source[c->n_sources++] = source;
}

void evtx_clock_note(struct evtx_clock *c, const struct row_place *place,
                     const struct evtx_source *source)
{
    if (place->time_us == TIME_NONE || c->collected)
        return;
    if (place->record_id < c->last.record_id) /* the oldest records stand behind the newest ones */
        c->n_sources = 0;
    if (!c->n_sources || c->source[c->n_sources - 1] != source->hash) {
        turn_to(c, source->hash);
    } else if (place->record_id == c->last.record_id + 1 && place->time_us < c->last.time_us) {
        struct evtx_step new = {c->last, *place, *source};
        add_step(c, &new);
    }
    c->last = *place;
}

enum err evtx_clock_tell(const struct evtx_clock *c, const struct rows_sink *sink)
{
    enum err rc = OK;
    for (size_t i = 0; !rc && sink->back && !c->collected && i < c->n_steps; i++) {
        const struct evtx_step *s = &c->step[i];
        rc = sink->back(sink->ctx, str_make(s->source.host, s->source.n), &s->before, &s->after);
    }
    return rc;
}
