/* Of a case in STIX the evidence: what was looked for, and where it was seen. */
#include "output/report_stix.h"
#include "output/roles.h"

enum { COUNT_MAX = 999999999, REFS_MAX = SHARE_REQUESTS + 4 };

static void grade_label(struct json *j, enum grade grade)
{
    char label[48];
    (void)snprintf(label, sizeof label, "grade:%s", grade_name(grade));
    json_array(j, "labels");
    json_text(j, NULL, label);
    json_end(j);
}

/* --- what was looked for --- */

/* valid_until has to be later than valid_from. */
static void valid(struct stix *x, int64_t from_us, int64_t until_us)
{
    from_us = time_printable(from_us) ? from_us : STIX_FIXED_US;
    stix_time(x, "valid_from", from_us);
    if (time_printable(until_us) && until_us > from_us)
        stix_time(x, "valid_until", until_us);
}

static void indicator_head(struct case_bundle *b, const char *id, struct str name, bool weak)
{
    struct json *j = &b->x.j;
    stix_open_version(&b->x, "indicator", id, b->share.as_of_us);
    json_str(j, "name", name);
    json_array(j, "indicator_types");
    json_text(j, NULL, weak ? "anomalous-activity" : "malicious-activity");
    json_end(j);
}

/* A literal of a pattern, with what may stand before and behind it. */
static void literal(struct buf *b, const char *around, struct str s)
{
    buf_putc(b, '\'');
    buf_puts(b, around);
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\'' || s.p[i] == '\\')
            buf_putc(b, '\\');
        buf_putc(b, s.p[i]);
    }
    buf_puts(b, around);
    buf_puts(b, "']");
}

/* false: STIX has no pattern for it. */
static bool pattern(struct buf *b, const struct share_indicator *i)
{
    static const char *const comparisons[][2] = {
        {"ipv4", "[ipv4-addr:value = "},
        {"ipv6", "[ipv6-addr:value = "},
        {"domain", "[domain-name:value = "},
        {"file", "[file:name = "},
        {"md5", "[file:hashes.MD5 = "},
        {"sha1", "[file:hashes.'SHA-1' = "},
        {"sha256", "[file:hashes.'SHA-256' = "},
        {"url", "[url:value LIKE "}, /* often a part of one */
    };
    const char *kind = share_indicator_kind(i);
    buf_reset(b);
    if (i->type == INDICATOR_AGENT)
        buf_puts(b, "[network-traffic:extensions.'http-request-ext'.request_header.'User-Agent'[*]"
                    " = ");
    for (size_t k = 0; kind && k < ARRAY_LEN(comparisons); k++)
        if (strcmp(kind, comparisons[k][0]) == 0)
            buf_puts(b, comparisons[k][1]);
    if (!b->n)
        return false;
    literal(b, i->type == INDICATOR_URL ? "%" : "", i->value);
    return true;
}

/* A rule of which the text is known: others can look for the same. */
static bool sigma(struct case_bundle *b, const struct fold *f, char ret_id[STIX_ID_BYTES])
{
    struct stix *x = &b->x;
    const struct dossier *d = NULL;
    const struct sigma_rule *rule = share_rule(&b->share, f->rule, &d);
    int64_t from_us = d ? d->window_from_us : TIME_NONE;
    if (!rule || !rule->text.n)
        return false;
    stix_id(x, "indicator", f->rule, ret_id);
    if (!stix_first(x, ret_id))
        return true;
    if (rule->date.n)
        (void)time_parse_date(rule->date, &from_us);
    indicator_head(b, ret_id, rule->title.n ? rule->title : f->rule, d->draft);
    if (rule->description.n)
        json_str(&x->j, "description", rule->description);
    json_str(&x->j, "pattern", rule->text);
    json_text(&x->j, "pattern_type", "sigma");
    valid(x, from_us, TIME_NONE);
    stix_close(x);
    return true;
}

static bool known_value(struct case_bundle *b, const struct fold *f, char ret_id[STIX_ID_BYTES])
{
    struct stix *x = &b->x;
    struct share_indicator i;
    if (!share_indicator(&b->share, f, &i) || !pattern(&b->tmp, &i))
        return false;
    stix_id(x, "indicator", f->rule, ret_id);
    if (!stix_first(x, ret_id))
        return true;
    indicator_head(b, ret_id, f->title.n ? f->title : f->rule,
                   f->worst == GRADE_WEAK || (i.known && i.known->weak));
    if (i.known && i.known->note.n)
        json_str(&x->j, "description", i.known->note);
    json_str(&x->j, "pattern", buf_view(&b->tmp));
    json_text(&x->j, "pattern_type", "stix");
    valid(x, i.known ? i.known->from_us : TIME_NONE, i.known ? i.known->until_us : TIME_NONE);
    stix_close(x);
    return true;
}

