#include "codec/json.h"

#include "base/buf.h"
#include "base/utf.h"
#include "base/vec.h"

#ifdef __SSE2__
#include <immintrin.h>
#endif

/* What may come next. */
enum { VALUE, FIRST_VALUE, FIRST_KEY, COMMA, FINISHED };

void json_open(struct json_reader *j, struct str text, bool strict)
{
    *j = (struct json_reader){.text = text, .line = 1, .strict = strict, .expect = VALUE};
}

static enum err bad(struct json_reader *j, enum err rc, const char *why)
{
    j->rc = rc;
    j->why = why;
    return rc;
}

/* The next byte that is no white space, not taken; -1 at the end. */
static int peek(struct json_reader *j)
{
    for (; j->at < j->text.n; j->at++) {
        char c = j->text.p[j->at];
        if (c == '\n')
            j->line++;
        else if (c != ' ' && c != '\t' && c != '\r')
            return (unsigned char)c;
    }
    return -1;
}

/* One more than the value of a hexadecimal digit, else 0. */
static const unsigned char hex_digit[256] = {
    ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
    ['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
    ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

/* The value of the four digits behind "\u" at s[at], or -1: texts in other scripts than Latin may
 * consist of nothing else. */
static inline int32_t hex4(struct str s, size_t at)
{
    if (s.n - at < 6)
        return -1;
    const char *p = s.p + at + 2;
    int a = hex_digit[(unsigned char)p[0]], b = hex_digit[(unsigned char)p[1]],
        c = hex_digit[(unsigned char)p[2]], d = hex_digit[(unsigned char)p[3]];
    return a && b && c && d ? (a - 1) << 12 | (b - 1) << 8 | (c - 1) << 4 | (d - 1) : -1;
}

/* Length of the escape at s[at] ('\\'), 0 if it is none. */
/* What a byte behind a backslash stands for; 0: no such escape, or one of more bytes. */
static const char escapes[256] = {['"'] = '"',  ['\\'] = '\\', ['/'] = '/',  ['b'] = '\b',
                                  ['f'] = '\f', ['n'] = '\n',  ['r'] = '\r', ['t'] = '\t'};

static size_t escape_length(struct str s, size_t at)
{
    if (at + 1 >= s.n)
        return 0;
    char c = s.p[at + 1];
    if (c == 'u')
        return hex4(s, at) < 0 ? 0 : 6;
    return escapes[(unsigned char)c] ? 2 : 0;
}

/* To the first byte that ends a string, begins an escape or is a control: most are none. */
static inline size_t over_plain(struct str text, size_t at)
{
#ifdef __SSE2__
    const __m128i quote = _mm_set1_epi8('"'), back = _mm_set1_epi8('\\'), low = _mm_set1_epi8(0x1f);
    for (; text.n - at >= 16; at += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(text.p + at));
        __m128i hit = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(v, quote), _mm_cmpeq_epi8(v, back)),
                                   _mm_cmpeq_epi8(_mm_min_epu8(v, low), v));
        int mask = _mm_movemask_epi8(hit);
        if (mask)
            return at + (size_t)__builtin_ctz((unsigned)mask);
    }
#endif
    while (at < text.n && (unsigned char)text.p[at] >= 0x20 && text.p[at] != '"' &&
           text.p[at] != '\\')
        at++;
    return at;
}

/* A string whose opening quote is at j->at. */
static enum err string(struct json_reader *j, struct str *ret_text, bool *ret_escaped)
{
    size_t from = ++j->at;
    *ret_escaped = false;
    while (j->at < j->text.n) {
        j->at = over_plain(j->text, j->at);
        if (j->at == j->text.n)
            break;
        unsigned char c = (unsigned char)j->text.p[j->at];
        if (c == '"') {
            *ret_text = str_sub(j->text, from, j->at++);
            if (j->strict && !utf8_valid(*ret_text))
                return bad(j, ERR_FORMAT, "a string is not UTF-8");
            return OK;
        }
        if (c < 0x20 && j->strict)
            return bad(j, ERR_FORMAT, "a string holds a control byte");
        j->line += c == '\n';
        size_t n = c == '\\' ? escape_length(j->text, j->at) : 1;
        if (n == 0)
            return bad(j, ERR_FORMAT, "a string holds a bad escape");
        *ret_escaped |= c == '\\';
        j->at += n;
    }
    return bad(j, ERR_FORMAT, "a string does not end");
}

