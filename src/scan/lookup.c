#include "scan/lookup.h"

#include "base/vec.h"
#include "scan/removed.h"

enum ask {
    ASK_PIVOT,   /* how many rows hold this client or account? */
    ASK_REQUEST, /* does a front-end log hold a request of this user in those minutes? */
    ASK_PROXY,   /* does HttpProxy know this request id? */
};

struct query {
    enum ask ask;
    struct pivot pivot;
    uint32_t hit;
};

struct lookup {
    struct pass *first;
    struct facts *facts;
    uint64_t bytes; /* of all input */
    VEC(struct query) query;
    struct removed *removed; /* NULL: there is nothing to compare */
    uint64_t left_out;       /* questions about cmdlets and requests that were one too many */
};

static const int64_t before_us = 10 * 60 * US_PER_S, after_us = 2 * 60 * US_PER_S;

static bool is_proxy(struct str kind)
{
    return str_starts(kind, STR("httpproxy"));
}

static bool is_front(struct str kind)
{
    return is_proxy(kind) || str_eq(kind, STR("iis"));
}

/* Through another front end the back end shows a request, under its user's name. */
static bool is_either_end(struct str kind)
{
    return is_front(kind) || str_eq(kind, STR("iis-backend"));
}

/* Whose rows may answer; NULL: any. */
static bool (*answering(enum ask ask, struct str value))(struct str kind)
{
    switch (ask) {
    case ASK_PIVOT: return NULL;
    case ASK_REQUEST: return str_starts(value, STR("/")) ? is_front : is_either_end;
    case ASK_PROXY: return is_proxy;
    }
    return NULL;
}

static enum err add_query(struct lookup *l, enum ask ask, struct str value, int64_t from_us,
                          int64_t to_us, uint32_t hit)
{
    static const size_t most_of[] = {
        [ASK_PIVOT] = LOOKUP_MAX, [ASK_REQUEST] = LOOKUP_REQUESTS, [ASK_PROXY] = LOOKUP_IDS};
    size_t same = 0, most = most_of[ask];
    if (value.n < 4 || value.n > 200)
        return OK;
    for (size_t i = 0; i < l->query.n; i++)
        same += l->query.v[i].ask == ask;
    struct query q = {ask, {value, from_us, to_us, answering(ask, value)}, hit};
    if (same < most)
        return vec_push(&l->query, q, LOOKUP_MAX + LOOKUP_IDS + LOOKUP_REQUESTS);
    l->left_out += ask != ASK_PIVOT; /* how often a client came decides nothing */
    return OK;
}

static bool loopback(struct str address)
{
    return str_starts(address, STR("127.")) || str_eq(address, STR("::1"));
}

/* The account without its domain: logs write DOMAIN\user, user@domain and user. */
static struct str account(struct str user)
{
    ptrdiff_t slash = str_rchr(user, '\\'), at = str_chr(user, '@');
    if (slash >= 0)
        user = str_sub(user, (size_t)slash + 1, user.n);
    else if (at > 0)
        user = str_sub(user, 0, (size_t)at);
    return user;
}

/* What the request behind a cmdlet holds: its account or, in a log that names none, the path that
 * the control panel was asked for. A forged request asks for another one. */
static struct str request_mark(const struct hit *h)
{
    struct str path = h->role[ROLE_STEM];
    ptrdiff_t scheme = str_find(path, STR("://")), query = str_chr(path, '?');
    if (h->role[ROLE_USER].n)
        return account(h->role[ROLE_USER]);
    if (query >= 0)
        path = str_sub(path, 0, (size_t)query);
    if (scheme >= 0 && (size_t)scheme + 3 <= path.n) {
        path = str_sub(path, (size_t)scheme + 3, path.n);
        ptrdiff_t slash = str_chr(path, '/');
        path = slash >= 0 ? str_sub(path, (size_t)slash, path.n) : STR_NONE;
    }
    return path;
}

