#include "codec/yaml.h"
#include "dossier/parts.h"
#include "dossier/placeholders.h"
#include "dossier/plays.h"

static const char manifest_name[] = "dossier.yaml";

static void wrong(const struct load *l, const struct node *at, const char *what, struct str text)
{
    problem_add(l->arena, l->problems, str_of(manifest_name), at ? at->line : 0, false,
                "%s: \"%.*s\"", what, STR_FMT(text));
}

/* Items of a list, not more than LIST_MAX: what is compared with each row of a table stays short.
 */
static size_t items(const struct load *l, const struct node *node, const struct node **ret_items)
{
    size_t n = node_items(node, ret_items);
    if (n <= LIST_MAX)
        return n;
    problem_add(l->arena, l->problems, str_of(manifest_name), node->line, false,
                "only the first %d items of this list are used", LIST_MAX);
    return LIST_MAX;
}

/* A list, or a scalar as a list of one. What is no scalar is reported and left out. */
static struct str_list texts(const struct load *l, const struct node *map, const char *key)
{
    struct str_list list = {0};
    const struct node *item;
    size_t n = items(l, node_get(map, key), &item);
    list.v = arena_new_n(l->arena, struct str, n ? n : 1);
    for (size_t i = 0; i < n && list.v; i++) {
        if (item[i].type == NODE_SCALAR)
            list.v[list.n++] = item[i].text;
        else
            wrong(l, &item[i], "a list of texts is expected", str_of(key));
    }
    return list;
}

static int64_t date(const struct load *l, const struct node *map, const char *key)
{
    struct str text = node_text(map, key);
    int64_t us;
    if (!text.p)
        return TIME_NONE;
    if (time_parse(text, &us))
        return us;
    wrong(l, node_get(map, key), "no date", text);
    return TIME_NONE;
}

static struct build build_of(const struct load *l, const struct node *map, const char *key)
{
    struct build b = {{-1, -1, -1, -1}};
    struct str text = node_text(map, key);
    if (!text.p && l->d->draft)
        return b; /* its products are names */
    if (!text.p || !build_parse(text, &b))
        wrong(l, node_get(map, key) ? node_get(map, key) : map, "no build", text);
    return b;
}

static bool truth(const struct node *map, const char *key)
{
    bool value = false;
    const struct node *node = node_get(map, key);
    return node && node_bool(node, &value) && value;
}

/* The maps of a list under a key: other items are reported and end the list. */
static size_t maps(const struct load *l, const struct node *map, const char *key,
                   const struct node **ret_items)
{
    size_t n = items(l, node_get(map, key), ret_items);
    for (size_t i = 0; i < n; i++)
        if ((*ret_items)[i].type != NODE_MAP) {
            wrong(l, &(*ret_items)[i], "a map is expected below", str_of(key));
            return i;
        }
    return n;
}

static enum err actors(struct load *l)
{
    const struct node *item;
    size_t n = maps(l, l->yaml, "actors", &item);
    l->d->actor = arena_new_n(l->arena, struct actor, n ? n : 1);
    if (!l->d->actor)
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++)
        l->d->actor[l->d->n_actors++] = (struct actor){
            .name = node_text(&item[i], "name"),
            .attack_id = node_text(&item[i], "attack_id"),
            .summary = node_text(&item[i], "summary"),
            .source = node_text(&item[i], "source"),
            .aliases = texts(l, &item[i], "aliases"),
            .sectors = texts(l, &item[i], "sectors"),
            .regions = texts(l, &item[i], "regions"),
            .techniques = texts(l, &item[i], "techniques"),
        };
    return OK;
}

/* How many numbers of a build name the line whose fixes are told by the rest. */
static int line_parts(const struct load *l, const struct node *product)
{
    uint64_t parts;
    struct str text = node_text(product, "line");
    if (!text.p)
        return LINE_PARTS;
    if (str_u64(text, &parts) && parts >= 1 && parts <= 3)
        return (int)parts;
    wrong(l, node_get(product, "line"), "\"line\" is 1, 2 or 3", text);
    return LINE_PARTS;
}

/* How far the logs of a product tell its build: "build", unless it says "cu". */
static bool exact_to_cu(const struct load *l, const struct node *product)
{
    struct str exact = node_text(product, "exact");
    if (exact.p && !str_eq(exact, STR("cu")) && !str_eq(exact, STR("build")))
        wrong(l, product, "\"exact\" is \"cu\" or \"build\"", exact);
    return str_eq(exact, STR("cu"));
}

