#include "scan/correlate.h"

#include "base/rd.h"
#include "os/spill.h"
#include "scan/correlate_burst.h"
#include "scan/program.h"

#include <inttypes.h>

enum { RECORD_BYTES = SPILL_RECORD_BYTES };

struct events {
    const struct ruleset *set;
    /* By level: events in the order of group and time; in the order of group, value and time. */
    struct spill *by_time[CORRELATE_LEVELS], *by_value[CORRELATE_LEVELS];
    struct buf record;
    bool lost; /* error says why */
    struct error error;
};

enum err events_new(const struct ruleset *set, struct events **ret)
{
    struct events *e = *ret = calloc(1, sizeof *e);
    if (!e)
        return ERR_NOMEM;
    e->set = set;
    buf_init(&e->record, RECORD_BYTES);
    return OK;
}

static void forget(struct events *e)
{
    for (size_t i = 0; i < CORRELATE_LEVELS; i++) {
        e->by_time[i] = spill_free(e->by_time[i]);
        e->by_value[i] = spill_free(e->by_value[i]);
    }
}

struct events *events_free(struct events *e)
{
    if (!e)
        return NULL;
    forget(e);
    buf_done(&e->record);
    free(e);
    return NULL;
}

/* What failed because it was too much: all correlations are given up then, as what is left would
 * depend on who came first. */
static enum err give_up(struct events *e, enum err rc)
{
    if (rc != ERR_LIMIT && rc != ERR_IO)
        return rc;
    forget(e);
    e->lost = true;
    return OK;
}

static enum err put_event(struct events *e, const struct event *v, bool by_value)
{
    unsigned level = e->set->correlations->v[v->correlation].level;
    struct spill **s = by_value ? &e->by_value[level] : &e->by_time[level];
    if (!*s)
        TRY(spill_new(CORRELATE_MEMORY, CORRELATE_BYTES, s));
    event_write(&e->record, v, by_value);
    TRY(e->record.rc);
    return spill_add(*s, buf_view(&e->record), &e->error);
}

/* Of those that count values it must first be known where a value came before. */
static bool first_by_value(const struct correlation *c)
{
    return c->def->type == SIGMA_VALUE_COUNT;
}

static enum err take_one(struct events *e, struct rd *r, struct event *v)
{
    const struct correlations *all = e->set->correlations;
    v->correlation = rd_u32(r);
    v->member = rd_u8(r);
    v->flags = rd_u8(r) & (EVENT_OWN | EVENT_NUMBERED);
    v->time_us = (int64_t)rd_u64(r);
    v->offset = rd_u64(r);
    v->line = rd_u64(r);
    v->group = rd_str(r);
    v->value = rd_str(r);
    v->host = rd_str(r);
    v->client = rd_str(r);
    if (r->rc || v->correlation >= all->n || !all->v[v->correlation].evaluated)
        return ERR_FORMAT;
    const struct correlation *c = &all->v[v->correlation];
    if (v->member >= c->def->n_rules || c->part[v->member].rule >= e->set->n_sigma ||
        v->time_us == TIME_NONE || v->host.n > CORRELATE_HOST_BYTES ||
        v->client.n > CORRELATE_HOST_BYTES || !values_valid(v->group, c->def->n_group_by) ||
        !values_valid(v->value, c->def->n_fields))
        return ERR_FORMAT;
    return e->lost ? OK : give_up(e, put_event(e, v, first_by_value(c)));
}

enum err events_take(struct events *e, struct str message, uint32_t unit, uint8_t attempt,
                     uint32_t file)
{
    struct rd r = rd_of(message);
    while (rd_left(&r)) {
        struct event v = {.unit = unit,
                          .attempt = attempt,
                          .file = file,
                          .prev_us = TIME_NONE,
                          .next_us = TIME_NONE};
        TRY(take_one(e, &r, &v));
    }
    return OK;
}

/* Reads events that count, in order. */
struct reader {
    struct correlate *c;
    struct spill *from;
    struct spill_at at;
    bool by_value;
    struct event now; /* its texts live until the next one is read */
    struct str record;
};

