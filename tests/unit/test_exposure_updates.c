/* What to install, and where first. */
#include "exposure/updates.h"
#include "exposure_test.h"

static struct arena arena;
static struct tables tables;

static int make(void **state)
{
    arena_init(&arena, 1 << 24);
    return world_make(state);
}

static int drop(void **state)
{
    arena_done(&arena);
    return world_drop(state);
}

struct path {
    const char *build, *as_of;
    const char *first, *then; /* NULL: nothing to install */
    bool advice;
};

static void assert_path(const char *product, const struct path *p)
{
    struct exposure_update u = {.first_us = TIME_NONE, .then_us = TIME_NONE};
    struct build b = build_of(p->build);
    update_find(product ? tables_by_name(&tables, str_of(product)) : NULL, &b, date_of(p->as_of),
                &u);
    struct str first = p->first ? str_of(p->first) : STR_NONE,
               then = p->then ? str_of(p->then) : STR_NONE;
    if (!str_eq(u.first, first) || !str_eq(u.then, then) || (u.advice.n > 0) != p->advice)
        fail_msg("%s as of %s: '%.*s' then '%.*s'; %.*s", p->build ? p->build : "none", p->as_of,
                 STR_FMT(u.first), STR_FMT(u.then), STR_FMT(u.advice));
    /* Nothing that is installed is older than what is there. */
    assert_true(!u.first.n || build_cmp(&b, &u.first_build) < 0);
    assert_true(!u.then.n || build_cmp(&b, &u.then_build) < 0);
}

static void assert_paths(const char *product, const struct path *p, size_t n)
{
    assert_int_equal(tables_make(world.dossier, 2, &arena, &tables), OK);
    for (size_t i = 0; i < n; i++)
        assert_path(product, &p[i]);
}

/* Two lines get a security update in one round, the oldest none; then a new line comes. */
static void test_round(void **state)
{
    (void)state;
    static const struct path cases[] = {
        /* the host's own line got one in the last round */
        {"1.0.20.1", "2021-03-10", NULL, "CU2 Mar21SU", false},
        {"1.0.30.1", "2021-03-10", NULL, "CU3 Mar21SU", false},
        {"1.0.20", "2021-03-10", NULL, "CU2 Mar21SU", false},
        /* it did not: the newest line first, then its update */
        {"1.0.10.1", "2021-03-10", "CU3", "CU3 Mar21SU", false},
        {"1.0.9.7", "2021-03-10", "CU3", "CU3 Mar21SU", false},
        {"1.0.25.1", "2021-03-10", "CU3", "CU3 Mar21SU", false},
        {"1.0", "2021-03-10", "CU3", "CU3 Mar21SU", false},
        {NULL, "2021-03-10", "CU3", "CU3 Mar21SU", false},
        /* only what was out by then */
        {"1.0.20.1", "2021-03-01", "CU3", NULL, false},
        {"1.0.10.1", "2020-06-10", "CU2", NULL, false},
        {"1.0.10.1", "2020-06-09", NULL, NULL, true},
    };
    add_mail();
    assert_paths("Mail 1", cases, ARRAY_LEN(cases));
}

/* Within three weeks is one round: in March 2021 the older lines had to wait. */
static void test_three_weeks(void **state)
{
    (void)state;
    static const struct path cases[] = {
        {"1.0.10.1", "2021-03-23", NULL, "CU1 late", false},
        {"1.0.20.1", "2021-03-23", NULL, "CU2 Mar21SU", false},
        {"1.0.30.1", "2021-03-23", NULL, "CU3 Mar21SU", false},
        {"1.0.20.1", "2021-03-24", "CU3", "CU3 Mar21SU", false},
        {"1.0.10.1", "2021-03-24", NULL, "CU1 latest", false},
    };
    add_mail();
    add_release("Mail 1", "1.0.10.5", "CU1 late", "2021-03-23");
    add_release("Mail 1", "1.0.10.6", "CU1 latest", "2021-03-24");
    assert_paths("Mail 1", cases, ARRAY_LEN(cases));
}

/* An older line alone got the last update: the newest line stays where it is, and nobody is sent
 * back to a build that is older than his own. */
