#include "gen/evtx_told.h"

#include <stdio.h>

struct pair {
    struct str name, value;
    bool list;
};

static int by_name(const void *a, const void *b)
{
    return str_cmp(((const struct pair *)a)->name, ((const struct pair *)b)->name);
}

static void must(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "evtx_told: %s\n", what);
    abort();
}

static struct str text_of(struct arena *arena, const struct rows *rows, size_t row)
{
    struct pair pairs[LIMIT_FIELDS];
    size_t n = 0;
    uint16_t cell = 0;
    struct buf b;
    must(rows->shape->n <= LIMIT_FIELDS, "too many fields");
    for (uint16_t i = 0; i < rows->shape->n; i++) {
        const struct shape_field *field = &rows->shape->field[i];
        bool list = field->fixed.p ? field->list : row_cell_is_list(rows, row, cell);
        struct str value = field->fixed.p ? field->fixed : row_cell(rows, row, cell++);
        if (value.p)
            pairs[n++] = (struct pair){field->name, value, list};
    }
    must(cell == rows->shape->n_cells, "cells are not what the shape counts");
    qsort(pairs, n, sizeof *pairs, by_name);
    buf_init(&b, SIZE_MAX / 2);
    for (size_t i = 0; i < n; i++) {
        must(!i || str_cmp(pairs[i - 1].name, pairs[i].name), "a name twice");
        buf_str(&b, pairs[i].name);
        buf_putc(&b, '=');
        for (size_t k = 0; k < pairs[i].value.n; k++)
            buf_putc(&b, pairs[i].list && pairs[i].value.p[k] == '\n' ? '|' : pairs[i].value.p[k]);
        buf_putc(&b, '\0');
    }
    buf_puts(&b, "-time=");
    buf_i64(&b, rows->place.v[row].time_us);
    buf_putc(&b, '\0');
    struct str text = arena_str(arena, buf_view(&b));
    buf_done(&b);
    return text;
}

static enum err on_rows(void *ctx, const struct rows *rows)
{
    struct evtx_told *t = ctx;
    must(rows->end.n == rows_n(rows) * rows->shape->n_cells, "not as many cells as rows have");
    for (size_t i = 0; i < rows_n(rows); i++) {
        struct told_record r = {rows->place.v[i].offset, text_of(&t->arena, rows, i)};
        must(vec_push(&t->records, r, SIZE_MAX / sizeof r) == OK, "no memory");
    }
    return OK;
}

static enum err on_gap(void *ctx, uint64_t offset, struct str reason, struct str detail)
{
    struct evtx_told *t = ctx;
    char text[512];
    (void)snprintf(text, sizeof text, "%.*s: %.*s", STR_FMT(reason), STR_FMT(detail));
    struct told_record r = {offset, arena_str(&t->arena, str_of(text))};
    must(vec_push(&t->gaps, r, SIZE_MAX / sizeof r) == OK, "no memory");
    return OK;
}

static int by_offset(const void *a, const void *b)
{
    uint64_t x = ((const struct told_record *)a)->offset;
    uint64_t y = ((const struct told_record *)b)->offset;
    return (x > y) - (x < y);
}

void evtx_told_read(struct evtx_told *t, struct str file, bool carve, bool one_path)
{
    struct evtx_options o = {.sink = {on_rows, on_gap, t}, .carve = carve, .one_path = one_path};
    struct evtx *e;
    memset(t, 0, sizeof *t);
    arena_init(&t->arena, (size_t)8 << 30);
    must(evtx_new(&o, &e) == OK, "no memory");
    enum err rc = evtx_header(e, str_sub(file, 0, EVTX_HEADER_BYTES));
    for (size_t at = EVTX_HEADER_BYTES; at < file.n && !rc; at += EVTX_CHUNK_BYTES)
        rc = evtx_chunk(e, str_sub(file, at, at + EVTX_CHUNK_BYTES), at);
    must(!rc && evtx_end(e) == OK, "reading failed");
    t->facts = *evtx_facts(e);
    e = evtx_free(e);
    if (t->records.n)
        qsort(t->records.v, t->records.n, sizeof *t->records.v, by_offset);
}

void evtx_told_done(struct evtx_told *t)
{
    vec_done(&t->records);
    vec_done(&t->gaps);
    arena_done(&t->arena);
}

const struct told_record *evtx_told_at(const struct evtx_told *t, uint64_t offset)
{
    struct told_record key = {.offset = offset};
    return t->records.n ? bsearch(&key, t->records.v, t->records.n, sizeof *t->records.v, by_offset)
                        : NULL;
}

struct str evtx_told_value(const struct told_record *r, const char *name)
{
    struct str rest = r->text, pair, want = str_of(name);
    while (str_cut(&rest, '\0', &pair))
        if (str_starts(pair, want) && pair.n > want.n && pair.p[want.n] == '=')
            return str_sub(pair, want.n + 1, pair.n);
    return STR_NONE;
}

uint64_t evtx_told_differ(const struct evtx_told *a, const struct evtx_told *b)
{
    size_t i = 0;
    for (; i < a->records.n && i < b->records.n; i++)
        if (a->records.v[i].offset != b->records.v[i].offset ||
            !str_eq(a->records.v[i].text, b->records.v[i].text))
            return a->records.v[i].offset;
    return i < a->records.n   ? a->records.v[i].offset
           : i < b->records.n ? b->records.v[i].offset
                              : UINT64_MAX;
}

uint64_t evtx_told_hurt(const struct evtx_told *before, const struct evtx_told *after,
                        uint64_t from, uint64_t to)
{
    for (size_t i = 0; i < before->records.n; i++) {
        const struct told_record *r = &before->records.v[i];
        if (r->offset >= from && r->offset < to)
            continue;
        const struct told_record *now = evtx_told_at(after, r->offset);
        if (!now || !str_eq(now->text, r->text))
            return r->offset;
    }
    return UINT64_MAX;
}

const struct told_record *evtx_told_gap(const struct evtx_told *t, uint64_t from, uint64_t to,
                                        bool sums)
{
    for (size_t i = 0; i < t->gaps.n; i++) {
        const struct told_record *gap = &t->gaps.v[i];
        if (gap->offset >= from && gap->offset < to &&
            (sums || !str_starts(gap->text, STR("crc:"))))
            return gap;
    }
    return NULL;
}
