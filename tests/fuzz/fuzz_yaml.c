/* fuzz_yaml.c — any bytes as a YAML text: it is read or refused, never worse. */
#include "codec/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t weigh(const struct node *node)
{
    size_t sum = node->text.n;
    for (size_t i = 0; i < node->n; i++)
        sum += weigh(&node->item[i]) + (node->key ? node->key[i].n : 0);
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct node *docs;
    struct error error;
    size_t n, sum = 0;
    arena_init(&arena, 64 << 20);
    enum err rc = yaml_parse(&arena, str_make((const char *)data, size), STR("fuzz.yml"), 100,
                             &docs, &n, &error);
    for (size_t i = 0; i < n; i++)
        sum += weigh(&docs[i]);
    if (rc > 0 || sum > 4 * size + 16)
        __builtin_trap();
    arena_done(&arena);
    return 0;
}
