#include "watch/checksum.h"
#include "watch/extract_priv.h"

enum { HASH_MAX = 128, WALLET_MAX = 106 };

static const struct {
    uint8_t digits;
    enum item_kind kind;
} lengths[] = {
    {32, ITEM_MD5},     {40, ITEM_SHA1}, {56, ITEM_SHA224}, {64, ITEM_SHA256},
    {66, ITEM_SESSION}, {76, ITEM_TOX},  {96, ITEM_SHA384}, {128, ITEM_SHA512},
};

static bool all_hex(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (ascii_hex((unsigned char)s.p[i]) < 0)
            return false;
    return true;
}

/* 32 zeros are a placeholder. */
static bool all_same(struct str s)
{
    for (size_t i = 1; i < s.n; i++)
        if (s.p[i] != s.p[0])
            return false;
    return true;
}

/* A version 1 TLSH is "T1" and 70 digits. */
static bool is_tlsh(struct str s)
{
    return s.n == 72 && str_starts(s, STR("T1")) && all_hex(str_sub(s, 2, s.n));
}

size_t read_hash(struct extractor *e, size_t i)
{
    size_t end = run_end(e, i, HASH_MAX + 1);
    struct str s = part(e, i, end);
    if (s.n < 32 || s.n > HASH_MAX)
        return 0;
    if (is_tlsh(s)) {
        put_value(e, s, 1);
        return tell_value(e, ITEM_TLSH, i, end);
    }
    for (size_t k = 0; k < ARRAY_LEN(lengths); k++) {
        if (lengths[k].digits != s.n || !all_hex(s) || all_same(s))
            continue;
        if (lengths[k].kind == ITEM_TOX && !tox_valid(s))
            return 0;
        if (lengths[k].kind == ITEM_SESSION && !str_starts(s, STR("05")))
            return 0;
        put_value(e, s, lengths[k].kind == ITEM_TOX ? 1 : -1);
        return tell_value(e, lengths[k].kind, i, end);
    }
    return 0;
}

size_t read_wallet(struct extractor *e, size_t i)
{
    size_t end = run_end(e, i, WALLET_MAX + 1);
    struct str s = part(e, i, end);
    if (s.n < 14 || s.n > WALLET_MAX)
        return 0;
    if (s.p[0] == '0' && eth_valid(s))
        return tell(e, ITEM_ETH, i, end, s, STR_NONE);
    if ((s.p[0] == '1' || s.p[0] == '3') && btc_base58_valid(s))
        return tell(e, ITEM_BTC, i, end, s, STR_NONE);
    if ((s.p[0] | 32) == 'b' && btc_bech32_valid(s)) {
        put_value(e, s, -1);
        return tell_value(e, ITEM_BTC, i, end);
    }
    return (s.p[0] == '4' || s.p[0] == '8') && xmr_valid(s) ? tell(e, ITEM_XMR, i, end, s, STR_NONE)
                                                            : 0;
}

static size_t base64_end(const struct extractor *e, size_t i, size_t max)
{
    size_t end = i;
    while (end < i + max && (alnum(at(e, end)) || at(e, end) == '+' || at(e, end) == '/'))
        end++;
    return end;
}

/* "96:abc...:def...": a block size of 3 times a power of two, two parts of Base64. */
size_t read_ssdeep(struct extractor *e, size_t i)
{
    uint64_t size;
    size_t first = digits_end(e, i, 11);
    if (at(e, first) != ':' || !str_u64(part(e, i, first), &size) || size % 3 || size == 0)
        return 0;
    size /= 3;
    size_t middle = base64_end(e, first + 1, 65);
    if ((size & (size - 1)) != 0 || at(e, middle) != ':' || middle < first + 7)
        return 0;
    size_t end = base64_end(e, middle + 1, 65);
    if (end < middle + 4 || end > middle + 65 || middle > first + 65)
        return 0;
    return tell(e, ITEM_SSDEEP, i, end, part(e, i, end), STR_NONE);
}
