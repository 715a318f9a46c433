#include "codec/evlog_whole.h"
#include "codec/line.h"
#include "codec/xml_walk.h"

/* Configuration of IIS and ASP.NET, applicationHost.config, web.config and machine.config: each
 * element that decides what a server runs, serves or refuses is an event. What a rewrite rule means
 * for exposure is worked out elsewhere (observe_iis.c); here it is told as it stands.
 *
 * To add an element: one row in a table below. Its attributes become fields by themselves, the
 * first letter large (physicalPath: PhysicalPath).
 * Source: the IIS schema and that of ASP.NET as documented by Microsoft, and URL Rewrite's. */

#define CHANNEL "tocsin/iis-config"

enum { NAME_BYTES = 256, CODE_BYTES = 400, CODES = 8 };

/* Elements that are told, by their own name and those around them (NULL: any). */
static const struct {
    const char *name, *parent, *above, *says;
} elements[] = {
    {"site", "sites", NULL, "site"},
    {"binding", "bindings", "site", "binding"},
    {"logFile", "site", "sites", "logFile"},
    {"application", "site", "sites", "application"},
    {"virtualDirectory", "application", "site", "virtualDirectory"},
    {"application", "fastCgi", NULL, "fastCgi"},
    {"filter", "isapiFilters", NULL, "isapiFilter"},
    {"machineKey", "system.web", NULL, "machineKey"},
    {"compilation", "system.web", NULL, "compilation"},
    {"httpRuntime", "system.web", NULL, "httpRuntime"},
    {"customErrors", "system.web", NULL, "customErrors"},
    {"pages", "system.web", NULL, "pages"},
    {"trust", "system.web", NULL, "trust"},
    {"identity", "system.web", NULL, "identity"},
    {"anonymousAuthentication", "authentication", NULL, "anonymousAuthentication"},
    {"windowsAuthentication", "authentication", NULL, "windowsAuthentication"},
    {"basicAuthentication", "authentication", NULL, "basicAuthentication"},
    {"requestFiltering", "security", NULL, "requestFiltering"},
    {"httpLogging", "system.webServer", NULL, "httpLogging"},
    {"httpRedirect", "system.webServer", NULL, "httpRedirect"},
    {"directoryBrowse", "system.webServer", NULL, "directoryBrowse"},
    {"codeBase", "dependentAssembly", NULL, "codeBase"},
    {"linkedConfiguration", "assemblyBinding", NULL, "linkedConfiguration"},
};

/* Lists, whose elements are add, remove and clear. */
static const struct {
    const char *parent, *above, *says;
} lists[] = {
    {"applicationPools", NULL, "pool"},
    {"handlers", NULL, "handler"},
    {"httpHandlers", NULL, "handler"},
    {"modules", NULL, "module"},
    {"httpModules", NULL, "module"},
    {"globalModules", NULL, "globalModule"},
    {"isapiFilters", NULL, "isapiFilter"},
    {"isapiCgiRestriction", NULL, "isapiCgi"},
    {"assemblies", NULL, "assembly"},
    {"buildProviders", NULL, "buildProvider"},
    {"hiddenSegments", NULL, "hiddenSegment"},
    {"fileExtensions", NULL, "fileExtension"},
    {"rules", "rewrite", "rewriteRule"},
    {"globalRules", "rewrite", "rewriteRule"},
    {"outboundRules", "rewrite", "rewriteRule"},
};

/* Fields of the reader's own: no attribute may pass for one. */
static const char *const own_fields[] = {
    "Channel", "EventID", "Provider_Name", "Computer",  "Element", "Action",    "Location",
    "Config",  "Site",    "Code",          "Condition", "Match",   "ActionType"};

struct reader {
    struct whole whole;
    uint32_t kind; /* the name "Element" */
    struct xml_walk walk;
    char site[NAME_BYTES], application[NAME_BYTES], location[NAME_BYTES];
    size_t location_depth; /* of the element location that is open; 0: none */
    size_t rule_depth;     /* the same of a rewrite rule, which is one event with all inside it */
    struct row_place rule_at;
};

/* ---- recognising ---- */

