/* A CACAO 2.0 playbook of the advice: every step is a manual command, in the order of the report.
 * What is due at the same time is a round: one after the other where one audience does it, in
 * parallel where several do. */
#include "base/hash.h"
#include "base/uuid.h"
#include "base/vec.h"
#include "output/alert.h"
#include "output/report.h"
#include "output/roles.h"
#include "output/stix.h"
#include "output/veil.h"

enum { ID_BYTES = 80, REFS_MAX = 100 * 1000 };

/* uuid5(URL namespace, "urn:tocsin:cacao") */
static const unsigned char namespace[UUID_BYTES] = {0x31, 0x21, 0xee, 0x02, 0xb0, 0x33, 0x5c, 0x4e,
                                                    0xaa, 0x46, 0x55, 0xc0, 0x10, 0x46, 0x97, 0x87};

/* The definitions that the standard's authors publish are the ones to be used. */
static const char *const markings[TLP_MARKS] = {
    [TLP_CLEAR] = "marking-tlp--94868c89-83c2-464b-929b-a1a8aa3c8487",
    [TLP_GREEN] = "marking-tlp--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    [TLP_AMBER] = "marking-tlp--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    [TLP_AMBER_STRICT] = "marking-tlp--939a9414-2ddd-4d32-a0cd-375ea402b003",
    [TLP_RED] = "marking-tlp--e828b379-4e03-4974-9ac4-e53a884c97c1",
};

/* What a step does, in CACAO's words, by its phase or by what D3FEND calls it; the first line that
 * fits. The last one is for all others. */
static const struct activity {
    const char *by, *name;
} activities[] = {
    {"D3-ITF", "restrict-access"},    {"D3-OTF", "restrict-access"},
    {"D3-NTF", "restrict-access"},    {"isolate", "disconnect-system"},
    {"D3-RF", "restore-data"},        {"D3-RC", "revert-system"},
    {"D3-MFA", "configure-systems"},  {"D3-AVE", "scan-vulnerabilities"},
    {"respond", "eliminate-risk"},    {"patch", "eliminate-risk"},
    {"inform", "deliver-content"},    {"watch", "scan-system"},
    {"prepare", "configure-systems"}, {"clear", "restore-capabilities"},
    {NULL, "analyze-collected-data"},
};

enum ref_kind { REF_SOURCE, REF_ATTACK, REF_D3FEND };
struct ref {
    enum ref_kind kind;
    struct str text;
};

/* Items from..to (exclusive) of the advice, due at the same time. */
struct round {
    size_t from, to;
    bool parallel; /* for several audiences */
};

struct book {
    struct sink *s;
    struct json j;
    struct buf tmp;
    const struct report *r;
    struct veil veil;
    char uuid[UUID_TEXT_BYTES], identity[STIX_ID_BYTES];
    VEC(struct round) round;
    VEC(struct str) audience; /* absent: the organisation */
    VEC(struct ref) ref;
    bool activity[ARRAY_LEN(activities)];
    enum err rc;
};

static void sticky(struct book *b, enum err rc)
{
    b->rc = b->rc ? b->rc : rc;
}

/* ---- identifiers ---- */

/* Steps have to have the form of random identifiers; these are hashes, so that the same advice is
 * the same playbook. */
static void make_id(struct book *b, const char *type, struct str key, char ret_id[ID_BYTES])
{
    unsigned char d[SHA256_BYTES];
    char hex[33];
    buf_reset(&b->tmp);
    buf_printf(&b->tmp, "%s\n%s\n", b->uuid, type);
    buf_str(&b->tmp, key);
    sha256_of(buf_view(&b->tmp), d);
    d[6] = (unsigned char)(0x40 | (d[6] & 0x0f));
    d[8] = (unsigned char)(0x80 | (d[8] & 0x3f));
    hex_of(d, 16, hex);
    (void)snprintf(ret_id, ID_BYTES, "%s--%.8s-%.4s-%.4s-%.4s-%.12s", type, hex, hex + 8, hex + 12,
                   hex + 16, hex + 20);
}

