/* A case as a MISP event. UUIDs are made of the case and of public names, so that a grown case
 * updates the event that was imported before. Only what is strong, public and on no warning list is
 * meant for detection (to_ids). */
#include "output/report_misp.h"

#include "base/ip.h"
#include "output/report.h"
#include "output/roles.h"
#include "output/technique.h"
#include "output/veiled.h"

enum { INFO_BYTES = 250, SIGHTINGS_MAX = 100, COMMENT_BYTES = 2000 };

/* The UUID of something of this case. */
static void uuid_of(struct misp_case *c, const char *what, struct str a, struct str b,
                    char ret_uuid[UUID_TEXT_BYTES])
{
    struct buf name;
    buf_init(&name, SINK_MAX_BYTES);
    buf_str(&name, c->share.report->key);
    buf_putc(&name, '\n');
    buf_str(&name, a);
    buf_putc(&name, '\n');
    buf_str(&name, b);
    c->m.rc = c->m.rc ? c->m.rc : name.rc;
    misp_uuid_of(&c->m, what, buf_view(&name), ret_uuid);
    buf_done(&name);
}

static struct misp_attribute attribute_of(struct misp_case *c, const char *type,
                                          const char *category, struct str value)
{
    struct misp_attribute a = {.type = type,
                               .category = category,
                               .value = value,
                               .first_us = TIME_NONE,
                               .last_us = TIME_NONE};
    uuid_of(c, type, value, STR_NONE, a.uuid);
    return a;
}

/* Is such a value, by its nature, worth an alarm elsewhere? Where warning lists cannot be asked,
 * nothing is. */
static bool is_clean(const struct misp_case *c, const char *kind, struct str value)
{
    const struct report *r = c->share.report;
    struct ip_net net;
    if (!kind || !r->warning || r->warning(r, str_of(kind), value).p)
        return false;
    return !ip_net_parse(value, &net) || ip_class(net.first) == IP_PUBLIC;
}

/* --- the event --- */

static const char *threat_level(const struct report *r)
{
    enum verdict_state worst = VERDICT_NO_SIGN;
    for (size_t i = 0; i < r->n_judgements; i++)
        if (r->judgement[i].verdict.state > worst)
            worst = r->judgement[i].verdict.state;
    switch (worst) {
    case VERDICT_COMPROMISED: return "1";
    case VERDICT_EXPLOITED_UNCONFIRMED: return "2";
    case VERDICT_ATTEMPTED: return "3";
    default: return "4";
    }
}

/* "tocsin: HAFNIUM and ProxyLogon, ...; 2 hosts compromised, 1 attempted" */
static void info(struct misp_case *c)
{
    static const struct {
        enum verdict_state state;
        const char *words;
    } told[] = {{VERDICT_COMPROMISED, "compromised"},
                {VERDICT_EXPLOITED_UNCONFIRMED, "exploited, unconfirmed"},
                {VERDICT_ATTEMPTED, "attempted"}};
    const struct report *r = c->share.report;
    struct str name = veil_text(&c->share.veil, r->name);
    struct buf *b = &c->info;
    buf_puts(b, "tocsin: ");
    buf_str(b, name.n ? name : STR("a case"));
    for (size_t i = 0; i < ARRAY_LEN(told); i++) {
        uint64_t n = 0;
        for (size_t k = 0; k < r->n_judgements; k++)
            n += r->judgement[k].verdict.state == told[i].state;
        if (n)
            buf_printf(b, "; %s: %llu", told[i].words, (unsigned long long)n);
    }
    for (size_t i = 0; i < b->n; i++)
        if ((unsigned char)b->p[i] < 0x20)
            b->p[i] = ' ';
}

static int by_client(const void *a, const void *b)
{
    const struct fold *x = *(const struct fold *const *)a, *y = *(const struct fold *const *)b;
    int by = str_cmp(x->client, y->client);
    by = by ? by : str_cmp(x->rule, y->rule);
    return by ? by : str_cmp(x->host, y->host);
}

