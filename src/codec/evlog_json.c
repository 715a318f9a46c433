#include "codec/evlog_json.h"

#include "codec/evlog_json_event.h"
#include "codec/evlog_json_list.h"
#include "codec/json_scan.h"

/* Events as JSON: one object a line, a list of objects, or objects one behind the other, however
 * they are spaced. */

enum { FIRST_BYTES = 256 * 1024 };

struct reader {
    struct json_event event;
    char *window;
    size_t from, to, cap;
    uint64_t offset; /* of window[from] */
    uint64_t objects;
    unsigned lists; /* objects around lists of events, open */
    const struct evlog_source *source;
    const struct rows_sink *sink;
    struct error *error;
    bool ended;
};

static enum err gap(struct reader *r, uint64_t offset, const char *reason, const char *detail)
{
    return r->sink->gap(r->sink->ctx, offset, str_of(reason), str_of(detail));
}

static void forward(struct reader *r, size_t n)
{
    r->from += n;
    r->offset += n;
}

/* More text behind window[to]; ended is set when there is none. */
static enum err fill(struct reader *r)
{
    size_t n = 0;
    if (r->from && (r->to == r->cap || r->from > r->cap / 2)) {
        memmove(r->window, r->window + r->from, r->to - r->from);
        r->to -= r->from;
        r->from = 0;
    }
    if (r->to == r->cap) {
        size_t cap = r->cap ? r->cap * 2 : FIRST_BYTES;
        if (cap > EVLOG_EVENT_BYTES)
            return ERR_LIMIT;
        char *p = realloc(r->window, cap);
        if (!p)
            return ERR_NOMEM;
        r->window = p;
        r->cap = cap;
    }
    TRY(r->source->read(r->source->ctx, r->window + r->to, r->cap - r->to, &n, r->error));
    r->to += n;
    r->ended = n == 0;
    return OK;
}

/* Passes over an object up to its list of events. */
static void enter_list(struct reader *r)
{
    forward(r, r->event.list);
    r->lists += r->event.levels;
}

/* Passes over a value that begins at the front. */
static enum err pass_value(struct reader *r)
{
    struct json_skip skip = {0};
    enum err rc;
    while ((rc = json_skip_on(&skip, str_make(r->window + r->from, r->to - r->from))) == OK) {
        forward(r, json_skip_forget(&skip));
        if (r->ended)
            return ERR_FORMAT;
        TRY(fill(r));
    }
    forward(r, skip.at);
    return rc == END ? OK : ERR_FORMAT;
}

static enum err pass_blanks(struct reader *r)
{
    for (;; forward(r, 1)) {
        if (r->from == r->to && !r->ended)
            TRY(fill(r));
        if (r->from == r->to || (unsigned char)r->window[r->from] > ' ')
            return OK;
    }
}

/* "next": "u" behind a list of events; another list is not passed over. ERR_FORMAT: damage. */
static enum err pass_member(struct reader *r)
{
    TRY(pass_value(r));
    TRY(pass_blanks(r));
    if (r->from == r->to || r->window[r->from] != ':')
        return ERR_FORMAT;
    forward(r, 1);
    TRY(pass_blanks(r));
    if (r->from < r->to && r->window[r->from] == '[')
        return OK;
    return r->from < r->to ? pass_value(r) : ERR_FORMAT;
}

/* To the next "{" with nothing but blanks, commas and list brackets before it; damage in between
 * ends at the next line that begins with one. */
static enum err next_object(struct reader *r, bool *ret_found)
{
    bool bad = false, fresh = true; /* fresh: a "{" may begin an event here */
    *ret_found = false;
    for (;;) {
        if (r->from == r->to) {
            if (r->ended)
                return OK;
            TRY(fill(r));
            continue;
        }
        char c = r->window[r->from];
        if (c == '"' && r->lists && !bad) {
            enum err rc = pass_member(r);
            if (rc == OK)
                continue;
            if (rc != ERR_FORMAT)
                return rc;
            bad = true;
            TRY(gap(r, r->offset, "damaged", "no JSON object"));
            continue;
        }
        if (c == '{' && fresh) {
            *ret_found = true;
            return OK;
        }
        bool between = c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ',' || c == '[' ||
                       c == ']' || c == '\x1e' || c == 0 || (c == '}' && r->lists);
        if (!between && !bad) {
            bad = true;
            TRY(gap(r, r->offset, "damaged", "no JSON object"));
        }
        r->lists -= c == '}' && r->lists;
        fresh = !bad || c == '\n' || (fresh && between);
        forward(r, 1);
    }
}