/* Of an item: its id, and which of those with this id it is. */
static void item_id(struct book *b, const char *type, size_t i, char ret_id[ID_BYTES])
{
    struct buf key;
    size_t same = 0;
    buf_init(&key, 1 << 20);
    for (size_t k = 0; k < i; k++)
        same += str_eq(b->r->advice[k].id, b->r->advice[i].id);
    buf_str(&key, text_head(b->r->advice[i].id, 1000));
    buf_printf(&key, "\n%zu", same);
    sticky(b, key.rc);
    make_id(b, type, buf_view(&key), ret_id);
    buf_done(&key);
}

static void agent_id(struct book *b, struct str audience, char ret_id[ID_BYTES])
{
    make_id(b, audience.n ? "group" : "organization", audience, ret_id);
}

static void the_end(struct book *b, char ret_id[ID_BYTES])
{
    make_id(b, "end", STR("playbook"), ret_id);
}

/* Made with the key of the case, as names of cases could be tried against it. */
static void playbook_id(struct book *b)
{
    struct stix x;
    const struct report *r = b->r;
    buf_reset(&b->tmp);
    buf_str(&b->tmp, r->key);
    buf_printf(&b->tmp, "\n%lld", (long long)(r->n_runs ? r->run[0].started_us : 0));
    sticky(b, uuid5(namespace, buf_view(&b->tmp), b->uuid));
    stix_init(&x, b->s); /* who made it is the same in all that this program makes */
    memcpy(b->identity, x.identity, sizeof b->identity);
    stix_done(&x);
}

/* ---- what the advice is made of ---- */

static void find_rounds(struct book *b)
{
    const struct advice_item *a = b->r->advice;
    for (size_t i = 0; i < b->r->n_advice; i++) {
        struct round *last = b->round.n ? &b->round.v[b->round.n - 1] : NULL;
        if (last && str_eq(a[last->from].due, a[i].due)) {
            last->to = i + 1;
            last->parallel |= !str_eq(a[last->from].audience, a[i].audience);
        } else {
            struct round s = {.from = i, .to = i + 1};
            sticky(b, vec_push(&b->round, s, REFS_MAX));
        }
    }
}

static void entry_of(struct book *b, size_t round, char ret_id[ID_BYTES])
{
    if (round == b->round.n)
        the_end(b, ret_id);
    else
        item_id(b, b->round.v[round].parallel ? "parallel" : "action", b->round.v[round].from,
                ret_id);
}

static void remember_audience(struct book *b, struct str audience)
{
    for (size_t i = 0; i < b->audience.n; i++)
        if (str_eq(b->audience.v[i], audience))
            return;
    sticky(b, vec_push(&b->audience, audience, REFS_MAX));
}

/* ---- references ---- */

static void put_ref(struct book *b, const struct ref *x)
{
    struct json *j = &b->j;
    json_object(j, NULL);
    if (x->kind == REF_SOURCE) {
        json_str(j, "name", x->text);
        json_str(j, alert_url_ok(x->text) ? "url" : "source", x->text);
    } else {
        json_text(j, "name", x->kind == REF_ATTACK ? "MITRE ATT&CK" : "MITRE D3FEND");
        json_str(j, "external_id", x->text);
    }
    json_end(j);
}

static void add_ref(struct book *b, enum ref_kind kind, struct str text)
{
    struct ref x = {kind, text};
    if (!text.n)
        return;
    put_ref(b, &x);
    for (size_t i = 0; i < b->ref.n; i++)
        if (b->ref.v[i].kind == kind && str_eq(b->ref.v[i].text, text))
            return;
    sticky(b, vec_push(&b->ref, x, REFS_MAX));
}

static void put_refs(struct book *b, const struct advice_item *a)
{
    if (!a->source.n && !a->technique.n && !a->d3fend.n)
        return;
    json_array(&b->j, "external_references");
    add_ref(b, REF_SOURCE, a->source);
    for (size_t i = 0; i < a->technique.n; i++)
        add_ref(b, REF_ATTACK, a->technique.v[i]);
    for (size_t i = 0; i < a->d3fend.n; i++)
        add_ref(b, REF_D3FEND, a->d3fend.v[i]);
    json_end(&b->j);
}

