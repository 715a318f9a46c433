#include "codec/observe_priv.h"

#include <stdlib.h>

/* How to add an inventory or scan format:
 * 1. Write one file, codec/observe_<name>.c, that ends with
 *    `const struct observe_format observe_<name> = {...};`, and declare it in observe_priv.h. `is`
 *    looks at the first bytes and the file's name; `read` pulls with observe_fill, and hands what
 * it learns to observe_give, or tells what it cannot read with observe_gap and goes on behind it.
 * 2. Add one line to the table below, and the file to meson.build. The first one that says yes is
 *    taken: the special before the general.
 * 3. Document it in docs/reference/exposure.md; docs/how-to/add-an-inventory-format.md has
 *    the rest. */
static const struct observe_format *const formats[] = {
    &observe_healthchecker, &observe_har,        &observe_nmap,
    &observe_iis,           &observe_http,       &observe_clixml,
    &observe_powershell,    &observe_proxylogon, &observe_inventory,
};

enum { FIRST_BYTES = 256 * 1024 };

bool observe_format(size_t i, struct str *ret_name, struct str *ret_help)
{
    if (i >= ARRAY_LEN(formats))
        return false;
    *ret_name = str_of(formats[i]->name);
    *ret_help = str_of(formats[i]->help);
    return true;
}

bool observe_map_parse(struct str text, struct observe_map *ret_map, struct str *ret_wrong)
{
    struct observe_map *m = ret_map;
    const struct {
        struct str name;
        struct str *to;
    } keys[] = {
        {STR("host"), &m->host}, {STR("build"), &m->build}, {STR("version"), &m->build},
        {STR("time"), &m->time}, {STR("date"), &m->time},   {STR("product"), &m->product},
        {STR("site"), &m->site}, {STR("owner"), &m->owner}, {STR("facing"), &m->facing},
    };
    struct str part;
    *m = (struct observe_map){0};
    while (text.p && str_cut(&text, ',', &part)) {
        ptrdiff_t at = str_chr(part, '=');
        struct str key = str_trim(str_sub(part, 0, at < 0 ? 0 : (size_t)at));
        struct str column = at < 0 ? STR_NONE : str_trim(str_sub(part, (size_t)at + 1, part.n));
        size_t i = 0;
        while (i < ARRAY_LEN(keys) && !str_eq(keys[i].name, key))
            i++;
        *ret_wrong = part;
        if (i == ARRAY_LEN(keys) || !column.n || keys[i].to->p)
            return false;
        *keys[i].to = column;
    }
    return true;
}

/* --- the window --- */

/* Room behind r->to: what was taken goes, else the window grows. */
static enum err make_room(struct observe_reader *r)
{
    if (r->to < r->cap)
        return OK;
    if (r->from) {
        memmove(r->p, r->p + r->from, r->to - r->from);
        r->to -= r->from;
        r->from = 0;
        return OK;
    }
    size_t cap = r->cap ? r->cap * 2 : FIRST_BYTES;
    if (cap > OBSERVE_WINDOW_BYTES)
        cap = OBSERVE_WINDOW_BYTES;
    if (cap == r->cap)
        return ERR_LIMIT;
    char *p = realloc(r->p, cap);
    if (!p)
        return fail(r->error, ERR_NOMEM, "out of memory");
    r->p = p;
    r->cap = cap;
    return OK;
}

enum err observe_fill(struct observe_reader *r)
{
    size_t n = 0;
    if (r->ended)
        return r->ended;
    if (r->from == r->to)
        r->from = r->to = 0;
    TRY(make_room(r));
    r->ended = stream_read(r->stream, r->p + r->to, r->cap - r->to, &n, r->error);
    if (!r->ended && n == 0)
        r->ended = END;
    r->to += n;
    return n ? OK : r->ended;
}

bool observe_was_utf16(const struct observe_reader *r)
{
    return stream_utf16(r->stream) != 0;
}

enum err observe_whole(struct observe_reader *r, struct str *ret_text)
{
    enum err rc = OK;
    while (!rc)
        rc = observe_fill(r);
    *ret_text = observe_view(r);
    return rc == END ? OK : rc;
}

/* --- to the sink --- */

