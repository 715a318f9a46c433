/* Rule 7 of the verdict: the window and the fix. */
#include "make_facts.h"

static enum grade grade_after_fix(enum grade grade, enum stage stage, const char *time)
{
    struct make m;
    make_init(&m);
    make_hit(&m, make_rule(&m, "r", grade, stage), patched_server(&m), time);
    run(&m);
    enum grade g = m.answer.finding[0].grade;
    make_done(&m);
    return g;
}

static void test_rule7_lowers_requests_only(void **state)
{
    (void)state;
    static const char *const after = "2021-03-10", *const before = "2021-03-01";
    assert_int_equal(grade_after_fix(GRADE_PROGRESSED, STAGE_EXPLOIT, after), GRADE_ATTEMPT);
    assert_int_equal(grade_after_fix(GRADE_COMPROMISE, STAGE_EXPLOIT, after), GRADE_ATTEMPT);
    assert_int_equal(grade_after_fix(GRADE_ATTEMPT, STAGE_EXPLOIT, after), GRADE_PROBE);
    assert_int_equal(grade_after_fix(GRADE_PROGRESSED, STAGE_EXPLOIT, before), GRADE_PROGRESSED);
    assert_int_equal(grade_after_fix(GRADE_COMPROMISE, STAGE_SHELL, after), GRADE_COMPROMISE);
    assert_int_equal(grade_after_fix(GRADE_COMPROMISE, STAGE_POST, after), GRADE_COMPROMISE);
    assert_int_equal(grade_after_fix(GRADE_COMPROMISE, STAGE_WRITE, after), GRADE_COMPROMISE);
    assert_int_equal(grade_after_fix(GRADE_PROBE, STAGE_PROBE, after), GRADE_PROBE);
}

static void test_rule7_before_the_fix_outranks(void **state)
{
    (void)state;
    struct make m;
    make_init(&m);
    struct scan_rule *r = make_rule(&m, "r", GRADE_PROGRESSED, STAGE_EXPLOIT);
    struct file_fact *f = patched_server(&m);
    /* the same client before and after: one finding, and the earlier record counts */
    make_hit(&m, r, f, "2021-03-10");
    make_hit(&m, r, f, "2021-03-01");
    assert_int_equal(ex01(&m)->state, VERDICT_EXPLOITED_UNCONFIRMED);
    assert_int_equal(m.answer.n_findings, 1);
    assert_int_equal(m.answer.finding[0].count, 2);
    make_done(&m);
}

static void test_rule7_never_open(void **state)
{
    (void)state;
    struct make m;
    make_init(&m);
    m.dossier[0].window_from_us = at("2021-04-02");
    struct file_fact *f = logs(&m, "2021-04-01", "2021-05-01");
    make_build(&m, f, "15.1.2176", "2021-04-01", "2021-05-01"); /* a header: coarse */
    make_build(&m, f, FIXED, "2021-04-01T03:00:00", "2021-05-01");
    const struct verdict *v = ex01(&m);
    assert_int_equal(v->state, VERDICT_NO_SIGN);
    assert_true(v->window_share == 1.0);
    assert_true(says(v->because, "never open: fixed by 2021-04-01, before the first known attack"));
    assert_true(says(v->because, "no sign in logs"));
    assert_int_equal(v->fixed_since_us, at("2021-04-01T03:00:00"));
    make_done(&m);
}

static void test_rule7_first_build_fixed(void **state)
{
    (void)state;
    struct make m;
    make_init(&m);
    struct file_fact *f = logs(&m, "2021-04-01", "2021-05-01");
    make_build(&m, f, FIXED, "2021-04-01", "2021-05-01");
    /* Logs that begin after the update say nothing about the three months before it. */
    const struct verdict *v = ex01(&m);
    assert_int_equal(v->state, VERDICT_NOT_ENOUGH_EVIDENCE);
    assert_true(v->window_share == 0);
    assert_true(says(v->because, "may have been open (2021-01-03 to 2021-03-31)"));
    assert_true(says(v->because, "the first build that they show, " FIXED
                                 " on 2021-04-01, already had the fix: what ran before"));
    assert_true(says(v->next_evidence, "from 2021-01-03 to 2021-03-31"));
    /* And a shell that is used afterwards is this affair's. */
    make_hit(&m, make_rule(&m, "s", GRADE_COMPROMISE, STAGE_SHELL), f, "2021-04-10");
    assert_int_equal(ex01(&m)->state, VERDICT_COMPROMISED);
    assert_int_equal(m.answer.n_verdicts, 1);
    make_done(&m);
}