static void test_newest_line(void **state)
{
    (void)state;
    static const struct path cases[] = {
        {"1.0.30.1", "2021-06-20", NULL, "CU3 Mar21SU", false},
        {"1.0.30.4", "2021-06-20", NULL, "CU3 Mar21SU", false},
        {"1.0.30.5", "2021-06-20", NULL, NULL, true},
        {"1.0.20.5", "2021-06-20", NULL, "CU2 Jun21SU", false},
        {"1.0.10.1", "2021-06-20", "CU3", "CU3 Mar21SU", false},
    };
    add_mail();
    add_release("Mail 1", "1.0.20.6", "CU2 Jun21SU", "2021-06-15");
    assert_paths("Mail 1", cases, ARRAY_LEN(cases));
}

/* Where no update helps, it says so. */
static void test_nothing_newer(void **state)
{
    (void)state;
    static const struct path cases[] = {
        {"1.0.30.5", "2021-03-10", NULL, NULL, true}, /* has it all: a setting, or a scanner */
        {"1.0.30.9", "2021-03-10", NULL, NULL, true}, /* newer than the tables */
        {"1.0.40.1", "2021-03-10", NULL, NULL, true}, /* and of a line that they do not know */
        {"1.0.20.5", "2021-03-10", NULL, NULL, true},
    };
    static const struct path nobody = {"7.7.7.7", "2021-03-10", NULL, NULL, true};
    add_mail();
    assert_paths("Mail 1", cases, ARRAY_LEN(cases));
    assert_path(NULL, &nobody);
}

static void test_out_of_support(void **state)
{
    (void)state;
    static const struct path cases[] = {
        {"1.0.20.1", "2021-03-31", NULL, "CU2 Mar21SU", false},
        {"1.0.20.1", "2021-04-02", NULL, "CU2 Mar21SU", true},
        {"1.0.30.5", "2021-04-02", NULL, NULL, true},
    };
    add_mail();
    world.product[0].end_of_support_us = date_of("2021-03-31");
    assert_paths("Mail 1", cases, ARRAY_LEN(cases));
}

/* Three numbers, two of which name the line. */
static void test_three_numbers(void **state)
{
    (void)state;
    static const struct path cases[] = {
        {"16.5.1", "2024-01-12", NULL, "16.5.6", false},
        {"16.7.0", "2024-01-12", NULL, "16.7.2", false},
        {"16.0.3", "2024-01-12", "16.7.0", "16.7.2", false},
        {"16.7.2", "2024-01-12", NULL, NULL, true},
        {"17.0.0", "2024-01-12", NULL, NULL, true},
    };
    add_product("Forge", "1.0.0", "100.0.0")->line_parts = 2;
    add_release("Forge", "16.0.3", "16.0.3", "2023-06-01");
    add_release("Forge", "16.5.0", "16.5.0", "2023-10-22");
    add_release("Forge", "16.5.6", "16.5.6", "2024-01-11");
    add_release("Forge", "16.7.0", "16.7.0", "2023-12-21");
    add_release("Forge", "16.7.2", "16.7.2", "2024-01-11");
    assert_paths("Forge", cases, ARRAY_LEN(cases));
}

/* No number names a cumulative update: every update holds all earlier ones. */
static void test_one_line(void **state)
{
    (void)state;
    static const struct path cases[] = {
        {"16.0.10300.1", "2025-08-01", NULL, "July", false},
        {"16.0.10417", "2025-08-01", NULL, "July", false},
        {"16.0.10417.20027", "2025-08-01", NULL, NULL, true},
    };
    add_product("Share", "16.0.10000.0", "16.0.20000.0")->line_parts = 2;
    add_release("Share", "16.0.10337.1", "RTM", "2018-10-01");
    add_release("Share", "16.0.10417.20027", "July", "2025-07-08");
    assert_paths("Share", cases, ARRAY_LEN(cases));
}

/* A build without a date was out when all that have one were. */
static void test_undated_release(void **state)
{
    (void)state;
    static const struct path cases[] = {
        {"1.0.30.1", "2021-03-01", NULL, NULL, true},
        {"1.0.10.1", "2021-03-01", "CU3", NULL, false},
        {"1.0.10.1", "2021-03-02", "CU5", NULL, false},
        {"1.0.30.1", "2021-03-02", NULL, "CU3 Mar21SU", false},
    };
    add_mail();
    add_release("Mail 1", "1.0.50.1", "CU5", NULL);
    assert_paths("Mail 1", cases, ARRAY_LEN(cases));
}

