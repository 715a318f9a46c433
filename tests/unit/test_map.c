#include "base/map.h"
#include "unit.h"

struct fixture {
    struct arena arena;
    struct map map;
};

static void open_map(struct fixture *f, size_t max_items)
{
    arena_init(&f->arena, 64 * 1024 * 1024);
    map_init(&f->map, &f->arena, max_items);
}

static void close_map(struct fixture *f)
{
    map_done(&f->map);
    arena_done(&f->arena);
}

static void an_empty_map_has_nothing(void **state)
{
    (void)state;
    struct fixture f;
    open_map(&f, 10);
    assert_null(map_get(&f.map, STR("a")));
    assert_null(map_get(&f.map, STR("")));
    close_map(&f);
}

static void put_and_get(void **state)
{
    (void)state;
    struct fixture f;
    open_map(&f, 10);
    assert_int_equal(map_put(&f.map, STR("a"), 1), OK);
    assert_int_equal(map_put(&f.map, STR(""), 2), OK);
    assert_int_equal(map_put(&f.map, STR("a\0b"), 3), OK);
    assert_int_equal(map_put(&f.map, STR("a"), 4), OK);
    assert_int_equal(f.map.n, 3);
    assert_int_equal(*map_get(&f.map, STR("a")), 4);
    assert_int_equal(*map_get(&f.map, STR("")), 2);
    assert_int_equal(*map_get(&f.map, STR("a\0b")), 3);
    assert_null(map_get(&f.map, STR("A")));
    close_map(&f);
}

static void keys_are_copied(void **state)
{
    (void)state;
    struct fixture f;
    char key[] = "key";
    open_map(&f, 10);
    assert_int_equal(map_put(&f.map, str_of(key), 1), OK);
    key[0] = 'x';
    assert_non_null(map_get(&f.map, STR("key")));
    assert_null(map_get(&f.map, STR("xey")));
    close_map(&f);
}

static void many_keys_survive_growing(void **state)
{
    (void)state;
    struct fixture f;
    char key[32];
    open_map(&f, 100 * 1000);
    for (uint32_t i = 0; i < 20000; i++) {
        bool is_new = false;
        uint32_t id = 0;
        (void)snprintf(key, sizeof key, "key-%u", i);
        assert_int_equal(map_intern(&f.map, str_of(key), &id, &is_new), OK);
        assert_true(is_new);
        assert_int_equal(id, i);
    }
    for (uint32_t i = 0; i < 20000; i++) {
        bool is_new = true;
        uint32_t id = 0;
        (void)snprintf(key, sizeof key, "key-%u", i);
        assert_int_equal(map_intern(&f.map, str_of(key), &id, &is_new), OK);
        assert_false(is_new);
        assert_int_equal(id, i);
    }
    assert_int_equal(f.map.n, 20000);
    close_map(&f);
}

static void stops_at_its_maximum(void **state)
{
    (void)state;
    struct fixture f;
    uint32_t id;
    open_map(&f, 2);
    assert_int_equal(map_intern(&f.map, STR("a"), &id, NULL), OK);
    assert_int_equal(map_put(&f.map, STR("b"), 1), OK);
    assert_int_equal(map_put(&f.map, STR("c"), 1), ERR_LIMIT);
    assert_int_equal(map_put(&f.map, STR("a"), 9), OK);
    assert_null(map_get(&f.map, STR("c")));
    close_map(&f);
}

static void reports_a_full_arena(void **state)
{
    (void)state;
    struct fixture f;
    arena_init(&f.arena, 16);
    map_init(&f.map, &f.arena, 10);
    assert_int_equal(map_put(&f.map, STR("a"), 1), OK);
    assert_int_equal(map_put(&f.map, STR("b"), 1), ERR_NOMEM);
    assert_null(map_get(&f.map, STR("b")));
    close_map(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_map_has_nothing), cmocka_unit_test(put_and_get),
        cmocka_unit_test(keys_are_copied),          cmocka_unit_test(many_keys_survive_growing),
        cmocka_unit_test(stops_at_its_maximum),     cmocka_unit_test(reports_a_full_arena),
    };
    return cmocka_run_group_tests_name("map", tests, NULL, NULL);
}
