/* hash.h — SHA-256 for identity, a fast keyed 64-bit hash for tables.
 *
 * What:   streaming and one-shot SHA-256 (OpenSSL EVP), HMAC; hash64 for in-memory maps.
 * Input:  anything.
 * Limits: none.
 * Owner:  struct sha256 is freed by sha256_done.
 * Spec:   FIPS 180-4, RFC 2104.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/err.h"
#include "base/str.h"

enum { SHA256_BYTES = 32, SHA256_HEX = 64, MD5_BYTES = 16 };

struct sha256 {
    void *ctx; /* EVP_MD_CTX */
};

MUST_CHECK enum err sha256_init(struct sha256 *h);
void sha256_add(struct sha256 *h, const void *p, size_t n);
/* Writes the digest and makes the state ready for the next input. */
void sha256_end(struct sha256 *h, unsigned char ret_digest[SHA256_BYTES]);
void sha256_done(struct sha256 *h);
void sha256_of(struct str s, unsigned char ret_digest[SHA256_BYTES]);
/* For lists of other programs that want it; nothing here trusts it. false if the library refuses.
 */
bool md5_of(struct str s, unsigned char ret_digest[MD5_BYTES]);
/* Says that whoever wrote the text knows the key. ERR_NOMEM if the library refuses. */
MUST_CHECK enum err hmac_sha256(struct str key, struct str text,
                                unsigned char ret_digest[SHA256_BYTES]);
/* Lower-case hexadecimal, NUL-terminated. */
void hex_of(const unsigned char *p, size_t n, char *ret_hex);

/* Not cryptographic; the seed keeps an attacker from choosing collisions in advance. */
uint64_t hash64(struct str s, uint64_t seed);

#endif
