#include "base/limits.h"
#include "scan/tally.h"
#include "scan/unit.h"
#include "unit.h"

#include <stdlib.h>

static struct arena arena;

static struct log_state state_of(void)
{
    struct log_state s = {.codec = 1, .date_us = 7, .time_column = 1};
    assert_true(column_add(&s, STR("date")) && column_add(&s, STR("time")));
    memcpy(s.kind, "iis", 4);
    return s;
}

static void a_unit_survives_as_a_message(void **state)
{
    (void)state;
    struct buf b;
    struct unit in = {.id = 3,
                      .file = 4,
                      .from = 5,
                      .to = UINT64_MAX,
                      .hash = true,
                      .path = STR("EX01/u_ex.log"),
                      .host = STR("EX01"),
                      .known_state = true,
                      .state = state_of()};
    struct unit out;
    buf_init(&b, LIMIT_IPC_MESSAGE_BYTES);
    unit_write(&b, &in);
    struct rd r = rd_of(buf_view(&b));
    assert_int_equal(unit_read(&r, &out), OK);
    assert_true(out.id == 3 && out.file == 4 && out.from == 5 && out.to == UINT64_MAX && out.hash);
    assert_str(out.path, "EX01/u_ex.log");
    assert_memory_equal(&out.state, &in.state, sizeof in.state);
    for (size_t n = 0; n < b.n; n += 1 + n / 50) {
        r = rd_of(str_make(b.p, n));
        assert_int_equal(unit_read(&r, &out), ERR_FORMAT);
    }
    buf_done(&b);
}

static struct unit_result result_of(struct tally *t)
{
    struct unit_result res = {.id = 9,
                              .recognised = true,
                              .lines = 11,
                              .row_host = STR("EX01"),
                              .segment = true,
                              .begin = state_of(),
                              .end = state_of()};
    tally_fact(t, &res.fact);
    res.fact.kind = STR("iis");
    res.fact.bytes = 1234;
    memset(res.fact.sha256, 'a', 64);
    return res;
}

static void fill(struct tally *t, size_t hours)
{
    tally_init(t, STR("iis"), STR(""));
    for (size_t i = hours; i-- > 0;) /* the last hour first */
        assert_int_equal(tally_rows(t, (int64_t)i * US_PER_HOUR, 2), OK);
    tally_build(t, STR("15.1.2044.4"), 5);
    for (int i = 0; i < LIMIT_FIELDS; i++) {
        struct log_state s = {0};
        char name[LIMIT_FIELD_NAME_BYTES];
        (void)snprintf(name, sizeof name, "%0*d", LIMIT_FIELD_NAME_BYTES - 1, i);
        assert_true(column_add(&s, str_of(name)));
        tally_columns(t, &s);
    }
}

static void a_result_survives_as_a_message(void **state)
{
    (void)state;
    struct tally t;
    struct buf b;
    struct unit_result out;
    fill(&t, 100);
    struct unit_result in = result_of(&t);
    buf_init(&b, LIMIT_IPC_MESSAGE_BYTES);
    result_write(&b, &in);
    assert_int_equal(b.rc, OK);
    struct rd r = rd_of(buf_view(&b));
    assert_int_equal(result_read(&r, &arena, &out), OK);
    assert_true(out.id == 9 && out.recognised && out.lines == 11 && out.fact.bytes == 1234);
    assert_true(out.fact.n_hours == 100 && out.fact.hour[99].hour == 99);
    assert_true(out.fact.records == 200 && out.fact.hour[99].records == 2);
    assert_int_equal(out.fact.n_builds, 1);
    assert_int_equal(out.fact.column.n, LIMIT_FIELDS);
    assert_int_equal(strlen(out.fact.sha256), 64);
    for (size_t n = 0; n < b.n; n += 1 + n / 50) {
        r = rd_of(str_make(b.p, n));
        assert_true(result_read(&r, &arena, &out) != OK);
    }
    /* A whole file tells no states. */
    size_t with_states = b.n;
    in.segment = false;
    buf_reset(&b);
    result_write(&b, &in);
    assert_int_equal(with_states - b.n, 2 * sizeof(struct log_state));
    r = rd_of(buf_view(&b));
    assert_int_equal(result_read(&r, &arena, &out), OK);
    assert_true(!out.segment && out.fact.records == 200);
    buf_done(&b);
    tally_done(&t);
}

