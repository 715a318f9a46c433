#include "base/utf.h"
#include "match/fold.h"
#include "watch/gist_priv.h"
#include "watch/plain.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

static const struct {
    uint16_t first, last;
    uint8_t script;
} scripts[] = {
    {0x00c0, 0x024f, SCRIPT_LATIN},    {0x0370, 0x03ff, SCRIPT_GREEK},
    {0x0400, 0x052f, SCRIPT_CYRILLIC}, {0x0530, 0x058f, SCRIPT_OTHER},
    {0x0590, 0x05ff, SCRIPT_HEBREW},   {0x0600, 0x077f, SCRIPT_ARABIC},
    {0x0780, 0x10ff, SCRIPT_OTHER},    {0x1100, 0x11ff, SCRIPT_HANGUL},
    {0x1200, 0x1dff, SCRIPT_OTHER},    {0x1e00, 0x1eff, SCRIPT_LATIN},
    {0x1f00, 0x1fff, SCRIPT_GREEK},    {0x3040, 0x30ff, SCRIPT_KANA},
    {0x3400, 0x4dbf, SCRIPT_HAN},      {0x4e00, 0x9fff, SCRIPT_HAN},
    {0xa000, 0xabff, SCRIPT_OTHER},    {0xac00, 0xd7af, SCRIPT_HANGUL},
    {0xf900, 0xfaff, SCRIPT_HAN},      {0xfb50, 0xfdff, SCRIPT_ARABIC},
};

static uint16_t becomes(uint32_t cp)
{
    char plain;
    if (cp == 0xab || cp == 0xbb || cp == 0x201c || cp == 0x201d || cp == 0x201e)
        return '"';
    if (plain_char(cp, &plain))
        return plain ? (uint16_t)(unsigned char)plain : LETTER_GONE;
    if (cp == 0x0401 || cp == 0x0451) /* the letter yo is written as ye as often */
        return 0x0435;
    uint32_t folded = fold_char(cp);
    return folded != cp && folded >= 0x80 ? (uint16_t)folded : LETTER_KEPT;
}

void letters_init(struct letters *t)
{
    for (uint32_t cp = 0x80; cp < 0x10000; cp++)
        t->to[cp] = becomes(cp);
    for (size_t i = 0; i < ARRAY_LEN(scripts); i++)
        for (uint32_t row = scripts[i].first >> 4; row <= (uint32_t)scripts[i].last >> 4; row++)
            t->script[row] = scripts[i].script;
}

void folded_done(struct folded *f)
{
    free(f->p);
    free(f->word);
    vec_done(&f->seams);
    vec_done(&f->words);
    *f = (struct folded){0};
}

static enum err room(char **p, size_t *cap, size_t n)
{
    n += TERMS_PAD;
    if (n <= *cap)
        return OK;
    size_t more = n + n / 2 + 4096;
    char *grown = realloc(*p, more);
    if (!grown)
        return ERR_NOMEM;
    *p = grown;
    *cap = more;
    return OK;
}

static enum err add_seam(struct folded *f, size_t raw, bool in_title)
{
    struct seam s = {(uint32_t)f->n, (uint32_t)raw, 0, in_title};
    return vec_push(&f->seams, s, UINT32_MAX);
}

/* ---- what kind of bytes a text has ---- */

struct look {
    bool high;    /* bytes beyond ASCII */
    bool lines;   /* line feeds */
    bool signs;   /* a digit, @ or $ before a letter: perhaps instead of one */
    bool letters; /* of ASCII */
};

static bool stands_for_letter(unsigned char c)
{
    return ascii_digit(c) || c == '@' || c == '$';
}

static void look_plain(struct str s, size_t from, struct look *look)
{
    for (size_t i = from; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        look->high |= c >= 0x80;
        look->lines |= c == '\n';
        look->letters |= ascii_alpha(c);
        look->signs |= i > 0 && ascii_alpha(c) && stands_for_letter((unsigned char)s.p[i - 1]);
    }
}

#if defined(__SSE2__)
static inline __m128i between(__m128i v, char first, char last)
{
    __m128i above = _mm_cmpgt_epi8(v, _mm_set1_epi8((char)(first - 1)));
    return _mm_and_si128(above, _mm_cmplt_epi8(v, _mm_set1_epi8((char)(last + 1))));
}

