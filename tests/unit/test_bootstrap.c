/* Intervals: the same for the same seed, around the figure, wider for fewer weeks. */
#include "unit.h"

#include "watch/bootstrap.h"

#include <math.h>
#include <string.h>

enum { WEEKS = 104 };

static const struct ratio ratios[] = {{1, 0}, {0, -1}, {2, 0}};

/* Some alerts a week, of which about a third were right; column 2 is always empty. */
static void fill(struct week *week)
{
    uint64_t x = 1;
    memset(week, 0, WEEKS * sizeof *week);
    for (int i = 0; i < WEEKS; i++) {
        x = x * 6364136223846793005u + 1442695040888963407u;
        week[i].sum[0] = 1 + (double)(x >> 61);
        week[i].sum[1] = (double)((uint64_t)week[i].sum[0] * (x >> 33 & 1023) / 1536);
    }
}

static void same_seed(void **state)
{
    static struct week week[WEEKS];
    struct interval a[3], b[3], c[3];
    (void)state;
    fill(week);
    assert_int_equal(bootstrap(week, WEEKS, ratios, 3, 7, a), OK);
    assert_int_equal(bootstrap(week, WEEKS, ratios, 3, 7, b), OK);
    assert_int_equal(bootstrap(week, WEEKS, ratios, 3, 8, c), OK);
    assert_memory_equal(a, b, sizeof a);
    assert_true(a[0].low != c[0].low || a[0].high != c[0].high);
}

static void around_the_figure(void **state)
{
    static struct week week[WEEKS];
    struct interval all[3], few[3];
    double over = 0, under = 0;
    (void)state;
    fill(week);
    for (int i = 0; i < WEEKS; i++) {
        under += week[i].sum[0];
        over += week[i].sum[1];
    }
    assert_int_equal(bootstrap(week, WEEKS, ratios, 3, 1, all), OK);
    assert_int_equal(bootstrap(week, 12, ratios, 3, 1, few), OK);
    assert_true(all[0].low < over / under && over / under < all[0].high);
    assert_true(all[1].low < under / WEEKS && under / WEEKS < all[1].high);
    assert_true(all[2].low == 0 && all[2].high == 0);
    assert_true(few[0].high - few[0].low > all[0].high - all[0].low);
}

static void nothing_to_go_by(void **state)
{
    static struct week none[WEEKS];
    struct interval i[3];
    (void)state;
    assert_int_equal(bootstrap(none, WEEKS, ratios, 3, 1, i), OK);
    assert_true(isnan(i[0].low) && isnan(i[0].high));
    assert_true(i[1].low == 0 && i[1].high == 0);
    assert_int_equal(bootstrap(none, 0, ratios, 3, 1, i), OK);
    assert_true(isnan(i[1].low));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_seed),
        cmocka_unit_test(around_the_figure),
        cmocka_unit_test(nothing_to_go_by),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
