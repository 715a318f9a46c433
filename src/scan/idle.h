/* scan/idle.h — which hits lead nowhere whatever the rest of the line holds.
 *
 * What:   a hit in a path opens a rule only together with others, as a method. Where the cells that
 *         are known lack one of them, or are all that the rule looks at and it says no, the hit is
 *         idle. Asked once for cells that repeat.
 * Input:  hostile cells.
 * Limits: none of its own.
 * Owner:  borrows everything.
 * Spec:   docs/internals/SCAN.md, "Cells that repeat"
 */
#ifndef SCAN_IDLE_H
#define SCAN_IDLE_H

#include "scan/cost.h"
#include "scan/program.h"

/* What the judge works with; a line that it is asked about is parsed into the record. */
struct idle {
    struct program *program;
    struct fields *fields;
    struct log_state *state;
    struct arena *arena;
    struct record *record;
    struct costs *costs;
    uint16_t columns; /* that stand in the line */
};

/* A judge for the columns of the state; binds the program's rules and checks to them. */
struct repeat_judge idle_judge(struct idle *idle);

#endif
