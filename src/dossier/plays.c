#include "dossier/plays.h"

#include "codec/yaml.h"

static const char shared_name[] = "data/plays.yaml";

/* One reading under way. */
struct reading {
    struct arena *arena;
    struct str file, prefix;
    struct dossier_problems *problems;
};

#define PROBLEM(r, line, ...)                                                                      \
    problem_add((r)->arena, (r)->problems, (r)->file, line, false, __VA_ARGS__)

static void keys_check(const struct reading *r, const struct node *map, const char *where,
                       const char *const *names, size_t n)
{
    for (size_t i = 0; i < map->n; i++) {
        size_t k = 0;
        while (k < n && !str_eq(map->key[i], str_of(names[k])))
            k++;
        if (k == n)
            PROBLEM(r, map->item[i].line, "unknown key \"%.*s\" in a %s", STR_FMT(map->key[i]),
                    where);
    }
}

static enum err texts(const struct reading *r, const struct node *map, const char *key,
                      struct str_list *ret)
{
    const struct node *item;
    size_t n = node_items(node_get(map, key), &item);
    *ret = (struct str_list){.v = arena_new_n(r->arena, struct str, n ? n : 1)};
    if (!ret->v)
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++) {
        if (item[i].type == NODE_SCALAR)
            ret->v[ret->n++] = item[i].text;
        else
            PROBLEM(r, item[i].line, "a list of texts is expected: \"%s\"", key);
    }
    return OK;
}

/* ERR_FORMAT: told, and the step cannot be used. */
static enum err condition(const struct reading *r, const struct node *map,
                          const struct when **ret_when)
{
    struct error error = {0};
    struct when *when = NULL;
    const struct node *node = node_get(map, "when");
    *ret_when = NULL;
    if (!node)
        return OK;
    if (node->type != NODE_SCALAR) {
        PROBLEM(r, node->line, "a condition is a text");
        return ERR_FORMAT;
    }
    enum err rc = when_parse(r->arena, node->text, &when, &error);
    *ret_when = when;
    if (rc && rc != ERR_NOMEM) {
        PROBLEM(r, node->line, "condition: %s", error.text);
        return ERR_FORMAT;
    }
    return rc;
}

/* "DOSSIER.PLAY.STEP"; shared plays need no dossier. */
static struct str id_of(const struct reading *r, struct str play, struct str step)
{
    struct buf b;
    buf_init(&b, 4096);
    if (r->prefix.p) {
        buf_str(&b, r->prefix);
        buf_putc(&b, '.');
    }
    buf_str(&b, play);
    if (step.p) {
        buf_putc(&b, '.');
        buf_str(&b, step);
    }
    struct str id = b.rc ? STR_NONE : arena_str(r->arena, buf_view(&b));
    buf_done(&b);
    return id;
}

static bool id_ok(struct str id)
{
    for (size_t i = 0; i < id.n; i++) {
        unsigned char c = (unsigned char)id.p[i];
        if (!ascii_alpha(c) && !ascii_digit(c) && c != '-')
            return false;
    }
    return id.n > 0 && id.n <= 64;
}

static void order(const struct reading *r, const struct node *map, struct play_step *s)
{
    struct str phase = node_text(map, "phase");
    s->phase = PHASE_RESPOND;
    if (phase.p && !phase_parse(phase, &s->phase))
        PROBLEM(r, map->line, "no phase: \"%.*s\"", STR_FMT(phase));
    s->due = node_text(map, "due");
    s->due_hours = DUE_NONE;
    if (s->due.p && !due_parse(s->due, &s->due_hours)) {
        PROBLEM(r, map->line, "\"due\" is now, hours (4h) or days (7d): \"%.*s\"", STR_FMT(s->due));
        s->due = STR_NONE;
        s->due_hours = DUE_NONE;
    }
}

/* Folded text ends with a line break, and so does a block. */
static struct str line_of(const struct node *map, const char *key)
{
    struct str s = node_text(map, key);
    return s.p ? str_trim(s) : s;
}

static enum err step_read(const struct reading *r, const struct node *map, struct play *play,
                          const struct when *when)
{
    static const char *const keys[] = {"id",     "step",   "why",      "how",
                                       "source", "phase",  "audience", "due",
                                       "attack", "d3fend", "when",     "instead_of"};
    struct str id = node_text(map, "id");
    const struct when *own = NULL;
    if (map->type != NODE_MAP || !id_ok(id) || !node_text(map, "step").n) {
        PROBLEM(r, map->line, "a step needs \"id\" (letters, digits and \"-\") and \"step\"");
        return OK;
    }
    keys_check(r, map, "step", keys, ARRAY_LEN(keys));
    struct play_step s = {
        .id = id_of(r, str_sub(play->id, r->prefix.p ? r->prefix.n + 1 : 0, play->id.n), id),
        .step = line_of(map, "step"),
        .why = line_of(map, "why"),
        .how = line_of(map, "how"),
        .source = line_of(map, "source"),
        .audience = node_text(map, "audience"),
        .line = map->line};
    enum err rc = condition(r, map, &own);
    if (rc)
        return rc == ERR_FORMAT ? OK : rc;
    order(r, map, &s);
    TRY(texts(r, map, "attack", &s.technique));
    TRY(texts(r, map, "d3fend", &s.d3fend));
    TRY(texts(r, map, "instead_of", &s.instead_of));
    TRY(when_both(r->arena, when, own, &s.when));
    s.per_host = when_per_host(s.when);
    play->step[play->n_steps++] = s;
    return s.id.p ? OK : ERR_NOMEM;
}

