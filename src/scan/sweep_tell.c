#include "base/limits.h"
#include "base/wr.h"
#include "scan/sweep_priv.h"

#include <inttypes.h>

enum err sweep_gap(struct sweep *s, uint64_t offset, const char *reason, struct str detail)
{
    struct buf b;
    buf_init(&b, LIMIT_IPC_MESSAGE_BYTES);
    gap_write(&b, s->unit->file, offset, str_of(reason), detail);
    enum err rc = b.rc ? b.rc : s->sink.send(s->sink.ctx, MESSAGE_GAP, buf_view(&b));
    buf_done(&b);
    return rc;
}

enum err sweep_flush(void *ctx, struct str message)
{
    struct sweep *s = ctx;
    return s->sink.send(s->sink.ctx, MESSAGE_HITS, message);
}

enum err sweep_flush_events(void *ctx, struct str message)
{
    struct sweep *s = ctx;
    return s->sink.send(s->sink.ctx, MESSAGE_EVENTS, message);
}

enum err sweep_found(struct sweep *s)
{
    char text[160];
    uint64_t untimed = s->correlated.untimed;
    s->correlated.untimed = 0;
    TRY(hits_flush(&s->hits, sweep_flush, s));
    TRY(event_sink_flush(&s->correlated));
    if (!untimed)
        return OK;
    (void)snprintf(text, sizeof text,
                   "%" PRIu64 " records that correlated rules met have no time: no correlation "
                   "counts them",
                   untimed);
    return sweep_gap(s, 0, "not-correlated", str_of(text));
}

bool sweep_stopped(const struct sweep *s)
{
    return s->sink.stop && atomic_load_explicit(s->sink.stop, memory_order_relaxed);
}

enum err sweep_pivots(struct sweep *s)
{
    struct buf b;
    if (s->set->n_pivots == 0)
        return OK;
    buf_init(&b, LIMIT_IPC_MESSAGE_BYTES);
    for (size_t i = 0; i < s->set->n_pivots; i++) {
        wr_u64(&b, s->pivot_rows[i]);
        s->pivot_rows[i] = s->pivot_line[i] = 0;
    }
    enum err rc = b.rc ? b.rc : s->sink.send(s->sink.ctx, MESSAGE_PIVOTS, buf_view(&b));
    buf_done(&b);
    return rc;
}

static enum err tell_costs(struct sweep *s)
{
    struct buf b;
    buf_init(&b, LIMIT_IPC_MESSAGE_BYTES);
    costs_write(&b, &s->costs);
    enum err rc = b.rc;
    if (!rc && b.n)
        rc = s->sink.send(s->sink.ctx, MESSAGE_COSTS, buf_view(&b));
    buf_done(&b);
    return rc;
}

static enum err send_part(struct sweep *s, const struct tally *t, enum message type,
                          struct unit_result *res)
{
    struct buf b;
    struct file_fact *f = &res->fact;
    tally_fact(t, f);
    f->sampled = s->sampled;
    res->row_host = t->row_host.n ? t->row_host : STR("");
    buf_init(&b, LIMIT_IPC_MESSAGE_BYTES);
    result_write(&b, res);
    enum err rc = b.rc ? b.rc : s->sink.send(s->sink.ctx, type, buf_view(&b));
    buf_done(&b);
    return rc;
}

/* A sampled block in which several logs take turns counts its bad rows for the log that it began
 * with: what is more than that one's rows belongs to the others. */
static void settle_unparsed(struct sweep *s)
{
    uint64_t over = 0;
    for (size_t pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < s->n_parts; i++) {
            struct tally *t = &s->part[i];
            uint64_t room = t->records > t->unparsed ? t->records - t->unparsed : 0;
            uint64_t take = over < room ? over : room;
            if (t->unparsed > t->records) {
                over += t->unparsed - t->records;
                t->unparsed = t->records;
            } else if (pass) {
                t->unparsed += take;
                over -= take;
            }
        }
}

enum err sweep_result(struct sweep *s, const struct log_state *begin, bool recognised,
                      uint64_t bytes)
{
    struct unit_result res = {.id = s->unit->id,
                              .recognised = recognised,
                              .lines = s->lines,
                              .segment = unit_is_segment(s->unit)};
    if (res.segment) {
        res.begin = *begin;
        res.end = s->state;
    }
    TRY(tell_costs(s));
    settle_unparsed(s);
    for (size_t i = 1; i < s->n_parts; i++) {
        struct unit_result part = {.id = s->unit->id, .recognised = true};
        if (s->part[i].records)
            TRY(send_part(s, &s->part[i], MESSAGE_PART, &part));
    }
    res.fact.bytes = bytes;
    res.fact.packed = s->packed;
    if (!s->part[0].row_host.n) /* the rows name no host */
        tally_name(&s->part[0], s->part[0].kind, str_of(s->state.host));
    memcpy(res.fact.sha256, s->look.sha256, sizeof res.fact.sha256);
    return send_part(s, &s->part[0], MESSAGE_RESULT, &res);
}

enum err sweep_limits(struct sweep *s)
{
    bool hours_full = false;
    for (size_t i = 0; i < s->n_parts; i++)
        hours_full = hours_full || s->part[i].hours_full;
    if (hours_full)
        TRY(sweep_gap(s, s->offset, "limit",
                      STR("more hours than are kept: coverage is incomplete")));
    if (s->n_parts > UNIT_MAX_PARTS)
        TRY(sweep_gap(s, s->offset, "limit",
                      STR("rows of more hosts and kinds of log than are told apart in one file: "
                          "further ones cover nothing")));
    return s->turns < MAX_TURNS
               ? OK
               : sweep_gap(
                     s, s->turned_at, "limit",
                     STR("very many headers: further ones were not looked at for other logs"));
}