static enum err products(struct load *l)
{
    const struct node *item;
    size_t n = maps(l, l->yaml, "products", &item);
    l->d->product = arena_new_n(l->arena, struct product, n ? n : 1);
    if (!l->d->product)
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++)
        l->d->product[l->d->n_products++] = (struct product){
            .name = node_text(&item[i], "name"),
            .from = build_of(l, &item[i], "from"),
            .to = build_of(l, &item[i], "to"),
            .end_of_support_us = date(l, &item[i], "end_of_support"),
            .esu_until_us = date(l, &item[i], "esu_until"),
            .born_fixed = truth(&item[i], "born_fixed"),
            .exact_to_cu = exact_to_cu(l, &item[i]),
            .line_parts = line_parts(l, &item[i]),
            .vendor = node_text(&item[i], "vendor"),
            .cpe = node_text(&item[i], "cpe"),
            .names = texts(l, &item[i], "names"),
            .follows = node_text(&item[i], "follows"),
            .line = item[i].line,
        };
    return OK;
}

static enum err cves(struct load *l)
{
    const struct node *item;
    size_t n = maps(l, l->yaml, "cves", &item);
    l->d->cves.v = arena_new_n(l->arena, struct str, n ? n : 1);
    l->d->cve_titles.v = arena_new_n(l->arena, struct str, n ? n : 1);
    if (!l->d->cves.v || !l->d->cve_titles.v)
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++) {
        struct str id = node_text(&item[i], "id");
        if (!id.p)
            continue;
        l->d->cves.v[l->d->cves.n++] = id;
        l->d->cve_titles.v[l->d->cve_titles.n++] = node_text(&item[i], "title");
    }
    l->d->fix_cves = texts(l, l->yaml, "fix_cves");
    return OK;
}

static enum err placeholders(struct load *l)
{
    const struct node *map = node_get(l->yaml, "placeholders");
    if (!map || map->type != NODE_MAP)
        return OK;
    if (map->n > PLACEHOLDERS_MAX)
        wrong(l, map, "too many lists", STR("placeholders"));
    return placeholders_read(l->arena, map, &l->d->placeholder, &l->d->n_placeholders);
}

static enum err timeline(struct load *l)
{
    const struct node *item;
    size_t n = maps(l, l->yaml, "timeline", &item);
    l->d->event = arena_new_n(l->arena, struct public_event, n ? n : 1);
    if (!l->d->event)
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++) {
        struct public_event e = {date(l, &item[i], "date"), node_text(&item[i], "event"),
                                 node_text(&item[i], "source")};
        if (e.time_us != TIME_NONE && e.text.p)
            l->d->event[l->d->n_events++] = e;
        else
            wrong(l, &item[i], "an event needs date and event", e.text);
    }
    return OK;
}

/* Steps without conditions of their own hold for their verdict: "DOSSIER.VERDICT.NUMBER". */
static enum err play_of_state(struct load *l, const char *state, const struct node *at,
                              struct play_list *plays)
{
    const struct node *item;
    struct error error;
    struct when *when = NULL;
    char text[160];
    size_t n = maps(l, at, "steps", &item);
    (void)snprintf(text, sizeof text, "host.verdict == %s", state);
    struct str condition = arena_str(l->arena, str_of(text));
    struct play p = {.id = str_of(state), .title = str_of(state), .line = at->line};
    p.step = arena_new_n(l->arena, struct play_step, n + 1);
    if (!p.step || !condition.p || when_parse(l->arena, condition, &when, &error))
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++) {
        (void)snprintf(text, sizeof text, "%.*s.%s.%zu", STR_FMT(l->d->id), state, i + 1);
        p.step[p.n_steps++] = (struct play_step){.id = arena_str(l->arena, str_of(text)),
                                                 .step = node_text(&item[i], "step"),
                                                 .why = node_text(&item[i], "why"),
                                                 .source = node_text(&item[i], "source"),
                                                 .due_hours = DUE_NONE,
                                                 .phase = PHASE_RESPOND,
                                                 .when = when,
                                                 .per_host = true,
                                                 .line = at->line};
    }
    if (n)
        plays->v[plays->n++] = p;
    return OK;
}

