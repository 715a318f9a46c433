#include "scan/judge.h"

#include "base/limits.h"

#include <stdlib.h>

/* Signs that another sign must support before they count in full: the conditions of rules, and
 * what a fix does to exploit requests that came after it. */

/* What is known of a path: was it answered with 302, and which client posted to it? */
enum { STEM_MISSED = 1, STEM_CLIENT = 1, STEM_MANY = UINT32_MAX >> STEM_CLIENT };

static const int64_t write_span_us = JUDGE_WRITE_DAYS * US_PER_DAY;

static void lower_to(struct sign *s, enum grade grade, struct str note)
{
    if (grade >= s->f.grade)
        return;
    s->f.grade = grade;
    s->lowered = true;
    if (!s->f.note.p)
        s->f.note = note;
}

static void lower_one(struct sign *s, struct str note)
{
    if (s->f.grade > GRADE_WEAK)
        lower_to(s, (enum grade)(s->f.grade - 1), note);
}

/* The key of a name on a host; both without case. */
static struct str stem_key(struct buf *b, struct str host, struct str stem)
{
    buf_reset(b);
    for (size_t i = 0; i < host.n; i++)
        buf_putc(b, (char)ascii_lower((unsigned char)host.p[i]));
    buf_putc(b, 0);
    for (size_t i = 0; i < stem.n; i++)
        buf_putc(b, (char)ascii_lower((unsigned char)stem.p[i]));
    return buf_view(b);
}

static bool posted(const struct hit *h)
{
    return str_ieq(h->role[ROLE_METHOD], STR("POST")) &&
           !str_starts(h->role[ROLE_STATUS], STR("4"));
}

static bool missed(const struct hit *h)
{
    return str_eq(h->role[ROLE_STATUS], STR("302"));
}

/* A number from 1 on for each client of a hit; STEM_MANY for a hit of several. */
static enum err client_number(struct map *clients, const struct hit *h, uint32_t *ret_number)
{
    *ret_number = STEM_MANY;
    if (h->several_clients)
        return OK;
    TRY(map_intern(clients, h->role[ROLE_CLIENT], ret_number, NULL));
    ++*ret_number;
    return OK;
}

/* POST and 302 by name, over all hits: also of rules that only note a failed search. */
static enum err stem_flags(struct trial *t, struct map *map, struct map *clients, struct buf *b)
{
    for (size_t i = 0; i < t->facts->n_hits; i++) {
        const struct hit *h = &t->facts->hit[i];
        uint32_t client = 0;
        if (!h->role[ROLE_STEM].n || hit_is_own(t, h) || h->overflow || (!posted(h) && !missed(h)))
            continue;
        struct str key = stem_key(b, h->host, h->role[ROLE_STEM]);
        const uint32_t *old = map_get(map, key);
        uint32_t had = old ? *old >> STEM_CLIENT : 0;
        if (posted(h))
            TRY(client_number(clients, h, &client));
        if (had && (!client || client == had))
            client = had;
        else if (had)
            client = STEM_MANY;
        uint32_t flags = (old ? *old & STEM_MISSED : 0) | (missed(h) ? STEM_MISSED : 0);
        TRY(map_put(map, key, flags | client << STEM_CLIENT));
    }
    return OK;
}

/* Who was answered 200 for a name, as one rule that needs a second sign saw it. */
struct page {
    uint64_t clients, rows;
    bool unsure; /* a client that is not known, or from inside: a balancer, an administrator */
};
struct pages {
    struct map index, seen; /* name and rule -> page; with the client */
    struct page *v;
};

static struct str page_key(struct buf *b, const struct hit *h)
{
    (void)stem_key(b, h->host, h->role[ROLE_STEM]);
    buf_putc(b, 0);
    buf_u64(b, h->rule);
    return buf_view(b);
}

/* Only logs of the front end: others have its requests again, from its own address. */
static bool of_front_end(struct str kind)
{
    return kind_policy(kind)->web && !kind_match(STR("httpproxy*"), kind) &&
           !kind_match(STR("*-backend"), kind);
}

