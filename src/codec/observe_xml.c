#include "codec/observe_xml.h"

#include "base/utf.h"

#include <expat.h>

enum { UTF8_BYTES = 4 }; /* at most, of a letter */

/* --- for callbacks --- */

void observe_xml_keep(struct observe_xml *x, enum err rc)
{
    if (!rc || x->rc)
        return;
    x->rc = rc;
    (void)XML_StopParser(x->parser, XML_FALSE);
}

uint64_t observe_xml_line(const struct observe_xml *x)
{
    return (uint64_t)XML_GetCurrentLineNumber(x->parser);
}

const char *observe_xml_attribute(const char **attributes, const char *name)
{
    for (; attributes[0]; attributes += 2)
        if (strcmp(attributes[0], name) == 0)
            return attributes[1];
    return NULL;
}

/* --- what expat calls --- */

static void refuse(struct observe_xml *x, struct str reason, const char *why)
{
    if (x->wrong)
        return;
    x->reason = reason;
    x->wrong = why;
    (void)XML_StopParser(x->parser, XML_FALSE);
}

static void on_begin(void *ctx, const char *name, const char **attributes)
{
    struct observe_xml *x = ctx;
    if (strnlen(name, OBSERVE_XML_NAME) == OBSERVE_XML_NAME)
        refuse(x, OBSERVE_TOO_LONG, "the name of an element is too long");
    else if (++x->depth > OBSERVE_XML_DEPTH)
        refuse(x, OBSERVE_DAMAGED, "elements stand too deep in each other");
    else if (!x->rc)
        x->begin(x->ctx, name, attributes);
}

static void on_end(void *ctx, const char *name)
{
    struct observe_xml *x = ctx;
    x->depth--;
    if (!x->rc && !x->wrong)
        x->end(x->ctx, name);
}

static void on_words(void *ctx, const char *p, int n)
{
    struct observe_xml *x = ctx;
    if (!x->rc && !x->wrong)
        x->words(x->ctx, str_make(p, (size_t)n));
}

static void on_entity(void *ctx, const char *name, int parameter, const char *value, int n,
                      const char *base, const char *id, const char *public, const char *notation)
{
    (void)name, (void)parameter, (void)value, (void)n;
    (void)base, (void)id, (void)public, (void)notation;
    refuse(ctx, OBSERVE_DAMAGED, "it declares entities");
}

/* Elements and their attributes: expat remembers each. */
static void on_element(void *ctx, const char *name, XML_Content *model)
{
    struct observe_xml *x = ctx;
    (void)name;
    XML_FreeContentModel(x->parser, model);
    refuse(x, OBSERVE_DAMAGED, "it declares elements");
}

static void on_attributes(void *ctx, const char *element, const char *name, const char *type,
                          const char *value, int needed)
{
    (void)element, (void)name, (void)type, (void)value, (void)needed;
    refuse(ctx, OBSERVE_DAMAGED, "it declares attributes");
}

static void on_notation(void *ctx, const char *name, const char *base, const char *id,
                        const char *public)
{
    (void)name, (void)base, (void)id, (void)public;
    refuse(ctx, OBSERVE_DAMAGED, "it declares notations");
}

/* --- the text --- */

static enum err tell_end(struct observe_xml *x, bool cut)
{
    const char *why = x->wrong ? x->wrong : XML_ErrorString(XML_GetErrorCode(x->parser));
    struct str reason = x->wrong ? x->reason : cut ? OBSERVE_CUT : OBSERVE_DAMAGED;
    return observe_gap(x->r, observe_xml_line(x), x->r->offset, reason, str_of(why));
}

/* Takes n bytes off the view. *ret_on: there may be more to read. */
static enum err feed(struct observe_xml *x, size_t n, bool last, bool *ret_on)
{
    *ret_on = false;
    enum XML_Status status = XML_Parse(x->parser, observe_view(x->r).p, (int)n, last);
    observe_take(x->r, n);
    x->fed += n;
    if (x->rc)
        return x->rc;
    XML_Index at = XML_GetCurrentByteIndex(x->parser);
    if (at >= 0)
        x->done = (uint64_t)at;
    if (status == XML_STATUS_OK && x->fed - x->done > OBSERVE_RECORD_BYTES)
        refuse(x, OBSERVE_TOO_LONG, "a tag is too long");
    if (status != XML_STATUS_OK || x->wrong)
        return tell_end(x, last);
    *ret_on = !last;
    return last ? END : OK;
}

/* How much of the view can be read: up to a letter that its end cuts, as long as more may come.
 * Bytes that are no UTF-8 become question marks, but for the first one: *ret_bad, it stands next.
 */
static size_t mend(struct observe_xml *x, bool last, bool *ret_bad)
{
    struct str view = observe_view(x->r);
    size_t at = 0, n = 1;
    if (x->declared || utf8_valid(view))
        return view.n;
    for (; at < view.n; at += n) {
        if (utf8_next(view, at, &n) != UTF_BAD)
            continue;
        *ret_bad = !x->told_bad && (last || view.n - at >= UTF8_BYTES);
        if (*ret_bad || (!last && view.n - at < UTF8_BYTES))
            return at;
        x->r->p[x->r->from + at] = '?';
    }
    return view.n;
}

static enum err tell_bad(struct observe_xml *x)
{
    x->told_bad = true;
    return observe_gap(x->r, observe_xml_line(x), x->r->offset, OBSERVE_DAMAGED,
                       STR("bytes that are no UTF-8 are read as question marks"));
}

static enum err parse_all(struct observe_xml *x)
{
    enum err ended = OK;
    bool on = true;
    while (on) {
        bool bad = false;
        size_t n = mend(x, ended != OK, &bad);
        enum err rc = feed(x, n, ended == END && !bad, &on);
        if (rc || !on)
            return rc;
        if (bad)
            TRY(tell_bad(x));
        else if (ended)
            return ended;
        else
            ended = observe_fill(x->r);
    }
    return OK;
}

/* Does its declaration say that it is no UTF-8? */
static bool names_letters(struct str head)
{
    ptrdiff_t end = str_find(head, STR("?>"));
    head = str_sub(head, 0, end < 0 ? 0 : (size_t)end);
    return str_starts(head, STR("<?xml")) && str_ifind(head, STR("encoding")) >= 0 &&
           str_ifind(head, STR("utf-8")) < 0;
}

enum err observe_xml_read(struct observe_xml *x)
{
    bool utf16 = observe_was_utf16(x->r);
    x->declared = !utf16 && names_letters(str_sub(observe_view(x->r), 0, OBSERVE_XML_NAME));
    x->parser = XML_ParserCreate(utf16 ? "UTF-8" : NULL);
    if (!x->parser)
        return fail(x->r->error, ERR_NOMEM, "out of memory");
    XML_SetUserData(x->parser, x);
    XML_SetElementHandler(x->parser, on_begin, on_end);
    XML_SetCharacterDataHandler(x->parser, on_words);
    XML_SetEntityDeclHandler(x->parser, on_entity);
    XML_SetElementDeclHandler(x->parser, on_element);
    XML_SetAttlistDeclHandler(x->parser, on_attributes);
    XML_SetNotationDeclHandler(x->parser, on_notation);
    enum err rc = parse_all(x);
    XML_ParserFree(x->parser);
    x->parser = NULL;
    return rc;
}
