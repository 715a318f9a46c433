#include "watch/recent.h"

#include "unit.h"

static void test_what_was_seen_is_known(void **state)
{
    (void)state;
    struct recent *r;
    assert_int_equal(recent_new(16, &r), OK);
    for (uint64_t i = 0; i < 1000; i++)
        assert_true(recent_add(r, i * UINT64_C(0x9e3779b97f4a7c15)));
    for (uint64_t i = 0; i < 1000; i++)
        assert_false(recent_add(r, i * UINT64_C(0x9e3779b97f4a7c15)));
    r = recent_free(r);
}

static void test_the_latest_stay(void **state)
{
    (void)state;
    struct recent *r;
    assert_int_equal(recent_new(10, &r), OK);
    unsigned known = 0;
    for (uint64_t i = 1; i <= 100000; i++)
        assert_true(recent_add(r, i * UINT64_C(0x9e3779b97f4a7c15)));
    for (uint64_t i = 100000; i > 100000 - 200; i--)
        known += !recent_add(r, i * UINT64_C(0x9e3779b97f4a7c15));
    assert_true(known > 190);
    assert_true(recent_add(r, UINT64_C(0x9e3779b97f4a7c15))); /* the first one is long gone */
    r = recent_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_was_seen_is_known),
        cmocka_unit_test(test_the_latest_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
