#include "os/build.h"

#include "unit.h"

/* The rule cache rests on it: without one nothing is kept. */
static void test_id(void **state)
{
    (void)state;
    struct str id = build_id();
    assert_int_equal(id.n, 20);
    assert_true(str_eq(id, build_id()));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_id)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
