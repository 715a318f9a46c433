/* Of a case in STIX what is no evidence: affairs, verdicts, advice. */
#include "output/report_stix.h"
#include "output/roles.h"
#include "output/technique.h"

/* --- affairs --- */

static void put_str(struct json *j, const char *key, struct str s)
{
    if (s.n)
        json_str(j, key, s);
}

/* A place by the name that dossiers use, as STIX wants it: a country's code, or a region. */
static void place(struct json *j, struct str name)
{
    static const char *const countries[][2] = {
        {"United States", "US"}, {"United Kingdom", "GB"}, {"Germany", "DE"},
        {"Netherlands", "NL"},   {"Switzerland", "CH"},    {"France", "FR"},
        {"Norway", "NO"},        {"Ukraine", "UA"},        {"Japan", "JP"},
        {"Taiwan", "TW"},        {"Viet Nam", "VN"},       {"India", "IN"},
        {"Australia", "AU"},     {"Canada", "CA"},         {"Israel", "IL"},
        {"South Korea", "KR"},   {"Hong Kong", "HK"},
    };
    char region[64];
    for (size_t i = 0; i < ARRAY_LEN(countries); i++)
        if (str_ieq(name, str_of(countries[i][0]))) {
            json_text(j, "country", countries[i][1]);
            return;
        }
    size_t n = text_head(name, sizeof region).n;
    ascii_lower_all(region, name.p, n);
    for (size_t i = 0; i < n; i++)
        region[i] = region[i] == ' ' ? '-' : region[i];
    json_str(j, "region", str_make(region, n));
}

/* A sector is a class of organisations. */
static void target(struct case_bundle *b, const char *actor, bool sector, struct str name)
{
    char id[STIX_ID_BYTES];
    struct stix *x = &b->x;
    if (!name.n)
        return;
    buf_reset(&b->tmp);
    buf_puts(&b->tmp, sector ? "sector " : "region ");
    buf_str(&b->tmp, name);
    stix_id(x, sector ? "identity" : "location", buf_view(&b->tmp), id);
    bool first = stix_first(x, id);
    if (first && sector) {
        stix_identity(x, id, name, "class");
    } else if (first) {
        stix_open(x, "location", id);
        json_str(&x->j, "name", name);
        place(&x->j, name);
        stix_close(x);
    }
    stix_relationship(x, actor, "targets", id, b->share.as_of_us);
}

/* What is known of an actor of the affair; nothing of it says that it was this one here. */
static void actor(struct case_bundle *b, const struct dossier *d, const struct actor *a)
{
    char id[STIX_ID_BYTES], of[STIX_ID_BYTES];
    struct stix *x = &b->x;
    struct json *j = &x->j;
    if (!a->name.n)
        return;
    stix_id(x, "intrusion-set", a->name, id);
    if (stix_first(x, id)) {
        stix_open_version(x, "intrusion-set", id, b->share.as_of_us);
        json_str(j, "name", a->name);
        put_str(j, "description", a->summary);
        if (a->aliases.n) {
            json_array(j, "aliases");
            for (size_t i = 0; i < a->aliases.n; i++)
                json_str(j, NULL, a->aliases.v[i]);
            json_end(j);
        }
        if (a->attack_id.n)
            stix_external(x, "mitre-attack", a->attack_id);
        stix_close(x);
    }
    for (size_t i = 0; i < a->sectors.n; i++)
        target(b, id, true, a->sectors.v[i]);
    for (size_t i = 0; i < a->regions.n; i++)
        target(b, id, false, a->regions.v[i]);
    for (size_t i = 0; i < d->cves.n; i++) {
        report_stix_vulnerability(b, d->cves.v[i], STR_NONE, of);
        stix_relationship(x, id, "targets", of, b->share.as_of_us);
    }
    for (size_t i = 0; i < a->techniques.n; i++) {
        if (!technique_ok(a->techniques.v[i]))
            continue;
        report_stix_technique(b, a->techniques.v[i], of);
        stix_relationship(x, id, "uses", of, b->share.as_of_us);
    }
}

void report_stix_dossier(struct case_bundle *b, const struct dossier *d)
{
    char id[STIX_ID_BYTES];
    for (size_t i = 0; i < d->cves.n; i++)
        report_stix_vulnerability(b, d->cves.v[i],
                                  i < d->cve_titles.n ? d->cve_titles.v[i] : STR_NONE, id);
    for (size_t i = 0; i < d->n_actors && !b->x.rc; i++)
        actor(b, d, &d->actor[i]);
}

