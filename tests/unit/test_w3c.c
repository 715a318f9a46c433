#include "codec_test.h"

#define SOFTWARE "#Software: Microsoft Internet Information Services 10.0\r\n"
#define FIELDS                                                                                     \
    "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip "          \
    "cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken\r\n"
#define ROW                                                                                        \
    "2021-03-02 10:11:12 192.0.2.1 GET /owa/ a=b 443 - 198.51.100.7 Agent+1 - 200 0 0 15\r\n"

static void fields_by_name(void **state)
{
    (void)state;
    struct reader t;
    reader_open(&t, "w3c",
                STR("#Fields: sc-status c-ip time date cs-uri-stem s-port\r\n" SOFTWARE
                    "#Version: 1.0\r\n404 2001:db8::1%12 10:11:12 2021-03-02 /x/$metadata 443\r\n"),
                "a.log");
    assert_int_equal(reader_row(&t), LINE_RECORD);
    expect_time(&t, "2021-03-02T10:11:12Z");
    expect(&t, "SC-STATUS", "404");
    expect(&t, "c-ip", "2001:db8::1%12");
    expect(&t, "cs-uri-stem", "/x/$metadata");
    assert_string_equal(t.state.kind, "iis");
    assert_string_equal(t.state.version, "10.0");
}

static void fields_change_in_mid_file(void **state)
{
    (void)state;
    struct reader t;
    reader_open(&t, "w3c",
                STR(SOFTWARE FIELDS ROW FIELDS ROW
                    "#Fields: date time cs-method cs-uri-stem sc-status\r\n"
                    "2021-03-03 00:00:01 POST /ecp/y.js 200\r\n"),
                "a.log");
    uint32_t serial = t.state.schema_serial;
    assert_int_equal(reader_row(&t), LINE_RECORD);
    assert_int_equal(t.state.schema_serial, serial);
    expect(&t, "cs-username", NULL);
    assert_int_equal(reader_row(&t), LINE_RECORD);
    assert_int_equal(t.state.schema_serial, serial); /* the same columns again change nothing */
    assert_int_equal(reader_row(&t), LINE_RECORD);
    assert_true(t.state.schema_serial > serial);
    expect(&t, "cs-uri-stem", "/ecp/y.js");
    expect(&t, "c-ip", NULL);
}

static void back_end_rows(void **state)
{
    (void)state;
    struct reader t;
    reader_open(
        &t, "w3c",
        STR(SOFTWARE FIELDS
            "2021-03-02 10:11:12 ::1 POST /powershell a 444  DOM\\user ::1 WinRM - 200 0 0 1\r\n"
            "2021-03-02 10:11:13 ::1 RPC_IN_DATA /rpc/rpcproxy.dll - 81 u@d ::1 M - 200 0 "
            "214784354254 1\r\n" ROW),
        "W3SVC1/u_ex210302.log");
    assert_string_equal(t.state.kind, "iis-backend");
    assert_int_equal(reader_row(&t), LINE_RECORD);
    expect(&t, "cs-username", "DOM\\user");
    expect(&t, "time-taken", "1");
    assert_int_equal(reader_row(&t), LINE_RECORD);
    expect(&t, "sc-win32-status", "214784354254");
    reader_open(&t, "w3c", STR(SOFTWARE FIELDS), "D:\\logs\\W3SVC2\\u_ex210302.log");
    assert_string_equal(t.state.kind, "iis-backend");
    reader_open(&t, "w3c", STR(SOFTWARE FIELDS ROW), "W3SVC2/u_ex210302.log");
    assert_string_equal(t.state.kind, "iis"); /* what the rows say counts more */
    reader_open(&t, "w3c", STR(SOFTWARE FIELDS), "W3SVC21/u_ex210302.log");
    assert_string_equal(t.state.kind, "iis");
}

