#include "codec/w3c.h"

#include "codec/line.h"

enum { NO_COLUMN = 0xffff, HEADERLESS = 1 /* log_state.flags: columns are a default set */ };

const char *const w3c_markers[] = {"#Fields:", "#Date:", "#Software:", NULL};

/* --- columns --- */

static bool same_columns(const struct log_state *s, struct str fields)
{
    struct str name;
    uint16_t i = 0;
    for (; line_word(&fields, &name); i++)
        if (i >= s->columns || !str_eq(column_name(s, i), name))
            return false;
    return i == s->columns && i > 0;
}

static void set_columns(struct log_state *s, struct str fields)
{
    struct str name;
    if (same_columns(s, fields))
        return;
    columns_clear(s);
    while (line_word(&fields, &name) && column_add(s, name))
        ;
    int date = column_find(s, STR("date")), clock = column_find(s, STR("time"));
    s->date_column = date < 0 ? NO_COLUMN : (uint16_t)date;
    s->time_column = clock < 0 ? NO_COLUMN : (uint16_t)clock;
}

/* The text behind "#Name:" if the line is that directive. */
static bool directive(struct str line, struct str name, struct str *ret_value)
{
    if (!str_starts(line, name))
        return false;
    *ret_value = str_trim(str_sub(line, name.n, line.n));
    return true;
}

static void read_directive(struct log_state *s, struct str line)
{
    struct str value;
    int64_t date_us;
    if (directive(line, STR("#Fields:"), &value)) {
        set_columns(s, value);
        s->flags &= ~(uint32_t)HEADERLESS;
    } else if (directive(line, STR("#Date:"), &value)) {
        if (time_parse_date(str_sub(value, 0, 10), &date_us))
            s->date_us = date_us;
    } else if (directive(line, STR("#Software:"), &value)) {
        line_set(s->version, sizeof s->version,
                 str_sub(value, (size_t)(str_rchr(value, ' ') + 1), value.n));
    }
}

/* --- one row --- */

struct row {
    struct str line;
    size_t n;                      /* parts in the line */
    struct str part[LIMIT_FIELDS]; /* the first ones */
};

static void split(struct str line, struct row *row)
{
    row->line = line;
    row->n = line_words(line, row->part, LIMIT_FIELDS);
}

static bool port_like(struct str s)
{
    return s.n <= 5 && line_digits(s);
}

/* Where a row with more parts than columns took its surplus: "user" parts before the client
 * address, the rest in column "free". Columns 0 and 1 never do, if there are more. */
struct surplus {
    int user, free;
    size_t user_parts, free_parts;
};

static struct surplus place_surplus(const struct w3c_profile *profile, const struct log_state *s,
                                    const struct row *row)
{
    int last = s->columns - 1, port = column_find(s, STR("s-port"));
    int query = column_find(s, STR("cs-uri-query")), ip = column_find(s, STR("c-ip"));
    struct surplus u = {.user = -1, .free = column_find(s, str_of(profile->free_column))};
    size_t over = row->n - s->columns, known = row->n < LIMIT_FIELDS ? row->n : LIMIT_FIELDS;
    /* No number where the port belongs: the blanks are in what stands before it. */
    if (port > 1 && query > 1 && query < port && !port_like(row->part[port])) {
        u.free = query;
    } else if (ip > 2 && ip > port && u.free > ip && column_find(s, STR("cs-username")) == ip - 1) {
        size_t at = (size_t)ip;
        while (at < known && at - (size_t)ip <= over && !line_address(row->part[at]))
            at++;
        if (at < known && at - (size_t)ip <= over) {
            u.user = ip - 1;
            u.user_parts = at - (size_t)ip;
        }
    }
    if (u.free < 2 || u.free <= u.user)
        u.free = last;
    u.free_parts = over - u.user_parts;
    return u;
}

/* The bytes from the start of one part to the end of another. */
static struct str span(struct str from, struct str to)
{
    return str_make(from.p, (size_t)(to.p + to.n - from.p));
}

/* Left of the free column parts count from the left, right of it from the right. */
static void fill_surplus(const struct surplus *u, const struct row *row, uint16_t columns,
                         struct record *r)
{
    struct str rest = row->line;
    struct str free_from = row->part[0], word;
    size_t c = 0, join = 0;
    while (c < columns && line_word(&rest, &word)) {
        size_t more = (int)c == u->user ? u->user_parts : (int)c == u->free ? u->free_parts : 0;
        if (join == 0)
            free_from = word;
        r->value[c] = span(free_from, word);
        if (join++ == more) {
            join = 0;
            c++;
        }
    }
}

