/* tests/unit/evlog_told.h — event logs as text, for tests.
 *
 * What:   reads a text with the table of event log formats and tells its rows as lines.
 * Input:  of tests.
 * Limits: 1 MiB of text.
 * Owner:  the caller frees struct told's text.
 * Spec:   none.
 */
#ifndef UNIT_EVLOG_TOLD_H
#define UNIT_EVLOG_TOLD_H

#include "gen/given.h"
#include "unit.h"

static struct str told_path; /* of the texts */

/* Rows as they are handed out, one line each: "channel/id provider @time #record name=value ...";
 * between the values of a list there is a '|'. */
struct told {
    struct buf text;
    size_t batches, gaps, forgotten;
    char last_gap[64];
};

static enum err on_rows(void *ctx, const struct rows *rows)
{
    struct told *t = ctx;
    const struct shape *s = rows->shape;
    t->batches++;
    for (size_t i = 0; i < rows_n(rows); i++) {
        uint16_t cell = 0;
        buf_printf(&t->text, "%.*s/%u %.*s @%lld #%llu", STR_FMT(s->channel),
                   s->event_id == SHAPE_NO_ID ? 0 : s->event_id, STR_FMT(s->provider),
                   rows->place.v[i].time_us == TIME_NONE
                       ? -1LL
                       : (long long)(rows->place.v[i].time_us / 1000000),
                   (unsigned long long)rows->place.v[i].record_id);
        for (uint16_t f = 0; f < s->n; f++) {
            bool fixed = s->field[f].fixed.p != NULL;
            bool list = fixed ? s->field[f].list : row_cell_is_list(rows, i, cell);
            struct str v = fixed ? s->field[f].fixed : row_cell(rows, i, cell++);
            if (!v.p)
                continue;
            buf_printf(&t->text, " %.*s=", STR_FMT(s->field[f].name));
            for (size_t k = 0; k < v.n; k++)
                buf_putc(&t->text, list && v.p[k] == '\n' ? '|' : v.p[k]);
        }
        buf_putc(&t->text, '\n');
    }
    return OK;
}

static enum err on_gap(void *ctx, uint64_t offset, struct str reason, struct str detail)
{
    struct told *t = ctx;
    t->gaps++;
    (void)snprintf(t->last_gap, sizeof t->last_gap, "%llu %.*s", (unsigned long long)offset,
                   STR_FMT(reason));
    (void)detail;
    return OK;
}

static void read_with(struct evlog *e, struct str text, size_t step, struct told *t)
{
    struct given g = {text, 0, step};
    struct evlog_source source = {give, &g, told_path};
    struct rows_sink sink = {on_rows, on_gap, t};
    struct error error = {0};
    *t = (struct told){0};
    buf_init(&t->text, 1 << 20);
    assert_true(evlog_knows(text, told_path));
    assert_int_equal(evlog_read(e, text, &source, &sink, &error), OK);
    assert_int_equal(t->text.rc, OK);
}

/* The same rows, however the text is cut. */
static inline void expect_rows(const char *text, const char *rows, size_t gaps)
{
    static const size_t steps[] = {0, 1, 7};
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        struct told t;
        struct evlog *e;
        assert_int_equal(evlog_new(&e), OK);
        read_with(e, str_of(text), steps[i], &t);
        buf_putc(&t.text, 0);
        assert_string_equal(t.text.p, rows);
        assert_int_equal(t.gaps, gaps);
        buf_done(&t.text);
        e = evlog_free(e);
    }
}

#endif
