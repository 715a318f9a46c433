/* The first byte chooses: a path, or one of the lists that collectors leave. Paths map without
 * leaving their text; lists come to an end, and tell only what makes sense. */
#include "codec/collection.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum err tell(void *ctx, const struct collection_fact *f)
{
    size_t *n = ctx;
    assert(f->tells <= COLLECTION_SKIPPED);
    assert(f->tells == COLLECTION_HOST ? f->host.n > 0 : f->original.p != NULL);
    assert(f->tells != COLLECTION_SKIPPED || f->why.p);
    ++*n;
    return OK;
}

static void map(struct str path)
{
    struct arena arena;
    struct str original;
    size_t anchor;
    arena_init(&arena, 1 << 20);
    for (int i = 0; i < 2; i++) {
        enum err rc = collection_original(&arena, path, i ? path.n / 2 : 0, &original, &anchor);
        assert(rc == OK && anchor <= path.n);
        assert(!original.p || original.n > 0);
    }
    (void)collection_file_of(path);
    struct str name = collection_name(path);
    assert(!name.n || (name.p >= path.p && name.p + name.n <= path.p + path.n));
    arena_done(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size)
        return 0;
    struct str text = str_make((const char *)data + 1, size - 1);
    enum collection_file what = (enum collection_file)(data[0] & 7);
    if (!collection_is_list(what)) {
        map(text);
        return 0;
    }
    struct arena arena;
    struct error why = {0};
    size_t told = 0;
    arena_init(&arena, 64 << 20);
    enum err rc = collection_read(what, text, &arena, tell, &told, &why);
    assert(rc == OK || rc == ERR_FORMAT || rc == ERR_LIMIT);
    assert(rc == OK || why.text[0]);
    assert(told <= 2 * size);
    arena_done(&arena);
    return 0;
}
