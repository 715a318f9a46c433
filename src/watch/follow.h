/* follow.h — fetches feeds over HTTP, those that are due.
 *
 * What:   conditional requests, at most FOLLOW_AT_ONCE at a time; a body is handed over as a sealed
 *         file in memory and is never looked into here. A feed that was not asked for long is due:
 *         catching up after a pause needs nothing else.
 * Input:  hostile servers: endless, slow, packed, cut and redirecting answers, names that lead to
 *         addresses inside.
 * Limits: the constants below; http and https only, never from https back to http; no address that
 *         is not public, unless allowed; no credentials, cookies, or proxy of the environment.
 * Owner:  follow_open/follow_close. A result and its descriptor live until the callback returns.
 * Spec:   RFC 9110 (13.1, 10.2.3); docs/internals/FOLLOW.md
 */
#ifndef WATCH_FOLLOW_H
#define WATCH_FOLLOW_H

#include "base/err.h"
#include "base/str.h"

#include <signal.h>

enum {
    FOLLOW_AT_ONCE = 8,
    FOLLOW_REDIRECTS = 5,
    FOLLOW_URL_BYTES = 2048,
    FOLLOW_ETAG_BYTES = 256,
    FOLLOW_DATE_BYTES = 64,
    FOLLOW_HEADER_BYTES = 128 * 1024,     /* of one answer, redirects included */
    FOLLOW_BODY_BYTES = 32 * 1024 * 1024, /* unpacked */
    FOLLOW_INTERVAL_S = 15 * 60,
    FOLLOW_CONNECT_MS = 15 * 1000,
    FOLLOW_TOTAL_MS = 120 * 1000, /* redirects included */
    FOLLOW_SLOW_S = 30,           /* so long below FOLLOW_SLOW_BYTES a second, and it is given up */
    FOLLOW_SLOW_BYTES = 100,
    FOLLOW_BACK_OFF_S = 6 * 3600, /* at most, after failures in a row */
    FOLLOW_WAIT_S = 24 * 3600,    /* at most, whatever the server asks for */
};

/* What is to be kept of a feed between polls, also on disk. Zero: never asked. */
struct follow_state {
    char etag[FOLLOW_ETAG_BYTES], modified[FOLLOW_DATE_BYTES];
    int64_t next_us;   /* not before */
    int64_t last_us;   /* when it answered last, with a body or without news; 0: never */
    uint32_t failures; /* in a row */
};

struct follow_feed {
    struct str url;
    struct follow_state state;
};

/* Zero or absent: the constant, or nothing. */
struct follow_options {
    bool allow_private; /* addresses: the feed is inside, or this is a test */
    struct str proxy;   /* it looks names up, so only addresses written as such are checked */
    struct str ca_file; /* instead of the system's certificates */
    uint64_t max_bytes;
    uint32_t interval_s, connect_ms, total_ms, slow_s, slow_bytes;
    const volatile sig_atomic_t *interrupted;
};

enum follow_outcome {
    FOLLOW_BODY,    /* read it */
    FOLLOW_SAME,    /* nothing new */
    FOLLOW_LATER,   /* the server asks to wait */
    FOLLOW_FAILED,  /* this time */
    FOLLOW_REFUSED, /* by us: an address, a scheme, a size */
};

struct follow_result {
    size_t feed; /* index */
    enum follow_outcome outcome;
    int fd; /* at its start, sealed; -1 without a body */
    uint64_t bytes;
    long status;               /* 0: none came */
    struct str url;            /* after redirects */
    struct str reason;         /* why there is no body; may quote the server */
    struct follow_state state; /* to be kept, once what the body says is stored */
};

struct follow_sink {
    enum err (*result)(void *ctx, const struct follow_result *result);
    void *ctx;
};

struct follow;
MUST_CHECK enum err follow_open(const struct follow_options *options, struct follow **ret_follow,
                                struct error *error);
struct follow *follow_close(struct follow *f);
/* Asks every feed whose time has come, and tells one result each, in the order in which they come.
 * END when interrupted; what the callback returned if that is not OK. */
MUST_CHECK enum err follow_poll(struct follow *f, const struct follow_feed *feed, size_t n,
                                int64_t now_us, const struct follow_sink *sink,
                                struct error *error);
/* When the next one is due: 0 if one was never asked, INT64_MAX without feeds. */
int64_t follow_next(const struct follow_feed *feed, size_t n);
/* False, with the reason, for what would never be asked: to tell when a list is read. */
bool follow_check(const struct follow_options *options, struct str url, const char **ret_reason);
const char *follow_outcome_name(enum follow_outcome outcome); /* "body", "same", ... */

#endif
