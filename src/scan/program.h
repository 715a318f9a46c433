/* scan/program.h — everything that is looked for in one kind of log, ready to run.
 *
 * What:   the rules that answer to the kind, compiled; one literal set over raw blocks; for each
 *         literal the rules, indicators and events that it announces.
 * Input:  rules and indicators, hostile; already parsed.
 * Limits: those of match/.
 * Owner:  program_new/program_free; the rule set must outlive it.
 * Spec:   docs/internals/SCAN.md, "From rule to literal"
 */
#ifndef SCAN_PROGRAM_H
#define SCAN_PROGRAM_H

#include "codec/codec.h"
#include "match/ioc.h"
#include "match/lit.h"
#include "match/re.h"
#include "match/repeat.h"
#include "scan/channel.h"
#include "scan/fields.h"
#include "scan/file_rules.h"

struct source_rules {
    const struct sigma_rule *of; /* any of them: it names the log source */
    uint32_t *rule;
    size_t n;
};

/* All that a run looks for, the same for every kind. */
enum { COMMON_THREES = 1 << 16 };
/* What is found without any rule of the user's or a dossier's. */
enum own_rule {
    OWN_CLOCK_BACK,
    OWN_LOG_CLEARED,
    OWN_HASH_LISTED,
    OWN_FILE_ALTERED,
    OWN_FILE_ODD,
    OWN_RULES
};

struct ruleset {
    struct logsources logsources;
    struct event_channels channels;
    struct source_rules *source; /* the rules of each log source, for events */
    size_t n_sources;
    struct scan_rule *rule; /* Sigma rules first, then indicators, own ones, correlations */
    size_t n_rules, n_sigma;
    uint32_t own_rule;  /* the first of the program's own, by enum own_rule */
    uint32_t yara_rule; /* the first of YARA's, in the order of the set: the last ones of all */
    const struct dossier *dossier;
    size_t n_dossiers;
    struct placeholder *placeholder; /* the user's own; a dossier's go first in its rules */
    size_t n_placeholders;
    struct sigma_filter_set filters;
    struct rule_cache *cache; /* rule_cache.h; NULL: none */
    struct indicator *indicator;
    size_t n_indicators;
    struct ioc_set *ioc; /* index i is rule n_sigma + i */
    /* Digests of files that are looked for; NULL: none. A number below HASH_LISTS_FIRST_NUMBER is
     * the index of an indicator, any other one is of a list that is too long for indicators. */
    struct hash_lists *wanted;
    struct common_line *common;
    size_t n_common;
    uint64_t common_threes[COMMON_THREES / 64]; /* three bytes in a row that some such line holds */
    struct correlations *correlations;          /* correlate.h; NULL: none */
    struct str_list own_scanners;
    struct pivot *pivot;
    size_t n_pivots;
    struct removed *removed;  /* requests of two logs are compared; NULL: not in this pass */
    bool hashes;              /* digests of files are among the indicators */
    bool full;                /* take every row by itself */
    struct file_rules *files; /* what files as a whole are held against; NULL: not in this pass */
    bool digest;              /* look for nothing: SHA-256 of each file's text */
    bool census;              /* count events by channel and number */
    bool carve;               /* also records that their event log no longer counts */
    bool measure;             /* take the time of each evaluation of a rule */
    int64_t since_us, until_us;
};

/* Rows to be counted because a value stands in them, perhaps only those of a stretch of time. */
struct pivot {
    struct str value;
    int64_t from_us, to_us;      /* TIME_NONE: unbounded */
    bool (*in)(struct str kind); /* logs whose rows count; NULL: all */
};

struct common_line {
    double weight;
    struct str family, line;
};

struct bound {
    uint32_t rule;
    struct sigma_plan *plan;
    struct re *target;      /* the rule's target_regex, NULL if it has none */
    uint32_t twin;          /* the first bound rule with the same detection, perhaps itself */
    uint64_t no_stamp;      /* of a twin: the line in which that detection did not match */
    struct columns columns; /* all that it looks at, in the file at hand */
    const struct sigma_gate *gate;
    uint32_t swept; /* leaves that the sweep looks for; the others are checked in the line */
    struct {
        uint32_t leaf; /* as a bit */
        uint16_t check;
    } check[SIGMA_GATE_LEAVES]; /* the leaves that are checked, the worthiest first */
    size_t n_checks;
};

/* What a literal announces. */
enum target_kind { TARGET_RULE, TARGET_INDICATOR, TARGET_ESCAPES, TARGET_MARKER, TARGET_PIVOT };
enum { CHECK_ALWAYS = 0xffff };
struct target {
    enum target_kind kind;
    uint32_t index;
    uint8_t leaf;   /* TARGET_RULE: of the rule's gate */
    uint16_t guard; /* a check that each term with this leaf asks for, or CHECK_ALWAYS */
};

