#include "codec/line.h"

#include "base/err.h"

#ifdef __SSE2__
#include <immintrin.h>
#endif

bool line_next(struct str *rest, struct str *ret_line, bool *ret_whole)
{
    if (rest->n == 0)
        return false;
    ptrdiff_t at = str_chr(*rest, '\n');
    if (ret_whole)
        *ret_whole = at >= 0;
    size_t n = at < 0 ? rest->n : (size_t)at;
    *ret_line = str_sub(*rest, 0, n);
    *rest = str_sub(*rest, at < 0 ? n : n + 1, rest->n);
    if (ret_line->n && ret_line->p[ret_line->n - 1] == '\r')
        ret_line->n--;
    return true;
}

struct str line_bare(struct str line)
{
    while (line.n && (line.p[line.n - 1] == '\r' || line.p[line.n - 1] == 0))
        line.n--;
    while (line.n && line.p[0] == 0)
        line = str_sub(line, 1, line.n);
    return line;
}

bool line_dated(struct str line)
{
    return line.n && ascii_digit((unsigned char)line.p[0]) && line.p[line.n - 1] != '\r' &&
           line.p[line.n - 1] != 0;
}

bool line_zeros(struct str line)
{
    return line.n && memchr(line.p, 0, line.n) != NULL;
}

bool line_blank(struct str line)
{
    for (size_t i = 0; i < line.n; i++)
        if (line.p[i] && !ascii_space((unsigned char)line.p[i]))
            return false;
    return true;
}

bool line_address(struct str s)
{
    ptrdiff_t scope = str_chr(s, '%');
    bool colon = str_chr(s, ':') >= 0;
    int dots = 0, colons = 0;
    if (scope >= 0 && colon)
        s.n = (size_t)scope;
    if (s.n < 2 || s.n > 45)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        dots += c == '.';
        colons += c == ':';
        if (c != '.' && c != ':' && !(colon ? ascii_hex(c) >= 0 : ascii_digit(c)))
            return false;
    }
    return colons >= 2 || (!colons && dots == 3);
}

bool line_digits(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!ascii_digit((unsigned char)s.p[i]))
            return false;
    return s.n > 0;
}

static bool parts(char c)
{
    return c == ' ' || c == '\t';
}

bool line_word(struct str *rest, struct str *ret_word)
{
    size_t i = 0, from;
    while (i < rest->n && parts(rest->p[i]))
        i++;
    from = i;
    while (i < rest->n && !parts(rest->p[i]))
        i++;
    *ret_word = str_sub(*rest, from, i);
    *rest = str_sub(*rest, i, rest->n);
    return ret_word->n > 0;
}

static bool cells_plain(struct str line, size_t from, struct str *ret_cells, size_t max,
                        size_t *ret_n)
{
    for (size_t i = from; i < line.n && *ret_n < max; i++) {
        if (line.p[i] == '"')
            return false;
        if (line.p[i] == ',') {
            ret_cells[(*ret_n)++] = str_make(line.p + from, i - from);
            from = i + 1;
        }
    }
    if (*ret_n < max)
        ret_cells[(*ret_n)++] = str_make(line.p + from, line.n - from);
    return true;
}

#ifdef __SSE2__
static __m128i load(const char *p)
{
    return _mm_loadu_si128((const __m128i *)(const void *)p);
}

/* -1 in each of 16 bytes that is one of the two. */
static __m128i either(__m128i c, char a, char b)
{
    return _mm_or_si128(_mm_cmpeq_epi8(c, _mm_set1_epi8(a)), _mm_cmpeq_epi8(c, _mm_set1_epi8(b)));
}

/* A bit for each of 64 bytes that is one of the two. */
static uint64_t either_at(const char *p, char a, char b)
{
    uint64_t mask = 0;
    for (int k = 0; k < 4; k++)
        mask |= (uint64_t)(unsigned)_mm_movemask_epi8(either(load(p + 16 * k), a, b)) << (16 * k);
    return mask;
}

/* 64 bytes at a time: a word ends at a blank behind a byte that is none. The last bytes are looked
 * at in a copy that ends with blanks. */
