#include "base/limits.h"
#include "scan/sweep_priv.h"

#include <stdio.h>

/* What event logs tell of themselves: that one was emptied, and that a clock went back. */

enum { CLEARED_TOLD = 20 }; /* one by one, of a file */
/* Domain members correct their clock by a step from five minutes on, below it bit by bit; and where
 * several threads write, records are out of order by seconds. */
#define CLOCK_STEP_US (5 * 60 * US_PER_S)

/* A time that can be written: of this era, and before the year 10000. */
static bool is_date(int64_t time_us)
{
    return time_us > 0 && time_us < INT64_C(253402300800) * US_PER_S;
}

enum err sweep_own(struct sweep *s, const struct own_finding *o)
{
    bool named = o->host.n && o->host.n < HOST_BYTES;
    uint32_t rule = s->set->own_rule + o->rule;
    if (rule >= s->set->n_rules) /* a pass without rules */
        return OK;
    struct hit h = {.rule = rule,
                    .file = s->unit->file,
                    .count = 1,
                    .first_us = o->place->time_us,
                    .last_us = o->place->time_us,
                    .line = o->place->record_id,
                    .offset = o->place->offset,
                    .event = true,
                    .weight = o->weight,
                    .host = named ? o->host : s->unit->host,
                    .evidence = o->evidence,
                    .line_bytes = (uint32_t)o->evidence.n};
    uint64_t key = hash64(h.host, rule + 1);
    for (size_t i = 0; i < ARRAY_LEN(o->field) && o->field[i].value.p; i++) {
        h.field[h.n_fields++] = o->field[i];
        key = hash64(o->field[i].value, key);
    }
    if (h.first_us != TIME_NONE)
        few_add(&h.hours, few_of_hour(time_hour(h.first_us)));
    sha256_of(h.evidence, h.raw_sha256);
    return hits_add(&s->hits, key, &h);
}

/* ---- an emptied log ---- */

static struct str first_of(const struct log_state *state, const struct rows *rows, size_t row,
                           const struct str_list *names)
{
    for (size_t i = 0; i < names->n; i++) {
        int16_t column = fields_column(state, names->v[i]);
        struct str value = column < 0 ? STR_NONE : row_value(rows, row, (uint16_t)column);
        if (value.n)
            return str_sub(value, 0, 200);
    }
    return STR_NONE;
}

static bool is_provider(const struct event_cleared *c, struct str name)
{
    bool any = name.n == 0;
    for (size_t i = 0; i < c->provider.n && !any; i++)
        any = str_ieq(c->provider.v[i], name);
    return any;
}

/* "record 7: the log System was emptied at T by D\U: ..." */
static enum err tell_cleared(struct sweep *s, const struct log_state *state,
                             const struct rows *rows, size_t row)
{
    const struct event_cleared *c = &s->set->channels.cleared;
    const struct row_place *place = &rows->place.v[row];
    const struct str_list computer = {&STR("Computer"), 1};
    struct str log = first_of(state, rows, row, &c->log);
    struct str domain = first_of(state, rows, row, &c->domain);
    struct str user = first_of(state, rows, row, &c->user);
    struct buf b;
    buf_init(&b, UNIT_DETAIL_BYTES);
    buf_printf(&b, "record %llu: the log %.*s was emptied", (unsigned long long)place->record_id,
               STR_FMT(log.n ? log : str_sub(rows->shape->channel, 0, 200)));
    if (is_date(place->time_us)) {
        buf_puts(&b, " at ");
        time_add(&b, place->time_us);
    }
    if (user.n)
        buf_printf(&b, " by %.*s%s%.*s", STR_FMT(domain), domain.n ? "\\" : "", STR_FMT(user));
    buf_puts(&b, ": what it held before is not there");
    enum err rc = b.rc;
    if (s->cleared++ >= CLEARED_TOLD)
        s->cleared_at = place->offset;
    else if (!rc)
        rc = sweep_gap(s, place->offset, "log-cleared", buf_view(&b));
    struct own_finding found = {.rule = OWN_LOG_CLEARED,
                                .host = first_of(state, rows, row, &computer),
                                .place = place,
                                .field = {{STR("Log"), log.p ? log : STR("")}, {STR("User"), user}},
                                .evidence = buf_view(&b)};
    rc = rc ? rc : sweep_own(s, &found);
    buf_done(&b);
    return rc;
}

enum err sweep_events_cleared(struct sweep *s, const struct log_state *state,
                              const struct rows *rows)
{
    const struct str_list provider = {&STR("Provider_Name"), 1};
    if (s->set->census || s->set->measure) /* asked about rules, not about logs */
        return OK;
    for (size_t row = 0; !rows->shape->carved && row < rows_n(rows); row++)
        if (!sweep_outside(s, rows->place.v[row].time_us) &&
            is_provider(&s->set->channels.cleared, first_of(state, rows, row, &provider)))
            TRY(tell_cleared(s, state, rows, row));
    return OK;
}

enum err sweep_events_more_cleared(struct sweep *s)
{
    char text[96];
    uint64_t more = s->cleared > CLEARED_TOLD ? s->cleared - CLEARED_TOLD : 0;
    s->cleared = 0;
    (void)snprintf(text, sizeof text, "%llu more records say that a log was emptied; the last one",
                   (unsigned long long)more);
    return more ? sweep_gap(s, s->cleared_at, "log-cleared", str_of(text)) : OK;
}

/* ---- a clock that went back ---- */

static void add_part(struct buf *b, int64_t n, const char *unit)
{
    if (n)
        buf_printf(b, " %lld %s", (long long)n, unit);
}

/* "record 1: T | record 2: T | back by 7 min 9 s" */
static void describe(struct buf *b, const struct row_place *before, const struct row_place *after)
{
    int64_t seconds = (before->time_us - after->time_us) / US_PER_S;
    buf_printf(b, "record %llu: ", (unsigned long long)before->record_id);
    time_add(b, before->time_us);
    buf_printf(b, " | record %llu: ", (unsigned long long)after->record_id);
    time_add(b, after->time_us);
    buf_puts(b, " | back by");
    add_part(b, seconds / 86400, "d");
    add_part(b, seconds / 3600 % 24, "h");
    add_part(b, seconds / 60 % 60, "min");
    add_part(b, seconds % 60, "s");
}

enum err sweep_events_back(void *ctx, struct str host, const struct row_place *before,
                           const struct row_place *after)
{
    struct sweep *s = ctx;
    struct buf b;
    char day[32];
    if (before->time_us - after->time_us < CLOCK_STEP_US || !is_date(before->time_us) ||
        !is_date(after->time_us) || sweep_outside(s, after->time_us))
        return OK;
    buf_init(&b, 512);
    describe(&b, before, after);
    /* All logs of a host show the same step: those of a day are one finding, the widest tells. */
    struct own_finding found = {
        .rule = OWN_CLOCK_BACK,
        .host = host,
        .place = after,
        .field = {{STR("Day"), str_of(time_short(after->time_us, false, day))}},
        .weight = (uint64_t)(before->time_us - after->time_us),
        .evidence = buf_view(&b),
    };
    enum err rc = b.rc ? b.rc : sweep_own(s, &found);
    buf_done(&b);
    return rc;
}
