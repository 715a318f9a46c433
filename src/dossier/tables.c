#include "codec/csv.h"
#include "dossier/parts.h"

/* One table being read: the columns in the order in which its row reader wants them. */
enum { COLUMNS_MAX = 11 };
struct table {
    struct load *load;
    struct str file;
    const char *columns[COLUMNS_MAX + 1]; /* ends with NULL; a leading "?" marks an optional one */
    size_t size;                          /* of one item */
    /* Fills one zeroed item; false leaves the row out (after saying why). */
    bool (*row)(const struct table *t, const struct str cell[COLUMNS_MAX], void *ret_item);
    uint32_t line;
    size_t max_rows; /* 0: TABLE_ROWS_MAX */
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
static size_t lines_of(struct str text, size_t max)
{
    const size_t n = 1 + str_count(text, '\n');
    return n < max ? n : max;
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
    size_t max = lines_of(text, t->max_rows ? t->max_rows : TABLE_ROWS_MAX);

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

/* The same, or "2011-02", which is taken as its first day. */
static bool release_of(const struct table *t, struct str text, int64_t *ret_us, bool *ret_by_month)
{
    char day[] = "2011-02-01";
    *ret_by_month = false;
    if (text.n == strlen("2011-02")) {
        memcpy(day, text.p, text.n);
        *ret_by_month = time_parse_date(str_of(day), ret_us);
    }
    return *ret_by_month || date_of(t, text, ret_us);
}

static int numbers_of(const struct build *b)
{
    int n = 0;
    while (n < 4 && b->part[n] >= 0)
        n++;
    return n;
}

/* Four numbers, or as many as the product's own first build has. */
static bool build_of_product(const struct table *t, struct str product, struct str text,
                             struct build *ret_build)
{
    if (build_parse(text, ret_build)) {
        const struct product *p =
            build_exact(ret_build) ? NULL : product_named(t->load->d, product);
        if (build_exact(ret_build) ||
            (p && numbers_of(&p->from) > 1 && numbers_of(ret_build) >= numbers_of(&p->from)))
            return true;
    }
    wrong(t, "no build of four numbers, or of as many as the product's first build has", text);
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
    struct fix f = {.cve = cell[0],
                    .product = cell[1],
                    .update = cell[2],
                    .affected_from = {{-1, -1, -1, -1}},
                    .rule = cell[5].n ? cell[5] : STR("build"),
                    .needs = cell[6].n ? cell[6] : STR_NONE,
                    .kb = cell[7],
                    .source = cell[9],
                    .note = cell[10],
                    .line = t->line};
    bool ok = build_of_product(t, f.product, cell[3], &f.build) &&
              release_of(t, cell[4], &f.released_us, &f.by_month);
    if (cell[8].n && !build_parse(cell[8], &f.affected_from)) {
        wrong(t, "no build", cell[8]);
        ok = false;
    }
    memcpy(ret_item, &f, sizeof f);
    return ok;
}

static bool known_row(const struct table *t, const struct str cell[COLUMNS_MAX], void *ret_item)
{
    struct known_build k = {.product = cell[0],
                            .update = cell[1],
                            .kb = cell[5],
                            .source = cell[6],
                            .note = cell[7],
                            .line = t->line};
    bool ok = build_of_product(t, k.product, cell[2], &k.build) &&
              release_of(t, cell[3], &k.released_us, &k.by_month) && date_of(t, cell[4], &k.eol_us);
    memcpy(ret_item, &k, sizeof k);
    return ok;
}

static bool fact_row(const struct table *t, const struct str cell[COLUMNS_MAX], void *ret_item)
{
    bool by_month;
    struct cve_fact f = {.cve = cell[0],
                         .title = cell[1],
                         .cvss = cell[2],
                         .kev_ransomware = cell[4].n ? cell[4] : STR_NONE,
                         .source = cell[7],
                         .note = cell[8],
                         .line = t->line};
    bool ok = date_of(t, cell[3], &f.kev_added_us) &&
              release_of(t, cell[5], &f.exploited_since_us, &by_month) &&
              release_of(t, cell[6], &f.published_us, &by_month);
    memcpy(ret_item, &f, sizeof f);
    return ok;
}

static bool setting_row(const struct table *t, const struct str cell[COLUMNS_MAX], void *ret_item)
{
    struct setting_row s = {.setting = cell[0],
                            .cve = cell[1].n ? cell[1] : STR_NONE,
                            .what = cell[2],
                            .where = cell[3],
                            .value = cell[4],
                            .source = cell[5],
                            .note = cell[6],
                            .line = t->line};
    if (!s.setting.n || !s.what.n || !s.where.n) {
        wrong(t, "a row needs setting, what and where", s.setting);
        return false;
    }
    memcpy(ret_item, &s, sizeof s);
    return true;
}

/* A path is known by its tail. */
static bool path_of_two(struct str path)
{
    size_t i = 0, names = 0;
    while (i < path.n) {
        size_t from = i;
        while (i < path.n && path.p[i] != '\\' && path.p[i] != '/')
            i++;
        names += i > from;
        i++;
    }
    return names > 1 && path.n < LIMIT_PATH_BYTES;
}

static bool shipped_row(const struct table *t, const struct str cell[COLUMNS_MAX], void *ret_item)
{
    struct shipped_file s = {.path = cell[0],
                             .sha256 = cell[1],
                             .first = {{-1, -1, -1, -1}},
                             .last = {{-1, -1, -1, -1}},
                             .source = cell[4]};
    if (!path_of_two(s.path)) {
        wrong(t, "no path of two names or more, which would fit any file of its name", s.path);
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

static bool covered_row(const struct table *t, const struct str cell[COLUMNS_MAX], void *ret_item)
{
    struct arena *arena = t->load->arena;
    struct covered_folder f = {.path = cell[0],
                               .below = str_ieq(cell[1], STR("yes")),
                               .extension = list_of(arena, cell[2]),
                               .name = list_of(arena, cell[3]),
                               .source = cell[4],
                               .note = cell[5]};
    if (f.path.n == 0 || f.path.n >= LIMIT_PATH_BYTES) {
        wrong(t, "no path of a folder", f.path);
        return false;
    }
    if (!f.below && !str_ieq(cell[1], STR("no"))) {
        wrong(t, "below is neither yes nor no", cell[1]);
        return false;
    }
    for (size_t i = 0; i < f.extension.n; i++)
        if (str_chr(f.extension.v[i], '.') >= 0)
            wrong(t, "an extension has a dot in it, and will fit no file", f.extension.v[i]);
    memcpy(ret_item, &f, sizeof f);
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
    if (cell[7].n && !tlp_parse(cell[7], &in.tlp))
        wrong(t, "no mark of the Traffic Light Protocol", cell[7]);
    if (in.weak && !str_ieq(cell[2], STR("weak")))
        wrong(t, "strength is neither strong nor weak; taken as weak", cell[2]);
    bool ok = date_of(t, cell[5], &in.from_us) && date_of(t, cell[6], &in.until_us);
    memcpy(ret_item, &in, sizeof in);
    return ok;
}

/* A catalogue names its CVEs once, in cves.csv. */
static enum err cves_of_facts(struct dossier *d, struct arena *arena)
{
    d->cves.v = arena_new_n(arena, struct str, d->n_facts + 1);
    d->cve_titles.v = arena_new_n(arena, struct str, d->n_facts + 1);
    if (!d->cves.v || !d->cve_titles.v)
        return ERR_NOMEM;
    for (size_t i = 0; i < d->n_facts; i++) {
        d->cves.v[i] = d->fact[i].cve;
        d->cve_titles.v[i] = d->fact[i].title;
    }
    d->cves.n = d->cve_titles.n = d->n_facts;
    return OK;
}

/* What products, builds and fixes are known. */
static enum err product_tables_read(struct load *l)
{
    struct dossier *d = l->d;
    void *items;
    struct table fixes = {l,
                          STR("fixes.csv"),
                          {"cve", "product", "update", "build", "released", "?rule", "?needs",
                           "?kb", "?affected_from", "?source", "?note", NULL},
                          sizeof(struct fix),
                          fix_row,
                          0,
                          0};
    struct table builds = {
        l,
        STR("builds.csv"),
        {"product", "update", "build", "released", "?eol", "?kb", "?source", "?note", NULL},
        sizeof(struct known_build),
        known_row,
        0,
        0};
    struct table facts = {l,
                          STR("cves.csv"),
                          {"cve", "title", "?cvss", "?kev_added", "?kev_ransomware",
                           "?exploited_since", "?published", "?source", "?note", NULL},
                          sizeof(struct cve_fact),
                          fact_row,
                          0,
                          0};

    struct table settings = {l,
                             STR("settings.csv"),
                             {"setting", "cve", "what", "where", "value", "?source", "?note", NULL},
                             sizeof(struct setting_row),
                             setting_row,
                             0,
                             0};

    TRY(table_read(&fixes, &items, &d->n_fixes));
    d->fix = items;
    TRY(table_read(&builds, &items, &d->n_known));
    d->known = items;
    TRY(table_read(&facts, &items, &d->n_facts));
    d->fact = items;
    TRY(table_read(&settings, &items, &d->n_settings));
    d->setting = items;
    return d->catalogue ? cves_of_facts(d, l->arena) : OK;
}

enum err baseline_tables_read(struct load *l, struct str name)
{
    struct dossier *d = l->d;
    void *items;
    struct table baseline = {l,
                             name,
                             {"path", "?sha256", "?first_build", "?last_build", "?source", NULL},
                             sizeof(struct shipped_file),
                             shipped_row,
                             0,
                             BASELINE_ROWS_MAX};
    struct table folders = {l,
                            STR("folders.csv"),
                            {"path", "below", "?extensions", "?names", "?source", "?note", NULL},
                            sizeof(struct covered_folder),
                            covered_row,
                            0,
                            0};
    TRY(table_read(&baseline, &items, &d->n_shipped));
    d->shipped = items;
    TRY(table_read(&folders, &items, &d->n_covered));
    d->covered = items;
    return OK;
}

enum err tables_read(struct load *l)
{
    struct dossier *d = l->d;
    void *items;
    struct table indicators = {l,
                               STR("indicators.csv"),
                               {"type", "value", "strength", "?note", "?source", "?valid_from",
                                "?valid_until", "?tlp", NULL},
                               sizeof(struct indicator),
                               indicator_row,
                               0,
                               0};

    TRY(product_tables_read(l));
    TRY(baseline_tables_read(l, STR("baseline.csv")));
    TRY(table_read(&indicators, &items, &d->n_indicators));
    d->indicator = items;
    return OK;
}
