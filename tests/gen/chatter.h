/* chatter.h — made-up chatter: who names what, where and when; for benchmarks and tests.
 *
 * What:   days of naming units with a weekly cycle, growing feeds, drift, reply cascades,
 * cross-posts and an aggregator; bursts of three classes are put in on request. Input:  a seed and
 * parameters; the same ones give the same units. Limits: none; made for some 20,000 subjects and
 * 500 days. Owner:  chatter_free frees all; a day lives until the next one is made. Spec:
 * docs/explain/how-watch-decides.md, "Measured"
 */
#ifndef TESTS_GEN_CHATTER_H
#define TESTS_GEN_CHATTER_H

#include "watch/trend.h"

enum chatter_class { CHATTER_SPARSE, CHATTER_MID, CHATTER_DENSE, CHATTER_CLASSES };
enum { CHATTER_FIRST_DAY = 18000 };

struct chatter_options {
    uint64_t seed;
    uint32_t subjects, sites, days;
    uint32_t bursts; /* of each class, in each half; 0: a null stream */
    bool copies, aggregator;
    double sparse_rate; /* median of the first class, threads a day; 0: 0.0025 */
    /* That site has twice the threads from then on; 0: none. All else stays as it is without. */
    uint32_t double_site, double_day;
    bool steady; /* rates do not drift and feeds do not grow: only chance is left */
};

struct chatter_burst {
    uint32_t subject;
    enum chatter_class class;
    uint32_t start, days; /* counted from 0 */
};

struct chatter_day {
    struct unit *unit;
    size_t n;
    uint32_t *threads; /* by site: active threads */
};

struct chatter;
struct chatter *chatter_new(const struct chatter_options *options);
void chatter_free(struct chatter *c);
/* Days in order, from 0. */
const struct chatter_day *chatter_next(struct chatter *c);
const struct chatter_burst *chatter_bursts(const struct chatter *c, size_t *ret_n);
enum chatter_class chatter_class(const struct chatter *c, uint32_t subject);
uint32_t chatter_home(const struct chatter *c, uint32_t subject); /* its site */

#endif
