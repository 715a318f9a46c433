#include "base/map.h"
#include "codec/evlog.h"
#include "codec/json_scan.h"

/* Events as JSON: one object a line, a list of objects, or objects one behind the other, however
 * they are spaced. Exporters nest and name alike things in their own ways: an object is flattened,
 * and `names` says what is what. */

enum {
    FIRST_BYTES = 256 * 1024,
    MAX_DEPTH = 12,
    PATH_BYTES = 256,
    ARENA_BYTES = 16 * 1024 * 1024,
    SHAPES_BYTES = 256 * 1024 * 1024,
};

#define MAX_MS (INT64_C(10000) * 366 * 86400 * 1000)

/* What stands between an event and its fields and says nothing of them. */
static const char *const wrappers[] = {"Event", "#attributes", "Event_attributes",
                                       "#text", "value",       "_source"};
/* Below these a field goes by its last name alone; by the section as well where System has a field
 * of that name: no event can forge its own number, channel or computer. */
static const struct {
    const char *below, *section;
} plain_below[] = {
    {"EventData", "EventData_"},
    {"UserData", "UserData_"},
    {"winlog.event_data", "EventData_"},
    {"winlog.user_data", "UserData_"},
};
static const char *const of_system[] = {"Channel",
                                        "Computer",
                                        "EventID",
                                        "EventRecordID",
                                        "Provider_Name",
                                        "Provider_Guid",
                                        "Qualifiers",
                                        "Version",
                                        "Level",
                                        "Task",
                                        "Opcode",
                                        "Keywords",
                                        "SystemTime",
                                        "EventSourceName",
                                        "ActivityID",
                                        "RelatedActivityID",
                                        "Execution_ProcessID",
                                        "Execution_ThreadID",
                                        "Security_UserID"};

/* A path, without wrappers and the place it stands in, and the field that it is. */
static const struct {
    const char *path, *field;
} names[] = {
    /* System, as in the XML */
    {"Provider.Name", "Provider_Name"},
    {"Provider.Guid", "Provider_Guid"},
    {"Provider.EventSourceName", "EventSourceName"},
    {"EventID.Qualifiers", "Qualifiers"},
    {"TimeCreated.SystemTime", "SystemTime"},
    {"Correlation.ActivityID", "ActivityID"},
    {"Correlation.RelatedActivityID", "RelatedActivityID"},
    {"Execution.ProcessID", "Execution_ProcessID"},
    {"Execution.ThreadID", "Execution_ThreadID"},
    {"Security.UserID", "Security_UserID"},
    {"Provider_attributes.Name", "Provider_Name"},
    {"Provider_attributes.Guid", "Provider_Guid"},
    {"TimeCreated_attributes.SystemTime", "SystemTime"},
    {"Execution_attributes.ProcessID", "Execution_ProcessID"},
    {"Execution_attributes.ThreadID", "Execution_ThreadID"},
    {"Security_attributes.UserID", "Security_UserID"},
    {"Correlation_attributes.ActivityID", "ActivityID"},
    {"EventID_attributes.Qualifiers", "Qualifiers"},
    /* Winlogbeat */
    {"winlog.channel", "Channel"},
    {"winlog.event_id", "EventID"},
    {"winlog.provider_name", "Provider_Name"},
    {"winlog.provider_guid", "Provider_Guid"},
    {"winlog.computer_name", "Computer"},
    {"winlog.record_id", "EventRecordID"},
    {"winlog.process.pid", "Execution_ProcessID"},
    {"winlog.process.thread.id", "Execution_ThreadID"},
    {"winlog.user.identifier", "Security_UserID"},
    {"winlog.version", "Version"},
    {"winlog.opcode", "Opcode"},
    {"winlog.task", "Task"},
    {"winlog.activity_id", "ActivityID"},
    /* NXLog, and Get-WinEvent as ConvertTo-Json writes it */
    {"Hostname", "Computer"},
    {"MachineName", "Computer"},
    {"SourceName", "Provider_Name"},
    {"ProviderName", "Provider_Name"},
    {"ProviderGuid", "Provider_Guid"},
    {"ProviderId", "Provider_Guid"},
    {"RecordNumber", "EventRecordID"},
    {"RecordId", "EventRecordID"},
    {"LogName", "Channel"},
    {"Id", "EventID"},
    {"ExecutionProcessID", "Execution_ProcessID"},
    {"ThreadID", "Execution_ThreadID"},
    {"Properties.Value", "Data"},
};

