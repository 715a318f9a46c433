#include "os/folder.h"
#include "unit.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static struct arena arena;
static struct error error;
static char root[64], sub[128];

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 1 << 20);
    (void)snprintf(root, sizeof root, "/tmp/test_folder.XXXXXX");
    assert_non_null(mkdtemp(root));
    (void)snprintf(sub, sizeof sub, "%s/sub", root);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    const char *const dirs[] = {sub, root};
    for (size_t i = 0; i < ARRAY_LEN(dirs); i++) {
        struct str *name;
        size_t n = 0;
        if (!folder_list(&arena, str_of(dirs[i]), 1000, &name, &n, NULL))
            for (size_t k = 0; k < n; k++)
                (void)!file_remove(str_of(dirs[i]), name[k], NULL);
        (void)rmdir(dirs[i]);
    }
    arena_done(&arena);
    return 0;
}

static void test_replace(void **state)
{
    (void)state;
    struct str text, *name;
    struct stat st;
    char path[256];
    size_t n;
    assert_int_equal(folder_make(str_of(sub), &error), OK);
    assert_int_equal(folder_make(str_of(sub), &error), OK);
    assert_int_equal(stat(sub, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    assert_int_equal(file_read(&arena, str_of(sub), STR("a"), 100, &text, &error), ERR_NOT_FOUND);
    assert_int_equal(file_replace(str_of(sub), STR("a"), STR("one\0two"), &error), OK);
    assert_int_equal(file_replace(str_of(sub), STR("a"), STR("three"), &error), OK);
    assert_int_equal(file_replace(str_of(sub), STR("b"), STR(""), &error), OK);
    assert_int_equal(file_read(&arena, str_of(sub), STR("a"), 100, &text, &error), OK);
    assert_str(text, "three");
    assert_int_equal(file_read(&arena, str_of(sub), STR("a"), 4, &text, &error), ERR_LIMIT);
    (void)snprintf(path, sizeof path, "%s/a", sub);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(folder_list(&arena, str_of(sub), 10, &name, &n, &error), OK);
    assert_int_equal(n, 2); /* nothing beside is left over */
    assert_str(name[0], "a");
    assert_int_equal(file_remove(str_of(sub), STR("a"), &error), OK);
    assert_int_equal(file_remove(str_of(sub), STR("a"), &error), OK);
    assert_int_equal(folder_list(&arena, str_of(sub), 10, &name, &n, &error), OK);
    assert_int_equal(n, 1);
}

static void test_refused(void **state)
{
    (void)state;
    static const struct str names[] = {STR(""),    STR("."),  STR(".."),
                                       STR("a/b"), STR(".x"), STR("a\0b")};
    struct str text;
    char link[256];
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        assert_int_equal(file_replace(str_of(root), names[i], STR("x"), &error), ERR_BUG);
    assert_int_equal(file_replace(str_of(sub), STR("a"), STR("x"), &error), ERR_NOT_FOUND);
    assert_int_equal(folder_make(STR("/proc/none/here"), &error), ERR_IO);
    (void)snprintf(link, sizeof link, "%s/link", root);
    assert_int_equal(symlink("/etc/passwd", link), 0);
    assert_int_equal(file_read(&arena, str_of(root), STR("link"), 1 << 20, &text, &error), ERR_IO);
    /* The link gives way; what it led to is left alone. */
    assert_int_equal(file_replace(str_of(root), STR("link"), STR("x"), &error), OK);
    assert_int_equal(file_read(&arena, str_of(root), STR("link"), 10, &text, &error), OK);
    assert_str(text, "x");
    (void)snprintf(link, sizeof link, "%s/fifo", root);
    assert_int_equal(mkfifo(link, 0600), 0);
    assert_int_equal(file_read(&arena, str_of(root), STR("fifo"), 10, &text, &error), ERR_FORMAT);
    assert_int_equal(unlink(link), 0);
}

static void test_list(void **state)
{
    (void)state;
    struct str *name;
    char text[32];
    size_t n;
    for (int i = 99; i >= 0; i--) {
        (void)snprintf(text, sizeof text, "f%02d", i);
        assert_int_equal(file_replace(str_of(root), str_of(text), STR("x"), &error), OK);
    }
    assert_int_equal(folder_list(&arena, str_of(root), 10, &name, &n, &error), OK);
    assert_int_equal(n, 10);
    for (size_t i = 0; i < n; i++) {
        (void)snprintf(text, sizeof text, "f%02zu", i);
        assert_str(name[i], text);
    }
    assert_int_equal(folder_list(&arena, str_of(sub), 10, &name, &n, &error), ERR_NOT_FOUND);
}

static void put(const char *name, int age_s)
{
    struct str folder = str_of(root);
    struct timespec then[2] = {{.tv_sec = time(NULL) - age_s}, {.tv_sec = time(NULL) - age_s}};
    char path[256];
    bool part = name[0] == '.';
    (void)snprintf(path, sizeof path, "%s/%s", root, name);
    if (part) {
        int fd = open(path, O_CREAT | O_WRONLY, 0600);
        assert_true(fd >= 0 && close(fd) == 0);
    } else {
        assert_int_equal(file_replace(folder, str_of(name), STR("x"), &error), OK);
    }
    assert_int_equal(utimensat(AT_FDCWD, path, then, 0), 0);
}

static void test_thin(void **state)
{
    (void)state;
    struct str *name;
    size_t n;
    char path[256];
    put("a-old", 500);
    put("a-new", 10);
    put("a-older", 600);
    put("b-oldest", 9000);
    put(".a-part.1", 200000);
    put(".a-part.2", 20);
    folder_thin(str_of(root), STR("a-"), 2);
    assert_int_equal(folder_list(&arena, str_of(root), 10, &name, &n, &error), OK);
    assert_int_equal(n, 3);
    assert_str(name[0], "a-new");
    assert_str(name[1], "a-old");
    assert_str(name[2], "b-oldest");
    (void)snprintf(path, sizeof path, "%s/.a-part.1", root);
    assert_int_equal(access(path, F_OK), -1);
    (void)snprintf(path, sizeof path, "%s/.a-part.2", root);
    assert_int_equal(unlink(path), 0);
    folder_thin(str_of(sub), STR("a-"), 0); /* which is not there */
}

static void test_own(void **state)
{
    (void)state;
    assert_true(folder_own(str_of(root)));
    assert_false(folder_own(str_of(sub)));
    assert_int_equal(chmod(root, 0770), 0);
    assert_false(folder_own(str_of(root)));
    assert_int_equal(chmod(root, 0755), 0);
    assert_true(folder_own(str_of(root)));
    assert_false(folder_own(str_of("/tmp"))); /* everybody's */
    if (geteuid() != 0)
        assert_false(folder_own(str_of("/usr")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_replace, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_list, setup, teardown),
        cmocka_unit_test_setup_teardown(test_thin, setup, teardown),
        cmocka_unit_test_setup_teardown(test_own, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
