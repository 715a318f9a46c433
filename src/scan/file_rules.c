#include "scan/file_rules.h"

#include "dossier/baseline_file.h"
#include "dossier/shell_policy.h"
#include "scan/program.h"
#include "scan/rule_files.h"

static void warn_of(const struct scan_options *o, struct str file, uint32_t line, struct str what)
{
    struct buf b;
    if (!o->warn)
        return;
    buf_init(&b, 1024);
    buf_str(&b, file);
    if (line)
        buf_printf(&b, ":%u", line);
    buf_puts(&b, ": ");
    buf_str(&b, what);
    o->warn(o->ctx, buf_view(&b));
    buf_done(&b);
}

static void warn_list(const struct scan_options *o, const struct hash_list *list)
{
    char text[96];
    for (size_t i = 0; i < list->n_problems; i++)
        warn_of(o, list->file, list->problem[i].line, list->problem[i].text);
    if (list->bad_lines <= list->n_problems)
        return;
    (void)snprintf(text, sizeof text, "%zu further lines hold no hash",
                   list->bad_lines - list->n_problems);
    warn_of(o, list->file, 0, str_of(text));
}

static enum err read_lists(const struct scan_options *o, const struct str_list *files,
                           struct hash_lists *lists, struct error *error)
{
    TRY(hash_lists_init(lists));
    for (size_t i = 0; i < files->n; i++)
        TRY(hash_lists_read(lists, files->v[i], error));
    for (size_t i = 0; i < lists->n_lists; i++)
        warn_list(o, &lists->list[i]);
    return hash_lists_build(lists);
}

static enum err load_baseline(struct arena *arena, const struct scan_options *o,
                              const struct ruleset *set, struct file_rules *files,
                              struct error *error)
{
    struct baseline *baseline;
    struct dossier_problems problems = {0};
    enum err rc = baseline_load(arena, set->dossier, set->n_dossiers, &o->baselines, &baseline,
                                &problems, error);
    for (size_t i = 0; i < problems.n; i++)
        warn_of(o, problems.v[i].file, problems.v[i].line, problems.v[i].text);
    files->baseline = rc ? NULL : baseline;
    return rc;
}

static size_t of_dossiers(const struct dossier *dossier, size_t n, struct yara_source *ret)
{
    size_t have = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < dossier[i].n_yara; k++, have++)
            if (ret)
                ret[have] = (struct yara_source){dossier[i].yara[k].name, dossier[i].yara[k].text};
    return have;
}

static enum err load_yara(struct arena *arena, const struct scan_options *o,
                          const struct dossier *dossier, size_t n_dossiers,
                          struct file_rules *files, struct error *error)
{
    struct yara_source *given, *all;
    size_t n_given, n = of_dossiers(dossier, n_dossiers, NULL);
    TRY(yara_sources(arena, o->rules.v, o->rules.n, &given, &n_given, error));
    if (!(all = arena_new_n(arena, struct yara_source, n + n_given + 1)))
        return ERR_NOMEM;
    (void)of_dossiers(dossier, n_dossiers, all);
    if (n_given)
        memcpy(all + n, given, n_given * sizeof *given);
    n += n_given;
    TRY(yara_set_load(all, n, n ? rule_files_cache(o) : STR_NONE, &files->yara, error));
    for (size_t i = 0; i < yara_set_problems(files->yara); i++) {
        struct yara_problem p = yara_set_problem(files->yara, i);
        warn_of(o, p.source, p.line, p.reason);
    }
    return OK;
}

enum err file_rules_new(struct arena *arena, const struct scan_options *options,
                        const struct dossier *dossier, size_t n_dossiers,
                        struct file_rules **ret_files, struct error *error)
{
    *ret_files = arena_new(arena, struct file_rules);
    return *ret_files ? load_yara(arena, options, dossier, n_dossiers, *ret_files, error)
                      : ERR_NOMEM;
}

enum err file_rules_load(struct arena *arena, const struct scan_options *options,
                         const struct ruleset *set, struct error *error)
{
    struct file_rules *f = set->files;
    struct shell *shell;
    TRY(shell_policy_load(arena, &shell, error));
    f->shell = shell;
    TRY(load_baseline(arena, options, set, f, error));
    TRY(web_files_load(arena, &f->web, error));
    TRY(read_lists(options, &options->known, &f->known, error));
    f->digests = digest_set_kinds(f->known.set);
    if (set->wanted)
        f->digests |= digest_set_kinds(set->wanted->set);
    return OK;
}

void file_rules_done(struct file_rules *files)
{
    if (files) {
        hash_lists_done(&files->known);
        shell_free(files->shell);
        files->shell = NULL;
        files->yara = yara_set_free(files->yara);
    }
}