/* Where the time of an event stands, best first; not what a field of the event tells by itself. */
static const char *const times[] = {"SystemTime", "@timestamp", "TimeCreated", "EventTime",
                                    "UtcTime"};

struct pair {
    struct str name, value;
};

struct table {
    struct shape *shape;
    struct rows rows;
};

struct reader {
    struct arena shapes, scratch; /* for good; for the object at hand */
    struct map ids;               /* channel, provider, id: the newest shape of those */
    VEC(struct table *) table;    /* by serial */
    char *window;
    size_t from, to, cap;
    uint64_t offset; /* of window[from] */
    uint64_t objects;
    const struct evlog_source *source;
    const struct rows_sink *sink;
    struct error *error;
    bool ended;
    struct pair pair[LIMIT_FIELDS];
    size_t n;
    bool too_many; /* fields of the object at hand */
};

/* ---- what is what ---- */

static bool is_one_of(struct str s, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(s, str_of(list[i])))
            return true;
    return false;
}

/* "EventData.Outer.Inner": the section, and what follows it; NULL: it stands in none. */
static const char *section_of(struct str path, struct str *ret_rest)
{
    for (size_t i = 0; i < ARRAY_LEN(plain_below); i++) {
        struct str below = str_of(plain_below[i].below);
        if (str_starts(path, below) && path.n > below.n && path.p[below.n] == '.') {
            *ret_rest = str_sub(path, below.n + 1, path.n);
            return plain_below[i].section;
        }
    }
    return NULL;
}

/* The name of the field at a path, in the arena; absent if that is full. */
static struct str field_of(struct arena *arena, struct str path)
{
    struct str s = path;
    const char *section = section_of(path, &s);
    if (section) {
        ptrdiff_t dot = str_rchr(s, '.');
        struct str leaf = dot >= 0 ? str_sub(s, (size_t)dot + 1, s.n) : s;
        char room[PATH_BYTES + 16];
        bool clash = is_one_of(leaf, of_system, ARRAY_LEN(of_system));
        (void)snprintf(room, sizeof room, "%s%.*s", clash ? section : "", STR_FMT(leaf));
        return arena_str(arena, clash ? str_of(room) : leaf);
    }
    if (str_starts(s, STR("System.")))
        s = str_sub(s, 7, s.n);
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_eq(s, str_of(names[i].path)))
            return arena_str(arena, str_of(names[i].field));
    return arena_str(arena, s);
}

/* ---- one object ---- */

static enum err add_pair(struct reader *r, struct str name, struct str value)
{
    for (size_t i = 0; i < r->n; i++) {
        if (!str_eq(r->pair[i].name, name))
            continue;
        struct str old = r->pair[i].value;
        char *p = arena_alloc(&r->scratch, old.n + 1 + value.n);
        if (!p)
            return ERR_LIMIT;
        memcpy(p, old.p, old.n);
        p[old.n] = '\n';
        memcpy(p + old.n + 1, value.p, value.n);
        r->pair[i].value = str_make(p, old.n + 1 + value.n);
        return OK;
    }
    if (r->n == LIMIT_FIELDS || name.n > LIMIT_FIELD_NAME_BYTES || name.n == 0) {
        r->too_many = true;
        return OK;
    }
    r->pair[r->n++] = (struct pair){name, value};
    return OK;
}

static enum err flatten(struct reader *r, struct str text, char *path, size_t n, int depth);

static enum err add_value(struct reader *r, const struct json_value *v, char *path, size_t n,
                          int depth)
{
    if (v->kind == '{' || v->kind == '[')
        return flatten(r, v->text, path, n, depth + 1);
    if (v->kind == 'n')
        return OK;
    struct str value = json_value_text(&r->scratch, v);
    struct str name = field_of(&r->scratch, str_make(path, n));
    if (!value.p || !name.p)
        return ERR_LIMIT;
    return add_pair(r, name, value);
}

