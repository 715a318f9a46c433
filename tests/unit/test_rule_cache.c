#include "scan/rule_cache.h"

#include "os/folder.h"
#include "os/io.h"
#include "unit.h"

#include <unistd.h>

static struct arena arena;
static struct error error;
static char folder[64];
static const unsigned char key[SHA256_BYTES] = {1, 2, 3}, other[SHA256_BYTES] = {1, 2, 4};

static const char *const text[] = {"title: one\nlogsource: {}\n---\ntitle: two\n",
                                   "title: three\nbroken: [\n", ""};
enum { FILES = ARRAY_LEN(text), RULES = 3 };

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 64 << 20);
    (void)snprintf(folder, sizeof folder, "/tmp/test_rule_cache.XXXXXX");
    assert_non_null(mkdtemp(folder));
    return 0;
}

static size_t entries(struct str **ret_names)
{
    size_t n;
    assert_int_equal(folder_list(&arena, str_of(folder), 1000, ret_names, &n, &error), OK);
    return n;
}

static int teardown(void **state)
{
    (void)state;
    struct str *name;
    size_t n = entries(&name);
    for (size_t i = 0; i < n; i++)
        (void)!file_remove(str_of(folder), name[i], NULL);
    (void)rmdir(folder);
    arena_done(&arena);
    return 0;
}

static void check_docs(struct rule_cache *c, size_t file, struct str of)
{
    static const size_t n_docs[FILES] = {2, 0, 0};
    struct rule_docs docs;
    assert_int_equal(rule_cache_docs(c, &arena, of, STR("f"), &docs), OK);
    assert_int_equal(docs.n, n_docs[file]);
    if (docs.n)
        assert_str(node_text(&docs.doc[1], "title"), "two");
    assert_int_equal(docs.why, file == 1 ? ERR_FORMAT : OK);
    if (docs.why) {
        assert_int_equal(docs.line, 3);
        assert_true(str_has(docs.reason, STR("not valid YAML")));
    }
}

static void make(const unsigned char of[SHA256_BYTES])
{
    static const struct rule_verdict verdicts[RULES] = {
        {.answers = true}, {.answers = false}, {.answers = true, .idle = {"a reason", 8}}};
    struct rule_cache *c;
    struct rule_verdict v;
    assert_int_equal(rule_cache_open(&arena, str_of(folder), of, FILES, &c), OK);
    for (size_t i = 0; i < FILES; i++)
        check_docs(c, i, str_of(text[i]));
    for (size_t i = 0; i < RULES; i++) {
        assert_false(rule_cache_verdict(c, i, &v));
        rule_cache_note(c, &verdicts[i]);
    }
    rule_cache_keep(c);
    rule_cache_done(c);
}

/* Nothing of the texts is needed. */
static void check_kept(struct rule_cache *c)
{
    struct rule_verdict v;
    for (size_t i = 0; i < FILES; i++)
        check_docs(c, i, STR("- not what was there"));
    assert_true(rule_cache_verdict(c, 0, &v) && v.answers && !v.idle.p);
    assert_true(rule_cache_verdict(c, 1, &v) && !v.answers);
    assert_true(rule_cache_verdict(c, 2, &v) && v.answers && str_eq(v.idle, STR("a reason")));
    assert_false(rule_cache_verdict(c, 3, &v));
}

static struct str entry(void)
{
    struct str *name, bytes;
    assert_int_equal(entries(&name), 1);
    assert_int_equal(file_read(&arena, str_of(folder), name[0], CACHE_BYTES, &bytes, &error), OK);
    return bytes;
}

static void test_kept(void **state)
{
    (void)state;
    struct rule_cache *c;
    struct str *name;
    make(key);
    assert_int_equal(rule_cache_open(&arena, str_of(folder), key, FILES, &c), OK);
    check_kept(c);
    rule_cache_keep(c); /* nothing new */
    rule_cache_done(c);
    assert_int_equal(entries(&name), 1);
    assert_true(str_starts(name[0], STR("rules-0102030000")));
    make(other);
    assert_int_equal(entries(&name), 2);
}

static void test_refused(void **state)
{
    (void)state;
    struct rule_cache *c;
    make(key);
    struct str whole = entry();
    assert_int_equal(rule_cache_read(&arena, whole, key, FILES, &c), OK);
    check_kept(c);
    rule_cache_done(c);
    assert_int_equal(rule_cache_read(&arena, whole, other, FILES, &c), ERR_FORMAT);
    assert_int_equal(rule_cache_read(&arena, whole, key, FILES + 1, &c), ERR_FORMAT);
    for (size_t n = 0; n < whole.n; n++)
        assert_int_equal(rule_cache_read(&arena, str_sub(whole, 0, n), key, FILES, &c), ERR_FORMAT);
    for (size_t i = 0; i < whole.n; i++) {
        struct str copy = arena_str(&arena, whole);
        ((char *)(uintptr_t)copy.p)[i] ^= 1;
        assert_int_equal(rule_cache_read(&arena, copy, key, FILES, &c), ERR_FORMAT);
    }
}

/* Whatever stands there: what is asked for comes from the texts, and the entry is whole again. */
static void test_made_anew(void **state)
{
    (void)state;
    struct str *name;
    make(key);
    struct str whole = entry();
    (void)entries(&name);
    const struct str bad[] = {STR(""), str_sub(whole, 0, whole.n / 2), STR("something else")};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        assert_int_equal(file_replace(str_of(folder), name[0], bad[i], &error), OK);
        make(key);
        assert_true(str_eq(entry(), whole));
    }
    /* An honest digest over what is no tree, as only a forger would write it. */
    struct str forged = arena_str(&arena, whole);
    char *p = (char *)(uintptr_t)forged.p;
    size_t digest_at = strlen("tocsin rules 1\n") + SHA256_BYTES, rest = digest_at + SHA256_BYTES;
    p[rest + 8 + 4] = 0x7f; /* the tag of the first document */
    sha256_of(str_sub(forged, rest, forged.n), (unsigned char *)p + digest_at);
    assert_int_equal(file_replace(str_of(folder), name[0], forged, &error), OK);
    make(key); /* reads the texts, and removes it */
    assert_int_equal(entries(&name), 0);
    make(key);
    assert_true(str_eq(entry(), whole));
}

static void test_thinned(void **state)
{
    (void)state;
    struct str *name;
    for (unsigned i = 0; i < CACHE_ENTRIES + 3; i++) {
        unsigned char k[SHA256_BYTES] = {(unsigned char)i};
        make(k);
        (void)usleep(2000); /* times of files are coarse */
    }
    assert_int_equal(entries(&name), CACHE_ENTRIES);
    assert_true(str_starts(name[0], STR("rules-03")));
}

/* A folder that is not there, or that cannot be written to, costs nothing but time. */
static void test_no_folder(void **state)
{
    (void)state;
    assert_int_equal(rmdir(folder), 0);
    make(key);
    make(key);
    assert_false(io_exists(str_of(folder)));
    assert_int_equal(folder_make(str_of(folder), &error), OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_kept, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_made_anew, setup, teardown),
        cmocka_unit_test_setup_teardown(test_thinned, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_folder, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
