/* All thresholds at once must give what one threshold after the other gives. */
#include "unit.h"

#include "watch/thresholds.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SUBJECTS = 60, SAMPLES = 900, DAYS = 300, ROUNDS = 40 };

static uint64_t random_state = 1234567u;

static unsigned below(unsigned n)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (unsigned)(random_state >> 11) % n;
}

static struct corpus corpus;
static struct replay replay = {.corpus = &corpus};
static double score[SAMPLES];
static int32_t listed[SUBJECTS];
static const struct judge judge = {listed, 280};

static void make(unsigned values)
{
    corpus.subject.n = SUBJECTS;
    replay.sample.n = 0;
    for (int i = 0; i < SAMPLES; i++) {
        struct sample s = {.day = i * DAYS / SAMPLES, .subject = below(SUBJECTS)};
        assert_int_equal(vec_push(&replay.sample, s, SAMPLES), OK);
        score[i] = below(9) ? below(values) : SCORE_NONE;
    }
    for (int i = 0; i < SUBJECTS; i++)
        listed[i] = below(3) ? LABEL_NEVER : (int32_t)below(DAYS);
}

static struct tally slowly(double threshold, struct span span)
{
    bool done[SUBJECTS] = {false};
    struct tally all = {0};
    for (int i = 0; i < SAMPLES; i++) {
        const struct sample *s = &replay.sample.v[i];
        if (score[i] < threshold || done[s->subject] || s->day >= span.to)
            continue;
        done[s->subject] = true;
        struct tally t = judge_alert(&judge, s->subject, s->day);
        for (int k = 0; k < TALLIES && s->day >= span.from; k++)
            all.of[k] += t.of[k];
    }
    return all;
}

static void one_after_the_other(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct span span = {(int32_t)below(100), 150 + (int32_t)below(150)};
        struct thresholds t;
        make(2 + below(200));
        assert_int_equal(thresholds_make(&replay, &judge, score, span, &t), OK);
        assert_true(t.step.n > 0);
        for (size_t i = 0; i < t.step.n; i++) {
            struct tally want = slowly(t.step.v[i].threshold, span);
            for (int k = 0; k < TALLIES; k++)
                assert_near(t.step.v[i].tally.of[k], want.of[k], 1e-9);
        }
        thresholds_done(&t);
    }
}

static void alerts_of_one(void **state)
{
    struct span span = {50, 250};
    (void)state;
    make(20);
    for (int threshold = 0; threshold < 20; threshold++) {
        struct alerts a;
        assert_int_equal(alerts_find(&replay, score, threshold, span, &a), OK);
        assert_int_equal(a.list.n, (int)slowly(threshold, span).of[TALLY_ALERTS]);
        vec_done(&a.list);
    }
}

static void choosing_one(void **state)
{
    struct span span = {0, DAYS};
    struct thresholds t;
    (void)state;
    make(500);
    assert_int_equal(thresholds_make(&replay, &judge, score, span, &t), OK);
    for (int n = 1; n < 40; n++) {
        double threshold = threshold_for(&t, n);
        assert_true(isinf(threshold) || slowly(threshold, span).of[TALLY_ALERTS] <= n);
        double got = thresholds_at(&t, n).of[TALLY_ALERTS];
        assert_near(got, n, 1e-6); /* in proportion between two */
    }
    assert_true(isinf(threshold_for(&t, 0)));
    assert_near(thresholds_at(&t, 1e6).of[TALLY_ALERTS], SUBJECTS, 1e-9);
    thresholds_done(&t);
}

static void judged(void **state)
{
    (void)state;
    listed[0] = 100;
    struct tally early = judge_alert(&judge, 0, 60), late = judge_alert(&judge, 0, 100);
    assert_near(early.of[TALLY_EARLY], 1, 0);
    assert_near(early.of[TALLY_IN_30], 0, 0); /* forty days before */
    assert_near(early.of[TALLY_IN_90], 1, 0);
    assert_near(late.of[TALLY_EVER], 1, 0);
    assert_near(late.of[TALLY_EARLY], 0, 0); /* the same day is not before */
    assert_near(judge_alert(&judge, 0, 260).of[TALLY_RIPE_30], 0, 0);
    assert_near(judge_alert(&judge, 0, 250).of[TALLY_RIPE_30], 1, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_after_the_other),
        cmocka_unit_test(alerts_of_one),
        cmocka_unit_test(choosing_one),
        cmocka_unit_test(judged),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    vec_done(&replay.sample);
    return failed;
}
