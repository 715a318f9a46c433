#include "cli/help.h"

/* Text of a roff line: nothing of it is taken for a request or an escape. */
static void roff(struct buf *b, struct str s)
{
    if (s.n && (s.p[0] == '.' || s.p[0] == '\''))
        buf_puts(b, "\\&");
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\\')
            buf_puts(b, "\\e");
        else if (s.p[i] == '-')
            buf_puts(b, "\\-");
        else if (s.p[i] == '\'')
            buf_puts(b, "\\(aq");
        else
            buf_putc(b, s.p[i]);
    }
}

static void roff_line(struct buf *b, const char *request, struct str s)
{
    buf_puts(b, request);
    roff(b, s);
    buf_putc(b, '\n');
}

static void paragraphs(struct buf *b, const char *text)
{
    struct str rest = str_of(text), line;
    while (str_cut(&rest, '\n', &line)) {
        if (line.n)
            roff_line(b, "", line);
        else
            buf_puts(b, ".PP\n");
    }
}

static void options(struct buf *b, const struct option_def *defs)
{
    for (const struct option_def *d = defs; d && d->name; d++) {
        buf_puts(b, ".TP\n");
        if (d->letter)
            buf_printf(b, "\\fB\\-%c\\fR, ", d->letter);
        buf_puts(b, "\\fB\\-\\-");
        roff(b, str_of(d->name));
        buf_puts(b, "\\fR");
        if (d->arg) {
            buf_puts(b, " \\fI");
            roff(b, str_of(d->arg));
            buf_puts(b, "\\fR");
        }
        buf_putc(b, '\n');
        roff_line(b, "", str_of(d->help));
    }
}

static void synopsis(struct buf *b, const struct tool *p, const struct command *c)
{
    buf_printf(b, "\\fB%s %s\\fR%s", p->name, c->name, c->options ? " [\\fIoptions\\fR]" : "");
    if (*c->operands) {
        buf_puts(b, " \\fI");
        roff(b, str_of(c->operands));
        buf_puts(b, "\\fR");
    }
    buf_putc(b, '\n');
}

static void examples(struct buf *b, const struct example *list)
{
    for (const struct example *e = list; e && e->line; e++) {
        buf_puts(b, ".TP\n");
        roff_line(b, "", str_of(e->line));
        roff_line(b, "", str_of(e->says));
    }
}

static void statuses(struct buf *b)
{
    buf_puts(b, ".SH EXIT STATUS\n");
    for (const struct status_text *s = status_texts; s->text; s++) {
        buf_printf(b, ".TP\n%d\n", (int)s->status);
        roff_line(b, "", str_of(s->text));
    }
}

/* The page of one command, or its section in the page of the program. */
static void one_command(struct buf *b, const struct tool *p, const struct command *c)
{
    buf_puts(b, ".SH SYNOPSIS\n");
    synopsis(b, p, c);
    buf_puts(b, ".SH DESCRIPTION\n");
    paragraphs(b, c->about);
    buf_puts(b, ".SH OPTIONS\n");
    options(b, c->options);
    options(b, p->globals);
    if (c->examples)
        buf_puts(b, ".SH EXAMPLES\n");
    examples(b, c->examples);
}

static void all_commands(struct buf *b, const struct tool *p)
{
    buf_puts(b, ".SH SYNOPSIS\n");
    for (size_t i = 0; i < p->n_commands; i++) {
        synopsis(b, p, &p->commands[i]);
        if (i + 1 < p->n_commands)
            buf_puts(b, ".br\n");
    }
    buf_puts(b, ".SH DESCRIPTION\n");
    paragraphs(b, p->about);
    buf_puts(b, ".SH OPTIONS OF EVERY COMMAND\n");
    options(b, p->globals);
    buf_puts(b, ".SH COMMANDS\n");
    for (size_t i = 0; i < p->n_commands; i++) {
        const struct command *c = &p->commands[i];
        roff_line(b, ".SS ", str_of(c->name));
        synopsis(b, p, c);
        buf_puts(b, ".PP\n");
        paragraphs(b, c->about);
        options(b, c->options);
        examples(b, c->examples);
    }
}

void help_man(struct buf *b, const struct tool *p, const struct command *c)
{
    buf_puts(b, ".TH ");
    for (const char *s = p->name; *s; s++)
        buf_putc(b, (char)(*s >= 'a' && *s <= 'z' ? *s - 32 : *s));
    buf_printf(b, " 1 \"\" \"%s %s\" \"User Commands\"\n.SH NAME\n", p->name, p->version);
    buf_puts(b, p->name);
    if (c) {
        buf_putc(b, '-');
        for (const char *s = c->name; *s; s++)
            buf_putc(b, *s == ' ' ? '-' : *s);
    }
    roff_line(b, " \\- ", str_of(c ? c->summary : p->summary));
    if (c)
        one_command(b, p, c);
    else
        all_commands(b, p);
    statuses(b);
    buf_puts(b, ".SH ENVIRONMENT\n.TP\nNO_COLOR\nif set and not empty, no colours are used\n");
}
