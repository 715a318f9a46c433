#include "dossier/load.h"

#include "base/hash.h"
#include "codec/yaml.h"
#include "dossier/parts.h"
#include "dossier/rules.h"
#include "os/io.h"

struct str embedded_get(const char *path)
{
    for (const struct embedded *e = embedded; e->path; e++)
        if (strcmp(e->path, path) == 0)
            return str_make((const char *)e->p, e->n);
    return STR_NONE;
}

size_t dossier_shipped(const char *const **ret_ids)
{
    size_t n = 0;
    while (embedded_dossiers[n])
        n++;
    *ret_ids = embedded_dossiers;
    return n;
}

size_t catalogue_shipped(const char *const **ret_ids)
{
    size_t n = 0;
    while (embedded_catalogues[n])
        n++;
    *ret_ids = embedded_catalogues;
    return n;
}

void problem_add(struct arena *arena, struct dossier_problems *problems, struct str file,
                 uint32_t line, bool fatal, const char *fmt, ...)
{
    if (!problems || problems->n >= PROBLEMS_MAX)
        return;
    if ((problems->n & (problems->n - 1)) == 0) { /* grows at 0, 1, 2, 4, 8 ... */
        size_t room = problems->n ? 2 * problems->n : 1;
        struct dossier_problem *v = arena_new_n(arena, struct dossier_problem, room);
        if (!v)
            return;
        if (problems->n)
            memcpy(v, problems->v, problems->n * sizeof *v);
        problems->v = v;
    }
    char text[512];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    problems->v[problems->n++] =
        (struct dossier_problem){file, line, fatal, arena_str(arena, str_of(text))};
}

bool dossier_id_ok(struct str id)
{
    if (id.n == 0 || id.n > 64)
        return false;
    for (size_t i = 0; i < id.n; i++) {
        unsigned char c = (unsigned char)id.p[i];
        if (!ascii_alpha(c) && !ascii_digit(c) && c != '-' && c != '_' && c != '.')
            return false;
    }
    return true;
}

struct str file_text(const struct load *l, struct str path)
{
    for (size_t i = 0; i < l->n_files; i++)
        if (str_eq(l->file[i].path, path))
            return l->file[i].text;
    return STR_NONE;
}

/* Other files may lie in the folder (a README, drafts): they are no part of the dossier. */
static bool belongs(struct str path)
{
    static const char *const names[] = {"dossier.yaml", "indicators.csv", "builds.csv",
                                        "fixes.csv",    "baseline.csv",   "cves.csv",
                                        "settings.csv", "folders.csv"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_eq(path, str_of(names[i])))
            return true;
    return str_starts(path, STR("rules/")) &&
           (str_ends(path, STR(".yml")) || str_ends(path, STR(".yaml")) ||
            str_ends(path, STR(".yar")));
}

static int by_path(const void *a, const void *b)
{
    const struct dossier_file *x = a, *y = b;
    return str_cmp(x->path, y->path);
}

static enum err read_embedded(struct load *l, struct str id)
{
    for (const struct embedded *e = embedded; e->path; e++) {
        struct str path = str_of(e->path);
        if (!str_starts(path, id) || path.n <= id.n || path.p[id.n] != '/')
            continue;
        path = str_sub(path, id.n + 1, path.n);
        if (belongs(path) && l->n_files < FILES_MAX)
            l->file[l->n_files++] = (struct dossier_file){path, str_make((const char *)e->p, e->n)};
    }
    return OK;
}