static enum err add_page(struct pages *p, const struct hit *h, struct buf *b)
{
    uint32_t id, client;
    bool is_new;
    TRY(map_intern(&p->index, page_key(b, h), &id, NULL));
    struct page *page = &p->v[id];
    page->unsure |= h->overflow || h->several_clients || !h->role[ROLE_CLIENT].n ||
                    address_private(h->role[ROLE_CLIENT]);
    page->rows += h->count;
    buf_putc(b, 0);
    buf_str(b, h->role[ROLE_CLIENT]);
    TRY(map_intern(&p->seen, buf_view(b), &client, &is_new));
    page->clients += is_new;
    return b->rc;
}

static enum err find_pages(struct trial *t, struct pages *p, struct buf *b)
{
    p->v = arena_new_n(t->arena, struct page, t->facts->n_hits + 1);
    if (!p->v)
        return ERR_NOMEM;
    for (size_t i = 0; i < t->facts->n_hits; i++) {
        const struct hit *h = &t->facts->hit[i];
        const struct rule_meta *m = &t->facts->rule[h->rule].meta;
        if (m->second_sign && m->stage == STAGE_SHELL && h->role[ROLE_STEM].n &&
            str_eq(h->role[ROLE_STATUS], STR("200")) && !hit_is_own(t, h) &&
            of_front_end(t->facts->file[h->file].kind))
            TRY(add_page(p, h, b));
    }
    return OK;
}

/* Everybody comes to the page of an add-on; to a web shell come one or a few, and they come back.
 */
static bool by_a_handful(const struct pages *p, const struct hit *h, struct buf *b)
{
    const uint32_t *id = map_get(&p->index, page_key(b, h));
    const struct page *page = id ? &p->v[*id] : NULL;
    return page && !page->unsure && page->clients && page->clients <= JUDGE_HANDFUL &&
           page->rows > 1;
}

/* For a page that answered: was it posted to, or was it missing at another time? What the finding
 * itself did is no second sign: of its own POST only that of another client is. */
static enum err page_used(const struct sign *s, const struct map *stems, struct map *clients,
                          struct buf *b, bool *ret_used)
{
    struct str stem = s->hit->role[ROLE_STEM];
    const uint32_t *known = stem.n ? map_get(stems, stem_key(b, s->hit->host, stem)) : NULL;
    uint32_t own = 0;
    *ret_used = false;
    if (!known || s->rule->meta.stage != STAGE_SHELL)
        return OK;
    if (posted(s->hit) && !s->hit->several_clients)
        TRY(client_number(clients, s->hit, &own));
    uint32_t poster = *known >> STEM_CLIENT;
    *ret_used = (poster && poster != own) || ((*known & STEM_MISSED) && !missed(s->hit));
    return OK;
}

/* Stages that need no second sign themselves, by host and time. */
struct support {
    uint32_t host;
    int64_t first_us, last_us; /* last: the latest of this and all earlier ones of the host */
};
struct supports {
    struct support *v;
    size_t n;
};

static int support_order(const void *a, const void *b)
{
    const struct support *x = a, *y = b;
    if (x->host != y->host)
        return x->host < y->host ? -1 : 1;
    return x->first_us < y->first_us ? -1 : x->first_us > y->first_us;
}

/* For what decides at once only something that was written will do. */
static bool supports_others(const struct sign *s, bool write)
{
    if (s->conditional || !s->decides || s->rule->indicator)
        return false;
    return write ? s->f.grade == GRADE_COMPROMISE && s->rule->meta.stage == STAGE_WRITE
                 : s->f.grade >= GRADE_PROGRESSED && s->rule->meta.stage >= STAGE_EXPLOIT;
}

