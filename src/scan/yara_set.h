/* scan/yara_set.h — YARA rules over files, in two passes.
 *
 * What:   yara_set_load reads rules, compiles them in a sandboxed worker and keeps the result in
 *         the user's cache. yara_watch is fed the bytes of each file once, in the worker that
 *         reads it for other reasons, and says which rules may match (usually none). yara_check
 *         holds these against the whole file with libyara, in workers of its own: yara_pass.h.
 * Input:  rules and files are hostile. A cache entry is checked and thrown away if it is not
 *         what it says.
 * Limits: YARA_* below; what is not decided in YARA_TIMEOUT_S is a gap of that file.
 * Owner:  a set is read only once loaded and may be used in forked workers; watches and checks
 *         belong to one process and borrow it. What sinks are given lives until they return.
 * Spec:   docs/reference/yara.md, docs/adr/0015-yara-behind-a-gate.md
 */
#ifndef SCAN_YARA_SET_H
#define SCAN_YARA_SET_H

#include "base/arena.h"
#include "base/rd.h"
#include "base/wr.h"

enum {
    YARA_TIMEOUT_S = 20,                    /* libyara over one file with one source of rules */
    YARA_SPOTS_TOLD = 16,                   /* matched strings of one match that are told */
    YARA_SPOT_BYTES = 64,                   /* of each of them */
    YARA_BODY_BYTES = 256 * 1024 * 1024,    /* a candidate that is larger is a gap */
    YARA_SOURCE_BYTES = 16 * 1024 * 1024,   /* one file of rules */
    YARA_SOURCES = 8 * 1024,                /* files of rules */
    YARA_CACHE_BYTES = 256 * 1024 * 1024,   /* an entry of the cache */
    YARA_WORKER_BYTES = 1024 * 1024 * 1024, /* address space of a worker that runs libyara */
};

struct yara_set;

struct yara_source {
    struct str name; /* as shown to people */
    struct str text;
};

/* What was not taken, and why: one file of rules as a whole. */
struct yara_problem {
    struct str source;
    uint32_t line; /* 0: none */
    struct str reason;
};

struct yara_rule_info {
    struct str name, source;
    bool is_private;   /* serves others, is never told */
    bool is_undecided; /* nothing could be learnt from its condition: it is asked of each file */
};

/* ---- loading, in the coordinator ---- */

/* Lists .yar and .yara files below the paths and reads them; texts live in the arena. */
MUST_CHECK enum err yara_sources(struct arena *arena, const struct str *path, size_t n,
                                 struct yara_source **ret_source, size_t *ret_n,
                                 struct error *error);
/* Sources in order; each is a name space of its own. cache.p == NULL: nothing is kept. What cannot
 * be used of the rules is a problem, not a failure. */
MUST_CHECK enum err yara_set_load(const struct yara_source *source, size_t n, struct str cache,
                                  struct yara_set **ret_set, struct error *error);
struct yara_set *yara_set_free(struct yara_set *set);
/* Rules that were taken, numbered from 0. */
size_t yara_set_rules(const struct yara_set *set);
struct yara_rule_info yara_set_rule(const struct yara_set *set, size_t i);
size_t yara_set_problems(const struct yara_set *set);
struct yara_problem yara_set_problem(const struct yara_set *set, size_t i);

/* ---- what is known of a file: rules ask for it by these names ---- */

/* Absent ones are given to rules as empty text in the end. */
struct yara_facts {
    struct str filepath, filename; /* filename: the last part alone */
    struct str extension;          /* with its dot: ".aspx" */
    struct str filetype, owner, md5;
};

/* filename and extension from the path; '/' and '\' both part it. */
struct yara_facts yara_facts_of_path(struct str path);

/* ---- which rules may match, in the worker that reads the file ---- */

struct yara_candidates {
    const uint32_t *rule; /* in rising order */
    size_t n_rules;       /* 0: no rule can match */
    const uint32_t *seen; /* literals of these rules that occur, in rising order */
    size_t n_seen;
    bool unread; /* the file was not read to its end: seen proves nothing */
};

struct yara_watch;
MUST_CHECK enum err yara_watch_new(const struct yara_set *set, struct yara_watch **ret_watch);
struct yara_watch *yara_watch_free(struct yara_watch *w);
/* facts are borrowed until yara_watch_end; what is not known yet of them (p == NULL) rules nothing
 * out. */
void yara_watch_begin(struct yara_watch *w, const struct yara_facts *facts);
void yara_watch_bytes(struct yara_watch *w, struct str bytes);
/* whole: the last byte was seen. The candidates live until the next yara_watch_begin. */
MUST_CHECK enum err yara_watch_end(struct yara_watch *w, bool whole,
                                   struct yara_candidates *ret_candidates);

/* For messages between processes; taking checks all numbers against the set. */
void yara_candidates_put(struct buf *b, const struct yara_candidates *c);
MUST_CHECK enum err yara_candidates_take(struct rd *r, struct arena *arena,
                                         const struct yara_set *set,
                                         struct yara_candidates *ret_candidates);

/* ---- which do, in a worker of libyara's own ---- */

struct yara_spot {
    struct str id; /* "$a1" */
    uint64_t offset, length;
    struct str bytes; /* the first YARA_SPOT_BYTES */
};

struct yara_meta {
    struct str name, text; /* numbers and booleans as text */
};

struct yara_match {
    uint32_t rule;
    struct str name, source;
    const struct str *tag;
    size_t n_tags;
    const struct yara_meta *meta;
    size_t n_metas;
    const struct yara_spot *spot; /* by string, then by offset */
    size_t n_spots;
    uint64_t n_occurrences; /* of all strings, told or not */
};

struct yara_sink {
    enum err (*match)(void *ctx, const struct yara_match *match);
    /* A rule or a source (rule == UINT32_MAX) that was not, or not fully, held against the file:
     * "timeout", "too-many-matches", "failed". */
    enum err (*gap)(void *ctx, uint32_t rule, struct str source, struct str reason);
    void *ctx;
};

struct yara_check;
MUST_CHECK enum err yara_check_new(const struct yara_set *set, struct yara_check **ret_check);
struct yara_check *yara_check_free(struct yara_check *check);
/* Matches are told by source, then in the order of the source. What the sink returns if not OK is
 * returned. */
MUST_CHECK enum err yara_check_body(struct yara_check *check, const struct yara_facts *facts,
                                    struct str body, const struct yara_candidates *candidates,
                                    const struct yara_sink *sink);

#endif
