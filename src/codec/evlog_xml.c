#include "codec/evlog_xml.h"

#include "base/utf.h"
#include "codec/evlog_json.h"
#include "codec/evlog_lines.h"
#include "codec/line.h"

enum { PATH_BYTES = 256 };

struct walk {
    struct maker *m;
    struct str rest;
    struct str open[XML_EVENT_DEPTH]; /* names of the elements open */
    size_t depth;
    struct str name; /* Name of the Data at hand */
    struct str text; /* behind the last tag, if nothing but it is inside */
    bool leaf;       /* the tag before was a start */
    int64_t *time_us;
    uint64_t *record;
};

bool event_xml_begins(struct str text)
{
    return str_starts(text, STR("<Event>")) || str_starts(text, STR("<Event "));
}

/* ---- text ---- */

/* "amp", "#10", "#xA"; -1: none. */
static int64_t entity(struct str s)
{
    static const char *const names[] = {"lt", "gt", "amp", "quot", "apos"};
    static const char signs[] = "<>&\"'";
    int64_t cp = 0;
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_eq(s, str_of(names[i])))
            return signs[i];
    bool hex = s.n > 2 && (s.p[1] == 'x' || s.p[1] == 'X');
    if (s.n < 2 || s.n > 8 || s.p[0] != '#')
        return -1;
    for (size_t i = hex ? 2 : 1; i < s.n; i++) {
        int digit = ascii_hex((unsigned char)s.p[i]);
        if (digit < 0 || (!hex && digit > 9))
            return -1;
        cp = cp * (hex ? 16 : 10) + digit;
    }
    return cp <= 0x10ffff ? cp : -1;
}

static struct str unescape(struct maker *m, struct str s)
{
    struct buf b;
    if (str_chr(s, '&') < 0)
        return s;
    buf_init(&b, s.n + 4);
    for (size_t i = 0; i < s.n; i++) {
        ptrdiff_t end = s.p[i] == '&' ? str_chr(str_sub(s, i, i + 10), ';') : -1;
        int64_t cp = end > 1 ? entity(str_sub(s, i + 1, i + (size_t)end)) : -1;
        if (cp >= 0) {
            utf8_add(&b, (uint32_t)cp);
            i += (size_t)end;
        } else {
            buf_putc(&b, s.p[i]);
        }
    }
    struct str text = b.rc ? STR_NONE : arena_str(&m->scratch, buf_view(&b));
    buf_done(&b);
    return text;
}

/* ---- fields ---- */

static enum err put(struct walk *w, struct str path, struct str value)
{
    struct str name = json_field_of(path);
    uint32_t id;
    value = unescape(w->m, value);
    if (!value.p)
        return ERR_LIMIT;
    if (name.n == 0 || name.n > LIMIT_FIELD_NAME_BYTES) {
        w->m->too_many = true;
        return OK;
    }
    if (str_eq(name, STR("SystemTime")) && !time_parse(value, w->time_us))
        *w->time_us = TIME_NONE;
    if (str_eq(name, STR("EventRecordID")) && !str_u64(value, w->record))
        return ERR_FORMAT;
    TRY(maker_name(w->m, name, &id));
    return maker_put(w->m, id, value);
}

static enum err put_below(struct walk *w, struct str above, struct str name, struct str value)
{
    char room[PATH_BYTES];
    int n = snprintf(room, sizeof room, "%.*s.%.*s", STR_FMT(above), STR_FMT(name));
    if (n > 0 && (size_t)n < sizeof room)
        return put(w, str_make(room, (size_t)n), value);
    w->m->too_many = true;
    return OK;
}

static bool within(const struct walk *w, struct str section)
{
    return w->depth > 2 && str_eq(w->open[1], section);
}

/* Attributes of System's elements are fields; of EventData's, Name is the name of one. */
static enum err attributes(struct walk *w, struct str tag, struct str element)
{
    struct str key, value;
    bool quoted;
    w->name = STR_NONE;
    while (lines_pair(&tag, &key, &value, &quoted)) {
        if (str_eq(key, STR("Name")) && !within(w, STR("System")))
            w->name = value;
        if (!within(w, STR("System")))
            continue;
        TRY(put_below(w, element, key, value));
    }
    return OK;
}