/* A log of more hours than are kept: the largest result still is one message. */
static void the_largest_result_fits_a_message(void **state)
{
    (void)state;
    struct tally t;
    struct buf b;
    struct unit_result out;
    fill(&t, UNIT_MAX_HOURS + 100);
    assert_true(t.hours_full);
    assert_int_equal(t.records, 2 * (UNIT_MAX_HOURS + 100));
    struct unit_result in = result_of(&t);
    assert_int_equal(in.fact.n_hours, UNIT_MAX_HOURS);
    buf_init(&b, LIMIT_IPC_MESSAGE_BYTES);
    result_write(&b, &in);
    assert_int_equal(b.rc, OK);
    assert_true(b.n < LIMIT_IPC_MESSAGE_BYTES - 64 * 1024);
    struct rd r = rd_of(buf_view(&b));
    assert_int_equal(result_read(&r, &arena, &out), OK);
    buf_done(&b);
    tally_done(&t);
}

static void lies_in_a_result_are_refused(void **state)
{
    (void)state;
    for (int lie = 0; lie < 6; lie++) {
        struct tally t;
        struct buf b;
        struct unit_result out;
        fill(&t, 3);
        struct unit_result in = result_of(&t);
        if (lie == 0)
            in.fact.hour[1].hour = in.fact.hour[0].hour;
        else if (lie == 1)
            in.fact.hour[2].hour = INT64_MAX / 2;
        else if (lie == 2)
            in.fact.first_us = INT64_MAX;
        else if (lie == 3)
            in.end.columns = LIMIT_FIELDS + 1;
        else if (lie == 4)
            in.end.name_at[1] = UINT16_MAX;
        else
            in.fact.build[0].last_us = INT64_MAX;
        buf_init(&b, LIMIT_IPC_MESSAGE_BYTES);
        result_write(&b, &in);
        struct rd r = rd_of(buf_view(&b));
        assert_int_equal(result_read(&r, &arena, &out), ERR_FORMAT);
        buf_done(&b);
        tally_done(&t);
    }
}

static void gaps_are_cut_to_size(void **state)
{
    (void)state;
    struct buf b;
    struct gap gap;
    uint32_t file;
    char *large = malloc(100000);
    memset(large, 'x', 100000);
    buf_init(&b, LIMIT_IPC_MESSAGE_BYTES);
    gap_write(&b, 5, 6, STR("limit"), str_make(large, 100000));
    struct rd r = rd_of(buf_view(&b));
    assert_int_equal(gap_read(&r, &file, &gap), OK);
    assert_true(file == 5 && gap.offset == 6 && gap.detail.n == UNIT_DETAIL_BYTES);
    r = rd_of(str_make(b.p, b.n - 1));
    assert_int_equal(gap_read(&r, &file, &gap), ERR_FORMAT);
    buf_reset(&b);
    gap_write(&b, 5, 6, STR_NONE, STR("x"));
    r = rd_of(buf_view(&b));
    assert_int_equal(gap_read(&r, &file, &gap), ERR_FORMAT);
    buf_done(&b);
    free(large);
}

static void counts_of_events_survive_and_are_checked(void **state)
{
    (void)state;
    struct event_count in = {3, 4688, UINT64_MAX}, out;
    struct buf b;
    buf_init(&b, 64);
    event_count_write(&b, &in);
    struct rd r = rd_of(buf_view(&b));
    assert_int_equal(event_count_read(&r, 4, &out), OK);
    assert_true(out.channel == 3 && out.id == 4688 && out.n == UINT64_MAX && !rd_left(&r));
    r = rd_of(buf_view(&b));
    assert_int_equal(event_count_read(&r, 3, &out), ERR_FORMAT); /* no such channel */
    for (size_t n = 0; n < b.n; n++) {
        r = rd_of(str_make(b.p, n));
        assert_int_equal(event_count_read(&r, 4, &out), ERR_FORMAT);
    }
    buf_done(&b);
}

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena, 64 << 20);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

int main(void)
{
#define UNIT_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        UNIT_TEST(a_unit_survives_as_a_message),
        UNIT_TEST(a_result_survives_as_a_message),
        UNIT_TEST(the_largest_result_fits_a_message),
        UNIT_TEST(lies_in_a_result_are_refused),
        UNIT_TEST(gaps_are_cut_to_size),
        UNIT_TEST(counts_of_events_survive_and_are_checked),
    };
    return cmocka_run_group_tests_name("unit", tests, NULL, NULL);
}
