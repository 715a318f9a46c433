/* What a rule's value becomes before it is compared: placeholders filled in, dashes made classes,
 * UTF-16 and Base64. The steps run in the order in which the rule names them. */
#include "base/buf.h"
#include "base/utf.h"
#include "match/sigma_plan.h"

struct list {
    struct sigma_reader *r;
    uint32_t line;
    struct pattern *v;
    size_t n, cap;
};

static enum err list_add(struct list *l, struct pattern p)
{
    if (l->n == SIGMA_MAX_ALTERNATIVES)
        return sigma_fail(l->r, ERR_LIMIT, l->line, "a value has more than %d forms",
                          SIGMA_MAX_ALTERNATIVES);
    if (l->n == l->cap) {
        size_t cap = l->cap ? l->cap * 2 : 4;
        struct pattern *v = arena_new_n(l->r->arena, struct pattern, cap);
        if (!v)
            return sigma_nomem(l->r);
        if (l->n)
            memcpy(v, l->v, l->n * sizeof *v);
        l->v = v;
        l->cap = cap;
    }
    l->v[l->n++] = p;
    return OK;
}

static ptrdiff_t find_kind(const struct pattern *p, enum piece_kind kind)
{
    for (size_t i = 0; i < p->n; i++)
        if (p->piece[i].kind == kind)
            return (ptrdiff_t)i;
    return -1;
}

/* p with the piece at index i replaced by those of other. */
static enum err splice(struct sigma_reader *r, const struct pattern *p, size_t i,
                       const struct pattern *other, struct pattern *ret)
{
    size_t n = p->n - 1 + other->n;
    struct piece *piece = arena_new_n(r->arena, struct piece, n + 1);
    if (!piece)
        return sigma_nomem(r);
    if (i)
        memcpy(piece, p->piece, i * sizeof *piece);
    if (other->n)
        memcpy(piece + i, other->piece, other->n * sizeof *piece);
    if (p->n > i + 1)
        memcpy(piece + i + other->n, p->piece + i + 1, (p->n - i - 1) * sizeof *piece);
    *ret = (struct pattern){piece, n};
    return OK;
}

/* Neighbouring texts become one, neighbouring stars too. */
static enum err join_pieces(struct sigma_reader *r, struct pattern *p)
{
    size_t n = 0;
    for (size_t i = 0; i < p->n; i++) {
        struct piece *last = n ? &p->piece[n - 1] : NULL;
        const struct piece *cur = &p->piece[i];
        if (last && cur->kind == PIECE_MANY && last->kind == PIECE_MANY)
            continue;
        if (!last || cur->kind != PIECE_TEXT || last->kind != PIECE_TEXT) {
            p->piece[n++] = *cur;
            continue;
        }
        char *text = arena_alloc(r->arena, last->text.n + cur->text.n + 1);
        if (!text)
            return sigma_nomem(r);
        memcpy(text, last->text.p, last->text.n);
        memcpy(text + last->text.n, cur->text.p, cur->text.n);
        last->text = str_make(text, last->text.n + cur->text.n);
    }
    p->n = n;
    return OK;
}

static enum err placeholder(struct list *l, const struct sigma_env *env, struct str name,
                            const struct str **ret_values, size_t *ret_n)
{
    *ret_values = NULL;
    *ret_n = env->placeholder ? env->placeholder(env->ctx, name, ret_values) : 0;
    if (*ret_n)
        return OK;
    return sigma_fail(l->r, ERR_UNSUPPORTED, l->line,
                      "no values are known for placeholder '%%%.*s%%'", STR_FMT(name));
}

/* Values of placeholders are Sigma strings: they may hold wildcards. */
static enum err fill_first(struct list *l, const struct sigma_env *env, const struct pattern *p,
                           size_t at, struct list *out)
{
    const struct str *value;
    size_t n;
    TRY(placeholder(l, env, p->piece[at].text, &value, &n));
    for (size_t i = 0; i < n; i++) {
        struct pattern inner, whole;
        TRY(sigma_pattern_parse(l->r, value[i], false, &inner));
        TRY(splice(l->r, p, at, &inner, &whole));
        TRY(list_add(out, whole));
    }
    return OK;
}

/* One round fills the first placeholder of each pattern; as many rounds as there are holes. */
static enum err expand(struct list *l, const struct sigma_env *env)
{
    for (bool again = true; again;) {
        struct list out = {.r = l->r, .line = l->line};
        again = false;
        for (size_t i = 0; i < l->n; i++) {
            ptrdiff_t at = find_kind(&l->v[i], PIECE_HOLE);
            TRY(at < 0 ? list_add(&out, l->v[i]) : fill_first(l, env, &l->v[i], (size_t)at, &out));
            again |= at >= 0;
        }
        *l = out;
    }
    for (size_t i = 0; i < l->n; i++)
        TRY(join_pieces(l->r, &l->v[i]));
    return OK;
}

