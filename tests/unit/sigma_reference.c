#include "sigma_reference.h"

#include "base/buf.h"
#include "base/utf.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>

/* A text as code points; wildcards are negative. Bytes that are no UTF-8 count as characters. */
enum { STAR = -1, ONE = -2, NOT_UTF8 = 0x200000 };
struct text {
    int32_t c[REFERENCE_TEXT];
    size_t n;
};

struct modifiers {
    bool all, neq, contains, starts, ends, cased, windash, base64, offset, wide;
    bool re, ignore_case, cidr, exists, fieldref;
    char compare[4];
};

static int32_t fold(int32_t c)
{
    if (c < 0x80)
        return c >= 'A' && c <= 'Z' ? c + 32 : c;
    if ((c >= 0xc0 && c <= 0xde && c != 0xd7) || (c >= 0x410 && c <= 0x42f) ||
        (c >= 0x391 && c <= 0x3a9) || (c >= 0xff21 && c <= 0xff3a))
        return c + 32;
    return c;
}

static void decode(struct str s, bool cased, struct text *ret)
{
    size_t n;
    ret->n = 0;
    for (size_t i = 0; i < s.n && ret->n < REFERENCE_TEXT; i += n) {
        int32_t c = utf8_next(s, i, &n);
        c = c < 0 ? NOT_UTF8 + (unsigned char)s.p[i] : c;
        ret->c[ret->n++] = cased ? c : fold(c);
    }
}

static bool wild(const int32_t *p, size_t pn, const int32_t *s, size_t sn)
{
    if (pn == 0)
        return sn == 0;
    if (p[0] == STAR)
        return wild(p + 1, pn - 1, s, sn) || (sn > 0 && wild(p, pn, s + 1, sn - 1));
    return sn > 0 && (p[0] == ONE || p[0] == s[0]) && wild(p + 1, pn - 1, s + 1, sn - 1);
}

static bool only_stars(const struct text *p)
{
    for (size_t i = 0; i < p->n; i++)
        if (p->c[i] != STAR)
            return false;
    return p->n > 0;
}

/* Stars around the text as the modifiers say; a pattern of stars alone wants a value that is not
 * empty. */
static bool placed(const struct text *p, const struct modifiers *m, bool keyword, struct str value)
{
    struct text whole = {.n = 0}, s;
    if (keyword || m->contains || m->ends)
        whole.c[whole.n++] = STAR;
    for (size_t i = 0; i < p->n; i++)
        whole.c[whole.n++] = m->cased || p->c[i] < 0 ? p->c[i] : fold(p->c[i]);
    if (keyword || m->contains || m->starts)
        whole.c[whole.n++] = STAR;
    if (only_stars(&whole))
        return value.n > 0;
    decode(value, m->cased, &s);
    return wild(whole.c, whole.n, s.c, s.n);
}

static void read_string(struct str s, struct text *ret)
{
    size_t n;
    ret->n = 0;
    for (size_t i = 0; i < s.n; i += n) {
        int32_t c = utf8_next(s, i, &n);
        if (c == '\\' && i + 1 < s.n && strchr("*?\\", s.p[i + 1])) {
            c = s.p[i + 1];
            n = 2;
        } else if (c == '*') {
            c = STAR;
        } else if (c == '?') {
            c = ONE;
        }
        ret->c[ret->n++] = c;
    }
}

static bool word(int32_t c)
{
    return c == '_' || (c >= '0' && c <= '9') || (fold(c) >= 'a' && fold(c) <= 'z') ||
           (c >= 0xc0 && c < 0x2000) || c >= 0xff00;
}

static size_t to_bytes(const struct text *t, bool wide, char *out)
{
    struct buf b;
    buf_init(&b, 4 * REFERENCE_TEXT);
    for (size_t i = 0; i < t->n; i++) {
        if (wide) {
            buf_putc(&b, (char)(t->c[i] & 0xff));
            buf_putc(&b, (char)(t->c[i] >> 8));
        } else {
            utf8_add(&b, (uint32_t)t->c[i]);
        }
    }
    size_t n = b.n;
    if (n)
        memcpy(out, b.p, n);
    buf_done(&b);
    return n;
}

