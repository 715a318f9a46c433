#include "store/sorter.h"

#include "base/buf.h"
#include "unit.h"

static void add(struct sorter *s, int64_t group, int64_t at, uint64_t mark, const char *text)
{
    struct sorter_place place = {group, at, mark};
    assert_int_equal(sorter_add(s, &place, str_of(text), NULL), OK);
}

static enum err on_record(void *ctx, struct str bytes)
{
    struct buf *b = ctx;
    buf_str(b, bytes);
    buf_putc(b, ' ');
    return OK;
}

static void check(struct sorter *s, int64_t group, const char *want)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    assert_int_equal(sorter_each(s, group, on_record, &b, NULL), OK);
    buf_putc(&b, 0);
    assert_string_equal(b.p, want);
    buf_done(&b);
}

static void groups_rise_and_records_are_in_order(void **state)
{
    (void)state;
    struct sorter s;
    int64_t group;
    assert_int_equal(sorter_open(&s, NULL), OK);
    add(&s, 7, 3, 1, "d");
    add(&s, 7, 2, 9, "c");
    add(&s, -2, 5, 5, "alone");
    add(&s, 7, 2, 1, "b"); /* equal ones by their bytes */
    add(&s, 7, 2, 1, "a");
    assert_int_equal(sorter_group(&s, INT64_MIN, &group, NULL), OK);
    assert_int_equal(group, -2);
    check(&s, group, "alone ");
    assert_int_equal(sorter_group(&s, group, &group, NULL), OK);
    assert_int_equal(group, 7);
    check(&s, group, "a b c d ");
    check(&s, group, "a b c d "); /* again */
    assert_int_equal(sorter_group(&s, group, &group, NULL), END);
    check(&s, 1, "");
    sorter_close(&s);
}

static enum err stop_at_three(void *ctx, struct str bytes)
{
    (void)bytes;
    return ++*(int *)ctx == 3 ? ERR_USAGE : OK;
}

static void a_callback_may_stop(void **state)
{
    (void)state;
    struct sorter s;
    int seen = 0;
    assert_int_equal(sorter_open(&s, NULL), OK);
    for (int64_t i = 0; i < 10; i++)
        add(&s, 1, i, 0, "x");
    assert_int_equal(sorter_each(&s, 1, stop_at_three, &seen, NULL), ERR_USAGE);
    assert_int_equal(seen, 3);
    sorter_close(&s);
}

static void what_is_too_much_is_refused(void **state)
{
    (void)state;
    struct sorter s;
    struct sorter_place place = {0};
    assert_int_equal(sorter_open(&s, NULL), OK);
    s.bytes = SORTER_BYTES - 3;
    assert_int_equal(sorter_add(&s, &place, STR("four"), NULL), ERR_LIMIT);
    assert_int_equal(sorter_add(&s, &place, STR("abc"), NULL), OK);
    assert_int_equal(sorter_add(&s, &place, STR("d"), NULL), ERR_LIMIT);
    check(&s, 0, "abc ");
    sorter_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_rise_and_records_are_in_order),
        cmocka_unit_test(a_callback_may_stop),
        cmocka_unit_test(what_is_too_much_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
