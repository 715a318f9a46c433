/* The Exchange CSV family: HttpProxy, ECP, EWS, Rps_*, message tracking, protocol logs, audit ...
 *
 * What:   columns from #Fields or from a bare header row, rows as RFC 4180, the kind from #Log-type
 *         and the columns. Columns EventData and Data get virtual columns behind the real ones.
 * Input:  hostile.
 * Limits: LIMIT_FIELDS columns, virtual ones included.
 * Owner:  values are slices of the line, or unquoted copies in the arena.
 * Spec:   RFC 4180; docs/internals/CODEC.md.
 */
#include "codec/exlog.h"

#include "codec/line.h"

enum {
    NO_COLUMN = 0xffff,
    REAL = 0xff,          /* log_state.flags: number of real columns */
    FIELDS_SEEN = 1 << 8, /* #Fields was read: it wins over header rows */
    TYPE_SEEN = 1 << 9,   /* #Log-type told the kind */
    TEXT = 1 << 10,       /* lines of text, one column */
};

/* A header row starts with one of these; so does every directive that changes the state. */
static const char *const markers[] = {
    "#Software:", "#Fields:",      "#Log-type:", "#Log-Type:",    "#Version:",  "#TYPE",
    "DateTime,",  "\"DateTime\"",  "TimeStamp,", "\"TimeStamp\"", "Timestamp,", "\"Timestamp\"",
    "date-time,", "\"date-time\"", "datetime,",  "\"datetime\"",  "timestamp,", "\"timestamp\"",
    NULL,
};

/* --- cells --- */

struct cell {
    struct str text; /* between the quotes if it has some */
    bool doubled;    /* quotes inside are doubled */
    bool open;       /* its quote does not end */
};

/* Takes one cell off the front; rest->p becomes NULL behind the last one. */
static bool next_cell(struct str *rest, struct cell *ret)
{
    *ret = (struct cell){0};
    if (!rest->p)
        return false;
    if (rest->n == 0 || rest->p[0] != '"') {
        (void)str_cut(rest, ',', &ret->text);
        return true;
    }
    size_t at = 1;
    for (;; at += 2) {
        ptrdiff_t quote = str_chr(str_sub(*rest, at, rest->n), '"');
        at = quote < 0 ? rest->n : at + (size_t)quote;
        if (at + 1 >= rest->n || rest->p[at + 1] != '"')
            break;
        ret->doubled = true;
    }
    ret->open = at >= rest->n;
    ret->text = str_sub(*rest, 1, at);
    struct str tail = str_sub(*rest, at + 1, rest->n), junk;
    if (ret->open)
        *rest = STR_NONE;
    else if (tail.n && tail.p[0] != ',') { /* "abc"def: not RFC 4180; kept as it stands */
        (void)str_cut(&tail, ',', &junk);
        ret->text = str_make(rest->p, (size_t)(junk.p + junk.n - rest->p));
        ret->doubled = false;
        *rest = tail;
    } else
        *rest = tail.n ? str_sub(tail, 1, tail.n) : STR_NONE;
    return true;
}

/* A copy in which each doubled quote stands once; the text as it is if the arena is full. */
static struct str undouble(struct arena *arena, struct str s, char quote)
{
    char *p = arena ? arena_alloc(arena, s.n + 1) : NULL;
    size_t n = 0;
    if (!p)
        return s;
    for (size_t i = 0; i < s.n; i++) {
        p[n++] = s.p[i];
        if (s.p[i] == quote && i + 1 < s.n && s.p[i + 1] == quote)
            i++;
    }
    return str_make(p, n);
}

/* --- columns --- */

static bool is_time_name(struct str s)
{
    return str_ieq(s, STR("DateTime")) || str_ieq(s, STR("TimeStamp")) ||
           str_ieq(s, STR("date-time"));
}

static bool same_columns(const struct log_state *s, struct str header)
{
    struct cell cell;
    uint16_t i = 0, real = s->flags & REAL;
    for (; next_cell(&header, &cell); i++)
        if (i >= real || !str_eq(column_name(s, i), str_trim(cell.text)))
            return false;
    return i == real && i > 0;
}

