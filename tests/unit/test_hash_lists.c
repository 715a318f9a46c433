#include "base/hash.h"
#include "dossier/hash_lists.h"
#include "unit.h"

#include <isa-l/igzip_lib.h>
#include <sys/stat.h>
#include <unistd.h>

#define MD5_EMPTY "d41d8cd98f00b204e9800998ecf8427e"
#define SHA1_EMPTY "da39a3ee5e6b4b0d3255bfef95601890afd80709"
#define SHA256_EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define MD5_ABC "900150983cd24fb0d6963f7d28e17f72"
#define SHA1_ABC "a9993e364706816aba3e25717850c26c9cd0d89d"
#define SHA256_ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

/* Feeds the text in pieces of that size. */
static void feed(struct hash_lists *k, const char *text, size_t piece)
{
    struct hash_list_reader *r;
    assert_int_equal(hash_list_begin(k, STR("list"), &r), OK);
    for (struct str rest = str_of(text); rest.n; rest = str_sub(rest, piece, rest.n))
        assert_int_equal(hash_list_feed(r, str_sub(rest, 0, piece)), OK);
    assert_int_equal(hash_list_end(r), OK);
}

static uint32_t line_of(const struct hash_lists *k, const char *hex)
{
    enum digest_kind kind;
    unsigned char bytes[DIGEST_MAX_BYTES];
    uint32_t number, line = 0;
    assert_true(digest_parse(str_of(hex), &kind, bytes));
    if (!digest_set_find(k->set, kind, bytes, &number))
        return 0;
    assert_non_null(hash_lists_where(k, number, &line));
    return line;
}

/* A text, and the lines in which the six hashes above stand; 0: they do not. */
struct expected {
    const char *text;
    uint32_t line[6], bad;
};

static void check(const struct expected *e)
{
    static const char *const hex[] = {MD5_EMPTY, SHA1_EMPTY, SHA256_EMPTY,
                                      MD5_ABC,   SHA1_ABC,   SHA256_ABC};
    for (size_t piece = 1; piece < 2000; piece = 3 * piece + 1) {
        struct hash_lists k;
        assert_int_equal(hash_lists_init(&k), OK);
        feed(&k, e->text, piece);
        assert_int_equal(hash_lists_build(&k), OK);
        for (size_t i = 0; i < 6; i++)
            if (line_of(&k, hex[i]) != e->line[i])
                fail_msg("%s: %s is in line %u, not %u", e->text, hex[i], line_of(&k, hex[i]),
                         e->line[i]);
        assert_int_equal(k.list[0].bad_lines, e->bad);
        hash_lists_done(&k);
    }
}

