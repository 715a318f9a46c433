#include "scan/judge.h"

#include "make_facts.h"

/* "confirm: unrequested": a request that was looked for where it must be, and is not there. */

enum { NOT_LOOKED = -1, NOT_FOUND, FOUND };

static void unrequested(struct make *m, int8_t front, const char *hole_from, const char *hole_to)
{
    make_init(m);
    struct file_fact *f = patched_server(m);
    struct file_fact *ecp =
        make_file(m, "EX01", "ecp-server", "ecp/a.log", "2021-01-01", "2021-03-20");
    struct scan_rule *r = make_rule(m, "changed", GRADE_PROGRESSED, STAGE_POST);
    r->meta.request_behind = r->meta.unrequested = true;
    make_hit(m, r, ecp, "2021-02-10T05:30:00")->front_request = front;
    for (size_t i = 0; hole_from && i < 2; i++)
        make_hole(i ? f : &m->file[0], hole_from, hole_to);
    run(m);
}

static void test_unrequested(void **state)
{
    (void)state;
    struct make m;
    unrequested(&m, NOT_FOUND, NULL, NULL);
    assert_int_equal(m.answer.n_findings, 1);
    assert_int_equal(m.answer.finding[0].grade, GRADE_PROGRESSED);
    assert_int_equal(m.answer.verdict[0].state, VERDICT_EXPLOITED_UNCONFIRMED);
    make_done(&m);
}

static void test_requested_is_no_finding(void **state)
{
    (void)state;
    struct make m;
    unrequested(&m, FOUND, NULL, NULL);
    assert_int_equal(m.answer.n_findings, 0);
    assert_int_equal(m.answer.verdict[0].state, VERDICT_NO_SIGN);
    assert_int_equal(m.answer.n_gaps, 0);
    make_done(&m);
}

/* Without the logs that would hold the request its absence says nothing. */
static void test_unrequested_in_a_hole(void **state)
{
    (void)state;
    struct make m;
    unrequested(&m, NOT_FOUND, "2021-02-10", "2021-02-12");
    assert_int_equal(m.answer.n_findings, 0);
    make_done(&m);
}

static void test_not_looked_for_is_told(void **state)
{
    (void)state;
    struct make m;
    unrequested(&m, NOT_LOOKED, NULL, NULL);
    assert_int_equal(m.answer.n_findings, 0);
    assert_int_equal(m.answer.n_gaps, 1);
    assert_true(str_eq(m.answer.gap[0].reason, STR("limit")));
    assert_true(says(m.answer.gap[0].detail, "1 changes by cmdlets were not checked"));
    make_done(&m);
}

/* A rule that is no more than a look at everyday work says nothing of ordinary readers. */
static void test_few_mailboxes_of_a_probe(void **state)
{
    (void)state;
    struct make m;
    make_init(&m);
    struct file_fact *f = patched_server(&m);
    struct str fold[] = {STR("client"), STR("mailbox")};
    struct scan_rule *r = make_rule(&m, "many", GRADE_PROBE, STAGE_POST);
    r->meta.many_mailboxes = true;
    r->meta.fold = (struct str_list){fold, 2};
    static const char *const box[] = {"a", "b", "c", "d", "e"};
    for (size_t n = 0; n < 4; n++)
        make_hit(&m, r, f, "2021-02-01")->role[ROLE_MAILBOX] = str_of(box[n]);
    run(&m);
    assert_int_equal(m.answer.n_findings, 0);
    make_hit(&m, r, f, "2021-02-01")->role[ROLE_MAILBOX] = str_of(box[4]);
    run(&m);
    assert_int_equal(m.answer.n_findings, 5);
    assert_int_equal(m.answer.finding[0].grade, GRADE_PROBE);
    make_done(&m);
}

/* What any affair may leave behind weighs on the host, not on an affair that it was never open to.
 */
static void test_unrequested_on_a_host_seen_fixed_first(void **state)
{
    (void)state;
    struct make m;
    make_init(&m);
    struct file_fact *f = logs(&m, "2021-04-01", "2021-04-20");
    make_build(&m, f, FIXED, "2021-04-01", "2021-04-20");
    struct scan_rule *r = make_rule(&m, "changed", GRADE_PROGRESSED, STAGE_POST);
    r->meta.request_behind = r->meta.unrequested = true;
    make_hit(&m, r, f, "2021-04-10T05:30:00")->front_request = NOT_FOUND;
    assert_int_equal(ex01(&m)->state, VERDICT_NOT_ENOUGH_EVIDENCE);
    const struct verdict *v = make_verdict(&m, "EX01", NULL);
    assert_non_null(v);
    assert_int_equal(v->state, VERDICT_EXPLOITED_UNCONFIRMED);
    make_done(&m);
}

