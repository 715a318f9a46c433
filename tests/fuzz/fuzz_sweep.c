/* Any bytes as a log under the rules of a shipped dossier, as a worker would sweep it, but without
 * the sandbox: whole, then as two segments. Every message can be read, and the result comes last.
 */
#include "os/io.h"
#include "scan/ruleset.h"
#include "scan/sweep.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct heard {
    const struct ruleset *set;
    struct arena arena;
    uint32_t file, id;
    uint64_t size_bytes;
    bool result;
};

static void hear_hits(const struct heard *heard, struct str body)
{
    struct rd r = rd_of(body);
    uint64_t key;
    struct hit h;
    while (rd_left(&r)) {
        assert(hit_read(&r, &key, &h) == OK);
        assert(h.rule < heard->set->n_rules && h.file == heard->file);
        assert(h.evidence.n <= LIMIT_EVIDENCE_LINE_BYTES);
    }
}

static void hear_result(struct heard *heard, struct str body)
{
    struct rd r = rd_of(body);
    struct unit_result res;
    assert(result_read(&r, &heard->arena, &res) == OK && rd_left(&r) == 0);
    assert(res.id == heard->id && res.fact.bytes <= heard->size_bytes);
    assert(res.fact.unparsed <= res.fact.records);
    heard->result = true;
}

/* A further log or host of the same file: before the result. */
static void hear_part(struct heard *heard, struct str body)
{
    struct rd r = rd_of(body);
    struct unit_result part;
    assert(result_read(&r, &heard->arena, &part) == OK && rd_left(&r) == 0);
    assert(part.id == heard->id && part.recognised && part.fact.records);
}

static enum err hear(void *ctx, enum message type, struct str body)
{
    struct heard *heard = ctx;
    struct rd r = rd_of(body);
    struct gap gap;
    uint32_t file;
    assert(!heard->result && body.n <= LIMIT_IPC_MESSAGE_BYTES);
    switch (type) {
    case MESSAGE_HITS: hear_hits(heard, body); break;
    case MESSAGE_RESULT: hear_result(heard, body); break;
    case MESSAGE_PART: hear_part(heard, body); break;
    case MESSAGE_GAP: assert(gap_read(&r, &file, &gap) == OK && file == heard->file); break;
    case MESSAGE_PIVOTS:
    case MESSAGE_EVENTS:
    case MESSAGE_COSTS:
    case MESSAGE_CENSUS: break;
    default: abort();
    }
    return OK;
}

static struct ruleset set;
static struct heard heard;
static struct sweep *sweep;

static void set_up(void)
{
    static struct arena arena;
    static struct str id = STR("hafnium-exchange-2021");
    static const struct scan_options options = {
        .dossiers = {&id, 1}, .since_us = TIME_NONE, .until_us = TIME_NONE};
    struct sweep_sink sink = {.ctx = &heard, .send = hear};
    struct error error;
    arena_init(&arena, 256 << 20);
    if (ruleset_load(&arena, &options, &set, &error) || sweep_new(&set, &sink, &sweep))
        abort();
}

static void run(int fd, uint64_t from, uint64_t to, bool hash)
{
    struct unit unit = {.id = ++heard.id,
                        .file = ++heard.file,
                        .from = from,
                        .to = to,
                        .hash = hash,
                        .path = STR("EX01/W3SVC1/u_ex210301.log"),
                        .host = STR("EX01")};
    heard.result = false;
    assert(lseek(fd, 0, SEEK_SET) == 0);
    assert(sweep_unit(sweep, &unit, &(struct sweep_input){.fd = fd}) == OK && heard.result);
    arena_reset(&heard.arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    if (!sweep)
        set_up();
    if (fd < 0 || io_write(fd, data, size))
        abort();
    arena_init(&heard.arena, 64 << 20);
    heard.set = &set;
    heard.size_bytes = size;
    run(fd, 0, UINT64_MAX, true);
    if (size > 1) {
        run(fd, 0, size / 2, false);
        run(fd, size / 2, UINT64_MAX, false);
    }
    arena_done(&heard.arena);
    close(fd);
    return 0;
}
