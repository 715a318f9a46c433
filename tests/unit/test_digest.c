#include "base/digest.h"
#include "base/digest_blocks.h"
#include "base/hash.h"
#include "unit.h"

#include <openssl/evp.h>

static uint64_t seed = 88172645463325252u;
static uint32_t random32(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed >> 16);
}

static void told(const struct digests *d, enum digest_kind kind, const char *want)
{
    char hex[2 * DIGEST_MAX_BYTES + 1];
    assert_true(d->kinds & 1u << kind);
    hex_of(d->bytes[kind], digest_bytes(kind), hex);
    assert_string_equal(hex, want);
}

/* As RFC 1321 and FIPS 180-4 print them. */
static void published_values(void **state)
{
    (void)state;
    struct digest *d;
    struct digests of;
    assert_int_equal(digest_new(DIGEST_ALL, &d), OK);
    digest_end(d, &of);
    told(&of, DIGEST_MD5, "d41d8cd98f00b204e9800998ecf8427e");
    told(&of, DIGEST_SHA1, "da39a3ee5e6b4b0d3255bfef95601890afd80709");
    told(&of, DIGEST_SHA256, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    digest_add(d, "abc", 3);
    digest_end(d, &of);
    told(&of, DIGEST_MD5, "900150983cd24fb0d6963f7d28e17f72");
    told(&of, DIGEST_SHA1, "a9993e364706816aba3e25717850c26c9cd0d89d");
    told(&of, DIGEST_SHA256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    digest_done(d);
}

static void library_says(enum digest_kind kind, const unsigned char *p, size_t n,
                         unsigned char ret[DIGEST_MAX_BYTES])
{
    const EVP_MD *md[] = {EVP_md5(), EVP_sha1(), EVP_sha256()};
    assert_int_equal(EVP_Digest(p, n, ret, NULL, md[kind], NULL), 1);
}

static void as_the_library(struct digest *d, unsigned kinds, const unsigned char *p, size_t n,
                           uint32_t most)
{
    struct digests of;
    unsigned char want[DIGEST_MAX_BYTES];
    for (size_t at = 0, piece; at < n; at += piece) {
        piece = random32() % most + 1;
        piece = piece < n - at ? piece : n - at;
        digest_add(d, p + at, piece);
        digest_add(d, p, 0);
    }
    digest_end(d, &of);
    assert_int_equal(of.kinds, kinds);
    for (enum digest_kind k = 0; k < DIGEST_KINDS; k++) {
        if (!(kinds & 1u << k))
            continue;
        library_says(k, p, n, want);
        if (memcmp(of.bytes[k], want, digest_bytes(k)) != 0)
            fail_msg("kinds %u, %zu bytes: %s is wrong", kinds, n, digest_name(k));
    }
}

enum { TEXT_BYTES = 70 * 1000 };

static void every_length_and_split(unsigned kinds)
{
    struct digest *d;
    unsigned char *p = malloc(TEXT_BYTES + 16);
    assert_non_null(p);
    for (size_t i = 0; i < TEXT_BYTES + 16; i++)
        p[i] = (unsigned char)random32();
    assert_int_equal(digest_new(kinds, &d), OK);
    for (size_t n = 0; n <= 3 * DIGEST_BLOCK; n++)
        for (uint32_t most = 1; most < 200; most *= 3)
            as_the_library(d, kinds, p + n % 16, n, most);
    for (int i = 0; i < 60; i++)
        as_the_library(d, kinds, p + i % 16, random32() % TEXT_BYTES, i % 2 ? 20000 : 700);
    digest_done(d);
    free(p);
}

static void agrees_with_the_library(void **state)
{
    (void)state;
    for (unsigned kinds = 1; kinds <= DIGEST_ALL; kinds++)
        every_length_and_split(kinds);
}

static void without_instructions_for_sha(void **state)
{
    (void)state;
    digest_blocks_forbid(true);
    assert_false(digest_blocks_can(DIGEST_ALL));
    for (unsigned kinds = 1; kinds <= DIGEST_ALL; kinds++)
        every_length_and_split(kinds);
    digest_blocks_forbid(false);
}

/* Carries in the length and between the words: a bit set anywhere changes every digest. */
static void long_runs_of_one_byte(void **state)
{
    (void)state;
    struct digest *d;
    unsigned char *p = malloc(TEXT_BYTES);
    assert_non_null(p);
    assert_int_equal(digest_new(DIGEST_ALL, &d), OK);
    for (int byte = 0; byte < 256; byte += 51) {
        memset(p, byte, TEXT_BYTES);
        as_the_library(d, DIGEST_ALL, p, TEXT_BYTES, TEXT_BYTES);
    }
    digest_done(d);
    free(p);
}

static void kinds_can_change_between_inputs(void **state)
{
    (void)state;
    struct digest *d;
    unsigned char p[1000];
    memset(p, 7, sizeof p);
    assert_int_equal(digest_new(0, &d), OK);
    for (unsigned kinds = 0; kinds <= DIGEST_ALL; kinds++) {
        assert_int_equal(digest_want(d, kinds), OK);
        as_the_library(d, kinds, p, sizeof p, 300);
    }
    digest_done(d);
}

static void reads_digests(void **state)
{
    (void)state;
    enum digest_kind kind;
    unsigned char bytes[DIGEST_MAX_BYTES];
    assert_true(digest_parse(STR("D41D8CD98F00B204E9800998ecf8427e"), &kind, bytes));
    assert_int_equal(kind, DIGEST_MD5);
    assert_int_equal(bytes[0], 0xd4);
    assert_int_equal(bytes[15], 0x7e);
    assert_true(digest_parse(STR("da39a3ee5e6b4b0d3255bfef95601890afd80709"), &kind, bytes));
    assert_int_equal(kind, DIGEST_SHA1);
    assert_false(digest_parse(STR("d41d8cd98f00b204e9800998ecf8427"), &kind, bytes));
    assert_false(digest_parse(STR("g41d8cd98f00b204e9800998ecf8427e"), &kind, bytes));
    assert_false(digest_parse(STR("d41d8cd98f00b204e9800998ecf8427 "), &kind, bytes));
    assert_false(digest_parse(STR_NONE, &kind, bytes));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_values),
        cmocka_unit_test(agrees_with_the_library),
        cmocka_unit_test(without_instructions_for_sha),
        cmocka_unit_test(long_runs_of_one_byte),
        cmocka_unit_test(kinds_can_change_between_inputs),
        cmocka_unit_test(reads_digests),
    };
    return cmocka_run_group_tests_name("digest", tests, NULL, NULL);
}
