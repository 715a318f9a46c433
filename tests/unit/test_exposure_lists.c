/* The two lists that a user brings: risks that somebody answers for, and CISA's. */
#include "exposure/accepted.h"
#include "exposure/kev.h"
#include "exposure_test.h"

static struct arena arena;
static struct error error;
static struct accepted_risk *risk;
static size_t n_risks;

static int make(void **state)
{
    arena_init(&arena, 1 << 26);
    error = (struct error){0};
    return world_make(state);
}

static int drop(void **state)
{
    arena_done(&arena);
    return world_drop(state);
}

/* --- accepted risks --- */

static enum err read_risks(const char *text)
{
    error = (struct error){0};
    risk = NULL;
    n_risks = 0;
    return accepted_read(str_of(text), STR("risks.csv"), &arena, &risk, &n_risks, &error);
}

/* Columns in any order, others beside them; quotes, empty lines, no last line break. */
static void test_rows(void **state)
{
    (void)state;
    assert_int_equal(read_risks("ticket,until,host,reason,owner,of\r\n"
                                "7,2021-04-30,EX01,\"old, and alone\",mail team,CVE-2021-1000\r\n"
                                ",2021-05-01T12:00:00Z,*,because,o,*"),
                     OK);
    assert_int_equal(n_risks, 2);
    assert_str(risk[0].host, "EX01");
    assert_str(risk[0].of, "CVE-2021-1000");
    assert_str(risk[0].owner, "mail team");
    assert_str(risk[0].reason, "old, and alone");
    assert_date(risk[0].until_us, "2021-04-30");
    assert_str(risk[1].host, "*");
    assert_date(risk[1].until_us, "2021-05-01T12:00:00Z");
    assert_int_equal(read_risks("host,of,owner,reason,until\n"), OK);
    assert_int_equal(n_risks, 0);
}

/* The first row that is no acceptance fails the file, with its line. */
static void test_refused(void **state)
{
    (void)state;
    static const struct {
        const char *row, *says;
    } cases[] = {
        {",*,o,r,2021-04-30", "one is missing"},
        {"h,,o,r,2021-04-30", "one is missing"},
        {"h,*,,r,2021-04-30", "one is missing"},
        {"h,*,o,,2021-04-30", "one is missing"},
        {"h,*,o, ,2021-04-30", "one is missing"},
        {"h,*,o,r,", "not accepted for ever"},
        {"h,*,o,r,never", "not accepted for ever"},
        {"h,*,o,r,30.4.2021", "not accepted for ever"},
        {"h,*,o,r,2021-02-30", "not accepted for ever"},
        {"h,*,o", "one is missing"},
        {"h,*,o,r,\"2021-04-30", "cannot be read"},
    };
    char text[256];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        (void)snprintf(text, sizeof text, "host,of,owner,reason,until\nh,*,o,r,2021-04-30\n%s\n",
                       cases[i].row);
        enum err rc = read_risks(text);
        bool placed = strcmp(error.input, "risks.csv") == 0 && error.offset == 3;
        if (rc >= 0 || !strstr(error.text, cases[i].says) || !placed)
            fail_msg("%s: %d %s", cases[i].row, rc, error.text);
    }
}

/* No column can be guessed. */
static void test_header(void **state)
{
    (void)state;
    static const char *const columns[] = {"host", "of", "owner", "reason", "until"};
    for (size_t i = 0; i < ARRAY_LEN(columns); i++) {
        const char *c[ARRAY_LEN(columns)];
        char text[256];
        for (size_t k = 0; k < ARRAY_LEN(columns); k++)
            c[k] = k == i ? "other" : columns[k];
        (void)snprintf(text, sizeof text, "%s,%s,%s,%s,%s\n", c[0], c[1], c[2], c[3], c[4]);
        assert_true(read_risks(text) < 0);
        assert_non_null(strstr(error.text, columns[i]));
    }
    assert_true(read_risks("") < 0);
    assert_non_null(strstr(error.text, "no header"));
}

/* --- CISA's list --- */

static struct tables tables;
static struct kev_told told;

static enum err read_kev(const char *text)
{
    error = (struct error){0};
    return kev_add(&tables, str_of(text), STR("kev.json"), &arena, &told, &error);
}

static int make_tables(void **state)
{
    (void)make(state);
    add_mail();
    struct cve_fact *f = add_fact("CVE-2021-1000", "2021-03-02");
    f->kev_added_us = date_of("2021-11-03");
    f->kev_ransomware = STR("Known");
    f = add_fact("CVE-2021-2000", "2021-03-02");
    f->kev_added_us = date_of("2021-12-01");
    (void)add_fact("CVE-2021-3000", "2021-03-02");
    assert_int_equal(tables_make(world.dossier, 2, &arena, &tables), OK);
    return 0;
}

static const struct table_cve *cve(const char *id)
{
    int i = tables_cve(&tables, str_of(id));
    assert_true(i >= 0);
    return &tables.cve[i];
}

