/* fuzz_shell.c — any bytes as a file that may be a web shell: the first byte chooses the ending,
 * the rest is the text. Places must lie inside the text. */
#include "dossier/shell_policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct shell_report *r, size_t size)
{
    if (r->n_reasons > SHELL_MAX_REASONS || (r->tier == SHELL_NONE && r->n_reasons))
        __builtin_trap();
    for (size_t i = 0; i < r->n_reasons; i++)
        if (r->reason[i].offset > size + 2 || r->reason[i].length > size + 2 ||
            r->reason[i].offset + r->reason[i].length > size + 2)
            __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct str ending[] = {
        STR("a.php"), STR("a.asp"),       STR("a.aspx"),   STR("a.jsp"),
        STR("a.gif"), STR("a/.htaccess"), STR("a.ashx"),   STR(""),
        STR("a.pl"),  STR("a.py"),        STR("a.sh"),     STR("a.cfm"),
        STR("a.js"),  STR("a.erb"),       STR("a.cshtml"), STR("a.shtml")};
    static struct arena policy;
    static struct shell *shell;
    struct arena arena;
    struct shell_report report;
    if (!shell) {
        arena_init(&policy, 16 << 20);
        if (shell_policy_load(&policy, &shell, NULL))
            __builtin_trap();
    }
    if (size == 0)
        return 0;
    arena_init(&arena, 64 << 20);
    enum err rc = shell_judge(shell, ending[data[0] % ARRAY_LEN(ending)],
                              str_make((const char *)data + 1, size - 1), &arena, &report);
    if (rc == OK)
        check(&report, size);
    else if (rc != ERR_NOMEM)
        __builtin_trap();
    arena_done(&arena);
    return 0;
}
