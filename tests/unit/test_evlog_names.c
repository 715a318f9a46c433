#include "codec/evlog_rows.h"
#include "evlog_told.h"

/* Logs whose events have ever new names of fields: there is no room for all of them. */

enum { EACH = 128, EVENTS = MAKER_NAMES / EACH + 1 };

struct met {
    uint64_t rows, gaps, others; /* others: gaps of another kind */
};

static enum err met_rows(void *ctx, const struct rows *rows)
{
    ((struct met *)ctx)->rows += rows_n(rows);
    return OK;
}

static enum err met_gap(void *ctx, uint64_t offset, struct str reason, struct str detail)
{
    struct met *m = ctx;
    bool names = str_eq(reason, STR("limit")) && str_find(detail, STR("new names of fields")) > 0;
    (void)offset;
    m->gaps++;
    m->others += !names;
    return OK;
}

/* EVENTS events of new names, and one of old ones. */
static void flood(struct buf *b, const char *begin, const char *field, const char *end)
{
    for (unsigned i = 0; i <= EVENTS; i++) {
        buf_puts(b, begin);
        for (unsigned k = 0; k < EACH; k++) {
            buf_printf(b, "%s%x", field, i < EVENTS ? i * EACH + k : k);
            buf_puts(b, end[0] == '}' ? "\":1" : "\">1</Data>");
        }
        buf_puts(b, end);
    }
}

static void expect_told(const char *begin, const char *field, const char *end)
{
    struct met met = {0};
    struct evlog *e;
    struct buf b;
    struct error error = {0};
    buf_init(&b, 16 << 20);
    flood(&b, begin, field, end);
    assert_int_equal(b.rc, OK);
    struct given g = {buf_view(&b), 0, 0};
    struct evlog_source source = {give, &g, STR("")};
    struct rows_sink sink = {met_rows, met_gap, &met};
    assert_int_equal(evlog_new(&e), OK);
    assert_int_equal(evlog_read(e, g.text, &source, &sink, &error), OK);
    assert_in_range(met.gaps, 1, 3);
    assert_int_equal(met.others, 0);
    assert_int_equal(met.rows + met.gaps, EVENTS + 1);
    e = evlog_free(e);
    buf_done(&b);
}

static void names_that_have_no_room_are_told(void **state)
{
    (void)state;
    expect_told("{\"Channel\":\"S\",\"EventID\":1", ",\"n", "}\n");
    expect_told("<Event><System><Provider Name='P'/><EventID>7</EventID><Channel>S</Channel>"
                "</System><EventData>",
                "<Data Name=\"n", "</EventData></Event>\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(names_that_have_no_room_are_told)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
