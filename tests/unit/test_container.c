#include "base/time.h"
#include "codec/container.h"
#include "make_archive.h"
#include "os/proc.h"

#include <locale.h>

/* What a walk tells, a line for each member and error: "0 logs/a.log 5 hello". */
static void walk(int fd, struct buf *b)
{
    struct container *c = NULL;
    struct container_member m;
    struct error why = {0};
    char text[64];
    size_t n;
    buf_init(b, MAKE_BYTES);
    enum err rc = container_open(fd, NULL, &c, &why);
    if (rc) {
        buf_printf(b, "%s: %s\n", err_name(rc), why.text);
        return;
    }
    while ((rc = container_next(c, &m, &why)) != END && b->n < 1000000) {
        if (rc) {
            buf_printf(b, "%s %.*s: %s\n", err_name(rc), STR_FMT(m.path), why.text);
            continue;
        }
        buf_printf(b, "%u %u ", m.ordinal, m.depth);
        buf_str(b, m.path);
        buf_printf(b, "%s%s", m.cut ? " cut" : "", m.encrypted ? " encrypted" : "");
        buf_puts(b, m.kind == CONTAINER_FOLDER ? " folder"
                    : m.kind == CONTAINER_LINK ? " link"
                                               : "");
        if (m.container)
            buf_puts(b, " container");
        if (m.skip.p)
            buf_printf(b, " (%.*s)", STR_FMT(m.skip));
        uint64_t read = 0;
        bool bytes = m.kind == CONTAINER_FILE && !m.container && !m.skip.p;
        for (rc = OK; bytes && rc == OK; read += n) {
            rc = container_read(c, text, sizeof text, &n, &why);
            if (!read)
                buf_printf(b, " %.*s", (int)(n < 12 ? n : 12), text);
            bytes = n > 0;
        }
        if (read)
            buf_printf(b, " %lu", (unsigned long)read);
        buf_printf(b, "%s%s\n", rc ? " " : "", rc ? why.text : "");
    }
    assert_int_equal(container_next(c, &m, &why), END);
    assert_null(container_close(c));
}

static void assert_walk(struct str bytes, const char *want)
{
    struct buf b;
    int fd = made_file(bytes);
    walk(fd, &b);
    assert_str(buf_view(&b), want);
    buf_done(&b);
    close(fd);
}

static void names_of_zips_are_utf_8(void **state)
{
    (void)state;
    struct made_zip z;
    made_begin(&z);
    z.flags = 0x800;
    made_add(&z, STR("gr\xc3\xbcn/a.log"), STR("one"));
    made_add(&z, STR("bad\xff.log"), STR("two"));
    z.flags = 0;
    made_add(&z, STR("gr\x81n.log"), STR("three")); /* code page 437 */
    made_add(&z, STR("gr\xc3\xbcn.log"), STR("four"));
    made_add(&z, STR("a\0b.log"), STR("five"));
    made_add(&z, STR("C\\logs\\b.log"), STR("six"));
    made_add(&z, STR("../../etc/\x1b[31m"), STR("seven"));
    made_add(&z, STR("d/"), STR(""));
    made_add(&z, STR("C\\logs\\b.log"), STR("eight"));
    struct buf b;
    int fd = made_file(made_end(&z));
    walk(fd, &b);
    static const char want[] = "0 0 gr\xc3\xbcn/a.log one 3\n"
                               "1 0 bad\xc2\xa0.log two 3\n"
                               "2 0 gr\xc3\xbcn.log three 5\n"
                               "3 0 gr\xc3\xbcn.log four 4\n"
                               "4 0 a\0b.log five 4\n"
                               "5 0 C/logs/b.log six 3\n"
                               "6 0 ../../etc/\x1b[31m seven 5\n"
                               "7 0 d folder\n"
                               "8 0 C/logs/b.log eight 5\n";
    assert_int_equal(b.n, sizeof want - 1);
    assert_memory_equal(b.p, want, b.n);
    buf_done(&b);
    made_done(&z);
    close(fd);
}

