/* cover.h — which hours of which log were really read, and which are missing.
 *
 * What:   per host and kind of log: the merged hours, silent stretches, files missing from a
 *         sequence; sets of hours and their share of a period.
 * Input:  file facts from hostile logs: times may be absurd, names of files may be anything.
 * Limits: COVER_*; work follows the hours and files that exist, never the span between two times.
 * Owner:  everything lives in the arena given; slices of the facts are borrowed.
 * Spec:   docs/internals/VERDICT.md, "Coverage"
 */
#ifndef SCAN_COVER_H
#define SCAN_COVER_H

#include "model/hours.h"
#include "scan/facts.h"

enum {
    COVER_PROBED_HOURS = 3,      /* of all kinds: health probes fill HttpProxy logs all night */
    COVER_SILENT_HOURS = 24,     /* of one kind alone: longer than any quiet night */
    COVER_DAY_PRESENT_HOURS = 3, /* a day with that many hours of rows has its file elsewhere */
    COVER_DAY_BUDGET = 100000,   /* days looked at for missing files, per host and kind */
    COVER_MISREAD_PERCENT = 10,  /* of a file's rows not understood: its hours were not read */
    COVER_MISSING_MAX = 2000,    /* missing-file gaps kept, per host and kind */
    COVER_TEXT_BYTES = 96,       /* of a kind or file name quoted in a text */
};

/* How the silence of a kind of log is read. */
enum silence {
    SILENCE_SIBLINGS, /* a silent hour is a gap when a sibling logged in it */
    SILENCE_DAY,      /* only a whole day of silence is one */
    SILENCE_NATURAL,  /* logs only when something happens: first, last and missing files count */
};

struct kind_policy {
    const char *pattern; /* "*" at the start or at the end stands for anything */
    enum silence silence;
    bool family;   /* of a server that is never idle: its hours show that the siblings ran too */
    bool web;      /* request log: an ungraded rule proves no more than an attempt here */
    int keep_days; /* what the product keeps by default, 0 = no limit known */
};
const struct kind_policy *kind_policy(struct str kind);

struct cover_gap {
    int64_t from_us, to_us; /* to is exclusive */
    bool missing_file;
    struct str file; /* most of whose rows were not understood, else p == NULL */
    struct str detail;
};

/* One kind of log of one host. */
struct cover {
    struct str kind;
    int64_t first_us, last_us; /* TIME_NONE if no record had a time */
    uint64_t records, unparsed, files;
    enum silence silence;
    bool family, sampled;
    int64_t *hour; /* hours with records, ascending, each once */
    size_t n_hours;
    struct cover_gap *gap; /* by time */
    size_t n_gaps;
    struct hour_set covered;
    const struct file_fact **file; /* by path, copies of the same file left out */
};

/* How many hours with records lie in [from_hour, to_hour). */
size_t cover_hours_between(const struct cover *c, int64_t from_hour, int64_t to_hour);

/* The files of one host, sorted by path; files of no known kind are passed over. ret_cover is
 * sorted by kind. */
MUST_CHECK enum err cover_host(struct arena *arena, const struct facts *facts,
                               const struct file_fact *const *file, size_t n_files,
                               struct cover **ret_cover, size_t *ret_n);

#endif
