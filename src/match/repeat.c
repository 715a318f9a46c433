#include "match/repeat.h"

#include "base/hash.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum {
    CHUNK_BYTES = 64 * 1024, /* offsets in it fit uint16_t */
    MAX_CELLS = 256,         /* of a line */
    MAX_RANGES = 12,
    MIN_GROUP_BYTES = 12, /* below, searching is cheaper than asking */
    MAX_GROUP_BYTES = 2048,
    MAX_SPOTS = 32, /* of one group */
    SAMPLE_LINES = 256,
    MIN_SAMPLE = 32,
    WAYS = 2,
    SEEN_SLOTS = 16 * 1024,
    MAX_WAIT = 64, /* chunks */
};

struct seen_spot {
    uint32_t literal;
    uint16_t range, end; /* the end counts from the start of the range */
};

/* The cells of a group, and what was found in them. */
struct seen {
    uint64_t hash;
    const char *p; /* range behind range; of fresh ones the chunk's line */
    const struct seen_spot *spot;
    uint32_t n;
    uint16_t n_spots;
    bool idle;
    uint32_t fresh; /* 0: searched; else its number in the chunk */
};

/* Neighbouring cells first .. behind - 1 of a line. */
struct range {
    uint16_t first, behind, group;
};

/* Ranges that are looked up together. */
struct group {
    uint32_t asked, new; /* since it was last judged */
};

/* A line begins at `from`; its cells end at cut[first ..], where the next ones begin: a cell holds
 * the cut before it. */
struct line {
    uint32_t from, first;
};

struct repeat {
    const struct lit_set *set;
    char cuts[2];
    uint16_t n_cells; /* of the lines that the ranges are for */
    struct range range[MAX_RANGES];
    size_t n_ranges, n_groups;
    struct group group[MAX_RANGES];
    uint32_t lines, fitting; /* since they were last judged */
    unsigned wait, patience; /* chunks until ranges are looked for again */
    struct seen *seen;
    char *store;
    size_t stored;
    unsigned turn; /* which of two ways is given up next */
    uint64_t meaning;
    /* of the text at hand */
    const struct repeat_judge *judge;
    bool marked; /* a line of it may change what cells mean */
    /* of the chunk at hand */
    struct str text;
    uint16_t *cut; /* where cuts and line ends stand */
    uint32_t *end; /* which of them are line ends */
    size_t n_ends;
    bool empties, drops; /* some cells are empty; idle spots are left out */
    char *raw;           /* what has to be searched, put together */
    size_t n_raw;
    VEC(struct run) run;
    VEC(struct fresh) fresh;
    struct lit_spots known, searched;
    struct str cell[MAX_CELLS]; /* for the judge */
};

/* Where a stretch of the raw text comes from. */
struct run {
    uint32_t raw, text;
};

struct fresh {
    struct line line;
    uint32_t group;
    struct seen *seen;
};

enum err repeat_new(const struct lit_set *set, const char *cuts, struct repeat **ret_repeat)
{
    struct repeat *r = calloc(1, sizeof *r);
    *ret_repeat = NULL;
    if (!r)
        return ERR_NOMEM;
    *r = (struct repeat){.set = set, .patience = 1};
    r->cuts[0] = cuts[0];
    r->cuts[1] = cuts[1] ? cuts[1] : cuts[0];
    r->seen = calloc(SEEN_SLOTS, sizeof *r->seen);
    r->store = malloc(REPEAT_BYTES);
    r->cut = calloc(CHUNK_BYTES, sizeof *r->cut);
    r->end = calloc(CHUNK_BYTES, sizeof *r->end);
    r->raw = malloc(CHUNK_BYTES);
    if (!r->seen || !r->store || !r->cut || !r->end || !r->raw) {
        (void)repeat_free(r);
        return ERR_NOMEM;
    }
    *ret_repeat = r;
    return OK;
}

struct repeat *repeat_free(struct repeat *r)
{
    if (r) {
        free(r->seen);
        free(r->store);
        free(r->cut);
        free(r->end);
        free(r->raw);
        vec_done(&r->run);
        vec_done(&r->fresh);
        vec_done(&r->known);
        vec_done(&r->searched);
        free(r);
    }
    return NULL;
}

