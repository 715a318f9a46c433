#include "dossier/lint.h"

#include "base/ip.h"
#include "base/map.h"
#include "codec/yaml.h"
#include "dossier/parts.h"
#include "dossier/plays.h"

static const char manifest_name[] = "dossier.yaml";

#define PROBLEM(l, file, line, ...)                                                                \
    problem_add((l)->arena, (l)->problems, file, line, false, __VA_ARGS__)
#define MANIFEST(l, ...) PROBLEM(l, str_of(manifest_name), 0, __VA_ARGS__)

/* ---- dossier.yaml ---- */

struct key {
    const char *name;
    bool needed;
};

static void keys_check(struct load *l, const struct node *map, const char *where,
                       const struct key *key, size_t n)
{
    if (!map || map->type != NODE_MAP)
        return;
    for (size_t i = 0; i < map->n; i++) {
        size_t k = 0;
        while (k < n && !str_eq(map->key[i], str_of(key[k].name)))
            k++;
        if (k == n)
            PROBLEM(l, str_of(manifest_name), map->item[i].line, "unknown key \"%.*s\"%s",
                    STR_FMT(map->key[i]), where);
    }
    for (size_t k = 0; k < n; k++)
        if (key[k].needed && !l->d->draft && !node_get(map, key[k].name))
            PROBLEM(l, str_of(manifest_name), map->line, "key \"%s\" is missing%s", key[k].name,
                    where);
}

static void items_check(struct load *l, const struct node *map, const char *list, const char *where,
                        const struct key *key, size_t n)
{
    const struct node *item;
    size_t count = map ? node_items(node_get(map, list), &item) : 0;
    for (size_t i = 0; i < count; i++)
        keys_check(l, &item[i], where, key, n);
}

static void advice_check(struct load *l)
{
    static const struct key state_keys[] = {{"next", true}, {"isolate", false}, {"steps", false}};
    static const struct key step_keys[] = {{"step", true}, {"why", true}, {"source", true}};
    const struct node *advice = node_get(l->yaml, "advice");
    for (size_t s = 0; s < ARRAY_LEN(l->d->advice); s++) {
        const char *name = verdict_name((enum verdict_state)s);
        const struct node *state = advice ? node_get(advice, name) : NULL;
        if (!state) {
            MANIFEST(l, "no advice for \"%s\"", name);
            continue;
        }
        keys_check(l, state, " in advice", state_keys, ARRAY_LEN(state_keys));
        items_check(l, state, "steps", " in a step of advice", step_keys, ARRAY_LEN(step_keys));
        if (!node_get(state, "steps") && !node_get(l->yaml, "plays"))
            MANIFEST(l, "no steps of advice for \"%s\"", name);
    }
}

/* Of `plays` alone: the steps of `advice` have fewer keys. */
static enum err plays_check(struct load *l, struct error *error)
{
    struct play_list shared, own;
    TRY(plays_shared(l->arena, &shared, NULL, error));
    TRY(plays_read(l->arena, node_get(l->yaml, "plays"), str_of(manifest_name), l->d->id, &own,
                   NULL));
    plays_lint(l->arena, &own, &shared, str_of(manifest_name), l->problems);
    return OK;
}

static void products_check(struct load *l)
{
    static const struct key product[] = {
        {"name", true},       {"from", true},        {"to", true},     {"end_of_support", false},
        {"esu_until", false}, {"born_fixed", false}, {"exact", false}, {"line", false},
        {"follows", false},   {"vendor", false},     {"cpe", false},   {"names", false},
        {"source", true}};
    items_check(l, l->yaml, "products", " in a product", product, ARRAY_LEN(product));
}

/* It knows no affair: what scan judges by must not stand in it. */
static void catalogue_check(struct load *l)
{
    static const struct key top[] = {{"id", true},      {"kind", true},  {"title", true},
                                     {"summary", true}, {"as_of", true}, {"products", true},
                                     {"sources", true}};
    keys_check(l, l->yaml, " in a catalogue", top, ARRAY_LEN(top));
    products_check(l);
    if (l->d->n_rules || l->d->n_indicators)
        MANIFEST(l, "a catalogue has no rules or indicators");
    for (size_t i = 0; i < l->d->n_products; i++)
        if (l->d->product[i].vendor.n == 0 || l->d->product[i].names.n == 0)
            MANIFEST(l, "product \"%.*s\" has no vendor or no names",
                     STR_FMT(l->d->product[i].name));
}

