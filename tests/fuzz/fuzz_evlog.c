/* Event logs of any format: every row is whole, and every value stands inside its row. */
#include "codec/evlog.h"
#include <assert.h>

struct given {
    struct str text;
    size_t at;
};

static enum err give(void *ctx, char *p, size_t n, size_t *ret_n, struct error *error)
{
    struct given *g = ctx;
    (void)error;
    *ret_n = g->text.n - g->at < n ? g->text.n - g->at : n;
    memcpy(p, g->text.p + g->at, *ret_n);
    g->at += *ret_n;
    return OK;
}

static enum err on_rows(void *ctx, const struct rows *rows)
{
    const char *end = rows->text.p + rows->text.n;
    (void)ctx;
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
    ++*(size_t *)ctx;
    return OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = str_make((const char *)data, size);
    struct evlog *e;
    if (!evlog_knows(text) || evlog_new(&e) != OK)
        return 0;
    for (int round = 0; round < 2; round++) { /* shapes are kept from file to file */
        size_t gaps = 0;
        struct given g = {text, 0};
        struct evlog_source source = {give, &g};
        struct rows_sink sink = {on_rows, on_gap, &gaps};
        struct error error;
        enum err rc = evlog_read(e, text, &source, &sink, &error);
        assert(rc == OK || rc == ERR_LIMIT || rc == ERR_FORMAT || rc == ERR_NOMEM);
    }
    e = evlog_free(e);
    return 0;
}