/* Behind what may stand before the root element; absent if the head ends in it. */
static struct str skip_prolog(struct str s)
{
    for (;;) {
        s = str_trim(s);
        bool comment = str_starts(s, STR("<!--"));
        if (!comment && !str_starts(s, STR("<?")))
            return s;
        ptrdiff_t end = str_find(s, comment ? STR("-->") : STR("?>"));
        if (end < 0)
            return STR_NONE;
        s = str_sub(s, (size_t)end + 2, s.n);
        s = str_sub(s, comment, s.n);
    }
}

static bool has_name(struct str path)
{
    static const char *const names[] = {"web.config", "applicationHost.config", "machine.config"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_ieq(line_path_part(path, 0), str_of(names[i])))
            return true;
    return false;
}

static bool iis_knows(struct str head, struct str path)
{
    struct str s = skip_prolog(head);
    if (!str_starts(s, STR("<configuration")) || s.n < 15 ||
        (s.p[14] != '>' && s.p[14] != '/' && !ascii_space((unsigned char)s.p[14])))
        return false;
    return has_name(path) || str_has(s, STR("<system.webServer")) || str_has(s, STR("<location")) ||
           str_has(s, STR("<system.applicationHost")) || str_has(s, STR("<system.web>"));
}

/* ---- fields ---- */

static void set_name(char *to, struct str name)
{
    size_t n = name.n < NAME_BYTES - 1 ? name.n : NAME_BYTES - 1;
    if (n)
        memcpy(to, name.p, n);
    to[n] = 0;
}

static bool is_own(const char *field)
{
    for (size_t i = 0; i < ARRAY_LEN(own_fields); i++)
        if (str_ieq(str_of(field), str_of(own_fields[i])))
            return true;
    return false;
}

/* What nobody should find in a report: a key is only told to be there. */
static struct str told(const char *name, const char *value)
{
    struct str n = str_of(name), v = str_of(value);
    if (str_ifind(n, STR("password")) >= 0 || str_ifind(n, STR("connectionString")) >= 0)
        return STR("set");
    if ((str_ieq(n, STR("validationKey")) || str_ieq(n, STR("decryptionKey"))) &&
        !str_istarts(v, STR("AutoGenerate")))
        return STR("set by hand");
    return v;
}

/* "physicalPath" as "PhysicalPath", "action" as "Attribute_Action". */
static enum err put_attributes(struct reader *r, const char **a)
{
    char field[XML_WALK_NAME + 16];
    for (; a[0]; a += 2) {
        if (strlen(a[0]) >= XML_WALK_NAME) {
            r->whole.maker.too_many = true;
            continue;
        }
        (void)snprintf(field, sizeof field, "%s%s", is_own(a[0]) ? "Attribute_" : "", a[0]);
        char *first = field + (is_own(a[0]) ? 10 : 0);
        *first = (char)(*first >= 'a' && *first <= 'z' ? *first - 32 : *first);
        TRY(whole_put(&r->whole, field, told(a[0], a[1])));
    }
    return OK;
}

static enum err begin_event(struct reader *r, const char *says)
{
    struct whole *w = &r->whole;
    TRY(whole_begin(w, CHANNEL));
    maker_kind(&w->maker, r->kind);
    TRY(whole_put(w, "Element", str_of(says)));
    TRY(whole_put(w, "Config", line_path_part(w->path, 0)));
    return whole_put(w, "Location", str_of(r->location));
}

static enum err end_event(struct reader *r)
{
    return whole_end(&r->whole, r->walk.offset, r->walk.line, TIME_NONE);
}

/* ---- sites ---- */

/* Of a virtual directory as a client asks for it: "/owa" and "/" are "/owa". */
static enum err put_path(struct reader *r, struct str path)
{
    char all[2 * NAME_BYTES];
    struct str above = str_of(r->application);
    if (str_ends(above, STR("/")))
        above = str_sub(above, 0, above.n - 1);
    if (str_eq(path, STR("/")) && above.n)
        path = STR("");
    (void)snprintf(all, sizeof all, "%.*s%.*s", STR_FMT(above),
                   STR_FMT(str_sub(path, 0, NAME_BYTES)));
    return whole_put(&r->whole, "RequestPath", str_of(all));
}