static void blanks_inside_values(void **state)
{
    (void)state;
    struct reader t;
    reader_open(&t, "w3c",
                STR(SOFTWARE FIELDS "2021-03-02 10:11:12 192.0.2.1 GET /a b=c 443 - 198.51.100.7 "
                                    "My own agent/1 - 200 0 0 7\r\n"
                                    "2021-03-02 10:11:12 192.0.2.1 GET /a b=c 443 DOM\\first last "
                                    "198.51.100.7 Agent - 302 0 0 8\r\n"
                                    "2021-03-02 10:11:12 192.0.2.1 GET /a b=1 or 2 443 - "
                                    "198.51.100.7 Agent ref 500 0 0 9\r\n"),
                "a.log");
    assert_int_equal(reader_row(&t), LINE_RECORD);
    expect(&t, "cs(User-Agent)", "My own agent/1");
    expect(&t, "cs(Referer)", NULL);
    expect(&t, "sc-status", "200");
    expect(&t, "time-taken", "7");
    assert_int_equal(reader_row(&t), LINE_RECORD);
    expect(&t, "cs-username", "DOM\\first last");
    expect(&t, "c-ip", "198.51.100.7");
    expect(&t, "cs(User-Agent)", "Agent");
    expect(&t, "sc-status", "302");
    assert_int_equal(reader_row(&t), LINE_RECORD);
    expect(&t, "cs-uri-query", "b=1 or 2");
    expect(&t, "s-port", "443");
    expect(&t, "cs(Referer)", "ref");
    expect(&t, "sc-status", "500");
}

static void tabs_part_too(void **state)
{
    (void)state;
    struct reader t;
    reader_open(&t, "w3c",
                STR("#Fields: date\ttime\tcs-method\tcs-uri-stem\tsc-status\r\n"
                    "2021-03-02\t10:11:12\tGET\t/x\t200\r\n"),
                "a.log");
    assert_int_equal(reader_row(&t), LINE_RECORD);
    expect(&t, "cs-uri-stem", "/x");
    expect(&t, "sc-status", "200");
}

static void rows_without_date(void **state)
{
    (void)state;
    struct reader t;
    static const char text[] = "#Fields: time cs-method cs-uri-stem sc-status\r\n"
                               "00:00:07 GET / 200\r\n"
                               "#Date: 2021-03-05 09:00:00\r\n"
                               "00:00:08 GET / 200\r\n";
    reader_open(&t, "w3c", str_of(text), "C:\\inetpub\\u_ex210304.log");
    assert_int_equal(reader_row(&t), LINE_RECORD);
    expect_time(&t, "2021-03-04T00:00:07Z");
    assert_int_equal(reader_row(&t), LINE_RECORD);
    expect_time(&t, "2021-03-05T00:00:08Z");
    reader_open(&t, "w3c", str_of(text), "x.log");
    assert_int_equal(reader_row(&t), LINE_RECORD);
    expect_time(&t, "none");
    reader_open(&t, "w3c", str_of(text), "u_ex219904.log"); /* no such month */
    assert_int_equal(reader_row(&t), LINE_RECORD);
    expect_time(&t, "none");
}

static void blank_bad_and_cut(void **state)
{
    (void)state;
    struct reader t;
    enum line_class class;
    reader_open(&t, "w3c",
                STR(SOFTWARE FIELDS
                    "\r\n"
                    "\0\0\0\0\0\0\r\n"
                    "2021-03-02 10:11:12 192.0.2.1 GET /a b 443 - 198.51.100.7 A - 200\r\n"
                    "2021-03-02 10:11:12 192.0.2.1 GET /a b 443 - 198.51.100.7\r\n"
                    "2021-03-02 10:11:12 192.0.2.1 GET\r\n"
                    "2021-03-02 10:1\r\n"
                    "what is this line that has no time in it at all, please tell\r\n"
                    "\0\0\0" ROW "\0\0\0#Software: x\r\n"),
                "a.log");
    for (int i = 0; i < 2; i++)
        assert_true(reader_next(&t, &class));
    assert_true(reader_next(&t, &class));
    assert_int_equal(class, LINE_BLANK);
    assert_true(reader_next(&t, &class));
    assert_int_equal(class, LINE_BAD);             /* what a crash left: rows were lost */
    assert_int_equal(reader_row(&t), LINE_RECORD); /* the status is there */
    expect(&t, "time-taken", NULL);
    assert_int_equal(reader_row(&t), LINE_CUT); /* no status */
    expect(&t, "c-ip", "198.51.100.7");
    assert_int_equal(reader_row(&t), LINE_CUT);
    expect_time(&t, "2021-03-02T10:11:12Z");
    assert_int_equal(reader_row(&t), LINE_CUT);
    expect_time(&t, "none");
    assert_int_equal(reader_row(&t), LINE_BAD);
    assert_int_equal(reader_row(&t), LINE_RECORD);
    expect(&t, "sc-status", "200");
    assert_true(reader_next(&t, &class));
    assert_int_equal(class, LINE_DIRECTIVE);
}

