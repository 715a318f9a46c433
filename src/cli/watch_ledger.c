#include "base/rd.h"
#include "base/vec.h"
#include "cli/watch_run.h"
#include "os/clock.h"
#include "output/escape.h"
#include "output/json_writer.h"
#include "store/chatter.h"
#include "watch/ledger.h"

#include <inttypes.h>

enum { ENTRIES_MAX = 1000 * 1000, SHOWN_MAX = 10000, LEDGER_DAYS = 365 };

struct reader {
    struct run *run;
    struct chatter store;
    struct ledger *ledger;
    struct error *error;
    struct str wanted;
    VEC(struct str) sites;
    VEC(uint32_t) asked; /* numbers of subjects with that name */
    struct ledger_entry *entry;
};

static enum err on_site(void *ctx, uint32_t number, int kind, struct str name)
{
    struct reader *r = ctx;
    struct str copy = arena_str(r->run->cli->arena, name);
    (void)kind;
    if (number != r->sites.n)
        return fail(r->error, ERR_FORMAT, "the state's list of names is damaged");
    return copy.p ? vec_push(&r->sites, copy, CHATTER_NAMES) : ERR_NOMEM;
}

/* One name may be a vendor's and a product's. */
static enum err on_subject(void *ctx, uint32_t number, int kind, struct str name)
{
    struct reader *r = ctx;
    (void)kind;
    return str_ieq(name, r->wanted) ? vec_push(&r->asked, number, CHATTER_NAMES) : OK;
}

static enum err on_post(void *ctx, const struct chatter_post *p)
{
    struct reader *r = ctx;
    if (p->site >= r->sites.n)
        return fail(r->error, ERR_FORMAT, "the state's list of posts is damaged");
    return ledger_note(r->ledger, 0, p->site, p->intent, watch_day(p->time_us), p->number);
}

/* All subjects of that name are one. */
static enum err read_store(struct reader *r, int32_t today)
{
    TRY(chatter_sites(&r->store, on_site, r, r->error));
    TRY(chatter_subjects(&r->store, on_subject, r, r->error));
    for (size_t i = 0; i < r->asked.n; i++)
        TRY(chatter_posts(&r->store, r->asked.v[i], today - LEDGER_DAYS, INT32_MAX, on_post, r,
                          r->error));
    return OK;
}

static void entry_json(struct reader *r, const struct ledger_entry *e)
{
    struct json j;
    json_init(&j, &r->run->out.sink.out);
    json_object(&j, NULL);
    json_text(&j, "type", "interest");
    json_str(&j, "subject", r->wanted);
    json_str(&j, "site", r->sites.v[e->site]);
    json_text(&j, "intent", intent_name(e->intent));
    json_time(&j, "first", e->first_day * US_PER_DAY);
    json_time(&j, "last", e->last_day * US_PER_DAY);
    json_u64(&j, "days", e->times);
    json_end(&j);
    json_line(&j);
}

static void entry_text(struct reader *r, const struct ledger_entry *e)
{
    char first[32], last[32];
    buf_printf(&r->run->out.sink.out, "%s  %s  %-8s %4u day%s  ",
               time_short(e->first_day * US_PER_DAY, false, first),
               time_short(e->last_day * US_PER_DAY, false, last), intent_name(e->intent), e->times,
               e->times == 1 ? " " : "s");
    escape_terminal(&r->run->out.sink.out, r->sites.v[e->site], false);
    buf_putc(&r->run->out.sink.out, '\n');
}

static void tell(struct reader *r, int32_t today)
{
    bool json = r->run->values->json;
    struct buf *out = &r->run->out.sink.out;
    struct ledger_score score = ledger_score(r->ledger, 0, today);
    size_t n = ledger_of(r->ledger, 0, today - LEDGER_DAYS, r->entry, SHOWN_MAX);
    if (!json && n)
        buf_puts(out, "first       last        intent   on       site\n");
    for (size_t i = 0; i < n && i < SHOWN_MAX; i++) {
        if (json)
            entry_json(r, &r->entry[i]);
        else
            entry_text(r, &r->entry[i]);
        sink_pace(&r->run->out.sink);
    }
    if (!json)
        buf_printf(out, "%sscore %.2f: %zu first times on %u site%s in twelve months.\n",
                   n ? "\n" : "", score.score, n, score.sites, score.sites == 1 ? "" : "s");
}

static enum err open_and_tell(struct reader *r)
{
    int32_t today = watch_day(clock_wall_us());
    TRY(chatter_open(&r->store, r->run->values->state, r->error));
    TRY(ledger_new(ENTRIES_MAX, &r->ledger));
    r->entry = arena_new_n(r->run->cli->arena, struct ledger_entry, SHOWN_MAX);
    if (!r->entry)
        return ERR_NOMEM;
    struct str clock;
    TRY(chatter_get(&r->store, "clock", &clock, r->error));
    if (clock.n >= 4) { /* as of the last day that came in */
        struct rd rd = rd_of(clock);
        int32_t day = (int32_t)rd_u32(&rd);
        today = day < today ? day : today;
    }
    TRY(read_store(r, today));
    if (!r->asked.n)
        cli_say(r->run->cli, "no subject of the state is called '%.*s'", STR_FMT(r->wanted));
    tell(r, today);
    return OK;
}

enum err run_ledger(struct run *run, struct error *error)
{
    struct reader r = {.run = run, .error = error, .wanted = run->values->interest};
    enum err rc = open_and_tell(&r);
    r.ledger = ledger_free(r.ledger);
    chatter_close(&r.store);
    vec_done(&r.sites);
    vec_done(&r.asked);
    return rc;
}
