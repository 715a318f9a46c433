#include "watch/terms.h"

#include "base/arena.h"
#include "base/vec.h"

#include <endian.h>
#include <stdlib.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

/* What the scan is made of is compiled twice: for any processor, and for those with AVX2, BMI. */
#define TWICE static inline __attribute__((always_inline))

/* A word is known by its first KEY_BYTES; where it may go on, by its first START_BYTES, unless it
 * has KEY_BYTES. Of scripts that set no blanks each character begins a word, known by two. */
enum { KEY_BYTES = 8, START_BYTES = 4, WIDE_BYTES = 3, BITS_PER_KEY = 12 };
#define FOLD UINT64_C(0x2020202020202020)

/* The term of n bytes starts `at` bytes before the word. Most that share a word are told apart by
 * one byte beside it, without a look at the term. */
struct entry {
    uint32_t term;
    uint8_t at, n, probe, byte;
};

struct slot {
    uint64_t key;
    uint32_t first, n;
};

/* Words by content. Nearly all questions end at the filter. */
struct keys {
    uint64_t *filter;
    unsigned shift;
    struct slot *slot;
    struct entry *entry;
    size_t mask;
};

struct terms {
    struct arena arena;
    const struct term *term; /* copies */
    struct keys whole, start;
    struct lit_set *anywhere;
    uint32_t *anywhere_term;
};

TWICE uint64_t load(const char *p, size_t n)
{
    uint64_t bytes = 0;
    memcpy(&bytes, p, n);
    return le64toh(bytes);
}

TWICE uint64_t key_of(uint64_t bytes, size_t n)
{
    bytes |= FOLD;
    return n < KEY_BYTES ? bytes & (UINT64_MAX >> (64 - 8 * n)) : bytes;
}

TWICE uint64_t hash_of(uint64_t key)
{
    return (key ^ key >> 29) * UINT64_C(0x9e3779b97f4a7c15);
}

/* Two bits of one word: as sharp as a filter of four times its size with one. */
TWICE uint64_t filter_bits(uint64_t hash)
{
    return UINT64_C(1) << (hash >> 8 & 63) | UINT64_C(1) << (hash >> 14 & 63);
}

/* 1 if the key may be there. */
TWICE size_t passes(const struct keys *k, uint64_t hash)
{
    uint64_t bits = filter_bits(hash);
    return (k->filter[hash >> k->shift] & bits) == bits;
}

static struct slot *find(const struct keys *k, uint64_t key, uint64_t hash)
{
    size_t h = hash >> 20 & k->mask;
    while (k->slot[h].n && k->slot[h].key != key)
        h = (h + 1) & k->mask;
    return &k->slot[h];
}

/* ---- where words begin ---- */

enum { CHUNK = 64 };

/* Of 64 bytes: letters and digits of ASCII, bytes beyond it, first bytes of characters of two and
 * of three bytes. */
struct marks {
    uint64_t word, high, two, three;
};

static bool is_word(unsigned char c)
{
    return ascii_alpha(c) || ascii_digit(c);
}

#if defined(__x86_64__)
TWICE __m128i between(__m128i v, int first, int last)
{
    __m128i above = _mm_cmpgt_epi8(v, _mm_set1_epi8((char)(first - 1)));
    return _mm_and_si128(above, _mm_cmplt_epi8(v, _mm_set1_epi8((char)(last + 1))));
}

TWICE struct marks marks_of(const char *p)
{
    struct marks m = {0};
    for (int k = 0; k < CHUNK; k += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(p + k));
        __m128i alpha = between(_mm_or_si128(v, _mm_set1_epi8(0x20)), 'a', 'z');
        __m128i word = _mm_or_si128(alpha, between(v, '0', '9'));
        m.word |= (uint64_t)(unsigned)_mm_movemask_epi8(word) << k;
        m.high |= (uint64_t)(unsigned)_mm_movemask_epi8(v) << k;
    }
    for (int k = 0; m.high && k < CHUNK; k += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(p + k));
        /* As signed numbers: 0xc0 to 0xdf, 0xe0 to 0xef. */
        m.two |= (uint64_t)(unsigned)_mm_movemask_epi8(between(v, -64, -33)) << k;
        m.three |= (uint64_t)(unsigned)_mm_movemask_epi8(between(v, -32, -17)) << k;
    }
    return m;
}
#else
TWICE struct marks marks_of(const char *p)
{
    struct marks m = {0};
    for (int k = 0; k < CHUNK; k++) {
        unsigned char c = (unsigned char)p[k];
        m.word |= (uint64_t)is_word(c) << k;
        m.high |= (uint64_t)(c >> 7) << k;
        m.two |= (uint64_t)(c >= 0xc0 && c < 0xe0) << k;
        m.three |= (uint64_t)(c >= 0xe0 && c < 0xf0) << k;
    }
    return m;
}
#endif

