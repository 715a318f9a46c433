#include "base/limits.h"
#include "base/map.h"
#include "codec/evlog.h"
#include "os/io.h"
#include "scan/examine.h"
#include "scan/sweep_priv.h"

/* Events come as rows of one shape (model/rows.h). What is looked for in a shape is worked out when
 * it is first met: most rules answer to other channels and numbers, or ask for fields that it does
 * not have. Its texts are then swept as the lines of a log are, many rows at a time. */

enum {
    MAX_SHAPES = 64 * 1024,
    SHEET_BYTES = 4 * 1024 * 1024,
    SHAPES_BYTES = 8 * 1024 * 1024,
    CENSUS_BYTES = 8 * 1024 * 1024,
    MAX_BOUND = 100 * 1000, /* rules bound to shapes, */
    MAX_WORKED_OUT = 2000,  /* shapes, and what they take; beyond it they are worked out anew */
    MAX_BYTES = 44 * 1024 * 1024,
};

#define NOT_COUNTED UINT32_MAX /* in a sheet: the census is full */

/* What is looked for in the events of some shapes, which differ in no more than the name of the
 * computer. */
struct sheet {
    struct arena arena;
    struct kind_def *kind;
    struct log_state state;        /* its fields as columns */
    struct program *program;       /* NULL: no rule can match */
    uint16_t *order;               /* of the columns in an event's text */
    int16_t *fold;                 /* the columns by which they fold */
    struct fields *rules, *others; /* bound to them; others: indicators and pivots */
    int16_t host;                  /* the column that names the host, -1: none */
    uint32_t counted;              /* which of the census */
    bool clears;                   /* they say that a log was emptied */
    uint64_t told; /* the unit, from 1, in which it was said that fields are left out */
};

struct sweep_events {
    struct map shapes;      /* the sheet of each, by its address */
    struct map alike;       /* and by what makes shapes alike */
    struct arena of_shapes; /* of both */
    VEC(struct sheet *) sheet;
    struct evlog *reader; /* keeps its shapes from file to file */
    struct kind_def *any; /* the kind of events in general */
    struct arena arena;
    struct program *others; /* indicators and pivots; NULL if there are none */
    bool others_made;
    struct map census; /* channels and numbers, where events are counted by them */
    VEC(struct event_count) counted;
    struct arena of_census;
    uint64_t uncounted; /* events of this file that have no place in the census */
    size_t n_bound, n_worked_out, n_bytes;
    uint64_t early;  /* lost before the first row told a host, to be counted for one that is */
    uint32_t serial; /* of columns: no two sheets share one */
};

struct sweep_events *sweep_events_new(void)
{
    struct sweep_events *e = calloc(1, sizeof *e);
    if (e) {
        arena_init(&e->arena, SHEET_BYTES);
        arena_init(&e->of_shapes, SHAPES_BYTES);
        map_init(&e->shapes, &e->of_shapes, MAX_SHAPES);
        map_init(&e->alike, &e->of_shapes, MAX_SHAPES);
        arena_init(&e->of_census, CENSUS_BYTES);
        map_init(&e->census, &e->of_census, UNIT_MAX_EVENTS);
    }
    return e;
}

static struct sheet *sheet_free(struct sheet *sheet)
{
    if (sheet) {
        sheet->program = program_free(sheet->program);
        arena_done(&sheet->arena);
        free(sheet);
    }
    return NULL;
}

static void forget_sheets(struct sweep_events *e)
{
    for (size_t i = 0; i < e->sheet.n; i++)
        e->sheet.v[i] = sheet_free(e->sheet.v[i]);
    e->n_bound = e->n_worked_out = e->n_bytes = 0;
}

/* Sheets, and which shape has which. */
static void forget_shapes(struct sweep_events *e)
{
    forget_sheets(e);
    e->sheet.n = 0;
    map_done(&e->shapes);
    map_done(&e->alike);
    arena_reset(&e->of_shapes);
}

static void forget(void *ctx)
{
    const struct sweep *s = ctx;
    forget_shapes(s->events);
}