static void empty_values(void **state)
{
    (void)state;
    struct reader t;
    reader_open(
        &t, "w3c",
        STR(SOFTWARE FIELDS
            "2021-03-02 10:11:12 192.0.2.1 POST /x a=b 443   198.51.100.7 A - 241 0 0 15\r\n"
            "2021-03-02 10:11:12 192.0.2.1 POST /x  443 - 198.51.100.7 A - 200 0 0 15\r\n"
            "2021-03-02 10:11:12 192.0.2.1 POST /x a=b 443 u 198.51.100.7  - 200 0 0 15\r\n"
            "2021-03-02 10:11:12 192.0.2.1 POST /x  443  198.51.100.7  - 200 0 0 15\r\n"
            "2021-03-02 10:11:12 192.0.2.1 POST /x a=b 443 198.51.100.7 A - 241 0 0 15\r\n"
            "2021-03-02 10:11:12 192.0.2.1 POST /x 443 198.51.100.7 A - 200 0 0 15\r\n"),
        "a.log");
    assert_int_equal(reader_row(&t), LINE_RECORD);
    expect(&t, "s-port", "443");
    expect(&t, "cs-username", NULL);
    expect(&t, "c-ip", "198.51.100.7");
    expect(&t, "cs(User-Agent)", "A");
    expect(&t, "sc-status", "241");
    expect(&t, "time-taken", "15");
    assert_int_equal(reader_row(&t), LINE_RECORD);
    expect(&t, "cs-uri-query", NULL);
    expect(&t, "s-port", "443");
    expect(&t, "c-ip", "198.51.100.7");
    assert_int_equal(reader_row(&t), LINE_RECORD);
    expect(&t, "cs-username", "u");
    expect(&t, "c-ip", "198.51.100.7");
    expect(&t, "sc-status", "200");
    assert_int_equal(reader_row(&t), LINE_RECORD); /* three of them */
    expect(&t, "s-port", "443");
    expect(&t, "cs-username", NULL);
    expect(&t, "sc-status", "200");
    /* the blanks made one by a tool on the way */
    assert_int_equal(reader_row(&t), LINE_RECORD);
    expect(&t, "cs-username", NULL);
    expect(&t, "c-ip", "198.51.100.7");
    expect(&t, "sc-status", "241");
    assert_int_equal(reader_row(&t), LINE_CUT); /* two places: nobody knows, so it is told */
}

static void body_without_header(void **state)
{
    (void)state;
    struct reader t;
    reader_open(&t, "w3c", STR(ROW ROW), "part.log");
    assert_int_equal(reader_row(&t), LINE_RECORD);
    expect(&t, "cs(User-Agent)", "Agent+1");
    reader_open(&t, "w3c",
                STR("2021-03-02 10:11:12 192.0.2.1 GET /owa/ - 443 - 198.51.100.7 A 200 0 0 15\n"),
                "part.log");
    assert_int_equal(reader_row(&t), LINE_RECORD);
    expect(&t, "sc-status", "200");
    expect(&t, "cs(Referer)", NULL);
    reader_init(&t, STR("2021-03-02 10:11:12 some other program's log line\n"), "part.log");
    assert_null(t.codec);
}

