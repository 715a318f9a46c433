/* Skipping, walking and picking, compared with the strict reader where both must agree. */
#include "codec/json_scan.h"

#include "codec/json.h"
#include "unit.h"

#include <stdlib.h>

static const char *const good[] = {
    "{}",
    "[]",
    "{\"a\":1}",
    "[1,-2.5e3,true,false,null,\"x\"]",
    "{\"a\":{\"b\":[{},[]]},\"c\":\"\"}",
    " { \"a\" : [ 1 , 2 ] } ",
    "{\"q\":\"\\\"\\\\\",\"u\":\"\\u0416{[\"}",
    "[[[[[[]]]]]]",
    "{\"a\":\"0123456789abcdef0123456789abcdef\\n\",\"b\":\"]}\"}",
};
static const char *const bad[] = {
    "{",         "[1",    "{\"a\"}",   "{\"a\":}",  "{\"a\":1,}", "[1,]",         "[,1]",
    "{\"a\" 1}", "[1 2]", "{1:2}",     "{\"a\":1]", "[1}",        "[\"a\"\"b\"]", "[\"a\nb\"]",
    "[\"",       "[\"\\", "{\"a\":[}", "[:]",       "{,}",        "[{]",
};

static enum err skip_whole(struct str text, size_t *ret_at)
{
    struct json_skip s = {0};
    enum err rc = json_skip_on(&s, text);
    *ret_at = s.at;
    return rc;
}

/* In pieces, kept or forgotten, a value ends where it ends at once. */
static void skipping(void **state)
{
    size_t at, n;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        struct str text = str_of(good[i]);
        assert_int_equal(skip_whole(text, &at), END);
        for (size_t step = 1; step < 5; step++) {
            struct json_skip s = {0}, f = {0};
            size_t forgot = 0;
            enum err rc = OK;
            for (n = step; rc == OK; n += step)
                rc = json_skip_on(&s, str_sub(text, 0, n));
            assert_int_equal(rc, END);
            assert_int_equal(s.at, at);
            for (rc = OK, n = step; rc == OK; n += step) {
                rc = json_skip_on(&f, str_sub(text, forgot, n));
                forgot += json_skip_forget(&f);
            }
            assert_int_equal(rc, END);
            assert_int_equal(forgot, at);
        }
    }
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        if (skip_whole(str_of(bad[i]), &at) == END)
            fail_msg("'%s' is no value", bad[i]);
}

static enum err walk(struct str text)
{
    struct json_scan s;
    struct json_value key, value;
    enum err rc = json_scan_open(&s, text);
    while (rc == OK)
        rc = json_scan_next(&s, &key, &value);
    return rc;
}

static void walking(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        assert_int_equal(walk(str_of(good[i])), END);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        if (walk(str_of(bad[i])) != ERR_FORMAT)
            fail_msg("'%s' is no value", bad[i]);
    assert_int_equal(walk(STR("{} x")), ERR_FORMAT);
    assert_int_equal(walk(STR("\"a\"")), ERR_FORMAT);
    assert_int_equal(walk(STR("{\"a\":maybe}")), ERR_FORMAT);
}

/* What the strict reader accepts is walked and skipped; random damage never misleads a bound. */
static void as_strict(void **state)
{
    unsigned seed = 7;
    (void)state;
    for (int round = 0; round < 200 * 1000; round++) {
        static const char letters[] = "{}[]\"\\:,1a \nnul";
        char text[24];
        struct json_reader j;
        struct json_token t;
        enum err rc;
        size_t n = 1 + (size_t)round % (sizeof text - 1), at;
        for (size_t i = 0; i < n; i++) {
            seed = seed * 1103515245u + 12345u;
            text[i] = letters[(seed >> 16) % (sizeof letters - 1)];
        }
        text[0] = round % 2 ? '{' : '[';
        json_open(&j, str_make(text, n), true);
        while ((rc = json_next(&j, &t)) == OK) {
        }
        if (rc == END) {
            assert_int_equal(walk(str_make(text, n)), END);
            assert_int_equal(skip_whole(str_make(text, n), &at), END);
        } else {
            (void)walk(str_make(text, n));
            (void)skip_whole(str_make(text, n), &at);
            assert_true(at <= n);
        }
    }
}

