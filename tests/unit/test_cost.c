/* What rules cost: when one is cut, what a worker tells of it, what the coordinator believes. */
#include "unit.h"

#include "base/limits.h"
#include "base/wr.h"
#include "dossier/rules.h"
#include "scan/pass.h"

enum { RULES = 5, DEAR = COST_DEAR_NS + 1, CHEAP = 1000 };

static void a_rule_is_cut_when_it_took_more_than_both(void **state)
{
    (void)state;
    struct rule_cost dear = {0}, cheap = {0}, once = {0};
    for (uint64_t ns = 0; ns + DEAR <= COST_BUDGET_NS; ns += DEAR) {
        assert_false(dear.cut);
        cost_add(&dear, DEAR);
    }
    assert_false(dear.cut);
    cost_add(&dear, DEAR);
    assert_true(dear.cut);
    for (size_t i = 0; i < 3u * 1000 * 1000; i++) /* three seconds in all, a microsecond each */
        cost_add(&cheap, CHEAP);
    assert_true(cheap.ns > COST_BUDGET_NS && !cheap.cut);
    for (size_t i = 0; i < 100 * 1000; i++)
        cost_add(&once, CHEAP);
    cost_add(&once, COST_BUDGET_NS);
    assert_false(once.cut); /* one slow row among many */
}

static void after_a_dear_evaluation_the_next_are_measured(void **state)
{
    (void)state;
    struct rule_cost c = {0};
    cost_add(&c, DEAR);
    assert_int_equal(c.dear, COST_ONE_IN);
    cost_add(&c, CHEAP);
    assert_int_equal(c.dear, COST_ONE_IN - 1);
    cost_add(&c, DEAR);
    assert_int_equal(c.dear, COST_ONE_IN);
}

static size_t one_view(void *ctx, struct str field, uint16_t ret_view[SIGMA_MAX_VIEWS])
{
    (void)ctx, (void)field;
    ret_view[0] = 0;
    return 1;
}

static bool no_anchor(void *ctx, uint16_t view, struct str literal, struct str *ret_raw,
                      double *ret_cost)
{
    (void)ctx, (void)view, (void)literal, (void)ret_raw, (void)ret_cost;
    return false;
}

static struct str value(void *ctx, uint16_t view)
{
    (void)view;
    return *(struct str *)ctx;
}

static void one_evaluation_in_some_is_measured_or_all(void **state)
{
    (void)state;
    struct arena arena;
    struct sigma_rule *rule;
    struct sigma_problem *problem;
    struct sigma_plan *plan;
    struct error error;
    size_t n, bad;
    struct str text =
        STR("title: t\nlogsource: {category: c}\ndetection: {s: {f: x}, condition: s}\n");
    struct str yes = STR("x"), no = STR("y");
    struct sigma_subject subject = {.time_us = TIME_NONE, .value = value};
    const struct sigma_env env = {.views = one_view, .anchor = no_anchor};
    arena_init(&arena, 1 << 20);
    assert_int_equal(rules_parse(&arena, text, STR("f"), &rule, &n, &problem, &bad), OK);
    assert_int_equal(sigma_compile(&arena, rule, NULL, &env, &plan, &error), OK);
    for (int every = 0; every < 2; every++) {
        struct costs c;
        size_t matched = 0;
        bool limited = false;
        assert_int_equal(costs_init(&c, 1, every), OK);
        costs_begin(&c);
        for (size_t i = 0; i < 1000u * COST_ONE_IN; i++) {
            subject.ctx = i % 2 ? &yes : &no;
            matched += costs_eval(&c, 0, plan, &subject, NULL, &limited);
        }
        assert_true(c.rule[0].evaluations == 1000u * COST_ONE_IN && !c.rule[0].cut && !limited);
        assert_int_equal(matched, 500u * COST_ONE_IN);
        if (every)
            assert_int_equal(c.rule[0].measured, c.rule[0].evaluations);
        else /* more where another process ran meanwhile */
            assert_in_range(c.rule[0].measured, 900, 1000u * COST_ONE_IN / 2);
        costs_done(&c);
    }
    sigma_plan_done(plan);
    arena_done(&arena);
}

static void nothing_is_told_of_cheap_rules(void **state)
{
    (void)state;
    struct costs c;
    struct buf b;
    buf_init(&b, LIMIT_IPC_MESSAGE_BYTES);
    assert_int_equal(costs_init(&c, RULES, false), OK);
    costs_begin(&c);
    c.rule[1].evaluations = 1000;
    costs_write(&b, &c);
    assert_int_equal(b.n, 0);
    costs_done(&c);
    buf_done(&b);
}

static void the_most_rules_fit_a_message(void **state)
{
    (void)state;
    struct costs c;
    struct buf b;
    buf_init(&b, LIMIT_IPC_MESSAGE_BYTES);
    assert_int_equal(costs_init(&c, LIMIT_RULES, true), OK);
    costs_begin(&c);
    for (size_t i = 0; i < LIMIT_RULES; i++)
        c.rule[i].evaluations = UINT64_MAX;
    costs_write(&b, &c);
    assert_int_equal(b.rc, OK);
    assert_true(b.n > LIMIT_RULES * 40u);
    costs_done(&c);
    buf_done(&b);
}