struct sweep_events *sweep_events_free(struct sweep_events *e)
{
    if (e) {
        forget_sheets(e);
        vec_done(&e->sheet);
        e->reader = evlog_free(e->reader);
        e->others = program_free(e->others);
        map_done(&e->shapes);
        map_done(&e->alike);
        arena_done(&e->of_shapes);
        map_done(&e->census);
        arena_done(&e->of_census);
        vec_done(&e->counted);
        arena_done(&e->arena);
        free(e);
    }
    return NULL;
}

bool sweep_events_know(struct sweep *s, struct str head)
{
    return evlog_certain(head) ||
           (codec_identify(head, s->unit->path) < 0 && evlog_knows(head, s->unit->path));
}

bool sweep_events_are(struct sweep *s, int fd)
{
    ssize_t n = io_pread(fd, s->buffer, HEAD_BYTES, 0);
    struct str head = str_make(s->buffer, n > 0 ? (size_t)n : 0);
    if (str_starts(head, STR("\xef\xbb\xbf")))
        head = str_sub(head, 3, head.n);
    return sweep_events_know(s, head);
}

/* ---- what is looked for ---- */

/* Columns are the fields of the shape; a field that does not fit cannot be asked for. */
static void columns_of(struct sweep_events *e, const struct shape *shape, struct log_state *state)
{
    columns_clear(state);
    for (uint16_t i = 0; i < shape->n; i++)
        if (!column_add(state, shape->field[i].name))
            break;
    state->schema_serial = ++e->serial;
    state->kind_column = state->time_column = state->date_column = 0xffff;
    state->date_us = TIME_NONE;
}

static void name_kind(struct log_state *state, struct str kind)
{
    size_t n = kind.n < KIND_BYTES - 1 ? kind.n : KIND_BYTES - 1;
    memcpy(state->kind, kind.p, n);
    state->kind[n] = 0;
}

static enum err others_new(struct sweep *s, struct error *error)
{
    struct sweep_events *e = s->events;
    const struct event_channels *c = &s->set->channels;
    e->others_made = true;
    TRY(channel_kind(&c->channel[c->n - 1], SHAPE_NO_ID, &e->arena, &e->any));
    return program_new_rows(s->set, e->any, NULL, NULL, &e->others, error);
}

static enum err bind(struct sweep *s, struct sheet *sheet, const struct kind_def *kind,
                     struct fields **ret_fields)
{
    struct fields *f = *ret_fields = arena_new(&sheet->arena, struct fields);
    if (!f)
        return ERR_NOMEM;
    fields_init(f, kind, &s->line_arena);
    fields_bind(f, &sheet->state);
    f->order = sheet->order;
    f->fold = sheet->fold;
    return fields_choose(f, &sheet->arena, &s->set->channels.fold);
}

static enum err fold_columns(struct sweep *s, struct sheet *sheet)
{
    const struct str_list *names = &s->set->channels.fold;
    sheet->fold = arena_new_n(&sheet->arena, int16_t, names->n + 1);
    if (!sheet->fold)
        return ERR_NOMEM;
    for (size_t i = 0; i < names->n; i++)
        sheet->fold[i] = fields_column(&sheet->state, names->v[i]);
    return OK;
}

static unsigned rank(struct str name)
{
    static const char *const first[] = {"Channel", "EventID", "Provider_Name", "Computer"};
    unsigned i = 0;
    while (i < ARRAY_LEN(first) && !str_ieq(name, str_of(first[i])))
        i++;
    return i;
}

static bool comes_before(struct str a, struct str b)
{
    if (rank(a) != rank(b))
        return rank(a) < rank(b);
    return str_cmp(a, b) < 0;
}

/* What an event is, then its fields by name: the same text whatever the order in which a format, or
 * the events before it, had them. */
static enum err order_columns(struct sheet *sheet)
{
    const struct log_state *s = &sheet->state;
    sheet->order = arena_new_n(&sheet->arena, uint16_t, s->columns + 1u);
    if (!sheet->order)
        return ERR_NOMEM;
    for (uint16_t i = 0; i < s->columns; i++) {
        uint16_t k = i;
        for (; k && comes_before(column_name(s, i), column_name(s, sheet->order[k - 1])); k--)
            sheet->order[k] = sheet->order[k - 1];
        sheet->order[k] = i;
    }
    return OK;
}