static enum err take_object(struct reader *r, struct str text)
{
    enum err rc = json_event_read(&r->event, text);
    if (rc == END) {
        enter_list(r);
        return OK;
    }
    r->objects++;
    if (rc == ERR_FORMAT)
        rc = gap(r, r->offset, "damaged", "no JSON object");
    else if (rc == ERR_LIMIT)
        rc = gap(r, r->offset, "limit",
                 maker_why(&r->event.maker, "an event nested too deep or too large"));
    else if (rc == OK)
        rc = json_event_end(&r->event, r->offset, r->objects);
    forward(r, text.n);
    return rc;
}

/* Most objects fill a line: then it need not be found out first where they end. */
static enum err read_line(struct reader *r, bool *ret_read)
{
    const char *p = r->window + r->from, *nl = memchr(p, '\n', r->to - r->from);
    size_t n = nl ? (size_t)(nl - p) : 0;
    *ret_read = false;
    while (n && (p[n - 1] == '\r' || p[n - 1] == ',' || p[n - 1] == ' '))
        n--;
    enum err rc = n && p[n - 1] == '}' ? json_event_read(&r->event, str_make(p, n)) : ERR_FORMAT;
    *ret_read = rc == OK || rc == END;
    if (rc == END)
        enter_list(r);
    if (rc)
        return OK;
    r->objects++;
    rc = json_event_end(&r->event, r->offset, r->objects);
    forward(r, n);
    return rc;
}

/* The object at the window's front, taken whole. */
static enum err read_object(struct reader *r)
{
    bool read;
    TRY(read_line(r, &read));
    if (read)
        return OK;
    struct json_skip skip = {0};
    for (;;) {
        struct str text = str_make(r->window + r->from, r->to - r->from);
        enum err rc = json_skip_on(&skip, text);
        if (rc == END)
            return take_object(r, str_sub(text, 0, skip.at));
        if (rc == OK && !r->ended) {
            rc = fill(r);
            if (rc == OK)
                continue;
        }
        if (rc == ERR_NOMEM || rc == ERR_IO)
            return rc;
        text = str_make(r->window + r->from, r->to - r->from);
        if ((r->event.list = json_list_opens(text, &r->event.levels))) {
            enter_list(r);
            return OK;
        }
        TRY(gap(r, r->offset, rc == ERR_LIMIT ? "limit" : "damaged",
                rc == OK          ? "cut off"
                : rc == ERR_LIMIT ? "an event longer than 4 MiB"
                : skip.why        ? skip.why
                                  : "no JSON object"));
        size_t passed = skip.at && skip.at <= r->to - r->from ? skip.at : 1;
        forward(r, rc == OK ? r->to - r->from : passed);
        return OK;
    }
}

static enum err json_events_read(void *reader, const struct evlog_source *source,
                                 const struct rows_sink *sink, struct error *error)
{
    struct reader *r = reader;
    bool found = true;
    enum err rc = OK;
    r->source = source;
    r->sink = sink;
    r->error = error;
    r->from = r->to = 0;
    r->offset = r->objects = 0;
    r->lists = 0;
    r->ended = false;
    json_event_open(&r->event, sink);
    while (!rc && found) {
        rc = next_object(r, &found);
        if (!rc && found)
            rc = read_object(r);
    }
    enum err flushed = maker_flush(&r->event.maker);
    return rc ? rc : flushed;
}

static void json_events_free(void *reader)
{
    struct reader *r = reader;
    json_event_done(&r->event);
    free(r->window);
    free(r);
}

static enum err json_events_new(void **ret_reader)
{
    struct reader *r = calloc(1, sizeof *r);
    if (!r)
        return ERR_NOMEM;
    enum err rc = json_event_init(&r->event);
    if (rc)
        json_events_free(r);
    *ret_reader = rc ? NULL : r;
    return rc;
}

static bool json_events_full(const void *reader)
{
    const struct reader *r = reader;
    return maker_full(&r->event.maker);
}

static bool json_knows(struct str head, struct str path)
{
    (void)path;
    return json_events_know(head);
}

const struct evlog_format evlog_json = {.name = "events as JSON",
                                        .knows = json_knows,
                                        .new = json_events_new,
                                        .read = json_events_read,
                                        .free = json_events_free,
                                        .full = json_events_full};
