/* Any bytes as a file of assets, and its first line as the question. */
#include "watch/assets.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = str_make((const char *)data, size), rest = text, line = STR("");
    struct arena arena;
    struct assets assets;
    struct asset_match m;
    (void)str_cut(&rest, '\n', &line);
    arena_init(&arena, (size_t)256 << 20);
    if (assets_init(&arena, &assets, NULL))
        abort();
    enum err rc = assets_add(&assets, text, STR("fuzz"), NULL);
    for (size_t i = 0; i < SUBJECT_KINDS; i++) {
        struct asset_question q = {.kind = (enum subject_kind)i, .name = line, .vendor = rest};
        if (assets_match(&assets, &q, &arena, &m))
            __builtin_trap();
        if (assets_concerned(&assets, &q) != (m.customer.p != NULL) || m.labels.n > m.n)
            __builtin_trap();
    }
    /* Whatever is listed is found again by its own name. */
    for (size_t i = 0; !rc && i < assets.asset.n && i < 8; i++) {
        const struct asset *x = &assets.asset.v[i];
        struct asset_question q = {
            .kind = SUBJECT_PRODUCT, .name = x->product, .vendor = x->vendor};
        if (x->product.n && x->product.n < 100 && !assets_concerned(&assets, &q))
            __builtin_trap();
    }
    assets_done(&assets);
    arena_done(&arena);
    return 0;
}
