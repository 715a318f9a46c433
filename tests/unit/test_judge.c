#include "scan/judge.h"

#include "make_facts.h"

/* Verdict states. */

static void test_no_sign(void **state)
{
    (void)state;
    struct make m;
    make_init(&m);
    patched_server(&m);
    const struct verdict *v = ex01(&m);
    assert_int_equal(v->state, VERDICT_NO_SIGN);
    assert_true(v->window_share == 1.0);
    assert_int_equal(v->fixed_since_us, at("2021-03-02"));
    assert_true(str_eq(v->build, STR(FIXED)));
    assert_true(says(v->because, "no sign in logs"));
    assert_true(
        says(v->because, "58 of the 58 days in which it was open (2021-01-03 to 2021-03-01)"));
    assert_true(str_eq(v->next, STR("advice: no sign")));
    assert_false(v->isolate);
    assert_int_equal(v->missing.n, 0);
    assert_int_equal(v->first_us, at("2021-01-01"));
    assert_int_equal(m.answer.n_verdicts, 1);
    make_done(&m);
}

static void test_not_enough(void **state)
{
    (void)state;
    struct make m;
    make_init(&m);
    struct file_fact *f = logs(&m, "2021-02-21", "2021-03-20");
    make_build(&m, f, OPEN, "2021-02-21", "2021-03-01T23:00:00");
    make_build(&m, f, FIXED, "2021-03-02", "2021-03-20");
    const struct verdict *v = ex01(&m);
    assert_int_equal(v->state, VERDICT_NOT_ENOUGH_EVIDENCE);
    assert_true(says(v->because,
                     "nothing found, but the logs cover 9 of the 58 days in which it was "
                     "open"));
    assert_true(says(v->because, "the days before 2021-02-21 cannot be judged"));
    assert_true(says(v->next_evidence, "logs of EX01 from 2021-01-03 to 2021-02-20"));
    assert_true(says(v->next_evidence, "goes on 2021-03-23"));
    assert_true(v->window_share > 0.15 && v->window_share < 0.16);
    make_done(&m);
}

static void test_attempted(void **state)
{
    (void)state;
    struct make m;
    make_init(&m);
    struct file_fact *f = patched_server(&m);
    make_hit(&m, make_rule(&m, "autodiscover only", GRADE_ATTEMPT, STAGE_EXPLOIT), f,
             "2021-02-27T05:00:00");
    const struct verdict *v = ex01(&m);
    assert_int_equal(v->state, VERDICT_ATTEMPTED);
    assert_int_equal(v->earliest_us, at("2021-02-27T05:00:00"));
    assert_true(says(v->because, "1 sign of an attack (autodiscover only), none went further"));
    assert_true(says(v->because, "58 of the 58 days"));
    make_done(&m);
}

static void test_exploited(void **state)
{
    (void)state;
    struct make m;
    make_init(&m);
    struct file_fact *f = patched_server(&m);
    make_hit(&m, make_rule(&m, "session minted", GRADE_PROGRESSED, STAGE_EXPLOIT), f,
             "2021-02-27T05:00:00");
    const struct verdict *v = ex01(&m);
    assert_int_equal(v->state, VERDICT_EXPLOITED_UNCONFIRMED);
    assert_true(says(v->because, "session minted on 2021-02-27 05:00:00 UTC: It means something"));
    make_done(&m);
}

static void test_compromised(void **state)
{
    (void)state;
    struct make m;
    make_init(&m);
    struct file_fact *f = patched_server(&m);
    const struct scan_rule *write = make_rule(&m, "shell written", GRADE_COMPROMISE, STAGE_WRITE);
    make_hit(&m, write, f, "2021-02-28T05:00:00");
    make_hit(&m, write, f, "2021-02-27T05:00:00")->role[ROLE_CLIENT] = STR("203.0.113.8");
    const struct verdict *v = ex01(&m);
    assert_int_equal(v->state, VERDICT_COMPROMISED);
    assert_true(v->isolate);
    assert_true(says(v->because, "shell written on 2021-02-27 05:00:00 UTC"));
    assert_true(says(v->because, "2 findings of this grade"));
    assert_true(says(v->because, "the fix, seen from 2021-03-02 on, came after it"));
    assert_true(str_eq(v->next, STR("advice: compromised")));
    make_done(&m);
}

/* Rule 1: grades and their caps. */

static enum grade grade_of(enum grade grade, bool graded, const char *kind)
{
    struct make m;
    make_init(&m);
    struct file_fact *f = make_file(&m, "EX01", kind, "x", "2021-01-01", "2021-03-20");
    struct scan_rule *r = make_rule(&m, "r", grade, STAGE_SHELL);
    r->meta.graded = graded;
    make_hit(&m, r, f, "2021-02-01");
    run(&m);
    assert_int_equal(m.answer.n_findings, 1);
    enum grade g = m.answer.finding[0].grade;
    make_done(&m);
    return g;
}

