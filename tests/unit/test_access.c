#include "codec_test.h"

#define TIME "[07/Dec/2016:11:05:07 +0100]"

static void common_and_combined(void **state)
{
    (void)state;
    struct reader t;
    reader_open(&t, "access",
                STR("192.0.2.1 - frank " TIME " \"GET /a?b=c HTTP/1.0\" 200 2326\n"
                    "host.example.com - - " TIME
                    " \"POST /x HTTP/1.1\" 302 - \"http://r/\" \"Agent (1)\"\n"
                    "2001:db8::1 - john doe " TIME
                    " \"HEAD / HTTP/2.0\" 200 0 \"-\" \"-\" \"203.0.113.5, 10.0.0.1\" 0.5\n"),
                "access.log");
    assert_string_equal(t.state.kind, "access");
    assert_int_equal(reader_row(&t), LINE_RECORD);
    expect_time(&t, "2016-12-07T10:05:07Z");
    expect(&t, "c-ip", "192.0.2.1");
    expect(&t, "cs-username", "frank");
    expect(&t, "cs-method", "GET");
    expect(&t, "cs-uri-stem", "/a");
    expect(&t, "cs-uri-query", "b=c");
    expect(&t, "cs-version", "HTTP/1.0");
    expect(&t, "request", "GET /a?b=c HTTP/1.0");
    expect(&t, "sc-bytes", "2326");
    expect(&t, "cs(User-Agent)", NULL);
    assert_int_equal(reader_row(&t), LINE_RECORD);
    expect(&t, "c-ip", "host.example.com");
    expect(&t, "sc-bytes", NULL);
    expect(&t, "cs(Referer)", "http://r/");
    expect(&t, "cs(User-Agent)", "Agent (1)");
    assert_int_equal(reader_row(&t), LINE_RECORD);
    expect(&t, "cs-username", "john doe");
    expect(&t, "X-Forwarded-For", "203.0.113.5, 10.0.0.1");
    expect(&t, "extra", "\"203.0.113.5, 10.0.0.1\" 0.5");
}

static void hosts_and_chains(void **state)
{
    (void)state;
    struct reader t;
    reader_open(
        &t, "access",
        STR("www.example.com:443 192.0.2.1 - - " TIME " \"GET / HTTP/1.1\" 200 1 \"-\" \"-\"\n"
            "10.0.0.2, 10.0.0.1, 85.181.35.98 - - " TIME " \"GET / HTTP/1.1\" 200 1 \"-\" \"-\"\n"
            "\"10.5.1.2, 199.96.1.1\" 10.2.1.185 - - " TIME
            " \"GET / HTTP/1.1\" 200 1 \"-\" \"-\"\n"
            "2001:db8::5, 10.0.0.1 10.2.2.121 - bob " TIME " \"GET / HTTP/1.1\" 200 1 \"-\" \"-\"\n"
            "203.0.113.5 10.2.2.121 - - " TIME " \"GET / HTTP/1.1\" 200 1 \"-\" \"-\"\n"
            "192.0.2.9 - 10.0.0.9 x " TIME " \"GET / HTTP/1.1\" 200 1 \"-\" \"-\"\n"),
        "access.log");
    assert_int_equal(reader_row(&t), LINE_RECORD);
    expect(&t, "cs-host", "www.example.com");
    expect(&t, "s-port", "443");
    expect(&t, "c-ip", "192.0.2.1");
    assert_int_equal(reader_row(&t), LINE_RECORD);
    expect(&t, "X-Forwarded-For", "10.0.0.2, 10.0.0.1");
    expect(&t, "c-ip", "85.181.35.98");
    assert_int_equal(reader_row(&t), LINE_RECORD);
    expect(&t, "X-Forwarded-For", "10.5.1.2, 199.96.1.1");
    expect(&t, "c-ip", "10.2.1.185");
    assert_int_equal(reader_row(&t), LINE_RECORD);
    expect(&t, "X-Forwarded-For", "2001:db8::5, 10.0.0.1");
    expect(&t, "c-ip", "10.2.2.121");
    expect(&t, "cs-username", "bob");
    assert_int_equal(reader_row(&t), LINE_RECORD);
    expect(&t, "X-Forwarded-For", "203.0.113.5");
    assert_int_equal(reader_row(&t), LINE_RECORD);
    expect(&t, "c-ip", "192.0.2.9"); /* the client chose the user name */
    expect(&t, "cs-username", "10.0.0.9 x");
}