/* Between two files: the channels and numbers of one leave room for those of the next. */
static void renew_census(struct sweep_events *e)
{
    if (e->census.n < UNIT_MAX_EVENTS / 2)
        return;
    forget_shapes(e); /* they know their places in it */
    map_done(&e->census);
    arena_reset(&e->of_census);
    map_init(&e->census, &e->of_census, UNIT_MAX_EVENTS);
    e->counted.n = 0;
}

static enum err count_apart(struct sweep_events *e, uint32_t channel, uint32_t id,
                            uint32_t *ret_which)
{
    struct event_count none = {channel, id, 0};
    uint32_t key[] = {channel, id};
    bool is_new;
    enum err rc =
        map_intern(&e->census, str_make((const char *)key, sizeof key), ret_which, &is_new);
    if (rc == ERR_LIMIT) {
        *ret_which = NOT_COUNTED;
        return OK;
    }
    TRY(rc);
    return is_new ? vec_push(&e->counted, none, UNIT_MAX_EVENTS) : OK;
}

static size_t bytes_of(const struct sheet *sheet)
{
    const struct program *p = sheet->program;
    size_t n = sizeof *sheet + sheet->arena.used_bytes;
    if (p)
        n += p->arena.used_bytes + p->cap_bound * sizeof *p->bound +
             p->cap_checks * sizeof *p->check + (p->lits ? lit_bytes(p->lits) : 0);
    return n;
}

static enum err sheet_fill(struct sweep *s, const struct shape *shape, struct sheet *sheet)
{
    struct sweep_events *e = s->events;
    struct error why;
    const struct channel_def *channel =
        channel_find(&s->set->channels, shape->channel.p ? shape->channel : STR(""));
    arena_init_small(&sheet->arena, SHEET_BYTES);
    TRY(channel_kind(channel, shape->event_id, &sheet->arena, &sheet->kind));
    columns_of(e, shape, &sheet->state);
    if (s->set->census)
        TRY(count_apart(e, (uint32_t)(channel - s->set->channels.channel), shape->event_id,
                        &sheet->counted));
    sheet->clears = channel->cleared.n && event_ids_have(&channel->cleared, shape->event_id);
    name_kind(&sheet->state, channel->kind.pattern);
    TRY(order_columns(sheet));
    TRY(fold_columns(s, sheet));
    sheet->host = fields_column(&sheet->state, STR("Computer"));
    TRY(program_new_rows(s->set, sheet->kind, shape, &sheet->state, &sheet->program, &why));
    e->n_bound += sheet->program ? sheet->program->n_bound : 0;
    e->n_worked_out++;
    if (sheet->program)
        TRY(bind(s, sheet, sheet->kind, &sheet->rules));
    return e->others ? bind(s, sheet, e->any, &sheet->others) : OK;
}

/* Two shapes of one text are alike. */
static void describe(struct buf *b, const struct shape *shape)
{
    buf_printf(b, "%.*s\n%.*s\n%u", STR_FMT(shape->channel), STR_FMT(shape->provider),
               shape->event_id);
    for (uint16_t i = 0; i < shape->n; i++) {
        const struct shape_field *f = &shape->field[i];
        bool host = str_ieq(f->name, STR("Computer"));
        buf_printf(b, "\n%zu ", f->name.n);
        buf_str(b, f->name);
        buf_printf(b, " %d %d %zu ", f->fixed.p != NULL, f->list, host ? 0 : f->fixed.n);
        buf_str(b, host ? STR("") : f->fixed);
    }
}

static enum err number_of(struct sweep_events *e, const struct shape *shape, uint32_t *ret)
{
    struct str address = str_make((const char *)&shape, sizeof shape);
    const uint32_t *known = map_get(&e->shapes, address);
    unsigned char digest[SHA256_BYTES];
    struct buf b;
    if (known) {
        *ret = *known;
        return OK;
    }
    buf_init(&b, LIMIT_LINE_BYTES);
    describe(&b, shape);
    enum err rc = b.rc;
    sha256_of(buf_view(&b), digest);
    buf_done(&b);
    TRY(rc);
    TRY(map_intern(&e->alike, str_make((const char *)digest, sizeof digest), ret, NULL));
    return map_put(&e->shapes, address, *ret);
}

