/* The JSON reader and the tree builder on any bytes: they agree on what is a document. */
#include "base/utf.h"
#include "codec/json.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum err pull(struct str text, bool strict, struct arena *arena, size_t *ret_scalars)
{
    struct json_reader j;
    struct json_token t;
    enum err rc;
    json_open(&j, text, strict);
    for (*ret_scalars = 0; (rc = json_next(&j, &t)) == OK;) {
        if (t.key.p) {
            struct str key = json_unescape(arena, t.key, t.key_escaped);
            assert(!key.p || json_equals(t.key, t.key_escaped, key));
            assert(!key.p || !strict || utf8_valid(key));
        }
        if (t.type == JSON_STRING) {
            struct str s = json_unescape(arena, t.text, t.escaped);
            assert(!s.p || (s.n <= t.text.n && json_equals(t.text, t.escaped, s)));
            assert(!s.p || !strict || utf8_valid(s));
        }
        *ret_scalars += t.type >= JSON_STRING;
        assert(t.line <= j.line && j.depth <= LIMIT_JSON_DEPTH);
    }
    assert(rc == END || j.why);
    return rc;
}

/* A value that is passed over ends where reading it ends. */
static void skip_all(struct str text)
{
    struct json_reader j;
    struct json_token t;
    struct str raw;
    json_open(&j, text, false);
    if (json_next(&j, &t) == OK && json_skip(&j, &t, &raw) == OK)
        assert(raw.p >= text.p && raw.p + raw.n <= text.p + text.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = str_make((const char *)data, size);
    struct arena arena;
    struct node *node = NULL;
    struct error error = {0};
    size_t strict, lenient;
    arena_init(&arena, 16 << 20);
    enum err rc = pull(text, true, &arena, &strict);
    if (rc == END)
        assert(pull(text, false, &arena, &lenient) == END && strict == lenient);
    else
        (void)pull(text, false, &arena, &lenient);
    skip_all(text);
    arena_reset(&arena);
    enum err tree = json_parse(&arena, text, STR("fuzz"), &node, &error);
    assert((tree == OK) == (rc == END) || tree == ERR_NOMEM || tree == ERR_LIMIT);
    assert((tree == OK) == (node != NULL));
    arena_done(&arena);
    return 0;
}