static void test_rule1_caps(void **state)
{
    (void)state;
    static const char *const web[] = {"iis", "iis-backend", "access", "httperr", "httpproxy-ecp"};
    for (size_t i = 0; i < ARRAY_LEN(web); i++) {
        assert_int_equal(grade_of(GRADE_COMPROMISE, false, web[i]), GRADE_ATTEMPT);
        assert_int_equal(grade_of(GRADE_COMPROMISE, true, web[i]), GRADE_COMPROMISE);
        assert_int_equal(grade_of(GRADE_PROBE, false, web[i]), GRADE_PROBE);
    }
    assert_int_equal(grade_of(GRADE_COMPROMISE, false, "ecp-server"), GRADE_PROGRESSED);
    assert_int_equal(grade_of(GRADE_COMPROMISE, false, "windows-security"), GRADE_PROGRESSED);
}

static void test_rule1_indicators(void **state)
{
    (void)state;
    static const struct {
        enum indicator_type type;
        bool weak;
        const char *kind, *time;
        enum grade grade;
    } cases[] = {
        {INDICATOR_ADDRESS, false, "iis", "2021-02-01", GRADE_ATTEMPT},
        {INDICATOR_ADDRESS, false, "windows-security", "2021-02-01", GRADE_ATTEMPT},
        {INDICATOR_NAME, false, "iis", "2021-02-01", GRADE_ATTEMPT},
        {INDICATOR_HASH, false, "sysmon", "2021-02-01", GRADE_PROGRESSED},
        {INDICATOR_ADDRESS, true, "iis", "2021-02-01", GRADE_WEAK},
        {INDICATOR_ADDRESS, false, "iis", "2021-03-15", GRADE_WEAK}, /* out of its time */
        {INDICATOR_ADDRESS, false, "iis", "2021-01-02", GRADE_WEAK},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct make m;
        make_init(&m);
        struct file_fact *f = make_file(&m, "EX01", cases[i].kind, "x", "2021-01-01", "2021-03-20");
        struct indicator ind = {.type = cases[i].type,
                                .weak = cases[i].weak,
                                .note = STR("seen"),
                                .from_us = at("2021-01-10"),
                                .until_us = at("2021-03-01"),
                                .dossier = STR("affair-2021")};
        struct scan_rule *r = make_rule(&m, "i", GRADE_COMPROMISE, STAGE_PROBE);
        r->sigma = NULL;
        r->indicator = &ind;
        make_hit(&m, r, f, cases[i].time);
        run(&m);
        assert_int_equal(m.answer.finding[0].grade, cases[i].grade);
        make_done(&m);
    }
}

static void test_weak_never_decides(void **state)
{
    (void)state;
    struct make m;
    make_init(&m);
    make_hit(&m, make_rule(&m, "w", GRADE_WEAK, STAGE_SHELL), patched_server(&m), "2021-02-01");
    make_hit(&m, make_rule(&m, "p", GRADE_PROBE, STAGE_PROBE), &m.file[0], "2021-02-01");
    const struct verdict *v = ex01(&m);
    assert_int_equal(v->state, VERDICT_NO_SIGN);
    assert_true(says(v->because, "1 probe met it"));
    assert_int_equal(v->earliest_us, TIME_NONE);
    assert_int_equal(m.answer.n_findings, 2);
    make_done(&m);
}

/* Rule 2: the host aimed at. */

static void test_rule2_target_supplied(void **state)
{
    (void)state;
    struct make m;
    make_init(&m);
    struct file_fact *f = patched_server(&m);
    make_file(&m, "EX02", "iis", "iis/b.log", "2021-01-01", "2021-03-20");
    struct hit *h =
        make_hit(&m, make_rule(&m, "w", GRADE_COMPROMISE, STAGE_WRITE), f, "2021-02-27");
    h->target = STR("ex02.corp.example");
    run(&m);
    assert_int_equal(make_verdict(&m, "EX01", "affair-2021")->state, VERDICT_COMPROMISED);
    const struct verdict *v = make_verdict(&m, "EX02", "affair-2021");
    assert_int_equal(v->state, VERDICT_COMPROMISED);
    assert_true(says(v->because, "logged by EX01"));
    assert_true(str_eq(m.answer.finding[0].target_host, STR("EX02")));
    make_done(&m);
}

