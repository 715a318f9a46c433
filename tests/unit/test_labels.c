/* Labels: columns by name, by content, by map; the earliest date; bulk days; bad files. */
#include "unit.h"

#include "watch/labels.h"

#include <stdio.h>

static struct labels labels;
static struct error error;

static enum err read_one(const char *text, const char *date, const char *subject)
{
    struct label_map map = {str_of(date), str_of(subject)};
    labels_init(&labels);
    enum err rc = labels_read(&labels, str_of(text), STR("l.csv"), &map, &error);
    return rc ? rc : labels_close(&labels);
}

static void expect_day(const char *subject, int32_t day)
{
    assert_int_equal(labels_day(&labels, str_of(subject)), day);
}

static void columns(void **state)
{
    static const char *const texts[] = {
        "date_added,cve,vendor\n2022-01-01,CVE-2021-1,x\n",
        "cveID,vendorProject,dateAdded\ncve-2021-1,\"a, b\",2022-01-01\n",
        "reported\tcve\ttitle\n2022-01-01T00:00:00.000Z\tCVE-2021-1\tx\n",
        "when,what,n\n2022-01-01 10:00:00,CVE-2021-1,3\n",
        "\xef\xbb\xbf\x64\x61te,cve\r\n2022-01-01,CVE-2021-1\r\n",
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        bool short_cve = i == 3; /* content tells a CVE by four digits at least */
        enum err rc = read_one(texts[i], NULL, short_cve ? "what" : NULL);
        if (rc)
            fail_msg("%zu: %s", i, error.text);
        assert_int_equal(labels.label.n, 1);
        assert_int_equal(labels.label.v[0].day, 18993);
        labels_done(&labels);
    }
}

static void content(void **state)
{
    (void)state;
    assert_int_equal(
        read_one("a,b,c\nx,2022-01-01,CVE-2021-1000\ny,2022-01-02,CVE-2021-1001\n", NULL, NULL),
        OK);
    expect_day("CVE-2021-1001", 18994);
    assert_true(labels.cves);
    labels_done(&labels);
}

static void earliest(void **state)
{
    (void)state;
    assert_int_equal(read_one("date,cve\n2022-02-01,CVE-2021-1000\n2022-01-05,cve-2021-1000\n"
                              "never,CVE-2021-1001\n2022-01-09,\n",
                              NULL, NULL),
                     OK);
    expect_day("CVE-2021-1000", 18997);
    expect_day("CVE-2021-1001", LABEL_NEVER);
    assert_int_equal(labels.label.n, 1);
    assert_int_equal((int)labels.rows, 4);
    assert_int_equal((int)labels.bad, 2);
    assert_int_equal(labels.last, 19024);
    labels_done(&labels);
}

/* A table that tells nothing new is no mistake. */
static void the_same_again(void **state)
{
    const char *text = "date,cve\n2022-02-01,CVE-2021-1000\nnever,CVE-2021-1001\n";
    struct label_map map = {0};
    (void)state;
    assert_int_equal(read_one(text, NULL, NULL), OK);
    assert_int_equal(labels_read(&labels, str_of(text), STR("again"), &map, &error), OK);
    assert_int_equal(labels.label.n, 1);
    labels_done(&labels);
}

static void other_subjects(void **state)
{
    (void)state;
    assert_int_equal(read_one("date,subject\n2022-01-01,Microsoft Exchange\n", NULL, NULL), OK);
    assert_false(labels.cves);
    expect_day("Microsoft Exchange", 18993);
    labels_done(&labels);
}

static void bulk(void **state)
{
    static char text[64 * 1024];
    size_t n = (size_t)snprintf(text, sizeof text, "date,cve\n2022-01-01,CVE-2021-9999\n");
    (void)state;
    for (int i = 0; i <= LABEL_BULK; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "2022-01-02,CVE-2021-%d\n", 1000 + i);
    assert_int_equal(read_one(text, NULL, NULL), OK);
    assert_true(labels_bulk(&labels, 18994));
    assert_false(labels_bulk(&labels, 18993));
    labels_done(&labels);
}

static void bad_files(void **state)
{
    static const char *const texts[] = {
        "", "\n\n", "a,b\n1,2\n", "date,cve\n", "cve\nCVE-2021-1000\n", "date,cve\nx,y\n"};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        enum err rc = read_one(texts[i], NULL, NULL);
        if (strcmp(texts[i], "date,cve\n") == 0)
            assert_int_equal(rc, OK); /* no label is no mistake of the table */
        else
            assert_int_equal(rc, ERR_FORMAT);
        labels_done(&labels);
    }
    assert_int_equal(read_one("date,cve\n2022-01-01,CVE-2021-1000\n", "no", "cve"), ERR_FORMAT);
    labels_done(&labels);
}

static void map_text(void **state)
{
    struct label_map map;
    (void)state;
    assert_true(label_map_parse(STR("date=Date Added,subject=CVE"), &map));
    assert_str(map.date, "Date Added");
    assert_str(map.subject, "CVE");
    assert_false(label_map_parse(STR("when=x"), &map));
    assert_false(label_map_parse(STR("date="), &map));
    assert_false(label_map_parse(STR(""), &map));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns),        cmocka_unit_test(content),
        cmocka_unit_test(earliest),       cmocka_unit_test(the_same_again),
        cmocka_unit_test(other_subjects), cmocka_unit_test(bulk),
        cmocka_unit_test(bad_files),      cmocka_unit_test(map_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
