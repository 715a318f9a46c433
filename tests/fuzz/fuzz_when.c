/* Any bytes as a condition of advice: what is taken has an answer for every value of its facts, and
 * its opposite the opposite one; a reason is said for what holds. */
#include "model/when.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Values follow from the first byte: known or not, high or low. */
static void value(void *ctx, size_t host, enum fact f, struct fact_value *ret)
{
    static struct str found[] = {STR("T1190"), STR("T1505.003")};
    unsigned seed = *(const unsigned char *)ctx + (unsigned)host * 7 + (unsigned)f;
    const struct fact_def *def = &fact_defs[f];
    *ret = (struct fact_value){.known = seed % 3 != 0, .number = seed % 2};
    ret->list = (struct str_list){found, seed % 3};
    ret->word = def->words ? str_of(def->words[seed % 2]) : STR("x");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct when *w;
    struct error error = {0};
    struct buf b, opposite;
    unsigned char seed = size ? data[0] : 0;
    struct when_world world = {3, value, &seed};
    if (size == 0)
        return 0;
    arena_init(&arena, 4 * 1024 * 1024);
    buf_init(&b, 1024 * 1024);
    buf_init(&opposite, 2 * WHEN_BYTES);
    struct str text = str_make((const char *)data + 1, size - 1);
    if (when_parse(&arena, text, &w, &error)) {
        if (!error.text[0] || error.offset > text.n)
            __builtin_trap();
    } else {
        enum truth truth = when_true(w, &world, 0);
        (void)when_per_host(w);
        when_say(w, &world, 0, &b);
        if (truth == TRUTH_YES && b.n == 0)
            __builtin_trap();
        struct when * not ;
        buf_puts(&opposite, "not (");
        buf_str(&opposite, text);
        buf_putc(&opposite, ')');
        if (when_parse(&arena, buf_view(&opposite), &not, &error) == OK &&
            when_true(not, &world, 0) != (enum truth)(TRUTH_YES - truth))
            __builtin_trap();
    }
    buf_done(&b);
    buf_done(&opposite);
    arena_done(&arena);
    return 0;
}