static void affair_check(struct load *l)
{
    static const struct key top[] = {
        {"id", true},       {"title", true},         {"summary", true},        {"aliases", true},
        {"actors", true},   {"products", true},      {"cves", true},           {"fix_cves", true},
        {"window", true},   {"deciding", true},      {"confirming", false},    {"seen", true},
        {"timeline", true}, {"placeholders", false}, {"needed_fields", false}, {"shared", false},
        {"advice", true},   {"plays", false},        {"sources", true},        {"draft", false},
        {"kind", false}};
    static const struct key actor[] = {
        {"name", true},    {"aliases", false}, {"attack_id", false}, {"summary", true},
        {"sectors", true}, {"regions", true},  {"source", true},     {"techniques", false}};
    static const struct key cve[] = {{"id", true}, {"title", true}, {"source", true}};
    static const struct key window[] = {{"from", true},
                                        {"until", false},
                                        {"narrow_from", false},
                                        {"source", true},
                                        {"note", false}};
    static const struct key shared[] = {{"what", true}, {"stage", true}};
    static const struct key seen[] = {{"kinds", true}, {"paths", true}};
    static const struct key event[] = {{"date", true}, {"event", true}, {"source", true}};

    keys_check(l, l->yaml, "", top, ARRAY_LEN(top));
    items_check(l, l->yaml, "actors", " in an actor", actor, ARRAY_LEN(actor));
    products_check(l);
    items_check(l, l->yaml, "cves", " in a CVE", cve, ARRAY_LEN(cve));
    items_check(l, l->yaml, "timeline", " in the timeline", event, ARRAY_LEN(event));
    keys_check(l, node_get(l->yaml, "window"), " in the window", window, ARRAY_LEN(window));
    keys_check(l, node_get(l->yaml, "shared"), " in shared", shared, ARRAY_LEN(shared));
    keys_check(l, node_get(l->yaml, "seen"), " in seen", seen, ARRAY_LEN(seen));
    if (!l->d->draft)
        advice_check(l);
}

static bool listed(const struct str_list *list, struct str s)
{
    for (size_t i = 0; i < list->n; i++)
        if (str_ieq(list->v[i], s))
            return true;
    return false;
}

/* "CVE-2021-26855", or an advisory of Microsoft without one: "ADV190018". */
static bool cve_shape(struct str s)
{
    if (str_starts(s, STR("ADV")) && s.n == 9) {
        uint64_t number;
        return str_u64(str_sub(s, 3, 9), &number);
    }
    if (!str_starts(s, STR("CVE-")) || s.n < 13 || s.p[8] != '-')
        return false;
    for (size_t i = 4; i < s.n; i++)
        if (i != 8 && !ascii_digit((unsigned char)s.p[i]))
            return false;
    return true;
}

static void window_check(struct load *l)
{
    const struct dossier *d = l->d;
    if (d->window_from_us == TIME_NONE && !d->draft)
        MANIFEST(l, "the window has no start");
    if (d->window_until_us != TIME_NONE && d->window_until_us <= d->window_from_us)
        MANIFEST(l, "the window ends before it starts");
    if (d->window_narrow_us != TIME_NONE && d->window_narrow_us < d->window_from_us)
        MANIFEST(l, "narrow_from lies before the start of the window");
    if (d->deciding.n == 0 && !d->draft)
        MANIFEST(l, "no log kind decides");
}

static void facts_check(struct load *l)
{
    const struct dossier *d = l->d;
    for (size_t i = 0; i < d->cves.n; i++)
        if (!cve_shape(d->cves.v[i]))
            MANIFEST(l, "\"%.*s\" is no CVE", STR_FMT(d->cves.v[i]));
    for (size_t i = 0; i < d->fix_cves.n; i++)
        if (!listed(&d->cves, d->fix_cves.v[i]))
            MANIFEST(l, "fix_cves: \"%.*s\" is not among the CVEs", STR_FMT(d->fix_cves.v[i]));
    for (size_t i = 0; i < d->n_products; i++)
        if (build_cmp(&d->product[i].from, &d->product[i].to) >= 0 && !d->draft)
            MANIFEST(l, "product \"%.*s\": from is not below to", STR_FMT(d->product[i].name));
    for (size_t i = 1; i < d->n_events; i++)
        if (d->event[i].time_us < d->event[i - 1].time_us)
            MANIFEST(l, "timeline is not in order at \"%.*s\"", STR_FMT(d->event[i].text));
}

/* ---- log kinds ---- */

/* A kind or a pattern with "*" at its end, against a kind of a table, which may end with "*" as
 * well. */
