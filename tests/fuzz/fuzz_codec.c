/* The log codecs on any bytes: identify, begin and every line, and what codec.h promises of them.
 * The first byte may choose the codec instead of the content. */
#include "codec/codec.h"
#include "codec/line.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void inside(const struct record *r, struct str line, const struct arena *arena)
{
    uintptr_t from = (uintptr_t)line.p, to = from + line.n;
    for (uint16_t i = 0; i < r->n; i++) {
        uintptr_t p = (uintptr_t)r->value[i].p;
        bool slice = p >= from && p + r->value[i].n <= to;
        assert(!p || slice || arena->used_bytes >= r->value[i].n);
        volatile char sum = 0; /* the sanitizer sees whether the bytes are there */
        for (size_t k = 0; k < r->value[i].n; k++)
            sum = (char)(sum ^ r->value[i].p[k]);
    }
}

static bool marked(const struct codec *codec, struct str line)
{
    for (const char *const *m = codec->markers; *m; m++)
        if (str_starts(line, str_of(*m)))
            return true;
    return false;
}

static void read_all(const struct codec *codec, struct str text, struct str path)
{
    static struct log_state state, before;
    static struct record r, easy;
    struct arena arena;
    struct str line;
    arena_init(&arena, LIMIT_ARENA_RECORD_BYTES);
    memset(&state, 0, sizeof state);
    codec->begin(&state, str_sub(text, 0, 65536), path);
    while (line_next(&text, &line, NULL)) {
        int64_t fast_us = TIME_NONE;
        bool fast = codec->line_time(&state, line, &fast_us);
        bool plain = codec->plain && codec->plain(&state, line, state.columns, &easy);
        before = state;
        enum line_class class = codec->line(&state, line, &arena, &r);
        assert(marked(codec, line) || memcmp(&before, &state, sizeof state) == 0);
        assert(r.raw.p == line.p && r.raw.n == line.n);
        if (class == LINE_RECORD || class == LINE_CUT) {
            assert(r.n <= state.columns);
            assert(fast == (r.time_us != TIME_NONE) && (!fast || fast_us == r.time_us));
            inside(&r, line, &arena);
        }
        assert(!plain || (class == LINE_RECORD && r.n == state.columns && easy.n <= r.n &&
                          easy.time_us == r.time_us && r.time_us != TIME_NONE));
        for (uint16_t c = 0; plain && c < easy.n; c++)
            assert(str_eq(easy.value[c], r.value[c]) && !easy.value[c].p == !r.value[c].p);
        arena_reset(&arena);
    }
    arena_done(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = str_make((const char *)data, size), path = STR("logs/W3SVC1/u_ex210302.log");
    int chosen = -1, count = 0;
    while (codecs[count])
        count++;
    if (size && data[0] < count) {
        chosen = data[0];
        text = str_sub(text, 1, text.n);
    }
    if (chosen < 0)
        chosen = codec_identify(str_sub(text, 0, 65536), path);
    if (chosen >= 0)
        read_all(codecs[chosen], text, path);
    struct buf b;
    buf_init(&b, 3 * size + 16);
    (void)url_decode(&b, text, size % 2);
    assert(!b.rc && b.n <= text.n);
    buf_done(&b);
    return 0;
}
