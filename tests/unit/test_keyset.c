#include "store/keyset.h"
#include "unit.h"

static uint64_t key_at(uint64_t i)
{
    return i * UINT64_C(0x9E3779B97F4A7C15);
}

static void keys_are_found_and_sorted(void **state)
{
    (void)state;
    enum { N = 20000 };
    struct keyset s = {0};
    assert_false(keyset_has(&s, 0));
    for (uint64_t i = 0; i < N; i++) { /* 0 is a key like others */
        assert_false(keyset_has(&s, key_at(i)));
        assert_int_equal(keyset_add(&s, key_at(i), (int32_t)i), OK);
        assert_true(keyset_has(&s, key_at(i)));
    }
    assert_int_equal(s.n, N);
    assert_true(keyset_has(&s, key_at(0)));
    assert_false(keyset_has(&s, key_at(N)));
    const struct keyset_item *k = keyset_sorted(&s);
    for (size_t i = 0; i < N; i++) {
        assert_int_equal(k[i].key, key_at((uint64_t)k[i].day));
        assert_true(!i || (int64_t)k[i - 1].key < (int64_t)k[i].key);
    }
    keyset_clear(&s);
    assert_int_equal(s.n, 0);
    assert_false(keyset_has(&s, key_at(1)));
    assert_int_equal(keyset_add(&s, key_at(1), 1), OK);
    assert_true(keyset_has(&s, key_at(1)));
    keyset_done(&s);
}

static void there_is_an_end_to_it(void **state)
{
    (void)state;
    struct keyset s = {0};
    for (uint64_t i = 0; i < KEYSET_MAX; i++)
        assert_int_equal(keyset_add(&s, key_at(i), 0), OK);
    assert_int_equal(keyset_add(&s, key_at(KEYSET_MAX), 0), ERR_LIMIT);
    assert_true(keyset_has(&s, key_at(KEYSET_MAX - 1)));
    keyset_done(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_found_and_sorted),
        cmocka_unit_test(there_is_an_end_to_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