static void test_rule2_target_not_supplied(void **state)
{
    (void)state;
    struct make m;
    make_init(&m);
    struct file_fact *f = patched_server(&m);
    struct scan_rule *r = make_rule(&m, "w", GRADE_COMPROMISE, STAGE_WRITE);
    static const char *const skipped[] = {"localhost", "127.0.0.1", "EX01.corp.example",
                                          "::1",       "a b",       "[::1]:444"};
    make_hit(&m, r, f, "2021-02-27")->target = STR("EX09.corp.example:444");
    for (size_t i = 0; i < ARRAY_LEN(skipped); i++)
        make_hit(&m, r, f, "2021-02-27")->target = str_of(skipped[i]);
    run(&m);
    assert_int_equal(m.answer.n_verdicts, 2);
    const struct verdict *v = make_verdict(&m, "EX09.corp.example", "affair-2021");
    assert_non_null(v);
    assert_int_equal(v->state, VERDICT_NOT_ENOUGH_EVIDENCE);
    assert_true(says(v->because, "named in the logs, not supplied: 1 sign of an attack (w)"));
    assert_true(says(v->next_evidence, "the logs of EX09"));
    assert_true(v->isolate);
    assert_int_equal(v->missing.n, 2);
    assert_int_equal(v->first_us, TIME_NONE);
    assert_true(v->window_share == 0);
    make_done(&m);
}

/* Rule 3: shares are intersected, 90 % is needed, gaps count. */

static void test_rule3_intersected(void **state)
{
    (void)state;
    struct make m;
    make_init(&m);
    /* each log alone covers more than half of the window, both together next to nothing */
    make_file(&m, "EX01", "iis", "i", "2021-01-03", "2021-02-03");
    struct file_fact *f = make_file(&m, "EX01", "httpproxy-ecp", "p", "2021-02-02", "2021-03-05");
    make_build(&m, f, OPEN, "2021-02-02", "2021-03-01T23:00:00");
    make_build(&m, f, FIXED, "2021-03-02", "2021-03-05");
    const struct verdict *v = ex01(&m);
    assert_int_equal(v->state, VERDICT_NOT_ENOUGH_EVIDENCE);
    assert_true(v->window_share < 0.05);
    for (size_t i = 0; i < m.answer.n_coverage; i++) {
        assert_int_equal(m.answer.coverage[i].n_shares, 1);
        assert_true(m.answer.coverage[i].share[0].share > 0.4);
    }
    make_done(&m);
}

static void test_rule3_missing_kind(void **state)
{
    (void)state;
    struct make m;
    make_init(&m);
    make_file(&m, "EX01", "ecp-server", "e", "2021-01-01", "2021-03-20");
    make_file(&m, "EX01", "iis", "i", "2021-01-01", "2021-03-20");
    const struct verdict *v = ex01(&m);
    assert_int_equal(v->state, VERDICT_NOT_ENOUGH_EVIDENCE);
    assert_int_equal(v->missing.n, 1);
    assert_true(str_eq(v->missing.v[0], STR("httpproxy-ecp")));
    assert_true(v->window_share == 0);
    assert_true(says(v->because, "not supplied: httpproxy-ecp"));
    assert_true(says(v->because, "may have been open"));
    assert_true(says(v->next_evidence, "the httpproxy-ecp logs of EX01 from 2021-01-03"));
    make_done(&m);
}

static enum verdict_state with_hole(const char *from, const char *to, enum grade grade)
{
    struct make m;
    make_init(&m);
    struct file_fact *f = patched_server(&m);
    make_hole(f, from, to);
    if (grade > GRADE_WEAK)
        make_hit(&m, make_rule(&m, "r", grade, STAGE_EXPLOIT), f, "2021-01-05T00:10:00");
    enum verdict_state s = ex01(&m)->state;
    assert_int_equal(m.answer.n_gaps, 1);
    assert_true(str_eq(m.answer.gap[0].reason, STR("silent")));
    make_done(&m);
    return s;
}

static void test_rule3_ninety_percent(void **state)
{
    (void)state;
    /* 58 days: five may be missing, six may not */
    assert_int_equal(with_hole("2021-02-01", "2021-02-06", GRADE_WEAK), VERDICT_NO_SIGN);
    assert_int_equal(with_hole("2021-02-01", "2021-02-07", GRADE_WEAK),
                     VERDICT_NOT_ENOUGH_EVIDENCE);
    assert_int_equal(with_hole("2021-02-01", "2021-02-06", GRADE_ATTEMPT), VERDICT_ATTEMPTED);
    assert_int_equal(with_hole("2021-02-01", "2021-02-07", GRADE_ATTEMPT),
                     VERDICT_NOT_ENOUGH_EVIDENCE);
    assert_int_equal(with_hole("2021-02-01", "2021-02-07", GRADE_PROGRESSED),
                     VERDICT_EXPLOITED_UNCONFIRMED);
}