/* What the list says replaces what the dossiers say; what it does not say does not. */
static void test_kev(void **state)
{
    (void)state;
    assert_int_equal(
        read_kev("{\"title\": \"x\", \"vulnerabilities\": ["
                 "{\"cveID\": \"CVE-2021-1000\", \"dateAdded\": \"2021-11-04\", "
                 "\"dueDate\": \"2021-11-17\", \"knownRansomwareCampaignUse\": \"Unknown\"},"
                 "{\"cveID\": \"CVE-2021-3000\", \"dateAdded\": \"2022-01-01\", "
                 "\"knownRansomwareCampaignUse\": \"Known\"},"
                 "{\"cveID\": \"CVE-1999-1\", \"dateAdded\": \"2022-01-01\"}]}"),
        OK);
    assert_int_equal(told.left_out, 0);
    assert_int_equal(told.foreign, 1);
    assert_date(cve("CVE-2021-1000")->kev_us, "2021-11-04");
    assert_date(cve("CVE-2021-1000")->due_us, "2021-11-17");
    assert_false(cve("CVE-2021-1000")->ransomware);
    assert_date(cve("CVE-2021-2000")->kev_us, "2021-12-01"); /* not in this copy: still listed */
    assert_date(cve("CVE-2021-3000")->kev_us, "2022-01-01");
    assert_date(cve("CVE-2021-3000")->due_us, NULL);
    assert_true(cve("CVE-2021-3000")->ransomware);
}

/* Older copies have no word on ransomware. */
static void test_kev_without_ransomware(void **state)
{
    (void)state;
    assert_int_equal(read_kev("{\"vulnerabilities\": [{\"cveID\": \"CVE-2021-1000\", "
                              "\"dateAdded\": \"2021-11-03\"}]}"),
                     OK);
    assert_true(cve("CVE-2021-1000")->ransomware);
}

/* Entries without a CVE or a date are counted, and the rest is taken. */
static void test_kev_damaged(void **state)
{
    (void)state;
    assert_int_equal(
        read_kev("{\"vulnerabilities\": [{\"dateAdded\": \"2021-11-04\"}, 7, null, \"x\", [],"
                 "{\"cveID\": \"CVE-2021-3000\"},"
                 "{\"cveID\": \"CVE-2021-3000\", \"dateAdded\": \"soon\"},"
                 "{\"cveID\": \"CVE-2021-3000\", \"dateAdded\": \"2021-13-01\"},"
                 "{\"cveID\": \"CVE-2021-2000\", \"dateAdded\": \"2021-11-05T00:00:00Z\", "
                 "\"dueDate\": \"never\"}]}"),
        OK);
    assert_int_equal(told.left_out, 8);
    assert_date(cve("CVE-2021-3000")->kev_us, NULL);
    assert_date(cve("CVE-2021-2000")->kev_us, "2021-11-05");
    assert_date(cve("CVE-2021-2000")->due_us, NULL);
}

static void test_no_kev(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "{}",
                                        "[]",
                                        "{\"vulnerabilities\": ",
                                        "7",
                                        "{\"vulnerabilities\": null}",
                                        "{\"vulnerabilities\": 7}"};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (read_kev(texts[i]) >= 0)
            fail_msg("taken: %s", texts[i]);
    assert_int_equal(read_kev("{\"vulnerabilities\": []}"), OK);
    assert_int_equal(told.left_out, 0);
}

/* On an earlier day it was not listed yet. */
static void test_kev_as_of(void **state)
{
    (void)state;
    static const struct {
        const char *as_of;
        bool listed;
    } cases[] = {{"2021-11-02", false}, {"2021-11-03", true}, {NULL, true}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        world.options.kev = STR("{\"vulnerabilities\": [{\"cveID\": \"CVE-2021-1000\", "
                                "\"dateAdded\": \"2021-11-03\", \"dueDate\": \"2021-11-17\", "
                                "\"knownRansomwareCampaignUse\": \"Known\"}]}");
        world.options.kev_name = STR("kev.json");
        world.options.as_of_us = date_of(cases[i].as_of);
        world_open();
        see("H", "1.0.30.1", "2021-03-05");
        world_end();
        assert_string_equal(asked_state("H", "CVE-2021-1000"), "exposed");
        assert_date(world.told.kev_us, cases[i].listed ? "2021-11-03" : NULL);
        assert_date(world.told.due_us, cases[i].listed ? "2021-11-17" : NULL);
        assert_int_equal(world.told.ransomware, cases[i].listed);
        (void)world_drop(state);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)
#define TEST_KEV(name) cmocka_unit_test_setup_teardown(name, make_tables, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_rows),
        TEST(test_refused),
        TEST(test_header),
        TEST_KEV(test_kev),
        TEST_KEV(test_kev_without_ransomware),
        TEST_KEV(test_kev_damaged),
        TEST_KEV(test_no_kev),
        TEST_KEV(test_kev_as_of),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
