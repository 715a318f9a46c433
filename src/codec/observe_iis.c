#include "base/vec.h"
#include "codec/line.h"
#include "codec/observe_priv.h"

#include <expat.h>

/* Configuration of IIS, applicationHost.config and web.config: which rewrite rules turn requests
 * away, which directories do not inherit them, extended protection of each directory, and which
 * application pools do not start. What that means is said by settings.csv of the dossiers; the
 * words are those of exposure/settings.h.
 *
 * Layout: configuration, perhaps location[@path], system.webServer, rewrite/rules (clear,
 * remove[@name], rule) and security/authentication/windowsAuthentication/extendedProtection; and
 * configuration/system.applicationHost/applicationPools/add. Source: the IIS schema as documented
 * by Microsoft, and the URL Rewrite module's. Entities are refused. */

enum {
    DEPTH = 32,
    NAME_BYTES = 64,
    CONDITIONS = 8,
    RULES = 512,
    PLACES = 1024,
    TOLD = 4096,
    PATH_BYTES = 1024
};

struct condition {
    struct str input, pattern;
    bool plain; /* a pattern, not negated, without regard to case */
};

struct rule {
    struct str place, name;
    struct condition condition[CONDITIONS];
    size_t n;
    bool off, everywhere, any, stops, turns_away;
    uint64_t line;
};

struct place {
    struct str path, token_checking; /* absent: it says nothing of its own */
    uint64_t line;
};

struct config {
    struct observe_reader *r;
    XML_Parser parser;
    enum err rc;
    const char *wrong;
    struct str site; /* of a web.config, by its folder; absent: unknown, or not needed */
    char element[DEPTH][NAME_BYTES];
    unsigned depth, location; /* location: depth at which one was opened; 0: none */
    struct str site_name;     /* of the list of sites */
    struct str path;          /* that rules and protection are about */
    bool here_only;           /* directories below do not inherit */
    size_t told;
    bool unplaced; /* it has rules of nobody knows what */
    VEC(struct rule) rule;
    VEC(struct place) place;
};

/* --- what a callback may do --- */

static void keep(struct config *c, enum err rc)
{
    if (rc && !c->rc) {
        c->rc = rc;
        (void)XML_StopParser(c->parser, XML_FALSE);
    }
}

static struct str copy(struct config *c, const char *text)
{
    struct str s = text ? arena_str(&c->r->arena, str_of(text)) : STR_NONE;
    if (text && !s.p)
        keep(c, ERR_LIMIT);
    return s;
}

static const char *attribute(const char **a, const char *name)
{
    for (; a[0]; a += 2)
        if (strcmp(a[0], name) == 0)
            return a[1];
    return NULL;
}

static bool says(const char **a, const char *name, const char *value)
{
    const char *text = attribute(a, name);
    return text && str_ieq(str_of(text), str_of(value));
}

static uint64_t line_of(const struct config *c)
{
    return (uint64_t)XML_GetCurrentLineNumber(c->parser);
}

/* what|where|rest */
static void give(struct config *c, uint64_t line, const char *what, struct str where, struct str a,
                 struct str b, struct str d)
{
    struct observation o = observation_blank(OBSERVED_CONFIG);
    struct buf text;
    if (c->told++ >= TOLD) {
        keep(c, ERR_LIMIT);
        return;
    }
    buf_init(&text, OBSERVE_RECORD_BYTES);
    buf_printf(&text, "%s|%.*s", what, STR_FMT(where));
    if (a.p)
        buf_printf(&text, "|%.*s", STR_FMT(a));
    if (b.p)
        buf_printf(&text, "|%.*s %.*s", STR_FMT(b), STR_FMT(d));
    o.what = buf_view(&text);
    o.line = line;
    keep(c, text.rc ? text.rc : observe_give(c->r, &o));
    buf_done(&text);
}

/* --- rules --- */

static struct rule *rule_now(struct config *c)
{
    return c->rule.n ? &c->rule.v[c->rule.n - 1] : NULL;
}

