/* Files of Windows as events: the first byte says which format reads the rest, whether it would
 * know it or not. Every value stands inside its row, and a second reading gives as much. */
#include "gen/given.h"
#include <assert.h>

static enum err on_rows(void *ctx, const struct rows *rows)
{
    size_t *n = ctx;
    const char *end = rows->text.p + rows->text.n;
    *n += rows_n(rows);
    assert(rows->shape->channel.n > 0);
    for (size_t i = 0; i < rows_n(rows); i++)
        for (uint16_t k = 0; k < rows->shape->n_cells; k++) {
            struct str v = row_cell(rows, i, k);
            assert(!v.p || (v.p >= rows->text.p && v.p + v.n <= end));
        }
    return OK;
}

static enum err on_gap(void *ctx, uint64_t offset, struct str reason, struct str detail)
{
    (void)ctx;
    (void)offset;
    assert(reason.n > 0 && detail.p);
    return OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct evlog_format *const format[] = {&evlog_iis, &evlog_task, &evlog_wer,
                                                        &evlog_history, &evlog_transcript};
    size_t n[2] = {0, 0};
    void *reader;
    if (size == 0)
        return 0;
    const struct evlog_format *f = format[data[0] % ARRAY_LEN(format)];
    if (f->new (&reader) != OK)
        return 0;
    for (int round = 0; round < 2; round++) {
        struct given g = {str_make((const char *)data + 1, size - 1), 0, (size_t)round};
        struct evlog_source source = {give, &g, STR("C/Users/a/Tasks/b/web.config")};
        struct rows_sink sink = {on_rows, on_gap, &n[round]};
        struct error error;
        enum err rc = f->read(reader, &source, &sink, &error);
        assert(rc == OK || rc == ERR_LIMIT || rc == ERR_NOMEM);
    }
    assert(n[0] == n[1]);
    f->free(reader);
    return 0;
}
