/* How much of the fleet is open, over time as well, and the window of each host. */
#include "exposure_test.h"

#include <math.h>

#define CVE "CVE-2021-1000"

static struct exposure_share share[256];
static struct exposure_window window[64];
static size_t n_shares, n_windows;

static void see_forge(const char *host, const char *build, const char *date)
{
    struct observation o = seen_build(host, build, date);
    o.product = STR("Forge");
    observe(o);
}

static int make(void **state)
{
    (void)world_make(state);
    add_mail();
    add_affair("2021-01-03", CVE, NULL);
    return 0;
}

static enum err on_share(void *ctx, const struct exposure_share *s)
{
    (void)ctx;
    assert_true(n_shares < ARRAY_LEN(share));
    share[n_shares++] = *s;
    return OK;
}

static enum err on_window(void *ctx, const struct exposure_window *w)
{
    (void)ctx;
    assert_true(n_windows < ARRAY_LEN(window));
    window[n_windows++] = *w;
    return OK;
}

static void tell(void)
{
    world_end();
    n_shares = n_windows = 0;
    assert_int_equal(exposure_each_share(world.run, on_share, NULL), OK);
    assert_int_equal(exposure_each_window(world.run, on_window, NULL), OK);
}

/* NULL if there is no such row. day: NULL for now. */
static const struct exposure_share *find(const char *of, const char *part, const char *name,
                                         const char *day)
{
    const struct exposure_share *found = NULL;
    for (size_t i = 0; i < n_shares; i++)
        if (str_eq(share[i].of, str_of(of)) && strcmp(share[i].part, part) == 0 &&
            str_eq(share[i].name, name ? str_of(name) : STR_NONE) &&
            share[i].time_us == date_of(day)) {
            assert_null(found); /* one row each */
            found = &share[i];
        }
    return found;
}

/* In the order of the states: exposed, mitigated, fixed if configured, unknown, fixed. */
static void assert_counts(const struct exposure_share *s, const uint64_t want[EXPOSURE_STATES])
{
    assert_non_null(s);
    for (int i = 0; i < EXPOSURE_STATES; i++)
        if (s->n[i] != want[i])
            fail_msg("%s: %llu, not %llu", exposure_state_name((enum exposure_state)i),
                     (unsigned long long)s->n[i], (unsigned long long)want[i]);
}
#define COUNTS(...) ((const uint64_t[EXPOSURE_STATES]){__VA_ARGS__})

/* Exposed, of those whose state is known; what is not known stands beside it. */
static void test_open(void **state)
{
    (void)state;
    struct exposure_share s = {.n = {1, 0, 0, 8, 1}};
    assert_near(exposure_share_open(&s), 0.5, 1e-12);
    s = (struct exposure_share){.n = {1, 1, 1, 8, 1}};
    assert_near(exposure_share_open(&s), 0.25, 1e-12);
    s = (struct exposure_share){.n = {0, 0, 0, 8, 0}};
    assert_true(isnan(exposure_share_open(&s)));
    s = (struct exposure_share){.n = {0}};
    assert_true(isnan(exposure_share_open(&s)));
    s = (struct exposure_share){.n = {UINT32_MAX, 0, 0, 0, UINT32_MAX}};
    assert_near(exposure_share_open(&s), 0.5, 1e-12);
}

static void see_part(const char *host, const char *build, const char *site, const char *owner,
                     enum facing facing)
{
    struct observation o = seen_build(host, build, "2021-03-01");
    o.site = str_of(site);
    o.owner = str_of(owner);
    o.facing = facing;
    observe(o);
}

static void test_parts(void **state)
{
    (void)state;
    world_open();
    see_part("A", "1.0.30.1", "Bern", "mail", FACING_INTERNET);
    see_part("B", "1.0.30.5", "Bern", "web", FACING_INSIDE);
    see_part("C", "1.0.30", "Basel", "mail", FACING_INSIDE);
    see_part("D", "1.0.30.5", "", "", FACING_UNKNOWN);
    tell();
    assert_counts(find("storm", "fleet", NULL, NULL), COUNTS(1, 0, 0, 1, 2));
    assert_counts(find(CVE, "fleet", NULL, NULL), COUNTS(1, 0, 0, 1, 2));
    assert_counts(find("storm", "site", "Bern", NULL), COUNTS(1, 0, 0, 0, 1));
    assert_counts(find("storm", "site", "Basel", NULL), COUNTS(0, 0, 0, 1, 0));
    assert_counts(find("storm", "owner", "mail", NULL), COUNTS(1, 0, 0, 1, 0));
    assert_counts(find("storm", "owner", "web", NULL), COUNTS(0, 0, 0, 0, 1));
    assert_counts(find("storm", "facing", "internet", NULL), COUNTS(1, 0, 0, 0, 0));
    assert_counts(find("storm", "facing", "inside", NULL), COUNTS(0, 0, 0, 1, 1));
    assert_null(find("storm", "site", NULL, NULL)); /* D is of no part */
    assert_int_equal(n_shares, 8);
    assert_true(share[0].affair);
}

