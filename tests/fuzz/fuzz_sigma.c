/* fuzz_sigma.c — any bytes as a Sigma file: rules are read, compiled and run. A record that matches
 * must hold one of its rule's anchors and open its gate. The part of the input behind a NUL is the
 * record. */
#include "base/time.h"
#include "dossier/rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t views(void *ctx, struct str field, uint16_t ret_view[SIGMA_MAX_VIEWS])
{
    (void)ctx;
    ret_view[0] = 0;
    ret_view[1] = 1;
    return field.n % 3;
}

static size_t placeholder(void *ctx, struct str name, const struct str **ret_values)
{
    static const struct str values[] = {STR("one"), STR("t*o")};
    (void)ctx;
    *ret_values = values;
    return name.n % 2 ? ARRAY_LEN(values) : 0;
}

static bool anchor(void *ctx, uint16_t view, struct str literal, struct str *ret_raw,
                   double *ret_cost)
{
    (void)ctx;
    (void)view;
    *ret_raw = literal;
    *ret_cost = 1.0 / (double)(1 + literal.n);
    return true;
}

/* View 0 is the whole record, view 1 its first half. */
static struct str value(void *ctx, uint16_t view)
{
    const struct str *raw = ctx;
    return view ? str_sub(*raw, 0, raw->n / 2) : *raw;
}

static bool holds_one(struct str raw, const struct str *lit, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_ifind(raw, lit[i]) >= 0)
            return true;
    return false;
}

static bool gate_opens(const struct sigma_gate *gate, struct str raw)
{
    for (size_t i = 0; i < gate->n_terms; i++) {
        bool whole = true;
        for (size_t k = 0; k < gate->n_leaves; k++)
            if (gate->term[i] >> k & 1)
                whole &= holds_one(raw, gate->leaf[k].literal, gate->leaf[k].n);
        if (whole)
            return true;
    }
    return gate->n_terms == 0;
}

static bool anchored(const struct sigma_plan *plan, struct str raw)
{
    const struct str *lit;
    size_t n = sigma_anchors(plan, &lit, NULL);
    return (n == 0 || holds_one(raw, lit, n)) && gate_opens(sigma_gate(plan), raw);
}

static void try_rule(struct arena *arena, const struct sigma_rule *rule,
                     const struct sigma_filter_set *filters, struct str *raw)
{
    static const struct sigma_env env = {NULL, views, placeholder, anchor};
    struct sigma_subject subject = {raw, *raw, 1600000000 * US_PER_S, value};
    struct sigma_plan *plan;
    struct sigma_hit hit;
    struct error error;
    bool limited;
    if (sigma_compile(arena, rule, filters, &env, &plan, &error))
        return;
    if (sigma_eval(plan, &subject, &hit, &limited) && !anchored(plan, *raw))
        __builtin_trap();
    for (size_t i = 0; i < hit.n; i++)
        if (hit.mark[i].to > raw->n || hit.mark[i].from > hit.mark[i].to)
            __builtin_trap();
    sigma_plan_done(plan);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = str_make((const char *)data, size), raw = STR("abc");
    struct arena arena;
    struct sigma_rule *rules;
    struct sigma_problem *problems;
    size_t n, bad;
    ptrdiff_t nul = str_chr(text, 0);
    if (nul >= 0) {
        raw = str_sub(text, (size_t)nul + 1, text.n);
        text.n = (size_t)nul;
    }
    arena_init(&arena, 64 << 20);
    if (!rules_parse(&arena, text, STR("fuzz.yml"), &rules, &n, &problems, &bad)) {
        const struct sigma_rule *filter[64];
        struct sigma_filter_set filters = {filter, 0};
        for (size_t i = 0; i < n; i++)
            if (rules[i].type == SIGMA_FILTER && filters.n < ARRAY_LEN(filter))
                filter[filters.n++] = &rules[i];
        for (size_t i = 0; i < n; i++)
            try_rule(&arena, &rules[i], &filters, &raw);
    }
    arena_done(&arena);
    return 0;
}
