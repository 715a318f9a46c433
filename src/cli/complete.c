#include "cli/help.h"

/* Text inside single quotes of a shell. */
static void quoted(struct buf *b, const char *text)
{
    for (; *text; text++) {
        if (*text == '\'')
            buf_puts(b, "'\\''");
        else
            buf_putc(b, *text);
    }
}

static void option_words(struct buf *b, const struct option_def *defs)
{
    for (const struct option_def *d = defs; d && d->name; d++) {
        if (d->letter)
            buf_printf(b, " -%c", d->letter);
        buf_printf(b, " --%s", d->name);
    }
}

/* The options that take a value: there the shell offers files. */
static void value_words(struct buf *b, const struct option_def *defs)
{
    for (const struct option_def *d = defs; d && d->name; d++) {
        if (!d->arg)
            continue;
        if (d->letter)
            buf_printf(b, "|-%c", d->letter);
        buf_printf(b, "|--%s", d->name);
    }
}

/* Calls say(word, command) once for every first word. */
static bool first_of_family(const struct tool *p, size_t i, struct str *ret_word, bool *ret_family)
{
    struct str rest = str_of(p->commands[i].name);
    (void)str_cut(&rest, ' ', ret_word);
    *ret_family = rest.p != NULL;
    if (i == 0)
        return true;
    struct str before = str_of(p->commands[i - 1].name), word;
    (void)str_cut(&before, ' ', &word);
    return !str_eq(word, *ret_word);
}

static void first_words(struct buf *b, const struct tool *p)
{
    struct str word;
    bool family;
    for (size_t i = 0; i < p->n_commands; i++)
        if (first_of_family(p, i, &word, &family))
            buf_printf(b, "%s%.*s", i ? " " : "", STR_FMT(word));
}

static void second_words(struct buf *b, const struct tool *p, struct str word)
{
    const char *blank = "";
    for (size_t i = 0; i < p->n_commands; i++) {
        struct str rest = str_of(p->commands[i].name), first;
        (void)str_cut(&rest, ' ', &first);
        if (rest.p && str_eq(first, word)) {
            buf_printf(b, "%s%.*s", blank, STR_FMT(rest));
            blank = " ";
        }
    }
}

static void bash_options(struct buf *b, const struct tool *p, const struct command *c)
{
    buf_printf(b, "    '%s') options='", c->name);
    option_words(b, c->options);
    option_words(b, p->globals);
    buf_puts(b, "'; valued='none");
    value_words(b, c->options);
    buf_puts(b, "' ;;\n");
}

static void bash_families(struct buf *b, const struct tool *p)
{
    struct str word;
    bool family;
    for (size_t i = 0; i < p->n_commands; i++) {
        if (!first_of_family(p, i, &word, &family) || !family)
            continue;
        buf_printf(b, "    '%.*s') words='", STR_FMT(word));
        second_words(b, p, word);
        buf_puts(b, "'; options='' ;;\n");
    }
}

void complete_bash(struct buf *b, const struct tool *p)
{
    buf_printf(b, "# bash completion for %s; load it with: source <(%s completion bash)\n", p->name,
               p->name);
    buf_printf(
        b,
        "_%s()\n{\n"
        "  local now=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
        "  local command='' words='' options='' valued='' i\n"
        "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
        "    case ${COMP_WORDS[i]} in -*) ;; *) command=\"$command ${COMP_WORDS[i]}\" ;; esac\n"
        "  done\n"
        "  set -- $command\n"
        "  case \"$1\" in\n",
        p->name);
    struct str word;
    bool family;
    for (size_t i = 0; i < p->n_commands; i++)
        if (first_of_family(p, i, &word, &family))
            buf_printf(b, "    %.*s) command=\"$1%s\" ;;\n", STR_FMT(word),
                       family ? "${2:+ $2}" : "");
    buf_puts(b, "    *) command=\"$1\" ;;\n  esac\n  case \"$command\" in\n    '') words='");
    first_words(b, p);
    buf_puts(b, "'; options='");
    option_words(b, p->globals);
    buf_puts(b, "' ;;\n    help) words='");
    first_words(b, p);
    buf_puts(b, "' ;;\n    completion) words='bash zsh fish' ;;\n");
    bash_families(b, p);
    buf_puts(b, "  esac\n  case \"$command\" in\n");
    for (size_t i = 0; i < p->n_commands; i++)
        bash_options(b, p, &p->commands[i]);
    buf_puts(b,
             "  esac\n"
             "  case \"|$valued|\" in\n"
             "    *\"|$before|\"*) COMPREPLY=($(compgen -f -- \"$now\")); return ;;\n"
             "  esac\n"
             "  case $now in\n"
             "    -*) COMPREPLY=($(compgen -W \"$options\" -- \"$now\")) ;;\n"
             "    *) if [ -n \"$words\" ]; then COMPREPLY=($(compgen -W \"$words\" -- \"$now\"))\n"
             "       else COMPREPLY=($(compgen -f -- \"$now\")); fi ;;\n"
             "  esac\n}\n");
    buf_printf(b, "complete -o filenames -F _%s %s\n", p->name, p->name);
}

/* In an _arguments description, brackets and colons have a meaning. */
static void zsh_text(struct buf *b, const char *text)
{
    for (; *text; text++) {
        if (*text == '[' || *text == ']' || *text == ':' || *text == '\\')
            buf_putc(b, '\\');
        if (*text == '\'')
            buf_puts(b, "'\\''");
        else
            buf_putc(b, *text);
    }
}