/* Columns whose values have a shape; -1 where they are not logged. */
struct shapes {
    int port, ip, status;
};

static struct shapes shapes_of(const struct log_state *s)
{
    return (struct shapes){column_find(s, STR("s-port")), column_find(s, STR("c-ip")),
                           column_find(s, STR("sc-status"))};
}

/* Where a row with fewer parts than columns lacks some: all before one column. */
static struct str part_of(const struct row *row, size_t gap, size_t lacking, int column)
{
    size_t c = (size_t)column;
    if (c >= gap && c < gap + lacking)
        return STR_NONE;
    return row->part[c < gap ? c : c - lacking];
}

enum rigour { GAP_AT_END, GAP_LENIENT, GAP_STRICT };

static bool shape_fits(struct str s, enum rigour rigour, bool (*shape)(struct str))
{
    if (!s.p)
        return rigour == GAP_AT_END;
    return (rigour != GAP_STRICT && str_eq(s, STR("-"))) || shape(s);
}

static bool status_like(struct str s)
{
    return s.n == 3 && line_digits(s);
}

static bool gap_fits(const struct row *row, struct shapes at, size_t gap, size_t lacking,
                     enum rigour rigour)
{
    return (at.port < 0 || shape_fits(part_of(row, gap, lacking, at.port), rigour, port_like)) &&
           (at.ip < 0 || shape_fits(part_of(row, gap, lacking, at.ip), rigour, line_address)) &&
           (at.status < 0 ||
            shape_fits(part_of(row, gap, lacking, at.status), rigour, status_like));
}

/* Values may be empty, most often the user's name: then every single blank parts two columns. */
static bool fill_empty(const struct log_state *s, struct str line, struct record *r)
{
    struct shapes at = shapes_of(s);
    struct str word;
    size_t n = 0;
    for (line = str_trim(line); str_cut(&line, ' ', &word); n++) {
        if (n == s->columns)
            return false;
        r->value[n] = word.n ? word : STR_NONE;
    }
    return n == s->columns &&
           (at.port < 0 || shape_fits(r->value[at.port], GAP_AT_END, port_like)) &&
           (at.ip < 0 || shape_fits(r->value[at.ip], GAP_AT_END, line_address)) &&
           (at.status < 0 || shape_fits(r->value[at.status], GAP_AT_END, status_like));
}

/* The blanks were made one: a single gap is looked for, that of the user's name first. The row may
 * also just end early. false if no place for the gap gives port, address and status. */
static bool place_gap(const struct log_state *s, const struct row *row, size_t *ret_gap)
{
    struct shapes at = shapes_of(s);
    size_t lacking = s->columns - row->n;
    int user = column_find(s, STR("cs-username"));
    *ret_gap = row->n;
    if (gap_fits(row, at, row->n, lacking, GAP_AT_END))
        return true;
    for (int rigour = GAP_STRICT; rigour >= GAP_LENIENT; rigour--)
        for (size_t i = 1; i < row->n; i++) {
            size_t gap = i > 1 ? row->n + 1 - i : user > 1 ? (size_t)user : row->n;
            if (gap < row->n && gap_fits(row, at, gap, lacking, (enum rigour)rigour)) {
                *ret_gap = gap;
                return true;
            }
        }
    return false;
}

/* false if a row with too few parts could not be put right. */
static bool fill(const struct w3c_profile *profile, const struct log_state *s,
                 const struct row *row, struct record *r)
{
    bool right = true;
    r->n = row->n < s->columns ? (uint16_t)row->n : s->columns;
    if (row->n < s->columns && fill_empty(s, row->line, r)) {
        r->n = s->columns;
    } else if (row->n < s->columns) {
        size_t gap, lacking = s->columns - row->n;
        right = place_gap(s, row, &gap);
        if (gap < row->n)
            r->n = s->columns;
        for (uint16_t c = 0; c < r->n; c++)
            r->value[c] = part_of(row, gap, lacking, c);
    } else if (row->n == s->columns) {
        memcpy(r->value, row->part, r->n * sizeof r->value[0]);
    } else {
        struct surplus u = place_surplus(profile, s, row);
        fill_surplus(&u, row, s->columns, r);
    }
    for (uint16_t i = 0; i < r->n; i++)
        if (r->value[i].n == 1 && r->value[i].p[0] == '-')
            r->value[i] = STR_NONE;
    return right;
}