static void test_rule3_tried_is_told(void **state)
{
    (void)state;
    struct make m;
    make_init(&m);
    struct file_fact *f = logs(&m, "2021-02-21", "2021-03-20");
    make_hit(&m, make_rule(&m, "autodiscover only", GRADE_ATTEMPT, STAGE_EXPLOIT), f, "2021-02-27");
    const struct verdict *v = ex01(&m);
    assert_int_equal(v->state, VERDICT_NOT_ENOUGH_EVIDENCE);
    assert_true(says(v->because, "1 sign of an attack (autodiscover only), but the logs cover"));
    make_done(&m);
}

/* Rule 4: no later stage where its log was not read. */

static void test_rule4_attempt_in_a_hole(void **state)
{
    (void)state;
    struct make m;
    make_init(&m);
    struct file_fact *f = patched_server(&m);
    make_hole(f, "2021-02-10T05:00:00", "2021-02-10T07:00:00");
    make_hit(&m, make_rule(&m, "r", GRADE_ATTEMPT, STAGE_EXPLOIT), &m.file[0],
             "2021-02-10T05:30:00");
    const struct verdict *v = ex01(&m);
    assert_true(v->window_share > 0.99);
    assert_int_equal(v->state, VERDICT_NOT_ENOUGH_EVIDENCE);
    assert_true(says(v->because, "cannot be seen"));
    make_done(&m);
}

static void test_rule4_confirming_log(void **state)
{
    (void)state;
    for (int covered = 0; covered < 2; covered++) {
        struct make m;
        make_init(&m);
        struct file_fact *f = patched_server(&m);
        make_file(&m, "EX01", "ecp-server", "e", covered ? "2021-02-26" : "2021-02-28",
                  "2021-03-20");
        make_hit(&m, make_rule(&m, "241", GRADE_PROGRESSED, STAGE_EXPLOIT), f,
                 "2021-02-27T05:00:00");
        const struct verdict *v = ex01(&m);
        assert_int_equal(v->state, VERDICT_EXPLOITED_UNCONFIRMED);
        /* the advice is that of a compromise either way */
        assert_true(str_eq(v->next, STR("advice: compromised")));
        assert_true(v->isolate);
        if (covered) {
            assert_true(says(v->because, "no later stage was found"));
            assert_true(says(v->next_evidence, "aspnet_client"));
        } else {
            assert_true(says(v->because, "ecp-server, which does not cover that time"));
            assert_true(says(v->next_evidence, "the ecp-server logs of EX01 around 2021-02-27"));
        }
        make_done(&m);
    }
}

/* Rule 5: mailboxes read by a forged request, no shell anywhere. */

static void test_rule5_mailbox_access(void **state)
{
    (void)state;
    struct make m;
    make_init(&m);
    struct hit *h = make_hit(&m, make_rule(&m, "mail read", GRADE_COMPROMISE, STAGE_POST),
                             patched_server(&m), "2021-01-20");
    h->role[ROLE_MAILBOX] = STR("ServerInfo~x/EWS/Exchange.asmx");
    const struct verdict *v = ex01(&m);
    assert_int_equal(v->state, VERDICT_COMPROMISED);
    assert_true(str_starts(v->because, STR("mailbox access: mail read")));
    make_done(&m);
}

/* Rule 6: a page that never shipped. */

enum other {
    OTHER_NONE,
    OTHER_POST,
    OTHER_POST_404,
    OTHER_302,
    OTHER_WRITE,
    OTHER_WRITE_OLD,
    OTHER_302_ELSEWHERE,
    OTHER_PROGRESSED,
    OTHER_OWN_POST
};

static enum grade page_grade(enum grade grade, enum other other)
{
    struct make m;
    make_init(&m);
    struct file_fact *f = patched_server(&m);
    struct file_fact *g = make_file(&m, "EX02", "iis", "g", "2021-01-01", "2021-03-20");
    struct scan_rule *r = make_rule(&m, "page", grade, STAGE_SHELL);
    struct scan_rule *o = make_rule(&m, "other", GRADE_PROBE, STAGE_SHELL);
    r->meta.second_sign = true;
    struct hit *h = make_hit(&m, r, f, "2021-03-03");
    h->role[ROLE_STEM] = STR("/aspnet_client/x.aspx");
    h->role[ROLE_STATUS] = STR("200");
    struct hit *k = make_hit(&m, o, other == OTHER_302_ELSEWHERE ? g : f, "2021-03-08");
    k->role[ROLE_STEM] = STR("/ASPNET_client/x.aspx");
    k->role[ROLE_METHOD] = STR("GET");
    k->role[ROLE_STATUS] = STR("404");
    if (other == OTHER_POST || other == OTHER_POST_404 || other == OTHER_OWN_POST)
        k->role[ROLE_METHOD] = STR("POST");
    if (other == OTHER_POST || other == OTHER_OWN_POST)
        k->role[ROLE_STATUS] = STR("200");
    if (other == OTHER_302 || other == OTHER_302_ELSEWHERE)
        k->role[ROLE_STATUS] = STR("302");
    k->own_scanner = other == OTHER_OWN_POST;
    if (other >= OTHER_WRITE && other != OTHER_302_ELSEWHERE && other != OTHER_OWN_POST) {
        o->meta.grade = other == OTHER_PROGRESSED ? GRADE_PROGRESSED : GRADE_COMPROMISE;
        o->meta.stage = other == OTHER_PROGRESSED ? STAGE_EXPLOIT : STAGE_WRITE;
        k->first_us = k->last_us = other == OTHER_WRITE_OLD ? at("2021-01-30") : at("2021-02-20");
        k->role[ROLE_STEM] = STR("/ecp/other");
    }
    run(&m);
    enum grade found = GRADE_WEAK;
    for (size_t i = 0; i < m.answer.n_findings; i++)
        if (str_eq(m.answer.finding[i].rule, STR("page"))) {
            found = m.answer.finding[i].grade;
            assert_int_equal(m.answer.finding[i].note.p != NULL, found != grade);
        }
    make_done(&m);
    return found;
}

