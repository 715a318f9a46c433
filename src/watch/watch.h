/* watch.h — from posts to alerts.
 *
 * What:   watch_read takes posts in; watch_end runs the detectors over what came in, day by day in
 *         order of ingest, and keeps it; watch_alerts tells what nobody was told yet.
 * Input:  hostile posts, through intake.h.
 * Limits: those of store/chatter.h, trend.h and cluster.h.
 * Owner:  watch_open/watch_close. An alert's texts live in the arena given.
 * Spec:   docs/reference/watch.md, docs/explain/how-watch-decides.md
 */
#ifndef WATCH_WATCH_H
#define WATCH_WATCH_H

#include "model/alert.h"
#include "watch/assets.h"
#include "watch/follow.h"
#include "watch/intake.h"
#include "watch/known.h"
#include "watch/selftest.h"
#include "watch/trend.h"

struct watch_options {
    struct str state; /* p == NULL: nothing is kept */
    struct trend_options trend;
    struct post_map map;
    struct str format;
    const struct lexicon *lexicon;
    const struct extract_lists *lists;
    const struct assets *assets; /* NULL: none were given */
    const struct known *known;   /* NULL: neither EPSS nor KEV */
    enum err (*gap)(void *ctx, const struct errand_gap *gap);
    void *ctx;
    const volatile sig_atomic_t *interrupted;
    int64_t now_us;
    unsigned year_max;
};

struct watch_count {
    struct intake_count posts;
    uint64_t bytes, again;       /* posts that were read in an earlier run */
    uint64_t quiet;              /* alerts withheld: muted or acknowledged */
    uint64_t digest;             /* beyond the pages of their day */
    uint64_t together;           /* told with another alert */
    uint64_t beyond;             /* namings of subjects that are too many */
    int32_t first_day, last_day; /* of ingest, of what came in; last < first: nothing did */
};

struct watch;
MUST_CHECK enum err watch_open(const struct watch_options *options, struct watch **ret_watch,
                               struct error *error);
struct watch *watch_close(struct watch *w);
/* END when interrupted: what was read so far counts. */
MUST_CHECK enum err watch_read(struct watch *w, const struct io_tree *tree, struct error *error);
/* The same for what a feed answered, which is known since then: `file` is open. */
MUST_CHECK enum err watch_answer(struct watch *w, struct str name, int file, int64_t now_us,
                                 struct error *error);
/* Runs the detectors over what came in and keeps it all. */
MUST_CHECK enum err watch_end(struct watch *w, struct error *error);
/* Instead of watch_end: how often the detectors alert when the subjects of what came in are
 * exchanged. Alerts of the first settle_days are not counted. */
MUST_CHECK enum err watch_null(struct watch *w, unsigned settle_days, unsigned block_days,
                               unsigned runs, struct selftest_result *ret_result,
                               struct error *error);
/* What is to be kept of a feed, together with what it said. */
MUST_CHECK enum err watch_feed_get(struct watch *w, struct str url, struct follow_state *ret_state,
                                   struct error *error);
MUST_CHECK enum err watch_feed_set(struct watch *w, struct str url,
                                   const struct follow_state *state, struct error *error);
/* Alerts that nobody was told, in order of time, as an array in the arena. */
MUST_CHECK enum err watch_alerts(struct watch *w, struct arena *arena, struct alert **ret_alert,
                                 size_t *ret_n, struct error *error);
/* Subjects that rose within the episode of an alert of an earlier day, and that nobody was told. */
MUST_CHECK enum err watch_joined(struct watch *w, struct arena *arena,
                                 struct alert_with **ret_joined, size_t *ret_n,
                                 struct error *error);
/* They were told: no later run tells them again. */
MUST_CHECK enum err watch_told(struct watch *w, const struct alert *alert, size_t n,
                               const struct alert_with *joined, size_t n_joined,
                               struct error *error);
/* Does the episode of the alert with that id go on, neither acknowledged nor muted?
 * ERR_NOT_FOUND: the state has no such alert. */
MUST_CHECK enum err watch_goes_on(struct watch *w, struct str id, bool *ret_on,
                                  struct error *error);
void watch_counts(const struct watch *w, struct watch_count *ret_count);
/* Sites that fell silent in this run and have not spoken since, by number from 0 on; false at the
 * end. ret_silence->days == 0: that site did not. */
bool watch_silence(const struct watch *w, uint32_t site, struct trend_silence *ret_silence,
                   struct str *ret_name);
void watch_trends(const struct watch *w, struct trend_stats *ret_stats);

/* How a subject went: WATCH_WEEKS weeks of the calendar, the last one with the day up to which the
 * detectors ran, each with its Monday. `week` is an array of as many. false: nothing ran yet. */
enum { WATCH_WEEKS = 53 };
struct watch_week {
    int32_t day;
    uint64_t threads, posts;
};
MUST_CHECK enum err watch_weeks(struct watch *w, enum subject_kind kind, struct str subject,
                                struct watch_week *ret_week, bool *ret_known, struct error *error);

/* Days since 1970. */
int32_t watch_day(int64_t time_us);

#endif
