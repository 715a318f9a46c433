/* Conditions of advice: what they mean, what they refuse, what they say of themselves. */
#include "model/when.h"
#include "unit.h"

#include <stdlib.h>

static struct arena arena;

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 16 * 1024 * 1024);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

/* Two hosts; of the first everything is known, of the second nothing but verdict and open. */
static void value(void *ctx, size_t host, enum fact f, struct fact_value *ret)
{
    static struct str found[] = {STR("T1505.003"), STR("T1190")};
    (void)ctx;
    *ret = (struct fact_value){.known = true};
    if (f == FACT_VERDICT)
        ret->word = host ? STR("no-sign") : STR("compromised");
    else if (f == FACT_OPEN)
        ret->word = host ? STR("open") : STR("fixed");
    else if (f == FACT_GRADE && !host)
        ret->word = STR("progressed");
    else if (f == FACT_WINDOW_SHARE && !host)
        ret->number = 0.75;
    else if (f == FACT_WINDOW_DAYS && !host)
        ret->number = 12;
    else if (f == FACT_BEFORE_FIX && !host)
        ret->number = 1;
    else if (f == FACT_TECHNIQUE && !host)
        ret->list = (struct str_list){found, 2};
    else if (f == FACT_CHATTER_ALERT)
        ret->number = 0;
    else
        ret->known = false;
}

static const struct when_world world = {2, value, NULL};

static const struct {
    const char *text;
    enum truth truth; /* of the first host */
    const char *words;
} cases[] = {
    {"host.verdict == compromised", TRUTH_YES, "the verdict is compromised"},
    {"host.verdict != compromised", TRUTH_NO, NULL},
    {"host.verdict != no-sign", TRUTH_YES, "the verdict is compromised"},
    {"host.verdict in (attempted, compromised)", TRUTH_YES, "the verdict is compromised"},
    {"not host.verdict in (attempted, no-sign)", TRUTH_YES, "the verdict is compromised"},
    {"host.grade >= attempt", TRUTH_YES, "the gravest finding is progressed"},
    {"host.grade < progressed", TRUTH_NO, NULL},
    {"host.window_share < 90%", TRUTH_YES, "the logs cover less than 90 % of the window"},
    {"host.window_share >= 0.75", TRUTH_YES, "the logs cover at least 75 % of the window"},
    {"not host.window_share >= 90%", TRUTH_YES, "the logs cover less than 90 % of the window"},
    {"host.window_days > 12", TRUTH_NO, NULL},
    {"host.window_days == 12", TRUTH_YES, "it was open for 12 days"},
    {"host.technique has T1505.003", TRUTH_YES, "T1505.003 was found"},
    {"host.technique has T1505", TRUTH_YES, "T1505 was found"},
    {"host.technique has T1190.001", TRUTH_NO, NULL},
    {"not host.technique has T1003", TRUTH_YES, "T1003 was not found"},
    {"host.before_fix", TRUTH_YES, "a request succeeded before the update"},
    {"not chatter.alert", TRUTH_YES, "watch raised no alert"},
    {"host.dwell_days > 0", TRUTH_UNKNOWN, NULL},
    {"not host.dwell_days > 0", TRUTH_UNKNOWN, NULL},
    {"host.dwell_days > 0 or host.before_fix", TRUTH_YES, "a request succeeded before the update"},
    {"host.dwell_days > 0 and chatter.alert", TRUTH_NO, NULL},
    {"host.dwell_days > 0 and host.before_fix", TRUTH_UNKNOWN, NULL},
    {"case.any(host.verdict == no-sign and host.open == open)", TRUTH_YES,
     "of at least one host the verdict is no-sign, the state of the hole is open"},
    {"case.any(host.verdict == attempted)", TRUTH_NO, NULL},
    {"case.any(host.window_days > 100)", TRUTH_UNKNOWN, NULL},
    {"not case.any(host.verdict == attempted)", TRUTH_YES, "no host meets the condition"},
    /* "and" before "or", "not" before both; brackets before all */
    {"host.before_fix and (host.before_fix or chatter.alert)", TRUTH_YES,
     "a request succeeded before the update"},
    {"chatter.alert and chatter.alert or host.before_fix", TRUTH_YES,
     "a request succeeded before the update"},
    {"chatter.alert and (chatter.alert or host.before_fix)", TRUTH_NO, NULL},
    {"not chatter.alert or host.before_fix", TRUTH_YES, "watch raised no alert"},
    {"not (chatter.alert or host.before_fix)", TRUTH_NO, NULL},
    {"not (chatter.alert and host.before_fix)", TRUTH_YES, "watch raised no alert"},
    {" host.verdict==compromised\n and\thost.before_fix ", TRUTH_YES,
     "the verdict is compromised, a request succeeded before the update"},
    {"host.affair == \"an id with blanks\"", TRUTH_UNKNOWN, NULL},
};