static void forget_all(struct repeat *r)
{
    memset(r->seen, 0, SEEN_SLOTS * sizeof *r->seen);
    r->stored = 0;
}

/* --- where cells end --- */

struct masks {
    uint64_t cut, end;
};

/* Which of 64 bytes are cuts, which of these line ends. */
static inline struct masks masks_plainly(const char *p, const char cuts[2])
{
    struct masks m = {0, 0};
    for (int k = 0; k < 64; k++) {
        m.end |= (uint64_t)(p[k] == '\n') << k;
        m.cut |= (uint64_t)(p[k] == cuts[0] || p[k] == cuts[1] || p[k] == '\n') << k;
    }
    return m;
}

struct cutter {
    struct repeat *r;
    size_t n, n_ends;
    uint64_t before, beside; /* was the last byte a cut; do two stand side by side */
};

static inline void take_masks(struct cutter *c, size_t at, struct masks m)
{
    c->beside |= m.cut & (m.cut << 1 | c->before);
    c->before = m.cut >> 63;
    for (; m.end; m.end &= m.end - 1) {
        uint64_t earlier = m.cut & ((m.end & -m.end) - 1);
        c->r->end[c->n_ends++] = (uint32_t)(c->n + (size_t)__builtin_popcountll(earlier));
    }
    for (; m.cut; m.cut &= m.cut - 1)
        c->r->cut[c->n++] = (uint16_t)(at + (size_t)__builtin_ctzll(m.cut));
}

#if defined(__x86_64__)
__attribute__((target("avx2,bmi,popcnt"))) static size_t cut_wide(struct cutter *cutter)
{
    struct cutter c = *cutter;
    const __m256i a = _mm256_set1_epi8(c.r->cuts[0]), b = _mm256_set1_epi8(c.r->cuts[1]);
    const __m256i nl = _mm256_set1_epi8('\n');
    struct str text = c.r->text;
    size_t i = 0;
    for (; i + 64 <= text.n; i += 64) {
        struct masks m = {0, 0};
#pragma GCC unroll 2
        for (int k = 0; k < 2; k++) {
            __m256i v = _mm256_loadu_si256((const __m256i *)(const void *)(text.p + i + 32 * k));
            __m256i end = _mm256_cmpeq_epi8(v, nl);
            __m256i cut = _mm256_or_si256(_mm256_cmpeq_epi8(v, a), _mm256_cmpeq_epi8(v, b));
            cut = _mm256_or_si256(cut, end);
            m.end |= (uint64_t)(unsigned)_mm256_movemask_epi8(end) << (32 * k);
            m.cut |= (uint64_t)(unsigned)_mm256_movemask_epi8(cut) << (32 * k);
        }
        take_masks(&c, i, m);
    }
    *cutter = c;
    return i;
}
#endif

/* Fills cut and end. A cut that begins a line leaves an empty cell as well. */
static void cut_text(struct repeat *r)
{
    char last[64];
    struct cutter c = {.r = r, .before = 1};
    size_t i = 0;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi"))
        i = cut_wide(&c);
#endif
    for (; i < r->text.n; i += sizeof last) {
        size_t n = r->text.n - i < sizeof last ? r->text.n - i : sizeof last;
        memset(last, 0, sizeof last);
        memcpy(last, r->text.p + i, n);
        take_masks(&c, i, masks_plainly(last, r->cuts));
    }
    r->n_ends = c.n_ends;
    r->empties = c.beside != 0;
}

static inline struct str range_text(const struct repeat *r, struct line line,
                                    const struct range *range)
{
    size_t from = range->first ? r->cut[line.first + range->first - 1u] : line.from;
    return str_make(r->text.p + from, r->cut[line.first + range->behind - 1u] - from);
}

/* The line behind the one that ends at cut[end]. */
static struct line line_behind(const struct repeat *r, size_t end)
{
    return (struct line){r->cut[end] + 1u, (uint32_t)end + 1};
}

/* --- short texts, without a call for each --- */

static inline uint64_t eight(const char *p)
{
    uint64_t bytes;
    memcpy(&bytes, p, sizeof bytes);
    return bytes;
}

static inline uint64_t mix(uint64_t a, uint64_t b)
{
    unsigned __int128 m = (unsigned __int128)a * b;
    return (uint64_t)m ^ (uint64_t)(m >> 64);
}

