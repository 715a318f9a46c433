#include "codec/exlog.h"
#include "codec/json.h"

enum { EVENT_DATA = 1 << 11, AUDIT_DATA = 1 << 12 }; /* log_state.flags */

static const char *const event_keys[] = {"S:CMD",      "S:URL", "S:EX",    "S:BLD",
                                         "S:REFERRER", "S:SID", "S:REQID", "S:ACTID",
                                         "S:USID",     "S:PSA", "S:TIME",  "S:RS"};
static const char *const audit_keys[] = {"D:Operation", "D:UserId",     "D:ClientIP",
                                         "D:ObjectId",  "D:Parameters", "D:ResultStatus"};

static bool add_all(struct log_state *s, const char *const *name, size_t n)
{
    if (s->columns + n > LIMIT_FIELDS)
        return false;
    for (size_t i = 0; i < n; i++)
        if (!column_add(s, str_of(name[i])))
            return false;
    return true;
}

void exlog_add_virtual(struct log_state *s)
{
    s->flags &= ~(uint32_t)(EVENT_DATA | AUDIT_DATA);
    if (column_find(s, STR("EventData")) >= 0) {
        if (add_all(s, event_keys, ARRAY_LEN(event_keys)))
            s->flags |= EVENT_DATA;
    } else if (column_find(s, STR("Data")) >= 0 && column_find(s, STR("RecordType")) >= 0) {
        if (add_all(s, audit_keys, ARRAY_LEN(audit_keys)))
            s->flags |= AUDIT_DATA;
    }
}

/* --- EventData: "S:TIME=13;'S:CMD=Set-X.Y=''a;b''';S:EX='...'" --- */

/* Without the single quotes around it; inner ones stand doubled. s starts behind the first. */
static struct str wrapped(struct arena *arena, struct str s, size_t *ret_used)
{
    size_t at = 0;
    bool doubled = false;
    for (;; at += 2) {
        ptrdiff_t quote = str_chr(str_sub(s, at, s.n), '\'');
        at = quote < 0 ? s.n : at + (size_t)quote;
        if (at + 1 >= s.n || s.p[at + 1] != '\'')
            break;
        doubled = true;
    }
    struct str text = str_sub(s, 0, at);
    char *p = doubled && arena ? arena_alloc(arena, text.n + 1) : NULL;
    *ret_used = at < s.n ? at + 1 : s.n;
    if (!p)
        return text;
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        p[n++] = text.p[i];
        i += text.p[i] == '\''; /* every one inside is doubled */
    }
    return str_make(p, n);
}

/* What stands behind a ';' that parts: the end, another item, or nothing of it. */
static bool item_follows(struct str s)
{
    size_t i = 0;
    if (s.n == 0 || s.p[0] == ';' || s.p[0] == '\'')
        return true;
    while (i < s.n && i < 8 &&
           (ascii_alpha((unsigned char)s.p[i]) || ascii_digit((unsigned char)s.p[i])))
        i++;
    return i > 0 && i < s.n && s.p[i] == ':' && i + 1 < s.n &&
           ascii_alpha((unsigned char)s.p[i + 1]);
}

static size_t plain_length(struct str s)
{
    size_t at = 0;
    for (;;) {
        ptrdiff_t semicolon = str_chr(str_sub(s, at, s.n), ';');
        if (semicolon < 0)
            return s.n;
        at += (size_t)semicolon;
        if (item_follows(str_sub(s, at + 1, s.n)))
            return at;
        at++;
    }
}

/* Takes one "KEY=value" off the front, both quoting forms undone. */
static bool next_item(struct str *rest, struct arena *arena, struct str *ret_key,
                      struct str *ret_value)
{
    while (rest->n && (rest->p[0] == ';' || rest->p[0] == ' '))
        *rest = str_sub(*rest, 1, rest->n);
    if (rest->n == 0)
        return false;
    struct str item;
    size_t used = 0;
    if (rest->p[0] == '\'') { /* the whole item is wrapped */
        item = wrapped(arena, str_sub(*rest, 1, rest->n), &used);
        used++;
    } else {
        item = str_sub(*rest, 0, plain_length(*rest));
    }
    ptrdiff_t equals = str_chr(item, '=');
    *ret_key = str_sub(item, 0, equals < 0 ? 0 : (size_t)equals);
    *ret_value = str_sub(item, (size_t)(equals + 1), item.n);
    size_t quote = (size_t)(equals + 1);
    if (!used && equals >= 0 && quote < rest->n && rest->p[quote] == '\'') { /* only its value */
        *ret_value = wrapped(arena, str_sub(*rest, quote + 1, rest->n), &used);
        used += quote + 1;
    }
    *rest = str_sub(*rest, used, rest->n);
    *rest = str_sub(*rest, plain_length(*rest), rest->n);
    return true;
}

/* The first item of a name counts: what a client wrote into a later one cannot replace it. */
static void fill_event(struct str data, uint16_t first, struct arena *arena, struct record *r)
{
    struct str key, value;
    while (next_item(&data, arena, &key, &value))
        for (size_t i = 0; i < ARRAY_LEN(event_keys); i++)
            if (str_ieq(key, str_of(event_keys[i])) && !r->value[first + i].p)
                r->value[first + i] = value;
}

/* --- audit: a JSON object --- */

static void fill_audit(struct str data, uint16_t first, struct arena *arena, struct record *r)
{
    struct json_reader j;
    struct json_token t;
    struct str raw;
    json_open(&j, data, false);
    if (json_next(&j, &t) || t.type != JSON_OBJECT)
        return;
    while (json_next(&j, &t) == OK && t.key.p) {
        if (json_skip(&j, &t, &raw))
            return;
        for (size_t i = 0; i < ARRAY_LEN(audit_keys); i++)
            if (json_equals(t.key, t.key_escaped, str_sub(str_of(audit_keys[i]), 2, SIZE_MAX)))
                r->value[first + i] =
                    t.type == JSON_STRING && arena ? json_unescape(arena, t.text, t.escaped) : raw;
    }
}

void exlog_fill_virtual(const struct log_state *s, uint16_t first, struct arena *arena,
                        struct record *r)
{
    if (!(s->flags & (EVENT_DATA | AUDIT_DATA)) || r->n != first)
        return;
    r->n = s->columns;
    memset(&r->value[first], 0, (size_t)(r->n - first) * sizeof r->value[0]);
    if (s->flags & EVENT_DATA)
        fill_event(record_get(s, r, STR("EventData")), first, arena, r);
    else
        fill_audit(record_get(s, r, STR("Data")), first, arena, r);
}
