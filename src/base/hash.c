#include "base/hash.h"

#include <limits.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

/* Looked up once: EVP_sha256() alone has the library look it up by name at each use, which takes
 * longer than to hash a short text. */
static const EVP_MD *sha256(void)
{
    static const EVP_MD *found;
    if (!found && !(found = EVP_MD_fetch(NULL, "SHA256", NULL)))
        return EVP_sha256();
    return found;
}

enum err sha256_init(struct sha256 *h)
{
    h->ctx = EVP_MD_CTX_new();
    if (!h->ctx || EVP_DigestInit_ex(h->ctx, sha256(), NULL) != 1)
        return ERR_NOMEM;
    return OK;
}

void sha256_add(struct sha256 *h, const void *p, size_t n)
{
    (void)EVP_DigestUpdate(h->ctx, p, n);
}

void sha256_end(struct sha256 *h, unsigned char ret_digest[SHA256_BYTES])
{
    unsigned int n = 0;
    (void)EVP_DigestFinal_ex(h->ctx, ret_digest, &n);
    (void)EVP_DigestInit_ex(h->ctx, sha256(), NULL);
}

void sha256_done(struct sha256 *h)
{
    EVP_MD_CTX_free(h->ctx);
    h->ctx = NULL;
}

void sha256_of(struct str s, unsigned char ret_digest[SHA256_BYTES])
{
    unsigned int n = 0;
    (void)EVP_Digest(s.p ? s.p : "", s.n, ret_digest, &n, sha256(), NULL);
}

bool md5_of(struct str s, unsigned char ret_digest[MD5_BYTES])
{
    unsigned int n = 0;
    return EVP_Digest(s.p ? s.p : "", s.n, ret_digest, &n, EVP_md5(), NULL) == 1;
}

enum err hmac_sha256(struct str key, struct str text, unsigned char ret_digest[SHA256_BYTES])
{
    unsigned int n = 0;
    if (key.n > INT_MAX)
        return ERR_LIMIT;
    return HMAC(sha256(), key.p ? key.p : "", (int)key.n,
                (const unsigned char *)(text.p ? text.p : ""), text.n, ret_digest, &n)
               ? OK
               : ERR_NOMEM;
}

void hex_of(const unsigned char *p, size_t n, char *ret_hex)
{
    for (size_t i = 0; i < n; i++) {
        ret_hex[2 * i] = "0123456789abcdef"[p[i] >> 4];
        ret_hex[2 * i + 1] = "0123456789abcdef"[p[i] & 15];
    }
    ret_hex[2 * n] = 0;
}

static uint64_t mix(uint64_t a, uint64_t b)
{
    unsigned __int128 m = (unsigned __int128)a * b;
    return (uint64_t)m ^ (uint64_t)(m >> 64);
}

uint64_t hash64(struct str s, uint64_t seed)
{
    uint64_t h = seed ^ 0x9e3779b97f4a7c15u;
    size_t i = 0;
    for (; i + 8 <= s.n; i += 8) {
        uint64_t w;
        memcpy(&w, s.p + i, 8);
        h = mix(h ^ w, 0xd6e8feb86659fd93u);
    }
    uint64_t w = 0;
    if (s.n > i)
        memcpy(&w, s.p + i, s.n - i);
    h = mix(h ^ w, 0xa0761d6478bd642fu);
    return mix(h ^ s.n, 0xe7037ed1a0b428dbu);
}
