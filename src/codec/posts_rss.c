#include "codec/feed_priv.h"
#include "codec/url_join.h"

#include <sys/random.h>

/* xml_tidy cuts the text into letters and tags; expat reads them; what it cannot read is a gap,
 * and a new parser starts at the next item. No declaration ever reaches it, so there are no
 * entities to expand. */

/* --- elements --- */

static struct str attribute(const char **a, const char *name)
{
    for (; a[0]; a += 2)
        if (str_ieq(str_of(a[0]), str_of(name)))
            return str_of(a[1]);
    return STR_NONE;
}

static void rebase(struct feed *f, const char **a)
{
    struct str base = attribute(a, "xml:base");
    struct buf *to = f->item_depth ? &f->item_base : &f->base;
    if (!base.n || base.n > SMALL_BYTES)
        return;
    buf_reset(&f->work);
    url_join(&f->work, buf_view(&f->base), base);
    buf_reset(to);
    buf_str(to, buf_view(&f->work));
}

/* RSS: HTML, whatever the specification says of titles. Atom: as its type says; of types that are
 * no text nothing is read. */
static bool markup_of(const struct feed *f, const char **a, enum feed_field field, enum markup *ret)
{
    struct str type = attribute(a, "type");
    bool has_markup = field == FIELD_TITLE || field == FIELD_TEXT || field == FIELD_SITE;
    *ret = !has_markup || f->atom ? MARKUP_NONE : MARKUP_HTML;
    if (!type.p || !has_markup)
        return true;
    if (str_ieq(type, STR("html")) || str_ieq(type, STR("text/html")))
        *ret = MARKUP_HTML;
    else if (str_iends(type, STR("xhtml")) || str_iends(type, STR("xhtml+xml")))
        *ret = MARKUP_INLINE;
    else if (str_ieq(type, STR("text")) || str_ieq(type, STR("text/plain")))
        *ret = MARKUP_NONE;
    else if (str_chr(type, '/') >= 0 && !str_istarts(type, STR("text/")) &&
             !str_iends(type, STR("xml")))
        return false;
    return true;
}

static void capture(struct feed *f, enum feed_field field, unsigned rank, const char **a)
{
    enum markup markup;
    if (str_ieq(attribute(a, "mode"), STR("base64"))) /* Atom 0.3 */
        return;
    if (!markup_of(f, a, field, &markup))
        return;
    buf_reset(&f->now.text);
    f->now.rank = rank;
    f->now.markup = markup;
    f->now_field = field;
    f->now_depth = f->depth;
}

static void link_element(struct feed *f, const char **a, unsigned rank)
{
    struct str href = attribute(a, "href"), rel = attribute(a, "rel");
    if (!href.p)
        capture(f, FIELD_URL, rank, a);
    else if (!rel.n || str_ieq(rel, STR("alternate")))
        feed_set(f, FIELD_URL, rank, href);
    else if (str_ieq(rel, STR("self")) && !f->item_depth)
        feed_set(f, FIELD_URL, 1, href);
}

static void field_element(struct feed *f, struct feed_name name, const char **a)
{
    unsigned rank = 0;
    enum feed_field field = feed_field_of(name, &rank);
    bool in_item = f->item_depth > 0;
    if (field == FIELD_URL) {
        link_element(f, a, rank);
        return;
    }
    if (field == FIELD_THREAD)
        feed_set(f, field, rank, attribute(a, "ref"));
    else if (field == FIELD_ID && in_item)
        f->permalink = !str_ieq(attribute(a, "isPermaLink"), STR("false"));
    if (field != FIELD_NONE && field != FIELD_THREAD &&
        (in_item || field == FIELD_TITLE || field == FIELD_LANG))
        capture(f, field, rank, a);
}

static bool is_item(struct feed_name name)
{
    return name.space == SPACE_CORE &&
           (str_ieq(name.local, STR("item")) || str_ieq(name.local, STR("entry")));
}

