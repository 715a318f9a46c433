/* Published addresses and vectors, and the same with one character changed. */
#include "base/buf.h"
#include "unit.h"
#include "watch/checksum.h"

static void one_change_breaks(bool (*valid)(struct str), const char *good)
{
    char bad[128];
    struct str s = str_of(good);
    if (!valid(s))
        fail_msg("'%s' is valid", good);
    for (size_t i = 4; i < s.n; i += 3) {
        memcpy(bad, s.p, s.n);
        bad[i] = bad[i] == '2' ? '3' : '2';
        if (valid(str_make(bad, s.n)))
            fail_msg("'%.*s' is not valid", (int)s.n, bad);
    }
    assert_false(valid(str_sub(s, 0, s.n - 1)));
}

static void bitcoin(void **state)
{
    (void)state;
    one_change_breaks(btc_base58_valid, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa");
    one_change_breaks(btc_base58_valid, "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy");
    one_change_breaks(btc_bech32_valid, "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4");
    assert_true(btc_bech32_valid(STR("BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4")));
    assert_false(btc_bech32_valid(STR("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3T4")));
    assert_true(
        btc_bech32_valid(STR("bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0")));
}

static void ethereum(void **state)
{
    (void)state;
    assert_true(eth_valid(STR("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"))); /* EIP-55 */
    assert_true(eth_valid(STR("0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359")));
    assert_false(eth_valid(STR("0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed")));
    assert_true(eth_valid(STR("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed")));
    assert_false(eth_valid(STR("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beae")));
}

static void monero(void **state)
{
    (void)state;
    one_change_breaks(xmr_valid, "44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSs"
                                 "aBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3A");
}

static void onion(void **state)
{
    (void)state;
    one_change_breaks(onion_valid, "duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad");
    assert_true(onion_valid(STR("igvmwp3544wpnd6u")));
    assert_false(onion_valid(STR("igvmwp3544wpnd60")));
}

static void hex_of(struct str text, unsigned char pad, const char *want)
{
    unsigned char hash[KECCAK_BYTES];
    struct buf b;
    buf_init(&b, 128);
    keccak256(text, pad, hash);
    for (size_t i = 0; i < sizeof hash; i++)
        buf_printf(&b, "%02x", hash[i]);
    assert_str(buf_view(&b), want);
    buf_done(&b);
}

static void keccak(void **state)
{
    (void)state;
    hex_of(STR(""), 0x01, "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
    hex_of(STR("abc"), 0x06, "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532");
}

static void tox(void **state)
{
    char id[77] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef000000000000";
    (void)state;
    assert_true(tox_valid(str_make(id, 76))); /* every pair twice: their sum is nothing */
    id[5] = '0';
    assert_false(tox_valid(str_make(id, 76)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bitcoin), cmocka_unit_test(ethereum), cmocka_unit_test(monero),
        cmocka_unit_test(onion),   cmocka_unit_test(keccak),   cmocka_unit_test(tox),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
