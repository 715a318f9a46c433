#include "codec/evlog_json_event.h"

#include "codec/evlog_json_list.h"

static void note(struct json_event *e, const struct json_path *n, struct str value)
{
    e->nameless = e->nameless || n->nameless;
    if (n->message)
        e->message = value;
    if (n->asked == PATH_RECORD_ID && !e->record_id.p)
        e->record_id = value;
    else if (n->asked < JSON_TIMES && !e->time[n->asked].p)
        e->time[n->asked] = value;
}

/* "0x1250" and 4688.0 as 4688. */
static struct str plain_number(struct json_event *e, struct str s)
{
    uint64_t n = 0;
    ptrdiff_t dot = str_chr(s, '.');
    size_t i = dot < 0 ? s.n : (size_t)dot + 1;
    while (i < s.n && s.p[i] == '0')
        i++;
    if (dot > 0 && i == s.n)
        return str_sub(s, 0, (size_t)dot);
    if (s.n < 3 || s.n > 10 || s.p[0] != '0' || (s.p[1] != 'x' && s.p[1] != 'X'))
        return s;
    for (i = 2; i < s.n; i++) {
        int digit = ascii_hex((unsigned char)s.p[i]);
        if (digit < 0)
            return s;
        n = n * 16 + (uint64_t)digit;
    }
    char *p = arena_alloc(&e->maker.scratch, 24);
    int len = p ? snprintf(p, 24, "%llu", (unsigned long long)n) : 0;
    return p ? str_make(p, (size_t)len) : s;
}

/* A value of what an event has once: the first counts, others stand beside it. */
static enum err put_single(struct json_event *e, const struct json_path *n, struct str value)
{
    struct str first = maker_value_of(&e->maker, n->name);
    uint32_t other;
    value = str_trim(value);
    if (n->number)
        value = plain_number(e, value);
    if (value.n == 0)
        return OK;
    if (first.p && str_eq(first, value))
        return OK;
    if (!first.p) {
        e->n_singles++;
        note(e, n, value);
        return maker_put(&e->maker, n->name, value);
    }
    TRY(maker_name(&e->maker, json_beside(n->path, json_field_of(n->path)), &other));
    return maker_put(&e->maker, other, value);
}

static enum err put(struct json_event *e, uint32_t at, struct str value)
{
    struct json_path *n = &e->paths.path.v[at];
    if (!value.p)
        return ERR_LIMIT;
    if (n->too_long || (n->single == JSON_ALIAS && e->n_aliases == JSON_ALIASES)) {
        e->maker.too_many = true;
        return OK;
    }
    if (!n->name)
        TRY(maker_name(&e->maker, json_field_of(n->path), &n->name));
    if (n->single == JSON_SINGLE)
        return put_single(e, n, value);
    if (n->single == JSON_ALIAS) {
        e->alias[e->n_aliases++] = (struct json_alias){at, value};
        return OK;
    }
    note(e, n, value);
    if (e->maker.n >= LIMIT_FIELDS - JSON_SINGLES + e->n_singles &&
        !maker_value_of(&e->maker, n->name).p) {
        e->maker.too_many = true; /* there is room for what the event is */
        return OK;
    }
    return maker_put(&e->maker, n->name, value);
}

static enum err flatten(struct json_event *e, struct str text, uint32_t at, int depth);

/* {"@Name": "Image", "#text": "C:\\x.exe"} in a list of data is the field Image. */
static enum err flatten_named(struct json_event *e, struct str text, uint32_t at, int depth)
{
    static const char *const paths[] = {"@Name",
                                        "Name",
                                        "#attributes.Name",
                                        "$.Name",
                                        "@name",
                                        "name",
                                        "#attributes.name",
                                        "#text",
                                        "Value",
                                        "value",
                                        "_",
                                        "$t",
                                        "text"};
    enum { NAMES = 7 };
    struct json_value v[ARRAY_LEN(paths)];
    size_t name = 0, value = NAMES;
    TRY(json_pick(text, paths, ARRAY_LEN(paths), v));
    while (name < NAMES && v[name].kind != '"')
        name++;
    while (value < ARRAY_LEN(paths) && !v[value].kind)
        value++;
    if (name == NAMES || v[name].text.n == 0)
        return flatten(e, text, at, depth);
    struct str key = json_value_text(&e->maker.scratch, &v[name]);
    if (!key.p)
        return ERR_LIMIT;
    TRY(json_paths_child(&e->paths, e->paths.path.v[at].parent, key, &at));
    if (value == ARRAY_LEN(paths))
        return put(e, at, STR(""));
    if (v[value].kind == '{' || v[value].kind == '[')
        return flatten(e, v[value].text, at, depth);
    return v[value].kind == 'n' ? OK : put(e, at, json_value_text(&e->maker.scratch, &v[value]));
}

