/* Constants: what is put together from pieces, decoded, or made of other characters, and what two
 * values have in common. */
#include "match/shell_priv.h"

#include <isa-l/igzip_lib.h>
#include <stdio.h>

/* Memory for constants, within the budget of the look; absent: none left. */
static char *room(struct look *k, size_t n)
{
    if (n > SHELL_CONST || k->decoded + n > SHELL_MAX_DECODED_BYTES) {
        k->cut = true;
        return NULL;
    }
    k->decoded += n;
    char *p = arena_alloc(k->arena, n + 1);
    if (!p)
        k->rc = ERR_NOMEM;
    return p;
}

struct str shell_copy(struct look *k, struct str s)
{
    char *p = room(k, s.n);
    if (p && s.n)
        memcpy(p, s.p, s.n);
    return p ? str_make(p, s.n) : STR_NONE;
}

struct str shell_number_text(struct look *k, const struct val *v)
{
    char text[32];
    if (v->text.p || !v->is_num)
        return v->text;
    int n = snprintf(text, sizeof text, "%lld", (long long)v->num);
    return shell_copy(k, str_make(text, (size_t)n));
}

bool shell_script_name(const struct shell *s, struct str name)
{
    for (size_t i = 0; i < s->n_script_endings; i++)
        if (str_iends(name, s->script_ending[i]))
            return true;
    return false;
}

bool shell_picture_name(const struct shell *s, struct str name)
{
    for (size_t i = 0; i < s->n_picture_endings; i++)
        if (str_iends(name, s->picture_ending[i]))
            return true;
    return false;
}

struct val shell_merge(const struct val *a, const struct val *b)
{
    struct val v = {.taint = a->taint | b->taint, .at = a->at, .len = a->len};
    if (!(a->taint & (T_REQUEST | T_PARAMS)) && b->taint & (T_REQUEST | T_PARAMS)) {
        v.at = b->at;
        v.len = b->len;
    }
    v.func = a->func ? a->func : b->func;
    return v;
}

struct val shell_concat(struct look *k, const struct val *a, const struct val *b)
{
    struct val v = shell_merge(a, b);
    struct str x = shell_number_text(k, a), y = shell_number_text(k, b);
    v.func = 0;
    if (!(a->taint & T_FRONT) && (x.p ? x.n > 0 : true))
        v.taint &= ~(uint32_t)T_FRONT;
    if (!(b->taint & T_SCRIPT))
        v.taint &= ~(uint32_t)T_SCRIPT;
    if (!x.p || !y.p)
        return v;
    char *p = room(k, x.n + y.n);
    if (!p)
        return v;
    memcpy(p, x.p, x.n);
    memcpy(p + x.n, y.p, y.n);
    v.text = str_make(p, x.n + y.n);
    v.taint |= x.n && y.n ? T_PIECED : 0;
    if (v.text.n >= SHELL_LONG)
        v.taint |= T_LONG;
    if (v.text.n >= SHELL_LONG && x.n < SHELL_LONG && !memchr(v.text.p, ' ', v.text.n))
        shell_saw(k, K_LONG_LITERAL, v.at, v.len); /* cut up, so that none of them is long */
    if (shell_script_name(k->s, v.text))
        v.taint |= T_SCRIPT;
    return v;
}

struct val shell_xor(struct look *k, const struct val *a, const struct val *b, char op)
{
    struct val v = shell_merge(a, b);
    if (v.taint & (T_REQUEST | T_PARAMS | T_LONG))
        v.taint |= T_DECODED;
    if (a->is_num && b->is_num) {
        v.is_num = true;
        v.num = op == '^' ? a->num ^ b->num : op == '&' ? a->num & b->num : a->num | b->num;
        return v;
    }
    if (!a->text.p || !b->text.p)
        return v;
    size_t n = a->text.n < b->text.n ? a->text.n : b->text.n;
    char *p = room(k, n);
    for (size_t i = 0; p && i < n; i++) {
        unsigned char x = (unsigned char)a->text.p[i], y = (unsigned char)b->text.p[i];
        p[i] = (char)(op == '^' ? x ^ y : op == '&' ? x & y : x | y);
    }
    v.text = p ? str_make(p, n) : STR_NONE;
    v.taint |= T_PIECED;
    return v;
}

