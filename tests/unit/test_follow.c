/* Where feeds may be fetched from. The fetching itself is tested in tests/follow. */
#include "unit.h"
#include "watch/follow_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

static const char *socket_wrong(const char *text, bool allow_private)
{
    struct sockaddr_in in = {.sin_family = AF_INET};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, text, &in.sin_addr) == 1)
        return follow_socket_wrong((const struct sockaddr *)&in, allow_private);
    assert_int_equal(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
    return follow_socket_wrong((const struct sockaddr *)&in6, allow_private);
}

static void test_sockets(void **state)
{
    (void)state;
    static const char *const inside[] = {
        "127.0.0.1",
        "127.255.255.254",
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "0.1.2.3",
        "224.0.0.1",
        "239.255.255.255",
        "255.255.255.255",
        "240.0.0.1",
        "192.0.2.1",
        "198.18.0.1",
        "::",
        "::1",
        "fe80::1",
        "fc00::1",
        "fdff::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::10.0.0.1",
        "64:ff9b::10.0.0.1",
        "64:ff9b:1::1",
        "2002:a00:1::1",
        "2002:7f00:1::",
        "2001::1",
        "2001:db8::1",
    };
    static const char *const outside[] = {
        "8.8.8.8",      "172.15.255.255",   "172.32.0.1",      "100.63.255.255", "223.255.255.255",
        "2606:4700::1", "64:ff9b::8.8.8.8", "2002:808:808::1", "2a00::1",        "::ffff:8.8.8.8",
    };
    for (size_t i = 0; i < ARRAY_LEN(inside); i++) {
        if (!socket_wrong(inside[i], false))
            fail_msg("%s is let through", inside[i]);
        assert_null(socket_wrong(inside[i], true));
    }
    for (size_t i = 0; i < ARRAY_LEN(outside); i++)
        if (socket_wrong(outside[i], false))
            fail_msg("%s: %s", outside[i], socket_wrong(outside[i], false));
    struct sockaddr local = {.sa_family = AF_UNIX};
    assert_non_null(follow_socket_wrong(&local, true));
}

static void test_urls(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "x",
        "host.example/feed",
        "file:///etc/passwd",
        "ftp://host.example/",
        "gopher://host.example/",
        "http://",
        "http://user@host.example/",
        "https://user:pass@host.example/",
        "http://127.0.0.1/",
        "http://[::1]/",
        "http://2130706433/",
        "http://0177.1/",
        "http://localhost/",
        "http://LOCALHOST./",
        "http://a.localhost/",
        "http://printer.local/",
        "http://[fe80::1%25eth0]/",
        "http://192.168.1.1:8080/x",
        "javascript:alert(1)",
        "data:text/xml,x",
    };
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        if (!follow_url_wrong(str_of(wrong[i]), STR_NONE, false))
            fail_msg("%s is let through", wrong[i]);
    assert_null(follow_url_wrong(STR("http://host.example:8080/a?b#c"), STR_NONE, false));
    assert_null(follow_url_wrong(STR("HTTPS://host.example"), STR_NONE, false));
    assert_null(follow_url_wrong(STR("http://localhost/"), STR_NONE, true));
    assert_non_null(follow_url_wrong(STR("http://u@localhost/"), STR_NONE, true));
    assert_non_null(follow_url_wrong(str_make("http://a.example/\0b", 18), STR_NONE, true));
    /* redirects */
    struct str https = STR("https://host.example/"), http = STR("http://host.example/");
    assert_null(follow_url_wrong(https, http, false));
    assert_null(follow_url_wrong(http, http, false));
    assert_non_null(follow_url_wrong(http, https, false));
    assert_non_null(follow_url_wrong(http, STR("HTTPS://host.example/"), false));
}

static void test_long_url(void **state)
{
    (void)state;
    char text[FOLLOW_URL_BYTES + 1];
    memset(text, 'a', sizeof text);
    memcpy(text, "http://h.example/", 17);
    assert_null(follow_url_wrong(str_make(text, FOLLOW_URL_BYTES - 1), STR_NONE, false));
    assert_non_null(follow_url_wrong(str_make(text, FOLLOW_URL_BYTES), STR_NONE, false));
}

static void test_next(void **state)
{
    (void)state;
    struct follow_feed feeds[2] = {{.state.next_us = 7}, {.state.next_us = 5}};
    const char *why;
    struct follow_options options = {0};
    assert_int_equal(follow_next(feeds, 2), 5);
    assert_int_equal(follow_next(feeds, 0), INT64_MAX);
    assert_true(follow_check(&options, STR("http://host.example/"), &why));
    assert_false(follow_check(&options, STR("http://10.0.0.1/"), &why));
    assert_string_equal(why, "a private address");
}

/* None is due: nothing is asked, nothing told. */
static void test_not_due(void **state)
{
    (void)state;
    struct follow_feed feed = {STR("http://127.0.0.1:1/"), {.next_us = 100}};
    struct follow_options options = {.allow_private = true};
    struct follow_sink sink = {NULL, NULL};
    struct follow *f;
    assert_int_equal(follow_open(&options, &f, NULL), OK);
    assert_int_equal(follow_poll(f, &feed, 1, 99, &sink, NULL), OK);
    assert_int_equal(follow_poll(f, &feed, 0, 101, &sink, NULL), OK);
    assert_null(follow_close(f));
}

static enum err on_result(void *ctx, const struct follow_result *r)
{
    (void)r;
    return ++*(int *)ctx == 2 ? ERR_AGAIN : OK;
}

/* A callback that fails, or a signal, ends the poll; the next one works. */
static void test_stopped(void **state)
{
    (void)state;
    struct follow_feed feed[3] = {
        {.url = STR("http://127.0.0.1:1/")}, {.url = STR("x:")}, {.url = STR("y:")}};
    volatile sig_atomic_t interrupted = 1;
    struct follow_options options = {.allow_private = true, .interrupted = &interrupted};
    int told = 0;
    struct follow_sink sink = {on_result, &told};
    struct follow *f;
    assert_int_equal(follow_open(&options, &f, NULL), OK);
    assert_int_equal(follow_poll(f, feed, 1, 1, &sink, NULL), END);
    assert_int_equal(told, 0);
    interrupted = 0;
    assert_int_equal(follow_poll(f, feed, 3, 1, &sink, NULL), ERR_AGAIN);
    assert_int_equal(told, 2);
    assert_int_equal(follow_poll(f, feed, 3, 1, &sink, NULL), OK);
    assert_int_equal(told, 5);
    assert_null(follow_close(f));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sockets),  cmocka_unit_test(test_urls),
        cmocka_unit_test(test_long_url), cmocka_unit_test(test_next),
        cmocka_unit_test(test_not_due),  cmocka_unit_test(test_stopped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