/* The members of an object or array; path is room of PATH_BYTES, n of them in use. */
static enum err flatten(struct reader *r, struct str text, char *path, size_t n, int depth)
{
    struct json_scan s;
    struct json_value key, value;
    enum err rc;
    if (depth > MAX_DEPTH)
        return ERR_LIMIT;
    TRY(json_scan_open(&s, text));
    while ((rc = json_scan_next(&s, &key, &value)) == OK) {
        size_t to = n;
        if (key.kind && !is_one_of(key.text, wrappers, ARRAY_LEN(wrappers))) {
            if (n + 1 + key.text.n > PATH_BYTES) {
                r->too_many = true;
                continue;
            }
            if (n)
                path[to++] = '.';
            memcpy(path + to, key.text.p, key.text.n);
            to += key.text.n;
        }
        TRY(add_value(r, &value, path, to, depth));
    }
    return rc == END ? OK : rc;
}

static struct str pair_of(const struct reader *r, const char *name)
{
    for (size_t i = 0; i < r->n; i++)
        if (str_ieq(r->pair[i].name, str_of(name)))
            return r->pair[i].value;
    return STR_NONE;
}

/* ---- shapes ---- */

static enum err new_table(struct reader *r, const struct shape *old, struct table **ret)
{
    struct table *t = arena_new(&r->shapes, struct table);
    struct shape *s = t ? arena_new(&r->shapes, struct shape) : NULL;
    struct shape_field *field;
    *ret = t;
    if (!s || !(field = arena_new_n(&r->shapes, struct shape_field, LIMIT_FIELDS)))
        return ERR_LIMIT;
    if (old) {
        *s = *old;
        memcpy(field, old->field, old->n * sizeof *field);
    }
    s->field = field;
    s->serial = (uint32_t)r->table.n;
    t->shape = s;
    t->rows.shape = s;
    buf_init(&t->rows.text, (size_t)EVLOG_EVENT_BYTES * 2 + ROWS_BYTES);
    return vec_push(&r->table, t, EVLOG_SHAPES);
}

/* Channel, provider and number are the same in all events of a shape; all else has a cell. */
static bool shape_says(const struct shape *s, struct str name)
{
    return (s->channel.p && str_ieq(name, STR("Channel"))) ||
           (s->provider.p && str_ieq(name, STR("Provider_Name"))) ||
           (s->event_id != SHAPE_NO_ID && str_ieq(name, STR("EventID")));
}

static enum err add_field(struct reader *r, struct shape *s, struct str name, struct str fixed)
{
    if (s->n == LIMIT_FIELDS)
        return ERR_LIMIT;
    struct shape_field *f = &s->field[s->n];
    f->name = arena_str(&r->shapes, name);
    f->fixed = fixed;
    if (!f->name.p)
        return ERR_LIMIT;
    s->n++;
    s->n_cells += !fixed.p;
    return OK;
}

static enum err begin_shape(struct reader *r, struct shape *s, struct str channel,
                            struct str provider, struct str id)
{
    uint64_t number;
    s->event_id = str_u64(id, &number) && number < SHAPE_NO_ID ? (uint32_t)number : SHAPE_NO_ID;
    s->channel = channel.n ? arena_str(&r->shapes, channel) : STR_NONE;
    s->provider = provider.n ? arena_str(&r->shapes, provider) : STR_NONE;
    if (s->channel.p)
        TRY(add_field(r, s, STR("Channel"), s->channel));
    if (s->provider.p)
        TRY(add_field(r, s, STR("Provider_Name"), s->provider));
    return s->event_id == SHAPE_NO_ID ? OK
                                      : add_field(r, s, STR("EventID"), arena_str(&r->shapes, id));
}

static int field_at(const struct shape *s, struct str name, uint16_t *hint)
{
    for (uint16_t k = 0; k < s->n; k++) {
        uint16_t i = (uint16_t)((*hint + k) % s->n);
        if (str_eq(s->field[i].name, name)) {
            *hint = (uint16_t)(i + 1);
            return i;
        }
    }
    return -1;
}