static void set_kind(struct log_state *s, struct str kind)
{
    struct str now = str_of(s->kind);
    /* "httpproxy-ecp" is not given up for "httpproxy". */
    if (!str_starts(now, kind) || (now.n > kind.n && now.p[kind.n] != '-'))
        line_set(s->kind, sizeof s->kind, kind);
}

static void set_columns(struct log_state *s, struct str header)
{
    struct cell cell;
    if (same_columns(s, header))
        return;
    columns_clear(s);
    s->flags &= ~(uint32_t)(REAL | TEXT);
    while (next_cell(&header, &cell)) {
        struct str name = str_trim(cell.text);
        if (!column_add(s, name))
            break;
        if (s->time_column == NO_COLUMN && is_time_name(name))
            s->time_column = (uint16_t)(s->columns - 1);
    }
    s->flags |= s->columns;
    exlog_add_virtual(s);
    if (!(s->flags & TYPE_SEEN))
        set_kind(s, exlog_kind_of_columns(s));
    int protocol = column_find(s, STR("Protocol"));
    s->kind_column = protocol < 0 ? NO_COLUMN : (uint16_t)protocol;
}

static bool starts_with_marker(struct str line)
{
    char first = line.n ? line.p[0] : 0;
    if (first != '#' && first != '"' && (first | 32) != 'd' && (first | 32) != 't')
        return false; /* as no marker starts */
    for (const char *const *m = markers; *m; m++)
        if (str_starts(line, str_of(*m)))
            return true;
    return false;
}

/* The names of the columns in force, once more: the header row whose first cell is no marker. */
static bool repeats_columns(const struct log_state *s, struct str line)
{
    struct cell cell;
    uint16_t i = 0, real = s->flags & REAL;
    for (; i < real && next_cell(&line, &cell); i++)
        if (!str_ieq(str_trim(cell.text), column_name(s, i)))
            return false;
    return i == real;
}

static void text_columns(struct log_state *s)
{
    columns_clear(s);
    (void)column_add(s, STR("message"));
    s->flags = (s->flags & ~(uint32_t)REAL) | TEXT | 1;
    line_set(s->kind, sizeof s->kind, STR("oabgenerator"));
}

/* --- directives --- */

static bool directive(struct str line, struct str name, struct str *ret_value)
{
    if (!str_istarts(line, name))
        return false;
    *ret_value = str_trim(str_sub(line, name.n, line.n));
    return true;
}

static void read_directive(struct log_state *s, struct str line)
{
    struct str value;
    if (str_starts(line, STR("#TYPE"))) {
        s->flags &= ~(uint32_t)FIELDS_SEEN; /* a new block: its header row counts */
    } else if (str_starts(line, STR("#Fields:")) && directive(line, STR("#Fields:"), &value)) {
        set_columns(s, value);
        s->flags |= FIELDS_SEEN;
    } else if (starts_with_marker(line) && directive(line, STR("#Log-type:"), &value)) {
        struct str kind = exlog_kind_of_type(value);
        s->flags &= ~(uint32_t)TYPE_SEEN;
        if (kind.p) {
            s->flags |= TYPE_SEEN;
            set_kind(s, kind);
        }
    } else if (str_starts(line, STR("#Version:")) && directive(line, STR("#Version:"), &value)) {
        line_set(s->version, sizeof s->version, value);
    }
}

static void read_header_row(struct log_state *s, struct str line)
{
    if (s->flags & FIELDS_SEEN)
        return;
    set_columns(s, line);
}

/* --- rows --- */

/* false if there is a value and it is no time. */
static bool cell_time(struct str text, int64_t *ret_us)
{
    text = str_trim(text);
    *ret_us = TIME_NONE;
    if (text.n == 0)
        return true;
    if (time_parse(text, ret_us))
        return true;
    *ret_us = TIME_NONE;
    return false;
}

