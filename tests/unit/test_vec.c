#include "base/vec.h"
#include "unit.h"

static void grows_and_keeps(void **state)
{
    (void)state;
    VEC(int) v = {0};
    for (int i = 0; i < 1000; i++)
        assert_int_equal(vec_push(&v, i, 1000), OK);
    assert_int_equal(v.n, 1000);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(v.v[i], i);
    assert_int_equal(vec_push(&v, 1, 1000), ERR_LIMIT);
    assert_int_equal(v.n, 1000);
    vec_done(&v);
    assert_null(v.v);
    assert_int_equal(v.n, 0);
}

static void a_small_maximum_holds(void **state)
{
    (void)state;
    VEC(char) v = {0};
    assert_int_equal(vec_push(&v, 'a', 1), OK);
    assert_int_equal(vec_push(&v, 'b', 1), ERR_LIMIT);
    vec_done(&v);
    assert_int_equal(vec_push(&v, 'a', 0), ERR_LIMIT);
    vec_done(&v);
}

static void sizes_that_wrap_are_refused(void **state)
{
    (void)state;
    void *p = NULL;
    size_t cap = SIZE_MAX / 4;
    assert_int_equal(vec_grow(&p, cap, &cap, 16, SIZE_MAX), ERR_LIMIT);
    assert_null(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grows_and_keeps),
        cmocka_unit_test(a_small_maximum_holds),
        cmocka_unit_test(sizes_that_wrap_are_refused),
    };
    return cmocka_run_group_tests_name("vec", tests, NULL, NULL);
}
