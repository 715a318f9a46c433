/* fuzz_rule_cache.c — any bytes as a kept set of rules, with a right digest: it is read or refused,
 * and what is read is treated as what anybody may have written. */
#include "base/buf.h"
#include "match/sigma.h"
#include "scan/rule_cache.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char magic[] = "tocsin rules 1\n";
enum { FILES = 3, RULES = 8 };

/* Trees and rules, file by file. */
static void read_files(struct rule_cache *c, struct arena *arena)
{
    struct rule_docs docs;
    struct sigma_rule *rule;
    struct sigma_problem *problem;
    size_t n, n_problems;
    for (size_t i = 0; i < FILES; i++) {
        if (rule_cache_docs(c, arena, STR("a: b\n"), STR("f"), &docs))
            return;
        if (rules_of_docs(arena, &docs, STR("a: b\n"), STR("f"), &rule, &n, &problem, &n_problems))
            return;
        if (n + n_problems > docs.n + 1)
            __builtin_trap();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const unsigned char key[SHA256_BYTES];
    struct arena arena;
    struct rule_cache *c = NULL;
    struct rule_verdict v;
    struct buf b;
    unsigned char digest[SHA256_BYTES];
    struct str body = str_make((const char *)data, size);
    arena_init(&arena, 64 << 20);
    buf_init(&b, 16 << 20);
    sha256_of(body, digest);
    buf_add(&b, magic, sizeof magic - 1);
    buf_add(&b, key, sizeof key);
    buf_add(&b, digest, sizeof digest);
    buf_str(&b, body);
    if (!rule_cache_read(&arena, buf_view(&b), key, FILES, &c)) {
        for (size_t i = 0; i < RULES; i++)
            if (rule_cache_verdict(c, i, &v) && v.idle.n > size)
                __builtin_trap();
        read_files(c, &arena);
    }
    rule_cache_done(c);
    arena_done(&arena);
    buf_done(&b);
    return 0;
}
