/* scan/facts.h — what the workers found, before it is judged.
 *
 * What:   hits (folded), files with their hours, builds and samples, gaps: the whole input of the
 *         second phase (cover.c, episode.c, judge.c). Nothing after this reads evidence.
 * Input:  strings come from hostile logs.
 * Limits: FACT_* below.
 * Owner:  everything lives in the run's arena.
 * Spec:   docs/internals/SCAN.md
 */
#ifndef SCAN_FACTS_H
#define SCAN_FACTS_H

#include "match/sigma.h"
#include "model/answer.h"
#include "model/dossier.h"
#include "scan/few.h"

enum {
    FACT_FIELDS = 24,
    FACT_HITS_PER_RULE = 2000, /* per rule and host; more are counted, not kept */
};

/* A rule or indicator as the second phase sees it. */
struct scan_rule {
    const struct sigma_rule *sigma;    /* NULL for an indicator */
    const struct indicator *indicator; /* NULL for a rule */
    const struct dossier *dossier;     /* NULL: outside any dossier */
    bool shipped;                      /* in the program, of no dossier (data/rules) */
    struct rule_meta meta;
    struct str id, title;
    enum level level;
    struct str_list technique;
};

/* Roles that every kind of log maps its own columns to (data/logsources.yaml). */
enum role {
    ROLE_CLIENT, /* address of the client, X-Forwarded-For's where logged */
    ROLE_USER,
    ROLE_METHOD,
    ROLE_STEM, /* decoded path */
    ROLE_QUERY,
    ROLE_STATUS,
    ROLE_AGENT,
    ROLE_REFERER,
    ROLE_HOST,    /* server name in the row */
    ROLE_BUILD,   /* server build in the row */
    ROLE_REQUEST, /* request id that joins front end and proxy log */
    ROLE_MAILBOX, /* mailbox or account acted upon */
    ROLE_CMDLET,
    ROLE_PORT,
    ROLE_BYTES, /* sent in answer */
    ROLE_COUNT
};
const char *role_name(enum role r);

/* One of the events that made a correlation. */
struct hit_event {
    int64_t time_us;
    uint32_t rule, file;
    uint64_t line, offset;
    bool event;  /* line is its number */
    bool carved; /* its log no longer counts it */
    struct str host;
};

/* One or more records that a rule met, folded on the rule's fold fields. Order "earliest first":
 * time, then path, then offset. */
struct hit {
    uint32_t rule; /* index into facts.rule */
    uint32_t file; /* index into facts.file: of the earliest record */
    uint64_t count;
    uint64_t weight; /* of folded records the heaviest stands for all; among equals the earliest */
    int64_t first_us, last_us;   /* TIME_NONE if no record had a time */
    struct few hours;            /* of all records that have a time: few_of_hour */
    struct few requests;         /* hashes of ROLE_REQUEST of all records */
    uint64_t line, offset;       /* of the earliest record; of an event its own number */
    bool event;                  /* from an event log */
    bool carved;                 /* that no longer counts the record */
    struct str host;             /* final name of the host that logged it */
    struct str kind;             /* of the earliest record's log; p == NULL: its file's */
    struct str target;           /* host aimed at, as written in the record; p == NULL if none */
    struct str role[ROLE_COUNT]; /* of the earliest record; p == NULL if absent */
    struct named_value field[FACT_FIELDS]; /* the rule's own fields and the usual ones */
    uint32_t n_fields;
    struct str evidence; /* raw line of the earliest record, cut at LIMIT_EVIDENCE_LINE_BYTES */
    uint32_t line_bytes; /* of the whole line */
    struct {
        uint32_t from, to;
    } mark[SIGMA_MAX_MARKS]; /* in evidence */
    uint32_t n_marks;
    unsigned char raw_sha256[32]; /* of the whole raw line */
    bool own_scanner;             /* every record came from an address or agent of --own-scanner */
    bool several_clients;         /* the folded records differ in ROLE_CLIENT */
    bool overflow;                /* stands for all further hits of this rule on this host */
    int8_t front_request; /* rules with request_behind: was a request of the cmdlet's user found?
                           * -1 nobody looked, 0 none found, 1 found */
    int8_t proxy_row;     /* front-end IIS: does HttpProxy know the request? 1 yes, -1 no, 0 nobody
                             looked */
    uint64_t pivot;       /* rows of the same client or account over all files, 0: not counted */
    const struct hit_event *made; /* of a correlation: the first and the last ones of the burst */
    uint32_t n_made;
};

struct hour_count {
    int64_t hour; /* time_hour() */
    uint64_t records;
};

struct build_seen {
    struct build build;
    int64_t first_us, last_us;
};

/* What one file tells of one host and one kind of log: nearly always that is the whole file. */
struct file_fact {
    struct str path, host, kind; /* host: final name; kind "" if not recognised */
    uint32_t file;               /* index into facts.file of the file's first part */
    uint64_t bytes, records, unparsed;
    uint64_t about_unparsed;   /* of all records, by those that were tried in each block */
    uint64_t lines;            /* line ends in the text */
    int64_t first_us, last_us; /* TIME_NONE if no record had a time */
    struct hour_count *hour;   /* ascending */
    size_t n_hours;
    struct build_seen *build;
    size_t n_builds;
    uint64_t seen_dossiers;  /* bit i: facts.dossier[i]'s product was seen in this file */
    uint64_t lacking_fields; /* bit i: needed_fields entry i of any dossier, see judge.c */
    uint32_t sampled_clients, private_clients; /* of the rows that were parsed */
    bool sampled;                              /* rows without hits were counted, not parsed */
    bool packed;                               /* sha256 is of the packed file */
    bool copy; /* the same text as an earlier file of this host and kind: counts for nothing */
    char sha256[65];
    struct str_list column; /* names of all columns met in the file */
};

/* The kind of a file that is no log and was looked at as a whole. */
#define KIND_FILE "file"

static inline bool file_is_log(const struct file_fact *f)
{
    return f->kind.n && !str_eq(f->kind, STR(KIND_FILE));
}

/* Kinds of files that say what is the case, not what happened: of one text in two folders each is
 * told, since both have to be looked after. */
static inline bool kind_is_state(struct str kind)
{
    static const char *const kinds[] = {KIND_FILE, "iis-config", "task-file", "powershell-history"};
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (str_eq(kind, str_of(kinds[i])))
            return true;
    return false;
}

/* A test that could not be made on a kind of log. */
struct note {
    struct str host, kind, text;
};

struct facts {
    struct scan_rule *rule;
    size_t n_rules;
    const struct dossier *dossier;
    size_t n_dossiers;
    struct str_list natural; /* kinds of event logs whose silence means nothing */
    struct file_fact *file;  /* first parts of all files, sorted by path; then further parts */
    size_t n_files;          /* all of them */
    struct hit *hit;         /* any order */
    size_t n_hits;
    struct gap *gap; /* from reading: unreadable, worker-died, cut, ... */
    size_t n_gaps;
    struct note *note;
    size_t n_notes;
    int64_t since_us, until_us; /* --since, --until; TIME_NONE if not given */
};

/* Second phase: everything the user is told. Deterministic: depends on the facts' contents only,
 * never on the order of hits. */
MUST_CHECK enum err judge(struct arena *arena, const struct facts *facts, struct answer *ret_answer,
                          struct error *error);

#endif
