#include "base/buf.h"
#include "base/time.h"
#include "report/timeline.h"
#include "unit.h"

#include <stdio.h>
#include <unistd.h>

static char path[64];
static struct case_store store;

#define FINDING(id, day, grade)                                                                    \
    "{\"type\":\"finding\",\"id\":\"" id "\",\"time\":\"2021-03-0" day                             \
    "T00:00:00Z\",\"host\":\"EX01\",\"dossier\":null,\"rule\":\"r\",\"title\":\"a \\\"shell\\\"\"" \
    ",\"grade\":\"" grade                                                                          \
    "\",\"count\":2,\"file\":\"a.log\",\"fields\":{\"id\":\"x\"},\"line\":7}"
#define LOGS(kind)                                                                                 \
    "{\"type\":\"coverage\",\"host\":\"EX01\",\"kind\":\"" kind                                    \
    "\",\"first\":\"2021-03-01T00:00:00Z\",\"last\":\"2021-03-09T00:00:00Z\",\"gaps\":[]}"
#define ALERT                                                                                      \
    "{\"type\":\"alert\",\"id\":\"aa\",\"time\":\"2021-03-05T00:00:00Z\",\"title\":\"Exchange\","  \
    "\"sites\":[{\"site\":\"a.example\"},{\"site\":\"b.example\"}],\"assets\":[\"EX01\",\"EX02\"]" \
    "}"

static int make(void **state)
{
    static const char *const lines[] = {FINDING("1", "4", "probe"),
                                        FINDING("2", "6", "compromise"),
                                        FINDING("3", "2", "attempt"),
                                        FINDING("4", "7", "probe"),
                                        LOGS("iis"),
                                        ALERT};
    const struct case_run r = {.verb = STR("scan"), .arguments = STR("x"), .program = STR("0")};
    struct error error = {0};
    (void)state;
    (void)snprintf(path, sizeof path, "/tmp/tocsin-timeline-%d", (int)getpid());
    assert_int_equal(case_open(&store, str_of(path), true, &error), OK);
    assert_int_equal(case_begin(&store, &r, &error), OK);
    for (size_t i = 0; i < ARRAY_LEN(lines); i++)
        assert_int_equal(case_add(&store, str_of(lines[i]), &error), OK);
    assert_int_equal(case_end(&store, 6, &error), OK);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    case_close(&store);
    return unlink(path);
}

static enum err tell(void *ctx, const struct event *e)
{
    buf_printf(ctx, "%d %.*s%.*s ", (int)(e->time_us / US_PER_DAY - 18686), STR_FMT(e->kind),
               STR_FMT(str_eq(e->kind, STR("finding")) ? e->ref : STR("")));
    return OK;
}

static enum err tell_whole(void *ctx, const struct event *e)
{
    buf_printf(ctx, "%.*s | %.*s | %.*s\n", STR_FMT(e->message), STR_FMT(e->source),
               STR_FMT(e->grade));
    return OK;
}

static const struct timeline_query all = {.since_us = TIME_NONE, .until_us = TIME_NONE};

static void check_gravest(struct timeline_query q, uint64_t most, const char *want,
                          uint64_t want_all)
{
    struct buf b;
    struct error error = {0};
    uint64_t n;
    buf_init(&b, 1 << 20);
    assert_int_equal(timeline_gravest(&store, &q, most, tell, &b, &n, &error), OK);
    buf_putc(&b, 0);
    assert_string_equal(b.p, want);
    assert_int_equal(n, want_all);
    buf_done(&b);
}

static void check_each(struct timeline_query q, const char *want)
{
    struct buf b;
    struct error error = {0};
    buf_init(&b, 1 << 20);
    assert_int_equal(timeline_each(&store, &q, tell_whole, &b, &error), OK);
    buf_putc(&b, 0);
    assert_string_equal(b.p, want);
    buf_done(&b);
}

static void the_gravest_in_order_of_time(void **state)
{
    (void)state;
    check_gravest(all, 100,
                  "1 logs-begin 2 finding3 4 finding1 5 alert 6 finding2 7 finding4 9 logs-end ",
                  7);
    check_gravest(all, 5, "1 logs-begin 2 finding3 4 finding1 5 alert 6 finding2 ", 7);
    check_gravest(all, 2, "5 alert 6 finding2 ", 7);
    check_gravest(all, 1, "6 finding2 ", 7);
    struct timeline_query q = all;
    q.kind = STR("alert");
    check_gravest(q, 5, "5 alert ", 1);
    q = all;
    q.least = GRADE_ATTEMPT;
    q.kind = STR("finding");
    check_gravest(q, 5, "2 finding3 6 finding2 ", 2);
}

static void events_say_what_and_where(void **state)
{
    (void)state;
    struct timeline_query q = all;
    q.since_us = 1614902400000000; /* 2021-03-05 */
    q.until_us = q.since_us + 2 * US_PER_DAY;
    check_each(q, "Exchange; concerns EX01, EX02 | a.example, b.example | \n"
                  "a \"shell\", 2 times | a.log:7 | compromise\n");
    q.kind = STR("finding");
    check_each(q, "a \"shell\", 2 times | a.log:7 | compromise\n");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, make, drop)
    const struct CMUnitTest tests[] = {
        TEST(the_gravest_in_order_of_time),
        TEST(events_say_what_and_where),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
