#include "codec/command.h"
#include "codec/evlog_whole.h"
#include "codec/line.h"
#include "codec/xml_walk.h"

/* Scheduled tasks as Windows keeps them: one file each in System32\Tasks, without an ending, XML in
 * UTF-16. Each of its actions is an event, with the fields of a started process beside the task's
 * own. The time of registration is what the author wrote, so it is a field and no time.
 * Source: Task Scheduler Schema, Microsoft. */

#define CHANNEL "tocsin/task"

enum { ACTIONS = 32, TRIGGERS = 48, TASK_BYTES = 4 * 1024 * 1024 };

/* Elements with text, by where they stand; the field that they make. */
static const struct {
    const char *name, *parent, *field;
} texts[] = {
    {"URI", "RegistrationInfo", "TaskName"},  {"Author", "RegistrationInfo", "Author"},
    {"Date", "RegistrationInfo", "Date"},     {"Description", "RegistrationInfo", "Description"},
    {"Source", "RegistrationInfo", "Source"}, {"UserId", "Principal", "User"},
    {"GroupId", "Principal", "Group"},        {"RunLevel", "Principal", "RunLevel"},
    {"LogonType", "Principal", "LogonType"},  {"Hidden", "Settings", "Hidden"},
    {"Enabled", "Settings", "Enabled"},       {"Interval", "Repetition", "Interval"},
    {"StartBoundary", NULL, "StartBoundary"},
};

struct action {
    struct str command, arguments, folder, class_id, data;
};

struct reader {
    struct whole whole;
    struct xml_walk walk;
    struct arena arena; /* of the values below */
    struct str text[ARRAY_LEN(texts)];
    struct str trigger[TRIGGERS];
    struct action action[ACTIONS];
    size_t n_triggers, n_actions;
    uint64_t offset[ACTIONS], line[ACTIONS];
    bool more; /* actions than that */
};

static bool task_knows(struct str head, struct str path)
{
    (void)path;
    struct str s = str_trim(head);
    if (str_starts(s, STR("<?xml"))) {
        ptrdiff_t end = str_find(s, STR("?>"));
        s = end < 0 ? STR_NONE : str_trim(str_sub(s, (size_t)end + 2, s.n));
    }
    return str_starts(s, STR("<Task ")) && str_has(s, STR("schemas.microsoft.com/windows/"));
}

/* ---- gathering ---- */

static enum err keep(struct reader *r, struct str *to, struct str value)
{
    value = str_trim(value);
    if (to->p || value.n == 0)
        return OK;
    *to = arena_str(&r->arena, value);
    return to->p ? OK : ERR_LIMIT;
}

static enum err on_begin(struct xml_walk *w, const char *name, const char **a)
{
    struct reader *r = w->ctx;
    (void)a;
    if (xml_walk_in(w, "Triggers", NULL) && r->n_triggers < TRIGGERS)
        return keep(r, &r->trigger[r->n_triggers++], str_of(name));
    if (!xml_walk_in(w, "Actions", NULL))
        return OK;
    r->more |= r->n_actions == ACTIONS;
    if (r->n_actions < ACTIONS) {
        r->offset[r->n_actions] = w->offset;
        r->line[r->n_actions++] = w->line;
    }
    return OK;
}

static enum err on_end(struct xml_walk *w, const char *name, struct str letters)
{
    struct reader *r = w->ctx;
    struct action *at = r->n_actions && !r->more ? &r->action[r->n_actions - 1] : NULL;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (strcmp(name, texts[i].name) == 0 &&
            (!texts[i].parent || xml_walk_in(w, texts[i].parent, NULL)))
            return keep(r, &r->text[i], letters);
    if (!at || !xml_walk_within(w, "Actions"))
        return OK;
    if (strcmp(name, "Command") == 0)
        return keep(r, &at->command, letters);
    if (strcmp(name, "Arguments") == 0)
        return keep(r, &at->arguments, letters);
    if (strcmp(name, "WorkingDirectory") == 0)
        return keep(r, &at->folder, letters);
    if (strcmp(name, "ClassId") == 0)
        return keep(r, &at->class_id, letters);
    return strcmp(name, "Data") == 0 ? keep(r, &at->data, letters) : OK;
}

/* ---- telling ---- */

