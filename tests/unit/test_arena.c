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

static void test_back(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 1 << 20);
    struct arena_mark empty = arena_mark(&a);
    char *kept = arena_alloc(&a, 100);
    memset(kept, 'k', 100);
    struct arena_mark mark = arena_mark(&a);
    for (size_t i = 0; i < 8; i++) /* over several blocks */
        memset(arena_alloc(&a, 50000), 'x', 50000);
    arena_back(&a, mark);
    assert_int_equal(a.used_bytes, mark.used_bytes);
    char *again = arena_alloc(&a, 100);
    assert_ptr_equal(again, kept + 112);
    for (size_t i = 0; i < 100; i++)
        assert_true(kept[i] == 'k' && again[i] == 0);
    arena_back(&a, empty);
    assert_null(a.head);
    assert_int_equal(a.used_bytes, 0);
    arena_done(&a);
}

/* Large arenas take larger blocks; the ceiling counts what is handed out. */
static void test_large(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 4 << 20);
    size_t n = 0;
    while (arena_alloc(&a, 1000))
        n++;
    assert_int_equal(n, (4 << 20) / 1008);
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
        cmocka_unit_test(test_back),
        cmocka_unit_test(test_large),
    };
    return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