static void a_long_name_is_cut(void **state)
{
    (void)state;
    struct made_zip z;
    struct container *c;
    struct container_member m;
    char name[6000];
    for (size_t i = 0; i < sizeof name; i += 2)
        memcpy(name + i, "\xc3\xbc", 2);
    made_begin(&z);
    name[0] = '.'; /* so that a letter lies across the limit */
    made_add(&z, str_make(name + 1, sizeof name - 2), STR("x"));
    made_add(&z, str_make(name + 2, 4096), STR("x"));
    int fd = made_file(made_end(&z));
    assert_int_equal(container_open(fd, NULL, &c, NULL), OK);
    assert_int_equal(container_next(c, &m, NULL), OK);
    assert_true(m.cut);
    assert_true(m.path.n <= CONTAINER_PATH_BYTES && m.path.n > CONTAINER_PATH_BYTES - 4);
    assert_int_equal(container_next(c, &m, NULL), OK);
    assert_false(m.cut);
    assert_int_equal(m.path.n, 4096);
    container_close(c);
    made_done(&z);
    close(fd);
}

static void times_are_exact_where_the_archive_is(void **state)
{
    (void)state;
    struct made_zip z;
    struct buf extra;
    struct container *c;
    struct container_member m;
    char text[32];
    made_begin(&z);
    buf_init(&extra, 100);
    made_add(&z, STR("dos.log"), STR(""));
    made_u16(&extra, 0x5455);
    made_u16(&extra, 5);
    wr_u8(&extra, 3); /* the directory has the first of them only */
    wr_u32(&extra, 1614945601);
    z.extra = buf_view(&extra);
    made_add(&z, STR("unix.log"), STR(""));
    buf_reset(&extra);
    made_u16(&extra, 0x000a);
    made_u16(&extra, 32);
    wr_u32(&extra, 0);
    made_u16(&extra, 1);
    made_u16(&extra, 24);
    for (int i = 0; i < 3; i++)
        wr_u64(&extra, (uint64_t)(1614945600 + 10 * i + INT64_C(11644473600)) * 10000000 + 1234567);
    z.extra = buf_view(&extra);
    made_add(&z, STR("ntfs.log"), STR(""));
    /* A field that says to be longer than what holds it. */
    z.extra = STR("\x0a\0\x0c\0\0\0\0\0\1\0\xff\0\0\0\0\0");
    made_add(&z, STR("inner.log"), STR(""));
    int fd = made_file(made_end(&z));
    assert_int_equal(container_open(fd, NULL, &c, NULL), OK);
    assert_int_equal(container_next(c, &m, NULL), OK);
    assert_string_equal(time_text(m.modified_us, text), "2021-03-05T12:00:00Z");
    assert_int_equal(m.created_us, TIME_NONE);
    assert_int_equal(container_next(c, &m, NULL), OK);
    assert_string_equal(time_text(m.modified_us, text), "2021-03-05T12:00:01Z");
    assert_int_equal(m.accessed_us, TIME_NONE);
    assert_int_equal(container_next(c, &m, NULL), OK);
    assert_string_equal(time_text(m.modified_us, text), "2021-03-05T12:00:00.123456Z");
    assert_string_equal(time_text(m.accessed_us, text), "2021-03-05T12:00:10.123456Z");
    assert_string_equal(time_text(m.created_us, text), "2021-03-05T12:00:20.123456Z");
    assert_int_equal(m.changed_us, TIME_NONE);
    assert_int_equal(container_next(c, &m, NULL), OK);
    assert_string_equal(time_text(m.modified_us, text), "2021-03-05T12:00:00Z");
    assert_int_equal(m.created_us, TIME_NONE);
    container_close(c);
    buf_done(&extra);
    made_done(&z);
    close(fd);
}

