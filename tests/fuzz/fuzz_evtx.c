/* A chunk of an event log: the short and the long way to rows tell the same, JSON and XML are
 * written within their budgets. The first byte: 1 carves. The rest are the chunk's records. */
#include "gen/evtx_told.h"
#include "output/escape.h"
#include "output/evtx_text.h"

#include <stdio.h>

struct texts {
    struct evtx_text text;
    struct buf line;
    size_t n_bytes;
};

static void must(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "%s\n", what);
    abort();
}

static enum err on_record(void *ctx, struct evtx_tree *tree, const struct evtx_node *nodes,
                          const struct evtx_record *record)
{
    struct texts *t = ctx;
    for (int xml = 0; xml < 2; xml++) {
        int64_t work = tree->work;
        buf_reset(&t->line);
        enum err rc = (xml ? evtx_xml : evtx_json)(&t->text, tree, nodes, record);
        must(rc != ERR_NOMEM, "no memory");
        /* A byte of a value becomes at most six of text, each of those at most twelve. */
        must(t->line.n <= 4096 + 72 * (size_t)work, "more text than work");
        must(rc || escape_is_plain(buf_view(&t->line)), "not plain");
        must(rc || memchr(t->line.p, '\n', t->line.n) == t->line.p + t->line.n - 1, "two lines");
        tree->work = work;
    }
    return OK;
}

static enum err on_gap(void *ctx, uint64_t offset, struct str reason, struct str detail)
{
    (void)ctx, (void)offset;
    must(reason.n && detail.n, "a gap without a reason");
    return OK;
}

static void as_text(struct str file, bool carve)
{
    struct texts t = {0};
    struct evtx *e;
    struct evtx_options o = {
        .sink = {.gap = on_gap, .ctx = &t}, .record = on_record, .carve = carve};
    buf_init(&t.line, SIZE_MAX / 2);
    evtx_text_init(&t.text, &t.line);
    must(evtx_new(&o, &e) == OK && evtx_header(e, STR("")) == OK &&
             evtx_chunk(e, file, EVTX_HEADER_BYTES) == OK && evtx_end(e) == OK,
         "reading failed");
    e = evtx_free(e);
    evtx_text_done(&t.text);
    buf_done(&t.line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static char file[EVTX_HEADER_BYTES + EVTX_CHUNK_BYTES];
    char *chunk = file + EVTX_HEADER_BYTES;
    struct evtx_told a, b;
    if (n < 1 || n - 1 > EVTX_CHUNK_BYTES - 512)
        return 0;
    bool carve = data[0] & 1;
    uint32_t end = 512 + (uint32_t)(n - 1);
    memset(file, 0, sizeof file);
    memcpy(chunk, "ElfChnk", 8);
    memcpy(chunk + 48, &end, sizeof end);
    memcpy(chunk + 512, data + 1, n - 1);
    struct str all = str_make(file, EVTX_HEADER_BYTES + end);
    evtx_told_read(&a, all, carve, false);
    evtx_told_read(&b, all, carve, true);
    must(evtx_told_differ(&a, &b) == UINT64_MAX, "two ways, two answers");
    must(a.gaps.n == b.gaps.n, "two ways, other gaps");
    must(a.facts.records + a.facts.carved <= a.records.n + a.gaps.n, "a record was lost");
    evtx_told_done(&a);
    evtx_told_done(&b);
    as_text(str_make(chunk, end), carve);
    return 0;
}
