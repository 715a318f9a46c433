#include "codec/json_scan.h"

#include "codec/json.h"
#include "codec/json_string.h"

/* What may come next. */
enum { VALUE, FIRST_VALUE, KEY, FIRST_KEY, COLON, COMMA };
enum { WORD_BYTES = 512 }; /* of a number */

static inline bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static inline size_t skip_space(const char *p, size_t at, size_t n)
{
    while (at < n && is_space(p[at]))
        at++;
    return at;
}

static enum err bad(struct json_skip *s, enum err rc, const char *why)
{
    s->why = why;
    return rc;
}

static bool in_object(const struct json_skip *s)
{
    return s->depth && (s->objects >> (s->depth - 1) & 1);
}

/* END: that was the value. */
static enum err after_value(struct json_skip *s)
{
    s->expect = COMMA;
    return s->depth ? OK : END;
}

static enum err open_bracket(struct json_skip *s, bool object)
{
    if (s->expect != VALUE && s->expect != FIRST_VALUE)
        return bad(s, ERR_FORMAT, "a bracket opens where none may");
    if (s->depth == JSON_SCAN_DEPTH)
        return bad(s, ERR_LIMIT, "nested too deep");
    uint64_t bit = UINT64_C(1) << s->depth++;
    s->objects = object ? s->objects | bit : s->objects & ~bit;
    s->expect = object ? FIRST_KEY : FIRST_VALUE;
    s->at++;
    return OK;
}

static enum err close_bracket(struct json_skip *s, bool object)
{
    bool empty = s->expect == (object ? FIRST_KEY : FIRST_VALUE);
    if (!s->depth || in_object(s) != object || (s->expect != COMMA && !empty))
        return bad(s, ERR_FORMAT, "a bracket closes where none may");
    s->depth--;
    s->at++;
    return after_value(s);
}

/* At a quote, or where the text ended in a string. */
static enum err take_string(struct json_skip *s, struct str text, bool *ret_more)
{
    bool escaped;
    if (s->expect == COLON || s->expect == COMMA)
        return bad(s, ERR_FORMAT, "a string begins where none may");
    s->at = json_string_end(text.p, s->in_string ? s->at : s->at + 1, text.n, &escaped);
    *ret_more = s->at >= text.n || text.p[s->at] == '\\';
    s->in_string = *ret_more;
    if (*ret_more)
        return OK;
    if (text.p[s->at] == '\n')
        return bad(s, ERR_FORMAT, "a string does not end");
    s->at++;
    if (s->expect == KEY || s->expect == FIRST_KEY) {
        s->expect = COLON;
        return OK;
    }
    return after_value(s);
}

static enum err take_word(struct json_skip *s, struct str text, bool *ret_more)
{
    size_t end = s->at;
    if (s->expect != VALUE && s->expect != FIRST_VALUE)
        return bad(s, ERR_FORMAT, "a value stands where none may");
    while (end < text.n && json_is_word(text.p[end]) && end - s->at < WORD_BYTES)
        end++;
    *ret_more = end == text.n;
    if (*ret_more)
        return OK;
    if (end == s->at || end - s->at == WORD_BYTES)
        return bad(s, ERR_FORMAT, "a value is not understood");
    s->at = end;
    return after_value(s);
}

static enum err take_sign(struct json_skip *s, char c)
{
    if (c == ':' ? s->expect != COLON : s->expect != COMMA)
        return bad(s, ERR_FORMAT, "a sign stands where none may");
    s->expect = c == ':' || !in_object(s) ? VALUE : KEY;
    s->at++;
    return OK;
}

enum err json_skip_on(struct json_skip *s, struct str text)
{
    enum err rc = OK;
    bool more = false;
    if (s->in_string)
        rc = take_string(s, text, &more);
    while (!rc && !more) {
        s->at = skip_space(text.p, s->at, text.n);
        if (s->at >= text.n)
            return OK;
        switch (text.p[s->at]) {
        case '"': rc = take_string(s, text, &more); break;
        case '{': rc = open_bracket(s, true); break;
        case '[': rc = open_bracket(s, false); break;
        case '}': rc = close_bracket(s, true); break;
        case ']': rc = close_bracket(s, false); break;
        case ':':
        case ',': rc = take_sign(s, text.p[s->at]); break;
        default: rc = take_word(s, text, &more);
        }
    }
    return rc;
}