static bool counts(const struct correlate *c, struct event *e)
{
    if (e->file >= c->facts->n_files || c->facts->file[e->file].copy)
        return false;
    if (e->unit == EVENT_OF_NO_UNIT)
        return true;
    if (e->unit >= c->n_units || c->unit[e->unit].lost || c->unit[e->unit].attempt != e->attempt)
        return false;
    e->line += e->line ? c->unit[e->unit].base_lines : 0;
    e->unit = EVENT_OF_NO_UNIT;
    return true;
}

/* The next event, or END. */
static enum err read_next(struct reader *r)
{
    do {
        enum err rc = spill_next(r->from, &r->at, &r->record, &r->c->events->error);
        if (rc)
            return rc;
        TRY(event_read(r->record, r->by_value, &r->now));
    } while (!counts(r->c, &r->now));
    return OK;
}

static enum err read_begin(struct reader *r, struct correlate *c, struct spill *from, bool by_value)
{
    *r = (struct reader){.c = c, .from = from, .by_value = by_value};
    return spill_start(from, &r->at);
}

/* An event that outlives its reader's next one. */
struct kept {
    struct event event;
    struct buf text;
};

static enum err keep_event(struct kept *k, const struct event *e)
{
    struct str *text[] = {&k->event.group, &k->event.value, &k->event.host, &k->event.client};
    k->event = *e;
    buf_reset(&k->text);
    for (size_t i = 0; i < ARRAY_LEN(text); i++)
        buf_str(&k->text, *text[i]);
    TRY(k->text.rc);
    for (size_t i = 0, at = 0; i < ARRAY_LEN(text); i++) {
        *text[i] = str_make(k->text.p ? k->text.p + at : "", text[i]->n);
        at += text[i]->n;
    }
    return OK;
}

/* Of each event that has a value: when the same value came before and comes next. */
struct linker {
    struct reader in;
    struct kept last;
    bool begun;
};

static enum err link_all(struct linker *l)
{
    struct events *events = l->in.c->events;
    enum err rc;
    while ((rc = read_next(&l->in)) == OK) {
        struct event *e = &l->in.now;
        struct event *last = &l->last.event;
        bool same = l->begun && e->correlation == last->correlation &&
                    str_eq(e->group, last->group) && str_eq(e->value, last->value);
        e->prev_us = same ? last->time_us : TIME_NONE;
        e->flags |= EVENT_LINKED;
        last->next_us = same ? e->time_us : TIME_NONE;
        if (l->begun)
            TRY(put_event(events, last, false));
        l->begun = true;
        TRY(keep_event(&l->last, e));
    }
    if (rc != END || !l->begun)
        return rc == END ? OK : rc;
    l->last.event.next_us = TIME_NONE;
    return put_event(events, &l->last.event, false);
}

static enum err link_values(struct correlate *c, unsigned level)
{
    struct linker l = {0};
    struct spill *from = c->events->by_value[level];
    if (!from)
        return OK;
    buf_init(&l.last.text, RECORD_BYTES);
    enum err rc = spill_sort(from, &c->events->error);
    if (!rc)
        rc = read_begin(&l.in, c, from, true);
    if (!rc)
        rc = link_all(&l);
    spill_stop(&l.in.at);
    buf_done(&l.last.text);
    c->events->by_value[level] = spill_free(from);
    return rc;
}

/* The window over one group: its end reads ahead of its beginning. */
struct slide {
    struct correlate *c;
    struct finds *finds;
    struct reader head, tail;
    bool more; /* head.now is there, and not in the window yet */
    const struct correlation *of;
    bool outer;          /* there are correlations over it */
    struct buf group;    /* of of */
    uint64_t first, end; /* numbers of the first event in the window, and behind the last */
    struct window window;
    struct burst burst;
    uint64_t told_end; /* behind the last event that other correlations were told of */
    struct kept last;  /* of the window, for those */
    struct buf inner_group, inner_value;
};

static enum err list_from(struct buf *b, const uint8_t *from, size_t n, struct str group)
{
    struct str value[SIGMA_MAX_GROUP_BY] = {STR_NONE};
    for (size_t i = 0; i < SIGMA_MAX_GROUP_BY && values_next(&group, &value[i]); i++)
        ;
    buf_reset(b);
    for (size_t i = 0; i < n; i++)
        values_add(b, from[i] == NOT_THERE ? STR_NONE : value[from[i]]);
    return b->rc;
}

