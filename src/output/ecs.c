/* Elastic Common Schema: one alert document a finding, one a line. Field types follow ECS 8.11:
 * what an index would refuse (no address, no number) goes where text is allowed. */
#include "output/ecs.h"
#include "output/parts.h"
#include "output/writer.h"

/* Elastic's own scale for detection rules. */
static unsigned severity(enum level level)
{
    static const unsigned scale[] = {0, 21, 47, 73, 99};
    return scale[level];
}

static void event(struct json *j, const struct finding *f)
{
    json_object(j, "event");
    json_text(j, "kind", "alert");
    json_array(j, "category");
    json_text(j, NULL, "intrusion_detection");
    if (role_of(f, ROLE_PATH).p)
        json_text(j, NULL, "web");
    json_end(j);
    json_array(j, "type");
    json_text(j, NULL, "info");
    json_end(j);
    json_text(j, "module", "tocsin");
    json_text(j, "dataset", "tocsin.finding");
    json_text(j, "id", f->id);
    ecs_time(j, "start", f->time_us);
    ecs_time(j, "end", f->last_us);
    json_u64(j, "severity", severity(f->level));
    ecs_str(j, "reason", f->meaning);
    ecs_str(j, "original", f->evidence);
    json_end(j);
}

static bool technique_before(const struct str_list *list, size_t i, struct str id)
{
    for (size_t k = i > 64 ? i - 64 : 0; k < i; k++) {
        struct str rest = list->v[k], part = rest;
        (void)str_cut(&rest, '.', &part);
        if (str_eq(part, id))
            return true;
    }
    return false;
}

static void techniques(struct json *j, const struct str_list *list)
{
    json_text(j, "framework", "MITRE ATT&CK");
    json_object(j, "technique");
    json_array(j, "id");
    for (size_t i = 0; i < list->n; i++) {
        struct str rest = list->v[i], id = rest;
        (void)str_cut(&rest, '.', &id);
        if (id.n && !technique_before(list, i, id))
            json_str(j, NULL, text_head(id, 64));
    }
    json_end(j);
    json_object(j, "subtechnique");
    json_array(j, "id");
    for (size_t i = 0; i < list->n; i++)
        if (list->v[i].n && str_chr(list->v[i], '.') >= 0)
            json_str(j, NULL, text_head(list->v[i], 64));
    json_end(j);
    json_end(j);
    json_end(j);
}

/* Its values are written without "TLP:". */
static void marking(struct json *j, enum tlp tlp)
{
    json_object(j, "indicator");
    json_object(j, "marking");
    json_text(j, "tlp", tlp_name(tlp) + 4);
    json_text(j, "tlp_version", "2.0");
    json_end(j);
    json_end(j);
}

void ecs_threat(struct json *j, const struct str_list *list, enum tlp tlp)
{
    if (list->n == 0 && !tlp)
        return;
    json_object(j, "threat");
    if (list->n)
        techniques(j, list);
    if (tlp)
        marking(j, tlp);
    json_end(j);
}

static void source(struct json *j, const struct finding *f)
{
    struct str client = role_of(f, ROLE_CLIENT);
    if (!client.n)
        return;
    json_object(j, "source");
    ecs_str(j, "address", client);
    if (role_is_address(client))
        json_str(j, "ip", client);
    json_end(j);
}

static void http(struct json *j, const struct finding *f)
{
    struct str method = role_of(f, ROLE_METHOD), referrer = role_of(f, ROLE_REFERRER);
    uint64_t status = 0;
    bool answered = str_u64(role_of(f, ROLE_STATUS), &status) && status <= INT64_MAX;
    if (!answered && !method.n && !referrer.n)
        return;
    json_object(j, "http");
    json_object(j, "request");
    ecs_str(j, "method", method);
    ecs_str(j, "referrer", referrer);
    json_end(j);
    json_object(j, "response");
    if (answered)
        json_u64(j, "status_code", status);
    json_end(j);
    json_end(j);
}

static void request(struct json *j, struct buf *tmp, const struct finding *f)
{
    buf_reset(tmp);
    if (role_url(tmp, f)) {
        json_object(j, "url");
        ecs_str(j, "original", buf_view(tmp));
        ecs_str(j, "path", role_of(f, ROLE_PATH));
        ecs_str(j, "query", role_of(f, ROLE_QUERY));
        json_end(j);
    }
    http(j, f);
    if (role_of(f, ROLE_AGENT).n) {
        json_object(j, "user_agent");
        ecs_str(j, "original", role_of(f, ROLE_AGENT));
        json_end(j);
    }
    if (role_of(f, ROLE_USER).n) {
        json_object(j, "user");
        ecs_str(j, "name", role_of(f, ROLE_USER));
        json_end(j);
    }
}