static struct look look_at(struct str s)
{
    struct look look = {0};
    unsigned high = 0, lines = 0, letters = 0, signs = 0, carried = 0;
    size_t i = 0;
    for (; i + 16 <= s.n; i += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(s.p + i));
        __m128i sign = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('@')),
                                    _mm_cmpeq_epi8(v, _mm_set1_epi8('$')));
        unsigned alpha =
            (unsigned)_mm_movemask_epi8(between(_mm_or_si128(v, _mm_set1_epi8(0x20)), 'a', 'z'));
        unsigned may = (unsigned)_mm_movemask_epi8(_mm_or_si128(sign, between(v, '0', '9')));
        high |= (unsigned)_mm_movemask_epi8(v);
        lines |= (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_set1_epi8('\n')));
        letters |= alpha;
        signs |= alpha & (may << 1 | carried);
        carried = may >> 15 & 1;
    }
    look = (struct look){high != 0, lines != 0, signs != 0, letters != 0};
    look_plain(s, i, &look);
    return look;
}
#else
static struct look look_at(struct str s)
{
    struct look look = {0};
    look_plain(s, 0, &look);
    return look;
}
#endif

/* The end of the ASCII bytes at i. */
static size_t ascii_end(struct str s, size_t i)
{
#if defined(__SSE2__)
    for (; i + 16 <= s.n; i += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(s.p + i));
        unsigned high = (unsigned)_mm_movemask_epi8(v);
        if (high)
            return i + (size_t)__builtin_ctz(high);
    }
#endif
    while (i < s.n && (unsigned char)s.p[i] < 0x80)
        i++;
    return i;
}

/* ---- other readings of words ---- */

enum { WORD_BYTES_MAX = 64, READ_BYTES_MIN = 5, SHORT_BYTES = 4 };

static bool in_word(unsigned char c)
{
    return c >= 0x80 || ascii_alpha(c) || ascii_digit(c) || c == '-' || c == '@' || c == '$';
}

static enum err add_word(struct folded *f, const char *p, size_t n, size_t raw, size_t raw_n,
                         bool in_title)
{
    struct seam s = {(uint32_t)f->n_word, (uint32_t)raw, (uint32_t)raw_n, in_title};
    TRY(room(&f->word, &f->cap_word, f->n_word + n + 1));
    memcpy(f->word + f->n_word, p, n);
    f->word[f->n_word + n] = '\n';
    f->n_word += n + 1;
    return vec_push(&f->words, s, UINT32_MAX);
}

/* "3xch4nge", "c1tr1x": letters for signs; 1 is i or l. */
static enum err read_signs(struct folded *f, struct str word, size_t raw, bool in_title)
{
    static const char from[] = "013457@$", to[] = "oieastas";
    char read[WORD_BYTES_MAX];
    size_t letters = 0, signs = 0;
    bool one = false, hex = true;
    for (size_t i = 0; i < word.n; i++) {
        const char *sign = word.p[i] ? strchr(from, word.p[i]) : NULL;
        read[i] = sign ? to[sign - from] : word.p[i];
        letters += ascii_alpha((unsigned char)word.p[i]);
        signs += sign != NULL;
        one |= word.p[i] == '1';
        hex &= ascii_hex((unsigned char)word.p[i]) >= 0;
    }
    if (letters < 3 || signs == 0 || signs > letters || (hex && word.n >= 8))
        return OK;
    TRY(add_word(f, read, word.n, raw, word.n, in_title));
    for (size_t i = 0; i < word.n; i++)
        if (word.p[i] == '1')
            read[i] = 'l';
    return one ? add_word(f, read, word.n, raw, word.n, in_title) : OK;
}

static enum err find_signs(struct folded *f, struct str raw, size_t from, size_t to, bool in_title)
{
    for (size_t i = from; i < to;) {
        size_t end = i;
        bool letter = false, sign = false;
        while (end < to && in_word((unsigned char)raw.p[end]) && raw.p[end] != '-') {
            letter |= ascii_alpha((unsigned char)raw.p[end]);
            sign |= stands_for_letter((unsigned char)raw.p[end]);
            end++;
        }
        if (letter && sign && end - i >= READ_BYTES_MIN && end - i <= WORD_BYTES_MAX)
            TRY(read_signs(f, str_sub(raw, i, end), i, in_title));
        i = end > i ? end : i + 1;
    }
    return OK;
}

/* The word around a look-alike that stands beside a Latin letter: read as Latin if every letter of
 * it can be. *ret_end: behind the word. */
static enum err read_mixed(struct folded *f, struct str raw, size_t at, bool in_title,
                           size_t *ret_end)
{
    char read[WORD_BYTES_MAX];
    size_t from = at, n = 0, used;
    while (from > 0 && at - from < WORD_BYTES_MAX && in_word((unsigned char)raw.p[from - 1]))
        from--;
    bool latin = false, whole = true;
    size_t i = from;
    for (; i < raw.n && in_word((unsigned char)raw.p[i]); i += used) {
        int32_t cp = utf8_next(raw, i, &used);
        char c = cp < 0x80 ? (char)cp : plain_latin((uint32_t)cp);
        latin |= cp >= 0 && cp < 0x80 && ascii_alpha((unsigned char)cp);
        whole = whole && cp >= 0 && c && n < sizeof read;
        if (whole)
            read[n++] = c;
        if (i > at + WORD_BYTES_MAX)
            break;
    }
    *ret_end = i;
    return latin && whole ? add_word(f, read, n, from, i - from, in_title) : OK;
}