static void begin_rule(struct config *c, const char **a)
{
    struct rule rule = {.place = c->path,
                        .name = copy(c, attribute(a, "name")),
                        .off = says(a, "enabled", "false") ||
                               says(a, "patternSyntax", "Wildcard") || c->here_only,
                        .stops = says(a, "stopProcessing", "true"),
                        .line = line_of(c)};
    keep(c, vec_push(&c->rule, rule, RULES));
}

static void add_match(struct rule *rule, const char **a)
{
    static const char *const all[] = {".*", "(.*)", "^(.*)$", "^.*$"};
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        rule->everywhere |= says(a, "url", all[i]);
    rule->off |= says(a, "negate", "true");
}

static void add_condition(struct config *c, struct rule *rule, const char **a)
{
    if (rule->n == CONDITIONS) {
        rule->off = true; /* more than any mitigation has: not understood */
        return;
    }
    const char *type = attribute(a, "matchType");
    rule->condition[rule->n++] =
        (struct condition){.input = copy(c, attribute(a, "input")),
                           .pattern = copy(c, attribute(a, "pattern")),
                           .plain = (!type || says(a, "matchType", "Pattern")) &&
                                    !says(a, "negate", "true") && !says(a, "ignoreCase", "false")};
}

/* It turns away whatever fits one of its conditions, and no rule before it lets that pass. */
static bool blocks(const struct rule *r)
{
    return !r->off && r->everywhere && r->turns_away && r->n && (r->any || r->n == 1);
}

/* Rules of one place, in order: one that stops before lets requests pass, and one behind may undo
 * what does not stop. */
static bool in_force(const struct config *c, size_t at)
{
    const struct rule *r = &c->rule.v[at];
    for (size_t i = 0; i < c->rule.n; i++) {
        const struct rule *other = &c->rule.v[i];
        bool undoes = i < at ? other->stops : i > at && !r->stops;
        if (str_eq(other->place, r->place) && undoes && !other->off && !other->turns_away)
            return false;
    }
    return blocks(r);
}

static void give_rules(struct config *c)
{
    for (size_t i = 0; i < c->rule.n && !c->rc; i++) {
        const struct rule *r = &c->rule.v[i];
        for (size_t k = 0; k < r->n && !c->rc && in_force(c, i); k++)
            if (r->condition[k].plain && r->condition[k].input.p && r->condition[k].pattern.p)
                give(c, r->line, "block", r->place, r->name.p ? r->name : STR(""),
                     r->condition[k].input, r->condition[k].pattern);
    }
}

static void in_rules(struct config *c, const char *name, const char **a)
{
    if (!c->path.p)
        return;
    if (strcmp(name, "rule") == 0)
        begin_rule(c, a);
    else if (strcmp(name, "clear") == 0)
        give(c, line_of(c), "clear", c->path, STR_NONE, STR_NONE, STR_NONE);
    else if (strcmp(name, "remove") == 0 && attribute(a, "name"))
        give(c, line_of(c), "remove", c->path, str_of(attribute(a, "name")), STR_NONE, STR_NONE);
}

static void in_rule(struct config *c, const char *parent, const char *name, const char **a)
{
    struct rule *rule = rule_now(c);
    if (!rule)
        return;
    if (strcmp(name, "match") == 0)
        add_match(rule, a);
    else if (strcmp(name, "conditions") == 0)
        rule->any = says(a, "logicalGrouping", "MatchAny");
    else if (strcmp(name, "add") == 0 && strcmp(parent, "conditions") == 0)
        add_condition(c, rule, a);
    else if (strcmp(name, "action") == 0)
        rule->turns_away = says(a, "type", "AbortRequest") || says(a, "type", "CustomResponse");
}

/* --- protection --- */

static void note_place(struct config *c, struct str path)
{
    keep(c, vec_push(&c->place, ((struct place){.path = path, .line = line_of(c)}), PLACES));
}

/* A directory that is in use is protected as its site is, even where no location speaks of it. */
static void note_application(struct config *c, const char *path)
{
    char text[PATH_BYTES];
    if (!c->site_name.n || !path || path[0] != '/' || !path[1] ||
        c->site_name.n + strlen(path) >= sizeof text)
        return;
    memcpy(text, c->site_name.p, c->site_name.n);
    memcpy(text + c->site_name.n, path, strlen(path) + 1);
    note_place(c, copy(c, text));
}

