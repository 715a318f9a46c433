#include "cli/case_take.h"

#include "os/clock.h"
#include "os/io.h"

#include <string.h>

static enum err take_lines(struct case_take *t)
{
    struct str rest = buf_view(&t->line);
    ptrdiff_t end;
    while (!t->rc && (end = str_chr(rest, '\n')) >= 0) {
        t->rc = case_add(&t->store, str_sub(rest, 0, (size_t)end), &t->error);
        rest = str_sub(rest, (size_t)end + 1, rest.n);
    }
    memmove(t->line.p, rest.p, rest.n);
    t->line.n = rest.n;
    return t->rc;
}

static enum err on_bytes(void *ctx, const void *p, size_t n)
{
    struct case_take *t = ctx;
    buf_add(&t->line, p, n);
    return t->line.rc ? t->line.rc : take_lines(t);
}

enum err case_take_open(struct case_take *t, struct str path, const struct str_list *inputs,
                        struct error *error)
{
    *t = (struct case_take){0};
    if (!path.p)
        return OK;
    for (size_t i = 0; i < inputs->n; i++)
        if (io_inside(path, inputs->v[i]))
            return fail(error, ERR_USAGE, "--case would write into the evidence: '%.*s'",
                        STR_FMT(path));
    TRY(case_open(&t->store, path, true, error));
    sink_init(&t->sink, on_bytes, t);
    buf_init(&t->line, CASE_LINE_BYTES);
    t->on = true;
    return OK;
}

void case_take_close(struct case_take *t)
{
    if (!t->on)
        return;
    sink_done(&t->sink);
    buf_done(&t->line);
    case_close(&t->store);
    t->on = false;
}

enum err case_take_begin(struct case_take *t, const char *verb, const struct str_list *inputs,
                         struct error *error)
{
    struct buf said;
    buf_init(&said, 1024 * 1024);
    for (size_t i = 0; i < inputs->n; i++) {
        buf_str(&said, inputs->v[i]);
        buf_putc(&said, '\n');
    }
    struct case_run run = {.verb = str_of(verb),
                           .arguments = buf_view(&said),
                           .program = STR(TOCSIN_VERSION),
                           .started_us = clock_wall_us()};
    enum err rc = said.rc ? said.rc : case_begin(&t->store, &run, error);
    buf_done(&said);
    return rc;
}

enum err case_take_end(struct case_take *t, enum err rc, struct error *error)
{
    enum err flushed = sink_flush(&t->sink);
    if (!t->rc && !rc && !flushed)
        return case_end(&t->store, clock_wall_us(), error);
    case_give_up(&t->store);
    if (t->rc)
        *error = t->error;
    else
        (void)fail(error, rc ? rc : flushed, "the case cannot take the answer");
    return t->rc ? t->rc : rc ? rc : flushed;
}
