/* fuzz_yara_gate.c — any bytes as a kept gate: it is read or refused, and what is read can be asked
 * and looked for. */
#include "match/yara_class.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look(const struct yara_gate *gate, struct str body)
{
    for (int i = 0; i < YARA_KINDS; i++) {
        struct yara_class *kind;
        struct yara_find *find = NULL;
        if (yara_class_new(gate, (enum yara_kind)i, &kind) != OK)
            return;
        if (yara_find_new(gate->n_lits, &find) == OK) {
            yara_find_begin(find, kind->assumed);
            (void)yara_find_take(find, body);
            yara_find_scan(find, kind->finder);
        }
        yara_find_free(find);
        yara_class_free(kind);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str body = str_make((const char *)data, size);
    struct rd r = rd_of(body);
    struct arena arena;
    struct yara_gate gate;
    arena_init(&arena, 256 << 20);
    if (yara_gate_take(&r, &arena, &gate) == OK)
        look(&gate, body);
    arena_done(&arena);
    return 0;
}