/* Date and time of a row from its two columns; *ret_us is TIME_NONE where nothing tells them.
 * false if a value is there and is no date or time. */
static bool row_time(const struct log_state *s, struct str date, struct str clock, int64_t *ret_us)
{
    int64_t day_us = s->date_us, clock_us = 0;
    *ret_us = TIME_NONE;
    if (s->date_column == NO_COLUMN && s->time_column == NO_COLUMN)
        return true;
    if (s->date_column != NO_COLUMN && !time_parse_date(date, &day_us))
        return false;
    if (s->time_column != NO_COLUMN && !time_parse_clock(clock, &clock_us))
        return false;
    if (day_us != TIME_NONE)
        *ret_us = day_us + clock_us;
    return true;
}

static struct str value_at(const struct record *r, uint16_t column)
{
    return column < r->n ? r->value[column] : STR_NONE;
}

/* The row stops before what matters: no status, or not even half of the columns. */
static bool stops_early(const struct log_state *s, const struct record *r)
{
    if (r->n >= s->columns)
        return false;
    int status = column_find(s, STR("sc-status"));
    return r->n * 2 < s->columns || (status >= 0 && status >= r->n);
}

static bool cut_in_time(const struct log_state *s, const struct record *r)
{
    size_t last = s->date_column == NO_COLUMN ? 0 : s->date_column;
    if (s->time_column != NO_COLUMN && s->time_column > last)
        last = s->time_column;
    return r->n <= last + 1 && r->n < s->columns && r->n && r->value[0].n &&
           ascii_digit((unsigned char)r->value[0].p[0]);
}

enum line_class w3c_line(const struct w3c_profile *profile, struct log_state *state,
                         struct str line, struct record *ret_record)
{
    ret_record->raw = line;
    ret_record->time_us = TIME_NONE;
    ret_record->n = 0;
    if (str_starts(line, STR("#"))) {
        read_directive(state, line_bare(line));
        return LINE_DIRECTIVE;
    }
    bool zeros = line_zeros(line);
    line = line_bare(line);
    if (line_blank(line))
        return zeros ? LINE_BAD : LINE_BLANK;
    if (line.p[0] == '#') /* behind the NUL bytes of a crash: too late to be obeyed */
        return LINE_DIRECTIVE;
    if (!state->columns)
        return LINE_BAD;
    UNCLEARED struct row row;
    split(line, &row);
    bool right = fill(profile, state, &row, ret_record);
    if (!row_time(state, value_at(ret_record, state->date_column),
                  value_at(ret_record, state->time_column), &ret_record->time_us)) {
        ret_record->time_us = TIME_NONE;
        return cut_in_time(state, ret_record) ? LINE_CUT : LINE_BAD;
    }
    return !right || stops_early(state, ret_record) ? LINE_CUT : LINE_RECORD;
}

bool w3c_line_time(const struct w3c_profile *profile, const struct log_state *state,
                   struct str line, int64_t *ret_us)
{
    struct str rest = line_bare(line), word[2] = {STR_NONE, STR_NONE};
    uint16_t date = state->date_column, clock = state->time_column;
    if (!rest.n || rest.p[0] == '#' || !state->columns || (date & clock) == NO_COLUMN)
        return false;
    if (state->columns > 2 && (date < 2 || date == NO_COLUMN) &&
        (clock < 2 || clock == NO_COLUMN)) {
        (void)(line_word(&rest, &word[0]) && line_word(&rest, &word[1]));
        return row_time(state, date < 2 ? word[date] : STR_NONE, clock < 2 ? word[clock] : STR_NONE,
                        ret_us) &&
               *ret_us != TIME_NONE;
    }
    struct row row;
    struct record r;
    split(rest, &row);
    (void)fill(profile, state, &row, &r);
    return row_time(state, value_at(&r, date), value_at(&r, clock), ret_us) && *ret_us != TIME_NONE;
}

