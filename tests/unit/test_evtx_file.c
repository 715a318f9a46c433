#include "codec/evtx_held.h"
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

/* Which records were handed out: by number and time, zeros among them. */
static void test_seen(void **state)
{
    (void)state;
    struct evtx_held h = {0};
    assert_false(evtx_held_has(&h, 0, 0));
    for (uint64_t id = 0; id < 5000; id++)
        assert_int_equal(evtx_held_add(&h, id, id / 2), OK);
    assert_int_equal(evtx_held_add(&h, 7, 3), OK);
    assert_int_equal(h.n_seen, 5000);
    for (uint64_t id = 0; id < 5000; id++) {
        assert_true(evtx_held_has(&h, id, id / 2));
        assert_false(evtx_held_has(&h, id, id / 2 + 1));
    }
    h.n_seen = EVTX_SEEN;
    assert_int_equal(evtx_held_add(&h, 1, 9), OK);
    assert_true(h.full);
    assert_false(evtx_held_has(&h, 1, 9));
    evtx_held_done(&h);
}

struct carved {
    uint64_t alive, carved, limits;
};

static enum err count_carved(void *ctx, const struct rows *rows)
{
    struct carved *c = ctx;
    *(rows->shape->carved ? &c->carved : &c->alive) += rows_n(rows);
    return OK;
}

static enum err count_limits(void *ctx, uint64_t offset, struct str reason, struct str detail)
{
    struct carved *c = ctx;
    (void)offset, (void)detail;
    c->limits += str_eq(reason, STR("limit"));
    return OK;
}

/* Chunks of one record, whose slack has one that is alive in the last chunk and one that is not. */
static struct carved carve_chunks(size_t n)
{
    struct make *m = malloc(sizeof *m);
    struct carved c = {0};
    struct evtx_options o = {.sink = {count_carved, count_limits, &c}, .carve = EVTX_CARVE_APART};
    struct evtx *e;
    struct buf b;
    buf_init(&b, 1 << 16);
    make_file_header(&b, 1, 1);
    assert_int_equal(evtx_new(&o, &e), OK);
    assert_int_equal(evtx_header(e, buf_view(&b)), OK);
    for (uint64_t i = 0; i < n; i++) {
        make_chunk(m, 10 * (i + 1));
        make_event(m, 1, NULL, 0);
        struct make alive = *m;
        m->last_id = 10 * n - 1;
        make_event(m, 1, NULL, 0);
        m->last_id = 20 * n + i;
        make_event(m, 1, NULL, 0);
        memcpy(alive.p + alive.at, m->p + alive.at, sizeof m->p - alive.at);
        make_chunk_end(&alive);
        assert_int_equal(evtx_chunk(e, str_make((char *)alive.p, sizeof alive.p), 4096 + (i << 16)),
                         OK);
    }
    assert_int_equal(evtx_end(e), OK);
    assert_int_equal(evtx_end(e), OK);
    e = evtx_free(e);
    buf_done(&b);
    free(m);
    return c;
}

/* Carving apart: at the end, none that is alive; where too many chunks wait, nothing is lost, and
 * that one may have been found twice is said. */
static void test_carve_apart(void **state)
{
    (void)state;
    struct carved few = carve_chunks(3), many = carve_chunks(EVTX_HELD + 2);
    assert_int_equal(few.alive, 3);
    assert_int_equal(few.carved, 3);
    assert_int_equal(few.limits, 0);
    assert_int_equal(many.alive, EVTX_HELD + 2);
    assert_int_equal(many.carved, EVTX_HELD + 3);
    assert_int_equal(many.limits, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ids),         cmocka_unit_test(test_many_ids),
        cmocka_unit_test(test_flood),       cmocka_unit_test(test_seen),
        cmocka_unit_test(test_carve_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
