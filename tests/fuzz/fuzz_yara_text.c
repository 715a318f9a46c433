/* fuzz_yara_text.c — any text as YARA rules: parsed, made into a gate, which is read again and
 * asked. */
#include "match/yara_class.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum err make(struct arena *arena, struct str text, struct buf *b)
{
    struct yara_text parsed;
    struct yara_gate_maker *m = yara_gate_maker_new();
    enum err rc = m ? yara_text_parse(arena, text, &parsed, NULL) : ERR_NOMEM;
    struct str *name = rc ? NULL : arena_new_n(arena, struct str, parsed.n_rules + 1);
    for (size_t i = 0; name && i < parsed.n_rules; i++)
        name[i] = parsed.rule[i].name;
    if (!rc && !name)
        rc = ERR_NOMEM;
    if (!rc)
        yara_gate_sample(m, text);
    if (!rc)
        rc = yara_gate_add(m, &parsed, name, parsed.n_rules);
    if (!rc)
        rc = yara_gate_put(m, b);
    yara_gate_maker_free(m);
    return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct buf b;
    arena_init(&arena, 256 << 20);
    buf_init(&b, 64 << 20);
    if (make(&arena, str_make((const char *)data, size), &b) == OK) {
        struct rd r = rd_of(buf_view(&b));
        struct yara_gate gate;
        struct yara_class *kind;
        enum err rc = yara_gate_take(&r, &arena, &gate);
        if (rc && rc != ERR_NOMEM)
            __builtin_trap(); /* what was made cannot be read */
        if (!rc && yara_class_new(&gate, YARA_KIND_OTHER, &kind) == OK)
            yara_class_free(kind);
    }
    buf_done(&b);
    arena_done(&arena);
    return 0;
}