static void note_token(struct config *c, const char *value)
{
    for (size_t i = c->place.n; value && i > 0; i--)
        if (str_ieq(c->place.v[i - 1].path, c->path)) {
            c->place.v[i - 1].token_checking = copy(c, value);
            c->place.v[i - 1].line = line_of(c);
            return;
        }
}

/* Of the directory itself, or of the nearest one above that has one. IIS knows None by default. */
static struct str token_of(const struct config *c, const struct place *p)
{
    struct str path = p->path;
    for (;;) {
        for (size_t i = 0; i < c->place.n; i++)
            if (c->place.v[i].token_checking.p && str_ieq(c->place.v[i].path, path))
                return c->place.v[i].token_checking;
        while (path.n && path.p[path.n - 1] != '/')
            path.n--;
        if (!path.n)
            return STR("None");
        path.n--;
    }
}

static void give_places(struct config *c)
{
    for (size_t i = 0; i < c->place.n && !c->rc; i++)
        if (c->place.v[i].path.n)
            give(c, c->place.v[i].line, "token-checking", c->place.v[i].path,
                 token_of(c, &c->place.v[i]), STR_NONE, STR_NONE);
}

/* --- elements --- */

/* The names from the innermost one outwards, as far as they are given. */
static bool inside(const struct config *c, const char *parent, const char *above)
{
    unsigned d = c->depth;
    return d >= 2 && d <= DEPTH && strcmp(c->element[d - 1], parent) == 0 &&
           strcmp(c->element[d - 2], above) == 0;
}

static bool within(const struct config *c, const char *name)
{
    for (unsigned i = 0; i < c->depth && i < DEPTH; i++)
        if (strcmp(c->element[i], name) == 0)
            return true;
    return false;
}

static void begin_location(struct config *c, const char **a)
{
    const char *path = attribute(a, "path");
    c->location = c->depth + 1;
    c->here_only = says(a, "inheritInChildApplications", "false");
    if (!path || !path[0] || strcmp(path, ".") == 0)
        return;
    c->path = c->site.p ? STR_NONE : copy(c, path); /* a folder's own say no more of the site */
    if (c->path.p)
        note_place(c, c->path);
}

static void in_host(struct config *c, const char *name, const char **a)
{
    const char *id = attribute(a, "name");
    if (strcmp(name, "add") == 0 && inside(c, "applicationPools", "system.applicationHost") && id)
        give(c, line_of(c), "pool", str_of(id),
             says(a, "autoStart", "false") ? STR("off") : STR("auto"), STR_NONE, STR_NONE);
    else if (strcmp(name, "site") == 0 && inside(c, "sites", "system.applicationHost"))
        c->site_name = copy(c, id);
    else if (strcmp(name, "application") == 0 && inside(c, "site", "sites"))
        note_application(c, attribute(a, "path"));
}

static void begin(struct config *c, const char *name, const char **a)
{
    const char *parent = c->depth && c->depth <= DEPTH ? c->element[c->depth - 1] : "";
    if (strcmp(name, "location") == 0 && c->depth == 1)
        begin_location(c, a);
    else if (strcmp(name, "rules") == 0 && strcmp(parent, "rewrite") == 0) {
        c->unplaced |= !c->path.p;
        if (c->path.p && !c->here_only)
            give(c, line_of(c), "rules", c->path, STR_NONE, STR_NONE, STR_NONE);
    } else if (inside(c, "rules", "rewrite"))
        in_rules(c, name, a);
    else if (within(c, "rule"))
        in_rule(c, parent, name, a);
    else if (strcmp(name, "extendedProtection") == 0 &&
             inside(c, "windowsAuthentication", "authentication") && c->location)
        note_token(c, attribute(a, "tokenChecking"));
    else if (within(c, "system.applicationHost"))
        in_host(c, name, a);
}

static void on_begin(void *ctx, const char *name, const char **a)
{
    struct config *c = ctx;
    begin(c, name, a);
    if (c->depth < DEPTH) {
        size_t n = strnlen(name, NAME_BYTES - 1);
        memcpy(c->element[c->depth], name, n);
        c->element[c->depth][n] = 0;
    }
    c->depth++;
}

