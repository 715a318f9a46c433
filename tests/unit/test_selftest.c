#include "watch/selftest.h"

#include "gen/chatter.h"
#include "unit.h"

enum { SUBJECTS = 1500, SITES = 6, DAYS = 140 };

static void test_shuffled_labels(void **state)
{
    (void)state;
    struct chatter_options o = {.seed = 3, .subjects = SUBJECTS, .sites = SITES, .days = DAYS};
    struct chatter *c = chatter_new(&o);
    struct selftest_exposure *x = calloc(SITES * DAYS, sizeof *x);
    struct unit *units = NULL;
    size_t n = 0, n_exposures = 0;
    for (int32_t day = 0; day < DAYS; day++) {
        const struct chatter_day *d = chatter_next(c);
        for (uint32_t s = 0; s < SITES; s++)
            x[n_exposures++] = (struct selftest_exposure){s, d->threads[s], CHATTER_FIRST_DAY + day,
                                                          CHATTER_FIRST_DAY + day};
        units = realloc(units, (n + d->n) * sizeof *units);
        memcpy(units + n, d->unit, d->n * sizeof *units);
        n += d->n;
    }
    struct selftest_input in = {.unit = units,
                                .n_units = n,
                                .exposure = x,
                                .n_exposures = n_exposures,
                                .n_subjects = SUBJECTS,
                                .count_from = CHATTER_FIRST_DAY + 70,
                                .runs = 4,
                                .seed = 1};
    struct trend_options options = {.max_subjects = SUBJECTS, .max_sites = SITES};
    struct selftest_result r, again;
    assert_int_equal(selftest_null(&options, &in, &r), OK);
    assert_true(r.weeks == 10 && r.runs == 4);
    assert_true(r.all.a_week <= 4 && r.all.low <= r.all.a_week && r.all.a_week <= r.all.high);
    assert_int_equal(selftest_null(&options, &in, &again), OK);
    assert_memory_equal(&r, &again, sizeof r);
    in.n_units = 0;
    assert_int_equal(selftest_null(&options, &in, &r), ERR_USAGE);
    chatter_free(c);
    free(units);
    free(x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_shuffled_labels)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
