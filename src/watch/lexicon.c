#include "watch/lexicon.h"

#include "codec/csv.h"
#include "codec/json.h"
#include "dossier/load.h"

/* The columns that tables may have. "kind" says what a row is: of a subject, or one of the other
 * uses by its name. */
enum column {
    COLUMN_ALIAS,
    COLUMN_CANONICAL,
    COLUMN_KIND,
    COLUMN_LANG,
    COLUMN_CASE,
    COLUMN_BOUNDARY,
    COLUMN_CONTEXT,
    COLUMN_FROM,
    COLUMN_SOURCE,
    COLUMN_CONFIDENCE,
    COLUMNS
};
static const char *const column_names[COLUMNS] = {
    [COLUMN_ALIAS] = "alias",
    [COLUMN_CANONICAL] = "canonical",
    [COLUMN_KIND] = "kind",
    [COLUMN_LANG] = "lang",
    [COLUMN_CASE] = "case",
    [COLUMN_BOUNDARY] = "boundary",
    [COLUMN_CONTEXT] = "needs_context",
    [COLUMN_FROM] = "valid_from",
    [COLUMN_SOURCE] = "source",
    [COLUMN_CONFIDENCE] = "confidence",
};
enum { CELLS_MAX = 24, PROBLEMS_MAX = 1000 };

struct table {
    struct lexicon *lexicon;
    struct str name;
    uint32_t line;
    bool header;              /* was read */
    int8_t column[CELLS_MAX]; /* of a cell, -1: none that we know */
};

void lexicon_init(struct lexicon *x, struct arena *arena)
{
    *x = (struct lexicon){.arena = arena};
}

void lexicon_done(struct lexicon *x)
{
    vec_done(&x->rows);
    vec_done(&x->problems);
}

enum err lexicon_add(struct lexicon *x, const struct lexicon_row *row)
{
    return vec_push(&x->rows, *row, LEXICON_ROWS);
}

static enum err problem(struct table *t, const char *text)
{
    struct lexicon_problem p = {t->name, t->line, str_of(text)};
    enum err rc = vec_push(&t->lexicon->problems, p, PROBLEMS_MAX);
    return rc == ERR_LIMIT ? OK : rc;
}

static bool read_kind(struct str s, struct lexicon_row *row)
{
    static const struct {
        const char *name;
        enum row_use use;
    } uses[] = {{"guard", ROW_GUARD},
                {"attack-id", ROW_TECHNIQUE},
                {"intent", ROW_INTENT},
                {"context", ROW_CONTEXT}};
    for (size_t i = 0; i < ARRAY_LEN(uses); i++)
        if (str_eq(s, str_of(uses[i].name))) {
            row->use = uses[i].use;
            return true;
        }
    row->use = ROW_SUBJECT;
    return subject_kind_parse(s, &row->kind) && row->kind != SUBJECT_CVE;
}