static void on_end(void *ctx, const char *name)
{
    struct config *c = ctx;
    (void)name;
    if (c->location == c->depth) {
        c->location = 0;
        c->path = c->site;
        c->here_only = false;
    }
    c->depth--;
}

static void on_entity(void *ctx, const char *name, int parameter, const char *value, int n,
                      const char *base, const char *id, const char *public, const char *notation)
{
    struct config *c = ctx;
    (void)name, (void)parameter, (void)value, (void)n;
    (void)base, (void)id, (void)public, (void)notation;
    c->wrong = "it declares entities";
    (void)XML_StopParser(c->parser, XML_FALSE);
}

/* --- the file --- */

/* A web.config belongs to the site or directory whose folder it lies in. */
static void find_site(struct config *c)
{
    static const struct {
        const char *above, *site;
    } folders[] = {{"httpproxy", "Default Web Site"}, {"clientaccess", "Exchange Back End"}};
    struct str name = c->r->options->name;
    if (!str_ieq(line_path_part(name, 0), STR("web.config")))
        return;
    if (str_ieq(line_path_part(name, 1), STR("wwwroot")))
        c->site = STR("Default Web Site");
    for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
        struct buf path;
        if (!str_ieq(line_path_part(name, 2), str_of(folders[i].above)))
            continue;
        buf_init(&path, OBSERVE_RECORD_BYTES);
        buf_printf(&path, "%s/%.*s", folders[i].site, STR_FMT(line_path_part(name, 1)));
        c->site = arena_str(&c->r->arena, buf_view(&path));
        buf_done(&path);
    }
    c->path = c->site;
}

static enum err tell(struct config *c, struct str reason, const char *why)
{
    return observe_gap(c->r, line_of(c), c->r->offset, reason, str_of(why));
}

static enum err parse(struct config *c)
{
    struct str text;
    enum err rc = observe_whole(c->r, &text);
    if (rc)
        return rc == ERR_LIMIT ? tell(c, OBSERVE_TOO_LONG, "no configuration is as long") : rc;
    enum XML_Status status = XML_Parse(c->parser, text.p, (int)text.n, true);
    observe_take(c->r, text.n);
    if (c->rc)
        return c->rc == ERR_LIMIT ? tell(c, OBSERVE_TOO_LONG, "more than any configuration has")
                                  : c->rc;
    if (status != XML_STATUS_OK)
        return tell(c, OBSERVE_DAMAGED,
                    c->wrong ? c->wrong : XML_ErrorString(XML_GetErrorCode(c->parser)));
    give_rules(c);
    give_places(c);
    if (c->unplaced)
        TRY(tell(c, OBSERVE_UNPLACED, "rewrite rules of a site that its folder does not tell"));
    return c->rc;
}

static enum err read(struct observe_reader *r)
{
    struct config *c = arena_new(&r->arena, struct config);
    if (!c)
        return fail(r->error, ERR_NOMEM, "out of memory");
    c->r = r;
    find_site(c);
    c->parser = XML_ParserCreate(NULL);
    if (!c->parser)
        return fail(r->error, ERR_NOMEM, "out of memory");
    XML_SetUserData(c->parser, c);
    XML_SetElementHandler(c->parser, on_begin, on_end);
    XML_SetEntityDeclHandler(c->parser, on_entity);
    enum err rc = parse(c);
    XML_ParserFree(c->parser);
    vec_done(&c->rule);
    vec_done(&c->place);
    return rc;
}

static bool is(struct str head, struct str name)
{
    (void)name;
    head = str_sub(head, 0, OBSERVE_HEAD_BYTES);
    return str_has(head, STR("<configuration")) &&
           (str_has(head, STR("<system.webServer")) || str_has(head, STR("<location")) ||
            str_has(head, STR("<system.applicationHost")));
}

const struct observe_format observe_iis = {
    .name = "iis-config",
    .help = "applicationHost.config and web.config of IIS: mitigations, extended protection",
    .is = is,
    .read = read,
    .hostless = true};