TWICE struct marks marks_at(struct str text, size_t i)
{
    char last[CHUNK] = {0};
    if (i + CHUNK <= text.n)
        return marks_of(text.p + i);
    if (i < text.n)
        memcpy(last, text.p + i, text.n - i);
    return marks_of(last);
}

/* The same for one place, for the words of terms: what begins here, and how long is it? */
static bool starts_word(struct str text, size_t i)
{
    unsigned char c = (unsigned char)text.p[i];
    if (is_word(c))
        return i == 0 || !is_word((unsigned char)text.p[i - 1]);
    if (c >= 0xc0 && c < 0xe0)
        return i < 2 || (unsigned char)text.p[i - 1] < 0x80 ||
               ((unsigned char)text.p[i - 2] & 0xe0) != 0xc0;
    return c >= 0xe0 && c < 0xf0;
}

static size_t word_end(struct str text, size_t i)
{
    bool word = is_word((unsigned char)text.p[i]);
    size_t end = i;
    while (end < text.n &&
           (word ? is_word((unsigned char)text.p[end]) : (unsigned char)text.p[end] >= 0x80))
        end++;
    return end;
}

/* ---- building ---- */

struct placed {
    uint64_t key;
    struct entry entry;
};

static int by_key(const void *a, const void *b)
{
    const struct placed *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return (x->entry.term > y->entry.term) - (x->entry.term < y->entry.term);
}

static enum err keys_build(struct arena *arena, struct placed *placed, size_t n, struct keys *k)
{
    unsigned bits = 12;
    while (bits < 28 && ((size_t)1 << bits) < BITS_PER_KEY * n)
        bits++;
    k->shift = 64 - (bits - 6);
    for (k->mask = 15; k->mask < 2 * n; k->mask = 2 * k->mask + 1)
        ;
    k->filter = arena_new_n(arena, uint64_t, (size_t)1 << (bits - 6));
    k->slot = arena_new_n(arena, struct slot, k->mask + 1);
    k->entry = arena_new_n(arena, struct entry, n + 1);
    if (!k->filter || !k->slot || !k->entry)
        return ERR_NOMEM;
    if (n)
        qsort(placed, n, sizeof *placed, by_key);
    for (size_t i = 0; i < n; i++) {
        uint64_t hash = hash_of(placed[i].key);
        struct slot *slot = find(k, placed[i].key, hash);
        k->filter[hash >> k->shift] |= filter_bits(hash);
        if (slot->n++ == 0) {
            slot->key = placed[i].key;
            slot->first = (uint32_t)i;
        }
        k->entry[i] = placed[i].entry;
    }
    return OK;
}

/* How often words are met: counted in the model's text and in the terms themselves, by hash. */
enum { COUNT_BITS = 16, MODEL_WEIGHT = 40 };
struct counts {
    uint32_t n[1 << COUNT_BITS];
};

static uint64_t word_key(struct str text, size_t i)
{
    bool wide = (unsigned char)text.p[i] >= 0xe0;
    size_t end = word_end(text, i), n = end - i, max = wide ? 2 * WIDE_BYTES : KEY_BYTES;
    n = n < max ? n : max;
    /* Behind the end of a term anything may follow such a character. */
    if (wide && n < max && end == text.n)
        n = WIDE_BYTES;
    return key_of(load(text.p + i, n), n);
}

static void count_words(struct counts *c, struct str text, uint32_t weight)
{
    for (size_t i = 0; i < text.n; i++)
        if (starts_word(text, i))
            c->n[hash_of(word_key(text, i)) >> (64 - COUNT_BITS)] += weight;
}

/* May the term be found by the word at i? One that the text may go on behind is told by its start.
 */
