#include "base/err.h"
#include "unit.h"

static void returns_the_code(void **state)
{
    (void)state;
    struct error e;
    assert_int_equal(fail(&e, ERR_IO, "cannot read '%s'", "x"), ERR_IO);
    assert_int_equal(e.code, ERR_IO);
    assert_string_equal(e.text, "cannot read 'x'");
    assert_string_equal(e.input, "");
    assert_int_equal(fail(NULL, ERR_BUG, "nobody listens"), ERR_BUG);
}

static void keeps_the_place(void **state)
{
    (void)state;
    struct error e;
    assert_int_equal(fail_at(&e, ERR_FORMAT, "a.yml", 12, "no key"), ERR_FORMAT);
    assert_string_equal(e.input, "a.yml");
    assert_int_equal(e.offset, 12);
    assert_int_equal(fail_at(NULL, ERR_LIMIT, NULL, 0, "x"), ERR_LIMIT);
    (void)fail_at(&e, ERR_LIMIT, NULL, 1, "x");
    assert_string_equal(e.input, "");
}

static void long_texts_are_cut(void **state)
{
    (void)state;
    struct error e;
    char text[2000];
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = 0;
    (void)fail_at(&e, ERR_LIMIT, text, 0, "%s", text);
    assert_int_equal(strlen(e.text), sizeof e.text - 1);
    assert_int_equal(strlen(e.input), sizeof e.input - 1);
}

static enum err first_failure(enum err a, enum err b)
{
    TRY(a);
    TRY(b);
    return OK;
}

static void try_stops_at_failures_only(void **state)
{
    (void)state;
    assert_int_equal(first_failure(OK, END), OK);
    assert_int_equal(first_failure(ERR_IO, ERR_BUG), ERR_IO);
    assert_int_equal(first_failure(END, ERR_BUG), ERR_BUG);
}

static void every_code_has_a_name(void **state)
{
    (void)state;
    for (int code = ERR_BUG; code <= END; code++)
        assert_string_not_equal(err_name((enum err)code), "unknown");
    assert_string_equal(err_name((enum err)(ERR_BUG - 1)), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(returns_the_code),      cmocka_unit_test(keeps_the_place),
        cmocka_unit_test(long_texts_are_cut),    cmocka_unit_test(try_stops_at_failures_only),
        cmocka_unit_test(every_code_has_a_name),
    };
    return cmocka_run_group_tests_name("err", tests, NULL, NULL);
}