static enum err read_entry(struct load *l, const struct io_tree *tree, const struct io_entry *e,
                           struct error *error)
{
    int fd;
    if (e->size_bytes > LIMIT_RULE_FILE_BYTES) {
        problem_add(l->arena, l->problems, e->below, 0, false, "file is larger than %d bytes",
                    LIMIT_RULE_FILE_BYTES);
        return OK;
    }
    TRY(io_open_entry(tree, e, &fd, error));
    char *text = arena_alloc(l->arena, (size_t)e->size_bytes + 1);
    ssize_t got = text ? io_read(fd, text, (size_t)e->size_bytes) : 0;
    io_close(fd);
    if (!text)
        return fail(error, ERR_NOMEM, "out of memory");
    if (got < 0)
        return fail_at(error, ERR_IO, e->path.p, 0, "cannot be read");
    l->file[l->n_files++] = (struct dossier_file){e->below, str_make(text, (size_t)got)};
    return OK;
}

static enum err read_folder(struct load *l, struct str dir, struct error *error)
{
    struct io_tree tree = {0};
    enum err rc = io_list(l->arena, &dir, 1, &tree, error);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < tree.n && !rc; i++) {
        const struct io_entry *e = &tree.entry[i];
        if (!belongs(e->below))
            continue;
        if (e->skip.p)
            problem_add(l->arena, l->problems, e->below, 0, false, "not read: %.*s",
                        STR_FMT(e->skip));
        else if (l->n_files == FILES_MAX)
            rc = fail(error, ERR_LIMIT, "more than %d files", FILES_MAX);
        else
            rc = read_entry(l, &tree, e, error);
    }
    io_tree_close(&tree);
    return rc;
}

static bool among(struct str id, const char *const *ids)
{
    for (size_t i = 0; ids[i]; i++)
        if (str_eq(id, str_of(ids[i])))
            return true;
    return false;
}

static bool shipped(struct str id)
{
    return among(id, embedded_dossiers) || among(id, embedded_catalogues);
}

enum err files_read(struct load *l, struct str id_or_dir, struct error *error)
{
    l->file = arena_new_n(l->arena, struct dossier_file, FILES_MAX);
    if (!l->file)
        return fail(error, ERR_NOMEM, "out of memory");
    bool path = str_chr(id_or_dir, '/') >= 0;
    if (!path && shipped(id_or_dir))
        TRY(read_embedded(l, id_or_dir));
    else if (path || io_exists(id_or_dir))
        TRY(read_folder(l, id_or_dir, error));
    else
        return fail(error, ERR_NOT_FOUND,
                    "no dossier \"%.*s\" is shipped and no such folder exists", STR_FMT(id_or_dir));
    qsort(l->file, l->n_files, sizeof *l->file, by_path);
    if (!file_text(l, STR("dossier.yaml")).p)
        return fail(error, ERR_NOT_FOUND, "\"%.*s\" holds no dossier.yaml", STR_FMT(id_or_dir));
    return OK;
}

/* Names, sizes and bytes, so that no two different folders hash alike. */
static enum err hash_files(struct load *l)
{
    struct sha256 h;
    unsigned char digest[SHA256_BYTES];
    TRY(sha256_init(&h));
    for (size_t i = 0; i < l->n_files; i++) {
        char size[32];
        sha256_add(&h, l->file[i].path.p, l->file[i].path.n);
        (void)snprintf(size, sizeof size, "\n%zu\n", l->file[i].text.n);
        sha256_add(&h, size, strlen(size));
        sha256_add(&h, l->file[i].text.p, l->file[i].text.n);
    }
    sha256_end(&h, digest);
    sha256_done(&h);
    hex_of(digest, sizeof digest, l->d->sha256);
    return OK;
}

struct rule_list {
    struct sigma_rule *v;
    size_t n, cap;
};

static enum err rules_add(struct arena *a, struct rule_list *list, const struct sigma_rule *rule,
                          size_t n)
{
    if (n > LIMIT_RULES || list->n + n > LIMIT_RULES)
        return ERR_LIMIT;
    if (list->n + n > list->cap) {
        size_t cap = 2 * (list->n + n);
        struct sigma_rule *v = arena_new_n(a, struct sigma_rule, cap);
        if (!v)
            return ERR_NOMEM;
        if (list->n)
            memcpy(v, list->v, list->n * sizeof *v);
        list->v = v;
        list->cap = cap;
    }
    if (n)
        memcpy(list->v + list->n, rule, n * sizeof *rule);
    list->n += n;
    return OK;
}