static int by_rule(const void *a, const void *b)
{
    const struct fold *x = *(const struct fold *const *)a, *y = *(const struct fold *const *)b;
    int by = str_cmp(x->rule, y->rule);
    by = by ? by : str_cmp(x->host, y->host);
    return by ? by : str_cmp(x->client, y->client);
}

static enum err sort_folds(struct misp_case *c)
{
    size_t n = c->share.fold.n;
    c->by_client = arena_new_n(&c->arena, const struct fold *, n + 1);
    c->by_rule = arena_new_n(&c->arena, const struct fold *, n + 1);
    if (!c->by_client || !c->by_rule)
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++)
        if (share_tells(&c->share, c->share.fold.v[i]))
            c->by_client[c->n_folds++] = c->share.fold.v[i];
    memcpy(c->by_rule, c->by_client, c->n_folds * sizeof *c->by_rule);
    if (c->n_folds) {
        qsort(c->by_client, c->n_folds, sizeof *c->by_client, by_client);
        qsort(c->by_rule, c->n_folds, sizeof *c->by_rule, by_rule);
    }
    return OK;
}

static int64_t earliest(const struct misp_case *c)
{
    int64_t us = c->share.as_of_us;
    for (size_t i = 0; i < c->n_folds; i++)
        if (time_printable(c->by_rule[i]->first_us) &&
            (!time_printable(us) || c->by_rule[i]->first_us < us))
            us = c->by_rule[i]->first_us;
    return us;
}

enum err misp_case_open(struct misp_case *c, const struct report *r, bool published,
                        struct error *error)
{
    *c = (struct misp_case){0};
    arena_init(&c->arena, (size_t)1 << 30);
    buf_init(&c->tmp, SINK_MAX_BYTES);
    buf_init(&c->info, SINK_MAX_BYTES);
    TRY(share_open(&c->share, r, error));
    if (sort_folds(c))
        return fail(error, ERR_NOMEM, "out of memory");
    info(c);
    c->event = (struct misp_event){.day_us = earliest(c),
                                   .time_us = c->share.as_of_us,
                                   .info = text_head(buf_view(&c->info), INFO_BYTES),
                                   .threat_level = threat_level(r),
                                   .analysis = "1",
                                   .published = published};
    uuid_of(c, "case", STR_NONE, STR_NONE, c->event.uuid);
    return c->m.rc ? c->m.rc : c->info.rc;
}

void misp_case_close(struct misp_case *c)
{
    share_close(&c->share);
    buf_done(&c->tmp);
    buf_done(&c->info);
    arena_done(&c->arena);
}

/* --- tags --- */

/* The galaxy calls a technique by its name and its id. */
static void technique_tag(struct misp_case *c, struct str technique)
{
    const char *name = technique_name(technique);
    if (!name)
        return;
    buf_reset(&c->tmp);
    buf_puts(&c->tmp, "misp-galaxy:mitre-attack-pattern=\"");
    buf_puts(&c->tmp, name);
    buf_puts(&c->tmp, " - ");
    buf_str(&c->tmp, technique);
    buf_putc(&c->tmp, '"');
    misp_tag(&c->m, buf_view(&c->tmp));
}

void misp_case_tags(struct misp_case *c)
{
    struct map told;
    json_array(&c->m.j, "Tag");
    misp_tag(&c->m, str_of(tlp_tag(report_mark(c->share.report))));
    map_init(&told, &c->arena, 100000);
    for (size_t i = 0; i < c->n_folds && !c->m.rc; i++) {
        const struct fold *f = c->by_rule[i];
        for (size_t k = 0; k < f->technique.n; k++) {
            uint32_t id;
            bool is_new = false;
            enum err rc = map_intern(&told, f->technique.v[k], &id, &is_new);
            c->m.rc = c->m.rc ? c->m.rc : rc;
            if (is_new)
                technique_tag(c, f->technique.v[k]);
        }
    }
    map_done(&told);
    json_end(&c->m.j);
}

/* --- attributes of the affairs and the verdicts --- */

