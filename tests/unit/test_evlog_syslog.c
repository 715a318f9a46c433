#include "codec/codec.h"
#include "evlog_told.h"

static void with_a_year(void **state)
{
    (void)state;
    expect_rows(
        "<86>1 2021-03-03T00:00:01.5+01:00 web01 sshd 411 ID7 [x@1 a=\"]\\\"\"] Failed password "
        "for "
        "root\n<30>1 2021-03-03T00:00:02Z - app - - - \xef\xbb\xbfhello\n",
        "syslog/sshd/0  @1614726001 #1 Channel=syslog/sshd Computer=web01 program=sshd pid=411 "
        "facility=authpriv severity=info msgid=ID7 data=[x@1 a=\"]\\\"\"] message=Failed password "
        "for root\nsyslog/0  @1614729602 #2 Channel=syslog program=app facility=daemon "
        "severity=info message=hello\n",
        0);
    expect_rows("2021-03-03T00:00:01.123456+00:00 web01 sshd-session[9]: Accepted publickey\n"
                "2021-03-03T00:00:02+0000 web01 kernel: [ 1.5] usb 1-1\n",
                "syslog/sshd/0  @1614729601 #1 Channel=syslog/sshd Computer=web01 "
                "program=sshd-session pid=9 message=Accepted publickey\n"
                "syslog/0  @1614729602 #2 Channel=syslog Computer=web01 program=kernel "
                "message=[ 1.5] usb 1-1\n",
                0);
}

static void sudo_says_who_and_what(void **state)
{
    (void)state;
    expect_rows("Mar  3 00:00:01 web01 sudo: alice : TTY=pts/0 ; PWD=/tmp ; USER=#-1 ; "
                "COMMAND=/bin/sh -c a ; b\n",
                "syslog/sudo/0  @-1 #1 Channel=syslog/sudo Computer=web01 program=sudo "
                "message=alice : TTY=pts/0 ; PWD=/tmp ; USER=#-1 ; COMMAND=/bin/sh -c a ; b "
                "user=alice TTY=pts/0 PWD=/tmp USER=#-1 COMMAND=/bin/sh -c a ; b\n",
                0);
}

static void of_devices(void **state)
{
    (void)state;
    expect_rows("192.0.2.10 6705: Feb 17 13:40:03.673: %SYS-5-CONFIG_I: Configured from console\n"
                "<189>77: fw1: *Mar  3 2021 00:00:01 UTC: %SYS-6-LOGOUT: bye\n"
                "Mar  3 2021 00:00:02 fw1 : %ASA-6-302013: Built\n",
                "cisco/ios/0  @-1 #1 Channel=cisco/ios Computer=192.0.2.10 "
                "program=SYS-5-CONFIG_I message=%SYS-5-CONFIG_I: Configured from console\n"
                "cisco/ios/0  @1614729601 #2 Channel=cisco/ios Computer=fw1 program=SYS-6-LOGOUT "
                "message=%SYS-6-LOGOUT: bye facility=local7 severity=notice\n"
                "cisco/ios/0  @1614729602 #3 Channel=cisco/ios Computer=fw1 "
                "program=ASA-6-302013 message=%ASA-6-302013: Built\n",
                0);
}

/* The times of lines of RFC 3164, -1: not known. */
static void expect_times(const char *path, const char *text, const char *times, size_t gaps)
{
    struct told t;
    struct evlog *e;
    struct buf b;
    struct str line, rest;
    told_path = str_of(path);
    assert_int_equal(evlog_new(&e), OK);
    read_with(e, str_of(text), 0, &t);
    told_path = STR_NONE;
    buf_init(&b, 1 << 20);
    rest = buf_view(&t.text);
    while (str_cut(&rest, '\n', &line) && line.n) {
        struct str time = str_sub(line, (size_t)str_chr(line, '@') + 1, line.n);
        buf_str(&b, str_sub(time, 0, (size_t)str_chr(time, ' ')));
        buf_putc(&b, ' ');
    }
    buf_putc(&b, 0);
    assert_string_equal(b.p, times);
    assert_int_equal(t.gaps, gaps);
    buf_done(&b);
    buf_done(&t.text);
    e = evlog_free(e);
}

#define DEC "Dec 31 23:59:59 web01 a: x\n"
#define JAN "Jan  1 00:00:01 web01 a: x\n"
#define MAR "Mar  3 00:00:01 web01 a: x\n"