/* Nothing was seen: there is nothing to count, and no share of nothing. */
static void test_empty_fleet(void **state)
{
    (void)state;
    world_open();
    tell();
    assert_int_equal(n_shares + n_windows, 0);
}

/* For an affair the worst of its holes counts. */
static void test_worst(void **state)
{
    (void)state;
    add_fix("CVE-2021-2000", "Mail 1", "1.0.30.9", "2021-04-13");
    add_affair("2021-01-03", CVE, "CVE-2021-2000");
    world_open();
    see("A", "1.0.30.5", "2021-03-05"); /* one of two */
    see("B", "1.0.30.9", "2021-05-05");
    see("C", "1.0.30", "2021-05-05");
    see("D", "1.0.20.5", "2021-05-05"); /* fixed, and of a line that the other fix left out */
    tell();
    assert_counts(find("storm", "fleet", NULL, NULL), COUNTS(2, 0, 0, 1, 1));
}

static const struct accepted_risk risks[] = {
    {STR("A"), STR(CVE), STR("o"), STR("r"), INT64_MAX},
    {STR("B"), STR("storm"), STR("o"), STR("r"), INT64_MAX},
    {STR("C"), STR("*"), STR("o"), STR("r"), INT64_MAX},
    {STR("E"), STR("another"), STR("o"), STR("r"), INT64_MAX},
};

/* An accepted risk is open, and counted beside; of an affair only if each of its holes is. */
static void test_accepted(void **state)
{
    (void)state;
    struct exposure_count c;
    add_fix("CVE-2021-2000", "Mail 1", "1.0.30.9", "2021-04-13");
    add_affair("2021-01-03", CVE, "CVE-2021-2000");
    world.options.accepted = risks;
    world.options.n_accepted = ARRAY_LEN(risks);
    world_open();
    see("A", "1.0.30.1", "2021-03-05");
    see("B", "1.0.30.1", "2021-03-05");
    see("C", "1.0.30.1", "2021-03-05");
    see("D", "1.0.30.1", "2021-03-05");
    see("E", "1.0.30.1", "2021-03-05");
    tell();
    assert_counts(find("storm", "fleet", NULL, NULL), COUNTS(5, 0, 0, 0, 0));
    assert_int_equal(find("storm", "fleet", NULL, NULL)->accepted, 2);
    assert_int_equal(find(CVE, "fleet", NULL, NULL)->accepted, 3);
    assert_int_equal(find("CVE-2021-2000", "fleet", NULL, NULL)->accepted, 2);
    exposure_counts(world.run, &c);
    assert_int_equal(c.accepted, 5);
    assert_int_equal(c.open_hosts, 3);
}

