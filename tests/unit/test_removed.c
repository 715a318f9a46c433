#include "scan/removed.h"

#include "base/hash.h"
#include "base/wr.h"
#include "make_facts.h"
#include "unit.h"

/* A host whose IIS log (file 0) and HttpProxy log (file 1) cover a day. */
struct case_ {
    struct make m;
    struct pass first, second;
    struct pass_file file[4];
    struct io_entry entry[4];
    struct listed in[4];
    struct removed *removed;
    struct buf message;
};

static void begin(struct case_ *c)
{
    make_init(&c->m);
    make_file(&c->m, "A", "iis", "iis.log", "2021-03-03", "2021-03-03T23:00:00Z");
    make_file(&c->m, "A", "httpproxy-ecp", "ecp.log", "2021-03-03", "2021-03-03T23:00:00Z");
    c->first = (struct pass){.arena = &c->m.arena, .file = c->file, .n_files = 2};
    c->second = (struct pass){.arena = &c->m.arena};
    for (uint32_t i = 0; i < 2; i++) {
        c->m.file[i].file = i;
        c->entry[i] = (struct io_entry){.size_bytes = 1};
        c->in[i] = (struct listed){.entry = &c->entry[i]};
        c->file[i] = (struct pass_file){.in = &c->in[i]};
    }
    buf_init(&c->message, 1 << 20);
}

static void plan(struct case_ *c)
{
    assert_int_equal(removed_plan(&c->first, &c->m.facts, &c->removed), OK);
}

static void end(struct case_ *c)
{
    removed_done(c->removed);
    buf_done(&c->message);
    make_done(&c->m);
}

static void add_request(struct case_ *c, uint64_t id, const char *time)
{
    wr_u8(&c->message, 0);
    wr_u64(&c->message, 7);
    wr_u64(&c->message, id);
    wr_u64(&c->message, 1);        /* like the others */
    wr_u64(&c->message, id * 100); /* place */
    wr_u64(&c->message, (uint64_t)at(time));
}

static void add_row(struct case_ *c, uint64_t id)
{
    uint64_t v[2] = {7, id};
    wr_u8(&c->message, 2);
    wr_u64(&c->message, hash64(str_make((const char *)v, sizeof v), 0x7265716964));
}

static enum err take(struct case_ *c, uint32_t file)
{
    enum err rc = removed_take(c->removed, file, buf_view(&c->message));
    buf_reset(&c->message);
    return rc;
}

/* A request an hour; HttpProxy has all but those whose bit is set. */
static void tell(struct case_ *c, unsigned missing)
{
    char time[32];
    for (unsigned i = 0; i < 24; i++) {
        (void)snprintf(time, sizeof time, "2021-03-03T%02u:10:00Z", i);
        add_request(c, i, time);
    }
    assert_int_equal(take(c, 0), OK);
    for (unsigned i = 0; i < 24; i++)
        if (!(missing >> i & 1))
            add_row(c, i);
    assert_int_equal(take(c, 1), OK);
    assert_int_equal(removed_tell(c->removed, &c->second), OK);
}

static void test_nothing_to_compare(void **state)
{
    (void)state;
    struct case_ c;
    begin(&c);
    c.m.file[1].host = STR("B");
    plan(&c);
    assert_null(c.removed);
    c.m.file[1].host = STR("A");
    c.m.file[1].copy = true;
    plan(&c);
    assert_null(c.removed);
    assert_int_equal(c.m.facts.n_notes, 0);
    c.m.file[1].copy = false;
    plan(&c);
    assert_non_null(c.removed);
    assert_true(removed_wants(c.removed, 0) && removed_wants(c.removed, 1));
    assert_false(removed_wants(c.removed, 2));
    end(&c);
}

static void test_too_large(void **state)
{
    (void)state;
    struct case_ c;
    begin(&c);
    c.m.file[0].bytes = REMOVED_BYTES;
    plan(&c);
    assert_non_null(c.removed);
    removed_done(c.removed);
    c.m.file[1].bytes = 1;
    plan(&c);
    assert_null(c.removed);
    assert_int_equal(c.m.facts.n_notes, 1);
    assert_true(str_has(c.m.facts.note[0].text, STR("512 MiB")));
    assert_true(str_eq(c.m.facts.note[0].kind, STR("httpproxy-ecp")));
    end(&c);
}

static void test_one_is_told(void **state)
{
    (void)state;
    struct case_ c;
    begin(&c);
    plan(&c);
    tell(&c, 1u << 5);
    assert_int_equal(c.m.facts.n_gaps, 1);
    const struct gap *g = &c.m.facts.gap[0];
    assert_true(str_eq(g->reason, STR("removed-row")) && str_eq(g->file, STR("iis.log")));
    assert_int_equal(g->offset, 500);
    assert_true(str_has(g->detail, STR("1 request below /ecp/ at 2021-03-03 05:10:00")));
    assert_true(str_has(g->detail, STR("00000000-0000-0007-0000-000000000005")));
    end(&c);
}

/* The hours beside it must have been logged: the first and the last of a log are never judged. */
static void test_edges(void **state)
{
    (void)state;
    struct case_ c;
    begin(&c);
    make_hole(&c.m.file[1], "2021-03-03T10:00:00Z", "2021-03-03T11:00:00Z");
    plan(&c);
    tell(&c, 1u << 0 | 1u << 23 | 1u << 9 | 1u << 10 | 1u << 11);
    assert_int_equal(c.m.facts.n_gaps, 0);
    assert_int_equal(c.m.facts.n_notes, 0);
    end(&c);
}