static void the_name_of_the_file_tells_the_year(void **state)
{
    (void)state;
    expect_times("log/messages", DEC JAN, "-1 -1 ", 0);
    expect_times("log/messages-20210103", DEC JAN, "1609459199 1609459201 ", 0);
    expect_times("log/messages-20210103.gz", DEC JAN MAR, "1609459199 1609459201 -1 ", 1);
    expect_times("log/web01-2021-03-03.log", MAR, "1614729601 ", 0);
    expect_times("remote/2021/03/03/web01.log", MAR, "1614729601 ", 0);
    expect_times("remote/2021/03/web01/messages", MAR, "1614729601 ", 0);
    expect_times("remote/2021/messages", MAR, "-1 ", 0);
    expect_times("log/messages-1234567890", MAR, "-1 ", 0);
    /* More than a year in one file: said, not guessed. */
    expect_times("log/messages-20210401", MAR DEC MAR DEC, "1614729601 -1 1614729601 -1 ", 1);
}

static void lines_near_by_tell_the_year(void **state)
{
    (void)state;
    expect_times("log/messages", "2020-12-31T00:00:00Z web01 a: x\n" DEC JAN MAR,
                 "1609372800 1609459199 1609459201 -1 ", 0);
    /* A day that the years around it do not all have. */
    expect_times("log/messages", "2021-03-03T00:00:00Z web01 a: x\nFeb 29 00:00:01 web01 a: x\n",
                 "1614729600 -1 ", 0);
}

/* What is no syslog is left to others, or listed as not examined. */
static void knows_syslog_only(void **state)
{
    static const char *const not [] = {
        "",
        "hello\nworld: x\n",
        "2021-03-03T00:00:01.000Z INFO main: started\n",
        "2021-03-03 00:00:01 web01 app: x\n",
        "[Wed Mar 03 00:00:01.5 2021] [core:error] [pid 1] x: y\n",
        "#Software: Microsoft Internet Information Services 10.0\n",
        "Mar  3 2021: notes of a meeting\n",
        "<html><body>: x\n",
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(not ); i++)
        assert_false(evlog_knows(str_of(not [i]), STR_NONE));
    assert_true(evlog_knows(STR("Mar  3 00:00:01 web01 systemd[1]: Started\n"), STR_NONE));
}

/* Logs that have a codec of their own are not events, although they may come by syslog. */
static void codecs_go_first(void **state)
{
    static const char *const text[] = {
        "192.0.2.1 - - [03/Mar/2021:00:00:01 +0000] \"GET / HTTP/1.1\" 200 5 \"-\" \"a\"\n",
        "2021/03/03 00:00:01 [error] 7#7: *1 open() failed: x, client: 192.0.2.1\n",
        "[Wed Mar 03 00:00:01.5 2021] [core:error] [pid 1] x: y\n",
        ("#Software: Microsoft Internet Information Services 10.0\n#Fields: date time c-ip\n"
         "2021-03-03 00:00:01 192.0.2.1\n"),
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(text); i++) {
        assert_true(codec_identify(str_of(text[i]), STR("x.log")) >= 0);
        assert_false(evlog_knows(str_of(text[i]), STR_NONE));
    }
}

/* A line that is not understood is searched all the same. */
static void what_is_not_understood_is_a_row(void **state)
{
    (void)state;
    expect_rows(
        "<13>Mar  3 00:00:01 web01 app[1]: first\n\n    at line two\r\n",
        "syslog/0  @-1 #1 Channel=syslog Computer=web01 program=app pid=1 facility=user "
        "severity=notice message=first\nsyslog/0  @-1 #3 Channel=syslog message=    at line two\n",
        0);
}

static void fortigate_has_pairs(void **state)
{
    (void)state;
    expect_rows("<190>date=2021-03-03 time=01:00:01 devname=\"FW 1\" tz=\"+0100\" action=\"Add\" "
                "cfgpath=\"system.admin\"\n",
                "fortigate/0  @1614729601 #1 Channel=fortigate date=2021-03-03 time=01:00:01 "
                "Computer=FW 1 devname=FW 1 tz=+0100 action=Add cfgpath=system.admin\n",
                0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(with_a_year),
        cmocka_unit_test(sudo_says_who_and_what),
        cmocka_unit_test(of_devices),
        cmocka_unit_test(the_name_of_the_file_tells_the_year),
        cmocka_unit_test(lines_near_by_tell_the_year),
        cmocka_unit_test(knows_syslog_only),
        cmocka_unit_test(codecs_go_first),
        cmocka_unit_test(what_is_not_understood_is_a_row),
        cmocka_unit_test(fortigate_has_pairs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
