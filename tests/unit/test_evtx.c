#include "gen/evtx_make.h"
#include "gen/evtx_told.h"
#include "unit.h"

/* A file of one chunk. */
static struct str file_of(struct buf *b, const struct make *m, uint32_t flags)
{
    buf_init(b, 1 << 24);
    make_file_header(b, 1, flags);
    buf_add(b, m->p, sizeof m->p);
    assert_int_equal(b->rc, OK);
    return buf_view(b);
}

/* Both ways, which must agree. */
static void told(struct evtx_told *t, struct str file, bool carve)
{
    struct evtx_told other;
    evtx_told_read(t, file, carve, false);
    evtx_told_read(&other, file, carve, true);
    assert_true(evtx_told_differ(t, &other) == UINT64_MAX);
    assert_int_equal(t->gaps.n, other.gaps.n);
    evtx_told_done(&other);
}

static void told_chunk(struct evtx_told *t, struct make *m)
{
    struct buf b;
    make_chunk_end(m);
    told(t, file_of(&b, m, 0), false);
    buf_done(&b);
}

static void assert_value(const struct evtx_told *t, size_t record, const char *name,
                         const char *value)
{
    assert_true(record < t->records.n);
    struct str v = evtx_told_value(&t->records.v[record], name);
    if (!value) {
        assert_null(v.p);
        return;
    }
    assert_non_null(v.p);
    assert_int_equal(v.n, strlen(value));
    assert_memory_equal(v.p, value, v.n);
}

#define TEXT(ascii_utf16) ((struct make_value){1, "" ascii_utf16, sizeof(ascii_utf16) - 1})

static void test_ordinary(void **state)
{
    (void)state;
    struct make *m = malloc(sizeof *m);
    struct evtx_told t;
    struct make_value data[] = {TEXT("a\0b\0"), TEXT(""), TEXT("x\0\0\0")};
    make_chunk(m, 1);
    make_event(m, 4624, data, 3);
    make_event(m, 4624, data, 2);
    make_event(m, 4625, data, 3);
    told_chunk(&t, m);
    assert_int_equal(t.records.n, 3);
    assert_int_equal(t.gaps.n, 0);
    assert_value(&t, 0, "EventID", "4624");
    assert_value(&t, 0, "Provider_Name", "Made-By-Hand");
    assert_value(&t, 0, "Keywords", "0x8020000000000000");
    assert_value(&t, 0, "SystemTime", "2021-01-01T00:00:01.0000000Z");
    assert_value(&t, 0, "EventRecordID", "1");
    assert_value(&t, 0, "Channel", "Sec");
    assert_value(&t, 0, "Computer", "PC");
    assert_value(&t, 0, "Security_UserID", NULL);
    assert_value(&t, 0, "d0", "ab");
    assert_value(&t, 0, "d1", "");
    assert_value(&t, 0, "d2", "x");
    assert_value(&t, 1, "d2", NULL);
    assert_value(&t, 2, "EventID", "4625");
    assert_int_equal(t.facts.first_id, 1);
    assert_int_equal(t.facts.last_id, 3);
    assert_int_equal(t.facts.missing_ids, 0);
    evtx_told_done(&t);
    free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ordinary),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
