#include "codec_test.h"

static void decode(const char *in, bool plus, bool changed, const char *want)
{
    struct buf b;
    buf_init(&b, 4096);
    assert_int_equal(url_decode(&b, str_of(in), plus), changed);
    if (!str_eq(buf_view(&b), str_of(want)))
        fail_msg("'%s' became '%.*s', wanted '%s'", in, STR_FMT(buf_view(&b)), want);
    buf_done(&b);
}

static void escapes(void **state)
{
    (void)state;
    decode("/a%2Fb%2f", false, true, "/a/b/");
    decode("plain", false, false, "plain");
    decode("", false, false, "");
    decode("a+b", false, false, "a+b");
    decode("a+b%2B", true, true, "a b+");
    decode("%252e", false, true, "%2e"); /* once only */
    decode("%u0041%U00e4", false, true, "A\xc3\xa4");
    decode("%ud83d%ude00", false, true, "\xf0\x9f\x98\x80");
    decode("%ud83dx", false, true, "\xef\xbf\xbdx");
}

static void malformed(void **state)
{
    (void)state;
    decode("%", false, false, "%");
    decode("%4", false, false, "%4");
    decode("%zz%41%", false, true, "%zzA%");
    decode("%%41", false, true, "%A");
    decode("%u12", false, false, "%u12");
    decode("%u12zz", false, false, "%u12zz");
    decode("%ud83d%u", false, true, "\xef\xbf\xbd%u");
}

static void full_buffer(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 4);
    assert_true(url_decode(&b, STR("%41%42%43%44%45"), false));
    assert_int_equal(b.rc, ERR_LIMIT);
    buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escapes),
        cmocka_unit_test(malformed),
        cmocka_unit_test(full_buffer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
