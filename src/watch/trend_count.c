#include "watch/trend_priv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    CLUSTER_TAG = 0x1000000,
    VOICE_TAG = 0x2000000,
    VOICE_THREADS = 3, /* of one voice on one subject, in VOICE_DAYS */
    VOICE_DAYS = 28,
    NEW_VOICE_DAYS = 7,
    KNOWN_SITE_DAYS = 35, /* before that, all its voices are new */
    FURTHER_LOOK = 16,
    AHEAD = 12,
    ROAM_LEAST = 5,
    ROAM_MOST = 50,
};

/* ---- lists of a subject ---- */

/* Lists grow by half: most subjects have few entries, and there are many subjects. */
static enum err list_grow(struct trends *t, void **v, uint16_t *cap, size_t size, size_t max)
{
    size_t want = *cap + *cap / 2u + 2u;
    want = want > max ? max : want;
    if (want <= *cap)
        return ERR_LIMIT;
    void *p = realloc(*v, want * size);
    if (!p)
        return ERR_NOMEM;
    t->bytes += (want - *cap) * size;
    *v = p;
    *cap = (uint16_t)want;
    return OK;
}

enum err subject_at(struct trends *t, uint32_t id, struct subject **ret_subject)
{
    if (id >= t->options.max_subjects)
        return ERR_LIMIT;
    if (id >= t->cap_subjects) {
        size_t cap = id + id / 2u + 64u;
        cap = cap > t->options.max_subjects ? t->options.max_subjects : cap;
        struct subject *p = realloc(t->subject, cap * sizeof *p);
        if (!p)
            return ERR_NOMEM;
        memset(p + t->cap_subjects, 0, (cap - t->cap_subjects) * sizeof *p);
        t->subject = p;
        t->cap_subjects = (uint32_t)cap;
    }
    for (; t->n_subjects <= id; t->n_subjects++) {
        t->subject[t->n_subjects] = (struct subject){.kind = SUBJECT_TOPIC, .weight = 1};
        for (int i = 0; i < TREND_LANES; i++)
            t->subject[t->n_subjects].lane[i].record = LEVELS;
    }
    *ret_subject = &t->subject[id];
    return OK;
}

void subject_forget(struct trends *t, struct subject *s)
{
    t->bytes -= s->cap_cells * sizeof *s->cell + s->cap_sites * sizeof *s->site +
                s->cap_evidence * sizeof *s->evidence;
    free(s->cell);
    free(s->site);
    free(s->evidence);
    struct subject empty = {.kind = s->kind, .weight = s->weight, .marks = s->marks};
    for (int i = 0; i < TREND_LANES; i++)
        empty.lane[i].record = LEVELS;
    *s = empty;
}

static void tail_add(struct subject *s, uint16_t day, double y)
{
    if (s->tail_day < day) {
        s->tail *= (float)exp2(-(double)(day - s->tail_day) / 730);
        s->tail_day = day;
    }
    s->tail += (float)(y * exp2(-(double)(s->tail_day - day) / 730));
}

/* What leaves the ring goes into the tail of lane B; for A it is too long ago. */
static void cells_leave(struct subject *s, int32_t oldest)
{
    uint16_t n = 0;
    while (n < s->n_cells && s->cell[n].day < oldest) {
        tail_add(s, s->cell[n].day, (double)s->cell[n].y / Y_ONE);
        n++;
    }
    if (n)
        memmove(s->cell, s->cell + n, (size_t)(s->n_cells -= n) * sizeof *s->cell);
}

static enum err cell_add(struct trends *t, struct subject *s, uint16_t day, unsigned y)
{
    uint16_t at = s->n_cells;
    while (at > 0 && s->cell[at - 1].day >= day)
        at--;
    if (at < s->n_cells && s->cell[at].day == day) {
        unsigned sum = s->cell[at].y + y;
        s->cell[at].y = (uint16_t)(sum > UINT16_MAX ? UINT16_MAX : sum);
        return OK;
    }
    if (s->n_cells == s->cap_cells)
        TRY(list_grow(t, (void **)&s->cell, &s->cap_cells, sizeof *s->cell, TREND_RING_DAYS + 2));
    memmove(s->cell + at + 1, s->cell + at, (size_t)(s->n_cells - at) * sizeof *s->cell);
    s->cell[at] = (struct cell){day, (uint16_t)y};
    s->n_cells++;
    return OK;
}

