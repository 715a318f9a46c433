/* report_share.h — a case as it is handed to others: what STIX and MISP tell alike.
 *
 * What:   findings of one rule, host and client folded into one; what the analyst set aside left
 *         out; keys for hosts that do not give their names away; the rules and indicators behind
 *         findings.
 * Input:  a report whose texts come from hostile logs, through output/veil.h.
 * Limits: SHARE_CLIENTS folds by client, SHARE_FOLDS by host; beyond them clients, then hosts are
 *         no longer told apart. SHARE_REQUESTS requests a fold.
 * Owner:  share_open/share_close; texts live in between.
 * Spec:   docs/reference/report.md "stix", "misp"
 */
#ifndef OUTPUT_REPORT_SHARE_H
#define OUTPUT_REPORT_SHARE_H

#include "base/hash.h"
#include "base/vec.h"
#include "match/sigma.h"
#include "output/veiled.h"

enum { SHARE_CLIENTS = 20000, SHARE_FOLDS = 100000, SHARE_REQUESTS = 8, SHARE_TEXT_BYTES = 2000 };

struct share_request {
    struct str method, path, agent; /* path: never absent */
};

struct fold {
    struct str rule, title, dossier;
    struct str host;    /* its key; absent: of several hosts */
    struct str name;    /* as it may be told */
    struct str client;  /* an address that may be told; absent: none, or of several clients */
    struct str account; /* absent where the veil is not lifted */
    enum grade worst;
    enum tlp tlp; /* the strictest of its findings */
    uint64_t count;
    int64_t first_us, last_us; /* TIME_NONE: no row had a time */
    struct str_list technique;
    struct share_request request[SHARE_REQUESTS];
    size_t n_requests;
};

struct share {
    const struct report *report;
    struct veil veil;
    struct arena arena;
    struct said said;
    struct map index;        /* what is folded -> which */
    VEC(struct fold *) fold; /* the gravest findings first, then in order of time */
    struct buf tmp;
    int64_t as_of_us; /* when the case last changed */
    enum err rc;      /* sticky */
};

/* Folds all findings of the report. share_close also after a failure. */
MUST_CHECK enum err share_open(struct share *s, const struct report *report, struct error *error);
void share_close(struct share *s);

/* A host, for identifiers: always the same in a case, by which spelling ever, and it cannot be
 * guessed from outside. */
void share_host_key(const struct share *s, struct str host, char ret_key[SHA256_HEX + 1]);

/* The dossier of that id that the case speaks of; NULL: none. */
const struct dossier *share_dossier(const struct share *s, struct str id);
/* The rule behind findings, with its dossier; NULL: an indicator's, or of no known dossier. */
const struct sigma_rule *share_rule(const struct share *s, struct str rule,
                                    const struct dossier **ret_dossier);
/* The indicator behind findings. false: it is none, or may not leave: one's own indicators may name
 * what is one's own, so that without victim data only public addresses and hashes of them do. */
struct share_indicator {
    enum indicator_type type;
    struct str value;
    const struct indicator *known; /* NULL: of no dossier that the case speaks of */
};
bool share_indicator(const struct share *s, const struct fold *f, struct share_indicator *ret);
/* The word of docs/reference/extract.md for its value: "ipv4", "sha256", ...; NULL: a text. */
const char *share_indicator_kind(const struct share_indicator *i);
/* How what is told of it is marked. */
enum tlp share_mark(const struct share *s, const struct fold *f);
/* May the rule or indicator be told at all? */
bool share_tells(const struct share *s, const struct fold *f);

/* false: the analyst set it aside. */
bool share_alert(const struct share *s, const struct alert *a);

/* A verdict in words that name nothing of the victim's, and with the reasons where the veil is
 * lifted. */
void share_verdict(const struct share *s, struct buf *b, const struct judgement *j);

#endif