/* ---- folding ---- */

static void put_char(struct folded *f, uint32_t cp)
{
    if (cp < 0x80) {
        f->p[f->n++] = (char)cp;
    } else if (cp < 0x800) {
        f->p[f->n++] = (char)(0xc0 | cp >> 6);
        f->p[f->n++] = (char)(0x80 | (cp & 63));
    } else {
        f->p[f->n++] = (char)(0xe0 | cp >> 12);
        f->p[f->n++] = (char)(0x80 | (cp >> 6 & 63));
        f->p[f->n++] = (char)(0x80 | (cp & 63));
    }
}

/* One character beyond ASCII; *ret_used bytes of it. */
static enum err fold_wide(const struct letters *t, struct folded *f, struct str raw, size_t at,
                          bool in_title, size_t *ret_used)
{
    int32_t cp = utf8_next(raw, at, ret_used);
    uint32_t to = LETTER_KEPT;
    size_t before = f->n;
    char plain;
    if (cp >= 0 && cp < 0x10000) {
        to = t->to[cp];
        f->letters[t->script[cp >> 4]]++;
    } else if (cp >= 0 && plain_char((uint32_t)cp, &plain)) {
        to = plain ? (unsigned char)plain : (uint32_t)LETTER_GONE;
    }
    if (to == LETTER_KEPT) {
        memcpy(f->p + f->n, raw.p + at, *ret_used);
        f->n += *ret_used;
    } else if (to != LETTER_GONE) {
        put_char(f, to);
    }
    return f->n - before == *ret_used ? OK : add_seam(f, at + *ret_used, in_title);
}

/* Characters of two bytes that stay two bytes long: Cyrillic, Greek and the like. Returns the first
 * place where something else stands. */
static size_t fold_pairs(const struct letters *t, struct folded *f, struct str raw, size_t i)
{
    const unsigned char *p = (const unsigned char *)raw.p;
    size_t from = i;
    char *to = f->p + f->n;
    for (; i + 1 < raw.n && p[i] >= 0xc3 && p[i] < 0xe0 && (p[i + 1] & 0xc0) == 0x80; i += 2) {
        uint32_t cp = (p[i] & 31u) << 6 | (p[i + 1] & 63u), folded = t->to[cp];
        folded = folded == LETTER_KEPT ? cp : folded;
        if (folded < 0x80 || folded >= 0x800)
            break;
        *to++ = (char)(0xc0 | folded >> 6);
        *to++ = (char)(0x80 | (folded & 63));
    }
    f->n = (size_t)(to - f->p);
    if (i > from) /* one word is of one script, as a rule */
        f->letters[t->script[((p[from] & 31u) << 6 | (p[from + 1] & 63u)) >> 4]] +=
            (uint32_t)(i - from) / 2;
    return i;
}

/* Does a character that may be a look-alike stand beside a Latin letter? */
static bool beside_latin(struct str s, size_t from, size_t at, size_t end)
{
    return (at > from && ascii_alpha((unsigned char)s.p[at - 1])) ||
           (end < s.n && ascii_alpha((unsigned char)s.p[end]));
}

/* The part of a field from `from` to `to`; there is room for it. */
static enum err fold_part(const struct letters *t, struct folded *f, struct str raw, size_t from,
                          size_t to, bool in_title)
{
    struct str part = str_make(raw.p, to);
    size_t mixed_end = from, used = 0;
    TRY(add_seam(f, from, in_title));
    for (size_t i = from; i < to;) {
        /* Between words of another script there is a blank or two. */
        size_t end = i;
        while (end < to && end - i < SHORT_BYTES && (unsigned char)raw.p[end] < 0x80)
            f->p[f->n++] = raw.p[end++];
        if (end - i == SHORT_BYTES) {
            size_t from_here = end;
            end = ascii_end(part, end);
            memcpy(f->p + f->n, raw.p + from_here, end - from_here);
            f->n += end - from_here;
        }
        f->letters[SCRIPT_LATIN] += (uint32_t)(end - i);
        if (end == to)
            break;
        i = fold_pairs(t, f, part, end);
        if (i == end) {
            TRY(fold_wide(t, f, part, i, in_title, &used));
            i += used;
        } else if (beside_latin(part, from, end, i) && end >= mixed_end) {
            TRY(read_mixed(f, part, end, in_title, &mixed_end));
        }
    }
    return OK;
}