enum err observe_give(struct observe_reader *r, struct observation *o)
{
    o->source = str_of(r->format->name);
    o->file = r->options->name;
    o->host = str_trim(o->host);
    if (o->host.n > OBSERVE_NAME_BYTES) /* cut, it could be the name of another one */
        return observe_gap(r, o->line, r->offset, OBSERVE_TOO_LONG, STR("the name of a host"));
    if (!o->host.n && !r->format->hostless)
        return observe_gap(r, o->line, r->offset, OBSERVE_DAMAGED, STR("no host is named"));
    return r->sink->observation(r->sink->ctx, o);
}

enum err observe_gap(struct observe_reader *r, uint64_t line, uint64_t offset, struct str reason,
                     struct str detail)
{
    return r->sink->gap(r->sink->ctx, line, offset, reason, detail);
}

/* --- builds as people and programs write them --- */

/* A directory writes 32176 for 2176: what it keeps of a build is a word with a mark in it. */
enum { DIRECTORY_ADDS = 30000 };

static bool is_blank(char c)
{
    return c == ' ' || c == '_' || c == '\t';
}

/* Numbers with dots between them, from b->part[from] on; how many bytes they take, 0: there are
 * none. */
static size_t take_numbers(struct str s, size_t from, size_t to, struct build *b)
{
    size_t i = 0, end = 0;
    for (size_t n = from; n < to; n++) {
        uint64_t value;
        size_t digit = i;
        while (i < s.n && ascii_digit((unsigned char)s.p[i]))
            i++;
        if (i == digit)
            break;
        if (!str_u64(str_sub(s, digit, i), &value) || value > INT32_MAX)
            return 0;
        b->part[n] = (int32_t)value;
        end = i;
        if (i == s.n || s.p[i] != '.')
            break;
        i++;
    }
    return end;
}

/* " (Build 2106.2)": the product of setup, which updates do not change. */
static size_t take_directory(struct str s, struct build *b)
{
    struct str opens = STR("(build ");
    size_t from = 0;
    while (from < s.n && is_blank(s.p[from]))
        from++;
    struct str rest = str_sub(s, from, s.n);
    if (rest.n < opens.n || !str_istarts(rest, str_sub(opens, 0, opens.n - 1)) ||
        !is_blank(rest.p[opens.n - 1]))
        return 0;
    size_t n = take_numbers(str_sub(rest, opens.n, rest.n), 2, 4, b);
    if (!n || opens.n + n == rest.n || rest.p[opens.n + n] != ')')
        return 0;
    if (b->part[2] >= DIRECTORY_ADDS)
        b->part[2] -= DIRECTORY_ADDS;
    return from + opens.n + n + 1;
}

static bool has_digit(struct str word)
{
    for (size_t i = 0; i < word.n; i++)
        if (ascii_digit((unsigned char)word.p[i]))
            return true;
    return false;
}

/* "-ee", "+build.2": an edition. */
static bool is_edition(struct str s)
{
    for (size_t i = 1; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (!ascii_alpha(c) && (i == 1 || (!ascii_digit(c) && c != '.')))
            return false;
    }
    return s.n > 1 && (s.p[0] == '-' || s.p[0] == '+');
}

/* Behind a build may stand an edition, or words with a number but no dot, such as CU19 or
 * (KB5000871). Others may turn it round: "or lower", "-> 15.1.2176.14", "?". */
static bool is_remark(struct str s)
{
    struct str word;
    if (s.n && !is_blank(s.p[0]) && s.p[0] != '(')
        return is_edition(s);
    while (s.n && str_cut(&s, ' ', &word))
        if (word.n && (!has_digit(word) || str_chr(word, '.') >= 0))
            return false;
    return true;
}

/* What stands before a build: nothing, a word for "version", or the product's name. A sign may turn
 * it round. */
static bool take_words(struct str words, struct observation *o)
{
    static const char *const plain[] = {"", "v", "ver", "version", "build", "release"};
    if (words.n && words.p[0] == '.')
        return false; /* a number is missing */
    while (words.n && (is_blank(words.p[words.n - 1]) || words.p[words.n - 1] == '.' ||
                       words.p[words.n - 1] == ':'))
        words.n--;
    if (words.n && str_chr(STR("-+<>=~^!/"), words.p[words.n - 1]) >= 0)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(plain); i++)
        if (str_ieq(words, str_of(plain[i])))
            return true;
    if (o->product.n)
        return false;
    o->product = words;
    return true;
}

