/* Which build holds, since when, and what comes on top of it. */
#include "exposure_test.h"

#define CVE "CVE-2021-1000"

static int make(void **state)
{
    (void)world_make(state);
    add_mail();
    world_open();
    return 0;
}

static void assert_answer(const char *state, const char *since, const char *other_until)
{
    assert_string_equal(asked_state("H", CVE), state);
    assert_date(world.told.since_us, since);
    assert_date(world.told.other_until_us, other_until);
}

/* The more recent one decides, in whatever order they come; a downgrade is one as well. */
static void test_recent(void **state)
{
    (void)state;
    see("H", "1.0.30.5", "2021-03-10");
    see("H", "1.0.30.1", "2021-03-20");
    see("H", "1.0.20.5", "2021-03-05");
    world_end();
    assert_answer("exposed", "2021-03-20", "2021-03-10");
    assert_not_because("otherwise");
}

static void test_patched(void **state)
{
    (void)state;
    see("H", "1.0.30.1", "2021-02-01");
    see("H", "1.0.30.1", "2021-03-03");
    see("H", "1.0.30.5", "2021-03-05");
    see("H", "1.0.30.6", "2021-04-14");
    world_end();
    assert_answer("fixed", "2021-03-05", "2021-03-03");
}

/* Patched, back to the old build, and patched again: it is the last time that counts. */
static void test_again(void **state)
{
    (void)state;
    see("H", "1.0.30.5", "2021-03-05");
    see("H", "1.0.30.1", "2021-03-10");
    see("H", "1.0.30.5", "2021-03-15");
    world_end();
    assert_answer("fixed", "2021-03-15", "2021-03-10");
}

/* A source that shows less and agrees leaves the more exact one standing. */
static void test_coarse_agrees(void **state)
{
    (void)state;
    see("H", "1.0.30.5", "2021-03-05");
    see_too("H", "1.0.30", "2021-03-10");
    see_too("H", "1.0", "2021-03-11");
    world_end();
    assert_answer("fixed", "2021-03-05", NULL);
    assert_int_equal(world.told.precision, PRECISION_SU);
    assert_str(world.told.source, "inventory");
}

/* One that shows less and disagrees is more recent, and decides. */
static void test_coarse_disagrees(void **state)
{
    (void)state;
    see("H", "1.0.20.5", "2021-03-05");
    see_too("H", "1.0.30", "2021-03-10");
    world_end();
    assert_answer("unknown", "2021-03-10", "2021-03-05");
    assert_int_equal(world.told.precision, PRECISION_CU);
}

/* What was not known is not "seen otherwise": neither state stretches over it. */
static void test_gap(void **state)
{
    (void)state;
    see("H", "1.0.20.1", "2021-02-01");
    see_too("H", "1.0.30", "2021-02-10");
    see("H", "1.0.30.1", "2021-02-20");
    world_end();
    assert_answer("exposed", "2021-02-20", NULL);
}

static void test_gap_before_fix(void **state)
{
    (void)state;
    see("H", "1.0.20.1", "2021-02-01");
    see_too("H", "1.0.30", "2021-03-10");
    see("H", "1.0.30.5", "2021-03-20");
    world_end();
    assert_answer("fixed", "2021-03-20", "2021-02-01");
}

/* Of one day the more exact one decides, whichever is later. */
static void test_same_day_exact(void **state)
{
    (void)state;
    see("H", "1.0.30.5", "2021-03-05T08:00:00Z");
    see_too("H", "1.0.20", "2021-03-05T18:00:00Z");
    world_end();
    assert_answer("fixed", "2021-03-05T08:00:00Z", NULL);
    assert_because("b.xml, 2021-03-05) says otherwise: 1.0.20");
}

/* Of one day and as exact: the later one. */
static void test_same_day_later(void **state)
{
    (void)state;
    see("H", "1.0.30.1", "2021-03-05T08:00:00Z");
    see_too("H", "1.0.30.5", "2021-03-05T18:00:00Z");
    world_end();
    assert_answer("fixed", "2021-03-05T18:00:00Z", "2021-03-05T08:00:00Z");
    assert_because("says otherwise: 1.0.30.1");
}

/* Of one time and as exact: the lower build, in whatever order. */
static void test_same_time_lower(void **state)
{
    (void)state;
    see("H", "1.0.30.1", "2021-03-05");
    see_too("H", "1.0.30.5", "2021-03-05");
    see("I", "1.0.30.5", "2021-03-05");
    see_too("I", "1.0.30.1", "2021-03-05");
    world_end();
    assert_string_equal(asked_state("H", CVE), "exposed");
    assert_because("says otherwise: 1.0.30.5");
    assert_string_equal(asked_state("I", CVE), "exposed");
    assert_because("says otherwise: 1.0.30.5");
}

