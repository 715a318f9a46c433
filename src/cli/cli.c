#include "cli/cmd.h"
#include "os/term.h"
#include "output/escape.h"
#include "output/table.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

enum { MESSAGE_BYTES = 16 * 1024 };

const struct command *command_find(const struct tool *p, struct str name)
{
    for (size_t i = 0; i < p->n_commands; i++)
        if (str_eq(name, str_of(p->commands[i].name)))
            return &p->commands[i];
    return NULL;
}

static void say(struct cli *cli, struct str text)
{
    struct buf b;
    buf_init(&b, MESSAGE_BYTES);
    buf_printf(&b, "%s: ", cli->program->name);
    escape_terminal(&b, text, false);
    buf_putc(&b, '\n');
    (void)fwrite(b.p, 1, b.n, cli->err);
    buf_done(&b);
}

void cli_say(struct cli *cli, const char *fmt, ...)
{
    char text[2048];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    say(cli, str_of(text));
}

static enum status status_of(enum err code)
{
    switch (code) {
    case OK:
    case END: return STATUS_OK;
    case ERR_USAGE: return STATUS_USAGE;
    case ERR_FORMAT:
    case ERR_LIMIT:
    case ERR_UNSUPPORTED: return STATUS_INCOMPLETE;
    case ERR_NOT_FOUND:
    case ERR_IO: return STATUS_IO;
    case ERR_NOMEM:
    case ERR_AGAIN: return STATUS_AGAIN;
    case ERR_BUG: return STATUS_INTERNAL;
    }
    return STATUS_INTERNAL;
}

void cli_warning(void *ctx, struct str text)
{
    struct cli *cli = ctx;
    if (!cli->quiet)
        cli_say(cli, "%.*s", STR_FMT(text));
}

enum status cli_error(struct cli *cli, const struct error *error)
{
    struct buf b;
    buf_init(&b, MESSAGE_BYTES);
    if (error->input[0] && error->offset)
        buf_printf(&b, "%s:%" PRIu64 ": ", error->input, error->offset);
    else if (error->input[0])
        buf_printf(&b, "%s: ", error->input);
    buf_puts(&b, error->text[0] ? error->text : err_name(error->code));
    say(cli, buf_view(&b));
    buf_done(&b);
    return status_of(error->code);
}

enum status cli_print(struct cli *cli, const struct buf *b)
{
    if (b->rc) {
        cli_say(cli, "the output is too large or memory ran out (%s)", err_name(b->rc));
        return STATUS_INTERNAL;
    }
    if (b->n && fwrite(b->p, 1, b->n, cli->out) != b->n) {
        cli_say(cli, "cannot write the output: %s", strerror(errno));
        return STATUS_IO;
    }
    return STATUS_OK;
}

unsigned cli_columns(const struct cli *cli)
{
    int fd = fileno(cli->out);
    unsigned columns = term_is(fd) ? term_width(fd) : 0;
    return columns && columns < PAGE_MIN ? PAGE_MIN : columns;
}

static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal_number)
{
    (void)signal_number;
    interrupted = 1;
}

const volatile sig_atomic_t *cli_watch_interrupts(void)
{
    struct sigaction action = {.sa_handler = on_interrupt, .sa_flags = (int)SA_RESETHAND};
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    return &interrupted;
}

static enum err add_to_buf(void *ctx, const void *p, size_t n)
{
    struct buf *b = ctx;
    buf_add(b, p, n);
    return b->rc;
}

void cli_wrap(struct buf *b, unsigned columns, const char *label, struct str text)
{
    struct sink sink;
    struct page page = {.sink = &sink, .width = columns};
    if (!columns) {
        buf_puts(b, label);
        escape_terminal(b, text, false);
        buf_putc(b, '\n');
        return;
    }
    sink_init(&sink, add_to_buf, b);
    page_wrap(&page, 0, STYLE_PLAIN, label, text);
    if (sink_flush(&sink) && !b->rc)
        b->rc = sink.rc;
    sink_done(&sink);
}
