/* exposure/ask.h — asks the user's own servers for their build, over HTTPS.
 *
 * What:   of each listed host at most ASK_REQUESTS GETs: /owa/, where that leads on the same host,
 *         once, and the export tool's manifest; each only as long as what came before was not
 *         enough. Nothing else is ever sent: no other host, method, cookie, login or header than
 *         Host, User-Agent and Accept. What comes back is handed over as a sealed file in memory,
 *         as `curl -i` writes it, and is never looked into here.
 * Input:  hostile servers: endless, slow, packed and redirecting answers.
 * Limits: the constants below. One request at a time for each host name, and ASK_PAUSE_MS between
 *         an answer and the next request. Certificates are verified, always.
 * Owner:  ask_open/ask_close. An answer and its descriptor live until the callback returns.
 * Spec:   RFC 9110; docs/reference/exposure.md, "Asking servers"
 */
#ifndef EXPOSURE_ASK_H
#define EXPOSURE_ASK_H

#include "exposure/ask_hosts.h"

#include <signal.h>

enum {
    ASK_AT_ONCE = 16,
    ASK_REQUESTS = 3, /* of one host */
    ASK_PAUSE_MS = 1000,
    ASK_CONNECT_MS = 10 * 1000,
    ASK_TOTAL_MS = 20 * 1000, /* of one request */
    ASK_HEADER_BYTES = 64 * 1024,
    ASK_BODY_BYTES = 1024 * 1024,
    ASK_URL_BYTES = 2048,
};

#define ASK_USER_AGENT "tocsin/" TOCSIN_VERSION " (exposure --live)"
#define ASK_FIRST "/owa/"
#define ASK_MANIFEST "/ecp/Current/exporttool/microsoft.exchange.ediscovery.exporttool.application"

struct ask_options {
    struct str ca_file; /* the only certificates to trust; absent: the system's */
    struct str pins;    /* as ask_pins_wrong wants them, joined by ';'; absent: any key */
    uint32_t total_ms;  /* 0: ASK_TOTAL_MS */
    const volatile sig_atomic_t *interrupted; /* may be NULL */
};

struct ask_answer {
    size_t host; /* index */
    struct str url;
    int fd; /* at its start, sealed */
};

struct ask_sink {
    /* *ret_enough: nothing more needs to be asked of that host. */
    enum err (*answer)(void *ctx, const struct ask_answer *answer, bool *ret_enough);
    /* A host is done with. status: of its last answer, 0: none came. problem: why something was not
     * asked or not answered; may quote the server; absent: all went well. */
    enum err (*done)(void *ctx, size_t host, long status, struct str problem);
    void *ctx;
};

struct ask;
MUST_CHECK enum err ask_open(const struct ask_options *options, struct ask **ret_ask,
                             struct error *error);
struct ask *ask_close(struct ask *a);
/* END when interrupted; what a callback returned if that is not OK. */
MUST_CHECK enum err ask_all(struct ask *a, const struct ask_hosts *hosts,
                            const struct ask_sink *sink, struct error *error);
/* NULL, or what is wrong with a pin: "sha256//" and 32 bytes in base64. */
const char *ask_pin_wrong(struct str pin);

#endif
