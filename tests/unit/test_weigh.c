/* Weights against what can be worked out by hand, and against the condition of their best. */
#include "unit.h"

#include "watch/weigh.h"

#include <math.h>
#include <stdlib.h>

enum { ROWS = 400, COLUMNS = 6 };

static uint64_t random_state = 88172645463325252u;

static double unit_random(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (double)(random_state >> 11) / (double)(UINT64_C(1) << 53);
}

/* Of 100 rows with the sign 60 were listed, of 100 without it 20: log odds of 3/2 and of 1/4. */
static void two_by_two(void **state)
{
    float x[200 * 2];
    double y[200], w[200], b[WEIGH_COLUMNS];
    (void)state;
    for (int i = 0; i < 200; i++) {
        bool sign = i < 100;
        x[2 * i] = 1;
        x[2 * i + 1] = sign;
        y[i] = sign ? i < 60 : i < 120;
        w[i] = 1;
    }
    struct weigh_rows rows = {.x = x, .n = 200, .stride = 2, .y = y, .w = w};
    assert_int_equal(weigh_fit(&rows, 1e-9, b), OK);
    assert_near(b[0], log(0.25), 1e-3);
    assert_near(b[0] + b[1], log(1.5), 1e-3);
    for (int i = 0; i < 200; i++)
        w[i] = i < 100 ? 3 : 1; /* the same share, weighted */
    assert_int_equal(weigh_fit(&rows, 1e-9, b), OK);
    assert_near(b[0] + b[1], log(1.5), 1e-3);
}

/* At the best the slope of the penalised likelihood is zero in every direction. */
static double slope(const struct weigh_rows *r, const double *b, double penalty, size_t j)
{
    double mean = 0, square = 0, n = 0, g = 0;
    for (size_t i = 0; i < r->n; i++) {
        double v = (double)r->x[i * r->stride + j];
        if (!(r->w[i] > 0))
            continue;
        n++;
        mean += v;
        square += v * v;
    }
    mean /= n;
    double scale = sqrt(square / n - mean * mean);
    for (size_t i = 0; i < r->n; i++) {
        double p = 1 / (1 + exp(-weigh_score(b, r->x + i * r->stride, r->stride)));
        g += r->w[i] * (r->y[i] - p) * ((double)r->x[i * r->stride + j] - mean) / scale;
    }
    return g - penalty * b[j] * scale;
}

static void best_of_random_rows(void **state)
{
    static float x[ROWS * COLUMNS];
    static double y[ROWS], w[ROWS];
    double b[WEIGH_COLUMNS], again[WEIGH_COLUMNS];
    bool take[COLUMNS] = {true, true, true, false, true, true};
    (void)state;
    for (int i = 0; i < ROWS; i++) {
        double t = -1;
        for (int j = 0; j < COLUMNS; j++) {
            double v = j ? unit_random() * j - 1 : 1;
            x[i * COLUMNS + j] = (float)v;
            t += j == 2 ? 2 * v : j == 5 ? -v / 2 : 0;
        }
        y[i] = unit_random() < 1 / (1 + exp(-t));
        w[i] = i % 7 ? 1 : 0.3 * (i % 2);
    }
    struct weigh_rows rows = {x, ROWS, COLUMNS, take, y, w};
    for (double penalty = 0.1; penalty < 100; penalty *= 7) {
        assert_int_equal(weigh_fit(&rows, penalty, b), OK);
        for (size_t j = 1; j < COLUMNS; j++)
            if (take[j])
                assert_near(slope(&rows, b, penalty, j), 0, 1e-4);
        assert_true(b[3] == 0);
        assert_int_equal(weigh_fit(&rows, penalty, again), OK);
        assert_memory_equal(b, again, COLUMNS * sizeof *b);
    }
}

static void odd_rows(void **state)
{
    float x[] = {1, 0, 1, 1, 1, 2};
    double y[] = {0, 0, 0}, w[] = {1, 1, 1}, b[WEIGH_COLUMNS];
    (void)state;
    struct weigh_rows rows = {.x = x, .n = 3, .stride = 2, .y = y, .w = w};
    assert_int_equal(weigh_fit(&rows, 1, b), ERR_NOT_FOUND); /* one outcome */
    y[2] = 1;
    w[2] = 0;
    assert_int_equal(weigh_fit(&rows, 1, b), ERR_NOT_FOUND); /* the other one does not count */
    w[2] = 1;
    assert_int_equal(weigh_fit(&rows, 1, b), OK); /* can be told apart without error */
    assert_true(isfinite(b[0]) && isfinite(b[1]) && b[1] > 0);
    x[1] = x[3] = x[5] = 7;
    assert_int_equal(weigh_fit(&rows, 1, b), OK); /* a column that never changes */
    assert_true(b[1] == 0);
    rows.stride = WEIGH_COLUMNS + 1;
    assert_int_equal(weigh_fit(&rows, 1, b), ERR_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_by_two),
        cmocka_unit_test(best_of_random_rows),
        cmocka_unit_test(odd_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