/* Rows that start with date and time and have as many parts as columns need not be put right. */
bool w3c_plain(const struct log_state *state, struct str line, uint16_t columns,
               struct record *ret_record)
{
    enum { DATE = 10, CLOCK = 8, FRONT = DATE + 1 + CLOCK };
    if (state->date_column != 0 || state->time_column != 1 || line.n <= FRONT ||
        !line_dated(line) || line.p[DATE] != ' ' || line.p[FRONT] != ' ' ||
        line_word_count(line) != state->columns ||
        !time_parse(str_make(line.p, FRONT), &ret_record->time_us))
        return false;
    ret_record->n = columns < state->columns ? columns : state->columns;
    for (uint16_t c = 0; c < ret_record->n && line_word(&line, &ret_record->value[c]); c++)
        if (str_eq(ret_record->value[c], STR("-")))
            ret_record->value[c] = STR_NONE;
    return true;
}

/* --- what a file begins with --- */

/* All parts there, and those that have a shape have it. */
static bool fits(const struct log_state *s, struct str line)
{
    static const struct w3c_profile none = {.free_column = ""};
    struct row row;
    struct record r;
    int64_t t;
    split(line, &row);
    if (row.n != s->columns)
        return false;
    (void)fill(&none, s, &row, &r);
    struct str port = record_get(s, &r, STR("s-port")), ip = record_get(s, &r, STR("c-ip"));
    struct str status = record_get(s, &r, STR("sc-status"));
    return row_time(s, value_at(&r, s->date_column), value_at(&r, s->time_column), &t) &&
           (!port.p || port_like(port)) && (!ip.p || line_address(ip)) &&
           (!status.p || status_like(status));
}

static bool own_columns(const struct w3c_profile *profile, const struct log_state *s)
{
    for (const char *const *name = profile->own; *name; name++)
        if (column_find(s, str_of(*name)) >= 0)
            return true;
    return false;
}

/* Whether a line may begin with "#". Most files are no logs at all, and then not worth going
 * through line by line. */
static bool has_directives(struct str rest)
{
    char before = '\n';
    for (ptrdiff_t at; (at = str_chr(rest, '#')) >= 0;) {
        before = at ? rest.p[at - 1] : before;
        if (before == '\n' || before == 0)
            return true;
        before = '#';
        rest = str_sub(rest, (size_t)at + 1, rest.n);
    }
    return false;
}

/* The columns that the head's first row goes by: its #Fields, else a later #Fields or a default
 * set that the row fits. *ret_software is the #Software text, *ret_row the row. */
static void find_columns(const struct w3c_profile *profile, struct log_state *s, struct str head,
                         struct str *ret_software, struct str *ret_row)
{
    struct str line, value;
    bool fields = false;
    *ret_software = *ret_row = STR_NONE;
    while (line_next(&head, &line, NULL)) {
        line = line_bare(line);
        if (directive(line, STR("#Software:"), &value) && !ret_software->p)
            *ret_software = value;
        if (directive(line, STR("#Fields:"), &value) && !fields) {
            fields = true;
            set_columns(s, value);
            if (ret_row->p && !fits(s, *ret_row))
                columns_clear(s);
        }
        bool first = !line_blank(line) && line.p[0] != '#' && !ret_row->p;
        if (first)
            *ret_row = line;
        if (ret_row->p && (fields || (first && !has_directives(head))))
            break;
    }
    for (const char *const *d = profile->defaults; *d && !s->columns && ret_row->p; d++) {
        set_columns(s, str_of(*d));
        s->flags |= HEADERLESS;
        if (!fits(s, *ret_row))
            columns_clear(s);
    }
    if (!s->columns)
        s->flags &= ~(uint32_t)HEADERLESS;
}

int w3c_sniff(const struct w3c_profile *profile, struct str head)
{
    struct log_state s = {.date_us = TIME_NONE};
    struct str software, row;
    columns_clear(&s);
    find_columns(profile, &s, head, &software, &row);
    bool ours = str_ifind(software, str_of(profile->software)) >= 0;
    if (!s.columns)
        return ours ? 80 : 0;
    if (s.flags & HEADERLESS)
        return 60;
    if (s.columns == 1 && str_chr(column_name(&s, 0), ',') >= 0)
        return 0; /* the Exchange family */
    if (own_columns(profile, &s))
        return 95;
    /* Some other server's log in this format. */
    return ours ? 85 : column_find(&s, STR("cs-method")) >= 0 ? 30 : 0;
}

