#include "codec/csv.h"
#include "dossier/indicator_sink.h"

enum column {
    COL_TYPE,
    COL_VALUE,
    COL_STRENGTH,
    COL_NOTE,
    COL_SOURCE,
    COL_FROM,
    COL_UNTIL,
    COL_IDS,
    COL_TLP,
    COL_TAGS,
    COLUMNS
};

/* Words of a header, without case, blanks, "-" and "_". The first column that fits is taken. */
static const struct {
    const char *word;
    enum column column;
} headers[] = {
    {"type", COL_TYPE},
    {"indicatortype", COL_TYPE},
    {"ioctype", COL_TYPE},
    {"value", COL_VALUE},
    {"indicator", COL_VALUE},
    {"ioc", COL_VALUE},
    {"iocvalue", COL_VALUE},
    {"indicatorvalue", COL_VALUE},
    {"observable", COL_VALUE},
    {"strength", COL_STRENGTH},
    {"confidence", COL_STRENGTH},
    {"confidencelevel", COL_STRENGTH},
    {"note", COL_NOTE},
    {"notes", COL_NOTE},
    {"comment", COL_NOTE},
    {"comments", COL_NOTE},
    {"description", COL_NOTE},
    {"context", COL_NOTE},
    {"source", COL_SOURCE},
    {"reference", COL_SOURCE},
    {"provider", COL_SOURCE},
    {"feed", COL_SOURCE},
    {"validfrom", COL_FROM},
    {"firstseen", COLUMNS},
    {"lastseen", COLUMNS},
    {"tlp", COL_TLP},
    {"tags", COL_TAGS},
    {"attributetag", COL_TAGS}, /* MISP's export */
    {"validuntil", COL_UNTIL},
    {"validto", COL_UNTIL},
    {"expires", COL_UNTIL},
    {"toids", COL_IDS},
    {"uuid", COLUMNS},
    {"category", COLUMNS},
    {"eventid", COLUMNS},
    {"date", COLUMNS},
    {"id", COLUMNS},
};

struct layout {
    char sep;
    bool header;
    int column[COLUMNS];            /* -1: absent */
    enum tlp tlp;                   /* of the whole list */
    bool typed;                     /* the value column's header names the type */
    enum indicator_type value_type; /* then this one */
};

static struct str bare(struct str cell)
{
    cell = str_trim(cell);
    if (cell.n >= 2 && cell.p[0] == '"' && cell.p[cell.n - 1] == '"')
        cell = str_trim(str_sub(cell, 1, cell.n - 1));
    return cell;
}

static bool header_word(struct str cell, enum column *ret_column)
{
    char low[24];
    size_t n = 0;
    for (size_t i = 0; i < cell.n; i++) {
        char c = (char)ascii_lower((unsigned char)cell.p[i]);
        if (c == ' ' || c == '-' || c == '_')
            continue;
        if (n == sizeof low)
            return false;
        low[n++] = c;
    }
    for (size_t i = 0; i < ARRAY_LEN(headers); i++)
        if (str_eq(str_make(low, n), str_of(headers[i].word))) {
            *ret_column = headers[i].column;
            return true;
        }
    return false;
}

static size_t split(struct str line, char sep, struct str cell[CSV_COLUMNS])
{
    size_t n = 0;
    while (n < CSV_COLUMNS && str_cut(&line, sep, &cell[n])) {
        cell[n] = bare(cell[n]);
        n++;
    }
    return n;
}

static struct str first_line(struct str text)
{
    struct str line;
    while (str_cut(&text, '\n', &line)) {
        line = str_trim(line);
        if (line.n && line.p[0] != '#')
            return line;
    }
    return STR("");
}

/* The columns of a header row; false if it is none. */
static bool read_header(const struct str *cell, size_t n, struct layout *l)
{
    size_t known = 0, types = 0;
    int typed = -1;
    enum indicator_type type;
    enum column column;
    for (size_t i = 0; i < n; i++) {
        if (header_word(cell[i], &column)) {
            known++;
            if (column < COLUMNS && l->column[column] < 0)
                l->column[column] = (int)i;
        } else if (value_type_of_word(cell[i], &type)) {
            types++;
            if (typed < 0) {
                typed = (int)i;
                l->value_type = type;
            }
        }
    }
    if (l->column[COL_VALUE] >= 0)
        return n == 1 || known + types > 1;
    l->typed = typed >= 0 && known + types == n && (n == 1 || known > 0);
    l->column[COL_VALUE] = typed;
    return l->typed;
}

/* Rows without a header: a type and a value, in either order, perhaps a note behind them. */
static bool read_first_row(const struct str *cell, size_t n, struct layout *l)
{
    enum indicator_type type;
    for (size_t i = 0; i < COLUMNS; i++)
        l->column[i] = -1;
    if (n < 2)
        return false;
    bool first = value_type_of_word(cell[0], &type);
    if (!first && !value_type_of_word(cell[1], &type))
        return false;
    l->column[COL_TYPE] = first ? 0 : 1;
    l->column[COL_VALUE] = first ? 1 : 0;
    l->column[COL_NOTE] = 2;
    return true;
}

