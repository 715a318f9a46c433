#include "scan/correlate_burst.h"

#include "base/hash.h"
#include "base/limits.h"

enum { MAX_BUCKETS = 4096, ELSEWHERE = 0xff };

void finds_init(struct finds *f, struct arena *arena, const struct correlations *all,
                const struct scan_rule *rule)
{
    *f = (struct finds){.arena = arena, .all = all, .rule = rule};
    map_init(&f->bucket_of, arena, MAX_BUCKETS);
}

void finds_done(struct finds *f)
{
    map_done(&f->bucket_of);
    vec_done(&f->hit);
    vec_done(&f->bucket);
}

void burst_open(struct burst *b)
{
    b->open = true;
    b->n = b->elsewhere = 0;
    b->n_hosts = 0;
    b->valued = false;
}

void burst_note(struct burst *b, const struct window *w, bool grows)
{
    long double value;
    uint64_t times;
    if (!window_value(w, &value, &times))
        return;
    value /= 1000000 * (long double)times;
    if (!b->valued || (grows && value > b->peak))
        b->peak = value;
    b->valued = true;
}

static void note_host(struct burst_host *h, const struct event *e)
{
    struct str client = str_make(h->client, h->n_client);
    if (!h->n++) {
        h->first_us = e->time_us;
        h->file = e->file;
        h->line = e->line;
        h->offset = e->offset;
        h->event = e->flags & EVENT_NUMBERED;
        h->carved = e->flags & EVENT_CARVED;
        h->n_client = (uint8_t)(e->client.n < sizeof h->client ? e->client.n : sizeof h->client);
        if (h->n_client)
            memcpy(h->client, e->client.p, h->n_client);
    } else {
        h->several |= !str_eq(client, str_sub(e->client, 0, sizeof h->client));
    }
    h->last_us = e->time_us;
    h->own &= e->flags & EVENT_OWN;
    few_add(&h->hours, few_of_hour(time_hour(e->time_us)));
}

static uint8_t host_of(struct burst *b, struct str name)
{
    name = str_sub(name, 0, CORRELATE_HOST_BYTES);
    for (size_t i = 0; i < b->n_hosts; i++)
        if (str_ieq(str_make(b->host[i].name, b->host[i].n_name), name))
            return (uint8_t)i;
    if (b->n_hosts == CORRELATE_HOSTS)
        return ELSEWHERE;
    struct burst_host *h = &b->host[b->n_hosts];
    *h = (struct burst_host){.n_name = (uint8_t)name.n, .own = true};
    if (name.n)
        memcpy(h->name, name.p, name.n);
    return (uint8_t)b->n_hosts++;
}

void burst_add(struct burst *b, const struct event *e, struct str host)
{
    uint8_t of = host_of(b, host);
    struct burst_event v = {e->time_us,
                            e->file,
                            e->line,
                            e->offset,
                            e->member,
                            of,
                            e->flags & EVENT_NUMBERED,
                            e->flags & EVENT_CARVED};
    if (b->n < CORRELATE_LISTED)
        b->head[b->n] = v;
    else
        b->tail[b->n % CORRELATE_LISTED] = v;
    b->n++;
    if (of == ELSEWHERE)
        b->elsewhere++;
    else
        note_host(&b->host[of], e);
}

/* The first events and the last ones, in their order. */
static enum err list_events(const struct burst *b, const struct correlation *c, struct finds *f,
                            const struct hit_event **ret, uint32_t *ret_n)
{
    struct str host[CORRELATE_HOSTS] = {STR_NONE};
    uint64_t n = b->n < 2 * CORRELATE_LISTED ? b->n : 2 * CORRELATE_LISTED;
    struct hit_event *list = arena_new_n(f->arena, struct hit_event, (size_t)n + 1);
    if (!list)
        return ERR_NOMEM;
    for (uint64_t i = 0; i < n; i++) {
        uint64_t at = i < CORRELATE_LISTED ? i : b->n - n + i;
        const struct burst_event *e =
            i < CORRELATE_LISTED ? &b->head[at] : &b->tail[at % CORRELATE_LISTED];
        if (e->host != ELSEWHERE && !host[e->host].p) {
            const struct burst_host *h = &b->host[e->host];
            host[e->host] = arena_str(f->arena, str_make(h->name, h->n_name));
            if (!host[e->host].p)
                return ERR_NOMEM;
        }
        list[i] = (struct hit_event){.time_us = e->time_us,
                                     .rule = c->part[e->member].rule,
                                     .file = e->file,
                                     .line = e->line,
                                     .offset = e->offset,
                                     .event = e->event,
                                     .carved = e->carved,
                                     .host = e->host == ELSEWHERE ? STR_NONE : host[e->host]};
    }
    *ret = list;
    *ret_n = (uint32_t)n;
    return OK;
}

static enum err add_field(struct finds *f, struct hit *h, struct str name, struct str value)
{
    struct named_value *v = &h->field[h->n_fields];
    if (h->n_fields == FACT_FIELDS)
        return OK;
    v->name = name;
    v->value = value.p ? arena_str(f->arena, value) : value;
    h->n_fields++;
    return value.p && !v->value.p ? ERR_NOMEM : OK;
}

static enum err add_number(struct finds *f, struct hit *h, struct str name, long double number)
{
    char text[64];
    (void)snprintf(text, sizeof text, "%.15Lg", number);
    return add_field(f, h, name, str_of(text));
}

/* "value_count cs-username": 12 */
static enum err add_peak(struct finds *f, struct hit *h, const struct correlation *c,
                         long double number)
{
    struct buf name;
    buf_init(&name, 4096);
    buf_str(&name, c->def->type_name);
    for (size_t i = 0; i < c->def->n_fields; i++) {
        buf_putc(&name, ' ');
        buf_str(&name, str_sub(c->def->fields[i], 0, 100));
    }
    struct str key = name.rc ? STR_NONE : arena_str(f->arena, buf_view(&name));
    buf_done(&name);
    return key.p ? add_number(f, h, key, number) : ERR_NOMEM;
}

