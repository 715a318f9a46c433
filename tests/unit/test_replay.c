/* No day knows of a later one; and what voices, words and kinds of voices are taken for. */
#include "unit.h"
#include "watch_posts.h"

#include "watch/backtest.h"

#include <stdlib.h>

enum { MIDDLE = POSTS_FIRST_DAY + 450, LAST = POSTS_FIRST_DAY + 600 };

struct run {
    struct corpus corpus;
    struct labels labels;
    struct replay replay;
    struct scoring scoring;
    double *score;
};

static struct run *start(void)
{
    struct run *r = calloc(1, sizeof *r);
    struct error error;
    assert_non_null(r);
    assert_int_equal(corpus_init(&r->corpus, &error), OK);
    labels_init(&r->labels);
    return r;
}

static void finish(struct run *r, bool any_age)
{
    corpus_order(&r->corpus);
    r->replay = (struct replay){.corpus = &r->corpus, .labels = &r->labels, .any_age = any_age};
    assert_int_equal(replay_run(&r->replay), OK);
    r->scoring = (struct scoring){
        .from = INT32_MIN, .freeze = INT32_MAX, .anchor = POSTS_FIRST_DAY + 300, .end = INT32_MAX};
    r->score = calloc(r->replay.sample.n + 1, sizeof *r->score);
    assert_non_null(r->score);
    assert_int_equal(replay_score(&r->replay, &r->scoring, r->score), OK);
}

static void stop(struct run *r)
{
    replay_done(&r->replay);
    corpus_done(&r->corpus);
    labels_done(&r->labels);
    free(r->score);
    free(r);
}

static struct run *random_run(int32_t posts_end, int32_t labels_end)
{
    struct run *r = start();
    posts_random(&r->corpus, posts_end);
    labels_random(&r->labels, labels_end);
    finish(r, false);
    return r;
}

/* What a knows before a day, b knows too, to the last bit. */
static void expect_same_before(const struct run *a, const struct run *b, int32_t day)
{
    size_t n = 0, judged = 0;
    for (; n < a->replay.sample.n && a->replay.sample.v[n].day < day; n++) {
        const struct sample *x = &a->replay.sample.v[n], *y = &b->replay.sample.v[n];
        assert_true(n < b->replay.sample.n);
        assert_int_equal(x->day, y->day);
        assert_int_equal(x->subject, y->subject);
        assert_memory_equal(&a->replay.signal.v[n * SIGNALS], &b->replay.signal.v[n * SIGNALS],
                            SIGNALS * sizeof(float));
        assert_true(a->score[n] == b->score[n]);
        judged += a->score[n] > SCORE_NONE;
    }
    assert_true(judged > 500);
}

/* Several ends, so that there are labels and posts on the days right behind them. */
static void later_labels_change_nothing(void **state)
{
    (void)state;
    struct run *b = random_run(LAST, LAST);
    for (int32_t end = MIDDLE; end < MIDDLE + 14; end++) {
        struct run *a = random_run(LAST, end);
        assert_true(b->labels.label.n > a->labels.label.n);
        expect_same_before(a, b, end + 1);
        size_t last = a->replay.sample.n - 1;
        assert_true(a->score[last] != b->score[last]); /* but it does change what follows */
        stop(a);
    }
    stop(b);
}

static void later_posts_change_nothing(void **state)
{
    (void)state;
    struct run *b = random_run(LAST, LAST);
    for (int32_t end = MIDDLE; end < MIDDLE + 14; end++) {
        struct run *a = random_run(end, LAST);
        assert_true(b->replay.sample.n > a->replay.sample.n);
        expect_same_before(a, b, end);
        stop(a);
    }
    stop(b);
}

static void the_order_of_posts_is_that_of_their_days(void **state)
{
    (void)state;
    struct run *r = start();
    post_add(&r->corpus, POSTS_FIRST_DAY + 9, "b", "later", "", 2022, 7);
    post_add(&r->corpus, POSTS_FIRST_DAY, "a", "sooner", "", 2022, 7);
    finish(r, false);
    assert_int_equal(r->replay.sample.n, 2);
    assert_int_equal(r->replay.sample.v[0].day, POSTS_FIRST_DAY);
    assert_int_equal(r->replay.sample.v[1].counts.voices[VOICE_CROWD][WINDOW_14], 2);
    assert_int_equal(r->replay.sample.v[1].counts.voices[VOICE_CROWD][WINDOW_7], 1);
    stop(r);
}