/* Base64, six bits at a time. */
static size_t encode(const char *p, size_t n, char *out)
{
    static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t k = 0;
    for (size_t bit = 0; bit < 8 * n; bit += 6) {
        int v = 0;
        for (size_t i = bit; i < bit + 6; i++)
            v = 2 * v + (i < 8 * n ? (p[i / 8] >> (7 - i % 8)) & 1 : 0);
        out[k++] = digit[v];
    }
    while (k % 4)
        out[k++] = '=';
    return k;
}

static bool encoded(const struct text *p, const struct modifiers *m, bool keyword, struct str value)
{
    static const size_t start[] = {0, 2, 3}, end[] = {0, 3, 2};
    if (!m->base64 && !m->offset)
        return placed(p, m, keyword, value);
    for (size_t shift = 0; shift < (m->offset ? 3 : 1); shift++) {
        char plain[4 * REFERENCE_TEXT + 4] = "   ", out[8 * REFERENCE_TEXT];
        size_t n = shift + to_bytes(p, m->wide, plain + shift);
        size_t k = encode(plain, n, out), from = m->offset ? start[shift] : 0;
        struct text t;
        decode(str_make(out + from, k - from - (m->offset ? end[n % 3] : 0)), true, &t);
        if (placed(&t, m, keyword, value))
            return true;
    }
    return false;
}

/* Every option dash in all its five forms, from index `at` on. Which ones these are is decided on
 * the text as written. */
static bool dashed(const struct text *orig, struct text *p, size_t at, const struct modifiers *m,
                   bool keyword, struct str value)
{
    static const int32_t forms[] = {'-', '/', 0x2013, 0x2014, 0x2015};
    while (at < p->n &&
           !((orig->c[at] == '-' || orig->c[at] == '/') && (at == 0 || !word(orig->c[at - 1])) &&
             at + 1 < p->n && word(orig->c[at + 1])))
        at++;
    if (!m->windash || at == p->n)
        return encoded(p, m, keyword, value);
    for (size_t i = 0; i < 5; i++) {
        p->c[at] = forms[i];
        if (dashed(orig, p, at + 1, m, keyword, value))
            return true;
    }
    p->c[at] = orig->c[at];
    return false;
}

static bool whole_number(struct str s, int64_t *ret)
{
    return str_i64(s, ret);
}

static bool text_matches(const struct node *v, const struct modifiers *m, bool keyword,
                         struct str value)
{
    struct text p, orig;
    int64_t a, b;
    bool bare = !keyword && !m->contains && !m->starts && !m->ends && !m->cased && !m->windash &&
                !m->base64 && !m->offset;
    if (v->plain && bare && whole_number(v->text, &a) && whole_number(value, &b))
        return a == b;
    read_string(v->text, &p);
    orig = p;
    return dashed(&orig, &p, 0, m, keyword, value);
}

static bool regex_matches(const struct node *v, const struct modifiers *m, struct str value)
{
    char pattern[REFERENCE_TEXT], subject[REFERENCE_TEXT];
    regex_t re;
    (void)snprintf(pattern, sizeof pattern, "%s%.*s%s", m->starts ? "^(" : "(", STR_FMT(v->text),
                   m->ends ? ")$" : ")");
    (void)snprintf(subject, sizeof subject, "%.*s", STR_FMT(value));
    if (regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB | (m->ignore_case ? REG_ICASE : 0)))
        abort();
    bool yes = regexec(&re, subject, 0, NULL, 0) == 0;
    regfree(&re);
    return yes;
}

static bool quad(struct str s, uint32_t *ret, int *ret_bits)
{
    unsigned a, b, c, d;
    char tmp[64];
    int n = 0;
    *ret_bits = 32;
    (void)snprintf(tmp, sizeof tmp, "%.*s", STR_FMT(s));
    if (sscanf(tmp, "%u.%u.%u.%u%n", &a, &b, &c, &d, &n) != 4 || (a | b | c | d) > 255)
        return false;
    *ret = a << 24 | b << 16 | c << 8 | d;
    return tmp[n] == 0 || sscanf(tmp + n, "/%d", ret_bits) == 1;
}