static struct when *parse(const char *text)
{
    struct when *w;
    struct error error = {0};
    if (when_parse(&arena, str_of(text), &w, &error))
        fail_msg("%s: %s", text, error.text);
    return w;
}

static void test_meaning(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct when *w = parse(cases[i].text);
        struct buf b;
        if (when_true(w, &world, 0) != cases[i].truth)
            fail_msg("%s: %d", cases[i].text, when_true(w, &world, 0));
        if (!cases[i].words)
            continue;
        buf_init(&b, 4096);
        when_say(w, &world, 0, &b);
        assert_str(buf_view(&b), cases[i].words);
        buf_done(&b);
    }
    assert_int_equal(when_true(NULL, &world, 0), TRUTH_YES);
}

static void test_scope(void **state)
{
    const struct when *both;
    (void)state;
    assert_true(when_per_host(parse("chatter.alert or host.before_fix")));
    assert_true(when_per_host(parse("not host.before_fix")));
    assert_false(when_per_host(parse("case.any(host.before_fix) and chatter.alert")));
    assert_false(when_per_host(NULL));
    assert_int_equal(when_both(&arena, NULL, NULL, &both), OK);
    assert_null(both);
    assert_int_equal(when_both(&arena, parse("chatter.alert"), parse("host.before_fix"), &both),
                     OK);
    assert_int_equal(when_true(both, &world, 0), TRUTH_NO);
}

static void test_refused(void **state)
{
    static const struct {
        const char *text, *why;
        size_t at;
    } wrong[] = {
        {"", "a fact is expected at the end of the condition", 0},
        {"host.verdikt == compromised", "unknown fact at \"host.verdikt\"", 0},
        {"host.verdict == compromized", "no value of this fact at \"compromized\"", 16},
        {"host.verdict", "a comparison is expected at the end of the condition", 12},
        {"host.verdict = compromised", "no part of a condition at \"=\"", 13},
        {"host.verdict < compromised", "this fact is not compared so at \"<\"", 13},
        {"host.technique == T1190", "this fact is not compared so at \"==\"", 15},
        {"host.technique has 1190", "no technique of ATT&CK at \"1190\"", 19},
        {"host.technique has T11900", "no technique of ATT&CK at \"T11900\"", 19},
        {"host.before_fix == true", "\"and\" or \"or\" is expected at \"==\"", 16},
        {"host.window_share < 90", "a share is between 0 and 1, or in % at \"90\"", 20},
        {"host.window_days < 90%", "this is no share at \"90%\"", 19},
        {"host.window_days < many", "a number is expected at \"many\"", 19},
        {"host.window_days < nan", "a number is expected at \"nan\"", 19},
        {"host.window_days < -1", "a number is expected at \"-1\"", 19},
        {"(host.before_fix", "\")\" is expected at the end of the condition", 16},
        {"host.before_fix)", "\"and\" or \"or\" is expected at \")\"", 15},
        {"host.verdict in compromised", "\"(\" is expected behind \"in\" at \"compromised\"", 16},
        {"host.verdict in (compromised", "\")\" or \",\" is expected at the end of the condition",
         28},
        {"host.verdict in ()", "a value is expected at \")\"", 17},
        {"case.any host.before_fix", "\"(\" is expected behind \"case.any\" at \"host.before_fix\"",
         9},
        {"case.any(case.any(host.before_fix))", "case.any within itself at \"case.any\"", 9},
        {"host.affair == \"x", "a quote without an end at \"\"x\"", 15},
        {"host.before_fix and", "a fact is expected at the end of the condition", 19},
        {"host.before_fix; rm", "no part of a condition at \";\"", 15},
        {"not", "a fact is expected at the end of the condition", 3},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        struct when *w;
        struct error error = {0};
        assert_int_equal(when_parse(&arena, str_of(wrong[i].text), &w, &error), ERR_FORMAT);
        assert_str(str_of(error.text), wrong[i].why);
        if (error.offset != wrong[i].at)
            fail_msg("%s: at %zu", wrong[i].text, (size_t)error.offset);
    }
}

