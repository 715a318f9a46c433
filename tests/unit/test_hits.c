#include "base/hash.h"
#include "base/limits.h"
#include "scan/hits.h"
#include "unit.h"

#include <stdlib.h>

static struct hit hit_at(uint32_t rule, const char *host, int64_t time_us, uint64_t offset)
{
    struct hit h = {.rule = rule,
                    .count = 1,
                    .first_us = time_us,
                    .last_us = time_us,
                    .offset = offset,
                    .host = str_of(host),
                    .evidence = STR("row")};
    return h;
}

static uint64_t key_of(uint64_t i)
{
    return hash64(str_make((const char *)&i, sizeof i), 3);
}

static void rows_of_one_key_are_one_row(void **state)
{
    (void)state;
    static const int64_t times[] = {50, 10, 90, 10, TIME_NONE};
    struct hits t;
    struct arena arena;
    struct hit *list;
    size_t n;
    hits_init(&t);
    arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < ARRAY_LEN(times); i++) {
        struct hit h = hit_at(1, "EX01", times[i], 100 - i);
        h.own_scanner = i > 0;
        assert_int_equal(hits_add(&t, 77, &h), OK);
    }
    assert_int_equal(hits_list(&t, &arena, &list, &n), OK);
    assert_int_equal(n, 1);
    assert_int_equal(list[0].count, 5);
    assert_true(list[0].first_us == 10 && list[0].last_us == 90);
    assert_int_equal(list[0].offset, 97); /* of equal times the earlier place */
    assert_false(list[0].own_scanner);
    assert_str(list[0].evidence, "row");
    hits_done(&t);
    arena_done(&arena);
}

struct sum {
    uint64_t count, rows, overflow_rows, keys_xor;
};

static struct sum sum_of(struct hits *t)
{
    struct sum s = {0};
    struct arena arena;
    struct hit *list;
    size_t n;
    arena_init(&arena, 256 << 20);
    assert_int_equal(hits_list(t, &arena, &list, &n), OK);
    for (size_t i = 0; i < n; i++) {
        s.count += list[i].count;
        s.rows++;
        s.overflow_rows += list[i].overflow;
        if (!list[i].overflow)
            s.keys_xor ^= key_of(list[i].offset);
    }
    arena_done(&arena);
    return s;
}

/* Neither order nor the number of tables changes what is kept. */
static void a_flood_keeps_the_same_rows_in_any_order(void **state)
{
    (void)state;
    enum { FLOOD = 50000 };
    struct sum sums[3];
    for (int way = 0; way < 3; way++) {
        struct hits t;
        hits_init(&t);
        for (uint64_t i = 0; i < FLOOD; i++) {
            uint64_t k = way == 0 ? i : way == 1 ? FLOOD - 1 - i : i * 7919 % FLOOD;
            struct hit h = hit_at(2, "EX01", (int64_t)k, k);
            assert_int_equal(hits_add(&t, key_of(k), &h), OK);
        }
        sums[way] = sum_of(&t);
        hits_done(&t);
    }
    assert_int_equal(sums[0].count, FLOOD);
    assert_int_equal(sums[0].rows, HITS_KEPT + 1);
    assert_int_equal(sums[0].overflow_rows, 1);
    assert_memory_equal(&sums[0], &sums[1], sizeof sums[0]);
    assert_memory_equal(&sums[0], &sums[2], sizeof sums[0]);
}

static enum err add_message(void *ctx, struct str message)
{
    struct rd r = rd_of(message);
    while (rd_left(&r)) {
        uint64_t key;
        struct hit h;
        TRY(hit_read(&r, &key, &h));
        TRY(hits_add(ctx, key, &h));
    }
    return OK;
}

