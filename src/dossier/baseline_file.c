#include "dossier/baseline_file.h"

#include "codec/csv.h"
#include "dossier/parts.h"
#include "os/io.h"

/* The two tables of a shipped catalogue, without the rest of it. */
static enum err read_shipped(struct arena *arena, const char *id, struct baseline_rows *ret_rows,
                             struct dossier_problems *problems)
{
    char path[128];
    struct dossier d = {0};
    struct dossier_file file[2] = {{STR("baseline.csv"), STR_NONE}, {STR("folders.csv"), STR_NONE}};
    struct load l = {
        .arena = arena, .problems = problems, .file = file, .n_files = ARRAY_LEN(file), .d = &d};
    for (size_t i = 0; i < ARRAY_LEN(file); i++) {
        (void)snprintf(path, sizeof path, "%s/%s", id, file[i].path.p);
        file[i].text = embedded_get(path);
    }
    TRY(baseline_tables_read(&l, file[0].path));
    *ret_rows = (struct baseline_rows){d.shipped, d.n_shipped, d.covered, d.n_covered};
    return OK;
}

enum err baseline_read(struct arena *arena, struct str text, struct str name,
                       struct baseline_rows *ret_rows, struct dossier_problems *problems)
{
    struct dossier d = {0};
    struct dossier_file file = {name, text};
    struct load l = {.arena = arena, .problems = problems, .file = &file, .n_files = 1, .d = &d};
    TRY(baseline_tables_read(&l, name));
    *ret_rows = (struct baseline_rows){d.shipped, d.n_shipped, NULL, 0};
    return OK;
}

static enum err read_own(struct arena *arena, struct str path, struct baseline_rows *ret_rows,
                         struct dossier_problems *problems, struct error *error)
{
    struct str text;
    TRY(io_read_file(arena, path, BASELINE_FILE_BYTES, &text, error));
    TRY(baseline_read(arena, text, path, ret_rows, problems));
    if (!ret_rows->n_files)
        return fail(error, ERR_FORMAT, "'%.*s' holds no row of a baseline that could be read",
                    STR_FMT(path));
    return OK;
}

enum err baseline_load(struct arena *arena, const struct dossier *dossier, size_t n_dossiers,
                       const struct str_list *files, struct baseline **ret_baseline,
                       struct dossier_problems *problems, struct error *error)
{
    const char *const *id;
    const size_t n_ids = catalogue_shipped(&id), n_files = files ? files->n : 0;
    struct baseline_rows *rows =
        arena_new_n(arena, struct baseline_rows, n_ids + n_dossiers + n_files + 1);
    size_t n = 0;
    if (!rows)
        return fail(error, ERR_NOMEM, "out of memory");
    for (size_t i = 0; i < n_ids; i++)
        TRY(read_shipped(arena, id[i], &rows[n++], problems));
    for (size_t i = 0; i < n_dossiers; i++)
        rows[n++] = (struct baseline_rows){dossier[i].shipped, dossier[i].n_shipped,
                                           dossier[i].covered, dossier[i].n_covered};
    for (size_t i = 0; i < n_files; i++)
        TRY(read_own(arena, files->v[i], &rows[n++], problems, error));
    enum err rc = baseline_build(arena, rows, n, ret_baseline);
    return rc ? fail(error, rc, rc == ERR_LIMIT ? "too many rows of baselines" : "out of memory")
              : OK;
}

/* ---- what a file below a web folder may be ---- */

static bool kind_of(struct str word, enum web_kind *ret_kind)
{
    for (enum web_kind k = WEB_SCRIPT; k < WEB_KINDS; k++)
        if (str_eq(word, str_of(web_kind_name(k)))) {
            *ret_kind = k;
            return true;
        }
    return false;
}

static int by_extension(const void *a, const void *b)
{
    return str_cmp(((const struct web_extension *)a)->extension,
                   ((const struct web_extension *)b)->extension);
}

enum err web_files_load(struct arena *arena, struct web_files *ret_files, struct error *error)
{
    enum { MOST = 200 };
    static const char name[] = "data/web-files.csv";
    struct csv csv;
    struct csv_row row;
    enum err rc;
    *ret_files = (struct web_files){.v = arena_new_n(arena, struct web_extension, MOST)};
    if (!ret_files->v)
        return fail(error, ERR_NOMEM, "out of memory");
    csv_init(&csv, embedded_get(name), arena);
    TRY(csv_next(&csv, &row)); /* the header */
    while ((rc = csv_next(&csv, &row)) == OK) {
        struct web_extension e = {.extension = csv_cell(&row, 0)};
        if (ret_files->n == MOST || !e.extension.n || !kind_of(csv_cell(&row, 1), &e.kind))
            return fail_at(error, ERR_FORMAT, name, csv.line, "no extension and its kind");
        ret_files->v[ret_files->n++] = e;
    }
    qsort(ret_files->v, ret_files->n, sizeof *ret_files->v, by_extension);
    return rc == END ? OK : fail_at(error, rc, name, csv.line, "cannot be read");
}
