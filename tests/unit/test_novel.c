#include "watch/novel.h"

#include "unit.h"

enum { COMMON = 300, THREADS = 1000, NEW_TERM = 7000000 };

/* A day on which term k is in every (k + 2)th thread. */
static void a_day(struct novel *n, int32_t day, unsigned of_new)
{
    for (uint64_t k = 0; k < COMMON; k++)
        for (unsigned i = 0; i < THREADS / (k + 2); i++)
            assert_int_equal(novel_term(n, k + 1), OK);
    for (unsigned i = 0; i < of_new; i++)
        assert_int_equal(novel_term(n, NEW_TERM), OK);
    novel_end_day(n, day, THREADS);
}

static void test_a_new_term_leads(void **state)
{
    (void)state;
    struct novel_options options = {.sketch_bits = 14};
    struct novel_term term[10];
    struct novel *n;
    assert_int_equal(novel_new(&options, &n), OK);
    int32_t day = 18000;
    for (int week = 0; week < 6; week++) {
        for (int i = 0; i < 7; i++)
            a_day(n, day++, 0);
        size_t told = novel_digest(n, term, 10);
        if (week > 3)
            assert_int_equal(told, 0); /* nothing rises */
    }
    for (int i = 0; i < 7; i++)
        a_day(n, day++, i > 3 ? 20 : 0);
    assert_int_equal(novel_digest(n, term, 10), 1);
    assert_true(term[0].hash == NEW_TERM && term[0].week == 60 && term[0].z > 2);
    for (int i = 0; i < 7; i++)
        a_day(n, day++, 20);
    (void)novel_digest(n, term, 10);
    for (int i = 0; i < 28; i++)
        a_day(n, day++, 20);
    (void)novel_digest(n, term, 10);
    for (int i = 0; i < 7; i++)
        a_day(n, day++, 20);
    assert_int_equal(novel_digest(n, term, 10), 0); /* and then it is no news */
    n = novel_free(n);
}

static void test_memory_is_fixed(void **state)
{
    (void)state;
    struct novel_options options = {.sketch_bits = 10, .max_terms = 500};
    struct novel_term term[5];
    struct novel *n;
    assert_int_equal(novel_new(&options, &n), OK);
    for (uint64_t k = 0; k < 100000; k++) {
        assert_int_equal(novel_term(n, k * 2654435761u), OK);
        if (k % 10 == 0)
            assert_int_equal(novel_term(n, 5), OK);
    }
    novel_end_day(n, 18000, 100000);
    assert_true(novel_digest(n, term, 5) >= 1);
    assert_true(term[0].hash == 5 && term[0].week + term[0].error >= 10000);
    n = novel_free(n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_new_term_leads),
        cmocka_unit_test(test_memory_is_fixed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