static bool kind_fits(struct str asked, struct str kind)
{
    bool open_a = str_ends(asked, STR("*")), open_k = str_ends(kind, STR("*"));
    struct str a = str_sub(asked, 0, asked.n - open_a), k = str_sub(kind, 0, kind.n - open_k);
    return str_ieq(a, k) || (open_k && str_istarts(a, k)) || (open_a && str_istarts(k, a));
}

/* The tables that name kinds of logs, and under which key. */
static const struct {
    const char *file, *key;
} kind_table[] = {{"data/logsources.yaml", "kinds"}, {"data/events.yaml", "channels"}};

struct kinds {
    const struct node *table[ARRAY_LEN(kind_table)];
};

static bool kind_known(const struct kinds *kinds, struct str asked)
{
    for (size_t t = 0; t < ARRAY_LEN(kind_table); t++) {
        const struct node *item;
        size_t n = node_items(kinds->table[t], &item);
        for (size_t k = 0; k < n; k++)
            if (kind_fits(asked, node_text(&item[k], "kind")))
                return true;
    }
    return false;
}

static void kinds_check(struct load *l, const struct kinds *kinds, const struct str_list *list,
                        const char *key)
{
    for (size_t i = 0; i < list->n; i++)
        if (!kind_known(kinds, list->v[i]))
            MANIFEST(l, "%s: no log kind \"%.*s\"", key, STR_FMT(list->v[i]));
}

static bool kinds_read(struct load *l, struct kinds *kinds)
{
    for (size_t t = 0; t < ARRAY_LEN(kind_table); t++) {
        struct node *doc = NULL;
        size_t n = 0;
        struct error error = {0};
        struct str name = str_of(kind_table[t].file), text = embedded_get(kind_table[t].file);
        if (!text.p || yaml_parse(l->arena, text, name, 1, &doc, &n, &error) || n == 0)
            return false;
        kinds->table[t] = node_get(doc, kind_table[t].key);
    }
    return true;
}

static void all_kinds_check(struct load *l)
{
    struct kinds kinds;
    struct str_list fields = {arena_new_n(l->arena, struct str, l->d->needed_fields.n + 1), 0};
    if (!fields.v || !kinds_read(l, &kinds))
        return;
    for (size_t i = 0; i < l->d->needed_fields.n; i++) {
        struct str s = l->d->needed_fields.v[i];
        ptrdiff_t colon = str_chr(s, ':');
        if (colon < 0)
            MANIFEST(l, "needed_fields: \"%.*s\" is not \"kind: field\"", STR_FMT(s));
        else
            fields.v[fields.n++] = str_trim(str_sub(s, 0, (size_t)colon));
    }
    kinds_check(l, &kinds, &l->d->deciding, "deciding");
    kinds_check(l, &kinds, &l->d->confirming, "confirming");
    kinds_check(l, &kinds, &l->d->seen_kinds, "seen");
    kinds_check(l, &kinds, &fields, "needed_fields");
}

/* ---- rules ---- */

static bool uuid_shape(struct str s)
{
    if (s.n != 36)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? s.p[i] != '-' : ascii_hex((unsigned char)s.p[i]) < 0)
            return false;
    }
    return true;
}

/* "attack.t1190" or "attack.t1505.003" */
static bool has_technique(const struct sigma_rule *r)
{
    for (size_t i = 0; i < r->n_tags; i++)
        if (str_istarts(r->tags[i], STR("attack.t")) && r->tags[i].n >= 12 &&
            ascii_digit((unsigned char)r->tags[i].p[8]))
            return true;
    return false;
}

static void extra_keys(struct load *l, const struct sigma_rule *r)
{
    static const char *const known[] = {"grade",        "stage",   "meaning", "next",
                                        "target_field", "clients", "confirm", "target_regex",
                                        "scanner",      "fold"};
    for (size_t i = 0; i < r->n_extra; i++) {
        size_t k = 0;
        while (k < ARRAY_LEN(known) && !str_eq(r->extra[i].key, str_of(known[k])))
            k++;
        if (k == ARRAY_LEN(known))
            PROBLEM(l, r->file, r->line, "unknown key \"%.*s\"", STR_FMT(r->extra[i].key));
    }
}

static bool folds_by(const struct rule_meta *m, const char *field)
{
    for (size_t i = 0; i < m->fold.n; i++)
        if (str_ieq(m->fold.v[i], str_of(field)))
            return true;
    return false;
}