/* What is sighted where neither a rule's text nor a pattern is at hand. */
static void behaviour(struct case_bundle *b, const struct fold *f, char ret_id[STIX_ID_BYTES])
{
    struct stix *x = &b->x;
    stix_id(x, "attack-pattern", f->rule, ret_id);
    if (!stix_first(x, ret_id))
        return;
    stix_open(x, "attack-pattern", ret_id);
    json_str(&x->j, "name", f->title.n ? f->title : f->rule);
    if (f->rule.n)
        stix_external(x, "tocsin", f->rule);
    stix_close(x);
}

/* Rules name the holes that they are about: "cve.2021-26855". */
static void vulnerabilities(struct case_bundle *b, const struct fold *f, const char *of)
{
    const struct dossier *d;
    const struct sigma_rule *rule = share_rule(&b->share, f->rule, &d);
    for (size_t i = 0; rule && i < rule->n_tags; i++) {
        char cve[40], id[STIX_ID_BYTES];
        if (!str_istarts(rule->tags[i], STR("cve.")))
            continue;
        struct str number = str_sub(rule->tags[i], 4, rule->tags[i].n);
        (void)snprintf(cve, sizeof cve, "CVE-%.*s", STR_FMT(text_head(number, 20)));
        if (!text_is_cve(str_of(cve)))
            continue;
        report_stix_vulnerability(b, str_of(cve), STR_NONE, id);
        stix_relationship(&b->x, of, "related-to", id, b->share.as_of_us);
    }
}

static void techniques(struct case_bundle *b, const struct fold *f, const char *of, bool indicator)
{
    char technique[STIX_ID_BYTES];
    for (size_t i = 0; i < f->technique.n; i++) {
        report_stix_technique(b, f->technique.v[i], technique);
        stix_relationship(&b->x, of, indicator ? "indicates" : "related-to", technique,
                          b->share.as_of_us);
    }
}

/* --- what was observed --- */

struct seen {
    char ref[REFS_MAX][STIX_ID_BYTES];
    size_t n;
};

static void see(struct seen *seen, const char *id)
{
    for (size_t i = 0; i < seen->n; i++)
        if (strcmp(seen->ref[i], id) == 0)
            return;
    if (seen->n < REFS_MAX)
        memcpy(seen->ref[seen->n++], id, STIX_ID_BYTES);
}

static bool see_value(struct case_bundle *b, struct seen *seen, const char *kind, struct str value)
{
    struct stix_observable o;
    if (!kind || !stix_observable(&b->x, str_of(kind), value, &o))
        return false;
    if (stix_first(&b->x, o.id))
        stix_observable_write(&b->x, &o);
    see(seen, o.id);
    return true;
}

static void agent_header(struct case_bundle *b, struct str agent)
{
    json_object(&b->x.j, "request_header");
    json_array(&b->x.j, "User-Agent");
    json_str(&b->x.j, NULL, agent);
    json_end(&b->x.j);
    json_end(&b->x.j);
}

static struct str small_letters(char room[16], struct str method)
{
    size_t n = method.n < 16 ? method.n : 0;
    if (n)
        ascii_lower_all(room, method.p, n);
    return str_make(room, n);
}

/* The identifier is made of the properties in the order of RFC 8785. */
static bool traffic_id(struct case_bundle *b, const struct share_request *q, struct str method,
                       bool agent, const char *client, char ret_id[STIX_ID_BYTES])
{
    struct buf *t = &b->tmp;
    buf_reset(t);
    buf_puts(t, "{\"extensions\":{\"http-request-ext\":{");
    if (agent) {
        buf_puts(t, "\"request_header\":{\"User-Agent\":[");
        stix_canonical(t, q->agent);
        buf_puts(t, "]},");
    }
    buf_puts(t, "\"request_method\":");
    stix_canonical(t, method);
    buf_puts(t, ",\"request_value\":");
    stix_canonical(t, q->path);
    buf_puts(t, "}},\"protocols\":[");
    buf_puts(t, str_starts(str_of(client), STR("ipv6")) ? "\"ipv6\"" : "\"ipv4\"");
    buf_puts(t, ",\"tcp\",\"http\"],\"src_ref\":");
    stix_canonical(t, str_of(client));
    buf_putc(t, '}');
    return stix_observable_id(&b->x, "network-traffic", buf_view(t), ret_id);
}

