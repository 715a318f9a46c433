#include "cli/exposure_live.h"

enum { TOLD_BYTES = 256, PINS_BYTES = 64 * 1024 };

/* What the user wrote behind --pin, one pin after the other, as curl takes several too. */
static bool next_pin(const struct live_values *v, size_t *i, struct str *rest, struct str *ret_pin)
{
    while (!rest->p || !str_cut(rest, ';', ret_pin)) {
        if (*i == v->pin.n)
            return false;
        *rest = v->pin.v[(*i)++];
    }
    return true;
}

static bool pins_right(struct cli *cli, const struct live_values *v)
{
    struct str rest = STR_NONE, pin;
    for (size_t i = 0; next_pin(v, &i, &rest, &pin);) {
        const char *wrong = ask_pin_wrong(pin);
        if (wrong)
            cli_say(cli, "--pin %.*s: %s", STR_FMT(pin), wrong);
        if (wrong)
            return false;
    }
    return true;
}

bool live_usage(struct cli *cli, const struct live_values *v)
{
    const char *wrong = NULL;
    bool more = v->hosts.p || v->dry_run || v->ca.p || v->pin.n || v->timeout_s || v->save.p;
    if (!v->live && more)
        wrong = "--hosts, --dry-run, --ca, --pin, --timeout and --save belong to --live";
    else if (v->live && !v->hosts.p)
        wrong = "--live asks the hosts of a list and no others: --hosts FILE";
    else if (v->ca.p && !io_exists(v->ca))
        wrong = "--ca: there is no such file";
    if (wrong)
        cli_say(cli, "%s", wrong);
    return !wrong && pins_right(cli, v);
}

/* --- the list --- */

struct reading {
    const struct live_sink *sink;
    struct str file;
};

static enum err wrong_line(void *ctx, uint32_t line, struct str text, const char *why)
{
    const struct reading *r = ctx;
    struct buf detail;
    buf_init(&detail, 2 * TOLD_BYTES);
    buf_printf(&detail, "line %u: ", line);
    buf_str(&detail, str_sub(text, 0, TOLD_BYTES));
    buf_printf(&detail, ": %s", why);
    struct errand_gap gap = {
        .file = r->file, .reason = STR("not-asked"), .detail = buf_view(&detail)};
    enum err rc = detail.rc ? detail.rc : r->sink->gap(r->sink->ctx, &gap);
    buf_done(&detail);
    return rc;
}

enum err live_hosts(struct cli *cli, const struct live_values *v, const struct live_sink *sink,
                    struct ask_hosts *ret, struct error *error)
{
    struct reading reading = {sink, v->hosts};
    struct str text;
    TRY(io_read_file(cli->arena, v->hosts, ASK_LIST_BYTES, &text, error));
    TRY(ask_hosts_read(text, cli->arena, wrong_line, &reading, ret, error));
    return ret->n ? OK : fail(error, ERR_USAGE, "%.*s: no host to ask", STR_FMT(v->hosts));
}

void live_plan(struct buf *out, const struct ask_hosts *hosts)
{
    buf_puts(out, "User-Agent: " ASK_USER_AGENT "\n");
    for (size_t i = 0; i < hosts->n; i++) {
        struct str server = hosts->v[i].server;
        buf_printf(out, "\nGET %.*s" ASK_FIRST "\n", STR_FMT(server));
        buf_puts(out, "  then, if no build of four numbers was seen:\n");
        buf_printf(out, "GET where that leads, once, if it is on %.*s\n", STR_FMT(server));
        buf_puts(out, "  then, if still none was seen:\n");
        buf_printf(out, "GET %.*s" ASK_MANIFEST "\n", STR_FMT(server));
    }
}

/* --- asking --- */

/* All pins, as libcurl takes them. */
static enum err pins_of(struct cli *cli, const struct live_values *v, struct str *ret,
                        struct error *error)
{
    struct str rest = STR_NONE, pin;
    struct buf all;
    buf_init(&all, PINS_BYTES);
    for (size_t i = 0; next_pin(v, &i, &rest, &pin);) {
        if (all.n)
            buf_putc(&all, ';');
        buf_str(&all, pin);
    }
    *ret = arena_str(cli->arena, buf_view(&all));
    enum err rc = all.rc || !ret->p ? fail(error, ERR_USAGE, "too many pins") : OK;
    buf_done(&all);
    return rc;
}

enum err live_ask(struct cli *cli, const struct live_values *v, struct exposure_run *run,
                  const struct ask_hosts *hosts, struct error *error)
{
    struct ask_options options = {.ca_file = v->ca,
                                  .total_ms = (uint32_t)v->timeout_s * 1000,
                                  .interrupted = cli_watch_interrupts()};
    TRY(pins_of(cli, v, &options.pins, error));
    return exposure_ask(run, hosts, &options, v->save, error);
}
