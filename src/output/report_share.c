#include "output/report_share.h"

#include "base/ip.h"
#include "output/json_writer.h"
#include "output/roles.h"
#include "output/technique.h"

/* --- the case --- */

/* Whoever knows the recipe of identifiers could try names of hosts against them, if nothing went
 * into them that is told nowhere. */
void share_host_key(const struct share *s, struct str host, char ret_key[SHA256_HEX + 1])
{
    unsigned char digest[SHA256_BYTES];
    char small[512];
    size_t n = host.n < sizeof small ? host.n : sizeof small;
    if (n)
        ascii_lower_all(small, host.p, n);
    ret_key[0] = 0;
    if (hmac_sha256(s->report->key, str_make(small, n), digest) == OK)
        hex_of(digest, sizeof digest, ret_key);
}

static int64_t later(int64_t a, int64_t b)
{
    return time_printable(b) && (!time_printable(a) || b > a) ? b : a;
}

static int64_t changed_at(const struct report *r)
{
    int64_t at = TIME_NONE;
    for (size_t i = 0; i < r->n_runs; i++)
        at = later(at, r->run[i].ended_us);
    for (size_t i = 0; i < r->n_notes; i++)
        at = later(at, r->note[i].time_us);
    return time_printable(at) ? at : r->made_us;
}

bool share_alert(const struct share *s, const struct alert *a)
{
    const uint32_t *at = map_get(&s->said.at, str_of(a->id));
    return !at || !str_eq(s->report->note[*at].state, STR("false-positive"));
}

/* One's own scanner and what was only asked for are nothing that others should look for. */
static bool counts(const struct share *s, const struct finding *f)
{
    const struct note *n = said_of(&s->said, f);
    return !finding_aside(f) && !(n && note_sets_aside(n, f)) &&
           !str_starts(f->rule, STR("pivot:"));
}

/* --- folds --- */

static struct str keep(struct share *s, struct str text)
{
    struct str copy = text.p ? arena_str(&s->arena, text_head(text, SHARE_TEXT_BYTES)) : STR_NONE;
    if (text.p && !copy.p && !s->rc)
        s->rc = ERR_NOMEM;
    return copy;
}

static struct str client_of(struct share *s, const struct finding *veiled)
{
    struct str client = role_of(veiled, ROLE_CLIENT);
    return role_is_address(client) ? veil_address(&s->veil, client) : STR_NONE;
}

/* What may be told of an indicator share_indicator decides: dossiers may know it. */
static struct str rule_of(const struct finding *f, const struct finding *veiled)
{
    return str_starts(f->rule, STR("indicator:")) ? f->rule : veiled->rule;
}

static struct fold *fold_new(struct share *s, const struct finding *f, const struct finding *veiled,
                             struct str host_key, struct str client)
{
    struct fold *fold = arena_new(&s->arena, struct fold);
    enum err rc = fold ? vec_push(&s->fold, fold, UINT32_MAX) : ERR_NOMEM;
    if (rc) {
        s->rc = s->rc ? s->rc : rc;
        return NULL;
    }
    fold->rule = keep(s, rule_of(f, veiled));
    fold->title = keep(s, veiled->title);
    fold->dossier = keep(s, f->dossier);
    fold->host = host_key.n ? keep(s, host_key) : STR_NONE;
    fold->name = host_key.n ? keep(s, veil_host(&s->veil, f->host)) : STR_NONE;
    fold->client = client.p ? keep(s, client) : STR_NONE;
    fold->account = keep(s, veil_text(&s->veil, role_of(veiled, ROLE_ACCOUNT)));
    fold->first_us = fold->last_us = TIME_NONE;
    fold->technique.v = arena_new_n(&s->arena, struct str, f->technique.n + 1);
    for (size_t i = 0; fold->technique.v && i < f->technique.n; i++)
        if (technique_ok(f->technique.v[i]))
            fold->technique.v[fold->technique.n++] = keep(s, f->technique.v[i]);
    return fold;
}

/* The fold that a finding belongs to, made where there is none. */
static struct fold *fold_of(struct share *s, const struct finding *f, const struct finding *veiled)
{
    char host[SHA256_HEX + 1];
    struct str key = STR_NONE, client = client_of(s, veiled);
    share_host_key(s, f->host, host);
    for (int told = 2; told >= 0; told--) { /* rule, host and client; rule and host; the rule */
        buf_reset(&s->tmp);
        buf_str(&s->tmp, rule_of(f, veiled));
        buf_putc(&s->tmp, '\n');
        buf_puts(&s->tmp, told > 0 ? host : "");
        buf_putc(&s->tmp, '\n');
        buf_str(&s->tmp, told > 1 ? client : STR_NONE);
        key = buf_view(&s->tmp);
        const uint32_t *known = map_get(&s->index, key);
        if (known)
            return s->fold.v[*known];
        bool room = s->fold.n < (told > 1 ? SHARE_CLIENTS : SHARE_FOLDS);
        if (!room && told)
            continue;
        enum err rc = s->tmp.rc ? s->tmp.rc : map_put(&s->index, key, (uint32_t)s->fold.n);
        s->rc = s->rc ? s->rc : rc;
        return s->rc ? NULL
                     : fold_new(s, f, veiled, told > 0 ? str_of(host) : STR_NONE,
                                told > 1 ? client : STR_NONE);
    }
    return NULL;
}