static const char tar_walk[] = "0 0 logs/gr\xc3\xbcn.log hello 5\n"
                               "1 0 link link\n"
                               "2 0 b.log there 5\n";

static void make_tar(struct buf *b, const char *packing)
{
    buf_init(b, MAKE_BYTES);
    struct archive *a = made_open(b, "pax", packing);
    made_member(a, "logs/gr\xc3\xbcn.log", STR("hello"), NULL);
    made_member(a, "link", STR(""), "/etc/passwd");
    made_member(a, "b.log", STR("there"), NULL);
    made_close(a);
}

static void tars_are_read_however_packed(void **state)
{
    (void)state;
    static const char *const packing[] = {"none", "gzip", "xz", "zstd", "bzip2"};
    assert_non_null(setlocale(LC_ALL, "C.UTF-8")); /* for the writing side */
    for (size_t i = 0; i < ARRAY_LEN(packing); i++) {
        struct buf b;
        make_tar(&b, packing[i]);
        struct str head = str_sub(buf_view(&b), 0, CONTAINER_HEAD_BYTES);
        assert_int_equal(container_look(head), i ? CONTAINER_PACKED : CONTAINER_ARCHIVE);
        assert_walk(buf_view(&b), tar_walk);
        buf_done(&b);
    }
    assert_non_null(setlocale(LC_ALL, "C"));
}

/* One file that is packed, even one that begins with zeros, is for codec/stream.h. */
static void a_packed_log_is_no_container(void **state)
{
    (void)state;
    static const char *const packing[] = {"gzip", "xz", "zstd", "bzip2"};
    static char log[100000];
    memset(log + 20000, 'l', sizeof log - 20000);
    for (size_t i = 0; i < ARRAY_LEN(packing); i++) {
        struct buf b;
        struct made_zip z;
        buf_init(&b, MAKE_BYTES);
        struct archive *a = made_open(&b, "raw", packing[i]);
        made_member(a, "log", str_make(log, sizeof log), NULL);
        made_close(a);
        assert_walk(buf_view(&b), "not found: no archive\n");
        made_begin(&z);
        made_add(&z, STR("packed"), buf_view(&b));
        struct container *c;
        struct container_member m;
        char *back = malloc(b.n + 1);
        size_t n, got = 0;
        int fd = made_file(made_end(&z));
        assert_int_equal(container_open(fd, NULL, &c, NULL), OK);
        assert_int_equal(container_next(c, &m, NULL), OK);
        assert_false(m.container);
        while (container_read(c, back + got, b.n + 1 - got, &n, NULL) == OK && n)
            got += n;
        assert_int_equal(got, b.n);
        assert_memory_equal(back, b.p, got);
        free(back);
        container_close(c);
        close(fd);
        made_done(&z);
        buf_done(&b);
    }
}

static void what_is_not_read_is_named(void **state)
{
    (void)state;
    struct made_zip z;
    assert_walk(STR("Rar!\x1a\x07\x01"), "unsupported: rar archive, unpack it first\n");
    assert_walk(STR("BZhello"), "not found: no archive\n");
    assert_walk(STR(""), "not found: no archive\n");
    assert_int_equal(container_look(STR("vhdxfile")), CONTAINER_FOREIGN);
    made_begin(&z);
    made_add(&z, STR("[Content_Types].xml"), STR("a document"));
    assert_int_equal(container_look(made_end(&z)), CONTAINER_NONE);
    made_done(&z);
    made_begin(&z);
    made_add(&z, STR("a.cab"), STR("MSCF\0\0\0\0"));
    z.flags = 1;
    made_add(&z, STR("secret.log"), STR("123456789012345"));
    z.flags = 0;
    made_add(&z, STR("b.log"), STR("there"));
    assert_walk(made_end(&z),
                "0 0 a.cab container (cab archive, unpack it first)\n"
                "1 0 secret.log encrypted (encrypted, unpack it with its password first)\n"
                "2 0 b.log there 5\n");
    made_done(&z);
}