static enum err rules_file(struct load *l, const struct dossier_file *f, struct rule_list *list)
{
    struct sigma_rule *rule = NULL;
    struct sigma_problem *problem = NULL;
    size_t n_rules = 0, n_problems = 0;
    TRY(rules_parse(l->arena, f->text, f->path, &rule, &n_rules, &problem, &n_problems));
    for (size_t i = 0; i < n_problems; i++)
        problem_add(l->arena, l->problems, f->path, problem[i].line, false, "rule left out: %.*s",
                    STR_FMT(problem[i].reason));
    return rules_add(l->arena, list, rule, n_rules);
}

/* Told apart from the user's own files by its name. */
static enum err yara_file(struct load *l, const struct dossier_file *f)
{
    struct buf b;
    buf_init(&b, LIMIT_PATH_BYTES);
    buf_printf(&b, "dossier:%.*s/%.*s", STR_FMT(l->d->id), STR_FMT(f->path));
    struct yara_file own = {b.rc ? STR_NONE : arena_str(l->arena, buf_view(&b)), f->text};
    buf_done(&b);
    l->d->yara[l->d->n_yara++] = own;
    return own.name.p ? OK : ERR_NOMEM;
}

static enum err rules_read(struct load *l, struct error *error)
{
    struct rule_list list = {0};
    l->d->yara = arena_new_n(l->arena, struct yara_file, l->n_files + 1);
    if (!l->d->yara)
        return fail(error, ERR_NOMEM, "out of memory");
    for (size_t i = 0; i < l->n_files; i++) {
        const struct dossier_file *f = &l->file[i];
        if (!str_starts(f->path, STR("rules/")))
            continue;
        enum err rc = str_ends(f->path, STR(".yar")) ? yara_file(l, f) : rules_file(l, f, &list);
        if (rc)
            return fail(error, rc, "rules of \"%.*s\" cannot be loaded", STR_FMT(f->path));
    }
    l->d->meta = arena_new_n(l->arena, struct rule_meta, list.n + 1);
    if (!l->d->meta)
        return fail(error, ERR_NOMEM, "out of memory");
    l->d->rule = list.v;
    l->d->n_rules = list.n;
    for (size_t i = 0; i < list.n; i++)
        rule_meta_read(&list.v[i], &l->d->meta[i], l->arena, l->problems);
    return OK;
}

/* Posts can be planted: whatever a draft says of its parts, they are weak. */
static void weaken(struct dossier *d)
{
    for (size_t i = 0; i < d->n_indicators; i++)
        d->indicator[i].weak = true;
    for (size_t i = 0; i < d->n_rules; i++) {
        d->meta[i].grade = GRADE_WEAK;
        d->meta[i].graded = true;
    }
    d->shared_what = STR_NONE;
    d->plays = (struct play_list){0};
}

enum err parts_load(struct load *l, struct error *error)
{
    *l->d = (struct dossier){.window_from_us = TIME_NONE,
                             .window_until_us = TIME_NONE,
                             .window_narrow_us = TIME_NONE,
                             .as_of_us = TIME_NONE};
    TRY(manifest_read(l, error));
    enum err rc = tables_read(l);
    if (rc)
        return fail(error, rc, "tables of dossier \"%.*s\" cannot be loaded", STR_FMT(l->d->id));
    TRY(rules_read(l, error));
    if (l->d->draft)
        weaken(l->d);
    return hash_files(l);
}

enum err dossier_load(struct arena *arena, struct str id_or_dir, struct dossier *ret_dossier,
                      struct dossier_problems *problems, struct error *error)
{
    struct load l = {.arena = arena, .problems = problems, .d = ret_dossier};
    TRY(files_read(&l, id_or_dir, error));
    return parts_load(&l, error);
}