/* 16 bytes at a time; of what is left the first and the last bytes, which may overlap. A bad hash
 * costs time only. */
static inline uint64_t hash_more(struct str s, uint64_t hash)
{
    uint64_t a = hash ^ s.n * 0x9e3779b97f4a7c15u, b = 0;
    size_t i = 0;
    for (; i + 16 < s.n; i += 16) {
        a = mix(a ^ eight(s.p + i), 0xd6e8feb86659fd93u);
        b = mix(b ^ eight(s.p + i + 8), 0xa0761d6478bd642fu);
    }
    if (s.n >= 8) {
        a ^= eight(s.p + (s.n - i > 8 ? i : s.n - 8));
        b ^= eight(s.p + s.n - 8);
    } else {
        for (; i < s.n; i++)
            b = b << 8 | (unsigned char)s.p[i];
    }
    return mix(a ^ 0xe7037ed1a0b428dbu, b ^ 0x8ebc6af09c88c6e3u);
}

static inline bool same_bytes(const char *a, const char *b, size_t n)
{
    uint64_t other = 0;
    if (n < 8)
        return memcmp(a, b, n) == 0;
    for (size_t i = 0; i + 8 < n; i += 8)
        other |= eight(a + i) ^ eight(b + i);
    return (other | (eight(a + n - 8) ^ eight(b + n - 8))) == 0;
}

static inline void copy_bytes(char *to, const char *from, size_t n)
{
    if (n >= 16) {
        for (size_t i = 0; i + 16 < n; i += 16)
            memcpy(to + i, from + i, 16);
        memcpy(to + n - 16, from + n - 16, 16);
    } else if (n >= 8) {
        memcpy(to, from, 8);
        memcpy(to + n - 8, from + n - 8, 8);
    } else {
        for (size_t i = 0; i < n; i++)
            to[i] = from[i];
    }
}

/* --- which cells repeat --- */

struct sample {
    struct line line[SAMPLE_LINES];
    size_t n;
};

/* The lines of the most frequent number of cells. */
static void take_sample(struct repeat *r, struct sample *ret)
{
    uint16_t of[MAX_CELLS + 1] = {0};
    struct line line = {0, 0};
    size_t n = r->n_ends < SAMPLE_LINES ? r->n_ends : SAMPLE_LINES;
    ret->n = 0;
    r->n_cells = 0;
    for (size_t i = 0; i < n; line = line_behind(r, r->end[i++])) {
        size_t cells = r->end[i] - line.first + 1;
        if (cells <= MAX_CELLS && ++of[cells] > of[r->n_cells])
            r->n_cells = (uint16_t)cells;
    }
    line = (struct line){0, 0};
    for (size_t i = 0; i < n; line = line_behind(r, r->end[i++]))
        if (r->end[i] - line.first + 1 == r->n_cells)
            ret->line[ret->n++] = line;
}

/* Do these ranges together have few values in the sample, so that most were seen before? */
static bool few_values(const struct repeat *r, const struct sample *s, const struct range *range,
                       size_t n)
{
    uint64_t table[4 * SAMPLE_LINES] = {0};
    size_t values = 0;
    for (size_t i = 0; i < s->n; i++) {
        uint64_t hash = 0;
        for (size_t k = 0; k < n; k++)
            hash = hash_more(range_text(r, s->line[i], &range[k]), hash);
        hash |= 1;
        size_t at = hash >> 32 & (ARRAY_LEN(table) - 1);
        while (table[at] && table[at] != hash)
            at = (at + 1) & (ARRAY_LEN(table) - 1);
        values += !table[at];
        table[at] = hash;
        if (values > s->n / 4)
            return false;
    }
    return true;
}

/* From the left, as many neighbours together as still repeat. */
static void find_ranges(struct repeat *r, const struct sample *s)
{
    r->n_ranges = 0;
    for (size_t first = 0, behind; r->n_ranges < MAX_RANGES && first < r->n_cells; first = behind) {
        struct range range = {(uint16_t)first, (uint16_t)(first + 1), (uint16_t)r->n_ranges};
        behind = first + 1;
        if (!few_values(r, s, &range, 1))
            continue;
        while (behind < r->n_cells &&
               (range.behind = (uint16_t)(behind + 1), few_values(r, s, &range, 1)))
            behind++;
        range.behind = (uint16_t)behind;
        r->range[r->n_ranges++] = range;
    }
    r->n_groups = r->n_ranges;
}