static void many_hosts_are_bounded_in_time_and_memory(void **state)
{
    (void)state;
    enum { HOSTS = 100 * 1000 };
    struct hits t, all;
    hits_init(&t);
    hits_init(&all);
    for (uint64_t i = 0; i < HOSTS; i++) {
        char host[32];
        (void)snprintf(host, sizeof host, "SRV%u", (unsigned)i);
        struct hit h = hit_at(3, host, (int64_t)i, i);
        assert_int_equal(hits_add(&t, key_of(i), &h), OK);
        if (i % 20000 == 19999)
            assert_int_equal(hits_flush(&t, add_message, &all), OK);
    }
    assert_true(hits_bytes(&all) < 128u << 20);
    struct sum s = sum_of(&all);
    assert_int_equal(s.count, HOSTS);
    assert_true(s.rows <= HITS_BUCKETS + HITS_KEPT + 2);
    hits_done(&t);
    hits_done(&all);
}

/* Rows too large for HITS_KEPT of each: fewer are kept, all are counted, no failure. */
static void large_rows_leave_room(void **state)
{
    (void)state;
    enum { RULES = 40, ROWS = 3000 };
    struct hits t;
    char *evidence = malloc(LIMIT_EVIDENCE_LINE_BYTES);
    memset(evidence, 'e', LIMIT_EVIDENCE_LINE_BYTES);
    hits_init(&t);
    for (uint64_t i = 0; i < RULES * ROWS; i++) {
        struct hit h = hit_at((uint32_t)(i % RULES), "EX01", (int64_t)i, i);
        h.evidence = str_make(evidence, LIMIT_EVIDENCE_LINE_BYTES);
        assert_int_equal(hits_add(&t, key_of(i), &h), OK);
    }
    assert_true(hits_bytes(&t) < 128u << 20);
    struct sum s = sum_of(&t);
    assert_int_equal(s.count, RULES * ROWS);
    assert_int_equal(s.overflow_rows, RULES);
    assert_true(s.rows >= RULES * 50);
    hits_done(&t);
    free(evidence);
}

/* The heaviest record stands for a row, in whatever order they come. */
static void the_heaviest_stands_for_all(void **state)
{
    (void)state;
    for (int turn = 0; turn < 2; turn++) {
        struct hits t;
        struct hit light = hit_at(1, "EX01", 5, 50), heavy = hit_at(1, "EX01", 9, 90);
        heavy.weight = 1;
        hits_init(&t);
        assert_int_equal(hits_add(&t, 7, turn ? &heavy : &light), OK);
        assert_int_equal(hits_add(&t, 7, turn ? &light : &heavy), OK);
        assert_true(hit_earlier(&t, &heavy, &light) && !hit_earlier(&t, &light, &heavy));
        struct arena arena;
        struct hit *list;
        size_t n;
        arena_init(&arena, 1 << 20);
        assert_int_equal(hits_list(&t, &arena, &list, &n), OK);
        assert_int_equal(n, 1);
        assert_int_equal(list[0].offset, 90);
        assert_int_equal(list[0].count, 2);
        hits_done(&t);
        arena_done(&arena);
    }
}

static struct hit full_hit(void)
{
    struct hit h = hit_at(4, "EX01", 5, 6);
    h.last_us = 9;
    h.count = 3;
    h.weight = 77;
    h.line = 12;
    h.file = 2;
    h.target = STR("EX02");
    h.role[ROLE_CLIENT] = STR("192.0.2.1");
    h.role[ROLE_USER] = STR("");
    h.field[0].name = STR("cs-method");
    h.field[0].value = STR("POST");
    h.field[1].name = STR("empty");
    h.n_fields = 2;
    h.mark[0].from = 1;
    h.mark[0].to = 3;
    h.n_marks = 1;
    h.raw_sha256[31] = 0xab;
    h.own_scanner = h.overflow = true;
    return h;
}

/* File 2 repeats file 0, file 1 does not. What it added goes away, from kept and from further rows.
 */