static enum err sheet_of(struct sweep *s, const struct shape *shape, struct sheet **ret_sheet)
{
    struct sweep_events *e = s->events;
    struct error why;
    uint32_t number;
    if (!e->others_made)
        TRY(others_new(s, &why));
    if (e->shapes.n == MAX_SHAPES || e->of_shapes.used_bytes > SHAPES_BYTES - 4096)
        forget_shapes(e);
    TRY(number_of(e, shape, &number));
    while (e->sheet.n <= number)
        TRY(vec_push(&e->sheet, NULL, MAX_SHAPES));
    if (e->n_bound > MAX_BOUND || e->n_worked_out > MAX_WORKED_OUT || e->n_bytes > MAX_BYTES)
        forget_sheets(e);
    struct sheet **at = &e->sheet.v[number];
    if (!*at) {
        struct sheet *new = calloc(1, sizeof *new);
        enum err rc = new ? sheet_fill(s, shape, new) : ERR_NOMEM;
        if (rc) {
            (void)sheet_free(new);
            return rc;
        }
        e->n_bytes += bytes_of(new);
        *at = new;
    }
    *ret_sheet = *at;
    return OK;
}

/* ---- counting ---- */

static struct str value_at(const struct rows *rows, size_t row, int16_t column)
{
    return column < 0 ? STR_NONE : row_value(rows, row, (uint16_t)column);
}

/* Every event counts for its host and hour, but for those that the log has given up. */
static enum err count(struct sweep *s, const struct sheet *sheet, const struct rows *rows)
{
    struct str kind = str_of(s->state.kind), before = STR_NONE;
    for (size_t i = 0; !rows->shape->carved && i < rows_n(rows); i++) {
        int64_t t = rows->place.v[i].time_us;
        struct str host = value_at(rows, i, sheet->host);
        if (sweep_outside(s, t))
            continue;
        if (i == 0 || !str_eq(host, before)) {
            bool named = host.n && host.n < HOST_BYTES;
            sweep_turn_to(s, kind, named ? host : s->tally->row_host);
            before = host;
        }
        s->tally->unparsed += rows->shape->raw;
        TRY(tally_rows(s->tally, t, 1));
    }
    return OK;
}

/* ---- looking ---- */

static void fill_record(struct sweep *s, const struct sheet *sheet, const struct rows *rows,
                        size_t row)
{
    const struct shape *shape = rows->shape;
    const struct row_place *place = &rows->place.v[row];
    uint16_t cell = 0;
    s->record.n = sheet->state.columns;
    s->record.time_us = place->time_us;
    s->record.offset = place->offset;
    s->record.line = place->record_id;
    s->record.lists = false;
    for (uint16_t i = 0; i < sheet->state.columns; i++) {
        bool list = shape->field[i].list;
        s->record.value[i] = shape->field[i].fixed;
        if (!shape->field[i].fixed.p) {
            list = row_cell_is_list(rows, row, cell);
            s->record.value[i] = row_cell(rows, row, cell++);
        }
        if (list)
            record_add_list(&s->record, i);
    }
}

static enum err judge_event(struct sweep *s, const struct sheet *sheet, const struct rows *rows,
                            size_t row)
{
    arena_reset(&s->line_arena);
    fill_record(s, sheet, rows, row);
    fields_next(&s->fields, &sheet->state, &s->record);
    if (s->now->whole_rows || s->pivots.n) { /* keywords look at names and fixed values as well */
        bool whole;
        s->record.raw = examine_event_text(&s->fields, &whole);
        if (!s->record.raw.p)
            return ERR_NOMEM;
        if (!whole)
            TRY(sweep_gap(s, s->record.offset, "limit",
                          STR("keywords were looked for in the first 3 MiB of an event")));
    }
    s->row_kind = str_of(s->state.kind);
    s->carved = rows->shape->carved;
    enum err rc = sweep_judge_row(s);
    s->carved = false;
    return rc;
}

/* The row that holds that byte, at or behind `from`. */
static size_t row_of(const struct rows *rows, size_t from, uint32_t at)
{
    size_t to = rows_n(rows);
    while (to - from > 1) {
        size_t mid = from + (to - from) / 2;
        if (row_begin(rows, mid) <= at)
            from = mid;
        else
            to = mid;
    }
    return from;
}

/* Literals in what all rows share, which stands in none of them: of rules their compiler sees to
 * it. */