static size_t digits(struct json_reader *j)
{
    size_t from = j->at;
    while (j->at < j->text.n && ascii_digit((unsigned char)j->text.p[j->at]))
        j->at++;
    return j->at - from;
}

static bool take(struct json_reader *j, char a, char b)
{
    if (j->at >= j->text.n || (j->text.p[j->at] != a && j->text.p[j->at] != b))
        return false;
    j->at++;
    return true;
}

static enum err number(struct json_reader *j, struct str *ret_text)
{
    size_t from = j->at;
    (void)take(j, '-', '-');
    if (!take(j, '0', '0') && !digits(j))
        return bad(j, ERR_FORMAT, "a value is not understood");
    if (take(j, '.', '.') && !digits(j))
        return bad(j, ERR_FORMAT, "a number has no digit behind the point");
    if (take(j, 'e', 'E')) {
        (void)take(j, '+', '-');
        if (!digits(j))
            return bad(j, ERR_FORMAT, "a number has no digit in its exponent");
    }
    *ret_text = str_sub(j->text, from, j->at);
    return OK;
}

static bool literal(struct json_reader *j, struct str word, struct json_token *t,
                    enum json_type type)
{
    if (!str_starts(str_sub(j->text, j->at, j->text.n), word))
        return false;
    t->type = type;
    t->text = str_sub(j->text, j->at, j->at + word.n);
    j->at += word.n;
    return true;
}

static enum err open_bracket(struct json_reader *j, struct json_token *t, bool object)
{
    if (j->depth >= LIMIT_JSON_DEPTH)
        return bad(j, ERR_LIMIT, "nested too deep");
    uint64_t bit = UINT64_C(1) << j->depth++;
    j->objects = object ? j->objects | bit : j->objects & ~bit;
    t->type = object ? JSON_OBJECT : JSON_ARRAY;
    t->text = str_sub(j->text, j->at, j->at + 1);
    j->at++;
    j->expect = object ? FIRST_KEY : FIRST_VALUE;
    return OK;
}

static bool in_object(const struct json_reader *j)
{
    return j->depth && (j->objects >> (j->depth - 1) & 1);
}

static enum err close_bracket(struct json_reader *j, struct json_token *t)
{
    t->type = in_object(j) ? JSON_OBJECT_END : JSON_ARRAY_END;
    t->text = str_sub(j->text, j->at, j->at + 1);
    j->at++;
    j->depth--;
    j->expect = j->depth ? COMMA : FINISHED;
    return OK;
}

static enum err value(struct json_reader *j, struct json_token *t)
{
    int c = peek(j);
    t->line = j->line;
    if (c == '{' || c == '[')
        return open_bracket(j, t, c == '{');
    j->expect = j->depth ? COMMA : FINISHED;
    if (c == '"') {
        t->type = JSON_STRING;
        return string(j, &t->text, &t->escaped);
    }
    if (literal(j, STR("true"), t, JSON_TRUE) || literal(j, STR("false"), t, JSON_FALSE) ||
        literal(j, STR("null"), t, JSON_NULL))
        return OK;
    t->type = JSON_NUMBER;
    return c < 0 ? bad(j, ERR_FORMAT, "a value is missing") : number(j, &t->text);
}

static enum err key_and_value(struct json_reader *j, struct json_token *t)
{
    if (in_object(j)) {
        if (peek(j) != '"')
            return bad(j, ERR_FORMAT, "a key is missing");
        TRY(string(j, &t->key, &t->key_escaped));
        if (peek(j) != ':')
            return bad(j, ERR_FORMAT, "a colon is missing");
        j->at++;
    }
    return value(j, t);
}