static void affair(struct misp_case *c, const struct dossier *d)
{
    for (size_t i = 0; i < d->cves.n; i++) {
        struct misp_attribute a =
            attribute_of(c, "vulnerability", "External analysis", d->cves.v[i]);
        a.comment = i < d->cve_titles.n ? d->cve_titles.v[i] : STR_NONE;
        misp_attribute(&c->m, &a);
    }
    for (size_t i = 0; i < d->n_actors; i++) {
        struct misp_attribute a = attribute_of(c, "threat-actor", "Attribution", d->actor[i].name);
        a.comment = STR("known of the affair; not that it was this actor in this case");
        misp_attribute(&c->m, &a);
    }
}

static void judgement(struct misp_case *c, const struct judgement *v)
{
    struct str host = veil_host(&c->share.veil, v->verdict.host);
    char key[SHA256_HEX + 1];
    if (!host.n)
        return;
    buf_reset(&c->tmp);
    buf_str(&c->tmp, host);
    buf_puts(&c->tmp, ": ");
    share_verdict(&c->share, &c->tmp, v);
    struct misp_attribute a = attribute_of(c, "text", "Other", buf_view(&c->tmp));
    share_host_key(&c->share, v->verdict.host, key);
    uuid_of(c, "verdict", str_of(key), v->verdict.dossier, a.uuid);
    a.comment = STR("verdict");
    misp_attribute(&c->m, &a);
    if (!c->share.veil.lifted)
        return;
    a = attribute_of(c, "target-machine", "Targeting data", host);
    misp_attribute(&c->m, &a);
    for (size_t i = 0; i < v->n_accounts; i++) {
        a = attribute_of(c, "target-user", "Targeting data", v->account[i].name);
        misp_attribute(&c->m, &a);
    }
}

/* How much of the fleet is open to each hole of an affair; which hosts is the house's business. */
static void exposures(struct misp_case *c)
{
    const struct report *r = c->share.report;
    struct map of;
    map_init(&of, &c->arena, 1 << 20);
    uint64_t *n = arena_new_n(&c->arena, uint64_t, 2 * r->n_exposures + 1);
    for (size_t i = 0; n && i < r->n_exposures; i++) {
        uint32_t id;
        if (map_intern(&of, r->exposure[i].cve, &id, NULL))
            continue;
        n[2 * id] += r->exposure[i].state == EXPOSURE_EXPOSED;
        n[2 * id + 1]++;
    }
    for (size_t i = 0; n && i < r->n_exposures; i++) {
        const uint32_t *id = map_get(&of, r->exposure[i].cve);
        if (!id || !n[2 * *id] || !r->exposure[i].matters.n)
            continue;
        struct misp_attribute a = attribute_of(c, "comment", "Targeting data", r->exposure[i].cve);
        buf_reset(&c->tmp);
        buf_str(&c->tmp, r->exposure[i].cve);
        buf_printf(&c->tmp, ": open on %llu of %llu hosts", (unsigned long long)n[2 * *id],
                   (unsigned long long)n[2 * *id + 1]);
        a.value = buf_view(&c->tmp);
        a.comment = STR("exposure");
        misp_attribute(&c->m, &a);
        n[2 * *id] = 0;
    }
    map_done(&of);
}

/* --- attributes of what was found --- */

/* A run of folds: what they have in common. */
struct group {
    const struct fold **fold;
    size_t n;
    enum grade worst;
    enum tlp tlp;
    uint64_t count;
    int64_t first_us, last_us;
};

static struct group group_of(const struct fold **fold, size_t n)
{
    struct group g = {fold, n, GRADE_WEAK, TLP_UNKNOWN, 0, TIME_NONE, TIME_NONE};
    for (size_t i = 0; i < n; i++) {
        const struct fold *f = fold[i];
        g.worst = f->worst > g.worst ? f->worst : g.worst;
        g.tlp = tlp_stricter(g.tlp, f->tlp);
        g.count = UINT64_MAX - g.count > f->count ? g.count + f->count : UINT64_MAX;
        if (time_printable(f->first_us) && (g.first_us == TIME_NONE || f->first_us < g.first_us))
            g.first_us = f->first_us;
        if (time_printable(f->last_us) && (g.last_us == TIME_NONE || f->last_us > g.last_us))
            g.last_us = f->last_us;
    }
    return g;
}