static enum err play_read(const struct reading *r, const struct node *map, struct play_list *plays)
{
    static const char *const keys[] = {"id", "title", "when", "steps"};
    struct str id = node_text(map, "id");
    const struct when *when = NULL;
    const struct node *item;
    if (map->type != NODE_MAP || !id_ok(id)) {
        PROBLEM(r, map->line, "a play needs an \"id\" of letters, digits and \"-\"");
        return OK;
    }
    keys_check(r, map, "play", keys, ARRAY_LEN(keys));
    struct play p = {
        .id = id_of(r, id, STR_NONE), .title = line_of(map, "title"), .line = map->line};
    enum err rc = condition(r, map, &when);
    if (rc)
        return rc == ERR_FORMAT ? OK : rc;
    size_t n = node_items(node_get(map, "steps"), &item);
    if (n > PLAY_STEPS_MAX) {
        PROBLEM(r, map->line, "only the first %d steps of a play are used", PLAY_STEPS_MAX);
        n = PLAY_STEPS_MAX;
    }
    p.step = arena_new_n(r->arena, struct play_step, n ? n : 1);
    if (!p.step || !p.id.p)
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++)
        TRY(step_read(r, &item[i], &p, when));
    plays->v[plays->n++] = p;
    return OK;
}

enum err plays_read(struct arena *arena, const struct node *list, struct str file,
                    struct str prefix, struct play_list *ret_plays,
                    struct dossier_problems *problems)
{
    struct reading r = {arena, file, prefix, problems};
    const struct node *item;
    size_t n = node_items(list, &item);
    if (n > PLAYS_MAX) {
        PROBLEM(&r, list->line, "only the first %d plays are used", PLAYS_MAX);
        n = PLAYS_MAX;
    }
    *ret_plays = (struct play_list){.v = arena_new_n(arena, struct play, n ? n : 1)};
    if (!ret_plays->v)
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++)
        TRY(play_read(&r, &item[i], ret_plays));
    return OK;
}

enum err plays_shared(struct arena *arena, struct play_list *ret_plays,
                      struct dossier_problems *problems, struct error *error)
{
    struct node *doc = NULL;
    size_t n = 0;
    enum err rc =
        yaml_parse(arena, embedded_get(shared_name), str_of(shared_name), 1, &doc, &n, error);
    if (rc < 0)
        return rc;
    if (n == 0)
        return fail(error, ERR_BUG, "the program holds no plays");
    rc = plays_read(arena, node_get(doc, "plays"), str_of(shared_name), STR_NONE, ret_plays,
                    problems);
    return rc ? fail(error, rc, "the shared plays cannot be read") : OK;
}

const struct play_step *play_step_find(const struct play_list *plays, struct str id)
{
    for (size_t i = 0; i < plays->n; i++)
        for (size_t k = 0; k < plays->v[i].n_steps; k++)
            if (str_eq(plays->v[i].step[k].id, id))
                return &plays->v[i].step[k];
    return NULL;
}

static bool shape(struct str s, const char *start)
{
    if (!str_starts(s, str_of(start)) || s.n > 16)
        return false;
    for (size_t i = strlen(start); i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (!ascii_alpha(c) && !ascii_digit(c) && c != '.')
            return false;
    }
    return s.n > strlen(start);
}

static void step_lint(const struct reading *r, const struct play_step *s,
                      const struct play_list *plays, const struct play_list *shared)
{
    const struct {
        const char *name;
        bool there;
    } needed[] = {{"why", s->why.n > 0},
                  {"how", s->how.n > 0},
                  {"source", s->source.n > 0},
                  {"due", s->due.n > 0},
                  {"audience", s->audience.n > 0}};
    for (size_t i = 0; i < ARRAY_LEN(needed); i++)
        if (!needed[i].there)
            PROBLEM(r, s->line, "key \"%s\" is missing in step \"%.*s\"", needed[i].name,
                    STR_FMT(s->id));
    if (play_step_find(plays, s->id) != s)
        PROBLEM(r, s->line, "the id \"%.*s\" is used twice", STR_FMT(s->id));
    for (size_t i = 0; i < s->technique.n; i++)
        if (!shape(s->technique.v[i], "T"))
            PROBLEM(r, s->line, "no technique: \"%.*s\"", STR_FMT(s->technique.v[i]));
    for (size_t i = 0; i < s->d3fend.n; i++)
        if (!shape(s->d3fend.v[i], "D3-"))
            PROBLEM(r, s->line, "no technique of D3FEND: \"%.*s\"", STR_FMT(s->d3fend.v[i]));
    for (size_t i = 0; i < s->instead_of.n; i++)
        if (!shared || !play_step_find(shared, s->instead_of.v[i]))
            PROBLEM(r, s->line, "no shared step \"%.*s\"", STR_FMT(s->instead_of.v[i]));
}

void plays_lint(struct arena *arena, const struct play_list *plays, const struct play_list *shared,
                struct str file, struct dossier_problems *problems)
{
    struct reading r = {arena, file, STR_NONE, problems};
    for (size_t i = 0; i < plays->n; i++) {
        const struct play *p = &plays->v[i];
        if (!p->title.n || !p->n_steps)
            PROBLEM(&r, p->line, "play \"%.*s\" has no title or no steps", STR_FMT(p->id));
        for (size_t k = 0; k < p->n_steps; k++)
            step_lint(&r, &p->step[k], plays, shared);
    }
}
