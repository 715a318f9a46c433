#include "report/fleet.h"

#include "unit.h"

#define DAY(n) ((int64_t)(n)*US_PER_DAY)

static struct arena arena;

static struct exposure_window window(const char *host, enum exposure_state state, int64_t open_us,
                                     int64_t until_us)
{
    return (struct exposure_window){.host = str_of(host),
                                    .matter = STR("affair"),
                                    .state = state,
                                    .from_us = DAY(10),
                                    .open_us = open_us,
                                    .until_us = until_us};
}

/* The share on the day, which the course must have. */
static const struct exposure_share *on(const struct report *r, int64_t day_us)
{
    for (size_t i = 0; i < r->n_course; i++)
        if (r->course[i].time_us == day_us)
            return &r->course[i];
    fail_msg("no point on that day");
    return NULL;
}

static void the_course_follows_the_windows(void **state)
{
    struct exposure_window w[] = {
        window("a", EXPOSURE_FIXED, DAY(12) + 5, DAY(14) + 7), /* seen open, then fixed */
        window("b", EXPOSURE_FIXED, TIME_NONE, DAY(13)),       /* never seen open */
        window("c", EXPOSURE_EXPOSED, DAY(11), TIME_NONE),
        window("d", EXPOSURE_FIXED, TIME_NONE, DAY(3)), /* fixed before it began */
        window("e", EXPOSURE_UNKNOWN, TIME_NONE, TIME_NONE),
    };
    struct report r = {.window = w, .n_windows = ARRAY_LEN(w)};
    (void)state;
    arena_init(&arena, 1 << 20);
    assert_int_equal(report_fleet(&r, &arena), OK);
    const struct exposure_share *first = on(&r, DAY(10)), *then = on(&r, DAY(13)),
                                *last = on(&r, DAY(14));
    assert_int_equal(r.course[0].time_us, DAY(10));
    assert_int_equal(first->n[EXPOSURE_EXPOSED], 2);
    assert_int_equal(first->n[EXPOSURE_UNKNOWN], 2);
    assert_int_equal(first->n[EXPOSURE_FIXED], 1);
    assert_int_equal(then->n[EXPOSURE_EXPOSED], 2);
    assert_int_equal(then->n[EXPOSURE_UNKNOWN], 1);
    assert_int_equal(then->n[EXPOSURE_FIXED], 2);
    assert_int_equal(last->n[EXPOSURE_EXPOSED], 1);
    assert_int_equal(last->n[EXPOSURE_FIXED], 3);
    for (size_t i = 0; i < r.n_course; i++) {
        uint64_t all = 0;
        for (int k = 0; k < EXPOSURE_STATES; k++)
            all += r.course[i].n[k];
        assert_int_equal(all, ARRAY_LEN(w));
    }
    assert_int_equal(r.n_shares, 1);
    assert_int_equal(r.share[0].n[EXPOSURE_FIXED], 3);
    arena_done(&arena);
}

static void shares_are_of_all_hosts(void **state)
{
    struct exposure e[] = {
        {.host = STR("a"), .cve = STR("CVE-2021-1"), .state = EXPOSURE_FIXED, .kev_us = TIME_NONE},
        {.host = STR("a"), .cve = STR("CVE-2021-2"), .state = EXPOSURE_EXPOSED, .kev_us = DAY(1)},
        {.host = STR("b"),
         .cve = STR("CVE-2021-2"),
         .state = EXPOSURE_EXPOSED,
         .kev_us = DAY(1),
         .accepted_by = STR("x")},
        {.host = STR("c"), .cve = STR("CVE-2021-2"), .state = EXPOSURE_UNKNOWN, .kev_us = DAY(1)},
    };
    struct report r = {.exposure = e, .n_exposures = ARRAY_LEN(e)};
    (void)state;
    arena_init(&arena, 1 << 20);
    assert_int_equal(report_fleet(&r, &arena), OK);
    assert_int_equal(r.n_shares, 2);
    assert_true(str_eq(r.share[0].of, STR("CVE-2021-2")));
    assert_int_equal(r.share[0].n[EXPOSURE_EXPOSED], 2);
    assert_int_equal(r.share[0].n[EXPOSURE_UNKNOWN], 1);
    assert_int_equal(r.share[0].accepted, 1);
    assert_int_equal(r.share[1].n[EXPOSURE_FIXED], 1);
    assert_int_equal(r.n_course, 0);
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_course_follows_the_windows),
        cmocka_unit_test(shares_are_of_all_hosts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