/* A word character as in Unicode-aware regular expressions, roughly: letters, digits, "_". */
static bool word_at(struct str s, size_t at)
{
    size_t n;
    if (at >= s.n)
        return false;
    int32_t cp = utf8_next(s, at, &n);
    if (cp < 0x80)
        return cp > 0 &&
               (ascii_alpha((unsigned char)cp) || ascii_digit((unsigned char)cp) || cp == '_');
    return cp >= 0xc0 && cp != 0xd7 && cp != 0xf7 && !(cp >= 0x2000 && cp < 0x2c00) &&
           !(cp >= 0x3000 && cp < 0x3040);
}

static bool word_before(struct str s, size_t at)
{
    if (at == 0)
        return false;
    size_t i = at - 1;
    while (i > 0 && at - i < 4 && ((unsigned char)s.p[i] & 0xc0) == 0x80)
        i--;
    return word_at(s, i);
}

/* A dash that starts an option: not behind a word, but in front of one. */
static bool option_dash(struct str s, size_t at)
{
    return (s.p[at] == '-' || s.p[at] == '/') && !word_before(s, at) && word_at(s, at + 1);
}

static enum err split_dashes(struct sigma_reader *r, struct pattern *p)
{
    size_t dashes = 0, n = 0;
    for (size_t i = 0; i < p->n; i++)
        for (size_t k = 0; p->piece[i].kind == PIECE_TEXT && k < p->piece[i].text.n; k++)
            dashes += option_dash(p->piece[i].text, k);
    if (!dashes)
        return OK;
    struct piece *piece = arena_new_n(r->arena, struct piece, p->n + 2 * dashes);
    if (!piece)
        return sigma_nomem(r);
    for (size_t i = 0; i < p->n; i++) {
        struct str s = p->piece[i].text;
        size_t from = 0;
        for (size_t k = 0; p->piece[i].kind == PIECE_TEXT && k < s.n; k++) {
            if (!option_dash(s, k))
                continue;
            if (k > from)
                piece[n++] = (struct piece){PIECE_TEXT, str_sub(s, from, k)};
            piece[n++] = (struct piece){PIECE_DASH, STR_NONE};
            from = k + 1;
        }
        if (p->piece[i].kind != PIECE_TEXT || s.n > from)
            piece[n++] = (struct piece){p->piece[i].kind, str_sub(s, from, s.n)};
    }
    *p = (struct pattern){piece, n};
    return OK;
}

/* Encoded text has no classes: every dash is written out in its five forms. */
static enum err write_out_dashes(struct list *l)
{
    static const char *const forms[] = {"-", "/", "\u2013", "\u2014", "\u2015"};
    for (bool again = true; again;) {
        struct list out = {.r = l->r, .line = l->line};
        again = false;
        for (size_t i = 0; i < l->n; i++) {
            ptrdiff_t at = find_kind(&l->v[i], PIECE_DASH);
            for (size_t k = 0; at >= 0 && k < ARRAY_LEN(forms); k++) {
                struct piece text = {PIECE_TEXT, str_of(forms[k])};
                struct pattern inner = {&text, 1}, whole;
                TRY(splice(l->r, &l->v[i], (size_t)at, &inner, &whole));
                TRY(list_add(&out, whole));
            }
            if (at < 0)
                TRY(list_add(&out, l->v[i]));
            again |= at >= 0;
        }
        *l = out;
    }
    for (size_t i = 0; i < l->n; i++)
        TRY(join_pieces(l->r, &l->v[i]));
    return OK;
}

static void add_unit(struct buf *b, uint32_t unit, bool big_endian)
{
    buf_putc(b, (char)(big_endian ? unit >> 8 : unit & 0xff));
    buf_putc(b, (char)(big_endian ? unit & 0xff : unit >> 8));
}

static enum err take(struct sigma_reader *r, struct buf *b, struct str *ret)
{
    *ret = b->rc ? STR_NONE : arena_str(r->arena, buf_view(b));
    return ret->p ? OK : sigma_nomem(r);
}