static bool usable(const struct term *t, size_t i)
{
    bool wide = (unsigned char)t->text.p[i] >= 0xe0;
    return starts_word(t->text, i) && (i > 0 || wide || !t->anywhere);
}

static bool goes_on(const struct term *t, size_t i)
{
    bool wide = (unsigned char)t->text.p[i] >= 0xe0;
    return !wide && (t->longer || t->anywhere) && word_end(t->text, i) == t->text.n &&
           t->text.n - i < KEY_BYTES;
}

/* The word that is met least; the end of the text if there is none. */
static size_t best_word(const struct counts *c, const struct term *t)
{
    size_t best = t->text.n;
    uint64_t least = UINT64_MAX;
    for (size_t i = 0; i < t->text.n; i++) {
        if (!usable(t, i))
            continue;
        uint64_t met = c->n[hash_of(word_key(t->text, i)) >> (64 - COUNT_BITS)];
        met = goes_on(t, i) ? 4 * met + MODEL_WEIGHT : met;
        if (met < least) {
            least = met;
            best = i;
        }
    }
    return best;
}

struct building {
    struct terms *terms;
    struct arena scratch;
    VEC(struct placed) whole, start;
    VEC(struct str) anywhere;
    VEC(uint32_t) anywhere_term;
};

/* A start of START_BYTES; of a shorter one all that it may go on with. */
static enum err place_start(struct building *b, struct str word, struct entry e)
{
    struct placed p = {key_of(load(word.p, START_BYTES < word.n ? START_BYTES : word.n),
                              START_BYTES < word.n ? START_BYTES : word.n),
                       e};
    if (word.n >= START_BYTES)
        return vec_push(&b->start, p, UINT32_MAX);
    for (uint64_t rest = 0; rest < UINT64_C(1) << (8 * (START_BYTES - word.n)); rest++) {
        struct placed one = {key_of(p.key | rest << (8 * word.n), START_BYTES), e};
        /* Once for each key: bit 5 is always set. */
        if (one.key == (p.key | rest << (8 * word.n)))
            TRY(vec_push(&b->start, one, UINT32_MAX));
    }
    return OK;
}

/* A byte outside of the word by which the term is found, if there is one. */
static struct entry entry_of(struct str term, uint32_t number, size_t at)
{
    size_t end = at + KEY_BYTES < word_end(term, at) ? at + KEY_BYTES : word_end(term, at);
    size_t probe = end < term.n ? term.n - 1 : 0;
    return (struct entry){number, (uint8_t)at, (uint8_t)term.n, (uint8_t)probe,
                          (uint8_t)term.p[probe]};
}

static enum err place(struct building *b, const struct counts *c, uint32_t i)
{
    const struct term *t = &b->terms->term[i];
    size_t at = best_word(c, t);
    /* What goes on behind one or two letters is no word that could be looked up. */
    if (at == t->text.n || (goes_on(t, at) && t->text.n - at < START_BYTES - 1)) {
        TRY(vec_push(&b->anywhere, t->text, UINT32_MAX));
        return vec_push(&b->anywhere_term, i, UINT32_MAX);
    }
    struct entry e = entry_of(t->text, i, at);
    if (goes_on(t, at))
        return place_start(b, str_sub(t->text, at, t->text.n), e);
    struct placed p = {word_key(t->text, at), e};
    return vec_push(&b->whole, p, UINT32_MAX);
}

static enum err build(struct building *b, const struct term *term, size_t n, struct str model,
                      struct error *error)
{
    struct terms *t = b->terms;
    struct counts *c = arena_new(&b->scratch, struct counts);
    struct term *copy = arena_new_n(&t->arena, struct term, n + 1);
    if (!c || !copy)
        return ERR_NOMEM;
    if (n)
        memcpy(copy, term, n * sizeof *term);
    t->term = copy;
    count_words(c, model, MODEL_WEIGHT);
    for (size_t i = 0; i < n; i++)
        count_words(c, term[i].text, 1);
    for (uint32_t i = 0; i < n; i++) {
        if (term[i].text.n == 0 || term[i].text.n > TERM_BYTES)
            return fail(error, ERR_FORMAT, "term %u is empty or too long", i);
        TRY(place(b, c, i));
    }
    TRY(keys_build(&t->arena, b->whole.v, b->whole.n, &t->whole));
    TRY(keys_build(&t->arena, b->start.v, b->start.n, &t->start));
    t->anywhere_term = arena_new_n(&t->arena, uint32_t, b->anywhere.n + 1);
    if (!t->anywhere_term)
        return ERR_NOMEM;
    if (b->anywhere.n == 0)
        return OK;
    memcpy(t->anywhere_term, b->anywhere_term.v, b->anywhere_term.n * sizeof(uint32_t));
    return lit_new(b->anywhere.v, b->anywhere.n, NULL, &t->anywhere, error);
}

