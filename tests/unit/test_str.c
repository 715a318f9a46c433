#include "unit.h"

#include <stdlib.h>

static void compares(void **state)
{
    (void)state;
    assert_true(str_eq(STR("abc"), STR("abc")));
    assert_false(str_eq(STR("abc"), STR("abd")));
    assert_false(str_eq(STR("abc"), STR("ab")));
    assert_true(str_eq(STR_NONE, STR("")));
    assert_true(str_eq(STR("a\0b"), STR("a\0b")));
    assert_false(str_eq(STR("a\0b"), STR("a\0c")));
    assert_true(str_ieq(STR("AbC-1"), STR("aBc-1")));
    assert_false(str_ieq(STR("["), STR("{"))); /* 0x20 apart, no letters */
    assert_false(str_ieq(STR("\xc4"), STR("\xe4")));
}

static void sorts_by_bytes(void **state)
{
    (void)state;
    assert_int_equal(str_cmp(STR("a"), STR("a")), 0);
    assert_true(str_cmp(STR("a"), STR("b")) < 0);
    assert_true(str_cmp(STR("a"), STR("aa")) < 0);
    assert_true(str_cmp(STR("aa"), STR("a")) > 0);
    assert_true(str_cmp(STR("z"), STR("\x80")) < 0);
    assert_true(str_cmp(STR_NONE, STR("a")) < 0);
    assert_int_equal(str_cmp(STR_NONE, STR("")), 0);
}

static void starts_and_ends(void **state)
{
    (void)state;
    assert_true(str_starts(STR("/ecp/y.js"), STR("/ecp/")));
    assert_false(str_starts(STR("/ECP/y.js"), STR("/ecp/")));
    assert_true(str_istarts(STR("/ECP/y.js"), STR("/ecp/")));
    assert_false(str_starts(STR("/e"), STR("/ecp/")));
    assert_true(str_starts(STR("x"), STR("")));
    assert_true(str_ends(STR("shell.aspx"), STR(".aspx")));
    assert_false(str_ends(STR("shell.ASPX"), STR(".aspx")));
    assert_true(str_iends(STR("shell.ASPX"), STR(".aspx")));
    assert_false(str_iends(STR("aspx"), STR(".aspx")));
    assert_true(str_ends(STR_NONE, STR("")));
}

static void finds(void **state)
{
    (void)state;
    assert_int_equal(str_find(STR("abcabd"), STR("abd")), 3);
    assert_int_equal(str_find(STR("abc"), STR("abcd")), -1);
    assert_int_equal(str_find(STR("abc"), STR("")), 0);
    assert_int_equal(str_find(STR_NONE, STR("")), 0);
    assert_int_equal(str_find(STR_NONE, STR("a")), -1);
    assert_int_equal(str_find(STR("a\0b"), STR("b")), 2);
    assert_int_equal(str_ifind(STR("xxOAuth"), STR("oaUTH")), 2);
    assert_int_equal(str_ifind(STR("abab"), STR("abc")), -1);
    assert_int_equal(str_ifind(STR("aab"), STR("ab")), 1);
    assert_int_equal(str_ifind(STR("a"), STR("ab")), -1);
    assert_int_equal(str_chr(STR("a=b=c"), '='), 1);
    assert_int_equal(str_rchr(STR("a=b=c"), '='), 3);
    assert_int_equal(str_chr(STR("abc"), '='), -1);
    assert_int_equal(str_rchr(STR_NONE, '='), -1);
}

static void takes_parts(void **state)
{
    (void)state;
    assert_str(str_sub(STR("abcdef"), 1, 3), "bc");
    assert_str(str_sub(STR("abc"), 1, 99), "bc");
    assert_str(str_sub(STR("abc"), 9, 99), "");
    assert_str(str_sub(STR("abc"), 2, 1), "");
    assert_null(str_sub(STR_NONE, 0, 4).p);
    assert_str(str_trim(STR(" \t a b\r\n")), "a b");
    assert_str(str_trim(STR(" \t\r\n")), "");
    assert_str(str_trim(STR("")), "");
}

static void cuts(void **state)
{
    (void)state;
    struct str rest = STR("a,,b,"), part;
    assert_true(str_cut(&rest, ',', &part));
    assert_str(part, "a");
    assert_true(str_cut(&rest, ',', &part));
    assert_str(part, "");
    assert_true(str_cut(&rest, ',', &part));
    assert_str(part, "b");
    assert_true(str_cut(&rest, ',', &part)); /* the empty part behind the last comma */
    assert_str(part, "");
    assert_null(rest.p);
    assert_false(str_cut(&rest, ',', &part));
    rest = STR("");
    assert_true(str_cut(&rest, ',', &part));
    assert_false(str_cut(&rest, ',', &part));
}

