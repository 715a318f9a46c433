#include "codec/url_join.h"
#include "unit.h"

/* The examples of RFC 3986, 5.4, and what feeds make of it. */
static void test_join(void **state)
{
    (void)state;
    static const char base[] = "http://a/b/c/d;p?q";
    static const char *const same[][2] = {
        {"g:h", "g:h"},
        {"g", "http://a/b/c/g"},
        {"./g", "http://a/b/c/g"},
        {"g/", "http://a/b/c/g/"},
        {"/g", "http://a/g"},
        {"//g", "http://g"},
        {"?y", "http://a/b/c/d;p?y"},
        {"g?y", "http://a/b/c/g?y"},
        {"#s", "http://a/b/c/d;p?q#s"},
        {"g;x?y#s", "http://a/b/c/g;x?y#s"},
        {".", "http://a/b/c/"},
        {"..", "http://a/b/"},
        {"../g", "http://a/b/g"},
        {"../..", "http://a/"},
        {"../../g", "http://a/g"},
        {"../../../g", "http://a/g"},
        {"/./g", "http://a/g"},
        {"/../g", "http://a/g"},
        {"./g/.", "http://a/b/c/g/"},
        {"g/../h", "http://a/b/c/h"},
        {" g\n", "http://a/b/c/g"},
        {"g?y/../x", "http://a/b/c/g?y/../x"},
        {"", ""},
    };
    struct buf b;
    buf_init(&b, 1000);
    for (size_t i = 0; i < ARRAY_LEN(same); i++) {
        buf_reset(&b);
        url_join(&b, str_of(base), str_of(same[i][0]));
        assert_str(buf_view(&b), same[i][1]);
    }
    buf_reset(&b);
    url_join(&b, STR("https://host.example"), STR("x/y"));
    buf_putc(&b, ' ');
    url_join(&b, STR(""), STR("/x"));
    buf_putc(&b, ' ');
    url_join(&b, STR("feed.xml"), STR("../x"));
    assert_str(buf_view(&b), "https://host.example/x/y /x ../x");
    buf_done(&b);
}

static void test_host(void **state)
{
    (void)state;
    assert_str(url_host(STR("https://u:p@host.example:8443/a@b")), "host.example");
    assert_str(url_host(STR("http://[2001:db8::1]:80/")), "[2001:db8::1]");
    assert_str(url_host(STR("http://host.example?q")), "host.example");
    assert_null(url_host(STR("urn:uuid:1")).p);
    assert_null(url_host(STR("host.example/a")).p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_join), cmocka_unit_test(test_host)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