enum err terms_new(const struct term *term, size_t n, struct str model, struct terms **ret_terms,
                   struct error *error)
{
    struct building b = {.terms = calloc(1, sizeof *b.terms)};
    *ret_terms = NULL;
    if (!b.terms)
        return fail(error, ERR_NOMEM, "out of memory");
    arena_init(&b.terms->arena, SIZE_MAX);
    arena_init(&b.scratch, SIZE_MAX);
    enum err rc = build(&b, term, n, model, error);
    if (rc == ERR_NOMEM)
        (void)fail(error, rc, "out of memory");
    vec_done(&b.whole);
    vec_done(&b.start);
    vec_done(&b.anywhere);
    vec_done(&b.anywhere_term);
    arena_done(&b.scratch);
    *ret_terms = rc ? terms_free(b.terms) : b.terms;
    return rc;
}

struct terms *terms_free(struct terms *t)
{
    if (t) {
        t->anywhere = lit_free(t->anywhere);
        arena_done(&t->arena);
        free(t);
    }
    return NULL;
}

size_t terms_bytes(const struct terms *t)
{
    return sizeof *t + t->arena.used_bytes + (t->anywhere ? lit_bytes(t->anywhere) : 0);
}

/* ---- scanning ---- */

static bool stands_at(struct str term, const char *p)
{
    for (size_t i = 0; i < term.n; i++)
        if (ascii_lower((unsigned char)p[i]) != (unsigned char)term.p[i])
            return false;
    return true;
}

static enum err try_key(const struct terms *t, const struct keys *k, struct str text, size_t at,
                        uint64_t key, uint64_t hash, struct term_spots *spots)
{
    const struct slot *slot = find(k, key, hash);
    for (uint32_t i = 0; i < slot->n; i++) {
        struct entry e = k->entry[slot->first + i];
        const char *p = text.p + at - e.at;
        if (e.at > at || e.n > text.n - (at - e.at) ||
            ascii_lower((unsigned char)p[e.probe]) != e.byte || !stands_at(t->term[e.term].text, p))
            continue;
        struct term_spot spot = {(uint32_t)(at - e.at), e.term};
        TRY(vec_push(spots, spot, SIZE_MAX / sizeof spot));
    }
    return OK;
}

/* Words of a chunk that may be those of a term: where, and how many bytes of them are known. */
struct maybe {
    uint32_t at;
    uint8_t n;
};

/* How many of the bits from i on are set, of those of this chunk and the next one; KEY_BYTES at
 * most. */
TWICE unsigned run(uint64_t bits, uint64_t next, unsigned i)
{
    uint64_t from = bits >> i | next << 1 << (CHUNK - 1 - i);
    return (unsigned)__builtin_ctzll(~from | UINT64_C(1) << KEY_BYTES);
}

/* Writes down, without a branch that could be guessed wrong, which words to look up. */
TWICE size_t ask(const struct terms *t, struct str text, size_t at, unsigned n, struct maybe *maybe)
{
    uint64_t bytes = load(text.p + at, KEY_BYTES) | FOLD;
    uint64_t whole = hash_of(bytes & (UINT64_MAX >> (64 - 8 * n)));
    uint64_t start = hash_of(bytes & UINT32_MAX);
    *maybe = (struct maybe){(uint32_t)at, (uint8_t)n};
    return passes(&t->whole, whole) | passes(&t->start, start);
}

static enum err look_up(const struct terms *t, struct str text, struct maybe m,
                        struct term_spots *spots)
{
    uint64_t bytes = load(text.p + m.at, KEY_BYTES);
    uint64_t whole = key_of(bytes, m.n), start = key_of(bytes, START_BYTES);
    if (passes(&t->whole, hash_of(whole)))
        TRY(try_key(t, &t->whole, text, m.at, whole, hash_of(whole), spots));
    if (passes(&t->start, hash_of(start)))
        TRY(try_key(t, &t->start, text, m.at, start, hash_of(start), spots));
    return OK;
}