static struct str base64(struct look *k, struct str s)
{
    char *p = room(k, s.n / 4 * 3 + 4);
    uint32_t acc = 0;
    unsigned bits = 0;
    size_t n = 0;
    for (size_t i = 0; p && i < s.n && s.p[i] != '='; i++) {
        unsigned char c = (unsigned char)s.p[i];
        int d = c >= 'A' && c <= 'Z'   ? c - 'A'
                : c >= 'a' && c <= 'z' ? c - 'a' + 26
                : ascii_digit(c)       ? c - '0' + 52
                : c == '+' || c == '-' ? 62
                : c == '/' || c == '_' ? 63
                                       : -1;
        if (d < 0)
            continue;
        acc = acc << 6 | (uint32_t)d;
        if ((bits += 6) >= 8)
            p[n++] = (char)(acc >> (bits -= 8));
    }
    return p ? str_make(p, n) : STR_NONE;
}

static struct str hex(struct look *k, struct str s)
{
    char *p = room(k, s.n / 2 + 1);
    size_t n = 0;
    for (size_t i = 0; p && i + 1 < s.n; i += 2) {
        int a = ascii_hex((unsigned char)s.p[i]), b = ascii_hex((unsigned char)s.p[i + 1]);
        if (a < 0 || b < 0)
            break;
        p[n++] = (char)(a * 16 + b);
    }
    return p ? str_make(p, n) : STR_NONE;
}

static struct str url(struct look *k, struct str s)
{
    char *p = room(k, s.n);
    size_t n = 0;
    for (size_t i = 0; p && i < s.n; i++) {
        int a = i + 2 < s.n ? ascii_hex((unsigned char)s.p[i + 1]) : -1;
        int b = i + 2 < s.n ? ascii_hex((unsigned char)s.p[i + 2]) : -1;
        if (s.p[i] == '%' && a >= 0 && b >= 0) {
            p[n++] = (char)(a * 16 + b);
            i += 2;
        } else {
            p[n++] = s.p[i] == '+' ? ' ' : s.p[i];
        }
    }
    return p ? str_make(p, n) : STR_NONE;
}

/* Raw deflate, zlib or gzip: whichever works. What is broken off in the end is kept. */
static struct str inflate_as(struct look *k, struct str s, uint32_t form)
{
    struct inflate_state *z = arena_new(k->arena, struct inflate_state);
    size_t max = s.n * 24 + 4096;
    max = max < SHELL_CONST / 2 ? max : SHELL_CONST / 2;
    char *p = z ? room(k, max) : NULL;
    if (!p || s.n > UINT32_MAX / 2)
        return STR_NONE;
    isal_inflate_init(z);
    z->crc_flag = form;
    z->next_in = (uint8_t *)(uintptr_t)s.p;
    z->avail_in = (uint32_t)s.n;
    z->next_out = (uint8_t *)p;
    z->avail_out = (uint32_t)max;
    int rc = isal_inflate(z);
    size_t n = max - z->avail_out;
    k->decoded -= max - n;
    return n > 4 && (rc == ISAL_DECOMP_OK || n > 64) ? str_make(p, n) : STR_NONE;
}

static struct str inflate(struct look *k, struct str s)
{
    unsigned char a = s.n > 1 ? (unsigned char)s.p[0] : 0, b = s.n > 1 ? (unsigned char)s.p[1] : 0;
    if (a == 0x1f && b == 0x8b)
        return inflate_as(k, s, ISAL_GZIP);
    if (a == 0x78 && (a * 256 + b) % 31 == 0)
        return inflate_as(k, s, ISAL_ZLIB);
    return inflate_as(k, s, ISAL_DEFLATE);
}

/* One byte for one byte. */
static struct str bytes(struct look *k, struct str s, enum shell_op op)
{
    char *p = room(k, s.n);
    for (size_t i = 0; p && i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (op == OP_ROT13 && ascii_alpha(c))
            c = (unsigned char)((c & 32) + 'A' + ((c | 32) - 'a' + 13) % 26);
        else if (op == OP_LOWER)
            c = ascii_lower(c);
        else if (op == OP_UPPER && c >= 'a' && c <= 'z')
            c = (unsigned char)(c - 32);
        p[op == OP_REVERSE ? s.n - 1 - i : i] = (char)c;
    }
    return p ? str_make(p, s.n) : STR_NONE;
}

