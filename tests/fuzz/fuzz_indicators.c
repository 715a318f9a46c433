/* Any bytes as a list of indicators; what was read is compiled and asked for itself. */
#include "dossier/indicators.h"
#include "match/ioc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was loaded must be found by its own value, and by the literal that a sweep looks for. */
static void ask(const struct ioc_set *set, const struct indicator *in, size_t n)
{
    const struct ioc_literal *literal;
    size_t n_literals = ioc_literals(set, &literal);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t hit[IOC_MAX_HITS];
        bool net = in[i].type == INDICATOR_ADDRESS && str_chr(in[i].value, '/') >= 0;
        size_t hits = ioc_find(set, in[i].type, in[i].value, hit, IOC_MAX_HITS);
        if (!net && in[i].type != INDICATOR_URL && !hits)
            __builtin_trap();
        (void)ioc_check_line(set, i, in[i].value);
    }
    for (size_t i = 0; i < n_literals; i++)
        if (in[literal[i].index].type == INDICATOR_TEXT &&
            str_ifind(in[literal[i].index].value, literal[i].text) < 0)
            __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct indicator *in;
    struct dossier_problem *problem;
    struct ioc_set *set;
    const uint32_t *rejected;
    size_t n, n_problems;
    struct str text = str_make((const char *)data, size);
    arena_init(&arena, 64 << 20);
    if (indicators_load(&arena, text, STR("fuzz"), &in, &n, &problem, &n_problems, NULL) == OK) {
        if (n + n_problems == 0)
            __builtin_trap(); /* silence */
        if (ioc_compile(&arena, in, n, &set, NULL) == OK) {
            if (ioc_rejected(set, &rejected))
                __builtin_trap(); /* the loader's checks are the stricter ones */
            ask(set, in, n);
            for (int type = INDICATOR_ADDRESS; type <= INDICATOR_TEXT; type++) {
                uint32_t hit[IOC_MAX_HITS];
                (void)ioc_find(set, (enum indicator_type)type, text, hit, IOC_MAX_HITS);
            }
            for (uint32_t i = 0; i < n && i < 16; i++) {
                (void)ioc_check(set, i, text);
                (void)ioc_check_line(set, i, text);
            }
            ioc_done(set);
        }
    }
    arena_done(&arena);
    return 0;
}
