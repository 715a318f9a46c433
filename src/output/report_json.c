/* One JSON document with everything that a report says; docs/reference/schema/report.json. What has
 * an object of its own in JSON Lines (finding, coverage, exposure, ...) is that object here, too.
 */
#include "output/alert.h"
#include "output/event.h"
#include "output/exposure.h"
#include "output/parts.h"
#include "output/report.h"
#include "output/veiled.h"

struct doc {
    struct sink *s;
    struct json j;
    struct veil veil;
    struct said said;
    const struct report *r;
};

static struct str text(struct doc *d, struct str s)
{
    return veil_text(&d->veil, s);
}

static void hosts(struct doc *d, const char *key, const struct str_list *list)
{
    json_array(&d->j, key);
    for (size_t i = 0; i < list->n; i++)
        json_str(&d->j, NULL, veil_host(&d->veil, list->v[i]));
    json_end(&d->j);
}

static void span(struct json *j, const struct span_us *s)
{
    json_time(j, "from", s->first_us);
    json_time(j, "to", s->last_us);
}

/* ---- how it was made ---- */

static void put_affair(struct doc *d, size_t i)
{
    const struct dossier *x = &d->r->dossier[i];
    json_str(&d->j, "id", x->id);
    json_str(&d->j, "title", x->title);
    json_time(&d->j, "window_from", x->window_from_us);
    json_known(&d->j, "sha256", x->sha256);
}

static void put_run(struct doc *d, size_t i)
{
    const struct report_run *x = &d->r->run[i];
    json_u64(&d->j, "number", x->number);
    json_str(&d->j, "verb", x->verb);
    json_str(&d->j, "arguments", text(d, x->arguments));
    json_str(&d->j, "tocsin", x->program);
    json_time(&d->j, "started", x->started_us);
    json_time(&d->j, "ended", x->ended_us);
}

/* ---- verdicts ---- */

static void spans(struct doc *d, const char *key, const struct span_us *v, size_t n)
{
    json_array(&d->j, key);
    for (size_t i = 0; i < n; i++) {
        json_object(&d->j, NULL);
        span(&d->j, &v[i]);
        json_end(&d->j);
        sink_pace(d->s);
    }
    json_end(&d->j);
}

static void put_window(struct doc *d, const struct judgement *x)
{
    struct json *j = &d->j;
    json_object(j, "window");
    json_text(j, "open", open_side_name(x->open));
    span(j, &x->window);
    json_u64(j, "days", x->window_days);
    json_u64(j, "covered_days", x->covered_days);
    spans(d, "covered", x->covered, x->n_covered);
    spans(d, "blind", x->blind, x->n_blind);
    json_end(j);
}

static void put_touched(struct doc *d, const char *key, const struct touched *v, size_t n)
{
    struct json *j = &d->j;
    json_array(j, key);
    for (size_t i = 0; i < n && d->veil.lifted; i++) {
        json_object(j, NULL);
        json_str(j, "name", v[i].name);
        json_u64(j, "bytes", v[i].bytes);
        json_u64(j, "records", v[i].records);
        json_time(j, "first", v[i].first_us);
        json_time(j, "last", v[i].last_us);
        json_end(j);
        sink_pace(d->s);
    }
    json_end(j);
}

static void put_first_hour(struct doc *d, const struct judgement *x)
{
    struct json *j = &d->j;
    json_object(j, "first_hour");
    json_time(j, "earliest", x->earliest_us);
    json_time(j, "latest", x->latest_us);
    json_u64(j, "dwell_days", x->dwell_days);
    json_str(j, "isolate_because", text(d, x->isolate_why));
    put_touched(d, "accounts", x->account, x->n_accounts);
    put_touched(d, "mailboxes", x->mailbox, x->n_mailboxes);
    json_u64(j, "n_accounts", x->n_accounts);
    json_u64(j, "n_mailboxes", x->n_mailboxes);
    json_end(j);
}

static void put_judgement(struct doc *d, size_t i)
{
    const struct judgement *x = &d->r->judgement[i];
    struct verdict shown = veiled_verdict(&d->veil, &x->verdict);
    struct json *j = &d->j;
    json_verdict(j, "verdict", &shown);
    json_str(j, "title", x->title);
    json_bool(j, "lowered", x->lowered);
    json_text(j, "said", verdict_name(x->said));
    put_window(d, x);
    json_str(j, "sentence", text(d, x->sentence));
    json_bool(j, "before_fix", x->before_fix);
    json_object(j, "findings");
    for (int g = 0; g < GRADES; g++)
        json_u64(j, grade_name((enum grade)g), x->findings[g]);
    json_end(j);
    json_u64(j, "aside", x->aside);
    json_u64(j, "elsewhere", x->elsewhere);
    put_first_hour(d, x);
}

static void put_named(struct doc *d, size_t i)
{
    const struct named_host *x = &d->r->named[i];
    json_str(&d->j, "host", veil_host(&d->veil, x->host));
    hosts(d, "by", &x->by);
    json_u64(&d->j, "findings", x->findings);
    json_text(&d->j, "worst", grade_name(x->worst));
}