static void a_message_survives_and_is_checked(void **state)
{
    (void)state;
    struct costs c;
    struct buf b;
    struct cost_part part;
    uint64_t ns;
    buf_init(&b, LIMIT_IPC_MESSAGE_BYTES);
    assert_int_equal(costs_init(&c, RULES, true), OK);
    costs_begin(&c);
    c.rule[1] = (struct rule_cost){.evaluations = 7, .matches = 3, .ns = 99};
    c.rule[4] = (struct rule_cost){.evaluations = 9, .ns = 1, .untried = 5, .at = 77};
    costs_write(&b, &c);
    struct rd r = rd_of(buf_view(&b));
    assert_int_equal(costs_read(&r, &ns), OK);
    assert_int_equal(cost_part_read(&r, 0, RULES, &part), OK);
    assert_true(part.rule == 1 && part.evaluations == 7 && part.matches == 3 && part.ns == 99);
    struct rd again = r;
    assert_int_equal(cost_part_read(&r, 2, RULES, &part), OK);
    assert_true(part.rule == 4 && part.untried == 5 && part.at == 77);
    assert_int_equal(rd_left(&r), 0);
    r = again;
    assert_int_equal(cost_part_read(&r, 5, RULES + 1, &part), ERR_FORMAT); /* told before */
    r = again;
    assert_int_equal(cost_part_read(&r, 0, 4, &part), ERR_FORMAT); /* no such rule */
    for (size_t n = 0; n < b.n; n++) {
        r = rd_of(str_make(b.p, n));
        bool whole = costs_read(&r, &ns) == OK;
        assert_int_equal(whole, n >= 8 && (n - 8) % 44 == 0);
    }
    costs_done(&c);
    buf_done(&b);
}

/* ---- the coordinator ---- */

static void say(struct buf *b, uint64_t ns, const struct cost_part *part, size_t n)
{
    buf_reset(b);
    wr_u64(b, ns);
    for (size_t i = 0; i < n; i++) {
        wr_u32(b, part[i].rule);
        wr_u64(b, part[i].evaluations);
        wr_u64(b, part[i].matches);
        wr_u64(b, part[i].ns);
        wr_u64(b, part[i].untried);
        wr_u64(b, part[i].at);
    }
}

static void parts_of_a_file_become_one_gap_a_rule(void **state)
{
    (void)state;
    struct arena arena;
    struct buf b;
    struct scan_rule rule[RULES] = {{.title = STR("zero")},
                                    {.title = STR("one")},
                                    {.title = STR("two")},
                                    {.title = STR("three")},
                                    {.title = STR("four")}};
    struct ruleset set = {.rule = rule, .n_rules = RULES, .n_sigma = RULES, .measure = true};
    struct pass_file file[2] = {0};
    struct str path[2] = {STR("a.log"), STR("b.log")};
    arena_init(&arena, 1 << 20);
    struct pass p = {.arena = &arena, .set = &set, .file = file, .path = path, .n_files = 2};
    buf_init(&b, LIMIT_IPC_MESSAGE_BYTES);
    say(&b, 10, (struct cost_part[]){{1, 5, 0, 50, 3, 900}, {3, 6, 2, 60, 0, 0}}, 2);
    assert_int_equal(pass_take_costs(&p, 1, buf_view(&b)), OK);
    say(&b, 20, (struct cost_part[]){{0, 1, 0, 1, 1, 4}, {1, 5, 1, 50, 4, 800}, {4, 1, 0, 1, 2, 7}},
        3);
    assert_int_equal(pass_take_costs(&p, 1, buf_view(&b)), OK);
    say(&b, 0, (struct cost_part[]){{2, 1, 0, 1, 1, 4}, {1, 5, 0, 50, 4, 800}}, 2);
    assert_int_equal(pass_take_costs(&p, 0, buf_view(&b)), ERR_FORMAT); /* not in order */
    say(&b, 0, (struct cost_part[]){{RULES, 1, 0, 1, 1, 4}}, 1);
    assert_int_equal(pass_take_costs(&p, 0, buf_view(&b)), ERR_FORMAT);
    say(&b, 0, (struct cost_part[]){{1, 1, 2, 1, 1, 4}}, 1);
    assert_int_equal(pass_take_costs(&p, 0, buf_view(&b)), ERR_FORMAT); /* matched untried */
    file[0].cut = NULL;
    assert_true(p.cpu_ns == 30 && p.cost[1].evaluations == 10 && p.cost[1].matches == 1);
    assert_true(p.cost[3].ns == 60 && p.cost[3].untried == 0);
    assert_int_equal(pass_cut_gaps(&p), OK);
    assert_int_equal(p.gap.n, 3);
    assert_str(p.gap.v[1].gap.detail,
               "\"one\" took more than 2 seconds of processor time: not tried on 7 further rows");
    assert_true(p.gap.v[1].file == 1 && p.gap.v[1].gap.offset == 800);
    assert_str(p.gap.v[1].gap.reason, "rule-cost");
    assert_true(str_has(p.gap.v[0].gap.detail, STR("1 further row")));
    assert_true(str_has(p.gap.v[2].gap.detail, STR("\"four\"")));
    vec_done(&p.gap);
    buf_done(&b);
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rule_is_cut_when_it_took_more_than_both),
        cmocka_unit_test(after_a_dear_evaluation_the_next_are_measured),
        cmocka_unit_test(one_evaluation_in_some_is_measured_or_all),
        cmocka_unit_test(nothing_is_told_of_cheap_rules),
        cmocka_unit_test(the_most_rules_fit_a_message),
        cmocka_unit_test(a_message_survives_and_is_checked),
        cmocka_unit_test(parts_of_a_file_become_one_gap_a_rule),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
