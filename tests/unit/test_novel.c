#include "watch/novel.h"

#include "unit.h"

enum { COMMON = 300, THREADS = 1000, NEW_TERM = 7000000, SETTLE = 6 };

static struct novel *novel_of(const struct novel_options *options)
{
    struct novel *n;
    assert_int_equal(novel_new(options, &n), OK);
    return n;
}

static void say(struct novel *n, uint64_t hash, unsigned times)
{
    for (unsigned i = 0; i < times; i++)
        assert_int_equal(novel_term(n, hash, 18000, true), OK);
}

static size_t end(struct novel *n, int32_t week, struct novel_term *term, size_t max)
{
    size_t told;
    assert_int_equal(novel_end_week(n, week, THREADS, term, max, &told), OK);
    return told;
}

/* A week in which term k is in every (k + 2)th thread, and a new one in some. */
static size_t a_week(struct novel *n, int32_t week, unsigned of_new, struct novel_term *term)
{
    for (uint64_t k = 0; k < COMMON; k++)
        say(n, k + 1, THREADS / (unsigned)(k + 2));
    say(n, NEW_TERM, of_new);
    return end(n, week, term, 10);
}

static int32_t settle(struct novel *n)
{
    struct novel_term term[10];
    int32_t week = 2600;
    for (int i = 0; i < SETTLE; i++)
        assert_int_equal(a_week(n, week++, 0, term), 0);
    return week;
}

static void test_a_new_term_leads(void **state)
{
    (void)state;
    struct novel_options options = {.max_terms = 1000, .sketch_bits = 14};
    struct novel_term term[10];
    struct novel *n = novel_of(&options);
    int32_t week = settle(n);
    assert_int_equal(a_week(n, week++, 60, term), 1);
    assert_true(term[0].hash == NEW_TERM && term[0].week == 60 && term[0].z > 2);
    assert_true(term[0].expected < 1 && term[0].z > 6 && term[0].first_day == 18000);
    assert_true(term[0].before < 1);
    for (int i = 0; i < 20; i++)
        (void)a_week(n, week++, 60, term);
    assert_int_equal(a_week(n, week++, 60, term), 0); /* and then it is no news */
    n = novel_free(n);
}

/* A rise of what was there before is told only if the week outdoes all weeks before. */
static void test_the_past_must_be_outdone(void **state)
{
    (void)state;
    struct novel_options options = {.max_terms = 1000, .sketch_bits = 14};
    struct novel_term term[10];
    struct novel *n = novel_of(&options);
    int32_t week = settle(n);
    for (int i = 0; i < 40; i++)
        (void)a_week(n, week++, 10, term);
    assert_int_equal(a_week(n, week++, 400, term), 0); /* some 170 were before */
    n = novel_free(n);
    n = novel_of(&options);
    week = settle(n);
    for (int i = 0; i < 40; i++)
        (void)a_week(n, week++, 10, term);
    assert_int_equal(a_week(n, week++, 600, term), 1);
    assert_true(term[0].expected > 8 && term[0].expected < 12);
    assert_true(term[0].before > 150 && term[0].before < 190);
    n = novel_free(n);
}

static void test_few_threads_are_not_told(void **state)
{
    (void)state;
    struct novel_options options = {.max_terms = 1000, .sketch_bits = 14, .threads = 4};
    struct novel_term term[10];
    struct novel *n = novel_of(&options);
    int32_t week = settle(n);
    assert_int_equal(a_week(n, week, 3, term), 0);
    n = novel_free(n);
    n = novel_of(&options);
    week = settle(n);
    assert_int_equal(a_week(n, week, 4, term), 1);
    n = novel_free(n);
}

static void test_the_warm_up_tells_nothing(void **state)
{
    (void)state;
    struct novel_options options = {.max_terms = 1000, .sketch_bits = 14, .warm_up = 3};
    struct novel_term term[10];
    struct novel *n = novel_of(&options);
    size_t told[5];
    for (int32_t week = 0; week < 5; week++) {
        assert_int_equal(novel_is_warm(n), week >= 3);
        say(n, (uint64_t)week + 100, 50); /* each week another one */
        told[week] = end(n, week, term, 10);
    }
    const size_t want[5] = {0, 0, 0, 1, 1};
    assert_memory_equal(told, want, sizeof want);
    n = novel_free(n);
}