static void reads_what_people_write(void **state)
{
    (void)state;
    static const struct expected cases[] = {
        {MD5_EMPTY "\n" SHA1_EMPTY "\r\n\r\n" SHA256_ABC, {1, 2, 0, 0, 0, 4}, 0},
        {"# known\n" SHA256_EMPTY "  empty.txt\n" SHA256_ABC " *a b.bin\n", {0, 0, 2, 0, 0, 3}, 0},
        {"\\" MD5_ABC "  odd\\nname\n", {0, 0, 0, 1, 0, 0}, 0},
        {"SHA256 (a (1) = b.txt) = " SHA256_ABC "\nMD5 (x) = " MD5_ABC "\n", {0, 0, 0, 2, 0, 1}, 0},
        {SHA1_ABC ",some file\n" SHA1_EMPTY ";x\n" MD5_ABC "\tx\n", {0, 2, 0, 3, 1, 0}, 0},
        {"no hash here\n" MD5_ABC "z\n" MD5_EMPTY "\n", {3, 0, 0, 0, 0, 0}, 2},
        {"\xef\xbb\xbf", {0}, 1},
        {"", {0}, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        check(&cases[i]);
}

static void reads_tables(void **state)
{
    (void)state;
    static const struct expected cases[] = {
        {"name,SHA-256,md5\nx," SHA256_ABC "," MD5_ABC "\ny,,\n\"a, \"\"b\"\"\"," SHA256_EMPTY
         ",\n",
         {0, 0, 4, 2, 0, 2},
         1},
        /* a hash in the wrong column, and one of another kind of hash in a column of its own */
        {"md5,imphash\n" SHA1_ABC ",x\n" MD5_ABC "," MD5_EMPTY "\n", {0, 0, 0, 3, 0, 0}, 1},
        {"\"SHA-1\",\"MD5\",\"CRC32\",\"FileName\",\"FileSize\",\"ProductCode\",\"OpSystemCode\","
         "\"SpecialCode\"\r\n\"" SHA1_ABC "\",\"" MD5_ABC
         "\",\"352441C2\",\"a.txt\",3,1,\"362\",\"\"\r\n",
         {0, 0, 0, 2, 2, 0},
         0},
        {"type;value;note\nsha256;" SHA256_ABC ";x\ndomain;evil.example;\n", {0, 0, 0, 0, 0, 2}, 1},
        {"%%%% HASHDEEP-1.0\n%%%% size,md5,sha256,filename\n## $ hashdeep x\n3," MD5_ABC
         "," SHA256_ABC ",/x\n",
         {0, 0, 0, 4, 0, 4},
         0},
        {"# \"first_seen_utc\",\"sha256_hash\",\"md5_hash\",\"reporter\"\n\"2021-03-02\", "
         "\"" SHA256_ABC "\", \"" MD5_ABC "\", \"x\"\n",
         {0, 0, 0, 2, 0, 2},
         0},
        /* prose in a comment is no header */
        {"# MD5, SHA-1 and SHA-256\n" SHA256_ABC "\n" SHA1_ABC "\n", {0, 0, 0, 0, 3, 2}, 0},
        {"hash\tfile\n" SHA256_ABC "\tx\n" MD5_EMPTY "\ty\n", {3, 0, 0, 0, 0, 2}, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        check(&cases[i]);
}

static void lists_keep_their_own_lines(void **state)
{
    (void)state;
    struct hash_lists k;
    uint32_t number, line;
    unsigned char bytes[DIGEST_MAX_BYTES];
    enum digest_kind kind;
    assert_int_equal(hash_lists_init(&k), OK);
    feed(&k, "# TLP:AMBER\n" MD5_ABC "\n\n", 5);
    feed(&k, MD5_ABC "\n" SHA1_ABC "\n", 5);
    assert_true(digest_parse(STR(SHA256_ABC), &kind, bytes));
    assert_int_equal(hash_lists_add(&k, kind, bytes, 17), OK);
    assert_int_equal(hash_lists_add(&k, kind, bytes, HASH_LISTS_FIRST_NUMBER), ERR_BUG);
    assert_int_equal(hash_lists_build(&k), OK);
    assert_int_equal(k.list[0].tlp, TLP_AMBER);
    assert_int_equal(k.list[1].tlp, TLP_UNKNOWN);
    assert_true(digest_set_find(k.set, kind, bytes, &number));
    assert_int_equal(number, 17);
    assert_null(hash_lists_where(&k, number, &line));
    assert_true(digest_parse(STR(MD5_ABC), &kind, bytes));
    assert_true(digest_set_find(k.set, kind, bytes, &number));
    assert_ptr_equal(hash_lists_where(&k, number, &line), &k.list[0]); /* the first that named it */
    assert_int_equal(line, 2);
    assert_true(digest_parse(STR(SHA1_ABC), &kind, bytes));
    assert_true(digest_set_find(k.set, kind, bytes, &number));
    assert_ptr_equal(hash_lists_where(&k, number, &line), &k.list[1]);
    assert_int_equal(line, 2);
    hash_lists_done(&k);
}

static void empty_files_are_not_wanted(void **state)
{
    (void)state;
    struct hash_lists k;
    assert_int_equal(hash_lists_init(&k), OK);
    k.refuse_empty = true;
    feed(&k, MD5_EMPTY "\n" SHA1_EMPTY "\n" SHA256_EMPTY "\n" MD5_ABC "\n", 100);
    feed(&k, "md5,sha256\n" MD5_EMPTY "," SHA256_EMPTY "\n" MD5_ABC ",\n", 100);
    assert_int_equal(hash_lists_build(&k), OK);
    assert_int_equal(k.list[0].bad_lines, 3);
    assert_int_equal(k.list[0].digests, 1);
    assert_int_equal(k.list[1].bad_lines, 2);
    assert_int_equal(k.list[1].digests, 1);
    assert_int_equal(line_of(&k, MD5_EMPTY), 0);
    assert_int_equal(line_of(&k, MD5_ABC), 4);
    hash_lists_done(&k);
}

static void names_the_first_bad_lines_and_counts_all(void **state)
{
    (void)state;
    struct hash_lists k;
    struct buf text;
    buf_init(&text, 1 << 20);
    for (int i = 0; i < 100; i++)
        buf_puts(&text, i % 2 ? "broken\n" : MD5_ABC "\n");
    for (int i = 0; i < HASH_LIST_LINE_BYTES + 10; i++)
        buf_putc(&text, 'x');
    buf_puts(&text, "\n" SHA1_ABC "\n");
    buf_putc(&text, 0);
    for (size_t piece = 1000; piece < 200000; piece *= 150) {
        assert_int_equal(hash_lists_init(&k), OK);
        feed(&k, text.p, piece);
        assert_int_equal(hash_lists_build(&k), OK);
        assert_int_equal(k.list[0].bad_lines, 51);
        assert_int_equal(k.list[0].n_problems, HASH_LIST_MAX_PROBLEMS);
        assert_int_equal(k.list[0].problem[1].line, 4);
        assert_int_equal(line_of(&k, SHA1_ABC), 102);
        hash_lists_done(&k);
    }
    buf_done(&text);
}

/* ---- files ---- */

static char path[] = "/tmp/tocsin-hash-lists-XXXXXX";

static void write_file(const char *text, size_t times, bool packed)
{
    const size_t n = strlen(text);
    char *all = malloc(n * times + 4096), *to = malloc(n * times + 4096);
    assert_non_null(all);
    assert_non_null(to);
    for (size_t i = 0; i < times; i++)
        memcpy(all + i * n, text, n);
    struct isal_zstream z;
    isal_deflate_stateless_init(&z);
    z.gzip_flag = IGZIP_GZIP;
    z.end_of_stream = 1;
    z.next_in = (uint8_t *)all;
    z.avail_in = (uint32_t)(n * times);
    z.next_out = (uint8_t *)to;
    z.avail_out = (uint32_t)(n * times + 4096);
    if (packed)
        assert_int_equal(isal_deflate_stateless(&z), COMP_OK);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    const size_t out = packed ? z.total_out : n * times;
    assert_int_equal(fwrite(packed ? to : all, 1, out, f), out);
    assert_int_equal(fclose(f), 0);
    free(all);
    free(to);
}

static enum err read_file(size_t *ret_digests, struct error *error)
{
    struct hash_lists k;
    assert_int_equal(hash_lists_init(&k), OK);
    enum err rc = hash_lists_read(&k, str_of(path), error);
    *ret_digests = k.n_lists ? (size_t)k.list[0].digests : 0;
    hash_lists_done(&k);
    return rc;
}

static void reads_files(void **state)
{
    (void)state;
    struct error error;
    size_t digests;
    close(mkstemp(path));
    write_file(MD5_ABC "\n", 100000, false);
    assert_int_equal(read_file(&digests, &error), OK);
    assert_int_equal(digests, 100000);
    assert_false(hash_lists_fits(str_of(path))); /* small: as indicators */
    write_file(MD5_ABC "\n", 100000, true);
    assert_int_equal(read_file(&digests, &error), OK);
    assert_int_equal(digests, 100000);
    assert_true(hash_lists_fits(str_of(path))); /* packed: no reader of indicators unpacks */
    write_file("evil.example\n", 10, false);
    assert_int_equal(read_file(&digests, &error), ERR_FORMAT);
    assert_non_null(strstr(error.text, "holds no MD5"));
    write_file(SHA256_ABC "\n", 8 * 1024 * 1024 / 65 + 1, false);
    assert_true(hash_lists_fits(str_of(path)));
    write_file("evil.example\n" SHA256_ABC "\n", 8 * 1024 * 1024 / 70, false);
    assert_false(hash_lists_fits(str_of(path)));
    unlink(path);
    assert_int_equal(read_file(&digests, &error), ERR_NOT_FOUND);
    assert_false(hash_lists_fits(str_of(path)));
    assert_false(hash_lists_fits(STR("/tmp")));
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_false(hash_lists_fits(str_of(path))); /* nor does it wait for a writer */
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_people_write),
        cmocka_unit_test(reads_tables),
        cmocka_unit_test(lists_keep_their_own_lines),
        cmocka_unit_test(empty_files_are_not_wanted),
        cmocka_unit_test(names_the_first_bad_lines_and_counts_all),
        cmocka_unit_test(reads_files),
    };
    return cmocka_run_group_tests_name("hash_lists", tests, NULL, NULL);
}
