/* scan/pass.h — one pass of the workers over all inputs.
 *
 * What:   cuts the inputs into units, hands them to sandboxed workers, merges what they answer,
 *         survives their deaths.
 * Input:  messages of workers, read with bounds checks.
 * Limits: PROC_MAX_WORKERS workers; a unit whose worker died is not tried again.
 * Owner:  pass_init/pass_done; facts live in the arena given.
 * Spec:   docs/internals/SCAN.md, "Processes"
 */
#ifndef SCAN_PASS_H
#define SCAN_PASS_H

#include "base/map.h"
#include "base/vec.h"
#include "os/io.h"
#include "scan/correlate.h"
#include "scan/cost.h"
#include "scan/hits.h"
#include "scan/hosts.h"
#include "scan/listing.h"
#include "scan/scan.h"
#include "scan/unit.h"
#include "scan/worker.h"

/* What a file tells of one more host or kind of log. */
struct file_part {
    struct file_part *next;
    struct file_fact fact;
    struct str row_host;
};

/* A rule that was not tried on some rows of a file. */
struct file_cut {
    struct file_cut *next; /* rules in rising order */
    uint32_t rule;
    uint64_t untried, at;
};

/* What one input file gave. */
struct pass_file {
    const struct listed *in; /* the list: what it is, and where it lies */
    struct str by_path;      /* host that the path names, if it is a log; */
    struct str by_file;      /* if it is none: then its worker tells it as its rows' */
    struct file_fact fact;
    struct str row_host;
    struct file_part *part; /* further hosts and kinds in the file */
    size_t n_parts;
    struct file_cut *cut;
    struct io_stamp stamp; /* when it was first opened */
    bool recognised, touched, stamped, changed;
    uint64_t *pivot_rows; /* by pivot, NULL without pivots */
};

struct pass_gap {
    uint32_t file; /* UINT32_MAX: none */
    struct gap gap;
};

struct pass_suspect {
    uint32_t file;
    struct yara_candidates candidates;
};

struct pass {
    struct arena *arena;
    const struct scan_options *options;
    const struct ruleset *set;
    const struct io_tree *tree;
    const struct listing *listing;
    struct pass_file *file; /* sorted by path */
    struct str *path;
    size_t n_files;
    int64_t *newest_us; /* by input: when its newest file was written */
    uint32_t *of_entry; /* the file that an entry of the tree is itself */
    struct hits hits;
    VEC(struct pass_gap) gap;
    struct events *events;            /* of correlated rules; NULL: there are none */
    VEC(struct pass_suspect) suspect; /* files that YARA's rules may match */
    struct event_unit *unit;
    size_t n_units;
    struct cost_part *cost; /* by rule, where they are measured; NULL: nothing was */
    uint64_t cpu_ns;        /* of the workers, likewise */
    bool counted_full;      /* and told */
    struct map counted;     /* events by channel and number, where they are counted: which of */
    VEC(struct event_count) census;
    bool interrupted;
    double started_s;
};

/* A gap of a file; UINT32_MAX: of none. */
MUST_CHECK enum err pass_gap(struct pass *p, uint32_t file, uint64_t offset, struct str reason,
                             struct str detail);
/* What a unit told of the events in it. */
MUST_CHECK enum err pass_take_census(struct pass *p, struct str body);
MUST_CHECK enum err pass_take_suspect(struct pass *p, uint32_t file, struct str body);
/* What a unit of the file told of its rules (pass_told.c); and, once all have told, which rules
 * cost too much: each is named once a file. */
MUST_CHECK enum err pass_take_costs(struct pass *p, uint32_t file, struct str body);
MUST_CHECK enum err pass_cut_gaps(struct pass *p);

/* Adds counts, hours and builds of one to the other. */
MUST_CHECK enum err fact_add(struct arena *arena, struct file_fact *to,
                             const struct file_fact *add);

/* What a unit tells of its file, and of a further host or kind in it (pass_merge.c). */
MUST_CHECK enum err pass_merge_fact(struct pass *p, struct pass_file *f,
                                    const struct unit_result *res);
MUST_CHECK enum err pass_merge_part(struct pass *p, struct pass_file *f,
                                    const struct unit_result *res);

MUST_CHECK enum err pass_init(struct pass *p, struct arena *arena,
                              const struct scan_options *options, const struct ruleset *set,
                              const struct io_tree *tree, const struct listing *listing,
                              struct error *error);
/* A hit of a rule on a file as a whole, of the host that it is of; text: the evidence, borrowed.
 * The caller may add fields before it is added: those that are there make the file's identity. */
struct hit pass_file_hit(const struct pass *p, const struct facts *facts, uint32_t rule,
                         uint32_t file, struct str text);
MUST_CHECK enum err pass_add_file_hit(struct pass *p, struct hit *hit);

/* Lists the paths of the options, takes containers apart, and begins a pass over all of it; what
 * could not be listed becomes gaps (pass_open.c). The input must outlive the pass; its tree is the
 * caller's to close. */
struct pass_input {
    struct io_tree tree;
    struct listing listing;
};
MUST_CHECK enum err pass_open(struct pass *p, struct pass_input *input, struct arena *arena,
                              const struct scan_options *options, const struct ruleset *set,
                              struct error *error);
/* What a worker is told of a file, but for its place in the list of units. */
struct unit pass_unit(const struct pass *p, uint32_t file);
/* hash and rules as set says; only files for which wanted(ctx, file) is true (NULL: all). */
MUST_CHECK enum err pass_run(struct pass *p, bool (*wanted)(void *ctx, const struct pass_file *f),
                             void *ctx, struct error *error);
void pass_done(struct pass *p);

#endif
