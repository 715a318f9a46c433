/* model/play.h — what to do, as data: plays, each a few steps under conditions.
 *
 * What:   the parsed form of data/plays.yaml and of `plays` in a dossier.
 * Input:  filled by dossier/plays.c; dossiers are written by others.
 * Limits: those of dossier/plays.h.
 * Owner:  everything lives in the arena of the load.
 * Spec:   docs/reference/advice.md
 */
#ifndef MODEL_PLAY_H
#define MODEL_PLAY_H

#include "model/when.h"

/* In the order of CISA's instructions: what comes first when several are due at once. */
enum phase {
    PHASE_ISOLATE,
    PHASE_PRESERVE,
    PHASE_LOOK,
    PHASE_RESPOND, /* found: assume that all of it is lost */
    PHASE_PATCH,   /* not found: close the hole */
    PHASE_INFORM,
    PHASE_WATCH,
    PHASE_PREPARE,
    PHASE_CLEAR,
    PHASES
};
const char *phase_name(enum phase p); /* "isolate", ... */
bool phase_parse(struct str s, enum phase *ret_phase);

enum { DUE_NONE = UINT32_MAX };
/* "now", "4h", "7d": hours; false for anything else. */
bool due_parse(struct str s, uint32_t *ret_hours);

struct play_step {
    struct str id; /* of all plays together: "P-02.isolate", "hafnium-exchange-2021.shells.look" */
    struct str step, why, how, source, audience, due;
    uint32_t due_hours; /* DUE_NONE: not said */
    enum phase phase;
    struct str_list technique, d3fend;
    struct str_list instead_of; /* steps of shared plays that it is the exact form of */
    const struct when *when;    /* of the play and of the step; NULL: always */
    bool per_host;              /* the condition is about one host; else it holds once */
    uint32_t line;
};

struct play {
    struct str id, title;
    struct play_step *step;
    size_t n_steps;
    uint32_t line;
};

struct play_list {
    struct play *v;
    size_t n;
};

#endif
