#include "scan/judge.h"

#include "base/hash.h"
#include "base/ip.h"
#include "base/limits.h"

#include <inttypes.h>
#include <stdlib.h>

/* A hit with its key: what makes two hits the same finding. */
struct keyed {
    const struct hit *hit;
    const struct scan_rule *rule;
    const struct file_fact *file;
    uint32_t host;
    struct str fold; /* target, then the values of the fold fields */
};

/* What a strong indicator proves, on request logs and elsewhere. */
static const struct {
    enum grade web, other;
} indicator_grades[] = {
    [INDICATOR_ADDRESS] = {GRADE_ATTEMPT, GRADE_ATTEMPT},
    [INDICATOR_DOMAIN] = {GRADE_ATTEMPT, GRADE_ATTEMPT},
    [INDICATOR_URL] = {GRADE_ATTEMPT, GRADE_PROGRESSED},
    [INDICATOR_NAME] = {GRADE_ATTEMPT, GRADE_PROGRESSED},
    [INDICATOR_AGENT] = {GRADE_ATTEMPT, GRADE_ATTEMPT},
    [INDICATOR_HASH] = {GRADE_ATTEMPT, GRADE_PROGRESSED},
    [INDICATOR_TEXT] = {GRADE_ATTEMPT, GRADE_PROGRESSED},
};

bool address_private(struct str address)
{
    struct ip ip;
    return ip_parse_log(address, &ip, NULL) && ip_is_internal(ip);
}

static struct str fold_value(const struct hit *h, struct str name)
{
    for (uint32_t i = 0; i < h->n_fields; i++)
        if (str_ieq(h->field[i].name, name))
            return h->field[i].value;
    for (int r = 0; r < ROLE_COUNT; r++)
        if (str_ieq(str_of(role_name((enum role)r)), name))
            return h->role[r];
    return STR_NONE;
}

static void key_part(struct buf *b, struct str s)
{
    buf_u64(b, s.n);
    buf_putc(b, ':');
    for (size_t i = 0; i < s.n; i++)
        buf_putc(b, (char)ascii_lower((unsigned char)s.p[i]));
}

/* A file may hold rows of several logs. */
static struct str hit_kind(const struct keyed *k)
{
    return k->hit->kind.p ? k->hit->kind : k->file->kind;
}

static enum err fold_key(struct trial *t, struct buf *b, struct keyed *k)
{
    const struct str_list *fold = &k->rule->meta.fold;
    buf_reset(b);
    key_part(b, k->hit->target);
    for (size_t i = 0; i < fold->n; i++)
        key_part(b, fold_value(k->hit, fold->v[i]));
    if (!fold->n) {
        key_part(b, k->hit->role[ROLE_CLIENT]);
        key_part(b, k->hit->role[ROLE_STEM]);
    }
    /* Whatever finds it, each is told. */
    if (str_eq(hit_kind(k), STR(KIND_FILE)))
        key_part(b, fold_value(k->hit, STR("TargetFilename")));
    else if (kind_is_state(hit_kind(k)))
        key_part(b, k->file->path);
    if (k->rule->meta.each_row)
        buf_printf(b, "%s@%" PRIu64, k->file->path.p, k->hit->offset);
    if (k->hit->made) /* a burst is a finding of its own */
        buf_add(b, k->hit->raw_sha256, sizeof k->hit->raw_sha256);
    if (b->rc)
        return b->rc;
    k->fold = arena_str(t->arena, buf_view(b));
    return k->fold.p ? OK : ERR_NOMEM;
}

static int order_i64(int64_t a, int64_t b)
{
    return a < b ? -1 : a > b;
}

/* Unknown times come last. */
static int order_time(int64_t a, int64_t b)
{
    if (a == TIME_NONE || b == TIME_NONE)
        return (a == TIME_NONE) - (b == TIME_NONE);
    return order_i64(a, b);
}

static int same_finding(const struct keyed *x, const struct keyed *y)
{
    int c = order_i64(x->hit->rule, y->hit->rule);
    if (!c)
        c = order_i64(x->host, y->host);
    if (!c)
        c = str_cmp(hit_kind(x), hit_kind(y));
    if (!c)
        c = x->hit->overflow - y->hit->overflow;
    if (!c) /* what is left of a log proves less than what stands in it */
        c = x->hit->carved - y->hit->carved;
    return c ? c : str_cmp(x->fold, y->fold);
}

