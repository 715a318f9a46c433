#include "base/hash.h"
#include "unit.h"

/* FIPS 180-4 example values, as NIST publishes them. */
static const char abc_hex[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
static const char empty_hex[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

static void digests(void **state)
{
    (void)state;
    unsigned char digest[SHA256_BYTES];
    char hex[SHA256_HEX + 1];
    sha256_of(STR("abc"), digest);
    hex_of(digest, sizeof digest, hex);
    assert_string_equal(hex, abc_hex);
    sha256_of(STR_NONE, digest);
    hex_of(digest, sizeof digest, hex);
    assert_string_equal(hex, empty_hex);
}

static void streams_and_starts_again(void **state)
{
    (void)state;
    struct sha256 h;
    unsigned char digest[SHA256_BYTES];
    char hex[SHA256_HEX + 1];
    assert_int_equal(sha256_init(&h), OK);
    for (int round = 0; round < 2; round++) {
        sha256_add(&h, "a", 1);
        sha256_add(&h, "", 0);
        sha256_add(&h, "bc", 2);
        sha256_end(&h, digest);
        hex_of(digest, sizeof digest, hex);
        assert_string_equal(hex, abc_hex);
    }
    sha256_done(&h);
}

static void the_fast_hash_tells_texts_apart(void **state)
{
    (void)state;
    char zeros[64] = {0};
    assert_true(hash64(STR("abc"), 1) == hash64(STR("abc"), 1));
    assert_true(hash64(STR("abc"), 1) != hash64(STR("abc"), 2));
    assert_true(hash64(STR("abc"), 1) != hash64(STR("abd"), 1));
    for (size_t a = 0; a < sizeof zeros; a++)
        for (size_t b = 0; b < a; b++)
            assert_true(hash64(str_make(zeros, a), 7) != hash64(str_make(zeros, b), 7));
}

/* RFC 4231, test cases 2 and 6. */
static void knows_who_has_the_key(void **state)
{
    (void)state;
    unsigned char digest[SHA256_BYTES];
    char hex[SHA256_HEX + 1], key[131];
    assert_int_equal(hmac_sha256(STR("Jefe"), STR("what do ya want for nothing?"), digest), OK);
    hex_of(digest, sizeof digest, hex);
    assert_string_equal(hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    memset(key, 0xaa, sizeof key);
    assert_int_equal(hmac_sha256(str_make(key, sizeof key),
                                 STR("Test Using Larger Than Block-Size Key - Hash Key First"),
                                 digest),
                     OK);
    hex_of(digest, sizeof digest, hex);
    assert_string_equal(hex, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digests),
        cmocka_unit_test(streams_and_starts_again),
        cmocka_unit_test(knows_who_has_the_key),
        cmocka_unit_test(the_fast_hash_tells_texts_apart),
    };
    return cmocka_run_group_tests_name("hash", tests, NULL, NULL);
}
