#include "store/case_mask.h"

#include "codec/json.h"

/* Members whose values are words of this program, or hashes. */
static const char *const spared[] = {"type",    "id",    "grade",  "level", "verdict", "state",
                                     "sha256",  "about", "rule",   "time",  "first",   "last",
                                     "dossier", "kind",  "reason", "lane",  "digest"};

/* ---- spellings ---- */

static enum err add_spelling(struct mask *m, struct arena *arena, struct buf *b)
{
    for (size_t i = 0; i < m->n; i++)
        if (str_ieq(m->name[i], buf_view(b)))
            return OK;
    if (m->n == MASK_NAMES)
        return ERR_LIMIT;
    m->name[m->n] = arena_str(arena, buf_view(b));
    return m->name[m->n++].p ? OK : ERR_NOMEM;
}

enum { SPELL_PLAIN, SPELL_JSON, SPELL_URL, SPELL_URL_PLUS, SPELL_TWICE, SPELLINGS };

static void spell(struct buf *b, struct str name, int how)
{
    static const char hex[] = "0123456789ABCDEF";
    for (size_t i = 0; i < name.n; i++) {
        unsigned char c = (unsigned char)name.p[i];
        bool word = ascii_alpha(c) || ascii_digit(c) || c == '.' || c == '-' || c == '_';
        if (how == SPELL_URL_PLUS && c == ' ') {
            buf_putc(b, '+');
        } else if (how >= SPELL_URL && !word) {
            buf_puts(b, how == SPELL_TWICE ? "%25" : "%");
            buf_putc(b, hex[c >> 4]);
            buf_putc(b, hex[c & 15]);
        } else {
            if (how == SPELL_JSON && (c == '\\' || c == '"'))
                buf_putc(b, '\\');
            buf_putc(b, (char)c);
        }
    }
}

enum err mask_add(struct mask *m, struct arena *arena, struct str name, struct error *error)
{
    struct buf b;
    enum err rc = OK;
    name = str_trim(name);
    if (name.n < MASK_LEAST)
        return fail(error, ERR_USAGE, "a name of at least %d characters is needed", MASK_LEAST);
    buf_init(&b, 16 * name.n + 64);
    for (int how = 0; !rc && how < SPELLINGS; how++) {
        buf_reset(&b);
        spell(&b, name, how);
        rc = b.rc ? b.rc : add_spelling(m, arena, &b);
    }
    buf_done(&b);
    return rc == ERR_LIMIT ? fail(error, ERR_USAGE, "too many names at once") : rc;
}

/* ---- looking ---- */

static bool in_word(struct str s, ptrdiff_t at)
{
    if (at < 0 || (size_t)at >= s.n)
        return false;
    unsigned char c = (unsigned char)s.p[at];
    return ascii_alpha(c) || ascii_digit(c) || c >= 0x80;
}

/* The first whole occurrence from `from` on; -1. "ann" is not in "hanna". */
static ptrdiff_t find_name(const struct mask *m, struct str s, size_t from, size_t *ret_n)
{
    ptrdiff_t best = -1;
    for (size_t i = 0; i < m->n; i++) {
        size_t at = from;
        for (;;) {
            ptrdiff_t found = str_ifind(str_sub(s, at, s.n), m->name[i]);
            if (found < 0)
                break;
            ptrdiff_t start = (ptrdiff_t)at + found, end = start + (ptrdiff_t)m->name[i].n;
            /* "%5Cann" and "\nann" end in a letter that belongs to the sign before */
            bool escaped =
                (start >= 3 && s.p[start - 3] == '%') || (start >= 2 && s.p[start - 2] == '\\');
            if ((!in_word(s, start - 1) || escaped) && !in_word(s, end)) {
                if (best < 0 || start < best || (start == best && m->name[i].n > *ret_n)) {
                    best = start;
                    *ret_n = m->name[i].n;
                }
                break;
            }
            at = (size_t)start + 1;
        }
    }
    return best;
}

bool mask_text(const struct mask *m, struct str text, struct buf *out)
{
    size_t at = 0, n = 0;
    bool found = false;
    for (;;) {
        ptrdiff_t next = find_name(m, text, at, &n);
        if (next < 0)
            break;
        found = true;
        buf_str(out, str_sub(text, at, (size_t)next));
        buf_puts(out, MASK_WORD);
        at = (size_t)next + n;
    }
    buf_str(out, str_sub(text, at, text.n));
    return found;
}

static bool is_spared(struct str key)
{
    for (size_t i = 0; key.p && i < ARRAY_LEN(spared); i++)
        if (str_eq(key, str_of(spared[i])))
            return true;
    return false;
}

/* cat: a token of Exchange that holds names in base64 goes as a whole. */
static bool mask_values(const struct mask *m, struct str object, bool cat, struct buf *out)
{
    struct json_reader j;
    struct json_token t;
    const char *at = object.p;
    bool found = false;
    json_open(&j, object, false);
    while (json_next(&j, &t) == OK) {
        if (t.type != JSON_STRING || is_spared(t.key))
            continue;
        buf_add(out, at, (size_t)(t.text.p - at));
        if (cat && str_ifind(t.text, STR("X-Rps-CAT")) >= 0)
            buf_puts(out, MASK_WORD);
        else
            found |= mask_text(m, t.text, out);
        at = t.text.p + t.text.n;
    }
    buf_add(out, at, (size_t)(object.p + object.n - at));
    return found;
}

bool mask_object(const struct mask *m, struct str object, struct buf *out)
{
    size_t start = out->n;
    if (!mask_values(m, object, false, out))
        return false;
    if (str_ifind(object, STR("X-Rps-CAT")) >= 0) {
        out->n = start;
        (void)mask_values(m, object, true, out);
    }
    return true;
}
