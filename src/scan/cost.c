#include "scan/cost.h"

#include "base/wr.h"
#include "os/clock.h"

enum { PART_BYTES = 4 + 5 * 8 };

/* The least of some: most evaluations take no longer than asking for the time. */
static uint64_t overhead(void)
{
    uint64_t least = UINT64_MAX;
    for (int i = 0; i < 100; i++) {
        uint64_t from = clock_cpu_ns(), took = clock_cpu_ns() - from;
        least = took < least ? took : least;
    }
    return least;
}

enum err costs_init(struct costs *c, size_t n_rules, bool every)
{
    *c = (struct costs){.rule = calloc(n_rules + 1, sizeof *c->rule), .n = n_rules, .every = every};
    c->overhead_ns = every ? overhead() : 0;
    return c->rule ? OK : ERR_NOMEM;
}

void costs_done(struct costs *c)
{
    free(c->rule);
    *c = (struct costs){0};
}

void costs_begin(struct costs *c)
{
    memset(c->rule, 0, c->n * sizeof *c->rule);
    c->begun_ns = c->every ? clock_cpu_ns() : 0;
}

void cost_add(struct rule_cost *c, uint64_t ns)
{
    c->ns += ns;
    c->measured++;
    c->dear = ns > COST_DEAR_NS ? COST_ONE_IN : c->dear ? c->dear - 1 : 0;
    c->cut = c->ns > COST_BUDGET_NS && c->ns / c->measured > COST_DEAR_NS;
}

bool costs_eval(struct costs *costs, uint32_t rule, const struct sigma_plan *plan,
                const struct sigma_subject *subject, struct sigma_hit *ret_hit, bool *ret_limited)
{
    struct rule_cost *c = &costs->rule[rule];
    bool exact = costs->every || c->dear;
    bool measured = exact || c->evaluations % COST_ONE_IN == 0;
    c->evaluations++;
    if (!measured)
        return sigma_eval(plan, subject, ret_hit, ret_limited);
    uint64_t (*clock)(void) = exact ? clock_cpu_ns : clock_ns;
    uint64_t from = clock();
    bool matched = sigma_eval(plan, subject, ret_hit, ret_limited);
    uint64_t took = clock() - from;
    if (exact || took <= COST_DEAR_NS)
        cost_add(c, took > costs->overhead_ns ? took - costs->overhead_ns : 0);
    else
        c->dear = COST_ONE_IN; /* by the wall clock: perhaps another process ran meanwhile */
    return matched;
}

static bool worth_telling(const struct costs *costs, const struct rule_cost *c)
{
    return c->untried || (costs->every && c->evaluations);
}

void costs_write(struct buf *b, const struct costs *costs)
{
    bool begun = costs->every;
    if (begun)
        wr_u64(b, clock_cpu_ns() - costs->begun_ns);
    for (size_t i = 0; i < costs->n; i++) {
        const struct rule_cost *c = &costs->rule[i];
        if (!worth_telling(costs, c))
            continue;
        if (!begun)
            wr_u64(b, 0);
        begun = true;
        wr_u32(b, (uint32_t)i);
        wr_u64(b, c->evaluations);
        wr_u64(b, c->matches);
        wr_u64(b, c->ns);
        wr_u64(b, c->untried);
        wr_u64(b, c->at);
    }
}

enum err costs_read(struct rd *r, uint64_t *ret_ns)
{
    *ret_ns = rd_u64(r);
    return r->rc || rd_left(r) % PART_BYTES ? ERR_FORMAT : OK;
}

enum err cost_part_read(struct rd *r, size_t from, size_t n_rules, struct cost_part *p)
{
    *p = (struct cost_part){.rule = rd_u32(r)};
    p->evaluations = rd_u64(r);
    p->matches = rd_u64(r);
    p->ns = rd_u64(r);
    p->untried = rd_u64(r);
    p->at = rd_u64(r);
    bool sane = p->rule < n_rules && p->rule >= from && p->matches <= p->evaluations &&
                (p->evaluations || p->untried);
    return r->rc || !sane ? ERR_FORMAT : OK;
}
