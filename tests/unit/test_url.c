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

static void tidied(const char *in, const char *want)
{
    char out[256];
    struct str got = str_make(out, url_tidy(str_of(in), out));
    if (!str_eq(got, str_of(want)))
        fail_msg("'%s' became '%.*s', wanted '%s'", in, STR_FMT(got), want);
    if (!url_untidy(str_of(in)))
        assert_string_equal(in, want);
}

static void tidy_paths(void **state)
{
    (void)state;
    tidied("/owa/auth/logon.aspx", "/owa/auth/logon.aspx");
    tidied("", "");
    tidied("/", "/");
    tidied("//owa//auth///x.aspx", "/owa/auth/x.aspx");
    tidied("/owa/./auth/././x", "/owa/auth/x");
    tidied("/owa/a/../auth/b/c/../../x", "/owa/auth/x");
    tidied("/../x", "/../x");
    tidied("/a/../../x", "/../x");
    tidied("/(S(abc))/owa/(f(x)a(y))/auth", "/owa/auth");
    tidied("/(b(abc))/owa", "/(b(abc))/owa"); /* no session */
    tidied("/owa/..", "/owa/..");
    tidied("https://mail.example//owa", "https://mail.example/owa");
    tidied("https://mail.example/../owa", "https://mail.example/../owa");
    tidied("ServerInfo~a]@ex01:444//ecp/./DDI/x/../DDIService.svc//SetObject?schema=x#",
           "ServerInfo~a]@ex01:444/ecp/DDI/DDIService.svc/SetObject?schema=x#");
    tidied("/x?a=b/../c", "/x?a=b/../c"); /* nothing of the path is taken back by a query */
    tidied("/x?/y//z", "/x?/y/z");
    tidied("/a b/../c,d/../e", "/a b/../c,d/../e");
}

/* What stands around a value changes nothing: the sweep sees whole lines. */
static void tidy_is_local(void **state)
{
    (void)state;
    static const char *const values[] = {"//a",       "/../x",     "/a/../b", "/./x",
                                         "//x//../y", "/(s(x))/y", "a/../b",  "//"};
    for (size_t i = 0; i < ARRAY_LEN(values); i++) {
        char line[64], in[64], out[64];
        size_t n = url_tidy(str_of(values[i]), out);
        (void)snprintf(line, sizeof line, "GET /p/q %s - 443", values[i]);
        struct str got = str_make(in, url_tidy(str_of(line), in));
        if (str_find(got, str_make(out, n)) < 0)
            fail_msg("'%.*s' lacks '%.*s'", STR_FMT(got), (int)n, out);
    }
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
        cmocka_unit_test(escapes),     cmocka_unit_test(malformed),
        cmocka_unit_test(tidy_paths),  cmocka_unit_test(tidy_is_local),
        cmocka_unit_test(full_buffer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