/* --- where first --- */

static char order[512];
static struct exposure_update last;

static enum err on_update(void *ctx, const struct exposure_update *u)
{
    size_t n = strlen(order);
    (void)ctx;
    (void)snprintf(order + n, sizeof order - n, "%.*s ", STR_FMT(u->host));
    last = *u;
    return OK;
}

static void assert_order(const char *want)
{
    order[0] = 0;
    world_end();
    assert_int_equal(exposure_each_update(world.run, on_update, NULL), OK);
    assert_string_equal(order, want);
}

static void see_facing(const char *host, const char *build, enum facing facing)
{
    struct observation o = seen_build(host, build, "2021-03-01");
    o.facing = facing;
    observe(o);
}

/* The Internet, then ransomware, then CISA's list, then by number, then by name: one hole of the
 * graver kind comes before many. */
static void test_order(void **state)
{
    (void)state;
    add_mail();
    add_fix("CVE-2021-1003", "Mail 1", "1.0.30.2", "2021-01-10");
    add_product("Forge", "7.0.0.0", "8.0.0.0");
    add_release("Forge", "7.0.0.1", "RTM", "2020-01-01");
    add_fix("CVE-2021-7000", "Forge", "7.0.0.2", "2021-01-01");
    add_fact("CVE-2021-7000", "2021-01-01")->kev_ransomware = STR("Known");
    add_product("Share", "16.0.0.0", "17.0.0.0");
    add_release("Share", "16.0.0.1", "RTM", "2020-01-01");
    add_fix("CVE-2021-8000", "Share", "16.0.0.2", "2021-01-01");
    add_fact("CVE-2021-8000", "2021-01-01")->kev_added_us = date_of("2021-11-03");
    world_open();
    see("c-one", "1.0.30.4", "2021-03-01");
    see("a-one", "1.0.30.4", "2021-03-01");
    see("b-two", "1.0.30.1", "2021-03-01");
    see("y-listed", "16.0.0.1", "2021-03-01");
    see("z-ransom", "7.0.0.1", "2021-03-01");
    see("fixed", "1.0.30.5", "2021-03-01");
    see_facing("web", "1.0.30.4", FACING_INTERNET);
    see_facing("inside", "1.0.30.4", FACING_INSIDE);
    assert_order("web z-ransom y-listed b-two a-one c-one inside ");
    assert_int_equal(last.open, 1);
    assert_int_equal(last.first_build.part[0], -1); /* there is no first one, nor is it 0.0.0.0 */
    assert_int_equal(last.then_build.part[3], 5);
    assert_int_equal(last.open_kev + last.open_ransomware, 0);
}

/* A host of which only a scanner speaks: its build has to be found out first. */
static void test_no_build(void **state)
{
    (void)state;
    add_mail();
    world_open();
    observe_cve(OBSERVED_OPEN, "H", "CVE-2021-1000", "2021-03-07");
    assert_order("H ");
    assert_int_equal(last.first.n + last.then.n, 0);
    assert_true(str_find(last.advice, STR("find it out")) >= 0);
}

/* What somebody answers for is open, and nobody is sent to it. */
static void test_accepted_is_not_urgent(void **state)
{
    (void)state;
    static const struct accepted_risk risk = {STR("H"), STR("CVE-2021-1000"), STR("o"), STR("r"),
                                              INT64_MAX};
    add_mail();
    world.options.accepted = &risk;
    world.options.n_accepted = 1;
    world_open();
    see("H", "1.0.30.1", "2021-03-01");
    see("I", "1.0.30.1", "2021-03-01");
    assert_order("I ");
}

static void test_nobody(void **state)
{
    (void)state;
    add_mail();
    world_open();
    assert_order("");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_round),
        TEST(test_three_weeks),
        TEST(test_newest_line),
        TEST(test_nothing_newer),
        TEST(test_out_of_support),
        TEST(test_three_numbers),
        TEST(test_one_line),
        TEST(test_undated_release),
        TEST(test_order),
        TEST(test_no_build),
        TEST(test_accepted_is_not_urgent),
        TEST(test_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