static void put_rotating(struct doc *d, size_t i)
{
    const struct rotating *x = &d->r->rotating[i];
    json_str(&d->j, "host", veil_host(&d->veil, x->host));
    json_str(&d->j, "kind", x->kind);
    json_str(&d->j, "path", text(d, x->path));
    json_time(&d->j, "oldest", x->oldest_us);
    json_time(&d->j, "gone", x->gone_us);
}

static void put_count(struct doc *d, size_t i)
{
    const struct finding_count *x = &d->r->count[i];
    json_str(&d->j, "host", veil_host(&d->veil, x->host));
    json_str(&d->j, "dossier", x->dossier);
    json_str(&d->j, "rule", veil_rule(&d->veil, x->dossier, x->rule));
    json_str(&d->j, "title", veil_title(&d->veil, x->dossier, x->title));
    json_text(&d->j, "grade", grade_name(x->grade));
    json_u64(&d->j, "findings", x->n);
}

/* ---- chatter, notes, advice ---- */

static void put_chatter(struct doc *d, size_t i)
{
    const struct chatter_course *x = &d->r->chatter[i];
    json_str(&d->j, "subject", x->subject);
    json_array(&d->j, "weeks");
    for (size_t k = 0; k < x->n_weeks; k++) {
        json_object(&d->j, NULL);
        json_time(&d->j, "from", x->week[k].from_us);
        json_u64(&d->j, "threads", x->week[k].threads);
        json_u64(&d->j, "posts", x->week[k].posts);
        json_end(&d->j);
        sink_pace(d->s);
    }
    json_end(&d->j);
}

static void note(struct doc *d, const struct note *from)
{
    struct note x = veiled_note(&d->veil, from);
    json_str(&d->j, "about", x.about);
    json_str(&d->j, "state", x.state);
    json_str(&d->j, "who", x.who);
    json_str(&d->j, "why", x.why);
    json_time(&d->j, "time", x.time_us);
}

static void put_note(struct doc *d, size_t i)
{
    note(d, &d->r->note[i]);
}

static void put_advice(struct doc *d, size_t i)
{
    const struct advice_item *x = &d->r->advice[i];
    struct json *j = &d->j;
    json_str(j, "id", x->id);
    json_str(j, "play", x->play);
    json_text(j, "phase", x->phase);
    json_str(j, "step", x->step);
    json_str(j, "why", x->why);
    json_str(j, "how", x->how);
    json_str(j, "source", x->source);
    json_text(j, "phase", x->phase);
    json_strings(j, "technique", &x->technique);
    json_strings(j, "d3fend", &x->d3fend);
    hosts(d, "hosts", &x->host);
    json_str(j, "dossier", x->dossier);
    json_str(j, "audience", x->audience);
    json_str(j, "due", x->due);
    json_str(j, "because", text(d, x->because));
    if (x->done.time_us == TIME_NONE) {
        json_null(j, "done");
        return;
    }
    json_object(j, "done");
    note(d, &x->done);
    json_end(j);
}

static void put_actor(struct doc *d, size_t i)
{
    const struct actor_rank *x = &d->r->actor[i];
    json_str(&d->j, "name", x->name);
    json_str(&d->j, "attack_id", x->attack_id);
    json_str(&d->j, "dossier", x->dossier);
    json_fixed(&d->j, "score", x->score, 3);
    json_array(&d->j, "reasons");
    for (size_t k = 0; k < x->reason.n && d->veil.lifted; k++)
        json_str(&d->j, NULL, x->reason.v[k]);
    json_end(&d->j);
    json_str(&d->j, "source", x->source);
}

/* ---- what has an object of its own ---- */

static void put_finding(struct doc *d, size_t i)
{
    struct finding x = veiled_finding(&d->veil, &d->said, &d->r->finding[i]);
    json_finding(d->s, &d->j, &x);
}

static void put_episode(struct doc *d, size_t i)
{
    struct episode x = veiled_episode(&d->veil, &d->r->episode[i]);
    json_episode(d->s, &d->j, &x);
}

static void put_coverage(struct doc *d, size_t i)
{
    struct coverage x = veiled_coverage(&d->veil, &d->r->coverage[i]);
    json_coverage(d->s, &d->j, &x);
}

static void put_gap(struct doc *d, size_t i)
{
    struct gap x = veiled_gap(&d->veil, &d->r->gap[i]);
    json_gap(&d->j, &x);
}

static void put_evidence(struct doc *d, size_t i)
{
    struct evidence_file x = veiled_evidence(&d->veil, &d->r->evidence[i]);
    json_evidence(&d->j, &x);
}

static void put_exposure(struct doc *d, size_t i)
{
    struct exposure x = veiled_exposure(&d->veil, &d->r->exposure[i]);
    json_exposure(&d->j, &x);
}

static void put_share(struct doc *d, size_t i)
{
    if (veiled_share(&d->veil, &d->r->share[i]))
        json_share(&d->j, &d->r->share[i]);
}

static void put_course(struct doc *d, size_t i)
{
    if (veiled_share(&d->veil, &d->r->course[i]))
        json_share(&d->j, &d->r->course[i]);
}

