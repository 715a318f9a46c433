/* chatter.h — what watch keeps between runs: posts that name a subject, alerts, what people said of
 *             them, and the state of the detectors.
 *
 * What:   the tables of one SQLite file, or of a private temporary one for a run without --state.
 *         All of a run is one transaction: it is kept whole, or nothing of it.
 * Input:  texts of hostile posts, stored as they are; a damaged file is refused.
 * Limits: as many posts as the disk holds; chatter_prune drops those out of every window.
 * Owner:  chatter_open/chatter_close. Texts of a row live until the next call of the same function.
 * Spec:   docs/internals/STORE.md
 */
#ifndef STORE_CHATTER_H
#define STORE_CHATTER_H

#include "model/subject.h"
#include "store/keyset.h"
#include "store/sqlite.h"

enum { CHATTER_NAMES = 2 * 1000 * 1000 };

struct chatter {
    struct keyset seen; /* keys of posts that were not written yet */
    bool ask_seen;      /* others were */
    bool indexed;
    struct db db;
};

struct chatter_post {
    uint64_t number; /* in order of reading, from 1 */
    uint32_t site;
    struct str id, url, snippet, technique; /* techniques with blanks between them */
    int64_t time_us, ingest_us;
    uint64_t thread, voice, cluster;
    enum intent intent;
};

/* A subject in a post, with what the detectors ask of the post. */
struct chatter_unit {
    uint32_t subject, site;
    uint64_t post, thread, voice, cluster;
    int32_t event_day, ingest_day;
    enum intent intent;
    double weight;
};

struct chatter_alert {
    struct str id; /* hexadecimal */
    int32_t day;   /* of ingest */
    uint32_t subject, lane, episode;
    struct str numbers; /* the detector's, as it wrote them */
    struct str with;    /* id of the alert that it is told with; p == NULL: it is told by itself */
    uint32_t shared, threads; /* of its threads, those that are that alert's as well */
    bool later;               /* it came up on a later day than that alert */
};

MUST_CHECK enum err chatter_open(struct chatter *c, struct str path, struct error *error);
void chatter_close(struct chatter *c);
MUST_CHECK enum err chatter_begin(struct chatter *c, struct error *error);
MUST_CHECK enum err chatter_commit(struct chatter *c, struct error *error);
void chatter_rollback(struct chatter *c);

/* Named values: states of detectors, the clock, the key of the hashes. p == NULL: not there. */
MUST_CHECK enum err chatter_get(struct chatter *c, const char *name, struct str *ret_value,
                                struct error *error);
MUST_CHECK enum err chatter_set(struct chatter *c, const char *name, struct str value,
                                struct error *error);

/* Sites and subjects, told in order of their numbers; then new ones are added with the next one. */
typedef enum err chatter_name(void *ctx, uint32_t number, int kind, struct str name);
MUST_CHECK enum err chatter_sites(struct chatter *c, chatter_name *tell, void *ctx,
                                  struct error *error);
MUST_CHECK enum err chatter_subjects(struct chatter *c, chatter_name *tell, void *ctx,
                                     struct error *error);
MUST_CHECK enum err chatter_add_site(struct chatter *c, uint32_t number, struct str name,
                                     struct error *error);
MUST_CHECK enum err chatter_add_subject(struct chatter *c, uint32_t number, enum subject_kind kind,
                                        struct str name, struct error *error);

/* Was the post with that key read before? From now on it was. */
MUST_CHECK enum err chatter_seen(struct chatter *c, uint64_t key, int32_t day, bool *ret_seen,
                                 struct error *error);
/* Gives the post a number, unless it has one (not 0). */
MUST_CHECK enum err chatter_add_post(struct chatter *c, struct chatter_post *post,
                                     struct error *error);
MUST_CHECK enum err chatter_add_unit(struct chatter *c, const struct chatter_unit *unit,
                                     struct error *error);
/* What stands in a post beside its subjects: indicators. */
MUST_CHECK enum err chatter_add_item(struct chatter *c, uint64_t post, struct str kind,
                                     struct str value, struct error *error);

/* Units of posts beyond that number, in order of ingest day, then of reading. */
MUST_CHECK enum err chatter_units(struct chatter *c, uint64_t after,
                                  enum err (*tell)(void *ctx, const struct chatter_unit *unit),
                                  void *ctx, struct error *error);