/* ---- steps ---- */

static void sentence(struct buf *b, const char *lead, struct str text)
{
    if (!text.n)
        return;
    buf_puts(b, b->n ? " " : "");
    buf_puts(b, lead);
    buf_str(b, text);
    buf_puts(b, strchr(".!?", text.p[text.n - 1]) ? "" : ".");
}

static void put_description(struct book *b, const struct advice_item *a)
{
    char day[32];
    struct buf *t = &b->tmp;
    buf_reset(t);
    sentence(t, "", a->why);
    sentence(t, "Chosen because: ", veil_text(&b->veil, a->because));
    for (size_t i = 0; i < a->host.n; i++) {
        buf_puts(t, i ? ", " : t->n ? " Servers: " : "Servers: ");
        buf_str(t, veil_host(&b->veil, a->host.v[i]));
    }
    buf_puts(t, a->host.n ? "." : "");
    sentence(t, "Due: ", a->due);
    if (time_printable(a->done.time_us))
        sentence(t, "Done on ", str_of(time_short(a->done.time_us, false, day)));
    if (t->n)
        json_str(&b->j, "description", buf_view(t));
}

static bool is_by(const struct advice_item *a, const char *by)
{
    for (size_t i = 0; i < a->d3fend.n; i++)
        if (str_eq(a->d3fend.v[i], str_of(by)))
            return true;
    return a->phase && strcmp(a->phase, by) == 0;
}

static const char *activity_of(struct book *b, const struct advice_item *a)
{
    size_t i = 0;
    while (activities[i].by && !is_by(a, activities[i].by))
        i++;
    b->activity[i] = true;
    return activities[i].name;
}

/* A line of "how" is a command. */
static void put_commands(struct book *b, const struct advice_item *a)
{
    struct json *j = &b->j;
    struct str rest = a->how.n ? a->how : a->step, line;
    const char *activity = activity_of(b, a);
    bool some = false, more = true;
    json_array(j, "commands");
    while (more) {
        more = str_cut(&rest, '\n', &line);
        if (more ? !str_trim(line).n : some)
            continue;
        json_object(j, NULL);
        json_text(j, "type", "manual");
        json_str(j, "command", more ? str_trim(line) : STR("A step"));
        json_text(j, "playbook_activity", activity);
        json_end(j);
        some = true;
    }
    json_end(j);
}

static void put_action(struct book *b, const char *id, const struct advice_item *a,
                       const char *next)
{
    char agent[ID_BYTES];
    struct json *j = &b->j;
    agent_id(b, a->audience, agent);
    remember_audience(b, a->audience);
    json_object(j, id);
    json_text(j, "type", "action");
    json_str(j, "name", a->step.n ? a->step : STR("A step"));
    put_description(b, a);
    put_refs(b, a);
    json_text(j, "on_completion", next);
    put_commands(b, a);
    json_text(j, "agent", agent);
    json_end(j);
    sink_pace(b->s);
}

static void put_plain(struct json *j, const char *id, const char *type, const char *next)
{
    json_object(j, id);
    json_text(j, "type", type);
    if (next)
        json_text(j, "on_completion", next);
    json_end(j);
}

/* The next item of a round for that audience, from i on; s->to: there is none. */
static size_t next_of(const struct book *b, const struct round *s, size_t i, struct str audience)
{
    while (i < s->to && !str_eq(b->r->advice[i].audience, audience))
        i++;
    return i;
}

/* What one audience does in a round; `next` comes behind its last step. */
static void put_row(struct book *b, const struct round *s, size_t first, const char *next)
{
    char id[ID_BYTES], then[ID_BYTES];
    struct str audience = b->r->advice[first].audience;
    for (size_t i = first, k; i < s->to && !b->s->rc; i = k) {
        k = next_of(b, s, i + 1, audience);
        item_id(b, "action", i, id);
        if (k < s->to)
            item_id(b, "action", k, then);
        else
            (void)snprintf(then, sizeof then, "%s", next);
        put_action(b, id, &b->r->advice[i], then);
    }
}

