/* Loading, the cache and the pass of workers; the gate itself: test_yara_random.c. */
#include "base/hash.h"
#include "os/folder.h"
#include "scan/yara_pass.h"
#include "scan/yara_priv.h"
#include "unit.h"

#include <unistd.h>

static struct arena arena;
static struct error error;
static char folder[64];

static const char good[] = "rule one : tag { meta: a = \"b\" n = 3 strings: $a = \"needle\" "
                           "condition: $a }\n"
                           "rule two { condition: filesize == 5 }\n";
static const char bad[] = "rule one { condition:\n nothing_known }\n";
static const char magic[] = "import \"magic\" rule m { condition: magic.type() == \"x\" }\n";
static const char include[] = "include \"/etc/hostname\"\nrule i { condition: true }\n";

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 64 << 20);
    (void)snprintf(folder, sizeof folder, "/tmp/test_yara.XXXXXX");
    assert_non_null(mkdtemp(folder));
    return 0;
}

static struct str only_entry(const char *prefix)
{
    struct str *name;
    size_t n;
    assert_int_equal(folder_list(&arena, str_of(folder), 100, &name, &n, &error), OK);
    for (size_t i = 0; i < n; i++)
        if (str_starts(name[i], str_of(prefix)))
            return name[i];
    return STR_NONE;
}

static int teardown(void **state)
{
    (void)state;
    struct str name;
    while ((name = only_entry("")).p)
        assert_int_equal(file_remove(str_of(folder), name, NULL), OK);
    (void)rmdir(folder);
    arena_done(&arena);
    return 0;
}

static struct yara_source source_of(const char *name, const char *text)
{
    return (struct yara_source){str_of(name), str_of(text)};
}

static struct yara_set *load(const struct yara_source *source, size_t n)
{
    struct yara_set *set;
    assert_int_equal(yara_set_load(source, n, str_of(folder), &set, &error), OK);
    return set;
}

static void check_loaded(const struct yara_set *set)
{
    assert_int_equal(yara_set_rules(set), 2);
    assert_str(yara_set_rule(set, 0).name, "one");
    assert_str(yara_set_rule(set, 1).source, "good.yar");
    assert_int_equal(yara_set_problems(set), 3);
    assert_str(yara_set_problem(set, 0).source, "bad.yar");
    assert_int_equal(yara_set_problem(set, 0).line, 2);
    assert_true(str_has(yara_set_problem(set, 0).reason, STR("nothing_known")));
    assert_true(str_has(yara_set_problem(set, 1).reason, STR("magic")));
    assert_str(yara_set_problem(set, 2).source, "include.yar");
}

static void what_is_wrong_is_told_and_the_rest_taken(void **state)
{
    (void)state;
    const struct yara_source source[] = {source_of("bad.yar", bad), source_of("good.yar", good),
                                         source_of("magic.yar", magic),
                                         source_of("include.yar", include)};
    struct yara_set *set = load(source, ARRAY_LEN(source));
    check_loaded(set);
    yara_set_free(set);
    if (!only_entry("yara-").p)
        skip();                            /* a program linked without a build id keeps nothing */
    set = load(source, ARRAY_LEN(source)); /* from the cache */
    check_loaded(set);
    yara_set_free(set);
}

static void a_damaged_entry_is_thrown_away(void **state)
{
    (void)state;
    const struct yara_source source[] = {source_of("good.yar", good)};
    struct str name, text;
    yara_set_free(load(source, 1));
    name = only_entry("yara-");
    if (!name.p)
        skip();
    assert_int_equal(file_read(&arena, str_of(folder), name, 64 << 20, &text, &error), OK);
    for (size_t at = 0; at < text.n; at += text.n / 40 + 1) {
        struct str own = arena_str(&arena, text);
        assert_non_null(own.p);
        ((char *)(uintptr_t)own.p)[at] ^= 0x10;
        assert_int_equal(file_replace(str_of(folder), name, own, &error), OK);
        struct yara_set *set = load(source, 1);
        assert_int_equal(yara_set_rules(set), 2);
        yara_set_free(set);
        assert_int_equal(file_read(&arena, str_of(folder), name, 64 << 20, &own, &error), OK);
        assert_true(str_eq(own, text)); /* made anew */
    }
}

/* ---- the pass ---- */

struct told {
    size_t matches, gaps;
    bool loops;
    char detail[64];
};

