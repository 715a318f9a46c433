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
    &observe_healthchecker, &observe_har,  &observe_nmap,
    &observe_iis,           &observe_http, &observe_inventory,
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

static size_t parts_of(const struct build *b)
{
    size_t n = 0;
    while (n < 4 && b->part[n] >= 0)
        n++;
    return n;
}

bool observe_build(struct str text, struct observation *o)
{
    static const enum precision by_parts[] = {PRECISION_NONE, PRECISION_NONE, PRECISION_PRODUCT,
                                              PRECISION_CU, PRECISION_SU};
    text = str_trim(text);
    /* "Version 15.1 (Build 2106.2)": the product of setup, which updates do not change. */
    bool directory = str_ifind(text, STR("(build ")) >= 0;
    size_t digit = 0;
    while (digit < text.n && !ascii_digit((unsigned char)text.p[digit]))
        digit++;
    struct str number = str_sub(text, digit, text.n);
    struct build b;
    if (str_chr(str_sub(number, 0, 5), '.') < 0 || !build_parse(number, &b)) {
        o->build = (struct build){{-1, -1, -1, -1}};
        o->precision = o->product.n || digit ? PRECISION_PRODUCT : PRECISION_NONE;
        if (!o->product.n && digit)
            o->product = text;
        return o->precision != PRECISION_NONE;
    }
    o->build = b;
    o->precision = by_parts[parts_of(&b)];
    if (directory && o->precision == PRECISION_SU)
        o->precision = PRECISION_CU;
    return true;
}

/* --- choosing --- */

static struct str file_of(struct str path)
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
    return told_by(str_sub(head, 0, OBSERVE_HEAD_BYTES), file_of(name)) != NULL;
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
        wanted.p ? named(wanted) : told_by(head, file_of(r->options->name));
    if (!format && wanted.p)
        return fail(r->error, ERR_USAGE, "there is no inventory format '%.*s'", STR_FMT(wanted));
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
