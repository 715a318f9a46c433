/* digest.h — MD5, SHA-1 and SHA-256 of one stream, in one pass over it.
 *
 * What:   only the kinds asked for are computed. Where the processor has instructions for SHA, the
 *         three run in one loop, so that all of them take little longer than MD5 alone.
 * Input:  anything.
 * Limits: none.
 * Owner:  struct digest is freed by digest_done.
 * Spec:   RFC 1321, FIPS 180-4; docs/internals/BASE.md
 *
 * MD5 and SHA-1 are for lists of other programs that name files by them; nothing here trusts
 * them. */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include "base/err.h"
#include "base/str.h"

/* In order of length; a set of kinds is the sum of 1 << kind. */
enum digest_kind { DIGEST_MD5, DIGEST_SHA1, DIGEST_SHA256, DIGEST_KINDS };
enum {
    DIGEST_MD5_ALSO = 1 << DIGEST_MD5,
    DIGEST_SHA1_ALSO = 1 << DIGEST_SHA1,
    DIGEST_SHA256_ALSO = 1 << DIGEST_SHA256,
    DIGEST_ALL = DIGEST_MD5_ALSO | DIGEST_SHA1_ALSO | DIGEST_SHA256_ALSO,
    DIGEST_MAX_BYTES = 32,
};

/* 16, 20, 32. */
size_t digest_bytes(enum digest_kind kind);
/* "MD5", "SHA-1", "SHA-256". */
const char *digest_name(enum digest_kind kind);
/* From 32, 40 or 64 hexadecimal digits; false for anything else. */
bool digest_parse(struct str hex, enum digest_kind *ret_kind,
                  unsigned char ret_bytes[DIGEST_MAX_BYTES]);

struct digests {
    unsigned kinds;                                      /* those that are filled in */
    unsigned char bytes[DIGEST_KINDS][DIGEST_MAX_BYTES]; /* digest_bytes(kind) of each */
};

struct digest;
/* Make one before a sandbox closes: libcrypto looks up its methods once. kinds: a sum of
 * DIGEST_*_ALSO. */
MUST_CHECK enum err digest_new(unsigned kinds, struct digest **ret_digest);
void digest_add(struct digest *d, const void *p, size_t n);
/* Tells the digests and makes the state ready for the next input. */
void digest_end(struct digest *d, struct digests *ret_digests);
/* Other kinds from the next input on: between digest_end (or digest_new) and digest_add alone. */
MUST_CHECK enum err digest_want(struct digest *d, unsigned kinds);
void digest_done(struct digest *d);

#endif