static void test_rule6_second_sign(void **state)
{
    (void)state;
    assert_int_equal(page_grade(GRADE_COMPROMISE, OTHER_NONE), GRADE_PROGRESSED);
    assert_int_equal(page_grade(GRADE_COMPROMISE, OTHER_POST), GRADE_COMPROMISE);
    assert_int_equal(page_grade(GRADE_COMPROMISE, OTHER_302), GRADE_COMPROMISE);
    assert_int_equal(page_grade(GRADE_COMPROMISE, OTHER_WRITE), GRADE_COMPROMISE);
}

static void test_rule6_no_second_sign(void **state)
{
    (void)state;
    assert_int_equal(page_grade(GRADE_COMPROMISE, OTHER_POST_404), GRADE_PROGRESSED);
    assert_int_equal(page_grade(GRADE_COMPROMISE, OTHER_WRITE_OLD), GRADE_PROGRESSED);
    assert_int_equal(page_grade(GRADE_COMPROMISE, OTHER_302_ELSEWHERE), GRADE_PROGRESSED);
    assert_int_equal(page_grade(GRADE_COMPROMISE, OTHER_PROGRESSED), GRADE_PROGRESSED);
    assert_int_equal(page_grade(GRADE_COMPROMISE, OTHER_OWN_POST), GRADE_PROGRESSED);
    assert_int_equal(page_grade(GRADE_PROGRESSED, OTHER_PROGRESSED), GRADE_PROGRESSED);
    assert_int_equal(page_grade(GRADE_PROGRESSED, OTHER_NONE), GRADE_ATTEMPT);
}

/* The grade of a finding whose own record is a POST, with or without one by somebody else. */
static enum grade post_grade(enum stage stage, const char *other_client, const char *status)
{
    struct make m;
    make_init(&m);
    struct scan_rule *r = make_rule(&m, "client", GRADE_COMPROMISE, stage);
    struct scan_rule *o = make_rule(&m, "other", GRADE_PROBE, STAGE_SHELL);
    r->meta.second_sign = true;
    for (size_t i = 0; i < 2; i++) {
        struct hit *h = make_hit(&m, i ? o : r, i ? &m.file[1] : patched_server(&m), "2021-03-01");
        h->role[ROLE_STEM] = STR("/owa/auth/x.aspx");
        h->role[ROLE_METHOD] = STR("POST");
        h->role[ROLE_STATUS] = str_of(i ? status : "200");
        if (i)
            h->role[ROLE_CLIENT] = str_of(other_client);
    }
    run(&m);
    enum grade g = GRADE_WEAK;
    for (size_t i = 0; i < m.answer.n_findings; i++)
        if (str_eq(m.answer.finding[i].rule, STR("client")))
            g = m.answer.finding[i].grade;
    make_done(&m);
    return g;
}

static void test_rule6_not_by_itself(void **state)
{
    (void)state;
    /* another rule that meets the same record or client adds nothing */
    assert_int_equal(post_grade(STAGE_SHELL, "203.0.113.7", "200"), GRADE_PROGRESSED);
    assert_int_equal(post_grade(STAGE_SHELL, "203.0.113.8", "200"), GRADE_COMPROMISE);
    assert_int_equal(post_grade(STAGE_SHELL, "203.0.113.7", "302"), GRADE_COMPROMISE);
    /* and for anything but a page it proves nothing that it was posted to */
    assert_int_equal(post_grade(STAGE_EXPLOIT, "203.0.113.8", "200"), GRADE_PROGRESSED);
    assert_int_equal(post_grade(STAGE_POST, "203.0.113.8", "302"), GRADE_PROGRESSED);
}