static bool has_hour(const struct file_fact *f, int64_t hour)
{
    size_t lo = 0, hi = f->n_hours;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (f->hour[mid].hour < hour)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < f->n_hours && f->hour[lo].hour == hour && f->hour[lo].records;
}

/* Did the host's HttpProxy log of the request's protocol, which has the name of the first folder,
 * hold rows in that hour, the one before and the one after? Elsewhere a row that is not there may
 * be in a file that was not copied, or was never written. */
static bool proxy_logged(const struct lookup *l, const struct hit *h)
{
    struct str rest = h->role[ROLE_STEM], folder;
    bool hour[3] = {false};
    if (!rest.n || rest.p[0] != '/')
        return false;
    rest = str_sub(rest, 1, rest.n);
    if (!str_cut(&rest, '/', &folder) || !folder.n)
        return false;
    for (size_t i = 0; i < l->facts->n_files; i++) {
        const struct file_fact *f = &l->facts->file[i];
        if (f->copy || !str_starts(f->kind, STR("httpproxy-")) ||
            !str_ieq(str_sub(f->kind, 10, f->kind.n), folder) || !str_eq(f->host, h->host))
            continue;
        for (int k = 0; k < 3; k++)
            hour[k] = hour[k] || has_hour(f, time_hour(h->first_us) + k - 1);
    }
    return hour[0] && hour[1] && hour[2];
}

static enum err ask_about(struct lookup *l, uint32_t i)
{
    const struct hit *h = &l->facts->hit[i];
    const struct scan_rule *rule = &l->facts->rule[h->rule];
    struct str kind = h->kind.p ? h->kind : l->facts->file[h->file].kind;
    struct str who = h->role[ROLE_CLIENT].n ? h->role[ROLE_CLIENT] : h->role[ROLE_USER];
    bool strong = rule->meta.grade >= GRADE_PROGRESSED && !h->own_scanner;
    if (strong && l->bytes <= LOOKUP_PIVOT_BYTES && !loopback(who))
        TRY(add_query(l, ASK_PIVOT, who, TIME_NONE, TIME_NONE, i));
    if (rule->meta.request_behind && h->first_us != TIME_NONE)
        TRY(add_query(l, ASK_REQUEST, request_mark(h), h->first_us - before_us,
                      h->first_us + after_us, i));
    if (rule->meta.grade >= GRADE_ATTEMPT && rule->dossier && str_eq(kind, STR("iis")) &&
        h->first_us != TIME_NONE && h->role[ROLE_REQUEST].n && proxy_logged(l, h))
        TRY(add_query(l, ASK_PROXY, h->role[ROLE_REQUEST], TIME_NONE, TIME_NONE, i));
    return OK;
}

/* By grade, then in time: the same questions whatever the order of hits. */
static int by_weight(const struct facts *f, uint32_t a, uint32_t b)
{
    const struct hit *x = &f->hit[a], *y = &f->hit[b];
    enum grade gx = f->rule[x->rule].meta.grade, gy = f->rule[y->rule].meta.grade;
    if (gx != gy)
        return gx > gy ? -1 : 1;
    if (x->first_us != y->first_us)
        return x->first_us < y->first_us ? -1 : 1;
    if (x->file != y->file)
        return x->file < y->file ? -1 : 1;
    if (x->offset != y->offset)
        return x->offset < y->offset ? -1 : 1;
    return (x->rule > y->rule) - (x->rule < y->rule);
}

static const struct facts *sorting; /* qsort has no context */

static int compare_hits(const void *a, const void *b)
{
    return by_weight(sorting, *(const uint32_t *)a, *(const uint32_t *)b);
}

static enum err ask_all(struct lookup *l)
{
    uint32_t *order = arena_new_n(l->first->arena, uint32_t, l->facts->n_hits + 1);
    if (!order)
        return ERR_NOMEM;
    for (uint32_t i = 0; i < l->facts->n_hits; i++)
        order[i] = i;
    sorting = l->facts;
    qsort(order, l->facts->n_hits, sizeof *order, compare_hits);
    sorting = NULL;
    for (size_t i = 0; i < l->facts->n_hits; i++)
        TRY(ask_about(l, order[i]));
    return OK;
}