/* --- verdicts --- */

static void numbers(struct case_bundle *b, const struct judgement *v)
{
    struct stix *x = &b->x;
    struct json *j = &x->j;
    json_object(j, "extensions");
    json_object(j, b->extension);
    json_text(j, "extension_type", "property-extension");
    json_text(j, "verdict", verdict_name(v->verdict.state));
    put_str(j, "dossier", v->verdict.dossier);
    json_fixed(j, "window_share", v->verdict.window_share >= 0 ? v->verdict.window_share : 0, 4);
    json_text(j, "open", open_side_name(v->open));
    stix_time(x, "examined_from", v->verdict.first_us);
    stix_time(x, "examined_until", v->verdict.last_us);
    stix_time(x, "window_from", v->window.first_us);
    stix_time(x, "window_until", v->window.last_us);
    stix_time(x, "earliest_sign", v->earliest_us);
    json_bool(j, "lowered_by_analyst", v->lowered);
    json_object(j, "findings");
    for (size_t i = 0; i < GRADES; i++)
        json_u64(j, grade_name((enum grade)i), v->findings[i]);
    json_end(j);
    json_end(j);
    json_end(j);
}

void report_stix_judgement(struct case_bundle *b, const struct judgement *v)
{
    char key[SHA256_HEX + 1], host[STIX_ID_BYTES], id[STIX_ID_BYTES];
    struct stix *x = &b->x;
    struct json *j = &x->j;
    struct str name = veil_host(&b->share.veil, v->verdict.host);
    if (!name.n)
        return;
    share_host_key(&b->share, v->verdict.host, key);
    report_stix_host(b, str_of(key), name, host);
    report_stix_id(b, "note", STR("verdict"), str_of(key), v->verdict.dossier, id);
    if (!stix_first(x, id))
        return;
    stix_open_version(x, "note", id, b->share.as_of_us);
    json_text(j, "abstract", verdict_name(v->verdict.state));
    buf_reset(&b->tmp);
    share_verdict(&b->share, &b->tmp, v);
    json_str(j, "content", buf_view(&b->tmp));
    json_array(j, "object_refs");
    json_text(j, NULL, host);
    json_end(j);
    numbers(b, v);
    stix_close(x);
}

/* --- advice --- */

static void sentence(struct buf *b, struct str s)
{
    if (!s.n)
        return;
    buf_puts(b, b->n ? " " : "");
    buf_str(b, s);
}

static void countermeasures(struct json *j, const struct advice_item *a)
{
    if (!a->d3fend.n)
        return;
    json_array(j, "external_references");
    for (size_t i = 0; i < a->d3fend.n; i++) {
        json_object(j, NULL);
        json_text(j, "source_name", "mitre-d3fend");
        json_str(j, "external_id", a->d3fend.v[i]);
        json_end(j);
    }
    json_end(j);
}

void report_stix_advice(struct case_bundle *b, const struct advice_item *a)
{
    char id[STIX_ID_BYTES], of[STIX_ID_BYTES];
    struct stix *x = &b->x;
    struct json *j = &x->j;
    struct str what = a->step.n ? a->step : a->play;
    if (!what.n)
        return;
    report_stix_id(b, "course-of-action", a->id.n ? a->id : what, STR_NONE, STR_NONE, id);
    if (!stix_first(x, id))
        return;
    stix_open_version(x, "course-of-action", id, b->share.as_of_us);
    json_str(j, "name", what);
    buf_reset(&b->tmp);
    sentence(&b->tmp, a->why);
    sentence(&b->tmp, a->how);
    sentence(&b->tmp, veil_text(&b->share.veil, a->because));
    if (a->source.n) {
        sentence(&b->tmp, STR("Source:"));
        sentence(&b->tmp, a->source);
    }
    put_str(j, "description", buf_view(&b->tmp));
    countermeasures(j, a);
    stix_close(x);
    for (size_t i = 0; i < a->technique.n; i++) {
        if (!technique_ok(a->technique.v[i]))
            continue;
        report_stix_technique(b, a->technique.v[i], of);
        stix_relationship(x, id, "mitigates", of, b->share.as_of_us);
    }
}
