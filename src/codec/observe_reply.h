/* observe_reply.h — what one answer of a web server tells of its build.
 *
 * What:   headers and body, however they were saved, to builds with how exact each is; the name
 *         that the server gives itself; when it answered.
 * Input:  hostile. A server that lies about its build is believed: nobody else knows it.
 * Limits: REPLY_BUILDS different builds an answer; further ones are left out.
 * Owner:  a plain struct, no memory of its own.
 * Spec:   docs/reference/exposure.md, "Saved answers of web servers"; RFC 9110 5.6.7 (dates)
 */
#ifndef CODEC_OBSERVE_REPLY_H
#define CODEC_OBSERVE_REPLY_H

#include "codec/observe_priv.h"

enum {
    REPLY_BUILDS = 8,
    REPLY_NAME_BYTES = 256,
    /* What tells a build is shorter. Whoever hands a body over in pieces begins each piece so many
     * bytes before the end of the last one. */
    REPLY_OVERLAP = 1024,
};

struct reply {
    struct reply_build {
        struct build build;
        enum precision precision;
        bool shown;          /* see struct observation */
        const char *product; /* NULL: the build tells it */
        uint64_t line;
    } found[REPLY_BUILDS];
    size_t n;
    int64_t time_us; /* TIME_NONE */
    char front[REPLY_NAME_BYTES];
    size_t front_n; /* the server that answered, as it calls itself; 0: it does not */
    bool packed;    /* its body is not as the server wrote it */
};

void reply_start(struct reply *p);
void reply_header(struct reply *p, struct str name, struct str value, uint64_t line);
/* line: of the first byte; 0 if lines mean nothing. */
void reply_body(struct reply *p, struct str text, uint64_t line);
/* One observation for each build, unless a more exact one says the same. */
MUST_CHECK enum err reply_give(struct observe_reader *r, const struct reply *p, struct str host,
                               int64_t time_us);

static inline struct str reply_front(const struct reply *p)
{
    return str_make(p->front, p->front_n);
}

/* The host of "https://user@host:8443/path", "host:8443", "[2001:db8::1]:443/"; "" if there is
 * none. */
struct str reply_host(struct str address);

#endif