size_t json_skip_forget(struct json_skip *s)
{
    size_t n = s->at;
    s->at = 0;
    return n;
}

enum err json_scan_open(struct json_scan *s, struct str text)
{
    *s = (struct json_scan){.text = text, .first = true};
    s->at = skip_space(text.p, 0, text.n);
    if (s->at >= text.n || (text.p[s->at] != '{' && text.p[s->at] != '['))
        return ERR_FORMAT;
    s->object = text.p[s->at++] == '{';
    return OK;
}

/* At a quote. */
static inline enum err scan_string(struct json_scan *s, struct json_value *v)
{
    size_t from = s->at + 1;
    size_t end = json_string_end(s->text.p, from, s->text.n, &v->escaped);
    if (end >= s->text.n || s->text.p[end] != '"')
        return ERR_FORMAT;
    v->kind = '"';
    v->text = str_make(s->text.p + from, end - from);
    s->at = end + 1;
    return OK;
}

static enum err scan_container(struct json_scan *s, struct json_value *v)
{
    struct json_skip skip = {0};
    struct str rest = str_sub(s->text, s->at, s->text.n);
    enum err rc = json_skip_on(&skip, rest);
    if (rc != END)
        return rc ? rc : ERR_FORMAT;
    v->kind = rest.p[0];
    v->text = str_make(rest.p, skip.at);
    s->at += skip.at;
    return OK;
}

static enum err scan_word(struct json_scan *s, struct json_value *v)
{
    const char *p = s->text.p;
    size_t from = s->at;
    while (s->at < s->text.n && json_is_word(p[s->at]))
        s->at++;
    v->text = str_make(p + from, s->at - from);
    v->kind = json_word_kind(v->text);
    return v->kind ? OK : ERR_FORMAT;
}

static inline enum err scan_value(struct json_scan *s, struct json_value *v)
{
    char c = s->at < s->text.n ? s->text.p[s->at] : 0;
    if (c == '"')
        return scan_string(s, v);
    v->escaped = false;
    return c == '{' || c == '[' ? scan_container(s, v) : scan_word(s, v);
}

enum err json_scan_next(struct json_scan *s, struct json_value *ret_key,
                        struct json_value *ret_value)
{
    const char *p = s->text.p;
    size_t n = s->text.n;
    s->at = skip_space(p, s->at, n);
    if (s->at >= n)
        return ERR_FORMAT;
    if (p[s->at] == (s->object ? '}' : ']')) {
        s->at = skip_space(p, s->at + 1, n);
        return s->at == n ? END : ERR_FORMAT;
    }
    if (!s->first) {
        if (p[s->at] != ',')
            return ERR_FORMAT;
        s->at = skip_space(p, s->at + 1, n);
    }
    s->first = false;
    ret_key->kind = 0;
    if (s->object) {
        if (s->at >= n || p[s->at] != '"')
            return ERR_FORMAT;
        TRY(scan_string(s, ret_key));
        s->at = skip_space(p, s->at, n);
        if (s->at >= n || p[s->at] != ':')
            return ERR_FORMAT;
        s->at = skip_space(p, s->at + 1, n);
    }
    return scan_value(s, ret_value);
}

/* --- objects that are all alike --- */

static bool learn_between(struct json_shape *shape, struct str text)
{
    struct json_between *b = &shape->between[shape->n];
    if (text.n > sizeof b->text)
        return false;
    memcpy(b->text, text.p, text.n);
    b->n = text.n;
    return true;
}

