/* Any bytes as text: items are where they say, and parts give what the whole gives. */
#include "watch/pass.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_BYTES = 1 << 20 };

struct check {
    struct str text;
    uint64_t last, sum;
};

static enum err on_item(void *ctx, const struct item *item)
{
    struct check *c = ctx;
    if (item->value.n == 0 || item->text.n == 0 || item->offset + item->text.n > c->text.n ||
        !str_eq(item->text, str_sub(c->text, item->offset, item->offset + item->text.n)))
        __builtin_trap();
    if (item->offset < c->last || (unsigned)item->kind >= ITEM_KINDS)
        __builtin_trap();
    c->last = item->offset;
    c->sum = c->sum * 31 + item->offset * ITEM_KINDS + item->kind;
    return OK;
}

/* In two parts at any place: what starts before it, and the rest. */
static uint64_t in_two(struct extractor *e, struct check *c, size_t cut)
{
    size_t next;
    c->last = c->sum = 0;
    if (extract_part(e, c->text, 0, 0, cut, &next) || next < cut ||
        extract_part(e, c->text, 0, next, c->text.n, &next))
        __builtin_trap();
    return c->sum;
}

static const struct extract_lists *word_lists(void)
{
    static struct arena arena;
    static struct extract_lists lists;
    if (!lists.tlds.n) {
        arena_init(&arena, 8 << 20);
        if (extract_lists_load(&arena, &lists, NULL))
            abort();
    }
    return &lists;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct extractor *e;
    struct check check = {.text = str_make((const char *)data, size)};
    struct extract_options options = {word_lists(), 2030, on_item, &check, NULL};
    if (size > MAX_BYTES)
        return 0;
    if (extract_new(&options, size + 1, &e))
        abort();
    extract_learn_json(e, check.text);
    if (extract_text(e, check.text))
        __builtin_trap();
    uint64_t whole = check.sum;
    if (in_two(e, &check, size / 2) != whole)
        __builtin_trap();
    e = extract_free(e);
    return 0;
}
