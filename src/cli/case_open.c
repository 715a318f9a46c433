#include "cli/case_open.h"

#include "dossier/load.h"

enum status case_open_named(struct cli *cli, struct str path, struct case_store *ret_store)
{
    struct error error = {0};
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
