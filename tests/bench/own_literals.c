/* The literals that a sweep of an IIS log looks for, one a line, for the bare matcher beside it.
 *
 *     own_literals INDICATORS [RULES]
 */
#include "match/lit_set.h"
#include "scan/program.h"
#include "scan/ruleset.h"

#include <stdio.h>

int main(int argc, char **argv)
{
    static struct arena arena;
    struct str indicators = str_of(argc > 1 ? argv[1] : ""),
               rules = str_of(argc > 2 ? argv[2] : "");
    struct scan_options options = {
        .indicators = {&indicators, argc > 1},
        .rules = {&rules, argc > 2},
        .since_us = TIME_NONE,
        .until_us = TIME_NONE,
    };
    struct ruleset set;
    struct program *program;
    struct error error = {0};
    arena_init(&arena, 512 << 20);
    if (ruleset_load(&arena, &options, &set, &error) ||
        program_new(&set, logsources_kind(&set.logsources, STR("iis")), &codec_w3c, &program,
                    &error)) {
        fprintf(stderr, "own_literals: %s\n", error.text);
        return 1;
    }
    for (size_t i = 0; i < program->n_literals; i++) {
        struct str literal = program->lits->literal[i];
        if (!memchr(literal.p, '\n', literal.n))
            printf("%.*s\n", (int)literal.n, literal.p);
    }
    return 0;
}