static void test_limits(void **state)
{
    struct when *w;
    struct error error = {0};
    struct buf b;
    (void)state;
    buf_init(&b, 1024 * 1024);
    for (int i = 0; i <= WHEN_DEPTH; i++)
        buf_putc(&b, '(');
    assert_int_equal(when_parse(&arena, buf_view(&b), &w, &error), ERR_LIMIT);
    buf_reset(&b);
    for (int i = 0; i <= WHEN_DEPTH; i++)
        buf_puts(&b, "not ");
    assert_int_equal(when_parse(&arena, buf_view(&b), &w, &error), ERR_LIMIT);
    buf_reset(&b);
    buf_puts(&b, "chatter.alert");
    for (int i = 0; i < WHEN_NODES / 2; i++)
        buf_puts(&b, " or chatter.alert");
    assert_int_equal(when_parse(&arena, buf_view(&b), &w, &error), ERR_LIMIT);
    buf_reset(&b);
    for (int i = 0; i <= WHEN_BYTES; i++)
        buf_putc(&b, ' ');
    assert_int_equal(when_parse(&arena, buf_view(&b), &w, &error), ERR_LIMIT);
    buf_done(&b);
}

/* ---- against a plain second reading: random conditions, written with all brackets ---- */

struct gen {
    struct buf *b;
    unsigned seed;
};

static unsigned roll(struct gen *g, unsigned n)
{
    g->seed = g->seed * 1103515245u + 12345u;
    return (g->seed >> 16) % n;
}

/* Writes a condition and returns what it is worth for host 0. */
static enum truth grow(struct gen *g, unsigned depth)
{
    static const struct {
        const char *text;
        enum truth truth;
    } leaf[] = {{"host.verdict == compromised", TRUTH_YES},
                {"host.open == open", TRUTH_NO},
                {"host.dwell_days > 3", TRUTH_UNKNOWN},
                {"host.technique has T1190", TRUTH_YES},
                {"case.any(host.window_days > 100)", TRUTH_UNKNOWN}};
    unsigned kind = depth == 0 ? 0 : roll(g, 4);
    if (kind == 0) {
        unsigned i = roll(g, ARRAY_LEN(leaf));
        buf_puts(g->b, leaf[i].text);
        return leaf[i].truth;
    }
    if (kind == 1) {
        buf_puts(g->b, "not (");
        enum truth t = grow(g, depth - 1);
        buf_putc(g->b, ')');
        return (enum truth)(TRUTH_YES - t);
    }
    buf_putc(g->b, '(');
    enum truth a = grow(g, depth - 1);
    buf_puts(g->b, kind == 2 ? ") and (" : ") or (");
    enum truth c = grow(g, depth - 1);
    buf_putc(g->b, ')');
    return kind == 2 ? (a < c ? a : c) : (a > c ? a : c);
}

static void test_random(void **state)
{
    struct gen g = {.seed = 7};
    struct buf b, words;
    (void)state;
    buf_init(&b, WHEN_BYTES);
    buf_init(&words, 64 * 1024);
    g.b = &b;
    for (int i = 0; i < 20000; i++) {
        struct when *w;
        struct error error = {0};
        buf_reset(&b);
        enum truth wanted = grow(&g, 1 + roll(&g, 4));
        if (b.rc)
            continue;
        if (when_parse(&arena, buf_view(&b), &w, &error))
            fail_msg("%.*s: %s", STR_FMT(buf_view(&b)), error.text);
        if (when_true(w, &world, 0) != wanted)
            fail_msg("%.*s", STR_FMT(buf_view(&b)));
        buf_reset(&words);
        when_say(w, &world, 0, &words);
        assert_true(wanted != TRUTH_YES || words.n > 0);
        arena_reset(&arena);
    }
    buf_done(&b);
    buf_done(&words);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_meaning, setup, teardown),
        cmocka_unit_test_setup_teardown(test_scope, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_limits, setup, teardown),
        cmocka_unit_test_setup_teardown(test_random, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
