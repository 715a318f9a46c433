#include "base/digest.h"

#include "base/digest_blocks.h"

#include <openssl/evp.h>
#include <stdlib.h>

/* Without instructions for SHA, a piece that stays in the nearest cache while one kind after the
 * other goes over it. */
enum { PIECE_BYTES = 16 * 1024 };

struct digest {
    unsigned kinds;
    bool woven; /* by base/digest_blocks.h, else by libcrypto */
    struct digest_words words;
    unsigned char rest[2 * DIGEST_BLOCK]; /* of the last block; room to end it */
    uint64_t n_bytes;
    EVP_MD_CTX *ctx[DIGEST_KINDS];
};

size_t digest_bytes(enum digest_kind kind)
{
    static const unsigned char bytes[DIGEST_KINDS] = {16, 20, 32};
    return bytes[kind];
}

const char *digest_name(enum digest_kind kind)
{
    static const char *const name[DIGEST_KINDS] = {"MD5", "SHA-1", "SHA-256"};
    return name[kind];
}

/* 1 + the value of a hexadecimal digit; 0 for anything else. Lists have hundreds of millions. */
static const unsigned char hex_digit[256] = {
    ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
    ['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
    ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

bool digest_parse(struct str hex, enum digest_kind *ret_kind,
                  unsigned char ret_bytes[DIGEST_MAX_BYTES])
{
    enum digest_kind kind = DIGEST_MD5;
    while (kind < DIGEST_KINDS && hex.n != 2 * digest_bytes(kind))
        kind++;
    if (kind == DIGEST_KINDS)
        return false;
    unsigned all = 1;
    for (size_t i = 0; i < hex.n; i += 2) {
        unsigned high = hex_digit[(unsigned char)hex.p[i]];
        unsigned low = hex_digit[(unsigned char)hex.p[i + 1]];
        all &= (high != 0) & (low != 0);
        ret_bytes[i / 2] = (unsigned char)((high - 1) << 4 | (low - 1));
    }
    if (!all)
        return false;
    *ret_kind = kind;
    return true;
}

/* ---- libcrypto ---- */

static const EVP_MD *method(enum digest_kind kind)
{
    static const EVP_MD *found[DIGEST_KINDS]; /* looking them up takes long, see base/hash.c */
    static const char *const name[DIGEST_KINDS] = {"MD5", "SHA1", "SHA256"};
    if (!found[kind])
        found[kind] = EVP_MD_fetch(NULL, name[kind], NULL);
    return found[kind];
}

static enum err start_library(struct digest *d)
{
    for (enum digest_kind k = 0; k < DIGEST_KINDS; k++) {
        if (!(d->kinds & 1u << k))
            continue;
        if (!d->ctx[k] && !(d->ctx[k] = EVP_MD_CTX_new()))
            return ERR_NOMEM;
        if (!method(k) || EVP_DigestInit_ex(d->ctx[k], method(k), NULL) != 1)
            return ERR_UNSUPPORTED; /* a library that is told to refuse MD5 */
    }
    return OK;
}

static void add_library(struct digest *d, const unsigned char *p, size_t n)
{
    while (n) {
        size_t piece = n < PIECE_BYTES ? n : PIECE_BYTES;
        for (enum digest_kind k = 0; k < DIGEST_KINDS; k++)
            if (d->kinds & 1u << k)
                (void)EVP_DigestUpdate(d->ctx[k], p, piece);
        p += piece;
        n -= piece;
    }
}

/* ---- woven ---- */

static void add_woven(struct digest *d, const unsigned char *p, size_t n)
{
    size_t have = d->n_bytes % DIGEST_BLOCK;
    d->n_bytes += n;
    if (have) {
        size_t room = DIGEST_BLOCK - have, take = n < room ? n : room;
        memcpy(d->rest + have, p, take);
        if (take < room)
            return;
        digest_blocks_add(&d->words, d->kinds, d->rest, 1);
        p += take;
        n -= take;
    }
    digest_blocks_add(&d->words, d->kinds, p, n / DIGEST_BLOCK);
    memcpy(d->rest, p + n / DIGEST_BLOCK * DIGEST_BLOCK, n % DIGEST_BLOCK);
}

/* One bit, zeros and the length in bits: MD5 writes it with the low byte first, SHA the high one.
 */
static void end_one(struct digest *d, enum digest_kind kind)
{
    size_t have = d->n_bytes % DIGEST_BLOCK;
    size_t blocks = have < DIGEST_BLOCK - 8 ? 1 : 2;
    unsigned char end[sizeof d->rest] = {0};
    memcpy(end, d->rest, have);
    end[have] = 0x80;
    for (size_t i = 0; i < 8; i++) {
        size_t shift = 8 * (kind == DIGEST_MD5 ? i : 7 - i);
        end[blocks * DIGEST_BLOCK - 8 + i] = (unsigned char)(d->n_bytes * 8 >> shift);
    }
    digest_blocks_add(&d->words, d->kinds, end, blocks);
}

static void tell_words(const uint32_t *word, size_t n, bool low_first, unsigned char *ret)
{
    for (size_t i = 0; i < 4 * n; i++)
        ret[i] = (unsigned char)(word[i / 4] >> 8 * (low_first ? i % 4 : 3 - i % 4));
}

static void end_woven(struct digest *d, struct digests *ret)
{
    const struct digest_words before = d->words;
    if (d->kinds & DIGEST_MD5_ALSO) {
        end_one(d, DIGEST_MD5);
        tell_words(d->words.md5, 4, true, ret->bytes[DIGEST_MD5]);
    }
    d->words = before;
    end_one(d, DIGEST_SHA256);
    tell_words(d->words.sha1, 5, false, ret->bytes[DIGEST_SHA1]);
    tell_words(d->words.sha256, 8, false, ret->bytes[DIGEST_SHA256]);
}

/* ---- */

static enum err start(struct digest *d)
{
    d->woven = digest_blocks_can(d->kinds);
    d->n_bytes = 0;
    digest_blocks_start(&d->words);
    return d->woven ? OK : start_library(d);
}

enum err digest_new(unsigned kinds, struct digest **ret_digest)
{
    struct digest *d = calloc(1, sizeof *d);
    *ret_digest = d;
    if (!d)
        return ERR_NOMEM;
    d->kinds = kinds & DIGEST_ALL;
    enum err rc = start(d);
    if (rc) {
        digest_done(d);
        *ret_digest = NULL;
    }
    return rc;
}

void digest_add(struct digest *d, const void *p, size_t n)
{
    if (n == 0)
        return;
    if (d->woven)
        add_woven(d, p, n);
    else
        add_library(d, p, n);
}

void digest_end(struct digest *d, struct digests *ret_digests)
{
    *ret_digests = (struct digests){.kinds = d->kinds};
    if (d->woven) {
        end_woven(d, ret_digests);
    } else {
        for (enum digest_kind k = 0; k < DIGEST_KINDS; k++)
            if (d->kinds & 1u << k)
                (void)EVP_DigestFinal_ex(d->ctx[k], ret_digests->bytes[k], NULL);
    }
    (void)start(d);
}

enum err digest_want(struct digest *d, unsigned kinds)
{
    d->kinds = kinds & DIGEST_ALL;
    return start(d);
}

void digest_done(struct digest *d)
{
    if (!d)
        return;
    for (enum digest_kind k = 0; k < DIGEST_KINDS; k++)
        EVP_MD_CTX_free(d->ctx[k]);
    free(d);
}
