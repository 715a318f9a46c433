#include "scan/judge.h"

#include "base/hash.h"

#include "make_facts.h"

/* Conditions of rules. */

static void test_many_mailboxes(void **state)
{
    (void)state;
    static const char *const box[] = {"a@x", "b@x", "c@x", "A@X", "d@x", "e@x"};
    for (size_t n = 5; n <= 6; n++) {
        struct make m;
        make_init(&m);
        struct file_fact *f = patched_server(&m);
        struct scan_rule *r = make_rule(&m, "r", GRADE_PROGRESSED, STAGE_POST);
        struct str fold[] = {STR("mailbox")};
        r->meta.many_mailboxes = true;
        r->meta.fold = (struct str_list){fold, 1};
        for (size_t i = 0; i < n; i++)
            make_hit(&m, r, f, "2021-02-01")->role[ROLE_MAILBOX] = str_of(box[i]);
        run(&m);
        assert_int_equal(m.answer.n_findings, n - 1); /* a@x and A@X are one */
        assert_int_equal(m.answer.finding[0].grade, n == 6 ? GRADE_PROGRESSED : GRADE_WEAK);
        make_done(&m);
    }
}

static void test_request_behind(void **state)
{
    (void)state;
    static const enum grade grade[] = {GRADE_ATTEMPT, GRADE_PROGRESSED, GRADE_WEAK};
    for (int8_t front = -1; front <= 1; front++) {
        struct make m;
        make_init(&m);
        struct scan_rule *r = make_rule(&m, "r", GRADE_PROGRESSED, STAGE_POST);
        r->meta.request_behind = true;
        make_hit(&m, r, patched_server(&m), "2021-02-01")->front_request = front;
        run(&m);
        assert_int_equal(m.answer.finding[0].grade, grade[front + 1]);
        make_done(&m);
    }
}

/* Findings. */

static void test_folding(void **state)
{
    (void)state;
    struct make m;
    make_init(&m);
    struct file_fact *f = patched_server(&m), *g = &m.file[0];
    memcpy(f->sha256, "f", 2);
    struct file_fact *copy =
        make_file(&m, "ex01", "httpproxy-ecp", "zz/copy", "2021-01-01", "2021-03-20");
    memcpy(copy->sha256, "f", 2);
    struct scan_rule *r = make_rule(&m, "r", GRADE_ATTEMPT, STAGE_SHELL);
    struct hit *late = make_hit(&m, r, f, "2021-02-03");
    struct hit *early = make_hit(&m, r, f, "2021-02-01");
    early->count = 5;
    make_hit(&m, r, g, "2021-02-01");                                     /* another kind */
    make_hit(&m, r, f, "2021-02-01")->role[ROLE_CLIENT] = STR("9.9.9.9"); /* another client */
    struct hit *again = make_hit(&m, r, copy, "2021-02-03");              /* the same file twice */
    again->offset = late->offset;
    memcpy(again->raw_sha256, late->raw_sha256, 32);
    run(&m);
    assert_int_equal(m.answer.n_findings, 3);
    const struct finding *x = &m.answer.finding[1];
    assert_int_equal(x->count, 6);
    assert_int_equal(x->time_us, at("2021-02-01"));
    assert_int_equal(x->last_us, at("2021-02-03"));
    assert_int_equal(x->offset, early->offset);
    make_done(&m);
}

static void test_finding_id(void **state)
{
    (void)state;
    struct make m;
    make_init(&m);
    struct hit *h = make_hit(&m, make_rule(&m, "rule", GRADE_ATTEMPT, STAGE_SHELL),
                             patched_server(&m), "2021-02-01");
    memset(h->raw_sha256, 7, 32);
    run(&m);
    unsigned char digest[32];
    char hex[65];
    static const char key[] = "rule\0EX01\0httpproxy-ecp\0"
                              "\7\7\7\7\7\7\7\7\7\7\7\7\7\7\7\7\7\7\7\7\7\7\7\7\7\7\7\7\7\7\7\7";
    sha256_of(str_make(key, sizeof key - 1), digest);
    hex_of(digest, 32, hex);
    assert_string_equal(m.answer.finding[0].id, hex);
    /* logs grow and move: path and offset change nothing */
    h->offset = 12345;
    m.file[1].path = STR("elsewhere");
    run(&m);
    assert_string_equal(m.answer.finding[0].id, hex);
    make_done(&m);
}