/* Is it the first of the round for its audience? */
static bool opens_branch(const struct book *b, const struct round *s, size_t i)
{
    return next_of(b, s, s->from, b->r->advice[i].audience) == i;
}

static void put_parallel(struct book *b, const struct round *s, const char *id, const char *next)
{
    char to[ID_BYTES];
    struct json *j = &b->j;
    struct str due = b->r->advice[s->from].due;
    json_object(j, id);
    json_text(j, "type", "parallel");
    buf_reset(&b->tmp);
    sentence(&b->tmp, "Due: ", due);
    if (due.n)
        json_str(j, "name", buf_view(&b->tmp));
    json_text(j, "on_completion", next);
    json_array(j, "next_steps");
    for (size_t i = s->from; i < s->to; i++)
        if (opens_branch(b, s, i)) {
            item_id(b, "action", i, to);
            json_text(j, NULL, to);
        }
    json_end(j);
    json_end(j);
}

/* Every branch has an end of its own. */
static void put_branches(struct book *b, const struct round *s, const char *id, const char *next)
{
    char end[ID_BYTES];
    put_parallel(b, s, id, next);
    for (size_t i = s->from; i < s->to && !b->s->rc; i++)
        if (opens_branch(b, s, i)) {
            item_id(b, "end", i, end);
            put_row(b, s, i, end);
            put_plain(&b->j, end, "end", NULL);
        }
}

/* A playbook has at least one action. */
static void put_nothing(struct book *b, const char *id, const char *next)
{
    struct advice_item nothing = {.step = STR("Read the report of the case: it advises nothing."),
                                  .done.time_us = TIME_NONE};
    put_action(b, id, &nothing, next);
}

static void put_workflow(struct book *b)
{
    char start[ID_BYTES], id[ID_BYTES], next[ID_BYTES];
    make_id(b, "start", STR("playbook"), start);
    json_text(&b->j, "workflow_start", start);
    json_object(&b->j, "workflow");
    if (b->round.n)
        entry_of(b, 0, id);
    else
        make_id(b, "action", STR("nothing"), id);
    put_plain(&b->j, start, "start", id);
    if (!b->round.n) {
        the_end(b, next);
        put_nothing(b, id, next);
    }
    for (size_t i = 0; i < b->round.n && !b->s->rc; i++) {
        const struct round *s = &b->round.v[i];
        entry_of(b, i, id);
        entry_of(b, i + 1, next);
        if (s->parallel)
            put_branches(b, s, id, next);
        else
            put_row(b, s, s->from, next);
    }
    put_plain(&b->j, next, "end", NULL);
    json_end(&b->j);
}

/* ---- around them ---- */

/* Three decimals, as the standard asks; 1970 where there is no time. */
static void put_time(struct json *j, const char *key, int64_t time_us)
{
    char text[40];
    struct civil c = time_civil(time_printable(time_us) ? time_us : 0);
    (void)snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", c.year, c.month, c.day,
                   c.hour, c.minute, c.second, c.us / 1000);
    json_text(j, key, text);
}

static void put_head(struct book *b)
{
    char id[ID_BYTES];
    const struct report *r = b->r;
    struct json *j = &b->j;
    (void)snprintf(id, sizeof id, "playbook--%s", b->uuid);
    json_text(j, "type", "playbook");
    json_text(j, "spec_version", "cacao-2.0");
    json_text(j, "id", id);
    buf_reset(&b->tmp);
    buf_puts(&b->tmp, "Advice");
    for (size_t i = 0; i < r->n_dossiers && b->tmp.n < 200; i++) {
        buf_puts(&b->tmp, i ? "; " : ": ");
        buf_str(&b->tmp, r->dossier[i].title);
    }
    sentence(&b->tmp, "Case ", veil_text(&b->veil, r->name));
    json_str(j, "name", buf_view(&b->tmp));
    json_text(j, "description",
              "What to do, in order of time; each step says which servers it concerns. Every step "
              "is for people: nothing of it is carried out by a program.");
    json_array(j, "playbook_types");
    json_text(j, NULL, "investigation");
    json_text(j, NULL, "mitigation");
    json_text(j, NULL, "remediation");
    json_end(j);
    json_text(j, "created_by", b->identity);
    int64_t first_us = r->n_runs ? r->run[0].started_us : r->made_us;
    put_time(j, "created", first_us < r->made_us ? first_us : r->made_us);
    put_time(j, "modified", r->made_us);
    json_array(j, "labels");
    json_text(j, NULL, "tocsin");
    json_end(j);
}