/* A leaf that is too common to sweep for: looked for in lines that have the rule's rare leaves. */
struct check {
    const struct str *literal;
    struct str *run; /* of each literal the longest part that no percent escape can hide */
    size_t n;
    const struct sigma_views *views; /* whose values hold them */
    struct columns columns;          /* that those are made of in the file at hand */
    uint64_t stamp;                  /* of the line that `present` is about */
    bool present;
};

/* Client columns that were looked up and hold no listed address: few clients make most rows. Of up
 * to 15 bytes, as long as an IPv4 address may be, and their number. */
enum { STRANGERS = 8 * 1024 };
struct stranger {
    uint64_t text[2];
};

struct program {
    const struct ruleset *set;
    struct kind_def *kind;
    struct arena arena;
    struct bound *bound; /* on the heap, like checks: most rules are found not to fit */
    size_t n_bound, cap_bound;
    struct check *check;
    size_t n_checks, cap_checks;
    uint32_t *always; /* bound rules without a literal */
    size_t n_always;
    bool every_row;            /* asked for, or rules without a literal: parse every row */
    bool addresses;            /* look up the client's address on every row */
    uint32_t client_literal;   /* none of the literals: stands for a client that may be listed */
    struct stranger *stranger; /* by hash, STRANGERS of them; only if addresses */
    bool quoted;               /* rows are CSV, with quoted cells */
    bool decodes;              /* the kind has URL views: odd spellings matter */
    struct target *target;
    uint32_t *target_at; /* targets of literal i: target[target_at[i] .. target_at[i + 1]) */
    size_t n_targets;
    bool *is_escape; /* by literal: an escape of an ordinary character, an odd spelling of a path */
    uint32_t slashes_twice; /* the one of them that addresses in queries have as well */
    struct lit_set *lits;
    size_t n_literals;
    struct repeat *repeat; /* the same literals over the lines of a file; NULL: not worth it */
    const struct codec *codec;
    const struct shape *shape;     /* while rules are compiled for one, and its columns: */
    const struct log_state *state; /* the program serves all that differ in the computer only */
    bool whole_rows;               /* some rule looks at whole events, their fixed values too */
    bool asks[LIMIT_FIELDS];       /* columns of the file at hand that rules look at */
    uint64_t columns_hash; /* of the file at hand: the columns that its checks are bound to */
    bool *is_marker;       /* by literal: its line may change the columns */
};

/* Is the line an example of this kind of log? */
bool common_of_kind(const struct common_line *c, const struct kind_def *kind);
/* The data file behind the cost of literals. */
MUST_CHECK enum err common_lines_load(struct arena *arena, struct str text, struct ruleset *set,
                                      struct error *error);
MUST_CHECK enum err program_new(const struct ruleset *set, struct kind_def *kind,
                                const struct codec *codec, struct program **ret_program,
                                struct error *error);
/* The same for events of one shape: rules that none of them can match are left out. The kind is
 * the program's own. Without indicators and pivots, which do not depend on shapes: those make a
 * program of their own (shape NULL, kind of any channel). *ret_program is NULL when there is
 * nothing to look for. */
MUST_CHECK enum err program_new_rows(const struct ruleset *set, struct kind_def *kind,
                                     const struct shape *shape, const struct log_state *state,
                                     struct program **ret_program, struct error *error);
struct program *program_free(struct program *p);

/* How many kinds of log there are, of text and of events, and the name of each. */
size_t program_kinds(const struct ruleset *set);
struct str program_kind_name(const struct ruleset *set, size_t kind);
/* Is the rule for that kind, */
bool program_kind_for(const struct ruleset *set, size_t kind, const struct sigma_rule *rule);
/* and if it is, does it run there? ERR_UNSUPPORTED with the reason if not;
 * *ret_for is false, with OK, if it is for others. */
MUST_CHECK enum err program_try_rule(const struct ruleset *set, size_t kind,
                                     const struct sigma_rule *rule, struct arena *arena,
                                     bool *ret_for, struct error *error);

/* Of a literal that a view must contain: the part that the raw line must contain. For tests. */
bool anchor_of(const struct ruleset *set, const struct kind_def *kind, uint16_t view,
               struct str literal, struct str *ret_raw, double *ret_cost);
/* Expected hits of a literal per million lines of such logs. */
double anchor_cost(const struct ruleset *set, const struct kind_def *kind, struct str run);
/* The part of an indicator's literal that is worth sweeping for. */
struct str anchor_of_indicator(const struct ruleset *set, const struct kind_def *kind,
                               struct str literal);
/* The rarest part of a literal that lies in one cell, perhaps with the cut before it. */
struct str anchor_in_cell(const struct ruleset *set, const struct kind_def *kind, const char *cuts,
                          struct str literal);

#endif