static int keyed_order(const void *a, const void *b)
{
    const struct keyed *x = a, *y = b;
    int c = same_finding(x, y);
    if (!c && x->hit->weight != y->hit->weight)
        c = x->hit->weight > y->hit->weight ? -1 : 1;
    if (!c)
        c = order_time(x->hit->first_us, y->hit->first_us);
    if (!c)
        c = str_cmp(x->file->path, y->file->path);
    if (!c)
        c = x->hit->offset < y->hit->offset ? -1 : x->hit->offset > y->hit->offset;
    if (!c)
        c = memcmp(x->hit->raw_sha256, y->hit->raw_sha256, sizeof x->hit->raw_sha256);
    return c ? c : x->hit->count < y->hit->count ? -1 : x->hit->count > y->hit->count;
}

/* The same record, from a file that was supplied twice. */
static bool same_evidence(const struct keyed *x, const struct keyed *y)
{
    return x->hit->offset == y->hit->offset && x->hit->count == y->hit->count &&
           x->hit->first_us == y->hit->first_us && x->hit->last_us == y->hit->last_us &&
           x->file->sha256[0] && strcmp(x->file->sha256, y->file->sha256) == 0 &&
           memcmp(x->hit->raw_sha256, y->hit->raw_sha256, sizeof x->hit->raw_sha256) == 0;
}

static bool dropped(const struct trial *t, const struct keyed *k)
{
    return k->rule->meta.public_clients && !k->hit->overflow && !t->host[k->host].balancer &&
           address_private(k->hit->role[ROLE_CLIENT]);
}

static enum err key_hits(struct trial *t, struct keyed *v, size_t *ret_n)
{
    const struct facts *f = t->facts;
    struct buf b;
    enum err rc = OK;
    buf_init(&b, LIMIT_IPC_MESSAGE_BYTES * 4);
    for (size_t i = 0; i < f->n_hits && !rc; i++) {
        const struct hit *h = &f->hit[i];
        struct keyed *k = &v[*ret_n];
        if (h->rule >= f->n_rules || h->file >= f->n_files) {
            rc = ERR_BUG;
            break;
        }
        *k = (struct keyed){.hit = h, .rule = &f->rule[h->rule], .file = &f->file[h->file]};
        struct str key = lower_copy(t->arena, h->host);
        const uint32_t *host = key.p ? map_get(&t->host_by_key, key) : NULL;
        if (!host) {
            rc = key.p ? ERR_BUG : ERR_NOMEM;
            break;
        }
        k->host = *host;
        if (dropped(t, k))
            continue;
        rc = fold_key(t, &b, k);
        ++*ret_n;
    }
    buf_done(&b);
    if (*ret_n)
        qsort(v, *ret_n, sizeof *v, keyed_order);
    return rc;
}

static enum err finding_id(const struct sign *s, char ret_hex[65])
{
    unsigned char digest[SHA256_BYTES];
    struct sha256 h;
    TRY(sha256_init(&h));
    sha256_add(&h, s->f.rule.p ? s->f.rule.p : "", s->f.rule.n);
    sha256_add(&h, "", 1);
    sha256_add(&h, s->f.host.p ? s->f.host.p : "", s->f.host.n);
    sha256_add(&h, "", 1);
    sha256_add(&h, s->f.kind.p ? s->f.kind.p : "", s->f.kind.n);
    sha256_add(&h, "", 1);
    sha256_add(&h, s->hit->raw_sha256, sizeof s->hit->raw_sha256);
    if (s->hit->overflow)
        sha256_add(&h, "more", 4);
    sha256_end(&h, digest);
    sha256_done(&h);
    hex_of(digest, sizeof digest, ret_hex);
    return OK;
}

static uint32_t dossier_index(const struct facts *f, const struct scan_rule *r)
{
    struct str id = r->dossier ? r->dossier->id : r->indicator ? r->indicator->dossier : STR_NONE;
    for (size_t i = 0; id.p && i < f->n_dossiers; i++)
        if (str_eq(f->dossier[i].id, id))
            return (uint32_t)i;
    return NO_DOSSIER;
}

static enum err fill_events(struct trial *t, const struct hit *h, struct finding *f)
{
    if (!h->n_made)
        return OK;
    f->made = arena_new_n(t->arena, struct finding_event, h->n_made);
    if (!f->made)
        return ERR_NOMEM;
    for (uint32_t i = 0; i < h->n_made; i++) {
        const struct hit_event *e = &h->made[i];
        f->made[f->n_made++] = (struct finding_event){.time_us = e->time_us,
                                                      .rule = t->facts->rule[e->rule].id,
                                                      .title = t->facts->rule[e->rule].title,
                                                      .host = e->host,
                                                      .file = t->facts->file[e->file].path,
                                                      .line = e->event ? 0 : e->line,
                                                      .record = e->event ? e->line : 0,
                                                      .offset = e->offset,
                                                      .carved = e->carved};
    }
    return OK;
}