static void escapes_and_junk(void **state)
{
    (void)state;
    struct reader t;
    reader_open(&t, "access",
                STR("192.0.2.1 - - " TIME
                    " \"GET /a\\\"b\\x41\\\\ HTTP/1.1\" 200 1 \"-\" \"x\\ty\\q\"\n"
                    "192.0.2.1 - - " TIME " \"-\" 408 -\n"
                    "192.0.2.1 - - " TIME " \"\" 400 0 \"-\" \"-\"\n"
                    "192.0.2.1 - - " TIME " \"\\x16\\x03\\x01\" 400 226 \"-\" \"-\"\n"
                    "192.0.2.1 - - " TIME " \"GET /raw\"quote HTTP/1.1\" 200 5 \"-\" \"-\"\n"
                    "192.0.2.1 - u[1] " TIME " \"GET /two words\" 200 5\n"
                    "192.0.2.1 - [01/Jan/2000:00:00:00 +0000] " TIME " \"GET / HTTP/1.1\" 200 5\n"),
                "access.log");
    assert_int_equal(reader_row(&t), LINE_RECORD);
    expect(&t, "cs-uri-stem", "/a\"bA\\");
    expect(&t, "cs(User-Agent)", "x\ty\\q");
    assert_int_equal(reader_row(&t), LINE_RECORD);
    expect(&t, "request", NULL);
    expect(&t, "sc-status", "408");
    assert_int_equal(reader_row(&t), LINE_RECORD);
    expect(&t, "request", "");
    assert_int_equal(reader_row(&t), LINE_RECORD);
    expect(&t, "request", "\x16\x03\x01");
    expect(&t, "cs-method", NULL);
    assert_int_equal(reader_row(&t), LINE_RECORD);
    expect(&t, "cs-uri-stem", "/raw\"quote");
    assert_int_equal(reader_row(&t), LINE_RECORD);
    expect(&t, "cs-uri-stem", "/two words");
    expect(&t, "cs-version", NULL);
    expect(&t, "cs-username", "u[1]");
    assert_int_equal(reader_row(&t), LINE_RECORD);
    expect_time(&t, "2016-12-07T10:05:07Z"); /* the one with the request behind it */
}

static void cut_and_bad(void **state)
{
    (void)state;
    struct reader t;
    reader_open(&t, "access",
                STR("192.0.2.1 - - " TIME " \"GET / HTTP/1.1\" 200 1 \"-\" \"-\"\n"
                    "192.0.2.1 - - " TIME " \"GET / HTTP/1.1\" 200 1 \"-\" \"-\"\n"
                    "192.0.2.1 - - " TIME " \"GET / HTTP/1.1\" 200 1 \"-\" \"Agen\n"
                    "192.0.2.1 - - " TIME " \"GET / HT\n"
                    "192.0.2.1 - - " TIME "\n"
                    "192.0.2.1 - - [07/Dec/20\n"
                    "192.0.2.1 - - [99/Dec/2016:11:05:07 +0100] \"GET / HTTP/1.1\" 200 1\n"),
                "access.log");
    (void)reader_row(&t);
    (void)reader_row(&t);
    assert_int_equal(reader_row(&t), LINE_CUT);
    expect(&t, "cs(User-Agent)", "Agen");
    assert_int_equal(reader_row(&t), LINE_CUT);
    expect(&t, "request", "GET / HT");
    assert_int_equal(reader_row(&t), LINE_CUT);
    expect_time(&t, "2016-12-07T10:05:07Z");
    assert_int_equal(reader_row(&t), LINE_CUT);
    expect_time(&t, "none");
    assert_int_equal(reader_row(&t), LINE_BAD);
}

