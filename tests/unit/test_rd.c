#include "base/rd.h"
#include "unit.h"

static void reads_little_endian(void **state)
{
    (void)state;
    struct rd r = rd_of(STR("\x01\x02\x03\xff\xff\xff\xff\x01\x00\x00\x00\x00\x00\x00\x80"));
    assert_int_equal(rd_u8(&r), 1);
    assert_int_equal(rd_u16(&r), 0x0302);
    assert_true(rd_u32(&r) == UINT32_MAX);
    assert_true(rd_u64(&r) == 0x8000000000000001u);
    assert_int_equal(rd_left(&r), 0);
    assert_int_equal(r.rc, OK);
}

static void an_error_sticks(void **state)
{
    (void)state;
    struct rd r = rd_of(STR("\x01\x02\x03"));
    assert_int_equal(rd_u32(&r), 0); /* cut short: nothing of it is given */
    assert_int_equal(r.rc, ERR_FORMAT);
    assert_int_equal(rd_u8(&r), 0); /* there is a byte left, but nothing is trusted now */
    assert_int_equal(rd_slice(&r, 1).n, 0);
}

static void slices(void **state)
{
    (void)state;
    struct rd r = rd_of(STR("\x03\x00\x00\x00"
                            "abc"
                            "\x00\x00\x00\x00"
                            "\xff\xff\xff\xff"));
    assert_str(rd_str(&r), "abc");
    struct str empty = rd_str(&r), absent = rd_str(&r);
    assert_non_null(empty.p);
    assert_int_equal(empty.n, 0);
    assert_null(absent.p);
    assert_int_equal(r.rc, OK);
}

static void a_length_beyond_the_end_is_refused(void **state)
{
    (void)state;
    struct rd r = rd_of(STR("\xfe\xff\xff\xff"
                            "abc"));
    struct str s = rd_str(&r);
    assert_int_equal(s.n, 0);
    assert_int_equal(r.rc, ERR_FORMAT);
    r = rd_of(STR("abc"));
    assert_int_equal(rd_slice(&r, SIZE_MAX).n, 0);
    assert_int_equal(r.rc, ERR_FORMAT);
}

static void a_sub_reader_stays_inside(void **state)
{
    (void)state;
    struct rd r = rd_of(STR("\x01\x02\x03\x04"));
    struct rd sub = rd_sub(&r, 2);
    assert_int_equal(rd_left(&sub), 2);
    assert_int_equal(rd_u16(&sub), 0x0201);
    assert_int_equal(rd_u8(&sub), 0);
    assert_int_equal(sub.rc, ERR_FORMAT);
    assert_int_equal(r.rc, OK);
    assert_int_equal(rd_u8(&r), 3);
    sub = rd_sub(&r, 2);
    assert_int_equal(r.rc, ERR_FORMAT);
    assert_int_equal(rd_left(&sub), 0);
}

static void nothing_at_all(void **state)
{
    (void)state;
    struct rd r = rd_of(STR_NONE);
    assert_int_equal(rd_left(&r), 0);
    assert_int_equal(rd_slice(&r, 0).n, 0);
    assert_int_equal(r.rc, OK);
    assert_int_equal(rd_u8(&r), 0);
    assert_int_equal(r.rc, ERR_FORMAT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_little_endian),
        cmocka_unit_test(an_error_sticks),
        cmocka_unit_test(slices),
        cmocka_unit_test(a_length_beyond_the_end_is_refused),
        cmocka_unit_test(a_sub_reader_stays_inside),
        cmocka_unit_test(nothing_at_all),
    };
    return cmocka_run_group_tests_name("rd", tests, NULL, NULL);
}
