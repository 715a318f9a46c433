/* JSON Lines: everything, one object a line, the summary last (docs/reference/schema/). */
#include "base/limits.h"
#include "output/escape.h"
#include "output/parts.h"
#include "output/writer.h"

void json_strings(struct json *j, const char *key, const struct str_list *list)
{
    json_array(j, key);
    for (size_t i = 0; i < list->n; i++)
        json_str(j, NULL, list->v[i].p ? list->v[i] : STR(""));
    json_end(j);
}

void json_known(struct json *j, const char *key, const char *text)
{
    json_text(j, key, text[0] ? text : NULL);
}

/* Two columns of one name are rare and hostile; the later one is kept as "name#2". */
static void fields(struct sink *s, struct json *j, const struct finding *f)
{
    json_object(j, "fields");
    for (size_t i = 0; i < f->n_fields; i++) {
        char suffix[24], key[256];
        size_t same = 1;
        for (size_t k = i > LIMIT_FIELDS ? i - LIMIT_FIELDS : 0; k < i; k++)
            same += str_eq(f->field[k].name, f->field[i].name);
        if (same > 1) {
            int n = snprintf(suffix, sizeof suffix, "#%zu", same);
            struct str name = str_sub(f->field[i].name, 0, sizeof key - sizeof suffix);
            memcpy(key, name.p, name.n);
            memcpy(key + name.n, suffix, (size_t)n);
            json_key(j, str_make(key, name.n + (size_t)n));
        } else {
            json_key(j, f->field[i].name);
        }
        json_str(j, NULL, f->field[i].value);
        sink_pace(s);
    }
    json_end(j);
}

/* Byte ranges of the evidence as a reader of this JSON has it. */
static void marks(struct json *j, const struct finding *f)
{
    json_array(j, "marks");
    for (size_t i = 0; i < f->n_marks && i < ARRAY_LEN(f->mark); i++) {
        size_t from = f->mark[i].from, to = f->mark[i].to;
        if (to > f->evidence.n)
            to = f->evidence.n;
        if (from >= to)
            continue;
        json_array(j, NULL);
        json_u64(j, NULL, escape_json_offset(f->evidence, from));
        json_u64(j, NULL, escape_json_offset(f->evidence, to));
        json_end(j);
    }
    json_end(j);
}

static void place(struct json *j, uint64_t line, uint64_t record)
{
    if (record)
        json_u64(j, "record", record);
    else if (line)
        json_u64(j, "line", line);
    else
        json_null(j, "line");
}

/* Of a correlation only: the events that made it, in order; of many the first and the last ones. */
static void events(struct sink *s, struct json *j, const struct finding *f)
{
    if (!f->n_made)
        return;
    json_array(j, "events");
    for (size_t i = 0; i < f->n_made; i++) {
        const struct finding_event *e = &f->made[i];
        json_object(j, NULL);
        json_time(j, "time", e->time_us);
        json_str(j, "rule", e->rule);
        json_str(j, "host", e->host);
        json_str(j, "file", e->file);
        place(j, e->line, e->record);
        json_u64(j, "offset", e->offset);
        if (e->carved)
            json_bool(j, "carved", true);
        json_end(j);
        sink_pace(s);
    }
    json_end(j);
}

void json_finding(struct sink *s, struct json *j, const struct finding *f)
{
    json_object(j, NULL);
    json_text(j, "type", "finding");
    json_text(j, "id", f->id);
    json_time(j, "time", f->time_us);
    json_time(j, "last", f->last_us);
    json_str(j, "host", f->host);
    json_str(j, "target_host", f->target_host);
    json_str(j, "kind", f->kind);
    json_str(j, "rule", f->rule);
    json_str(j, "title", f->title);
    json_str(j, "dossier", f->dossier);
    json_text(j, "grade", grade_name(f->grade));
    json_text(j, "level", level_name(f->level));
    json_strings(j, "technique", &f->technique);
    json_u64(j, "count", f->count);
    json_str(j, "file", f->file);
    json_known(j, "sha256", f->sha256);
    place(j, f->line, f->record);
    json_u64(j, "offset", f->offset);
    if (f->carved) /* absent else: findings of earlier versions stay as they are in a case */
        json_bool(j, "carved", true);
    json_str(j, "evidence", f->evidence);
    sink_pace(s);
    marks(j, f);
    json_u64(j, "line_bytes", f->line_bytes);
    fields(s, j, f);
    json_str(j, "meaning", f->meaning);
    json_str(j, "next", f->next);
    json_str(j, "note", f->note);
    json_u64(j, "pivot", f->pivot);
    if (f->tlp) /* absent if nobody says: findings of earlier versions stay as they are in a case */
        json_text(j, "tlp", tlp_name(f->tlp));
    events(s, j, f);
    json_end(j);
}

static void names(struct json *j, const char *key, const struct str_list *list)
{
    json_array(j, key);
    for (size_t i = 0; i < list->n; i++)
        json_str(j, NULL, list->v[i]);
    json_end(j);
}

void json_episode(struct sink *s, struct json *j, const struct episode *e)
{
    json_object(j, NULL);
    json_text(j, "type", "episode");
    json_text(j, "id", e->id);
    json_str(j, "host", e->host);
    json_str(j, "dossier", e->dossier);
    json_time(j, "first", e->first_us);
    json_time(j, "last", e->last_us);
    json_array(j, "findings");
    for (size_t i = 0; i < e->n; i++) {
        json_text(j, NULL, e->finding[i]->id);
        sink_pace(s);
    }
    json_end(j);
    names(j, "clients", &e->clients);
    names(j, "accounts", &e->accounts);
    names(j, "mailboxes", &e->mailboxes);
    json_end(j);
}

