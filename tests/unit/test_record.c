/* Track records: from the parent's rate to one's own. */
#include "unit.h"

#include "watch/record.h"

static void rates(void **state)
{
    (void)state;
    assert_near(record_base((struct record){0, 0}), 1 / 30.0, 1e-12);
    assert_near(record_base((struct record){970, 99}), 0.1, 1e-12);
    assert_near(record_rate((struct record){0, 0}, 0.2, 5), 0.2, 1e-12);
    assert_near(record_rate((struct record){5, 5}, 0.2, 5), 0.6, 1e-12);
    assert_near(record_rate((struct record){5000, 2500}, 0.2, 5), 0.5, 1e-3);
}

static void odds(void **state)
{
    (void)state;
    assert_near(record_logit(0.5), 0, 1e-12);
    assert_near(record_logit(0.75), 1.0986122886681098, 1e-12);
    assert_near(record_logit(0.25), -record_logit(0.75), 1e-12);
    assert_true(record_logit(0) < -20 && record_logit(0) > -21);
    assert_true(record_logit(1) > 20 && record_logit(1) < 21);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(rates), cmocka_unit_test(odds)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
