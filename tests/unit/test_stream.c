#include "base/hash.h"
#include "codec/stream.h"
#include "os/io.h"
#include "unit.h"

#include <isa-l/igzip_lib.h>
#include <lzma.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zstd.h>

enum { TEXT_BYTES = 700 * 1000, PACKED_BYTES = 1024 * 1024 };
static char text[TEXT_BYTES], packed[PACKED_BYTES], got[TEXT_BYTES + 1];

static int file_of(const void *p, size_t n)
{
    int fd = memfd_create("test", MFD_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(io_write(fd, p, n), OK);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

static void add_to_hash(void *ctx, const char *p, size_t n)
{
    sha256_add(ctx, p, n);
}

/* Reads to the end or the damage, in pieces of an odd size. */
static enum err read_all(int fd, struct sha256 *hash, size_t *ret_n, struct error *error)
{
    struct stream *s;
    size_t n = 1;
    *ret_n = 0;
    struct stream_source source = {
        .fd = fd, .to = UINT64_MAX, .raw = hash ? add_to_hash : NULL, .look = hash};
    enum err rc = stream_open(&source, &s, error);
    if (rc)
        return rc;
    while (!rc && n && *ret_n < sizeof got) {
        size_t room = sizeof got - *ret_n;
        rc = stream_read(s, got + *ret_n, room < 10007 ? room : 10007, &n, error);
        *ret_n += n;
    }
    if (rc) { /* told again and again, never taken for an end */
        assert_int_equal(stream_read(s, got, 1, &n, NULL), rc);
        assert_int_equal(n, 0);
    }
    if (hash)
        assert_int_equal(stream_drain(s), OK);
    assert_null(stream_close(s));
    return rc;
}

static size_t pack_gzip(const void *p, size_t n)
{
    struct isal_zstream z;
    isal_deflate_init(&z);
    z.gzip_flag = IGZIP_GZIP;
    z.end_of_stream = 1;
    z.next_in = (uint8_t *)(uintptr_t)p;
    z.avail_in = (uint32_t)n;
    z.next_out = (uint8_t *)packed;
    z.avail_out = sizeof packed;
    assert_int_equal(isal_deflate(&z), COMP_OK);
    return z.total_out;
}

static size_t pack_zstd(const void *p, size_t n)
{
    size_t out = ZSTD_compress(packed, sizeof packed, p, n, 1);
    assert_false(ZSTD_isError(out));
    return out;
}

static size_t pack_xz(const void *p, size_t n)
{
    size_t out = 0;
    assert_int_equal(lzma_easy_buffer_encode(1, LZMA_CHECK_CRC64, NULL, p, n, (uint8_t *)packed,
                                             &out, sizeof packed),
                     LZMA_OK);
    return out;
}

static size_t (*const packers[])(const void *, size_t) = {pack_gzip, pack_zstd, pack_xz};

static void packed_text_comes_out_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(packers); i++) {
        size_t n, packed_n = packers[i](text, sizeof text);
        struct sha256 hash;
        unsigned char all[SHA256_BYTES], read[SHA256_BYTES];
        assert_int_equal(sha256_init(&hash), OK);
        int fd = file_of(packed, packed_n);
        assert_int_equal(read_all(fd, &hash, &n, NULL), OK);
        assert_int_equal(n, sizeof text);
        assert_memory_equal(got, text, n);
        sha256_end(&hash, read);
        sha256_of(str_make(packed, packed_n), all);
        assert_memory_equal(all, read, sizeof all);
        sha256_done(&hash);
        close(fd);
    }
}

static void members_and_frames_follow_one_another(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(packers); i++) {
        size_t n, one = packers[i](text, 1000);
        memcpy(packed + one, packed, one);
        int fd = file_of(packed, 2 * one);
        assert_int_equal(read_all(fd, NULL, &n, NULL), OK);
        assert_int_equal(n, 2000);
        assert_memory_equal(got + 1000, text, 1000);
        close(fd);
    }
}

/* Members end at every place relative to the ends of the reader's blocks. */
static void members_may_end_anywhere(void **state)
{
    (void)state;
    size_t one = pack_gzip(text, 1), n, all = 0, members = 0;
    static char many[PACKED_BYTES];
    for (; all + one < sizeof many; all += one, members++)
        memcpy(many + all, packed, one);
    for (size_t shift = 0; shift < one; shift++) {
        size_t first = pack_gzip(text, 100 + shift);
        memmove(packed + first, many, all - first);
        size_t whole = (all - first) / one;
        int fd = file_of(packed, first + whole * one);
        assert_int_equal(read_all(fd, NULL, &n, NULL), OK);
        assert_int_equal(n, 100 + shift + whole);
        close(fd);
    }
}

static void every_cut_is_told_and_keeps_what_came_before(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(packers); i++) {
        size_t n, last = 0, packed_n = packers[i](text, 100 * 1000);
        for (size_t cut = 7; cut < packed_n; cut += 1 + packed_n / 97) {
            struct error error = {0};
            int fd = file_of(packed, cut);
            assert_int_equal(read_all(fd, NULL, &n, &error), ERR_FORMAT);
            assert_true(n <= 100 * 1000);
            assert_memory_equal(got, text, n);
            assert_true(error.offset <= cut && error.text[0]);
            assert_true(n >= last);
            last = n;
            close(fd);
        }
    }
}