static void rule_check(struct load *l, const struct sigma_rule *r, const struct rule_meta *m)
{
    enum level level;
    const struct {
        bool ok;
        const char *what;
    } checks[] = {
        {uuid_shape(r->id), "no id in the form of a UUID"},
        {r->title.n > 0, "no title"},
        {r->description.n > 0, "no description"},
        {level_parse(r->level, &level), "no level"},
        {m->graded, "no grade"},
        {sigma_extra(r, "stage").p != NULL, "no stage"},
        {m->meaning.n > 0, "no meaning"},
        {m->next.n > 0, "no next step"},
        {r->n_falsepositives > 0, "no false positives named"},
        {r->n_references > 0, "no references"},
        {has_technique(r), "no ATT&CK technique among the tags"},
        {!sigma_extra(r, "target_field").p == !sigma_extra(r, "target_regex").p,
         "target_field and target_regex belong together"},
        {!m->many_mailboxes || (folds_by(m, "client") && folds_by(m, "mailbox")),
         "many-mailboxes counts nothing without \"fold: client, mailbox\""},
        {!m->unrequested || m->fold.n > 0,
         "unrequested sees the first record of a finding only: it needs \"fold\""},
    };
    if (r->type != SIGMA_DETECTION)
        return;
    for (size_t i = 0; i < ARRAY_LEN(checks); i++)
        if (!checks[i].ok)
            PROBLEM(l, r->file, r->line, "rule \"%.*s\": %s", STR_FMT(r->title), checks[i].what);
    extra_keys(l, r);
}

static enum err rules_check(struct load *l)
{
    struct map seen;
    enum err rc = OK;
    map_init(&seen, l->arena, LIMIT_RULES);
    for (size_t i = 0; i < l->d->n_rules && !rc; i++) {
        const struct sigma_rule *r = &l->d->rule[i];
        uint32_t number;
        bool new_id = true;
        rule_check(l, r, &l->d->meta[i]);
        if (r->id.n)
            rc = map_intern(&seen, r->id, &number, &new_id);
        if (!new_id)
            PROBLEM(l, r->file, r->line, "rule id \"%.*s\" is used twice", STR_FMT(r->id));
    }
    map_done(&seen);
    if (l->d->n_rules == 0 && !l->d->draft && !l->d->catalogue)
        MANIFEST(l, "no rules");
    return rc;
}

/* The next "%name%" of a text; *rest is what follows it. */
static bool placeholder_next(struct str *rest, struct str *ret_name)
{
    struct str part;
    while (str_cut(rest, '%', &part)) {
        size_t n = 0;
        while (n < rest->n && (ascii_alpha((unsigned char)rest->p[n]) || rest->p[n] == '_'))
            n++;
        if (n == 0 || n >= rest->n || rest->p[n] != '%')
            continue;
        *ret_name = str_sub(*rest, 0, n);
        *rest = str_sub(*rest, n + 1, rest->n);
        return true;
    }
    return false;
}

static const struct placeholder *placeholder_get(const struct dossier *d, struct str name)
{
    for (size_t i = 0; i < d->n_placeholders; i++)
        if (str_eq(d->placeholder[i].name, name))
            return &d->placeholder[i];
    return NULL;
}

/* Each name once, however often rules use it. */
static enum err placeholders_in(struct load *l, const struct dossier_file *f, struct map *used)
{
    struct str rest = f->text, name;
    while (placeholder_next(&rest, &name)) {
        uint32_t number;
        bool first = false;
        TRY(map_intern(used, name, &number, &first));
        if (first && !placeholder_get(l->d, name))
            PROBLEM(l, f->path, 0, "placeholder \"%.*s\" is not defined", STR_FMT(name));
    }
    return OK;
}

static enum err placeholders_check(struct load *l)
{
    struct map used;
    enum err rc = OK;
    map_init(&used, l->arena, LIMIT_RULES);
    for (size_t i = 0; i < l->n_files && !rc; i++)
        if (str_starts(l->file[i].path, STR("rules/")) && !str_ends(l->file[i].path, STR(".yar")))
            rc = placeholders_in(l, &l->file[i], &used);
    for (size_t i = 0; i < l->d->n_placeholders && !rc; i++) {
        const struct placeholder *p = &l->d->placeholder[i];
        if (!map_get(&used, p->name))
            MANIFEST(l, "placeholder \"%.*s\" is used by no rule", STR_FMT(p->name));
        if (p->values.n == 0)
            MANIFEST(l, "placeholder \"%.*s\" has no values", STR_FMT(p->name));
    }
    map_done(&used);
    return rc;
}