static enum err look_at_shared(struct sweep *s, const struct program *p, const struct shape *shape)
{
    s->shared.n = 0;
    for (uint16_t i = 0; p == s->events->others && i < shape->n; i++) {
        if (!shape->field[i].fixed.n)
            continue;
        TRY(lit_scan(p->lits, shape->field[i].fixed, &s->second));
        for (size_t k = 0; k < s->second.n; k++)
            TRY(vec_push(&s->shared, s->second.v[k], SIZE_MAX / sizeof *s->second.v));
    }
    return OK;
}

/* A row's spots, behind those that all rows share. */
static enum err announce_row(struct sweep *s, const struct lit_spot *spot, size_t n,
                             bool *ret_parse)
{
    size_t shared = s->shared.n;
    if (!shared)
        return sweep_announce(s, s->record.raw, spot, n, ret_parse);
    for (size_t i = 0; i < n; i++)
        TRY(vec_push(&s->shared, spot[i], SIZE_MAX / sizeof *spot));
    enum err rc = sweep_announce(s, s->record.raw, s->shared.v, s->shared.n, ret_parse);
    s->shared.n = shared;
    return rc;
}

/* One program over all rows: those in which one of its literals stands, or all of them. */
static enum err look(struct sweep *s, struct program *p, const struct fields *bound,
                     const struct sheet *sheet, const struct rows *rows)
{
    struct str text = buf_view(&rows->text);
    s->now = p;
    s->fields = *bound;
    TRY(look_at_shared(s, p, rows->shape));
    bool every = p->every_row || s->shared.n;
    TRY(lit_scan(p->lits, text, &s->spots));
    size_t h = 0;
    for (size_t row = 0; row < rows_n(rows); row++) {
        bool parse;
        if (!every && h == s->spots.n)
            break;
        if (!every)
            row = row_of(rows, row, s->spots.v[h].end - 1);
        size_t first = h, from = row_begin(rows, row), to = row_begin(rows, row + 1);
        while (h < s->spots.n && s->spots.v[h].end < to)
            h++;
        if (sweep_outside(s, rows->place.v[row].time_us))
            continue;
        s->record.raw = str_sub(text, from, to - 1);
        TRY(announce_row(s, s->spots.v + first, h - first, &parse));
        if (parse)
            TRY(judge_event(s, sheet, rows, row));
    }
    return OK;
}

/* The next digest in the text: as many hexadecimal digits in a row as MD5, SHA-1 or SHA-256 have.
 */
static bool next_digest(struct str *rest, struct str *ret_hex)
{
    while (rest->n) {
        size_t n = 0;
        while (n < rest->n && ascii_hex((unsigned char)rest->p[n]) >= 0)
            n++;
        *ret_hex = str_sub(*rest, 0, n);
        *rest = str_sub(*rest, n ? n : 1, rest->n);
        if (n == 32 || n == 40 || n == 64)
            return true;
    }
    return false;
}

static enum err judge_digests(struct sweep *s, const struct sheet *sheet, const struct rows *rows,
                              size_t row, struct str cell)
{
    struct str text = buf_view(&rows->text), hex;
    uint32_t index[4];
    while (next_digest(&cell, &hex)) {
        size_t n = ioc_find(s->set->ioc, INDICATOR_HASH, hex, index, ARRAY_LEN(index));
        bool parse;
        if (n == 0)
            continue;
        s->record.raw = str_sub(text, row_begin(rows, row), row_begin(rows, row + 1) - 1);
        TRY(sweep_announce(s, s->record.raw, NULL, 0, &parse));
        for (size_t k = 0; k < n; k++)
            TRY(vec_push(&s->indicators, index[k], 1u << 20));
        TRY(judge_event(s, sheet, rows, row));
    }
    return OK;
}

/* Lists of digests are long: they are looked up where events have digests, and swept for nowhere.
 */
