#include "match/repeat_priv.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

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
    r->cut = calloc(CHUNK_BYTES + 4, sizeof *r->cut);
    r->end = calloc(CHUNK_BYTES, sizeof *r->end);
    bool raws = true;
    for (size_t i = 0; i < ARRAY_LEN(r->raw); i++) {
        r->raw[i].p = malloc(CHUNK_BYTES);
        r->raw[i].run = malloc(CHUNK_BYTES * sizeof *r->raw[i].run);
        raws = raws && r->raw[i].p && r->raw[i].run;
    }
    if (!r->seen || !r->store || !r->cut || !r->end || !raws) {
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
        for (size_t i = 0; i < ARRAY_LEN(r->raw); i++) {
            free(r->raw[i].p);
            free(r->raw[i].run);
            vec_done(&r->raw[i].spots);
        }
        (void)lit_free(r->rest);
        vec_done(&r->fresh);
        vec_done(&r->known);
        vec_done(&r->searched);
        free(r);
    }
    return NULL;
}

static void forget_cells(struct repeat *r)
{
    if (r->filled)
        memset(r->seen, 0, SEEN_SLOTS * sizeof *r->seen);
    r->filled = false;
    r->stored = 0;
}

/* What is remembered goes by ranges and by what cells mean. */
void repeat_forget(struct repeat *r)
{
    forget_cells(r);
    r->rest = lit_free(r->rest);
    r->chunks = 0;
}

/* --- short texts, without a call for each --- */

