/* digest_blocks.h — several digests over the same blocks at once, with the processor's SHA.
 *
 * What:   the compression functions of MD5, SHA-1 and SHA-256, woven into one loop; private to
 *         base/digest.c.
 * Input:  whole blocks of 64 bytes.
 * Limits: none.
 * Owner:  the caller owns everything.
 * Spec:   RFC 1321, FIPS 180-4
 */
#ifndef BASE_DIGEST_BLOCKS_H
#define BASE_DIGEST_BLOCKS_H

#include "base/digest.h"

enum { DIGEST_BLOCK = 64 };

struct digest_words {
    uint32_t md5[4], sha1[5], sha256[8];
};

/* Are there two or three of them, and can this processor do it? Asked at run time. */
bool digest_blocks_can(unsigned kinds);
/* From now on it says no: tests want the other way as well. */
void digest_blocks_forbid(bool forbid);
void digest_blocks_start(struct digest_words *w);
/* Of what digest_blocks_can(kinds) says yes to. */
void digest_blocks_add(struct digest_words *w, unsigned kinds, const unsigned char *p,
                       size_t n_blocks);

#endif
