#include "watch/tail.h"

#include "unit.h"

#include <math.h>

static uint64_t state = 88172645463325252u;
static double uniform(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (double)(state >> 11) * 0x1p-53;
}

/* By the definition: all terms below y, from the first, taken from 1. */
static long double plain_nb(double r, double mean, unsigned y)
{
    long double odds = mean / ((long double)r + mean), term = powl(r / ((long double)r + mean), r);
    long double below = 0, above = 0;
    for (unsigned k = 0; k < 2000000 && (k <= y || term > above * 1e-20L); k++) {
        *(k < y ? &below : &above) += term;
        term *= (r + (long double)k) / (k + 1) * odds;
    }
    return above;
}

static void test_negative_binomial(void **ctx)
{
    (void)ctx;
    for (int i = 0; i < 2000; i++) {
        double r = exp(uniform() * 8 - 3), mean = exp(uniform() * 9 - 4);
        unsigned y = (unsigned)(mean * uniform() * 4) + (unsigned)(uniform() * 6);
        long double want = plain_nb(r, mean, y);
        if (want < 1e-250L)
            continue;
        double got = tail_nb(r, mean, y);
        if (fabs(got - (double)logl(want)) > 1e-6 * fmax(1, fabs((double)logl(want))))
            fail_msg("r %g mean %g y %u: got %.12g, wanted %.12g", r, mean, y, got,
                     (double)logl(want));
    }
}

static void test_between_whole_numbers(void **ctx)
{
    (void)ctx;
    double last = 0;
    for (double y = 0.125; y < 40; y += 0.125) {
        double lp = tail_nb(2, 3, y);
        assert_true(lp <= last && isfinite(lp));
        last = lp;
    }
    assert_true(tail_nb(2, 3, 7.5) < tail_nb(2, 3, 7) && tail_nb(2, 3, 7.5) > tail_nb(2, 3, 8));
}

static void test_nonsense_is_no_signal(void **ctx)
{
    (void)ctx;
    assert_true(tail_nb(0, 1, 5) == 0 && tail_nb(1, -1, 5) == 0 && tail_nb(1, 1, 0) == 0);
    assert_true(tail_nb(NAN, 1, 5) == 0 && tail_nb(1, INFINITY, 5) == 0);
    assert_true(isfinite(tail_nb(1e-3, 1e-6, 1e5)));
}

/* All 2^n outcomes. */
static double plain_trials(const double *q, unsigned n, unsigned hits)
{
    double sum = 0;
    for (uint32_t bits = 0; bits < UINT32_C(1) << n; bits++) {
        double p = 1;
        for (unsigned i = 0; i < n; i++)
            p *= bits >> i & 1 ? q[i] : 1 - q[i];
        sum += (unsigned)__builtin_popcount(bits) >= hits ? p : 0;
    }
    return sum;
}

static void test_trials(void **ctx)
{
    (void)ctx;
    for (int i = 0; i < 300; i++) {
        double q[12];
        unsigned n = 1 + (unsigned)(uniform() * 11);
        for (unsigned k = 0; k < n; k++)
            q[k] = uniform() * uniform();
        for (unsigned hits = 0; hits <= n + 1; hits++)
            assert_true(fabs(tail_trials(q, n, hits) - plain_trials(q, n, hits)) < 1e-12);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_negative_binomial),
        cmocka_unit_test(test_between_whole_numbers),
        cmocka_unit_test(test_nonsense_is_no_signal),
        cmocka_unit_test(test_trials),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
