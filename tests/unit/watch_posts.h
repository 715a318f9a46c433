/* watch_posts.h — made-up posts for tests of the replay.
 *
 * What:   a corpus filled by hand, and one of random posts in which some voices know more.
 * Input:  none.
 * Limits: none.
 * Owner:  the test.
 * Spec:   none
 */
#ifndef TESTS_UNIT_WATCH_POSTS_H
#define TESTS_UNIT_WATCH_POSTS_H

#include "watch/replay.h"

enum { POSTS_FIRST_DAY = 18993 /* 2022-01-01 */ };

/* One post about the CVEs of that year, numbered from `number` on. */
void post_add(struct corpus *c, int32_t day, const char *site, const char *title, const char *url,
              unsigned year, unsigned number);
/* Some 600 days of posts before `end`, always the same ones. */
void posts_random(struct corpus *c, int32_t end);
/* Labels of every twelfth subject of them, those before `end`. */
void labels_random(struct labels *l, int32_t end);
void label_add(struct labels *l, unsigned year, unsigned number, int32_t day);

#endif