static bool has_all(const struct reader *r, const struct shape *s)
{
    uint16_t hint = 0;
    for (size_t i = 0; i < r->n; i++)
        if (!shape_says(s, r->pair[i].name) && field_at(s, r->pair[i].name, &hint) < 0)
            return false;
    return true;
}

/* The newest shape of such events, made anew with more fields if this one has more. */
static enum err table_of(struct reader *r, struct table **ret)
{
    struct str channel = pair_of(r, "Channel"), provider = pair_of(r, "Provider_Name"),
               id = pair_of(r, "EventID");
    uint16_t hint = 0;
    char room[1024];
    int n = snprintf(room, sizeof room, "%.*s\n%.*s\n%.*s", STR_FMT(str_sub(channel, 0, 300)),
                     STR_FMT(str_sub(provider, 0, 300)), STR_FMT(str_sub(id, 0, 20)));
    struct str text = str_make(room, n > 0 && (size_t)n < sizeof room ? (size_t)n : 0);
    const uint32_t *known = map_get(&r->ids, text);
    struct table *old = known ? r->table.v[*known] : NULL;
    *ret = old;
    if (old && has_all(r, old->shape))
        return OK;
    TRY(new_table(r, old ? old->shape : NULL, ret));
    struct shape *s = (*ret)->shape;
    if (!old)
        TRY(begin_shape(r, s, channel, provider, id));
    for (size_t i = 0; i < r->n; i++)
        if (!shape_says(s, r->pair[i].name) &&
            (s->n == 0 || field_at(s, r->pair[i].name, &hint) < 0))
            TRY(add_field(r, s, r->pair[i].name, STR_NONE));
    return map_put(&r->ids, text, s->serial);
}

/* ---- rows ---- */

static enum err hand_out(struct reader *r, struct table *t)
{
    enum err rc = rows_n(&t->rows) ? r->sink->rows(r->sink->ctx, &t->rows) : OK;
    buf_reset(&t->rows.text);
    t->rows.end.n = t->rows.place.n = 0;
    return rc;
}

static int64_t time_of(const struct reader *r)
{
    int64_t us, ms;
    for (size_t i = 0; i < ARRAY_LEN(times); i++) {
        struct str s = pair_of(r, times[i]);
        if (!s.p)
            continue;
        if (time_parse(s, &us))
            return us;
        if (str_starts(s, STR("/Date(")) && s.n > 8 && str_i64(str_sub(s, 6, s.n - 2), &ms) &&
            ms > -MAX_MS && ms < MAX_MS)
            return ms * 1000;
    }
    return TIME_NONE;
}

static enum err add_cell(struct rows *rows, struct str value)
{
    uint32_t absent = value.p ? 0 : ROWS_ABSENT;
    buf_str(&rows->text, value);
    uint32_t end = (uint32_t)rows->text.n | absent;
    buf_putc(&rows->text, '\n');
    TRY(vec_push(&rows->end, end, (size_t)LIMIT_FIELDS * ROWS_BYTES));
    return rows->text.rc;
}

static enum err add_row(struct reader *r, struct table *t, uint64_t offset)
{
    const struct shape *s = t->shape;
    struct str value[LIMIT_FIELDS] = {{0}};
    uint64_t number = 0;
    uint16_t hint = 0;
    for (size_t i = 0; i < r->n; i++) {
        int k = shape_says(s, r->pair[i].name) ? -1 : field_at(s, r->pair[i].name, &hint);
        if (k >= 0)
            value[k] = r->pair[i].value;
    }
    for (uint16_t k = 0; k < s->n; k++)
        if (!s->field[k].fixed.p)
            TRY(add_cell(&t->rows, value[k]));
    if (!str_u64(pair_of(r, "EventRecordID"), &number))
        number = r->objects;
    struct row_place place = {offset, number, time_of(r)};
    TRY(vec_push(&t->rows.place, place, (size_t)ROWS_BYTES));
    return t->rows.text.n >= ROWS_BYTES ? hand_out(r, t) : OK;
}

static enum err gap(struct reader *r, uint64_t offset, const char *reason, const char *detail)
{
    return r->sink->gap(r->sink->ctx, offset, str_of(reason), str_of(detail));
}