static void picking(void **state)
{
    static const char *const paths[] = {"a", "b.c", "b.d.e", "m.x.y", "none", "b"};
    struct json_value v[ARRAY_LEN(paths)];
    struct arena arena;
    (void)state;
    arena_init(&arena, 1 << 16);
    assert_int_equal(json_pick(STR("{\"b\":{\"d\":{\"e\":12},\"c\":\"\\u0416\"},\"a\":null,\"a\":2,"
                                   "\"m.x\":{\"y\":true},\"n\\u006fne\":1}"),
                               paths, ARRAY_LEN(paths), v),
                     OK);
    assert_int_equal(v[0].kind, 'n');
    assert_null(json_value_text(&arena, &v[0]).p);
    assert_str(json_value_text(&arena, &v[1]), "\xd0\x96");
    assert_str(json_value_text(&arena, &v[2]), "12");
    assert_str(json_value_text(&arena, &v[3]), "true");
    assert_int_equal(v[4].kind, 0);
    assert_int_equal(v[5].kind, '{');
    assert_int_equal(json_pick(STR("{\"a\":1"), paths, ARRAY_LEN(paths), v), ERR_FORMAT);
    assert_int_equal(json_pick(STR("[1]"), paths, ARRAY_LEN(paths), v), OK);
    arena_done(&arena);
}

static void deep(void **state)
{
    char text[200];
    size_t at;
    (void)state;
    memset(text, '[', sizeof text);
    assert_int_equal(skip_whole(str_make(text, sizeof text), &at), ERR_LIMIT);
    memset(text + 64, ']', 64);
    assert_int_equal(skip_whole(str_make(text, 128), &at), END);
    assert_int_equal(walk(str_make(text, 128)), END);
}

/* What a shape tells of a text is what walking tells of it; of its own text it tells it. */
static void check_shape(const struct json_shape *shape, struct str text)
{
    struct json_value v[JSON_SHAPE_VALUES], key, value;
    struct json_scan scan;
    if (!json_shape_read(shape, text, v))
        return;
    assert_int_equal(json_scan_open(&scan, text), OK);
    for (size_t i = 0; i < shape->n; i++) {
        assert_int_equal(json_scan_next(&scan, &key, &value), OK);
        assert_int_equal(value.kind, v[i].kind);
        assert_int_equal(value.escaped, v[i].escaped);
        assert_ptr_equal(value.text.p, v[i].text.p);
        assert_int_equal(value.text.n, v[i].text.n);
    }
    assert_int_equal(json_scan_next(&scan, &key, &value), END);
}

static void shapes(void **state)
{
    static const char *const alike[] = {
        "{\"a\":\"1\",\"b\":\"2\"}",
        "{\"a\":\"\",\"b\":\"\"}",
        "{\"a\":\"\\\"\",\"b\":\"\\\\\"}",
        "{\"a\":\",\\\"b\\\":\",\"b\":\"}\"}",
        "{\"a\":\"0123456789abcdef\",\"b\":\"0123456789abcdef0\"}",
    };
    static const char *const other[] = {
        "{\"a\":\"1\",\"b\":\"2\"",
        "{\"a\":\"1\",\"b\":\"2\"} ",
        "{\"a\":\"1\",\"b\":2}",
        "{\"a\":\"1\",\"b\":\"2\\\"}",
        "{\"a\":\"1\",\"c\":\"2\"}",
        "{\"a\":\"1\n\",\"b\":\"2\"}",
        "{\"a\":\"1\\",
        "{\"a\":\"1",
        "{\"a\":\"1\",\"b\":\"2\",\"c\":\"\"}",
    };
    struct json_value v[JSON_SHAPE_VALUES];
    struct json_shape shape;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(alike); i++) {
        assert_true(json_shape_learn(&shape, str_of(alike[i])));
        for (size_t k = 0; k < ARRAY_LEN(alike); k++) {
            assert_true(json_shape_read(&shape, str_of(alike[k]), v));
            check_shape(&shape, str_of(alike[k]));
        }
        for (size_t k = 0; k < ARRAY_LEN(other); k++)
            assert_false(json_shape_read(&shape, str_of(other[k]), v));
    }
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        if (!json_shape_learn(&shape, str_of(good[i])))
            assert_false(json_shape_read(&shape, str_of(good[i]), v));
        for (size_t k = 0; k < ARRAY_LEN(good); k++)
            check_shape(&shape, str_of(good[k]));
    }
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(json_shape_learn(&shape, str_of(bad[i])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(skipping), cmocka_unit_test(walking), cmocka_unit_test(as_strict),
        cmocka_unit_test(picking),  cmocka_unit_test(deep),    cmocka_unit_test(shapes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
