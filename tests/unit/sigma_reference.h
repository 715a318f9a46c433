/* sigma_reference.h — what a Sigma rule means, the slow and plain way.
 *
 * What:   evaluates the YAML of a rule straight on the values of a record: no compilation, naive
 *         wildcards, dashes and Base64 written out. Something to compare match/sigma*.c with.
 * Input:  well-formed rules as the tests make them: text modifiers, re (POSIX extended), cidr
 *         (IPv4), numbers, exists, fieldref, null, keywords.
 * Limits: texts up to REFERENCE_TEXT characters.
 * Owner:  borrows everything.
 * Spec:   Sigma specification 2.1.0
 */
#ifndef TESTS_SIGMA_REFERENCE_H
#define TESTS_SIGMA_REFERENCE_H

#include "model/node.h"

enum { REFERENCE_TEXT = 1024, REFERENCE_VALUES = 4 };

struct reference_record {
    void *ctx;
    struct str raw;
    /* The values of a field, one a view; p == NULL where a view has none. 0: no such field. */
    size_t (*values)(void *ctx, struct str field, struct str ret[REFERENCE_VALUES]);
};

bool reference_matches(const struct node *rule, const struct reference_record *record);

#endif
