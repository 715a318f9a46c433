#include "base/rd.h"
#include "base/wr.h"
#include "watch/trend_priv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAGIC = 0x31647274 /* "trd1" */ };

/* One description of the state for both directions: each step writes the value, or reads it. */
struct io {
    struct buf *out; /* NULL: reading */
    struct rd in;
    struct trends *t;
    enum err rc;
};

static void bad(struct io *io, enum err rc)
{
    if (!io->rc)
        io->rc = rc;
}

static uint64_t io_int(struct io *io, uint64_t v, unsigned bytes)
{
    uint64_t got = 0;
    for (unsigned i = 0; i < bytes; i++)
        if (io->out)
            wr_u8(io->out, (uint8_t)(v >> (8 * i)));
        else
            got |= (uint64_t)rd_u8(&io->in) << (8 * i);
    if (!io->out && io->in.rc)
        bad(io, ERR_FORMAT);
    return io->out ? v : got;
}

#define INT(io, member)                                                                            \
    ((member) = (__typeof__(member))io_int(io, (uint64_t)(member), sizeof(member)))

/* Finite and within what the engine can make of itself; no NAN gets in. */
static void io_double(struct io *io, double *v)
{
    uint64_t bits;
    memcpy(&bits, v, sizeof bits);
    bits = io_int(io, bits, sizeof bits);
    memcpy(v, &bits, sizeof bits);
    if (!io->out && !(fabs(*v) < 1e15)) {
        *v = 0;
        bad(io, ERR_FORMAT);
    }
}

static void io_float(struct io *io, float *v)
{
    uint32_t bits;
    memcpy(&bits, v, sizeof bits);
    bits = (uint32_t)io_int(io, bits, sizeof bits);
    memcpy(v, &bits, sizeof bits);
    if (!io->out && !(fabsf(*v) < 1e15f)) {
        *v = 0;
        bad(io, ERR_FORMAT);
    }
}

/* A number that must be at least 0. */
static void io_amount(struct io *io, double *v)
{
    io_double(io, v);
    if (!(*v >= 0))
        bad(io, ERR_FORMAT);
}

static void io_amount_float(struct io *io, float *v)
{
    io_float(io, v);
    if (!(*v >= 0))
        bad(io, ERR_FORMAT);
}

/* A number of items, of which each takes at least some bytes of the input. */
static size_t io_count(struct io *io, size_t n, size_t max, size_t least_bytes)
{
    n = io_int(io, n, sizeof(uint32_t));
    if (io->out)
        return n;
    if (n > max || n > rd_left(&io->in) / least_bytes)
        bad(io, ERR_FORMAT);
    return io->rc ? 0 : n;
}

static void *room(struct io *io, size_t n, size_t size)
{
    void *p = n && !io->rc ? calloc(n, size) : NULL;
    if (n && !p)
        bad(io, ERR_NOMEM);
    return p;
}

/* ---- subjects ---- */

static void io_lane(struct io *io, struct lane_state *l)
{
    INT(io, l->first_day);
    INT(io, l->alert_day);
    INT(io, l->evidence_day);
    INT(io, l->record_day);
    io_float(io, &l->alert_p);
    INT(io, l->classes);
    INT(io, l->episodes);
    INT(io, l->open);
    INT(io, l->intent);
    INT(io, l->record);
    INT(io, l->stratum);
    INT(io, l->alert_y);
    if (l->record > LEVELS || l->stratum >= STRATA || l->intent >= INTENTS)
        bad(io, ERR_FORMAT);
}

static void io_cells(struct io *io, struct subject *s)
{
    size_t n = io_count(io, s->n_cells, TREND_RING_DAYS + 2, 4);
    if (!io->out) {
        s->cell = room(io, n, sizeof *s->cell);
        s->n_cells = s->cap_cells = s->cell ? (uint16_t)n : 0;
        io->t->bytes += s->cap_cells * sizeof *s->cell;
    }
    for (uint16_t i = 0; i < s->n_cells; i++) {
        INT(io, s->cell[i].day);
        INT(io, s->cell[i].y);
        if (i && s->cell[i].day <= s->cell[i - 1].day)
            bad(io, ERR_FORMAT);
    }
}

static void io_sites(struct io *io, struct subject *s)
{
    size_t n = io_count(io, s->n_sites, SITES_OF_SUBJECT_MAX, 10);
    if (!io->out) {
        s->site = room(io, n, sizeof *s->site);
        s->n_sites = s->cap_sites = s->site ? (uint16_t)n : 0;
        io->t->bytes += s->cap_sites * sizeof *s->site;
    }
    for (uint16_t i = 0; i < s->n_sites; i++) {
        INT(io, s->site[i].site);
        INT(io, s->site[i].first_day);
        INT(io, s->site[i].last_day);
        io_amount_float(io, &s->site[i].n);
        if (s->site[i].site >= io->t->n_feeds || (i && s->site[i].site <= s->site[i - 1].site))
            bad(io, ERR_FORMAT);
    }
}

