#include "observe_told.h"

#include "codec/observe_priv.h"

#include <stdlib.h>

static void usual_columns(void **state)
{
    (void)state;
    expect_told(STR("Server Name;Build Number;Last-Seen;Site;Owner\r\n"
                    "EX01;15.1.2176.9;2021-03-05;Bern;mail\r\n"),
                "a.csv",
                "build EX01 15.1.2176.9 su 2021-03-05T00:00:00Z :2 site=Bern owner=mail\n");
    expect_told(STR("host\tproduct\tversion\nG1\tGitLab\t16.7.1\n"), "a.tsv",
                "build G1 16.7.1 cu - :2 product=GitLab\n");
    expect_foreign(STR("time,what\n1,2\n"), "a.csv");
    expect_foreign(STR("just text"), "a.txt");
}

static void named_columns(void **state)
{
    struct observe_options options = {.name = STR("a.csv")};
    struct str wrong;
    bool foreign;
    (void)state;
    assert_true(observe_map_parse(STR("host=where,build=what"), &options.map, &wrong));
    options.format = STR("inventory");
    assert_int_equal(observe_run(STR("what,where\n15.1.2176.9,EX01\n"), options, &foreign), OK);
    assert_string_equal(observe_told.p, "build EX01 15.1.2176.9 su - :2\n");
    assert_int_equal(observe_run(STR("this,that\n1,2\n"), options, &foreign), ERR_USAGE);
    assert_true(observe_map_parse(STR("build=AdminDisplayVersion"), &options.map, &wrong));
    assert_int_equal(
        observe_run(STR("host,FileVersion,AdminDisplayVersion\na,15.1.2176.2,15.1.2176.9\n"),
                    options, &foreign),
        OK);
    assert_string_equal(observe_told.p, "build a 15.1.2176.9 cu - :2\n");
    options.map = (struct observe_map){0};
    assert_int_equal(observe_run(STR("this,that\n1,2\n"), options, &foreign), ERR_FORMAT);
    options.format = STR("none");
    assert_int_equal(observe_run(STR("this,that\n1,2\n"), options, &foreign), ERR_USAGE);
    assert_false(observe_map_parse(STR("host=a,colour=b"), &options.map, &wrong));
    assert_true(str_eq(wrong, STR("colour=b")));
}

/* As Export-Csv writes them. */
static void exports_of_exchange(void **state)
{
    (void)state;
    expect_told(STR("#TYPE Selected.Microsoft.Exchange.Data.Directory.Management.ExchangeServer\r\n"
                    "\"Name\",\"Edition\",\"AdminDisplayVersion\",\"Site\"\r\n"
                    "\"EX01\",\"Standard\",\"Version 15.1 (Build 2176.2)\","
                    "\"example.org/Configuration/Sites/Bern\"\r\n"
                    "\"EX02\",\"Enterprise\",\"15.1.2176.9\",\"\"\r\n"),
                "a.csv",
                "build EX01 15.1.2176.2 cu - :3 site=Bern\n"
                "build EX02 15.1.2176.9 cu - :4\n");
    expect_told(
        STR("\"PSComputerName\",\"ProductVersion\",\"FileVersion\",\"FileName\",\"ProductName\"\n"
            "\"EX01\",\"15.01.2176.009\",\"15.01.2176.009\",\"C:\\ExSetup.exe\","
            "\"Microsoft\xc2\xae Exchange\"\n"),
        "a.csv", "build EX01 15.1.2176.9 su - :2\n");
    expect_told(STR("Server,ProductVersion\nEX01,15.01.2176.009\n"), "a.csv",
                "build EX01 15.1.2176.9 su - :2\n");
    expect_told(STR("Name,AdminDisplayVersion,ExSetup\n"
                    "EX01,Version 15.1 (Build 2176.2),15.01.2176.009\n"
                    "EX02,Version 15.1 (Build 2176.2),\n"),
                "a.csv",
                "build EX01 15.1.2176.9 su - :2\n"
                "build EX02 15.1.2176.2 cu - :3\n");
    expect_told(STR("host,product\nEX01,Exchange Server\n"), "a.csv",
                "build EX01  product - :2 product=Exchange Server\n");
}

static void bad_rows(void **state)
{
    (void)state;
    expect_told(STR("host,build,date\nEX01,15.1.2176.9,yesterday\n\"EX02,15.1.2176.9,\n"
                    "EX03,,\n,15.1.2176.9,\nEX05,15.1.2176.9,\n"),
                "a.csv",
                "gap bad-time :2 yesterday\n"
                "build EX01 15.1.2176.9 su - :2\n"
                "gap damaged :3 a quote is not closed\n"
                "gap bad-build :4 no build and no product\n"
                "build EX03  none - :4\n"
                "gap damaged :5 no host is named\n"
                "build EX05 15.1.2176.9 su - :6\n");
}

/* One gap a row, and nothing of it becomes another. */
static void long_rows(void **state)
{
    static const char before[] = "host,build\nEX01,15.1.2176.9\n\"",
                      after[] = "\nEX03,15.1.2176.9\n";
    size_t a = sizeof before - 1, n = 3 * OBSERVE_RECORD_BYTES, b = sizeof after - 1;
    char *text = malloc(a + n + b);
    (void)state;
    assert_non_null(text);
    memcpy(text, before, a);
    memset(text + a, 'x', n);
    memcpy(text + a + n, after, b);
    for (int quoted = 1; quoted >= 0; quoted--) {
        text[a - 1] = quoted ? '"' : 'x';
        expect_told(str_make(text, a + n + b), "a.csv",
                    "build EX01 15.1.2176.9 su - :2\n"
                    "gap too-long :3 a row\n"
                    "build EX03 15.1.2176.9 su - :4\n");
        expect_told(str_make(text, a + n), "a.csv",
                    "build EX01 15.1.2176.9 su - :2\n"
                    "gap too-long :3 a row\n");
    }
    text[a - 1] = '"';
    expect_told(str_make(text, a + 3), "a.csv",
                "build EX01 15.1.2176.9 su - :2\n"
                "gap cut :3 a quote is not closed\n");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(usual_columns),       cmocka_unit_test(named_columns),
        cmocka_unit_test(exports_of_exchange), cmocka_unit_test(bad_rows),
        cmocka_unit_test(long_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
