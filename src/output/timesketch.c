/* Timesketch: JSON Lines of events. message, datetime and timestamp_desc are what its importer
 * asks for; timestamp is the same instant in microseconds, or the import fails. */
#include "output/parts.h"
#include "output/roles.h"
#include "output/writer.h"

/* Its index refuses to aggregate keywords of more than 32,766 bytes; a byte may become four. */
enum { KEYWORD_BYTES = 8000 };

static void short_str(struct json *j, const char *key, struct str value)
{
    if (value.n)
        json_str(j, key, text_head(value, KEYWORD_BYTES));
}

static void instant(struct json *j, int64_t time_us)
{
    char text[40];
    struct civil c = time_civil(time_us);
    (void)snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%06d+00:00", c.year, c.month,
                   c.day, c.hour, c.minute, c.second, c.us);
    json_text(j, "datetime", text);
    json_i64(j, "timestamp", time_us);
}

static void tags(struct json *j, const struct finding *f)
{
    json_array(j, "tag");
    json_text(j, NULL, "tocsin");
    json_text(j, NULL, grade_name(f->grade));
    for (size_t i = 0; i < f->technique.n; i++)
        if (f->technique.v[i].n)
            json_str(j, NULL, text_head(f->technique.v[i], 64));
    if (f->tlp)
        json_text(j, NULL, tlp_tag(f->tlp));
    json_end(j);
}

static void request(struct json *j, struct buf *tmp, const struct finding *f)
{
    short_str(j, "src_ip", role_of(f, ROLE_CLIENT));
    short_str(j, "http_method", role_of(f, ROLE_METHOD));
    buf_reset(tmp);
    if (role_url(tmp, f))
        short_str(j, "url", buf_view(tmp));
    short_str(j, "http_status", role_of(f, ROLE_STATUS));
    short_str(j, "user_agent", role_of(f, ROLE_AGENT));
    short_str(j, "username", role_of(f, ROLE_USER));
}

static void event(struct sink *s, struct json *j, struct buf *tmp, const struct finding *f,
                  int64_t time_us, const char *what)
{
    json_object(j, NULL);
    buf_reset(tmp);
    finding_sentence(tmp, f);
    json_str(j, "message", text_head(buf_view(tmp), KEYWORD_BYTES));
    instant(j, time_us);
    json_text(j, "timestamp_desc", what);
    json_text(j, "data_type", "tocsin:finding");
    json_text(j, "source_short", "TOCSIN");
    tags(j, f);
    short_str(j, "hostname", f->host);
    short_str(j, "target_host", f->target_host);
    json_text(j, "grade", grade_name(f->grade));
    json_text(j, "level", level_name(f->level));
    short_str(j, "rule", f->rule);
    short_str(j, "rule_title", f->title);
    short_str(j, "dossier", f->dossier);
    short_str(j, "log_kind", f->kind);
    json_u64(j, "count", f->count);
    request(j, tmp, f);
    short_str(j, "filename", f->file);
    if (f->sha256[0])
        json_text(j, "sha256", f->sha256);
    json_u64(j, f->record ? "record" : "line", f->record ? f->record : f->line);
    if (f->carved)
        json_bool(j, "carved", true);
    json_u64(j, "offset", f->offset);
    short_str(j, "evidence", f->evidence);
    short_str(j, "meaning", f->meaning);
    short_str(j, "next", f->next);
    short_str(j, "note", f->note);
    json_text(j, "finding_id", f->id);
    json_end(j);
    json_line(j);
    if ((j->rc || tmp->rc) && !s->rc)
        s->rc = j->rc ? j->rc : tmp->rc;
    sink_pace(s);
}

/* A finding of several rows is two events, so that a timeline shows how long it went on. One
 * without a time stands at the epoch under the description that Plaso uses for this. */
void timesketch_finding(struct sink *s, struct buf *tmp, const struct finding *f)
{
    struct json j;
    bool lasting =
        time_printable(f->time_us) && time_printable(f->last_us) && f->last_us > f->time_us;
    json_init(&j, &s->out);
    if (!time_printable(f->time_us)) {
        event(s, &j, tmp, f, 0, "Not a time");
        return;
    }
    event(s, &j, tmp, f, f->time_us, lasting ? "First Seen" : "Event Logged");
    if (lasting)
        event(s, &j, tmp, f, f->last_us, "Last Seen");
}

enum err timesketch_write(struct sink *s, const struct answer *a,
                          const struct print_options *options)
{
    struct buf tmp;
    (void)options;
    buf_init(&tmp, SINK_MAX_BYTES);
    for (size_t i = 0; i < a->n_findings && !s->rc; i++)
        timesketch_finding(s, &tmp, &a->finding[i]);
    buf_done(&tmp);
    return s->rc;
}