static enum err site_add(struct trends *t, struct subject *s, uint16_t site, uint16_t day,
                         unsigned y)
{
    uint16_t i = 0;
    while (i < s->n_sites && s->site[i].site < site)
        i++;
    if (i == s->n_sites || s->site[i].site != site) {
        if (s->n_sites >= SITES_OF_SUBJECT_MAX)
            return OK;
        if (s->n_sites == s->cap_sites)
            TRY(list_grow(t, (void **)&s->site, &s->cap_sites, sizeof *s->site,
                          SITES_OF_SUBJECT_MAX));
        memmove(s->site + i + 1, s->site + i, (size_t)(s->n_sites - i) * sizeof *s->site);
        s->site[i] = (struct site_count){.site = site, .first_day = day, .last_day = day};
        s->n_sites++;
    }
    struct site_count *c = &s->site[i];
    c->n += (float)y / Y_ONE;
    c->first_day = day < c->first_day ? day : c->first_day;
    c->last_day = day > c->last_day ? day : c->last_day;
    return OK;
}

static enum err evidence_add(struct trends *t, struct subject *s, const struct evidence *e,
                             int32_t oldest)
{
    if (s->n_evidence == s->cap_evidence || s->n_evidence == EVIDENCE_MAX) {
        uint16_t n = 0;
        while (n < s->n_evidence && s->evidence[n].day < oldest)
            n++;
        if (!n && s->n_evidence == EVIDENCE_MAX) {
            n = 1;
            s->truncated = 1;
        }
        if (n)
            memmove(s->evidence, s->evidence + n,
                    (size_t)(s->n_evidence -= n) * sizeof *s->evidence);
    }
    if (s->n_evidence == s->cap_evidence)
        TRY(list_grow(t, (void **)&s->evidence, &s->cap_evidence, sizeof *s->evidence,
                      EVIDENCE_MAX));
    uint16_t at = s->n_evidence;
    while (at > 0 && s->evidence[at - 1].day > e->day)
        at--;
    memmove(s->evidence + at + 1, s->evidence + at,
            (size_t)(s->n_evidence - at) * sizeof *s->evidence);
    s->evidence[at] = *e;
    s->n_evidence++;
    return OK;
}

/* ---- one unit ---- */

static uint64_t key_of(const struct unit *u, uint64_t a, uint64_t b)
{
    return mix64(mix64(u->subject + 0x9e3779b97f4a7c15u) ^ a) ^ mix64(b + 0x632be59bd9b4e019u);
}

/* A thread counts once for a subject, for as long as it is remembered (five to ten weeks). */
static uint64_t thread_key(const struct unit *u)
{
    return key_of(u, u->thread ^ mix64(u->site), 0);
}

/* No more than a few threads of one voice in four weeks. */
static enum err voice_has_room(struct trends *t, const struct unit *u, bool *ret_room)
{
    *ret_room = !u->voice;
    for (uint64_t i = 0; i < VOICE_THREADS && !*ret_room; i++)
        TRY(seen_add(&t->seen,
                     key_of(u, u->voice, VOICE_TAG + i + (uint64_t)(u->event_day / VOICE_DAYS) * 8),
                     ret_room));
    return OK;
}

static bool voice_is_new(const struct voice *v, const struct unit *u, const struct feed *f)
{
    return v && u->event_day - v->first_day < NEW_VOICE_DAYS && f->day &&
           u->event_day - f->first_day >= KNOWN_SITE_DAYS;
}

/* A further voice in a counted thread, or a copy: tells, and weighs nothing. */
static enum err further_voice(struct trends *t, struct subject *s, struct evidence e,
                              int32_t oldest)
{
    for (uint16_t i = s->n_evidence, k = 0; i > 0 && k < FURTHER_LOOK; i--, k++)
        if (s->evidence[i - 1].voice == e.voice && s->evidence[i - 1].site == e.site)
            return OK;
    e.weight = 0;
    return s->n_evidence < EVIDENCE_MAX / 2 ? evidence_add(t, s, &e, oldest) : OK;
}

static enum err touch(struct trends *t, struct subject *s, const struct unit *u, int32_t day,
                      const struct feed *f)
{
    s->last_day = u->event_day > s->last_day ? (uint16_t)u->event_day : s->last_day;
    if (u->event_day <= day - TREND_FRESH_DAYS || f->late_today || s->fresh_day == day)
        return OK;
    s->fresh_day = (uint16_t)day;
    return vec_push(&t->touched, u->subject, UINT32_MAX);
}

/* Does a subject that is known from some sites go to others? */
static void note_roaming(struct trends *t, const struct subject *s, uint32_t site)
{
    double n = 0, share = 1;
    bool been = false;
    for (uint16_t i = 0; i < s->n_sites; i++) {
        n += (double)s->site[i].n;
        share -= (double)t->feed[s->site[i].site].share;
        been |= s->site[i].site == site;
    }
    if (n < ROAM_LEAST || n > ROAM_MOST || !(share > 0) || share >= 1)
        return;
    t->roamed += !been;
    t->could_roam += share;
}

