#include "watch/ledger.h"

#include "base/rd.h"
#include "base/vec.h"
#include "base/wr.h"

#include <math.h>
#include <string.h>

enum {
    MAGIC = 0x3167646c /* "ldg1" */,
    ENTRY_BYTES = 29,
    SITES_MAX = 65536,
    SUBJECTS_MAX = 4 << 20
};

/* Entries lie in order of coming; those of a subject are chained, the latest first. */
struct slot {
    struct ledger_entry entry;
    uint32_t next; /* + 1 */
};

struct ledger {
    VEC(struct slot) slot;
    VEC(uint32_t) head; /* by subject: slot + 1 */
    VEC(float) site;    /* weight; 0: 1 */
    size_t max;
};

static const double intent_weight[INTENTS] = {
    [INTENT_MENTION] = 0.2, [INTENT_QUESTION] = 0.5, [INTENT_SHARE] = 1,
    [INTENT_SEEK] = 1.5,    [INTENT_SELL] = 2,       [INTENT_CLAIM] = 2.5,
};

enum err ledger_new(size_t max_entries, struct ledger **ret_ledger)
{
    struct ledger *l = calloc(1, sizeof *l);
    if (!l)
        return ERR_NOMEM;
    l->max = max_entries < UINT32_MAX - 1 ? max_entries : UINT32_MAX - 1;
    *ret_ledger = l;
    return OK;
}

struct ledger *ledger_free(struct ledger *l)
{
    if (!l)
        return NULL;
    vec_done(&l->slot);
    vec_done(&l->head);
    vec_done(&l->site);
    free(l);
    return NULL;
}

static enum err heads_to(struct ledger *l, uint32_t subject)
{
    while (l->head.n <= subject)
        TRY(vec_push(&l->head, 0, UINT32_MAX));
    return OK;
}

/* The older half of all interest goes. */
static void make_room(struct ledger *l)
{
    size_t keep = 0, from = (l->slot.n + 1) / 2;
    memset(l->head.v, 0, l->head.n * sizeof *l->head.v);
    for (size_t i = from; i < l->slot.n; i++) {
        struct slot *s = &l->slot.v[keep];
        *s = l->slot.v[i];
        s->next = l->head.v[s->entry.subject];
        l->head.v[s->entry.subject] = (uint32_t)++keep;
    }
    l->slot.n = keep;
}

static struct ledger_entry *find(const struct ledger *l, uint32_t subject, uint32_t site,
                                 enum intent intent)
{
    uint32_t i = subject < l->head.n ? l->head.v[subject] : 0;
    for (; i; i = l->slot.v[i - 1].next) {
        struct ledger_entry *e = &l->slot.v[i - 1].entry;
        if (e->site == site && e->intent == intent)
            return e;
    }
    return NULL;
}

static enum err add(struct ledger *l, const struct ledger_entry *e)
{
    if (l->slot.n >= l->max)
        make_room(l);
    TRY(heads_to(l, e->subject));
    TRY(vec_push(&l->slot, ((struct slot){*e, l->head.v[e->subject]}), l->max));
    l->head.v[e->subject] = (uint32_t)l->slot.n;
    return OK;
}

enum err ledger_note(struct ledger *l, uint32_t subject, uint32_t site, enum intent intent,
                     int32_t day, uint64_t post)
{
    if (subject > SUBJECTS_MAX || (unsigned)intent >= INTENTS || !l->max)
        return ERR_LIMIT;
    struct ledger_entry *e = find(l, subject, site, intent);
    if (!e)
        return add(l, &(struct ledger_entry){subject, site, intent, day, day, 1, post});
    if (day < e->first_day) {
        e->first_day = day;
        e->post = post;
        e->times++;
    } else if (day > e->last_day) {
        e->last_day = day;
        e->times++;
    }
    return OK;
}

enum err ledger_site(struct ledger *l, uint32_t site, double weight)
{
    if (site >= SITES_MAX || !(weight >= 0) || weight > 1000)
        return ERR_USAGE;
    while (l->site.n <= site)
        TRY(vec_push(&l->site, 1, SITES_MAX));
    l->site.v[site] = (float)weight;
    return OK;
}

