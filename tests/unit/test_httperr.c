#include "codec_test.h"

#define FIELDS                                                                                     \
    "#Fields: date time c-ip c-port s-ip s-port cs-version cs-method cs-uri sc-status s-siteid "   \
    "s-reason s-queuename\r\n"

static void rows(void **state)
{
    (void)state;
    struct reader t;
    reader_open(&t, "httperr",
                STR("#Software: Microsoft HTTP API 2.0\r\n#Version: 1.0\r\n#Date: 2021-03-02 "
                    "00:00:01\r\n" FIELDS "2021-03-02 10:11:12 2001:db8::7%4 2094 192.0.2.1 443 "
                    "HTTP/1.1 GET /a?b=c 400 1 URL -\r\n"
                    "2021-03-02 10:11:13 198.51.100.7 2095 192.0.2.1 443 - - - - - "
                    "Timer_MinBytesPerSecond -\r\n"
                    "2021-03-02 10:11:14 198.51.100.7 2095 192.0.2.1 443 HTTP/1.1 GET /a b c 400 - "
                    "URL q\r\n"
                    "2021-03-02 10:11:15 198.51.100.7 2095 192.0.2.1 443 HTTP/1.1\r\n"),
                "httperr1.log");
    assert_string_equal(t.state.kind, "httperr");
    assert_string_equal(t.state.version, "2.0");
    assert_int_equal(reader_row(&t), LINE_RECORD);
    expect_time(&t, "2021-03-02T10:11:12Z");
    expect(&t, "c-ip", "2001:db8::7%4");
    expect(&t, "cs-uri", "/a?b=c");
    expect(&t, "s-reason", "URL");
    expect(&t, "s-queuename", NULL);
    assert_int_equal(reader_row(&t), LINE_RECORD);
    expect(&t, "cs-method", NULL);
    expect(&t, "s-reason", "Timer_MinBytesPerSecond");
    assert_int_equal(reader_row(&t), LINE_RECORD);
    expect(&t, "cs-uri", "/a b c");
    expect(&t, "sc-status", "400");
    expect(&t, "s-queuename", "q");
    assert_int_equal(reader_row(&t), LINE_CUT);
}

static void told_by_columns_or_rows(void **state)
{
    (void)state;
    struct reader t;
    reader_open(&t, "httperr",
                STR(FIELDS "2021-03-02 10:11:12 198.51.100.7 1 192.0.2.1 80 HTTP/1.1 GET / 503 1 "
                           "AppOffline Pool\r\n"),
                "x");
    reader_open(&t, "httperr",
                STR("2021-03-02 10:11:12 198.51.100.7 1 192.0.2.1 80 HTTP/1.1 GET / 503 1 "
                    "AppOffline Pool\r\n"),
                "x");
    assert_int_equal(reader_row(&t), LINE_RECORD);
    expect(&t, "s-reason", "AppOffline");
    reader_open(&t, "httperr",
                STR("2021-03-02 10:11:12 198.51.100.7 1 192.0.2.1 80 HTTP/2.0 GET / 9 503 1 "
                    "AppOffline Pool\r\n"),
                "x");
    assert_int_equal(reader_row(&t), LINE_RECORD);
    expect(&t, "streamid", "9");
    expect(&t, "s-reason", "AppOffline");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows),
        cmocka_unit_test(told_by_columns_or_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