/* A contradiction belongs to its day: who decides later has none. */
static void test_old_contradiction(void **state)
{
    (void)state;
    see("H", "1.0.30.1", "2021-03-05");
    see_too("H", "1.0.30.5", "2021-03-05");
    see("H", "1.0.30.6", "2021-05-01");
    world_end();
    assert_answer("fixed", "2021-05-01", "2021-03-05");
    assert_not_because("otherwise");
}

/* But it stays for as long as the same one decides. */
static void test_contradiction_stays(void **state)
{
    (void)state;
    see("H", "1.0.30.1", "2021-03-05");
    see_too("H", "1.0.30.5", "2021-03-05");
    see_too("H", "1.0.30", "2021-05-01");
    world_end();
    assert_string_equal(asked_state("H", CVE), "exposed");
    assert_because("says otherwise: 1.0.30.5");
}

/* Days end at midnight, also before 1970. */
static void test_days_before_1970(void **state)
{
    (void)state;
    see("H", "1.0.30.5", "1969-12-31T23:00:00Z");
    see_too("H", "1.0.20", "1970-01-01T01:00:00Z");
    see("I", "1.0.30.5", "1969-12-31T01:00:00Z");
    see_too("I", "1.0.20", "1969-12-31T23:00:00Z");
    world_end();
    assert_string_equal(asked_state("H", CVE), "unknown"); /* the day after, and more recent */
    assert_date(world.told.since_us, "1970-01-01T01:00:00Z");
    assert_date(world.told.other_until_us, "1969-12-31T23:00:00Z");
    assert_string_equal(asked_state("I", CVE), "fixed"); /* the same day, and more exact */
    assert_date(world.told.since_us, "1969-12-31T01:00:00Z");
}

/* Undated is older than all that have a date, and named where it says otherwise. */
static void test_undated(void **state)
{
    (void)state;
    see_too("H", "1.0.30.5", "1999-01-01");
    see("H", "1.0.20.1", NULL);
    world_end();
    assert_answer("fixed", "1999-01-01", NULL);
    assert_because("a.csv, undated) says otherwise: 1.0.20.1");
}

static void test_undated_agrees(void **state)
{
    (void)state;
    see("H", "1.0.30.5", NULL);
    see_too("H", "1.0.30.5", "2021-03-05");
    world_end();
    assert_not_because("otherwise");
    assert_answer("fixed", NULL, NULL); /* since before it had a date */
}

static void test_undated_alone(void **state)
{
    (void)state;
    see("H", "1.0.30.1", NULL);
    world_end();
    assert_answer("exposed", NULL, NULL);
}

/* Of two undated ones the more exact, then the lower build. */
static void test_two_undated(void **state)
{
    (void)state;
    see("H", "1.0.30.5", NULL);
    see_too("H", "1.0.30.1", NULL);
    see("I", "1.0.30.5", NULL);
    see_too("I", "1.0.20", NULL);
    world_end();
    assert_string_equal(asked_state("H", CVE), "exposed");
    assert_because("says otherwise: 1.0.30.5");
    assert_string_equal(asked_state("I", CVE), "fixed");
    assert_because("says otherwise: 1.0.20");
}

/* --- what comes on top --- */

static void see_setting(const char *date, bool off)
{
    observe((struct observation){.kind = OBSERVED_SETTING,
                                 .host = STR("H"),
                                 .what = STR("protection"),
                                 .build = {{-1, -1, -1, -1}},
                                 .off = off,
                                 .time_us = date_of(date),
                                 .source = STR("config"),
                                 .file = STR("c.txt")});
}

static void see_mitigation(const char *date, bool off)
{
    observe((struct observation){.kind = OBSERVED_MITIGATION,
                                 .host = STR("H"),
                                 .what = STR("M1"),
                                 .cve = STR(CVE),
                                 .build = {{-1, -1, -1, -1}},
                                 .off = off,
                                 .time_us = date_of(date),
                                 .source = STR("config"),
                                 .file = STR("c.txt")});
}

static int make_needing(void **state)
{
    (void)world_make(state);
    add_mail();
    for (size_t i = 0; i < 2; i++)
        world.fix[i].needs = STR("protection");
    world_open();
    return 0;
}

static void test_setting(void **state)
{
    (void)state;
    see("H", "1.0.30.5", "2021-03-05");
    world_end();
    assert_answer("fixed-if-configured", "2021-03-05", NULL);
    assert_because("needs protection as well, of which nothing was seen");
}

static void test_setting_on(void **state)
{
    (void)state;
    see("H", "1.0.30.5", "2021-03-05");
    see_setting("2021-03-08", false);
    see_setting("2021-03-09", false);
    world_end();
    assert_answer("fixed", "2021-03-08", NULL); /* from the first time that both were seen */
}