/* zip in tar.gz in zip in 7z, and behind each of them something more. */
static void containers_in_containers_are_walked(void **state)
{
    (void)state;
    struct made_zip z, outer;
    struct buf tar, seven;
    made_begin(&z);
    made_add(&z, STR("deep.dat"), STR("deep"));
    buf_init(&tar, MAKE_BYTES);
    struct archive *a = made_open(&tar, "ustar", "gzip");
    made_member(a, "in.zip", made_end(&z), NULL);
    made_member(a, "t.log", STR("of the tar"), NULL);
    made_close(a);
    made_begin(&outer);
    made_add(&outer, STR("x.tgz"), buf_view(&tar));
    made_add(&outer, STR("o.log"), STR("of the zip"));
    buf_init(&seven, MAKE_BYTES);
    a = made_open(&seven, "7zip", "none");
    made_member(a, "o.zip", made_end(&outer), NULL);
    made_member(a, "s.log", STR("of the 7z"), NULL);
    made_close(a);
    assert_walk(buf_view(&seven), "0 0 o.zip container\n"
                                  "1 1 o.zip/x.tgz container\n"
                                  "2 2 o.zip/x.tgz/in.zip container\n"
                                  "3 3 o.zip/x.tgz/in.zip/deep.dat deep 4\n"
                                  "4 2 o.zip/x.tgz/t.log of the tar 10\n"
                                  "5 1 o.zip/o.log of the zip 10\n"
                                  "6 0 s.log of the 7z 9\n");
    made_done(&z);
    made_done(&outer);
    buf_done(&tar);
    buf_done(&seven);
}

static void nesting_ends_somewhere(void **state)
{
    (void)state;
    struct made_zip z[20];
    struct str inner = STR("core");
    struct buf b;
    for (size_t i = 0; i < ARRAY_LEN(z); i++) {
        made_begin(&z[i]);
        made_add(&z[i], STR("n"), inner);
        inner = made_end(&z[i]);
    }
    int fd = made_file(inner);
    walk(fd, &b);
    static const char end[] =
        "7 7 n/n/n/n/n/n/n/n container (archives nested too deep, unpack it first)\n";
    assert_true(str_ends(buf_view(&b), str_of(end)));
    buf_done(&b);
    close(fd);
    for (size_t i = 0; i < ARRAY_LEN(z); i++)
        made_done(&z[i]);
}

static void damage_leaves_what_is_before_it(void **state)
{
    (void)state;
    struct made_zip z, outer;
    made_begin(&z);
    made_add(&z, STR("a.log"), STR("first"));
    z.wrong = 1;
    made_add(&z, STR("b.log"), STR("second"));
    z.wrong = 0;
    z.lie = 1000;
    made_add(&z, STR("c.log"), STR("third"));
    z.lie = 0;
    made_add(&z, STR("d.log"), STR("fourth"));
    struct str whole = made_end(&z);
    assert_walk(whole, "0 0 a.log first 5\n"
                       "1 0 b.log second 6 ZIP bad CRC: 0xb61f1169 should be 0xb61f116a\n"
                       "2 0 c.log third 5 ZIP uncompressed data is wrong size (read 5, expected "
                       "1005)\n"
                       "3 0 d.log fourth 6\n");
    /* Without its directory it is read from the front; the zip around it goes on. */
    made_begin(&outer);
    made_add(&outer, STR("cut.zip"), str_sub(whole, 0, 60));
    made_add(&outer, STR("e.log"), STR("fifth"));
    assert_walk(made_end(&outer), "0 0 cut.zip container\n"
                                  "1 1 cut.zip/a.log first 5\n"
                                  "format cut.zip: truncated ZIP file header\n"
                                  "2 0 e.log fifth 5\n");
    made_done(&outer);
    made_done(&z);
}

