#include "watch/checksum.h"

#include "base/hash.h"

enum { KECCAK_RATE = 136 };

static uint64_t rotate(uint64_t v, unsigned by)
{
    return by ? v << by | v >> (64 - by) : v;
}

static void keccak_f(uint64_t a[25])
{
    static const uint64_t constant[24] = {
        0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000,
        0x000000000000808b, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
        0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
        0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003,
        0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
        0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008};
    static const uint8_t turn[25] = {0,  1,  62, 28, 27, 36, 44, 6,  55, 20, 3,  10, 43,
                                     25, 39, 41, 45, 15, 21, 8,  18, 2,  61, 56, 14};
    for (int round = 0; round < 24; round++) {
        uint64_t c[5], b[25];
        for (int x = 0; x < 5; x++)
            c[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
        for (int i = 0; i < 25; i++)
            a[i] ^= c[(i + 4) % 5] ^ rotate(c[(i + 1) % 5], 1);
        for (int y = 0; y < 5; y++)
            for (int x = 0; x < 5; x++)
                b[y + 5 * ((2 * x + 3 * y) % 5)] = rotate(a[x + 5 * y], turn[x + 5 * y]);
        for (int y = 0; y < 25; y += 5)
            for (int x = 0; x < 5; x++)
                a[x + y] = b[x + y] ^ (~b[(x + 1) % 5 + y] & b[(x + 2) % 5 + y]);
        a[0] ^= constant[round];
    }
}

static void xor_byte(uint64_t a[25], size_t at, unsigned char c)
{
    a[at / 8] ^= (uint64_t)c << (8 * (at % 8));
}

void keccak256(struct str text, unsigned char pad, unsigned char out[KECCAK_BYTES])
{
    uint64_t a[25] = {0};
    size_t at = 0;
    for (size_t i = 0; i < text.n; i++) {
        xor_byte(a, at++, (unsigned char)text.p[i]);
        if (at == KECCAK_RATE) {
            keccak_f(a);
            at = 0;
        }
    }
    xor_byte(a, at, pad);
    xor_byte(a, KECCAK_RATE - 1, 0x80);
    keccak_f(a);
    for (size_t i = 0; i < KECCAK_BYTES; i++)
        out[i] = (unsigned char)(a[i / 8] >> (8 * (i % 8)));
}

static int base58_digit(char c)
{
    static const char alphabet[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    const char *at = c ? strchr(alphabet, c) : NULL;
    return at ? (int)(at - alphabet) : -1;
}

/* s as a number of n bytes, big end first; false if it does not fit. */
static bool base58(struct str s, unsigned char *out, size_t n)
{
    memset(out, 0, n);
    for (size_t i = 0; i < s.n; i++) {
        int carry = base58_digit(s.p[i]);
        if (carry < 0)
            return false;
        for (size_t k = n; k-- > 0;) {
            carry += out[k] * 58;
            out[k] = (unsigned char)carry;
            carry >>= 8;
        }
        if (carry)
            return false;
    }
    return true;
}

bool btc_base58_valid(struct str s)
{
    unsigned char raw[25], once[SHA256_BYTES], twice[SHA256_BYTES];
    if (s.n < 26 || s.n > 35 || !base58(s, raw, sizeof raw) || (raw[0] != 0 && raw[0] != 5))
        return false;
    sha256_of(str_make((char *)raw, 21), once);
    sha256_of(str_make((char *)once, sizeof once), twice);
    return memcmp(raw + 21, twice, 4) == 0;
}

static uint32_t bech32_step(uint32_t sum, unsigned value)
{
    static const uint32_t generator[] = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd,
                                         0x2a1462b3};
    uint32_t top = sum >> 25;
    sum = (sum & 0x1ffffff) << 5 ^ value;
    for (unsigned i = 0; i < 5; i++)
        if (top >> i & 1)
            sum ^= generator[i];
    return sum;
}

bool btc_bech32_valid(struct str s)
{
    static const char alphabet[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    static const unsigned char prefix[] = {3, 3, 0, 2, 3}; /* "bc" spread out */
    uint32_t sum = 1;
    bool small = false, large = false;
    if (s.n < 14 || s.n > 90 || !str_istarts(s, STR("bc1")))
        return false;
    for (size_t i = 0; i < sizeof prefix; i++)
        sum = bech32_step(sum, prefix[i]);
    for (size_t i = 3; i < s.n; i++) {
        char low = (char)ascii_lower((unsigned char)s.p[i]);
        const char *at = low ? strchr(alphabet, low) : NULL;
        if (!at)
            return false;
        small |= s.p[i] >= 'a';
        large |= s.p[i] >= 'A' && s.p[i] <= 'Z';
        sum = bech32_step(sum, (unsigned)(at - alphabet));
    }
    /* Version 0 ends with Bech32, later ones with Bech32m. */
    bool version_0 = (s.p[3] | 32) == 'q';
    return !(small && large) && sum == (version_0 ? 1 : 0x2bc830a3);
}

bool eth_valid(struct str s)
{
    char low[40];
    unsigned char hash[KECCAK_BYTES];
    bool small = false, large = false, right = true;
    if (s.n != 42 || s.p[0] != '0' || (s.p[1] | 32) != 'x')
        return false;
    for (size_t i = 0; i < 40; i++)
        if (ascii_hex((unsigned char)s.p[2 + i]) < 0)
            return false;
    ascii_lower_all(low, s.p + 2, 40);
    keccak256(str_make(low, 40), 0x01, hash);
    for (size_t i = 0; i < 40; i++) {
        char c = s.p[2 + i];
        if (!ascii_alpha((unsigned char)c))
            continue;
        bool is_large = c < 'a';
        small |= !is_large;
        large |= is_large;
        right &= is_large == ((hash[i / 2] >> (i % 2 ? 0 : 4) & 15) >= 8);
    }
    return right || !small || !large;
}

/* Blocks of 11 characters stand for 8 bytes each, a shorter one for the rest. */
bool xmr_valid(struct str s)
{
    unsigned char raw[80], hash[KECCAK_BYTES];
    size_t n = 0, rest = 5; /* 69 bytes in all, or 77 with a payment id */
    if (s.n != 95 && s.n != 106)
        return false;
    size_t last = s.n % 11;
    for (size_t at = 0; at < s.n; at += 11) {
        bool whole = s.n - at >= 11;
        if (!base58(str_sub(s, at, at + (whole ? 11 : last)), raw + n, whole ? 8 : rest))
            return false;
        n += whole ? 8 : rest;
    }
    if (raw[0] != 18 && raw[0] != 19 && raw[0] != 42)
        return false;
    keccak256(str_make((char *)raw, n - 4), 0x01, hash);
    return memcmp(raw + n - 4, hash, 4) == 0;
}

static bool base32(struct str s, unsigned char *out)
{
    uint32_t bits = 0;
    unsigned n_bits = 0;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = ascii_lower((unsigned char)s.p[i]);
        if (!ascii_alpha(c) && (c < '2' || c > '7'))
            return false;
        bits = bits << 5 | (unsigned)(ascii_alpha(c) ? c - 'a' : c - '2' + 26);
        n_bits += 5;
        if (n_bits >= 8) {
            n_bits -= 8;
            *out++ = (unsigned char)(bits >> n_bits);
        }
    }
    return true;
}

bool onion_valid(struct str label)
{
    static const char salt[] = ".onion checksum";
    unsigned char raw[36], hash[KECCAK_BYTES];
    char text[15 + 32 + 1];
    if (label.n == 16)
        return base32(label, raw);
    if (label.n != 56 || !base32(label, raw) || raw[34] != 3)
        return false;
    memcpy(text, salt, 15);
    memcpy(text + 15, raw, 32);
    text[47] = (char)raw[34];
    keccak256(str_make(text, sizeof text), 0x06, hash);
    return raw[32] == hash[0] && raw[33] == hash[1];
}

bool tox_valid(struct str s)
{
    unsigned char sum[2] = {0};
    if (s.n != 76)
        return false;
    for (size_t i = 0; i < 76; i += 2) {
        int high = ascii_hex((unsigned char)s.p[i]), low = ascii_hex((unsigned char)s.p[i + 1]);
        if (high < 0 || low < 0)
            return false;
        sum[i / 2 % 2] ^= (unsigned char)(high << 4 | low);
    }
    return sum[0] == 0 && sum[1] == 0;
}
