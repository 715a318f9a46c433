#include "codec_test.h"

static void apache(void **state)
{
    (void)state;
    struct reader t;
    reader_open(
        &t, "errlog",
        STR("[Mon Dec  6 16:22:08 2016] [error] [client 192.0.2.1] File does not exist: /x\n"
            "[Fri Sep 09 10:42:29.902022 2011] [core:error] [pid 35708:tid 4328636416] "
            "[client 192.0.2.2:4711] AH00001: no [x], referer: http://r/\n"
            "[Fri Sep 09 10:42:29.902022 2011] [ssl:trace3] [pid 1] [client [2001:db8::1]:99] m\n"
            "[Fri Sep 09 10:42:29 2011] [mpm_event:notice] [pid 1:tid 2] [note] AH00489: up\n"
            "[Fri Sep 09 10:42:29 2011] [core:err\n"
            "[Fri Sep 09 10:4\n"
            "[not a time] x\n"
            "PHP text\n"),
        "error.log");
    assert_string_equal(t.state.kind, "apache-error");
    assert_int_equal(reader_row(&t), LINE_RECORD);
    expect_time(&t, "2016-12-06T16:22:08Z");
    expect(&t, "level", "error");
    expect(&t, "client", "192.0.2.1");
    expect(&t, "message", "File does not exist: /x");
    assert_int_equal(reader_row(&t), LINE_RECORD);
    expect_time(&t, "2011-09-09T10:42:29.902022Z");
    expect(&t, "module", "core");
    expect(&t, "pid", "35708");
    expect(&t, "tid", "4328636416");
    expect(&t, "client", "192.0.2.2");
    expect(&t, "client-port", "4711");
    expect(&t, "referrer", "http://r/");
    assert_int_equal(reader_row(&t), LINE_RECORD);
    expect(&t, "level", "trace3");
    expect(&t, "client", "2001:db8::1");
    expect(&t, "client-port", "99");
    assert_int_equal(reader_row(&t), LINE_RECORD);
    expect(&t, "message", "[note] AH00489: up");
    assert_int_equal(reader_row(&t), LINE_CUT);
    expect_time(&t, "2011-09-09T10:42:29Z");
    assert_int_equal(reader_row(&t), LINE_CUT);
    assert_int_equal(reader_row(&t), LINE_BAD);
    assert_int_equal(reader_row(&t), LINE_BAD);
}

static void nginx(void **state)
{
    (void)state;
    struct reader t;
    reader_open(
        &t, "errlog",
        STR("2016/10/25 14:49:34 [error] 54053#0: *1 open() \"/a, b\" failed (2: No such file), "
            "client: 192.0.2.1, server: www, request: \"GET /a\"b HTTP/1.1\", upstream: "
            "\"http://u/\", "
            "host: \"h:8080\", referrer: \"http://r/\"\n"
            "2016/10/25 14:49:35 [notice] 7#8: signal process started\n"
            "2016/10/25 14:49:36 [err\n"
            "2016/10/25 1\n"
            "2016/13/25 14:49:34 [error] 1#0: x\n"),
        "error.log");
    assert_string_equal(t.state.kind, "nginx-error");
    assert_int_equal(reader_row(&t), LINE_RECORD);
    expect_time(&t, "2016-10-25T14:49:34Z");
    expect(&t, "pid", "54053");
    expect(&t, "tid", "0");
    expect(&t, "connection", "1");
    expect(&t, "client", "192.0.2.1");
    expect(&t, "server", "www");
    expect(&t, "request", "GET /a\"b HTTP/1.1");
    expect(&t, "upstream", "http://u/");
    expect(&t, "host", "h:8080");
    expect(&t, "referrer", "http://r/");
    assert_int_equal(reader_row(&t), LINE_RECORD);
    expect(&t, "message", "signal process started");
    expect(&t, "client", NULL);
    assert_int_equal(reader_row(&t), LINE_CUT);
    expect_time(&t, "2016-10-25T14:49:36Z");
    assert_int_equal(reader_row(&t), LINE_CUT);
    assert_int_equal(reader_row(&t), LINE_BAD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(apache),
        cmocka_unit_test(nginx),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
