/* What src/base promises of any bytes: readers stay inside, writers and readers agree. */
#include "base/rd.h"
#include "base/time.h"
#include "base/utf.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void text(struct str s)
{
    struct buf b;
    size_t n;
    buf_init(&b, 4 * s.n + 16);
    for (size_t i = 0; i < s.n; i += n) {
        int32_t cp = utf8_next(s, i, &n);
        assert(n >= 1 && n <= s.n - i);
        if (cp != UTF_BAD)
            utf8_add(&b, (uint32_t)cp);
    }
    assert(!b.rc && utf8_valid(buf_view(&b)));
    assert(!utf8_valid(s) || str_eq(s, buf_view(&b)));
    buf_done(&b);
}

/* In two pieces, UTF-16 becomes the same as in one. */
static void wide(struct str s, size_t cut, bool big_endian)
{
    struct buf whole, pieces;
    struct str head = str_sub(s, 0, cut);
    buf_init(&whole, 4 * s.n + 16);
    buf_init(&pieces, 4 * s.n + 16);
    assert(utf16_to_utf8(&whole, s, big_endian, true) == s.n);
    size_t used = utf16_to_utf8(&pieces, head, big_endian, false);
    assert(used <= head.n && head.n - used < 4);
    (void)utf16_to_utf8(&pieces, str_sub(s, used, s.n), big_endian, true);
    assert(!whole.rc && utf8_valid(buf_view(&whole)));
    assert(str_eq(buf_view(&whole), buf_view(&pieces)));
    buf_done(&whole);
    buf_done(&pieces);
}

static void instant(struct str s)
{
    int64_t us, again;
    char out[32];
    if (!time_parse(s, &us) || us < INT64_C(-11644473600) * US_PER_S ||
        us >= INT64_C(253402300800) * US_PER_S)
        return;
    assert(time_parse(str_of(time_text(us, out)), &again) && again == us);
}

static void cursor(struct str s)
{
    struct rd r = rd_of(s);
    while (!r.rc && rd_left(&r)) {
        size_t before = rd_left(&r);
        struct str piece = rd_str(&r);
        assert(r.rc || (before - rd_left(&r) >= 4 && piece.n <= before));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str s = str_make((const char *)data, size);
    text(s);
    wide(s, size ? data[0] : 0, size & 1);
    instant(s);
    cursor(s);
    return 0;
}
