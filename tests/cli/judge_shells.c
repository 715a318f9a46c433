/* judge_shells.c — texts on standard input, each as "name length\n" and so many bytes: one line a
 * text of what the recogniser of web shells says. Look-alikes need never be files. */
#include "dossier/shell_policy.h"

#include <stdio.h>

static void tell(const struct shell_report *r, const char *name)
{
    printf("%s\t%.1f\t%.*s\t", shell_tier_name(r->tier).p, r->score, STR_FMT(r->rule));
    for (size_t i = 0; i < r->n_reasons; i++)
        printf("%s%.*s@%lu+%lu", i ? "," : "", STR_FMT(r->reason[i].id),
               (unsigned long)r->reason[i].offset, (unsigned long)r->reason[i].length);
    printf("\t%.*s\t%s\n", STR_FMT(r->language), name);
}

int main(void)
{
    struct arena policy, arena;
    struct shell *shell;
    struct error error;
    char name[256];
    size_t n;
    int bad = 0;
    arena_init(&policy, 16 << 20);
    arena_init(&arena, 128 << 20);
    if (shell_policy_load(&policy, &shell, &error)) {
        fprintf(stderr, "line %lu: %s\n", (unsigned long)error.offset, error.text);
        return 1;
    }
    while (scanf("%255s %zu", name, &n) == 2 && getchar() == '\n') {
        char *text = malloc(n + 1);
        struct shell_report r;
        if (!text || fread(text, 1, n, stdin) != n ||
            shell_judge(shell, str_of(name), str_make(text, n), &arena, &r))
            bad = 1;
        else
            tell(&r, name);
        free(text);
        arena_reset(&arena);
    }
    shell_free(shell);
    arena_done(&arena);
    arena_done(&policy);
    return bad;
}