static void test_overflow(void **state)
{
    (void)state;
    struct make m;
    make_init(&m);
    struct hit *h = make_hit(&m, make_rule(&m, "r", GRADE_ATTEMPT, STAGE_SHELL), patched_server(&m),
                             "2021-02-01");
    make_hit(&m, &m.rule[0], &m.file[1], "2021-02-02")->overflow = true;
    m.hit[1].raw_sha256[0] = h->raw_sha256[0];
    m.hit[1].count = 77;
    run(&m);
    assert_int_equal(m.answer.n_findings, 2);
    assert_string_not_equal(m.answer.finding[0].id, m.answer.finding[1].id);
    assert_int_equal(m.answer.n_gaps, 1);
    assert_true(says(m.answer.gap[0].detail, "77 further records"));
    make_done(&m);
}

static void test_order_of_hits(void **state)
{
    (void)state;
    struct make m;
    struct answer first;
    make_init(&m);
    struct file_fact *f = patched_server(&m);
    for (int i = 0; i < 6; i++) {
        struct scan_rule *r = make_rule(&m, i % 2 ? "a" : "b", (enum grade)(i % 5), STAGE_SHELL);
        make_hit(&m, r, f, i % 3 ? "2021-02-01" : "2021-02-02")->target = STR("EX07");
        make_hit(&m, r, &m.file[0], "2021-02-01");
    }
    run(&m);
    first = m.answer;
    for (size_t i = 0; i < m.facts.n_hits / 2; i++) {
        struct hit h = m.hit[i];
        m.hit[i] = m.hit[m.facts.n_hits - 1 - i];
        m.hit[m.facts.n_hits - 1 - i] = h;
    }
    run(&m);
    assert_int_equal(first.n_findings, m.answer.n_findings);
    for (size_t i = 0; i < first.n_findings; i++)
        assert_string_equal(first.finding[i].id, m.answer.finding[i].id);
    assert_int_equal(first.n_episodes, m.answer.n_episodes);
    for (size_t i = 0; i < first.n_episodes; i++)
        assert_string_equal(first.episode[i].id, m.answer.episode[i].id);
    assert_int_equal(first.n_verdicts, m.answer.n_verdicts);
    for (size_t i = 0; i < first.n_verdicts; i++)
        assert_true(str_eq(first.verdict[i].because, m.answer.verdict[i].because));
    make_done(&m);
}

static void test_many_named_hosts(void **state)
{
    (void)state;
    struct make m;
    enum { MANY = JUDGE_NAMED_HOSTS + 10 };
    make_init(&m);
    struct file_fact *f = patched_server(&m);
    struct scan_rule *r = make_rule(&m, "r", GRADE_ATTEMPT, STAGE_EXPLOIT);
    struct hit *hit = arena_new_n(&m.arena, struct hit, MANY);
    char(*name)[16] = arena_array(&m.arena, MANY, sizeof *name);
    assert_non_null(hit);
    assert_non_null(name);
    for (int i = 0; i < MANY; i++) {
        m.facts.n_hits = 0;
        hit[i] = *make_hit(&m, r, f, "2021-02-01");
        (void)snprintf(name[i], sizeof name[i], "host%d", i);
        hit[i].target = str_of(name[i]);
        hit[i].raw_sha256[1] = (unsigned char)i;
    }
    m.facts.hit = hit;
    m.facts.n_hits = MANY;
    run(&m);
    assert_int_equal(m.answer.n_verdicts, JUDGE_NAMED_HOSTS + 1);
    assert_true(says(m.answer.gap[0].detail, "10 further hosts"));
    make_done(&m);
}

static void test_out_of_memory(void **state)
{
    (void)state;
    for (size_t kib = 0; kib < 200; kib += 3) {
        struct make m;
        make_init(&m);
        make_hit(&m, make_rule(&m, "r", GRADE_PROGRESSED, STAGE_EXPLOIT), patched_server(&m),
                 "2021-02-01")
            ->target = STR("EX02");
        struct arena small;
        struct error error;
        arena_init(&small, kib * 1024);
        enum err rc = judge(&small, &m.facts, &m.answer, &error);
        assert_true(rc == OK || rc == ERR_NOMEM);
        arena_done(&small);
        make_done(&m);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_many_mailboxes),   cmocka_unit_test(test_request_behind),
        cmocka_unit_test(test_folding),          cmocka_unit_test(test_finding_id),
        cmocka_unit_test(test_overflow),         cmocka_unit_test(test_order_of_hits),
        cmocka_unit_test(test_many_named_hosts), cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