static enum err put_scalar(struct json_event *e, uint32_t at, const struct json_value *value)
{
    if (e->n_values == TRACK_VALUES)
        e->unlike = true;
    else
        e->value[e->n_values++] = (struct json_tracked){*value, at};
    return value->kind == 'n' ? OK : put(e, at, json_value_text(&e->maker.scratch, value));
}

/* The members of an object or list that stands at a node. */
static enum err flatten(struct json_event *e, struct str text, uint32_t at, int depth)
{
    struct json_scan s;
    struct json_value key, value;
    enum err rc;
    if (depth > JSON_EVENT_DEPTH) { /* the rest of the event is read */
        e->maker.too_many = e->unlike = true;
        return OK;
    }
    TRY(json_scan_open(&s, text));
    while ((rc = json_scan_next(&s, &key, &value)) == OK) {
        uint32_t to = at;
        if (key.kind)
            TRY(json_paths_child(&e->paths, at, key.text, &to));
        if (value.kind == '{' || value.kind == '[') {
            const struct json_path *path = &e->paths.path.v[to];
            bool whole = path->whole && key.kind, named = value.kind == '{' && path->named;
            e->unlike |= whole || named || (path->around && !depth);
            if (path->around && !depth && (e->list = json_list_opens(text, &e->levels)))
                return END;
            if (whole)
                TRY(put(e, to, value.text));
            TRY((named ? flatten_named : flatten)(e, value.text, to, depth + 1));
        } else {
            TRY(put_scalar(e, to, &value));
        }
    }
    return rc == END ? OK : rc;
}

/* Nearly all events are written as one before them was. */
static enum err put_members(struct json_event *e, struct str text)
{
    if (json_tracks_read(&e->tracks, text, e->value, &e->n_values)) {
        for (size_t i = 0; i < e->n_values; i++)
            if (e->value[i].value.kind != 'n')
                TRY(put(e, e->value[i].tag,
                        json_value_text(&e->maker.scratch, &e->value[i].value)));
        return OK;
    }
    if (json_paths_full(&e->paths)) {
        json_paths_forget(&e->paths);
        json_tracks_forget(&e->tracks);
    }
    TRY(json_paths_begin(&e->paths));
    e->n_values = 0;
    e->unlike = false;
    enum err rc = flatten(e, text, 0, 0);
    return rc || e->unlike ? rc : json_tracks_learn(&e->tracks, text, e->value, e->n_values);
}

enum err json_event_read(struct json_event *e, struct str text)
{
    maker_begin(&e->maker);
    memset(e->time, 0, sizeof e->time);
    e->record_id = STR_NONE;
    e->n_aliases = e->n_singles = 0;
    e->message = STR_NONE;
    e->nameless = false;
    e->list = 0;
    enum err rc = put_members(e, text);
    if (rc)
        return rc;
    for (size_t i = 0; i < e->n_aliases; i++)
        TRY(put_single(e, &e->paths.path.v[e->alias[i].path], e->alias[i].value));
    TRY(json_event_channel(e));
    return e->nameless ? json_event_message(e) : OK;
}

enum err json_event_end(struct json_event *e, uint64_t offset, uint64_t number)
{
    uint64_t own;
    if (str_u64(e->record_id, &own))
        number = own;
    struct row_place place = {offset, number, json_event_time(e)};
    TRY(json_event_nameless(e, offset));
    return maker_end(&e->maker, &place);
}

enum err json_event_init(struct json_event *e)
{
    maker_init(&e->maker);
    json_paths_init(&e->paths);
    json_tracks_init(&e->tracks);
    return json_event_intern(e);
}

void json_event_done(struct json_event *e)
{
    maker_done(&e->maker);
    json_paths_done(&e->paths);
    json_tracks_done(&e->tracks);
}

void json_event_open(struct json_event *e, const struct rows_sink *sink)
{
    e->n_told = 0;
    maker_open(&e->maker, sink);
}