/* What a rule met is told by itself. */
static void test_told_elsewhere(void **state)
{
    (void)state;
    struct case_ c;
    begin(&c);
    c.m.hit[0] = (struct hit){.proxy_row = -1};
    c.m.hit[0].role[ROLE_REQUEST] = STR("00000000-0000-0007-0000-000000000005");
    c.m.facts.n_hits = 1;
    plan(&c);
    tell(&c, 1u << 5);
    assert_int_equal(c.m.facts.n_gaps, 0);
    end(&c);
}

static void test_too_few_alike(void **state)
{
    (void)state;
    struct case_ c;
    begin(&c);
    plan(&c);
    tell(&c, 0x7fffe);
    assert_int_equal(c.m.facts.n_gaps, 0);
    assert_int_equal(c.m.facts.n_notes, 1);
    assert_true(str_has(c.m.facts.note[0].text, STR(" 18 requests")));
    end(&c);
}

/* A log of another server under the same name: nothing in it joins. */
static void test_foreign_file(void **state)
{
    (void)state;
    struct case_ c;
    begin(&c);
    make_file(&c.m, "A", "iis", "other.log", "2021-03-03", "2021-03-03T23:00:00Z")->file = 2;
    c.entry[2] = (struct io_entry){.size_bytes = 1};
    c.in[2] = (struct listed){.entry = &c.entry[2]};
    c.file[2] = (struct pass_file){.in = &c.in[2]};
    c.first.n_files = 3;
    plan(&c);
    for (uint64_t i = 100; i < 103; i++)
        add_request(&c, i, "2021-03-03T05:20:00Z");
    assert_int_equal(take(&c, 2), OK);
    tell(&c, 1u << 5);
    assert_int_equal(c.m.facts.n_gaps, 1);
    assert_true(str_has(c.m.facts.gap[0].detail, STR("1 request below")));
    assert_int_equal(c.m.facts.n_notes, 1);
    assert_true(str_has(c.m.facts.note[0].text, STR(" 3 requests")));
    end(&c);
}

/* A log that was copied twice while it grew. */
static void test_twice(void **state)
{
    (void)state;
    struct case_ c;
    begin(&c);
    plan(&c);
    for (uint64_t i = 0; i < 10; i++)
        add_request(&c, 5, "2021-03-03T05:10:00Z");
    assert_int_equal(take(&c, 0), OK);
    tell(&c, 1u << 5);
    assert_int_equal(c.m.facts.n_gaps, 1);
    assert_true(str_has(c.m.facts.gap[0].detail, STR("1 request below")));
    end(&c);
}

static void test_unread(void **state)
{
    (void)state;
    struct case_ c;
    begin(&c);
    plan(&c);
    struct pass_gap gap = {1, {.reason = STR("worker-died")}};
    assert_int_equal(vec_push(&c.second.gap, gap, 10), OK);
    tell(&c, 1u << 5);
    assert_int_equal(c.m.facts.n_gaps, 0);
    assert_int_equal(c.m.facts.n_notes, 1);
    vec_done(&c.second.gap);
    end(&c);
}

static void test_messages(void **state)
{
    (void)state;
    struct case_ c;
    begin(&c);
    plan(&c);
    add_row(&c, 1);
    assert_int_equal(removed_take(NULL, 1, buf_view(&c.message)), ERR_FORMAT);
    assert_int_equal(take(&c, 9), ERR_FORMAT); /* no such file */
    wr_u8(&c.message, 3);
    assert_int_equal(take(&c, 0), ERR_FORMAT); /* no such thing */
    add_request(&c, 1, "2021-03-03T05:00:00Z");
    for (size_t n = 1; n < 41; n++)
        assert_int_equal(removed_take(c.removed, 0, str_sub(buf_view(&c.message), 0, n)),
                         ERR_FORMAT);
    buf_reset(&c.message);
    add_request(&c, 1, "no time");
    assert_int_equal(take(&c, 0), ERR_FORMAT);
    end(&c);
}

static void test_full(void **state)
{
    (void)state;
    struct case_ c;
    begin(&c);
    plan(&c);
    for (uint64_t i = 0; i <= REMOVED_REQUESTS; i++) {
        add_request(&c, i, "2021-03-03T05:00:00Z");
        if (i % 10000 == 0 || i == REMOVED_REQUESTS)
            assert_int_equal(take(&c, 0), OK);
    }
    assert_int_equal(removed_tell(c.removed, &c.second), OK);
    assert_int_equal(c.m.facts.n_gaps, 1);
    assert_true(str_eq(c.m.facts.gap[0].reason, STR("limit")));
    end(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_to_compare),
        cmocka_unit_test(test_too_large),
        cmocka_unit_test(test_one_is_told),
        cmocka_unit_test(test_edges),
        cmocka_unit_test(test_told_elsewhere),
        cmocka_unit_test(test_too_few_alike),
        cmocka_unit_test(test_unread),
        cmocka_unit_test(test_messages),
        cmocka_unit_test(test_foreign_file),
        cmocka_unit_test(test_twice),
        cmocka_unit_test(test_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