static enum err fold_field(const struct letters *t, struct folded *f, struct str raw, bool in_title)
{
    raw = str_sub(raw, 0, GIST_POST_BYTES);
    struct look look = look_at(raw);
    struct own_words own = {.text = raw, .head = true};
    size_t from = 0, to = raw.n;
    if (!look.lines && !look.high) {
        TRY(add_seam(f, 0, in_title));
        memcpy(f->p + f->n, raw.p ? raw.p : "", raw.n);
        f->n += raw.n;
        f->letters[SCRIPT_LATIN] += look.letters;
        return look.signs ? find_signs(f, raw, 0, raw.n, in_title) : OK;
    }
    while (look.lines ? own_words_next(&own, &from, &to) : from < to) {
        TRY(fold_part(t, f, raw, from, to, in_title));
        if (look.signs)
            TRY(find_signs(f, raw, from, to, in_title));
        from = to;
    }
    return OK;
}

static enum err add_words(struct folded *f)
{
    for (size_t i = 0; i < f->words.n; i++) {
        struct seam s = f->words.v[i];
        s.at += (uint32_t)f->n;
        TRY(vec_push(&f->seams, s, UINT32_MAX));
    }
    memcpy(f->p + f->n, f->word ? f->word : "", f->n_word);
    f->n += f->n_word;
    return OK;
}

static enum script main_script(const uint32_t letters[SCRIPTS])
{
    enum script most = SCRIPT_NONE;
    for (enum script s = SCRIPT_CYRILLIC; s < SCRIPTS; s++)
        if (letters[s] > (most ? letters[most] : 0))
            most = s;
    /* Names and commands are Latin in any language. */
    if (most && letters[most] >= letters[SCRIPT_LATIN] / 8)
        return most;
    return letters[SCRIPT_LATIN] ? SCRIPT_LATIN : most;
}

enum err fold_post(const struct letters *t, const struct post *post, struct folded *f,
                   struct folded_post *ret_post)
{
    size_t title = post->title.n < GIST_POST_BYTES ? post->title.n : GIST_POST_BYTES;
    size_t text = post->text.n < GIST_POST_BYTES ? post->text.n : GIST_POST_BYTES;
    *ret_post = (struct folded_post){.from = (uint32_t)f->n, .seam = (uint32_t)f->seams.n};
    f->n_word = 0;
    f->words.n = 0;
    memset(f->letters, 0, sizeof f->letters);
    TRY(room(&f->p, &f->cap, f->n + title + text + 3));
    f->p[f->n++] = '\n';
    if (title)
        TRY(fold_field(t, f, post->title, true));
    ret_post->title_end = (uint32_t)f->n;
    f->p[f->n++] = '\n';
    TRY(fold_field(t, f, post->text, false));
    ret_post->text_end = (uint32_t)f->n;
    f->p[f->n++] = '\n';
    TRY(room(&f->p, &f->cap, f->n + f->n_word));
    TRY(add_words(f));
    ret_post->to = (uint32_t)f->n;
    ret_post->n_seams = (uint32_t)f->seams.n - ret_post->seam;
    ret_post->script = main_script(f->letters);
    return OK;
}

enum err fold_text_of(const struct letters *t, struct str text, struct folded *f)
{
    f->n = f->seams.n = f->n_word = f->words.n = 0;
    TRY(room(&f->p, &f->cap, text.n));
    return fold_part(t, f, text, 0, text.n, false);
}

enum err fold_copy(struct folded *f, struct str folded)
{
    TRY(room(&f->p, &f->cap, f->n + folded.n));
    memcpy(f->p + f->n, folded.p, folded.n);
    f->n += folded.n;
    return OK;
}

enum err fold_plain(const struct letters *t, struct str text, struct folded *f)
{
    TRY(room(&f->p, &f->cap, f->n + text.n + 1));
    for (size_t i = 0, used; i < text.n; i += used) {
        used = 1;
        if ((unsigned char)text.p[i] < 0x80)
            f->p[f->n++] = text.p[i];
        else
            TRY(fold_wide(t, f, text, i, false, &used));
    }
    return OK;
}

enum script letter_at(const struct letters *t, struct str s, size_t at)
{
    size_t used;
    if (at >= s.n)
        return SCRIPT_NONE;
    int32_t cp = utf8_next(s, at, &used);
    if (cp < 0x80)
        return cp >= 0 && (ascii_alpha((unsigned char)cp) || ascii_digit((unsigned char)cp))
                   ? SCRIPT_LATIN
                   : SCRIPT_NONE;
    return cp < 0x10000 ? (enum script)t->script[cp >> 4] : SCRIPT_NONE;
}

enum script letter_before(const struct letters *t, struct str s, size_t at)
{
    size_t from = at;
    if (at == 0 || at > s.n)
        return SCRIPT_NONE;
    do
        from--;
    while (from > 0 && at - from < 4 && ((unsigned char)s.p[from] & 0xc0) == 0x80);
    return letter_at(t, s, from);
}