static enum kind kind_of(const struct feed *f, struct feed_name name)
{
    if (f->depth == 1)
        return KIND_FEED;
    switch (f->kind[f->depth - 1]) {
    case KIND_FEED:
        return is_item(name)                         ? KIND_ITEM
               : str_ieq(name.local, STR("channel")) ? KIND_FEED
                                                     : KIND_OTHER;
    case KIND_ITEM:
        return str_ieq(name.local, STR("author"))   ? KIND_AUTHOR
               : str_ieq(name.local, STR("source")) ? KIND_SOURCE
               : str_ieq(name.local, STR("group"))  ? KIND_GROUP
                                                    : KIND_OTHER;
    default: return KIND_OTHER;
    }
}

static void begin_item(struct feed *f, const char **a)
{
    feed_reset(f->item);
    buf_reset(&f->item_base);
    f->bad_time = f->permalink = false;
    f->item_depth = f->depth;
    f->item_at = f->tag_at;
    feed_set(f, FIELD_ID, 1, attribute(a, "rdf:about"));
    feed_set(f, FIELD_URL, 1, attribute(a, "rdf:about"));
}

/* A child of the author or of the source, when that turns out to be no plain text. */
static void nested(struct feed *f, enum kind parent, struct feed_name name, const char **a)
{
    if (parent == KIND_AUTHOR && str_ieq(name.local, STR("name")))
        capture(f, FIELD_AUTHOR, 5, a);
    else if (parent == KIND_SOURCE && str_ieq(name.local, STR("title")))
        capture(f, FIELD_SITE, 2, a);
    else if (parent == KIND_GROUP)
        field_element(f, name, a);
}

/* Inside of a value: markup that should have been escaped, or XHTML. */
static void markup_start(struct feed *f, const char *name)
{
    f->now.markup = MARKUP_INLINE;
    buf_putc(&f->now.text, '<');
    buf_str(&f->now.text, feed_name_of(&f->prefixes, str_of(name)).local);
    buf_putc(&f->now.text, '>');
}

/* The document is readable, but not what we follow. */
static void stop(struct feed *f)
{
    (void)XML_StopParser(f->parser, XML_FALSE);
}

static void XMLCALL on_start(void *ctx, const char *name, const char **a)
{
    struct feed *f = ctx;
    for (size_t i = 0; a[i]; i += 2)
        feed_prefix_learn(&f->prefixes, str_of(a[i]), str_of(a[i + 1]));
    struct feed_name n = feed_name_of(&f->prefixes, str_of(name));
    f->atom = f->any ? f->atom : str_ieq(n.local, STR("feed"));
    f->any = true;
    f->depth++;
    if (f->depth > DEPTH) {
        stop(f);
        return;
    }
    enum kind parent = f->kind[f->depth - 1], kind = kind_of(f, n);
    bool container =
        f->now_depth + 1 == f->depth && (parent == KIND_AUTHOR || parent == KIND_SOURCE);
    f->kind[f->depth] = (uint8_t)kind;
    if (f->now_depth && !container) {
        markup_start(f, name);
        return;
    }
    if (container)
        f->now_depth = 0;
    if (kind == KIND_ITEM)
        begin_item(f, a);
    if (kind == KIND_FEED || kind == KIND_ITEM) {
        rebase(f, a);
        feed_set(f, FIELD_LANG, 1, attribute(a, "xml:lang"));
    } else if (parent == KIND_FEED || parent == KIND_ITEM) {
        field_element(f, n, a);
    } else {
        nested(f, parent, n, a);
    }
}

static void XMLCALL on_end(void *ctx, const char *name)
{
    struct feed *f = ctx;
    if (f->now_depth == f->depth) {
        feed_keep(f);
    } else if (f->now_depth) {
        buf_puts(&f->now.text, "</");
        buf_str(&f->now.text, feed_name_of(&f->prefixes, str_of(name)).local);
        buf_putc(&f->now.text, '>');
    }
    if (f->item_depth && f->depth == f->item_depth) {
        f->rc = f->rc ? f->rc : feed_give(f);
        f->item_depth = 0;
    }
    f->depth--;
    if (f->rc)
        stop(f);
}

