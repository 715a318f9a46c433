#include "exposure/exposure_priv.h"

#include "os/clock.h"
#include "os/folder.h"

/* Answers of servers that were asked just now: fetched here, read in a worker like saved ones. */

enum { NAME_BYTES = 224, KEPT_BYTES = ASK_HEADER_BYTES + ASK_BODY_BYTES + 2 * ASK_URL_BYTES };

/* What is known of a host under way. */
struct asked_server {
    uint32_t answers;
    bool told; /* a build, exact or not */
};

struct live {
    struct exposure_run *run;
    const struct ask_hosts *hosts;
    struct asked_server *server;
    struct str save; /* folder; absent: answers are not kept */
    struct error *error;
};

/* --- keeping --- */

/* "ex01.example.org_8443-2.http" */
static struct str file_name(const struct live *l, size_t host, char out[NAME_BYTES + 32])
{
    const struct str https = STR("https://");
    struct str server = l->hosts->v[host].server;
    server = str_sub(server, https.n, https.n + NAME_BYTES);
    int n =
        snprintf(out, NAME_BYTES + 32, "%.*s-%u.http", STR_FMT(server), l->server[host].answers);
    for (int i = 0; i < n; i++)
        out[i] = strchr(":[]", out[i]) ? '_' : out[i];
    return str_make(out, (size_t)n);
}

/* As it came, behind the address that was asked: the reader of saved answers knows both. */
static enum err keep(struct live *l, const struct ask_answer *answer)
{
    char name[NAME_BYTES + 32];
    struct buf text;
    struct io_stamp stamp = {0};
    if (!l->save.p || io_stamp(answer->fd, &stamp))
        return OK;
    buf_init(&text, KEPT_BYTES);
    buf_str(&text, answer->url);
    buf_putc(&text, '\n');
    char *to = buf_reserve(&text, stamp.size_bytes);
    ssize_t n = to ? io_pread(answer->fd, to, stamp.size_bytes, 0) : 0;
    text.n += n > 0 ? (size_t)n : 0;
    enum err rc = text.rc ? fail(l->error, text.rc, "out of memory")
                          : file_replace(l->save, file_name(l, answer->host, name), buf_view(&text),
                                         l->error);
    buf_done(&text);
    return rc;
}

/* --- answers --- */

static enum err on_answer(void *ctx, const struct ask_answer *answer, bool *ret_enough)
{
    struct live *l = ctx;
    struct asked_server *s = &l->server[answer->host];
    bool told = false;
    s->answers++;
    TRY(keep(l, answer));
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
                      const struct ask_options *options, struct str save, struct error *error)
{
    struct live l = {.run = run, .hosts = hosts, .save = save, .error = error};
    struct ask_sink sink = {on_answer, on_done, &l};
    struct ask *ask = NULL;
    l.server = arena_new_n(&run->arena, struct asked_server, hosts->n + 1);
    if (!l.server)
        return fail(error, ERR_NOMEM, "out of memory");
    enum err rc = save.p ? folder_make(save, error) : OK;
    if (!rc)
        rc = ask_open(options, &ask, error);
    if (!rc)
        rc = ask_all(ask, hosts, &sink, error);
    ask = ask_close(ask);
    return rc;
}
