/* unit.h — what every unit test starts with.
 *
 * What:   cmocka with the headers that it forgets to include, and a comparison of slices.
 * Input:  none.
 * Limits: none.
 * Owner:  none.
 * Spec:   https://api.cmocka.org
 */
#ifndef TESTS_UNIT_H
#define TESTS_UNIT_H

#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* base/err.h has a fail() of its own, so cmocka's macro goes and fail_msg does without it. */
#undef fail
#undef fail_msg
#define fail_msg(message, ...)                                                                     \
    do {                                                                                           \
        print_error("ERROR: " message "\n", ##__VA_ARGS__);                                        \
        _fail(__FILE__, __LINE__);                                                                 \
    } while (0)

/* The slice holds that text, byte for byte. */
#define assert_str(s, text)                                                                        \
    do {                                                                                           \
        struct str got_ = (s), want_ = str_of(text);                                               \
        if (!str_eq(got_, want_))                                                                  \
            fail_msg("got '%.*s', wanted '%s'", STR_FMT(got_), (text));                            \
    } while (0)

/* Numbers at most so far from each other; not a number is near nothing. */
#define assert_near(a, b, within)                                                                  \
    do {                                                                                           \
        double got_ = (a), want_ = (b), off_ = got_ - want_;                                       \
        if (!((off_ < 0 ? -off_ : off_) <= (within)))                                              \
            fail_msg("got %.12g, wanted %.12g", got_, want_);                                      \
    } while (0)

#endif
