/* One build against the fixes of one CVE, and the tables behind it. */
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

static void make_tables(void)
{
    assert_int_equal(tables_make(world.dossier, 2, &arena, &tables), OK);
}

static const struct table_product *product_named(const char *name)
{
    const struct table_product *p = tables_by_name(&tables, str_of(name));
    assert_non_null(p);
    return p;
}

/* As exactly as the numbers allow: three are all that some products have. */
static struct decision decision_of(const char *product, const char *build, const char *cve)
{
    const struct table_product *p = product_named(product);
    struct build b = build_of(build);
    bool three = p->facts->from.part[3] < 0 && b.part[2] >= 0;
    enum precision precision = three || build_exact(&b) ? PRECISION_SU
                               : b.part[2] >= 0         ? PRECISION_CU
                                                        : PRECISION_PRODUCT;
    int number = tables_cve(&tables, str_of(cve));
    assert_true(number >= 0);
    return decide_build(&tables, p, &b, precision, (uint32_t)number);
}

struct judged {
    const char *build;
    enum exposure_state state;
    enum why why;
};

static void assert_judged(const char *product, const char *cve, const struct judged *c, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct decision d = decision_of(product, c[i].build, cve);
        if (d.state != c[i].state || d.why != c[i].why)
            fail_msg("%s of %s: %s (%d)", c[i].build ? c[i].build : "no build", cve,
                     exposure_state_name(d.state), (int)d.why);
    }
}

/* Rules 3, 4 and 5: rows of the line, later lines, lines between. */
static void test_lines(void **state)
{
    (void)state;
    static const struct judged cases[] = {
        {"1.0.20.5", EXPOSURE_FIXED, WHY_HAS_FIX},
        {"1.0.20.4", EXPOSURE_EXPOSED, WHY_BELOW_FIX},
        {"1.0.20.99", EXPOSURE_FIXED, WHY_HAS_FIX},
        {"1.0.30.5", EXPOSURE_FIXED, WHY_HAS_FIX},
        {"1.0.30.1", EXPOSURE_EXPOSED, WHY_BELOW_FIX},
        /* Numbers, not letters. */
        {"1.0.30.10", EXPOSURE_FIXED, WHY_HAS_FIX},
        {"1.0.9.99", EXPOSURE_EXPOSED, WHY_LINE_NO_FIX},
        {"1.0.10.1", EXPOSURE_EXPOSED, WHY_LINE_NO_FIX},
        {"1.0.10.999", EXPOSURE_EXPOSED, WHY_LINE_NO_FIX},
        /* A line that no table knows, between two that do. */
        {"1.0.25.1", EXPOSURE_EXPOSED, WHY_LINE_NO_FIX},
        {"1.0.40.1", EXPOSURE_FIXED, WHY_LATER_LINE},
    };
    add_mail();
    make_tables();
    assert_judged("Mail 1", "CVE-2021-1000", cases, ARRAY_LEN(cases));
}

/* Rule 3: what a coarse source can prove. */
static void test_coarse(void **state)
{
    (void)state;
    static const struct judged cases[] = {
        {"1.0.20", EXPOSURE_UNKNOWN, WHY_COARSE},      {"1.0.30", EXPOSURE_UNKNOWN, WHY_COARSE},
        {"1.0.10", EXPOSURE_EXPOSED, WHY_LINE_NO_FIX}, {"1.0.50", EXPOSURE_FIXED, WHY_LATER_LINE},
        {"1.0.40", EXPOSURE_UNKNOWN, WHY_NO_RELEASE},  {"1.0", EXPOSURE_UNKNOWN, WHY_NO_BUILD},
        {NULL, EXPOSURE_UNKNOWN, WHY_NO_BUILD},
    };
    /* The line's first build is the fix: all of it hold it. */
    static const struct judged whole[] = {
        {"1.0.20", EXPOSURE_UNKNOWN, WHY_COARSE},
        {"1.0.30", EXPOSURE_FIXED, WHY_HAS_FIX},
    };
    add_mail();
    add_release("Mail 1", "1.0.50.1", "CU5", "2021-06-10");
    add_fix("CVE-2021-2000", "Mail 1", "1.0.20.5", "2021-03-02");
    add_fix("CVE-2021-2000", "Mail 1", "1.0.30.1", "2020-12-10");
    make_tables();
    assert_judged("Mail 1", "CVE-2021-1000", cases, ARRAY_LEN(cases));
    assert_judged("Mail 1", "CVE-2021-2000", whole, ARRAY_LEN(whole));
}