size_t line_words(struct str line, struct str *ret_words, size_t max)
{
    UNCLEARED char last[64];
    const char *from = line.p;
    size_t n = 0;
    for (size_t i = 0; i <= line.n; i += sizeof last) {
        const char *p = line.p + i;
        size_t rest = line.n - i;
        uint64_t mask;
        if (rest >= sizeof last) {
            mask = either_at(p, ' ', '\t');
        } else {
            memset(last, ' ', sizeof last);
            memcpy(last, p, rest);
            mask =
                either_at(last, ' ', '\t') & (UINT64_MAX >> (63 - rest)); /* one behind the end */
        }
        for (; mask; mask &= mask - 1) {
            const char *at = p + __builtin_ctzll(mask);
            if (at > from) {
                if (n < max)
                    ret_words[n] = str_make(from, (size_t)(at - from));
                n++;
            }
            from = at + 1;
        }
    }
    return n;
}

/* A bit for each of 32 bytes that is a blank or a tab. */
__attribute__((target("avx2"))) static inline uint32_t blanks_32(const char *p)
{
    const __m256i c = _mm256_loadu_si256((const __m256i *)(const void *)p);
    const __m256i blank = _mm256_cmpeq_epi8(c, _mm256_set1_epi8(' '));
    const __m256i tab = _mm256_cmpeq_epi8(c, _mm256_set1_epi8('\t'));
    return (uint32_t)_mm256_movemask_epi8(_mm256_or_si256(blank, tab));
}

/* Words end at blanks behind a byte that is none, and at the end. The last round looks at the last
 * 32 bytes, of which some were looked at before. */
__attribute__((target("avx2,popcnt"))) static size_t word_count_32(struct str line)
{
    enum { STEP = 32 };
    uint32_t before = 1; /* the byte before is a blank, or there is none */
    size_t n = 0, i = 0;
    for (; i + STEP <= line.n; i += STEP) {
        uint32_t blank = blanks_32(line.p + i);
        n += (size_t)__builtin_popcount(blank & ~(blank << 1 | before));
        before = blank >> (STEP - 1);
    }
    if (i < line.n) {
        uint32_t blank = blanks_32(line.p + line.n - STEP) >> (STEP - (line.n - i));
        n += (size_t)__builtin_popcount(blank & ~(blank << 1 | before));
        before = blank >> (line.n - i - 1);
    }
    return n + !before;
}

size_t line_word_count(struct str line)
{
    return line.n >= 32 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt")
               ? word_count_32(line)
               : line_words(line, NULL, 0);
}

bool line_cells(struct str line, struct str *ret_cells, size_t max, size_t *ret_n)
{
    const char *from = line.p;
    size_t i = 0, n = 0;
    for (; i + 64 <= line.n && n < max; i += 64)
        for (uint64_t mask = either_at(line.p + i, ',', '"'); mask && n < max; mask &= mask - 1) {
            const char *at = line.p + i + __builtin_ctzll(mask);
            if (*at == '"')
                return false;
            ret_cells[n++] = str_make(from, (size_t)(at - from));
            from = at + 1;
        }
    *ret_n = n;
    return cells_plain(line, (size_t)(from - line.p), ret_cells, max, ret_n);
}
#else
size_t line_words(struct str line, struct str *ret_words, size_t max)
{
    size_t n = 0;
    for (struct str word; line_word(&line, &word); n++)
        if (n < max)
            ret_words[n] = word;
    return n;
}

size_t line_word_count(struct str line)
{
    return line_words(line, NULL, 0);
}

bool line_cells(struct str line, struct str *ret_cells, size_t max, size_t *ret_n)
{
    *ret_n = 0;
    return cells_plain(line, 0, ret_cells, max, ret_n);
}
#endif

struct str line_base_name(struct str path)
{
    return line_path_part(path, 0);
}

void line_set(char *out, size_t size, struct str s)
{
    size_t n = s.n < size - 1 ? s.n : size - 1;
    memset(out, 0, size);
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        out[i] = c < 32 || c == 127 ? '?' : s.p[i];
    }
}

struct str line_path_part(struct str path, size_t from_end)
{
    for (;;) {
        size_t at = path.n;
        while (at && path.p[at - 1] != '/' && path.p[at - 1] != '\\')
            at--;
        if (from_end-- == 0)
            return str_sub(path, at, path.n);
        if (!at)
            return STR("");
        path.n = at - 1;
    }
}