/* No number in it, or none with a dot: the name of a product. */
static bool observe_name(struct str text, bool words, struct observation *o)
{
    o->precision = o->product.n || words ? PRECISION_PRODUCT : PRECISION_NONE;
    if (!o->product.n && words)
        o->product = text;
    return o->precision != PRECISION_NONE;
}

bool observe_build(struct str text, struct observation *o)
{
    static const enum precision by_parts[] = {PRECISION_PRODUCT, PRECISION_CU, PRECISION_SU};
    struct build b = {{-1, -1, -1, -1}};
    size_t digit = 0;
    o->build = b;
    text = str_trim(text);
    while (digit < text.n && !ascii_digit((unsigned char)text.p[digit]))
        digit++;
    struct str number = str_sub(text, digit, text.n);
    if (str_chr(str_sub(number, 0, 5), '.') < 0)
        return observe_name(text, digit > 0, o);
    size_t n = take_numbers(number, 0, 4, &b);
    if (b.part[1] < 0 || !n)
        return false;
    size_t directory = b.part[2] < 0 ? take_directory(str_sub(number, n, number.n), &b) : 0;
    if (!is_remark(str_sub(number, n + directory, number.n)) ||
        !take_words(str_sub(text, 0, digit), o))
        return false;
    o->build = b;
    o->precision = by_parts[b.part[2] < 0 ? 0 : b.part[3] < 0 || directory ? 1 : 2];
    return true;
}

/* --- choosing --- */

struct str observe_file_name(struct str path)
{
    size_t from = path.n;
    while (from && path.p[from - 1] != '/' && path.p[from - 1] != '\\')
        from--;
    return str_sub(path, from, path.n);
}

static const struct observe_format *told_by(struct str head, struct str name)
{
    for (size_t i = 0; i < ARRAY_LEN(formats); i++)
        if (formats[i]->is(head, name))
            return formats[i];
    return NULL;
}

bool observe_is(struct str head, struct str name)
{
    return told_by(str_sub(head, 0, OBSERVE_HEAD_BYTES), observe_file_name(name)) != NULL;
}

static const struct observe_format *named(struct str name)
{
    for (size_t i = 0; i < ARRAY_LEN(formats); i++)
        if (str_eq(name, str_of(formats[i]->name)))
            return formats[i];
    return NULL;
}

static enum err read_all(struct observe_reader *r, bool *ret_foreign)
{
    enum err rc = OK;
    while (!rc && observe_view(r).n < OBSERVE_HEAD_BYTES)
        rc = observe_fill(r);
    struct str head = str_sub(observe_view(r), 0, OBSERVE_HEAD_BYTES), wanted = r->options->format;
    if (!head.n)
        return rc == END ? OK : rc;
    const struct observe_format *format =
        wanted.p ? named(wanted) : told_by(head, observe_file_name(r->options->name));
    if (!format && wanted.p)
        return fail(r->error, ERR_USAGE, "there is no inventory format '%.*s'", STR_FMT(wanted));
    if (!format && !wanted.p && observe_mapped(head, &r->options->map))
        format = &observe_inventory;
    *ret_foreign = !format;
    if (!format)
        return fail(r->error, ERR_FORMAT, "no known inventory, scan or saved answer");
    r->format = format;
    rc = format->read(r);
    return rc == END ? OK : rc;
}

enum err observe_read(struct stream *stream, const struct observe_options *options,
                      const struct observe_sink *sink, uint64_t *ret_bytes, bool *ret_foreign,
                      struct error *error)
{
    struct observe_reader r = {.options = options, .sink = sink, .error = error, .stream = stream};
    r.offset = stream_mark(stream);
    arena_init(&r.arena, OBSERVE_ARENA_BYTES);
    *ret_foreign = false;
    enum err rc = read_all(&r, ret_foreign);
    *ret_bytes = r.offset + observe_view(&r).n;
    arena_done(&r.arena);
    free(r.p);
    return rc;
}