static bool covers(const struct file_fact *f, int64_t from_us, int64_t to_us)
{
    if (from_us == TIME_NONE || f->first_us == TIME_NONE)
        return f->first_us != TIME_NONE;
    return f->first_us <= to_us && f->last_us >= from_us;
}

/* Can the file answer the question? */
static bool answers(const struct lookup *l, const struct query *q, const struct file_fact *f)
{
    const struct hit *h = &l->facts->hit[q->hit];
    if (f->copy)
        return false;
    switch (q->ask) {
    case ASK_PIVOT: return true;
    case ASK_REQUEST: return q->pivot.in(f->kind) && covers(f, q->pivot.from_us, q->pivot.to_us);
    case ASK_PROXY:
        return is_proxy(f->kind) && str_eq(f->host, h->host) &&
               covers(f, h->first_us, h->last_us == TIME_NONE ? h->first_us : h->last_us);
    }
    return false;
}

/* The same for any part of a file. Parts stand behind all files. */
static bool file_answers(const struct lookup *l, const struct query *q, uint32_t file)
{
    const struct facts *facts = l->facts;
    if (facts->file[file].kind.n && answers(l, q, &facts->file[file]))
        return true;
    for (size_t i = l->first->n_files; i < facts->n_files; i++)
        if (facts->file[i].file == file && facts->file[i].kind.n && answers(l, q, &facts->file[i]))
            return true;
    return false;
}

static bool wanted(void *ctx, const struct pass_file *f)
{
    const struct lookup *l = ctx;
    if (f->in->entry->size_bytes == 0 || f->in->skip.p)
        return false; /* a pipe cannot be read twice */
    if (l->removed && removed_wants(l->removed, f->fact.file))
        return true;
    for (size_t q = 0; q < l->query.n; q++)
        if (file_answers(l, &l->query.v[q], f->fact.file))
            return true;
    return false;
}

static void take_answers(struct lookup *l, const struct pass *second)
{
    for (size_t i = 0; i < l->query.n; i++) {
        const struct query *q = &l->query.v[i];
        struct hit *h = &l->facts->hit[q->hit];
        uint64_t rows = 0;
        bool asked = false;
        for (uint32_t f = 0; f < second->n_files; f++) {
            const uint64_t *found = second->file[f].pivot_rows;
            if (!found || !file_answers(l, q, f))
                continue;
            asked = true;
            rows += found[i];
        }
        if (q->ask == ASK_PIVOT)
            h->pivot = rows;
        else if (q->ask == ASK_REQUEST && asked)
            h->front_request = rows > 0;
        else if (q->ask == ASK_PROXY && asked)
            h->proxy_row = rows ? 1 : -1;
    }
}

/* All hits of a client that was counted share its number. */
static void spread_pivots(struct facts *f)
{
    for (size_t i = 0; i < f->n_hits; i++)
        for (size_t k = 0; k < f->n_hits && f->hit[i].pivot; k++)
            if (!f->hit[k].pivot && f->hit[i].role[ROLE_CLIENT].n &&
                str_eq(f->hit[k].role[ROLE_CLIENT], f->hit[i].role[ROLE_CLIENT]))
                f->hit[k].pivot = f->hit[i].pivot;
}

/* Was it lost in the first pass already, or told by it? */
static bool is_told(const struct lookup *l, const struct gap *gap)
{
    for (size_t i = 0; i < l->facts->n_gaps; i++)
        if (str_eq(l->facts->gap[i].file, gap->file) &&
            str_eq(l->facts->gap[i].reason, gap->reason))
            return true;
    return false;
}

