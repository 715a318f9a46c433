#include "exposure/exposure_priv.h"

#include "os/clock.h"

/* Answers of servers that were asked just now: fetched here, read in a worker like saved ones. */

/* What is known of a host under way. */
struct asked_server {
    uint32_t answers;
    bool told; /* a build, exact or not */
};

struct live {
    struct exposure_run *run;
    const struct ask_hosts *hosts;
    struct asked_server *server;
    struct error *error;
};

static enum err on_answer(void *ctx, const struct ask_answer *answer, bool *ret_enough)
{
    struct live *l = ctx;
    struct asked_server *s = &l->server[answer->host];
    bool told = false;
    s->answers++;
    enum err rc = exposure_take_answer(l->run, l->hosts->v[answer->host].name, answer, &told,
                                       ret_enough, l->error);
    s->told |= told;
    return rc;
}

static enum err tell_gap(struct live *l, size_t host, struct str reason, struct str detail)
{
    struct errand_gap gap = {.file = l->hosts->v[host].server, .reason = reason, .detail = detail};
    l->run->count.gaps++;
    return l->run->options.gap ? l->run->options.gap(l->run->options.ctx, &gap) : OK;
}

/* It stays unknown, unless another source knows it. */
static enum err nothing_learnt(struct live *l, size_t host, long status)
{
    char text[64];
    struct observation o = {.kind = OBSERVED_BUILD,
                            .host = l->hosts->v[host].name,
                            .build = {{-1, -1, -1, -1}},
                            .source = STR("http"),
                            .file = l->hosts->v[host].server,
                            .time_us = clock_wall_us()};
    int n = snprintf(text, sizeof text, "no answer tells one, the last has status %ld", status);
    if (l->server[host].answers)
        TRY(tell_gap(l, host, STR("no-build"), str_make(text, (size_t)n)));
    return exposure_observe(l->run, &o);
}

static enum err on_done(void *ctx, size_t host, long status, struct str problem)
{
    struct live *l = ctx;
    if (problem.n)
        TRY(tell_gap(l, host, STR("not-examined"), problem));
    return l->server[host].told ? OK : nothing_learnt(l, host, status);
}

enum err exposure_ask(struct exposure_run *run, const struct ask_hosts *hosts,
                      const struct ask_options *options, struct error *error)
{
    struct live l = {.run = run, .hosts = hosts, .error = error};
    struct ask_sink sink = {on_answer, on_done, &l};
    struct ask *ask = NULL;
    l.server = arena_new_n(&run->arena, struct asked_server, hosts->n + 1);
    if (!l.server)
        return fail(error, ERR_NOMEM, "out of memory");
    enum err rc = ask_open(options, &ask, error);
    if (!rc)
        rc = ask_all(ask, hosts, &sink, error);
    ask = ask_close(ask);
    return rc;
}