/* Two groups are one if their values together are still few: one question instead of two, and the
 * judge sees more of the line. */
static bool join(struct repeat *r, const struct sample *s, uint16_t a, uint16_t b)
{
    struct range both[MAX_RANGES];
    size_t n = 0;
    for (size_t i = 0; i < r->n_ranges; i++)
        if (r->range[i].group == a || r->range[i].group == b)
            both[n++] = r->range[i];
    if (!few_values(r, s, both, n))
        return false;
    for (size_t i = 0; i < r->n_ranges; i++) {
        if (r->range[i].group == b)
            r->range[i].group = a;
        r->range[i].group -= r->range[i].group > b;
    }
    r->n_groups--;
    return true;
}

static void drop_group(struct repeat *r, uint16_t group)
{
    size_t kept = 0;
    for (size_t i = 0; i < r->n_ranges; i++) {
        struct range range = r->range[i];
        if (range.group == group)
            continue;
        range.group -= range.group > group;
        r->range[kept++] = range;
    }
    r->n_ranges = kept;
    r->n_groups--;
    for (size_t i = group; i < r->n_groups; i++)
        r->group[i] = r->group[i + 1];
    forget_all(r); /* what is remembered goes by ranges */
}

static size_t group_bytes(const struct repeat *r, const struct sample *s, uint16_t group)
{
    size_t bytes = 0;
    for (size_t i = 0; i < r->n_ranges; i++)
        for (size_t k = 0; r->range[i].group == group && k < s->n; k++)
            bytes += range_text(r, s->line[k], &r->range[i]).n;
    return bytes;
}

static void find_groups(struct repeat *r)
{
    UNCLEARED struct sample s;
    take_sample(r, &s);
    r->n_ranges = r->n_groups = 0;
    r->lines = r->fitting = 0;
    forget_all(r);
    if (s.n < MIN_SAMPLE)
        return;
    find_ranges(r, &s);
    for (uint16_t a = 0; a < r->n_groups; a++)
        for (uint16_t b = a + 1; b < r->n_groups;)
            b += !join(r, &s, a, b);
    memset(r->group, 0, sizeof r->group);
    for (uint16_t g = 0; g < r->n_groups;)
        if (group_bytes(r, &s, g) < s.n * MIN_GROUP_BYTES)
            drop_group(r, g);
        else
            g++;
}

/* Without groups the next chunks are searched plainly, the more of them the longer it lasts. */
static void rest_if_none(struct repeat *r)
{
    r->wait = r->n_groups ? 0 : r->patience;
    if (!r->n_groups && r->patience < MAX_WAIT)
        r->patience *= 2;
}

/* Groups of which half is new cost more than they spare; lines of another shape have none. */
static void judge_groups(struct repeat *r)
{
    for (uint16_t i = 0; i < r->n_groups;) {
        struct group *g = &r->group[i];
        bool judge = g->asked >= 4 * SAMPLE_LINES;
        if (judge && g->new > g->asked / 2) {
            drop_group(r, i);
            continue;
        }
        if (judge)
            g->asked = g->new = 0;
        i++;
    }
    if (r->lines >= SAMPLE_LINES) {
        if (r->lines > 2 * r->fitting)
            r->n_groups = r->n_ranges = 0;
        else
            r->patience = 1;
        r->lines = r->fitting = 0;
    }
    rest_if_none(r);
}

/* --- cells seen before --- */

/* What is asked about one line. */
struct question {
    struct line line;
    struct str range[MAX_RANGES];
    uint64_t hash[MAX_RANGES]; /* by group */
    uint32_t n[MAX_RANGES];
    const struct seen *known[MAX_RANGES]; /* NULL: has to be searched */
};

static void ask_about(const struct repeat *r, struct line line, struct question *q)
{
    q->line = line;
    for (size_t g = 0; g < r->n_groups; g++) {
        q->hash[g] = g;
        q->n[g] = 0;
        q->known[g] = NULL;
    }
    for (size_t i = 0; i < r->n_ranges; i++) {
        uint16_t g = r->range[i].group;
        q->range[i] = range_text(r, line, &r->range[i]);
        q->hash[g] = hash_more(q->range[i], q->hash[g]);
        q->n[g] += (uint32_t)q->range[i].n;
    }
}