/* Did a fold before it, of the first ones, say the same? */
static bool sighted(const struct group *g, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (g->fold[k]->last_us / US_PER_S == g->fold[i]->last_us / US_PER_S &&
            str_eq(g->fold[k]->name, g->fold[i]->name))
            return true;
    return false;
}

/* One a fold, at its last time, and where. */
static void sightings(struct misp_case *c, const struct group *g, const char *uuid)
{
    struct json *j = &c->m.j;
    bool any = false;
    for (size_t i = 0; i < g->n && i < SIGHTINGS_MAX; i++) {
        const struct fold *f = g->fold[i];
        if (!time_printable(f->last_us) || sighted(g, i))
            continue;
        if (!any)
            json_array(j, "Sighting");
        any = true;
        json_object(j, NULL);
        json_text(j, "type", "0");
        json_text(j, "uuid", uuid);
        misp_seconds(&c->m, "date_sighting", f->last_us);
        buf_reset(&c->tmp);
        buf_puts(&c->tmp, "tocsin");
        if (f->name.n) {
            buf_puts(&c->tmp, " on ");
            buf_str(&c->tmp, f->name);
        }
        json_str(j, "source", buf_view(&c->tmp));
        json_end(j);
    }
    if (any)
        json_end(j);
}

/* Where its source says nothing, an attribute is marked as all of them. */
static enum tlp own_mark(const struct misp_case *c, enum tlp source)
{
    return source ? tlp_stricter(source, c->share.report->sharing.tlp) : TLP_UNKNOWN;
}

static void found(struct misp_case *c, struct misp_attribute *a, const struct group *g)
{
    a->first_us = g->first_us;
    a->last_us = g->last_us;
    a->tlp = own_mark(c, g->tlp);
    if (misp_attribute_open(&c->m, a)) {
        sightings(c, g, a->uuid);
        json_end(&c->m.j);
    }
    sink_pace(c->m.s);
}

/* "Web shell answered (compromise), 12 rows, on 2 hosts" */
static struct str comment_of(struct misp_case *c, const struct group *g, struct str more)
{
    struct buf b;
    size_t hosts = 0;
    for (size_t i = 0; i < g->n; i++)
        hosts += i == 0 || !str_eq(g->fold[i]->host, g->fold[i - 1]->host);
    buf_init(&b, SINK_MAX_BYTES);
    if (more.n) {
        buf_str(&b, text_head(more, COMMENT_BYTES));
        buf_puts(&b, "; ");
    }
    buf_printf(&b, "grade %s, rows: %llu, hosts: %zu", grade_name(g->worst),
               (unsigned long long)g->count, hosts);
    struct str copy = arena_str(&c->arena, buf_view(&b));
    c->m.rc = c->m.rc ? c->m.rc : b.rc ? b.rc : copy.p ? OK : ERR_NOMEM;
    buf_done(&b);
    return copy;
}

static void rule(struct misp_case *c, const struct group *g)
{
    const struct fold *f = g->fold[0];
    const struct dossier *d = NULL;
    const struct sigma_rule *r = share_rule(&c->share, f->rule, &d);
    bool text = r && r->text.n;
    struct misp_attribute a =
        text ? attribute_of(c, "sigma", "Payload delivery", r->text)
             : attribute_of(c, "text", "External analysis", f->title.n ? f->title : f->rule);
    uuid_of(c, "rule", f->rule, STR_NONE, a.uuid);
    a.to_ids = text && !d->draft && g->worst >= GRADE_ATTEMPT;
    a.comment = comment_of(c, g, f->title);
    found(c, &a, g);
}

