/* Any bytes as a message between coordinator and worker: read within bounds or refused; what was
 * read can be written again and then means the same. */
#include "base/limits.h"
#include "scan/hits.h"
#include "scan/unit.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_hits(struct str message, struct buf *b)
{
    struct rd r = rd_of(message);
    struct hits table;
    uint64_t key, again;
    struct hit h, copy;
    hits_init(&table);
    while (rd_left(&r) && hit_read(&r, &key, &h) == OK) {
        assert(h.count && h.n_fields <= FACT_FIELDS && h.n_marks <= SIGMA_MAX_MARKS);
        for (uint32_t i = 0; i < h.n_marks; i++)
            assert(h.mark[i].from <= h.mark[i].to && h.mark[i].to <= h.evidence.n);
        buf_reset(b);
        hit_write(b, key, &h);
        struct rd second = rd_of(buf_view(b));
        assert(hit_read(&second, &again, &copy) == OK && again == key && !rd_left(&second));
        assert(copy.count == h.count && copy.offset == h.offset && str_eq(copy.host, h.host));
        assert(hits_add(&table, key, &h) == OK);
    }
    hits_done(&table);
}

static void read_result(struct str message, struct arena *arena, struct buf *b)
{
    struct rd r = rd_of(message);
    struct unit_result res, copy;
    if (result_read(&r, arena, &res) != OK)
        return;
    const struct file_fact *f = &res.fact;
    for (size_t i = 1; i < f->n_hours; i++)
        assert(f->hour[i].hour > f->hour[i - 1].hour);
    for (uint16_t i = 0; i < res.end.columns; i++)
        (void)column_find(&res.end, column_name(&res.end, i));
    buf_reset(b);
    result_write(b, &res);
    struct rd second = rd_of(buf_view(b));
    assert(result_read(&second, arena, &copy) == OK);
    assert(copy.fact.records == f->records && copy.fact.n_hours == f->n_hours);
}

static void read_rest(struct str message)
{
    struct rd r = rd_of(message);
    struct unit unit;
    struct gap gap;
    uint32_t file;
    (void)!unit_read(&r, &unit);
    r = rd_of(message);
    if (gap_read(&r, &file, &gap) == OK)
        assert(gap.reason.p && gap.detail.n <= UNIT_DETAIL_BYTES);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str message = str_make((const char *)data, size);
    struct arena arena;
    struct buf b;
    arena_init(&arena, 64 << 20);
    buf_init(&b, 4 * LIMIT_IPC_MESSAGE_BYTES);
    if (size && data[0] == 'h')
        read_hits(str_sub(message, 1, size), &b);
    else if (size && data[0] == 'r')
        read_result(str_sub(message, 1, size), &arena, &b);
    else
        read_rest(message);
    buf_done(&b);
    arena_done(&arena);
    return 0;
}