static int64_t date_of_name(struct str path)
{
    struct str name = line_base_name(path);
    ptrdiff_t at = str_ifind(name, STR("ex"));
    struct str d = at < 0 ? STR_NONE : str_sub(name, (size_t)at + 2, (size_t)at + 8);
    if (d.n != 6 || !line_digits(d))
        return TIME_NONE;
    struct civil c = {
        .year = 2000 + (d.p[0] - '0') * 10 + (d.p[1] - '0'),
        .month = (d.p[2] - '0') * 10 + (d.p[3] - '0'),
        .day = (d.p[4] - '0') * 10 + (d.p[5] - '0'),
    };
    return time_of_civil(&c);
}

static bool site_two(struct str path)
{
    ptrdiff_t at = str_ifind(path, STR("W3SVC2"));
    size_t end = (size_t)at + 6;
    return at >= 0 && (end >= path.n || !ascii_digit((unsigned char)path.p[end]));
}

/* The port of the rows decides between front and back end; the folder where they tell nothing. */
static bool back_end(const struct w3c_profile *profile, struct log_state *s, struct str head,
                     struct str path)
{
    struct str line;
    bool whole;
    int front = 0, back = 0;
    struct record r;
    while (line_next(&head, &line, &whole)) {
        if (!whole && back + front)
            break; /* the head ends in the middle of a line */
        if (w3c_line(profile, s, line, &r) != LINE_RECORD)
            continue;
        struct str port = record_get(s, &r, STR("s-port"));
        if (str_eq(port, STR("444")) || str_eq(port, STR("81")))
            back++;
        else if (port.p)
            front++;
        struct str host = record_get(s, &r, STR("s-computername"));
        if (!s->host[0] && host.n)
            line_set(s->host, sizeof s->host, host);
    }
    return back > front || (back == front && site_two(path));
}

void w3c_begin(const struct w3c_profile *profile, struct log_state *state, struct str head,
               struct str path)
{
    struct str software, row;
    columns_clear(state);
    state->date_us = date_of_name(path);
    find_columns(profile, state, head, &software, &row);
    line_set(state->version, sizeof state->version,
             str_sub(software, (size_t)(str_rchr(software, ' ') + 1), software.n));
    struct log_state scratch = *state;
    bool back = back_end(profile, &scratch, head, path);
    memcpy(state->host, scratch.host, sizeof state->host);
    line_set(state->kind, sizeof state->kind, str_of(profile->kind));
    if (back && str_eq(str_of(profile->kind), STR("iis")))
        line_set(state->kind, sizeof state->kind, STR("iis-backend"));
}

/* --- IIS --- */

static const char *const own[] = {"cs-uri-stem", "cs-uri-query", "sc-win32-status", "sc-substatus",
                                  NULL};

/* IIS 8 and later; IIS 7 had no referrer. */
static const char *const defaults[] = {
    "date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) "
    "cs(Referer) sc-status sc-substatus sc-win32-status time-taken",
    "date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) "
    "sc-status sc-substatus sc-win32-status time-taken",
    NULL,
};

static const struct w3c_profile iis = {
    .kind = "iis",
    .software = "Internet Information Services",
    .own = own,
    .defaults = defaults,
    .free_column = "cs(User-Agent)",
};

static int sniff(struct str head, struct str path)
{
    (void)path;
    /* HTTP.sys has cs-method too, but names itself. */
    return str_find(head, STR("#Software: Microsoft HTTP API")) >= 0 ? 0 : w3c_sniff(&iis, head);
}

static void begin(struct log_state *state, struct str head, struct str path)
{
    w3c_begin(&iis, state, head, path);
}

static enum line_class line(struct log_state *state, struct str text, struct arena *arena,
                            struct record *ret_record)
{
    (void)arena;
    return w3c_line(&iis, state, text, ret_record);
}

static bool line_time(const struct log_state *state, struct str text, int64_t *ret_us)
{
    return w3c_line_time(&iis, state, text, ret_us);
}

const struct codec codec_w3c = {"w3c", sniff, begin, line,        line_time, w3c_markers, false,
                                NULL,  NULL,  " \t", CELLS_WORDS, NULL,      w3c_plain};
