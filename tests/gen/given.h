/* tests/gen/given.h — a text as the source of an event log.
 *
 * What:   a callback for struct evlog_source that hands out a text, whole or in steps.
 * Input:  of tests.
 * Limits: none.
 * Owner:  borrows the text.
 * Spec:   none
 */
#ifndef TESTS_GIVEN_H
#define TESTS_GIVEN_H

#include "codec/evlog.h"

struct given {
    struct str text;
    size_t at, step; /* step: bytes at a time at most; 0: as many as are asked for */
};

static inline enum err give(void *ctx, char *p, size_t n, size_t *ret_n, struct error *error)
{
    struct given *g = ctx;
    (void)error;
    *ret_n = g->text.n - g->at < n ? g->text.n - g->at : n;
    if (g->step && *ret_n > g->step)
        *ret_n = g->step;
    memcpy(p, g->text.p + g->at, *ret_n);
    g->at += *ret_n;
    return OK;
}

#endif
