#include "codec/evlog_json.h"
#include "codec/evlog_rows.h"
#include "codec/json_scan.h"

/* Events as JSON: one object a line, a list of objects, or objects one behind the other, however
 * they are spaced. Objects are flattened by a tree of the paths met so far, in which a path knows
 * its field; as events of one kind are written alike, the next path is mostly the one that followed
 * last time. */

enum {
    FIRST_BYTES = 256 * 1024,
    LIST_BYTES = 64 * 1024, /* of a list that are asked what it is */
    MAX_DEPTH = 12,
    PATH_BYTES = 256,
    MAX_NODES = 64 * 1024,
    TREE_BYTES = 64 * 1024 * 1024,
    MAX_TIMES = 32,
    MAX_SIGNS = 64,
    MAX_ALIASES = 32,
    MAX_TOLD = 64,
    LABEL_BYTES = 48,
};
enum { NOT_ASKED = 0xff, RECORD_ID = 0xfe };

#define MAX_SECONDS (INT64_C(4102444800)) /* 2100 */

/* A path in the objects of events; 0 is the root. */
struct node {
    uint32_t parent, next; /* next: the one that came after it last time */
    struct str key, path;  /* path: without wrappers */
    uint32_t name;         /* of the field, 0: not asked yet */
    uint8_t asked;         /* place in json_times, or RECORD_ID */
    enum json_single single;
    bool message, nameless;
    bool named;                   /* values in it may say their own names */
    bool whole, too_long, number; /* number: of the event */
    bool around;                  /* may be around a list of events, or be one */
};

struct reader {
    struct maker maker;
    struct arena tree;
    struct map children;
    VEC(struct node) node;
    uint32_t last; /* node met last */
    char *window;
    size_t from, to, cap;
    uint64_t offset; /* of window[from] */
    uint64_t objects;
    unsigned lists;  /* objects around lists of events, open */
    size_t list;     /* bytes of the object at hand before its list of events, 0: is one itself */
    unsigned levels; /* objects around that list */
    const struct evlog_source *source;
    const struct rows_sink *sink;
    struct error *error;
    bool ended;
    struct str time[MAX_TIMES], record_id; /* of the object at hand */
    struct alias {
        uint32_t node;
        struct str value;
    } alias[MAX_ALIASES]; /* values that wait for a better one */
    size_t n_aliases, n_singles;
    struct str message;
    bool nameless;           /* it has values without names */
    uint64_t told[MAX_TOLD]; /* channels and numbers of the file whose fields have no names */
    size_t n_told;
    uint32_t sign_key[MAX_SIGNS][SIGN_KEYS], sign_kind[MAX_SIGNS];
};

/* ---- paths ---- */

static enum err node_new(struct reader *r, uint32_t parent, struct str key, uint32_t *ret)
{
    char room[PATH_BYTES];
    struct node new = {.parent = parent, .asked = NOT_ASKED};
    struct str above = r->node.n ? r->node.v[parent].path : STR("");
    size_t n = above.n;
    memcpy(room, above.p, n);
    if (n + 1 + key.n > PATH_BYTES) {
        new.too_long = true;
    } else if (!json_wraps(key) && r->node.n) {
        if (n)
            room[n++] = '.';
        memcpy(room + n, key.p, key.n);
        n += key.n;
    }
    new.key = arena_str(&r->tree, key);
    new.path = arena_str(&r->tree, str_make(room, n));
    if (!new.key.p || !new.path.p)
        return ERR_LIMIT;
    struct str field = json_field_of(new.path);
    for (uint8_t i = 0; json_times[i] && new.asked == NOT_ASKED; i++)
        if (str_ieq(i < JSON_TIMES_ANYWHERE ? field : new.path, str_of(json_times[i])))
            new.asked = i;
    if (str_ieq(field, STR("EventRecordID")))
        new.asked = RECORD_ID;
    new.message = str_eq(new.path, STR("Message"));

    new.nameless = str_eq(new.path, STR("Properties.Value"));
    new.named = str_ieq(new.path, STR("EventData.Data"));
    new.number = str_eq(field, STR("EventID"));
    new.single = json_single(new.path, field);
    new.whole = json_is_whole(new.path);
    new.around = parent == 0 && json_is_list(key);
    *ret = (uint32_t)r->node.n;
    return vec_push(&r->node, new, MAX_NODES);
}

static void forget_tree(struct reader *r)
{
    map_done(&r->children);
    arena_reset(&r->tree);
    map_init(&r->children, &r->tree, MAX_NODES);
    r->node.n = 0;
}