static void test_rule6_verdict_of_lowered(void **state)
{
    (void)state;
    struct make m;
    make_init(&m);
    struct scan_rule *r = make_rule(&m, "page", GRADE_COMPROMISE, STAGE_SHELL);
    r->meta.second_sign = true;
    make_hit(&m, r, patched_server(&m), "2021-02-03");
    const struct verdict *v = ex01(&m);
    assert_int_equal(v->state, VERDICT_EXPLOITED_UNCONFIRMED);
    assert_true(says(v->because, "no second sign"));
    assert_true(str_eq(v->next, STR("advice: exploited")));
    make_done(&m);
}

/* What hosts share. */

static void test_shared_keys(void **state)
{
    (void)state;
    struct make m;
    make_init(&m);
    m.dossier[0].shared_what = STR("the keys of a farm");
    m.dossier[0].shared_stage = STAGE_SHELL;
    struct file_fact *one = logs(&m, "2021-01-01", "2021-05-01");
    make_file(&m, "EX02", "iis", "2/iis/a.log", "2021-01-01", "2021-05-01");
    make_file(&m, "EX02", "httpproxy-ecp", "2/proxy/a.log", "2021-01-01", "2021-05-01");
    make_file(&m, "WEB9", "iis", "3/iis/a.log", "2021-01-01", "2021-05-01"); /* another product */
    struct scan_rule *r = make_rule(&m, "Keys stolen", GRADE_PROGRESSED, STAGE_EXPLOIT);
    make_hit(&m, r, one, "2021-03-03");
    assert_int_equal(ex01(&m)->state, VERDICT_EXPLOITED_UNCONFIRMED);
    assert_int_equal(make_verdict(&m, "EX02", "affair-2021")->state, VERDICT_NO_SIGN);
    r->meta.stage = STAGE_SHELL;
    assert_true(str_find(ex01(&m)->because, STR("share")) < 0);
    const struct verdict *v = make_verdict(&m, "EX02", "affair-2021");
    assert_int_equal(v->state, VERDICT_NOT_ENOUGH_EVIDENCE);
    assert_true(says(v->because, "no sign in logs"));
    assert_true(says(v->because, "On EX01: Keys stolen on 2021-03-03"));
    assert_true(says(v->because, "share the keys of a farm, these may be known"));
    r->meta.grade = GRADE_COMPROMISE;
    run(&m);
    assert_true(says(make_verdict(&m, "EX02", "affair-2021")->because, "these are known"));
    assert_int_equal(make_verdict(&m, "WEB9", NULL)->state, VERDICT_NO_SIGN);
    make_done(&m);
}

/* Rule 8: own scanners and private clients. */

static void test_rule8_own_scanner(void **state)
{
    (void)state;
    for (int g = GRADE_PROBE; g <= GRADE_COMPROMISE; g++) {
        struct make m;
        make_init(&m);
        struct scan_rule *r = make_rule(&m, "r", (enum grade)g, STAGE_SHELL);
        make_hit(&m, r, patched_server(&m), "2021-02-01")->own_scanner = true;
        const struct verdict *v = ex01(&m);
        const struct finding *f = &m.answer.finding[0];
        if (g <= GRADE_ATTEMPT) {
            assert_int_equal(v->state, VERDICT_NO_SIGN);
            assert_true(str_eq(f->note, STR("own scanner")));
        } else {
            assert_true(v->state >= VERDICT_EXPLOITED_UNCONFIRMED);
            assert_null(f->note.p);
        }
        make_done(&m);
    }
}

static void test_rule8_private_clients(void **state)
{
    (void)state;
    struct make m;
    make_init(&m);
    struct file_fact *f = patched_server(&m);
    struct scan_rule *r = make_rule(&m, "r", GRADE_ATTEMPT, STAGE_EXPLOIT);
    r->meta.public_clients = true;
    make_hit(&m, r, f, "2021-02-01")->role[ROLE_CLIENT] = STR("10.1.2.3");
    f->sampled_clients = 100;
    f->private_clients = 89;
    assert_int_equal(ex01(&m)->state, VERDICT_NO_SIGN);
    assert_int_equal(m.answer.n_findings, 0);
    f->private_clients = 90; /* a balancer stands before the server */
    assert_int_equal(ex01(&m)->state, VERDICT_ATTEMPTED);
    make_done(&m);
}