static enum err add_fields(const struct burst *b, const struct correlation *c, struct str group,
                           struct finds *f, struct hit *h)
{
    struct str value;
    for (size_t i = 0; i < c->def->n_group_by && values_next(&group, &value); i++)
        TRY(add_field(f, h, c->def->group_by[i], value));
    if (b->valued)
        TRY(add_peak(f, h, c, b->peak));
    if (b->n_hosts == 1 && !b->elsewhere)
        return OK;
    TRY(add_number(f, h, STR("events of all hosts"), (long double)b->n));
    return add_number(f, h, STR("hosts"), (long double)b->n_hosts);
}

/* What makes a burst this one, wherever its files lie. */
static void fingerprint(const struct burst *b, struct str group, unsigned char ret[32])
{
    struct sha256 h;
    if (sha256_init(&h) != OK) {
        memset(ret, 0, 32);
        return;
    }
    sha256_add(&h, &b->head[0].time_us, sizeof b->head[0].time_us);
    sha256_add(&h, group.p, group.n);
    sha256_end(&h, ret);
    sha256_done(&h);
}

/* The burst as one host's finding, without what is only worth its memory if it is kept. */
static void hit_of(const struct burst *b, const struct burst_host *host,
                   const struct correlation *c, struct str group, struct hit *h)
{
    *h = (struct hit){.rule = c->rule,
                      .file = host->file,
                      .count = host->n,
                      .first_us = host->first_us,
                      .last_us = host->last_us,
                      .hours = host->hours,
                      .line = host->line,
                      .offset = host->offset,
                      .own_scanner = host->own,
                      .several_clients = host->several,
                      .event = host->event,
                      .carved = host->carved};
    h->front_request = -1;
    fingerprint(b, group, h->raw_sha256);
}

static bool earlier(const struct hit *a, const struct hit *b)
{
    if (a->first_us != b->first_us)
        return a->first_us < b->first_us;
    if (a->file != b->file)
        return a->file < b->file;
    return a->offset < b->offset;
}

/* More findings of a correlation and host than are kept: one row counts them. */
static enum err count_further(struct finds *f, struct find_bucket *bucket, const struct hit *h,
                              struct str host)
{
    if (!bucket->more) {
        struct hit more = *h;
        more.overflow = true;
        more.host = arena_str(f->arena, host);
        TRY(more.host.p ? vec_push(&f->hit, more, SIZE_MAX) : ERR_NOMEM);
        bucket->more = f->hit.n;
        return OK;
    }
    struct hit *more = &f->hit.v[bucket->more - 1];
    struct hit was = *more;
    if (earlier(h, more)) {
        *more = *h;
        more->overflow = true;
        more->host = was.host;
        more->hours = was.hours;
    }
    few_merge(&more->hours, &h->hours);
    more->count = was.count + h->count;
    more->last_us = h->last_us > was.last_us ? h->last_us : was.last_us;
    more->own_scanner = h->own_scanner && was.own_scanner;
    more->several_clients = true;
    return OK;
}

static enum err bucket_for(struct finds *f, const struct correlation *c, struct str host,
                           uint32_t *ret_id)
{
    char key[CORRELATE_HOST_BYTES + 16];
    bool is_new;
    int n = snprintf(key, sizeof key, "%u ", (unsigned)c->rule);
    memcpy(key + n, host.p, host.n);
    enum err rc = map_intern(&f->bucket_of, str_make(key, (size_t)n + host.n), ret_id, &is_new);
    if (!rc && is_new)
        rc = vec_push(&f->bucket, (struct find_bucket){0}, MAX_BUCKETS);
    return rc;
}

static enum err keep(const struct burst *b, const struct burst_host *host,
                     const struct correlation *c, struct str group, struct finds *f, struct hit *h)
{
    h->host = arena_str(f->arena, str_make(host->name, host->n_name));
    if (host->n_client)
        h->role[ROLE_CLIENT] = arena_str(f->arena, str_make(host->client, host->n_client));
    if (!h->host.p || (host->n_client && !h->role[ROLE_CLIENT].p))
        return ERR_NOMEM;
    TRY(add_fields(b, c, group, f, h));
    return vec_push(&f->hit, *h, SIZE_MAX);
}

/* A verdict falls on hosts: each that has events of the burst gets the finding. */
enum err burst_close(struct burst *b, const struct correlation *c, struct str group,
                     struct finds *f)
{
    const struct hit_event *list = NULL; /* the same for all of them */
    uint32_t n_list = 0;
    b->open = false;
    f->elsewhere += b->elsewhere;
    for (size_t i = 0; i < b->n_hosts; i++) {
        struct str host = str_make(b->host[i].name, b->host[i].n_name);
        struct hit h;
        uint32_t id;
        enum err rc = bucket_for(f, c, host, &id);
        if (rc == ERR_LIMIT) {
            f->unkept++;
            continue;
        }
        TRY(rc);
        struct find_bucket *bucket = &f->bucket.v[id];
        hit_of(b, &b->host[i], c, group, &h);
        if (bucket->kept == CORRELATE_KEPT || f->hit.n >= CORRELATE_MAX_KEPT) {
            TRY(count_further(f, bucket, &h, host));
            continue;
        }
        bucket->kept++;
        if (!list)
            TRY(list_events(b, c, f, &list, &n_list));
        h.made = list;
        h.n_made = n_list;
        TRY(keep(b, &b->host[i], c, group, f, &h));
    }
    return OK;
}