static void old_cves_are_left_out(void **state)
{
    (void)state;
    for (int any = 0; any < 2; any++) {
        struct run *r = start();
        post_add(&r->corpus, POSTS_FIRST_DAY, "a", "x", "", 2020, 1);
        post_add(&r->corpus, POSTS_FIRST_DAY, "a", "x", "", 2021, 1);
        post_add(&r->corpus, POSTS_FIRST_DAY, "a", "x", "", 2024, 1); /* not given yet */
        finish(r, any);
        assert_int_equal(r->replay.sample.n, any ? 2 : 1);
        stop(r);
    }
}

/* Whatever the site is called, the owner is the voice. */
static void owners_are_voices(void **state)
{
    static const char *const sites[] = {"github", "", "posts", "alice"};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(sites); i++) {
        struct run *r = start();
        const char *second = strcmp(sites[i], "alice") == 0 ? "bob" : sites[i];
        post_add(&r->corpus, POSTS_FIRST_DAY, sites[i], "", "https://github.com/alice/x", 2022, 1);
        post_add(&r->corpus, POSTS_FIRST_DAY, sites[i], "", "https://github.com/alice/y", 2022, 1);
        post_add(&r->corpus, POSTS_FIRST_DAY, second, "", "https://github.com/bob/x", 2022, 1);
        finish(r, false);
        assert_int_equal(r->replay.sample.v[0].counts.voices[VOICE_CROWD][WINDOW_7], 2);
        stop(r);
    }
}

static void a_feed_with_links_is_one_voice(void **state)
{
    (void)state;
    struct run *r = start();
    post_add(&r->corpus, POSTS_FIRST_DAY, "News", "", "https://github.com/alice/x", 2022, 1);
    post_add(&r->corpus, POSTS_FIRST_DAY, "News", "", "https://github.com/bob/y", 2022, 1);
    post_add(&r->corpus, POSTS_FIRST_DAY, "Alerts", "", "https://news.example/c/d", 2022, 1);
    finish(r, false);
    assert_int_equal(r->replay.sample.v[0].counts.voices[VOICE_CROWD][WINDOW_7], 2);
    stop(r);
}

static void daily_voices_are_regular(void **state)
{
    (void)state;
    struct run *r = start();
    for (unsigned i = 0; i <= REGULAR_POSTS; i++)
        post_add(&r->corpus, POSTS_FIRST_DAY + (int32_t)i, "feed", "", "", 2022, 100 + i);
    finish(r, false);
    const struct sample *s = r->replay.sample.v;
    assert_int_equal(s[REGULAR_POSTS - 1].counts.voices[VOICE_CROWD][WINDOW_7], 1);
    assert_int_equal(s[REGULAR_POSTS].counts.voices[VOICE_REGULAR][WINDOW_7], 1);
    stop(r);
}

static bool has_word(const struct run *r, const char *word)
{
    const uint32_t *id = map_get(&r->corpus.words, str_of(word));
    const struct mention *m = &r->corpus.mention.v[0];
    for (size_t i = 0; id && i < m->words; i++)
        if (r->corpus.word.v[m->word + i] == *id)
            return true;
    return false;
}

static void words(void **state)
{
    (void)state;
    struct run *r = start();
    post_add(
        &r->corpus, POSTS_FIRST_DAY, "github",
        "CVE-2022-1: Exchange 0day \xe6\xbc\x8f\xe6\xb4\x9e \xd1\x88\xd0\xb5\xd0\xbb\xd0\xbb a",
        "https://github.com/alice/ProxyLogon-check", 2022, 1);
    finish(r, false);
    assert_true(has_word(r, "texchange"));
    assert_true(has_word(r, "tday"));
    assert_true(has_word(r, "t\xe6\xbc\x8f\xe6\xb4\x9e"));
    assert_true(has_word(r, "t\xd1\x88\xd0\xb5\xd0\xbb\xd0\xbb"));
    assert_true(has_word(r, "uproxylogon"));
    assert_false(has_word(r, "tproxylogon"));
    assert_false(has_word(r, "tcve"));
    assert_true(r->corpus.mention.v[0].wording != 0); /* "0day" */
    stop(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(later_labels_change_nothing),
        cmocka_unit_test(later_posts_change_nothing),
        cmocka_unit_test(the_order_of_posts_is_that_of_their_days),
        cmocka_unit_test(old_cves_are_left_out),
        cmocka_unit_test(owners_are_voices),
        cmocka_unit_test(a_feed_with_links_is_one_voice),
        cmocka_unit_test(daily_voices_are_regular),
        cmocka_unit_test(words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
