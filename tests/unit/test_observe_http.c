/* Saved answers of web servers: what tells a build, and whose it is. */
#include "observe_test.h"

#define DATE "Date: Mon, 08 Mar 2021 11:00:01 GMT\r\n"
#define WHEN "2021-03-08T11:00:01Z"
#define SAVED(text) STR("HTTP/1.1 200 OK\r\n" DATE text)

static void test_headers(void **state)
{
    (void)state;
    assert_observed(SAVED("X-OWA-Version: 15.1.2176.9\r\n\r\n"), "ex01.txt",
                    "ex01 15.1.2176.9 su? " WHEN " 3\n");
    assert_observed(SAVED("x-owa-version:15.2.858.5  \r\n\r\n"), "a/b/ex01.html.gz",
                    "ex01 15.2.858.5 su? " WHEN " 3\n");
    assert_observed(SAVED("X-OWA-Version: 15.1.2176\r\n\r\n"), "ex01",
                    "ex01 15.1.2176 cu? " WHEN " 3\n");
    assert_observed(SAVED("X-OWA-Version: 15.1\r\n\r\n"), "ex01",
                    "! 0 no-build no answer tells one\nex01 - none " WHEN " 0\n");
    assert_observed(SAVED("X-OWA-Version: 15.1.2176.9.1\r\nX-OWA-Version: v15.1.2176.9\r\n"
                          "X-OWA-Version: 15..2176.9\r\nX-OWA-Version: 15.1.2176.\r\n\r\n"),
                    "ex01", "! 0 no-build no answer tells one\nex01 - none " WHEN " 0\n");
}

static void test_sharepoint(void **state)
{
    (void)state;
    assert_observed(SAVED("MicrosoftSharePointTeamServices: 16.0.0.10417\r\n\r\n"), "sp",
                    "sp 16.0.10417 cu " WHEN " 3\n");
    /* 15.0 would be Exchange's */
    assert_observed(SAVED("MicrosoftSharePointTeamServices: 15.0.0.4701\r\n\r\n"), "sp",
                    "sp 15.0.4701 cu " WHEN " 3 SharePoint Server 2013\n");
    assert_observed(SAVED("MicrosoftSharePointTeamServices: 6.0.2.6568\r\n\r\n"), "sp",
                    "! 0 no-build no answer tells one\nsp - none " WHEN " 0\n");
}

static void test_pages(void **state)
{
    (void)state;
    assert_observed(SAVED("\r\n<html>\n<a href=\"/owa/auth/15.1.2176/x.css\">\n"
                          "<a href=\"/owa/auth/15.1.2176/y.css\">"),
                    "ex", "ex 15.1.2176 cu " WHEN " 5\n");
    /* Four numbers in a path are no more exact. */
    assert_observed(SAVED("\r\n<a href=\"/owa/14.3.123.3/x\">"), "ex",
                    "ex 14.3.123.3 cu " WHEN " 4\n");
    assert_observed(SAVED("\r\n/owa/auth/15.1.2176 /owa/auth/15.1.2176.css /owa/auth/15.1/x "
                          "/owa/auth/v15.1.2176/ /ecp/15.1.2176/ /owa/"),
                    "ex", "! 0 no-build no answer tells one\nex - none " WHEN " 0\n");
    /* The header says the same and more; another build is told. */
    assert_observed(SAVED("X-OWA-Version: 15.1.2176.9\r\n\r\n/owa/auth/15.1.2176/ "
                          "/owa/auth/15.1.2507/"),
                    "ex", "ex 15.1.2176.9 su? " WHEN " 3\nex 15.1.2507 cu " WHEN " 5\n");
}

static void test_manifest(void **state)
{
    (void)state;
    assert_observed(SAVED("\r\n<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<asmv1:assembly "
                          "manifestVersion=\"1.0\">"
                          "\n<asmv1:assemblyIdentity\n "
                          "name=\"microsoft.exchange.ediscovery.exporttool.application\""
                          " version=\"15.1.2176.9\" language=\"neutral\" />"),
                    "ex", "ex 15.1.2176.9 su " WHEN " 6\n");
    assert_observed(SAVED("\r\n<assemblyIdentity version='15.1.2176.9' name='Microsoft.Exchange."
                          "EDiscovery.ExportTool.exe' />"),
                    "ex", "ex 15.1.2176.9 su " WHEN " 4\n");
    assert_observed(SAVED("\r\n<assemblyIdentity version=\"15.1.2176.9\" name=\"other\" />"
                          "<assemblyIdentity name=\"microsoft.exchange.ediscovery.exporttool\" "
                          "manifestversion=\"15.1.2176.9\"/>"
                          "<assemblyIdentity name=\"microsoft.exchange.ediscovery.exporttool\" "
                          "version=\"15.1.2176\"/>"),
                    "ex", "! 0 no-build no answer tells one\nex - none " WHEN " 0\n");
}

