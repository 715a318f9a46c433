/* Any bytes as a list of hashes: in pieces of any size it is the same list, and what it counts is
 * in the set. The first byte is the size of the pieces. */
#include "dossier/hash_lists.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void feed(struct hash_lists *k, struct str text, size_t piece)
{
    struct hash_list_reader *r;
    if (hash_list_begin(k, STR("fuzz"), &r))
        return;
    for (; text.n; text = str_sub(text, piece, text.n))
        if (hash_list_feed(r, str_sub(text, 0, piece)))
            __builtin_trap();
    if (hash_list_end(r))
        __builtin_trap();
}

/* Lines as they are: those that begin with a hash alone must be found. */
static void ask(const struct hash_lists *k, struct str text)
{
    struct str line;
    unsigned char bytes[DIGEST_MAX_BYTES];
    enum digest_kind kind;
    uint32_t number, at;
    bool plain = true;
    while (str_cut(&text, '\n', &line)) {
        line = str_trim(line);
        if (!digest_parse(line, &kind, bytes)) {
            plain &= line.n == 0;
            continue;
        }
        if (digest_set_find(k->set, kind, bytes, &number)) {
            if (!hash_lists_where(k, number, &at) || at == 0 || at > k->list[0].lines)
                __builtin_trap();
        } else if (plain) {
            __builtin_trap(); /* nothing but hashes so far */
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hash_lists whole, parts;
    if (size == 0)
        return 0;
    struct str text = str_make((const char *)data + 1, size - 1);
    if (hash_lists_init(&whole) || hash_lists_init(&parts))
        return 0;
    feed(&whole, text, text.n + 1);
    feed(&parts, text, (size_t)data[0] + 1);
    const struct hash_list *a = &whole.list[0], *b = &parts.list[0];
    if (a->lines != b->lines || a->digests != b->digests || a->bad_lines != b->bad_lines ||
        a->n_problems != b->n_problems || a->tlp != b->tlp)
        __builtin_trap();
    if (hash_lists_build(&whole) == OK)
        ask(&whole, text);
    size_t n = 0;
    for (enum digest_kind k = 0; k < DIGEST_KINDS; k++)
        n += digest_set_count(whole.set, k);
    if (n > a->digests || (n == 0) != (a->digests == 0))
        __builtin_trap();
    hash_lists_done(&whole);
    hash_lists_done(&parts);
    return 0;
}