/* A source that shows four numbers of which the last is not the update's is as coarse. */
static void test_precision_counts_not_digits(void **state)
{
    (void)state;
    struct build b = build_of("1.0.20.9");
    add_mail();
    make_tables();
    struct decision d = decide_build(&tables, product_named("Mail 1"), &b, PRECISION_CU,
                                     (uint32_t)tables_cve(&tables, STR("CVE-2021-1000")));
    assert_int_equal(d.state, EXPOSURE_UNKNOWN);
    assert_int_equal(d.why, WHY_COARSE);
}

/* Rule 5: a line that began after an earlier one got its fix holds it; on the same day or before,
 * or of unknown date, nobody knows that. */
static void test_inherited(void **state)
{
    (void)state;
    static const struct judged cases[] = {
        {"1.0.21.1", EXPOSURE_EXPOSED, WHY_LINE_NO_FIX},
        {"1.0.22.1", EXPOSURE_EXPOSED, WHY_LINE_NO_FIX},
        {"1.0.23.1", EXPOSURE_FIXED, WHY_INHERITED},
        {"1.0.23.0", EXPOSURE_FIXED, WHY_INHERITED},
        {"1.0.23", EXPOSURE_FIXED, WHY_INHERITED},
        {"1.0.24.1", EXPOSURE_EXPOSED, WHY_LINE_NO_FIX},
    };
    add_mail();
    add_release("Mail 1", "1.0.21.1", "before it", "2021-03-01");
    add_release("Mail 1", "1.0.22.1", "the same day", "2021-03-02");
    add_release("Mail 1", "1.0.23.1", "after it", "2021-03-03");
    add_release("Mail 1", "1.0.24.1", "undated", NULL);
    make_tables();
    assert_judged("Mail 1", "CVE-2021-1000", cases, ARRAY_LEN(cases));
}

/* Rule 2: with three numbers, two of which name the line, as the CVE record has it: from 11.9
 * before 13.8.8, from 13.9 before 13.9.6, from 13.10 before 13.10.3. */
static void test_came_with(void **state)
{
    (void)state;
    static const struct judged cases[] = {
        {"11.8.9", EXPOSURE_FIXED, WHY_NOT_YET},
        {"11.9.0", EXPOSURE_EXPOSED, WHY_LINE_NO_FIX},
        {"12.0.0", EXPOSURE_EXPOSED, WHY_LINE_NO_FIX},
        {"13.8.7", EXPOSURE_EXPOSED, WHY_BELOW_FIX},
        {"13.8.8", EXPOSURE_FIXED, WHY_HAS_FIX},
        {"13.9.0", EXPOSURE_EXPOSED, WHY_BELOW_FIX},
        {"13.9.6", EXPOSURE_FIXED, WHY_HAS_FIX},
        {"13.10.2", EXPOSURE_EXPOSED, WHY_BELOW_FIX},
        {"13.10.3", EXPOSURE_FIXED, WHY_HAS_FIX},
        {"13.11.0", EXPOSURE_FIXED, WHY_LATER_LINE},
    };
    add_product("Forge", "1.0.0", "100.0.0")->line_parts = 2;
    add_fix("CVE-2021-22205", "Forge", "13.8.8", "2021-04-14")->affected_from = build_of("11.9");
    add_fix("CVE-2021-22205", "Forge", "13.9.6", "2021-04-14")->affected_from = build_of("13.9");
    add_fix("CVE-2021-22205", "Forge", "13.10.3", "2021-04-14")->affected_from = build_of("13.10");
    make_tables();
    assert_judged("Forge", "CVE-2021-22205", cases, ARRAY_LEN(cases));
}

