/* deliver.h — alerts to those who want to be told, until each of them has said that it came.
 *
 * What:   channels from a file; deliver_post puts one parcel for each alert and channel into the
 *         spool, deliver_run sends those that are due and takes away what was acknowledged.
 * Input:  the user's file of channels; alerts made of hostile posts; answers of servers, of which
 *         only the status counts.
 * Limits: DELIVER_CHANNELS, DELIVER_PARCELS in the spool, DELIVER_BODY_BYTES a parcel; after
 *         DELIVER_TRIES, which take seven days at least, a parcel is kept and not sent any more.
 * Owner:  channels live in the arena given; channels_done wipes their secrets.
 * Spec:   docs/reference/deliver.md
 */
#ifndef WATCH_DELIVER_H
#define WATCH_DELIVER_H

#include "base/arena.h"
#include "base/time.h"
#include "model/alert.h"

#include <signal.h>

enum {
    DELIVER_CHANNELS = 32,
    DELIVER_PARCELS = 20 * 1000, /* that will still be sent */
    DELIVER_FILES = 200 * 1000,  /* of the spool that are looked at, the oldest first */
    DELIVER_BODY_BYTES = 1024 * 1024,
    DELIVER_TRIES = 40,
    DELIVER_FILE_BYTES = 256 * 1024, /* of channels */
    DELIVER_SECRET_BYTES = 4096,
    DELIVER_CONNECT_MS = 10 * 1000,
    DELIVER_TOTAL_MS = 30 * 1000,
};
#define DELIVER_FIRST_US (60 * US_PER_S) /* the first pause, doubled after each failure */
#define DELIVER_STANDING_US US_PER_HOUR  /* between two times that an open alert is sent */
#define DELIVER_PAUSE_US (6 * US_PER_HOUR)

struct channel_type;
struct channel {
    struct str name;
    const struct channel_type *type;
    const char *url;
    struct str secret;   /* p == NULL: none */
    const char *user;    /* NULL: none */
    const char *ca_file; /* NULL: the system's */
    const char *from;    /* mail */
    struct str_list to;  /* mail; each ends with a NUL */
    bool clear;          /* "tls: none": mail without encryption */
    bool mine;           /* only alerts that concern an asset */
};

struct channels {
    struct channel *v;
    size_t n;
    size_t max_waiting; /* parcels in the spool; 0: DELIVER_PARCELS */
};

/* ERR_FORMAT with line and reason: an unknown key, a missing one, credentials in a URL. name ends
 * with a NUL. */
MUST_CHECK enum err channels_read(struct arena *arena, struct str text, struct str name,
                                  struct channels *ret_channels, struct error *error);
/* The same for a file. */
MUST_CHECK enum err channels_load(struct arena *arena, struct str path,
                                  struct channels *ret_channels, struct error *error);
void channels_done(struct channels *channels);

/* One parcel an alert and channel, under a name that is always the same: done twice, it is done
 * once. Safe on disk when it returns; mark the alerts as told then. Makes the folder. */
MUST_CHECK enum err deliver_post(const struct channels *channels, const struct alert *alert,
                                 size_t n, struct str spool, struct error *error);

struct deliver_count {
    size_t sent;
    size_t waiting;  /* for their time, or for a channel that failed in this run */
    size_t standing; /* sent, and sent again until their alert is over */
    size_t given_up; /* tried often enough; they stay in the spool */
    size_t orphans;  /* of channels that are not in the file */
    size_t broken;   /* files of the spool that are no parcels */
};

enum deliver_episode {
    EPISODE_UNKNOWN, /* of another state: it is left alone */
    EPISODE_OPEN,
    EPISODE_OVER,
};

struct deliver_options {
    int64_t now_us;
    const volatile sig_atomic_t *interrupted; /* may be NULL */
    /* Why a parcel could not be sent; texts are hostile. May be NULL. */
    void (*problem)(void *ctx, struct str channel, struct str why);
    void *ctx;
    /* Does the alert with that id go on? NULL: nothing is sent twice. */
    enum deliver_episode (*episode)(void *ctx, struct str id);
};

/* What is due, in order of time. Of a channel that cannot be reached nothing more in this run; one
 * that refuses a parcel gets the next. Fails only where
 * the spool itself does. */
MUST_CHECK enum err deliver_run(const struct channels *channels, struct str spool,
                                const struct deliver_options *options,
                                struct deliver_count *ret_count, struct error *error);

#endif