/* A day lasts until its end; what ended before is not accepted any more. */
static void test_accepted_until(void **state)
{
    static const struct {
        const char *until, *now;
        bool accepted;
    } cases[] = {
        {"2021-04-30", "2021-04-29", true},
        {"2021-04-30", "2021-04-30", true},
        {"2021-04-30", "2021-04-30T23:59:59Z", true},
        {"2021-04-30", "2021-05-01", false},
        {"2021-04-30T12:00:00Z", "2021-04-30T11:59:59Z", true},
        {"2021-04-30T12:00:00Z", "2021-04-30T12:00:01Z", false},
        {"1969-04-30", "1969-04-30T12:00:00Z", true},
        {"1969-04-30", "1969-05-01", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct accepted_risk risk = {STR("h"), STR("*"), STR("o"), STR("r"),
                                     date_of(cases[i].until)};
        (void)make(state);
        world.options.accepted = &risk;
        world.options.n_accepted = 1;
        world.options.now_us = date_of(cases[i].now);
        world_open();
        see("H", "1.0.30.1", "1969-01-01");
        tell();
        assert_string_equal(asked_state("H", CVE), "exposed");
        if ((world.told.accepted_by.n > 0) != cases[i].accepted)
            fail_msg("%s on %s", cases[i].until, cases[i].now);
        (void)world_drop(state);
    }
}

/* Whoever accepts for a host means it by each of its names; nobody is accepted by mistake. */
static void test_accepted_names(void **state)
{
    (void)state;
    world.options.accepted = risks;
    world.options.n_accepted = ARRAY_LEN(risks);
    world_open();
    see("a", "1.0.30.1", "2021-03-05");
    see("A.corp.example", "1.0.30.1", "2021-03-05");
    see("b.one.example", "1.0.30.1", "2021-03-05");
    see("B.two.example", "1.0.30.1", "2021-03-05");
    see("B", "1.0.30.1", "2021-03-05");
    tell();
    assert_string_equal(asked_state("A.corp.example", CVE), "exposed");
    assert_str(world.told.accepted_by, "o");
    assert_string_equal(asked_state("B", CVE), "exposed");
    assert_str(world.told.accepted_by, "o");
    assert_string_equal(asked_state("b.one.example", CVE), "exposed");
    assert_int_equal(world.told.accepted_by.n, 0);
}

static void assert_window(const char *host, enum exposure_state state, const char *until,
                          const char *open, bool certain)
{
    const struct exposure_window *w = NULL;
    for (size_t i = 0; i < n_windows; i++)
        if (str_eq(window[i].host, str_of(host)))
            w = &window[i];
    assert_non_null(w);
    assert_str(w->matter, "storm");
    assert_int_equal(w->state, state);
    assert_date(w->from_us, "2021-01-03");
    assert_date(w->until_us, until);
    assert_date(w->open_us, open);
    if ((w->because.n == 0) != certain)
        fail_msg("%s: %.*s", host, STR_FMT(w->because));
}

/* --- over time --- */

static void test_course(void **state)
{
    (void)state;
    world_open();
    see("A", "1.0.30.1", "2021-03-01");
    see("A", "1.0.30.5", "2021-03-04T10:00:00Z");
    see("B", "1.0.30.1", NULL);
    see("B", "1.0.30.5", "2021-03-04T20:00:00Z");
    see("C", "1.0.30.5", "2021-03-05");
    see("C", "1.0.30.5", "2021-03-09"); /* nothing changed */
    tell();
    assert_counts(find("storm", "fleet", NULL, "2021-03-01"), COUNTS(2, 0, 0, 0, 0));
    assert_counts(find("storm", "fleet", NULL, "2021-03-04"), COUNTS(0, 0, 0, 0, 2));
    assert_counts(find("storm", "fleet", NULL, "2021-03-05"), COUNTS(0, 0, 0, 0, 3));
    assert_null(find("storm", "fleet", NULL, "2021-03-09"));
    assert_int_equal(n_shares, 5); /* now, of the affair and the CVE; and three days */
}

/* A single day is no course. */
static void test_no_course(void **state)
{
    (void)state;
    world_open();
    see("A", "1.0.30.1", "2021-03-01");
    see("B", "1.0.30.5", "2021-03-01T20:00:00Z");
    tell();
    assert_int_equal(n_shares, 2);
}

static void test_course_before_1970(void **state)
{
    (void)state;
    world_open();
    see("A", "1.0.30.1", "1969-12-30T12:00:00Z");
    see("A", "1.0.30.5", "1969-12-31T12:00:00Z");
    see("B", "1.0.30.5", "1970-01-01T12:00:00Z");
    tell();
    assert_counts(find("storm", "fleet", NULL, "1969-12-30"), COUNTS(1, 0, 0, 0, 0));
    assert_counts(find("storm", "fleet", NULL, "1969-12-31"), COUNTS(0, 0, 0, 0, 1));
    assert_counts(find("storm", "fleet", NULL, "1970-01-01"), COUNTS(0, 0, 0, 0, 2));
}

/* What a scanner met counts from the day on which it met it. */
static void test_course_of_scanner(void **state)
{
    (void)state;
    world_open();
    see("A", "1.0.30.5", "2021-03-01");
    observe_cve(OBSERVED_OPEN, "A", CVE, "2021-03-07");
    see("B", "1.0.30.5", "2021-03-10");
    tell();
    assert_counts(find("storm", "fleet", NULL, "2021-03-01"), COUNTS(0, 0, 0, 0, 1));
    assert_counts(find("storm", "fleet", NULL, "2021-03-07"), COUNTS(1, 0, 0, 0, 0));
    assert_counts(find("storm", "fleet", NULL, "2021-03-10"), COUNTS(1, 0, 0, 0, 1));
}

/* And what it met of several holes, from the first of them on. */
static void test_course_of_scanners(void **state)
{
    (void)state;
    add_fix("CVE-2021-2000", "Mail 1", "1.0.30.5", "2021-03-02");
    add_affair("2021-01-03", CVE, "CVE-2021-2000");
    world_open();
    see("A", "1.0.30.5", "2021-03-01");
    observe_cve(OBSERVED_OPEN, "A", CVE, "2021-03-07");
    observe_cve(OBSERVED_OPEN, "A", "CVE-2021-2000", "2021-03-05");
    tell();
    assert_counts(find("storm", "fleet", NULL, "2021-03-01"), COUNTS(0, 0, 0, 0, 1));
    assert_counts(find("storm", "fleet", NULL, "2021-03-05"), COUNTS(1, 0, 0, 0, 0));
    assert_null(find("storm", "fleet", NULL, "2021-03-07"));
}

/* Two products of one host that have the hole: a host is one host, as bad as its worse product. */
static void test_two_products(void **state)
{
    (void)state;
    add_product("Forge", "1.0.0", "100.0.0")->line_parts = 2;
    add_release("Forge", "13.8.8", "13.8.8", "2021-03-02");
    add_fix(CVE, "Forge", "13.8.8", "2021-03-02");
    world_open();
    see("A", "1.0.30.1", "2021-03-01");
    see("A", "1.0.30.5", "2021-03-05");
    see_forge("A", "13.8.7", "2021-03-03");
    see_forge("A", "13.8.8", "2021-03-10");
    see("B", "1.0.30.1", "2021-03-12");
    see_forge("B", "13.8.8", "2021-03-01");
    tell();
    assert_counts(find("storm", "fleet", NULL, NULL), COUNTS(1, 0, 0, 0, 1));
    assert_counts(find("storm", "fleet", NULL, "2021-03-01"), COUNTS(1, 0, 0, 0, 1));
    assert_null(find("storm", "fleet", NULL, "2021-03-03"));
    assert_null(find("storm", "fleet", NULL, "2021-03-05"));
    assert_counts(find("storm", "fleet", NULL, "2021-03-10"), COUNTS(0, 0, 0, 0, 2));
    assert_counts(find("storm", "fleet", NULL, "2021-03-12"), COUNTS(1, 0, 0, 0, 1));
    assert_int_equal(n_windows, 2);
    assert_window("A", EXPOSURE_FIXED, "2021-03-10", "2021-03-03", true);
    assert_window("B", EXPOSURE_EXPOSED, NULL, "2021-03-12", true);
}

/* The last day of a course is what the fleet is now. */
static void test_course_ends_now(void **state)
{
    static const char *const builds[] = {"1.0.10.1", "1.0.20", "1.0.20.5", "1.0.30.1", "1.0.30.5"};
    unsigned seed = 7;
    (void)state;
    for (int round = 0; round < 20; round++) {
        (void)make(state);
        world_open();
        for (int i = 0; i < 40; i++) {
            char host[8], day[16];
            seed = seed * 1103515245u + 12345u;
            (void)snprintf(host, sizeof host, "h%u", seed >> 16 & 7);
            (void)snprintf(day, sizeof day, "2021-03-%02u", 1 + (seed >> 20) % 28);
            observe(seen_build(host, builds[(seed >> 24) % 5], i % 9 ? day : NULL));
        }
        tell();
        const struct exposure_share *now = find("storm", "fleet", NULL, NULL), *last = NULL;
        for (size_t i = 0; i < n_shares; i++)
            if (share[i].time_us != TIME_NONE)
                last = &share[i];
        assert_non_null(last);
        assert_counts(last, now->n);
        for (size_t i = 0; i < n_shares; i++)
            for (int k = 0; k < EXPOSURE_STATES; k++)
                assert_true(share[i].n[k] <= 8); /* and no count ever below none */
        (void)world_drop(state);
    }
}

/* --- order and size --- */

/* The affair, its CVEs by what CISA lists, by number, by name; then the parts. */
static void test_order(void **state)
{
    (void)state;
    add_fix("CVE-2021-0003", "Mail 1", "1.0.30.5", "2021-03-02");
    add_fix("CVE-2021-0002", "Mail 1", "1.0.30.5", "2021-03-02");
    add_fix("CVE-2021-0001", "Mail 1", "1.0.30.2", "2021-03-02");
    add_fact(CVE, "2021-03-02")->kev_added_us = date_of("2021-11-03");
    world_open();
    see_part("A", "1.0.30.2", "b", "", FACING_UNKNOWN);
    see_part("B", "1.0.30.2", "a", "", FACING_UNKNOWN);
    tell();
    static const char *const want[] = {"storm",         CVE,     "CVE-2021-0002", "CVE-2021-0003",
                                       "CVE-2021-0001", "storm", "storm"};
    assert_int_equal(n_shares, ARRAY_LEN(want));
    for (size_t i = 0; i < n_shares; i++)
        assert_str(share[i].of, want[i]);
    assert_str(share[5].name, "a");
    assert_str(share[6].name, "b");
}

/* More hosts than 32 bits count. */
static void test_large(void **state)
{
    (void)state;
    world_open();
    struct shares *s = &world.run->shares;
    uint32_t cve = (uint32_t)tables_cve(&world.run->tables, STR(CVE));
    s->by_cve[cve].n[EXPOSURE_EXPOSED] = UINT32_MAX;
    s->by_cve[cve].accepted = UINT32_MAX;
    shares_add(s, cve, EXPOSURE_EXPOSED, true);
    shares_add(s, cve, EXPOSURE_FIXED, true); /* nobody accepts what is fixed */
    tell();
    const struct exposure_share *row = find(CVE, "fleet", NULL, NULL);
    assert_counts(row, COUNTS((uint64_t)UINT32_MAX + 1, 0, 0, 0, 1));
    assert_true(row->accepted == (uint64_t)UINT32_MAX + 1);
}

/* --- windows --- */

static void test_windows(void **state)
{
    (void)state;
    world_open();
    see("CLOSED", "1.0.30.1", "2021-02-01");
    see("CLOSED", "1.0.30.5", "2021-03-05");
    see("OPEN", "1.0.30.1", "2021-02-01");
    see("OPEN", "1.0.30.1", "2021-04-01");
    see("LATE", "1.0.30.5", "2021-03-05"); /* when did it get it? */
    see("BEFORE", "1.0.30.5", "2020-12-24");
    see("UNDATED", "1.0.30.5", NULL);
    see("UNKNOWN", "1.0.30", "2021-03-05");
    see("NEVER", "1.0.30.1", NULL);
    tell();
    assert_int_equal(n_windows, 7);
    assert_window("CLOSED", EXPOSURE_FIXED, "2021-03-05", "2021-02-01", true);
    assert_window("OPEN", EXPOSURE_EXPOSED, NULL, "2021-04-01", true);
    assert_window("LATE", EXPOSURE_FIXED, "2021-03-05", NULL, false);
    assert_window("BEFORE", EXPOSURE_FIXED, "2020-12-24", NULL, true);
    assert_window("UNDATED", EXPOSURE_FIXED, NULL, NULL, false);
    assert_window("UNKNOWN", EXPOSURE_UNKNOWN, NULL, NULL, false);
    assert_window("NEVER", EXPOSURE_EXPOSED, NULL, NULL, true);
}

/* A way in is closed when the last of its holes is. */
static void test_window_of_two(void **state)
{
    (void)state;
    add_fix("CVE-2021-2000", "Mail 1", "1.0.30.9", "2021-04-13"); /* later, and by its name, too */
    add_fix("CVE-2021-0500", "Mail 1", "1.0.30.9", "2021-04-13");
    world_open();
    world_drop(state);
    static const char *const others[] = {"CVE-2021-2000", "CVE-2021-0500"};
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        add_affair("2021-01-03", CVE, others[i]);
        world_open();
        see("H", "1.0.30.1", "2021-02-01");
        see("H", "1.0.30.5", "2021-03-05");
        see("H", "1.0.30.9", "2021-04-20");
        tell();
        assert_window("H", EXPOSURE_FIXED, "2021-04-20", "2021-03-05", true);
        world_drop(state);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, world_drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_open),
        TEST(test_parts),
        TEST(test_empty_fleet),
        TEST(test_worst),
        TEST(test_accepted),
        cmocka_unit_test(test_accepted_until),
        TEST(test_accepted_names),
        TEST(test_course),
        TEST(test_no_course),
        TEST(test_course_before_1970),
        TEST(test_course_of_scanner),
        TEST(test_course_of_scanners),
        TEST(test_two_products),
        cmocka_unit_test(test_course_ends_now),
        TEST(test_order),
        TEST(test_large),
        TEST(test_windows),
        TEST(test_window_of_two),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
