#include "scan/few.h"

#include "unit.h"

static void test_add(void **state)
{
    (void)state;
    struct few f = {.n = 0};
    few_add(&f, 7);
    few_add(&f, 3);
    few_add(&f, 7);
    assert_int_equal(f.n, 2);
    assert_int_equal(f.v[0], 3);
    assert_int_equal(f.v[1], 7);
    assert_false(f.more);
    assert_true(few_valid(&f));
}

/* Whatever the order, and however it is cut into parts, the smallest stay. */
static void test_order_changes_nothing(void **state)
{
    (void)state;
    enum { MANY = 40 };
    struct few up = {.n = 0}, down = {.n = 0}, parts = {.n = 0};
    for (uint64_t i = 0; i < MANY; i++) {
        few_add(&up, i * 3);
        few_add(&down, (MANY - 1 - i) * 3);
    }
    for (uint64_t part = 0; part < 4; part++) {
        struct few one = {.n = 0};
        for (uint64_t i = part; i < MANY; i += 4)
            few_add(&one, i * 3);
        few_merge(&parts, &one);
    }
    assert_memory_equal(&up, &down, sizeof up);
    assert_memory_equal(up.v, parts.v, sizeof up.v);
    assert_int_equal(up.n, FEW_MAX);
    assert_int_equal(up.v[FEW_MAX - 1], (FEW_MAX - 1) * 3);
    assert_true(up.more && parts.more);
}

static void test_valid(void **state)
{
    (void)state;
    assert_false(few_valid(&(struct few){.n = FEW_MAX + 1}));
    assert_false(few_valid(&(struct few){.n = 2, .v = {5, 5}}));
    assert_false(few_valid(&(struct few){.n = 1, .v = {5}, .more = true}));
    assert_true(few_valid(&(struct few){.n = 0}));
}

static void test_hours_keep_their_order(void **state)
{
    (void)state;
    assert_true(few_of_hour(-1) < few_of_hour(0));
    assert_true(few_of_hour(0) < few_of_hour(448000));
    assert_int_equal(few_hour(few_of_hour(-5)), -5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_add),
        cmocka_unit_test(test_order_changes_nothing),
        cmocka_unit_test(test_valid),
        cmocka_unit_test(test_hours_keep_their_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