static enum err on_match(void *ctx, const struct yara_suspect *s, const struct yara_match *m)
{
    struct told *t = ctx;
    (void)s;
    t->matches++;
    assert_str(m->name, "one");
    assert_int_equal(m->n_tags, 1);
    assert_str(m->tag[0], "tag");
    assert_int_equal(m->n_metas, 2);
    assert_str(m->meta[1].text, "3");
    assert_int_equal(m->n_spots, YARA_SPOTS_TOLD);
    assert_int_equal(m->n_occurrences, 20);
    assert_int_equal(m->spot[1].offset, 7);
    assert_str(m->spot[1].bytes, "needle");
    return OK;
}

static enum err on_gap(void *ctx, const struct yara_suspect *s, uint32_t rule, struct str reason,
                       struct str detail)
{
    struct told *t = ctx;
    (void)s;
    assert_int_equal(rule, UINT32_MAX);
    assert_str(reason, "worker-died");
    (void)snprintf(t->detail, sizeof t->detail, "%.*s", STR_FMT(detail));
    t->gaps++;
    return OK;
}

static void die_at_the_second(void *ctx, const struct yara_suspect *s)
{
    const struct told *t = ctx;
    if (s->entry != 1)
        return;
    while (t->loops)
        ;
    abort();
}

static void run(struct told *told, unsigned patience_s)
{
    const struct yara_source source[] = {source_of("good.yar", good)};
    struct yara_set *set = load(source, 1);
    struct str body = arena_str(&arena, STR("needle needle needle needle needle needle needle "
                                            "needle needle needle needle needle needle needle "
                                            "needle needle needle needle needle needle x"));
    static const uint32_t rule[] = {0};
    struct yara_suspect suspect[4];
    struct io_tree tree;
    char path[4][96];
    struct str input[4];
    for (size_t i = 0; i < 4; i++) {
        char name[8];
        (void)snprintf(name, sizeof name, "f%zu", i);
        assert_int_equal(file_replace(str_of(folder), str_of(name), body, &error), OK);
        (void)snprintf(path[i], sizeof path[i], "%s/%s", folder, name);
        input[i] = str_of(path[i]);
        suspect[i] =
            (struct yara_suspect){i, yara_facts_of_path(input[i]), {rule, 1, NULL, 0, true}};
    }
    assert_int_equal(io_list(&arena, input, 4, &tree, &error), OK);
    struct yara_pass pass = {.set = set,
                             .tree = &tree,
                             .suspect = suspect,
                             .n_suspects = 4,
                             .n_workers = 2,
                             .patience_s = patience_s,
                             .match = on_match,
                             .gap = on_gap,
                             .before = die_at_the_second,
                             .ctx = told};
    assert_int_equal(yara_pass_run(&pass, &error), OK);
    io_tree_close(&tree);
    yara_set_free(set);
}

static void a_crash_costs_one_file(void **state)
{
    (void)state;
    struct told told = {0};
    run(&told, 0);
    assert_int_equal(told.matches, 3);
    assert_int_equal(told.gaps, 1);
}

static void an_endless_loop_costs_one_file(void **state)
{
    (void)state;
    struct told told = {.loops = true};
    run(&told, 1);
    assert_int_equal(told.matches, 3);
    assert_int_equal(told.gaps, 1);
    assert_string_equal(told.detail, "it took too long");
}

/* ---- messages ---- */

static void candidates_are_checked(void **state)
{
    (void)state;
    const struct yara_source source[] = {source_of("good.yar", good)};
    struct yara_set *set = load(source, 1);
    static const uint32_t rule[] = {0, 1}, seen[] = {0}, wild[] = {2};
    struct yara_candidates c = {rule, 2, seen, 1, false}, got;
    struct buf b;
    buf_init(&b, 1000);
    yara_candidates_put(&b, &c);
    struct rd r = rd_of(buf_view(&b));
    assert_int_equal(yara_candidates_take(&r, &arena, set, &got), OK);
    assert_int_equal(got.n_rules, 2);
    assert_int_equal(got.rule[1], 1);
    assert_int_equal(got.n_seen, 1);
    buf_reset(&b);
    c.rule = wild;
    c.n_rules = 1;
    yara_candidates_put(&b, &c);
    r = rd_of(buf_view(&b));
    assert_int_equal(yara_candidates_take(&r, &arena, set, &got), ERR_FORMAT);
    buf_done(&b);
    yara_set_free(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_wrong_is_told_and_the_rest_taken, setup, teardown),
        cmocka_unit_test_setup_teardown(a_damaged_entry_is_thrown_away, setup, teardown),
        cmocka_unit_test_setup_teardown(a_crash_costs_one_file, setup, teardown),
        cmocka_unit_test_setup_teardown(an_endless_loop_costs_one_file, setup, teardown),
        cmocka_unit_test_setup_teardown(candidates_are_checked, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