/* Rule 6: a handful of clients. */

static enum grade page_of(size_t clients, uint64_t rows, const char *first_client, const char *kind)
{
    static const char *const client[] = {"203.0.113.1", "203.0.113.2", "203.0.113.3",
                                         "203.0.113.4", "203.0.113.5", "203.0.113.6"};
    struct make m;
    make_init(&m);
    patched_server(&m);
    struct file_fact *f = make_file(&m, "EX01", kind, "k", "2021-01-01", "2021-03-20");
    struct scan_rule *r = make_rule(&m, "page", GRADE_COMPROMISE, STAGE_SHELL);
    r->meta.second_sign = true;
    for (size_t i = 0; i < clients; i++) {
        struct hit *h = make_hit(&m, r, f, "2021-02-03");
        h->count = rows;
        h->role[ROLE_METHOD] = STR("GET");
        h->role[ROLE_CLIENT] = str_of(i || !first_client ? client[i] : first_client);
    }
    run(&m);
    enum grade found = m.answer.finding[0].grade;
    make_done(&m);
    return found;
}

static void test_handful_of_clients(void **state)
{
    (void)state;
    assert_int_equal(page_of(1, 2, NULL, "iis"), GRADE_COMPROMISE);
    assert_int_equal(page_of(2, 1, NULL, "iis"), GRADE_COMPROMISE);
    assert_int_equal(page_of(5, 9, NULL, "iis"), GRADE_COMPROMISE);
    assert_int_equal(page_of(6, 9, NULL, "iis"), GRADE_PROGRESSED); /* an add-on's page */
    assert_int_equal(page_of(1, 1, NULL, "iis"), GRADE_PROGRESSED); /* once is not coming back */
    assert_int_equal(page_of(2, 9, "10.0.9.9", "iis"), GRADE_PROGRESSED);
    assert_int_equal(page_of(1, 9, NULL, "iis-backend"), GRADE_PROGRESSED);
}

/* Two rules that both saw one request have not seen two. */
static void test_handful_counts_a_request_once(void **state)
{
    (void)state;
    struct make m;
    make_init(&m);
    patched_server(&m);
    for (size_t i = 0; i < 2; i++) {
        struct scan_rule *r = make_rule(&m, i ? "b" : "a", GRADE_COMPROMISE, STAGE_SHELL);
        r->meta.second_sign = true;
        struct hit *h = make_hit(&m, r, &m.file[0], "2021-02-03");
        h->role[ROLE_STEM] = STR("/aspnet_client/x.aspx");
        h->role[ROLE_METHOD] = STR("GET");
    }
    run(&m);
    assert_int_equal(m.answer.finding[0].grade, GRADE_PROGRESSED);
    make_done(&m);
}

/* Behind a balancer IIS names the scanner, HttpProxy the balancer: the request id joins them. */
static bool other_decides(uint64_t other_request, uint64_t count)
{
    struct make m;
    make_init(&m);
    struct file_fact *f = patched_server(&m);
    struct scan_rule *r = make_rule(&m, "tried", GRADE_ATTEMPT, STAGE_EXPLOIT);
    struct hit *own = make_hit(&m, r, &m.file[0], "2021-02-03");
    own->own_scanner = true;
    few_add(&own->requests, 11);
    struct hit *other = make_hit(&m, r, f, "2021-02-03");
    other->role[ROLE_CLIENT] = STR("10.0.9.9");
    other->count = count;
    few_add(&other->requests, 11);
    few_add(&other->requests, other_request);
    run(&m);
    bool decides = false;
    for (size_t i = 0; i < m.answer.n_findings; i++)
        decides |= !m.answer.finding[i].note.p;
    make_done(&m);
    return decides;
}

static void test_own_scanner_by_request(void **state)
{
    (void)state;
    assert_false(other_decides(11, 1));
    assert_true(other_decides(12, 2)); /* somebody else's request in the same fold */
    assert_true(other_decides(11, 2)); /* a row without an id */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unrequested),
        cmocka_unit_test(test_requested_is_no_finding),
        cmocka_unit_test(test_unrequested_in_a_hole),
        cmocka_unit_test(test_not_looked_for_is_told),
        cmocka_unit_test(test_few_mailboxes_of_a_probe),
        cmocka_unit_test(test_handful_of_clients),
        cmocka_unit_test(test_handful_counts_a_request_once),
        cmocka_unit_test(test_own_scanner_by_request),
        cmocka_unit_test(test_unrequested_on_a_host_seen_fixed_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
