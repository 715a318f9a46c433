/* What people say of alerts: --ack and --mute. */
#include "cli/suggest.h"
#include "cli/watch_run.h"
#include "os/clock.h"
#include "store/chatter.h"

#include <string.h>

enum { FOLDED_BYTES = 4 * SUGGEST_MAX };

/* Is a subject called so, and if not, which one was meant? */
struct looked {
    struct arena *arena;
    struct str wanted, folded;
    uint64_t subjects;
    bool found;
    struct suggestion near;
    struct str holds; /* the shortest name with the wanted one in it */
};

/* In small letters and with a NUL behind it; what is longer is no candidate. */
static struct str small_letters(struct str s, char room[FOLDED_BYTES])
{
    if (s.n >= FOLDED_BYTES)
        return (struct str){0};
    ascii_lower_all(room, s.p, s.n);
    room[s.n] = 0;
    return str_make(room, s.n);
}

static enum err on_subject(void *ctx, uint32_t number, int kind, struct str name)
{
    struct looked *l = ctx;
    char room[FOLDED_BYTES];
    (void)number;
    (void)kind;
    l->subjects++;
    l->found |= str_ieq(name, l->wanted);
    struct str folded = small_letters(name, room);
    if (l->found || !folded.p || !l->folded.p)
        return OK;
    suggest_offer(&l->near, folded.p);
    bool holds = l->folded.n >= 3 && str_find(folded, l->folded) >= 0 &&
                 (!l->holds.p || name.n < l->holds.n);
    if (l->near.best != room && !holds)
        return OK;
    struct str copy = arena_str(l->arena, name); /* ends with a NUL */
    if (!copy.p)
        return ERR_NOMEM;
    l->near.best = l->near.best == room ? copy.p : l->near.best;
    l->holds = holds ? copy : l->holds;
    return OK;
}

/* Before the first run nothing was named, and everything may be muted. */
static enum err check_subject(struct run *r, struct chatter *store, struct error *error)
{
    char room[FOLDED_BYTES];
    struct str wanted = r->values->mute;
    struct looked l = {.arena = r->cli->arena, .wanted = wanted};
    l.folded = l.near.word = small_letters(wanted, room);
    TRY(chatter_subjects(store, on_subject, &l, error));
    const char *meant = l.near.best ? l.near.best : l.holds.p;
    if (!l.subjects)
        cli_say(r->cli, "no post was read into that state yet: '%.*s' is muted if it is ever named",
                STR_FMT(wanted));
    if (l.found || !l.subjects)
        return OK;
    return meant ? fail(error, ERR_NOT_FOUND,
                        "no subject of the state is called '%.*s'; did you mean '%s'?",
                        STR_FMT(wanted), meant)
                 : fail(error, ERR_NOT_FOUND, "no subject of the state is called '%.*s'",
                        STR_FMT(wanted));
}

static enum err say(struct run *r, struct chatter *store, struct error *error)
{
    const struct watch_values *v = r->values;
    TRY(chatter_begin(store, error));
    if (v->ack.p)
        TRY(chatter_ack(store, v->ack, v->reason, clock_wall_us(), error));
    if (v->mute.p)
        TRY(check_subject(r, store, error));
    if (v->mute.p)
        TRY(chatter_mute(store, v->mute, v->reason, v->until_us, error));
    return chatter_commit(store, error);
}

enum status run_say(struct run *r)
{
    const struct watch_values *v = r->values;
    struct chatter store;
    struct error error = {0};
    if (!v->state.p) {
        cli_say(r->cli, "--ack and --mute need the --state that the alerts are in");
        return STATUS_USAGE;
    }
    if (v->ack.p && !io_exists(v->state)) {
        cli_say(r->cli, "%.*s: no such state, so no alert to acknowledge", STR_FMT(v->state));
        return STATUS_USAGE;
    }
    if (chatter_open(&store, v->state, &error))
        return cli_error(r->cli, &error);
    enum err rc = say(r, &store, &error);
    chatter_close(&store);
    if (rc && !error.code)
        (void)fail(&error, rc, "cannot go on: %s", err_name(rc));
    if (rc == ERR_NOT_FOUND)
        error.code = ERR_USAGE;
    return rc ? cli_error(r->cli, &error) : STATUS_OK;
}