static void json_lines(void **state)
{
    (void)state;
    struct reader t;
    reader_open(
        &t, "access",
        STR("{\"time_iso8601\":\"2021-03-02T10:11:12+01:00\",\"remote_addr\":\"192.0.2.1\","
            "\"request\":\"GET /a?b=\\\"c\\\" HTTP/1.1\",\"status\":200,\"body_bytes_sent\":12,"
            "\"http_user_agent\":\"A\\u0042\",\"http_x_forwarded_for\":\"-\",\"deep\":{\"status\":"
            "1}}\n"
            "{\"@timestamp\":\"07/Dec/2016:11:05:07 "
            "+0100\",\"clientip\":\"192.0.2.2\",\"verb\":\"POST\","
            "\"uri\":\"/x?y\",\"response\":\"404\",\"User-Agent\":\"B\"}\n"
            "{\"ts\":1614679872.5,\"request\":{\"remote_ip\":\"192.0.2.3\",\"method\":\"PUT\","
            "\"uri\":\"/p\","
            "\"headers\":{\"host\":[\"h\"]}},\"status\":201}\n"
            "{\"ts\":1614679872.5,\"status\":201,\"x\":\n"
            "{\"nothing\":1}\n"),
        "access.json");
    assert_int_equal(reader_row(&t), LINE_RECORD);
    expect_time(&t, "2021-03-02T09:11:12Z");
    expect(&t, "cs-uri-query", "b=\"c\"");
    expect(&t, "sc-status", "200");
    expect(&t, "cs(User-Agent)", "AB");
    expect(&t, "X-Forwarded-For", NULL);
    assert_int_equal(reader_row(&t), LINE_RECORD);
    expect_time(&t, "2016-12-07T10:05:07Z");
    expect(&t, "cs-uri-stem", "/x");
    expect(&t, "cs-method", "POST");
    expect(&t, "cs(User-Agent)", "B");
    assert_int_equal(reader_row(&t), LINE_RECORD);
    expect_time(&t, "2021-03-02T10:11:12.500Z");
    expect(&t, "c-ip", "192.0.2.3");
    expect(&t, "cs-method", "PUT");
    expect(&t, "cs-host", NULL);
    assert_int_equal(reader_row(&t), LINE_CUT);
    expect(&t, "sc-status", "201");
    assert_int_equal(reader_row(&t), LINE_BAD);
}

static void not_ours(void **state)
{
    (void)state;
    struct reader t;
    reader_init(&t, STR("{\"name\":\"x\",\"status\":\"ok\"}\n"), "access.log");
    assert_null(t.codec);
    reader_init(&t, STR("just text\n"), "access.log");
    assert_null(t.codec);
    reader_init(&t, STR(""), "access.log");
    assert_null(t.codec);
}

/* What an archive holds stands in it as it is, if it is not compressed. */
static void archives_are_no_logs(void **state)
{
    static const char row[] =
        "192.0.2.1 - - [03/Mar/2021:02:00:00 +0000] \"GET / HTTP/1.1\" 200 1\n";
    char tar[1024] = "access.log", zip[256] = "PK\3\4access.log\n";
    struct reader t;
    (void)state;
    memcpy(tar + 512, row, sizeof row - 1);
    memcpy(zip + 15, row, sizeof row - 1);
    reader_init(&t, str_make(tar, 512 + sizeof row - 1), "a");
    assert_non_null(t.codec); /* without the mark it would be taken for one */
    memcpy(tar + 257, "ustar", 5);
    reader_init(&t, str_make(tar, 512 + sizeof row - 1), "a");
    assert_null(t.codec);
    reader_init(&t, str_make(zip, 15 + sizeof row - 1), "a");
    assert_null(t.codec);
    reader_init(&t, str_make(zip + 15, sizeof row - 1), "a");
    assert_non_null(t.codec);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(common_and_combined),  cmocka_unit_test(hosts_and_chains),
        cmocka_unit_test(escapes_and_junk),     cmocka_unit_test(cut_and_bad),
        cmocka_unit_test(json_lines),           cmocka_unit_test(not_ours),
        cmocka_unit_test(archives_are_no_logs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