static void a_flipped_bit_is_damage(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(packers); i++) {
        size_t n, packed_n = packers[i](text, 50 * 1000);
        packed[packed_n / 2] ^= 0x10;
        int fd = file_of(packed, packed_n);
        enum err rc = read_all(fd, NULL, &n, NULL);
        /* zstd frames carry no checksum unless asked for: other text is all that can be seen. */
        assert_true(rc == ERR_FORMAT || (i == 1 && memcmp(got, text, n) != 0));
        close(fd);
    }
}

static void other_bytes_behind_gzip_are_told_and_zeros_are_not(void **state)
{
    (void)state;
    size_t n, packed_n = pack_gzip(text, 5000);
    memset(packed + packed_n, 0, 300);
    int fd = file_of(packed, packed_n + 300);
    assert_int_equal(read_all(fd, NULL, &n, NULL), OK);
    assert_int_equal(n, 5000);
    close(fd);
    memcpy(packed + packed_n, "tail", 4);
    fd = file_of(packed, packed_n + 4);
    assert_int_equal(read_all(fd, NULL, &n, NULL), ERR_FORMAT);
    assert_int_equal(n, 5000);
    close(fd);
}

static void a_bomb_ends_at_its_ratio(void **state)
{
    (void)state;
    /* A zstd frame of blocks of one repeated byte: 4 bytes for 128 KiB. */
    static const unsigned char head[] = {0x28, 0xb5, 0x2f, 0xfd, 0, 0x58},
                               block[] = {2, 0, 16, 'a'};
    enum { BLOCKS = 4096 };
    struct stream *s;
    struct error error;
    size_t n = 1;
    uint64_t all = 0;
    memcpy(packed, head, sizeof head);
    for (size_t i = 0; i < BLOCKS; i++)
        memcpy(packed + sizeof head + i * sizeof block, block, sizeof block);
    int fd = file_of(packed, sizeof head + BLOCKS * sizeof block);
    assert_int_equal(stream_open_fd(fd, &s, &error), OK);
    enum err rc = OK;
    while (!rc && n) {
        rc = stream_read(s, got, sizeof got, &n, &error);
        all += n;
    }
    assert_int_equal(rc, ERR_LIMIT);
    assert_true(all > STREAM_FREE_BYTES && all < STREAM_FREE_BYTES + 2 * sizeof got);
    (void)stream_close(s);
    close(fd);
}

static void utf16_and_marks(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        size_t n;
        const char *out;
    } cases[] = {
        {"\xff\xfe"
         "a\0b\0\xac\x20",
         8, "ab\xe2\x82\xac"},
        {"\xfe\xff\0a\0b", 6, "ab"},
        {"\xef\xbb\xbfxy", 5, "xy"},
        {"\xef\xbb\xbf", 3, ""},
        {"\xff\xfe"
         "a\0b",
         5, "a\xef\xbf\xbd"},
        {"", 0, ""},
        {"\x1f", 1, "\x1f"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        size_t n;
        int fd = file_of(cases[i].in, cases[i].n);
        assert_int_equal(read_all(fd, NULL, &n, NULL), OK);
        assert_str(str_make(got, n), cases[i].out);
        close(fd);
    }
}

static void segments_pipes_and_shared_descriptors(void **state)
{
    (void)state;
    struct stream *s;
    size_t n;
    int pipes[2], fd = file_of("0123456789", 10);
    struct stream_source middle = {.fd = fd, .from = 3, .to = 7};
    assert_int_equal(stream_open(&middle, &s, NULL), OK);
    assert_int_equal(stream_read(s, got, 100, &n, NULL), OK);
    assert_str(str_make(got, n), "3456");
    assert_int_equal(stream_read(s, got, 100, &n, NULL), OK);
    assert_int_equal(n, 0);
    (void)stream_close(s);
    /* A second reader of the same descriptor starts at the front too. */
    for (int i = 0; i < 2; i++) {
        assert_int_equal(read_all(fd, NULL, &n, NULL), OK);
        assert_str(str_make(got, n), "0123456789");
    }
    /* Somebody took the first line off: read on from there. */
    assert_int_equal(lseek(fd, 4, SEEK_SET), 4);
    assert_int_equal(read_all(fd, NULL, &n, NULL), OK);
    assert_str(str_make(got, n), "456789");
    close(fd);
    assert_int_equal(pipe(pipes), 0);
    assert_int_equal(io_write(pipes[1], "piped", 5), OK);
    close(pipes[1]);
    assert_int_equal(read_all(pipes[0], NULL, &n, NULL), OK);
    assert_str(str_make(got, n), "piped");
    close(pipes[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packed_text_comes_out_whole),
        cmocka_unit_test(members_and_frames_follow_one_another),
        cmocka_unit_test(members_may_end_anywhere),
        cmocka_unit_test(every_cut_is_told_and_keeps_what_came_before),
        cmocka_unit_test(a_flipped_bit_is_damage),
        cmocka_unit_test(other_bytes_behind_gzip_are_told_and_zeros_are_not),
        cmocka_unit_test(a_bomb_ends_at_its_ratio),
        cmocka_unit_test(utf16_and_marks),
        cmocka_unit_test(segments_pipes_and_shared_descriptors),
    };
    unsigned seed = 1; /* text that packs about as well as a log */
    for (size_t i = 0; i < sizeof text; i++) {
        seed = seed * 1103515245 + 12345;
        text[i] = (char)(seed >> 16 & 8 ? 'a' + (char)(seed >> 20 & 15) : ' ');
    }
    return cmocka_run_group_tests_name("stream", tests, NULL, NULL);
}
