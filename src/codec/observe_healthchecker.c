#include "base/time.h"
#include "codec/json.h"
#include "codec/observe_priv.h"

/* The vulnerability report of HealthChecker (-VulnerabilityReport): builds as setup's own file has
 * them, and the CVEs that it found open. That it lists none clears nobody: it does not know all.
 * Windows PowerShell writes it in UTF-16; codec/stream.h has made UTF-8 of it. */

enum { VULNERABILITIES_MAX = 512 };

struct report {
    struct observe_reader *r;
    struct json_reader json;
    uint32_t servers; /* depth inside the list of servers; 0: not there */
    int64_t time_us;
    /* of the server at hand */
    struct str name, build;
    struct str cve[VULNERABILITIES_MAX];
    size_t n;
    uint32_t line;
    bool in_build, in_list; /* of its BuildVersion, its Vulnerabilities */
    int32_t part[4];
};

static struct str text_of(struct report *t, const struct json_token *token)
{
    return json_unescape(&t->r->arena, token->text, token->escaped);
}

static bool is_key(const struct json_token *token, const char *name)
{
    return token->key.p && json_equals(token->key, token->key_escaped, str_of(name));
}

/* "/Date(1615161600000)/" and ISO 8601. A date in the culture of the machine that wrote it may be
 * one of two days: none is better than the wrong one. */
static int64_t date_of(struct str text)
{
    int64_t value, ms = STR("/Date(").n;
    if (str_starts(text, STR("/Date(")) && text.n > (size_t)ms) {
        struct str digits = str_sub(text, (size_t)ms, text.n), number = STR("");
        (void)str_cut(&digits, ')', &number);
        if (str_i64(number, &value) && value > 0 && value < INT64_MAX / 1000)
            return value * 1000;
    }
    return time_parse(text, &value) ? value : TIME_NONE;
}

static enum err give_build(struct report *t)
{
    struct observation o = observation_blank(OBSERVED_BUILD);
    o.host = t->name;
    o.line = t->line;
    o.time_us = t->time_us;
    if (t->build.n) {
        if (!observe_build(t->build, &o))
            return observe_gap(t->r, t->line, 0, OBSERVE_BAD_BUILD, t->build);
    } else if (t->part[0] >= 0) {
        memcpy(o.build.part, t->part, sizeof t->part);
        o.precision = build_exact(&o.build) ? PRECISION_SU : PRECISION_CU;
    } else {
        return observe_gap(t->r, t->line, 0, OBSERVE_BAD_BUILD, STR("no build"));
    }
    return observe_give(t->r, &o);
}

static enum err give_server(struct report *t)
{
    TRY(give_build(t));
    for (size_t i = 0; i < t->n; i++) {
        struct observation o = observation_blank(OBSERVED_OPEN);
        o.host = t->name;
        o.cve = t->cve[i];
        o.line = t->line;
        o.time_us = t->time_us;
        TRY(observe_give(t->r, &o));
    }
    return OK;
}

static void start_server(struct report *t, uint32_t line)
{
    t->name = t->build = STR_NONE;
    t->n = 0;
    t->line = line;
    t->in_build = t->in_list = false;
    memset(t->part, 0xff, sizeof t->part);
}

/* A member of System.Version, as PowerShell writes it out. */
static void take_part(struct report *t, const struct json_token *token)
{
    static const char *const names[] = {"Major", "Minor", "Build", "Revision"};
    int64_t value;
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (is_key(token, names[i]) && str_i64(token->text, &value) && value >= 0 &&
            value <= INT32_MAX)
            t->part[i] = (int32_t)value;
}

static void take_member(struct report *t, const struct json_token *token)
{
    bool opens = token->type == JSON_OBJECT || token->type == JSON_ARRAY;
    if (t->json.depth == t->servers + 1 + opens) {
        t->in_build = opens && is_key(token, "BuildVersion");
        t->in_list = opens && is_key(token, "Vulnerabilities");
    }
    if (token->type == JSON_NUMBER && t->in_build)
        take_part(t, token);
    if (token->type != JSON_STRING)
        return;
    if (t->json.depth == t->servers + 1 && is_key(token, "Name"))
        t->name = text_of(t, token);
    else if (t->json.depth == t->servers + 1 && is_key(token, "BuildVersion"))
        t->build = text_of(t, token);
    else if (t->in_list && t->n < VULNERABILITIES_MAX && str_istarts(token->text, STR("CVE-")))
        t->cve[t->n++] = text_of(t, token);
}

static enum err take(struct report *t, const struct json_token *token)
{
    uint32_t depth = t->json.depth;
    if (!t->servers) {
        if (token->type == JSON_ARRAY && is_key(token, "Servers"))
            t->servers = depth;
        else if (token->type == JSON_STRING &&
                 (is_key(token, "ReportDate") || is_key(token, "value")))
            t->time_us = date_of(text_of(t, token));
        return OK;
    }
    if (token->type == JSON_OBJECT && depth == t->servers + 1)
        start_server(t, token->line);
    else if (token->type == JSON_OBJECT_END && depth == t->servers)
        return give_server(t);
    else if (token->type == JSON_ARRAY_END && depth < t->servers)
        t->servers = 0;
    else
        take_member(t, token);
    return OK;
}

static enum err read(struct observe_reader *r)
{
    struct report t = {.r = r, .time_us = TIME_NONE};
    struct json_token token;
    struct str text;
    TRY(observe_whole(r, &text));
    json_open(&t.json, text, false);
    for (;;) {
        enum err rc = json_next(&t.json, &token);
        if (rc == END)
            return OK;
        if (rc) /* what stands before the damage was told */
            return observe_gap(r, t.json.line, r->offset + t.json.at, OBSERVE_DAMAGED,
                               str_of(t.json.why ? t.json.why : "no JSON"));
        TRY(take(&t, &token));
    }
}

static bool is(struct str head, struct str name)
{
    (void)name;
    return head.n && head.p[0] == '{' && str_has(head, STR("\"VersionReport\"")) &&
           str_has(head, STR("\"Servers\""));
}

const struct observe_format observe_healthchecker = {
    .name = "healthchecker",
    .help = "HealthChecker -VulnerabilityReport (JSON)",
    .is = is,
    .read = read};
