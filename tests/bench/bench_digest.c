/* What digests of a stream cost: each kind alone, one after the other, and in one pass. */
#include "base/digest.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { BYTES = 64 * 1024 * 1024, PIECE = 128 * 1024, ROUNDS = 7 };

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t); /* others may be at work on the machine */
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void library(const unsigned char *p, const char *const *name, size_t n, size_t piece)
{
    EVP_MD_CTX *ctx[3];
    unsigned char digest[32];
    for (size_t k = 0; k < n; k++) {
        ctx[k] = EVP_MD_CTX_new();
        (void)EVP_DigestInit_ex(ctx[k], EVP_get_digestbyname(name[k]), NULL);
    }
    for (size_t at = 0; at < BYTES; at += piece)
        for (size_t k = 0; k < n; k++)
            (void)EVP_DigestUpdate(ctx[k], p + at, piece);
    for (size_t k = 0; k < n; k++) {
        (void)EVP_DigestFinal_ex(ctx[k], digest, NULL);
        EVP_MD_CTX_free(ctx[k]);
    }
}

static void own(const unsigned char *p, unsigned kinds)
{
    struct digest *d;
    struct digests told;
    if (digest_new(kinds, &d))
        exit(1);
    for (size_t at = 0; at < BYTES; at += PIECE)
        digest_add(d, p + at, PIECE);
    digest_end(d, &told);
    digest_done(d);
}

static const char *const names[] = {"MD5", "SHA1", "SHA256"};

static void run(int what, const unsigned char *p)
{
    if (what < 3)
        library(p, names + what, 1, PIECE);
    else if (what == 3)
        library(p, names, 3, PIECE);
    else if (what == 4)
        library(p, names, 3, 16 * 1024);
    else
        own(p,
            (unsigned[]){DIGEST_ALL, DIGEST_SHA1_ALSO | DIGEST_SHA256_ALSO,
                         DIGEST_MD5_ALSO | DIGEST_SHA1_ALSO, DIGEST_MD5_ALSO | DIGEST_SHA256_ALSO,
                         DIGEST_MD5_ALSO, DIGEST_SHA256_ALSO}[what - 5]);
}

int main(void)
{
    static const char *const what[] = {"libcrypto, MD5 alone",
                                       "libcrypto, SHA-1 alone",
                                       "libcrypto, SHA-256 alone",
                                       "libcrypto, the three in turn, 128 KiB",
                                       "libcrypto, the three in turn, 16 KiB",
                                       "digest, all three in one pass",
                                       "digest, SHA-1 and SHA-256",
                                       "digest, MD5 and SHA-1",
                                       "digest, MD5 and SHA-256",
                                       "digest, MD5 alone",
                                       "digest, SHA-256 alone"};
    double best[ARRAY_LEN(what)] = {0};
    unsigned char *p = malloc(BYTES);
    if (!p)
        return 1;
    for (size_t i = 0; i < BYTES; i++)
        p[i] = (unsigned char)(i * 2654435761u >> 13);
    for (int round = 0; round < ROUNDS; round++)
        for (size_t i = 0; i < ARRAY_LEN(what); i++) {
            double from = now_s();
            run((int)i, p);
            double rate = BYTES / 1e6 / (now_s() - from);
            best[i] = rate > best[i] ? rate : best[i];
        }
    for (size_t i = 0; i < ARRAY_LEN(what); i++)
        printf("%-40s %6.0f MB/s\n", what[i], best[i]);
    free(p);
    return 0;
}