static struct str replace_one(struct look *k, struct str s, struct str from, struct str to)
{
    if (from.n == 0 || to.n > 256)
        return s;
    size_t hits = 0;
    for (size_t at = 0; at + from.n <= s.n;) {
        ptrdiff_t i = str_find(str_sub(s, at, s.n), from);
        if (i < 0)
            break;
        hits++;
        at += (size_t)i + from.n;
    }
    char *p = room(k, s.n + hits * to.n);
    size_t n = 0;
    for (size_t at = 0; p && at < s.n;) {
        ptrdiff_t i = str_find(str_sub(s, at, s.n), from);
        size_t keep = i < 0 ? s.n - at : (size_t)i;
        memcpy(p + n, s.p + at, keep);
        n += keep;
        at += keep;
        if (i >= 0) {
            memcpy(p + n, to.p ? to.p : "", to.n);
            n += to.n;
            at += from.n;
        }
    }
    return p ? str_make(p, n) : STR_NONE;
}

/* str_replace(from, to, s) of PHP, s.replace(from, to) and Replace(s, from, to) of the others. */
static struct str replace(struct look *k, const struct val *arg, size_t n, enum shell_lang lang)
{
    const struct val *from = lang == SL_PHP ? &arg[0] : &arg[1];
    const struct val *to = lang == SL_PHP ? &arg[1] : &arg[2],
                     *s = lang == SL_PHP ? &arg[2] : &arg[0];
    if (n < 3 || !s->text.p)
        return STR_NONE;
    if (from->text.p && to->text.p)
        return replace_one(k, s->text, from->text, to->text);
    struct str r = s->text;
    if (!from->n_items)
        return STR_NONE;
    for (uint32_t i = 0; i < from->n_items && i < 64 && r.p; i++) {
        struct str with = to->text.p                              ? to->text
                          : i < to->n_items && to->item[i].text.p ? to->item[i].text
                                                                  : STR("");
        if (from->item[i].text.p)
            r = replace_one(k, r, from->item[i].text, with);
    }
    return r;
}

static struct str part(const struct val *arg, size_t n, enum shell_lang lang)
{
    struct str s = arg[0].text;
    if (n < 2 || !s.p || !arg[1].is_num)
        return STR_NONE;
    int64_t from = arg[1].num - (lang == SL_VB), size = (int64_t)s.n;
    from = from < 0 ? from + size : from;
    int64_t len = n > 2 && arg[2].is_num ? arg[2].num : size;
    int64_t end = lang == SL_JAVA && n > 2 ? len : len < 0 ? size + len : from + len;
    if (from < 0 || from > size || end < from)
        return STR("");
    return str_sub(s, (size_t)from, (size_t)(end < size ? end : size));
}

static struct str join(struct look *k, const struct val *arg, size_t n)
{
    const struct val *list = n > 1 && arg[1].n_items ? &arg[1] : &arg[0];
    struct str by = n > 1 ? (list == &arg[1] ? arg[0].text : arg[1].text) : STR("");
    size_t size = 0, at = 0;
    if (!list->n_items || !by.p)
        return STR_NONE;
    for (uint32_t i = 0; i < list->n_items; i++) {
        if (!list->item[i].text.p)
            return STR_NONE;
        size += list->item[i].text.n + by.n;
    }
    char *p = room(k, size);
    for (uint32_t i = 0; p && i < list->n_items; i++) {
        struct str s = list->item[i].text;
        memcpy(p + at, s.p, s.n);
        at += s.n;
        if (i + 1 < list->n_items)
            memcpy(p + at, by.p, by.n);
        at += i + 1 < list->n_items ? by.n : 0;
    }
    return p ? str_make(p, at) : STR_NONE;
}