/* One row that does not say since when: then all earlier ones are open. */
static void test_came_with_unsaid(void **state)
{
    (void)state;
    static const struct judged cases[] = {{"1.0.0", EXPOSURE_EXPOSED, WHY_LINE_NO_FIX}};
    add_product("Forge", "1.0.0", "100.0.0")->line_parts = 2;
    add_fix("CVE-2021-3000", "Forge", "13.8.8", "2021-04-14");
    add_fix("CVE-2021-3000", "Forge", "13.9.6", "2021-04-14")->affected_from = build_of("13.9");
    make_tables();
    assert_judged("Forge", "CVE-2021-3000", cases, ARRAY_LEN(cases));
}

/* Where no number names a cumulative update, a coarse source proves what is lacking, no fix. */
static void test_coarse_without_lines(void **state)
{
    (void)state;
    static const struct judged cases[] = {
        {"16.0.10417.20027", EXPOSURE_FIXED, WHY_HAS_FIX},
        {"16.0.10417.20026", EXPOSURE_EXPOSED, WHY_BELOW_FIX},
        {"16.0.10417", EXPOSURE_UNKNOWN, WHY_COARSE},
        {"16.0.10416", EXPOSURE_EXPOSED, WHY_BELOW_FIX},
        {"16.0.10418", EXPOSURE_UNKNOWN, WHY_COARSE},
    };
    add_product("Share", "16.0.10000.0", "16.0.20000.0")->line_parts = 2;
    add_release("Share", "16.0.10417.20027", "July", "2025-07-08");
    add_fix("CVE-2025-1", "Share", "16.0.10417.20027", "2025-07-08");
    make_tables();
    assert_judged("Share", "CVE-2025-1", cases, ARRAY_LEN(cases));
}

/* Rule 1: products without a row, one of whose siblings has one. */
static void test_without_rows(void **state)
{
    (void)state;
    struct product *p;
    add_mail();
    p = add_product("Mail 2", "2.0.0.0", "3.0.0.0"); /* released after the hole was published */
    p->cpe = STR("example:mail");
    add_release("Mail 2", "2.0.1.1", "RTM", "2021-03-03");
    p = add_product("Mail 0", "0.1.0.0", "1.0.0.0"); /* out of support by then */
    p->cpe = STR("example:mail");
    p->end_of_support_us = date_of("2021-03-01");
    add_release("Mail 0", "0.1.1.1", "RTM", "2010-01-01");
    p = add_product("Mail 3", "3.0.0.0", "4.0.0.0"); /* in support, and not named */
    p->cpe = STR("example:mail");
    p->end_of_support_us = date_of("2021-03-02");
    add_release("Mail 3", "3.0.1.1", "RTM", "2021-03-02");
    p = add_product("Mail 4", "4.0.0.0", "5.0.0.0"); /* the tables say so themselves */
    p->cpe = STR("example:mail");
    p->born_fixed = true;
    p = add_product("Other", "9.0.0.0", "10.0.0.0"); /* no sibling */
    p->end_of_support_us = date_of("2010-01-01");
    make_tables();
    assert_int_equal(decision_of("Mail 2", "2.0.1.1", "CVE-2021-1000").why, WHY_BORN_FIXED);
    assert_int_equal(decision_of("Mail 2", NULL, "CVE-2021-1000").state, EXPOSURE_FIXED);
    assert_int_equal(decision_of("Mail 0", "0.1.1.1", "CVE-2021-1000").why, WHY_UNSUPPORTED);
    assert_int_equal(decision_of("Mail 0", "0.1.1.1", "CVE-2021-1000").state, EXPOSURE_UNKNOWN);
    assert_int_equal(decision_of("Mail 3", "3.0.1.1", "CVE-2021-1000").why, WHY_NOT_NAMED);
    assert_int_equal(decision_of("Mail 4", "4.0.1.1", "CVE-2021-1000").why, WHY_BORN_FIXED);
    assert_int_equal(decision_of("Other", "9.0.1.1", "CVE-2021-1000").why, WHY_NOT_NAMED);
}