static enum err child_of(struct reader *r, uint32_t parent, struct str key, uint32_t *ret)
{
    char room[PATH_BYTES + sizeof parent];
    uint32_t guess = r->node.v[r->last].next;
    if (r->node.v[guess].parent == parent && guess && str_eq(r->node.v[guess].key, key)) {
        *ret = r->last = guess;
        return OK;
    }
    struct str cut = str_sub(key, 0, PATH_BYTES); /* longer ones are told as too long alike */
    memcpy(room, &parent, sizeof parent);
    memcpy(room + sizeof parent, cut.p, cut.n);
    struct str full = str_make(room, sizeof parent + cut.n);
    const uint32_t *known = map_get(&r->children, full);
    if (known) {
        *ret = *known;
    } else {
        TRY(node_new(r, parent, cut, ret));
        TRY(map_put(&r->children, full, *ret));
    }
    r->node.v[r->last].next = *ret;
    r->last = *ret;
    return OK;
}

/* ---- one object ---- */

static void note(struct reader *r, const struct node *n, struct str value)
{
    r->nameless = r->nameless || n->nameless;
    if (n->message)
        r->message = value;
    if (n->asked == RECORD_ID && !r->record_id.p)
        r->record_id = value;
    else if (n->asked < MAX_TIMES && !r->time[n->asked].p)
        r->time[n->asked] = value;
}

/* "0x1250" and 4688.0 as 4688. */
static struct str plain_number(struct reader *r, struct str s)
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
    char *p = arena_alloc(&r->maker.scratch, 24);
    int len = p ? snprintf(p, 24, "%llu", (unsigned long long)n) : 0;
    return p ? str_make(p, (size_t)len) : s;
}

/* A value of what an event has once: the first counts, others stand beside it. */
static enum err put_single(struct reader *r, const struct node *n, struct str value)
{
    struct str first = maker_value_of(&r->maker, n->name);
    uint32_t other;
    value = str_trim(value);
    if (n->number)
        value = plain_number(r, value);
    if (value.n == 0)
        return OK;
    if (first.p && str_eq(first, value))
        return OK;
    if (!first.p) {
        r->n_singles++;
        note(r, n, value);
        return maker_put(&r->maker, n->name, value);
    }
    TRY(maker_name(&r->maker, json_beside(n->path, json_field_of(n->path)), &other));
    return maker_put(&r->maker, other, value);
}

static enum err put(struct reader *r, uint32_t at, struct str value)
{
    struct node *n = &r->node.v[at];
    if (!value.p)
        return ERR_LIMIT;
    if (n->too_long || (n->single == JSON_ALIAS && r->n_aliases == MAX_ALIASES)) {
        r->maker.too_many = true;
        return OK;
    }
    if (!n->name)
        TRY(maker_name(&r->maker, json_field_of(n->path), &n->name));
    if (n->single == JSON_SINGLE)
        return put_single(r, n, value);
    if (n->single == JSON_ALIAS) {
        r->alias[r->n_aliases++] = (struct alias){at, value};
        return OK;
    }
    note(r, n, value);
    if (r->maker.n >= LIMIT_FIELDS - JSON_SINGLES + r->n_singles &&
        !maker_value_of(&r->maker, n->name).p) {
        r->maker.too_many = true; /* there is room for what the event is */
        return OK;
    }
    return maker_put(&r->maker, n->name, value);
}

/* ---- lists of events inside an object ---- */

static struct str blanks_off(struct str s)
{
    while (s.n && (unsigned char)s.p[0] <= ' ')
        s = str_sub(s, 1, s.n);
    return s;
}

/* Passes over a value at the front and the blanks behind it; false if it does not end. */
static bool pass(struct str *rest)
{
    struct json_skip skip = {0};
    if (rest->n == 0 || json_skip_on(&skip, *rest) != END)
        return false;
    *rest = blanks_off(str_sub(*rest, skip.at, rest->n));
    return true;
}

static bool pass_sign(struct str *rest, char sign)
{
    if (rest->n == 0 || rest->p[0] != sign)
        return false;
    *rest = blanks_off(str_sub(*rest, 1, rest->n));
    return true;
}

/* An object of a product's own may have a list of that name: then it is no list of events. */
static bool is_list(struct str text, struct str key, struct str list)
{
    struct str first = blanks_off(str_sub(list, 1, list.n));
    if (list.n == 0 || list.p[0] != '[' || first.n == 0 || first.p[0] != '{')
        return false;
    if (json_events_know(str_sub(first, 0, LIST_BYTES)))
        return true;
    struct str before = str_sub(text, 0, (size_t)(list.p - text.p));
    return !str_eq(key, STR("events")) && !json_events_know(str_sub(before, 0, LIST_BYTES));
}