static enum err take_object(struct reader *r, struct str text)
{
    char path[PATH_BYTES];
    struct table *t;
    uint64_t offset = r->offset;
    arena_reset(&r->scratch);
    r->n = 0;
    r->too_many = false;
    r->objects++;
    enum err rc = flatten(r, text, path, 0, 0);
    if (rc == ERR_FORMAT)
        return gap(r, offset, "damaged", "no JSON object");
    if (rc == ERR_LIMIT)
        return gap(r, offset, "limit", "an event nested too deep or too large");
    TRY(rc);
    if (r->n == 0)
        return OK;
    rc = table_of(r, &t);
    if (rc == ERR_LIMIT)
        return gap(r, offset, "limit", "too many kinds of events in one run");
    TRY(rc);
    TRY(add_row(r, t, offset));
    return r->too_many ? gap(r, offset, "limit", "further fields of the event were not read") : OK;
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
        if (c == '{' && fresh) {
            *ret_found = true;
            return OK;
        }
        bool between = c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ',' || c == '[' ||
                       c == ']' || c == '\x1e' || c == 0;
        if (!between && !bad) {
            bad = true;
            TRY(gap(r, r->offset, "damaged", "no JSON object"));
        }
        fresh = !bad || c == '\n' || (fresh && between);
        forward(r, 1);
    }
}

/* The object at the window's front, taken whole. */
static enum err read_object(struct reader *r)
{
    struct json_skip skip = {0};
    for (;;) {
        struct str text = str_make(r->window + r->from, r->to - r->from);
        enum err rc = json_skip_on(&skip, text);
        if (rc == END) {
            rc = take_object(r, str_sub(text, 0, skip.at));
            forward(r, skip.at);
            return rc;
        }
        if (rc == OK && !r->ended) {
            rc = fill(r);
            if (rc == OK)
                continue;
        }
        if (rc == ERR_NOMEM || rc == ERR_IO)
            return rc;
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
    r->ended = false;
    while (!rc && found) {
        rc = next_object(r, &found);
        if (!rc && found)
            rc = read_object(r);
    }
    for (size_t i = 0; i < r->table.n; i++) {
        enum err flushed = hand_out(r, r->table.v[i]);
        rc = rc ? rc : flushed;
    }
    return rc;
}

/* ---- the format ---- */

/* Does an object of events begin here? Any two of the names that all of them have. */
static bool json_events_know(struct str head)
{
    static const char *const signs[] = {"\"Channel\"",      "\"EventID\"",     "\"winlog\"",
                                        "\"event_id\"",     "\"LogName\"",     "\"EventRecordID\"",
                                        "\"ProviderName\"", "\"System\"",      "\"EventData\"",
                                        "\"channel\"",      "\"MachineName\"", "\"Computer\""};
    size_t n = 0, at = 0;
    while (at < head.n && (unsigned char)head.p[at] <= ' ')
        at++;
    if (at == head.n || (head.p[at] != '{' && head.p[at] != '['))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(signs); i++)
        n += str_find(head, str_of(signs[i])) >= 0;
    return n >= 2;
}

static enum err json_events_new(void **ret_reader)
{
    struct reader *r = calloc(1, sizeof *r);
    *ret_reader = r;
    if (!r)
        return ERR_NOMEM;
    arena_init(&r->shapes, SHAPES_BYTES);
    arena_init(&r->scratch, ARENA_BYTES);
    map_init(&r->ids, &r->shapes, EVLOG_SHAPES);
    return OK;
}

static void json_events_free(void *reader)
{
    struct reader *r = reader;
    for (size_t i = 0; i < r->table.n; i++) {
        buf_done(&r->table.v[i]->rows.text);
        vec_done(&r->table.v[i]->rows.end);
        vec_done(&r->table.v[i]->rows.place);
    }
    vec_done(&r->table);
    map_done(&r->ids);
    arena_done(&r->shapes);
    arena_done(&r->scratch);
    free(r->window);
    free(r);
}

const struct evlog_format evlog_json = {.name = "events as JSON",
                                        .knows = json_events_know,
                                        .new = json_events_new,
                                        .read = json_events_read,
                                        .free = json_events_free};