static void test_several(void **state)
{
    (void)state;
    /* Bodies end in a line end or not. */
    assert_observed(STR("HTTP/2 200 \r\n" DATE "\r\nokHTTP/1.1 200 OK\r\nX-OWA-Version: 15.1.2176.2"
                        "\r\n\r\nHTTP/1.1 500 Error\nX-OWA-Version: 15.1.2176.9\n\n"),
                    "ex", "ex 15.1.2176.2 su? - 5\nex 15.1.2176.9 su? - 8\n");
    /* A request in a page is no answer. */
    assert_observed(SAVED("\r\nGET /HTTP/1.1 2000\r\n see HTTP/1.1 200 OK\n"
                          "X-OWA-Version: 15.1.2176.9\r\n\r\n"),
                    "ex", "! 0 no-build no answer tells one\nex - none " WHEN " 0\n");
}

static void test_hosts(void **state)
{
    (void)state;
    const struct str by_front = SAVED("X-FEServer: EX01\r\nX-OWA-Version: 15.1.2176.9\r\n\r\n");
    assert_observed(by_front, "mail.txt", "EX01 15.1.2176.9 su? " WHEN " 4\n");
    assert_string_equal(
        observed(by_front, (struct observe_options){.name = STR("mail.txt"), .host = STR("given")}),
        "given 15.1.2176.9 su? " WHEN " 4\n");
    assert_observed(STR("Host: mail.example.org:443\n\nHTTP/1.1 200 OK\nX-FEServer: EX01\n"
                        "X-OWA-Version: 15.1.2176.9\n\n"),
                    "x.txt", "mail.example.org 15.1.2176.9 su? - 5\n");
    assert_observed(STR("$ curl -i https://u:p@[2001:db8::1]:444/owa/\nHTTP/1.1 200 OK\n"
                        "X-OWA-Version: 15.1.2176.9\n\n"),
                    "-", "2001:db8::1 15.1.2176.9 su? - 3\n");
    assert_observed(SAVED("X-OWA-Version: 15.1.2176.9\r\n\r\n"), "-",
                    "! 3 damaged no host is named\n");
    /* The name that another answer of the file gives itself. */
    assert_observed(STR("HTTP/1.1 302 Found\nX-FEServer: EX01\n\nHTTP/1.1 200 OK\n"
                        "X-OWA-Version: 15.1.2176.9\n\n"),
                    "x.txt", "EX01 15.1.2176.9 su? - 5\n");
}

/* No server speaks for its neighbours. */
static void test_other_hosts(void **state)
{
    (void)state;
    assert_observed(STR("Host: a.example\nHTTP/1.1 302 Found\nLocation: https://b.example/owa/\n\n"
                        "HTTP/1.1 200 OK\nX-OWA-Version: 15.1.2176.9\n\n"),
                    "x", "! 6 other-host b.example\n");
    assert_observed(STR("Host: a.example\nHTTP/1.1 302 Found\nLocation: https://A.example:444/owa/"
                        "\n\nHTTP/1.1 200 OK\nX-OWA-Version: 15.1.2176.9\n\n"),
                    "x", "a.example 15.1.2176.9 su? - 6\n");
    assert_observed(STR("Host: a.example\nHTTP/1.1 201 Created\nLocation: https://b.example/\n\n"
                        "HTTP/1.1 200 OK\nX-OWA-Version: 15.1.2176.9\n\n"),
                    "x", "a.example 15.1.2176.9 su? - 6\n");
    assert_observed(STR("Host: a.example\nHTTP/1.1 200 OK\nX-OWA-Version: 15.1.2176.2\n\n"
                        "Host: b.example\nHTTP/1.1 200 OK\nX-OWA-Version: 15.1.2176.9\n\n"),
                    "x", "a.example 15.1.2176.2 su? - 3\na.example 15.1.2176.9 su? - 7\n");
}

static void test_tools(void **state)
{
    (void)state;
    assert_observed(STR("--2021-03-08 11:00:00--  https://mail.example/owa/\n"
                        "Resolving mail.example... 192.0.2.1\n"
                        "HTTP request sent, awaiting response... \n"
                        "  HTTP/1.1 302 Found\n  Location: https://sso.example/\n"
                        "  X-OWA-Version: 15.1.2176.9\n"
                        "Location: https://sso.example/ [following]\n"
                        "--2021-03-08 11:00:01--  https://sso.example/\n"
                        "  HTTP/1.1 302 Found\n  X-OWA-Version: 15.1.2507.6\n"
                        "--2021-03-08 11:00:01--  https://mail.example/\n"
                        "  HTTP/1.1 200 OK\n  X-OWA-Version: 15.1.2176.8\nLength: 0\n"
                        "X-OWA-Version: 15.1.2176.7\n"),
                    "w.txt",
                    "mail.example 15.1.2176.9 su? - 6\n! 10 other-host sso.example\n"
                    "mail.example 15.1.2176.8 su? - 13\n");
    assert_observed(
        STR("* Uses proxy http://proxy.example:3128\n> GET /owa/ HTTP/1.1\n"
            "> Host: mail.example\n> \n* Mark bundle\n< HTTP/1.1 200 OK\n"
            "* Added cookie\n< X-OWA-Version: 15.1.2176.9\n< \n{ [5 bytes data]\nhello"),
        "v.txt", "mail.example 15.1.2176.9 su? - 8\n");
}