static void test_setting_off_again(void **state)
{
    (void)state;
    see("H", "1.0.30.5", "2021-03-05");
    see_setting("2021-03-08", false);
    see_setting("2021-03-20", true);
    see_setting("2021-03-25", true);
    world_end();
    assert_answer("exposed", "2021-03-20", "2021-03-08");
}

/* What the setting did before the fix was there does not make it fixed earlier. */
static void test_setting_before_fix(void **state)
{
    (void)state;
    see_setting("2021-01-01", false);
    see("H", "1.0.30.1", "2021-03-01");
    see("H", "1.0.30.5", "2021-03-05");
    world_end();
    assert_answer("fixed", "2021-03-05", "2021-03-01");
}

/* A setting does not help a build without the fix. */
static void test_setting_without_fix(void **state)
{
    (void)state;
    see("H", "1.0.30.1", "2021-03-05");
    see_setting("2021-03-08", false);
    world_end();
    assert_answer("exposed", "2021-03-05", NULL);
}

static void test_mitigation(void **state)
{
    (void)state;
    see("H", "1.0.30.1", "2021-03-01");
    see_mitigation("2021-03-04", false);
    see_mitigation("2021-03-06", false);
    world_end();
    assert_answer("mitigated", "2021-03-04", "2021-03-01");
}

/* Configuration has no date of its own: since when is not known. */
static void test_mitigation_undated(void **state)
{
    (void)state;
    see("H", "1.0.30.1", "2021-03-01");
    see_mitigation(NULL, false);
    world_end();
    assert_answer("mitigated", NULL, NULL);
}

static void test_mitigation_gone(void **state)
{
    (void)state;
    see("H", "1.0.30.1", "2021-03-01");
    see_mitigation("2021-03-04", false);
    see_mitigation("2021-03-06", true);
    world_end();
    assert_string_equal(asked_state("H", CVE), "exposed");
    assert_because("only in part, or undone");
}

/* Never fixed, nor of a fixed one. */
static void test_mitigation_of_fixed(void **state)
{
    (void)state;
    see("H", "1.0.30.5", "2021-03-05");
    see_mitigation("2021-03-06", false);
    world_end();
    assert_answer("fixed", "2021-03-05", NULL);
}

/* A scanner that met the hole knows more than a coarse source. */
static void test_scanner_coarse(void **state)
{
    (void)state;
    see("H", "1.0.30", "2021-03-05");
    observe_cve(OBSERVED_OPEN, "H", "CVE-2021-9", "2021-03-06"); /* another hole */
    observe_cve(OBSERVED_OPEN, "H", CVE, "2021-03-07");
    observe_cve(OBSERVED_OPEN, "H", CVE, "2021-03-09");
    world_end();
    assert_answer("exposed", "2021-03-07", NULL);
    assert_because("a scanner found it vulnerable");
}

/* And than a build seen earlier; that the host counted as fixed then is the other state. */
static void test_scanner_later(void **state)
{
    (void)state;
    see("H", "1.0.30.5", "2021-03-05");
    observe_cve(OBSERVED_OPEN, "H", CVE, "2021-03-07");
    world_end();
    assert_answer("exposed", "2021-03-07", "2021-03-05");
}

/* Not than one seen later; of one time it counts. */
static void test_scanner_earlier(void **state)
{
    (void)state;
    observe_cve(OBSERVED_OPEN, "H", CVE, "2021-03-01");
    see("H", "1.0.30.5", "2021-03-05");
    see("I", "1.0.30.5", "2021-03-05");
    observe_cve(OBSERVED_OPEN, "I", CVE, "2021-03-05");
    world_end();
    assert_answer("fixed", "2021-03-05", NULL);
    assert_because("a scanner found it vulnerable");
    assert_string_equal(asked_state("I", CVE), "exposed");
}

/* It clears nobody. */
static void test_scanner_clears_nobody(void **state)
{
    (void)state;
    see("H", "1.0.30.1", "2021-03-05");
    observe_cve(OBSERVED_CLOSED, "H", CVE, "2021-03-07");
    see("I", "1.0.30", "2021-03-05");
    observe_cve(OBSERVED_CLOSED, "I", CVE, "2021-03-07");
    world_end();
    assert_answer("exposed", "2021-03-05", NULL);
    assert_string_equal(asked_state("I", CVE), "unknown");
}

/* But takes back what it said itself. */
static void test_scanner_twice(void **state)
{
    (void)state;
    see("H", "1.0.30", "2021-03-05");
    observe_cve(OBSERVED_OPEN, "H", CVE, "2021-03-07");
    observe_cve(OBSERVED_CLOSED, "H", CVE, "2021-03-09");
    world_end();
    assert_answer("unknown", "2021-03-05", NULL);
    assert_because("a scanner did not find it vulnerable");
}