/* {"Records": [ or {"hits": {"hits": [, whatever stands before it: how far it reaches, 0: no such
 * thing. The text may end anywhere behind that. */
static size_t list_opens(struct str text, unsigned *ret_levels)
{
    struct str rest = text;
    unsigned levels = 0;
    if (!pass_sign(&rest, '{'))
        return 0;
    levels++;
    for (;;) {
        struct str key = rest;
        if (rest.n == 0 || rest.p[0] != '"' || !pass(&rest))
            return 0;
        key = str_sub(key, 1, key.n - rest.n);
        key = str_sub(key, 0, (size_t)(str_chr(key, '"') < 0 ? 0 : str_chr(key, '"')));
        if (!pass_sign(&rest, ':'))
            return 0;
        if (json_is_list(key) && is_list(text, key, rest)) {
            *ret_levels = levels;
            return (size_t)(rest.p + 1 - text.p);
        }
        if (levels == 1 && str_eq(key, STR("hits")) && pass_sign(&rest, '{')) {
            levels++;
            continue;
        }
        if (!pass(&rest) || !pass_sign(&rest, ','))
            return 0;
    }
}

static enum err flatten(struct reader *r, struct str text, uint32_t at, int depth);

/* {"@Name": "Image", "#text": "C:\\x.exe"} in a list of data is the field Image. */
static enum err flatten_named(struct reader *r, struct str text, uint32_t at, int depth)
{
    static const char *const paths[] = {
        "@Name", "Name", "#attributes.Name", "$.Name", "#text", "Value", "value", "_",
        "$t",    "text"};
    enum { NAMES = 4 };
    struct json_value v[ARRAY_LEN(paths)];
    size_t name = 0, value = NAMES;
    TRY(json_pick(text, paths, ARRAY_LEN(paths), v));
    while (name < NAMES && v[name].kind != '"')
        name++;
    while (value < ARRAY_LEN(paths) && !v[value].kind)
        value++;
    if (name == NAMES || v[name].text.n == 0)
        return flatten(r, text, at, depth);
    struct str key = json_value_text(&r->maker.scratch, &v[name]);
    if (!key.p)
        return ERR_LIMIT;
    TRY(child_of(r, r->node.v[at].parent, key, &at));
    if (value == ARRAY_LEN(paths))
        return put(r, at, STR(""));
    if (v[value].kind == '{' || v[value].kind == '[')
        return flatten(r, v[value].text, at, depth);
    return v[value].kind == 'n' ? OK : put(r, at, json_value_text(&r->maker.scratch, &v[value]));
}

/* The members of an object or list that stands at a node. */
static enum err flatten(struct reader *r, struct str text, uint32_t at, int depth)
{
    struct json_scan s;
    struct json_value key, value;
    enum err rc;
    if (depth > MAX_DEPTH) { /* the rest of the event is read */
        r->maker.too_many = true;
        return OK;
    }
    TRY(json_scan_open(&s, text));
    while ((rc = json_scan_next(&s, &key, &value)) == OK) {
        uint32_t to = at;
        if (key.kind)
            TRY(child_of(r, at, key.text, &to));
        if (value.kind == '{' || value.kind == '[') {
            if (r->node.v[to].around && !depth && (r->list = list_opens(text, &r->levels)))
                return END;
            if (r->node.v[to].whole && key.kind)
                TRY(put(r, to, value.text));
            TRY((value.kind == '{' && r->node.v[to].named ? flatten_named
                                                          : flatten)(r, value.text, to, depth + 1));
        } else if (value.kind != 'n') {
            TRY(put(r, to, json_value_text(&r->maker.scratch, &value)));
        }
    }
    return rc == END ? OK : rc;
}

/* Seconds, milliseconds or microseconds since 1970, with a fraction or without. */
static bool number_time(struct str s, int64_t *ret_us)
{
    uint64_t whole, part = 0;
    ptrdiff_t dot = str_chr(s, '.');
    struct str digits = dot < 0 ? s : str_sub(s, 0, (size_t)dot);
    if (!str_u64(digits, &whole) || digits.n < 9 || digits.n > 16)
        return false;
    uint64_t unit = digits.n <= 10 ? 1000 * 1000 : digits.n <= 13 ? 1000 : 1;
    if (whole / (1000 * 1000 / unit) > MAX_SECONDS)
        return false;
    for (size_t i = 0, scale = unit / 10; dot >= 0 && scale; i++, scale /= 10) {
        size_t k = (size_t)dot + 1 + i;
        if (k < s.n && !ascii_digit((unsigned char)s.p[k]))
            return false;
        part += k < s.n ? (uint64_t)(s.p[k] - '0') * scale : 0;
    }
    *ret_us = (int64_t)(whole * unit + part);
    return true;
}

