/* Folding and refanging: the text, and the way back to its bytes. */
#include "extract_test.h"

static struct plain plain;

static int setup(void **state)
{
    assert_int_equal(plain_init(&plain, 1 << 20), OK);
    return lists_setup(state);
}

static int teardown(void **state)
{
    plain_done(&plain);
    return lists_teardown(state);
}

static void reads(const char *in, const char *want)
{
    plain_text(&plain, str_of(in), &lists.tlds);
    if (!str_eq(str_make(plain.p, plain.n), str_of(want)))
        fail_msg("'%s' became '%.*s', wanted '%s'", in, (int)plain.n, plain.p, want);
    assert_int_equal(plain.at[plain.n], strlen(in));
    for (size_t i = 0; i < plain.n; i++)
        assert_true(plain.at[i] <= plain.at[i + 1]);
}

static void characters(void **state)
{
    (void)state;
    reads("plain text stays", "plain text stays");
    reads("\xef\xbc\xa3\xef\xbc\xb6\xef\xbc\xa5\xef\xbc\x8d\xef\xbc\x92", "CVE-2"); /* full-width */
    reads("CVE\xe2\x80\x91"
          "2021\xe2\x88\x92"
          "1",
          "CVE-2021-1");                                       /* dashes */
    reads("ma\xc2\xadil\xe2\x80\x8b.example", "mail.example"); /* soft hyphen, zero width */
    reads("a\xc2\xa0"
          "b\xe3\x80\x80"
          "c",
          "a b c");
    reads("evil\xe3\x80\x82"
          "example",
          "evil.example");                                            /* ideographic full stop */
    reads("\xf0\x9d\x90\x80\xf0\x9d\x90\x9b\xf0\x9d\x9f\x8f", "Ab1"); /* bold */
    reads("e\xcc\x81", "e");                                          /* combining mark */
    reads("\xff\xc3(\x80 ok", "\xff\xc3(\x80 ok");                    /* not UTF-8 */
}

static void lookalikes(void **state)
{
    (void)state;
    reads("\xd0\xa1V\xd0\x95-2021-40444", "CVE-2021-40444");
    reads("m\xd0\xb0il.example", "mail.example");
    reads("\xce\x91pt", "Apt"); /* Greek */
    /* A word of that script stays, and so does one with a letter that looks like none. */
    reads("\xd1\x81\xd0\xbe\xd1\x80", "\xd1\x81\xd0\xbe\xd1\x80");
    reads("web-\xd1\x88\xd0\xb5\xd0\xbb\xd0\xbb", "web-\xd1\x88\xd0\xb5\xd0\xbb\xd0\xbb");
    reads("2021 \xd0\xb3.", "2021 \xd0\xb3.");
    assert_true(plain_lookalike(str_of("g\xd0\xbegle")));
    assert_false(plain_lookalike(STR("google")));
}

static void fangs(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"hxxp://a[.]b", "http://a.b"},
        {"hXXps[:]//a(.)b", "https://a.b"},
        {"h**p://a{.}b", "http://a.b"},
        {"meow://a[dot]b", "http://a.b"},
        {"fxp://a[.b", "ftp://a.b"},
        {"http[://]a.]b", "http://a.b"},
        {"http:\\\\a.b", "http://a.b"},
        {"http:\\/\\/a.b\\/c", "http://a.b/c"},
        {"a[.]b[/]c", "a.b/c"},
        {"a[@]b a(at)b a\\@b a [at] b", "a@b a@b a@b a@b"},
        {"evil\\.example", "evil.example"},
        {"evil [.] example", "evil.example"},
        {"evil[ . ]example", "evil.example"},
        {"evil dot example", "evil.example"},
        {"www dot evil dot co dot example", "www.evil.co.example"},
        /* and what is none */
        {"connect the dot xyzzy", "connect the dot xyzzy"},
        {"C:\\dir\\.hidden\\.x", "C:\\dir\\.hidden\\.x"},
        {"tcp://a.b", "tcp://a.b"},
        {"hxxp is a word", "hxxp is a word"},
        {"[.] [.]", "[.] [.]"},
        {"look (at) ", "look (at) "},
        {"a[0].b", "a[0].b"},
    };
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
        reads(pairs[i][0], pairs[i][1]);
}

static void json(void **state)
{
    (void)state;
    plain.json = true;
    reads("a\\nCVE-2021-1", "a\nCVE-2021-1");
    reads("C:\\\\new\\\\x", "C:\\new\\x");
    reads("http:\\/\\/a", "http://a");
    reads("\\u0421VE-1 \\ud83d\\ude00 \\u00ad\\u0041", "CVE-1    A");
    reads("\\u12 \\x \\", "\\u12 \\x \\");
    plain.json = false;
    reads("a\\nb", "a\\nb");
}

static void the_way_back(void **state)
{
    (void)state;
    const char *in = "x a [.] \xef\xbc\xa3";
    reads("x a[.]b", "x a.b");
    assert_int_equal(plain.at[3], 3);
    assert_int_equal(plain.at[4], 6);
    plain_text(&plain, str_of(in), &lists.tlds);
    assert_int_equal(plain.at[plain.n - 1], 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(characters), cmocka_unit_test(lookalikes),   cmocka_unit_test(fangs),
        cmocka_unit_test(json),       cmocka_unit_test(the_way_back),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
