#include "output/veiled.h"

enum { SAID_BYTES = 256 * 1024 * 1024 };

enum err said_init(struct said *s, const struct report *r)
{
    enum err rc = OK;
    *s = (struct said){.report = r};
    arena_init(&s->arena, SAID_BYTES);
    map_init(&s->at, &s->arena, r->n_notes + 1);
    for (size_t i = 0; !rc && i < r->n_notes && i < UINT32_MAX; i++)
        if (r->note[i].state.n && r->note[i].about.n)
            rc = map_put(&s->at, r->note[i].about, (uint32_t)i);
    return rc;
}

void said_done(struct said *s)
{
    map_done(&s->at);
    arena_done(&s->arena);
}

const struct note *said_of(const struct said *s, const struct finding *f)
{
    const uint32_t *at = map_get(&s->at, str_of(f->id));
    return at ? &s->report->note[*at] : NULL;
}

struct finding veiled_finding(struct veil *v, const struct said *s, const struct finding *f)
{
    static const char *const states[] = {"false-positive", "own-scanner", "confirmed"};
    const struct note *n = said_of(s, f);
    struct finding copy = *veil_finding(v, f);
    for (size_t i = 0; n && i < ARRAY_LEN(states); i++)
        if (str_eq(n->state, str_of(states[i])))
            copy.note = str_of(states[i]);
    return copy;
}

struct verdict veiled_verdict(struct veil *v, const struct verdict *x)
{
    struct verdict copy = *x;
    copy.host = veil_host(v, x->host);
    copy.because = veil_text(v, x->because);
    copy.next_evidence = veil_text(v, x->next_evidence);
    return copy;
}

struct coverage veiled_coverage(struct veil *v, const struct coverage *c)
{
    struct coverage copy = *c;
    copy.host = veil_host(v, c->host);
    if (v->lifted)
        return copy;
    arena_reset(&v->body);
    copy.not_tested = (struct str_list){arena_new_n(&v->body, struct str, c->not_tested.n + 1), 0};
    if (!copy.not_tested.v)
        v->rc = ERR_NOMEM;
    for (size_t i = 0; copy.not_tested.v && i < c->not_tested.n; i++)
        copy.not_tested.v[copy.not_tested.n++] = veil_title(v, STR_NONE, c->not_tested.v[i]);
    return copy;
}

struct gap veiled_gap(struct veil *v, const struct gap *g)
{
    struct gap copy = *g;
    copy.host = veil_host(v, g->host);
    copy.file = veil_text(v, g->file);
    copy.detail = veil_text(v, g->detail);
    return copy;
}

struct evidence_file veiled_evidence(struct veil *v, const struct evidence_file *e)
{
    struct evidence_file copy = *e;
    copy.host = veil_host(v, e->host);
    copy.file = veil_text(v, e->file);
    return copy;
}

/* What passes of a list of clients. */
static struct str_list addresses(struct veil *v, const struct str_list *list)
{
    struct str_list ret = {arena_new_n(&v->body, struct str, list->n + 1), 0};
    if (!ret.v) {
        v->rc = ERR_NOMEM;
        return (struct str_list){NULL, 0};
    }
    for (size_t i = 0; i < list->n; i++) {
        ret.v[ret.n] = veil_address(v, list->v[i]);
        ret.n += ret.v[ret.n].p != NULL;
    }
    return ret;
}

struct episode veiled_episode(struct veil *v, const struct episode *e)
{
    struct episode copy = *e;
    if (v->lifted)
        return copy;
    arena_reset(&v->body);
    copy.host = veil_host(v, e->host);
    copy.clients = addresses(v, &e->clients);
    copy.accounts = copy.mailboxes = (struct str_list){NULL, 0};
    return copy;
}

struct exposure veiled_exposure(struct veil *v, const struct exposure *e)
{
    struct exposure copy = *e;
    copy.host = veil_host(v, e->host);
    copy.site = veil_text(v, e->site);
    copy.owner = veil_text(v, e->owner);
    copy.file = veil_text(v, e->file);
    copy.because = veil_text(v, e->because);
    copy.accepted_by = veil_text(v, e->accepted_by);
    copy.accepted_why = veil_text(v, e->accepted_why);
    if (!v->lifted)
        copy.line = 0;
    return copy;
}

