#include "scan/judge.h"

#include "make_facts.h"

/* A try whose row has no status is no refused try. */
static void test_answer_not_logged(void **state)
{
    (void)state;
    struct make m;
    make_init(&m);
    struct file_fact *f = patched_server(&m);
    struct hit *h = make_hit(&m, make_rule(&m, "tried", GRADE_ATTEMPT, STAGE_EXPLOIT), f,
                             "2021-02-27T05:00:00");
    assert_int_equal(ex01(&m)->state, VERDICT_ATTEMPTED);
    h->role[ROLE_STATUS] = STR("");
    const struct verdict *v = ex01(&m);
    assert_int_equal(v->state, VERDICT_NOT_ENOUGH_EVIDENCE);
    assert_true(says(v->because, "its row does not hold the answer of the server"));
    assert_true(says(v->next_evidence, "whole, with the status of every request, the httpproxy-ecp "
                                       "logs of EX01 around 2021-02-27"));
    make_done(&m);
}

static void hour_at(struct hit *h, const char *time)
{
    few_add(&h->hours, few_of_hour(time_hour(at(time))));
}

/* Of folded tries each one's hour must have been read, not the first's and the last's alone. */
static void test_folded_hours(void **state)
{
    (void)state;
    struct make m;
    make_init(&m);
    struct file_fact *f = patched_server(&m);
    make_hole(f, "2021-02-10T05:00:00", "2021-02-10T07:00:00");
    struct hit *h = make_hit(&m, make_rule(&m, "tried", GRADE_ATTEMPT, STAGE_EXPLOIT), f,
                             "2021-02-01T05:30:00");
    h->count = 3;
    h->last_us = at("2021-02-20T05:30:00");
    hour_at(h, "2021-02-01T05:00:00");
    hour_at(h, "2021-02-09T05:00:00");
    hour_at(h, "2021-02-20T05:00:00");
    assert_int_equal(ex01(&m)->state, VERDICT_ATTEMPTED);
    hour_at(h, "2021-02-10T06:00:00");
    const struct verdict *v = ex01(&m);
    assert_int_equal(v->state, VERDICT_NOT_ENOUGH_EVIDENCE);
    assert_true(says(v->because, "what followed the one on 2021-02-10 06:00:00"));
    assert_true(says(v->because, "the time from 2021-02-10 05:00 to 2021-02-10 07:00 cannot"));
    assert_true(says(v->next_evidence, "the httpproxy-ecp logs of EX01 around 2021-02-10"));
    make_done(&m);
}

/* More hours than are kept: all of the time behind them must have been read. */
static void test_folded_hours_beyond(void **state)
{
    (void)state;
    struct make m;
    make_init(&m);
    struct file_fact *f = patched_server(&m);
    struct hit *h = make_hit(&m, make_rule(&m, "tried", GRADE_ATTEMPT, STAGE_EXPLOIT), f,
                             "2021-02-01T00:30:00");
    h->last_us = at("2021-02-20T05:30:00");
    for (int64_t i = 0; i <= FEW_MAX; i++)
        few_add(&h->hours, few_of_hour(time_hour(at("2021-02-01")) + i));
    assert_int_equal(ex01(&m)->state, VERDICT_ATTEMPTED);
    make_hole(f, "2021-02-10T05:00:00", "2021-02-10T07:00:00");
    assert_int_equal(ex01(&m)->state, VERDICT_NOT_ENOUGH_EVIDENCE);
    make_done(&m);
}

/* A night that was not read is asked for, although enough was; an hour is not. */
static void test_hole_of_a_negative(void **state)
{
    (void)state;
    struct make m;
    make_init(&m);
    struct file_fact *f = patched_server(&m);
    make_hole(f, "2021-02-10T05:00:00", "2021-02-10T07:00:00");
    assert_true(says(ex01(&m)->next_evidence, "a listing"));
    make_hole(f, "2021-02-10T05:00:00", "2021-02-12T12:00:00");
    const struct verdict *v = ex01(&m);
    assert_int_equal(v->state, VERDICT_NO_SIGN);
    assert_true(says(v->because, "the time from 2021-02-10 to 2021-02-12 cannot be judged"));
    assert_true(
        says(v->next_evidence, "the httpproxy-ecp logs of EX01 from 2021-02-10 to 2021-02-12"));
    make_hole(&m.file[0], "2021-02-10T05:00:00",
              "2021-02-12T12:00:00"); /* then both are asked for */
    assert_true(says(ex01(&m)->next_evidence,
                     "the iis, httpproxy-ecp logs of EX01 from 2021-02-10 to 2021-02-12"));
    make_done(&m);
}

/* A server of which only an event log was copied: nothing can be said, and that is said. */
static void test_server_without_known_logs(void **state)
{
    (void)state;
    struct make m;
    make_init(&m);
    patched_server(&m);
    m.file[m.facts.n_files++] =
        (struct file_fact){.path = STR("EX09/Windows/System32/winevt/Logs/Application.evtx"),
                           .host = STR("EX09"),
                           .kind = STR(""),
                           .first_us = TIME_NONE,
                           .last_us = TIME_NONE};
    assert_int_equal(ex01(&m)->state, VERDICT_NO_SIGN);
    const struct verdict *v = make_verdict(&m, "EX09", NULL);
    assert_non_null(v);
    assert_int_equal(v->state, VERDICT_NOT_ENOUGH_EVIDENCE);
    assert_true(says(v->because, "no file of a known kind of log"));
    assert_true(says(v->next_evidence, "the logs of EX09"));
    make_done(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answer_not_logged),  cmocka_unit_test(test_server_without_known_logs),
        cmocka_unit_test(test_folded_hours),       cmocka_unit_test(test_folded_hours_beyond),
        cmocka_unit_test(test_hole_of_a_negative),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
