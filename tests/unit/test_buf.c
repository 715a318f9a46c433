#include "base/buf.h"
#include "unit.h"

static void appends(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1000);
    assert_str(buf_view(&b), "");
    buf_puts(&b, "a");
    buf_putc(&b, ' ');
    buf_str(&b, STR_NONE);
    buf_u64(&b, UINT64_MAX);
    buf_putc(&b, ' ');
    buf_i64(&b, INT64_MIN);
    buf_printf(&b, " %s-%d", "x", 5);
    assert_int_equal(b.rc, OK);
    assert_str(buf_view(&b), "a 18446744073709551615 -9223372036854775808 x-5");
    buf_done(&b);
    assert_int_equal(b.n, 0);
    assert_null(b.p);
}

static void keeps_nul_bytes(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 16);
    buf_add(&b, "a\0b", 3);
    assert_int_equal(b.n, 3);
    assert_memory_equal(b.p, "a\0b", 3);
    buf_done(&b);
}

static void stops_at_its_maximum(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 4);
    buf_puts(&b, "abcd");
    assert_int_equal(b.rc, OK);
    buf_putc(&b, 'e');
    assert_int_equal(b.rc, ERR_LIMIT);
    assert_str(buf_view(&b), "abcd");
    buf_done(&b);
}

static void an_error_sticks(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 4);
    buf_puts(&b, "too long");
    buf_putc(&b, 'x'); /* would fit, but something is missing before it */
    assert_int_equal(b.rc, ERR_LIMIT);
    assert_int_equal(b.n, 0);
    assert_null(buf_reserve(&b, 1));
    buf_reset(&b);
    buf_putc(&b, 'x');
    assert_int_equal(b.rc, OK);
    assert_str(buf_view(&b), "x");
    buf_done(&b);
}

static void grows_far(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1000 * 1000);
    for (int i = 0; i < 100 * 1000; i++)
        buf_puts(&b, "0123456789");
    assert_int_equal(b.rc, OK);
    assert_int_equal(b.n, 1000 * 1000);
    assert_int_equal(b.p[999999], '9');
    buf_putc(&b, 'x');
    assert_int_equal(b.rc, ERR_LIMIT);
    buf_done(&b);
}

static void refuses_sizes_that_wrap(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 100);
    buf_puts(&b, "abc");
    assert_null(buf_reserve(&b, SIZE_MAX));
    assert_int_equal(b.rc, ERR_LIMIT);
    buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(appends),
        cmocka_unit_test(keeps_nul_bytes),
        cmocka_unit_test(stops_at_its_maximum),
        cmocka_unit_test(an_error_sticks),
        cmocka_unit_test(grows_far),
        cmocka_unit_test(refuses_sizes_that_wrap),
    };
    return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