static void add_request(struct share *s, struct fold *fold, const struct finding *veiled)
{
    struct share_request q = {role_of(veiled, ROLE_METHOD), text_head(finding_path(veiled), 1000),
                              text_head(role_of(veiled, ROLE_AGENT), 500)};
    if (fold->n_requests == SHARE_REQUESTS || !q.path.n)
        return;
    for (size_t i = 0; i < fold->n_requests; i++) {
        const struct share_request *had = &fold->request[i];
        if (str_eq(had->method, q.method) && str_eq(had->path, q.path) &&
            str_eq(had->agent, q.agent))
            return;
    }
    fold->request[fold->n_requests++] =
        (struct share_request){keep(s, q.method), keep(s, q.path), keep(s, q.agent)};
}

static enum err tell(void *ctx, const struct finding *f)
{
    struct share *s = ctx;
    if (!counts(s, f))
        return OK;
    const struct finding *veiled = veil_finding(&s->veil, f);
    struct fold *fold = veiled ? fold_of(s, f, veiled) : NULL;
    if (!fold)
        return s->rc ? s->rc : s->veil.rc ? s->veil.rc : ERR_NOMEM;
    fold->count = UINT64_MAX - fold->count > f->count ? fold->count + f->count : UINT64_MAX;
    fold->tlp = tlp_stricter(fold->tlp, f->tlp);
    fold->worst = f->grade > fold->worst ? f->grade : fold->worst;
    int64_t last_us = time_printable(f->last_us) ? f->last_us : f->time_us;
    if (time_printable(f->time_us) && (fold->first_us == TIME_NONE || f->time_us < fold->first_us))
        fold->first_us = f->time_us;
    fold->last_us = later(fold->last_us, last_us);
    add_request(s, fold, veiled);
    return s->rc;
}

/* Where not all clients can be told apart, those of the gravest findings are. */
static enum err fold_all(struct share *s, struct error *error)
{
    const struct report *r = s->report;
    for (size_t i = 0; i < r->n_findings && !s->rc; i++) {
        if (!r->each_finding) {
            TRY(tell(s, &r->finding[i]));
            continue;
        }
        const struct finding *veiled = veil_finding(&s->veil, &r->finding[i]);
        if (veiled && counts(s, &r->finding[i]))
            (void)fold_of(s, &r->finding[i], veiled);
    }
    if (s->rc || !r->each_finding)
        return s->rc;
    return r->each_finding(r, tell, s, error);
}

enum err share_open(struct share *s, const struct report *report, struct error *error)
{
    *s = (struct share){.report = report};
    arena_init(&s->arena, (size_t)1 << 30);
    map_init(&s->index, &s->arena, UINT32_MAX);
    buf_init(&s->tmp, 1 << 20);
    enum err rc = veil_init(&s->veil, report), said = said_init(&s->said, report);
    s->as_of_us = changed_at(report);
    rc = rc ? rc : said;
    rc = rc ? rc : fold_all(s, error);
    rc = rc ? rc : s->veil.rc;
    return rc < 0 && error && !error->text[0] ? fail(error, rc, "out of memory") : rc;
}

void share_close(struct share *s)
{
    veil_done(&s->veil);
    map_done(&s->index);
    said_done(&s->said);
    vec_done(&s->fold);
    buf_done(&s->tmp);
    arena_done(&s->arena);
}

/* --- what is behind findings --- */

const struct dossier *share_dossier(const struct share *s, struct str id)
{
    const struct report *r = s->report;
    for (size_t i = 0; id.n && i < r->n_dossiers; i++)
        if (str_eq(r->dossier[i].id, id))
            return &r->dossier[i];
    return NULL;
}

const struct sigma_rule *share_rule(const struct share *s, struct str rule,
                                    const struct dossier **ret_dossier)
{
    const struct report *r = s->report;
    for (size_t i = 0; i < r->n_dossiers; i++) {
        const struct dossier *d = &r->dossier[i];
        for (size_t k = 0; k < d->n_rules; k++) {
            struct str id = d->rule[k].id.n ? d->rule[k].id : d->rule[k].title;
            if (id.n && str_eq(id, rule)) {
                *ret_dossier = d;
                return &d->rule[k];
            }
        }
    }
    return NULL;
}