static void reads_unsigned(void **state)
{
    (void)state;
    uint64_t v = 7;
    assert_true(str_u64(STR("0"), &v) && v == 0);
    assert_true(str_u64(STR("18446744073709551615"), &v) && v == UINT64_MAX);
    assert_false(str_u64(STR("18446744073709551616"), &v));
    assert_false(str_u64(STR("99999999999999999999"), &v));
    assert_false(str_u64(STR(""), &v));
    assert_false(str_u64(STR("+1"), &v));
    assert_false(str_u64(STR("-1"), &v));
    assert_false(str_u64(STR(" 1"), &v));
    assert_false(str_u64(STR("1x"), &v));
}

static void reads_signed(void **state)
{
    (void)state;
    int64_t v = 7;
    assert_true(str_i64(STR("-1"), &v) && v == -1);
    assert_true(str_i64(STR("-0"), &v) && v == 0);
    assert_true(str_i64(STR("9223372036854775807"), &v) && v == INT64_MAX);
    assert_true(str_i64(STR("-9223372036854775808"), &v) && v == INT64_MIN);
    assert_false(str_i64(STR("9223372036854775808"), &v));
    assert_false(str_i64(STR("-9223372036854775809"), &v));
    assert_false(str_i64(STR("-"), &v));
    assert_false(str_i64(STR("--1"), &v));
}

static void reads_fractions(void **state)
{
    (void)state;
    double v = 0;
    assert_true(str_double(STR("0.5"), &v) && v > 0.49 && v < 0.51);
    assert_true(str_double(STR("-3"), &v) && v < -2.9);
    assert_false(str_double(STR(""), &v));
    assert_false(str_double(STR(" 1"), &v));
    assert_false(str_double(STR("1 "), &v));
    assert_false(str_double(STR("1,5"), &v));
    assert_false(str_double(STR("1\0"), &v));
}

static void knows_characters(void **state)
{
    (void)state;
    assert_int_equal(ascii_hex('0'), 0);
    assert_int_equal(ascii_hex('f'), 15);
    assert_int_equal(ascii_hex('A'), 10);
    assert_int_equal(ascii_hex('g'), -1);
    assert_int_equal(ascii_hex('/'), -1);
    assert_int_equal(ascii_hex(0x10), -1); /* 0x10 | 0x20 is '0' */
    assert_int_equal(ascii_lower('Z'), 'z');
    assert_int_equal(ascii_lower('['), '[');
    assert_int_equal(ascii_lower(0xc4), 0xc4);
    assert_true(ascii_space('\v') && !ascii_space(0x1f) && !ascii_space(0xa0));
    assert_true(ascii_alpha('a') && ascii_alpha('Z') && !ascii_alpha('[') && !ascii_alpha('@'));
}

static unsigned next_random(uint64_t *state, unsigned n)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(*state >> 33) % n;
}

/* Letters of either case and bytes that are 0x20 apart from others, in a block of its own. */
static void finds_as_byte_by_byte(void **state)
{
    (void)state;
    uint64_t random = 1;
    size_t found = 0;
    for (int round = 0; round < 20000; round++) {
        size_t n = next_random(&random, 90), m = 1 + next_random(&random, 5);
        char *p = malloc(n + 1), needle[5];
        assert_non_null(p);
        for (size_t i = 0; i < n; i++)
            p[i] = "aAbB%2[{@`\xc1\xe1"[next_random(&random, 12)];
        for (size_t i = 0; i < m; i++)
            needle[i] = "aAbB%2[{@`\xc1\xe1"[next_random(&random, 12)];
        ptrdiff_t want = -1;
        for (size_t i = 0; want < 0 && i + m <= n; i++)
            if (str_ieq(str_make(p + i, m), str_make(needle, m)))
                want = (ptrdiff_t)i;
        p = realloc(p, n ? n : 1);
        assert_int_equal(str_ifind(str_make(p, n), str_make(needle, m)), want);
        found += want >= 0;
        free(p);
    }
    assert_in_range(found, 2000, 18000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compares),
        cmocka_unit_test(sorts_by_bytes),
        cmocka_unit_test(starts_and_ends),
        cmocka_unit_test(finds),
        cmocka_unit_test(takes_parts),
        cmocka_unit_test(cuts),
        cmocka_unit_test(reads_unsigned),
        cmocka_unit_test(reads_signed),
        cmocka_unit_test(reads_fractions),
        cmocka_unit_test(knows_characters),
        cmocka_unit_test(finds_as_byte_by_byte),
    };
    return cmocka_run_group_tests_name("str", tests, NULL, NULL);
}