static void put_activities(struct book *b)
{
    json_array(&b->j, "playbook_activities");
    for (size_t i = 0; i < ARRAY_LEN(activities); i++) {
        bool before = false;
        for (size_t k = 0; k < i; k++)
            before |= b->activity[k] && strcmp(activities[k].name, activities[i].name) == 0;
        if (b->activity[i] && !before)
            json_text(&b->j, NULL, activities[i].name);
    }
    json_end(&b->j);
}

static void put_agents(struct book *b)
{
    char id[ID_BYTES];
    json_object(&b->j, "agent_definitions");
    for (size_t i = 0; i < b->audience.n; i++) {
        struct str who = b->audience.v[i];
        agent_id(b, who, id);
        json_object(&b->j, id);
        json_text(&b->j, "type", who.n ? "group" : "organization");
        json_str(&b->j, "name", who.n ? who : STR("The organisation"));
        json_end(&b->j);
    }
    json_end(&b->j);
}

static void put_marking(struct json *j, enum tlp tlp)
{
    const char *id = markings[tlp];
    json_array(j, "markings");
    json_text(j, NULL, id);
    json_end(j);
    json_object(j, "data_marking_definitions");
    json_object(j, id);
    json_text(j, "type", "marking-tlp");
    json_text(j, "id", id);
    json_text(j, "created_by", "identity--5abe695c-7bd5-4c31-8824-2528696cdbf1");
    json_text(j, "created", "2022-10-01T00:00:00.000Z");
    json_text(j, "tlpv2_level", tlp_name(tlp));
    json_end(j);
    json_end(j);
}

static void put_tail(struct book *b)
{
    const enum tlp marking = report_mark(b->r);
    bool parallel = false;
    for (size_t i = 0; i < b->round.n; i++)
        parallel |= b->round.v[i].parallel;
    put_activities(b);
    json_object(&b->j, "playbook_processing_summary");
    json_bool(&b->j, "manual_playbook", true);
    json_bool(&b->j, "parallel_processing", parallel);
    json_bool(&b->j, "data_markings", marking != TLP_UNKNOWN);
    json_end(&b->j);
    put_agents(b);
    if (b->ref.n) {
        json_array(&b->j, "external_references");
        for (size_t i = 0; i < b->ref.n; i++)
            put_ref(b, &b->ref.v[i]);
        json_end(&b->j);
    }
    if (marking)
        put_marking(&b->j, marking);
}

enum err report_cacao_write(struct sink *s, const struct report *r, struct error *error)
{
    struct book b = {.s = s, .r = r};
    (void)error;
    json_init(&b.j, &s->out);
    buf_init(&b.tmp, SINK_MAX_BYTES);
    sticky(&b, veil_init(&b.veil, r));
    playbook_id(&b);
    find_rounds(&b);
    json_object(&b.j, NULL);
    put_head(&b);
    put_workflow(&b);
    put_tail(&b);
    json_end(&b.j);
    json_line(&b.j);
    sticky(&b, b.veil.rc ? b.veil.rc : b.j.rc ? b.j.rc : b.tmp.rc);
    if (b.rc && !s->rc)
        s->rc = b.rc;
    veil_done(&b.veil);
    vec_done(&b.round);
    vec_done(&b.audience);
    vec_done(&b.ref);
    buf_done(&b.tmp);
    return s->rc;
}