static const struct indicator *known(const struct share *s, const struct share_indicator *i)
{
    const struct report *r = s->report;
    for (size_t k = 0; k < r->n_dossiers; k++)
        for (size_t n = 0; n < r->dossier[k].n_indicators; n++) {
            const struct indicator *v = &r->dossier[k].indicator[n];
            if (v->type == i->type && str_eq(v->value, i->value))
                return v;
        }
    return NULL;
}

bool share_indicator(const struct share *s, const struct fold *f, struct share_indicator *ret)
{
    static const char *const words[] = {
        [INDICATOR_ADDRESS] = "address", [INDICATOR_DOMAIN] = "domain", [INDICATOR_URL] = "url",
        [INDICATOR_NAME] = "name",       [INDICATOR_AGENT] = "agent",   [INDICATOR_HASH] = "hash",
        [INDICATOR_TEXT] = "text",
    };
    struct str rest = f->rule, word;
    *ret = (struct share_indicator){0};
    if (!str_cut(&rest, ':', &word) || !str_eq(word, STR("indicator")) ||
        !str_cut(&rest, ':', &word) || !rest.n)
        return false;
    size_t type = 0;
    while (type < ARRAY_LEN(words) && !str_eq(word, str_of(words[type])))
        type++;
    if (type == ARRAY_LEN(words))
        return false;
    ret->type = (enum indicator_type)type;
    ret->value = rest;
    ret->known = known(s, ret);
    if (s->veil.lifted || ret->known)
        return true;
    if (ret->type == INDICATOR_ADDRESS)
        return veil_address(&s->veil, ret->value).p != NULL;
    return ret->type == INDICATOR_HASH;
}

const char *share_indicator_kind(const struct share_indicator *i)
{
    struct ip_net net;
    switch (i->type) {
    case INDICATOR_ADDRESS:
        if (!ip_net_parse(i->value, &net))
            return NULL;
        return ip_is4(net.first) && net.bits >= 96 ? "ipv4" : "ipv6";
    case INDICATOR_DOMAIN: return "domain";
    case INDICATOR_NAME: return "file";
    case INDICATOR_HASH: return i->value.n == 32 ? "md5" : i->value.n == 40 ? "sha1" : "sha256";
    case INDICATOR_URL: return "url";
    default: return NULL;
    }
}

enum tlp share_mark(const struct share *s, const struct fold *f)
{
    return tlp_stricter(s->report->sharing.tlp, f->tlp);
}

bool share_tells(const struct share *s, const struct fold *f)
{
    struct share_indicator i;
    return f->count > 0 && (share_indicator(s, f, &i) || !str_starts(f->rule, STR("indicator:")));
}

/* --- verdicts --- */

static void put_day(struct buf *b, const char *before, int64_t time_us)
{
    char text[32];
    if (!time_printable(time_us))
        return;
    buf_puts(b, before);
    buf_puts(b, time_short(time_us, false, text));
}

void share_verdict(const struct share *s, struct buf *b, const struct judgement *j)
{
    const struct verdict *v = &j->verdict;
    static const char *const words[] = {
        [VERDICT_NO_SIGN] = "No sign in what was examined",
        [VERDICT_NOT_ENOUGH_EVIDENCE] = "Not enough evidence",
        [VERDICT_ATTEMPTED] = "Attempted",
        [VERDICT_EXPLOITED_UNCONFIRMED] = "Exploited, unconfirmed",
        [VERDICT_COMPROMISED] = "Compromised",
    };
    const struct dossier *d = share_dossier(s, v->dossier);
    buf_puts(b, words[v->state]);
    if (d) {
        buf_puts(b, ": ");
        buf_str(b, d->title.n ? d->title : d->id);
    }
    buf_puts(b, ".");
    put_day(b, " Examined from ", v->first_us);
    put_day(b, " to ", v->last_us);
    if (v->window_share >= 0 && v->window_share <= 1 && d)
        buf_printf(b, ", %u %% of the window of the affair", (unsigned)(v->window_share * 100));
    if (time_printable(v->first_us) || d)
        buf_putc(b, '.');
    put_day(b, " Earliest sign: ", j->earliest_us);
    if (time_printable(j->earliest_us))
        buf_putc(b, '.');
    put_day(b, " Fixed since ", v->fixed_since_us);
    if (time_printable(v->fixed_since_us))
        buf_putc(b, '.');
    struct str why = veil_text(&s->veil, j->sentence.n ? j->sentence : v->because);
    if (why.n) {
        buf_putc(b, ' ');
        buf_str(b, why);
    }
}