static bool read_layout(struct str text, struct layout *ret)
{
    static const char separators[] = {',', ';', '\t', '|'};
    struct str cell[CSV_COLUMNS], line = first_line(text);
    for (size_t i = 0; i < ARRAY_LEN(separators); i++) {
        struct layout l = {.sep = separators[i]};
        memset(l.column, 0xff, sizeof l.column);
        size_t n = split(line, l.sep, cell);
        l.header = read_header(cell, n, &l);
        if (l.header || read_first_row(cell, n, &l)) {
            *ret = l;
            return true;
        }
    }
    return false;
}

static int sniff(struct str text, const struct node *root)
{
    struct layout l;
    return !root && read_layout(text, &l) ? 80 : 0;
}

static int64_t read_time(struct indicator_sink *sink, uint32_t line, struct str cell)
{
    int64_t us = TIME_NONE;
    if (cell.n && !time_parse(cell, &us)) {
        sink_problem(sink, line, "%s is no date: taken as unbounded", sink_quote(sink, cell));
        us = TIME_NONE;
    }
    return us;
}

static bool row_type(struct indicator_sink *sink, uint32_t line, const struct layout *l,
                     struct str word, struct str value, enum indicator_type *ret_type)
{
    if (l->column[COL_TYPE] >= 0 && word.n) {
        if (value_type_of_word(word, ret_type))
            return true;
        sink_problem(sink, line,
                     str_iends(word, STR("regex"))
                         ? "type %s is a pattern, which a Sigma rule can hold: %s"
                         : "type %s is not known: %s",
                     sink_quote(sink, word), sink_quote(sink, value));
        return false;
    }
    struct str plain = value_refang(sink->arena, value);
    if (!plain.p)
        sink->rc = ERR_NOMEM;
    *ret_type = l->typed ? l->value_type : value_guess(plain);
    return true;
}

static void row_load(struct indicator_sink *sink, uint32_t line, const struct layout *l,
                     const struct csv_row *row)
{
    struct str value = csv_cell(row, l->column[COL_VALUE]);
    struct str strength = csv_cell(row, l->column[COL_STRENGTH]);
    struct str note = csv_cell(row, l->column[COL_NOTE]);
    struct str source = csv_cell(row, l->column[COL_SOURCE]);
    struct str ids = csv_cell(row, l->column[COL_IDS]);
    struct indicator proto = indicator_of(INDICATOR_TEXT);
    if (ids.n && !str_eq(ids, STR("1")) && !str_ieq(ids, STR("true"))) {
        sink_problem(sink, line, "%s is not meant for detection (to_ids)", sink_quote(sink, value));
        return;
    }
    if (!row_type(sink, line, l, csv_cell(row, l->column[COL_TYPE]), value, &proto.type))
        return;
    if (strength.n && !value_weak(strength, &proto.weak))
        sink_problem(sink, line, "strength %s is not known: taken as strong",
                     sink_quote(sink, strength));
    proto.from_us = read_time(sink, line, csv_cell(row, l->column[COL_FROM]));
    proto.until_us = read_time(sink, line, csv_cell(row, l->column[COL_UNTIL]));
    proto.tlp = tlp_stricter(l->tlp, sink_marks(sink, line, csv_cell(row, l->column[COL_TLP])));
    proto.tlp = tlp_stricter(proto.tlp, sink_tags(sink, line, csv_cell(row, l->column[COL_TAGS])));
    proto.note = note.n ? sink_str(sink, note) : STR_NONE;
    proto.source = source.n ? sink_str(sink, source) : STR_NONE;
    sink_add(sink, line, &proto, value);
}

/* Comma-separated text is RFC 4180's; with other separators cells hold no separator. */
static enum err next_row(struct csv *c, const struct layout *l, struct csv_row *row)
{
    struct str line;
    if (l->sep == ',')
        return csv_next(c, row);
    do {
        if (!str_cut(&c->rest, '\n', &line))
            return END;
        c->line = c->next_line++;
        line = str_trim(line);
    } while (!line.n || line.p[0] == '#');
    row->n = split(line, l->sep, row->cell);
    return OK;
}

static void load(struct indicator_sink *sink, struct str text, const struct node *root)
{
    struct layout l;
    struct csv c;
    struct csv_row row;
    bool first = true;
    (void)root;
    if (!read_layout(text, &l))
        return;
    l.tlp = head_mark(text);
    csv_init(&c, text, sink->arena);
    while (!sink->rc) {
        enum err rc = next_row(&c, &l, &row);
        if (rc == END)
            return;
        if (rc == ERR_NOMEM)
            sink->rc = rc;
        else if (rc)
            sink_problem(sink, c.line, rc == ERR_LIMIT ? "too many cells" : "bad quoting");
        else if (!first || !l.header)
            row_load(sink, c.line, &l, &row);
        first = false;
    }
}

const struct indicator_source source_csv = {"csv", sniff, load};