/* With characters of scripts without blanks: two of them, and one alone. */
TWICE size_t ask_wide(const struct terms *t, struct str text, size_t base, uint64_t starts,
                      const struct marks *m, const struct marks *next, struct maybe *maybe)
{
    size_t n = 0;
    for (starts |= m->three; starts; starts &= starts - 1) {
        unsigned i = (unsigned)__builtin_ctzll(starts);
        bool word = m->word >> i & 1, wide = m->three >> i & 1;
        unsigned most = wide ? 2 * WIDE_BYTES : KEY_BYTES;
        unsigned end = run(word ? m->word : m->high, word ? next->word : next->high, i);
        n += ask(t, text, base + i, end < most ? end : most, maybe + n);
        if (wide && end > WIDE_BYTES)
            n += ask(t, text, base + i, WIDE_BYTES, maybe + n);
    }
    return n;
}

/* Without them. */
TWICE size_t ask_words(const struct terms *t, struct str text, size_t base, uint64_t starts,
                       const struct marks *m, const struct marks *next, struct maybe *maybe)
{
    size_t n = 0;
    for (; starts; starts &= starts - 1) {
        unsigned i = (unsigned)__builtin_ctzll(starts);
        uint64_t word = 0 - (m->word >> i & 1);
        uint64_t here = (m->word & word) | (m->high & ~word);
        uint64_t then = (next->word & word) | (next->high & ~word);
        n += ask(t, text, base + i, run(here, then, i), maybe + n);
    }
    return n;
}

TWICE enum err scan_words(const struct terms *t, struct str text, struct term_spots *spots)
{
    struct marks last = {0}, m = marks_at(text, 0);
    UNCLEARED struct maybe maybe[2 * CHUNK];
    for (size_t base = 0; base < text.n; base += CHUNK) {
        struct marks next = marks_at(text, base + CHUNK);
        uint64_t starts = m.word & ~(m.word << 1 | last.word >> 63);
        uint64_t pair = m.two << 2 | last.two >> 62, high = m.high << 1 | last.high >> 63;
        starts |= m.two & ~(pair & high);
        size_t n = m.three ? ask_wide(t, text, base, starts, &m, &next, maybe)
                           : ask_words(t, text, base, starts, &m, &next, maybe);
        for (size_t i = 0; i < n; i++)
            TRY(look_up(t, text, maybe[i], spots));
        last = m;
        m = next;
    }
    return OK;
}

static enum err scan_plain(const struct terms *t, struct str text, struct term_spots *spots)
{
    return scan_words(t, text, spots);
}

#if defined(__x86_64__)
__attribute__((target("avx2,bmi,bmi2"))) static enum err
scan_avx2(const struct terms *t, struct str text, struct term_spots *spots)
{
    return scan_words(t, text, spots);
}

static bool has_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
           __builtin_cpu_supports("bmi2");
}
#endif

static int by_place(const void *a, const void *b)
{
    const struct term_spot *x = a, *y = b;
    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    return (x->term > y->term) - (x->term < y->term);
}

static enum err scan_anywhere(const struct terms *t, struct str text, struct term_spots *spots)
{
    struct lit_spots found = {0};
    enum err rc = lit_scan(t->anywhere, text, &found);
    for (size_t i = 0; i < found.n && !rc; i++) {
        uint32_t term = t->anywhere_term[found.v[i].literal];
        struct term_spot spot = {found.v[i].end - (uint32_t)t->term[term].text.n, term};
        rc = vec_push(spots, spot, SIZE_MAX / sizeof spot);
    }
    free(found.v);
    if (!rc && spots->n)
        qsort(spots->v, spots->n, sizeof *spots->v, by_place);
    return rc;
}

enum err terms_scan(const struct terms *t, struct str text, struct term_spots *spots)
{
    spots->n = 0;
    if (text.n >= UINT32_MAX)
        return ERR_LIMIT;
#if defined(__x86_64__)
    TRY(has_avx2() ? scan_avx2(t, text, spots) : scan_plain(t, text, spots));
#else
    TRY(scan_plain(t, text, spots));
#endif
    return t->anywhere ? scan_anywhere(t, text, spots) : OK;
}
