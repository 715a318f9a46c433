/* Where alerts go beside the answer: a draft dossier, the channels. */
#include "cli/watch_run.h"
#include "dossier/draft.h"
#include "dossier/warning.h"
#include "os/clock.h"

#include <string.h>

/* ---- the draft ---- */

/* The newest one, first of all of those that concern an asset. */
static const struct alert *draft_of(const struct alert *alert, size_t n)
{
    const struct alert *best = NULL;
    for (size_t i = 0; i < n; i++)
        if (!best || (alert[i].customer.p != NULL) >= (best->customer.p != NULL))
            best = &alert[i];
    return best;
}

static enum err left_out_of_draft(struct run *r, const struct assets *assets,
                                  struct warnings *warnings, struct error *error)
{
    const struct watch_values *v = r->values;
    TRY(warnings_init(r->cli->arena, warnings, error));
    for (size_t i = 0; i < v->warning_list.n; i++) {
        struct str text;
        TRY(io_read_file(r->cli->arena, v->warning_list.v[i], WARNING_LIST_BYTES, &text, error));
        TRY(warnings_add_misp(warnings, text, v->warning_list.v[i], error));
    }
    for (size_t i = 0; assets && i < assets->asset.n; i++)
        TRY(warnings_add_own(warnings, &(struct str_list){&assets->asset.v[i].label, 1}));
    return warnings_add_own(warnings, &v->own);
}

/* All alerts of one subject, whatever their lane, make one draft. */
enum err run_draft(struct run *r, const struct alert *alert, size_t n, struct error *error)
{
    struct warnings warnings = {0};
    struct draft_options options = {.warnings = &warnings};
    struct draft_told told;
    const struct alert *of = draft_of(alert, n);
    struct alert *same = arena_new_n(r->cli->arena, struct alert, n);
    size_t n_same = 0;
    if (!same)
        return ERR_NOMEM;
    for (size_t i = n; i-- > 0;) /* the newest one gives the draft its title */
        if (alert[i].kind == of->kind && str_eq(alert[i].subject, of->subject))
            same[n_same++] = alert[i];
    enum err rc = left_out_of_draft(r, r->assets, &warnings, error);
    if (!rc)
        rc = dossier_draft(same, n_same, &options, r->values->draft, r->cli->arena, &told, error);
    warnings_done(&warnings);
    if (!rc && !r->cli->quiet)
        cli_say(
            r->cli,
            "draft dossier about %.*s in %.*s: %zu CVEs, %zu products, %zu indicators; %zu left "
            "out",
            STR_FMT(of->subject), STR_FMT(r->values->draft), told.cves, told.products,
            told.indicators, told.left_out + told.unusable + told.too_many);
    return rc;
}

/* ---- channels ---- */

struct sending {
    struct run *run;
    struct watch *w;
};

static void on_problem(void *ctx, struct str channel, struct str why)
{
    const struct sending *s = ctx;
    cli_say(s->run->cli, "channel %.*s: %.*s", STR_FMT(channel), STR_FMT(why));
}

static enum deliver_episode on_episode(void *ctx, struct str id)
{
    const struct sending *s = ctx;
    struct error error = {0};
    bool on;
    enum err rc = watch_goes_on(s->w, id, &on, &error);
    return rc ? EPISODE_UNKNOWN : on ? EPISODE_OPEN : EPISODE_OVER;
}

/* What could not be sent stays in the spool, and the next run tries again. Without a state no later
 * run knows whether an alert goes on. */
enum err run_send(struct run *r, struct watch *w, struct error *error)
{
    struct sending sending = {r, w};
    struct deliver_count count = {0};
    struct deliver_options options = {.now_us = clock_wall_us(),
                                      .interrupted = r->interrupted,
                                      .problem = on_problem,
                                      .episode = r->values->state.p ? on_episode : NULL,
                                      .ctx = &sending};
    if (!r->channels.n)
        return OK;
    enum err rc = deliver_run(&r->channels, r->values->spool, &options, &count, error);
    if (!rc && count.given_up + count.orphans + count.broken)
        cli_say(r->cli,
                "%.*s: %zu alerts were given up, %zu are for channels that are gone, %zu "
                "files are no alerts",
                STR_FMT(r->values->spool), count.given_up, count.orphans, count.broken);
    return rc;
}

/* From now on they are in the spool, on disk. What is due goes first, so that there is room. */
enum err run_post(struct run *r, struct watch *w, const struct alert *alert, size_t n,
                  struct error *error)
{
    if (!r->channels.n || !n)
        return OK;
    TRY(run_send(r, w, error));
    return deliver_post(&r->channels, alert, n, r->values->spool, error);
}
