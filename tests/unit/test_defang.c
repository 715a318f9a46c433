#include "output/defang.h"

#include "unit.h"

static void expect(const char *in, const char *want)
{
    struct buf b;
    buf_init(&b, 4096);
    defang(&b, str_of(in));
    buf_putc(&b, 0);
    assert_int_equal(b.rc, OK);
    assert_string_equal(b.p, want);
    buf_done(&b);
}

static void urls_lose_their_scheme_and_dots(void **state)
{
    (void)state;
    expect("see http://evil.example/a.aspx?x=1.2 now",
           "see hxxp://evil[.]example/a.aspx?x=1.2 now");
    expect("HTTPS://A.b:443/", "hxxps://A[.]b:443/");
    expect("ftp://a.b", "fxp://a[.]b");
    expect("(http://a.b)", "(hxxp://a[.]b)");
    expect("www.evil.example/x.y", "www[.]evil[.]example/x.y");
    expect("http:/a.b", "http:/a.b");
}

static void addresses_lose_their_last_dot(void **state)
{
    (void)state;
    expect("from 203.0.113.9, 198.51.100.7.", "from 203.0.113[.]9, 198.51.100[.]7.");
    expect("203.0.113.9:443", "203.0.113[.]9:443");
    expect("http://203.0.113.9/x", "hxxp://203[.]0[.]113[.]9/x");
}

static void what_is_no_indicator_stays(void **state)
{
    (void)state;
    expect("10.1.2.3 192.168.0.1 127.0.0.1", "10.1.2.3 192.168.0.1 127.0.0.1");
    expect("build 15.1.2176.9, v1.2.3.4.5, 1.2.3.4x", "build 15.1.2176.9, v1.2.3.4.5, 1.2.3.4x");
    expect("/owa/auth/logon.aspx", "/owa/auth/logon.aspx");
    expect("", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(urls_lose_their_scheme_and_dots),
        cmocka_unit_test(addresses_lose_their_last_dot),
        cmocka_unit_test(what_is_no_indicator_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
