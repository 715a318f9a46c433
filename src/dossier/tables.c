#include "codec/csv.h"
#include "dossier/parts.h"

/* One table being read: the columns in the order in which its row reader wants them. */
enum { COLUMNS_MAX = 8 };
struct table {
    struct load *load;
    struct str file;
    const char *columns[COLUMNS_MAX + 1]; /* ends with NULL; a leading "?" marks an optional one */
    size_t size;                          /* of one item */
    /* Fills one zeroed item; false leaves the row out (after saying why). */
    bool (*row)(const struct table *t, const struct str cell[COLUMNS_MAX], void *ret_item);
    uint32_t line;
};

static void wrong(const struct table *t, const char *what, struct str text)
{
    problem_add(t->load->arena, t->load->problems, t->file, t->line, false, "%s: \"%.*s\"", what,
                STR_FMT(text));
}

static bool columns_find(const struct table *t, const struct csv_row *header,
                         int ret_column[COLUMNS_MAX])
{
    bool ok = true;
    for (int i = 0; i < COLUMNS_MAX; i++)
        ret_column[i] = -1;
    for (int i = 0; t->columns[i]; i++) {
        bool optional = t->columns[i][0] == '?';
        ret_column[i] = csv_column(header, str_of(t->columns[i] + optional));
        if (ret_column[i] < 0 && !optional) {
            wrong(t, "a column is missing", str_of(t->columns[i]));
            ok = false;
        }
    }
    return ok;
}

/* Lines are an upper bound of rows: enough room for all, at once. */
static size_t lines_of(struct str text)
{
    size_t n = 1;
    for (size_t i = 0; i < text.n; i++)
        n += text.p[i] == '\n';
    return n < TABLE_ROWS_MAX ? n : TABLE_ROWS_MAX;
}

static enum err rows_read(struct table *t, struct csv *csv, const int column[COLUMNS_MAX],
                          char *items, size_t max, size_t *ret_n)
{
    struct csv_row row;
    for (;;) {
        enum err rc = csv_next(csv, &row);
        struct str cell[COLUMNS_MAX];
        t->line = csv->line;
        if (rc == END)
            return OK;
        if (rc == ERR_NOMEM)
            return rc;
        if (rc) {
            wrong(t, "a row cannot be read", STR(""));
            continue;
        }
        if (*ret_n == max) {
            wrong(t, "too many rows", STR(""));
            return OK;
        }
        for (int i = 0; i < COLUMNS_MAX; i++)
            cell[i] = csv_cell(&row, column[i]);
        if (t->row(t, cell, items + *ret_n * t->size))
            ++*ret_n;
    }
}

static enum err table_read(struct table *t, void **ret_items, size_t *ret_n)
{
    struct str text = file_text(t->load, t->file);
    struct csv csv;
    struct csv_row header;
    int column[COLUMNS_MAX];
    size_t max = lines_of(text);

    *ret_n = 0;
    *ret_items = NULL;
    if (!text.p)
        return OK;
    csv_init(&csv, text, t->load->arena);
    t->line = 1;
    if (csv_next(&csv, &header) || !columns_find(t, &header, column))
        return OK;
    *ret_items = arena_array(t->load->arena, max, t->size);
    if (!*ret_items)
        return ERR_NOMEM;
    return rows_read(t, &csv, column, *ret_items, max, ret_n);
}

/* An empty cell is no date; anything else must be one. */
static bool date_of(const struct table *t, struct str text, int64_t *ret_us)
{
    *ret_us = TIME_NONE;
    if (text.n == 0 || time_parse(text, ret_us))
        return true;
    wrong(t, "no date", text);
    *ret_us = TIME_NONE;
    return false;
}

static bool build_of(const struct table *t, struct str text, struct build *ret_build)
{
    if (build_parse(text, ret_build) && build_exact(ret_build))
        return true;
    wrong(t, "no build of four numbers", text);
    return false;
}