/* The evidence file: as the log it is, and as a file with its hash. */
static void file(struct json *j, const struct finding *f)
{
    if (!f->file.n)
        return;
    ptrdiff_t slash = str_rchr(f->file, '/');
    json_object(j, "log");
    json_object(j, "file");
    ecs_str(j, "path", f->file);
    json_end(j);
    json_u64(j, "offset", f->offset);
    json_end(j);
    json_object(j, "file");
    ecs_str(j, "path", f->file);
    ecs_str(j, "name", str_sub(f->file, (size_t)(slash + 1), f->file.n));
    if (f->sha256[0]) {
        json_object(j, "hash");
        json_text(j, "sha256", f->sha256);
        json_end(j);
    }
    json_end(j);
}

static void related(struct json *j, const struct finding *f)
{
    struct str client = role_of(f, ROLE_CLIENT);
    json_object(j, "related");
    json_array(j, "hosts");
    if (f->host.n)
        json_str(j, NULL, text_head(f->host, ECS_KEYWORD_BYTES));
    if (f->target_host.n && !str_eq(f->host, f->target_host))
        json_str(j, NULL, text_head(f->target_host, ECS_KEYWORD_BYTES));
    json_end(j);
    json_array(j, "ip");
    if (role_is_address(client))
        json_str(j, NULL, client);
    json_end(j);
    json_end(j);
}

/* Fields are "name=value" texts: a hostile log could otherwise fill an index with new columns. */
static void own(struct sink *s, struct json *j, struct buf *tmp, const struct finding *f)
{
    json_object(j, "tocsin");
    json_text(j, "grade", grade_name(f->grade));
    json_text(j, "level", level_name(f->level));
    json_u64(j, "count", f->count);
    json_u64(j, "pivot", f->pivot);
    json_u64(j, f->record ? "record" : "line", f->record ? f->record : f->line);
    if (f->carved)
        json_bool(j, "carved", true);
    ecs_str(j, "kind", f->kind);
    ecs_str(j, "dossier", f->dossier);
    ecs_str(j, "target_host", f->target_host);
    ecs_str(j, "meaning", f->meaning);
    ecs_str(j, "next", f->next);
    ecs_str(j, "note", f->note);
    json_array(j, "fields");
    for (size_t i = 0; i < f->n_fields; i++) {
        if (!f->field[i].value.p)
            continue;
        buf_reset(tmp);
        buf_str(tmp, f->field[i].name);
        buf_putc(tmp, '=');
        buf_str(tmp, f->field[i].value);
        json_str(j, NULL, text_head(buf_view(tmp), ECS_KEYWORD_BYTES));
        sink_pace(s);
    }
    json_end(j);
    json_end(j);
}

static void head(struct json *j, struct buf *tmp, const struct finding *f)
{
    bool dated = time_printable(f->time_us);
    ecs_open(j, f->time_us);
    buf_reset(tmp);
    finding_sentence(tmp, f);
    json_str(j, "message", text_head(buf_view(tmp), ECS_KEYWORD_BYTES));
    json_array(j, "tags");
    json_text(j, NULL, "tocsin");
    json_text(j, NULL, grade_name(f->grade));
    if (!dated)
        json_text(j, NULL, "no-time");
    json_end(j);
    json_object(j, "rule");
    ecs_str(j, "id", f->rule);
    ecs_str(j, "name", f->title);
    ecs_str(j, "ruleset", f->dossier);
    json_end(j);
    if (f->host.n) {
        json_object(j, "host");
        ecs_str(j, "name", f->host);
        json_end(j);
    }
}

void ecs_finding(struct sink *s, struct buf *tmp, const struct finding *f)
{
    struct json j;
    json_init(&j, &s->out);
    head(&j, tmp, f);
    event(&j, f);
    ecs_threat(&j, &f->technique, f->tlp);
    source(&j, f);
    request(&j, tmp, f);
    file(&j, f);
    related(&j, f);
    own(s, &j, tmp, f);
    json_end(&j);
    json_line(&j);
    if ((j.rc || tmp->rc) && !s->rc)
        s->rc = j.rc ? j.rc : tmp->rc;
    sink_pace(s);
}

enum err ecs_write(struct sink *s, const struct answer *a, const struct print_options *options)
{
    struct buf tmp;
    (void)options;
    buf_init(&tmp, SINK_MAX_BYTES);
    for (size_t i = 0; i < a->n_findings && !s->rc; i++)
        ecs_finding(s, &tmp, &a->finding[i]);
    buf_done(&tmp);
    return s->rc;
}