static bool net_matches(const struct node *v, struct str value)
{
    uint32_t net, ip;
    int bits, other;
    if (!quad(v->text, &net, &bits) || !quad(value, &ip, &other) || other != 32)
        return false;
    return bits == 0 || (net ^ ip) >> (32 - bits) == 0;
}

static bool compared(const struct node *v, const char *op, struct str value)
{
    double a, b;
    if (!str_double(str_trim(value), &a) || !str_double(v->text, &b))
        return false;
    return op[0] == 'l' ? a < b || (op[2] && a == b) : a > b || (op[2] && a == b);
}

/* The folded text as bytes again; what was no UTF-8 stays as it was. */
static struct str folded(struct str s, bool cased, char *room)
{
    struct text t;
    struct buf b;
    decode(s, cased, &t);
    buf_init(&b, 4 * REFERENCE_TEXT);
    for (size_t i = 0; i < t.n; i++) {
        if (t.c[i] >= NOT_UTF8)
            buf_putc(&b, (char)(t.c[i] - NOT_UTF8));
        else
            utf8_add(&b, (uint32_t)t.c[i]);
    }
    size_t n = b.n;
    if (n)
        memcpy(room, b.p, n);
    buf_done(&b);
    return str_make(room, n);
}

static bool referred(const struct reference_record *rec, const struct node *v,
                     const struct modifiers *m, struct str value)
{
    struct str other[REFERENCE_VALUES];
    size_t n = rec->values(rec->ctx, v->text, other);
    bool position = m->contains || m->starts || m->ends;
    for (size_t i = 0; i < n; i++) {
        char room[2][4 * REFERENCE_TEXT];
        if (!other[i].p || (position && other[i].n == 0))
            continue;
        struct str a = folded(value, m->cased, room[0]), b = folded(other[i], m->cased, room[1]);
        if (m->contains ? str_find(a, b) >= 0
            : m->starts ? str_starts(a, b)
            : m->ends   ? str_ends(a, b)
                        : str_eq(a, b))
            return true;
    }
    return false;
}

static bool value_matches(const struct reference_record *rec, const struct node *v,
                          const struct modifiers *m, bool keyword, struct str value)
{
    bool truth;
    if (m->exists)
        return node_bool(v, &truth) && (node_is_null(v) || truth == (value.p != NULL));
    if (node_is_null(v) || !value.p)
        return node_is_null(v) && !value.p;
    if (m->re)
        return regex_matches(v, m, value);
    if (m->cidr)
        return net_matches(v, value);
    if (m->compare[0])
        return compared(v, m->compare, value);
    if (m->fieldref)
        return referred(rec, v, m, value);
    return text_matches(v, m, keyword, value);
}

static void read_modifiers(struct str chain, struct modifiers *m)
{
    const struct {
        const char *name;
        bool *flag;
    } names[] = {{"all", &m->all},           {"neq", &m->neq},       {"contains", &m->contains},
                 {"startswith", &m->starts}, {"endswith", &m->ends}, {"cased", &m->cased},
                 {"windash", &m->windash},   {"base64", &m->base64}, {"base64offset", &m->offset},
                 {"wide", &m->wide},         {"re", &m->re},         {"i", &m->ignore_case},
                 {"cidr", &m->cidr},         {"exists", &m->exists}, {"fieldref", &m->fieldref}};
    struct str name;
    while (str_cut(&chain, '|', &name)) {
        bool known = false;
        for (size_t i = 0; i < ARRAY_LEN(names); i++)
            if (str_eq(name, str_of(names[i].name)))
                known = *names[i].flag = true;
        if (!known)
            (void)snprintf(m->compare, sizeof m->compare, "%.*s", STR_FMT(name));
    }
}

static bool all_or_any(const struct reference_record *rec, const struct node *v, size_t n,
                       const struct modifiers *m, bool keyword, struct str value)
{
    for (size_t i = 0; i < n; i++)
        if (value_matches(rec, &v[i], m, keyword, value) != m->all)
            return !m->all;
    return m->all;
}

