#include "base/arena.h"
#include "unit.h"

static void gives_zeroed_aligned_memory(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 1024 * 1024);
    for (size_t size = 0; size < 200; size++) {
        unsigned char *p = arena_alloc(&a, size);
        assert_non_null(p);
        assert_int_equal((uintptr_t)p % 16, 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(p[i], 0);
        memset(p, 0xff, size);
    }
    arena_done(&a);
}

static void is_zeroed_again_after_reset(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 1024 * 1024);
    memset(arena_alloc(&a, 1000), 0xff, 1000);
    arena_reset(&a);
    assert_int_equal(a.used_bytes, 0);
    const unsigned char *p = arena_alloc(&a, 1000);
    for (size_t i = 0; i < 1000; i++)
        assert_int_equal(p[i], 0);
    arena_done(&a);
}

static void has_a_ceiling(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 1000);
    assert_null(arena_alloc(&a, 1001));
    assert_non_null(arena_alloc(&a, 496));
    assert_non_null(arena_alloc(&a, 496));
    assert_null(arena_alloc(&a, 16));
    arena_reset(&a);
    assert_non_null(arena_alloc(&a, 992));
    arena_done(&a);
}

static void refuses_sizes_that_wrap(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, SIZE_MAX);
    assert_null(arena_alloc(&a, SIZE_MAX));
    assert_null(arena_alloc(&a, SIZE_MAX - 14));
    assert_null(arena_array(&a, SIZE_MAX / 2, 3));
    assert_null(arena_str(&a, str_make("", SIZE_MAX)).p);
    arena_done(&a);
}

static void blocks_do_not_overlap(void **state)
{
    (void)state;
    struct arena a;
    unsigned char *p[64];
    arena_init(&a, 16 * 1024 * 1024);
    for (unsigned i = 0; i < ARRAY_LEN(p); i++) {
        p[i] = arena_alloc(&a, 5000 * (i % 20 + 1));
        assert_non_null(p[i]);
        memset(p[i], (int)i, 5000 * (i % 20 + 1));
    }
    for (unsigned i = 0; i < ARRAY_LEN(p); i++)
        for (size_t at = 0; at < 5000 * (i % 20 + 1); at++)
            assert_int_equal(p[i][at], i);
    arena_done(&a);
    assert_null(a.head);
}

static void copies_texts(void **state)
{
    (void)state;
    struct arena a;
    char text[] = "abc";
    arena_init(&a, 1000);
    struct str s = arena_str(&a, str_of(text));
    text[0] = 'x';
    assert_str(s, "abc");
    assert_int_equal(s.p[3], 0);
    assert_non_null(arena_str(&a, STR_NONE).p);
    arena_done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_zeroed_aligned_memory),
        cmocka_unit_test(is_zeroed_again_after_reset),
        cmocka_unit_test(has_a_ceiling),
        cmocka_unit_test(refuses_sizes_that_wrap),
        cmocka_unit_test(blocks_do_not_overlap),
        cmocka_unit_test(copies_texts),
    };
    return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