static void see_request(struct case_bundle *b, struct seen *seen, const struct share_request *q,
                        const char *client)
{
    char id[STIX_ID_BYTES], room[16];
    struct json *j = &b->x.j;
    struct str method = small_letters(room, q->method);
    bool agent = stix_printable(q->agent);
    if (!stix_printable(method) || !stix_printable(q->path) ||
        !traffic_id(b, q, method, agent, client, id))
        return;
    see(seen, id);
    if (!stix_first(&b->x, id))
        return;
    stix_open_observable(&b->x, "network-traffic", id);
    json_text(j, "src_ref", client);
    json_array(j, "protocols");
    json_text(j, NULL, str_starts(str_of(client), STR("ipv6")) ? "ipv6" : "ipv4");
    json_text(j, NULL, "tcp");
    json_text(j, NULL, "http");
    json_end(j);
    json_object(j, "extensions");
    json_object(j, "http-request-ext");
    json_str(j, "request_method", method);
    json_str(j, "request_value", q->path);
    if (agent)
        agent_header(b, q->agent);
    json_end(j);
    json_end(j);
    stix_close(&b->x);
}

static void see_account(struct case_bundle *b, struct seen *seen, struct str account)
{
    char id[STIX_ID_BYTES];
    if (!stix_printable(account))
        return;
    buf_reset(&b->tmp);
    buf_puts(&b->tmp, "{\"account_login\":");
    stix_canonical(&b->tmp, account);
    buf_putc(&b->tmp, '}');
    if (!stix_observable_id(&b->x, "user-account", buf_view(&b->tmp), id))
        return;
    see(seen, id);
    if (!stix_first(&b->x, id))
        return;
    stix_open_observable(&b->x, "user-account", id);
    json_str(&b->x.j, "account_login", account);
    stix_close(&b->x);
}

static void observe(struct case_bundle *b, const struct fold *f, struct seen *seen)
{
    struct share_indicator i;
    if (f->client.n && see_value(b, seen, "ipv4", f->client)) {
        char client[STIX_ID_BYTES];
        memcpy(client, seen->ref[0], sizeof client);
        for (size_t k = 0; k < f->n_requests; k++)
            see_request(b, seen, &f->request[k], client);
    }
    if (share_indicator(&b->share, f, &i))
        (void)see_value(b, seen, share_indicator_kind(&i), i.value);
    see_account(b, seen, f->account);
}

/* --- the sighting --- */

static void data(struct case_bundle *b, const struct fold *f, const struct seen *seen,
                 const char *id)
{
    struct json *j = &b->x.j;
    if (!stix_first(&b->x, id))
        return;
    stix_open_version(&b->x, "observed-data", id, b->share.as_of_us);
    stix_time(&b->x, "first_observed", f->first_us);
    stix_time(&b->x, "last_observed", f->last_us);
    json_u64(j, "number_observed", f->count > COUNT_MAX ? COUNT_MAX : f->count);
    json_array(j, "object_refs");
    for (size_t i = 0; i < seen->n; i++)
        json_text(j, NULL, seen->ref[i]);
    json_end(j);
    stix_close(&b->x);
}

static void refs(struct json *j, const char *key, const char *id)
{
    json_array(j, key);
    json_text(j, NULL, id);
    json_end(j);
}

static void sighting(struct case_bundle *b, const struct fold *f, const char *of,
                     const struct seen *seen)
{
    char id[STIX_ID_BYTES], what[STIX_ID_BYTES], where[STIX_ID_BYTES];
    struct stix *x = &b->x;
    struct json *j = &x->j;
    bool dated = time_printable(f->first_us) && time_printable(f->last_us);
    report_stix_id(b, "observed-data", f->rule, f->host, f->client, what);
    report_stix_id(b, "sighting", f->rule, f->host, f->client, id);
    if (dated && seen->n)
        data(b, f, seen, what);
    if (f->name.n)
        report_stix_host(b, f->host, f->name, where);
    if (!stix_first(x, id))
        return;
    stix_open_version(x, "sighting", id, b->share.as_of_us);
    grade_label(j, f->worst);
    stix_time(x, "first_seen", f->first_us);
    stix_time(x, "last_seen", f->last_us);
    json_u64(j, "count", f->count > COUNT_MAX ? COUNT_MAX : f->count);
    json_text(j, "sighting_of_ref", of);
    if (dated && seen->n)
        refs(j, "observed_data_refs", what);
    if (f->name.n)
        refs(j, "where_sighted_refs", where);
    stix_close(x);
}

void report_stix_fold(struct case_bundle *b, const struct fold *f)
{
    char of[STIX_ID_BYTES];
    struct seen seen = {.n = 0};
    bool indicator = sigma(b, f, of) || known_value(b, f, of);
    if (!indicator)
        behaviour(b, f, of);
    techniques(b, f, of, indicator);
    vulnerabilities(b, f, of);
    observe(b, f, &seen);
    sighting(b, f, of, &seen);
}
