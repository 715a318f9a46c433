#include "unit.h"

#include "base/time.h"
#include "sigma_log.h"

#include <stdio.h>

static struct arena arena;

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 16 << 20);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

struct item_case {
    const char *item, *value;
    bool expect;
};

static bool is_f(void *ctx, uint16_t view)
{
    (void)ctx;
    return view == 0;
}

/* Values of a list stand in lines: each is asked by itself. */
static void test_lists(void **state)
{
    (void)state;
    static const struct item_case cases[] = {
        {"f: b", "a\nb\nc", true},
        {"f: [x, c]", "a\nb\nc", true},
        {"f: a", "a", true},
        {"f: ''", "a\n", true},
        {"f: ''", "", true},
        {"f: \"a\\nb\"", "a\nb\nc", false},
        {"f|startswith: bc", "a\nbcd", true},
        {"f|endswith: a", "xa\nb", true},
        {"f|contains: d", "a\nb", false},
        {"f|contains: 'a*c'", "a\nb\nc", false},
        {"f|contains|all: [a, c]", "a\nb\nc", true},
        {"f|contains|all: [a, d]", "a\nb\nc", false},
        {"f|re: ^b$", "a\nb\nc", true},
        {"f|re: a.*c", "a\nb\nc", false},
        {"f|cidr: 192.0.2.0/24", "198.51.100.1\n192.0.2.7", true},
        {"f|cidr: 192.0.2.0/24", "198.51.100.1\n203.0.113.7", false},
        {"f: 4688", "1\n4688", true},
        {"f|gt: 9", "1\n10", true},
        {"f|gt: 9", "1\n2", false},
        {"f|exists: true", "a\nb", true},
        {"g|fieldref: f", "a\neve", true},
        {"g|fieldref|startswith: f", "a\nev", true},
        {"g|fieldref: f", "a\neve\rx", false},
        {"f: null", "a\n", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char detection[256];
        struct row row = {.value = {str_of(cases[i].value), STR("eve")}, .time_us = TIME_NONE};
        struct sigma_subject subject = log_subject(&row);
        (void)snprintf(detection, sizeof detection, "  s:\n    %s\n  condition: s\n",
                       cases[i].item);
        struct sigma_plan *plan = log_plan(&arena, detection);
        subject.is_list = is_f;
        if (sigma_eval(plan, &subject, NULL, NULL) != cases[i].expect)
            fail_msg("%s on '%s'", cases[i].item, cases[i].value);
        sigma_plan_done(plan);
    }
}

/* What is marked is the value that matched, where it stands. */
static void test_list_marks(void **state)
{
    (void)state;
    struct row row = {.value = {STR("a\nbcd\nbc")}, .time_us = TIME_NONE};
    struct sigma_subject subject = log_subject(&row);
    struct sigma_hit hit;
    struct sigma_plan *plan = log_plan(&arena, "  s:\n    f|endswith: cd\n  condition: s\n");
    subject.is_list = is_f;
    assert_true(sigma_eval(plan, &subject, &hit, NULL));
    assert_int_equal(hit.n, 1);
    assert_int_equal(hit.mark[0].from, 3);
    assert_int_equal(hit.mark[0].to, 5);
    sigma_plan_done(plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_list_marks),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