static enum err tell_element(struct reader *r, const char *says, const char **a)
{
    if (strcmp(says, "site") == 0)
        set_name(r->site, xml_walk_attribute(a, "name"));
    if (strcmp(says, "application") == 0)
        set_name(r->application, xml_walk_attribute(a, "path"));
    TRY(begin_event(r, says));
    if (xml_walk_within(&r->walk, "site"))
        TRY(whole_put(&r->whole, "Site", str_of(r->site)));
    if (strcmp(says, "virtualDirectory") == 0)
        TRY(put_path(r, xml_walk_attribute(a, "path")));
    TRY(put_attributes(r, a));
    return end_event(r);
}

static enum err tell_item(struct reader *r, const char *says, const char *action, const char **a)
{
    TRY(begin_event(r, says));
    TRY(whole_put(&r->whole, "Action", str_of(action)));
    TRY(put_attributes(r, a));
    return end_event(r);
}

/* ---- rewrite rules ---- */

static struct str or_else(struct str value, const char *otherwise)
{
    return value.n ? value : str_of(otherwise);
}

static enum err begin_rule(struct reader *r, const char **a)
{
    struct whole *w = &r->whole;
    r->rule_depth = r->walk.depth + 1;
    r->rule_at = (struct row_place){r->walk.offset, r->walk.line, TIME_NONE};
    TRY(begin_event(r, "rewriteRule"));
    TRY(whole_put(w, "Action", STR("add")));
    TRY(whole_put(w, "Name", xml_walk_attribute(a, "name")));
    TRY(whole_put(w, "Enabled", or_else(xml_walk_attribute(a, "enabled"), "true")));
    TRY(whole_put(w, "PatternSyntax", xml_walk_attribute(a, "patternSyntax")));
    return whole_put(w, "StopProcessing",
                     or_else(xml_walk_attribute(a, "stopProcessing"), "false"));
}

/* "{HTTP_COOKIE} (.*)x(.*)", with "not" before a pattern that must not fit. */
static enum err put_condition(struct reader *r, const char **a)
{
    struct buf b;
    struct str kind = xml_walk_attribute(a, "matchType");
    bool not = str_ieq(xml_walk_attribute(a, "negate"), STR("true"));
    buf_init(&b, (size_t)4 * XML_WALK_TEXT_BYTES);
    buf_printf(&b, "%.*s %s%.*s", STR_FMT(xml_walk_attribute(a, "input")), not ? "not " : "",
               STR_FMT(or_else(xml_walk_attribute(a, "pattern"), kind.n ? "" : ".*")));
    if (kind.n && !str_ieq(kind, STR("Pattern")))
        buf_str(&b, kind);
    enum err rc = b.rc == ERR_NOMEM ? b.rc : whole_put(&r->whole, "Condition", buf_view(&b));
    buf_done(&b);
    return rc;
}

static enum err in_rule(struct reader *r, const char *name, const char **a)
{
    struct whole *w = &r->whole;
    if (strcmp(name, "match") == 0) {
        TRY(whole_put(w, "Match", xml_walk_attribute(a, "url")));
        TRY(whole_put(w, "ServerVariable", xml_walk_attribute(a, "serverVariable")));
        return whole_put(w, "Negate", xml_walk_attribute(a, "negate"));
    }
    if (strcmp(name, "conditions") == 0)
        return whole_put(w, "LogicalGrouping", xml_walk_attribute(a, "logicalGrouping"));
    if (strcmp(name, "add") == 0 && xml_walk_in(&r->walk, "conditions", NULL))
        return put_condition(r, a);
    if (strcmp(name, "action") != 0)
        return OK;
    TRY(whole_put(w, "ActionType", xml_walk_attribute(a, "type")));
    TRY(whole_put(w, "Url", xml_walk_attribute(a, "url")));
    TRY(whole_put(w, "Value", xml_walk_attribute(a, "value")));
    return whole_put(w, "StatusCode", xml_walk_attribute(a, "statusCode"));
}

static enum err end_rule(struct reader *r)
{
    r->rule_depth = 0;
    return whole_end(&r->whole, r->rule_at.offset, r->rule_at.record_id, TIME_NONE);
}

/* ---- elements ---- */

