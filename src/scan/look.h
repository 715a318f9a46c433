/* scan/look.h — what is kept of a file while its bytes go by: digest, size, and its text.
 *
 * What:   looks on as a stream is read (codec/stream.h): everything that asks about a file as a
 *         whole, whatever is in it, takes it from here once the stream has ended.
 * Input:  hostile bytes.
 * Limits: LOOK_BODY_BYTES of the content are kept.
 * Owner:  look_init/look_done; the body lives until the next look_begin.
 * Spec:   docs/internals/SCAN.md, "Files"
 */
#ifndef SCAN_LOOK_H
#define SCAN_LOOK_H

#include "base/digest.h"
#include "base/hash.h"
#include "codec/magic.h"
#include "codec/stream.h"
#include "scan/yara_set.h"

enum {
    LOOK_BODY_BYTES = 32 * 1024 * 1024, /* no script is longer; other formats tell by their start */
    LOOK_SPARE_BYTES = 1024 * 1024,     /* room that is kept from file to file */
};

struct look {
    struct digest *digest;
    bool hash;
    struct digests digests;      /* of the whole file; kinds == 0: not asked for, or cut */
    char sha256[SHA256_HEX + 1]; /* the same for people; "" */
    char *body;                  /* of the content: unpacked, as the file has it */
    size_t n, cap;
    bool watching;            /* this file, for rules of YARA */
    uint64_t bytes;           /* of the content */
    struct yara_watch *watch; /* NULL: no such rules */
    struct str type; /* codec/magic.h; known once the file was looked away from or has ended */
    bool keep;       /* body is wanted */
    bool lost;       /* no memory for it */
};

/* yara may be NULL, or have no rules. */
MUST_CHECK enum err look_init(struct look *l, const struct yara_set *yara);
void look_done(struct look *l);
/* A new file; kinds of digests (base/digest.h), 0: none. facts are borrowed; NULL: YARA's rules do
 * not ask about it. */
MUST_CHECK enum err look_begin(struct look *l, unsigned kinds, const struct yara_facts *facts);
/* Has the stream tell what it reads; as_it_is: the content is what stands in the file. */
void look_on(struct look *l, struct stream_source *source, bool as_it_is);
/* Bytes for the digest of what is not the file as it stands. */
void look_raw(void *look, const char *p, size_t n);
/* Nobody will ask for the body any more. */
void look_away(struct look *l);
/* The stream has ended; whole: by itself, so that the digest is the file's. */
void look_end(struct look *l, bool whole);
/* What is kept of the content; *ret_whole: that is all of it. */
struct str look_body(const struct look *l, bool *ret_whole);

#endif