/* Rule 6: wherever a fix makes it fixed, its setting has to be right as well. */
static void test_needs(void **state)
{
    (void)state;
    add_mail();
    add_fix("CVE-2021-4000", "Mail 1", "1.0.20.5", "2021-03-02")->needs = STR("protection");
    add_fix("CVE-2021-4000", "Mail 1", "1.0.30.5", "2021-03-02")->rule = STR("build+protection");
    make_tables();
    static const struct judged cases[] = {
        {"1.0.20.5", EXPOSURE_FIXED_IF_CONFIGURED, WHY_HAS_FIX},
        {"1.0.30.5", EXPOSURE_FIXED_IF_CONFIGURED, WHY_HAS_FIX},
        {"1.0.40.1", EXPOSURE_FIXED_IF_CONFIGURED, WHY_LATER_LINE},
        {"1.0.30.4", EXPOSURE_EXPOSED, WHY_BELOW_FIX},
    };
    assert_judged("Mail 1", "CVE-2021-4000", cases, ARRAY_LEN(cases));
    assert_str(fix_needs(decision_of("Mail 1", "1.0.30.5", "CVE-2021-4000").fix), "protection");
}

/* Newer than the tables: compared like any other, and said. */
static void test_newer_than_tables(void **state)
{
    (void)state;
    struct buf out;
    struct build newer = build_of("1.0.40.1"), known = build_of("1.0.30.9");
    buf_init(&out, 4096);
    add_mail();
    world.dossier[1].as_of_us = date_of("2021-04-13");
    make_tables();
    struct decision d = decision_of("Mail 1", "1.0.40.1", "CVE-2021-1000");
    assert_int_equal(d.state, EXPOSURE_FIXED);
    decide_why(&out, &tables, product_named("Mail 1"), &newer, PRECISION_SU, &d);
    assert_true(str_find(buf_view(&out), STR("newer than the tables of 2021-04-13")) >= 0);
    buf_reset(&out);
    d = decision_of("Mail 1", "1.0.30.9", "CVE-2021-1000");
    decide_why(&out, &tables, product_named("Mail 1"), &known, PRECISION_SU, &d);
    assert_true(str_find(buf_view(&out), STR("newer than")) < 0);
    buf_done(&out);
}

/* What no product has. */
static void test_no_product(void **state)
{
    (void)state;
    struct build b = build_of("7.7.7.7");
    add_mail();
    make_tables();
    assert_null(tables_by_build(&tables, &b));
    struct decision d = decide_build(&tables, NULL, &b, PRECISION_SU, 0);
    assert_int_equal(d.state, EXPOSURE_UNKNOWN);
    assert_int_equal(d.why, WHY_UNKNOWN_BUILD);
}

/* A build tells its product by four numbers and a first pair that the tables know. */
static void test_by_build(void **state)
{
    (void)state;
    static const struct {
        const char *build, *product;
    } cases[] = {
        {"1.0.20.5", "Mail 1"}, {"1.0.20", "Mail 1"}, {"1.1.20.5", NULL}, {"0.9.9.9", NULL},
        {"1.0.99.9", "Mail 1"}, {"13.8.8", NULL},     {"2.5.1.1", NULL},
    };
    add_mail();
    add_product("Forge", "1.0.0", "100.0.0")->line_parts = 2;
    add_release("Forge", "13.8.8", "13.8.8", "2021-04-14");
    /* Its range is wide, but nothing that begins with 2.5 was ever released. */
    add_product("Wide", "2.0.0.0", "3.0.0.0");
    add_release("Wide", "2.4.1.1", "RTM", "2021-04-14");
    make_tables();
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct build b = build_of(cases[i].build);
        const struct table_product *p = tables_by_build(&tables, &b);
        if (!cases[i].product != !p || (p && !str_eq(p->name, str_of(cases[i].product))))
            fail_msg("%s", cases[i].build);
    }
}