static enum err count_thread(struct trends *t, struct subject *s, struct feed *f,
                             const struct voice *v, const struct unit *u, struct evidence *e,
                             int32_t day)
{
    int32_t oldest = day - TREND_RING_DAYS + 1;
    double weight = u->weight * (voice_is_new(v, u, f) ? 0.5 : 1) * Y_ONE;
    unsigned y = weight < 1 ? 1 : weight > 4 * Y_ONE ? 4 * Y_ONE : (unsigned)lrint(weight);
    uint16_t event_day = (uint16_t)u->event_day;
    t->stats.counted++;
    f->units += (double)y / Y_ONE;
    if (u->intent > INTENT_REPORT)
        TRY(ledger_note(t->ledger, u->subject, u->site, (enum intent)u->intent, u->event_day,
                        u->post));
    note_roaming(t, s, u->site);
    TRY(site_add(t, s, (uint16_t)u->site, event_day, y));
    TRY(touch(t, s, u, day, f));
    if (u->event_day < oldest) {
        tail_add(s, event_day, (double)y / Y_ONE);
        return OK;
    }
    t->day_units[event_day % TREND_RING_DAYS] += (float)y / Y_ONE;
    e->weight = (uint8_t)y;
    cells_leave(s, oldest);
    TRY(cell_add(t, s, event_day, y));
    return evidence_add(t, s, e, oldest);
}

static enum err count_unit(struct trends *t, const struct unit *u, int32_t day)
{
    struct subject *s;
    struct feed *f;
    bool is_new = true, room;
    int32_t oldest = day - TREND_RING_DAYS + 1;
    TRY(subject_at(t, u->subject, &s));
    TRY(feed_at(t, u->site, &f));
    if (!(u->weight > 0)) {
        t->stats.unweighed++;
        return OK;
    }
    if (feed_dumps(f, u->event_day))
        return OK;
    const struct voice *v = u->voice ? voice_find(t, u->voice) : NULL;
    if (v && v->until_day >= u->event_day) {
        t->stats.aggregated++;
        return OK;
    }
    struct evidence e = {
        (uint16_t)u->event_day, (uint16_t)u->site,         fold32(u->voice), fold32(u->cluster),
        (uint32_t)u->post,      (uint16_t)(u->post >> 32), u->intent,        0};
    TRY(seen_add(&t->seen, thread_key(u), &is_new));
    if (!is_new)
        return further_voice(t, s, e, oldest);
    if (u->cluster)
        TRY(seen_add(&t->seen, key_of(u, u->cluster, CLUSTER_TAG), &is_new));
    if (!is_new) {
        t->stats.copied++;
        return further_voice(t, s, e, oldest);
    }
    TRY(voice_has_room(t, u, &room));
    if (!room) {
        t->stats.capped++;
        return OK;
    }
    return count_thread(t, s, f, v, u, &e, day);
}

/* ---- all of a day ---- */

static int by_time(const void *a, const void *b)
{
    const struct unit *x = a, *y = b;
#define ORDER(member)                                                                              \
    if (x->member != y->member)                                                                    \
    return x->member < y->member ? -1 : 1
    ORDER(event_day);
    ORDER(post);
    ORDER(subject);
    ORDER(site);
    ORDER(thread);
    ORDER(voice);
    ORDER(cluster);
    ORDER(intent);
    ORDER(weight);
#undef ORDER
    return 0;
}

/* The same units give the same state in whatever order they came; mostly they are in order. */
static void sort_pending(struct trends *t)
{
    for (size_t i = 1; i < t->pending.n; i++)
        if (by_time(&t->pending.v[i - 1], &t->pending.v[i]) > 0) {
            qsort(t->pending.v, t->pending.n, sizeof *t->pending.v, by_time);
            return;
        }
}

/* Asks for the memory that a unit will need soon. */
static void fetch(const struct trends *t, const struct unit *u)
{
    voice_fetch(t, u->voice);
    seen_fetch(&t->seen, thread_key(u));
    if (u->cluster)
        seen_fetch(&t->seen, key_of(u, u->cluster, CLUSTER_TAG));
    if (u->subject < t->n_subjects)
        __builtin_prefetch(&t->subject[u->subject]);
}

enum err count_units(struct trends *t, int32_t day)
{
    sort_pending(t);
    for (size_t i = 0; i < t->pending.n; i++) {
        struct unit *u = &t->pending.v[i];
        struct subject *s;
        if (i + AHEAD < t->pending.n)
            voice_fetch(t, t->pending.v[i + AHEAD].voice);
        TRY(subject_at(t, u->subject, &s));
        if (u->voice)
            TRY(voice_speak(t, u->voice, u->event_day,
                            s->kind == SUBJECT_CVE ? u->subject : UINT32_MAX));
    }
    for (size_t i = 0; i < t->pending.n; i++) {
        if (i + AHEAD < t->pending.n)
            fetch(t, &t->pending.v[i + AHEAD]);
        TRY(count_unit(t, &t->pending.v[i], day));
    }
    t->pending.n = 0;
    return OK;
}