static void io_evidence(struct io *io, struct subject *s)
{
    size_t n = io_count(io, s->n_evidence, EVIDENCE_MAX, 20);
    if (!io->out) {
        s->evidence = room(io, n, sizeof *s->evidence);
        s->n_evidence = s->cap_evidence = s->evidence ? (uint16_t)n : 0;
        io->t->bytes += s->cap_evidence * sizeof *s->evidence;
    }
    for (uint16_t i = 0; i < s->n_evidence; i++) {
        struct evidence *e = &s->evidence[i];
        INT(io, e->day);
        INT(io, e->site);
        INT(io, e->voice);
        INT(io, e->cluster);
        INT(io, e->post_lo);
        INT(io, e->post_hi);
        INT(io, e->intent);
        INT(io, e->weight);
        if (e->site >= io->t->n_feeds || e->intent >= INTENTS ||
            (i && e->day < s->evidence[i - 1].day))
            bad(io, ERR_FORMAT);
    }
}

static bool is_blank(const struct subject *s)
{
    return !s->last_day && s->kind == SUBJECT_TOPIC && s->weight == 1 && !s->marks;
}

/* Most ids may be of subjects that nobody named: one byte. */
static void io_subject(struct io *io, struct subject *s)
{
    uint8_t there = io->out ? !is_blank(s) : 0;
    INT(io, there);
    if (there > 1)
        bad(io, ERR_FORMAT);
    if (!there || io->rc)
        return;
    INT(io, s->last_day);
    INT(io, s->fresh_day);
    INT(io, s->tail_day);
    INT(io, s->kind);
    INT(io, s->marks);
    INT(io, s->truncated);
    INT(io, s->stratum);
    INT(io, s->told_day);
    io_amount_float(io, &s->weight);
    io_amount_float(io, &s->tail);
    if (s->kind >= SUBJECT_KINDS || s->stratum >= STRATA)
        bad(io, ERR_FORMAT);
    io_cells(io, s);
    io_sites(io, s);
    io_evidence(io, s);
    for (int i = 0; i < TREND_LANES; i++)
        io_lane(io, &s->lane[i]);
}

static void io_subjects(struct io *io)
{
    struct subject *s;
    size_t n = io_count(io, io->t->n_subjects, io->t->options.max_subjects, 1);
    if (!io->out && n && subject_at(io->t, (uint32_t)n - 1, &s))
        bad(io, ERR_NOMEM);
    for (uint32_t i = 0; i < io->t->n_subjects && !io->rc; i++) {
        io_subject(io, &io->t->subject[i]);
    }
}

/* ---- sites ---- */

static void io_feed(struct io *io, struct feed *f)
{
    uint8_t exposed = f->day != NULL;
    INT(io, exposed);
    INT(io, f->site_class);
    INT(io, f->silent);
    INT(io, f->late_today);
    INT(io, f->dump_today);
    INT(io, f->tail_day);
    INT(io, f->first_day);
    INT(io, f->last_day);
    INT(io, f->dump_day);
    INT(io, f->n_dumps);
    io_amount(io, &f->before);
    io_amount(io, &f->tail);
    io_amount(io, &f->units);
    io_amount_float(io, &f->today_fresh);
    io_amount_float(io, &f->today_late);
    io_amount_float(io, &f->share);
    if (f->site_class > 31)
        bad(io, ERR_FORMAT);
    if (!exposed)
        return;
    if (!io->out)
        f->day = room(io, TREND_RING_DAYS, sizeof *f->day);
    for (int i = 0; i < TREND_RING_DAYS && f->day; i++)
        io_amount_float(io, &f->day[i]);
}

static void io_feeds(struct io *io)
{
    struct feed *f;
    size_t n = io_count(io, io->t->n_feeds, io->t->options.max_sites, 40);
    if (!io->out && n && feed_at(io->t, (uint32_t)n - 1, &f))
        bad(io, ERR_NOMEM);
    for (uint32_t i = 0; i < io->t->n_feeds && !io->rc; i++)
        io_feed(io, &io->t->feed[i]);
}

/* ---- tables of hashes: in order, as their place in memory depends on how they grew ---- */