/* In any spelling that a dossier lists; a name that two share is nobody's. */
static void test_by_name(void **state)
{
    (void)state;
    add_mail();
    world.name[0][0] = STR("Mail Server One");
    world.name[0][1] = STR("both");
    world.name[1][0] = STR("BOTH");
    world.product[0].names = (struct str_list){world.name[0], 2};
    add_product("Forge", "1.0.0", "100.0.0")->names = (struct str_list){world.name[1], 1};
    make_tables();
    assert_non_null(tables_by_name(&tables, STR("mail_server-ONE")));
    assert_non_null(tables_by_name(&tables, STR("  Mail 1. ")));
    assert_null(tables_by_name(&tables, STR("Both")));
    assert_null(tables_by_name(&tables, STR("Mail 11")));
    assert_null(tables_by_name(&tables, STR("Mail")));
    assert_null(tables_by_name(&tables, STR("")));
}

/* 9.1 and 9.1 (v3.1) are scores; what is none is none. */
static void test_scores(void **state)
{
    (void)state;
    static const struct {
        const char *text, *version;
        double score;
    } cases[] = {
        {"9.1 (v3.1)", "3.1", 9.1},
        {"6.0 (v2)", "2", 6.0},
        {"7.5", "", 7.5},
        {"", "", 0},
        {"nan", "", 0},
        {"inf (v3.1)", "", 0},
        {"-1", "", 0},
        {"11 (v3.1)", "", 0},
        {"high", "", 0},
        {"9.1 (", "", 9.1},
        {"9.1 (v", "", 9.1},
    };
    char id[ARRAY_LEN(cases)][20];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        (void)snprintf(id[i], sizeof id[i], "CVE-2021-%zu", 1000 + i);
        add_fact(id[i], NULL)->cvss = str_of(cases[i].text);
    }
    make_tables();
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct table_cve *c = &tables.cve[tables_cve(&tables, str_of(id[i]))];
        assert_near(c->cvss, cases[i].score, 1e-9);
        assert_str(c->cvss_version, cases[i].version);
    }
}

/* The tables are as new as their newest row, or as they say. */
static void test_tables_of(void **state)
{
    (void)state;
    add_mail();
    make_tables();
    assert_date(tables.as_of_us, "2021-03-02");
    world.dossier[1].as_of_us = date_of("2021-02-01"); /* the rows know better */
    make_tables();
    assert_date(tables.as_of_us, "2021-03-02");
}

/* No dossier, no row: everything is asked for and nothing is there. */
static void test_empty(void **state)
{
    (void)state;
    struct build b = build_of("1.0.20.5");
    assert_int_equal(tables_make(NULL, 0, &arena, &tables), OK);
    assert_null(tables_by_build(&tables, &b));
    assert_null(tables_by_name(&tables, STR("Mail 1")));
    assert_int_equal(tables_cve(&tables, STR("CVE-2021-1000")), -1);
    assert_int_equal(tables.as_of_us, TIME_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_lines, make, drop),
        cmocka_unit_test_setup_teardown(test_coarse, make, drop),
        cmocka_unit_test_setup_teardown(test_precision_counts_not_digits, make, drop),
        cmocka_unit_test_setup_teardown(test_inherited, make, drop),
        cmocka_unit_test_setup_teardown(test_came_with, make, drop),
        cmocka_unit_test_setup_teardown(test_came_with_unsaid, make, drop),
        cmocka_unit_test_setup_teardown(test_coarse_without_lines, make, drop),
        cmocka_unit_test_setup_teardown(test_without_rows, make, drop),
        cmocka_unit_test_setup_teardown(test_needs, make, drop),
        cmocka_unit_test_setup_teardown(test_newer_than_tables, make, drop),
        cmocka_unit_test_setup_teardown(test_no_product, make, drop),
        cmocka_unit_test_setup_teardown(test_by_build, make, drop),
        cmocka_unit_test_setup_teardown(test_by_name, make, drop),
        cmocka_unit_test_setup_teardown(test_scores, make, drop),
        cmocka_unit_test_setup_teardown(test_tables_of, make, drop),
        cmocka_unit_test_setup_teardown(test_empty, make, drop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