enum err json_next(struct json_reader *j, struct json_token *ret_token)
{
    *ret_token = (struct json_token){.line = j->line};
    if (j->rc)
        return j->rc;
    int c = peek(j);
    if (j->expect == FINISHED)
        return c < 0 ? END : bad(j, ERR_FORMAT, "something follows the value");
    if (j->depth && j->expect != VALUE && c == (in_object(j) ? '}' : ']'))
        return close_bracket(j, ret_token);
    if (j->expect == COMMA) {
        if (c != ',')
            return bad(j, ERR_FORMAT, "a comma or bracket is missing");
        j->at++;
        j->expect = VALUE;
    }
    return key_and_value(j, ret_token);
}

enum err json_skip(struct json_reader *j, const struct json_token *token, struct str *ret_raw)
{
    const char *from = token->text.p;
    *ret_raw = token->text;
    if (token->type != JSON_OBJECT && token->type != JSON_ARRAY)
        return OK;
    for (uint32_t depth = j->depth; j->depth >= depth;) {
        struct json_token t;
        TRY(json_next(j, &t));
    }
    *ret_raw = str_make(from, (size_t)(j->text.p + j->at - from));
    return OK;
}

/* Takes the escape of cp at s[*at], and the other half of its pair. */
static inline uint32_t code_point(struct str s, size_t *at, uint32_t cp)
{
    *at += 6;
    if (cp < 0xd800 || cp >= 0xe000)
        return cp;
    if (cp < 0xdc00 && *at + 1 < s.n && s.p[*at] == '\\' && s.p[*at + 1] == 'u') {
        int32_t low = hex4(s, *at);
        if (low >= 0xdc00 && low < 0xe000) {
            *at += 6;
            return 0x10000 + ((cp - 0xd800) << 10) + ((uint32_t)low - 0xdc00);
        }
    }
    return 0xfffd;
}

/* Decodes one unit at s[*at] into out (up to 4 bytes); returns how many. */
static size_t unit(struct str s, size_t *at, bool escaped, char *out)
{
    out[0] = s.p[*at];
    if (!escaped || out[0] != '\\') {
        ++*at;
        return 1;
    }
    char c = *at + 1 < s.n ? s.p[*at + 1] : 0;
    int32_t unit16 = c == 'u' ? hex4(s, *at) : -1;
    if (unit16 < 0) { /* of a bad escape the backslash goes by itself */
        char plain = escapes[(unsigned char)c];
        out[0] = plain ? plain : '\\';
        *at += plain ? 2 : 1;
        return 1;
    }
    uint32_t cp = code_point(s, at, (uint32_t)unit16);
    if (cp < 0x80) {
        out[0] = (char)cp;
        return 1;
    }
    if (cp < 0x800) {
        out[0] = (char)(0xc0 | cp >> 6);
        out[1] = (char)(0x80 | (cp & 0x3f));
        return 2;
    }
    size_t len = cp < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = {0, 0, 0, 0xe0, 0xf0};
    for (size_t i = len - 1; i > 0; i--, cp >>= 6)
        out[i] = (char)(0x80 | (cp & 0x3f));
    out[0] = (char)(lead[len] | cp);
    return len;
}

/* Copies what stands before the next backslash, and returns how much that is. Up to 16 bytes behind
 * it are written as well, though never more than the text has. */
static inline size_t copy_plain(char *to, struct str text, size_t at)
{
    size_t n = 0;
#ifdef __SSE2__
    const __m128i back = _mm_set1_epi8('\\');
    for (; at + n + 16 <= text.n; n += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(text.p + at + n));
        unsigned hit = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, back));
        _mm_storeu_si128((__m128i *)(void *)(to + n), v);
        if (hit)
            return n + (size_t)__builtin_ctz(hit);
    }
#endif
    for (; at + n < text.n && text.p[at + n] != '\\'; n++)
        to[n] = text.p[at + n];
    return n;
}

struct str json_unescape(struct arena *arena, struct str text, bool escaped)
{
    if (!escaped)
        return text;
    /* No escape is longer unescaped: \uXXXX is six bytes and stands for at most three. */
    char *p = arena_alloc(arena, text.n + 4);
    if (!p)
        return STR_NONE;
    size_t n = 0;
    for (size_t at = 0; at < text.n;) {
        size_t run = copy_plain(p + n, text, at);
        n += run;
        at += run;
        for (char plain; at < text.n && text.p[at] == '\\'; n++, at += 2) {
            plain = at + 1 < text.n ? escapes[(unsigned char)text.p[at + 1]] : 0;
            if (!plain)
                break;
            p[n] = plain;
        }
        if (at < text.n && text.p[at] == '\\')
            n += unit(text, &at, true, p + n);
    }
    return str_make(p, n);
}