/* The cuts that begin the ranges part them in the stored text as well. */
static bool same_cells(const struct repeat *r, const struct question *q, uint16_t group,
                       const char *p)
{
    for (size_t i = 0; i < r->n_ranges; i++) {
        if (r->range[i].group != group)
            continue;
        if (!same_bytes(p, q->range[i].p, q->range[i].n))
            return false;
        p += q->range[i].n;
    }
    return true;
}

/* A group that is fresh in this chunk stands there range by range, not behind one another. */
static bool same_fresh(const struct repeat *r, const struct question *q, uint16_t group,
                       const struct fresh *f)
{
    if (f->group != group)
        return false;
    for (size_t i = 0; i < r->n_ranges; i++)
        if (r->range[i].group == group &&
            !str_eq(range_text(r, f->line, &r->range[i]), q->range[i]))
            return false;
    return true;
}

static struct seen *find(const struct repeat *r, const struct question *q, uint16_t group,
                         struct seen *way)
{
    for (size_t k = 0; k < WAYS; k++)
        if (way[k].hash == q->hash[group] && way[k].n == q->n[group] &&
            (way[k].fresh ? same_fresh(r, q, group, &r->fresh.v[way[k].fresh - 1])
                          : same_cells(r, q, group, way[k].p)))
            return &way[k];
    return NULL;
}

/* A new group is searched with the rest of the line and remembered afterwards. */
static enum err note_fresh(struct repeat *r, const struct question *q, uint16_t group,
                           struct seen *way)
{
    struct seen *s = !way[0].n ? &way[0] : !way[1].n ? &way[1] : &way[r->turn++ % WAYS];
    struct fresh fresh = {q->line, group, s};
    TRY(vec_push(&r->fresh, fresh, CHUNK_BYTES * MAX_RANGES));
    *s = (struct seen){.hash = q->hash[group], .n = q->n[group], .fresh = (uint32_t)r->fresh.n};
    return OK;
}

static enum err look_up(struct repeat *r, struct question *q, uint16_t group)
{
    struct group *g = &r->group[group];
    if (q->n[group] == 0 || q->n[group] > MAX_GROUP_BYTES)
        return OK;
    struct seen *way = &r->seen[q->hash[group] % (SEEN_SLOTS / WAYS) * WAYS];
    const struct seen *s = find(r, q, group, way);
    g->asked++;
    if (!s) {
        g->new ++;
        return note_fresh(r, q, group, way);
    }
    q->known[group] = s->fresh ? NULL : s;
    return OK;
}

static enum err add_known(struct repeat *r, const struct question *q, size_t range)
{
    const struct seen *s = q->known[r->range[range].group];
    uint32_t from = (uint32_t)(q->range[range].p - r->text.p);
    if (s->idle && r->drops)
        return OK;
    for (size_t i = 0; i < s->n_spots; i++) {
        struct lit_spot spot = {from + s->spot[i].end, s->spot[i].literal};
        if (s->spot[i].range == range)
            TRY(vec_push(&r->known, spot, SIZE_MAX / sizeof spot));
    }
    return OK;
}

static inline enum err add_raw(struct repeat *r, size_t from, size_t to)
{
    struct run run = {(uint32_t)r->n_raw, (uint32_t)from};
    if (from == to)
        return OK;
    copy_bytes(r->raw + r->n_raw, r->text.p + from, to - from);
    r->n_raw += to - from;
    return vec_push(&r->run, run, CHUNK_BYTES);
}

/* Known cells bring their spots; *from is where the text begins that is not in raw yet. */
static enum err take_line(struct repeat *r, struct line line, size_t *from)
{
    UNCLEARED struct question q;
    ask_about(r, line, &q);
    for (uint16_t g = 0; g < r->n_groups; g++)
        TRY(look_up(r, &q, g));
    for (size_t i = 0; i < r->n_ranges; i++) {
        const struct seen *s = q.known[r->range[i].group];
        size_t at = (size_t)(q.range[i].p - r->text.p);
        if (!s)
            continue;
        if (s->n_spots)
            TRY(add_known(r, &q, i));
        TRY(add_raw(r, *from, at));
        *from = at + q.range[i].n;
    }
    return OK;
}