/* A file that could be read once and not again: what was asked of it is not answered. */
static enum err tell_lost(struct lookup *l, const struct pass *second)
{
    static const char *const lost[] = {"worker-died", "unreadable", "damaged"};
    struct facts *f = l->facts;
    /* One more than these, for tell_left_out. */
    struct gap *all = arena_new_n(l->first->arena, struct gap, f->n_gaps + second->gap.n + 2);
    if (!all)
        return ERR_NOMEM;
    if (f->n_gaps)
        memcpy(all, f->gap, f->n_gaps * sizeof *all);
    f->gap = all;
    for (size_t i = 0; i < second->gap.n; i++) {
        struct gap gap = second->gap.v[i].gap;
        bool matters = false;
        for (size_t k = 0; k < ARRAY_LEN(lost); k++)
            matters |= str_eq(gap.reason, str_of(lost[k]));
        if (!matters || !gap.file.p || is_told(l, &gap))
            continue;
        if (second->gap.v[i].file < f->n_files)
            gap.host = f->file[second->gap.v[i].file].host;
        struct buf b;
        buf_init(&b, UNIT_DETAIL_BYTES);
        buf_printf(&b, "at the second look: %.*s", STR_FMT(str_sub(gap.detail, 0, 512)));
        gap.detail = b.rc ? gap.detail : arena_str(l->first->arena, buf_view(&b));
        buf_done(&b);
        if (!gap.detail.p)
            return ERR_NOMEM;
        f->gap[f->n_gaps++] = gap;
    }
    return OK;
}

static enum err second_pass(struct lookup *l, struct error *error)
{
    struct pass *first = l->first, second = {0};
    struct ruleset set = {.logsources = first->set->logsources,
                          .channels = first->set->channels,
                          .n_pivots = l->query.n,
                          .removed = l->removed,
                          .since_us = first->set->since_us,
                          .until_us = first->set->until_us};
    struct scan_options options = *first->options;
    set.pivot = arena_new_n(first->arena, struct pivot, l->query.n + 1);
    if (!set.pivot)
        return fail(error, ERR_NOMEM, "out of memory");
    for (size_t i = 0; i < l->query.n; i++)
        set.pivot[i] = l->query.v[i].pivot;
    options.no_hash = true;
    enum err rc =
        pass_init(&second, first->arena, &options, &set, first->tree, first->listing, error);
    if (!rc)
        rc = pass_run(&second, wanted, l, error);
    if (!rc && !second.interrupted) {
        take_answers(l, &second);
        rc = tell_lost(l, &second);
    }
    if (!rc && !second.interrupted) {
        rc = l->removed ? removed_tell(l->removed, &second) : OK;
    }
    first->interrupted |= second.interrupted;
    pass_done(&second);
    return rc;
}

/* facts->gap has room for one more. */
static enum err tell_left_out(struct lookup *l)
{
    struct buf b;
    if (!l->left_out)
        return OK;
    buf_init(&b, 256);
    buf_u64(&b, l->left_out);
    buf_puts(&b,
             " requests and cmdlets that rules met were not looked up in other logs: their rows "
             "there may be missing");
    struct str text = arena_str(l->first->arena, buf_view(&b));
    buf_done(&b);
    if (!text.p)
        return ERR_NOMEM;
    l->facts->gap[l->facts->n_gaps++] = (struct gap){.reason = STR("limit"), .detail = text};
    return OK;
}

enum err lookup_run(struct pass *pass, struct facts *facts, struct error *error)
{
    struct lookup l = {.first = pass, .facts = facts};
    for (size_t i = 0; i < facts->n_files; i++)
        l.bytes += facts->file[i].bytes;
    enum err rc = ask_all(&l);
    if (!rc)
        rc = removed_plan(pass, facts, &l.removed);
    if (!rc && (l.query.n || l.removed))
        rc = second_pass(&l, error);
    if (!rc)
        rc = tell_left_out(&l);
    if (!rc)
        spread_pivots(facts);
    removed_done(l.removed);
    vec_done(&l.query);
    return rc;
}
