/* stix_pattern.h — what a STIX pattern says about single values.
 *
 * What:   reads a whole pattern and names the values any one of which makes it true.
 * Input:  hostile text. Whatever cannot be said as "one of these values" is refused with a reason;
 *         a part of an OR may be refused while the others stand.
 * Limits: nesting STIX_MAX_DEPTH, terms STIX_MAX_TERMS. Time grows with the text's length.
 * Owner:  texts live in the arena given.
 * Spec:   STIX 2.1 part 9. Values: = and IN, LIKE with % at an end, MATCHES without operators,
 *         ISSUBSET and ISSUPERSET of addresses. AND: if one side is hashes of the file, they
 *         decide; otherwise refused. NOT, FOLLOWEDBY, REPEATS and START are refused; WITHIN says
 *         nothing about a single observation and is passed over.
 */
#ifndef DOSSIER_STIX_PATTERN_H
#define DOSSIER_STIX_PATTERN_H

#include "base/arena.h"
#include "model/dossier.h"

enum { STIX_MAX_DEPTH = 32, STIX_MAX_TERMS = 10000, STIX_MAX_REFUSALS = 64 };

struct stix_term {
    enum indicator_type type;
    struct str value;
    struct stix_term *next;
};

/* A list with both ends, so that joining two costs nothing. */
struct stix_terms {
    struct stix_term *first, *last;
    size_t n;
};

struct stix_pattern {
    struct stix_terms terms;
    const char *refused[STIX_MAX_REFUSALS]; /* reasons; the pattern's other parts still hold */
    size_t n_refused;
    uint64_t more_refused;
};

/* ERR_FORMAT when the text is no pattern at all, ERR_LIMIT, ERR_NOMEM. */
MUST_CHECK enum err stix_pattern_parse(struct arena *arena, struct str text,
                                       struct stix_pattern *ret_pattern, struct error *error);

#endif