static bool fix_row(const struct table *t, const struct str cell[COLUMNS_MAX], void *ret_item)
{
    struct fix f = {.cve = cell[0], .product = cell[1], .update = cell[2], .rule = cell[5]};
    if (f.rule.n == 0)
        f.rule = STR("build");
    bool ok = build_of(t, cell[3], &f.build) && date_of(t, cell[4], &f.released_us);
    memcpy(ret_item, &f, sizeof f);
    return ok;
}

static bool known_row(const struct table *t, const struct str cell[COLUMNS_MAX], void *ret_item)
{
    struct known_build k = {.product = cell[0], .update = cell[1]};
    bool ok = build_of(t, cell[2], &k.build) && date_of(t, cell[3], &k.released_us);
    memcpy(ret_item, &k, sizeof k);
    return ok;
}

static bool shipped_row(const struct table *t, const struct str cell[COLUMNS_MAX], void *ret_item)
{
    struct shipped_file s = {.path = cell[0],
                             .sha256 = cell[1],
                             .first = {{-1, -1, -1, -1}},
                             .last = {{-1, -1, -1, -1}}};
    if (s.path.n == 0) {
        wrong(t, "no path", s.path);
        return false;
    }
    for (size_t i = 0; i < s.sha256.n; i++)
        if (ascii_hex((unsigned char)s.sha256.p[i]) < 0)
            s.sha256.n = 0;
    if (cell[1].n && s.sha256.n != 64) {
        wrong(t, "no SHA-256", cell[1]);
        return false;
    }
    if ((cell[2].n && !build_of(t, cell[2], &s.first)) ||
        (cell[3].n && !build_of(t, cell[3], &s.last)))
        return false;
    memcpy(ret_item, &s, sizeof s);
    return true;
}

static bool indicator_row(const struct table *t, const struct str cell[COLUMNS_MAX], void *ret_item)
{
    static const char *const types[] = {"address", "domain", "url", "name",
                                        "agent",   "hash",   "text"};
    struct indicator in = {.value = cell[1],
                           .weak = !str_ieq(cell[2], STR("strong")),
                           .note = cell[3],
                           .source = cell[4],
                           .dossier = t->load->d->id};
    size_t type = 0;
    while (type < ARRAY_LEN(types) && !str_ieq(cell[0], str_of(types[type])))
        type++;
    if (type == ARRAY_LEN(types) || in.value.n == 0) {
        wrong(t, "no indicator type, or no value", cell[0]);
        return false;
    }
    in.type = (enum indicator_type)type;
    if (in.weak && !str_ieq(cell[2], STR("weak")))
        wrong(t, "strength is neither strong nor weak; taken as weak", cell[2]);
    bool ok = date_of(t, cell[5], &in.from_us) && date_of(t, cell[6], &in.until_us);
    memcpy(ret_item, &in, sizeof in);
    return ok;
}

enum err tables_read(struct load *l)
{
    struct dossier *d = l->d;
    void *items;
    struct table fixes = {l,
                          STR("fixes.csv"),
                          {"cve", "product", "update", "build", "released", "?rule", NULL},
                          sizeof(struct fix),
                          fix_row,
                          0};
    struct table builds = {l,
                           STR("builds.csv"),
                           {"product", "update", "build", "released", NULL},
                           sizeof(struct known_build),
                           known_row,
                           0};
    struct table baseline = {l,
                             STR("baseline.csv"),
                             {"path", "?sha256", "?first_build", "?last_build", NULL},
                             sizeof(struct shipped_file),
                             shipped_row,
                             0};
    struct table indicators = {
        l,
        STR("indicators.csv"),
        {"type", "value", "strength", "?note", "?source", "?valid_from", "?valid_until", NULL},
        sizeof(struct indicator),
        indicator_row,
        0};

    TRY(table_read(&fixes, &items, &d->n_fixes));
    d->fix = items;
    TRY(table_read(&builds, &items, &d->n_known));
    d->known = items;
    TRY(table_read(&baseline, &items, &d->n_shipped));
    d->shipped = items;
    TRY(table_read(&indicators, &items, &d->n_indicators));
    d->indicator = items;
    return OK;
}