static void test_rule7_shell_of_another_affair(void **state)
{
    (void)state;
    struct make m;
    static struct fix later[] = {{.cve = {"CVE-2021-26855", 14},
                                  .product = {"Exchange Server 2016", 20},
                                  .build = {{15, 1, 2242, 8}},
                                  .released_us = TIME_NONE}};
    make_init(&m);
    m.dossier[1] = m.dossier[0];
    m.dossier[1].id = STR("affair-2022");
    m.dossier[1].fix = later;
    m.facts.n_dossiers = 2;
    struct file_fact *f = logs(&m, "2021-04-01", "2021-05-01");
    make_build(&m, f, FIXED, "2021-04-01", "2021-05-01");
    make_hit(&m, make_rule(&m, "s", GRADE_COMPROMISE, STAGE_SHELL), f, "2021-04-10");
    struct scan_rule *other = make_rule(&m, "t", GRADE_COMPROMISE, STAGE_SHELL);
    other->dossier = &m.dossier[1];
    make_hit(&m, other, f, "2021-04-10")->offset = m.hit[0].offset; /* the same record */
    assert_int_equal(ex01(&m)->state, VERDICT_NOT_ENOUGH_EVIDENCE);
    assert_int_equal(make_verdict(&m, "EX01", "affair-2022")->state, VERDICT_COMPROMISED);
    /* another record is not explained */
    m.hit[1].offset++;
    assert_int_equal(ex01(&m)->state, VERDICT_COMPROMISED);
    make_done(&m);
}

static void test_rule7_never_open_but_shell(void **state)
{
    (void)state;
    struct make m;
    make_init(&m);
    m.dossier[0].window_from_us = at("2021-04-02");
    struct file_fact *f = logs(&m, "2021-04-01", "2021-05-01");
    make_build(&m, f, FIXED, "2021-04-01", "2021-05-01");
    make_hit(&m, make_rule(&m, "s", GRADE_COMPROMISE, STAGE_SHELL), f, "2021-04-10");
    /* Any affair may leave a shell: the host is compromised, but not by this one. */
    assert_int_equal(ex01(&m)->state, VERDICT_NO_SIGN);
    assert_int_equal(m.answer.n_verdicts, 2);
    assert_int_equal(m.answer.verdict[0].state, VERDICT_COMPROMISED);
    assert_null(m.answer.verdict[0].dossier.p);
    make_done(&m);
}

static void test_rule7_coarse_build_proves_nothing(void **state)
{
    (void)state;
    struct make m;
    make_init(&m);
    struct file_fact *f = logs(&m, "2021-04-01", "2021-05-01");
    make_build(&m, f, "15.1.2176", "2021-04-01", "2021-05-01");
    const struct verdict *v = ex01(&m);
    assert_int_equal(v->state, VERDICT_NOT_ENOUGH_EVIDENCE);
    assert_int_equal(v->fixed_since_us, TIME_NONE);
    assert_true(says(v->because, "may have been open (2021-01-03 to 2021-05-01)"));
    make_done(&m);
}

static void test_rule7_logs_exact_to_cu(void **state)
{
    (void)state;
    struct make m;
    struct product product = make_product[0];
    make_init(&m);
    product.exact_to_cu = true;
    m.dossier[0].product = &product;
    struct file_fact *f = logs(&m, "2021-01-01", "2021-05-01");
    make_build(&m, f, FIXED, "2021-01-01", "2021-05-01");
    const struct verdict *v = ex01(&m);
    assert_int_equal(v->fixed_since_us, TIME_NONE);
    assert_true(says(v->because, "may have been open (2021-01-03 to 2021-05-01)"));
    assert_true(says(v->because, "the logs of Exchange Server 2016 do not tell whether the fix"));
    make_done(&m);
}

static void test_rule7_build_before_its_release(void **state)
{
    (void)state;
    struct make m;
    struct fix fix = make_fix[0];
    make_init(&m);
    fix.released_us = at("2021-03-02");
    m.dossier[0].fix = &fix;
    struct file_fact *f = logs(&m, "2021-01-01", "2021-05-01");
    make_build(&m, f, FIXED, "2021-01-01", "2021-05-01");
    assert_int_equal(ex01(&m)->fixed_since_us, TIME_NONE);
    f->build[0].first_us = at("2021-03-02");
    assert_int_equal(ex01(&m)->fixed_since_us, at("2021-03-02"));
    make_done(&m);
}

static void test_rule7_fix_taken_back(void **state)
{
    (void)state;
    struct make m;
    make_init(&m);
    struct file_fact *f = logs(&m, "2021-01-01", "2021-03-20");
    make_build(&m, f, OPEN, "2021-01-01", "2021-03-10");
    make_build(&m, f, FIXED, "2021-03-02", "2021-03-20");
    assert_int_equal(ex01(&m)->fixed_since_us, at("2021-03-10"));
    m.facts.n_files = 0;
    f = logs(&m, "2021-01-01", "2021-03-20");
    make_build(&m, f, FIXED, "2021-03-02", "2021-03-05");
    make_build(&m, f, OPEN, "2021-01-01", "2021-03-20");
    assert_int_equal(ex01(&m)->fixed_since_us, TIME_NONE);
    make_done(&m);
}

static void test_rule7_opened_later(void **state)
{
    (void)state;
    struct make m;
    make_init(&m);
    struct file_fact *f = logs(&m, "2021-04-01", "2021-05-01");
    make_build(&m, f, FIXED, "2021-04-01", "2021-04-10");
    make_build(&m, f, OPEN, "2021-04-11", "2021-05-01"); /* restored from an old image */
    const struct verdict *v = ex01(&m);
    assert_int_equal(v->state, VERDICT_NOT_ENOUGH_EVIDENCE);
    assert_int_equal(v->fixed_since_us, TIME_NONE);
    make_done(&m);
}