static bool item_matches(const struct reference_record *rec, struct str key, const struct node *v,
                         size_t n)
{
    struct modifiers m = {0};
    ptrdiff_t bar = str_chr(key, '|');
    struct str field = bar < 0 ? key : str_sub(key, 0, (size_t)bar);
    struct str value[REFERENCE_VALUES] = {rec->raw};
    if (bar >= 0)
        read_modifiers(str_sub(key, (size_t)bar + 1, key.n), &m);
    size_t values = field.n ? rec->values(rec->ctx, field, value) : 1;
    bool present = false, yes = false;
    for (size_t i = 0; i < values; i++) {
        present |= value[i].p != NULL;
        yes |= value[i].p && all_or_any(rec, v, n, &m, field.n == 0, value[i]);
    }
    if (!present)
        yes = all_or_any(rec, v, n, &m, field.n == 0, STR_NONE);
    return yes != m.neq;
}

static bool map_matches(const struct reference_record *rec, const struct node *map)
{
    for (size_t i = 0; i < map->n; i++) {
        const struct node *v = &map->item[i];
        bool list = v->type == NODE_LIST;
        if (!item_matches(rec, map->key[i], list ? v->item : v, list ? v->n : 1))
            return false;
    }
    return true;
}

static bool selection_matches(const struct reference_record *rec, const struct node *s)
{
    if (s->type == NODE_MAP)
        return map_matches(rec, s);
    if (s->type == NODE_SCALAR)
        return item_matches(rec, STR(""), s, 1);
    for (size_t i = 0; i < s->n; i++)
        if (s->item[i].type == NODE_MAP ? map_matches(rec, &s->item[i])
                                        : item_matches(rec, STR(""), &s->item[i], 1))
            return true;
    return false;
}

struct cursor {
    const struct reference_record *rec;
    const struct node *detection;
    struct str rest;
};

static struct str peek(struct cursor *c)
{
    c->rest = str_trim(c->rest);
    size_t n = 0;
    if (c->rest.n && (c->rest.p[0] == '(' || c->rest.p[0] == ')'))
        return str_sub(c->rest, 0, 1);
    while (n < c->rest.n && c->rest.p[n] != ' ' && c->rest.p[n] != '(' && c->rest.p[n] != ')')
        n++;
    return str_sub(c->rest, 0, n);
}

static struct str take(struct cursor *c)
{
    struct str w = peek(c);
    c->rest = str_sub(c->rest, w.n, c->rest.n);
    return w;
}

static bool try_word(struct cursor *c, const char *w)
{
    if (!str_eq(peek(c), str_of(w)))
        return false;
    (void)take(c);
    return true;
}

static bool of_matches(const struct cursor *c, bool all, struct str pattern)
{
    struct text p, name;
    bool them = str_eq(pattern, STR("them")), yes = all;
    read_string(them ? STR("*") : pattern, &p);
    for (size_t i = 0; i < c->detection->n; i++) {
        struct str key = c->detection->key[i];
        decode(key, true, &name);
        if (str_eq(key, STR("condition")) || (key.p[0] == '_' && pattern.p[0] != '_') ||
            !wild(p.c, p.n, name.c, name.n))
            continue;
        bool one = selection_matches(c->rec, &c->detection->item[i]);
        yes = all ? yes && one : yes || one;
    }
    return yes;
}

static bool eval_or(struct cursor *c);

static bool eval_primary(struct cursor *c)
{
    if (try_word(c, "not"))
        return !eval_primary(c);
    if (try_word(c, "(")) {
        bool yes = eval_or(c);
        (void)take(c);
        return yes;
    }
    struct str w = take(c);
    if (try_word(c, "of"))
        return of_matches(c, str_eq(w, STR("all")), take(c));
    for (size_t i = 0; i < c->detection->n; i++)
        if (str_eq(c->detection->key[i], w))
            return selection_matches(c->rec, &c->detection->item[i]);
    abort();
}

static bool eval_and(struct cursor *c)
{
    bool yes = eval_primary(c);
    while (try_word(c, "and"))
        yes = eval_primary(c) && yes;
    return yes;
}

static bool eval_or(struct cursor *c)
{
    bool yes = eval_and(c);
    while (try_word(c, "or"))
        yes = eval_and(c) || yes;
    return yes;
}

bool reference_matches(const struct node *rule, const struct reference_record *record)
{
    struct cursor c = {record, node_get(rule, "detection"), STR_NONE};
    c.rest = node_text(c.detection, "condition");
    return eval_or(&c);
}
