/* One record of an event log that is known is damaged: all others come out as they were, and the
 * one is told or a gap. Input: which record, then places in it and bytes to put there. */
#include "gen/evtx_make.h"
#include "gen/evtx_told.h"

#include <stdio.h>

enum { RECORDS = 12 };

static struct make log;
static uint32_t begins[RECORDS + 1];
static struct buf file;
static struct evtx_told before;

static void make_log(void)
{
    static const struct make_value data[] = {{1, "a\0b\0c", 6}, {8, "\1\2\3", 4}, {0x0e, "xyz", 3}};
    make_chunk(&log, 1);
    for (unsigned i = 0; i < RECORDS; i++) {
        begins[i] = log.at;
        make_event(&log, 4624 + i % 3, data, i % 4);
    }
    begins[RECORDS] = log.at;
    make_chunk_end(&log);
    buf_init(&file, 1 << 20);
    make_file_header(&file, 1, 0);
    buf_add(&file, log.p, sizeof log.p);
    evtx_told_read(&before, buf_view(&file), false, false);
    if (before.records.n != RECORDS || before.gaps.n)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct evtx_told after;
    if (!log.at)
        make_log();
    if (n < 1)
        return 0;
    /* The first four hold the templates. */
    unsigned k = 4 + data[0] % (RECORDS - 4);
    memcpy(file.p + EVTX_HEADER_BYTES, log.p, sizeof log.p);
    for (size_t i = 1; i + 3 <= n; i += 3) {
        uint32_t at = begins[k] + (data[i] | data[i + 1] << 8) % (begins[k + 1] - begins[k]);
        file.p[EVTX_HEADER_BYTES + at] = (char)data[i + 2];
    }
    evtx_told_read(&after, buf_view(&file), false, false);
    uint64_t from = EVTX_HEADER_BYTES + begins[k], to = EVTX_HEADER_BYTES + begins[k + 1];
    if (evtx_told_hurt(&before, &after, from, to) != UINT64_MAX) {
        fprintf(stderr, "another record is hurt\n");
        abort();
    }
    if (!evtx_told_at(&after, from) && !evtx_told_gap(&after, from, to, false)) {
        fprintf(stderr, "a record was lost\n"); /* the sum alone is no word about it */
        abort();
    }
    evtx_told_done(&after);
    return 0;
}
