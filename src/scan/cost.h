/* scan/cost.h — what rules cost, and an end to those that cost too much.
 *
 * What:   how often each rule was tried in a unit and for how long; a rule beyond its budget is
 * cut: not tried in the rest of the unit. As a message, and what the coordinator makes of it.
 * Input:  messages come from a worker that hostile input may have taken over.
 * Limits: COST_* below.
 * Owner:  costs_init/costs_done; files keep lists in the pass's arena.
 * Spec:   docs/internals/SCAN.md, "What rules cost"
 */
#ifndef SCAN_COST_H
#define SCAN_COST_H

#include "base/buf.h"
#include "base/rd.h"
#include "match/sigma.h"

/* The budget of a rule in a unit: cut is one that took more than both. Most evaluations take less
 * than a microsecond, so that one in some is measured; where one was dear the next are as well. */
enum {
    COST_BUDGET_NS = 2 * 1000 * 1000 * 1000, /* measured, of the worker's processor time */
    COST_DEAR_NS = 200 * 1000,               /* an evaluation, on average */
    COST_ONE_IN = 64,
};

struct rule_cost {
    uint64_t evaluations, matches;
    uint64_t ns;       /* of those that were measured: */
    uint64_t measured; /* that many */
    uint64_t untried;  /* rows on which it was not tried once it was cut, */
    uint64_t at;       /* and where the first of them stands */
    uint32_t dear;     /* so many further ones are measured */
    bool cut;
    bool limited; /* a regex of it gave up on some row: told once a unit */
};

struct costs {
    struct rule_cost *rule;
    size_t n;
    bool every;           /* all evaluations are measured, */
    uint64_t overhead_ns; /* less what measuring takes by itself */
    uint64_t begun_ns;
};

/* One entry of a message. */
struct cost_part {
    uint32_t rule;
    uint64_t evaluations, matches, ns, untried, at;
};

MUST_CHECK enum err costs_init(struct costs *c, size_t n_rules, bool every);
void costs_done(struct costs *c);
/* Before each unit. */
void costs_begin(struct costs *c);
/* One evaluation took that long: only what was measured counts, and only for itself, so that no
 * rule is cut for an estimate. */
void cost_add(struct rule_cost *c, uint64_t ns);
/* sigma_eval, counted. The rule must not be cut. */
bool costs_eval(struct costs *c, uint32_t rule, const struct sigma_plan *plan,
                const struct sigma_subject *subject, struct sigma_hit *ret_hit, bool *ret_limited);

/* What the unit cost: of all rules that were tried, or only of those that were cut. Nothing is
 * written if there is nothing to tell. */
void costs_write(struct buf *b, const struct costs *c);
/* The head of a message: processor time of the unit, 0 if it was not measured. */
MUST_CHECK enum err costs_read(struct rd *r, uint64_t *ret_ns);
/* Then its entries to its end, rules in rising order: this one's is not below `from`. */
MUST_CHECK enum err cost_part_read(struct rd *r, size_t from, size_t n_rules,
                                   struct cost_part *ret_part);

#endif