static inline bool same_bytes(const char *a, const char *b, size_t n)
{
    size_t i = 0;
    uint64_t other = 0;
    if (n < 8)
        return memcmp(a, b, n) == 0;
#ifdef __SSE2__
    __m128i same = _mm_set1_epi8(-1);
    for (; i + 16 <= n; i += 16) {
        __m128i x = _mm_loadu_si128((const __m128i *)(const void *)(a + i));
        __m128i y = _mm_loadu_si128((const __m128i *)(const void *)(b + i));
        same = _mm_and_si128(same, _mm_cmpeq_epi8(x, y));
    }
    if (_mm_movemask_epi8(same) != 0xffff)
        return false;
#endif
    for (; i + 8 < n; i += 8)
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

/* --- cells seen before --- */

/* What is asked about one line. */
struct question {
    struct line line;
    struct str range[MAX_RANGES];
    uint64_t hash[MAX_RANGES]; /* by group */
    uint32_t n[MAX_RANGES];
    const struct seen *known[MAX_RANGES]; /* NULL: has to be searched */
    uint32_t new;                         /* groups, as bits: not seen before */
    bool leaves_out;                      /* idle spots of this line are left out */
};

static void ask_about(const struct repeat *r, struct line line, struct question *q)
{
    q->line = line;
    q->new = 0;
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
        if (way[k].hash == q->hash[group] && way[k].n == q->n[group] && way[k].group == group &&
            (way[k].fresh ? same_fresh(r, q, group, &r->fresh.v[way[k].fresh - 1])
                          : same_cells(r, q, group, way[k].p)))
            return &way[k];
    return NULL;
}

static struct seen *ways_of(const struct repeat *r, const struct question *q, uint16_t group)
{
    return &r->seen[q->hash[group] % (SEEN_SLOTS / WAYS) * WAYS];
}

/* A new group is searched with the rest of the line and remembered afterwards. It may take the
 * place of another group of its line: not before that one has brought its spots. */
static enum err note_fresh(struct repeat *r, const struct question *q, uint16_t group)
{
    struct seen *way = ways_of(r, q, group);
    struct seen *s = !way[0].n ? &way[0] : !way[1].n ? &way[1] : &way[r->turn++ % WAYS];
    struct fresh fresh = {q->line, group, s};
    TRY(vec_push(&r->fresh, fresh, CHUNK_BYTES * MAX_RANGES));
    r->filled = true;
    *s = (struct seen){.hash = q->hash[group],
                       .n = q->n[group],
                       .group = (uint8_t)group,
                       .fresh = (uint32_t)r->fresh.n};
    return OK;
}

static void look_up(struct repeat *r, struct question *q, uint16_t group)
{
    struct group *g = &r->group[group];
    if (q->n[group] == 0 || q->n[group] > MAX_GROUP_BYTES)
        return;
    const struct seen *s = find(r, q, group, ways_of(r, q, group));
    g->asked++;
    g->new += !s;
    q->new |= (uint32_t)!s << group;
    q->known[group] = !s || s->fresh ? NULL : s;
}

/* A line of as many cells as there are columns whose values may stand elsewhere all the same: NUL
 * bytes or a carriage return are no value, and a second kind of cut may be none between columns. */
static inline bool doubtful(const struct repeat *r, struct line line, size_t cells)
{
    size_t end = r->cut[line.first + cells - 1u], last = line.from;
    if (cells > 1)
        last = r->cut[line.first + cells - 2u] + 1u;
    if (r->judge->may_be_empty)
        return r->cuts[1] != r->cuts[0] &&
               memchr(r->text.p + line.from, r->cuts[1], end - line.from);
    return !r->text.p[line.from] || last == end || !r->text.p[last] || r->text.p[last] == '\r';
}

static enum err add_known(struct repeat *r, const struct question *q, size_t range)
{
    const struct seen *s = q->known[r->range[range].group];
    uint32_t from = (uint32_t)(q->range[range].p - r->text.p);
    if (s->idle && q->leaves_out)
        return OK;
    for (size_t i = 0; i < s->n_spots; i++) {
        struct lit_spot spot = {from + s->spot[i].end, s->spot[i].literal};
        if (s->spot[i].range == range)
            TRY(vec_push(&r->known, spot, SIZE_MAX / sizeof spot));
    }
    return OK;
}

static inline void add_raw(struct repeat *r, struct raw *raw, size_t from, size_t to)
{
    if (from == to)
        return;
    raw->run[raw->n_runs++] = (struct run){(uint32_t)raw->n, (uint32_t)from};
    copy_bytes(raw->p + raw->n, r->text.p + from, to - from);
    raw->n += to - from;
}

/* What of the text is not in raw yet, and where it belongs. */
struct pending {
    size_t from;
    struct raw *raw;
};

static bool all_known(const struct repeat *r, const struct question *q)
{
    for (size_t g = 0; g < r->n_groups; g++)
        if (!q->known[g])
            return false;
    return r->rest && q->leaves_out;
}

static void turn_to(struct repeat *r, struct pending *p, struct raw *raw, size_t at)
{
    if (p->raw == raw)
        return;
    add_raw(r, p->raw, p->from, at);
    *p = (struct pending){at, raw};
}

/* Known cells bring their spots. */
static enum err take_line(struct repeat *r, struct line line, struct pending *p)
{
    UNCLEARED struct question q;
    ask_about(r, line, &q);
    for (uint16_t g = 0; g < r->n_groups; g++)
        look_up(r, &q, g);
    q.leaves_out = r->drops && !doubtful(r, line, r->n_cells);
    turn_to(r, p, &r->raw[all_known(r, &q)], line.from);
    for (size_t i = 0; i < r->n_ranges; i++) {
        const struct seen *s = q.known[r->range[i].group];
        size_t at = (size_t)(q.range[i].p - r->text.p);
        if (!s)
            continue;
        if (s->n_spots)
            TRY(add_known(r, &q, i));
        add_raw(r, p->raw, p->from, at);
        p->from = at + q.range[i].n;
    }
    for (uint16_t g = 0; q.new >> g; g++)
        if (q.new >> g & 1)
            TRY(note_fresh(r, &q, g));
    return OK;
}

/* Everything that is not known goes to the raw text, cuts and line ends with it. */
static enum err gather(struct repeat *r)
{
    struct pending p = {0, &r->raw[0]};
    struct line line = {0, 0};
    for (size_t i = 0; i < r->n_ends; line = line_behind(r, r->end[i++])) {
        r->marked |= r->text.p[line.from] == '#';
        if (r->end[i] - line.first + 1 != r->n_cells) {
            turn_to(r, &p, &r->raw[0], line.from);
            continue;
        }
        r->fitting++;
        TRY(take_line(r, line, &p));
    }
    r->lines += (uint32_t)r->n_ends;
    if (line.from < r->text.n) {
        r->marked |= r->text.p[line.from] == '#';
        turn_to(r, &p, &r->raw[0], line.from);
    }
    add_raw(r, p.raw, p.from, r->text.n);
    return OK;
}

/* The spots where they stand in the chunk. */
static enum err search(struct raw *raw)
{
    size_t run = 0;
    raw->merged = 0;
    TRY(lit_scan(raw->set, str_make(raw->p, raw->n), &raw->spots));
    for (size_t i = 0; i < raw->spots.n; i++) {
        struct lit_spot *spot = &raw->spots.v[i];
        while (run + 1 < raw->n_runs && raw->run[run + 1].raw < spot->end)
            run++;
        spot->end = spot->end - raw->run[run].raw + raw->run[run].text;
    }
    return OK;
}

static bool next_of(const struct lit_spots *spots, size_t *at, struct lit_spot *first,
                    size_t **ret_at)
{
    if (*at == spots->n || spots->v[*at].end >= first->end)
        return false;
    *first = spots->v[*at];
    *ret_at = at;
    return true;
}

/* All spots, in order; no two of the lists end in the same place. */
static enum err merge(struct repeat *r, size_t base, struct lit_spots *spots)
{
    size_t known = 0;
    for (;;) {
        struct lit_spot spot = {UINT32_MAX, 0};
        size_t *at = NULL;
        bool any = next_of(&r->known, &known, &spot, &at);
        for (size_t i = 0; i < ARRAY_LEN(r->raw); i++)
            any |= next_of(&r->raw[i].spots, &r->raw[i].merged, &spot, &at);
        if (!any)
            return OK;
        ++*at;
        r->marked |= r->judge && r->judge->marker[spot.literal];
        spot.end += (uint32_t)base;
        TRY(vec_push(spots, spot, SIZE_MAX / sizeof spot));
    }
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
    if (n == 0 || !r->drops || doubtful(r, f->line, r->n_cells))
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
        forget_cells(r);
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

/* Beside known cells fewer literals matter, and mostly longer ones. */
static struct lit_set *make_rest(const struct repeat *r)
{
    bool known[MAX_CELLS] = {false};
    for (size_t i = 0; i < r->n_ranges; i++)
        for (uint16_t c = r->range[i].first; c < r->range[i].behind; c++)
            known[c] = true;
    struct str sample = str_make(r->raw[0].p, r->raw[0].n);
    return r->judge->rest(r->judge->ctx, known, sample);
}

static void begin_chunk(struct repeat *r)
{
    r->drops = r->judge && (!r->empties || r->judge->may_be_empty) && r->judge->cells == r->n_cells;
    for (size_t i = 0; i < ARRAY_LEN(r->raw); i++) {
        r->raw[i].n = r->raw[i].n_runs = 0;
        r->raw[i].set = i && r->rest ? r->rest : r->set;
    }
    r->fresh.n = r->known.n = 0;
}

/* Once a line was met that may change what cells mean, nothing is left out up to the end of the
 * text, not even before it in this chunk: whoever reads the text then knows. */
static enum err scan_cells(struct repeat *r, size_t base, struct lit_spots *spots)
{
    size_t before = spots->n;
    begin_chunk(r);
    TRY(gather(r));
    for (size_t i = 0; i < ARRAY_LEN(r->raw); i++)
        TRY(search(&r->raw[i]));
    TRY(merge(r, base, spots));
    if (r->marked && r->drops) {
        forget_cells(r);
        spots->n = before;
        return scan_plainly(r, base, spots);
    }
    keep_fresh(r, base, spots);
    if (r->drops && ++r->chunks == r->judge->rest_after)
        r->rest = make_rest(r);
    repeat_relearn(r);
    return OK;
}

static enum err tell_line(const struct repeat *r, size_t base, struct line line, size_t to,
                          size_t cells)
{
    const struct repeat_judge *judge = r->judge;
    bool sure = cells == judge->cells && (!r->empties || judge->may_be_empty) && !r->marked &&
                !doubtful(r, line, cells);
    struct repeat_line told = {.at = base + line.from,
                               .text = str_sub(r->text, line.from, to),
                               .cut = sure ? r->cut + line.first : NULL,
                               .from = r->text.p};
    return judge->line(judge->line_ctx, &told);
}

/* The lines of a chunk that was cut. */
static enum err tell_lines(const struct repeat *r, size_t base)
{
    struct line line = {0, 0};
    for (size_t i = 0; i < r->n_ends; line = line_behind(r, r->end[i++]))
        TRY(tell_line(r, base, line, r->cut[r->end[i]], r->end[i] - line.first + 1));
    return line.from < r->text.n ? tell_line(r, base, line, r->text.n, 0) : OK;
}

static enum err scan_chunk(struct repeat *r, size_t base, struct lit_spots *spots)
{
    bool fits = r->text.n <= CHUNK_BYTES, plainly = !fits || r->wait || r->marked;
    bool tell = r->judge && r->judge->line;
    if (fits && (!plainly || tell))
        repeat_cut(r);
    if (tell)
        TRY(fits ? tell_lines(r, base) : tell_line(r, base, (struct line){0, 0}, r->text.n, 0));
    if (plainly) {
        r->wait -= r->wait > 0;
        return scan_plainly(r, base, spots);
    }
    if (!r->n_groups)
        repeat_learn(r);
    return r->n_groups ? scan_cells(r, base, spots) : scan_plainly(r, base, spots);
}

enum err repeat_scan(struct repeat *r, const struct repeat_judge *judge, struct str text,
                     struct lit_spots *spots)
{
    spots->n = 0;
    if (text.n >= UINT32_MAX)
        return ERR_LIMIT;
    if (judge && judge->meaning != r->meaning) {
        repeat_forget(r);
        r->meaning = judge->meaning;
    }
    r->judge = judge;
    r->marked = judge && judge->header;
    for (size_t base = 0; base < text.n; base += r->text.n) {
        r->text = next_chunk(str_sub(text, base, text.n));
        enum err rc = scan_chunk(r, base, spots);
        if (rc) {
            repeat_forget(r); /* fresh ones would stay unsearched */
            return rc;
        }
    }
    return OK;
}