bool json_shape_learn(struct json_shape *shape, struct str object)
{
    struct json_scan scan;
    struct json_value key, value;
    enum err rc;
    size_t from = 0;
    *shape = (struct json_shape){0};
    if (json_scan_open(&scan, object) || !scan.object)
        return false;
    while ((rc = json_scan_next(&scan, &key, &value)) == OK) {
        size_t at = (size_t)(value.text.p - object.p);
        if (value.kind != '"' || shape->n == JSON_SHAPE_VALUES ||
            !learn_between(shape, str_sub(object, from, at)))
            return shape->n = 0, false;
        from = at + value.text.n;
        shape->n++;
    }
    bool known = rc == END && learn_between(shape, str_sub(object, from, object.n));
    if (!known)
        shape->n = 0;
    return shape->n > 0;
}

static inline bool stands_at(const struct json_between *b, struct str text, size_t at)
{
#ifdef __SSE2__
    if (text.n - at >= JSON_SHAPE_BYTES) {
        __m128i want = _mm_loadu_si128((const __m128i *)(const void *)b->text);
        __m128i have = _mm_loadu_si128((const __m128i *)(const void *)(text.p + at));
        unsigned same = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(want, have));
        return (~same & ((1u << b->n) - 1)) == 0;
    }
#endif
    return text.n - at >= b->n && memcmp(text.p + at, b->text, b->n) == 0;
}

bool json_shape_read(const struct json_shape *shape, struct str object,
                     struct json_value *ret_values)
{
    size_t at = 0, n = shape->n;
    for (size_t i = 0; i < n; i++) {
        struct json_value *v = &ret_values[i];
        if (!stands_at(&shape->between[i], object, at))
            return false;
        at += shape->between[i].n;
        size_t end = json_string_end(object.p, at, object.n, &v->escaped);
        if (end >= object.n)
            return false;
        v->kind = '"';
        v->text = str_make(object.p + at, end - at);
        at = end;
    }
    return n && stands_at(&shape->between[n], object, at) && at + shape->between[n].n == object.n;
}

/* --- paths --- */

struct pick {
    const char *const *paths;
    struct json_value *values;
    size_t n;
};

/* Does the path go on with this key? *ret_rest is behind it, at "." or the end. */
static bool goes_on(const char *path, struct str key, const char **ret_rest)
{
    size_t i = 0;
    while (i < key.n && path[i] == key.p[i] && path[i])
        i++;
    *ret_rest = path + i;
    return i == key.n && (path[i] == '.' || path[i] == 0);
}

static enum err pick_in(const struct pick *pick, struct str object, uint32_t mask,
                        const char *const *at, unsigned depth)
{
    struct json_scan scan;
    struct json_value key, value;
    enum err rc;
    TRY(json_scan_open(&scan, object));
    while ((rc = json_scan_next(&scan, &key, &value)) == OK) {
        const char *below[JSON_PICK_PATHS], *rest;
        uint32_t deeper = 0;
        if (!scan.object || key.escaped)
            continue;
        for (uint32_t left = mask; left; left &= left - 1) {
            unsigned i = (unsigned)__builtin_ctz(left);
            if (at[i][0] != key.text.p[0] || !goes_on(at[i], key.text, &rest))
                continue;
            if (*rest == 0 && !pick->values[i].kind)
                pick->values[i] = value;
            if (*rest) {
                deeper |= 1u << i;
                below[i] = rest + 1;
            }
        }
        if (deeper && value.kind == '{' && depth < JSON_PICK_DEPTH)
            TRY(pick_in(pick, value.text, deeper, below, depth + 1));
    }
    return rc == END ? OK : rc;
}

enum err json_pick(struct str object, const char *const *paths, size_t n,
                   struct json_value *ret_values)
{
    struct pick pick = {paths, ret_values, n};
    memset(ret_values, 0, n * sizeof *ret_values);
    if (n > JSON_PICK_PATHS)
        return ERR_BUG;
    return pick_in(&pick, object, n == 32 ? UINT32_MAX : (1u << n) - 1, paths, 1);
}

struct str json_value_text(struct arena *arena, const struct json_value *v)
{
    if (v->kind == '"')
        return json_unescape(arena, v->text, v->escaped);
    return v->kind && v->kind != 'n' && v->kind != '{' && v->kind != '[' ? v->text : STR_NONE;
}