/* Posts of a subject since that day, in order of their time. */
MUST_CHECK enum err chatter_posts(struct chatter *c, uint32_t subject, int32_t since_day,
                                  int32_t until_day,
                                  enum err (*tell)(void *ctx, const struct chatter_post *post),
                                  void *ctx, struct error *error);
/* The same by weeks of the calendar, Monday first, those without a post left out: `week` is that
 * Monday. Threads and posts by the day of the post. */
MUST_CHECK enum err
chatter_weeks(struct chatter *c, uint32_t subject, int32_t since_day, int32_t until_day,
              enum err (*tell)(void *ctx, int32_t week, uint64_t threads, uint64_t posts),
              void *ctx, struct error *error);
/* Other subjects (kind and name) and items of the same posts: how many posts, and the first one. */
struct chatter_near {
    struct str kind, value;
    uint64_t posts;
    int64_t first_us;
    uint32_t site; /* of the first post, as its id and its URL */
    struct str id, url;
};
typedef enum err chatter_beside(void *ctx, const struct chatter_near *near);
MUST_CHECK enum err chatter_beside_subjects(struct chatter *c, uint32_t subject, int32_t since_day,
                                            int32_t until_day, chatter_beside *tell, void *ctx,
                                            struct error *error);
MUST_CHECK enum err chatter_beside_items(struct chatter *c, uint32_t subject, int32_t since_day,
                                         int32_t until_day, chatter_beside *tell, void *ctx,
                                         struct error *error);

/* An alert that is there already stays as it is. */
MUST_CHECK enum err chatter_add_alert(struct chatter *c, const struct chatter_alert *alert,
                                      struct error *error);
/* Alerts that nobody was told and that are told by themselves, in order of day; then they are
 * marked as told. */
MUST_CHECK enum err chatter_untold(struct chatter *c,
                                   enum err (*tell)(void *ctx, const struct chatter_alert *alert),
                                   void *ctx, struct error *error);
MUST_CHECK enum err chatter_told(struct chatter *c, struct str id, struct error *error);

/* Those that are told with that alert, since the same day, the strongest first. */
MUST_CHECK enum err chatter_with(struct chatter *c, struct str id,
                                 enum err (*tell)(void *ctx, const struct chatter_alert *alert),
                                 void *ctx, struct error *error);
/* Those that came up beside an alert of an earlier day and that nobody was told, in order of day.
 */
MUST_CHECK enum err chatter_joined(struct chatter *c,
                                   enum err (*tell)(void *ctx, const struct chatter_alert *alert),
                                   void *ctx, struct error *error);
/* Alerts of these days that are told by themselves, the latest first. */
MUST_CHECK enum err chatter_earlier(struct chatter *c, int32_t since_day, int32_t until_day,
                                    enum err (*tell)(void *ctx, const struct chatter_alert *alert),
                                    void *ctx, struct error *error);
/* ERR_NOT_FOUND without a message: there is none. Numbers are left out. */
MUST_CHECK enum err chatter_alert_get(struct chatter *c, struct str id,
                                      struct chatter_alert *ret_alert, struct error *error);
/* 0: there is no such post any more. */
MUST_CHECK enum err chatter_thread(struct chatter *c, uint64_t post, uint64_t *ret_thread,
                                   struct error *error);

/* What people say. An id may be cut, if it is one's only. ERR_NOT_FOUND, ERR_USAGE (several). */
MUST_CHECK enum err chatter_ack(struct chatter *c, struct str id, struct str reason, int64_t now_us,
                                struct error *error);
/* until_us == TIME_NONE: for good. */
MUST_CHECK enum err chatter_mute(struct chatter *c, struct str subject, struct str reason,
                                 int64_t until_us, struct error *error);
/* Is the episode acknowledged, or the subject muted at that time? */
MUST_CHECK enum err chatter_quiet(struct chatter *c, uint32_t subject, uint32_t lane,
                                  uint32_t episode, struct str name, int64_t at_us, bool *ret_quiet,
                                  struct error *error);
/* Drops posts, and keys of posts, from before that day. What an alert that nobody was told yet may
 * rest on stays: so much longer is kept as the oldest of them is old. */
MUST_CHECK enum err chatter_prune(struct chatter *c, int32_t before_day, struct error *error);

#endif