static struct str translate(struct look *k, const struct val *arg, size_t n)
{
    if (n < 3 || !arg[0].text.p || !arg[1].text.p || !arg[2].text.p)
        return STR_NONE;
    struct str r = shell_copy(k, arg[0].text);
    unsigned char map[256];
    for (size_t i = 0; i < 256; i++)
        map[i] = (unsigned char)i;
    for (size_t i = 0; i < arg[1].text.n && i < arg[2].text.n; i++)
        map[(unsigned char)arg[1].text.p[i]] = (unsigned char)arg[2].text.p[i];
    char *p = (char *)(uintptr_t)r.p;
    for (size_t i = 0; p && i < r.n; i++)
        p[i] = (char)map[(unsigned char)p[i]];
    return r;
}

/* explode and str_split: into the items of a value. */
static void split(struct look *k, const struct val *arg, size_t n, struct val *ret)
{
    bool by_size = n < 2 || arg[1].is_num;
    struct str s = by_size ? arg[0].text : arg[1].text, by = by_size ? STR_NONE : arg[0].text;
    size_t step = n > 1 && arg[1].is_num && arg[1].num > 0 ? (size_t)arg[1].num : 1;
    if (!s.p || (!by_size && !by.n) || s.n > SHELL_ITEMS * 64)
        return;
    ret->item = arena_new_n(k->arena, struct val, SHELL_ITEMS);
    for (size_t at = 0; ret->item && at <= s.n && ret->n_items < SHELL_ITEMS;) {
        ptrdiff_t i = by_size ? (ptrdiff_t)step : str_find(str_sub(s, at, s.n), by);
        size_t end = i < 0 || at + (size_t)i > s.n ? s.n : at + (size_t)i;
        if (by_size && at == s.n)
            break;
        ret->item[ret->n_items++] = (struct val){.text = str_sub(s, at, end)};
        at = end + (by_size ? 0 : by.n);
        if (i < 0)
            break;
    }
}

static struct str chars(struct look *k, const struct val *arg, size_t n)
{
    char *p = room(k, n);
    for (size_t i = 0; p && i < n; i++) {
        if (!arg[i].is_num && !arg[i].text.p)
            return STR_NONE;
        int64_t c = arg[i].num;
        if (!arg[i].is_num && !str_i64(arg[i].text, &c))
            return STR_NONE;
        p[i] = (char)c;
    }
    return p && n ? str_make(p, n) : STR_NONE;
}

static struct str strip(struct str s, const struct val *arg, size_t n)
{
    struct str set = n > 1 && arg[1].text.p ? arg[1].text : STR(" \t\r\n");
    while (s.n && str_chr(set, s.p[0]) >= 0)
        s = str_sub(s, 1, s.n);
    while (s.n && str_chr(set, s.p[s.n - 1]) >= 0)
        s.n--;
    return s;
}

bool shell_const_op(struct look *k, enum shell_op op, const struct val *arg, size_t n,
                    enum shell_lang lang, struct val *ret)
{
    struct str s = n ? shell_number_text(k, &arg[0]) : STR_NONE, r = STR_NONE;
    if (n == 0)
        return false;
    switch (op) {
    case OP_CHR: r = chars(k, arg, n); break;
    case OP_REPLACE: r = replace(k, arg, n, lang); break;
    case OP_SUBSTR: r = part(arg, n, lang); break;
    case OP_JOIN: r = join(k, arg, n); break;
    case OP_TRANSLATE: r = translate(k, arg, n); break;
    case OP_SPLIT: split(k, arg, n, ret); return ret->n_items > 0;
    case OP_PACK: r = n > 1 && arg[1].text.p ? hex(k, arg[1].text) : STR_NONE; break;
    default:
        if (!s.p)
            return false;
        r = op == OP_BASE64                                      ? base64(k, s)
            : op == OP_HEX                                       ? hex(k, s)
            : op == OP_INFLATE                                   ? inflate(k, s)
            : op == OP_URL                                       ? url(k, s)
            : op == OP_TRIM                                      ? strip(s, arg, n)
            : op == OP_SAME                                      ? s
            : op == OP_STRIP || op == OP_OTHER || op == OP_RANGE ? STR_NONE
                                                                 : bytes(k, s, op);
    }
    ret->text = r;
    return r.p != NULL;
}
