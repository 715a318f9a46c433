#include "json_check.h"
#include "output/json_writer.h"
#include "unit.h"

static struct buf out;
static struct json j;

static int setup(void **state)
{
    (void)state;
    buf_init(&out, 1 << 20);
    json_init(&j, &out);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    buf_done(&out);
    return 0;
}

static void assert_out(const char *want)
{
    buf_putc(&out, 0);
    assert_int_equal(out.rc, OK);
    assert_string_equal(out.p, want);
    out.n--;
}

static void test_nesting(void **state)
{
    (void)state;
    json_object(&j, NULL);
    json_text(&j, "a", "x");
    json_array(&j, "b");
    json_u64(&j, NULL, UINT64_MAX);
    json_i64(&j, NULL, INT64_MIN);
    json_object(&j, NULL);
    json_end(&j);
    json_array(&j, NULL);
    json_end(&j);
    json_end(&j);
    json_key(&j, STR("c\"\n"));
    json_bool(&j, NULL, true);
    json_object(&j, "d");
    json_null(&j, "e");
    json_end(&j);
    json_str(&j, "f", STR_NONE);
    json_str(&j, "g", STR(""));
    json_text(&j, "h", NULL);
    json_end(&j);
    json_line(&j);
    json_object(&j, NULL);
    json_end(&j);
    assert_int_equal(j.rc, OK);
    assert_out("{\"a\":\"x\",\"b\":[18446744073709551615,-9223372036854775808,{},[]],"
               "\"c\\\"\\n\":true,\"d\":{\"e\":null},\"f\":null,\"g\":\"\",\"h\":null}\n{}");
}

static void test_times(void **state)
{
    (void)state;
    json_array(&j, NULL);
    json_time(&j, NULL, 0);
    json_time(&j, NULL, INT64_C(1614643200123456));
    json_time(&j, NULL, TIME_NONE);
    json_time(&j, NULL, INT64_MAX);
    json_time(&j, NULL, INT64_C(253402300799) * US_PER_S);
    json_time(&j, NULL, INT64_C(253402300800) * US_PER_S);
    json_end(&j);
    assert_out("[\"1970-01-01T00:00:00Z\",\"2021-03-02T00:00:00.123456Z\",null,null,"
               "\"9999-12-31T23:59:59Z\",null]");
}

static void test_fixed(void **state)
{
    (void)state;
    json_array(&j, NULL);
    json_fixed(&j, NULL, 0, 4);
    json_fixed(&j, NULL, 1, 4);
    json_fixed(&j, NULL, 0.3, 4);
    json_fixed(&j, NULL, 0.89999999, 4);
    json_fixed(&j, NULL, 0.0501, 4);
    json_fixed(&j, NULL, -1.25, 2);
    json_fixed(&j, NULL, -0.001, 2);
    json_fixed(&j, NULL, 12.0345, 3);
    json_fixed(&j, NULL, __builtin_nan(""), 3);
    json_fixed(&j, NULL, __builtin_inf(), 3);
    json_end(&j);
    assert_out("[0,1,0.3,0.8999,0.0501,-1.25,0,12.034,null,null]");
}

static void test_misuse(void **state)
{
    (void)state;
    json_end(&j);
    assert_int_equal(j.rc, ERR_BUG);
    json_init(&j, &out);
    for (int i = 0; i < JSON_DEPTH; i++)
        json_array(&j, NULL);
    assert_int_equal(j.rc, OK);
    json_array(&j, NULL);
    assert_int_equal(j.rc, ERR_BUG);
    json_init(&j, &out);
    json_object(&j, NULL);
    json_line(&j);
    assert_int_equal(j.rc, ERR_BUG);
}

/* The checker that the other tests lean on must be able to say no. */
static void test_checker(void **state)
{
    (void)state;
    assert_true(json_check(STR("{\"a\":[1,-2.5,null,\"\\ud83d\\ude00\"]}")));
    static const char *const bad[] = {"{",
                                      "{\"a\"}",
                                      "[1,]",
                                      "{\"a\":1,}",
                                      "\"\\x\"",
                                      "\"\n\"",
                                      "\"\xff\"",
                                      "01",
                                      "\"\\ud83d\"",
                                      "[] ",
                                      "nul",
                                      "\"\\udc00\"",
                                      "{\"a\":1 \"b\":2}",
                                      "-",
                                      ""};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(json_check(str_of(bad[i])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_nesting, setup, teardown),
        cmocka_unit_test_setup_teardown(test_times, setup, teardown),
        cmocka_unit_test_setup_teardown(test_fixed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_misuse, setup, teardown),
        cmocka_unit_test_setup_teardown(test_checker, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
