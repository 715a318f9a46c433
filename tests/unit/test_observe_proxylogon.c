#include "observe_told.h"

#include "codec/observe_priv.h"

#define TYPE "#TYPE Selected.System.Management.Automation.PSCustomObject\r\n"
#define PROXY                                                                                      \
    TYPE "\"DateTime\",\"RequestId\",\"ClientIPAddress\",\"UrlHost\",\"UrlStem\",\"RoutingHint\"," \
         "\"UserAgent\",\"AnchorMailbox\",\"HttpStatus\"\r\n"
#define ROW(time)                                                                                  \
    "\"" time                                                                                      \
    "\",\"i\",\"192.0.2.1\",\"h\",\"/ecp/y.js\",\"x\",\"a\",\"ServerInfo~a]@b/c\",\"200\"\r\n"
#define EMPTY "gap damaged :0 nothing stands in it\n"

static void signs(void **state)
{
    (void)state;
    expect_told(
        STR(PROXY ROW("2021-03-03T04:05:06.789Z") ROW("2021-03-02T04:05:06Z") ROW("3/3/2021 4:05")),
        "logs/EX-01-Cve-2021-26855.csv",
        "sign EX-01 CVE-2021-26855 2021-03-02T04:05:06Z :0 what=rows of HttpProxy (3)\n");
    expect_told(STR(PROXY ROW("2021-03-03T04:05:06Z")), "ex01-cve-2021-27065-resetvdir.csv",
                "sign ex01 CVE-2021-27065 2021-03-03T04:05:06Z :0 what=rows of HttpProxy (1)\n");
    expect_told(
        STR(TYPE "\"TimeCreated\",\"MachineName\",\"Message\"\r\n"
                 "\"3/3/2021 4:05:06 AM\",\"EX01.corp\",\"System.InvalidCastException\nat x\"\r\n"),
        "EX01-Cve-2021-26857.csv",
        "sign EX01 CVE-2021-26857 - :0 what=events of Unified Messaging (1)\n");
    expect_told(STR("D:\\Logging\\ECP\\Server\\a.LOG\r\n\r\n  D:\\Logging\\ECP\\Server\\b.LOG"),
                "EX01-Cve-2021-27065.log", "sign EX01 CVE-2021-27065 - :0 what=logs of ECP (2)\n");
    expect_told(STR("'C:\\inetpub\\x.aspx'\r\n"), "EX01-Cve-2021-26858-DownloadPaths.log",
                "sign EX01 CVE-2021-26858 - :0 what=files that were downloaded (1)\n");
    expect_told(STR("C:\\a.log\r\n"), "EX01-Cve-2021-26858.log",
                "sign EX01 CVE-2021-26858 - :0 what=logs of OABGenerator (1)\n");
    expect_told(STR(TYPE "\"ComputerName\",\"Type\",\"Path\",\"Name\",\"LastWrite\"\r\n"
                         "\"EX01\",\"LsassDump\",\"C:\\root\\lsass.dmp\",\"lsass.dmp\",\"2021-03-"
                         "04T00:00:00Z\"\r\n"),
                "EX01-other.csv",
                "sign EX01 CVE-2021-26855 2021-03-04T00:00:00Z :0 what=files to look at (1)\n"
                "sign EX01 CVE-2021-26857 2021-03-04T00:00:00Z :0 what=files to look at (1)\n"
                "sign EX01 CVE-2021-26858 2021-03-04T00:00:00Z :0 what=files to look at (1)\n"
                "sign EX01 CVE-2021-27065 2021-03-04T00:00:00Z :0 what=files to look at (1)\n");
}

static void ages(void **state)
{
    static const struct {
        const char *row, *want, *gap;
    } cases[] = {
        {"\"29.6\",\"1,029.6\",\"\",\"0.4\"",
         "logs of 0.4 days (EwsProxy) to 1029.6 days (Ecp), none of AutoDProxy", ""},
        {"\"29,6\",\"1.029,6\",\"0,5\",\"29,6\"",
         "logs of 0.5 days (AutoDProxy) to 1029.6 days (Ecp)", ""},
        {"\"1\xc2\xa0"
         "029,6\",\"\",\"\",\"\"",
         "logs of 1029.6 days (OabGen), none of Ecp AutoDProxy EwsProxy", ""},
        {"\"5.0\",\"5\",\"5.0\",\"5.0\"", "logs of 5.0 days (OabGen)", "gap damaged :3 5\n"},
        {"\"\",\"\",\"\",\"\"", "no logs of OabGen Ecp AutoDProxy EwsProxy", ""},
        {"\"5.0\",\"soon\",\"5.0\",\"5.0\"", "logs of 5.0 days (OabGen)", "gap damaged :3 soon\n"},
        {"\"5.0\",\"99999999999999999999.9\",\"5.0\",\"5.0\"", "logs of 5.0 days (OabGen)",
         "gap damaged :3 99999999999999999999.9\n"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf text, want;
        buf_init(&text, 4096);
        buf_init(&want, 4096);
        buf_printf(&text, TYPE "\"OabGen\",\"Ecp\",\"AutoDProxy\",\"EwsProxy\"\r\n%s\r\n",
                   cases[i].row);
        buf_puts(&want, cases[i].gap);
        for (int cve = 0; cve < 4; cve++)
            buf_printf(&want, "looked EX01 CVE-2021-%s - :0 what=%s\n",
                       (const char *[]){"26855", "26857", "26858", "27065"}[cve], cases[i].want);
        buf_putc(&want, '\0');
        expect_told(buf_view(&text), "EX01-LogAgeDays.csv", want.p);
        buf_done(&text);
        buf_done(&want);
    }
}

static void bad_input(void **state)
{
    struct observe_options options = {.format = STR("test-proxylogon")};
    bool foreign;
    (void)state;
    expect_told(STR(PROXY), "EX01-Cve-2021-26855.csv", EMPTY);
    expect_told(STR(" \r\n"), "EX01-Cve-2021-27065.log", EMPTY);
    expect_told(STR(TYPE "\"OabGen\",\"Ecp\"\r\n"), "EX01-LogAgeDays.csv", EMPTY);
    /* half a file */
    expect_told(STR(PROXY ROW("2021-03-03T04:05:06Z") "\"2021-03-0"), "EX01-Cve-2021-26855.csv",
                "gap cut :4 a quote is not closed\n"
                "sign EX01 CVE-2021-26855 2021-03-03T04:05:06Z :0 what=rows of HttpProxy (1)\n");
    expect_foreign(STR("a,b\n1,2\n"), "EX01-Cve-2021-26855.csv");
    expect_foreign(STR(PROXY ROW("2021-03-03T04:05:06Z")), "EX01.csv");
    expect_foreign(STR(PROXY ROW("2021-03-03T04:05:06Z")), "-Cve-2021-26855.csv");
    options.name = STR("EX01.csv");
    assert_int_equal(observe_run(STR("a,b\n"), options, &foreign), ERR_FORMAT);
    options.name = STR("EX01-LogAgeDays.csv");
    assert_int_equal(observe_run(STR("a,b\n"), options, &foreign), ERR_FORMAT);
    assert_string_equal(observe_told.p, "format a column is missing: it has 'OabGen' and 'Ecp'\n");
    options.name = STR("-Cve-2021-27065.log");
    assert_int_equal(observe_run(STR("a\n"), options, &foreign), OK);
    assert_string_equal(observe_told.p, "sign  CVE-2021-27065 - :0 what=logs of ECP (1)\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signs),
        cmocka_unit_test(ages),
        cmocka_unit_test(bad_input),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