static void test_private_addresses(void **state)
{
    (void)state;
    static const char *const yes[] = {
        "10.0.0.1",  "172.16.0.1", "172.31.255.255",  "192.168.1.1", "127.0.0.1", "::1",
        "fe80::1%3", "fd00::1",    "::ffff:10.0.0.1", "169.254.1.1", "100.64.0.1"};
    static const char *const no[] = {"172.32.0.1", "8.8.8.8", "2001:db8::1",    "::ffff:8.8.8.8",
                                     "",           "10.0.0",  "not an address", "100.128.0.1"};
    for (size_t i = 0; i < ARRAY_LEN(yes); i++)
        assert_true(address_private(str_of(yes[i])));
    for (size_t i = 0; i < ARRAY_LEN(no); i++)
        assert_false(address_private(str_of(no[i])));
}

static void test_foreign_shell(void **state)
{
    (void)state;
    struct make m;
    make_init(&m);
    struct scan_rule *r = make_rule(&m, "r", GRADE_COMPROMISE, STAGE_SHELL);
    r->meta.foreign_shell = true;
    make_hit(&m, r, patched_server(&m), "2021-02-01");
    assert_int_equal(ex01(&m)->state, VERDICT_NO_SIGN);
    assert_true(says(m.answer.finding[0].note, "other people's shells"));
    make_done(&m);
}

/* Rule 9: what would change it, and when evidence goes. */

static void test_rule9_rotation_of_old_logs(void **state)
{
    (void)state;
    struct make m;
    make_init(&m);
    patched_server(&m); /* rows of 78 days: nothing rotated here by itself */
    assert_true(str_find(ex01(&m)->next_evidence, STR("is kept")) < 0);
    assert_true(says(ex01(&m)->next_evidence, "aspnet_client of EX01"));
    make_done(&m);
}

static void test_needed_field(void **state)
{
    (void)state;
    struct make m;
    make_init(&m);
    patched_server(&m);
    struct str needed[] = {STR("iis: cs(Referer)")};
    struct str column[] = {STR("date"), STR("CS(referer)")};
    m.dossier[0].needed_fields = (struct str_list){needed, 1};
    const struct verdict *v = ex01(&m);
    assert_int_equal(v->state, VERDICT_NOT_ENOUGH_EVIDENCE);
    assert_true(says(v->because, "not tested: cs(Referer) was not logged"));
    assert_true(says(v->next_evidence, "cs(Referer)"));
    assert_true(str_eq(m.answer.coverage[1].kind, STR("iis")));
    assert_int_equal(m.answer.coverage[1].not_tested.n, 1);
    assert_true(str_eq(m.answer.coverage[1].not_tested.v[0],
                       STR("Affair of 2021: cs(Referer) was not logged")));
    assert_int_equal(m.answer.coverage[0].not_tested.n, 0);
    m.file[0].column = (struct str_list){column, 2};
    v = ex01(&m);
    assert_int_equal(v->state, VERDICT_NO_SIGN);
    assert_int_equal(m.answer.coverage[1].not_tested.n, 0);
    make_done(&m);
}

/* Hours of files without the column do not count, those of the others do. */
static void test_needed_field_partly(void **state)
{
    (void)state;
    struct make m;
    make_init(&m);
    struct str needed[] = {STR("iis: cs(Referer)")};
    struct str column[] = {STR("cs(Referer)")};
    m.dossier[0].needed_fields = (struct str_list){needed, 1};
    make_file(&m, "EX01", "iis", "a", "2021-01-01", "2021-02-01T23:30:00");
    make_file(&m, "EX01", "iis", "b", "2021-02-02", "2021-03-20")->column =
        (struct str_list){column, 1};
    struct file_fact *f = make_file(&m, "EX01", "httpproxy-ecp", "p", "2021-01-01", "2021-03-20");
    make_build(&m, f, OPEN, "2021-01-01", "2021-03-01T23:00:00");
    make_build(&m, f, FIXED, "2021-03-02", "2021-03-20");
    const struct verdict *v = ex01(&m);
    assert_int_equal(v->state, VERDICT_NOT_ENOUGH_EVIDENCE);
    assert_true(v->window_share > 0.45 && v->window_share < 0.5);
    assert_true(says(m.answer.coverage[1].not_tested.v[0], "in 1 of 2 files"));
    make_done(&m);
}

/* Hosts without a product of a dossier, and rules outside any dossier. */

