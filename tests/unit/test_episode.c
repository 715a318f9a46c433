#include "scan/episode.h"

#include "make_facts.h"

/* Rules by grade, so that a chain is written as a list of grades and times. */
struct chain {
    struct make m;
    struct file_fact *file;
    struct scan_rule *rule[5];
};

static void chain_init(struct chain *c)
{
    static const char *const id[] = {"weak", "probe", "attempt", "progressed", "compromise"};
    make_init(&c->m);
    c->file = make_file(&c->m, "EX01", "httpproxy-ecp", "p", "2021-01-01", "2021-12-31");
    for (int g = 0; g < 5; g++)
        c->rule[g] = make_rule(&c->m, id[g], (enum grade)g, STAGE_SHELL);
}

static struct hit *chain_add(struct chain *c, enum grade g, const char *time, const char *client)
{
    struct hit *h = make_hit(&c->m, c->rule[g], c->file, time);
    h->role[ROLE_CLIENT] = str_of(client);
    return h;
}

static void chain_run(struct chain *c)
{
    struct error error;
    assert_int_equal(judge(&c->m.arena, &c->m.facts, &c->m.answer, &error), OK);
}

static void test_stages(void **state)
{
    (void)state;
    struct chain c;
    chain_init(&c);
    chain_add(&c, GRADE_COMPROMISE, "2021-03-03T05:00:20", "203.0.113.3");
    chain_add(&c, GRADE_PROBE, "2021-03-03T04:00:00", "203.0.113.1");
    chain_add(&c, GRADE_PROGRESSED, "2021-03-03T05:00:05", "203.0.113.2");
    chain_run(&c);
    assert_int_equal(c.m.answer.n_episodes, 1);
    const struct episode *e = &c.m.answer.episode[0];
    assert_int_equal(e->n, 3);
    assert_int_equal(e->finding[0]->grade, GRADE_PROBE);
    assert_int_equal(e->finding[2]->grade, GRADE_COMPROMISE);
    assert_int_equal(e->first_us, at("2021-03-03T04:00:00"));
    assert_int_equal(e->last_us, at("2021-03-03T05:00:20"));
    assert_true(str_eq(e->host, STR("EX01")));
    assert_true(str_eq(e->dossier, STR("affair-2021")));
    assert_int_equal(strlen(e->id), 64);
    make_done(&c.m);
}

static void test_gap_of_a_day(void **state)
{
    (void)state;
    for (int late = 0; late < 2; late++) {
        struct chain c;
        chain_init(&c);
        chain_add(&c, GRADE_ATTEMPT, "2021-03-03T05:00:00", "203.0.113.1");
        chain_add(&c, GRADE_PROGRESSED, late ? "2021-03-04T05:00:01" : "2021-03-04T05:00:00",
                  "203.0.113.2");
        chain_run(&c);
        assert_int_equal(c.m.answer.n_episodes, late ? 0 : 1);
        make_done(&c.m);
    }
}

/* A chain: each within a day of the one before. */
static void test_chain(void **state)
{
    (void)state;
    struct chain c;
    chain_init(&c);
    chain_add(&c, GRADE_ATTEMPT, "2021-03-01", "203.0.113.1");
    chain_add(&c, GRADE_ATTEMPT, "2021-03-02", "203.0.113.2");
    chain_add(&c, GRADE_ATTEMPT, "2021-03-03", "203.0.113.3");
    chain_add(&c, GRADE_ATTEMPT, "2021-03-09", "203.0.113.4");
    chain_add(&c, GRADE_ATTEMPT, "2021-03-10", "203.0.113.5");
    chain_run(&c);
    assert_int_equal(c.m.answer.n_episodes, 2);
    assert_int_equal(c.m.answer.episode[0].n, 3);
    assert_int_equal(c.m.answer.episode[1].n, 2);
    make_done(&c.m);
}