static int by_first(const void *a, const void *b)
{
    const struct ledger_entry *x = a, *y = b;
    if (x->first_day != y->first_day)
        return x->first_day < y->first_day ? -1 : 1;
    if (x->site != y->site)
        return x->site < y->site ? -1 : 1;
    return (int)x->intent - (int)y->intent;
}

size_t ledger_of(const struct ledger *l, uint32_t subject, int32_t since_day,
                 struct ledger_entry *ret_entry, size_t max)
{
    size_t n = 0;
    uint32_t i = subject < l->head.n ? l->head.v[subject] : 0;
    for (; i; i = l->slot.v[i - 1].next) {
        const struct ledger_entry *e = &l->slot.v[i - 1].entry;
        if (e->last_day >= since_day && n++ < max)
            ret_entry[n - 1] = *e;
    }
    qsort(ret_entry, n < max ? n : max, sizeof *ret_entry, by_first);
    return n;
}

struct ledger_score ledger_score(const struct ledger *l, uint32_t subject, int32_t day)
{
    struct ledger_score s = {0};
    uint32_t i = subject < l->head.n ? l->head.v[subject] : 0;
    for (; i; i = l->slot.v[i - 1].next) {
        const struct ledger_entry *e = &l->slot.v[i - 1].entry;
        if (e->first_day > day)
            continue;
        double weight = e->site < l->site.n ? (double)l->site.v[e->site] : 1;
        bool again = false;
        for (uint32_t k = l->slot.v[i - 1].next; k && !again; k = l->slot.v[k - 1].next)
            again =
                l->slot.v[k - 1].entry.site == e->site && l->slot.v[k - 1].entry.first_day <= day;
        s.score += intent_weight[e->intent] * weight *
                   exp2(-(double)(day - e->first_day) / LEDGER_HALF_LIFE);
        s.sites += !again;
        s.first_day = s.entries++ && s.first_day < e->first_day ? s.first_day : e->first_day;
        s.strongest = e->intent > s.strongest ? e->intent : s.strongest;
    }
    return s;
}

size_t ledger_bytes(const struct ledger *l)
{
    return 8 + l->slot.n * ENTRY_BYTES;
}

enum err ledger_save(const struct ledger *l, struct buf *b)
{
    wr_u32(b, MAGIC);
    wr_u32(b, (uint32_t)l->slot.n);
    for (size_t i = 0; i < l->slot.n; i++) {
        const struct ledger_entry *e = &l->slot.v[i].entry;
        wr_u32(b, e->subject);
        wr_u32(b, e->site);
        wr_u8(b, (uint8_t)e->intent);
        wr_u32(b, (uint32_t)e->first_day);
        wr_u32(b, (uint32_t)e->last_day);
        wr_u32(b, e->times);
        wr_u64(b, e->post);
    }
    return b->rc;
}

static enum err load(struct rd *r, struct ledger *l)
{
    uint32_t magic = rd_u32(r), n = rd_u32(r);
    if (magic != MAGIC || n > l->max || rd_left(r) != (size_t)n * ENTRY_BYTES)
        return ERR_FORMAT;
    for (uint32_t i = 0; i < n; i++) {
        struct ledger_entry e = {0};
        e.subject = rd_u32(r);
        e.site = rd_u32(r);
        e.intent = (enum intent)rd_u8(r);
        e.first_day = (int32_t)rd_u32(r);
        e.last_day = (int32_t)rd_u32(r);
        e.times = rd_u32(r);
        e.post = rd_u64(r);
        if (e.subject > SUBJECTS_MAX || (unsigned)e.intent >= INTENTS || e.first_day > e.last_day)
            return ERR_FORMAT;
        TRY(add(l, &e));
    }
    return OK;
}

enum err ledger_load(struct str bytes, size_t max_entries, struct ledger **ret_ledger)
{
    struct rd r = rd_of(bytes);
    struct ledger *l;
    TRY(ledger_new(max_entries, &l));
    enum err rc = load(&r, l);
    *ret_ledger = rc ? ledger_free(l) : l;
    return rc;
}