static enum err find_supports(struct trial *t, bool write, struct supports *ret)
{
    *ret = (struct supports){arena_new_n(t->arena, struct support, t->n_signs + 1), 0};
    if (!ret->v)
        return ERR_NOMEM;
    for (size_t i = 0; i < t->n_signs; i++) {
        const struct sign *s = &t->sign[i];
        bool timed = s->f.time_us != TIME_NONE;
        if (supports_others(s, write))
            ret->v[ret->n++] = (struct support){s->host, timed ? s->f.time_us : INT64_MIN,
                                                timed ? s->f.last_us : INT64_MAX};
    }
    if (ret->n)
        qsort(ret->v, ret->n, sizeof *ret->v, support_order);
    for (size_t i = 1; i < ret->n; i++)
        if (ret->v[i].host == ret->v[i - 1].host && ret->v[i].last_us < ret->v[i - 1].last_us)
            ret->v[i].last_us = ret->v[i - 1].last_us;
    return OK;
}

/* Did one of them happen up to the sign's last record, and not more than 30 days before? */
static bool supported(const struct supports *all, const struct sign *s)
{
    bool timed = s->f.time_us != TIME_NONE;
    struct support want = {s->host, timed ? s->f.last_us : INT64_MAX, 0};
    int64_t oldest = timed ? s->f.time_us - write_span_us : INT64_MIN;
    size_t lo = 0, hi = all->n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (support_order(&all->v[mid], &want) <= 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo && all->v[lo - 1].host == s->host && all->v[lo - 1].last_us >= oldest;
}

/* Rule 6 of the verdict. */
static enum err second_signs(struct trial *t, struct map *stems, struct map *clients,
                             const struct pages *pages, struct buf *b)
{
    struct supports written, any;
    TRY(find_supports(t, true, &written));
    TRY(find_supports(t, false, &any));
    for (size_t i = 0; i < t->n_signs; i++) {
        struct sign *s = &t->sign[i];
        const struct supports *all = s->f.grade == GRADE_COMPROMISE ? &written : &any;
        if (!s->rule->meta.second_sign || s->f.grade < GRADE_PROGRESSED)
            continue;
        bool used;
        TRY(page_used(s, stems, clients, b, &used));
        if (!s->hit->overflow &&
            (used || supported(all, s) ||
             (s->rule->meta.stage == STAGE_SHELL && by_a_handful(pages, s->hit, b))))
            continue;
        lower_one(s, s->rule->meta.stage == STAGE_SHELL
                         ? STR("200 on a script that never shipped, no second sign")
                         : STR("no second sign"));
    }
    return OK;
}

/* A client, or a user where none was logged, and one rule. */
static struct str reader_key(struct buf *b, const struct hit *h)
{
    struct str who = h->role[ROLE_CLIENT].n ? h->role[ROLE_CLIENT] : h->role[ROLE_USER];
    buf_reset(b);
    buf_u64(b, h->rule);
    buf_putc(b, 0);
    for (size_t i = 0; i < who.n; i++)
        buf_putc(b, (char)ascii_lower((unsigned char)who.p[i]));
    return buf_view(b);
}

static enum err count_mailboxes(struct trial *t, struct map *seen, struct map *readers,
                                struct buf *b)
{
    for (size_t i = 0; i < t->facts->n_hits; i++) {
        const struct hit *h = &t->facts->hit[i];
        struct str box = h->role[ROLE_MAILBOX];
        uint32_t id;
        bool is_new;
        if (!t->facts->rule[h->rule].meta.many_mailboxes || !box.n || hit_is_own(t, h))
            continue;
        size_t n = reader_key(b, h).n;
        buf_putc(b, 0);
        for (size_t k = 0; k < box.n; k++)
            buf_putc(b, (char)ascii_lower((unsigned char)box.p[k]));
        TRY(map_intern(seen, buf_view(b), &id, &is_new));
        if (!is_new)
            continue;
        struct str key = str_make(b->p, n);
        const uint32_t *count = map_get(readers, key);
        TRY(map_put(readers, key, count ? *count + 1 : 1));
    }
    return OK;
}

/* A rule that by itself is no more than a look at everyday work has then found nothing. */
static void set_ordinary(struct sign *s)
{
    s->ordinary = true;
    s->decides = false;
}

static void mailbox_readers(struct trial *t, const struct map *readers, struct buf *b)
{
    for (size_t i = 0; i < t->n_signs; i++) {
        struct sign *s = &t->sign[i];
        if (!s->rule->meta.many_mailboxes || s->hit->overflow)
            continue;
        const uint32_t *count = map_get(readers, reader_key(b, s->hit));
        if (count && *count >= JUDGE_MAILBOXES)
            continue;
        if (s->rule->meta.grade <= GRADE_PROBE)
            set_ordinary(s);
        lower_to(s, GRADE_WEAK, STR("too few mailboxes of one client"));
    }
}

/* Was a log read that would hold the request behind a cmdlet? */
static bool front_covered(const struct host *h, int64_t time_us)
{
    for (size_t i = 0; i < h->n_covers; i++)
        if ((str_eq(h->cover[i].kind, STR("iis")) ||
             kind_match(STR("httpproxy-*"), h->cover[i].kind)) &&
            hours_has(&h->cover[i].covered, time_us))
            return true;
    return false;
}

/* Only a request that was looked for where it must be, and is not there, says something. */
static void unrequested(struct trial *t, struct sign *s)
{
    bool covered = s->f.time_us != TIME_NONE && front_covered(&t->host[s->host], s->f.time_us);
    if (covered && !s->hit->overflow && s->front_request == 0)
        return;
    if (covered && (s->hit->overflow || s->front_request < 0))
        t->unasked += s->f.count;
    set_ordinary(s);
}

/* A cmdlet is an intruder's when its user sent no request for it. */
static void request_behind(struct trial *t, struct sign *s)
{
    if (s->rule->meta.unrequested)
        unrequested(t, s);
    if (s->ordinary || !s->rule->meta.request_behind || s->hit->overflow || s->front_request == 0)
        return;
    if (s->front_request > 0)
        lower_to(s, GRADE_WEAK, STR("a request of the user stands behind it"));
    else
        lower_one(s, STR("whether a request of the user stands behind it was not looked for"));
}

/* Further rows were counted, not kept: conditions cannot be tried on them. */
static void further_rows(struct sign *s)
{
    const struct rule_meta *m = &s->rule->meta;
    if (!s->hit->overflow)
        return;
    if (m->public_clients || m->second_sign || m->many_mailboxes || m->request_behind)
        lower_one(s, STR("further records, counted and not kept"));
}

/* Rule 7 of the verdict: the fix stops exploit requests, nothing else. */
static void after_fix(struct trial *t, struct sign *s)
{
    if (s->dossier == NO_DOSSIER || s->rule->meta.stage != STAGE_EXPLOIT)
        return;
    int64_t since = t->host[s->host].matter[s->dossier].window.fixed_since_us;
    if (since == TIME_NONE || s->f.time_us == TIME_NONE || s->f.time_us < since)
        return;
    s->after_fix = true;
    if (s->f.grade > GRADE_ATTEMPT)
        lower_to(s, GRADE_ATTEMPT, STR("the fix was already in"));
    else if (s->f.grade == GRADE_ATTEMPT)
        lower_to(s, GRADE_PROBE, STR("the fix was already in"));
}

static enum err confirm_with(struct trial *t, struct map *stems, struct map *clients,
                             struct map *seen, struct map *readers, struct pages *pages,
                             struct buf *b)
{
    TRY(stem_flags(t, stems, clients, b));
    TRY(find_pages(t, pages, b));
    TRY(count_mailboxes(t, seen, readers, b));
    mailbox_readers(t, readers, b);
    for (size_t i = 0; i < t->n_signs; i++) {
        struct sign *s = &t->sign[i];
        s->conditional = s->rule->meta.second_sign || s->rule->meta.request_behind ||
                         s->rule->meta.many_mailboxes;
        request_behind(t, s);
        further_rows(s);
        after_fix(t, s);
    }
    TRY(second_signs(t, stems, clients, pages, b));
    return b->rc;
}

static const struct matter *matter_of(const struct trial *t, const struct sign *s)
{
    return s->dossier == NO_DOSSIER || s->host == NO_HOST ? NULL
                                                          : &t->host[s->host].matter[s->dossier];
}

/* A web shell's record; several dossiers look for shells with the same rules. */
static struct str record_key(struct buf *b, const struct sign *s)
{
    buf_reset(b);
    buf_str(b, s->f.file);
    buf_putc(b, 0);
    buf_u64(b, s->f.offset);
    return buf_view(b);
}

/* A shell on a host whose first build already had the fix may be of the days before. Where the host
 * was seen open to another affair, that one explains it, and this one stays unknown. What is less
 * telling than a shell (a change that nobody asked for, mailboxes read) is not put down to days
 * that no log shows at all. */
static enum err shells_elsewhere(struct trial *t, struct map *open, struct buf *b)
{
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < t->n_signs; i++) {
            struct sign *s = &t->sign[i];
            const struct matter *m = matter_of(t, s);
            bool shell = s->rule->meta.stage == STAGE_SHELL;
            bool less = s->rule->meta.unrequested || s->rule->meta.many_mailboxes;
            if (!m || !s->decides || (!shell && !less))
                continue;
            bool since_fixed = m->window.fixed_since_us != TIME_NONE && s->f.time_us != TIME_NONE &&
                               s->f.time_us >= m->window.fixed_since_us;
            if (pass)
                s->elsewhere =
                    !m->window.was_open && since_fixed && (less || map_get(open, record_key(b, s)));
            else if (shell && m->window.was_open && sign_weighs(m, s))
                TRY(map_put(open, record_key(b, s), 1));
        }
    return b->rc;
}

