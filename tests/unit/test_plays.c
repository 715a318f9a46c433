/* Plays: those inside the program are whole, and what is wrong in others is told with its line. */
#include "codec/yaml.h"
#include "dossier/plays.h"
#include "unit.h"

static struct arena arena;

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 64 * 1024 * 1024);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static struct play_list read(const char *yaml, struct dossier_problems *problems)
{
    struct node *doc;
    struct error error;
    struct play_list plays;
    size_t n;
    *problems = (struct dossier_problems){0};
    if (yaml_parse(&arena, str_of(yaml), STR("x.yaml"), 1, &doc, &n, &error) || n != 1)
        fail_msg("%s", error.text);
    assert_int_equal(
        plays_read(&arena, node_get(doc, "plays"), STR("x.yaml"), STR("my"), &plays, problems), OK);
    return plays;
}

static void test_shared(void **state)
{
    struct play_list plays;
    struct dossier_problems problems = {0};
    struct error error;
    size_t steps = 0;
    (void)state;
    assert_int_equal(plays_shared(&arena, &plays, &problems, &error), OK);
    plays_lint(&arena, &plays, NULL, STR("data/plays.yaml"), &problems);
    for (size_t i = 0; i < problems.n; i++)
        print_error("%u: %.*s\n", problems.v[i].line, STR_FMT(problems.v[i].text));
    assert_int_equal(problems.n, 0);
    assert_true(plays.n >= 10);
    for (size_t i = 0; i < plays.n; i++)
        steps += plays.v[i].n_steps;
    assert_true(steps > 30);
    assert_non_null(play_step_find(&plays, STR("P-02.isolate")));
}

/* Each affair has its own, and they fit the shared ones. */
static void test_affairs(void **state)
{
    const char *const *ids;
    size_t n = dossier_shipped(&ids);
    struct play_list shared;
    struct error error;
    (void)state;
    assert_int_equal(plays_shared(&arena, &shared, NULL, &error), OK);
    for (size_t i = 0; i < n; i++) {
        struct dossier d;
        struct dossier_problems problems = {0};
        assert_int_equal(dossier_load(&arena, str_of(ids[i]), &d, &problems, &error), OK);
        plays_lint(&arena, &d.plays, &shared, d.id, &problems);
        for (size_t k = 0; k < problems.n; k++)
            print_error("%s: %u: %.*s\n", ids[i], problems.v[k].line, STR_FMT(problems.v[k].text));
        assert_int_equal(problems.n, 0);
        assert_true(d.plays.n >= 4);
        for (size_t k = 0; k < ARRAY_LEN(d.advice); k++)
            assert_true(d.advice[k].n > 0);
    }
}

static void test_read(void **state)
{
    struct dossier_problems problems;
    struct play_list p = read("plays:\n"
                              "  - id: shells\n"
                              "    title: Web shells\n"
                              "    when: host.verdict == compromised\n"
                              "    steps:\n"
                              "      - id: look\n"
                              "        step: Look.\n"
                              "        how: |\n"
                              "          one\n"
                              "          two\n"
                              "        phase: look\n"
                              "        due: 2d\n"
                              "        attack: [T1505.003]\n"
                              "        d3fend: [D3-FIM]\n"
                              "        instead_of: P-04.files\n"
                              "        when: host.before_fix\n"
                              "      - id: tell\n"
                              "        step: Tell.\n",
                              &problems);
    (void)state;
    assert_int_equal(problems.n, 0);
    assert_int_equal(p.n, 1);
    assert_str(p.v[0].id, "my.shells");
    assert_int_equal(p.v[0].n_steps, 2);
    const struct play_step *s = &p.v[0].step[0];
    assert_str(s->id, "my.shells.look");
    assert_str(s->how, "one\ntwo");
    assert_int_equal(s->phase, PHASE_LOOK);
    assert_int_equal(s->due_hours, 48);
    assert_str(s->technique.v[0], "T1505.003");
    assert_str(s->instead_of.v[0], "P-04.files");
    assert_true(s->per_host);
    assert_int_equal(p.v[0].step[1].due_hours, DUE_NONE);
    assert_ptr_equal(play_step_find(&p, STR("my.shells.tell")), &p.v[0].step[1]);
    assert_null(play_step_find(&p, STR("shells.tell")));
}