static void test_damage(void **state)
{
    (void)state;
    assert_observed(SAVED("X-OWA-Version: 15.1.2176.9\r\n"), "ex",
                    "! 4 cut headers\nex 15.1.2176.9 su? " WHEN " 3\n");
    assert_observed(SAVED("Content-Encoding: gzip\r\n\r\n\x1f\x8b\n"), "ex",
                    "! 0 no-build no answer tells one; a packed body was not looked into\n"
                    "ex - none " WHEN " 0\n");
    assert_observed(STR("HTTP/1.1 200 OK\r\nDate: Mon, 32 Mar 2021 11:00:01 GMT\r\n"
                        "X-OWA-Version: 15.1.2176.9\r\n\r\n"),
                    "ex", "ex 15.1.2176.9 su? - 3\n");
    assert_observed(STR("HTTP/1.1 2000 OK\r\n\r\n"), "ex", "(foreign)");
    assert_observed(STR("GET /owa/ HTTP/1.1\r\n\r\n"), "ex", "(foreign)");
}

/* A path at any place of a body without line ends, also where two pieces meet; an answer behind
 * it. */
static void test_pieces(void **state)
{
    (void)state;
    enum { LENGTH = 300 * 1000 };
    const struct str head = SAVED("\r\n"), path = STR("<a href='/owa/auth/15.1.2176/x'>");
    const struct str next = STR("HTTP/1.1 200 OK\r\nX-OWA-Version: 15.1.2507.6\r\n\r\n");
    char *text = malloc(head.n + LENGTH + next.n);
    assert_non_null(text);
    for (size_t at = 60 * 1000; at < LENGTH - path.n; at += at % 65536 < 60000 ? 4999 : 13) {
        memcpy(text, head.p, head.n);
        memset(text + head.n, 'x', LENGTH);
        memcpy(text + head.n + at, path.p, path.n);
        memcpy(text + head.n + LENGTH, next.p, next.n);
        assert_observed(str_make(text, head.n + LENGTH + next.n), "ex",
                        "ex 15.1.2176 cu " WHEN " 4\nex 15.1.2507.6 su? - 5\n");
    }
    free(text);
}

/* The next answer may begin wherever what was read so far ends. */
static void test_edges(void **state)
{
    (void)state;
    enum { EDGE = 256 * 1024, AROUND = 80 };
    const struct str head = SAVED("\r\n");
    const struct str next = STR("HTTP/1.1 200 OK\r\nX-OWA-Version: 15.1.2507.6\r\n\r\n");
    char *text = malloc(EDGE + AROUND + next.n);
    assert_non_null(text);
    for (size_t at = EDGE - AROUND; at < EDGE + AROUND; at++) {
        memset(text, 'x', EDGE + AROUND);
        memcpy(text, head.p, head.n);
        memcpy(text + at, next.p, next.n);
        assert_observed(str_make(text, at + next.n), "ex", "ex 15.1.2507.6 su? - 5\n");
    }
    free(text);
}

static void test_long_header(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1 << 20);
    buf_puts(&b, "HTTP/1.1 200 OK\r\nX-OWA-Version: 15.1.2176.9\r\nX-Long: ");
    for (int i = 0; i < 70 * 1000; i++)
        buf_putc(&b, 'y');
    buf_puts(&b, "\r\n\r\n");
    assert_observed(buf_view(&b), "ex", "! 3 too-long a header\nex 15.1.2176.9 su? - 2\n");
    buf_done(&b);
}

/* Nothing that a page says of a build a hundred thousand times takes long or gives much. */
static void test_many(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 8 << 20);
    buf_puts(&b, "HTTP/1.1 200 OK\r\n\r\n");
    for (int i = 0; i < 200 * 1000; i++)
        buf_printf(&b, "/owa/15.1.%d/\n", i % 100);
    const char *got = observed(buf_view(&b), (struct observe_options){.name = STR("ex")});
    assert_int_equal(str_count(str_of(got), '\n'), 8);
    buf_done(&b);
}

/* Answers to our own requests: the time is ours, and one without a build is no gap. */
static void test_asked(void **state)
{
    (void)state;
    struct observe_options o = {
        .name = STR("https://ex"), .host = STR("ex"), .asked = true, .asked_us = US_PER_DAY};
    assert_string_equal(observed(SAVED("X-FEServer: other\r\n\r\n"), o), "");
    assert_string_equal(
        observed(SAVED("X-FEServer: other\r\nX-OWA-Version: 15.1.2176.9\r\n\r\n"), o),
        "ex 15.1.2176.9 su? 1970-01-02T00:00:00Z 4\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_headers),     cmocka_unit_test(test_sharepoint),
        cmocka_unit_test(test_pages),       cmocka_unit_test(test_manifest),
        cmocka_unit_test(test_several),     cmocka_unit_test(test_hosts),
        cmocka_unit_test(test_other_hosts), cmocka_unit_test(test_tools),
        cmocka_unit_test(test_damage),      cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_edges),       cmocka_unit_test(test_long_header),
        cmocka_unit_test(test_many),        cmocka_unit_test(test_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