static enum err start(struct walk *w, struct str tag)
{
    bool empty = tag.n && tag.p[tag.n - 1] == '/';
    struct str rest = str_sub(tag, 0, tag.n - empty), name;
    if (!line_word(&rest, &name) || w->depth == XML_EVENT_DEPTH)
        return w->depth == XML_EVENT_DEPTH ? ERR_LIMIT : ERR_FORMAT;
    w->open[w->depth++] = name;
    TRY(attributes(w, rest, name));
    w->depth -= empty;
    w->leaf = !empty;
    return OK;
}

/* An element with text alone is a field. */
static enum err end(struct walk *w, struct str tag)
{
    struct str element = str_trim(tag);
    if (w->depth == 0 || !str_eq(w->open[w->depth - 1], element))
        return ERR_FORMAT;
    bool data = within(w, STR("EventData")) || within(w, STR("UserData"));
    if (w->leaf && data) /* by its section: it is not to pass for System's */
        TRY(put_below(w, w->open[1], w->name.p ? w->name : element, w->text));
    else if (w->leaf && within(w, STR("System")) && w->text.n)
        TRY(put(w, element, w->text));
    w->depth--;
    w->leaf = false;
    return OK;
}

enum err event_xml_put(struct maker *m, struct str text, int64_t *ret_time, uint64_t *ret_record)
{
    struct walk w = {.m = m, .rest = text, .time_us = ret_time, .record = ret_record};
    do {
        ptrdiff_t to = w.rest.n && w.rest.p[0] == '<' ? str_chr(w.rest, '>') : -1;
        if (to < 2)
            return ERR_FORMAT;
        struct str tag = str_sub(w.rest, 1, (size_t)to);
        w.rest = str_sub(w.rest, (size_t)to + 1, w.rest.n);
        TRY(tag.p[0] == '/' ? end(&w, str_sub(tag, 1, tag.n)) : start(&w, tag));
        ptrdiff_t next = str_chr(w.rest, '<');
        w.text = str_sub(w.rest, 0, next < 0 ? w.rest.n : (size_t)next);
        w.rest = str_sub(w.rest, w.text.n, w.rest.n);
    } while (w.depth);
    return OK;
}

/* ---- the format: events one behind the other, in <Events> or not ---- */

struct reader {
    struct lines lines;
};

static bool xml_knows(struct str head, struct str path)
{
    (void)path;
    struct str s = str_trim(head);
    bool event =
        event_xml_begins(s) || str_starts(s, STR("<Events")) || str_starts(s, STR("<?xml"));
    return event && str_find(s, STR("<Event")) >= 0 && str_find(s, STR("<System>")) > 0 &&
           str_find(s, STR("<EventID")) > 0;
}

static enum err parse(void *reader, struct str text, int64_t *ret_time)
{
    struct reader *r = reader;
    for (;;) { /* over <?xml ...?>, <Events> and what ends them */
        text = str_trim(text);
        if (text.n == 0)
            return OK;
        if (event_xml_begins(text))
            return event_xml_put(&r->lines.maker, text, ret_time, &r->lines.record);
        ptrdiff_t at = text.p[0] == '<' ? str_chr(text, '>') : -1;
        if (at < 0)
            return ERR_FORMAT;
        text = str_sub(text, (size_t)at + 1, text.n);
    }
}

static enum err xml_new(void **ret_reader)
{
    struct reader *r = calloc(1, sizeof *r);
    *ret_reader = r;
    if (!r)
        return ERR_NOMEM;
    lines_init(&r->lines, "eventlog");
    r->lines.end = STR("</Event>");
    return OK;
}

static enum err xml_read(void *reader, const struct evlog_source *source,
                         const struct rows_sink *sink, struct error *error)
{
    struct reader *r = reader;
    return lines_read(&r->lines, parse, source, sink, error);
}

static void xml_free(void *reader)
{
    struct reader *r = reader;
    lines_done(&r->lines);
    free(r);
}

const struct evlog_format evlog_xml = {.name = "events as XML",
                                       .knows = xml_knows,
                                       .new = xml_new,
                                       .read = xml_read,
                                       .free = xml_free,
                                       .full = lines_full};
