#include "base/limits.h"
#include "os/io.h"
#include "unit.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];
static struct arena arena;
static int names_left = -1; /* of every folder, until the disk fails; -1: it does not */

/* Stands before the C library's. */
struct dirent *readdir(DIR *dir)
{
    static struct dirent *(*real)(DIR *);
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, sizeof(off_t) == 8 ? "readdir64" : "readdir");
    if (names_left == 0) {
        errno = EIO;
        return NULL;
    }
    struct dirent *d = real(dir);
    if (d && d->d_name[0] != '.' && names_left > 0)
        names_left--;
    return d;
}

static struct str in_folder(const char *name)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s%s%s", folder, *name ? "/" : "", name);
    return arena_str(&arena, str_of(path));
}

static void put(const char *name, const char *text)
{
    int fd;
    assert_int_equal(io_create(in_folder(name), &fd, NULL), OK);
    assert_int_equal(io_write(fd, text, strlen(text)), OK);
    io_close(fd);
}

static int set_up(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/tocsin-io-XXXXXX");
    arena_init(&arena, 16 << 20);
    assert_non_null(mkdtemp(folder));
    assert_int_equal(mkdir(in_folder("b").p, 0755), 0);
    put("b/two", "22");
    put("a", "1");
    assert_int_equal(symlink("a", in_folder("link").p), 0);
    assert_int_equal(symlink("..", in_folder("b/up").p), 0);
    assert_int_equal(mkfifo(in_folder("pipe").p, 0600), 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    static const char *const names[] = {"b/two", "b/up", "b/hard", "b", "a", "link", "pipe", "new"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        (void)remove(in_folder(names[i]).p);
    (void)rmdir(folder);
    arena_done(&arena);
    return 0;
}

static void a_folder_is_listed_in_order_with_what_is_no_file(void **state)
{
    (void)state;
    static const struct {
        const char *below, *skip;
    } want[] = {{"a", NULL},
                {"b/two", NULL},
                {"b/up", "symbolic link"},
                {"link", "symbolic link"},
                {"pipe", "named pipe"}};
    struct io_tree tree;
    struct str input = in_folder("");
    assert_int_equal(io_list(&arena, &input, 1, &tree, NULL), OK);
    assert_int_equal(tree.n, ARRAY_LEN(want));
    for (size_t i = 0; i < tree.n; i++) {
        assert_str(tree.entry[i].below, want[i].below);
        assert_true((tree.entry[i].skip.p == NULL) == (want[i].skip == NULL));
        if (want[i].skip)
            assert_str(tree.entry[i].skip, want[i].skip);
    }
    assert_int_equal(tree.entry[1].size_bytes, 2);
    io_tree_close(&tree);
}

static void a_listing_that_breaks_off_is_told(void **state)
{
    struct io_tree tree;
    struct str input = in_folder("");
    (void)state;
    names_left = 1;
    assert_int_equal(io_list(&arena, &input, 1, &tree, NULL), OK);
    names_left = -1;
    bool told = false;
    for (size_t i = 0; i < tree.n; i++)
        told |= str_eq(tree.entry[i].skip, STR("unreadable folder")) && tree.entry[i].hides;
    assert_true(told);
    assert_true(tree.n >= 2); /* what was listed before is there */
    io_tree_close(&tree);
}

static void a_file_that_several_inputs_reach_is_listed_once(void **state)
{
    (void)state;
    struct io_tree tree;
    struct str inputs[] = {in_folder("a"), in_folder("b/../a"), in_folder("a"), in_folder("link")};
    assert_int_equal(io_list(&arena, inputs, ARRAY_LEN(inputs), &tree, NULL), OK);
    assert_int_equal(tree.n, 1);
    assert_str(tree.entry[0].path, in_folder("a").p);
    io_tree_close(&tree);
    /* Two names within one input are both listed. */
    assert_int_equal(link(in_folder("b/two").p, in_folder("b/hard").p), 0);
    struct str one = in_folder("b");
    assert_int_equal(io_list(&arena, &one, 1, &tree, NULL), OK);
    assert_int_equal(tree.n, 3);
    io_tree_close(&tree);
}

static void a_missing_input_is_named(void **state)
{
    (void)state;
    struct io_tree tree;
    struct error error;
    struct str inputs[] = {in_folder("a"), in_folder("absent")};
    assert_int_equal(io_list(&arena, inputs, 2, &tree, &error), ERR_NOT_FOUND);
    assert_non_null(strstr(error.text, "absent"));
    io_tree_close(&tree);
}

static void an_entry_that_became_a_link_is_not_followed(void **state)
{
    (void)state;
    struct io_tree tree;
    struct str input = in_folder("");
    struct error error;
    int fd = -1;
    assert_int_equal(io_list(&arena, &input, 1, &tree, NULL), OK);
    assert_int_equal(unlink(in_folder("b/two").p), 0);
    assert_int_equal(symlink("/etc/passwd", in_folder("b/two").p), 0);
    assert_int_equal(io_open_entry(&tree, &tree.entry[1], &fd, &error), ERR_IO);
    /* Nor is a folder on the way that became one. */
    assert_int_equal(remove(in_folder("b/two").p), 0);
    assert_int_equal(remove(in_folder("b/up").p), 0);
    assert_int_equal(rmdir(in_folder("b").p), 0);
    assert_int_equal(symlink("/etc", in_folder("b").p), 0);
    struct io_entry entry = {.path = STR("x"), .below = STR("b/passwd")};
    assert_int_equal(io_open_entry(&tree, &entry, &fd, &error), ERR_IO);
    /* A FIFO in the place of a file must not block. */
    assert_int_equal(unlink(in_folder("a").p), 0);
    assert_int_equal(mkfifo(in_folder("a").p, 0600), 0);
    assert_int_equal(io_open_entry(&tree, &tree.entry[0], &fd, &error), ERR_IO);
    assert_string_equal(error.text, "no longer a regular file");
    io_tree_close(&tree);
}

static void reading_leaves_no_trace(void **state)
{
    (void)state;
    struct stat before, after;
    struct io_tree tree;
    struct io_stamp stamp, later;
    struct str input = in_folder("a");
    char b[8];
    int fd;
    assert_int_equal(stat(input.p, &before), 0);
    assert_int_equal(io_list(&arena, &input, 1, &tree, NULL), OK);
    assert_int_equal(io_open_entry(&tree, &tree.entry[0], &fd, NULL), OK);
    assert_int_equal(io_stamp(fd, &stamp), OK);
    assert_int_equal(io_pread(fd, b, sizeof b, 0), 1);
    assert_int_equal(io_stamp(fd, &later), OK);
    assert_true(later.regular && later.size_bytes == stamp.size_bytes);
    assert_true(later.mtime_ns == stamp.mtime_ns && later.ctime_ns == stamp.ctime_ns);
    assert_int_equal(write(fd, "x", 1), -1);
    io_close(fd);
    put("a", "longer");
    assert_int_equal(io_open_entry(&tree, &tree.entry[0], &fd, NULL), OK);
    assert_int_equal(io_stamp(fd, &later), OK);
    assert_true(later.size_bytes != stamp.size_bytes);
    io_close(fd);
    io_tree_close(&tree);
    assert_int_equal(stat(input.p, &after), 0);
    assert_true(before.st_ino == after.st_ino);
}

static void small_files_have_a_largest_size(void **state)
{
    (void)state;
    struct str text;
    struct error error;
    assert_int_equal(io_read_file(&arena, in_folder("b/two"), 2, &text, &error), OK);
    assert_str(text, "22");
    assert_int_equal(io_read_file(&arena, in_folder("b/two"), 1, &text, &error), ERR_LIMIT);
    assert_int_equal(io_read_file(&arena, in_folder("pipe"), 10, &text, &error), ERR_IO);
    assert_int_equal(io_read_file(&arena, in_folder("no"), 10, &text, &error), ERR_NOT_FOUND);
    assert_true(io_is_folder(in_folder("b")) && !io_is_folder(in_folder("a")));
    assert_true(io_exists(in_folder("a")) && !io_exists(in_folder("no")));
}

static void a_file_is_opened_to_be_read_in_pieces(void **state)
{
    (void)state;
    struct error error;
    char two[2];
    int fd;
    put("new", "abc");
    assert_int_equal(io_open_file(in_folder("new"), &fd, &error), OK);
    assert_int_equal(io_read(fd, two, 2), 2);
    assert_int_equal(io_read(fd, two, 2), 1);
    assert_int_equal(two[0], 'c');
    io_close(fd);
    assert_true(io_is_file(in_folder("new")));
    assert_false(io_is_file(in_folder("")));
    assert_false(io_is_file(in_folder("none")));
    assert_int_equal(io_open_file(in_folder("none"), &fd, &error), ERR_NOT_FOUND);
    assert_int_equal(io_open_file(in_folder(""), &fd, &error), ERR_IO);
    assert_non_null(strstr(error.text, "not a regular file"));
}

static void output_fails_aloud(void **state)
{
    (void)state;
    struct error error;
    struct stat st;
    int fd;
    assert_int_equal(io_create(in_folder("none/x"), &fd, &error), ERR_IO);
    assert_non_null(strstr(error.text, "none/x"));
    fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
    if (fd >= 0) {
        assert_int_equal(io_write(fd, "x", 1), ERR_IO);
        assert_int_equal(errno, ENOSPC);
        io_close(fd);
    }
    assert_int_equal(io_create(in_folder("new"), &fd, &error), OK);
    assert_int_equal(fstat(fd, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    io_close(fd);
    assert_int_equal(io_create(in_folder("new"), &fd, &error), OK);
    assert_int_equal(io_write(fd, "abc", 3), OK);
    assert_int_equal(io_finish(fd), OK);
    /* What a file holds stays until there is something to put in its place. */
    assert_int_equal(io_create(in_folder("new"), &fd, &error), OK);
    assert_int_equal(fstat(fd, &st), 0);
    assert_int_equal(st.st_size, 3);
    assert_int_equal(io_start_over(fd), OK);
    assert_int_equal(fstat(fd, &st), 0);
    assert_int_equal(st.st_size, 0);
    assert_int_equal(io_finish(fd), OK);
    assert_true(io_inside(in_folder("new"), in_folder("new")));
    assert_true(io_inside(in_folder("not-there-yet"), in_folder(".")));
    assert_false(io_inside(STR("/dev/null"), in_folder(".")));
    assert_false(io_same(in_folder("new"), in_folder("not-there-yet")));
    assert_false(io_same(in_folder("not-there-yet"), in_folder("not-there-yet")));
}

/* A name of the evidence's own, a link of either kind: what would be written is the same file. */
static void output_by_another_name(void **state)
{
    char name[PATH_MAX], outside[] = "/tmp/test_io-link-XXXXXX";
    int fd;
    struct error error;
    (void)state;
    assert_int_equal(io_create(in_folder("log"), &fd, &error), OK);
    assert_int_equal(io_finish(fd), OK);
    (void)snprintf(name, sizeof name, "%.*s", STR_FMT(in_folder("log")));
    assert_non_null(mkdtemp(outside));
    struct buf hard, soft;
    buf_init(&hard, PATH_MAX), buf_init(&soft, PATH_MAX);
    buf_printf(&hard, "%s/hard%c", outside, 0), buf_printf(&soft, "%s/soft%c", outside, 0);
    bool linked = link(name, hard.p) == 0;
    assert_int_equal(symlink(name, soft.p), 0);
    assert_true(io_inside(str_of(soft.p), in_folder("log")));
    assert_true(io_inside(str_of(soft.p), in_folder(".")));
    assert_true(!linked || io_inside(str_of(hard.p), in_folder("log")));
    assert_true(!linked || io_same(str_of(hard.p), in_folder("log")));
    (void)unlink(hard.p), (void)unlink(soft.p), (void)rmdir(outside);
    buf_done(&hard), buf_done(&soft);
}

int main(void)
{
#define IO_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        IO_TEST(a_folder_is_listed_in_order_with_what_is_no_file),
        IO_TEST(a_listing_that_breaks_off_is_told),
        IO_TEST(a_file_that_several_inputs_reach_is_listed_once),
        IO_TEST(a_missing_input_is_named),
        IO_TEST(an_entry_that_became_a_link_is_not_followed),
        IO_TEST(reading_leaves_no_trace),
        IO_TEST(small_files_have_a_largest_size),
        IO_TEST(a_file_is_opened_to_be_read_in_pieces),
        IO_TEST(output_fails_aloud),
        IO_TEST(output_by_another_name),
    };
    return cmocka_run_group_tests_name("io", tests, NULL, NULL);
}
