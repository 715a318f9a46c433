#include "codec/line.h"

#include "base/err.h"

#ifdef __SSE2__
#include <emmintrin.h>
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

static size_t words_plain(struct str line)
{
    size_t n = 0;
    bool in_word = false;
    for (size_t i = 0; i < line.n; i++) {
        bool blank = parts(line.p[i]);
        n += in_word && blank;
        in_word = !blank;
    }
    return n + in_word;
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
            mask = either_at(last, ' ', '\t') & (UINT64_MAX >> (63 - rest)); /* one behind the end */
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

/* -1 in each of 16 bytes that ends a word: it is none of the two, the one behind it is. */
static __m128i ends_at(const char *p)
{
    return _mm_andnot_si128(either(load(p), ' ', '\t'), either(load(p + 1), ' ', '\t'));
}

/* Ends are subtracted: byte counters, which are summed up before they can overflow. The last round
 * looks at the last 17 bytes, without the places that were counted before. */
size_t line_word_count(struct str line)
{
    enum { STEP = 16, ROUNDS = 254 };
    static const unsigned char not_yet[2 * STEP] = {[STEP] = 255, 255, 255, 255, 255, 255, 255, 255,
                                                    255,          255, 255, 255, 255, 255, 255, 255};
    const __m128i zero = _mm_setzero_si128();
    __m128i total = zero, ends = zero;
    size_t i = 0, end = line.n - STEP - 1;
    if (line.n <= STEP)
        return words_plain(line);
    for (; i <= end; total = _mm_add_epi64(total, _mm_sad_epu8(ends, zero)), ends = zero)
        for (int round = 0; round < ROUNDS && i <= end; round++, i += STEP)
            ends = _mm_sub_epi8(ends, ends_at(line.p + i));
    const __m128i fresh = load((const char *)not_yet + (STEP - (i - end)));
    ends = _mm_sub_epi8(zero, _mm_and_si128(ends_at(line.p + end), fresh));
    total = _mm_add_epi64(total, _mm_sad_epu8(ends, zero));
    uint64_t lanes[2];
    _mm_storeu_si128((__m128i *)(void *)lanes, total);
    return (size_t)(lanes[0] + lanes[1]) + !parts(line.p[line.n - 1]);
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
    return words_plain(line);
}

bool line_cells(struct str line, struct str *ret_cells, size_t max, size_t *ret_n)
{
    *ret_n = 0;
    return cells_plain(line, 0, ret_cells, max, ret_n);
}
#endif

struct str line_base_name(struct str path)
{
    size_t i = path.n;
    while (i && path.p[i - 1] != '/' && path.p[i - 1] != '\\')
        i--;
    return str_sub(path, i, path.n);
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
