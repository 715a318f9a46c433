#include "base/buf.h"
#include "base/time.h"
#include "store/case.h"
#include "unit.h"

#include <stdio.h>
#include <unistd.h>

static char path[64];
static struct case_store store;
static const struct case_query all = {.since_us = TIME_NONE, .until_us = TIME_NONE};

#define FINDING(id, time, host, title, grade)                                                      \
    "{\"type\":\"finding\",\"id\":\"" id "\",\"time\":" time ",\"host\":\"" host                   \
    "\",\"dossier\":null,\"rule\":\"r\",\"title\":\"" title "\",\"grade\":\"" grade                \
    "\",\"sha256\":\"aa\"}"
#define DAY(n) "\"2021-03-0" #n "T00:00:00Z\""

static void run(const char *const *lines)
{
    struct case_run r = {.verb = STR("scan"), .arguments = STR("x"), .program = STR("0")};
    struct error error = {0};
    assert_int_equal(case_begin(&store, &r, &error), OK);
    for (; *lines; lines++)
        assert_int_equal(case_add(&store, str_of(*lines), &error), OK);
    assert_int_equal(case_end(&store, 6, &error), OK);
}
#define RUN(...) run((const char *const[]){__VA_ARGS__, NULL})

static int make(void **state)
{
    struct error error = {0};
    (void)state;
    (void)snprintf(path, sizeof path, "/tmp/tocsin-case-query-%d", (int)getpid());
    assert_int_equal(case_open(&store, str_of(path), true, &error), OK);
    RUN("{\"type\":\"evidence\",\"host\":\"EX01\",\"sha256\":\"aa\"}",
        "{\"type\":\"evidence\",\"host\":\"EX02\",\"sha256\":\"bb\"}",
        "{\"type\":\"verdict\",\"host\":\"EX01\",\"dossier\":null,\"verdict\":\"no-sign\"}",
        FINDING("1", DAY(3), "EX01", "a \\\"shell\\\"", "compromise"),
        FINDING("2", DAY(2), "EX01", "a \\\"shell\\\"", "compromise"),
        FINDING("3", DAY(1), "EX02", "asked", "probe"),
        FINDING("4", "null", "EX02", "asked", "probe"),
        FINDING("5", DAY(1), "EX02", "tried", "attempt"));
    return 0;
}

static int drop(void **state)
{
    (void)state;
    case_close(&store);
    return unlink(path);
}

static enum err tell_id(void *ctx, const struct case_item *item)
{
    ptrdiff_t at = str_find(item->body, STR("\"id\":\""));
    buf_str(ctx, at < 0 ? item->type : str_sub(item->body, (size_t)at + 6, (size_t)at + 7));
    buf_putc(ctx, ' ');
    return OK;
}

static enum err tell_alike(void *ctx, const struct case_alike *a)
{
    int day = a->first_us == TIME_NONE ? 0 : (int)(a->first_us / US_PER_DAY - 18686);
    buf_printf(ctx, "%.*s %.*s %s %d from %d\n", STR_FMT(a->host), STR_FMT(a->title),
               grade_name(a->grade), (int)a->n, day);
    return OK;
}

typedef enum err ask(struct case_store *c, const struct case_query *q, case_tell *tell, void *ctx,
                     struct error *error);
static void check(ask *f, struct case_query q, const char *want)
{
    struct buf b;
    struct error error = {0};
    buf_init(&b, 1 << 20);
    assert_int_equal(f(&store, &q, tell_id, &b, &error), OK);
    buf_putc(&b, 0);
    assert_string_equal(b.p, want);
    buf_done(&b);
}

static void check_alike(const char *want)
{
    struct buf b;
    struct error error = {0};
    buf_init(&b, 1 << 20);
    assert_int_equal(case_alike(&store, tell_alike, &b, &error), OK);
    buf_putc(&b, 0);
    assert_string_equal(b.p, want);
    buf_done(&b);
}

static void check_count(struct case_query q, uint64_t want)
{
    struct error error = {0};
    uint64_t n;
    assert_int_equal(case_count(&store, &q, &n, &error), OK);
    assert_int_equal(n, want);
}

#define ALIKE                                                                                      \
    "EX01 a \"shell\" compromise 2 from 2\nEX02 tried attempt 1 from 1\n"                          \
    "EX02 asked probe 2 from 1\n"