/* Of a task without an URI: its path below the folder Tasks, as Windows writes it. */
static enum err put_name(struct reader *r)
{
    struct str path = r->whole.path, below = line_base_name(path);
    for (size_t i = path.n; i > 0; i--) {
        struct str rest = str_sub(path, i - 1, path.n);
        if (str_istarts(rest, STR("/Tasks/")) || str_istarts(rest, STR("\\Tasks\\"))) {
            below = str_sub(rest, 6, rest.n);
            break;
        }
    }
    below = arena_str(&r->arena, below);
    for (char *c = (char *)(uintptr_t)below.p;
         c && (c = memchr(c, '/', below.n - (size_t)(c - below.p)));)
        *c = '\\';
    return whole_put(&r->whole, "TaskName", below);
}

static struct str unquoted(struct str s)
{
    bool quoted = s.n > 1 && s.p[0] == '"' && s.p[s.n - 1] == '"';
    return quoted ? str_sub(s, 1, s.n - 1) : s;
}

static enum err put_command(struct reader *r, const struct action *at)
{
    struct whole *w = &r->whole;
    struct buf line;
    if (!at->command.n)
        return OK;
    TRY(whole_put(w, "Image", command_image(&r->arena, unquoted(at->command))));
    buf_init(&line, TASK_BYTES);
    buf_str(&line, at->command);
    buf_puts(&line, at->arguments.n ? " " : "");
    buf_str(&line, at->arguments);
    enum err rc = line.rc == ERR_NOMEM ? line.rc : whole_put(w, "CommandLine", buf_view(&line));
    buf_done(&line);
    return rc;
}

static enum err tell(struct reader *r, size_t i)
{
    struct whole *w = &r->whole;
    const struct action *at = &r->action[i];
    TRY(whole_begin(w, CHANNEL));
    for (size_t k = 0; k < ARRAY_LEN(texts); k++)
        TRY(whole_put(w, texts[k].field, r->text[k]));
    if (!r->text[0].n)
        TRY(put_name(r));
    for (size_t k = 0; k < r->n_triggers; k++)
        TRY(whole_put(w, "Trigger", r->trigger[k]));
    TRY(put_command(r, at));
    TRY(whole_put(w, "CurrentDirectory", at->folder));
    TRY(whole_put(w, "ClassId", at->class_id));
    TRY(whole_put(w, "Data", at->data));
    return whole_end(w, r->offset[i], r->line[i], TIME_NONE);
}

/* ---- the format ---- */

static enum err parse(void *reader, struct str text)
{
    struct reader *r = reader;
    const char *why;
    r->n_actions = r->n_triggers = 0;
    r->more = false;
    memset(r->text, 0, sizeof r->text);
    memset(r->action, 0, sizeof r->action);
    memset(r->trigger, 0, sizeof r->trigger);
    arena_reset(&r->arena);
    r->walk = (struct xml_walk){.begin = on_begin, .end = on_end, .ctx = r};
    enum err rc = xml_walk(&r->walk, text, &why);
    if (rc == ERR_FORMAT || rc == ERR_LIMIT)
        rc = whole_gap(&r->whole, r->walk.offset, rc == ERR_LIMIT ? "limit" : "damaged",
                       why ? why : "a task is never as long");
    else if (!rc && why)
        rc = whole_gap(&r->whole, 0, "limit", why);
    for (size_t i = 0; i < r->n_actions && !rc; i++)
        rc = tell(r, i);
    if (!rc && r->more)
        rc = whole_gap(&r->whole, r->offset[ACTIONS - 1], "limit",
                       "further actions of the task were not read");
    return rc;
}

static enum err task_new(void **ret_reader)
{
    TRY(whole_new(sizeof(struct reader), ret_reader));
    struct reader *r = *ret_reader;
    arena_init(&r->arena, (size_t)4 * TASK_BYTES);
    return OK;
}

static void task_free(void *reader)
{
    struct reader *r = reader;
    arena_done(&r->arena);
    whole_free(r);
}

static enum err task_read(void *reader, const struct evlog_source *source,
                          const struct rows_sink *sink, struct error *error)
{
    return whole_read(reader, parse, source, sink, error);
}

const struct evlog_format evlog_task = {.name = "scheduled task",
                                        .knows = task_knows,
                                        .new = task_new,
                                        .read = task_read,
                                        .free = task_free,
                                        .full = whole_full};