static bool read_boundary(struct str s, struct lexicon_row *row)
{
    static const char *const names[] = {"word", "stem", "none"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (s.n == 0 || str_eq(s, str_of(names[i]))) {
            row->boundary = (enum boundary)i;
            return true;
        }
    return false;
}

static bool read_confidence(struct str s, struct lexicon_row *row)
{
    static const char *const names[] = {"medium", "low", "high"};
    static const enum confidence values[] = {CONFIDENCE_MEDIUM, CONFIDENCE_LOW, CONFIDENCE_HIGH};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (s.n == 0 || str_eq(s, str_of(names[i]))) {
            row->confidence = values[i];
            return true;
        }
    return false;
}

static bool read_intent(struct str s, struct lexicon_row *row)
{
    for (enum intent i = 0; i < INTENTS; i++)
        if (str_eq(s, str_of(intent_name(i)))) {
            row->intent = i;
            return true;
        }
    return false;
}

/* What is wrong with the row, NULL if nothing. */
static const char *read_row(const struct str cell[COLUMNS], struct lexicon_row *row)
{
    struct str letters = cell[COLUMN_CASE], from = cell[COLUMN_FROM];
    *row = (struct lexicon_row){.alias = cell[COLUMN_ALIAS],
                                .canonical = cell[COLUMN_CANONICAL],
                                .lang = cell[COLUMN_LANG],
                                .source = cell[COLUMN_SOURCE],
                                .context = cell[COLUMN_CONTEXT],
                                .exact = str_eq(letters, STR("exact")),
                                .valid_from_us = TIME_NONE};
    if (!read_kind(cell[COLUMN_KIND], row))
        return "kind is none of those that tables may have";
    if (row->canonical.n == 0)
        row->canonical = row->alias;
    if (row->use == ROW_INTENT && !read_intent(row->canonical, row))
        return "canonical is no intent";
    if (!read_boundary(cell[COLUMN_BOUNDARY], row))
        return "boundary is not word, stem or none";
    if (!read_confidence(cell[COLUMN_CONFIDENCE], row))
        return "confidence is not low, medium or high";
    if (letters.n && !row->exact && !str_eq(letters, STR("any")))
        return "case is not any or exact";
    if (from.n && !time_parse_date(from, &row->valid_from_us))
        return "valid_from is no date";
    if (row->alias.n < LEXICON_ALIAS_MIN || row->alias.n > LEXICON_ALIAS_BYTES)
        return "alias is too short or too long";
    return NULL;
}

static enum err take_row(struct table *t, const struct csv_row *from)
{
    struct str cell[COLUMNS] = {0};
    struct lexicon_row row;
    for (size_t i = 0; i < CELLS_MAX && i < from->n; i++)
        if (t->column[i] >= 0)
            cell[t->column[i]] = str_trim(from->cell[i]);
    const char *wrong = read_row(cell, &row);
    return wrong ? problem(t, wrong) : lexicon_add(t->lexicon, &row);
}

static bool read_header(struct table *t, const struct csv_row *from)
{
    bool alias = false, kind = false;
    memset(t->column, -1, sizeof t->column);
    for (size_t i = 0; i < CELLS_MAX && i < from->n; i++)
        for (int8_t c = 0; c < COLUMNS; c++)
            if (str_ieq(str_trim(from->cell[i]), str_of(column_names[c]))) {
                t->column[i] = c;
                alias |= c == COLUMN_ALIAS;
                kind |= c == COLUMN_KIND;
            }
    return alias && kind;
}

/* The first row names the columns. */
static enum err row_of(struct table *t, const struct csv_row *row, struct error *error)
{
    if (t->header)
        return take_row(t, row);
    t->header = read_header(t, row);
    return t->header ? OK
                     : fail(error, ERR_FORMAT, "%.*s: no columns alias and kind", STR_FMT(t->name));
}

static bool is_row(struct str line)
{
    return str_trim(line).n > 0 && line.p[0] != '#';
}

static enum err tab_table(struct table *t, struct str text, struct error *error)
{
    struct str line;
    struct csv_row row;
    while (str_cut(&text, '\n', &line)) {
        t->line++;
        if (!is_row(line))
            continue;
        row.n = 0;
        while (row.n < CELLS_MAX && str_cut(&line, '\t', &row.cell[row.n]))
            row.n++;
        TRY(row_of(t, &row, error));
    }
    return OK;
}

static enum err comma_table(struct table *t, struct str text, struct error *error)
{
    struct csv csv;
    struct csv_row row;
    enum err rc;
    csv_init(&csv, text, t->lexicon->arena);
    while ((rc = csv_next(&csv, &row)) != END) {
        t->line = csv.line;
        if (rc == ERR_FORMAT || rc == ERR_LIMIT) {
            TRY(problem(t, rc == ERR_LIMIT ? "too many cells" : "a quote is wrong"));
            continue;
        }
        TRY(rc);
        TRY(row_of(t, &row, error));
    }
    return OK;
}

/* A header without a tab, and with a comma, is one of CSV. */
static bool has_commas(struct str text)
{
    struct str line;
    while (str_cut(&text, '\n', &line))
        if (is_row(line))
            return str_chr(line, '\t') < 0 && str_chr(line, ',') >= 0;
    return false;
}

enum err lexicon_table(struct lexicon *x, struct str name, struct str text, struct error *error)
{
    struct table t = {.lexicon = x, .name = name};
    return has_commas(text) ? comma_table(&t, text, error) : tab_table(&t, text, error);
}

/* ---- galaxies of MISP ---- */

/* A name of one word in small letters, or of digits, is no name that can be told from a word. */
static bool is_name(struct str s)
{
    bool large = false, blank = false;
    for (size_t i = 0; i < s.n; i++) {
        large |= (s.p[i] >= 'A' && s.p[i] <= 'Z') || (unsigned char)s.p[i] >= 0x80;
        blank |= s.p[i] == ' ';
    }
    return (large || blank) && s.n >= LEXICON_ALIAS_MIN + 1 && s.n <= LEXICON_ALIAS_BYTES;
}

static enum err galaxy_row(struct lexicon *x, struct lexicon_row row, struct str alias)
{
    row.alias = str_trim(alias);
    row.exact = str_chr(row.alias, ' ') < 0; /* "Unknown" is a name, "unknown" is not */
    return is_name(row.alias) ? lexicon_add(x, &row) : OK;
}

static enum subject_kind galaxy_kind(const struct node *root)
{
    static const char *const actors[] = {"threat-actor",
                                         "mitre-intrusion-set",
                                         "microsoft-activity-group",
                                         "intrusion-set",
                                         "mitre-enterprise-attack-intrusion-set",
                                         "360net-threat-actor"};
    for (size_t i = 0; i < ARRAY_LEN(actors); i++)
        if (str_eq(node_text(root, "type"), str_of(actors[i])))
            return SUBJECT_ACTOR;
    return SUBJECT_MALWARE;
}

enum err lexicon_galaxy(struct lexicon *x, struct str name, struct str json, struct error *error)
{
    struct node *root;
    const struct node *value, *synonym;
    TRY(json_parse(x->arena, json, name, &root, error));
    size_t n = node_items(node_get(root, "values"), &value);
    if (n == 0)
        return fail(error, ERR_FORMAT, "%.*s: no values", STR_FMT(name));
    for (size_t i = 0; i < n; i++) {
        struct str canonical = node_text(&value[i], "value");
        struct lexicon_row row = {.use = ROW_SUBJECT,
                                  .kind = galaxy_kind(root),
                                  .canonical = canonical,
                                  .source = name,
                                  .valid_from_us = TIME_NONE};
        const struct node *meta = node_get(&value[i], "meta");
        size_t n_synonyms = meta ? node_items(node_get(meta, "synonyms"), &synonym) : 0;
        if (canonical.n == 0)
            continue;
        TRY(galaxy_row(x, row, canonical));
        for (size_t k = 0; k < n_synonyms; k++)
            if (synonym[k].type == NODE_SCALAR)
                TRY(galaxy_row(x, row, synonym[k].text));
    }
    return OK;
}

enum err lexicon_read(struct lexicon *x, struct str name, struct str text, struct error *error)
{
    struct str start = str_trim(str_sub(text, 0, 4096));
    return str_starts(start, STR("{")) ? lexicon_galaxy(x, name, text, error)
                                       : lexicon_table(x, name, text, error);
}

enum err lexicon_shipped(struct lexicon *x, struct error *error)
{
    size_t tables = 0;
    for (const struct embedded *e = embedded; e->path; e++) {
        struct str path = str_of(e->path);
        if (!str_starts(path, STR("data/subjects/")) || !str_ends(path, STR(".tsv")))
            continue;
        TRY(lexicon_table(x, path, embedded_get(e->path), error));
        tables++;
    }
    if (x->problems.n)
        return fail(error, ERR_BUG, "%.*s, line %u: %.*s", STR_FMT(x->problems.v[0].name),
                    x->problems.v[0].line, STR_FMT(x->problems.v[0].text));
    return tables ? OK : fail(error, ERR_BUG, "no table of subjects in the program");
}