/* Of a value that dossiers or one's own lists know. */
static void indicator(struct misp_case *c, const struct group *g, const struct share_indicator *i)
{
    const char *kind = share_indicator_kind(i);
    const struct misp_type *type = misp_type_of(str_of(kind ? kind : "text"));
    struct misp_attribute a = attribute_of(c, type->type, type->category, i->value);
    if (i->type == INDICATOR_ADDRESS) {
        a.type = "ip-src";
    } else if (i->type == INDICATOR_AGENT) {
        a.type = "user-agent";
        a.category = "Network activity";
    } else if (i->type == INDICATOR_URL && !alert_url_ok(i->value)) {
        a.type = "uri"; /* a part of one */
    }
    a.to_ids = i->known && !i->known->weak && g->worst > GRADE_WEAK && is_clean(c, kind, i->value);
    a.comment = comment_of(c, g, i->known ? i->known->note : STR_NONE);
    found(c, &a, g);
}

static void client(struct misp_case *c, const struct group *g)
{
    struct str value = g->fold[0]->client;
    struct misp_attribute a = attribute_of(c, "ip-src", "Network activity", value);
    a.to_ids = g->worst >= GRADE_ATTEMPT && is_clean(c, "ipv4", value);
    a.comment = comment_of(c, g, g->n == 1 ? g->fold[0]->title : STR_NONE);
    found(c, &a, g);
}

static void all_found(struct misp_case *c)
{
    for (size_t i = 0, n; i < c->n_folds && !c->m.rc; i += n) {
        struct share_indicator of;
        for (n = 1; i + n < c->n_folds && str_eq(c->by_rule[i + n]->rule, c->by_rule[i]->rule); n++)
            ;
        struct group g = group_of(c->by_rule + i, n);
        if (share_indicator(&c->share, g.fold[0], &of))
            indicator(c, &g, &of);
        else
            rule(c, &g);
    }
    for (size_t i = 0, n; i < c->n_folds && !c->m.rc; i += n) {
        for (n = 1;
             i + n < c->n_folds && str_eq(c->by_client[i + n]->client, c->by_client[i]->client);
             n++)
            ;
        struct group g = group_of(c->by_client + i, n);
        if (g.fold[0]->client.n)
            client(c, &g);
    }
}

/* --- objects --- */

struct template
{
    const char *name, *category, *description, *uuid, *version;
};
/* Of misp-objects. */
static const struct template http_request = {"http-request", "network",
                                             "A single HTTP request header",
                                             "b4a8d163-8110-4239-bfcf-e08f3a9fdf7b", "4"};
static const struct template course_of_action = {
    "course-of-action", "misc",
    "An object describing a specific measure taken to prevent or respond to an attack.",
    "3d1c2c06-68a9-4394-8c8d-258d115f796f", "1"};

/* false: the event has it already. */
static bool object_open(struct misp_case *c, const struct template *t, struct str name)
{
    struct json *j = &c->m.j;
    char uuid[UUID_TEXT_BYTES];
    uuid_of(c, t->name, name, STR_NONE, uuid);
    if (!misp_first(&c->m, str_of(uuid)))
        return false;
    json_object(j, NULL);
    json_text(j, "uuid", uuid);
    json_text(j, "name", t->name);
    json_text(j, "meta-category", t->category);
    json_text(j, "description", t->description);
    json_text(j, "template_uuid", t->uuid);
    json_text(j, "template_version", t->version);
    json_text(j, "event_id", "0");
    misp_seconds(&c->m, "timestamp", c->m.time_us);
    json_text(j, "distribution", "5");
    json_text(j, "sharing_group_id", "0");
    json_bool(j, "deleted", false);
    json_array(j, "Attribute");
    return true;
}

static void object_close(struct misp_case *c)
{
    json_end(&c->m.j);
    json_end(&c->m.j);
    sink_pace(c->m.s);
}

static void part(struct misp_case *c, const char *relation, const char *type, const char *category,
                 struct str value, struct str of, enum tlp tlp)
{
    struct misp_attribute a = attribute_of(c, type, category, value);
    uuid_of(c, relation, of, value, a.uuid);
    a.relation = relation;
    a.tlp = own_mark(c, tlp);
    misp_attribute(&c->m, &a);
}

