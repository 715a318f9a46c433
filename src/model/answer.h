/* model/answer.h — what tocsin says: findings, episodes, coverage, gaps, verdicts.
 *
 * What:   plain data, filled by scan, printed by output.
 * Input:  texts come from hostile logs: output escapes, nobody else prints them.
 * Limits: none here.
 * Owner:  all slices belong to the arena of the run.
 * Spec:   docs/reference/schema/ for the JSON form; docs/internals/MODEL.md
 */
#ifndef MODEL_ANSWER_H
#define MODEL_ANSWER_H

#include "base/str.h"
#include "base/time.h"
#include "model/tlp.h"

/* How far a finding shows that an attacker got, rising. */
enum grade { GRADE_WEAK, GRADE_PROBE, GRADE_ATTEMPT, GRADE_PROGRESSED, GRADE_COMPROMISE };
/* Sigma's levels, rising. */
enum level { LEVEL_INFORMATIONAL, LEVEL_LOW, LEVEL_MEDIUM, LEVEL_HIGH, LEVEL_CRITICAL };
enum verdict_state {
    VERDICT_NO_SIGN,
    VERDICT_NOT_ENOUGH_EVIDENCE,
    VERDICT_ATTEMPTED,
    VERDICT_EXPLOITED_UNCONFIRMED,
    VERDICT_COMPROMISED,
};

const char *grade_name(enum grade g);
const char *level_name(enum level l);
const char *verdict_name(enum verdict_state v); /* "no-sign", "exploited-unconfirmed", ... */
/* false if the text is none of the names. */
bool grade_parse(struct str s, enum grade *ret_grade);
bool level_parse(struct str s, enum level *ret_level);

struct named_value {
    struct str name, value;
};

struct str_list {
    struct str *v;
    size_t n;
};

/* One of the events of a correlation. */
struct finding_event {
    int64_t time_us;
    struct str rule, title;        /* of the rule or correlation that it met; rule: its id */
    struct str host, file;         /* host: p == NULL if it is one of very many */
    uint64_t line, record, offset; /* record: of an event, its number; line is 0 then */
    bool carved;                   /* found where its log says that nothing is */
};

/* A rule or indicator met a record; repeats are folded into the earliest one. Or a correlation
 * held: then it is the first of its events on that host, without the raw line. */
struct finding {
    char id[65];            /* SHA-256 of rule, host, kind and raw line, hexadecimal */
    int64_t time_us;        /* of the first; TIME_NONE if the row has none */
    int64_t last_us;        /* of the last one folded in */
    struct str host;        /* that logged it */
    struct str target_host; /* that it aimed at, p == NULL if the record does not tell */
    struct str kind;        /* log kind */
    struct str rule;        /* rule id */
    struct str title;
    struct str dossier; /* id, p == NULL for a rule outside any dossier */
    enum grade grade;
    enum level level;
    struct str_list technique; /* "T1190" */
    uint64_t count;
    struct str file;
    char sha256[65]; /* of the file, "" when hashing is off or was not finished */
    uint64_t line, offset;
    uint64_t record;           /* of an event its own number, and no line; 0: a line of text */
    bool carved;               /* the record was found where its log says that nothing is */
    struct str evidence;       /* the raw line, perhaps cut */
    uint32_t line_bytes;       /* of the whole line */
    struct named_value *field; /* the fields that matched, and the usual ones */
    size_t n_fields;
    struct {
        uint32_t from, to;
    } mark[16]; /* what matched, as byte ranges of evidence */
    size_t n_marks;
    struct str meaning, next;   /* a sentence each */
    struct str note;            /* why it does not decide ("own scanner"), p == NULL if it does */
    enum tlp tlp;               /* of the indicator, by its source */
    bool several_clients;       /* the folded records came from more than one address */
    uint64_t pivot;             /* rows of the same client, account or session over all hosts */
    struct finding_event *made; /* of a correlation: the first and the last ones, on all hosts */
    size_t n_made;
};

/* Stages on one host that belong together, in order of time. */
struct episode {
    char id[65];
    struct str host, dossier;
    int64_t first_us, last_us;
    const struct finding **finding;
    size_t n;
    struct str_list clients, accounts, mailboxes; /* of its findings, as first seen */
};

/* A part of an input, or a stretch of time, that was not examined. */
struct gap {
    struct str host; /* p == NULL if unknown */
    struct str file; /* p == NULL for a stretch of time */
    uint64_t offset;
    struct str
        reason; /* a fixed word: "unreadable", "worker-died", "silent", "missing-file", ... */
    struct str detail;
};

/* Was it handed in, and not read as it was written? Not so what was never logged or supplied, or is
 * no log. */
bool gap_of_reading(const struct gap *gap);

struct span_us {
    int64_t first_us, last_us;
};

struct window_share {
    struct str dossier;
    double share; /* 0..1 */
};

struct coverage {
    struct str host, kind;
    int64_t first_us, last_us;
    uint64_t records, unparsed, files;
    bool sampled; /* most rows were counted, not parsed (sweep) */
    struct span_us *gap;
    size_t n_gaps;
    struct window_share *share;
    size_t n_shares;
    struct str_list not_tested; /* "rule title: cs(Referer) was not logged" */
};

struct verdict {
    struct str host;
    struct str dossier; /* p == NULL: rules outside any dossier */
    enum verdict_state state;
    int64_t first_us, last_us; /* covered period; TIME_NONE if none */
    double window_share;      /* 0..1 of the dossier's window, in the deciding kinds, intersected */
    struct str_list missing;  /* log kinds that would decide and were not supplied */
    struct str build;         /* newest build seen, p == NULL if none */
    int64_t fixed_since_us;   /* TIME_NONE if not known */
    int64_t earliest_us;      /* earliest sign, TIME_NONE if none */
    struct str because;       /* a sentence or two */
    struct str next_evidence; /* the one thing that would change it most */
    struct str next;          /* what to do now */
    bool isolate;
    bool ended_before; /* the logs end before the affair began: they say nothing about it */
};

struct dossier_hash {
    struct str id, sha256;
};

struct summary {
    const char *verb;
    uint64_t records, bytes, findings, gaps;
    double elapsed_s;
    const char *version;
    struct dossier_hash *dossier;
    size_t n_dossiers;
    struct str sandbox; /* "landlock 4, seccomp, rlimits" or what is missing */
    bool interrupted;
    bool part; /* of rows or rules by its options: what it did not tell may well be there */
};

/* A server's build, as one file shows it in its rows. */
struct build_span {
    struct str host, kind, file, build;
    int64_t first_us, last_us;
};

/* A file that was read. */
struct evidence_file {
    struct str file, host, kind; /* kind: "" if it is no log that is known */
    uint64_t bytes, records, unparsed;
    int64_t first_us, last_us; /* of its rows; TIME_NONE */
    char sha256[65];           /* "" when hashing is off or was not finished */
    bool copy;                 /* of an earlier file: counts for nothing */
};

/* All of one run, in the order in which it is printed. */
struct answer {
    struct finding *finding;
    size_t n_findings;
    struct episode *episode;
    size_t n_episodes;
    struct coverage *coverage;
    size_t n_coverage;
    struct gap *gap;
    size_t n_gaps;
    struct verdict *verdict;
    size_t n_verdicts;
    struct evidence_file *evidence; /* printed if the manifest is asked for */
    size_t n_evidence;
    struct build_span *build; /* not printed: exposure makes patch dates of them */
    size_t n_builds;
    struct str_list pivots_absent; /* values of --pivot that no row holds */
    struct summary summary;
};

#endif
