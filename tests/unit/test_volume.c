#include "unit.h"
#include "watch/volume.h"

static uint32_t random_state = 1;
static uint32_t next_random(void)
{
    random_state = random_state * 1664525u + 1013904223u;
    return random_state >> 8;
}

static void threads_count_once_a_day_and_site(void **state)
{
    (void)state;
    struct volume v;
    assert_int_equal(volume_init(&v), OK);
    assert_int_equal(volume_add(&v, 1, 100, 101, 7), OK);
    assert_int_equal(volume_add(&v, 1, 100, 101, 7), OK);
    assert_int_equal(volume_add(&v, 1, 100, 101, 8), OK);
    assert_int_equal(volume_add(&v, 2, 100, 101, 7), OK);
    assert_int_equal(volume_add(&v, 1, 99, 102, 7), OK);
    volume_sort(&v);
    assert_int_equal(volume_last(&v), 102);
    const struct volume_cell *c = volume_next(&v, 101);
    assert_int_equal(c->site, 1);
    assert_int_equal(c->threads, 2);
    c = volume_next(&v, 101);
    assert_int_equal(c->site, 2);
    assert_int_equal(c->threads, 1);
    assert_null(volume_next(&v, 101));
    c = volume_next(&v, 102);
    assert_int_equal(c->event_day, 99);
    assert_null(volume_next(&v, 1000));
    volume_clear(&v);
    volume_sort(&v);
    assert_null(volume_next(&v, 1000));
    assert_int_equal(volume_last(&v), INT32_MIN);
    volume_done(&v);
}

static void counts_of_others_are_added(void **state)
{
    (void)state;
    const struct volume_cell cell = {.ingest_day = 101, .event_day = 100, .site = 1, .threads = 5};
    struct volume v;
    assert_int_equal(volume_init(&v), OK);
    struct volume_place place = {.cell = volume_cell_hash(1, 100, 101)};
    volume_soon(&v, 7, &place); /* changes nothing of the volume */
    assert_int_equal(v.cells.n, 0);
    assert_int_equal(volume_add(&v, 1, 100, 101, 7), OK);
    assert_int_equal(volume_put(&v, &cell), OK);
    assert_int_equal(volume_put(&v, &cell), OK);
    volume_sort(&v);
    assert_int_equal(volume_next(&v, 101)->threads, 11);
    assert_null(volume_next(&v, 101));
    /* What was counted is told once; its threads stay known. */
    volume_clear(&v);
    assert_int_equal(volume_add(&v, 1, 100, 101, 7), OK);
    assert_int_equal(v.cells.n, 0);
    volume_done(&v);
}

/* Against plain counting: the same, whatever the hashes. Distinct threads of many cells, more than
 * the first table has room for.
 */
static void many_cells_keep_their_counts(void **state)
{
    (void)state;
    enum { SITES = 40, DAYS = 300, THREADS = 5 };
    static uint8_t seen[SITES][DAYS][THREADS];
    static uint32_t count[SITES][DAYS];
    struct volume v;
    uint32_t cells = 0;
    assert_int_equal(volume_init(&v), OK);
    for (int i = 0; i < 60000; i++) {
        uint32_t site = next_random() % SITES, day = next_random() % DAYS;
        uint32_t thread = next_random() % THREADS;
        assert_int_equal(volume_add(&v, site, (int32_t)day - 3, (int32_t)day, thread), OK);
        cells += count[site][day] == 0;
        count[site][day] += !seen[site][day][thread];
        seen[site][day][thread] = 1;
    }
    volume_sort(&v);
    const struct volume_cell *c;
    int32_t last = 0;
    while ((c = volume_next(&v, DAYS))) {
        assert_true(c->ingest_day >= last);
        last = c->ingest_day;
        assert_int_equal(c->threads, count[c->site][c->ingest_day]);
        cells--;
    }
    assert_int_equal(cells, 0);
    volume_done(&v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_count_once_a_day_and_site),
        cmocka_unit_test(counts_of_others_are_added),
        cmocka_unit_test(many_cells_keep_their_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
