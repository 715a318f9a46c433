/* A file in parts gives what the whole text gives, with the offsets of the file. */
#include "extract_test.h"
#include "os/io.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { TEXT_BYTES = 600 * 1000, SMALL_PART = 20 * 1024 };
static char text[TEXT_BYTES];

static int file_of(const void *p, size_t n)
{
    int fd = memfd_create("test", MFD_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(io_write(fd, p, n), OK);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

static uint64_t read_parts(const void *p, size_t n, size_t part_bytes)
{
    struct extract_options options = test_options();
    struct stream *stream;
    uint64_t bytes;
    int fd = file_of(p, n);
    buf_reset(&lines);
    assert_int_equal(stream_open_fd(fd, &stream, NULL), OK);
    assert_int_equal(extract_stream(&options, stream, part_bytes, &bytes, NULL), OK);
    stream = stream_close(stream);
    io_close(fd);
    return bytes;
}

/* Pieces that belong together, in any order, so that every cut falls into something. */
static size_t soup(unsigned seed)
{
    static const char *const pieces[] = {
        "CVE-2021-26855",
        "/26857",
        ", 27065",
        " cve ",
        "2021-26412",
        "hxxp://",
        "evil",
        "[.]",
        "com",
        ".exe",
        "/a/b",
        " dot ",
        "@",
        "1.2.3",
        ".4",
        "/24",
        "C:\\Program Files\\",
        "\\x.dll",
        "HKLM\\",
        "d41d8cd98f00b204e9800998ecf8427e",
        ":",
        "2001:db8::1",
        "\n",
        " ",
        " ",
        ". ",
        "\xd0\xa1",
        "\xef\xbc\xa3",
        "\xe2\x80\x8b",
        "\xff",
        "T1190",
        "KB",
        "5000871",
    };
    size_t n = 0;
    srand(seed);
    while (n + 64 < sizeof text) {
        const char *piece = pieces[(size_t)rand() % ARRAY_LEN(pieces)];
        memcpy(text + n, piece, strlen(piece));
        n += strlen(piece);
    }
    return n;
}

static void any_parts(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed <= 4; seed++) {
        size_t n = soup(seed);
        whole = str_make(text, n);
        assert_int_equal(read_parts(text, n, 1 << 20), n);
        char *all = strndup(lines.p, lines.n);
        size_t all_n = lines.n;
        assert_true(all_n > 10000);
        for (size_t part = SMALL_PART; part < 200000; part = part * 2 + 77) {
            (void)read_parts(text, n, part);
            assert_int_equal(lines.n, all_n);
            assert_memory_equal(lines.p, all, all_n);
        }
        free(all);
    }
}

static uint64_t last_offset;
static enum err keep_offset(void *ctx, const struct item *item)
{
    (void)ctx;
    last_offset = item->offset;
    return OK;
}

static uint64_t offset_in(const void *p, size_t n)
{
    struct extract_options options = {&lists, TEST_YEAR_MAX, keep_offset, NULL, NULL};
    struct stream *stream;
    uint64_t bytes;
    int fd = file_of(p, n);
    assert_int_equal(stream_open_fd(fd, &stream, NULL), OK);
    assert_int_equal(extract_stream(&options, stream, SMALL_PART, &bytes, NULL), OK);
    stream = stream_close(stream);
    io_close(fd);
    return last_offset;
}

static void offsets_of_the_file(void **state)
{
    (void)state;
    static char wide[200 * 1000];
    size_t n = 2;
    memcpy(wide, "\xff\xfe", 2);
    for (size_t i = 0; i < 60000; i++, n += 2)
        memcpy(wide + n, i % 9 ? "a\0" : i % 2 ? " \0" : "\xe4\0", 2);
    size_t at = n + 2;
    for (const char *p = " T1190 "; *p; p++, n += 2)
        memcpy(wide + n, (char[]){*p, 0}, 2);
    assert_int_equal(offset_in(wide, n), at);
    assert_int_equal(offset_in("\xef\xbb\xbf T1190", 9), 4);
}

/* Any byte over and over: a MiB of it takes a moment. */
static void linear(void **state)
{
    static const char *const units[] = {
        "A",      ".",           "@",    "a5",        "[.]",
        "a.",     "a@",          "a:",   "\\",        "/a",
        " dot a", "cve-2021-",   "hxxp", "C:\\ ",     "1.2.",
        "(",      "2021-26412 ", "%a",   "\xd0\xa1z", "CVE-2021-1234/"};
    static char bytes[1 << 20];
    (void)state;
    whole = STR_NONE;
    for (size_t u = 0; u < ARRAY_LEN(units); u++) {
        size_t n = strlen(units[u]);
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = units[u][i % n];
        clock_t start = clock();
        (void)read_parts(bytes, sizeof bytes, EXTRACT_PART_BYTES);
        double s = (double)(clock() - start) / CLOCKS_PER_SEC;
        if (s > 10) /* 0.1 s is usual; quadratic work takes hours */
            fail_msg("'%s' takes %.1f s a MiB", units[u], s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_parts),
        cmocka_unit_test(offsets_of_the_file),
        cmocka_unit_test(linear),
    };
    return cmocka_run_group_tests(tests, lists_setup, lists_teardown);
}
