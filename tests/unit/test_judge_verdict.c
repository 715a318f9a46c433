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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answer_not_logged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