static enum line_class row(const struct log_state *s, struct str line, struct arena *arena,
                           struct record *r)
{
    uint16_t real = s->flags & REAL;
    struct str rest = line;
    struct cell cell;
    bool open = false;
    size_t n;
    if (line_cells(line, r->value, real, &n)) { /* nearly always */
        r->n = (uint16_t)n;
    } else {
        while (r->n < real && next_cell(&rest, &cell)) {
            r->value[r->n++] = cell.doubled ? undouble(arena, cell.text, '"') : cell.text;
            open = cell.open;
        }
    }
    bool cut = open || r->n < real;
    struct str time = s->time_column < r->n ? r->value[s->time_column] : STR_NONE;
    if (!cell_time(time, &r->time_us))
        return cut && s->time_column + 1 == r->n && ascii_digit((unsigned char)str_trim(time).p[0])
                   ? LINE_CUT
                   : LINE_BAD;
    exlog_fill_virtual(s, real, arena, r);
    bool timeless = s->time_column < r->n && !str_trim(time).n; /* kept, and told as damaged */
    return cut || timeless ? LINE_CUT : LINE_RECORD;
}

/* A line of text may start with its time. */
static bool text_time(struct str line, int64_t *ret_us)
{
    ptrdiff_t comma = str_chr(str_sub(line, 0, 40), ',');
    size_t n = line.n < 40 ? line.n : 40;
    struct str word = str_sub(line, 0, comma < 0 ? n : (size_t)comma);
    if (time_parse(word, ret_us))
        return true;
    ptrdiff_t blank = str_chr(word, ' ');
    return blank > 0 && time_parse(str_sub(word, 0, (size_t)blank), ret_us);
}

static enum line_class line(struct log_state *state, struct str text, struct arena *arena,
                            struct record *ret_record)
{
    ret_record->raw = text;
    ret_record->time_us = TIME_NONE;
    ret_record->n = 0;
    bool marked = starts_with_marker(text), zeros = line_zeros(text);
    text = line_bare(text);
    if (line_blank(text))
        return zeros ? LINE_BAD : LINE_BLANK;
    if (text.p[0] == '#') {
        if (marked)
            read_directive(state, text);
        return LINE_DIRECTIVE;
    }
    if (marked) {
        read_header_row(state, text);
        return LINE_DIRECTIVE;
    }
    if (state->flags & TEXT) {
        ret_record->value[0] = text;
        ret_record->n = 1;
        if (!text_time(text, &ret_record->time_us))
            ret_record->time_us = TIME_NONE;
        return LINE_RECORD;
    }
    if (!state->columns)
        return LINE_BAD;
    return repeats_columns(state, text) ? LINE_DIRECTIVE : row(state, text, arena, ret_record);
}

/* HttpProxy rows name their protocol: files of several may have been merged. */
static struct str row_kind(const struct log_state *state, const struct record *r,
                           char ret_kind[KIND_BYTES])
{
    struct str kind = str_of(state->kind);
    struct str protocol = state->kind_column < r->n ? r->value[state->kind_column] : STR_NONE;
    if (!protocol.n || !str_starts(kind, STR("httpproxy")) ||
        str_ieq(str_sub(kind, 10, kind.n), protocol) || !exlog_protocol_kind(protocol, ret_kind))
        return kind;
    return str_of(ret_kind);
}

static bool front(const struct log_state *state, struct str text, uint16_t columns,
                  struct record *r)
{
    uint16_t real = state->flags & REAL;
    struct cell cell;
    r->n = 0;
    r->time_us = TIME_NONE;
    text = line_bare(text);
    if (!text.n || text.p[0] == '#' ||
        (!ascii_digit((unsigned char)text.p[0]) && starts_with_marker(text)))
        return false;
    if (state->time_column != NO_COLUMN && state->time_column >= columns)
        columns = (uint16_t)(state->time_column + 1);
    if (columns > real)
        columns = real;
    size_t n;
    if (line_cells(text, r->value, columns, &n))
        r->n = (uint16_t)n;
    else
        for (r->n = 0; r->n < columns && next_cell(&text, &cell);)
            r->value[r->n++] = cell.text;
    if (state->time_column < r->n && !cell_time(r->value[state->time_column], &r->time_us))
        r->time_us = TIME_NONE;
    return true;
}

/* A row without quotes that starts with a digit and has cells enough. The names of the columns are
 * none, unless the first one starts with a digit. */