static void findings_are_counted(void **state)
{
    (void)state;
    check_alike(ALIKE);
    struct case_query q = all;
    q.type = "finding";
    check_count(q, 5);
    q.least = GRADE_ATTEMPT;
    check_count(q, 3);
    q.host = STR("ex02");
    check_count(q, 1);
    q.least = GRADE_WEAK;
    q.since_us = INT64_MIN + 1;
    check_count(q, 2);
    q = all;
    q.type = "evidence";
    check_count(q, 2);
}

static void counts_follow_what_changes(void **state)
{
    (void)state;
    RUN("{\"type\":\"evidence\",\"host\":\"EX01\",\"sha256\":\"aa\"}",
        FINDING("1", DAY(3), "EX01", "a \\\"shell\\\"", "compromise"),
        FINDING("3", DAY(1), "EX02", "asked", "progressed"));
    check_alike("EX01 a \"shell\" compromise 1 from 3\nEX02 asked progressed 1 from 1\n");
    check(case_gravest, all, "1 3 ");
    RUN(FINDING("2", DAY(2), "EX01", "a \\\"shell\\\"", "compromise"));
    check(case_gravest, all, "2 1 3 ");
}

/* Its groups are not either: the next run makes them. */
static void a_run_that_was_given_up_counts_nothing(void **state)
{
    const struct case_run r = {.verb = STR("scan"), .arguments = STR("x"), .program = STR("0")};
    static const char line[] = FINDING("6", DAY(4), "EX03", "new", "weak");
    struct error error = {0};
    (void)state;
    assert_int_equal(case_begin(&store, &r, &error), OK);
    assert_int_equal(case_add(&store, str_of(line), &error), OK);
    case_give_up(&store);
    RUN(FINDING("7", DAY(4), "EX03", "other", "weak"), line,
        FINDING("8", DAY(4), "EX03", "new", "weak"));
    check_alike(ALIKE "EX03 new weak 2 from 4\nEX03 other weak 1 from 4\n");
}

static void the_gravest_come_first(void **state)
{
    (void)state;
    struct case_query q = all;
    check(case_gravest, q, "2 1 5 4 3 ");
    q.most = 2;
    check(case_gravest, q, "2 1 ");
    q.most = 1;
    check(case_gravest, q, "2 ");
    q = all;
    q.host = STR("EX02");
    check(case_gravest, q, "5 4 3 ");
    q.least = GRADE_ATTEMPT;
    check(case_gravest, q, "5 ");
    q = all;
    q.until_us = 1614643199000000; /* the end of March 1 */
    check(case_gravest, q, "5 3 ");
}

static void items_come_in_pages(void **state)
{
    (void)state;
    struct case_query q = all;
    check(case_each, q, "4 verdict 3 5 2 1 ");
    q.but = "finding";
    check(case_each, q, "verdict ");
    q.but = NULL;
    q.type = "finding";
    check(case_each, q, "4 3 5 2 1 ");
    q.skip = 1;
    q.most = 2;
    check(case_each, q, "3 5 ");
    q.least = GRADE_COMPROMISE;
    check(case_each, q, "1 ");
    q.skip = q.most = 0;
    q.run = 1;
    check(case_each, q, "2 1 ");
    q = all;
    q.type = "evidence";
    q.skip = 1;
    check(case_each, q, "evidence ");
}

static void one_is_found_by_its_id(void **state)
{
    struct buf b;
    struct error error = {0};
    (void)state;
    buf_init(&b, 1 << 20);
    assert_int_equal(case_one(&store, "finding", STR("5"), tell_id, &b, &error), OK);
    assert_int_equal(case_one(&store, "finding", STR("6"), tell_id, &b, &error), END);
    assert_int_equal(case_one(&store, "alert", STR("5"), tell_id, &b, &error), END);
    buf_putc(&b, 0);
    assert_string_equal(b.p, "5 ");
    buf_done(&b);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, make, drop)
    const struct CMUnitTest tests[] = {
        TEST(findings_are_counted),   TEST(counts_follow_what_changes),
        TEST(the_gravest_come_first), TEST(a_run_that_was_given_up_counts_nothing),
        TEST(items_come_in_pages),    TEST(one_is_found_by_its_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
