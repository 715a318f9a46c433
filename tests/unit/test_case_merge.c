#include "base/buf.h"
#include "base/time.h"
#include "store/case_merge.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Runs of several cases in one: each once, with who said it, and the latest word holds. */

enum { CASES = 3 };
static char folder[] = "/tmp/tocsin-merge-XXXXXX";
static struct case_store store[CASES];

static void path_of(char ret[64], size_t i, const char *end)
{
    (void)snprintf(ret, 64, "%s/%c.case%s", folder, (char)('a' + i), end);
}

static int set_up(void **state)
{
    (void)state;
    memcpy(folder + sizeof folder - 7, "XXXXXX", 6);
    assert_non_null(mkdtemp(folder));
    for (size_t i = 0; i < CASES; i++) {
        struct error error = {0};
        char path[64];
        path_of(path, i, "");
        assert_int_equal(case_open(&store[i], str_of(path), true, &error), OK);
    }
    return 0;
}

static int clean_up(void **state)
{
    (void)state;
    for (size_t i = 0; i < CASES; i++) {
        case_close(&store[i]);
        for (size_t k = 0; k < 3; k++) {
            char path[64];
            path_of(path, i, (const char *[]){"", "-wal", "-shm"}[k]);
            (void)unlink(path);
        }
    }
    return rmdir(folder);
}

#define FINDING(id, says)                                                                          \
    "{\"type\":\"finding\",\"id\":\"" id "\",\"time\":\"2021-03-0" id                              \
    "T00:00:00Z\",\"host\":\"EX01\","                                                              \
    "\"sha256\":\"aa\",\"grade\":\"attempt\",\"meaning\":\"" says "\"}"
#define EVIDENCE "{\"type\":\"evidence\",\"host\":\"EX01\",\"file\":\"x\",\"sha256\":\"aa\"}"
#define SUMMARY "{\"type\":\"summary\",\"verb\":\"scan\"}"

/* A run at that time, with these objects. */
static void run(size_t of, int64_t at, const char *const *lines)
{
    struct case_run r = {
        .verb = STR("scan"), .arguments = STR("x"), .program = STR("0"), .started_us = at};
    struct error error = {0};
    assert_int_equal(case_begin(&store[of], &r, &error), OK);
    for (; *lines; lines++)
        assert_int_equal(case_add(&store[of], str_of(*lines), &error), OK);
    assert_int_equal(case_end(&store[of], at + 1, &error), OK);
}
#define RUN(of, at, ...) run(of, at, (const char *const[]){__VA_ARGS__, NULL})

static struct case_merged merge(size_t into, size_t from, size_t n)
{
    struct case_run said = {.verb = STR("case merge"),
                            .arguments = STR(""),
                            .program = STR("0"),
                            .started_us = 1000,
                            .ended_us = 1000};
    struct case_merged m;
    struct error error = {0};
    enum err rc = case_merge(&store[into], &store[from], n, &said, &m, &error);
    if (rc)
        fail_msg("%s", error.text);
    return m;
}

static enum err on_problem(void *ctx, uint64_t version, const struct case_item *item,
                           struct str why)
{
    (void)ctx, (void)item;
    fail_msg("version %llu: %.*s", (unsigned long long)version, STR_FMT(why));
    return OK;
}

static uint64_t versions(size_t of)
{
    struct error error = {0};
    uint64_t n;
    assert_int_equal(case_verify(&store[of], on_problem, NULL, &n, &error), OK);
    return n;
}

static enum err on_item(void *ctx, const struct case_item *item)
{
    struct buf *b = ctx;
    ptrdiff_t at = str_find(item->body, STR("\"meaning\":"));
    if (at >= 0)
        buf_printf(b, "%.*s ", STR_FMT(str_sub(item->body, (size_t)at + 11, item->body.n - 2)));
    return OK;
}

static enum err on_run(void *ctx, const struct case_run *r)
{
    buf_printf(ctx, "%.*s@%lld%s ", STR_FMT(r->verb), (long long)r->started_us,
               r->summary.p ? "!" : "");
    return OK;
}

/* What the findings say now, and the runs. */
static void holds(size_t of, const char *says, const char *runs)
{
    struct case_query q = {.type = "finding", .since_us = TIME_NONE, .until_us = TIME_NONE};
    struct error error = {0};
    struct buf b;
    buf_init(&b, 1 << 20);
    assert_int_equal(case_each(&store[of], &q, on_item, &b, &error), OK);
    assert_str(buf_view(&b), says);
    buf_reset(&b);
    assert_int_equal(case_runs(&store[of], on_run, &b, &error), OK);
    assert_str(buf_view(&b), runs);
    buf_done(&b);
}