static bool plain(const struct log_state *state, struct str text, uint16_t columns,
                  struct record *ret_record)
{
    uint16_t real = state->flags & REAL, time = state->time_column;
    size_t n;
    if ((state->flags & TEXT) || time >= real || !line_dated(text) ||
        ascii_digit((unsigned char)state->names[0]) || str_chr(text, '"') >= 0 ||
        str_count(text, ',') + 1 < real)
        return false;
    columns = columns > time ? columns : (uint16_t)(time + 1);
    (void)line_cells(text, ret_record->value, columns < real ? columns : real, &n);
    ret_record->n = (uint16_t)n;
    return cell_time(ret_record->value[time], &ret_record->time_us) &&
           ret_record->time_us != TIME_NONE;
}

static bool line_time(const struct log_state *state, struct str text, int64_t *ret_us)
{
    struct cell cell = {0};
    bool marked = starts_with_marker(text);
    text = line_bare(text);
    if (!text.n || marked || text.p[0] == '#' || !state->columns)
        return false;
    if (state->flags & TEXT)
        return text_time(text, ret_us);
    if (state->time_column == NO_COLUMN)
        return false;
    for (uint16_t i = 0; i <= state->time_column; i++)
        if (!next_cell(&text, &cell))
            return false;
    return cell_time(cell.text, ret_us) && *ret_us != TIME_NONE;
}

/* --- what a file begins with --- */

static bool download_failed(struct str head)
{
    return str_find(head, STR("Download failed and temporary file")) >= 0;
}

/* One of the cells is the name of a time column. */
static bool header_row(struct str line)
{
    struct cell cell;
    for (int i = 0; i < LIMIT_FIELDS && next_cell(&line, &cell); i++)
        if (is_time_name(str_trim(cell.text)))
            return true;
    return false;
}

/* Reads the directives of the head, in order, up to the first row. */
static void read_head(struct log_state *s, struct str *head)
{
    struct str text, before = *head;
    for (bool first = true; line_next(head, &text, NULL); before = *head) {
        bool marked = starts_with_marker(text);
        text = line_bare(text);
        if (line_blank(text))
            continue;
        if (text.p[0] == '#' && marked)
            read_directive(s, text);
        else if (text.p[0] != '#' && first && header_row(text))
            read_header_row(s, text);
        else if (text.p[0] != '#' && !marked)
            break;
        first &= text.p[0] == '#';
    }
    *head = before;
}

static int sniff(struct str head, struct str path)
{
    struct log_state s = {0};
    struct str rest = head;
    s.time_column = s.date_column = NO_COLUMN;
    read_head(&s, &rest);
    bool exchange = str_find(str_sub(head, 0, 8192), STR("#Software: Microsoft Exchange")) >= 0;
    if (exchange)
        return 95;
    if ((s.flags & REAL) >= 2 && s.time_column != NO_COLUMN)
        return s.flags & TYPE_SEEN || str_starts(head, STR("#TYPE "))     ? 90
               : str_eq(exlog_kind_of_columns(&s), STR("exchange-other")) ? 25
                                                                          : 65;
    if (download_failed(head))
        return 60;
    /* Text that only its folder explains: the one message that matters may come late. */
    return str_ifind(path, STR("OABGeneratorLog")) >= 0 && head.n && !memchr(head.p, 0, head.n) ? 5
                                                                                                : 0;
}

static void begin(struct log_state *state, struct str head, struct str path)
{
    columns_clear(state);
    state->date_us = TIME_NONE;
    state->flags = 0;
    struct str rows = head;
    read_head(state, &rows);
    if (!state->columns &&
        (download_failed(head) || str_ifind(path, STR("OABGeneratorLog")) >= 0)) {
        text_columns(state);
        return;
    }
    if (!state->kind[0])
        line_set(state->kind, sizeof state->kind, STR("exchange-other"));
    exlog_look_at_rows(state, rows, path, state->flags & TYPE_SEEN);
    state->flags &= ~(uint32_t)(FIELDS_SEEN | TYPE_SEEN); /* the lines come again */
}

static uint16_t real_columns(const struct log_state *state)
{
    return state->flags & REAL;
}

const struct codec codec_exlog = {"exlog",  sniff, begin, line,         line_time,    markers, true,
                                  row_kind, front, ",\"", CELLS_VALUES, real_columns, plain};