/* What to do: by verdict a sentence and plain steps, and the plays, which come first. */
static enum err advice(struct load *l)
{
    const struct node *map = node_get(l->yaml, "advice");
    struct play_list own, *all = &l->d->plays;
    TRY(plays_read(l->arena, node_get(l->yaml, "plays"), str_of(manifest_name), l->d->id, &own,
                   l->problems));
    all->v = arena_new_n(l->arena, struct play, own.n + ARRAY_LEN(l->d->advice));
    if (!all->v)
        return ERR_NOMEM;
    if (own.n)
        memcpy(all->v, own.v, own.n * sizeof *own.v);
    all->n = own.n;
    for (size_t s = 0; s < ARRAY_LEN(l->d->advice); s++) {
        const char *name = verdict_name((enum verdict_state)s);
        const struct node *state = node_get(map, name);
        if (!state || state->type != NODE_MAP)
            continue; /* lint names it */
        l->d->advice[s] = node_text(state, "next");
        l->d->isolate[s] = truth(state, "isolate");
        TRY(play_of_state(l, name, state, all));
    }
    l->d->isolate_when_compromised = l->d->isolate[VERDICT_COMPROMISED];
    return OK;
}

static void window(struct load *l)
{
    const struct node *map = node_get(l->yaml, "window");
    struct dossier *d = l->d;
    if (!map || map->type != NODE_MAP)
        return; /* lint names it */
    d->window_from_us = date(l, map, "from");
    d->window_until_us = date(l, map, "until");
    d->window_narrow_us = date(l, map, "narrow_from");
    d->window_source = node_text(map, "source");
    d->window_note = str_trim(node_text(map, "note"));
}

static void shared(struct load *l)
{
    const struct node *map = node_get(l->yaml, "shared");
    struct str stage = node_text(map, "stage");
    l->d->shared_what = node_text(map, "what");
    l->d->shared_stage = STAGE_POST;
    if (map && !stage_parse(stage, &l->d->shared_stage))
        wrong(l, map, "no stage", stage);
}

static void lists(struct load *l)
{
    const struct node *seen = node_get(l->yaml, "seen");
    struct dossier *d = l->d;
    d->aliases = texts(l, l->yaml, "aliases");
    d->sources = texts(l, l->yaml, "sources");
    d->deciding = texts(l, l->yaml, "deciding");
    d->confirming = texts(l, l->yaml, "confirming");
    d->needed_fields = texts(l, l->yaml, "needed_fields");
    if (seen && seen->type == NODE_MAP) {
        d->seen_kinds = texts(l, seen, "kinds");
        d->seen_paths = texts(l, seen, "paths");
    }
}

/* Whatever stands there, unless it is a plain "false": who doubts does not decide. */
static bool is_draft(const struct node *doc)
{
    const struct node *node = node_get(doc, "draft");
    bool value = true;
    return node && (!node_bool(node, &value) || value);
}

/* "kind" is "affair", which need not be said, or "catalogue". */
static void kind(struct load *l)
{
    struct str text = node_text(l->yaml, "kind");
    l->d->catalogue = str_eq(text, STR("catalogue"));
    if (text.p && !l->d->catalogue && !str_eq(text, STR("affair")))
        wrong(l, node_get(l->yaml, "kind"), "\"kind\" is \"affair\" or \"catalogue\"", text);
    l->d->as_of_us = date(l, l->yaml, "as_of");
}

enum err manifest_read(struct load *l, struct error *error)
{
    struct node *doc = NULL;
    size_t n = 0;
    enum err rc = yaml_parse(l->arena, file_text(l, str_of(manifest_name)), str_of(manifest_name),
                             1, &doc, &n, error);
    if (rc < 0)
        return rc;
    if (n == 0 || doc->type != NODE_MAP)
        return fail_at(error, ERR_FORMAT, manifest_name, 1, "a map of keys is expected");
    l->yaml = doc;
    l->d->id = node_text(doc, "id");
    l->d->title = node_text(doc, "title");
    l->d->summary = str_trim(node_text(doc, "summary"));
    if (!dossier_id_ok(l->d->id))
        return fail_at(
            error, ERR_FORMAT, manifest_name, 1,
            "\"id\" is missing or holds other than letters, digits, \"-\", \"_\", \".\"");
    l->d->draft = is_draft(doc);
    kind(l);
    lists(l);
    window(l);
    shared(l);
    rc = actors(l);
    if (!rc)
        rc = products(l);
    if (!rc)
        rc = cves(l);
    if (!rc)
        rc = placeholders(l);
    if (!rc)
        rc = timeline(l);
    if (!rc)
        rc = advice(l);
    return rc ? fail(error, rc, "dossier \"%.*s\" cannot be loaded", STR_FMT(l->d->id)) : OK;
}
