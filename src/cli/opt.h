/* opt.h — the command line against the option tables.
 *
 * What:   fills the values of one or two tables from argv and collects the operands.
 * Input:  the user's command line; names may be misspelt, values may be nonsense.
 * Limits: none of its own; lists live in the arena given.
 * Owner:  values borrow from argv.
 * Spec:   docs/internals/CLI.md; the syntax is that of GNU getopt_long, without abbreviations.
 */
#ifndef CLI_OPT_H
#define CLI_OPT_H

#include "cli/cmd.h"

struct opt_set {
    const struct option_def *defs; /* NULL: none */
    void *values;
};

struct opt_parse {
    struct opt_set set[2]; /* looked up in this order */
    struct arena *arena;
    bool stop_at_operand;     /* leave everything from the first operand on */
    size_t used;              /* out: arguments read */
    struct str_list operands; /* out */
};

/* argv ends with NULL. ERR_USAGE with a message that helps, or ERR_NOMEM. */
MUST_CHECK enum err opt_parse(struct opt_parse *p, char *const *argv, struct error *error);
/* Puts "not given" into the values: zero, and TIME_NONE for times. */
void opt_defaults(const struct option_def *defs, void *values, size_t values_size);

#endif
