#include "codec/evtx_ids.h"
#include "gen/evtx_make.h"
#include "gen/evtx_told.h"
#include "unit.h"

/* A number that is met twice does not pay for one that is missing. */
static void test_ids(void **state)
{
    (void)state;
    static const struct {
        uint64_t id[8];
        uint64_t n, missing, twice;
    } cases[] = {
        {{0}, 0, 0, 0},
        {{1, 2, 3}, 3, 0, 0},
        {{7, 8, 1, 2}, 4, 4, 0}, /* the oldest chunk was written anew */
        {{4, 5, 6, 1, 2, 3}, 6, 0, 0},
        {{1, 2, 1, 2, 5, 6}, 6, 2, 2},
        {{5, 5, 5}, 3, 0, 2},
        {{0, UINT64_MAX}, 2, UINT64_MAX - 1, 0},
        {{UINT64_MAX, 0, 0}, 3, UINT64_MAX - 1, 1},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct evtx_ids ids = {0};
        uint64_t missing, twice;
        for (size_t k = 0; k < cases[i].n; k++)
            assert_int_equal(evtx_ids_add(&ids, cases[i].id[k]), OK);
        evtx_ids_count(&ids, &missing, &twice);
        assert_int_equal(missing, cases[i].missing);
        assert_int_equal(twice, cases[i].twice);
        evtx_ids_done(&ids);
    }
}

/* Beyond EVTX_RUNS it counts the least that can be. */
static void test_many_ids(void **state)
{
    (void)state;
    struct evtx_ids ids = {0};
    uint64_t missing, twice;
    for (uint64_t id = 2 * (EVTX_RUNS + 1000); id; id -= 2)
        assert_int_equal(evtx_ids_add(&ids, id), OK);
    assert_int_equal(ids.run.n, EVTX_RUNS);
    evtx_ids_count(&ids, &missing, &twice);
    assert_int_equal(missing, EVTX_RUNS + 999);
    assert_int_equal(twice, 0);
    evtx_ids_done(&ids);
}

static enum err no_gap(void *ctx, uint64_t offset, struct str reason, struct str detail)
{
    (void)ctx, (void)offset, (void)reason, (void)detail;
    return OK;
}

/* A flood of kinds: all of them come out, and the sink is told when shapes are gone. */
struct flood {
    uint64_t rows, sum, forgotten;
    uint32_t last_serial; /* of a shape since it was told, at least */
};

static enum err flooded(void *ctx, const struct rows *rows)
{
    struct flood *f = ctx;
    f->rows += rows_n(rows);
    f->sum += rows_n(rows) * rows->shape->event_id;
    if (rows->shape->serial > f->last_serial)
        f->last_serial = rows->shape->serial;
    return OK;
}

static void forgotten(void *ctx)
{
    struct flood *f = ctx;
    assert_true(f->last_serial < EVTX_SHAPES);
    f->last_serial = 0;
    f->forgotten++;
}

static void test_flood(void **state)
{
    (void)state;
    struct make *m = malloc(sizeof *m);
    struct flood f = {0};
    struct evtx_options o = {.sink = {flooded, no_gap, &f, forgotten}};
    struct evtx *e;
    struct buf b;
    uint64_t sum = 0;
    uint16_t id = 0;
    buf_init(&b, 1 << 24);
    make_file_header(&b, 1, 1);
    assert_int_equal(evtx_new(&o, &e), OK);
    assert_int_equal(evtx_header(e, buf_view(&b)), OK);
    for (uint64_t at = 0; id < 40000; at++) {
        make_chunk(m, 1 + id);
        for (unsigned k = 0; k < 100; k++, sum += id)
            make_event(m, ++id, NULL, 0);
        make_chunk_end(m);
        assert_int_equal(evtx_chunk(e, str_make((char *)m->p, sizeof m->p), 4096 + (at << 16)), OK);
    }
    assert_int_equal(evtx_end(e), OK);
    assert_int_equal(f.rows, id);
    assert_int_equal(f.sum, sum);
    assert_int_equal(evtx_facts(e)->gaps, 0);
    assert_true(f.forgotten >= 1);
    e = evtx_free(e);
    buf_done(&b);
    free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ids),
        cmocka_unit_test(test_many_ids),
        cmocka_unit_test(test_flood),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
