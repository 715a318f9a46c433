/* deliver_priv.h — between the parts of delivery; private to deliver*.c.
 *
 * What:   the table of channel types, parcels, one HTTP request.
 * Input:  as in deliver.h.
 * Limits: as in deliver.h; ANSWER_BYTES of an answer are read.
 * Owner:  each function says.
 * Spec:   docs/reference/deliver.md, docs/how-to/add-a-channel.md
 */
#ifndef WATCH_DELIVER_PRIV_H
#define WATCH_DELIVER_PRIV_H

#include "watch/deliver.h"

#include "base/buf.h"

enum { ANSWER_BYTES = 64 * 1024, PARCEL_ID_BYTES = 96 };

struct parcel {
    char id[PARCEL_ID_BYTES]; /* of alert and time: what a receiver knows it again by */
    struct str channel, body;
    uint64_t tries;
    int64_t first_us, next_us;
    bool standing; /* it was sent, and is sent again until its alert is over */
    bool over;     /* it is: not kept in the file */
};

struct channel_type {
    const char *name, *schemes; /* of url, with blanks around each: " https http " */
    bool needs_addresses;       /* from and to */
    bool takes_secret;
    bool stands; /* the other side wants to hear of an alert again while it goes on */
    /* What is kept of an alert until it is sent. */
    enum err (*render)(struct buf *b, const struct channel *channel, const struct alert *alert);
    /* OK only if the other side has said that it has it, as far as its protocol says anything.
     * ERR_FORMAT: it refuses this parcel; another one it might take. */
    enum err (*send)(const struct channel *channel, const struct parcel *parcel, int64_t now_us,
                     struct error *error);
};

/* Ends with name == NULL. */
extern const struct channel_type channel_types[];

enum err webhook_render(struct buf *, const struct channel *, const struct alert *);
enum err webhook_send(const struct channel *, const struct parcel *, int64_t, struct error *);
enum err mail_render(struct buf *, const struct channel *, const struct alert *);
enum err mail_send(const struct channel *, const struct parcel *, int64_t, struct error *);
enum err syslog_render(struct buf *, const struct channel *, const struct alert *);
enum err syslog_send(const struct channel *, const struct parcel *, int64_t, struct error *);
enum err alertmanager_render(struct buf *, const struct channel *, const struct alert *);
enum err alertmanager_send(const struct channel *, const struct parcel *, int64_t, struct error *);

/* POSTs; OK for any status from 200 to 299, ERR_FORMAT for a refusal (4xx but 401, 403, 404, 408
 * and 429). headers end with NULL. Redirects are not followed: a body goes where the user said, or
 * nowhere. */
MUST_CHECK enum err http_post(const struct channel *channel, const char *url,
                              const char *const *headers, struct str body, struct error *error);

/* As a file of the spool, and back; slices of text. */
void parcel_write(struct buf *b, const struct parcel *parcel);
bool parcel_read(struct str text, struct parcel *ret_parcel);

#endif
