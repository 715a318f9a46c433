#include "codec/xml_walk.h"

#include "codec/xml_tidy.h"

#include <expat.h>

struct str xml_walk_attribute(const char **attributes, const char *name)
{
    for (; attributes[0]; attributes += 2)
        if (strcmp(attributes[0], name) == 0)
            return str_of(attributes[1]);
    return STR_NONE;
}

static const char *open_at(const struct xml_walk *w, size_t from_inside)
{
    size_t at = w->depth - from_inside;
    return w->depth >= from_inside && at < XML_WALK_DEPTH ? w->element[at] : "";
}

bool xml_walk_in(const struct xml_walk *w, const char *parent, const char *above)
{
    return strcmp(open_at(w, 1), parent) == 0 && (!above || strcmp(open_at(w, 2), above) == 0);
}

bool xml_walk_within(const struct xml_walk *w, const char *name)
{
    for (size_t i = 0; i < w->depth && i < XML_WALK_DEPTH; i++)
        if (strcmp(w->element[i], name) == 0)
            return true;
    return false;
}

/* --- what expat calls --- */

static void keep(struct xml_walk *w, enum err rc)
{
    if (rc && !w->rc) {
        w->rc = rc;
        (void)XML_StopParser(w->parser, XML_FALSE);
    }
}

static void on_begin(void *ctx, const char *name, const char **attributes)
{
    struct xml_walk *w = ctx;
    if (w->rc)
        return;
    if (w->depth == XML_WALK_DEPTH) {
        keep(w, ERR_FORMAT);
        return;
    }
    keep(w, w->begin(w, name, attributes));
    char *to = w->element[w->depth++];
    size_t n = strnlen(name, XML_WALK_NAME - 1);
    memcpy(to, name, n);
    to[n] = 0;
    buf_reset(&w->letters);
    w->leaf = true;
}

static void on_end(void *ctx, const char *name)
{
    struct xml_walk *w = ctx;
    if (w->rc)
        return;
    w->depth--;
    keep(w, w->end(w, name, w->leaf ? buf_view(&w->letters) : STR("")));
    buf_reset(&w->letters);
    w->leaf = false;
}

/* Letters beyond the limit are left out. */
static void on_letters(void *ctx, const char *p, int n)
{
    struct xml_walk *w = ctx;
    size_t room = XML_WALK_TEXT_BYTES - w->letters.n;
    if (!w->rc && w->leaf)
        buf_add(&w->letters, p, (size_t)n < room ? (size_t)n : room);
}

/* xml_tidy lets no declaration through; should one come all the same, it ends the reading. */
static void on_entity(void *ctx, const char *name, int parameter, const char *value, int n,
                      const char *base, const char *id, const char *public, const char *notation)
{
    (void)name, (void)parameter, (void)value, (void)n;
    (void)base, (void)id, (void)public, (void)notation;
    keep(ctx, ERR_FORMAT);
}

/* --- the text --- */

static enum err piece(struct xml_walk *w, struct str s, const char **ret_why)
{
    if (XML_Parse(w->parser, s.p, (int)s.n, 0) == XML_STATUS_OK && !w->rc)
        return OK;
    enum XML_Error code = XML_GetErrorCode(w->parser);
    *ret_why = !w->rc                ? XML_ErrorString(code)
               : w->rc == ERR_FORMAT ? "elements stand too deep in each other"
                                     : NULL; /* the callback's own */
    if (code == XML_ERROR_NO_MEMORY)
        return ERR_NOMEM;
    return w->rc ? w->rc : ERR_FORMAT;
}

static enum err pieces(struct xml_walk *w, struct xml_tidy *tidy, struct str text, bool last,
                       const char **ret_why)
{
    for (;;) {
        enum xml_piece what;
        struct str s;
        uint64_t at = w->offset;
        TRY(xml_tidy_next(tidy, last, &what, &s, &at));
        if (what == XML_MORE)
            return OK;
        w->line += str_count(str_sub(text, (size_t)w->offset, (size_t)at), '\n');
        w->offset = at;
        if (what != XML_TOO_LONG)
            TRY(piece(w, s, ret_why));
        else
            *ret_why = "a tag is too long: it was left out";
    }
}

static enum err run(struct xml_walk *w, struct xml_tidy *tidy, struct str text,
                    const char **ret_why)
{
    bool last = false;
    for (size_t at = 0, used; at < text.n && !last; at += used) {
        struct str rest = str_sub(text, at, text.n);
        used = xml_tidy_add(tidy, rest, at, false);
        last = used == 0; /* half a letter, at the end */
        if (last)
            used = xml_tidy_add(tidy, rest, at, true);
        TRY(pieces(w, tidy, text, false, ret_why));
    }
    TRY(pieces(w, tidy, text, true, ret_why));
    if (!w->depth)
        return OK;
    *ret_why = "it ends within an element";
    return ERR_FORMAT;
}

enum err xml_walk(struct xml_walk *w, struct str text, const char **ret_why)
{
    struct xml_tidy *tidy = malloc(sizeof *tidy);
    w->parser = XML_ParserCreate("UTF-8");
    w->line = 1;
    *ret_why = NULL;
    buf_init(&w->letters, XML_WALK_TEXT_BYTES + 1);
    enum err rc = tidy && w->parser ? OK : ERR_NOMEM;
    if (!rc) {
        xml_tidy_init(tidy, charset_utf8());
        XML_SetUserData(w->parser, w);
        (void)XML_SetHashSalt(w->parser, 1 + (unsigned long)(uintptr_t)tidy);
        XML_SetElementHandler(w->parser, on_begin, on_end);
        XML_SetCharacterDataHandler(w->parser, on_letters);
        XML_SetEntityDeclHandler(w->parser, on_entity);
        rc = run(w, tidy, text, ret_why);
        xml_tidy_done(tidy);
    }
    if (w->parser)
        XML_ParserFree(w->parser);
    w->parser = NULL;
    free(tidy);
    buf_done(&w->letters);
    return rc;
}