static void each_run_once(void **state)
{
    (void)state;
    RUN(0, 10, EVIDENCE, FINDING("1", "one"));
    RUN(1, 20, EVIDENCE, FINDING("1", "one"), FINDING("2", "two"), SUMMARY);
    RUN(2, 15, EVIDENCE, FINDING("1", "one"));
    struct case_merged m = merge(0, 1, 2);
    assert_int_equal(m.runs, 2);
    assert_int_equal(m.added, 1);
    holds(0, "one two ", "scan@10 scan@15 scan@20! case merge@1000 ");
    uint64_t n = versions(0);
    m = merge(0, 1, 2);
    assert_int_equal(m.runs, 0);
    assert_int_equal(m.known, 2);
    assert_int_equal(versions(0), n);
    holds(0, "one two ", "scan@10 scan@15 scan@20! case merge@1000 ");
    /* and the other way: what the merge itself wrote is not taken */
    m = merge(1, 0, 1);
    assert_int_equal(m.runs, 2);
    holds(1, "one two ", "scan@20! scan@10 scan@15 case merge@1000 ");
    assert_int_equal(merge(1, 0, 1).runs, 0);
    (void)versions(1);
}

static void the_latest_word_holds(void **state)
{
    (void)state;
    RUN(0, 30, EVIDENCE, FINDING("1", "newest"));
    RUN(1, 10, EVIDENCE, FINDING("1", "oldest"), FINDING("2", "gone since"));
    RUN(2, 20, EVIDENCE, FINDING("1", "between"));
    struct case_merged m = merge(0, 1, 1);
    assert_int_equal(m.restored, 2);
    holds(0, "newest ", "scan@30 scan@10 case merge@1000 ");
    m = merge(0, 2, 1); /* neither what a merge said again is newer than it was */
    holds(0, "newest ", "scan@30 scan@10 case merge@1000 scan@20 case merge@1000 ");
    (void)versions(0);
    RUN(2, 40, EVIDENCE, FINDING("1", "newer still"));
    (void)merge(0, 2, 1);
    holds(0, "newer still ",
          "scan@30 scan@10 case merge@1000 scan@20 case merge@1000 scan@40 case merge@1000 ");
    (void)versions(0);
}

static void what_a_later_run_saw_again_holds(void **state)
{
    (void)state;
    RUN(0, 10, EVIDENCE, FINDING("1", "a"));
    RUN(0, 30, EVIDENCE, FINDING("1", "a"));
    RUN(1, 20, EVIDENCE, FINDING("1", "b"));
    (void)merge(0, 1, 1);
    holds(0, "a ", "scan@10 scan@30 scan@20 case merge@1000 ");
    (void)versions(0);
}

static void any_order_says_the_same(void **state)
{
    (void)state;
    srand(7);
    for (size_t i = 0; i < 30; i++) {
        static const char *const says[] = {FINDING("1", "a"), FINDING("1", "b"), FINDING("2", "c"),
                                           FINDING("2", "d")};
        size_t of = (size_t)rand() % 2;
        if (rand() % 3)
            RUN(of, 100 + (int64_t)i, EVIDENCE, says[rand() % 4]);
        else
            RUN(of, 100 + (int64_t)i, EVIDENCE, says[rand() % 2], says[2 + rand() % 2]);
    }
    struct case_query q = {.type = "finding", .since_us = TIME_NONE, .until_us = TIME_NONE};
    struct error error = {0};
    struct buf a, b;
    buf_init(&a, 1 << 20);
    buf_init(&b, 1 << 20);
    (void)merge(2, 0, 2); /* both into an empty one: as they were run */
    (void)merge(0, 1, 1); /* one into the other */
    (void)versions(0);
    assert_int_equal(case_each(&store[2], &q, on_item, &a, &error), OK);
    assert_int_equal(case_each(&store[0], &q, on_item, &b, &error), OK);
    assert_true(str_eq(buf_view(&a), buf_view(&b)));
    buf_done(&a);
    buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_run_once, set_up, clean_up),
        cmocka_unit_test_setup_teardown(the_latest_word_holds, set_up, clean_up),
        cmocka_unit_test_setup_teardown(what_a_later_run_saw_again_holds, set_up, clean_up),
        cmocka_unit_test_setup_teardown(any_order_says_the_same, set_up, clean_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