static enum err look_up_digests(struct sweep *s, const struct sheet *sheet, const struct rows *rows)
{
    const struct str_list *names = &s->set->channels.hash;
    bool asked[LIMIT_FIELDS] = {false}; /* several names may be answered by one column */
    s->now = s->events->others;
    s->fields = *sheet->others;
    for (size_t i = 0; i < names->n; i++) {
        int16_t column[FIELD_CHOICES];
        uint16_t n = fields_candidates(&sheet->state, names->v[i], column);
        for (uint16_t k = 0; k < n; k++) {
            for (size_t row = 0; !asked[column[k]] && row < rows_n(rows); row++)
                if (!sweep_outside(s, rows->place.v[row].time_us))
                    TRY(judge_digests(s, sheet, rows, row, value_at(rows, row, column[k])));
            asked[column[k]] = true;
        }
    }
    return OK;
}

/* The listed addresses of a text, behind those that are known already. */
static enum err note_addresses(struct sweep *s, struct str text)
{
    uint32_t index[IOC_MAX_HITS];
    for (size_t at = 0, n;
         (n = ioc_next_address(s->set->ioc, text, &at, index, ARRAY_LEN(index))) > 0;)
        for (size_t i = 0; i < n; i++)
            TRY(vec_push(&s->found, index[i], SIZE_MAX / sizeof *index));
    return OK;
}

