/* report/judge_priv.h — what the parts of report/judge.c share.
 *
 * What:   one judgement while it is worked out.
 * Input:  see report/judge.h.
 * Limits: see report/judge.h.
 * Owner:  the arena of the report.
 * Spec:   docs/explain/what-the-verdict-rests-on.md
 */
#ifndef REPORT_JUDGE_PRIV_H
#define REPORT_JUDGE_PRIV_H

#include "base/map.h"
#include "model/hours.h"
#include "report/judge.h"

/* The earliest and gravest finding that counts, and how many there are of its grade. */
struct gravest {
    enum grade grade;
    bool any;
    struct str title;
    int64_t time_us;
};

struct opinion {
    struct judgement *j;
    const struct dossier *dossier;        /* NULL: none, or one that is not known any more */
    const struct exposure_window *window; /* what exposure says; NULL */
    bool supplied;                        /* the host's own logs are there */
    bool was_open;                        /* seen without the fix */
    bool needs_setting; /* the update is in; whether what else it needs is on is not known */
    bool moved;         /* exposure knew of the window what scan did not */
    int64_t logs_first_us, logs_last_us; /* of all kinds; TIME_NONE */
    struct hour_set in_window, covered;  /* covered: of the window, in every deciding kind */
    int64_t until_us;                    /* where the window is cut to be counted; exclusive */
    double share;
    bool untested;           /* a column was not logged: no negative */
    bool ended_before;       /* the logs end before the affair began */
    struct hour_span hole;   /* the longest blind stretch */
    struct str_list lacking; /* deciding kinds that do not cover it */
    struct gravest gravest;
    const struct note *lowered_by, *confirmed_by; /* the newest; NULL */
    uint64_t by_analyst;                          /* findings set aside by notes */
    uint64_t kept; /* graver than an attempt: a scanner of one's own explains none of it */
    bool unsure;   /* of an attempt the deciding logs do not tell the end */
    int64_t first_us, last_us; /* of signs that went further than an attempt */
    struct map account, mailbox;
};

/* Rows of one list by the first label of their host, without case. */
struct host_row {
    struct str label;
    uint32_t at;
};
struct host_index {
    struct host_row *v;
    size_t n;
};

struct judging {
    struct report *r;
    struct arena *arena;
    struct opinion *opinion; /* one a judgement */
    struct host_index coverage, window, exposure, judgement, gap;
    uint64_t unread;  /* gaps of reading that tell no host */
    struct map full;  /* first label in lower case -> index into name, or more than one */
    struct str *name; /* the first full name of a label */
    size_t n_names;
    bool *worst;      /* of judgements: no other spelling of their host has a worse one */
    struct map note;  /* id -> index into report->note */
    struct map named; /* host in lower case -> index into report->named */
    struct error *error;
};

/* The rows whose host may be that one: compare with judge_same_host. */
const struct host_row *judge_rows(const struct host_index *x, struct str host, size_t *ret_n);

/* judge_window.c: the open side, the window, which of it was read. */
MUST_CHECK enum err judge_window(struct judging *g, struct opinion *o);
/* judge_first.c: all findings; named hosts. */
MUST_CHECK enum err judge_findings(struct judging *g, const struct parts *parts);
/* judge_text.c */
MUST_CHECK enum err judge_sentence(struct judging *g, struct opinion *o);
/* judge_rotate.c */
MUST_CHECK enum err judge_rotating(struct judging *g);

/* judge_host.c: indices over the report's lists, judgements of one host and affair as one. */
MUST_CHECK enum err judge_hosts(struct judging *g);
/* The same host: by full name, or where one of them has no domain by its first label, if the case
 * knows one full name with it alone. */
bool judge_same_host(const struct judging *g, struct str a, struct str b);
bool judge_read_host(const struct judging *g, struct str host); /* logs of it were read */
/* Gaps of reading that may have held records of the host. */
uint64_t judge_unread(const struct judging *g, struct str host);

#endif
