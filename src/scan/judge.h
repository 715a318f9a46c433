/* judge.h — what the parts of the second phase share: hosts, windows, signs.
 *
 * What:   struct trial, passed from step to step: hosts and their coverage (judge_host.c), hits
 *         weighed into signs (judge_sign.c, judge_confirm.c), verdicts (judge_verdict.c) and their
 *         words (judge_text.c). judge() itself is declared in facts.h.
 * Input:  facts; strings in them come from hostile logs.
 * Limits: JUDGE_*.
 * Owner:  everything lives in the arena given to judge(); facts and dossiers are borrowed.
 * Spec:   docs/internals/VERDICT.md
 */
#ifndef SCAN_JUDGE_H
#define SCAN_JUDGE_H

#include "base/map.h"
#include "scan/cover.h"

enum {
    JUDGE_BALANCER_PERCENT = 90, /* private clients from which on a balancer is assumed */
    JUDGE_HOLE_HOURS = 6,        /* of the window: asked for although enough was read */
    JUDGE_HANDFUL = 5,           /* clients of a page at most, for few of them to be a sign */
    JUDGE_MAILBOXES = 5,         /* of one client, before reading them is remarkable */
    JUDGE_WRITE_DAYS = 30,       /* a file written that long before explains a page that answers */
    JUDGE_NAMED_HOSTS = 200,     /* hosts that only other hosts' logs name */
    JUDGE_TITLES = 3,            /* rule titles listed in a text */
    JUDGE_TITLE_BYTES = 200,
    JUDGE_NOTE_BYTES = 600,
    JUDGE_TEXT_BYTES = 4096,
};

/* When a host was open to an affair, as far as the logs tell. */
struct window {
    int64_t from_us, to_us; /* to is exclusive; from == to: empty */
    bool empty;             /* never open: the fix was there when the window began */
    bool was_open;          /* a build without the fix was seen: open for certain */
    int64_t fixed_since_us; /* TIME_NONE if not known */
};

/* A needed column that was not logged. */
struct lack {
    struct str kind, column, text;
    bool everywhere; /* in no file of the kind */
};

/* One host and one dossier. */
struct matter {
    const struct dossier *dossier;
    struct window window;
    bool seen;                 /* the product is seen on the host */
    struct hour_set in_window; /* the window's hours */
    struct hour_set covered;   /* hours in which every deciding kind was read */
    double share;              /* of the window */
    struct str_list missing;   /* deciding kinds without files */
    struct lack *lack;         /* tests that could not run for want of a column */
    size_t n_lacks;
    bool untested; /* one of them could not run at all */
};

struct sign;
struct host {
    struct str name, key, short_key; /* as printed; lower case; first label */
    bool supplied;                   /* has records of its own */
    bool balancer;                   /* nearly all clients are private */
    const struct file_fact **file;
    size_t n_files;
    struct cover *cover;
    size_t n_covers;
    struct build_seen *build; /* by first time */
    size_t n_builds;
    int64_t first_us, last_us; /* of all kinds; TIME_NONE if none */
    uint64_t unread;           /* gaps of reading that may have held records of its */
    struct matter *matter;     /* one per dossier of the facts */
    struct sign **sign;        /* that fall on it: its own, then those aimed at it */
    size_t n_signs;
};

enum { NO_HOST = UINT32_MAX, NO_DOSSIER = UINT32_MAX };

/* A finding and what the verdict needs to know about it. */
struct sign {
    struct finding f;
    const struct hit *hit; /* the earliest record */
    const struct scan_rule *rule;
    struct few hours, requests; /* of all its records */
    uint32_t dossier;           /* index into facts.dossier, or NO_DOSSIER */
    uint32_t host, target;      /* index into trial.host, or NO_HOST */
    struct str target_key;      /* short name aimed at, p == NULL if none worth a line */
    int8_t front_request;
    bool decides;
    bool conditional; /* its grade stands only with another sign */
    bool lowered;     /* below the grade that its rule gives */
    bool outside;     /* does not weigh on its dossier for the host that logged it */
    bool after_fix;   /* an exploit request that came after the fix */
    bool ordinary;    /* what its rule looks for is not there: no finding at all */
    bool elsewhere;   /* a web shell that an affair explains to which the host was known open */
};