static enum err fill_finding(struct trial *t, const struct keyed *k, struct sign *s)
{
    const struct hit *h = k->hit;
    const struct scan_rule *r = k->rule;
    struct finding *f = &s->f;
    *f = (struct finding){.time_us = h->first_us,
                          .last_us = h->last_us,
                          .host = t->host[k->host].name,
                          .kind = hit_kind(k),
                          .rule = r->id,
                          .title = r->title,
                          .grade = r->meta.grade,
                          .level = r->level,
                          .technique = r->technique,
                          .count = h->count,
                          .pivot = h->pivot,
                          .several_clients = h->several_clients,
                          .file = k->file->path,
                          .line = h->event ? 0 : h->line,
                          .record = h->event ? h->line : 0,
                          .carved = h->carved,
                          .offset = h->offset,
                          .evidence = h->evidence,
                          .line_bytes = h->line_bytes,
                          .n_fields = h->n_fields < FACT_FIELDS ? h->n_fields : FACT_FIELDS,
                          .meaning = r->meta.meaning,
                          .next = r->meta.next};
    if (s->dossier != NO_DOSSIER)
        f->dossier = t->facts->dossier[s->dossier].id;
    if (r->indicator) {
        f->tlp = r->indicator->tlp;
        f->meaning = f->meaning.p ? f->meaning : r->indicator->note;
    }
    memcpy(f->sha256, k->file->sha256, sizeof f->sha256);
    f->field = arena_new_n(t->arena, struct named_value, f->n_fields + 1);
    if (!f->field)
        return ERR_NOMEM;
    memcpy(f->field, h->field, f->n_fields * sizeof *f->field);
    for (uint32_t i = 0; i < h->n_marks && f->n_marks < ARRAY_LEN(f->mark); i++, f->n_marks++) {
        f->mark[f->n_marks].from = h->mark[i].from;
        f->mark[f->n_marks].to = h->mark[i].to;
    }
    TRY(fill_events(t, h, f));
    return finding_id(s, f->id);
}

/* The host that the record aimed at, unless it is the one that logged it. */
static enum err fill_target(struct trial *t, struct sign *s)
{
    const struct host *own = &t->host[s->host];
    struct str name;
    if (!s->hit->target.n)
        return OK;
    TRY(target_short(t->arena, s->hit->target, &name, &s->target_key));
    if (!s->target_key.p)
        return OK;
    if (str_eq(s->target_key, own->short_key)) {
        s->f.target_host = own->name;
        s->target_key = STR_NONE;
        return OK;
    }
    s->f.target_host = name;
    return OK;
}

static bool in_time(const struct indicator *i, const struct finding *f)
{
    if (f->time_us == TIME_NONE)
        return true;
    return (i->from_us == TIME_NONE || f->last_us >= i->from_us) &&
           (i->until_us == TIME_NONE || f->time_us <= i->until_us);
}

static void weigh_indicator(struct sign *s, bool web)
{
    const struct indicator *i = s->rule->indicator;
    s->f.grade = web ? indicator_grades[i->type].web : indicator_grades[i->type].other;
    if (i->weak) {
        s->f.grade = GRADE_WEAK;
    } else if (!in_time(i, &s->f)) {
        s->f.grade = GRADE_WEAK;
        s->f.note = STR("outside the time in which the indicator was used");
    }
}

/* What the hit by itself is worth. */
static void weigh(struct sign *s, bool own_scanner)
{
    const struct rule_meta *m = &s->rule->meta;
    bool web = kind_policy(s->f.kind)->web;
    enum grade cap = web ? GRADE_ATTEMPT : GRADE_PROGRESSED;
    if (s->rule->indicator)
        weigh_indicator(s, web);
    else if (!m->graded && s->f.grade > cap)
        s->f.grade = cap;
    s->decides = true;
    if (s->rule->dossier && s->rule->dossier->draft) {
        s->decides = false;
        s->f.grade = GRADE_WEAK;
        s->f.note = STR("from a draft made of posts, which nobody has checked");
    } else if (m->each_row) {
        s->decides = false;
        s->f.note = STR("asked for with --pivot");
    } else if (m->foreign_shell) {
        s->decides = false;
        s->f.note = STR("looks for other people's shells");
    } else if (own_scanner && s->f.grade <= GRADE_ATTEMPT) {
        s->decides = false;
        s->f.note = STR("own scanner");
    }
}