static void request(struct misp_case *c, const struct fold *f, const struct share_request *q)
{
    struct buf *t = &c->tmp;
    buf_reset(t);
    buf_str(t, f->client);
    buf_putc(t, '\n');
    buf_str(t, q->method);
    buf_putc(t, '\n');
    buf_str(t, q->path);
    buf_putc(t, '\n');
    buf_str(t, q->agent);
    struct str key = buf_view(t);
    if (!object_open(c, &http_request, key))
        return;
    part(c, "ip-src", "ip-src", "Network activity", f->client, key, f->tlp);
    part(c, "method", "http-method", "Network activity", q->method, key, f->tlp);
    part(c, "uri", "uri", "Network activity", q->path, key, f->tlp);
    part(c, "user-agent", "user-agent", "Network activity", q->agent, key, f->tlp);
    object_close(c);
}

static void advice(struct misp_case *c, const struct advice_item *a)
{
    struct str what = a->step.n ? a->step : a->play, name = a->id.n ? a->id : what;
    if (!what.n || !object_open(c, &course_of_action, name))
        return;
    part(c, "name", "text", "Other", what, name, TLP_UNKNOWN);
    part(c, "type", "text", "Other", STR("Other"), name, TLP_UNKNOWN);
    part(c, "objective", "text", "Other", a->why, name, TLP_UNKNOWN);
    part(c, "description", "text", "Other", a->how, name, TLP_UNKNOWN);
    object_close(c);
}

static void objects(struct misp_case *c)
{
    const struct report *r = c->share.report;
    for (int t = TLP_RED; t >= TLP_UNKNOWN;
         t--) /* a request of several is marked as the strictest */
        for (size_t i = 0; i < c->n_folds && !c->m.rc; i++)
            for (size_t k = 0;
                 c->by_client[i]->tlp == (enum tlp)t && k < c->by_client[i]->n_requests; k++)
                request(c, c->by_client[i], &c->by_client[i]->request[k]);
    for (size_t i = 0; i < r->n_advice && !c->m.rc; i++)
        advice(c, &r->advice[i]);
}

/* --- the whole --- */

void misp_case_event(struct misp_case *c)
{
    const struct report *r = c->share.report;
    struct json *j = &c->m.j;
    char count[24];
    c->m.time_us = c->share.as_of_us;
    /* Inside a stricter event who reads an attribute alone has to know that it is none. */
    c->m.tlp = report_mark(r) != r->sharing.tlp ? r->sharing.tlp : TLP_UNKNOWN;
    json_object(j, NULL);
    misp_event(&c->m, &c->event);
    misp_case_tags(c);
    json_array(j, "Attribute");
    for (size_t i = 0; i < r->n_judgements && !c->m.rc; i++)
        judgement(c, &r->judgement[i]);
    all_found(c);
    for (size_t i = 0; i < r->n_dossiers && !c->m.rc; i++)
        if (!r->dossier[i].catalogue)
            affair(c, &r->dossier[i]);
    exposures(c);
    for (size_t i = 0; i < r->n_alerts && !c->m.rc; i++) {
        struct alert a = veiled_alert(&c->share.veil, &r->alert[i]);
        if (share_alert(&c->share, &a))
            misp_alert(&c->m, &a);
    }
    json_end(j);
    json_array(j, "Object");
    objects(c);
    json_end(j);
    (void)snprintf(count, sizeof count, "%llu", (unsigned long long)c->m.n_attributes);
    json_text(j, "attribute_count", count);
    json_end(j);
    json_end(j);
    json_line(j);
}

enum err report_misp_write(struct sink *s, const struct report *report, struct error *error)
{
    struct misp_case c;
    struct arena values;
    arena_init(&values, (size_t)1 << 30);
    enum err rc = misp_case_open(&c, report, false, error);
    if (!rc) {
        misp_init(&c.m, s, &values);
        misp_case_event(&c);
        if (c.share.veil.rc && !c.m.rc)
            c.m.rc = c.share.veil.rc;
        misp_done(&c.m);
        if (s->rc)
            rc = fail(error, s->rc, "the event was not written");
    }
    misp_case_close(&c);
    arena_done(&values);
    return rc;
}
