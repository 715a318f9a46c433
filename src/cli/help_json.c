#include "cli/help.h"
#include "output/json_writer.h"

static const char *kind_name(enum option_kind kind)
{
    switch (kind) {
    case OPTION_FLAG: return "flag";
    case OPTION_TEXT: return "text";
    case OPTION_NUMBER: return "number";
    case OPTION_SIZE: return "size";
    case OPTION_LIST: return "list";
    case OPTION_TIME: return "time";
    }
    return "text";
}

static void options(struct json *j, const struct option_def *defs)
{
    json_array(j, "options");
    for (const struct option_def *d = defs; d && d->name; d++) {
        json_object(j, NULL);
        json_text(j, "name", d->name);
        json_str(j, "letter", d->letter ? str_make(&d->letter, 1) : STR_NONE);
        json_text(j, "kind", kind_name(d->kind));
        json_text(j, "arg", d->arg);
        json_text(j, "help", d->help);
        json_end(j);
    }
    json_end(j);
}

static void command(struct json *j, const struct tool *p, const struct command *c)
{
    struct buf synopsis;
    buf_init(&synopsis, 4096);
    help_synopsis(&synopsis, p, c);
    json_object(j, NULL);
    json_text(j, "name", c->name);
    json_text(j, "group", c->group);
    json_str(j, "synopsis", buf_view(&synopsis));
    json_text(j, "operands", c->operands);
    json_text(j, "summary", c->summary);
    json_text(j, "about", c->about);
    options(j, c->options);
    json_array(j, "examples");
    for (const struct example *e = c->examples; e && e->line; e++) {
        json_object(j, NULL);
        json_text(j, "line", e->line);
        json_text(j, "says", e->says);
        json_end(j);
    }
    json_end(j);
    json_end(j);
    buf_done(&synopsis);
}

void help_json(struct buf *b, const struct tool *p)
{
    struct json j;
    json_init(&j, b);
    json_object(&j, NULL);
    json_text(&j, "type", "help");
    json_text(&j, "name", p->name);
    json_text(&j, "version", p->version);
    json_text(&j, "summary", p->summary);
    options(&j, p->globals);
    json_array(&j, "commands");
    for (size_t i = 0; i < p->n_commands; i++)
        command(&j, p, &p->commands[i]);
    json_end(&j);
    json_array(&j, "exit_status");
    for (const struct status_text *s = status_texts; s->text; s++) {
        json_object(&j, NULL);
        json_u64(&j, "status", (uint64_t)s->status);
        json_text(&j, "means", s->text);
        json_end(&j);
    }
    json_end(&j);
    json_end(&j);
    json_line(&j);
}