/* Shown, with the reason why the affair's verdict does not rest on it. */
static void set_aside(struct trial *t)
{
    for (size_t i = 0; i < t->n_signs; i++) {
        struct sign *s = &t->sign[i];
        const struct matter *m = matter_of(t, s);
        if (!m)
            continue;
        s->outside = !sign_weighs(m, s);
        if (s->outside && !s->f.note.p)
            s->f.note = m->window.empty ? STR("this host was never open to this affair")
                        : s->elsewhere  ? STR("another affair explains it")
                                        : STR("outside the time of this affair");
    }
}

enum err trial_confirm(struct trial *t)
{
    struct map stems, clients, seen, readers, open;
    struct pages pages;
    struct buf b;
    size_t max = t->facts->n_hits + 1;
    map_init(&stems, t->arena, max);
    map_init(&clients, t->arena, max);
    map_init(&seen, t->arena, max);
    map_init(&readers, t->arena, max);
    map_init(&pages.index, t->arena, max);
    map_init(&pages.seen, t->arena, max);
    map_init(&open, t->arena, max);
    buf_init(&b, LIMIT_IPC_MESSAGE_BYTES * 4);
    enum err rc = confirm_with(t, &stems, &clients, &seen, &readers, &pages, &b);
    if (!rc)
        rc = shells_elsewhere(t, &open, &b);
    if (!rc)
        set_aside(t);
    buf_done(&b);
    map_done(&open);
    map_done(&pages.seen);
    map_done(&pages.index);
    map_done(&readers);
    map_done(&seen);
    map_done(&clients);
    map_done(&stems);
    return rc;
}

bool sign_weighs(const struct matter *m, const struct sign *s)
{
    const struct dossier *d = m->dossier;
    bool timed = s->f.time_us != TIME_NONE;
    if (timed && s->f.last_us < d->window_from_us)
        return false;
    if (timed && d->window_until_us != TIME_NONE && s->f.time_us >= d->window_until_us &&
        s->rule->meta.stage <= STAGE_EXPLOIT)
        return false;
    bool any_affair = s->rule->meta.stage == STAGE_SHELL || s->rule->meta.unrequested ||
                      s->rule->meta.many_mailboxes;
    return !s->elsewhere && !(m->window.empty && any_affair);
}
