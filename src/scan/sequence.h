/* sequence.h — files that are missing from a numbered or dated row of log files.
 *
 * What:   reads date, hour and number out of names such as u_ex210303.log, u_ex210303_x2.log,
 *         HttpProxy_2021030305-2.LOG, ECPServer20210303-1.LOG and names the holes.
 * Input:  names of files are hostile.
 * Limits: COVER_DAY_BUDGET days and COVER_MISSING_MAX gaps per host and kind.
 * Owner:  texts live in the arena given.
 * Spec:   docs/internals/VERDICT.md, "Missing files"
 */
#ifndef SCAN_SEQUENCE_H
#define SCAN_SEQUENCE_H

#include "scan/cover.h"

/* A log file's name, taken apart. */
struct sequence_name {
    struct str folder,
        prefix;         /* prefix with "#" for digits: process ids differ from file to file */
    struct str literal; /* everything in front of the number, lower case */
    int64_t day;        /* since 1970 */
    int hour;           /* -1 if the name tells the day only */
    int64_t number;     /* 0 if none */
    const struct file_fact *file;
};
/* false if the name is of no known form. Slices live in the arena. */
bool sequence_parse(struct arena *arena, const struct file_fact *file,
                    struct sequence_name *ret_name);

/* Appends to c->gap (which has room for COVER_MISSING_MAX more). */
MUST_CHECK enum err sequence_gaps(struct arena *arena, struct cover *c);

#endif
