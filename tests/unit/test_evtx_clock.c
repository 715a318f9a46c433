#include "codec/evtx_clock.h"

#include "unit.h"

/* Steps of the clock by the order of numbers, computers and days. */

enum { DAY_S = 86400 };

struct told {
    char host[64][8];
    uint64_t before[64], after[64];
    size_t n;
};

static enum err on_back(void *ctx, struct str host, const struct row_place *before,
                        const struct row_place *after)
{
    struct told *t = ctx;
    (void)snprintf(t->host[t->n], sizeof t->host[0], "%.*s", STR_FMT(host));
    t->before[t->n] = before->record_id;
    t->after[t->n++] = after->record_id;
    return OK;
}

static void note(struct evtx_clock *c, uint64_t id, int64_t time_s, const char *host)
{
    struct row_place place = {id, id, time_s == TIME_NONE ? TIME_NONE : time_s * US_PER_S};
    struct evtx_source source = {.n = strlen(host)};
    memcpy(source.host, host, source.n);
    source.hash = (uint64_t)host[0];
    evtx_clock_note(c, &place, &source);
}

static struct told told_of(const struct evtx_clock *c)
{
    struct told t = {.n = 0};
    struct rows_sink sink = {.ctx = &t, .back = on_back}, none = {.ctx = &t};
    assert_int_equal(evtx_clock_tell(c, &none), OK);
    assert_int_equal(t.n, 0);
    assert_int_equal(evtx_clock_tell(c, &sink), OK);
    return t;
}

static void neighbours_of_one_computer(void **state)
{
    (void)state;
    struct evtx_clock c = {0};
    note(&c, 1, 1000, "A");
    note(&c, 2, 500, "B"); /* another clock */
    note(&c, 3, 400, "B");
    note(&c, 5, 300, "B"); /* no neighbour */
    note(&c, 6, TIME_NONE, "B");
    note(&c, 7, 100, "B"); /* nor this one */
    struct told t = told_of(&c);
    assert_int_equal(t.n, 1);
    assert_string_equal(t.host[0], "B");
    assert_int_equal(t.before[0], 2);
    assert_int_equal(t.after[0], 3);
}

static void the_widest_of_each_day(void **state)
{
    (void)state;
    struct evtx_clock c = {0};
    note(&c, 1, 2 * DAY_S + 1000, "A");
    note(&c, 2, 2 * DAY_S + 900, "A");
    note(&c, 3, 2 * DAY_S + 100, "A"); /* the widest of the second day */
    note(&c, 4, 2 * DAY_S + 50, "A");
    note(&c, 5, DAY_S, "A"); /* the first day */
    struct told t = told_of(&c);
    assert_int_equal(t.n, 2);
    assert_int_equal(t.after[0], 3);
    assert_int_equal(t.after[1], 5);
}

/* Very many days: the widest steps stay. */
static void the_widest_of_all(void **state)
{
    (void)state;
    struct evtx_clock c = {0};
    for (uint64_t day = 1; day <= 3 * EVTX_STEPS; day++) {
        int64_t back = day % 3 == 0 ? 1000 : 10;
        note(&c, 2 * day, (int64_t)day * DAY_S + 2000, "A");
        note(&c, 2 * day + 1, (int64_t)day * DAY_S + 2000 - back, "A");
    }
    struct told t = told_of(&c);
    assert_int_equal(t.n, EVTX_STEPS);
    for (size_t i = 0; i < t.n; i++)
        assert_int_equal(t.before[i] / 2 % 3, 0);
}

static void a_log_that_others_send_to(void **state)
{
    (void)state;
    struct evtx_clock c = {0};
    note(&c, 1, 1000, "A");
    note(&c, 2, 500, "A");
    note(&c, 3, 1000, "B");
    assert_int_equal(told_of(&c).n, 1);
    note(&c, 4, 1000, "A"); /* again */
    note(&c, 5, 100, "A");
    assert_int_equal(told_of(&c).n, 0);

    c = (struct evtx_clock){0};
    for (uint64_t i = 0; i < 2 * EVTX_SOURCES; i += 2) {
        const char name[] = {(char)('A' + i), 0};
        note(&c, i + 1, 1000, name);
        note(&c, i + 2, 500, name);
    }
    assert_int_equal(told_of(&c).n, EVTX_SOURCES);
    note(&c, 100, 1000, "z"); /* more names than a machine gets */
    assert_int_equal(told_of(&c).n, 0);
}

/* A full log goes on at its beginning: the newest records stand before the oldest ones. */
static void a_renamed_machine_in_a_full_log(void **state)
{
    (void)state;
    struct evtx_clock c = {0};
    note(&c, 50, 5000, "B");
    note(&c, 51, 5100, "B");
    note(&c, 10, 1000, "A"); /* the ring's end */
    note(&c, 11, 500, "A");
    note(&c, 12, 2000, "B");
    note(&c, 13, 1500, "B");
    struct told t = told_of(&c);
    assert_int_equal(t.n, 1 + 1);
    assert_string_equal(t.host[0], "A");
    assert_string_equal(t.host[1], "B");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(neighbours_of_one_computer),
        cmocka_unit_test(the_widest_of_each_day),
        cmocka_unit_test(the_widest_of_all),
        cmocka_unit_test(a_log_that_others_send_to),
        cmocka_unit_test(a_renamed_machine_in_a_full_log),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