static void test_general_verdict(void **state)
{
    (void)state;
    struct make m;
    make_init(&m);
    struct file_fact *f = make_file(&m, "WEB", "access", "a", "2021-01-01", "2021-03-20");
    run(&m);
    assert_int_equal(m.answer.n_verdicts, 1);
    const struct verdict *v = make_verdict(&m, "WEB", NULL);
    assert_int_equal(v->state, VERDICT_NO_SIGN);
    assert_true(says(v->because, "they run from 2021-01-01 to 2021-03-20"));
    assert_true(says(v->because, "not seen here, the products of: affair-2021"));
    /* an attack on a product that is not here is an attempt on the host */
    struct scan_rule *r = make_rule(&m, "r", GRADE_ATTEMPT, STAGE_EXPLOIT);
    make_hit(&m, r, f, "2021-02-01");
    run(&m);
    assert_int_equal(m.answer.n_verdicts, 1);
    assert_int_equal(make_verdict(&m, "WEB", NULL)->state, VERDICT_ATTEMPTED);
    /* one that went further shows that the product is here */
    r->meta.grade = GRADE_COMPROMISE;
    run(&m);
    assert_int_equal(m.answer.n_verdicts, 1);
    assert_int_equal(make_verdict(&m, "WEB", "affair-2021")->state, VERDICT_COMPROMISED);
    make_done(&m);
}

static void test_rule_outside_dossier(void **state)
{
    (void)state;
    struct make m;
    make_init(&m);
    struct scan_rule *r = make_rule(&m, "r", GRADE_COMPROMISE, STAGE_PROBE);
    r->dossier = NULL;
    run(&m);
    assert_int_equal(m.answer.n_verdicts, 0);
    make_hit(&m, r, patched_server(&m), "2021-02-01");
    run(&m);
    assert_int_equal(m.answer.n_verdicts, 2);
    /* worst first */
    assert_null(m.answer.verdict[0].dossier.p);
    assert_int_equal(m.answer.verdict[0].state, VERDICT_COMPROMISED);
    assert_true(m.answer.verdict[0].isolate);
    assert_true(str_eq(m.answer.verdict[0].next, STR("Do something.")));
    assert_int_equal(m.answer.verdict[1].state, VERDICT_NO_SIGN);
    assert_null(m.answer.finding[0].dossier.p);
    make_done(&m);
}

static void test_product_seen(void **state)
{
    (void)state;
    struct make m;
    make_init(&m);
    struct file_fact *f = make_file(&m, "WEB", "iis", "a", "2021-01-01", "2021-03-20");
    f->seen_dossiers = 1;
    run(&m);
    assert_int_equal(make_verdict(&m, "WEB", "affair-2021")->state, VERDICT_NOT_ENOUGH_EVIDENCE);
    make_done(&m);
}

static void test_unknown_files(void **state)
{
    (void)state;
    struct make m;
    make_init(&m);
    struct file_fact *f = &m.file[m.facts.n_files++];
    *f = (struct file_fact){.path = STR("README"),
                            .host = STR("box"),
                            .kind = STR(""),
                            .first_us = TIME_NONE,
                            .last_us = TIME_NONE};
    run(&m);
    assert_int_equal(m.answer.n_verdicts, 1);
    assert_int_equal(m.answer.verdict[0].state, VERDICT_NOT_ENOUGH_EVIDENCE);
    assert_true(says(m.answer.verdict[0].because, "no file of a known kind"));
    patched_server(&m); /* beside real logs a stray file is no host */
    run(&m);
    assert_int_equal(m.answer.n_verdicts, 1);
    make_done(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_sign),
        cmocka_unit_test(test_not_enough),
        cmocka_unit_test(test_attempted),
        cmocka_unit_test(test_exploited),
        cmocka_unit_test(test_compromised),
        cmocka_unit_test(test_rule1_caps),
        cmocka_unit_test(test_rule1_indicators),
        cmocka_unit_test(test_weak_never_decides),
        cmocka_unit_test(test_rule2_target_supplied),
        cmocka_unit_test(test_rule2_target_not_supplied),
        cmocka_unit_test(test_rule3_intersected),
        cmocka_unit_test(test_rule3_missing_kind),
        cmocka_unit_test(test_rule3_ninety_percent),
        cmocka_unit_test(test_rule3_tried_is_told),
        cmocka_unit_test(test_rule4_attempt_in_a_hole),
        cmocka_unit_test(test_rule4_confirming_log),
        cmocka_unit_test(test_rule5_mailbox_access),
        cmocka_unit_test(test_rule6_second_sign),
        cmocka_unit_test(test_rule6_no_second_sign),
        cmocka_unit_test(test_rule6_not_by_itself),
        cmocka_unit_test(test_rule6_verdict_of_lowered),
        cmocka_unit_test(test_shared_keys),
        cmocka_unit_test(test_rule8_own_scanner),
        cmocka_unit_test(test_rule8_private_clients),
        cmocka_unit_test(test_private_addresses),
        cmocka_unit_test(test_foreign_shell),
        cmocka_unit_test(test_rule9_rotation_of_old_logs),
        cmocka_unit_test(test_needed_field),
        cmocka_unit_test(test_needed_field_partly),
        cmocka_unit_test(test_general_verdict),
        cmocka_unit_test(test_rule_outside_dossier),
        cmocka_unit_test(test_product_seen),
        cmocka_unit_test(test_unknown_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
