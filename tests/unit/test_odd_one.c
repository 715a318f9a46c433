#include "scan/odd_one.h"
#include "unit.h"

#include <stdlib.h>

static struct arena arena;

/* "host tail hash", a line a file; a hash is one letter. Host n's build is builds[n]. */
enum { MOST = 64 };
struct given {
    struct odd_host host[MOST];
    size_t n_hosts;
    struct odd_file file[MOST];
    size_t n_files;
};

static void give(struct given *g, const char *builds, const char *files)
{
    struct str rest = str_of(builds), part;
    *g = (struct given){0};
    while (str_cut(&rest, ' ', &part))
        if (!build_parse(part, &g->host[g->n_hosts++].build))
            g->host[g->n_hosts - 1].build = (struct build){{-1, -1, -1, -1}};
    rest = str_of(files);
    while (str_cut(&rest, '\n', &part)) {
        struct odd_file *f = &g->file[g->n_files++];
        f->host = (uint32_t)(part.p[0] - '0');
        f->tail = str_sub(part, 2, part.n - 2);
        memset(f->sha256, part.p[part.n - 1], sizeof f->sha256);
    }
}

/* "host kind strength path twins/agree: hosts", a line each. */
static void told(const struct given *g, struct buf *out)
{
    struct odd_one *odd;
    size_t n;
    assert_int_equal(odd_one_find(&arena, g->host, g->n_hosts, g->file, g->n_files, &odd, &n), OK);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(odd[i].host, g->file[odd[i].file].host);
        buf_printf(out, "%u %s %s %.*s %u/%u:", odd[i].host,
                   odd[i].kind == ODD_ALONE ? "alone" : "differs", odd[i].weak ? "weak" : "strong",
                   STR_FMT(g->file[odd[i].file].tail), odd[i].twins, odd[i].n_agree);
        for (size_t k = 0; k < odd[i].n_listed; k++)
            buf_printf(out, " %u", odd[i].agree[k]);
        if (odd[i].kind == ODD_DIFFERS)
            buf_printf(out, " on %c", odd[i].agreed[0]);
        buf_putc(out, '\n');
    }
}

static void check(const char *builds, const char *files, const char *want)
{
    struct given g;
    struct buf out;
    buf_init(&out, 1 << 16);
    give(&g, builds, files);
    told(&g, &out);
    buf_putc(&out, 0);
    if (strcmp(out.p, want) != 0)
        fail_msg("%s\nbecomes\n%snot\n%s", files, out.p, want);
    buf_done(&out);
    arena_reset(&arena);
}

#define SAME "15.1.2106.2 15.1.2106.2 15.1.2106.2 15.1.2106.2"

static void a_script_that_one_host_has(void **state)
{
    (void)state;
    check(SAME,
          "0 owa\\auth\\a.aspx A\n1 owa/auth/a.aspx A\n2 OWA\\auth\\a.aspx A\n"
          "1 owa\\auth\\x.aspx X",
          "1 alone strong owa\\auth\\x.aspx 0/2: 0 2\n");
    /* host 3 has nothing of that folder: it does not count; one other is not much */
    check(SAME, "0 a\\a.aspx A\n1 a\\a.aspx A\n1 a\\x.aspx X\n3 b\\y.aspx Y",
          "1 alone weak a\\x.aspx 0/1: 0\n");
    /* half of them have it: no odd one */
    check(SAME,
          "0 a\\a.aspx A\n1 a\\a.aspx A\n2 a\\a.aspx A\n3 a\\a.aspx A\n"
          "0 a\\x.aspx X\n1 a\\x.aspx X",
          "");
}

static void one_that_differs(void **state)
{
    (void)state;
    check(SAME, "0 a\\a.aspx A\n1 a\\a.aspx A\n2 a\\a.aspx B\n3 A\\A.aspx A",
          "2 differs strong a\\a.aspx 0/3: 0 1 3 on A\n");
    check(SAME, "0 a\\a.aspx A\n2 a\\a.aspx B",
          "0 differs weak a\\a.aspx 0/1: 2 on B\n2 differs weak a\\a.aspx 0/1: 0 on A\n");
    /* each its own: nobody is odd */
    check(SAME, "0 a\\a.aspx A\n1 a\\a.aspx B\n2 a\\a.aspx C", "");
    /* two of one kind against one */
    check(SAME, "0 a\\a.aspx A\n1 a\\a.aspx B\n2 a\\a.aspx A\n3 a\\a.aspx B",
          "0 differs weak a\\a.aspx 1/2: 1 3 on B\n1 differs weak a\\a.aspx 1/2: 0 2 on A\n"
          "2 differs weak a\\a.aspx 1/2: 1 3 on B\n3 differs weak a\\a.aspx 1/2: 0 2 on A\n");
}