static void told(const struct dossier_problems *problems, size_t i, uint32_t line, const char *text)
{
    assert_true(i < problems->n);
    assert_str(problems->v[i].text, text);
    assert_str(problems->v[i].file, "x.yaml");
    assert_int_equal(problems->v[i].line, line);
}

static void test_wrong(void **state)
{
    struct dossier_problems problems;
    struct play_list p = read("plays:\n"
                              "  - id: a\n"
                              "    steps:\n"
                              "      - {id: one, step: One., when: host.verdikt == no-sign}\n"
                              "      - {id: two words, step: Two.}\n"
                              "      - {id: three, step: Three., due: soon, phase: later}\n"
                              "      - {id: four, step: Four., wich: x}\n"
                              "  - id: b\n"
                              "    when: [a, b]\n"
                              "  - just a text\n",
                              &problems);
    (void)state;
    told(&problems, 0, 4, "condition: unknown fact at \"host.verdikt\"");
    told(&problems, 1, 5, "a step needs \"id\" (letters, digits and \"-\") and \"step\"");
    told(&problems, 2, 6, "no phase: \"later\"");
    told(&problems, 3, 6, "\"due\" is now, hours (4h) or days (7d): \"soon\"");
    told(&problems, 4, 7, "unknown key \"wich\" in a step");
    told(&problems, 5, 9, "a condition is a text");
    told(&problems, 6, 10, "a play needs an \"id\" of letters, digits and \"-\"");
    assert_int_equal(problems.n, 7);
    /* A step of which nobody knows when it holds is no step. */
    assert_int_equal(p.n, 1);
    assert_int_equal(p.v[0].n_steps, 2);
    assert_str(p.v[0].step[0].id, "my.a.three");
}

static void test_lint(void **state)
{
    struct dossier_problems problems;
    struct play_list shared;
    struct error error;
    struct play_list p = read("plays:\n"
                              "  - id: a\n"
                              "    title: A\n"
                              "    steps:\n"
                              "      - {id: one, step: One., why: x, how: x, source: x, due: 1d,\n"
                              "         audience: x, attack: X1, d3fend: FIM, instead_of: P-99.x}\n"
                              "      - {id: one, step: One.}\n",
                              &problems);
    static const char *const wanted[] = {
        "no technique: \"X1\"",
        "no technique of D3FEND: \"FIM\"",
        "no shared step \"P-99.x\"",
        "key \"why\" is missing in step \"my.a.one\"",
        "key \"how\" is missing in step \"my.a.one\"",
        "key \"source\" is missing in step \"my.a.one\"",
        "key \"due\" is missing in step \"my.a.one\"",
        "key \"audience\" is missing in step \"my.a.one\"",
        "the id \"my.a.one\" is used twice",
    };
    (void)state;
    assert_int_equal(plays_shared(&arena, &shared, NULL, &error), OK);
    plays_lint(&arena, &p, &shared, STR("x.yaml"), &problems);
    assert_int_equal(problems.n, ARRAY_LEN(wanted));
    for (size_t i = 0; i < problems.n; i++)
        assert_str(problems.v[i].text, wanted[i]);
}

static void test_due(void **state)
{
    uint32_t hours;
    (void)state;
    assert_true(due_parse(STR("now"), &hours));
    assert_int_equal(hours, 0);
    assert_true(due_parse(STR("4h"), &hours));
    assert_int_equal(hours, 4);
    assert_true(due_parse(STR("14d"), &hours));
    assert_int_equal(hours, 336);
    assert_false(due_parse(STR("4"), &hours));
    assert_false(due_parse(STR("h"), &hours));
    assert_false(due_parse(STR("99999d"), &hours));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_shared, setup, teardown),
        cmocka_unit_test_setup_teardown(test_affairs, setup, teardown),
        cmocka_unit_test_setup_teardown(test_read, setup, teardown),
        cmocka_unit_test_setup_teardown(test_wrong, setup, teardown),
        cmocka_unit_test_setup_teardown(test_lint, setup, teardown),
        cmocka_unit_test(test_due),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
