/* mime.h — the headers and the text of one mail.
 *
 * What:   header fields with folds and encoded words undone, parameters, transfer encodings, and
 *         of all parts the one that is to be read: the first text/plain that is no attachment,
 *         else the first text/html.
 * Input:  hostile: boundaries that never come, encodings that are none, mails cut off anywhere.
 * Limits: MAIL_DEPTH multiparts in one another; the buffers' maxima.
 * Owner:  slices of the mail; appends to the caller's buffers.
 * Spec:   RFC 5322, RFC 2045 to 2047.
 */
#ifndef CODEC_MIME_H
#define CODEC_MIME_H

#include "base/buf.h"

enum { MAIL_DEPTH = 8 };

struct mail {
    struct str head, body;
};

struct mail mail_split(struct str bytes);
/* The first field of that name, with its folds; absent if there is none. */
struct str mail_field(struct str head, struct str name);
/* Appends a field as text: unfolded, encoded words decoded. */
void mail_words(struct buf *out, struct str field);
/* "charset" of "text/plain; charset=utf-8"; absent if it is not there. */
struct str mail_param(struct str field, struct str name);
/* The address of a From field: "ann@host.example", in small letters; empty if there is none. */
void mail_address(struct buf *out, struct str field);

/* Appends the text of the mail in UTF-8; work is used on the way. False: it has none. */
bool mail_text(struct mail mail, struct buf *out, struct buf *work, bool *ret_html);

/* Appends what the author of a plain text wrote: without quoted lines and the line that names
 * whom they are of, without signature, forwarded headers, PGP's armour. True: all of it stood
 * below the mark of a forwarded message. */
bool mail_own_words(struct buf *out, struct str text);

#endif