static void XMLCALL on_text(void *ctx, const char *p, int n)
{
    struct feed *f = ctx;
    struct buf *to = &f->now.text;
    if (!f->now_depth)
        return;
    if (f->now.markup != MARKUP_INLINE) {
        buf_add(to, p, (size_t)n);
        return;
    }
    for (int i = 0; i < n; i++) {
        if (p[i] == '<') /* not "&": "&nbsp;" comes as its letters and is to be read */
            buf_puts(to, "&lt;");
        else
            buf_putc(to, p[i]);
    }
}

/* xml_tidy lets no declaration through; should one come all the same, it ends this parser. Expat's
 * own limits on expansion stand behind that. */
static void XMLCALL on_entity(void *ctx, const char *name, int is_parameter, const char *value,
                              int length, const char *base, const char *system_id,
                              const char *public_id, const char *notation)
{
    (void)name, (void)is_parameter, (void)value, (void)length, (void)base;
    (void)system_id, (void)public_id, (void)notation;
    stop(ctx);
}

static void handlers(struct feed *f)
{
    XML_SetUserData(f->parser, f);
    (void)XML_SetHashSalt(f->parser, f->salt); /* else each new parser asks the kernel for one */
    XML_SetElementHandler(f->parser, on_start, on_end);
    XML_SetCharacterDataHandler(f->parser, on_text);
    XML_SetEntityDeclHandler(f->parser, on_entity);
    (void)XML_SetParamEntityParsing(f->parser, XML_PARAM_ENTITY_PARSING_NEVER);
}

/* --- pieces --- */

static enum err damage(struct feed *f, struct str what)
{
    uint64_t at = f->item_at;
    bool inside = f->item_depth > 0;
    f->broken = true;
    f->item_depth = f->now_depth = f->depth = 0;
    return inside ? post_gap(f->r, at, POST_DAMAGED, what) : OK;
}

/* The feed ends within an item. */
static enum err cut(struct feed *f)
{
    return post_gap(f->r, f->item_at, POST_CUT, STR("the feed ends within an item"));
}

static enum err parse(struct feed *f, struct str piece)
{
    if (XML_Parse(f->parser, piece.p, (int)piece.n, 0) != XML_STATUS_ERROR)
        return f->rc;
    if (f->rc)
        return f->rc;
    enum XML_Error code = XML_GetErrorCode(f->parser);
    if (code == XML_ERROR_NO_MEMORY)
        return fail(f->r->error, ERR_NOMEM, "out of memory");
    return damage(f, code == XML_ERROR_ABORTED ? STR("too many elements in one another")
                                               : str_of(XML_ErrorString(code)));
}

/* A new parser that believes to be inside of a feed. */
static enum err revive(struct feed *f)
{
    if (!XML_ParserReset(f->parser, "UTF-8"))
        return ERR_BUG;
    handlers(f);
    f->broken = false;
    f->depth = 0;
    return parse(f, STR("<feed>"));
}

static enum err piece(struct feed *f, enum xml_piece what, struct str text, uint64_t at)
{
    if (what == XML_TOO_LONG)
        return f->broken ? OK : damage(f, STR("a tag is too long"));
    bool item = what == XML_TAG && is_item(feed_name_of(&f->prefixes, xml_tag_name(text)));
    if (item && f->item_depth)
        TRY(damage(f, STR("an item without an end")));
    if (f->broken && item)
        TRY(revive(f));
    f->tag_at = at;
    return f->broken ? OK : parse(f, text);
}

static enum err pieces(struct feed *f, bool last)
{
    enum xml_piece what;
    struct str text;
    uint64_t at = 0;
    for (;;) {
        TRY(xml_tidy_next(&f->tidy, last, &what, &text, &at));
        if (what == XML_MORE)
            return OK;
        enum err rc = piece(f, what, text, at);
        if (rc)
            return rc;
    }
}

static enum err run(struct feed *f)
{
    enum err rc = OK, ended = OK;
    while (!ended) {
        struct str s = pull_view(f->r);
        size_t used = xml_tidy_add(&f->tidy, s, f->r->offset, false);
        pull_take(f->r, used);
        if ((rc = pieces(f, false)))
            return rc;
        if (used == 0 || used == s.n)
            ended = pull_fill(f->r);
    }
    struct str rest = pull_view(f->r); /* half a letter at most */
    pull_take(f->r, xml_tidy_add(&f->tidy, rest, f->r->offset, true));
    if ((rc = pieces(f, true)))
        return rc;
    if (f->item_depth && (rc = cut(f)))
        return rc;
    if (ended == END && !f->any)
        return fail(f->r->error, ERR_FORMAT, "no feed: it has no element that can be read");
    return ended;
}

