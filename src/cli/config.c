#include "cli/config.h"

#include "base/limits.h"
#include "codec/yaml.h"
#include "dossier/actors.h"
#include "os/io.h"

#include <stdlib.h>
#include <sys/stat.h>

static const char machine_path[] = "/etc/tocsin/config.yaml";

struct str tlp_of(struct str word)
{
    enum tlp tlp;
    return tlp_parse(word, &tlp) ? str_of(tlp_name(tlp)) : STR_NONE;
}

static struct str on_or_off(struct str word)
{
    bool on = str_eq(word, STR("on")), off = str_eq(word, STR("off"));
    return on || off ? word : STR_NONE;
}

const struct config_def config_defs[CONFIG_KEYS] = {
    [CONFIG_SECTORS] = {"profile.sectors", "TOCSIN_SECTORS", true, sector_of,
                        "a sector of industry-sector-ov of STIX 2.1, such as healthcare"},
    [CONFIG_COUNTRY] = {"profile.country", "TOCSIN_COUNTRY", false, country_of,
                        "a country: its name or code of ISO 3166-1"},
    [CONFIG_PRODUCTS] = {"profile.products", "TOCSIN_PRODUCTS", true, NULL, NULL},
    [CONFIG_CONTACT] = {"profile.contact", "TOCSIN_CONTACT", false, NULL, NULL},
    [CONFIG_SCANNERS] = {"own_scanners", "TOCSIN_OWN_SCANNERS", true, NULL, NULL},
    [CONFIG_TLP] = {"tlp", "TOCSIN_TLP", false, tlp_of, "clear, green, amber, amber+strict or red"},
    [CONFIG_CASE] = {"case", "TOCSIN_CASE", false, NULL, NULL},
    [CONFIG_RULE_CACHE] = {"rule_cache", "TOCSIN_RULE_CACHE", false, on_or_off, "on or off"},
};

struct loading {
    struct arena *arena;
    struct config *c;
    struct str origin; /* of what is read now; a file's without its line */
    struct error *error;
};

/* ---- one value ---- */

static enum err refused(struct loading *l, uint32_t line, const char *name, struct str value,
                        const char *wanted)
{
    struct str where = l->origin;
    struct str file = line ? arena_str(l->arena, where) : STR_NONE;
    if (file.p)
        return fail_at(l->error, ERR_USAGE, file.p, line, "%s: '%.*s' is not %s", name,
                       STR_FMT(value), wanted);
    return fail(l->error, ERR_USAGE, "%.*s: '%.*s' is not %s", STR_FMT(where), STR_FMT(value),
                wanted);
}

static enum err take(struct loading *l, enum config_key key, uint32_t line, struct str_list *list,
                     struct str value)
{
    const struct config_def *def = &config_defs[key];
    value = str_trim(value);
    if (!value.n || value.n > CONFIG_TEXT)
        return refused(l, line, def->name, value, "a text of a reasonable length");
    struct str folded = def->fold ? def->fold(value) : value;
    if (!folded.p)
        return refused(l, line, def->name, value, def->wanted);
    if (list->n == CONFIG_LIST)
        return refused(l, line, def->name, value, "among so many");
    list->v[list->n++] = folded;
    return OK;
}

static enum err new_list(struct loading *l, struct str_list *ret)
{
    *ret = (struct str_list){.v = arena_new_n(l->arena, struct str, CONFIG_LIST)};
    return ret->v ? OK : fail(l->error, ERR_NOMEM, "out of memory");
}

/* A nearer source replaces the whole value, lists too: what counts stands in one place. */
static void set(struct loading *l, enum config_key key, const struct str_list *list, uint32_t line)
{
    char number[32];
    struct buf b;
    buf_init(&b, 2 * LIMIT_PATH_BYTES);
    buf_str(&b, l->origin);
    (void)snprintf(number, sizeof number, ":%u", line);
    buf_puts(&b, line ? number : "");
    l->c->value[key] = (struct config_value){*list, arena_str(l->arena, buf_view(&b))};
    buf_done(&b);
}

/* ---- files ---- */

static enum err take_node(struct loading *l, enum config_key key, const struct node *node)
{
    const struct node *item;
    struct str_list list;
    size_t n = node_items(node, &item);
    TRY(new_list(l, &list));
    if (!config_defs[key].list && node->type == NODE_LIST)
        return refused(l, node->line, config_defs[key].name, STR("a list"), "one text");
    for (size_t i = 0; i < n; i++) {
        if (item[i].type != NODE_SCALAR)
            return refused(l, item[i].line, config_defs[key].name, STR("this"), "a text");
        TRY(take(l, key, item[i].line, &list, item[i].text));
    }
    if (n)
        set(l, key, &list, node->line);
    return OK;
}