/* The condition holds at this event: one for the correlations over this one. Those that count take
 * the first of a burst only; those that ask what came together take each. */
static enum err tell_outer(struct slide *s, const struct event *at)
{
    const struct correlations *all = s->c->set->correlations;
    bool opens = s->first >= s->told_end;
    s->told_end = s->end + 1;
    for (uint32_t i = 0; i < all->n_feeds[s->of->rule]; i++) {
        const struct feed *feed = &all->feed[s->of->rule][i];
        const struct correlation *outer = &all->v[feed->correlation];
        const struct correlation_part *part = &outer->part[feed->part];
        bool together =
            outer->def->type == SIGMA_TEMPORAL || outer->def->type == SIGMA_TEMPORAL_ORDERED;
        if (!opens && !together)
            continue;
        struct event e = *at;
        TRY(list_from(&s->inner_group, part->group_from, outer->def->n_group_by, at->group));
        TRY(list_from(&s->inner_value, part->value_from, outer->def->n_fields, at->group));
        e.correlation = feed->correlation;
        e.member = feed->part;
        e.flags &= EVENT_OWN | EVENT_NUMBERED;
        e.group = buf_view(&s->inner_group);
        e.value = buf_view(&s->inner_value);
        e.prev_us = e.next_us = TIME_NONE;
        TRY(put_event(s->c->events, &e, first_by_value(outer)));
    }
    return OK;
}

static bool same_group(const struct slide *s, const struct event *e)
{
    return &s->c->set->correlations->v[e->correlation] == s->of &&
           str_eq(e->group, buf_view(&s->group));
}

static enum err read_head(struct slide *s)
{
    enum err rc = read_next(&s->head);
    s->more = rc == OK;
    return rc == END ? OK : rc;
}

/* Takes all events in that lie within the timespan of the first one. ret_grew: there were some. */
static enum err stretch(struct slide *s, bool *ret_grew)
{
    int64_t from_us = s->tail.now.time_us, to_us = from_us + s->of->def->timespan_us;
    *ret_grew = false;
    while (s->more && same_group(s, &s->head.now) && s->head.now.time_us <= to_us) {
        window_add(&s->window, &s->head.now, ++s->end, from_us);
        *ret_grew = true;
        if (!s->outer)
            ;
        else if (!s->of->grows)
            TRY(keep_event(&s->last, &s->head.now));
        else if (window_holds(&s->window, s->first))
            TRY(tell_outer(s, &s->head.now));
        TRY(read_head(s));
    }
    return OK;
}

static enum err close_burst(struct slide *s)
{
    return s->burst.open ? burst_close(&s->burst, s->of, buf_view(&s->group), s->finds) : OK;
}

static enum err begin_group(struct slide *s)
{
    TRY(s->of ? close_burst(s) : OK);
    s->of = &s->c->set->correlations->v[s->tail.now.correlation];
    buf_reset(&s->group);
    buf_str(&s->group, s->tail.now.group);
    window_init(&s->window, s->of->def);
    s->first = s->end + 1;
    s->told_end = 0;
    s->outer = s->c->set->correlations->n_feeds[s->of->rule] > 0;
    return s->group.rc;
}

/* A window that holds what no earlier one held is asked whether the condition holds. */
static enum err ask(struct slide *s)
{
    if (!window_holds(&s->window, s->first))
        return OK;
    if (!s->burst.open || s->first >= s->burst.end) {
        TRY(close_burst(s));
        burst_open(&s->burst);
    }
    s->burst.end = s->end + 1;
    burst_note(&s->burst, &s->window, s->of->grows);
    return s->outer && !s->of->grows ? tell_outer(s, &s->last.event) : OK;
}

static enum err slide_on(struct slide *s)
{
    const struct event *e = &s->tail.now;
    bool grew;
    if (!s->of || !same_group(s, e))
        TRY(begin_group(s));
    TRY(stretch(s, &grew));
    if (grew)
        TRY(ask(s));
    if (s->burst.open && s->first < s->burst.end)
        burst_add(&s->burst, e, s->c->host(s->c->ctx, e->host));
    window_remove(&s->window, e, e->time_us + s->of->def->timespan_us);
    s->first++;
    return OK;
}