struct trial {
    struct arena *arena;
    const struct facts *facts;
    struct host *host; /* by name */
    size_t n_hosts;
    struct map host_by_key;   /* full name in lower case -> index */
    struct map host_by_short; /* first label -> index of the first host that has it */
    struct map own_request;   /* host and request id of the owner's scanner */
    uint32_t *gap_host;       /* of each of the facts' gaps: index into host, or NO_HOST */
    struct sign *sign;
    size_t n_signs;
    struct loss {
        const struct sign *first,
            *elsewhere;      /* elsewhere: the first of another host than first's */
    } * loss;                /* by dossier: what its hosts share was taken */
    uint64_t named_left_out; /* hosts beyond JUDGE_NAMED_HOSTS */
    uint64_t overflow_rows;
    uint64_t unasked; /* changes for which nobody looked for a request, though logs could tell */
};

/* judge_host.c */
MUST_CHECK enum err trial_hosts(struct trial *t);
/* Adds the hosts that signs aim at, then hands every sign to its hosts. */
MUST_CHECK enum err trial_targets(struct trial *t);
struct str lower_copy(struct arena *arena, struct str s);
/* The name without brackets and port, and its first label in lower case (an address as a whole);
 * short.p == NULL if it is no host name worth a line of its own (localhost, loopback, odd bytes).
 */
MUST_CHECK enum err target_short(struct arena *arena, struct str name, struct str *ret_name,
                                 struct str *ret_short);

/* judge_window.c */
MUST_CHECK enum err trial_windows(struct trial *t);
/* 1 if the build has all fixes of the dossier, 0 if one is missing, -1 if it cannot be told. */
int build_fixed(const struct dossier *d, const struct build_seen *b);

/* judge_sign.c: hits into signs, with everything that looks at one hit alone. */
MUST_CHECK enum err trial_signs(struct trial *t);
bool address_private(struct str address);
/* Does every record of a hit come from the owner's scanner, by itself or by the id of a request
 * that another log shows to be the scanner's? After trial_signs. */
bool hit_is_own(const struct trial *t, const struct hit *h);
/* judge_confirm.c: what depends on other signs. */
MUST_CHECK enum err trial_confirm(struct trial *t);
/* Does a sign weigh on the affair it was found for? Not before the affair began, and what any
 * affair may leave behind (a web shell, a change that nobody asked for, mailboxes read) not on a
 * host that was never open to this one, nor a web shell where another affair explains it. */
bool sign_weighs(const struct matter *m, const struct sign *s);

/* judge_verdict.c */
MUST_CHECK enum err trial_verdicts(struct trial *t, struct answer *answer);

/* judge_text.c: everything that a verdict is made of. */
struct charge {
    const struct trial *trial;
    const struct host *host;
    const struct matter *matter; /* NULL: rules outside any dossier */
    struct sign **sign;          /* that count here, by time */
    size_t n;
    size_t count[5];           /* deciding ones by grade */
    const struct sign *worst;  /* earliest deciding one of the highest grade, or NULL */
    bool enough;               /* coverage allows a negative */
    bool unseen_stage;         /* a later stage could have happened unseen */
    const struct sign *unseen; /* the sign after which it could */
    int64_t unseen_us;         /* its record's time, TIME_NONE if not known */
    bool unanswered;           /* for want of the answer in its own row */
    bool row_missing;          /* HttpProxy logged at that time, but not this request */
    struct str unseen_kind;    /* the log that would show it */
    enum verdict_state alone;  /* by the host's own signs and coverage */
    const struct sign *shared; /* of another host: what it lost may be lost here; NULL if none */
    enum verdict_state state;
};
MUST_CHECK enum err charge_because(const struct charge *c, struct arena *arena,
                                   struct str *ret_text);
MUST_CHECK enum err charge_next_evidence(const struct charge *c, struct arena *arena,
                                         struct str *ret_text);
/* Do the host's logs end before the affair began? */
bool charge_ends_before(const struct charge *c);
bool host_has_kind(const struct host *h, struct str pattern);

#endif