static void a_cut_tar_says_where(void **state)
{
    (void)state;
    struct buf tar, b;
    static char noise[300000];
    uint32_t x = 1;
    for (size_t i = 0; i < sizeof noise; i++) {
        x = x * 1664525 + 1013904223;
        noise[i] = (char)(x >> 24);
    }
    buf_init(&tar, MAKE_BYTES);
    struct archive *a = made_open(&tar, "ustar", "gzip");
    made_member(a, "a.log", str_make(noise, sizeof noise), NULL);
    made_member(a, "b.log", str_make(noise, sizeof noise), NULL);
    made_close(a);
    int fd = made_file(str_sub(buf_view(&tar), 0, 400000));
    walk(fd, &b);
    struct str text = buf_view(&b), line;
    assert_true(str_cut(&text, '\n', &line));
    assert_true(str_ends(line, STR(" 300000")));
    assert_true(str_cut(&text, '\n', &line));
    assert_true(str_starts(line, STR("1 0 b.log ")) && str_has(line, STR("truncated")));
    assert_true(str_starts(text, STR("format : truncated")));
    close(fd);
    buf_done(&b);
    buf_done(&tar);
}

static void a_bomb_ends(void **state)
{
    (void)state;
    enum { BOMB_BYTES = 100 * 1024 * 1024 };
    struct buf b, out;
    char *zeros = calloc(1, BOMB_BYTES);
    assert_non_null(zeros);
    buf_init(&b, MAKE_BYTES);
    struct archive *a = made_open(&b, "zip", "none");
    made_member(a, "bomb.log", str_make(zeros, BOMB_BYTES), NULL);
    made_member(a, "after.log", STR("after"), NULL);
    made_close(a);
    free(zeros);
    int fd = made_file(buf_view(&b));
    walk(fd, &out);
    struct str text = buf_view(&out), line;
    assert_true(str_cut(&text, '\n', &line));
    assert_true(str_ends(line, STR("unpacks to more than 1000 times its size")));
    assert_str(text, "1 0 after.log after 5\n");
    close(fd);
    buf_done(&out);
    buf_done(&b);
}

/* 3 GiB of holes in a few kilobytes: more than any archive of that size may unpack to. */
static void a_file_of_holes_ends(void **state)
{
    (void)state;
    struct buf b;
    struct container *c;
    struct container_member m;
    struct error why;
    static char piece[1024 * 1024];
    uint64_t read = 0;
    size_t n;
    enum err rc;
    buf_init(&b, MAKE_BYTES);
    struct archive *a = made_open(&b, "pax", "none");
    struct archive_entry *e = archive_entry_new();
    archive_entry_set_pathname(e, "holes.log");
    archive_entry_set_filetype(e, AE_IFREG);
    archive_entry_set_size(e, INT64_C(3) << 30);
    archive_entry_sparse_add_entry(e, (INT64_C(3) << 30) - 4096, 4096);
    assert_int_equal(archive_write_header(a, e), ARCHIVE_OK);
    for (int i = 0; i < 3 * 1024; i++)
        assert_int_equal(archive_write_data(a, piece, sizeof piece), sizeof piece);
    archive_entry_free(e);
    made_close(a);
    int fd = made_file(buf_view(&b));
    assert_int_equal(container_open(fd, NULL, &c, NULL), OK);
    assert_int_equal(container_next(c, &m, NULL), OK);
    while ((rc = container_read(c, piece, sizeof piece, &n, &why)) == OK && n)
        read += n;
    assert_int_equal(rc, ERR_LIMIT);
    assert_true(read <= CONTAINER_FREE_BYTES + sizeof piece);
    assert_int_equal(container_read(c, piece, sizeof piece, &n, &why), ERR_LIMIT);
    container_close(c);
    close(fd);
    buf_done(&b);
}

static bool stops(void *ctx, uint64_t taken)
{
    uint64_t *calls = ctx;
    (void)taken;
    return ++*calls < 3;
}

