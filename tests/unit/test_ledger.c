#include "watch/ledger.h"

#include "unit.h"

#include <math.h>

static struct ledger *some(void)
{
    struct ledger *l;
    assert_int_equal(ledger_new(1000, &l), OK);
    assert_int_equal(ledger_note(l, 7, 1, INTENT_MENTION, 100, 11), OK);
    assert_int_equal(ledger_note(l, 7, 1, INTENT_MENTION, 120, 12), OK);
    assert_int_equal(ledger_note(l, 7, 2, INTENT_SELL, 280, 13), OK);
    assert_int_equal(ledger_note(l, 7, 1, INTENT_MENTION, 90, 14), OK); /* comes late */
    assert_int_equal(ledger_note(l, 8, 2, INTENT_SEEK, 280, 15), OK);
    return l;
}

static void test_first_times(void **state)
{
    (void)state;
    struct ledger *l = some();
    struct ledger_entry e[4];
    assert_int_equal(ledger_of(l, 7, 0, e, 4), 2);
    assert_int_equal(e[0].first_day, 90);
    assert_int_equal(e[0].last_day, 120);
    assert_int_equal(e[0].post, 14);
    assert_int_equal(e[0].times, 3);
    assert_int_equal(e[1].intent, INTENT_SELL);
    assert_int_equal(ledger_of(l, 7, 121, e, 4), 1);
    assert_int_equal(ledger_of(l, 7, 0, e, 1), 2);
    assert_int_equal(ledger_of(l, 9, 0, e, 4), 0);
    l = ledger_free(l);
}

static void test_score_halves(void **state)
{
    (void)state;
    struct ledger *l = some();
    struct ledger_score s = ledger_score(l, 7, 280);
    assert_true(fabs(s.score - (0.2 * exp2(-190.0 / 180) + 2)) < 1e-9);
    assert_int_equal(s.sites, 2);
    assert_int_equal(s.first_day, 90);
    assert_int_equal(s.strongest, INTENT_SELL);
    assert_true(fabs(ledger_score(l, 7, 460).score - s.score / 2) < 1e-9);
    assert_int_equal(ledger_score(l, 7, 200).sites, 1); /* what came later is not known then */
    assert_int_equal(ledger_site(l, 2, 3), OK);
    assert_true(fabs(ledger_score(l, 7, 280).score - (0.2 * exp2(-190.0 / 180) + 6)) < 1e-9);
    l = ledger_free(l);
}

static void test_room_and_bytes(void **state)
{
    (void)state;
    struct ledger *l = some(), *copy;
    struct buf b, again;
    for (uint32_t i = 0; i < 5000; i++)
        assert_int_equal(ledger_note(l, i, 3, INTENT_SHARE, 300, i), OK);
    struct ledger_entry e;
    assert_int_equal(ledger_of(l, 4999, 0, &e, 1), 1);
    assert_int_equal(ledger_of(l, 7, 0, &e, 1), 0);
    buf_init(&b, 1 << 20);
    buf_init(&again, 1 << 20);
    assert_int_equal(ledger_save(l, &b), OK);
    assert_int_equal(ledger_load(buf_view(&b), 1000, &copy), OK);
    assert_int_equal(ledger_save(copy, &again), OK);
    assert_int_equal(b.n, again.n);
    assert_memory_equal(b.p, again.p, b.n);
    copy = ledger_free(copy);
    assert_int_equal(ledger_load(str_make(b.p, b.n - 1), 1000, &copy), ERR_FORMAT);
    assert_int_equal(ledger_load(buf_view(&b), 10, &copy), ERR_FORMAT);
    assert_int_equal(ledger_note(l, UINT32_MAX, 1, INTENT_SHARE, 1, 1), ERR_LIMIT);
    buf_done(&b);
    buf_done(&again);
    l = ledger_free(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_times),
        cmocka_unit_test(test_score_halves),
        cmocka_unit_test(test_room_and_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