static void host_and_custom_columns(void **state)
{
    (void)state;
    struct reader t;
    reader_open(&t, "w3c",
                STR("#Fields: date time s-sitename s-computername cs-method cs-uri-stem sc-status "
                    "X-Forwarded-For\n2021-03-02 10:11:12 W3SVC1 MAIL-01 GET /x 200 203.0.113.9\n"),
                "a.log");
    assert_string_equal(t.state.host, "MAIL-01");
    assert_int_equal(reader_row(&t), LINE_RECORD);
    expect(&t, "x-forwarded-for", "203.0.113.9");
}

static void long_rows_stay_linear(void **state)
{
    (void)state;
    struct reader t;
    static char text[LIMIT_LINE_BYTES];
    size_t n = sizeof(SOFTWARE FIELDS) - 1;
    memcpy(text, SOFTWARE FIELDS, n);
    memcpy(text + n, "2021-03-02 10:11:12 192.0.2.1 GET /a b 443 - 198.51.100.7", 57);
    for (size_t i = n + 57; i < sizeof text; i++)
        text[i] = i % 2 ? ' ' : 'a';
    memcpy(text + sizeof text - 17, " - 200 0 0 12345\n", 17);
    reader_open(&t, "w3c", str_make(text, sizeof text), "a.log");
    assert_int_equal(reader_row(&t), LINE_RECORD);
    expect(&t, "time-taken", "12345");
    expect(&t, "sc-status", "200");
    expect(&t, "c-ip", "198.51.100.7");
}

static void too_many_columns(void **state)
{
    (void)state;
    struct reader t;
    char text[8192];
    int n = snprintf(text, sizeof text, "#Fields: date time cs-method cs-uri-stem");
    for (int i = 0; i < 300; i++)
        n += snprintf(text + n, sizeof text - (size_t)n, " column%d", i);
    n += snprintf(text + n, sizeof text - (size_t)n, "\n2021-03-02 10:11:12");
    for (int i = 0; i < 302; i++)
        n += snprintf(text + n, sizeof text - (size_t)n, " v%d", i);
    reader_open(&t, "w3c", str_make(text, (size_t)n), "a.log");
    assert_int_equal(reader_row(&t), LINE_RECORD);
    assert_int_equal(t.state.columns, LIMIT_FIELDS);
    expect(&t, "cs-uri-stem", "v1");
}

static void plain_rows(void **state)
{
    (void)state;
    struct str head = STR(SOFTWARE FIELDS), row = STR(ROW);
    size_t plain = reader_mutations("w3c", head, row, 8000);
    assert_in_range(plain, 2500, 6500);
    /* Other orders of columns, times elsewhere, tabs: line() has to do. */
    struct reader t;
    reader_open(&t, "w3c",
                STR(SOFTWARE "#Fields: c-ip date time sc-status cs-uri-stem\r\n"
                             "192.0.2.1 2021-03-02 10:11:12 200 /\r\n"),
                "a.log");
    assert_int_equal(reader_row(&t), LINE_RECORD);
    assert_false(t.plain);
    reader_open(&t, "w3c", STR(SOFTWARE FIELDS ROW), "a.log");
    assert_int_equal(reader_row(&t), LINE_RECORD);
    assert_true(t.plain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_by_name),
        cmocka_unit_test(fields_change_in_mid_file),
        cmocka_unit_test(back_end_rows),
        cmocka_unit_test(blanks_inside_values),
        cmocka_unit_test(tabs_part_too),
        cmocka_unit_test(rows_without_date),
        cmocka_unit_test(empty_values),
        cmocka_unit_test(blank_bad_and_cut),
        cmocka_unit_test(body_without_header),
        cmocka_unit_test(host_and_custom_columns),
        cmocka_unit_test(long_rows_stay_linear),
        cmocka_unit_test(too_many_columns),
        cmocka_unit_test(plain_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