/* Request ids of the owner's scanner: behind a balancer one log names the scanner, the other the
 * balancer. */
static struct str request_key(struct buf *b, struct str host, uint64_t request)
{
    buf_reset(b);
    buf_u64(b, request);
    buf_putc(b, ' ');
    for (size_t i = 0; i < host.n; i++)
        buf_putc(b, (char)ascii_lower((unsigned char)host.p[i]));
    return buf_view(b);
}

static enum err own_requests(struct trial *t)
{
    struct buf b;
    enum err rc = OK;
    buf_init(&b, LIMIT_IPC_MESSAGE_BYTES);
    for (size_t i = 0; i < t->facts->n_hits && !rc; i++) {
        const struct hit *h = &t->facts->hit[i];
        for (uint32_t k = 0; h->own_scanner && k < h->requests.n && !rc; k++)
            rc = map_put(&t->own_request, request_key(&b, h->host, h->requests.v[k]), 1);
    }
    rc = rc ? rc : b.rc;
    buf_done(&b);
    return rc;
}

bool hit_is_own(const struct trial *t, const struct hit *h)
{
    bool own = h->requests.n && !h->requests.more && !h->overflow;
    struct buf b;
    if (h->own_scanner || !own)
        return h->own_scanner;
    buf_init(&b, LIMIT_IPC_MESSAGE_BYTES);
    for (uint32_t k = 0; k < h->requests.n && own; k++)
        own = map_get(&t->own_request, request_key(&b, h->host, h->requests.v[k])) != NULL;
    buf_done(&b);
    return own && h->requests.n == h->count; /* rows without an id are nobody's */
}

static void merge_hit(const struct trial *t, struct sign *s, const struct hit *h, bool *own_scanner)
{
    s->f.count += h->count;
    few_merge(&s->hours, &h->hours);
    few_merge(&s->requests, &h->requests);
    s->f.several_clients |=
        h->several_clients || !str_eq(h->role[ROLE_CLIENT], s->hit->role[ROLE_CLIENT]);
    if (h->last_us != TIME_NONE && h->last_us > s->f.last_us)
        s->f.last_us = h->last_us;
    *own_scanner = *own_scanner && hit_is_own(t, h);
    /* "none found" outweighs "nobody looked", which outweighs "found". */
    if (!h->front_request || (h->front_request < 0 && s->front_request > 0))
        s->front_request = h->front_request;
}

static enum err make_sign(struct trial *t, const struct keyed *k, size_t n, struct sign *s)
{
    bool own_scanner = hit_is_own(t, k->hit);
    *s = (struct sign){.hit = k->hit,
                       .rule = k->rule,
                       .host = k->host,
                       .target = NO_HOST,
                       .hours = k->hit->hours,
                       .requests = k->hit->requests,
                       .front_request = k->hit->front_request,
                       .dossier = dossier_index(t->facts, k->rule)};
    TRY(fill_finding(t, k, s));
    TRY(fill_target(t, s));
    for (size_t i = 1; i < n; i++)
        if (!same_evidence(&k[i - 1], &k[i]))
            merge_hit(t, s, k[i].hit, &own_scanner);
    weigh(s, own_scanner);
    t->overflow_rows += k->hit->overflow ? s->f.count : 0;
    return OK;
}

enum err trial_signs(struct trial *t)
{
    struct keyed *v = arena_new_n(t->arena, struct keyed, t->facts->n_hits + 1);
    size_t n = 0;
    if (!v)
        return ERR_NOMEM;
    TRY(own_requests(t));
    TRY(key_hits(t, v, &n));
    for (size_t i = 0; i < n; i++)
        t->n_signs += !i || same_finding(&v[i - 1], &v[i]) != 0;
    t->sign = arena_new_n(t->arena, struct sign, t->n_signs + 1);
    if (!t->sign)
        return ERR_NOMEM;
    t->n_signs = 0;
    for (size_t i = 0, to; i < n; i = to) {
        for (to = i + 1; to < n && same_finding(&v[i], &v[to]) == 0;)
            to++;
        TRY(make_sign(t, v + i, to - i, &t->sign[t->n_signs++]));
    }
    return OK;
}