static enum err slide_all(struct slide *s)
{
    enum err rc;
    TRY(read_head(s));
    while ((rc = read_next(&s->tail)) == OK)
        TRY(slide_on(s));
    if (rc != END)
        return rc;
    return s->of ? close_burst(s) : OK;
}

static enum err judge_level(struct correlate *c, unsigned level, struct finds *finds)
{
    struct spill *from = c->events->by_time[level];
    if (!from)
        return OK;
    struct slide *s = calloc(1, sizeof *s);
    if (!s)
        return ERR_NOMEM;
    s->c = c;
    s->finds = finds;
    buf_init(&s->group, RECORD_BYTES);
    buf_init(&s->last.text, RECORD_BYTES);
    buf_init(&s->inner_group, RECORD_BYTES);
    buf_init(&s->inner_value, RECORD_BYTES);
    enum err rc = spill_sort(from, &c->events->error);
    if (!rc)
        rc = read_begin(&s->head, c, from, false);
    if (!rc)
        rc = read_begin(&s->tail, c, from, false);
    if (!rc)
        rc = slide_all(s);
    spill_stop(&s->head.at);
    spill_stop(&s->tail.at);
    buf_done(&s->group);
    buf_done(&s->last.text);
    buf_done(&s->inner_group);
    buf_done(&s->inner_value);
    free(s);
    c->events->by_time[level] = spill_free(from);
    return rc;
}

/* Hits that rules have made for correlations only are taken out. Rows without a time are in no
 * correlation, and stay. */
static void hush(struct correlate *c)
{
    struct facts *f = c->facts;
    size_t n = 0;
    for (size_t i = 0; i < f->n_hits; i++)
        if (!c->set->correlations->hushed[f->hit[i].rule] || f->hit[i].first_us == TIME_NONE)
            f->hit[n++] = f->hit[i];
        else
            c->silent += f->hit[i].count;
    f->n_hits = n;
}

static enum err add_hits(const struct correlate *c, const struct finds *finds)
{
    struct facts *f = c->facts;
    size_t n = f->n_hits;
    struct hit *all = arena_new_n(c->arena, struct hit, n + finds->hit.n + 1);
    if (!all)
        return ERR_NOMEM;
    if (n)
        memcpy(all, f->hit, n * sizeof *all);
    for (size_t i = 0; i < finds->hit.n; i++) {
        const struct hit *h = &finds->hit.v[i];
        if (!c->set->correlations->hushed[h->rule] || c->partial)
            all[n++] = *h;
    }
    f->hit = all;
    f->n_hits = n;
    return OK;
}

static enum err say(struct correlate *c, struct str *ret_gap, const char *fmt, ...)
    PRINTF_LIKE(3, 4);
static enum err say(struct correlate *c, struct str *ret_gap, const char *fmt, ...)
{
    char text[700];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    *ret_gap = arena_str(c->arena, str_of(text));
    return ret_gap->p ? OK : ERR_NOMEM;
}

static enum err judge_all(struct correlate *c, struct finds *finds)
{
    for (unsigned level = 0; level < c->set->correlations->levels; level++) {
        TRY(link_values(c, level));
        TRY(judge_level(c, level, finds));
    }
    return OK;
}

enum err correlate(struct correlate *c, struct str *ret_gap)
{
    struct events *e = c->events;
    struct finds finds;
    *ret_gap = STR_NONE;
    if (!e || !c->set->correlations->levels)
        return OK;
    finds_init(&finds, c->arena, c->set->correlations, c->set->rule);
    enum err rc = e->lost ? OK : give_up(e, judge_all(c, &finds));
    if (!rc && !e->lost) {
        if (!c->partial)
            hush(c);
        rc = add_hits(c, &finds);
    }
    if (!rc && e->lost)
        rc = say(c, ret_gap,
                 "too many events for correlations, which were not evaluated (%s): the rules that "
                 "they name report by themselves",
                 e->error.text);
    else if (!rc && finds.unkept + finds.elsewhere)
        rc = say(c, ret_gap,
                 "correlations over very many hosts: %" PRIu64 " findings and %" PRIu64
                 " events of further hosts are not told by host",
                 finds.unkept, finds.elsewhere);
    finds_done(&finds);
    return rc;
}