static enum err begin(struct feed *f)
{
    struct str head = str_sub(pull_view(f->r), 0, POSTS_HEAD_BYTES);
    struct str name = xml_encoding(head);
    const struct charset *declared = name.n ? charset_find(name) : NULL;
    if (declared && !charset_transparent(declared)) /* the declaration itself shows otherwise */
        declared = NULL;
    xml_tidy_init(&f->tidy, charset_guess(head, declared));
    for (size_t i = 0; i < FIELDS; i++) {
        buf_init(&f->item[i].text, i == FIELD_TEXT ? POSTS_RECORD_BYTES : SMALL_BYTES);
        buf_init(&f->channel[i].text, SMALL_BYTES);
    }
    buf_init(&f->now.text, POSTS_RECORD_BYTES);
    buf_init(&f->base, SMALL_BYTES);
    buf_init(&f->item_base, SMALL_BYTES);
    buf_init(&f->work, 2 * POSTS_RECORD_BYTES);
    arena_init(&f->ids_arena, IDS_BYTES);
    map_init(&f->ids, &f->ids_arena, (size_t)2 * IDS);
    f->parser = XML_ParserCreate("UTF-8");
    if (!f->parser || getrandom(&f->salt, sizeof f->salt, 0) != sizeof f->salt)
        return fail(f->r->error, ERR_NOMEM, "out of memory");
    handlers(f);
    return OK;
}

static void done(struct feed *f)
{
    if (f->parser)
        XML_ParserFree(f->parser);
    xml_tidy_done(&f->tidy);
    for (size_t i = 0; i < FIELDS; i++) {
        buf_done(&f->item[i].text);
        buf_done(&f->channel[i].text);
    }
    buf_done(&f->now.text);
    buf_done(&f->base);
    buf_done(&f->item_base);
    buf_done(&f->work);
    map_done(&f->ids);
    arena_done(&f->ids_arena);
    free(f);
}

static enum err read_rss(struct post_reader *r)
{
    struct feed *f = calloc(1, sizeof *f);
    if (!f)
        return fail(r->error, ERR_NOMEM, "out of memory");
    f->r = r;
    enum err rc = begin(f);
    if (!rc)
        rc = run(f);
    done(f);
    return rc;
}

/* Behind what may stand before the root element. */
static struct str skip_prolog(struct str s)
{
    static const struct {
        struct str begin, end;
    } parts[] = {{{"<?", 2}, {"?>", 2}}, {{"<!--", 4}, {"-->", 3}}, {{"<!DOCTYPE", 9}, {">", 1}}};
    for (size_t i = 0; i < ARRAY_LEN(parts);) {
        s = str_trim(s);
        if (!str_istarts(s, parts[i].begin)) {
            i++;
            continue;
        }
        ptrdiff_t end = str_find(s, parts[i].end), bracket = str_chr(s, '[');
        if (s.p[1] == '!' && s.p[2] != '-' && bracket >= 0 && bracket < end)
            end = str_find(s, STR("]>")) + 1;
        s = end < 0 ? STR_NONE : str_sub(s, (size_t)end + parts[i].end.n, s.n);
        i = 0;
    }
    return s;
}

static bool is_rss(struct str head)
{
    static const struct str roots[] = {{"rss", 3}, {"RDF", 3}, {"feed", 4}};
    while (head.n && (ascii_space((unsigned char)head.p[0]) || !head.p[0] || (head.p[0] & 0x80)))
        head = str_sub(head, 1, head.n); /* also marks in the wrong place */
    struct str name = xml_tag_name(skip_prolog(head));
    name = str_sub(name, (size_t)(str_chr(name, ':') + 1), name.n);
    for (size_t i = 0; i < ARRAY_LEN(roots); i++)
        if (str_ieq(name, roots[i]))
            return true;
    return false;
}

const struct post_format posts_rss = {"rss", "RSS 2.0 and 1.0, Atom", is_rss, read_rss};