static void test_a_week_without_threads_is_an_outage(void **state)
{
    (void)state;
    struct novel_options options = {.max_terms = 1000, .sketch_bits = 14};
    struct novel_term term[10];
    size_t told = 1;
    struct novel *n = novel_of(&options);
    int32_t week = settle(n);
    say(n, NEW_TERM, 50);
    assert_int_equal(novel_end_week(n, week++, 0, term, 10, &told), OK);
    assert_int_equal(told, 0);
    for (int i = 0; i < 100; i++) /* what was usual before it still is */
        assert_int_equal(novel_end_week(n, week++, 0, term, 10, &told), OK);
    assert_int_equal(a_week(n, week++, 2, term), 0); /* those of the outage are no part of it */
    assert_int_equal(a_week(n, week++, 60, term), 1);
    assert_true(term[0].before < 3 && term[0].expected < 3);
    n = novel_free(n);
}

static void test_weeks_rise(void **state)
{
    (void)state;
    struct novel_options options = {.max_terms = 1000, .sketch_bits = 10};
    struct novel_term term[1];
    size_t told;
    struct novel *n = novel_of(&options);
    assert_int_equal(end(n, 7, term, 1), 0);
    assert_int_equal(novel_end_week(n, 7, 5, term, 1, &told), ERR_USAGE);
    assert_int_equal(novel_end_week(n, 6, 5, term, 1, &told), ERR_USAGE);
    assert_int_equal(end(n, 8, term, 1), 0);
    n = novel_free(n);
}

/* What does not count is learnt from: when it counts, it is known. */
static void test_what_does_not_count_is_learnt(void **state)
{
    (void)state;
    struct novel_options options = {.max_terms = 1000, .sketch_bits = 14};
    struct novel_term term[10];
    struct novel *n = novel_of(&options);
    int32_t week = settle(n);
    for (int w = 0; w < 30; w++) {
        for (int i = 0; i < 60; i++)
            assert_int_equal(novel_term(n, NEW_TERM, 18000, false), OK);
        assert_int_equal(a_week(n, week++, 0, term), 0);
    }
    assert_int_equal(a_week(n, week++, 60, term), 0);
    n = novel_free(n);
}

static void test_memory_is_fixed(void **state)
{
    (void)state;
    struct novel_options options = {.sketch_bits = 10, .max_terms = 500, .warm_up = 1};
    struct novel_term term[5];
    struct novel *n = novel_of(&options);
    say(n, 3, 100000);
    assert_int_equal(end(n, 1, term, 5), 0);
    for (uint64_t k = 0; k < 100000; k++) {
        say(n, k * 2654435761u + 99, 1);
        if (k % 10 == 0)
            say(n, 5, 1);
    }
    assert_true(end(n, 2, term, 5) >= 1);
    assert_true(term[0].hash == 5 && term[0].week + term[0].before >= 10000);
    n = novel_free(n);
}

/* Of terms of one weight half must stay: none of them is any better than the others. */
static void test_equal_terms_do_not_empty_the_table(void **state)
{
    (void)state;
    struct novel_options options = {
        .sketch_bits = 10, .max_terms = 100, .warm_up = 1, .times = 0.1};
    struct novel_term term[200];
    struct novel *n = novel_of(&options);
    say(n, 1000, 1000);
    assert_int_equal(end(n, 1, term, 1), 0);
    for (uint64_t k = 1; k <= 99; k++)
        say(n, k, 5);
    say(n, 100, 5); /* makes room: the frequent one and 49 of the others stay */
    assert_int_equal(end(n, 2, term, 200), 50);
    unsigned forgotten = 0;
    for (size_t i = 0; i < 50; i++)
        forgotten += term[i].before > 4.5;
    assert_int_equal(forgotten, 1); /* the one that came last may have been there before */
    n = novel_free(n);
}

/* Terms in one cell: rare ones must not make the frequent one new again in a week without it. */
static void test_a_shared_cell_is_the_frequent_ones(void **state)
{
    (void)state;
    struct novel_options options = {
        .max_terms = 1000, .sketch_bits = 4, .warm_up = 1, .times = 0.001};
    struct novel_term term[30];
    struct novel *n = novel_of(&options);
    int32_t week = 1;
    for (int i = 0; i < 12; i++) {
        say(n, 1, 200);
        (void)end(n, week++, term, 30);
    }
    for (uint64_t k = 2; k < 8; k++)
        say(n, k, 3);
    (void)end(n, week++, term, 30);
    say(n, 1, 90);
    assert_int_equal(end(n, week++, term, 30), 0);
    n = novel_free(n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_new_term_leads),
        cmocka_unit_test(test_the_past_must_be_outdone),
        cmocka_unit_test(test_few_threads_are_not_told),
        cmocka_unit_test(test_the_warm_up_tells_nothing),
        cmocka_unit_test(test_a_week_without_threads_is_an_outage),
        cmocka_unit_test(test_weeks_rise),
        cmocka_unit_test(test_what_does_not_count_is_learnt),
        cmocka_unit_test(test_memory_is_fixed),
        cmocka_unit_test(test_equal_terms_do_not_empty_the_table),
        cmocka_unit_test(test_a_shared_cell_is_the_frequent_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
