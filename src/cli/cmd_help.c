#include "cli/help.h"
#include "cli/suggest.h"

const size_t help_values_size = sizeof(struct help_values);

const struct option_def help_option_defs[] = {
    {.name = "json",
     FLAG(struct help_values, json),
     .help = "print all commands and options as JSON"},
    {.name = "man", FLAG(struct help_values, man), .help = "print the manual page as roff"},
    {0},
};

enum { HELP_MAX_BYTES = 4 * 1024 * 1024 };

/* "rules lint" from one or two operands. */
static struct str command_name(struct cli *cli, const struct str_list *words)
{
    struct buf b;
    buf_init(&b, 256);
    for (size_t i = 0; i < words->n; i++) {
        if (i)
            buf_putc(&b, ' ');
        buf_str(&b, words->v[i]);
    }
    struct str name = arena_str(cli->arena, buf_view(&b));
    buf_done(&b);
    return name;
}

static enum status unknown(struct cli *cli, struct str name)
{
    struct suggestion s = {.word = name};
    for (size_t i = 0; i < cli->program->n_commands; i++)
        suggest_offer(&s, cli->program->commands[i].name);
    if (s.best)
        cli_say(cli, "unknown command '%.*s'; did you mean '%s'?", STR_FMT(name), s.best);
    else
        cli_say(cli, "unknown command '%.*s'; '%s help' lists the commands", STR_FMT(name),
                cli->program->name);
    return STATUS_USAGE;
}

static enum status print_help(struct cli *cli, const struct help_values *v,
                              const struct str_list *words, struct buf *b)
{
    const struct tool *p = cli->program;
    struct str name = command_name(cli, words);
    const struct command *c = words->n ? command_find(p, name) : NULL;
    if (v->json)
        help_json(b, p);
    else if (words->n && !c && (v->man || !help_family(b, p, name, cli->color)))
        return unknown(cli, name);
    else if (v->man)
        help_man(b, p, c);
    else if (c)
        help_command(b, p, c, cli->color);
    else if (words->n == 0)
        help_overview(b, p, cli->color);
    return cli_print(cli, b);
}

enum status cmd_help(struct cli *cli, const void *values, const struct str_list *operands)
{
    struct buf b;
    buf_init(&b, HELP_MAX_BYTES);
    enum status status = print_help(cli, values, operands, &b);
    buf_done(&b);
    return status;
}

enum status cmd_completion(struct cli *cli, const void *values, const struct str_list *operands)
{
    static const struct {
        const char *shell;
        void (*write)(struct buf *b, const struct tool *p);
    } shells[] = {{"bash", complete_bash}, {"zsh", complete_zsh}, {"fish", complete_fish}};
    struct buf b;
    struct suggestion near = {.word = operands->v[0]};
    enum status status = STATUS_USAGE;
    (void)values;
    buf_init(&b, HELP_MAX_BYTES);
    for (size_t i = 0; i < ARRAY_LEN(shells); i++) {
        suggest_offer(&near, shells[i].shell);
        if (str_eq(near.word, str_of(shells[i].shell))) {
            shells[i].write(&b, cli->program);
            status = cli_print(cli, &b);
        }
    }
    if (status == STATUS_USAGE && near.best)
        cli_say(cli, "no completion for '%.*s'; did you mean '%s'?", STR_FMT(near.word), near.best);
    else if (status == STATUS_USAGE)
        cli_say(cli, "no completion for '%.*s': bash, zsh and fish are known", STR_FMT(near.word));
    buf_done(&b);
    return status;
}