static void test_same_client_days_apart(void **state)
{
    (void)state;
    static const struct {
        const char *time, *client;
        size_t episodes;
    } cases[] = {
        {"2021-03-20", "203.0.113.1", 1},
        {"2021-03-20", "203.0.113.2", 0},
        {"2021-05-20", "203.0.113.1", 0},
        {"2021-03-20", "127.0.0.1", 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct chain c;
        chain_init(&c);
        chain_add(&c, GRADE_PROGRESSED, "2021-03-01",
                  str_eq(str_of(cases[i].client), STR("127.0.0.1")) ? "127.0.0.1" : "203.0.113.1");
        chain_add(&c, GRADE_COMPROMISE, cases[i].time, cases[i].client);
        chain_run(&c);
        assert_int_equal(c.m.answer.n_episodes, cases[i].episodes);
        make_done(&c.m);
    }
}

static void test_same_user_and_target(void **state)
{
    (void)state;
    for (int how = 0; how < 3; how++) {
        struct chain c;
        chain_init(&c);
        struct hit *a = chain_add(&c, GRADE_PROGRESSED, "2021-03-01", "203.0.113.1");
        struct hit *b = chain_add(&c, GRADE_COMPROMISE, "2021-03-09", "203.0.113.2");
        if (how == 0) {
            a->role[ROLE_USER] = STR("CORP\\Admin");
            b->role[ROLE_USER] = STR("corp\\admin");
        } else if (how == 1) {
            a->role[ROLE_REQUEST] = b->role[ROLE_REQUEST] = STR("42-42");
        } else {
            a->target = STR("EX05.corp.example");
            b->target = STR("ex05");
        }
        chain_run(&c);
        assert_int_equal(c.m.answer.n_episodes, 1);
        make_done(&c.m);
    }
}

/* Lesser signs join, but they never tie two attacks together. */
static void test_lesser_signs(void **state)
{
    (void)state;
    struct chain c;
    chain_init(&c);
    chain_add(&c, GRADE_ATTEMPT, "2021-03-01T00:00:00", "203.0.113.1");
    chain_add(&c, GRADE_PROBE, "2021-03-01T20:00:00", "203.0.113.2");
    chain_add(&c, GRADE_WEAK, "2021-03-02T14:00:00", "203.0.113.3");
    chain_add(&c, GRADE_ATTEMPT, "2021-03-03T10:00:00", "203.0.113.4");
    chain_add(&c, GRADE_PROBE, "2021-06-01", "203.0.113.5");
    chain_add(&c, GRADE_PROBE, "2021-06-02", "203.0.113.5");
    chain_run(&c);
    assert_int_equal(c.m.answer.n_episodes, 2);
    assert_int_equal(c.m.answer.episode[0].n, 2);
    assert_int_equal(c.m.answer.episode[1].n, 2);
    make_done(&c.m);
}

static void test_not_deciding_stay_out(void **state)
{
    (void)state;
    struct chain c;
    chain_init(&c);
    chain_add(&c, GRADE_ATTEMPT, "2021-03-01", "203.0.113.1");
    chain_add(&c, GRADE_ATTEMPT, "2021-03-01T01:00:00", "203.0.113.2")->own_scanner = true;
    chain_run(&c);
    assert_int_equal(c.m.answer.n_episodes, 0);
    make_done(&c.m);
}

static void test_hosts_and_dossiers_apart(void **state)
{
    (void)state;
    struct chain c;
    chain_init(&c);
    struct file_fact *f = make_file(&c.m, "EX02", "httpproxy-ecp", "q", "2021-01-01", "2021-12-31");
    chain_add(&c, GRADE_ATTEMPT, "2021-03-01", "203.0.113.1");
    chain_add(&c, GRADE_COMPROMISE, "2021-03-01", "203.0.113.1")->file = (uint32_t)(f - c.m.file);
    c.m.hit[1].host = STR("EX02");
    struct scan_rule *r = make_rule(&c.m, "outside", GRADE_ATTEMPT, STAGE_SHELL);
    r->dossier = NULL;
    make_hit(&c.m, r, c.file, "2021-03-02T00:00:01");
    chain_run(&c);
    assert_int_equal(c.m.answer.n_findings, 3);
    assert_int_equal(c.m.answer.n_episodes, 0);
    make_done(&c.m);
}

/* What belongs to no affair is a stage of the one nearest in time. */
static void test_of_no_dossier(void **state)
{
    (void)state;
    for (int g = GRADE_WEAK; g <= GRADE_COMPROMISE; g += GRADE_COMPROMISE - GRADE_WEAK) {
        struct chain c;
        chain_init(&c);
        struct scan_rule *r = make_rule(&c.m, "outside", (enum grade)g, STAGE_SHELL);
        r->dossier = NULL;
        make_hit(&c.m, r, c.file, "2021-03-01T00:00:00");
        chain_add(&c, GRADE_PROGRESSED, "2021-03-01T00:00:10", "203.0.113.1");
        chain_add(&c, GRADE_WEAK, "2021-03-05",
                  "203.0.113.2"); /* no stage of an affair by itself */
        make_hit(&c.m, r, c.file, "2021-03-05T00:00:01");
        chain_run(&c);
        assert_int_equal(c.m.answer.n_episodes, 1);
        const struct episode *e = &c.m.answer.episode[0];
        assert_int_equal(e->n, 2);
        assert_null(e->finding[0]->dossier.p);
        assert_true(str_eq(e->dossier, STR("affair-2021")));
        make_done(&c.m);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stages),
        cmocka_unit_test(test_gap_of_a_day),
        cmocka_unit_test(test_chain),
        cmocka_unit_test(test_same_client_days_apart),
        cmocka_unit_test(test_same_user_and_target),
        cmocka_unit_test(test_lesser_signs),
        cmocka_unit_test(test_not_deciding_stay_out),
        cmocka_unit_test(test_hosts_and_dossiers_apart),
        cmocka_unit_test(test_of_no_dossier),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