static enum err utf16_text(struct sigma_reader *r, struct str s, unsigned step, bool first,
                           struct str *ret)
{
    struct buf b;
    buf_init(&b, 2 * s.n + 8);
    if (step == MOD_UTF16 && first)
        buf_str(&b, STR("\xff\xfe"));
    size_t n;
    for (size_t i = 0; i < s.n; i += n) {
        int32_t cp = utf8_next(s, i, &n);
        uint32_t u = cp < 0 ? 0xfffd : (uint32_t)cp;
        if (u > 0xffff) {
            add_unit(&b, 0xd800 + ((u - 0x10000) >> 10), step == MOD_UTF16BE);
            u = 0xdc00 + ((u - 0x10000) & 0x3ff);
        }
        add_unit(&b, u, step == MOD_UTF16BE);
    }
    enum err rc = take(r, &b, ret);
    buf_done(&b);
    return rc;
}

static enum err to_utf16(struct list *l, unsigned step)
{
    TRY(write_out_dashes(l));
    for (size_t i = 0; i < l->n; i++) {
        struct piece *piece = arena_new_n(l->r->arena, struct piece, l->v[i].n + 1);
        if (!piece)
            return sigma_nomem(l->r);
        for (size_t k = 0; k < l->v[i].n; k++) {
            piece[k] = l->v[i].piece[k];
            if (piece[k].kind == PIECE_TEXT)
                TRY(utf16_text(l->r, piece[k].text, step, k == 0, &piece[k].text));
        }
        l->v[i].piece = piece;
    }
    return OK;
}

static void base64(struct buf *b, struct str s)
{
    static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < s.n; i += 3) {
        size_t left = s.n - i;
        uint32_t v = (uint32_t)(unsigned char)s.p[i] << 16;
        v |= left > 1 ? (uint32_t)(unsigned char)s.p[i + 1] << 8 : 0;
        v |= left > 2 ? (uint32_t)(unsigned char)s.p[i + 2] : 0;
        buf_putc(b, digit[v >> 18]);
        buf_putc(b, digit[v >> 12 & 63]);
        buf_putc(b, left > 1 ? digit[v >> 6 & 63] : '=');
        buf_putc(b, left > 2 ? digit[v & 63] : '=');
    }
}

/* The part of the encoded text that does not depend on what stands around the value, if the value
 * starts `shift` bytes behind a multiple of three. */
static enum err encode_shifted(struct list *l, struct str s, size_t shift, bool cut,
                               struct list *out)
{
    static const size_t start[] = {0, 2, 3}, end[] = {0, 3, 2};
    struct buf plain, encoded;
    buf_init(&plain, s.n + 4);
    buf_init(&encoded, 2 * s.n + 16);
    buf_add(&plain, "  ", shift);
    buf_str(&plain, s);
    base64(&encoded, buf_view(&plain));
    struct str text = buf_view(&encoded);
    size_t tail = end[(s.n + shift) % 3];
    if (cut)
        text = text.n > start[shift] + tail ? str_sub(text, start[shift], text.n - tail) : STR("");
    struct piece *piece = arena_new(l->r->arena, struct piece);
    struct str copy = plain.rc || encoded.rc ? STR_NONE : arena_str(l->r->arena, text);
    buf_done(&plain);
    buf_done(&encoded);
    if (!piece || !copy.p)
        return sigma_nomem(l->r);
    if (!copy.n)
        return sigma_fail(l->r, ERR_FORMAT, l->line, "a value is too short for base64offset");
    *piece = (struct piece){PIECE_TEXT, copy};
    return list_add(out, (struct pattern){piece, 1});
}

static enum err to_base64(struct list *l, unsigned step)
{
    TRY(write_out_dashes(l));
    struct list out = {.r = l->r, .line = l->line};
    for (size_t i = 0; i < l->n; i++) {
        const struct pattern *p = &l->v[i];
        if (p->n != 1 || p->piece[0].kind != PIECE_TEXT)
            return sigma_fail(l->r, ERR_FORMAT, l->line,
                              "wildcards and unfilled placeholders cannot be encoded in base64");
        for (size_t shift = 0; shift < (step == MOD_SHIFTED ? 3 : 1); shift++)
            TRY(encode_shifted(l, p->piece[0].text, shift, step == MOD_SHIFTED, &out));
    }
    *l = out;
    return OK;
}

static enum err run_step(struct list *l, unsigned step, const struct sigma_env *env)
{
    switch (step) {
    case MOD_EXPAND: return expand(l, env);
    case MOD_UTF16LE:
    case MOD_UTF16BE:
    case MOD_UTF16: return to_utf16(l, step);
    case MOD_BASE64:
    case MOD_SHIFTED: return to_base64(l, step);
    default: break;
    }
    for (size_t i = 0; i < l->n; i++)
        TRY(split_dashes(l->r, &l->v[i]));
    return OK;
}

