#include "cli/case_open.h"

enum status case_open_named(struct cli *cli, struct str path, struct case_store *ret_store)
{
    struct error error = {0};
    if (!path.p) {
        cli_say(cli, "--case FILE is needed: a case that scan, exposure or watch has written");
        return STATUS_USAGE;
    }
    return case_open(ret_store, path, false, &error) ? cli_error(cli, &error) : STATUS_OK;
}