bool json_equals(struct str text, bool escaped, struct str want)
{
    if (!escaped)
        return str_eq(text, want);
    size_t i = 0;
    for (size_t at = 0; at < text.n;) {
        char out[4];
        size_t n = unit(text, &at, true, out);
        if (n > want.n - i || memcmp(out, want.p + i, n) != 0)
            return false;
        i += n;
    }
    return i == want.n;
}

/* --- the tree: finished nodes wait on a stack until their bracket closes --- */

struct entry {
    struct node node;
    struct str key;
};

struct builder {
    struct arena *arena;
    VEC(struct entry) wait;
    size_t open[LIMIT_JSON_DEPTH]; /* place in wait of each open bracket */
    size_t depth;
};

static enum err push(struct builder *b, const struct json_token *t)
{
    struct entry e = {.node.line = t->line};
    if (t->key.p) {
        struct str key = json_unescape(b->arena, t->key, t->key_escaped);
        e.key = t->key_escaped ? key : arena_str(b->arena, key);
        if (!e.key.p)
            return ERR_NOMEM;
    }
    if (t->type == JSON_OBJECT || t->type == JSON_ARRAY) {
        e.node.type = t->type == JSON_OBJECT ? NODE_MAP : NODE_LIST;
        b->open[b->depth++] = b->wait.n;
    } else {
        e.node.type = NODE_SCALAR;
        e.node.plain = t->type != JSON_STRING;
        struct str text = json_unescape(b->arena, t->text, t->escaped);
        e.node.text = t->escaped ? text : arena_str(b->arena, text);
        if (!e.node.text.p)
            return ERR_NOMEM;
    }
    return vec_push(&b->wait, e, b->arena->max_bytes / sizeof(struct node) + 1);
}

/* Moves what waits behind the innermost open bracket into it. */
static enum err reduce(struct builder *b)
{
    size_t at = b->open[--b->depth];
    struct entry *owner = &b->wait.v[at], *child = owner + 1;
    size_t n = b->wait.n - at - 1;
    owner->node.n = n;
    owner->node.item = arena_new_n(b->arena, struct node, n ? n : 1);
    if (!owner->node.item)
        return ERR_NOMEM;
    if (owner->node.type == NODE_MAP) {
        owner->node.key = arena_new_n(b->arena, struct str, n ? n : 1);
        if (!owner->node.key)
            return ERR_NOMEM;
    }
    for (size_t i = 0; i < n; i++) {
        owner->node.item[i] = child[i].node;
        if (owner->node.key)
            owner->node.key[i] = child[i].key;
    }
    b->wait.n = at + 1;
    return OK;
}

static enum err build(struct builder *b, struct json_reader *j)
{
    struct json_token t;
    enum err rc;
    while ((rc = json_next(j, &t)) == OK) {
        if (t.type == JSON_OBJECT_END || t.type == JSON_ARRAY_END)
            rc = reduce(b);
        else
            rc = push(b, &t);
        if (rc)
            return rc;
    }
    return rc == END ? OK : rc;
}

enum err json_parse(struct arena *arena, struct str text, struct str name, struct node **ret,
                    struct error *error)
{
    char input[256];
    struct json_reader j;
    struct builder b = {.arena = arena};
    *ret = NULL;
    json_open(&j, text, true);
    enum err rc = build(&b, &j);
    if (!rc) {
        *ret = arena_new(arena, struct node);
        if (*ret)
            **ret = b.wait.v[0].node;
        else
            rc = ERR_NOMEM;
    }
    vec_done(&b.wait);
    if (!rc)
        return OK;
    size_t n = name.n < sizeof input - 1 ? name.n : sizeof input - 1;
    if (n)
        memcpy(input, name.p, n);
    input[n] = 0;
    return fail_at(error, rc, input, j.line, "%s",
                   j.why ? j.why : "out of memory for the document");
}