enum err sigma_value_patterns(struct sigma_reader *r, const struct item *it, const struct value *v,
                              const struct sigma_env *env, struct pattern **ret_patterns,
                              size_t *ret_n)
{
    struct list l = {.r = r, .line = v->line};
    TRY(list_add(&l, v->pattern));
    for (size_t i = 0; i < it->n_steps; i++)
        TRY(run_step(&l, it->step[i], env));
    *ret_patterns = l.v;
    *ret_n = l.n;
    return OK;
}

/* A pattern whose texts are regex source and whose holes are filled with quoted values. */
static enum err regex_text(struct sigma_reader *r, const struct pattern *p, struct str *ret)
{
    struct buf b;
    buf_init(&b, SIGMA_MAX_VALUE_BYTES);
    for (size_t i = 0; i < p->n; i++)
        buf_str(&b, p->piece[i].text);
    enum err rc = b.rc == ERR_LIMIT
                      ? sigma_fail(r, ERR_LIMIT, 0, "a regular expression is too long")
                      : take(r, &b, ret);
    buf_done(&b);
    return rc;
}

static enum err quoted(struct sigma_reader *r, struct str s, struct str *ret)
{
    struct buf b;
    buf_init(&b, 2 * s.n + 1);
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c < 0x80 && !ascii_alpha(c) && !ascii_digit(c) && c > ' ')
            buf_putc(&b, '\\');
        buf_putc(&b, (char)c);
    }
    enum err rc = take(r, &b, ret);
    buf_done(&b);
    return rc;
}

static size_t name_length(struct str s, size_t at)
{
    size_t n = 0;
    while (at + n < s.n && (ascii_alpha((unsigned char)s.p[at + n]) ||
                            ascii_digit((unsigned char)s.p[at + n]) || s.p[at + n] == '_'))
        n++;
    return at + n < s.n && s.p[at + n] == '%' ? n : 0;
}

/* The regex source cut at its placeholders; everything else stays as it is. */
static enum err cut_at_holes(struct sigma_reader *r, struct str s, struct pattern *ret)
{
    size_t percents = 0, from = 0, n = 0;
    for (size_t i = 0; i < s.n; i++)
        percents += s.p[i] == '%';
    struct piece *piece = arena_new_n(r->arena, struct piece, 2 * percents + 1);
    if (!piece)
        return sigma_nomem(r);
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\\') {
            i++;
            continue;
        }
        size_t len = s.p[i] == '%' ? name_length(s, i + 1) : 0;
        if (!len)
            continue;
        piece[n++] = (struct piece){PIECE_TEXT, str_sub(s, from, i)};
        piece[n++] = (struct piece){PIECE_HOLE, str_sub(s, i + 1, i + 1 + len)};
        i += len + 1;
        from = i + 1;
    }
    piece[n++] = (struct piece){PIECE_TEXT, str_sub(s, from, s.n)};
    *ret = (struct pattern){piece, n};
    return OK;
}

static enum err fill_regex(struct list *l, const struct sigma_env *env, const struct pattern *p,
                           size_t at, struct list *out)
{
    const struct str *value;
    size_t n;
    TRY(placeholder(l, env, p->piece[at].text, &value, &n));
    for (size_t i = 0; i < n; i++) {
        struct piece text = {PIECE_TEXT, STR_NONE};
        struct pattern inner = {&text, 1}, whole;
        TRY(quoted(l->r, value[i], &text.text));
        TRY(splice(l->r, p, at, &inner, &whole));
        TRY(list_add(out, whole));
    }
    return OK;
}

enum err sigma_value_regexes(struct sigma_reader *r, const struct item *it, const struct value *v,
                             const struct sigma_env *env, struct str **ret_texts, size_t *ret_n)
{
    struct list l = {.r = r, .line = v->line};
    struct pattern p = {&(struct piece){PIECE_TEXT, v->text}, 1};
    if (it->mods & MOD_EXPAND)
        TRY(cut_at_holes(r, v->text, &p));
    TRY(list_add(&l, p));
    for (bool again = it->mods & MOD_EXPAND; again;) {
        struct list out = {.r = r, .line = v->line};
        again = false;
        for (size_t i = 0; i < l.n; i++) {
            ptrdiff_t at = find_kind(&l.v[i], PIECE_HOLE);
            TRY(at < 0 ? list_add(&out, l.v[i]) : fill_regex(&l, env, &l.v[i], (size_t)at, &out));
            again |= at >= 0;
        }
        l = out;
    }
    *ret_n = l.n;
    *ret_texts = arena_new_n(r->arena, struct str, l.n + 1);
    if (!*ret_texts)
        return sigma_nomem(r);
    for (size_t i = 0; i < l.n; i++)
        TRY(regex_text(r, &l.v[i], &(*ret_texts)[i]));
    return OK;
}
