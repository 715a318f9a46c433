#include "dossier/shell_policy.h"

#include "codec/yaml.h"
#include "dossier/load.h"

enum err shell_policy_load(struct arena *arena, struct shell **ret_shell, struct error *error)
{
    struct node *doc;
    size_t n;
    TRY(yaml_parse(arena, embedded_get("data/shell.yaml"), STR("shell.yaml"), 1, &doc, &n, error));
    if (n == 0)
        return fail_at(error, ERR_FORMAT, "shell.yaml", 0, "empty");
    return shell_new(arena, doc, ret_shell, error);
}