/* Everything that is not known goes to the raw text, cuts and line ends with it. */
static enum err gather(struct repeat *r)
{
    size_t from = 0;
    struct line line = {0, 0};
    for (size_t i = 0; i < r->n_ends; line = line_behind(r, r->end[i++])) {
        r->marked |= r->text.p[line.from] == '#';
        if (r->end[i] - line.first + 1 != r->n_cells)
            continue;
        r->fitting++;
        TRY(take_line(r, line, &from));
    }
    r->lines += (uint32_t)r->n_ends;
    r->marked |= line.from < r->text.n && r->text.p[line.from] == '#';
    return add_raw(r, from, r->text.n);
}

/* The spots of the raw text, where they stand in the chunk; with those of known cells, in order. */
static enum err merge(struct repeat *r, size_t base, struct lit_spots *spots)
{
    const struct lit_spots *a = &r->known, *b = &r->searched;
    size_t i = 0, run = 0;
    for (size_t k = 0; i < a->n || k < b->n;) {
        struct lit_spot spot = {UINT32_MAX, 0};
        if (k < b->n) {
            while (run + 1 < r->run.n && r->run.v[run + 1].raw < b->v[k].end)
                run++;
            spot = b->v[k];
            spot.end = spot.end - r->run.v[run].raw + r->run.v[run].text;
        }
        if (i < a->n && a->v[i].end < spot.end)
            spot = a->v[i++];
        else
            k++;
        r->marked |= r->judge && r->judge->marker[spot.literal];
        spot.end += (uint32_t)base;
        TRY(vec_push(spots, spot, SIZE_MAX / sizeof spot));
    }
    return OK;
}

/* --- remembering --- */