static void test_rule7_window_of_an_open_host(void **state)
{
    (void)state;
    struct make m;
    make_init(&m);
    struct file_fact *f = logs(&m, "2021-01-01", "2021-06-01");
    make_build(&m, f, OPEN, "2021-01-01", "2021-06-01");
    const struct verdict *v = ex01(&m);
    assert_int_equal(v->state, VERDICT_NO_SIGN);
    assert_true(says(v->because, "(2021-01-03 to 2021-06-01)"));
    /* logs that end before the first attack say nothing about it */
    m.facts.n_files = 0;
    logs(&m, "2020-11-01", "2020-12-01");
    v = ex01(&m);
    assert_int_equal(v->state, VERDICT_NOT_ENOUGH_EVIDENCE);
    assert_true(v->window_share == 0);
    assert_true(says(v->because, "before this affair began on 2021-01-03"));
    assert_true(v->ended_before);
    make_done(&m);
}

/* Logs of a server that was open for the whole window, some of whose rows were not understood. */
static const struct verdict *misread(struct make *m, uint64_t bad, uint64_t about, bool sampled)
{
    make_init(m);
    struct file_fact *f = patched_server(m);
    f->unparsed = bad;
    f->about_unparsed = about;
    f->sampled = sampled;
    return ex01(m);
}

/* Rows of which nothing was left would have shown nothing: they are no coverage. */
static void test_rows_that_were_not_understood(void **state)
{
    struct make m;
    (void)state;
    static const struct {
        uint64_t bad, about; /* of 18,720 rows */
        bool sampled;
        enum verdict_state want;
    } cases[] = {
        {0, 0, false, VERDICT_NO_SIGN},
        {1, 1, false, VERDICT_NO_SIGN},
        {1500, 1500, false, VERDICT_NO_SIGN},
        {2000, 2000, false, VERDICT_NOT_ENOUGH_EVIDENCE},
        {18720, 18720, false, VERDICT_NOT_ENOUGH_EVIDENCE},
        {400, 1500, true, VERDICT_NO_SIGN},
        {400, 2000, true, VERDICT_NOT_ENOUGH_EVIDENCE},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct verdict *v = misread(&m, cases[i].bad, cases[i].about, cases[i].sampled);
        if (v->state != cases[i].want)
            fail_msg("%d rows not understood: verdict %d", (int)cases[i].bad, (int)v->state);
        bool told = false;
        for (size_t k = 0; k < m.answer.n_gaps; k++)
            told |= str_eq(m.answer.gap[k].reason, STR("not-understood")) &&
                    str_eq(m.answer.gap[k].file, STR("proxy/a.log"));
        assert_true(told == (v->state == VERDICT_NOT_ENOUGH_EVIDENCE));
        make_done(&m);
    }
}

/* A log with several lines a message may hold as many as it likes. */
static void test_rows_of_error_logs(void **state)
{
    struct make m;
    (void)state;
    make_init(&m);
    patched_server(&m);
    struct file_fact *f =
        make_file(&m, "EX01", "apache-error", "e.log", "2021-01-01", "2021-03-20");
    f->unparsed = f->records / 2;
    assert_int_equal(ex01(&m)->state, VERDICT_NO_SIGN);
    assert_int_equal(m.answer.n_gaps, 0);
    make_done(&m);
}

/* Nor is it an all-clear where no affair is in question. */
static void test_nothing_was_understood(void **state)
{
    struct make m;
    (void)state;
    make_init(&m);
    struct file_fact *f =
        make_file(&m, "WEB01", "access", "access.log", "2021-01-01", "2021-03-20");
    f->unparsed = f->records;
    run(&m);
    assert_int_equal(make_verdict(&m, "WEB01", NULL)->state, VERDICT_NOT_ENOUGH_EVIDENCE);
    f->unparsed = 1;
    run(&m);
    assert_int_equal(make_verdict(&m, "WEB01", NULL)->state, VERDICT_NO_SIGN);
    make_done(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rule7_lowers_requests_only),
        cmocka_unit_test(test_rule7_before_the_fix_outranks),
        cmocka_unit_test(test_rule7_never_open),
        cmocka_unit_test(test_rule7_first_build_fixed),
        cmocka_unit_test(test_rule7_shell_of_another_affair),
        cmocka_unit_test(test_rule7_never_open_but_shell),
        cmocka_unit_test(test_rule7_coarse_build_proves_nothing),
        cmocka_unit_test(test_rule7_logs_exact_to_cu),
        cmocka_unit_test(test_rule7_build_before_its_release),
        cmocka_unit_test(test_rule7_fix_taken_back),
        cmocka_unit_test(test_rule7_opened_later),
        cmocka_unit_test(test_rule7_window_of_an_open_host),
        cmocka_unit_test(test_rows_that_were_not_understood),
        cmocka_unit_test(test_rows_of_error_logs),
        cmocka_unit_test(test_nothing_was_understood),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