static const char *element_of(const struct xml_walk *w, const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(elements); i++)
        if (strcmp(name, elements[i].name) == 0 &&
            xml_walk_in(w, elements[i].parent, elements[i].above))
            return elements[i].says;
    return NULL;
}

static const char *item_of(const struct xml_walk *w, const char *name)
{
    if (strcmp(name, "add") != 0 && strcmp(name, "remove") != 0 && strcmp(name, "clear") != 0)
        return NULL;
    for (size_t i = 0; i < ARRAY_LEN(lists); i++)
        if (xml_walk_in(w, lists[i].parent, lists[i].above))
            return lists[i].says;
    return NULL;
}

static enum err on_begin(struct xml_walk *w, const char *name, const char **a)
{
    struct reader *r = w->ctx;
    if (r->rule_depth)
        return in_rule(r, name, a);
    if (strcmp(name, "location") == 0 && w->depth == 1) {
        r->location_depth = w->depth + 1;
        set_name(r->location, xml_walk_attribute(a, "path"));
        return OK;
    }
    if (strcmp(name, "rule") == 0 &&
        (xml_walk_in(w, "rules", "rewrite") || xml_walk_in(w, "globalRules", "rewrite") ||
         xml_walk_in(w, "outboundRules", "rewrite")))
        return begin_rule(r, a);
    const char *says = element_of(w, name), *item = says ? NULL : item_of(w, name);
    if (says)
        return tell_element(r, says, a);
    return item ? tell_item(r, item, name, a) : OK;
}

static enum err on_end(struct xml_walk *w, const char *name, struct str letters)
{
    struct reader *r = w->ctx;
    (void)name, (void)letters;
    if (w->depth + 1 == r->location_depth) {
        r->location_depth = 0;
        r->location[0] = 0;
    }
    return r->rule_depth && w->depth + 1 == r->rule_depth ? end_rule(r) : OK;
}

/* ---- code ---- */

/* A configuration holds no code of pages: who puts some there has the server run the file. It
 * stands in comments and behind the end as well, so the text is searched as it is. */
static enum err tell_code(struct reader *r, struct str text)
{
    size_t from = 0, n = 0;
    for (ptrdiff_t at; n < CODES && (at = str_find(str_sub(text, from, text.n), STR("<%"))) >= 0;
         n++) {
        size_t offset = from + (size_t)at;
        struct str rest = str_sub(text, offset, text.n);
        ptrdiff_t end = str_find(rest, STR("%>"));
        TRY(begin_event(r, "inlineCode"));
        TRY(whole_put(&r->whole, "Code", str_sub(rest, 0, CODE_BYTES)));
        uint64_t line = 1 + str_count(str_sub(text, 0, offset), '\n');
        TRY(whole_end(&r->whole, offset, line, TIME_NONE));
        from = end < 0 ? text.n : offset + (size_t)end;
    }
    return OK;
}

/* ---- the format ---- */

static enum err parse(void *reader, struct str text)
{
    struct reader *r = reader;
    const char *why;
    r->walk = (struct xml_walk){.begin = on_begin, .end = on_end, .ctx = r};
    r->site[0] = r->application[0] = r->location[0] = 0;
    r->location_depth = r->rule_depth = 0;
    TRY(maker_name(&r->whole.maker, STR("Element"), &r->kind));
    enum err rc = xml_walk(&r->walk, text, &why);
    if (rc == ERR_FORMAT) {
        TRY(r->rule_depth ? end_rule(r) : OK);
        rc = whole_gap(&r->whole, r->walk.offset, "damaged", why);
    } else if (!rc && why) {
        rc = whole_gap(&r->whole, 0, "limit", why);
    }
    return rc ? rc : tell_code(r, text);
}

static enum err iis_new(void **ret_reader)
{
    return whole_new(sizeof(struct reader), ret_reader);
}

static enum err iis_read(void *reader, const struct evlog_source *source,
                         const struct rows_sink *sink, struct error *error)
{
    return whole_read(reader, parse, source, sink, error);
}

const struct evlog_format evlog_iis = {.name = "configuration of IIS",
                                       .knows = iis_knows,
                                       .new = iis_new,
                                       .read = iis_read,
                                       .free = whole_free,
                                       .full = whole_full};
