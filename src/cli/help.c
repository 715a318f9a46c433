#include "cli/help.h"

enum { WIDTH = 80, SUMMARY_AT = 18, HELP_AT = 26 };

const struct status_text status_texts[] = {
    {STATUS_OK, "nothing found, and everything given was examined"},
    {STATUS_FOUND, "something was found: a finding above a probe, a rule or dossier with an error"},
    {STATUS_USAGE, "the command line is wrong"},
    {STATUS_INCOMPLETE,
     "nothing found, but something was not examined: skipped, cut or not enough evidence"},
    {STATUS_INTERNAL, "internal error"},
    {STATUS_IO, "an input or output could not be used"},
    {STATUS_AGAIN, "try again: a resource is busy or short"},
    {STATUS_INTERRUPTED, "interrupted; what was done until then is printed"},
    {STATUS_OK, NULL},
};

static void spaces(struct buf *b, size_t n)
{
    while (n--)
        buf_putc(b, ' ');
}

static void heading(struct buf *b, const char *text, bool color)
{
    buf_printf(b, color ? "\n\033[1m%s\033[0m\n" : "\n%s\n", text);
}

/* Words of one paragraph, broken before WIDTH; column is where the cursor stands. */
static void wrap(struct buf *b, struct str text, size_t indent, size_t column)
{
    struct str word;
    bool first = true;
    while (str_cut(&text, ' ', &word)) {
        if (!first && column + 1 + word.n > WIDTH) {
            buf_putc(b, '\n');
            spaces(b, indent);
            column = indent;
        } else if (!first) {
            buf_putc(b, ' ');
            column++;
        }
        buf_str(b, word);
        column += word.n;
        first = false;
    }
    buf_putc(b, '\n');
}

/* A left column and an explanation beside it, or below it where it is too wide. */
static void row(struct buf *b, struct str left, const char *text, size_t at)
{
    buf_puts(b, "  ");
    buf_str(b, left);
    if (left.n + 3 > at) {
        buf_putc(b, '\n');
        spaces(b, at);
    } else {
        spaces(b, at - 2 - left.n);
    }
    wrap(b, str_of(text), at, at);
}

static void option_rows(struct buf *b, const struct option_def *defs)
{
    struct buf left;
    buf_init(&left, 256);
    for (const struct option_def *d = defs; d && d->name; d++) {
        buf_reset(&left);
        if (d->letter)
            buf_printf(&left, "-%c, ", d->letter);
        else
            buf_puts(&left, "    ");
        buf_printf(&left, "--%s", d->name);
        if (d->arg)
            buf_printf(&left, " %s", d->arg);
        row(b, buf_view(&left), d->help, HELP_AT);
    }
    buf_done(&left);
}

static void paragraphs(struct buf *b, const char *text)
{
    struct str rest = str_of(text), line;
    while (str_cut(&rest, '\n', &line))
        wrap(b, line, 0, 0);
}

void help_synopsis(struct buf *b, const struct tool *p, const struct command *c)
{
    buf_printf(b, "%s %s%s%s%s", p->name, c->name, c->options ? " [options]" : "",
               *c->operands ? " " : "", c->operands);
}

void help_overview(struct buf *b, const struct tool *p, bool color)
{
    buf_printf(b, "%s %s: %s\n\nusage: %s COMMAND [options] ...\n", p->name, p->version, p->summary,
               p->name);
    const char *group = "";
    for (size_t i = 0; i < p->n_commands; i++) {
        const struct command *c = &p->commands[i];
        if (strcmp(c->group, group) != 0)
            heading(b, group = c->group, color);
        row(b, str_of(c->name), c->summary, SUMMARY_AT);
    }
    heading(b, "options of every command", color);
    option_rows(b, p->globals);
    buf_printf(b, "\n'%s help COMMAND' tells more about one command.\n", p->name);
}

bool help_family(struct buf *b, const struct tool *p, struct str word, bool color)
{
    bool any = false;
    for (size_t i = 0; i < p->n_commands; i++) {
        struct str rest = str_of(p->commands[i].name), first;
        (void)str_cut(&rest, ' ', &first);
        if (!rest.p || !str_eq(first, word))
            continue;
        if (!any)
            heading(b, p->commands[i].group, color);
        row(b, str_of(p->commands[i].name), p->commands[i].summary, SUMMARY_AT);
        any = true;
    }
    return any;
}

void help_command(struct buf *b, const struct tool *p, const struct command *c, bool color)
{
    buf_printf(b, "%s %s: %s\n\nusage: ", p->name, c->name, c->summary);
    help_synopsis(b, p, c);
    buf_puts(b, "\n\n");
    paragraphs(b, c->about);
    if (c->options) {
        heading(b, "options", color);
        option_rows(b, c->options);
    }
    heading(b, "options of every command", color);
    option_rows(b, p->globals);
    if (!c->examples)
        return;
    heading(b, "examples", color);
    for (const struct example *e = c->examples; e->line; e++)
        buf_printf(b, "  %s\n      %s\n", e->line, e->says);
}