/* The key of that name below a map ("profile."), or at the top (""). */
static enum err key_of(struct loading *l, const char *below, struct str name, uint32_t line,
                       enum config_key *ret)
{
    size_t n = strlen(below);
    for (int k = 0; k < CONFIG_KEYS; k++) {
        struct str full = str_of(config_defs[k].name);
        if (str_starts(full, str_of(below)) && str_eq(str_sub(full, n, full.n), name)) {
            *ret = (enum config_key)k;
            return OK;
        }
    }
    return refused(l, line, "key", name, "known: see docs/reference/config.md");
}

static enum err take_map(struct loading *l, const char *below, const struct node *map)
{
    enum config_key key = CONFIG_KEYS;
    for (size_t i = 0; i < map->n; i++) {
        const struct node *value = &map->item[i];
        bool profile = !*below && str_eq(map->key[i], STR("profile"));
        if (profile && value->type == NODE_MAP) {
            TRY(take_map(l, "profile.", value));
            continue;
        }
        TRY(key_of(l, below, map->key[i], value->line, &key));
        TRY(take_node(l, key, value));
    }
    return OK;
}

/* A file that anybody can write holds anybody's settings. */
static enum err safe(struct loading *l, struct str path)
{
    struct stat st;
    struct str name = arena_str(l->arena, path);
    if (name.p && stat(name.p, &st) == 0 && (st.st_mode & S_IWOTH))
        return fail(l->error, ERR_USAGE, "'%s' can be written by everybody: chmod o-w", name.p);
    return name.p ? OK : fail(l->error, ERR_NOMEM, "out of memory");
}

static enum err take_file(struct loading *l, struct str path)
{
    struct str text;
    struct node *doc = NULL;
    size_t n = 0;
    if (!path.p || !io_exists(path))
        return OK;
    TRY(safe(l, path));
    TRY(io_read_file(l->arena, path, CONFIG_BYTES, &text, l->error));
    enum err rc = yaml_parse(l->arena, text, path, 1, &doc, &n, l->error);
    if (rc < 0)
        return rc == ERR_NOMEM ? rc : (l->error->code = ERR_USAGE);
    l->origin = path;
    if (n && doc->type != NODE_MAP && !node_is_null(doc))
        return refused(l, doc->line, "config", doc->text, "a map of keys");
    return n && doc->type == NODE_MAP ? take_map(l, "", doc) : OK;
}

/* ---- environment ---- */

static enum err take_environment(struct loading *l)
{
    for (int k = 0; k < CONFIG_KEYS; k++) {
        const struct config_def *def = &config_defs[k];
        struct str rest = str_of(getenv(def->environment)), part;
        struct str_list list;
        if (!rest.n)
            continue;
        l->origin = str_of(def->environment);
        TRY(new_list(l, &list));
        if (!def->list)
            TRY(take(l, (enum config_key)k, 0, &list, rest));
        while (def->list && str_cut(&rest, ',', &part))
            TRY(take(l, (enum config_key)k, 0, &list, part));
        set(l, (enum config_key)k, &list, 0);
    }
    return OK;
}

/* A place below one of the user's folders of the XDG Base Directory Specification. */
static struct str own_path(struct arena *arena, const char *variable, const char *otherwise,
                           const char *below)
{
    const char *folder = getenv(variable), *home = getenv("HOME");
    bool own = folder && folder[0] == '/'; /* a relative one is to be ignored */
    char path[LIMIT_PATH_BYTES];
    if (!own && (!home || home[0] != '/'))
        return STR_NONE;
    int n =
        snprintf(path, sizeof path, "%s%s/%s", own ? folder : home, own ? "" : otherwise, below);
    return n > 0 && (size_t)n < sizeof path ? arena_str(arena, str_of(path)) : STR_NONE;
}

struct str config_path(struct arena *arena)
{
    return own_path(arena, "XDG_CONFIG_HOME", "/.config", "tocsin/config.yaml");
}

struct str config_cache(const struct config *c, struct arena *arena)
{
    bool off = str_eq(config_text(c, CONFIG_RULE_CACHE), STR("off"));
    return off ? STR_NONE : own_path(arena, "XDG_CACHE_HOME", "/.cache", "tocsin");
}

enum err config_load(struct arena *arena, struct config *ret_config, struct error *error)
{
    struct loading l = {.arena = arena, .c = ret_config, .error = error};
    *ret_config = (struct config){0};
    TRY(take_file(&l, str_of(machine_path)));
    TRY(take_file(&l, config_path(arena)));
    return take_environment(&l);
}

struct str config_text(const struct config *c, enum config_key key)
{
    return c->value[key].list.n ? c->value[key].list.v[0] : STR_NONE;
}

struct profile config_profile(const struct config *c)
{
    return (struct profile){.sectors = c->value[CONFIG_SECTORS].list,
                            .country = config_text(c, CONFIG_COUNTRY),
                            .products = c->value[CONFIG_PRODUCTS].list,
                            .contact = config_text(c, CONFIG_CONTACT)};
}