static int by_u64(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static void save_seen(struct io *io, const struct seen *s, int generation)
{
    size_t n = 0;
    uint64_t *key = room(io, s->n[generation] + 1, sizeof *key);
    (void)io_count(io, s->n[generation], UINT32_MAX, 8);
    for (size_t i = 0; key && i < s->cap[generation]; i++)
        if (s->slot[generation][i])
            key[n++] = s->slot[generation][i];
    if (key)
        qsort(key, n, sizeof *key, by_u64);
    for (size_t i = 0; i < n; i++)
        wr_u64(io->out, key[i]);
    free(key);
}

/* The previous generation is read first, and then set aside. */
static void io_seen(struct io *io)
{
    struct seen *s = &io->t->seen;
    INT(io, s->since_day);
    for (int generation = 1; generation >= 0; generation--) {
        if (io->out) {
            save_seen(io, s, generation);
            continue;
        }
        size_t n = io_count(io, 0, SEEN_MAX, 8);
        bool is_new;
        for (size_t i = 0; i < n && !io->rc; i++)
            if (seen_put(s, io_int(io, 0, 8), &is_new) || !is_new)
                bad(io, ERR_FORMAT);
        if (generation)
            seen_turn(s);
    }
}

static int by_hash(const void *a, const void *b)
{
    const struct voice *x = a, *y = b;
    return (x->hash > y->hash) - (x->hash < y->hash);
}

static void io_named(struct io *io, struct voice *v)
{
    struct trends *t = io->t;
    uint32_t *next = &v->head, at = v->head;
    for (uint16_t i = 0; i < v->n && !io->rc; i++) {
        if (!io->out) {
            at = (uint32_t)t->named.n;
            if (vec_push(&t->named, ((struct named){0}), UINT32_MAX - 1))
                bad(io, ERR_NOMEM);
            if (io->rc)
                return;
            if (i)
                t->named.v[at - 1].next = at;
            else
                *next = at;
        }
        INT(io, t->named.v[at].subject);
        INT(io, t->named.v[at].day);
        if (io->out)
            at = t->named.v[at].next;
    }
}

static void io_voice(struct io *io, struct voice *v)
{
    INT(io, v->hash);
    INT(io, v->first_day);
    INT(io, v->last_day);
    INT(io, v->until_day);
    INT(io, v->n);
    if (!v->hash || v->n > AGGREGATOR_CVES + 1)
        bad(io, ERR_FORMAT);
    if (!io->rc)
        io_named(io, v);
}

static void io_voices(struct io *io)
{
    struct trends *t = io->t;
    size_t n = io_count(io, t->n_voices, t->options.max_voices, 16), at = 0;
    struct voice *list = room(io, n, sizeof *list);
    for (size_t i = 0; io->out && list && i < t->cap_voices; i++)
        if (t->voice[i].hash)
            list[at++] = t->voice[i];
    if (io->out && list)
        qsort(list, n, sizeof *list, by_hash);
    for (size_t i = 0; list && i < n && !io->rc; i++) {
        io_voice(io, &list[i]);
        if (i && list[i].hash <= list[i - 1].hash)
            bad(io, ERR_FORMAT);
        if (!io->out && !io->rc && voice_put(t, &list[i]))
            bad(io, ERR_NOMEM);
    }
    free(list);
}

/* ---- what waits for the end of the day ---- */

static void io_unit(struct io *io, struct unit *u)
{
    INT(io, u->subject);
    INT(io, u->site);
    INT(io, u->thread);
    INT(io, u->voice);
    INT(io, u->cluster);
    INT(io, u->event_day);
    INT(io, u->ingest_day);
    INT(io, u->intent);
    io_float(io, &u->weight);
    INT(io, u->post);
    if (u->subject >= io->t->options.max_subjects || u->site >= io->t->options.max_sites ||
        u->event_day < 0 || u->event_day > u->ingest_day || u->ingest_day > DAY_MAX - 1 ||
        u->intent >= INTENTS)
        bad(io, ERR_FORMAT);
}

static void io_waiting(struct io *io)
{
    struct trends *t = io->t;
    size_t n = io_count(io, t->pending.n, PENDING_MAX, 50);
    for (size_t i = 0; i < n && !io->rc; i++) {
        struct unit u = io->out ? t->pending.v[i] : (struct unit){0};
        io_unit(io, &u);
        if (!io->out && !io->rc && vec_push(&t->pending, u, UINT32_MAX))
            bad(io, ERR_NOMEM);
    }
    n = io_count(io, t->exposure.n, UINT32_MAX, 12);
    for (size_t i = 0; i < n && !io->rc; i++) {
        struct exposure x = io->out ? t->exposure.v[i] : (struct exposure){0};
        INT(io, x.site);
        INT(io, x.threads);
        INT(io, x.day);
        if (x.site >= t->options.max_sites || x.day < 0 || x.day > DAY_MAX - 1)
            bad(io, ERR_FORMAT);
        if (!io->out && !io->rc && vec_push(&t->exposure, x, UINT32_MAX))
            bad(io, ERR_NOMEM);
    }
}

/* Subjects with evidence, or marks, that no evening has judged yet. */
static void io_ids(struct io *io, bool touched)
{
    struct trends *t = io->t;
    size_t n = io_count(io, touched ? t->touched.n : t->marked.n, t->n_subjects, 4);
    for (size_t i = 0; i < n && !io->rc; i++) {
        uint32_t id = !io->out ? 0 : touched ? t->touched.v[i] : t->marked.v[i];
        INT(io, id);
        if (id >= t->n_subjects)
            bad(io, ERR_FORMAT);
        if (!io->out && !io->rc &&
            (touched ? vec_push(&t->touched, id, UINT32_MAX)
                     : vec_push(&t->marked, id, UINT32_MAX)))
            bad(io, ERR_NOMEM);
    }
}

/* ---- all ---- */

static void io_learned(struct io *io)
{
    struct trends *t = io->t;
    for (int lane = 0; lane < TREND_LANES; lane++)
        for (int k = 0; k < STRATA; k++) {
            struct calibration *c = &t->calibration[lane][k];
            for (int i = 0; i < LEVELS; i++)
                io_double(io, &c->at[i]);
            io_amount(io, &c->weeks);
            io_double(io, &c->g);
            io_amount(io, &t->part[lane][k]);
            if (!(c->g > 0))
                bad(io, ERR_FORMAT);
        }
    for (int l = 0; l < 2; l++) {
        for (int k = -1; k < SUBJECT_KINDS; k++) {
            struct prior *p = k < 0 ? &t->prior[l].all : &t->prior[l].kind[k];
            for (int i = 0; i < COMPONENTS; i++) {
                io_double(io, &p->weight[i]);
                if (!(p->weight[i] > 0))
                    bad(io, ERR_FORMAT);
            }
        }
        if (!io->rc)
            priors_ready(&t->prior[l], l ? LANE_RISE : LANE_BURST, false);
    }
    for (int i = 0; i < WINDOWS; i++) {
        io_double(io, &t->wander.over[i]);
        io_amount(io, &t->wander.base[i]);
    }
    io_amount(io, &t->roamed);
    io_amount(io, &t->could_roam);
    INT(io, t->prior_day);
    for (int i = 0; i < TREND_RING_DAYS; i++)
        io_amount_float(io, &t->day_units[i]);
}

static void io_stats(struct io *io)
{
    struct trend_stats *s = &io->t->stats;
    INT(io, s->units);
    INT(io, s->counted);
    INT(io, s->aggregated);
    INT(io, s->copied);
    INT(io, s->capped);
    INT(io, s->future);
    INT(io, s->history);
    INT(io, s->unweighed);
    INT(io, s->dump_days);
    INT(io, s->evicted);
    for (int i = 0; i < TREND_LANES; i++)
        io_double(io, &s->g[i]);
}

static void io_ledger(struct io *io)
{
    struct trends *t = io->t;
    if (io->out) {
        wr_u32(io->out, (uint32_t)ledger_bytes(t->ledger));
        if (ledger_save(t->ledger, io->out))
            bad(io, io->out->rc);
        return;
    }
    t->ledger = ledger_free(t->ledger);
    enum err rc = ledger_load(rd_str(&io->in), t->options.max_interest, &t->ledger);
    if (rc)
        bad(io, rc);
}

static void io_all(struct io *io)
{
    struct trends *t = io->t;
    uint32_t magic = MAGIC;
    INT(io, magic);
    if (magic != MAGIC)
        bad(io, ERR_FORMAT);
    INT(io, t->day);
    INT(io, t->ended_day);
    INT(io, t->first_day);
    if (t->day < -1 || t->day > DAY_MAX - 1 || t->ended_day < -1 || t->ended_day > t->day ||
        t->first_day < 0 || (t->day >= 0 && t->first_day > t->day))
        bad(io, ERR_FORMAT);
    void (*const part[])(struct io *) = {io_learned, io_stats,  io_feeds,   io_subjects,
                                         io_seen,    io_voices, io_waiting, io_ledger};
    for (size_t i = 0; i < sizeof part / sizeof part[0] && !io->rc; i++)
        part[i](io);
    if (!io->rc) {
        io_ids(io, true);
        io_ids(io, false);
    }
}

enum err trends_save(struct trends *t, struct buf *b)
{
    struct io io = {.out = b, .t = t};
    io_all(&io);
    return io.rc ? io.rc : b->rc;
}

enum err trends_load(const struct trend_options *options, struct str bytes,
                     struct trends **ret_trends)
{
    struct io io = {.in = rd_of(bytes)};
    TRY(trends_new(options, &io.t));
    io_all(&io);
    if (!io.rc && rd_left(&io.in))
        io.rc = ERR_FORMAT;
    *ret_trends = io.rc ? trends_free(io.t) : io.t;
    return io.rc;
}
