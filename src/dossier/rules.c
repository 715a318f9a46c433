#include "dossier/rules.h"

#include "base/limits.h"
#include "codec/yaml.h"

/* The documents before the broken one are rules; the broken one becomes the last problem. */
static enum err add_problem(struct arena *arena, const struct sigma_problem *more,
                            struct sigma_problem **problems, size_t *n)
{
    struct sigma_problem *grown = arena_new_n(arena, struct sigma_problem, *n + 1);
    if (!grown)
        return ERR_NOMEM;
    if (*n)
        memcpy(grown, *problems, *n * sizeof *grown);
    grown[(*n)++] = *more;
    *problems = grown;
    return OK;
}

/* Does a document end before this line? */
static bool is_mark(struct str line)
{
    return str_starts(line, STR("---")) || str_starts(line, STR("..."));
}

/* The text of each rule: from the line where its document begins up to the next one. Rules stand in
 * the order of the file, which is walked once. */
static void rule_texts(struct str text, struct sigma_rule *rule, size_t n)
{
    struct str rest = text, line;
    uint32_t number = 0;
    struct sigma_rule *open = NULL;
    const char *from = NULL, *to = NULL;
    for (size_t i = 0; rest.p && str_cut(&rest, '\n', &line);) {
        if (open && is_mark(line)) {
            open->text = str_make(from, (size_t)(line.p - from));
            open = NULL;
        }
        if (++number == (i < n ? rule[i].line : 0)) {
            open = &rule[i++];
            from = line.p;
        }
        to = line.p + line.n;
    }
    if (open)
        open->text = str_make(from, (size_t)(to - from));
}

enum err rules_docs(struct arena *arena, struct str text, struct str file,
                    struct rule_docs *ret_docs)
{
    struct error error = {0};
    *ret_docs = (struct rule_docs){0};
    enum err rc = yaml_parse(arena, text, file, LIMIT_RULES, &ret_docs->doc, &ret_docs->n, &error);
    if (rc == OK || rc == ERR_NOMEM)
        return rc;
    ret_docs->why = rc;
    ret_docs->line = (uint32_t)error.offset;
    ret_docs->reason = arena_str(arena, str_of(error.text));
    return ret_docs->reason.p ? OK : ERR_NOMEM;
}

enum err rules_of_docs(struct arena *arena, const struct rule_docs *docs, struct str text,
                       struct str file, struct sigma_rule **ret_rules, size_t *ret_n,
                       struct sigma_problem **ret_problems, size_t *ret_n_problems)
{
    TRY(sigma_parse(arena, docs->doc, docs->n, file, ret_rules, ret_n, ret_problems,
                    ret_n_problems));
    rule_texts(text, *ret_rules, *ret_n);
    if (!docs->why)
        return OK;
    struct sigma_problem p = {
        .file = file, .line = docs->line, .id = STR(""), .code = docs->why, .reason = docs->reason};
    return add_problem(arena, &p, ret_problems, ret_n_problems);
}

enum err rules_parse(struct arena *arena, struct str text, struct str file,
                     struct sigma_rule **ret_rules, size_t *ret_n,
                     struct sigma_problem **ret_problems, size_t *ret_n_problems)
{
    struct rule_docs docs;
    TRY(rules_docs(arena, text, file, &docs));
    return rules_of_docs(arena, &docs, text, file, ret_rules, ret_n, ret_problems, ret_n_problems);
}
