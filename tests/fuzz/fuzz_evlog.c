/* Event logs of any format: every row is whole, every value stands inside its row, and what is read
 * by what was learnt is what was read when it was. */
#include "gen/given.h"
#include <assert.h>

struct told {
    size_t gaps;
    uint64_t values; /* names and values, in any order of rows and fields */
};

static uint64_t mix(uint64_t h, struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        h = (h ^ (unsigned char)s.p[i]) * 1099511628211u;
    return (h ^ s.n) * 1099511628211u;
}

static uint64_t value_of(struct str name, struct str value)
{
    uint64_t h = value.p ? mix(mix(14695981039346656037u, name), value) : 0;
    return h ^ h >> 29;
}

static uint64_t row_values(const struct rows *rows, size_t row)
{
    const struct shape *s = rows->shape;
    uint64_t sum = 0;
    uint16_t cell = 0;
    for (uint16_t f = 0; f < s->n; f++)
        sum += value_of(s->field[f].name,
                        s->field[f].fixed.p ? s->field[f].fixed : row_cell(rows, row, cell++));
    return sum * (sum | 1);
}

static enum err on_rows(void *ctx, const struct rows *rows)
{
    struct told *t = ctx;
    const char *end = rows->text.p + rows->text.n;
    for (size_t i = 0; i < rows_n(rows); i++)
        t->values += row_values(rows, i);
    assert(rows->end.n == rows_n(rows) * rows->shape->n_cells);
    for (size_t i = 0; i < rows_n(rows); i++)
        for (uint16_t k = 0; k < rows->shape->n_cells; k++) {
            struct str v = row_cell(rows, i, k);
            assert(!v.p || (v.p >= rows->text.p && v.p + v.n <= end));
        }
    return OK;
}

static enum err on_gap(void *ctx, uint64_t offset, struct str reason, struct str detail)
{
    (void)offset;
    (void)detail;
    assert(reason.n > 0);
    ((struct told *)ctx)->gaps++;
    return OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = str_make((const char *)data, size);
    struct evlog *e;
    if (!evlog_knows(text, STR_NONE) || evlog_new(&e) != OK)
        return 0;
    struct told told[2] = {{0}, {0}};
    for (int round = 0; round < 2; round++) { /* shapes are kept from file to file */
        struct given g = {text, 0};
        struct evlog_source source = {give, &g, .carve = size & 1};
        struct rows_sink sink = {on_rows, on_gap, &told[round]};
        struct error error;
        enum err rc = evlog_read(e, text, &source, &sink, &error);
        assert(rc == OK || rc == ERR_LIMIT || rc == ERR_FORMAT || rc == ERR_NOMEM);
    }
    assert(told[0].values == told[1].values && told[0].gaps == told[1].gaps);
    e = evlog_free(e);
    return 0;
}
