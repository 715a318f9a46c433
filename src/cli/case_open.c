#include "cli/case_open.h"

#include "cli/config.h"
#include "dossier/load.h"
#include "report/report.h"

enum err case_path(struct cli *cli, struct str *path, struct error *error)
{
    struct config config;
    if (path->p)
        return OK;
    TRY(config_load(cli->arena, &config, error));
    *path = config_text(&config, CONFIG_CASE);
    return OK;
}

enum status case_open_named(struct cli *cli, struct str path, struct case_store *ret_store)
{
    struct error error = {0};
    if (case_path(cli, &path, &error))
        return cli_error(cli, &error);
    if (!path.p) {
        cli_say(cli, "--case FILE is needed: a case that scan, exposure or watch has written");
        return STATUS_USAGE;
    }
    return case_open(ret_store, path, false, &error) ? cli_error(cli, &error) : STATUS_OK;
}

enum err case_dossiers(struct cli *cli, const struct str_list *named,
                       const struct dossier **ret_known, size_t *ret_n, struct error *error)
{
    const char *const *ids;
    size_t n = dossier_shipped(&ids);
    struct dossier *d = arena_new_n(cli->arena, struct dossier, n + named->n + 1);
    if (!d)
        return fail(error, ERR_NOMEM, "out of memory");
    for (size_t i = 0; i < n + named->n; i++) {
        struct dossier_problems none = {0};
        struct str which = i < n ? str_of(ids[i]) : named->v[i - n];
        TRY(dossier_load(cli->arena, which, &d[i], &none, error));
    }
    *ret_known = d;
    *ret_n = n + named->n;
    return OK;
}

/* "affair" of "/cases/affair.case". */
static struct str name_of(struct str path)
{
    ptrdiff_t slash = str_rchr(path, '/');
    struct str name = slash < 0 ? path : str_sub(path, (size_t)slash + 1, path.n);
    ptrdiff_t dot = str_rchr(name, '.');
    return dot > 0 ? str_sub(name, 0, (size_t)dot) : name;
}

/* Made at the time of the last run, so that the same case gives the same bytes. */
static enum err on_run(void *ctx, const struct case_run *run)
{
    int64_t *last_us = ctx;
    *last_us = run->ended_us != TIME_NONE ? run->ended_us : run->started_us;
    return OK;
}

enum err case_report(struct cli *cli, struct case_store *store, struct str path,
                     const struct str_list *dossiers, struct sharing sharing,
                     const struct warnings *warnings, struct report *ret_report,
                     struct error *error)
{
    struct config config;
    struct report_question *q = arena_new(cli->arena, struct report_question);
    if (!q)
        return fail(error, ERR_NOMEM, "out of memory");
    TRY(config_load(cli->arena, &config, error));
    *q =
        (struct report_question){.store = store,
                                 .name = name_of(path.p ? path : config_text(&config, CONFIG_CASE)),
                                 .warnings = warnings,
                                 .sharing = sharing,
                                 .profile = config_profile(&config),
                                 .now_us = TIME_NONE,
                                 .version = cli->program->version};
    if (!sharing.tlp && !tlp_parse(config_text(&config, CONFIG_TLP), &q->sharing.tlp))
        q->sharing.tlp = TLP_AMBER;
    q->sharing.red |= q->sharing.tlp == TLP_RED;
    TRY(case_dossiers(cli, dossiers, &q->known, &q->n_known, error));
    TRY(case_runs(store, on_run, &q->now_us, error));
    return report_make(cli->arena, q, ret_report, error);
}