static int64_t time_of(const struct reader *r)
{
    int64_t us;
    for (size_t i = 0; json_times[i]; i++) {
        struct str s = r->time[i];
        if (!s.p)
            continue;
        if (time_parse(s, &us))
            return us;
        if (str_starts(s, STR("/Date(")) && str_ends(s, STR(")/")))
            s = str_sub(s, 6, s.n - 2);
        if (number_time(s, &us))
            return us;
    }
    return TIME_NONE;
}

/* ---- signs ---- */

static struct str channel_of(struct reader *r, const struct json_sign *sign, struct str value)
{
    struct str channel = str_of(sign->channel);
    char last = channel.p[channel.n - 1];
    if (last != '/' && last != '-')
        return channel;
    char *p = arena_alloc(&r->maker.scratch, channel.n + value.n + 1);
    if (!p)
        return STR_NONE;
    memcpy(p, channel.p, channel.n);
    memcpy(p + channel.n, value.p, value.n);
    return str_make(p, channel.n + value.n);
}

static bool fits(const struct reader *r, size_t i, struct str *ret_value)
{
    const struct json_sign *sign = &json_signs[i];
    for (size_t k = 0; k < SIGN_KEYS && sign->keys[k]; k++) {
        *ret_value = maker_value_of(&r->maker, r->sign_key[i][k]);
        if (!ret_value->p)
            return false;
    }
    return !sign->value || str_eq(*ret_value, str_of(sign->value));
}

/* An event that names no channel is of its provider's, or of the product whose names it has. */
static enum err name_channel(struct reader *r)
{
    struct str value;
    if (maker_value(&r->maker, STR("Channel")).p)
        return OK;
    value = json_channel_of(maker_value(&r->maker, STR("Provider_Name")),
                            maker_value(&r->maker, STR("EventID")));
    if (value.p)
        return maker_put_named(&r->maker, "Channel", value);
    for (size_t i = 0; json_signs[i].channel; i++) {
        if (!fits(r, i, &value))
            continue;
        if (json_signs[i].dull)
            r->maker.too_many = false;
        if (r->maker.n == LIMIT_FIELDS) /* its last field is worth less than what it is */
            maker_drop(&r->maker);
        maker_kind(&r->maker, r->sign_kind[i]);
        return maker_put_named(&r->maker, "Channel", channel_of(r, &json_signs[i], value));
    }
    return OK;
}

static enum err intern_signs(struct reader *r)
{
    for (size_t i = 0; json_signs[i].channel; i++) {
        if (i == MAX_SIGNS)
            return ERR_BUG;
        for (size_t k = 0; k < SIGN_KEYS && json_signs[i].keys[k]; k++)
            TRY(maker_name(&r->maker, str_of(json_signs[i].keys[k]), &r->sign_key[i][k]));
        if (json_signs[i].kind)
            TRY(maker_name(&r->maker, str_of(json_signs[i].kind), &r->sign_kind[i]));
    }
    return OK;
}

static enum err gap(struct reader *r, uint64_t offset, const char *reason, const char *detail)
{
    return r->sink->gap(r->sink->ctx, offset, str_of(reason), str_of(detail));
}

/* "Process Command Line:\tx": the field that the line of a message tells. */
static enum err read_label(struct reader *r, struct str line)
{
    char room[LABEL_BYTES];
    size_t n = 0;
    uint32_t name;
    ptrdiff_t colon = str_chr(line, ':');
    struct str value = colon < 0 ? STR("") : str_trim(str_sub(line, (size_t)colon + 1, line.n));
    if (value.n == 0 || colon > LABEL_BYTES || (unsigned char)line.p[colon + 1] > ' ')
        return OK;
    for (size_t i = 0; i < (size_t)colon; i++)
        if (ascii_alpha((unsigned char)line.p[i]) || ascii_digit((unsigned char)line.p[i]))
            room[n++] = line.p[i];
        else if (line.p[i] != ' ')
            return OK;
    struct str id = maker_value(&r->maker, STR("EventID"));
    struct str field = json_label(str_make(room, n), str_eq(id, STR("4688")));
    if (n == 0)
        return OK;
    TRY(maker_name(&r->maker, field, &name));
    r->nameless = false;
    return maker_value_of(&r->maker, name).p ? OK : maker_put(&r->maker, name, value);
}