static void what_a_copy_added_is_taken_back(void **state)
{
    (void)state;
    enum { KEYS = 5000 };
    static const uint32_t files[][3] = {{0, 1, 2}, {2, 0, 1}}, first[] = {0, 1, 0};
    for (size_t way = 0; way < ARRAY_LEN(files); way++) {
        struct hits t;
        struct arena arena;
        struct hit *list;
        size_t n;
        uint64_t count = 0;
        bool taken;
        hits_init(&t);
        t.keep_shares = true;
        arena_init(&arena, 256 << 20);
        for (size_t f = 0; f < 3; f++)
            for (uint64_t i = 0; i < (files[way][f] == 1 ? 10 : KEYS); i++) {
                struct hit h = hit_at(2, files[way][f] == 2 ? "OLD" : "EX01", (int64_t)i, i);
                h.file = files[way][f];
                assert_int_equal(hits_add(&t, key_of(i) ^ (h.file == 2), &h), OK);
            }
        assert_int_equal(hits_take_back(&t, first, &taken), OK);
        assert_true(taken);
        assert_int_equal(hits_list(&t, &arena, &list, &n), OK);
        assert_int_equal(n, HITS_KEPT + 1);
        for (size_t i = 0; i < n; i++) {
            count += list[i].count;
            assert_str(list[i].host, "EX01");
            assert_int_equal(list[i].file, 0);
        }
        assert_int_equal(count, KEYS + 10);
        hits_done(&t);
        arena_done(&arena);
    }
}

static void a_row_survives_as_a_message(void **state)
{
    (void)state;
    struct hit in = full_hit(), out;
    struct buf b;
    uint64_t key;
    buf_init(&b, 1 << 16);
    few_add(&in.hours, few_of_hour(-3));
    few_add(&in.requests, 77);
    hit_write(&b, 99, &in);
    struct rd r = rd_of(buf_view(&b));
    assert_int_equal(hit_read(&r, &key, &out), OK);
    assert_true(key == 99 && rd_left(&r) == 0);
    assert_true(out.rule == 4 && out.file == 2 && out.count == 3 && out.line == 12);
    assert_int_equal(out.weight, 77);
    assert_true(out.hours.n == 1 && few_hour(out.hours.v[0]) == -3 && out.requests.v[0] == 77);
    assert_true(out.first_us == 5 && out.last_us == 9 && out.offset == 6);
    assert_str(out.host, "EX01");
    assert_str(out.target, "EX02");
    assert_str(out.role[ROLE_CLIENT], "192.0.2.1");
    assert_true(out.role[ROLE_USER].p && out.role[ROLE_USER].n == 0);
    assert_null(out.role[ROLE_AGENT].p);
    assert_str(out.field[0].value, "POST");
    assert_null(out.field[1].value.p);
    assert_true(out.n_marks == 1 && out.mark[0].to == 3 && out.raw_sha256[31] == 0xab);
    assert_true(out.own_scanner && out.overflow);
    /* Every cut is refused. */
    for (size_t n = 0; n < b.n; n++) {
        r = rd_of(str_make(b.p, n));
        assert_int_equal(hit_read(&r, &key, &out), ERR_FORMAT);
    }
    buf_done(&b);
}

static void lies_in_a_message_are_refused(void **state)
{
    (void)state;
    for (int lie = 0; lie < 4; lie++) {
        struct hit h = full_hit();
        struct buf b;
        uint64_t key;
        buf_init(&b, 1 << 16);
        if (lie == 0)
            h.count = 0;
        else if (lie == 1)
            h.mark[0].to = 4; /* beyond the evidence */
        else if (lie == 2)
            h.mark[0].from = 4;
        else
            h.field[1].name = STR_NONE;
        hit_write(&b, 1, &h);
        struct rd r = rd_of(buf_view(&b));
        assert_int_equal(hit_read(&r, &key, &h), ERR_FORMAT);
        buf_done(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_one_key_are_one_row),
        cmocka_unit_test(a_flood_keeps_the_same_rows_in_any_order),
        cmocka_unit_test(the_heaviest_stands_for_all),
        cmocka_unit_test(many_hosts_are_bounded_in_time_and_memory),
        cmocka_unit_test(large_rows_leave_room),
        cmocka_unit_test(what_a_copy_added_is_taken_back),
        cmocka_unit_test(a_row_survives_as_a_message),
        cmocka_unit_test(lies_in_a_message_are_refused),
    };
    return cmocka_run_group_tests_name("hits", tests, NULL, NULL);
}