static void zsh_option(struct buf *b, const struct option_def *d, const char *dashes,
                       struct str name)
{
    buf_printf(b, " \\\n        '%s%s%.*s", d->kind == OPTION_LIST ? "*" : "", dashes,
               STR_FMT(name));
    buf_putc(b, '[');
    zsh_text(b, d->help);
    buf_putc(b, ']');
    if (d->arg) {
        buf_putc(b, ':');
        zsh_text(b, d->arg);
        buf_puts(b, ":_files");
    }
    buf_putc(b, '\'');
}

static void zsh_options(struct buf *b, const struct option_def *defs)
{
    for (const struct option_def *d = defs; d && d->name; d++) {
        if (d->letter)
            zsh_option(b, d, "-", str_make(&d->letter, 1));
        zsh_option(b, d, "--", str_of(d->name));
    }
}

static void zsh_commands(struct buf *b, const struct tool *p)
{
    for (size_t i = 0; i < p->n_commands; i++) {
        const struct command *c = &p->commands[i];
        buf_printf(b, "    '%s')\n      _arguments -s", c->name);
        zsh_options(b, c->options);
        zsh_options(b, p->globals);
        if (strcmp(c->name, "completion") == 0)
            buf_puts(b, " \\\n        '1:shell:(bash zsh fish)'");
        else if (*c->operands)
            buf_puts(b, " \\\n        '*:operand:_files'");
        buf_puts(b, " ;;\n");
    }
}

void complete_zsh(struct buf *b, const struct tool *p)
{
    struct str word;
    bool family;
    buf_printf(
        b,
        "#compdef %s\n# zsh completion for %s: put it as _%s into a folder of $fpath\n_%s()\n{\n",
        p->name, p->name, p->name, p->name);
    buf_puts(b, "  local command\n"
                "  if (( CURRENT == 2 )); then\n    _arguments -s");
    zsh_options(b, p->globals);
    buf_puts(b, " \\\n        '1:command:(");
    first_words(b, p);
    buf_puts(b, ")'\n    return\n  fi\n  command=$words[2]\n  shift words\n  (( CURRENT-- ))\n"
                "  case $command in\n");
    for (size_t i = 0; i < p->n_commands; i++) {
        if (!first_of_family(p, i, &word, &family) || !family)
            continue;
        buf_printf(b, "    '%.*s')\n      if (( CURRENT == 2 )); then compadd ", STR_FMT(word));
        second_words(b, p, word);
        buf_puts(b, "; return; fi\n      command=\"$command $words[2]\"\n      shift words\n"
                    "      (( CURRENT-- )) ;;\n");
    }
    buf_puts(b, "  esac\n  case $command in\n");
    zsh_commands(b, p);
    buf_printf(b, "  esac\n}\n_%s \"$@\"\n", p->name);
}

static void fish_options(struct buf *b, const struct tool *p, const char *condition,
                         const struct option_def *defs)
{
    for (const struct option_def *d = defs; d && d->name; d++) {
        buf_printf(b, "complete -c %s%s", p->name, condition);
        if (d->letter)
            buf_printf(b, " -s %c", d->letter);
        buf_printf(b, " -l %s%s -d '", d->name, d->arg ? " -r" : "");
        quoted(b, d->help);
        buf_puts(b, "'\n");
    }
}

static void fish_command(struct buf *b, const struct tool *p, const struct command *c)
{
    struct str rest = str_of(c->name), first;
    struct buf condition;
    buf_init(&condition, 512);
    (void)str_cut(&rest, ' ', &first);
    buf_printf(&condition, " -n '__fish_seen_subcommand_from %.*s", STR_FMT(first));
    if (rest.p) {
        buf_printf(b,
                   "complete -c %s -f -n '__fish_seen_subcommand_from %.*s; and not "
                   "__fish_seen_subcommand_from %.*s' -a '%.*s' -d '",
                   p->name, STR_FMT(first), STR_FMT(rest), STR_FMT(rest));
        quoted(b, c->summary);
        buf_puts(b, "'\n");
        buf_printf(&condition, "; and __fish_seen_subcommand_from %.*s", STR_FMT(rest));
    } else {
        buf_printf(b, "complete -c %s -f -n __fish_use_subcommand -a '%s' -d '", p->name, c->name);
        quoted(b, c->summary);
        buf_puts(b, "'\n");
    }
    buf_putc(&condition, '\'');
    buf_putc(&condition, '\0');
    fish_options(b, p, condition.p ? condition.p : "", c->options);
    buf_done(&condition);
}

void complete_fish(struct buf *b, const struct tool *p)
{
    struct str word;
    bool family;
    buf_printf(b, "# fish completion for %s; load it with: %s completion fish | source\n", p->name,
               p->name);
    fish_options(b, p, "", p->globals);
    for (size_t i = 0; i < p->n_commands; i++)
        if (first_of_family(p, i, &word, &family) && family)
            buf_printf(b, "complete -c %s -f -n __fish_use_subcommand -a '%.*s' -d '%s'\n", p->name,
                       STR_FMT(word), p->commands[i].group);
    for (size_t i = 0; i < p->n_commands; i++)
        fish_command(b, p, &p->commands[i]);
    buf_printf(b,
               "complete -c %s -f -n '__fish_seen_subcommand_from completion' -a 'bash zsh fish'\n",
               p->name);
}
