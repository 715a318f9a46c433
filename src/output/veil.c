#include "output/veil.h"

#include "base/ip.h"
#include "output/roles.h"
#include "output/veil_names.h"

enum { ARENA_BYTES = 64 * 1024 * 1024, HOSTS_MAX = 1000 * 1000 };
/* Of a short name that nobody used yet: its number is that of a long one that begins with it. */
#define BY_LONG_NAME 0x80000000u

/* Fields that say what an attacker did and nothing of the victim. How to let one more through: a
 * line here, if no value of it can name a person, a mailbox or a machine of the victim. Paths and
 * user agents come from clients; queries hold accounts and mailboxes, and stay behind. */
static const char *const harmless[] = {
    "date",           "time",          "cs-method",       "Method",         "HttpMethod",
    "cs-uri-stem",    "UrlStem",       "sc-status",       "sc-substatus",   "HttpStatus",
    "StatusCode",     "status",        "sc-win32-status", "cs(User-Agent)", "UserAgent",
    "c-useragent",    "time-taken",    "sc-bytes",        "cs-bytes",       "Protocol",
    "ProtocolAction", "BackEndStatus", "Cmdlet",          "event id",       "EventID",
};

/* In an order that is the same for every format: the verdicts', then that of the other lists. Hosts
 * that only findings name come after them, as each format meets them. */
static void number_hosts(struct veil *v, const struct report *r)
{
    for (size_t i = 0; i < r->n_judgements; i++)
        (void)veil_host(v, r->judgement[i].verdict.host);
    for (size_t i = 0; i < r->n_named; i++)
        (void)veil_host(v, r->named[i].host);
    for (size_t i = 0; i < r->n_coverage; i++)
        (void)veil_host(v, r->coverage[i].host);
    for (size_t i = 0; i < r->n_counts; i++)
        (void)veil_host(v, r->count[i].host);
    for (size_t i = 0; i < r->n_exposures; i++)
        (void)veil_host(v, r->exposure[i].host);
    for (size_t i = 0; i < r->n_updates; i++)
        (void)veil_host(v, r->update[i].host);
    for (size_t i = 0; i < r->n_evidence; i++)
        (void)veil_host(v, r->evidence[i].host);
}

enum err veil_init(struct veil *v, const struct report *report)
{
    *v = (struct veil){.report = report, .lifted = report->sharing.victim_data};
    arena_init(&v->arena, ARENA_BYTES);
    arena_init(&v->body, ARENA_BYTES);
    map_init(&v->hosts, &v->arena, 2 * HOSTS_MAX);
    map_init(&v->domains, &v->arena, HOSTS_MAX);
    buf_init(&v->key, ARENA_BYTES);
    number_hosts(v, report);
    return v->rc;
}

void veil_done(struct veil *v)
{
    map_done(&v->hosts);
    map_done(&v->domains);
    vec_done(&v->called);
    buf_done(&v->key);
    arena_done(&v->arena);
    arena_done(&v->body);
}

/* "ex01" of "ex01.example.org"; absent if the name is short already, or an address. */
static struct str short_name(struct str host)
{
    ptrdiff_t dot = str_chr(host, '.');
    return dot > 0 && !role_is_address(host) ? str_sub(host, 0, (size_t)dot) : STR_NONE;
}

/* "example.org" of "ex01.example.org" */
static enum err remember_domain(struct veil *v, struct str key, struct str brief)
{
    struct str domain = brief.p ? str_sub(key, brief.n + 1, key.n) : STR_NONE;
    return str_chr(domain, '.') > 0 ? map_put(&v->domains, domain, 0) : OK;
}

static enum err call(struct veil *v, struct str key, struct str brief)
{
    char name[32];
    uint32_t number = (uint32_t)v->called.n;
    (void)snprintf(name, sizeof name, "host-%u", number + 1);
    struct str made = arena_str(&v->arena, str_of(name));
    TRY(made.p ? vec_push(&v->called, made, HOSTS_MAX) : ERR_NOMEM);
    if (brief.p && !map_get(&v->hosts, brief))
        TRY(map_put(&v->hosts, brief, number | BY_LONG_NAME));
    TRY(remember_domain(v, key, brief));
    return map_put(&v->hosts, key, number);
}

/* A short name and a long one that begins with it are one host, two long ones are two: as verdicts
 * see it. */
static enum err number_of(struct veil *v, struct str key, uint32_t *ret_number)
{
    struct str brief = short_name(key);
    const uint32_t *known = map_get(&v->hosts, key),
                   *same = brief.p ? map_get(&v->hosts, brief) : NULL;
    if (!known && same && !(*same & BY_LONG_NAME))
        known = same;
    if (!known) {
        *ret_number = (uint32_t)v->called.n;
        return call(v, key, brief);
    }
    bool settled = known != same && !(*known & BY_LONG_NAME);
    *ret_number = *known & ~BY_LONG_NAME;
    if (settled)
        return OK;
    TRY(remember_domain(v, key, brief));
    return map_put(&v->hosts, key, *ret_number);
}