static void a_walk_can_be_stopped(void **state)
{
    (void)state;
    uint64_t calls = 0;
    struct container_pace pace = {stops, &calls};
    struct container *c;
    struct container_member m;
    struct buf b;
    char *zeros = calloc(1, 50000000);
    buf_init(&b, MAKE_BYTES);
    struct archive *a = made_open(&b, "ustar", "gzip");
    made_member(a, "a.log", str_make(zeros, 50000000), NULL);
    made_member(a, "b.log", STR("b"), NULL);
    made_close(a);
    int fd = made_file(buf_view(&b));
    assert_int_equal(container_open(fd, &pace, &c, NULL), OK);
    assert_int_equal(container_next(c, &m, NULL), OK);
    assert_int_equal(container_next(c, &m, NULL), ERR_AGAIN);
    assert_int_equal(container_next(c, &m, NULL), END);
    assert_int_equal(calls, 3);
    container_close(c);
    close(fd);
    free(zeros);
    buf_done(&b);
}

struct sandboxed {
    int fd;
    const char *want;
};

static int walk_here(void *ctx, int fd)
{
    struct sandboxed *s = ctx;
    struct buf b;
    uint8_t type;
    int file;
    buf_init(&b, 1000);
    if (proc_recv(fd, &type, &b, &file) != OK)
        return 2;
    walk(file, &b);
    if (!str_eq(buf_view(&b), str_of(s->want)))
        return 3;
    return 0;
}

/* Names that need tables, and every filter, where no file can be opened and no program run. */
static void it_works_in_the_sandbox(void **state)
{
    (void)state;
    static const char *const kinds[][2] = {{"pax", "none"}, {"pax", "gzip"},  {"pax", "xz"},
                                           {"pax", "zstd"}, {"pax", "bzip2"}, {"7zip", "none"},
                                           {"zip", "none"}};
    container_prepare();
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        struct sandboxed s = {.want = "0 0 gr\xc3\xbcn.log hello 5\n"};
        struct proc p;
        struct buf b;
        char how[64];
        assert_non_null(setlocale(LC_ALL, "C.UTF-8"));
        buf_init(&b, MAKE_BYTES);
        struct archive *a = made_open(&b, kinds[i][0], kinds[i][1]);
        made_member(a, "gr\xc3\xbcn.log", STR("hello"), NULL);
        made_close(a);
        assert_non_null(setlocale(LC_ALL, "C"));
        int fd = made_file(buf_view(&b));
        assert_int_equal(proc_start(&p, NULL, 0, (size_t)1 << 30, walk_here, &s, NULL), OK);
        assert_int_equal(proc_send(p.fd, 1, STR("x"), fd), OK);
        proc_end(&p, false, how);
        if (strcmp(how, "exit status 0") != 0)
            fail_msg("%s, %s: %s", kinds[i][0], kinds[i][1], how);
        close(fd);
        buf_done(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_works_in_the_sandbox),
        cmocka_unit_test(names_of_zips_are_utf_8),
        cmocka_unit_test(a_long_name_is_cut),
        cmocka_unit_test(times_are_exact_where_the_archive_is),
        cmocka_unit_test(tars_are_read_however_packed),
        cmocka_unit_test(a_packed_log_is_no_container),
        cmocka_unit_test(what_is_not_read_is_named),
        cmocka_unit_test(containers_in_containers_are_walked),
        cmocka_unit_test(nesting_ends_somewhere),
        cmocka_unit_test(damage_leaves_what_is_before_it),
        cmocka_unit_test(a_cut_tar_says_where),
        cmocka_unit_test(a_bomb_ends),
        cmocka_unit_test(a_file_of_holes_ends),
        cmocka_unit_test(a_walk_can_be_stopped),
    };
    return cmocka_run_group_tests_name("container", tests, NULL, NULL);
}