static void hosts_of_other_builds_are_others(void **state)
{
    (void)state;
    check("15.1.2106.2 15.1.2106.2 15.1.2176.9 -",
          "0 a\\a.aspx A\n1 a\\a.aspx A\n2 a\\a.aspx B\n"
          "3 a\\a.aspx C",
          "");
    /* hosts without a build are compared with each other */
    check("- - - 15.1.2176.9", "0 a\\a.aspx A\n1 a\\a.aspx A\n2 a\\a.aspx B\n3 a\\a.aspx B",
          "2 differs strong a\\a.aspx 0/2: 0 1 on A\n");
}

static void copies_of_one_host_count_together(void **state)
{
    (void)state;
    /* host 2 has an older copy as well, which is what the others have */
    check(SAME, "0 a\\a.aspx A\n1 a\\a.aspx A\n2 a\\a.aspx B\n2 a\\a.aspx A", "");
    check(SAME, "0 a\\a.aspx A\n1 a\\a.aspx A\n2 a\\a.aspx C\n2 a\\a.aspx B",
          "2 differs strong a\\a.aspx 0/2: 0 1 on A\n");
}

static void nothing_to_compare(void **state)
{
    (void)state;
    struct odd_one *odd;
    size_t n = 9;
    struct odd_host host = {0};
    struct odd_file file = {.tail = STR("a"), .host = 1};
    assert_int_equal(odd_one_find(&arena, NULL, 0, NULL, 0, &odd, &n), OK);
    assert_int_equal(n, 0);
    assert_int_equal(odd_one_find(&arena, &host, 1, &file, 1, &odd, &n), ERR_BUG);
    check(SAME, "0 a\\a.aspx A", "");
    check(SAME, "0 a\\a.aspx A\n0 a\\a.aspx A\n0 a\\b.aspx B", "");
}

/* The order of the files given changes nothing but which of equal files is named. */
static void any_order_gives_the_same(void **state)
{
    (void)state;
    srandom(7);
    for (int round = 0; round < 200; round++) {
        struct given g = {.n_hosts = 5};
        struct buf a, b;
        buf_init(&a, 1 << 16);
        buf_init(&b, 1 << 16);
        for (size_t i = 0; i < g.n_hosts; i++)
            g.host[i].build = (struct build){{15, 1, random() % 2, 1}};
        static const struct str tails[] = {STR("a\\a.aspx"), STR("a\\b.aspx"), STR("c\\a.aspx")};
        for (g.n_files = 0; g.n_files < 20; g.n_files++) {
            struct odd_file *f = &g.file[g.n_files];
            f->host = (uint32_t)random() % 5;
            f->tail = tails[random() % 3];
            memset(f->sha256, 'A' + (int)(random() % 3), sizeof f->sha256);
        }
        told(&g, &a);
        for (size_t i = g.n_files - 1; i > 0; i--) {
            size_t k = (size_t)random() % (i + 1);
            struct odd_file t = g.file[i];
            g.file[i] = g.file[k];
            g.file[k] = t;
        }
        told(&g, &b);
        if (!str_eq(buf_view(&a), buf_view(&b)))
            fail_msg("%.*s\nis not\n%.*s", STR_FMT(buf_view(&a)), STR_FMT(buf_view(&b)));
        buf_done(&a);
        buf_done(&b);
        arena_reset(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_script_that_one_host_has),
        cmocka_unit_test(one_that_differs),
        cmocka_unit_test(hosts_of_other_builds_are_others),
        cmocka_unit_test(copies_of_one_host_count_together),
        cmocka_unit_test(nothing_to_compare),
        cmocka_unit_test(any_order_gives_the_same),
    };
    arena_init(&arena, 64 << 20);
    int failed = cmocka_run_group_tests_name("odd_one", tests, NULL, NULL);
    arena_done(&arena);
    return failed;
}