static void put_exposure_window(struct doc *d, size_t i)
{
    struct exposure_window x = veiled_window(&d->veil, &d->r->window[i]);
    json_window(&d->j, &x);
}

static void put_update(struct doc *d, size_t i)
{
    struct exposure_update x = veiled_update(&d->veil, &d->r->update[i]);
    json_update(&d->j, &x);
}

static void put_alert(struct doc *d, size_t i)
{
    struct alert x = veiled_alert(&d->veil, &d->r->alert[i]);
    alert_json_object(d->s, &d->j, NULL, &x);
}

static void put_event(struct doc *d, size_t i)
{
    struct event x = veiled_event(&d->veil, &d->r->event[i]);
    json_event(&d->j, &x);
}

/* ---- all of it ---- */

/* The lists of a report. How to add one: a function above, a line here, and its member in
 * docs/reference/schema/report.json. */
#define LIST(key, count, put, own)                                                                 \
    {                                                                                              \
        key, offsetof(struct report, count), put, own                                              \
    }
static const struct list {
    const char *key;
    size_t count; /* where in a report */
    void (*put)(struct doc *d, size_t i);
    bool own; /* put writes the whole object */
} lists[] = {
    LIST("affairs", n_dossiers, put_affair, false),
    LIST("runs", n_runs, put_run, false),
    LIST("verdicts", n_judgements, put_judgement, false),
    LIST("hosts_named", n_named, put_named, false),
    LIST("rotating", n_rotating, put_rotating, false),
    LIST("findings", n_findings, put_finding, true),
    LIST("counts", n_counts, put_count, false),
    LIST("episodes", n_episodes, put_episode, true),
    LIST("coverage", n_coverage, put_coverage, true),
    LIST("gaps", n_gaps, put_gap, true),
    LIST("exposures", n_exposures, put_exposure, true),
    LIST("shares", n_shares, put_share, true),
    LIST("course", n_course, put_course, true),
    LIST("windows", n_windows, put_exposure_window, true),
    LIST("updates", n_updates, put_update, true),
    LIST("alerts", n_alerts, put_alert, true),
    LIST("chatter", n_chatter, put_chatter, false),
    LIST("timeline", n_events, put_event, true),
    LIST("notes", n_notes, put_note, false),
    LIST("advice", n_advice, put_advice, false),
    LIST("actors", n_actors, put_actor, false),
    LIST("evidence", n_evidence, put_evidence, true),
};

static void put_list(struct doc *d, const struct list *l)
{
    const char *report = (const char *)d->r;
    size_t n;
    memcpy(&n, report + l->count, sizeof n);
    json_array(&d->j, l->key);
    for (size_t i = 0; i < n && !d->s->rc; i++) {
        if (!l->own)
            json_object(&d->j, NULL);
        l->put(d, i);
        if (!l->own)
            json_end(&d->j);
        sink_pace(d->s);
    }
    json_end(&d->j);
}

/* Who the user is. */
static void put_profile(struct doc *d)
{
    const struct profile *x = &d->r->profile;
    if (!d->veil.lifted) {
        json_null(&d->j, "profile");
        return;
    }
    json_object(&d->j, "profile");
    json_strings(&d->j, "sectors", &x->sectors);
    json_str(&d->j, "country", x->country);
    json_strings(&d->j, "products", &x->products);
    json_str(&d->j, "contact", x->contact);
    json_end(&d->j);
}

static void put_head(struct doc *d)
{
    struct json *j = &d->j;
    const struct report *r = d->r;
    json_text(j, "type", "report");
    json_str(j, "case", text(d, r->name));
    json_time(j, "made", r->made_us);
    json_text(j, "tocsin", r->version);
    json_object(j, "sharing");
    json_text(j, "tlp", tlp_name(report_mark(r)));
    json_bool(j, "victim_data", r->sharing.victim_data);
    json_end(j);
    put_profile(d);
    json_object(j, "dossiers");
    for (size_t i = 0; i < r->n_dossier_hashes; i++) {
        json_key(j, r->dossier_hash[i].id);
        json_str(j, NULL, r->dossier_hash[i].sha256);
    }
    json_end(j);
    json_u64(j, "findings_total", r->all_findings);
    json_u64(j, "timeline_total", r->all_events);
}

enum err report_json_write(struct sink *s, const struct report *r, struct error *error)
{
    struct doc d = {.s = s, .r = r};
    (void)error;
    enum err rc = veil_init(&d.veil, r), said = said_init(&d.said, r);
    json_init(&d.j, &s->out);
    json_object(&d.j, NULL);
    put_head(&d);
    for (size_t i = 0; i < ARRAY_LEN(lists) && !s->rc; i++)
        put_list(&d, &lists[i]);
    json_end(&d.j);
    json_line(&d.j);
    rc = rc ? rc : said ? said : d.veil.rc ? d.veil.rc : d.j.rc;
    said_done(&d.said);
    veil_done(&d.veil);
    if (rc && !s->rc)
        s->rc = rc;
    return s->rc;
}