/* Values without names: the message has the names of some. */
static enum err read_message(struct reader *r)
{
    struct str rest = r->message;
    while (rest.n) {
        ptrdiff_t lf = str_chr(rest, '\n');
        size_t n = lf < 0 ? rest.n : (size_t)lf;
        TRY(read_label(r, str_trim(str_sub(rest, 0, n))));
        rest = str_sub(rest, n + (lf >= 0), rest.n);
    }
    return OK;
}

/* Rules that ask for fields cannot find such events: told once for each kind of them. */
static enum err tell_nameless(struct reader *r)
{
    uint64_t id = 0, key = 14695981039346656037u;
    struct str channel = maker_value(&r->maker, STR("Channel"));
    if (!r->nameless || !channel.p || r->n_told == MAX_TOLD)
        return OK;
    if (!str_u64(maker_value(&r->maker, STR("EventID")), &id))
        id = 0;
    for (size_t i = 0; i < channel.n; i++)
        key = (key ^ (unsigned char)channel.p[i]) * 1099511628211u;
    key = (key ^ id) * 1099511628211u;
    for (size_t i = 0; i < r->n_told; i++)
        if (r->told[i] == key)
            return OK;
    r->told[r->n_told++] = key;
    return gap(r, r->offset, "fields-without-names",
               "rules that ask for fields do not find events without names of fields");
}

/* END: it stands around a list of events, see r->list. */
static enum err flatten_object(struct reader *r, struct str text)
{
    uint32_t root;
    maker_begin(&r->maker);
    memset(r->time, 0, sizeof r->time);
    r->record_id = STR_NONE;
    r->n_aliases = r->n_singles = 0;
    r->message = STR_NONE;
    r->nameless = false;
    r->list = 0;
    if (r->node.n > MAX_NODES / 2)
        forget_tree(r);
    if (r->node.n == 0)
        TRY(node_new(r, 0, STR(""), &root));
    r->last = 0;
    enum err rc = flatten(r, text, 0, 0);
    if (rc)
        return rc;
    for (size_t i = 0; i < r->n_aliases; i++)
        TRY(put_single(r, &r->node.v[r->alias[i].node], r->alias[i].value));
    TRY(name_channel(r));
    return r->nameless ? read_message(r) : OK;
}

static enum err end_object(struct reader *r)
{
    uint64_t number;
    if (!str_u64(r->record_id, &number))
        number = r->objects;
    struct row_place place = {r->offset, number, time_of(r)};
    TRY(tell_nameless(r));
    return maker_end(&r->maker, &place);
}

/* ---- the window ---- */

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
    forward(r, r->list);
    r->lists += r->levels;
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
    enum err rc = flatten_object(r, text);
    if (rc == END) {
        enter_list(r);
        return OK;
    }
    r->objects++;
    if (rc == ERR_FORMAT)
        rc = gap(r, r->offset, "damaged", "no JSON object");
    else if (rc == ERR_LIMIT)
        rc = gap(r, r->offset, "limit", "an event nested too deep or too large");
    else if (rc == OK)
        rc = end_object(r);
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
    enum err rc = n && p[n - 1] == '}' ? flatten_object(r, str_make(p, n)) : ERR_FORMAT;
    *ret_read = rc == OK || rc == END;
    if (rc == END)
        enter_list(r);
    if (rc)
        return OK;
    r->objects++;
    rc = end_object(r);
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
        if ((r->list = list_opens(text, &r->levels))) {
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
    r->n_told = 0;
    r->ended = false;
    maker_open(&r->maker, sink);
    while (!rc && found) {
        rc = next_object(r, &found);
        if (!rc && found)
            rc = read_object(r);
    }
    enum err flushed = maker_flush(&r->maker);
    return rc ? rc : flushed;
}

static void json_events_free(void *reader)
{
    struct reader *r = reader;
    maker_done(&r->maker);
    map_done(&r->children);
    vec_done(&r->node);
    arena_done(&r->tree);
    free(r->window);
    free(r);
}

static enum err json_events_new(void **ret_reader)
{
    struct reader *r = calloc(1, sizeof *r);
    if (!r)
        return ERR_NOMEM;
    maker_init(&r->maker);
    arena_init(&r->tree, TREE_BYTES);
    map_init(&r->children, &r->tree, MAX_NODES);
    enum err rc = intern_signs(r);
    if (rc)
        json_events_free(r);
    *ret_reader = rc ? NULL : r;
    return rc;
}

static bool json_events_full(const void *reader)
{
    const struct reader *r = reader;
    return maker_full(&r->maker);
}

const struct evlog_format evlog_json = {.name = "events as JSON",
                                        .knows = json_events_know,
                                        .new = json_events_new,
                                        .read = json_events_read,
                                        .free = json_events_free,
                                        .full = json_events_full};