bool veiled_share(const struct veil *v, const struct exposure_share *s)
{
    struct str part = str_of(s->part);
    return v->lifted || (!str_eq(part, STR("site")) && !str_eq(part, STR("owner")));
}

struct exposure_window veiled_window(struct veil *v, const struct exposure_window *x)
{
    struct exposure_window copy = *x;
    copy.host = veil_host(v, x->host);
    copy.because = veil_text(v, x->because);
    return copy;
}

struct exposure_update veiled_update(struct veil *v, const struct exposure_update *u)
{
    struct exposure_update copy = *u;
    copy.host = veil_host(v, u->host);
    copy.site = veil_text(v, u->site);
    copy.owner = veil_text(v, u->owner);
    return copy;
}

/* Posts are public, but what they say may be of the victim. */
struct alert veiled_alert(struct veil *v, const struct alert *a)
{
    struct alert copy = *a;
    if (v->lifted)
        return copy;
    arena_reset(&v->body);
    copy.customer = STR_NONE;
    copy.asset = (struct str_list){NULL, 0};
    copy.post = arena_new_n(&v->body, struct alert_post, a->n_posts + 1);
    if (!copy.post) {
        v->rc = ERR_NOMEM;
        copy.n_posts = 0;
    }
    for (size_t i = 0; i < copy.n_posts; i++) {
        copy.post[i] = a->post[i];
        copy.post[i].snippet = STR_NONE;
    }
    return copy;
}

static bool is_id(const struct veil *v, struct str s)
{
    size_t i = 0;
    while (i < s.n && ascii_hex((unsigned char)s.p[i]) >= 0)
        i++;
    if (i == s.n && s.n == 64)
        return true;
    for (i = 0; i < v->report->n_advice; i++)
        if (str_eq(v->report->advice[i].id, s))
            return true;
    return false;
}

static struct str about(struct veil *v, struct str s)
{
    if (v->lifted || is_id(v, s))
        return s;
    for (size_t i = 0; i < v->report->n_judgements; i++)
        if (str_ieq(v->report->judgement[i].verdict.host, s))
            return veil_host(v, s);
    return STR_NONE;
}

/* An alert's event names the assets that it concerns; its title does not. */
static struct str title_of(const struct veil *v, struct str id)
{
    for (size_t i = 0; i < v->report->n_alerts; i++)
        if (str_eq(id, str_of(v->report->alert[i].id)))
            return v->report->alert[i].title;
    return STR_NONE;
}

struct event veiled_event(struct veil *v, const struct event *e)
{
    /* Made of titles of rules, kinds of logs, names of CVEs and affairs, or printed in public. */
    static const char *const plain[] = {"finding",       "exposure",    "logs-begin", "logs-end",
                                        "silence-begin", "silence-end", "public"};
    static const char *const sourced[] = {"alert", "exposure", "public"};
    struct event copy = *e;
    bool said = false, from = false;
    if (v->lifted)
        return copy;
    for (size_t i = 0; i < ARRAY_LEN(plain); i++)
        said |= str_eq(e->kind, str_of(plain[i]));
    for (size_t i = 0; i < ARRAY_LEN(sourced); i++)
        from |= str_eq(e->kind, str_of(sourced[i]));
    struct str title = str_eq(e->kind, STR("alert")) ? title_of(v, e->ref) : STR_NONE;
    copy.host = veil_host(v, e->host);
    copy.message = said ? e->message : title.n ? title : e->kind;
    if (str_eq(e->kind, STR("finding")))
        copy.message = veil_title(v, e->dossier, e->message);
    copy.source = from ? e->source : STR_NONE;
    copy.ref = about(v, e->ref);
    return copy;
}

struct note veiled_note(struct veil *v, const struct note *n)
{
    struct note copy = *n;
    copy.about = about(v, n->about);
    copy.who = veil_text(v, n->who);
    copy.why = veil_text(v, n->why);
    return copy;
}