/* Allocates only for a name that is new: a report may hold millions of findings. */
struct str veil_host(struct veil *v, struct str host)
{
    uint32_t number = 0;
    if (!host.p || v->lifted)
        return host;
    buf_reset(&v->key);
    char *lower = buf_reserve(&v->key, host.n + 1);
    if (lower) {
        ascii_lower_all(lower, host.p, host.n);
        v->key.n = host.n;
    }
    enum err rc = v->key.rc ? v->key.rc : number_of(v, buf_view(&v->key), &number);
    if (rc)
        v->rc = rc;
    return !rc && number < v->called.n ? v->called.v[number] : STR("host");
}

struct str veil_text(const struct veil *v, struct str text)
{
    return v->lifted ? text : STR_NONE;
}

struct str veil_address(const struct veil *v, struct str address)
{
    struct ip ip;
    int32_t port;
    bool known = address.p && ip_parse_log(address, &ip, &port);
    return v->lifted || (known && !ip_is_internal(ip)) ? address : STR_NONE;
}

/* Part of a text "known WORD VALUE" or "indicator:WORD:VALUE" behind a separator. */
static bool cut_value(char sep, struct str text, struct str *ret_word, struct str *ret_head,
                      struct str *ret_value)
{
    struct str rest = text, first;
    if (!str_cut(&rest, sep, &first) || !str_cut(&rest, sep, ret_word) || !rest.p)
        return false;
    *ret_value = rest;
    *ret_head = str_sub(text, 0, first.n + 1 + ret_word->n);
    return true;
}

/* Of one's own lists. */
static struct str without_value(struct veil *v, char sep, struct str text)
{
    struct str word, head, value;
    if (!cut_value(sep, text, &word, &head, &value) || str_eq(word, STR("hash")))
        return text;
    return str_eq(word, STR("address")) && veil_address(v, value).p ? text : head;
}

#define OWN_RULE STR("own rule")

struct str veil_rule(struct veil *v, struct str dossier, struct str rule)
{
    if (v->lifted || dossier.n || !rule.p)
        return rule;
    if (str_starts(rule, STR("pivot:")))
        return STR("pivot");
    if (str_starts(rule, STR("indicator:")))
        return without_value(v, ':', rule);
    return veil_names_in_title(v, rule) ? OWN_RULE : rule;
}

struct str veil_title(struct veil *v, struct str dossier, struct str title)
{
    if (v->lifted || dossier.n || !title.p)
        return title;
    if (str_starts(title, STR("known ")))
        return without_value(v, ' ', title);
    return veil_names_in_title(v, title) ? OWN_RULE : title;
}

static bool is_harmless(struct str name)
{
    for (size_t i = 0; i < ARRAY_LEN(harmless); i++)
        if (str_ieq(name, str_of(harmless[i])))
            return true;
    return false;
}

static bool is_path(struct str name)
{
    return str_ieq(name, STR("cs-uri-stem")) || str_ieq(name, STR("UrlStem"));
}

static void copy_fields(struct veil *v, const struct finding *from, struct finding *to)
{
    struct str client = veil_address(v, role_of(from, ROLE_CLIENT));
    to->n_fields = 0;
    to->field = arena_new_n(&v->body, struct named_value, from->n_fields + 1);
    if (!to->field) {
        v->rc = ERR_NOMEM;
        return;
    }
    for (size_t i = 0; i < from->n_fields; i++)
        if (is_harmless(from->field[i].name) &&
            !(is_path(from->field[i].name) ? veil_names_in_path(v, from->field[i].value)
                                           : veil_names(v, from->field[i].value)))
            to->field[to->n_fields++] = from->field[i];
    if (client.n)
        to->field[to->n_fields++] = (struct named_value){STR("c-ip"), client};
}

const struct finding *veil_finding(struct veil *v, const struct finding *f)
{
    if (v->lifted)
        return f;
    static const struct finding nothing = {.time_us = TIME_NONE, .last_us = TIME_NONE};
    arena_reset(&v->body);
    struct finding *copy = arena_new(&v->body, struct finding);
    if (!copy) {
        v->rc = ERR_NOMEM;
        return &nothing;
    }
    *copy = *f;
    copy->host = veil_host(v, f->host);
    copy->target_host = veil_host(v, f->target_host);
    copy->rule = veil_rule(v, f->dossier, f->rule);
    copy->title = veil_title(v, f->dossier, f->title);
    copy->file = copy->evidence = copy->note = STR_NONE;
    if (!f->dossier.n) /* the user's own words */
        copy->meaning = copy->next = STR_NONE;
    copy->line_bytes = 0;
    copy->n_marks = 0;
    copy->n_made = 0; /* they name hosts and files */
    copy_fields(v, f, copy);
    return copy;
}