/* The first spot that ends behind a place. */
static size_t spot_behind(const struct lit_spots *spots, uint32_t place)
{
    size_t low = 0, high = spots->n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (spots->v[mid].end <= place)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* The spots in the cells of a group; MAX_SPOTS + 1 stands for more. */
static size_t spots_of(const struct repeat *r, const struct fresh *f, size_t base,
                       const struct lit_spots *spots, struct seen_spot spot[MAX_SPOTS])
{
    size_t n = 0;
    for (uint16_t i = 0; i < r->n_ranges; i++) {
        struct str text = range_text(r, f->line, &r->range[i]);
        uint32_t from = (uint32_t)(base + (size_t)(text.p - r->text.p));
        if (r->range[i].group != f->group)
            continue;
        for (size_t k = spot_behind(spots, from); k < spots->n && spots->v[k].end <= from + text.n;
             k++) {
            if (n == MAX_SPOTS)
                return MAX_SPOTS + 1;
            spot[n++] =
                (struct seen_spot){spots->v[k].literal, i, (uint16_t)(spots->v[k].end - from)};
        }
    }
    return n;
}

static bool idle(struct repeat *r, const struct fresh *f, const struct seen_spot *spot, size_t n)
{
    uint32_t literal[MAX_SPOTS];
    if (!r->judge || n == 0 || r->judge->cells != r->n_cells)
        return false;
    memset(r->cell, 0, sizeof r->cell);
    for (size_t i = 0; i < r->n_ranges; i++)
        for (uint16_t c = r->range[i].first;
             r->range[i].group == f->group && c < r->range[i].behind; c++) {
            struct range one = {c, (uint16_t)(c + 1), 0};
            struct str text = range_text(r, f->line, &one);
            r->cell[c] = c ? str_sub(text, 1, text.n) : text;
        }
    for (size_t i = 0; i < n; i++)
        literal[i] = spot[i].literal;
    struct str line = str_sub(r->text, f->line.from, r->cut[f->line.first + r->n_cells - 1u]);
    return r->judge->idle(r->judge->ctx, line, r->cell, literal, n);
}

/* Copies a group and its spots. */
static void keep(struct repeat *r, const struct fresh *f, const struct seen_spot *spot, size_t n)
{
    struct seen *s = f->seen;
    size_t bytes = n * sizeof *spot + s->n;
    if (REPEAT_BYTES - r->stored < bytes + sizeof *spot) {
        forget_all(r);
        return;
    }
    char *at = r->store + r->stored;
    s->spot = (const struct seen_spot *)(const void *)at;
    memcpy(at, spot, n * sizeof *spot);
    at += n * sizeof *spot;
    s->p = at;
    for (size_t i = 0; i < r->n_ranges; i++)
        if (r->range[i].group == f->group) {
            struct str text = range_text(r, f->line, &r->range[i]);
            memcpy(at, text.p, text.n);
            at += text.n;
        }
    r->stored += (bytes + sizeof *spot - 1) / sizeof *spot * sizeof *spot;
    s->n_spots = (uint16_t)n;
    s->fresh = 0;
}

/* Fresh groups are remembered with the spots that were found in them, unless another one has taken
 * their place; one with many of them is not worth it, and one that is not to be judged now would
 * never be. */
static void keep_fresh(struct repeat *r, size_t base, const struct lit_spots *spots)
{
    struct seen_spot spot[MAX_SPOTS];
    for (size_t i = 0; i < r->fresh.n; i++) {
        struct fresh *f = &r->fresh.v[i];
        if (f->seen->fresh != i + 1)
            continue;
        size_t n = spots_of(r, f, base, spots, spot);
        if (n > MAX_SPOTS || r->marked) {
            *f->seen = (struct seen){0};
            continue;
        }
        f->seen->idle = idle(r, f, spot, n);
        keep(r, f, spot, n);
    }
}

/* --- a text, chunk by chunk --- */

/* Up to the last line end within CHUNK_BYTES; a longer line is a chunk of its own. */
static struct str next_chunk(struct str text)
{
    if (text.n < CHUNK_BYTES)
        return text;
    const char *nl = memrchr(text.p, '\n', CHUNK_BYTES);
    if (!nl)
        nl = memchr(text.p + CHUNK_BYTES, '\n', text.n - CHUNK_BYTES);
    return nl ? str_sub(text, 0, (size_t)(nl - text.p) + 1) : text;
}

static enum err scan_plainly(struct repeat *r, size_t base, struct lit_spots *spots)
{
    TRY(lit_scan(r->set, r->text, &r->searched));
    for (size_t i = 0; i < r->searched.n; i++) {
        struct lit_spot spot = r->searched.v[i];
        r->marked |= r->judge && r->judge->marker[spot.literal];
        spot.end += (uint32_t)base;
        TRY(vec_push(spots, spot, SIZE_MAX / sizeof spot));
    }
    return OK;
}

/* Once a line was met that may change what cells mean, nothing is left out up to the end of the
 * text, not even before it in this chunk: whoever reads the text then knows. */
static enum err scan_cells(struct repeat *r, size_t base, struct lit_spots *spots)
{
    size_t before = spots->n;
    r->n_raw = r->run.n = r->fresh.n = r->known.n = 0;
    r->drops = r->judge && !r->marked && (!r->empties || r->judge->may_be_empty) &&
               r->judge->cells == r->n_cells;
    TRY(gather(r));
    TRY(lit_scan(r->set, str_make(r->raw, r->n_raw), &r->searched));
    TRY(merge(r, base, spots));
    if (r->marked && r->drops) {
        forget_all(r);
        spots->n = before;
        return scan_plainly(r, base, spots);
    }
    keep_fresh(r, base, spots);
    judge_groups(r);
    return OK;
}

static enum err scan_chunk(struct repeat *r, size_t base, struct lit_spots *spots)
{
    if (r->text.n > CHUNK_BYTES || r->wait) {
        r->wait -= r->wait > 0;
        return scan_plainly(r, base, spots);
    }
    cut_text(r);
    if (!r->n_groups) {
        find_groups(r);
        rest_if_none(r);
    }
    return r->n_groups ? scan_cells(r, base, spots) : scan_plainly(r, base, spots);
}

enum err repeat_scan(struct repeat *r, const struct repeat_judge *judge, struct str text,
                     struct lit_spots *spots)
{
    spots->n = 0;
    if (text.n >= UINT32_MAX)
        return ERR_LIMIT;
    if (judge && judge->meaning != r->meaning) {
        forget_all(r);
        r->meaning = judge->meaning;
    }
    r->judge = judge;
    r->marked = false;
    for (size_t base = 0; base < text.n; base += r->text.n) {
        r->text = next_chunk(str_sub(text, base, text.n));
        enum err rc = scan_chunk(r, base, spots);
        if (rc) {
            forget_all(r); /* fresh ones would stay unsearched */
            return rc;
        }
    }
    return OK;
}