/* ---- tables ---- */

static bool hash_shape(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (ascii_hex((unsigned char)s.p[i]) < 0)
            return false;
    return s.n == 32 || s.n == 40 || s.n == 64;
}

static bool domain_shape(struct str s)
{
    bool dot = false;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        dot |= c == '.';
        if (!ascii_alpha(c) && !ascii_digit(c) && c != '-' && c != '.' && c != '_')
            return false;
    }
    return dot && s.p[0] != '.' && s.p[s.n - 1] != '.';
}

static bool indicator_shape(const struct indicator *in)
{
    struct ip_net net;
    switch (in->type) {
    case INDICATOR_ADDRESS: return ip_net_parse(in->value, &net);
    case INDICATOR_DOMAIN: return domain_shape(in->value);
    case INDICATOR_HASH: return hash_shape(in->value);
    case INDICATOR_NAME: return str_chr(in->value, '/') < 0 && str_chr(in->value, '\\') < 0;
    case INDICATOR_URL: return str_chr(in->value, '/') >= 0;
    case INDICATOR_AGENT:
    case INDICATOR_TEXT: return in->value.n >= 4;
    }
    return false;
}

static void indicators_check(struct load *l)
{
    struct str file = STR("indicators.csv");
    for (size_t i = 0; i < l->d->n_indicators; i++) {
        const struct indicator *in = &l->d->indicator[i];
        if (!indicator_shape(in))
            PROBLEM(l, file, 0, "indicator \"%.*s\" has not the shape of its type",
                    STR_FMT(in->value));
        if (!in->weak && (in->type == INDICATOR_ADDRESS || in->type == INDICATOR_AGENT))
            PROBLEM(l, file, 0, "indicator \"%.*s\": addresses and agents are never strong",
                    STR_FMT(in->value));
        if (in->source.n == 0)
            PROBLEM(l, file, 0, "indicator \"%.*s\" has no source", STR_FMT(in->value));
        if (in->from_us != TIME_NONE && in->until_us != TIME_NONE && in->until_us < in->from_us)
            PROBLEM(l, file, 0, "indicator \"%.*s\" ends before it starts", STR_FMT(in->value));
    }
}

static bool product_has(const struct dossier *d, const struct fix *f)
{
    for (size_t i = 0; i < d->n_products; i++)
        if (str_ieq(d->product[i].name, f->product))
            return build_cmp(&d->product[i].from, &f->build) <= 0 &&
                   build_cmp(&f->build, &d->product[i].to) < 0;
    return false;
}

static void fixes_check(struct load *l)
{
    struct str file = STR("fixes.csv");
    const struct dossier *d = l->d;
    for (size_t i = 0; i < d->n_fixes; i++) {
        const struct fix *f = &d->fix[i];
        if (!d->catalogue && !listed(&d->cves, f->cve))
            PROBLEM(l, file, f->line, "\"%.*s\" is not among the CVEs", STR_FMT(f->cve));
        if (!product_has(d, f))
            PROBLEM(l, file, f->line, "a fix of \"%.*s\" lies outside the builds of \"%.*s\"",
                    STR_FMT(f->cve), STR_FMT(f->product));
    }
    for (size_t c = 0; c < d->fix_cves.n; c++) {
        size_t i = 0;
        while (i < d->n_fixes && !str_ieq(d->fix[i].cve, d->fix_cves.v[c]))
            i++;
        if (i == d->n_fixes)
            PROBLEM(l, file, 0, "no fix of \"%.*s\"", STR_FMT(d->fix_cves.v[c]));
    }
}

enum err parts_lint(struct load *l, struct error *error)
{
    TRY(parts_load(l, error));
    if (l->d->catalogue) {
        catalogue_check(l);
    } else {
        affair_check(l);
        window_check(l);
    }
    TRY(plays_check(l, error));
    facts_check(l);
    all_kinds_check(l);
    TRY(placeholders_check(l));
    indicators_check(l);
    fixes_check(l);
    enum err rc = tables_lint(l);
    return rc ? rc : rules_check(l);
}

enum err dossier_lint(struct arena *arena, struct str id_or_dir, struct dossier *ret_dossier,
                      struct dossier_problems *ret_problems, struct error *error)
{
    struct load l = {.arena = arena, .problems = ret_problems, .d = ret_dossier};
    *ret_problems = (struct dossier_problems){0};
    TRY(files_read(&l, id_or_dir, error));
    return parts_lint(&l, error);
}