static int by_index(const void *a, const void *b)
{
    const uint32_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* What was found in a row, each indicator once. */
static enum err judge_found(struct sweep *s, const struct sheet *sheet, const struct rows *rows,
                            size_t row)
{
    bool parse;
    size_t kept = 0;
    TRY(sweep_announce(s, s->record.raw, NULL, 0, &parse));
    for (size_t i = 0; i < s->found.n; i++)
        TRY(vec_push(&s->indicators, s->found.v[i], SIZE_MAX / sizeof *s->found.v));
    qsort(s->indicators.v, s->indicators.n, sizeof *s->indicators.v, by_index);
    for (size_t i = 0; i < s->indicators.n; i++)
        if (kept == 0 || s->indicators.v[i] != s->indicators.v[kept - 1])
            s->indicators.v[kept++] = s->indicators.v[i];
    s->indicators.n = kept;
    return judge_event(s, sheet, rows, row);
}

/* Addresses have many spellings, and nets none: they are looked up wherever one stands in an event,
 * also in what all events of the shape share. */
static enum err look_up_addresses(struct sweep *s, const struct sheet *sheet,
                                  const struct rows *rows)
{
    struct str text = buf_view(&rows->text);
    s->now = s->events->others;
    s->fields = *sheet->others;
    s->found.n = 0;
    for (uint16_t i = 0; i < rows->shape->n; i++)
        TRY(note_addresses(s, rows->shape->field[i].fixed));
    size_t shared = s->found.n;
    for (size_t row = 0; row < rows_n(rows); row++, s->found.n = shared) {
        if (sweep_outside(s, rows->place.v[row].time_us))
            continue;
        s->record.raw = str_sub(text, row_begin(rows, row), row_begin(rows, row + 1) - 1);
        TRY(note_addresses(s, s->record.raw));
        if (s->found.n)
            TRY(judge_found(s, sheet, rows, row));
    }
    return OK;
}

/* Names that are too long together leave columns out: said once a file. */
static enum err tell_left_out(struct sweep *s, struct sheet *sheet, const struct rows *rows)
{
    uint64_t unit = (uint64_t)s->unit->id + 1;
    if (sheet->state.columns == rows->shape->n || sheet->told == unit)
        return OK;
    sheet->told = unit;
    return sweep_gap(s, rows->place.v[0].offset, "limit",
                     STR("names of fields are too long together: further fields of such events "
                         "were not looked at"));
}

enum err sweep_events_take(void *ctx, const struct rows *rows)
{
    struct sweep *s = ctx;
    struct sheet *sheet;
    if (rows_n(rows) == 0)
        return OK;
    TRY(sheet_of(s, rows->shape, &sheet));
    memcpy(s->state.kind, sheet->state.kind, KIND_BYTES);
    if (!s->at_file)
        TRY(count(s, sheet, rows));
    TRY(tell_left_out(s, sheet, rows));
    if (sheet->clears)
        TRY(sweep_events_cleared(s, &sheet->state, rows));
    if (s->set->census && !rows->shape->carved)
        *(sheet->counted == NOT_COUNTED ? &s->events->uncounted
                                        : &s->events->counted.v[sheet->counted].n) += rows_n(rows);
    if (sheet->program)
        TRY(look(s, sheet->program, sheet->rules, sheet, rows));
    if (s->events->others)
        TRY(look(s, s->events->others, sheet->others, sheet, rows));
    if (s->events->others && s->set->hashes)
        TRY(look_up_digests(s, sheet, rows));
    if (s->events->others && s->set->ioc && ioc_count(s->set->ioc, INDICATOR_ADDRESS))
        TRY(look_up_addresses(s, sheet, rows));
    if (s->sink.hits)
        atomic_store_explicit(s->sink.hits, s->hits.n, memory_order_relaxed);
    return hits_bytes(&s->hits) > FLUSH_AT_BYTES ? hits_flush(&s->hits, sweep_flush, s) : OK;
}

/* ---- reading ---- */

static enum err gap(void *ctx, uint64_t offset, struct str reason, struct str detail)
{
    static const char *const lost[] = {"damaged", "record", "chunk", "size", "limit"};
    struct sweep *s = ctx;
    char text[64];
    (void)snprintf(text, sizeof text, "%.*s", STR_FMT(str_sub(reason, 0, sizeof text - 1)));
    bool is_lost = false;
    for (size_t i = 0; i < ARRAY_LEN(lost); i++)
        is_lost |= str_eq(reason, str_of(lost[i]));
    if (s->tally->records)
        s->tally->unparsed += is_lost;
    else
        s->events->early += is_lost;
    return sweep_gap(s, offset, text, detail);
}

/* The text of the stream from its start on, for a reader that takes as much as it needs. */
struct input {
    struct sweep *s;
    struct stream *in;
    size_t head, given;
};

static enum err more(void *ctx, char *p, size_t n, size_t *ret_n, struct error *error)
{
    struct input *src = ctx;
    struct sweep *s = src->s;
    *ret_n = 0;
    if (sweep_stopped(s))
        return OK;
    if (src->given < src->head) {
        *ret_n = src->head - src->given < n ? src->head - src->given : n;
        memcpy(p, s->buffer + src->given, *ret_n);
        src->given += *ret_n;
        return OK;
    }
    TRY(stream_read(src->in, p, n, ret_n, error));
    if (s->sink.bytes)
        atomic_fetch_add_explicit(s->sink.bytes, *ret_n, memory_order_relaxed);
    return OK;
}

static enum err tell_census(struct sweep *s)
{
    struct sweep_events *e = s->events;
    struct buf b;
    buf_init(&b, LIMIT_IPC_MESSAGE_BYTES);
    for (size_t i = 0; i < e->counted.n; i++) {
        if (e->counted.v[i].n)
            event_count_write(&b, &e->counted.v[i]);
        e->counted.v[i].n = 0;
    }
    enum err rc = b.rc;
    if (!rc && b.n)
        rc = s->sink.send(s->sink.ctx, MESSAGE_CENSUS, buf_view(&b));
    buf_done(&b);
    if (rc || !e->uncounted)
        return rc;
    char text[120];
    (void)snprintf(text, sizeof text,
                   "%llu events are of more channels and numbers than are told apart: not counted",
                   (unsigned long long)e->uncounted);
    e->uncounted = 0;
    return sweep_gap(s, 0, "limit", str_of(text));
}

enum err sweep_events_run(struct sweep *s, struct stream *in, size_t head)
{
    struct sweep_events *e = s->events;
    struct input src = {s, in, head, 0};
    struct rows_sink sink = {sweep_events_take, gap, s, forget, sweep_events_back};
    struct error why = {0};
    renew_census(e);
    if (!e->reader)
        TRY(evlog_new(&e->reader));
    struct evlog_source source = {more, &src, s->unit->path, s->set->carve};
    enum err rc = evlog_read(e->reader, str_make(s->buffer, head), &source, &sink, &why);
    if (rc == ERR_FORMAT || rc == ERR_LIMIT || rc == ERR_IO) /* what was read before it stays */
        rc = sweep_gap(s, why.offset, rc == ERR_LIMIT ? "limit" : "damaged", str_of(why.text));
    if (!rc && sweep_stopped(s))
        rc = sweep_gap(s, stream_taken(in), "interrupted", STR("stopped before its end"));
    s->tally->unparsed += e->early;
    e->early = 0;
    if (!rc)
        rc = sweep_events_more_cleared(s);
    return rc ? rc : tell_census(s);
}
