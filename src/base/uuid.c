#include "base/uuid.h"

#include "base/hash.h"

#include <openssl/evp.h>

/* SHA-1, as the standard wants it; nothing rests on its strength. */
static enum err digest(const unsigned char *namespace, struct str name, unsigned char *ret_digest)
{
    unsigned int n = 0;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok = ctx && EVP_DigestInit_ex(ctx, EVP_sha1(), NULL) == 1 &&
              EVP_DigestUpdate(ctx, namespace, UUID_BYTES) == 1 &&
              EVP_DigestUpdate(ctx, name.p ? name.p : "", name.n) == 1 &&
              EVP_DigestFinal_ex(ctx, ret_digest, &n) == 1;
    EVP_MD_CTX_free(ctx);
    return ok ? OK : ERR_NOMEM;
}

enum err uuid5(const unsigned char namespace[UUID_BYTES], struct str name,
               char ret_text[UUID_TEXT_BYTES])
{
    unsigned char d[EVP_MAX_MD_SIZE];
    char hex[2 * UUID_BYTES + 1];
    TRY(digest(namespace, name, d));
    d[6] = (unsigned char)((d[6] & 0x0f) | 0x50); /* version 5 */
    d[8] = (unsigned char)((d[8] & 0x3f) | 0x80); /* the variant of the RFC */
    hex_of(d, UUID_BYTES, hex);
    char *to = ret_text;
    for (size_t i = 0; i < 2 * UUID_BYTES; i++) {
        if (i == 8 || i == 12 || i == 16 || i == 20)
            *to++ = '-';
        *to++ = hex[i];
    }
    *to = 0;
    return OK;
}