void json_coverage(struct sink *s, struct json *j, const struct coverage *c)
{
    json_object(j, NULL);
    json_text(j, "type", "coverage");
    json_str(j, "host", c->host);
    json_str(j, "kind", c->kind);
    json_time(j, "first", c->first_us);
    json_time(j, "last", c->last_us);
    json_u64(j, "records", c->records);
    json_u64(j, "unparsed", c->unparsed);
    json_u64(j, "files", c->files);
    json_bool(j, "sampled", c->sampled);
    json_array(j, "gaps");
    for (size_t i = 0; i < c->n_gaps; i++) {
        json_object(j, NULL);
        json_time(j, "from", c->gap[i].first_us);
        json_time(j, "to", c->gap[i].last_us);
        json_end(j);
        sink_pace(s);
    }
    json_end(j);
    json_object(j, "window_share");
    for (size_t i = 0; i < c->n_shares; i++) {
        json_key(j, c->share[i].dossier);
        json_fixed(j, NULL, c->share[i].share, 4);
    }
    json_end(j);
    json_strings(j, "not_tested", &c->not_tested);
    json_end(j);
}

void json_evidence(struct json *j, const struct evidence_file *e)
{
    json_object(j, NULL);
    json_text(j, "type", "evidence");
    json_str(j, "host", e->host);
    json_str(j, "kind", e->kind);
    json_str(j, "file", e->file);
    json_known(j, "sha256", e->sha256);
    json_u64(j, "bytes", e->bytes);
    json_u64(j, "records", e->records);
    json_u64(j, "unparsed", e->unparsed);
    json_time(j, "first", e->first_us);
    json_time(j, "last", e->last_us);
    json_bool(j, "copy", e->copy);
    json_end(j);
}

void json_gap(struct json *j, const struct gap *g)
{
    json_object(j, NULL);
    json_text(j, "type", "gap");
    json_str(j, "host", g->host);
    json_str(j, "file", g->file);
    json_u64(j, "offset", g->offset);
    json_str(j, "reason", g->reason);
    json_str(j, "detail", g->detail);
    json_end(j);
}

void json_verdict(struct json *j, const char *key, const struct verdict *v)
{
    json_object(j, key);
    json_text(j, "type", "verdict");
    json_str(j, "host", v->host);
    json_str(j, "dossier", v->dossier);
    json_text(j, "verdict", verdict_name(v->state));
    json_time(j, "first", v->first_us);
    json_time(j, "last", v->last_us);
    if (v->dossier.p)
        json_fixed(j, "window_share", v->window_share, 4);
    else
        json_null(j, "window_share"); /* rules outside any dossier have no window */
    json_strings(j, "missing", &v->missing);
    json_str(j, "build", v->build);
    json_time(j, "fixed_since", v->fixed_since_us);
    json_time(j, "earliest", v->earliest_us);
    json_str(j, "because", v->because);
    json_str(j, "next_evidence", v->next_evidence);
    json_str(j, "next", v->next);
    json_bool(j, "isolate", v->isolate);
    json_bool(j, "ended_before", v->ended_before);
    json_end(j);
}

static void summary(struct json *j, const struct summary *m)
{
    json_object(j, NULL);
    json_text(j, "type", "summary");
    json_text(j, "verb", m->verb);
    json_u64(j, "records", m->records);
    json_u64(j, "bytes", m->bytes);
    json_u64(j, "findings", m->findings);
    json_u64(j, "gaps", m->gaps);
    json_fixed(j, "elapsed_s", m->elapsed_s, 3);
    json_text(j, "tocsin", m->version);
    json_object(j, "dossiers");
    for (size_t i = 0; i < m->n_dossiers; i++) {
        json_key(j, m->dossier[i].id);
        json_str(j, NULL, m->dossier[i].sha256);
    }
    json_end(j);
    json_str(j, "sandbox", m->sandbox);
    json_bool(j, "interrupted", m->interrupted);
    json_bool(j, "part", m->part);
    json_end(j);
}

static void end_line(struct sink *s, struct json *j)
{
    json_line(j);
    if (j->rc && !s->rc)
        s->rc = j->rc;
    sink_pace(s);
}

enum err json_write(struct sink *s, const struct answer *a, const struct print_options *options)
{
    struct json j;
    json_init(&j, &s->out);
    for (size_t i = 0; options->manifest && i < a->n_evidence && !s->rc; i++) {
        json_evidence(&j, &a->evidence[i]);
        end_line(s, &j);
    }
    for (size_t i = 0; i < a->n_findings && !s->rc; i++) {
        json_finding(s, &j, &a->finding[i]);
        end_line(s, &j);
    }
    for (size_t i = 0; i < a->n_episodes && !s->rc; i++) {
        json_episode(s, &j, &a->episode[i]);
        end_line(s, &j);
    }
    for (size_t i = 0; i < a->n_coverage && !s->rc; i++) {
        json_coverage(s, &j, &a->coverage[i]);
        end_line(s, &j);
    }
    for (size_t i = 0; i < a->n_gaps && !s->rc; i++) {
        json_gap(&j, &a->gap[i]);
        end_line(s, &j);
    }
    for (size_t i = 0; i < a->n_verdicts && !s->rc; i++) {
        json_verdict(&j, NULL, &a->verdict[i]);
        end_line(s, &j);
    }
    summary(&j, &a->summary);
    end_line(s, &j);
    return s->rc;
}