/* A host of which only a scanner speaks, and only of that hole. */
static void test_scanner_alone(void **state)
{
    (void)state;
    observe_cve(OBSERVED_OPEN, "H", CVE, "2021-03-07");
    observe_cve(OBSERVED_CLOSED, "I", CVE, "2021-03-07");
    world_end();
    assert_answer("exposed", "2021-03-07", NULL);
    assert_int_equal(world.told.product.n, 0);
    assert_string_equal(asked_state("I", CVE), "unknown");
}

/* Where the setting decides, what a scanner met later than the build decides that. */
static void test_scanner_and_setting(void **state)
{
    (void)state;
    see("H", "1.0.30.5", "2021-03-05");
    observe_cve(OBSERVED_OPEN, "H", CVE, "2021-03-05");
    see("I", "1.0.30.5", "2021-03-05");
    observe_cve(OBSERVED_OPEN, "I", CVE, "2021-02-01");
    world_end();
    assert_answer("exposed", "2021-03-05", NULL);
    assert_string_equal(asked_state("I", CVE), "fixed-if-configured");
}

/* Both were right: the setting came after the scan. */
static void test_scanner_then_setting(void **state)
{
    (void)state;
    see("H", "1.0.30.5", "2021-03-05");
    observe_cve(OBSERVED_OPEN, "H", CVE, "2021-03-07");
    see_setting("2021-03-10", false);
    world_end();
    assert_answer("fixed", "2021-03-10", NULL);
}

/* Two states of one day: neither was seen before the other. */
static void test_other_is_earlier(void **state)
{
    (void)state;
    see("H", "1.0.30.5", "2021-03-05T08:00:00Z");
    see_too("H", "1.0.10", "2021-03-05T18:00:00Z");
    world_end();
    assert_answer("fixed", "2021-03-05T08:00:00Z", NULL);
}

/* --- as of a day --- */

static void test_as_of(void **state)
{
    (void)world_make(state);
    add_mail();
    world.options.as_of_us = date_of("2021-03-08");
    world_open();
    see("H", "1.0.30.1", "2021-03-08T23:00:00Z"); /* the day counts to its end */
    see("H", "1.0.30.5", "2021-03-09");
    see_mitigation("2021-03-10", false);
    see("LATER", "1.0.30.5", "2021-03-09");
    world_end();
    assert_answer("exposed", "2021-03-08T23:00:00Z", NULL);
    assert_string_equal(asked_state("LATER", CVE), "none");
    struct exposure_count c;
    exposure_counts(world.run, &c);
    assert_int_equal(c.hosts, 2);
    assert_int_equal(c.open_hosts, 1);
    assert_int_equal(c.unknown_hosts, 1); /* nobody had seen the other one yet */
}

/* A hole that was published later was not known. */
static void test_as_of_published(void **state)
{
    (void)world_make(state);
    add_mail();
    world.options.as_of_us = date_of("2021-03-01");
    world_open();
    see("H", "1.0.30.1", "2021-02-01");
    world_end();
    assert_string_equal(asked_state("H", CVE), "none");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, world_drop)
#define TEST_NEEDING(name) cmocka_unit_test_setup_teardown(name, make_needing, world_drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_recent),
        TEST(test_patched),
        TEST(test_again),
        TEST(test_coarse_agrees),
        TEST(test_coarse_disagrees),
        TEST(test_gap),
        TEST(test_gap_before_fix),
        TEST(test_same_day_exact),
        TEST(test_same_day_later),
        TEST(test_same_time_lower),
        TEST(test_old_contradiction),
        TEST(test_contradiction_stays),
        TEST(test_days_before_1970),
        TEST(test_undated),
        TEST(test_undated_agrees),
        TEST(test_undated_alone),
        TEST(test_two_undated),
        TEST_NEEDING(test_setting),
        TEST_NEEDING(test_setting_on),
        TEST_NEEDING(test_setting_off_again),
        TEST_NEEDING(test_setting_before_fix),
        TEST_NEEDING(test_setting_without_fix),
        TEST(test_mitigation),
        TEST(test_mitigation_undated),
        TEST(test_mitigation_gone),
        TEST(test_mitigation_of_fixed),
        TEST(test_scanner_coarse),
        TEST(test_scanner_later),
        TEST(test_scanner_earlier),
        TEST(test_scanner_clears_nobody),
        TEST(test_scanner_twice),
        TEST(test_scanner_alone),
        TEST_NEEDING(test_scanner_and_setting),
        TEST_NEEDING(test_scanner_then_setting),
        TEST(test_other_is_earlier),
        cmocka_unit_test_teardown(test_as_of, world_drop),
        cmocka_unit_test_teardown(test_as_of_published, world_drop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
