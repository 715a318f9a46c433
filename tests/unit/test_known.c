#include "base/buf.h"
#include "os/folder.h"
#include "sample_alert.h"
#include "unit.h"
#include "watch/known.h"

#include <unistd.h>

static struct known known;
static struct error error;

static int setup(void **state)
{
    (void)state;
    known = (struct known){0};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    known_done(&known);
    return 0;
}

static void add(const char *text)
{
    if (known_add(&known, str_of(text), STR("known"), &error))
        fail_msg("%s", error.text);
}

static void is(const char *cve, double epss, const char *date)
{
    const struct known_cve *x = known_find(&known, str_of(cve));
    assert_non_null(x);
    assert_true(isnan(epss) ? isnan(x->epss) : x->epss == epss);
    assert_true(x->kev_us == (date ? alert_day(date) : TIME_NONE));
}

static void test_epss(void **state)
{
    (void)state;
    add("#model_version:v2025.03.14,score_date:2026-01-01T12:00:00Z\ncve,epss,percentile\n"
        "CVE-2021-26855,0.97504,0.99996\nCVE-1999-0001,0.0125,0.79\ncve-2024-1000001,1,1\n"
        "CVE-2021-1,0.5,0.5\nCVE-2021-44228,1.5,0.5\nCVE-2021-44229,x,0.5\nCVE-2021-44230\n");
    is("CVE-2021-26855", 0.97504, NULL);
    is("CVE-1999-0001", 0.0125, NULL);
    is("CVE-2024-1000001", 1, NULL);
    assert_int_equal(known.left_out, 4);
    assert_null(known_find(&known, STR("CVE-2024-10000")));
    assert_null(known_find(&known, STR("CVE-2021-44228")));
    assert_null(known_find(&known, STR("2021-26855")));
}

static void test_kev(void **state)
{
    (void)state;
    add("{\"title\":\"x\",\"count\":2,\"vulnerabilities\":[{\"cveID\":\"CVE-2021-26855\","
        "\"vendorProject\":\"Microsoft\",\"dateAdded\":\"2021-11-03\",\"cwes\":[\"CWE-918\"]},"
        "{\"dateAdded\":\"2022-01-10\",\"cveID\":\"CVE-2022-0001\"},{\"cveID\":\"CVE-2022-0002\"},"
        "{\"dateAdded\":\"2022-01-11\"},{\"cveID\":7,\"dateAdded\":\"soon\"}]}");
    is("CVE-2021-26855", NAN, "2021-11-03");
    is("CVE-2022-0001", NAN, "2022-01-10");
    assert_int_equal(known.list.n, 2);
    add("cveID,vendorProject,dateAdded,shortDescription\n"
        "CVE-2022-0001,X,2022-02-10,\"two\nlines, \"\"quoted\"\"\"\nCVE-2022-0003,Y,2022-03-01,\n");
    is("CVE-2022-0001", NAN, "2022-01-10"); /* the earlier one */
    is("CVE-2022-0003", NAN, "2022-03-01");
    add("cve\tdate_added\nCVE-2022-0004\t2022-04-01\n");
    is("CVE-2022-0004", NAN, "2022-04-01");
    add("cve,epss\nCVE-2022-0001,0.5\n");
    is("CVE-2022-0001", 0.5, "2022-01-10");
}

static void test_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "{}",
                                      "{\"a\":",
                                      "a,b\n1,2\n",
                                      "cve,x\nCVE-2021-1111,1\n",
                                      "\x1f\x8b",
                                      "[1]",
                                      "#only\n",
                                      "{\"cveID\":\"CVE-2021-26855\"}"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_int_equal(known_add(&known, str_of(bad[i]), STR("known"), &error), ERR_FORMAT);
    assert_int_equal(known.list.n, 0);
    assert_int_equal(known_load(&known, STR("/nonexistent"), &error), ERR_NOT_FOUND);
    assert_int_equal(known_load(&known, STR("/etc"), &error), ERR_IO);
}

static void test_fill(void **state)
{
    (void)state;
    struct alert *a = sample_alerts();
    add("cve,epss\nCVE-2021-26855,0.25\nCVE-2021-26857,0.5\n");
    add("cve,dateAdded\nCVE-2021-26855,2021-11-03\n");
    known_fill(&known, &a[1]);
    assert_true(a[1].epss == 0.25 && a[1].kev_us == alert_day("2021-11-03"));
    a[0].epss = NAN;
    known_fill(&known, &a[0]); /* no CVE */
    assert_true(isnan(a[0].epss));
}

/* As many as there are. */
static void test_large(void **state)
{
    (void)state;
    enum { MANY = 400000 };
    char root[] = "/tmp/test_known.XXXXXX", command[200];
    struct buf b;
    buf_init(&b, 1 << 26);
    buf_puts(&b, "cve,epss,percentile\n");
    for (unsigned i = 0; i < MANY; i++)
        buf_printf(&b, "CVE-%u-%u,0.%05u,0.5\n", 1999 + i % 27, 10000 + i, i % 100000);
    assert_non_null(mkdtemp(root));
    assert_int_equal(file_replace(str_of(root), STR("epss.csv"), buf_view(&b), &error), OK);
    (void)snprintf(command, sizeof command, "%s/epss.csv", root);
    assert_int_equal(known_load(&known, str_of(command), &error), OK);
    assert_int_equal(known.list.n, MANY);
    assert_int_equal(known.left_out, 0);
    is("CVE-2000-10001", 0.00001, NULL);
    assert_int_equal(file_remove(str_of(root), STR("epss.csv"), &error), OK);
    assert_int_equal(rmdir(root), 0);
    buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_epss, setup, teardown),
        cmocka_unit_test_setup_teardown(test_kev, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_fill, setup, teardown),
        cmocka_unit_test_setup_teardown(test_large, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
